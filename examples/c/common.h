/* What the example programs share: how they tell people about errors. */
#ifndef EXAMPLE_COMMON_H
#define EXAMPLE_COMMON_H

#include "secimg.h"

#include <stdio.h>

/* Says what failed and why; true where nothing did. Call it right after the call whose status it is. */
static inline bool done(const char *program, const char *what, secimg_status status) {
  char text[512];
  if (status == SECIMG_OK) {
    return true;
  }
  if (secimg_last_error(text, sizeof text) == 0) {
    (void)snprintf(text, sizeof text, "%s", secimg_status_text(status));
  }
  fprintf(stderr, "%s: %s: %s (%s)\n", program, what, text, secimg_status_name(status));
  return false;
}

#endif
