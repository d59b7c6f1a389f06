#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---------------------------------------------------------------- arguments */

static const char *argument(int argc, char **argv, int at) {
  return argc > at && strcmp(argv[at], "-") != 0 ? argv[at] : NULL;
}

arguments arguments_from(int argc, char **argv) {
  const arguments found = {argument(argc, argv, 1), argument(argc, argv, 2), argument(argc, argv, 3)};
  return found;
}

enum effort effort(void) {
  const char *said = getenv("SECIMG_EFFORT");
  if (said != NULL && strcmp(said, "light") == 0) {
    return LIGHT;
  }
  return said != NULL && strcmp(said, "full") == 0 ? FULL : NORMAL;
}

size_t by_effort(size_t light, size_t normal, size_t full) {
  const enum effort chosen = effort();
  return chosen == LIGHT ? light : chosen == FULL ? full : normal;
}

void skipped(const char *what) {
  fprintf(stderr, "SKIPPED: %s\n", what);
  CHECK(getenv("SECIMG_REQUIRE_TOOLS") == NULL);
}

/* ---------------------------------------------------------------- bytes */

static uint8_t *memory(size_t len) {
  uint8_t *made = calloc(1, len == 0 ? 1 : len);
  MUST(made != NULL);
  return made;
}

bytes bytes_of(size_t len) {
  const bytes made = {memory(len), len};
  return made;
}

bytes pattern(size_t len, uint32_t seed) {
  bytes made = bytes_of(len);
  for (size_t i = 0; i < len; i++) {
    made.data[i] = (uint8_t)(((uint32_t)i * 2654435761u + seed * 40503u) >> 11);
  }
  return made;
}

bytes copy_of(const uint8_t *data, size_t len) {
  bytes made = bytes_of(len);
  if (len > 0) {
    memcpy(made.data, data, len);
  }
  return made;
}

void append(bytes *to, const uint8_t *data, size_t len) {
  if (len == 0) {
    return;
  }
  uint8_t *grown = realloc(to->data, to->len + len);
  MUST(grown != NULL);
  memcpy(grown + to->len, data, len);
  to->data = grown;
  to->len += len;
}

void bytes_drop(bytes *gone) {
  free(gone->data);
  gone->data = NULL;
  gone->len = 0;
}

bool same_bytes(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len) {
  return a_len == b_len && (a_len == 0 || memcmp(a, b, a_len) == 0);
}

bool all_are(const uint8_t *data, size_t len, uint8_t value) {
  return len == 0 || (data[0] == value && memcmp(data, data + 1, len - 1) == 0);
}

bool untold(const uint8_t *out, size_t len, uint8_t before) {
  size_t wiped = 0;
  while (wiped < len && out[wiped] == 0) {
    wiped++;
  }
  return all_are(out + wiped, len - wiped, before);
}

bool read_file(const char *folder, const char *name, bytes *out) {
  char path[1024];
  const int len = snprintf(path, sizeof path, "%s/%s", folder, name);
  MUST(len > 0 && (size_t)len < sizeof path);
  FILE *file = fopen(path, "rb");
  if (file == NULL) {
    *out = bytes_of(0);
    return false;
  }
  MUST(fseek(file, 0, SEEK_END) == 0);
  const long size = ftell(file);
  MUST(size >= 0 && fseek(file, 0, SEEK_SET) == 0);
  *out = bytes_of((size_t)size);
  MUST(fread(out->data, 1, out->len, file) == out->len);
  (void)fclose(file);
  return true;
}

void write_file(const char *path, const uint8_t *data, size_t len) {
  FILE *file = fopen(path, "wb");
  MUST(file != NULL);
  MUST(fwrite(data, 1, len, file) == len);
  MUST(fclose(file) == 0);
}

static uint32_t random_state = 1;

void random_seed(uint32_t seed) { random_state = seed * 2u + 1u; }

size_t random_below(size_t limit) {
  /* xorshift: it need not be good, only varied. */
  random_state ^= random_state << 13;
  random_state ^= random_state >> 17;
  random_state ^= random_state << 5;
  return random_state % limit;
}

/* ---------------------------------------------------------------- sealing */

bytes seal_at_once(const secimg_seal_options *options, const secimg_description *description, bytes image) {
  const size_t prefix = image.len < SECIMG_SNIFF_LEN ? image.len : SECIMG_SNIFF_LEN;
  uint64_t size = 0;
  size_t len = 0;
  MUST_OK(secimg_sealed_size(options, description, image.data, prefix, image.len, &size));
  bytes sealed = bytes_of((size_t)size);
  MUST_OK(secimg_encrypt(options, description, image.data, image.len, sealed.data, sealed.len, &len));
  CHECK_EQ(len, size);
  sealed.len = len;
  return sealed;
}

