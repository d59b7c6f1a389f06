/* One stream that comes in pieces: it goes through an opener into an inbox. Sockets are somebody else's. */
#ifndef EXAMPLE_INCOMING_H
#define EXAMPLE_INCOMING_H

#include "inbox.h"
#include "secimg.h"

typedef struct incoming {
  secimg_opener *opener;
  inbox box;
} incoming;

enum incoming_state { INCOMING_MORE, INCOMING_STORED, INCOMING_REFUSED };

/* Gives the opener what came, and does what it says, until it wants more or the stream is judged. */
enum incoming_state incoming_feed(incoming *stream, const uint8_t *data, size_t len);

/* Nothing more comes. True where the stream was whole, its signer right and its images stored. */
bool incoming_conclude(incoming *stream);

#endif
