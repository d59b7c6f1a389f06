/* Where received images wait until their stream is verified. Each is written to a temporary file of the current
 * folder; inbox_publish gives all of them their names, inbox_discard removes all of them. */
#ifndef EXAMPLE_INBOX_H
#define EXAMPLE_INBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define INBOX_NAME_MAX 256

typedef struct inbox_image {
  char temporary[64];
  char name[INBOX_NAME_MAX]; /* UTF-8, a plain file name */
} inbox_image;

typedef struct inbox {
  inbox_image *images;
  size_t count;
  int file; /* of the image that is being written; -1: none */
} inbox;

void inbox_init(inbox *box);

/* All of these return NULL, or what went wrong. */
const char *inbox_begin(inbox *box, const char *name);
const char *inbox_write(inbox *box, const uint8_t *data, size_t len);
const char *inbox_end(inbox *box); /* the bytes are on the disk */
const char *inbox_publish(inbox *box);

/* Removes what was not published. The inbox can be used again. */
void inbox_discard(inbox *box);

#endif
