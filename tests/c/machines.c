/* The machines for the caller's own sockets: pieces of every size, several items, unknown lengths, flush and
 * checkpoint, states and events, and the order in which calls must come. */
#include "support.h"

#include <string.h>

static void one_byte_at_a_time(const people *all) {
  secimg_seal_options *seal = seal_for(all, RAW);
  secimg_open_options *open = open_for(all, RAW);
  bytes image = pattern(by_effort(500, 9000, 9000), 1);
  MUST_OK(secimg_seal_options_set_chunk_log2(seal, 12));
  check_about("one byte at a time");
  bytes sealed = seal_in_pieces(seal, NULL, image, image.len, 1);
  trace seen = open_in_pieces(open, sealed, 1);
  CHECK_EQ(seen.end, SECIMG_OK);
  CHECK(same_bytes(seen.data.data, seen.data.len, image.data, image.len));
  trace_drop(&seen);
  bytes_drop(&sealed);
  for (size_t round = 0; round < by_effort(2, 20, 400); round++) {
    check_about("random pieces, round %zu", round);
    random_seed((uint32_t)round);
    sealed = seal_in_pieces(seal, NULL, image, round % 2 == 0 ? SECIMG_LENGTH_UNKNOWN : image.len, 0);
    seen = open_in_pieces(open, sealed, 0);
    CHECK_EQ(seen.end, SECIMG_OK);
    CHECK(same_bytes(seen.data.data, seen.data.len, image.data, image.len));
    trace_drop(&seen);
    bytes_drop(&sealed);
  }
  bytes_drop(&image);
  secimg_open_options_free(open);
  secimg_seal_options_free(seal);
}

/* Who peeks sees the same until something is consumed; push takes nothing while output waits, or what fits. */
static void peeking_changes_nothing(const people *all) {
  secimg_seal_options *seal = seal_for(all, RAW);
  secimg_sealer *sealer = NULL;
  const uint8_t *first = NULL, *second = NULL;
  size_t first_len = 0, second_len = 0, taken = 0;
  uint8_t id[32];
  check_about("peek and consume");
  MUST_OK(secimg_sealer_new(seal, &sealer));
  CHECK((secimg_sealer_state(sealer) & SECIMG_STATE_HAS_OUTPUT) != 0);
  CHECK_OK(secimg_sealer_transfer_id(sealer, id));
  CHECK(!all_are(id, sizeof id, 0));
  MUST_OK(secimg_sealer_peek(sealer, &first, &first_len));
  MUST_OK(secimg_sealer_peek(sealer, &second, &second_len));
  CHECK(first == second);
  CHECK_EQ(first_len, second_len);
  CHECK(first_len > 8 && memcmp(first, "\x89SIMG\r\n\x1a", 8) == 0);
  CHECK_OK(secimg_sealer_consume(sealer, 0));
  CHECK_OK(secimg_sealer_consume(sealer, 3));
  MUST_OK(secimg_sealer_peek(sealer, &second, &second_len));
  CHECK(second_len > 0 && second[0] == 'M');
  /* More than is there: refused, and nothing is lost. */
  CHECK_STATUS(secimg_sealer_consume(sealer, second_len + 1), SECIMG_ERR_INVALID_ARGUMENT);
  CHECK_STATUS(secimg_sealer_consume(sealer, SIZE_MAX), SECIMG_ERR_INVALID_ARGUMENT);
  bytes rest = bytes_of(0);
  drain(sealer, &rest, 0);
  CHECK_EQ(rest.len, first_len - 3);
  MUST_OK(secimg_sealer_start_item(sealer, NULL, 3));
  MUST_OK(secimg_sealer_push(sealer, (const uint8_t *)"abc", 3, &taken));
  MUST_OK(secimg_sealer_push(sealer, NULL, 0, &taken));
  CHECK_EQ(taken, 0);
  bytes_drop(&rest);
  /* Freed in the middle: nothing leaks, nothing fails. */
  secimg_sealer_free(sealer);
  secimg_seal_options_free(seal);
}

