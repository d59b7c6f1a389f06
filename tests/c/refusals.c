/* What must not open does not open: wrong keys, contexts and signers, each byte changed, each truncation. Every
 * authentication failure is one status with one text, and nothing of the image comes out. */
#include "support.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define SENTINEL 0xa5

static char one_text[256];

/* All failures that depend on a secret must look alike. */
static void check_one_text(void) {
  char text[256] = "";
  (void)secimg_last_error(text, sizeof text);
  if (one_text[0] == '\0') {
    memcpy(one_text, text, sizeof one_text);
  }
  CHECK_TEXT(text, one_text);
}

/* All ways of opening refuse it alike. Returns how. */
static secimg_status refused(const secimg_open_options *open, bytes sealed, bytes image, bool pieces) {
  bytes out = bytes_of(image.len + 64);
  size_t len = 77;
  secimg_report *report = NULL;
  memset(out.data, SENTINEL, out.len);
  const secimg_status status = secimg_decrypt(open, sealed.data, sealed.len, out.data, out.len, &len, &report);
  CHECK(status != SECIMG_OK && status != SECIMG_ERR_PANIC && status != SECIMG_ERR_NO_MEMORY);
  if (status == SECIMG_ERR_NOT_AUTHENTIC) {
    check_one_text();
  }
  CHECK(untold(out.data, out.len, SENTINEL));
  CHECK_EQ(len, 0);
  CHECK(report == NULL);
  CHECK_STATUS(secimg_verify(open, sealed.data, sealed.len, &report), status);
  CHECK(report == NULL);
  if (pieces) {
    trace seen = open_in_pieces(open, sealed, 0);
    CHECK_EQ(seen.end, status);
    /* What was released was authentic. */
    CHECK(seen.data.len <= image.len && same_bytes(seen.data.data, seen.data.len, image.data, seen.data.len));
    trace_drop(&seen);
  }
  bytes_drop(&out);
  return status;
}

static void wrong_keys(const people *all) {
  bytes image = pattern(5000, 1);
  for (enum kind kind = RSA; kind < KINDS; kind++) {
    secimg_seal_options *seal = seal_for(all, kind);
    secimg_open_options *other = open_for_other(all, kind);
    secimg_open_options *nobody = NULL;
    check_about("a wrong %s", kind_name(kind));
    MUST_OK(secimg_open_options_new(&nobody));
    bytes sealed = seal_at_once(seal, NULL, image);
    CHECK_EQ(refused(other, sealed, image, kind != PASSPHRASE),
             kind == PASSPHRASE ? SECIMG_ERR_NOT_AUTHENTIC : SECIMG_ERR_NO_MATCHING_KEY);
    CHECK_EQ(refused(nobody, sealed, image, true), SECIMG_ERR_NO_MATCHING_KEY);
    if (kind == RAW || kind == RSA) {
      secimg_open_options *open = open_for(all, kind);
      MUST_OK(secimg_open_options_set_context(open, (const uint8_t *)"another", 7));
      CHECK_EQ(refused(open, sealed, image, true), SECIMG_ERR_NOT_AUTHENTIC);
      secimg_open_options_free(open);
    }
    bytes_drop(&sealed);
    secimg_open_options_free(nobody);
    secimg_open_options_free(other);
    secimg_seal_options_free(seal);
  }
  bytes_drop(&image);
}

static void signers(const people *all) {
  secimg_seal_options *plain = seal_for(all, RAW);
  secimg_seal_options *by_mallory = seal_for(all, RAW);
  secimg_open_options *open = open_for(all, RAW);
  bytes image = pattern(5000, 1);
  check_about("signers");
  sign_with(by_mallory, all->mallory);
  require_signer(open, all->scanner);
  bytes unsigned_stream = seal_at_once(plain, NULL, image);
  bytes another = seal_at_once(by_mallory, NULL, image);
  CHECK_EQ(refused(open, unsigned_stream, image, false), SECIMG_ERR_SIGNER);
  CHECK_EQ(refused(open, another, image, false), SECIMG_ERR_SIGNER);
  secimg_reader *reader = NULL;
  CHECK_STATUS(secimg_reader_open_memory(open, another.data, another.len, &reader), SECIMG_ERR_SIGNER);
  CHECK(reader == NULL);
  /* An empty list of trusted signers trusts nobody. */
  secimg_trusted_signers *none = NULL;
  MUST_OK(secimg_trusted_signers_new(&none));
  MUST_OK(secimg_open_options_require_signer(open, none));
  CHECK_EQ(refused(open, another, image, false), SECIMG_ERR_SIGNER);
  secimg_trusted_signers_free(none);
  bytes_drop(&another);
  bytes_drop(&unsigned_stream);
  bytes_drop(&image);
  secimg_open_options_free(open);
  secimg_seal_options_free(by_mallory);
  secimg_seal_options_free(plain);
}

