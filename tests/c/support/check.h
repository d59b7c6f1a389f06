/* Counted checks. A program ends with `return check_end();`, which prints how many there were and is 1 if one failed. */
#ifndef CHECK_H
#define CHECK_H

#include "secimg.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Says what the following checks are about; shown where one fails. printf-like. */
void check_about(const char *format, ...);

bool check_that(bool holds, const char *what, const char *file, int line);
bool check_equal(uint64_t is, uint64_t should, const char *what, const char *file, int line);
bool check_text(const char *is, const char *should, const char *what, const char *file, int line);
/* Also holds the text of the last error against the status: there is one after a failure, and none after a success. */
bool check_status(secimg_status is, secimg_status should, const char *what, const char *file, int line);

/* For checks that were made elsewhere, such as on another thread. */
void check_count(unsigned long done, unsigned long failed);
int check_end(void);

/* Goes on after a failure. */
#define CHECK(condition) check_that((condition), #condition, __FILE__, __LINE__)
#define CHECK_EQ(is, should) check_equal((uint64_t)(is), (uint64_t)(should), #is " == " #should, __FILE__, __LINE__)
#define CHECK_TEXT(is, should) check_text((is), (should), #is, __FILE__, __LINE__)
#define CHECK_STATUS(call, should) check_status((call), (should), #call, __FILE__, __LINE__)
#define CHECK_OK(call) CHECK_STATUS(call, SECIMG_OK)

/* Ends the program after a failure: nothing behind would make sense. */
#define MUST(condition) check_or_end(CHECK(condition))
#define MUST_OK(call) check_or_end(CHECK_OK(call))
void check_or_end(bool holds);

#endif