static void add_item(secimg_sealer *sealer, const char *name, bytes image, uint64_t length, bytes *sealed) {
  secimg_description *description = named(name);
  MUST_OK(secimg_sealer_start_item(sealer, description, length));
  secimg_description_free(description);
  push_all(sealer, image, 0, sealed);
  MUST_OK(secimg_sealer_end_item(sealer));
  drain(sealer, sealed, 0);
}

/* A live series: after a flush everything before can be opened, after a checkpoint it is signed. */
static void series(const people *all, const secimg_private_key *signer) {
  secimg_seal_options *seal = seal_for(all, XWING);
  secimg_open_options *open = open_for(all, XWING);
  secimg_sealer *sealer = NULL;
  secimg_opened *opened = NULL;
  bytes sealed = bytes_of(0);
  bytes images[3] = {pattern(5000, 1), bytes_of(0), pattern(70000, 2)};
  bytes joined = bytes_of(0);
  check_about("a series, %s", signer == NULL ? "unsigned" : "signed");
  if (signer != NULL) {
    sign_with(seal, signer);
    require_signer(open, signer);
  }
  MUST_OK(secimg_sealer_new(seal, &sealer));
  add_item(sealer, "first", images[0], images[0].len, &sealed);
  MUST_OK(secimg_sealer_flush(sealer));
  drain(sealer, &sealed, 0);
  const size_t flushed = sealed.len;
  add_item(sealer, "empty", images[1], SECIMG_LENGTH_UNKNOWN, &sealed);
  if (signer != NULL) {
    MUST_OK(secimg_sealer_checkpoint(sealer));
    drain(sealer, &sealed, 0);
    add_item(sealer, "third", images[2], SECIMG_LENGTH_UNKNOWN, &sealed);
    MUST_OK(secimg_sealer_finish(sealer));
    drain(sealer, &sealed, 100);
    trace seen = open_in_pieces(open, sealed, 0);
    CHECK_EQ(seen.end, SECIMG_OK);
    CHECK_EQ(seen.items, 3);
    CHECK_EQ(seen.item_ends, 3);
    CHECK_EQ(seen.checkpoints, 1);
    for (size_t i = 0; i < 3; i++) {
      append(&joined, images[i].data, images[i].len);
    }
    CHECK(same_bytes(seen.data.data, seen.data.len, joined.data, joined.len));
    trace_drop(&seen);
    MUST_OK(secimg_decrypt_all(open, sealed.data, sealed.len, &opened));
    CHECK_EQ(secimg_opened_count(opened), 3);
    for (size_t i = 0; i < 3; i++) {
      const uint8_t *data = NULL;
      size_t len = 0;
      MUST_OK(secimg_opened_image(opened, i, &data, &len));
      CHECK(same_bytes(data, len, images[i].data, images[i].len));
    }
    secimg_opened_free(opened);
  } else {
    /* What was flushed is whole: the first image comes out of it, and no more is known. */
    bytes part = {sealed.data, flushed};
    trace seen = open_in_pieces(open, part, 0);
    CHECK_EQ(seen.item_ends, 1);
    CHECK(same_bytes(seen.data.data, seen.data.len, images[0].data, images[0].len));
    CHECK_EQ(seen.end, SECIMG_ERR_TRUNCATED);
    trace_drop(&seen);
  }
  for (size_t i = 0; i < 3; i++) {
    bytes_drop(&images[i]);
  }
  bytes_drop(&joined);
  bytes_drop(&sealed);
  secimg_sealer_free(sealer);
  secimg_open_options_free(open);
  secimg_seal_options_free(seal);
}

