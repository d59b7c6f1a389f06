#include "check.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* After so many failures the rest says nothing new. */
#define MOST_FAILURES 25

static unsigned long checks;
static unsigned long failures;
static char about[256];

void check_about(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  (void)vsnprintf(about, sizeof about, format, arguments);
  va_end(arguments);
}

static bool record(bool holds, const char *what, const char *file, int line, const char *more) {
  checks++;
  if (holds) {
    return true;
  }
  failures++;
  fprintf(stderr, "%s:%d: FAILED: %s%s%s", file, line, what, *more == '\0' ? "" : ": ", more);
  fprintf(stderr, "%s%s%s\n", *about == '\0' ? "" : " [", about, *about == '\0' ? "" : "]");
  if (failures == MOST_FAILURES) {
    fprintf(stderr, "too many failures\n");
    exit(1);
  }
  return false;
}

bool check_that(bool holds, const char *what, const char *file, int line) {
  return record(holds, what, file, line, "");
}

bool check_equal(uint64_t is, uint64_t should, const char *what, const char *file, int line) {
  char more[96];
  (void)snprintf(more, sizeof more, "%llu instead of %llu", (unsigned long long)is, (unsigned long long)should);
  return record(is == should, what, file, line, more);
}

bool check_text(const char *is, const char *should, const char *what, const char *file, int line) {
  char more[256];
  const bool same = is != NULL && should != NULL ? strcmp(is, should) == 0 : is == should;
  (void)snprintf(more, sizeof more, "\"%s\" instead of \"%s\"", is == NULL ? "(NULL)" : is,
                 should == NULL ? "(NULL)" : should);
  return record(same, what, file, line, more);
}

bool check_status(secimg_status is, secimg_status should, const char *what, const char *file, int line) {
  char text[256] = "";
  char more[512];
  const size_t len = secimg_last_error(text, sizeof text);
  (void)snprintf(more, sizeof more, "%s instead of %s; \"%s\"", secimg_status_name(is), secimg_status_name(should), text);
  const bool right = record(is == should, what, file, line, more);
  /* Whatever the status is: the text goes with it. */
  return record((len > 0) == (is != SECIMG_OK), "the error's text goes with the status", file, line, what) && right;
}

void check_or_end(bool holds) {
  if (!holds) {
    exit(check_end());
  }
}

void check_count(unsigned long done, unsigned long failed) {
  checks += done;
  failures += failed;
}

int check_end(void) {
  printf("%lu checks, %lu failed\n", checks, failures);
  return failures == 0 ? 0 : 1;
}