/* A signing time `ago` seconds before now (behind it, if negative) and a window of so many seconds. */
static secimg_status signed_at(const people *all, int64_t ago, uint64_t past, uint64_t future) {
  secimg_seal_options *seal = seal_for(all, RAW);
  secimg_open_options *open = open_for(all, RAW);
  secimg_reader *reader = NULL;
  bytes image = pattern(5000, 1);
  sign_with(seal, all->scanner);
  require_signer(open, all->scanner);
  MUST_OK(secimg_seal_options_set_signing_time(seal, (uint64_t)((int64_t)time(NULL) - ago)));
  MUST_OK(secimg_open_options_set_signing_window(open, past, future));
  bytes sealed = seal_at_once(seal, NULL, image);
  const secimg_status status = secimg_verify(open, sealed.data, sealed.len, NULL);
  if (status != SECIMG_OK) CHECK_EQ(refused(open, sealed, image, true), status);
  CHECK_STATUS(secimg_reader_open_memory(open, sealed.data, sealed.len, &reader), status);
  secimg_reader_free(reader);
  bytes_drop(&sealed);
  bytes_drop(&image);
  secimg_open_options_free(open);
  secimg_seal_options_free(seal);
  return status;
}

static void signing_windows(const people *all) {
  check_about("signing windows");
  /* Nothing here depends on how long a call takes. */
  CHECK_STATUS(signed_at(all, 10, 3600, 0), SECIMG_OK);
  CHECK_STATUS(signed_at(all, 7200, 3600, 0), SECIMG_ERR_STALE_SIGNATURE);
  CHECK_STATUS(signed_at(all, -1800, 3600, 3600), SECIMG_OK);
  CHECK_STATUS(signed_at(all, -7200, UINT64_MAX, 3600), SECIMG_ERR_STALE_SIGNATURE);
  CHECK_STATUS(signed_at(all, 1000000, UINT64_MAX, 0), SECIMG_OK);
  /* A window without a required signer opens nothing. */
  secimg_seal_options *seal = seal_for(all, RAW);
  secimg_open_options *open = open_for(all, RAW);
  bytes image = pattern(100, 1);
  bytes sealed = seal_at_once(seal, NULL, image);
  MUST_OK(secimg_open_options_set_signing_window(open, 3600, 300));
  CHECK_STATUS(secimg_verify(open, sealed.data, sealed.len, NULL), SECIMG_ERR_STATE);
  bytes_drop(&sealed);
  bytes_drop(&image);
  secimg_open_options_free(open);
  secimg_seal_options_free(seal);
}

/* Which statuses a changed byte may have. */
static bool expected(secimg_status status) {
  return status == SECIMG_ERR_NOT_AUTHENTIC || status == SECIMG_ERR_FORMAT || status == SECIMG_ERR_VERSION ||
         status == SECIMG_ERR_TRUNCATED || status == SECIMG_ERR_TRAILING_BYTES ||
         status == SECIMG_ERR_NO_MATCHING_KEY || status == SECIMG_ERR_LIMIT;
}

/* A stream of two chunks, of either suite. */
static void every_byte_and_every_cut(const people *all, uint32_t suite) {
  secimg_seal_options *seal = seal_for(all, RAW);
  secimg_open_options *open = open_for(all, RAW);
  bytes image = pattern(4300, 1);
  const size_t step = by_effort(97, 1, 1);
  size_t statuses[128] = {0};
  MUST_OK(secimg_seal_options_set_suite(seal, suite));
  MUST_OK(secimg_seal_options_set_chunk_log2(seal, 12));
  sign_with(seal, all->scanner);
  require_signer(open, all->scanner);
  bytes sealed = seal_at_once(seal, NULL, image);
  for (size_t at = 0; at < sealed.len; at += step) {
    const uint8_t mask = (uint8_t)(1u << (at % 8));
    check_about("suite %u, byte %zu changed", (unsigned)suite, at);
    sealed.data[at] ^= mask;
    const secimg_status status = refused(open, sealed, image, at % 16 == 0);
    CHECK(expected(status));
    statuses[status >= 0 && status < 128 ? status : 127]++;
    sealed.data[at] ^= mask;
  }
  CHECK(statuses[SECIMG_ERR_NOT_AUTHENTIC] > statuses[SECIMG_ERR_FORMAT]);
  for (size_t len = 0; len < sealed.len; len += step) {
    const bytes cut = {sealed.data, len};
    check_about("suite %u, cut to %zu bytes", (unsigned)suite, len);
    const secimg_status status = refused(open, cut, image, len % 64 == 0);
    /* Who cuts inside the last frame's bytes leaves a frame that says it is longer. */
    CHECK_EQ(status, SECIMG_ERR_TRUNCATED);
  }
  check_about("suite %u, trailing bytes", (unsigned)suite);
  append(&sealed, (const uint8_t *)"", 1);
  CHECK_STATUS(secimg_verify(open, sealed.data, sealed.len, NULL), SECIMG_ERR_TRAILING_BYTES);
  size_t len = 77;
  bytes out = bytes_of(image.len);
  memset(out.data, SENTINEL, out.len);
  CHECK_STATUS(secimg_decrypt(open, sealed.data, sealed.len, out.data, out.len, &len, NULL), SECIMG_ERR_TRAILING_BYTES);
  CHECK(untold(out.data, out.len, SENTINEL));
  bytes_drop(&out);
  bytes_drop(&sealed);
  bytes_drop(&image);
  secimg_open_options_free(open);
  secimg_seal_options_free(seal);
}

