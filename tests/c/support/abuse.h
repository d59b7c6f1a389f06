/* What the programs share that call every function of the header as it must not be called. */
#ifndef ABUSE_H
#define ABUSE_H

#include "support.h"

/* Something that is not NULL, to see whether an out parameter was emptied. */
extern char anchor[64];

/* No object is longer than PTRDIFF_MAX. */
#define TOO_LONG ((size_t)PTRDIFF_MAX + 1)

#define NULLED(call) CHECK_STATUS(call, SECIMG_ERR_NULL_POINTER)
#define REFUSED(call) CHECK_STATUS(call, SECIMG_ERR_INVALID_ARGUMENT)

/* A call with `out` as its out handle: it fails so, and the handle is NULL. */
#define NO_HANDLE(type, call, status)                                                                                  \
  do {                                                                                                                 \
    type *out = (type *)(void *)anchor;                                                                                \
    CHECK_STATUS(call, status);                                                                                        \
    CHECK(out == NULL);                                                                                                \
  } while (0)

/* The same for memory of the library's. */
#define NO_BUF(call, status)                                                                                           \
  do {                                                                                                                 \
    secimg_buf out = {(uint8_t *)anchor, 7};                                                                           \
    CHECK_STATUS(call, status);                                                                                        \
    CHECK(out.data == NULL && out.len == 0);                                                                           \
  } while (0)

/* A pointer that has the rules of (data, len), in a call where all the rest is right: NULL with a length, and lengths
 * that cannot be. `data` and `len` stand for the two. */
#define BAD_SLICES(type, call)                                                                                         \
  do {                                                                                                                 \
    const uint8_t *data = NULL;                                                                                        \
    size_t len = 1;                                                                                                    \
    NO_HANDLE(type, call, SECIMG_ERR_NULL_POINTER);                                                                    \
    data = (const uint8_t *)anchor;                                                                                    \
    len = TOO_LONG;                                                                                                    \
    NO_HANDLE(type, call, SECIMG_ERR_INVALID_ARGUMENT);                                                                \
    len = SIZE_MAX;                                                                                                    \
    NO_HANDLE(type, call, SECIMG_ERR_INVALID_ARGUMENT);                                                                \
  } while (0)

/* The same for calls without an out handle. */
#define BAD_SLICES_IN(call)                                                                                            \
  do {                                                                                                                 \
    const uint8_t *data = NULL;                                                                                        \
    size_t len = 1;                                                                                                    \
    NULLED(call);                                                                                                      \
    data = (const uint8_t *)anchor;                                                                                    \
    len = TOO_LONG;                                                                                                    \
    REFUSED(call);                                                                                                     \
    len = SIZE_MAX;                                                                                                    \
    REFUSED(call);                                                                                                     \
  } while (0)

#endif