/* The calls that come in the wrong order. Those before anything went wrong harm nothing. */
static void wrong_order(const people *all) {
  secimg_seal_options *seal = seal_for(all, RAW);
  secimg_open_options *open = open_for(all, RAW);
  bytes image = pattern(100, 1);
  size_t taken = 7;
  check_about("the wrong order");
  for (unsigned mistake = 0; mistake < 8; mistake++) {
    secimg_sealer *sealer = NULL;
    bytes sealed = bytes_of(0);
    secimg_status status = SECIMG_OK;
    check_about("the wrong order, mistake %u", mistake);
    MUST_OK(secimg_sealer_new(seal, &sealer));
    drain(sealer, &sealed, 0);
    if (mistake >= 2) {
      MUST_OK(secimg_sealer_start_item(sealer, NULL, 100));
      push_all(sealer, image, 0, &sealed);
    }
    if (mistake >= 6) {
      MUST_OK(secimg_sealer_end_item(sealer));
      MUST_OK(secimg_sealer_finish(sealer));
    }
    switch (mistake) {
    case 0: /* data before an item */
      status = secimg_sealer_push(sealer, image.data, image.len, &taken);
      CHECK_EQ(taken, 0);
      break;
    case 1: /* the end before an item */
      status = secimg_sealer_end_item(sealer);
      break;
    case 2: /* an item in an item */
      status = secimg_sealer_start_item(sealer, NULL, 1);
      break;
    case 3: /* between items, says the header */
      status = secimg_sealer_flush(sealer);
      break;
    case 4:
      status = secimg_sealer_checkpoint(sealer);
      break;
    case 5: /* the end with an item open */
      status = secimg_sealer_finish(sealer);
      break;
    case 6: /* finished twice */
      status = secimg_sealer_finish(sealer);
      break;
    default:
      status = secimg_sealer_end_item(sealer);
    }
    CHECK_STATUS(status, SECIMG_ERR_STATE);
    /* Nothing is lost: the stream goes on. */
    CHECK((secimg_sealer_state(sealer) & SECIMG_STATE_FAILED) == 0);
    if (mistake < 2) {
      MUST_OK(secimg_sealer_start_item(sealer, NULL, 100));
      push_all(sealer, image, 0, &sealed);
    }
    if (mistake < 6) {
      MUST_OK(secimg_sealer_end_item(sealer));
      MUST_OK(secimg_sealer_finish(sealer));
    }
    drain(sealer, &sealed, 0);
    check_opens(open, sealed, image);
    secimg_sealer_free(sealer);
    bytes_drop(&sealed);
  }
  bytes_drop(&image);
  secimg_open_options_free(open);
  secimg_seal_options_free(seal);
}

/* After an error a machine gives nothing more, and says so each time. */
static void after_an_error(const people *all) {
  secimg_seal_options *seal = seal_for(all, RAW);
  secimg_open_options *open = open_for(all, RAW);
  secimg_sealer *sealer = NULL;
  secimg_opener *opener = NULL;
  secimg_report *report = NULL;
  bytes image = pattern(4000, 1);
  bytes sealed = bytes_of(0);
  char text[200] = "", again[200] = "";
  size_t taken = 0;
  uint32_t event = 0;
  check_about("after an error");
  /* More than was declared. */
  MUST_OK(secimg_sealer_new(seal, &sealer));
  drain(sealer, &sealed, 0);
  MUST_OK(secimg_sealer_start_item(sealer, NULL, 3));
  secimg_status status = secimg_sealer_push(sealer, image.data, image.len, &taken);
  while (status == SECIMG_OK) {
    CHECK(taken > 0);
    status = secimg_sealer_push(sealer, image.data + 3, image.len - 3, &taken);
  }
  CHECK_STATUS(status, SECIMG_ERR_INVALID_ARGUMENT);
  CHECK_EQ(secimg_sealer_state(sealer), SECIMG_STATE_FAILED);
  CHECK(secimg_sealer_error(sealer, text, sizeof text) > 0);
  CHECK_STATUS(secimg_sealer_push(sealer, image.data, 1, &taken), SECIMG_ERR_STATE);
  CHECK_STATUS(secimg_sealer_end_item(sealer), SECIMG_ERR_STATE);
  CHECK_STATUS(secimg_sealer_finish(sealer), SECIMG_ERR_STATE);
  CHECK_STATUS(secimg_sealer_start_item(sealer, NULL, 3), SECIMG_ERR_STATE);
  CHECK(secimg_sealer_error(sealer, again, sizeof again) > 0);
  CHECK_TEXT(again, text);
  secimg_sealer_free(sealer);
  bytes_drop(&sealed);

  sealed = seal_at_once(seal, NULL, image);
  sealed.data[sealed.len - 1] ^= 1;
  MUST_OK(secimg_opener_new(open, &opener));
  status = SECIMG_OK;
  for (size_t at = 0; status == SECIMG_OK && at < sealed.len; at += taken) {
    status = secimg_opener_push(opener, sealed.data + at, sealed.len - at, &taken);
    const secimg_status next = status == SECIMG_OK ? secimg_opener_event(opener, &event) : status;
    status = next;
  }
  CHECK_STATUS(status, SECIMG_ERR_NOT_AUTHENTIC);
  CHECK_EQ(secimg_opener_state(opener), SECIMG_STATE_FAILED);
  CHECK_STATUS(secimg_opener_push(opener, sealed.data, 1, &taken), SECIMG_ERR_STATE);
  CHECK_STATUS(secimg_opener_event(opener, &event), SECIMG_ERR_STATE);
  CHECK_STATUS(secimg_opener_finish(opener, &report), SECIMG_ERR_STATE);
  CHECK(report == NULL);
  CHECK(secimg_opener_error(opener, text, sizeof text) > 0);
  secimg_opener_free(opener);
  bytes_drop(&sealed);
  bytes_drop(&image);
  secimg_open_options_free(open);
  secimg_seal_options_free(seal);
}