/* What is no stream at all. */
static void garbage(const people *all) {
  secimg_open_options *open = open_for(all, RAW);
  secimg_survey *survey = NULL;
  bytes image = bytes_of(0);
  bytes text = copy_of((const uint8_t *)"GET / HTTP/1.1\r\n\r\n", 18);
  bytes noise = pattern(3000, 9);
  check_about("garbage");
  CHECK_EQ(refused(open, text, image, true), SECIMG_ERR_FORMAT);
  CHECK_EQ(refused(open, noise, image, true), SECIMG_ERR_FORMAT);
  CHECK_STATUS(secimg_verify(open, NULL, 0, NULL), SECIMG_ERR_TRUNCATED);
  CHECK_STATUS(secimg_inspect(noise.data, noise.len, &survey), SECIMG_ERR_FORMAT);
  CHECK(survey == NULL);
  bytes_drop(&noise);
  bytes_drop(&text);
  bytes_drop(&image);
  secimg_open_options_free(open);
}

/* The caller's limits. */
static void limits(const people *all) {
  secimg_seal_options *seal = seal_for(all, RAW);
  secimg_open_options *open = open_for(all, RAW);
  bytes image = pattern(50000, 1);
  bytes sealed = seal_at_once(seal, NULL, image);
  check_about("limits");
  MUST_OK(secimg_open_options_set_max_stream_bytes(open, sealed.len - 1));
  CHECK_EQ(refused(open, sealed, image, true), SECIMG_ERR_LIMIT);
  MUST_OK(secimg_open_options_set_max_stream_bytes(open, sealed.len));
  check_opens(open, sealed, image);
  MUST_OK(secimg_open_options_set_max_items(open, 0));
  CHECK_EQ(refused(open, sealed, image, true), SECIMG_ERR_LIMIT);
  MUST_OK(secimg_open_options_set_max_items(open, 1));
  check_opens(open, sealed, image);
  bytes_drop(&sealed);
  bytes_drop(&image);
  secimg_open_options_free(open);
  secimg_seal_options_free(seal);
}

/* The same image sealed twice has nothing in common but its head. */
static void nothing_repeats(const people *all) {
  secimg_seal_options *seal = seal_for(all, RAW);
  bytes image = bytes_of(4096);
  bytes first = seal_at_once(seal, NULL, image);
  bytes second = seal_at_once(seal, NULL, image);
  size_t equal = 0;
  check_about("two streams of one image");
  CHECK_EQ(first.len, second.len);
  for (size_t i = first.len - 4096; i < first.len; i++) {
    equal += first.data[i] == second.data[i];
  }
  CHECK(equal < 64);
  bytes_drop(&second);
  bytes_drop(&first);
  bytes_drop(&image);
  secimg_seal_options_free(seal);
}

int main(int argc, char **argv) {
  const arguments places = arguments_from(argc, argv);
  people all = people_from(places.vectors);
  wrong_keys(&all);
  signers(&all);
  signing_windows(&all);
  every_byte_and_every_cut(&all, SECIMG_SUITE_AES_256_CBC_HMAC_SHA_256);
  every_byte_and_every_cut(&all, SECIMG_SUITE_AES_256_GCM);
  garbage(&all);
  limits(&all);
  nothing_repeats(&all);
  people_drop(&all);
  printf("one text for every authentication failure: \"%s\"\n", one_text);
  return check_end();
}
