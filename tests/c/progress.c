/* Progress of the one-shot calls, cancelled at each step in turn: nothing comes out, and the same options work again. */
#include "support.h"

#include <stdio.h>
#include <string.h>

struct watch {
  uint64_t last;
  uint64_t total;
  size_t calls;
  size_t cancels_at; /* 0: never */
  bool backwards;
};

static int32_t watched(void *userdata, uint64_t done, uint64_t total) {
  struct watch *watch = userdata;
  watch->calls++;
  watch->backwards = watch->backwards || done < watch->last || done > total || (watch->total != 0 && watch->total != total);
  watch->last = done;
  watch->total = total;
  return watch->calls == watch->cancels_at ? 1 : 0;
}

static void again(struct watch *watch, size_t cancels_at) {
  const struct watch fresh = {0, 0, 0, 0, false};
  *watch = fresh;
  watch->cancels_at = cancels_at;
}

/* Sealing, cancelled at the n-th call; false where there is none. */
static bool seal_cancelled(const secimg_seal_options *seal, struct watch *watch, bytes image, bytes out, size_t at) {
  size_t len = 77;
  again(watch, at);
  check_about("sealing, cancelled at call %zu", at);
  const secimg_status status = secimg_encrypt(seal, NULL, image.data, image.len, out.data, out.len, &len);
  CHECK(!watch->backwards);
  if (watch->calls < at) {
    CHECK_STATUS(status, SECIMG_OK);
    return false;
  }
  CHECK_STATUS(status, SECIMG_ERR_CANCELLED);
  CHECK_EQ(watch->calls, at); /* it is not asked again */
  CHECK_EQ(len, 0);
  return true;
}

static bool open_cancelled(const secimg_open_options *open, struct watch *watch, bytes sealed, bytes out, size_t at) {
  size_t len = 77;
  secimg_report *report = NULL;
  again(watch, at);
  check_about("opening, cancelled at call %zu", at);
  memset(out.data, 5, out.len);
  const secimg_status status = secimg_decrypt(open, sealed.data, sealed.len, out.data, out.len, &len, &report);
  CHECK(!watch->backwards);
  if (watch->calls < at) {
    CHECK_STATUS(status, SECIMG_OK);
    secimg_report_free(report);
    return false;
  }
  CHECK_STATUS(status, SECIMG_ERR_CANCELLED);
  CHECK_EQ(len, 0);
  CHECK(report == NULL);
  CHECK(untold(out.data, out.len, 5));
  return true;
}

int main(int argc, char **argv) {
  const arguments places = arguments_from(argc, argv);
  people all = people_from(places.vectors);
  struct watch watch;
  secimg_seal_options *seal = seal_for(&all, RAW);
  secimg_open_options *open = open_for(&all, RAW);
  secimg_report *report = NULL;
  secimg_opened *opened = NULL;
  bytes image = pattern(by_effort(200000, 9000000, 9000000), 1);
  bytes sealed = seal_at_once(seal, NULL, image);
  bytes out = bytes_of(sealed.len);
  size_t steps = 1;
  MUST_OK(secimg_seal_options_set_progress(seal, watched, &watch));
  MUST_OK(secimg_open_options_set_progress(open, watched, &watch));
  while (seal_cancelled(seal, &watch, image, out, steps)) {
    steps++;
  }
  CHECK(steps > 1); /* it was called at all */
  CHECK_EQ(watch.last, watch.total);
  const size_t sealing = steps - 1;
  for (steps = 1; open_cancelled(open, &watch, sealed, out, steps); steps++) {
  }
  CHECK(steps > 1);
  CHECK_EQ(watch.last, watch.total);
  CHECK(memcmp(out.data, image.data, image.len) == 0);
  printf("%lu steps of sealing and %lu of opening, each cancelled\n", (unsigned long)sealing, (unsigned long)steps - 1);

  again(&watch, 1);
  CHECK_STATUS(secimg_verify(open, sealed.data, sealed.len, &report), SECIMG_ERR_CANCELLED);
  CHECK(report == NULL);
  again(&watch, 1);
  CHECK_STATUS(secimg_decrypt_all(open, sealed.data, sealed.len, &opened), SECIMG_ERR_CANCELLED);
  CHECK(opened == NULL);
  /* No progress any more. */
  again(&watch, 0);
  MUST_OK(secimg_open_options_set_progress(open, NULL, NULL));
  check_opens(open, sealed, image);
  CHECK_EQ(watch.calls, 0);
  bytes_drop(&out);
  bytes_drop(&sealed);
  bytes_drop(&image);
  secimg_open_options_free(open);
  secimg_seal_options_free(seal);
  people_drop(&all);
  return check_end();
}