void drain(secimg_sealer *sealer, bytes *sealed, size_t piece) {
  for (;;) {
    const uint8_t *data = NULL;
    size_t len = 0;
    MUST_OK(secimg_sealer_peek(sealer, &data, &len));
    CHECK_EQ((secimg_sealer_state(sealer) & SECIMG_STATE_HAS_OUTPUT) != 0, len > 0);
    if (len == 0) {
      return;
    }
    const size_t taken = piece == 0 || piece > len ? len : piece;
    append(sealed, data, taken);
    MUST_OK(secimg_sealer_consume(sealer, taken));
  }
}

void push_all(secimg_sealer *sealer, bytes image, size_t piece, bytes *sealed) {
  for (size_t at = 0; at < image.len;) {
    const size_t rest = image.len - at;
    const size_t given = piece == 0 ? 1 + random_below(rest) : piece < rest ? piece : rest;
    size_t taken = 0;
    MUST_OK(secimg_sealer_push(sealer, image.data + at, given, &taken));
    CHECK(taken <= given);
    at += taken;
    drain(sealer, sealed, 0);
  }
}

bytes seal_in_pieces(const secimg_seal_options *options, const secimg_description *description, bytes image,
                     uint64_t length, size_t piece) {
  secimg_sealer *sealer = NULL;
  bytes sealed = bytes_of(0);
  MUST_OK(secimg_sealer_new(options, &sealer));
  MUST_OK(secimg_sealer_start_item(sealer, description, length));
  push_all(sealer, image, piece, &sealed);
  MUST_OK(secimg_sealer_end_item(sealer));
  drain(sealer, &sealed, 0);
  MUST_OK(secimg_sealer_finish(sealer));
  drain(sealer, &sealed, piece == 1 ? 7 : 0);
  CHECK_EQ(secimg_sealer_state(sealer), SECIMG_STATE_DONE);
  secimg_sealer_free(sealer);
  return sealed;
}

/* ---------------------------------------------------------------- opening */

/* One step; false at the end. */
static bool step(secimg_opener *opener, bytes sealed, size_t piece, trace *seen) {
  const uint8_t *data = NULL;
  size_t len = 0;
  uint32_t event = 0;
  seen->end = secimg_opener_event(opener, &event);
  if (seen->end != SECIMG_OK) {
    return false;
  }
  switch (event) {
  case SECIMG_EVENT_NEED_INPUT: {
    const size_t rest = sealed.len - seen->pushed;
    const size_t given = piece == 0 ? (rest == 0 ? 0 : 1 + random_below(rest)) : piece < rest ? piece : rest;
    if (rest == 0) {
      seen->end = secimg_opener_finish(opener, &seen->report);
      return false;
    }
    seen->end = secimg_opener_push(opener, sealed.data + seen->pushed, given, &len);
    seen->pushed += len;
    return seen->end == SECIMG_OK;
  }
  case SECIMG_EVENT_DATA:
    MUST_OK(secimg_opener_peek(opener, &data, &len));
    CHECK(len > 0);
    len = piece != 0 && piece < len ? piece : len;
    append(&seen->data, data, len);
    MUST_OK(secimg_opener_consume(opener, len));
    return true;
  case SECIMG_EVENT_ITEM:
    seen->items++;
    CHECK(secimg_opener_manifest(opener) != NULL);
    return true;
  case SECIMG_EVENT_PREVIEW:
    seen->previews++;
    MUST_OK(secimg_opener_preview(opener, &data, &len));
    return true;
  case SECIMG_EVENT_ITEM_END:
    seen->item_ends++;
    return true;
  case SECIMG_EVENT_CHECKPOINT:
    seen->checkpoints++;
    return true;
  default:
    CHECK_EQ(event, SECIMG_EVENT_FINISHED);
    CHECK((secimg_opener_state(opener) & SECIMG_STATE_DONE) != 0);
    seen->end = secimg_opener_finish(opener, &seen->report);
    return false;
  }
}

trace open_in_pieces(const secimg_open_options *options, bytes sealed, size_t piece) {
  trace seen;
  secimg_opener *opener = NULL;
  memset(&seen, 0, sizeof seen);
  seen.data = bytes_of(0);
  seen.end = secimg_opener_new(options, &opener);
  if (seen.end == SECIMG_OK) {
    while (step(opener, sealed, piece, &seen)) {
    }
  }
  if (opener != NULL) {
    CHECK_EQ((secimg_opener_state(opener) & SECIMG_STATE_FAILED) != 0, seen.end != SECIMG_OK);
    CHECK_EQ(secimg_opener_error(opener, seen.text, sizeof seen.text) > 0, seen.end != SECIMG_OK);
  }
  CHECK_EQ(seen.report != NULL, seen.end == SECIMG_OK);
  secimg_opener_free(opener);
  return seen;
}

void trace_drop(trace *gone) {
  bytes_drop(&gone->data);
  secimg_report_free(gone->report);
  gone->report = NULL;
}

void check_opens(const secimg_open_options *options, bytes sealed, bytes image) {
  size_t len = 0;
  bytes opened = bytes_of(image.len);
  if (CHECK_OK(secimg_decrypt(options, sealed.data, sealed.len, opened.data, opened.len, &len, NULL))) {
    CHECK(same_bytes(opened.data, len, image.data, image.len));
  }
  bytes_drop(&opened);
}
