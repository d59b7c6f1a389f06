/* The process lives on when the library panics, wherever that is: needs a library built with --cfg secimg_inject_panic.
 *
 * A whole seal and open is done again and again, with a panic at its first point, its second, and so on until it passes
 * without one. Each time the calls after the panic may fail, and everything must still be freed. */
#include "secimg.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void secimg_inject_panic(uint32_t calls);

static const uint8_t IMAGE[] = "the bytes of an image file, and some more of them";

/* What was seen of one round. */
typedef struct seen {
  int panics;
  int broken; /* something came out that must not */
} seen;

static secimg_status note(seen *all, secimg_status status) {
  if (status == SECIMG_ERR_PANIC) all->panics++;
  return status;
}

static size_t drain(seen *all, secimg_sealer *sealer, uint8_t *out, size_t len, size_t capacity) {
  const uint8_t *ready = NULL;
  size_t count = 0;
  while (note(all, secimg_sealer_peek(sealer, &ready, &count)) == SECIMG_OK && count > 0 && count <= capacity - len) {
    memcpy(out + len, ready, count);
    if (note(all, secimg_sealer_consume(sealer, count)) != SECIMG_OK) break;
    len += count;
  }
  return len;
}

static size_t seal(seen *all, const secimg_seal_options *options, uint8_t *out, size_t capacity) {
  secimg_sealer *sealer = NULL;
  size_t taken = 0;
  size_t len = 0;
  if (note(all, secimg_sealer_new(options, &sealer)) != SECIMG_OK && sealer != NULL) all->broken = 1;
  len = drain(all, sealer, out, len, capacity);
  note(all, secimg_sealer_start_item(sealer, NULL, sizeof IMAGE));
  note(all, secimg_sealer_push(sealer, IMAGE, sizeof IMAGE, &taken));
  note(all, secimg_sealer_end_item(sealer));
  note(all, secimg_sealer_finish(sealer));
  len = drain(all, sealer, out, len, capacity);
  secimg_sealer_free(sealer);
  return len;
}

static void read_some(seen *all, const secimg_open_options *options, const uint8_t *sealed, size_t len) {
  secimg_reader *reader = NULL;
  uint8_t bytes[8];
  size_t count = 0;
  note(all, secimg_reader_open_memory(options, sealed, len, &reader));
  note(all, secimg_reader_read_at(reader, 4, bytes, sizeof bytes, &count));
  if (count != 0 && (count != sizeof bytes || memcmp(bytes, IMAGE + 4, count) != 0)) all->broken = 1;
  secimg_reader_free(reader);
}

static void unseal(seen *all, const secimg_open_options *options, const uint8_t *sealed, size_t len) {
  secimg_opener *opener = NULL;
  secimg_report *report = NULL;
  uint32_t event = SECIMG_EVENT_NEED_INPUT;
  size_t used = 0;
  note(all, secimg_opener_new(options, &opener));
  for (int step = 0; step < 100; step++) {
    const uint8_t *data = NULL;
    size_t count = 0;
    if (note(all, secimg_opener_event(opener, &event)) != SECIMG_OK || event == SECIMG_EVENT_FINISHED) break;
    if (event == SECIMG_EVENT_NEED_INPUT) {
      if (note(all, secimg_opener_push(opener, sealed + used, len - used, &count)) != SECIMG_OK) break;
      used += count;
    } else if (event == SECIMG_EVENT_DATA && note(all, secimg_opener_peek(opener, &data, &count)) == SECIMG_OK) {
      note(all, secimg_opener_consume(opener, count));
    }
  }
  if (note(all, secimg_opener_finish(opener, &report)) != SECIMG_OK && report != NULL) all->broken = 1;
  secimg_report_free(report);
  secimg_opener_free(opener);
}

/* A BMP of two by two pixels. */
static const uint8_t PICTURE[54 + 16] = {'B', 'M', 0, 0, 0, 0, 0, 0, 0, 0, 54, 0, 0, 0, 40, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 1, 0, 24};

static void hide_and_show(seen *all, const secimg_seal_options *sealing, const secimg_open_options *opening) {
  secimg_redaction *what = NULL;
  secimg_redacted *redacted = NULL;
  secimg_unredacted *restored = NULL;
  secimg_stripped *stripped = NULL;
  const uint8_t *image = NULL;
  size_t len = 0;
  note(all, secimg_redaction_new(&what));
  note(all, secimg_redaction_add_rect(what, 0, 0, 1, 1));
  if (note(all, secimg_redact(sealing, what, NULL, PICTURE, sizeof PICTURE, &redacted)) != SECIMG_OK && redacted != NULL) {
    all->broken = 1;
  }
  note(all, secimg_redacted_image(redacted, &image, &len));
  if (note(all, secimg_unredact(opening, image, len, NULL, 0, &restored)) != SECIMG_OK && restored != NULL) all->broken = 1;
  if (note(all, secimg_strip(image, len, &stripped)) != SECIMG_OK && stripped != NULL) all->broken = 1;
  secimg_stripped_free(stripped);
  secimg_unredacted_free(restored);
  secimg_redacted_free(redacted);
  secimg_redaction_free(what);
}

static seen round_of(uint32_t calls) {
  seen all = {0, 0};
  static uint8_t sealed[1 << 16];
  secimg_symmetric_key *key = NULL;
  secimg_recipients *recipients = NULL;
  secimg_identity *identity = NULL;
  secimg_seal_options *sealing = NULL;
  secimg_open_options *opening = NULL;
  secimg_inject_panic(calls);
  note(&all, secimg_symmetric_key_generate(&key));
  note(&all, secimg_recipients_new(&recipients));
  note(&all, secimg_recipients_add_symmetric_key(recipients, key));
  note(&all, secimg_seal_options_new(recipients, &sealing));
  note(&all, secimg_identity_from_symmetric_key(key, &identity));
  note(&all, secimg_open_options_new(&opening));
  note(&all, secimg_open_options_add_identity(opening, identity));
  const size_t len = seal(&all, sealing, sealed, sizeof sealed);
  unseal(&all, opening, sealed, len);
  read_some(&all, opening, sealed, len);
  hide_and_show(&all, sealing, opening);
  /* A panic that is still to come belongs to no free below: those would leak, which is what a panic in them means. */
  secimg_inject_panic(UINT32_MAX);
  secimg_open_options_free(opening);
  secimg_seal_options_free(sealing);
  secimg_identity_free(identity);
  secimg_recipients_free(recipients);
  secimg_symmetric_key_free(key);
  return all;
}

int main(void) {
  uint32_t calls = 0;
  int panics = 0;
  /* Some points are in calls that return a value or free something: there a panic is not told. */
  int quiet = 0;
  for (; calls < 10000 && quiet < 50; calls++) {
    const seen all = round_of(calls);
    if (all.broken || all.panics > 1) {
      fprintf(stderr, "panics.c: a panic at point %u was told %d times, or let something through\n", calls, all.panics);
      return 1;
    }
    quiet = all.panics == 0 ? quiet + 1 : 0;
    panics += all.panics;
  }
  printf("%d panics, each a status; the process lives\n", panics);
  return panics > 40 ? 0 : 1;
}