/* What comes behind the end is not taken. */
static void behind_the_end(const people *all) {
  secimg_seal_options *seal = seal_for(all, RAW);
  secimg_open_options *open = open_for(all, RAW);
  secimg_report *report = NULL;
  secimg_opener *opener = NULL;
  uint32_t event = 0;
  bytes image = pattern(9, 1);
  bytes sealed = seal_at_once(seal, NULL, image);
  const size_t end = sealed.len;
  size_t at = 0, taken = 0;
  check_about("behind the end");
  append(&sealed, (const uint8_t *)"behind", 6);
  MUST_OK(secimg_opener_new(open, &opener));
  CHECK_STATUS(secimg_opener_finish(opener, &report), SECIMG_ERR_TRUNCATED);
  secimg_opener_free(opener);
  MUST_OK(secimg_opener_new(open, &opener));
  while (event != SECIMG_EVENT_FINISHED) {
    const uint8_t *data = NULL;
    MUST_OK(secimg_opener_event(opener, &event));
    if (event == SECIMG_EVENT_NEED_INPUT) {
      MUST(at < sealed.len);
      MUST_OK(secimg_opener_push(opener, sealed.data + at, sealed.len - at, &taken));
      at += taken;
    } else if (event == SECIMG_EVENT_DATA) {
      MUST_OK(secimg_opener_peek(opener, &data, &taken));
      CHECK_STATUS(secimg_opener_consume(opener, taken + 1), SECIMG_ERR_INVALID_ARGUMENT);
      MUST_OK(secimg_opener_consume(opener, taken));
    }
  }
  CHECK_EQ(at, end);
  MUST_OK(secimg_opener_event(opener, &event));
  CHECK_EQ(event, SECIMG_EVENT_FINISHED);
  CHECK_OK(secimg_opener_finish(opener, &report));
  CHECK_EQ(secimg_report_stream_bytes(report), end);
  secimg_report_free(report);
  report = NULL;
  CHECK_STATUS(secimg_opener_finish(opener, &report), SECIMG_ERR_STATE);
  CHECK(report == NULL);
  secimg_opener_free(opener);
  bytes_drop(&sealed);
  bytes_drop(&image);
  secimg_open_options_free(open);
  secimg_seal_options_free(seal);
}

int main(int argc, char **argv) {
  const arguments places = arguments_from(argc, argv);
  people all = people_from(places.vectors);
  one_byte_at_a_time(&all);
  peeking_changes_nothing(&all);
  series(&all, NULL);
  series(&all, all.scanner);
  if (effort() != LIGHT) {
    series(&all, all.rsa_scanner);
  }
  wrong_order(&all);
  after_an_error(&all);
  behind_the_end(&all);
  people_drop(&all);
  return check_end();
}
