/* Valgrind's client requests are macros of C. */
#include <stddef.h>
#include <valgrind/memcheck.h>

void ct_secret(const void *bytes, size_t length) {
    (void)VALGRIND_MAKE_MEM_UNDEFINED(bytes, length);
}

void ct_public(const void *bytes, size_t length) {
    (void)VALGRIND_MAKE_MEM_DEFINED(bytes, length);
}

int ct_is_watched(void) { return RUNNING_ON_VALGRIND > 0; }
