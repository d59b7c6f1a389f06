/* Sealer, opener and reader, called as they must not be called. */
#include "abuse.h"

#include <string.h>

static void null_machines(void) {
  const uint8_t *data = NULL;
  size_t len = 7;
  uint8_t id[32];
  uint32_t event = 99;
  uint8_t buffer[4];
  secimg_buf made = {NULL, 7};
  check_about("machines that are NULL");
  NULLED(secimg_sealer_start_item(NULL, NULL, 1));
  NULLED(secimg_sealer_push(NULL, buffer, 4, &len));
  NULLED(secimg_sealer_end_item(NULL));
  NULLED(secimg_sealer_flush(NULL));
  NULLED(secimg_sealer_checkpoint(NULL));
  NULLED(secimg_sealer_finish(NULL));
  NULLED(secimg_sealer_peek(NULL, &data, &len));
  NULLED(secimg_sealer_consume(NULL, 0));
  CHECK_EQ(secimg_sealer_state(NULL), SECIMG_STATE_FAILED);
  NULLED(secimg_sealer_transfer_id(NULL, id));
  CHECK_EQ(secimg_sealer_error(NULL, anchor, sizeof anchor), 0);
  secimg_sealer_free(NULL);
  NULLED(secimg_opener_push(NULL, buffer, 4, &len));
  NULLED(secimg_opener_event(NULL, &event));
  NULLED(secimg_opener_peek(NULL, &data, &len));
  NULLED(secimg_opener_consume(NULL, 0));
  CHECK(secimg_opener_manifest(NULL) == NULL);
  NULLED(secimg_opener_preview(NULL, &data, &len));
  NO_HANDLE(secimg_report, secimg_opener_finish(NULL, &out), SECIMG_ERR_NULL_POINTER);
  CHECK_EQ(secimg_opener_state(NULL), SECIMG_STATE_FAILED);
  CHECK_EQ(secimg_opener_error(NULL, anchor, sizeof anchor), 0);
  secimg_opener_free(NULL);
  CHECK_EQ(secimg_reader_item_count(NULL), 0);
  CHECK(secimg_reader_item_name(NULL, 0) == NULL);
  CHECK(secimg_reader_item_media_type(NULL, 0) == NULL);
  CHECK_EQ(secimg_reader_item_bytes(NULL, 0), 0);
  NULLED(secimg_reader_select(NULL, 0));
  CHECK(secimg_reader_manifest(NULL) == NULL);
  CHECK_EQ(secimg_reader_len(NULL), 0);
  NULLED(secimg_reader_preview(NULL, &made));
  NULLED(secimg_make_preview(NULL, 1, &made));
  NULLED(secimg_make_preview((const uint8_t *)"none", 4, NULL));
  CHECK_EQ(secimg_make_preview((const uint8_t *)"none", 4, &made), SECIMG_ERR_UNSUPPORTED);
  CHECK(made.data == NULL && made.len == 0);
  NULLED(secimg_reader_read(NULL, buffer, 4, &len));
  NULLED(secimg_reader_read_at(NULL, 0, buffer, 4, &len));
  NULLED(secimg_reader_seek(NULL, 0));
  CHECK_EQ(secimg_reader_position(NULL), 0);
  CHECK_EQ(secimg_reader_decrypted_bytes(NULL), 0);
  CHECK_EQ(secimg_reader_signature_algorithm(NULL), SECIMG_SIGNATURE_NONE);
  NULLED(secimg_reader_signer(NULL, id));
  secimg_reader_free(NULL);
  CHECK(data == NULL);
}

/* A mistake in an argument harms nothing: the stream goes on and opens. */
static void sealer(const secimg_seal_options *seal, const secimg_open_options *open) {
  secimg_sealer *machine = NULL;
  bytes image = pattern(5000, 1);
  bytes sealed = bytes_of(0);
  const uint8_t *lent = NULL;
  size_t taken = 7;
  check_about("sealer");
  NULLED(secimg_sealer_new(seal, NULL));
  NO_HANDLE(secimg_sealer, secimg_sealer_new(NULL, &out), SECIMG_ERR_NULL_POINTER);
  MUST_OK(secimg_sealer_new(seal, &machine));
  NULLED(secimg_sealer_peek(machine, NULL, &taken));
  NULLED(secimg_sealer_peek(machine, &lent, NULL));
  NULLED(secimg_sealer_transfer_id(machine, NULL));
  REFUSED(secimg_sealer_consume(machine, TOO_LONG));
  CHECK_EQ(secimg_sealer_error(machine, NULL, 0), 0);
  drain(machine, &sealed, 0);
  MUST_OK(secimg_sealer_start_item(machine, NULL, image.len));
  NULLED(secimg_sealer_push(machine, image.data, image.len, NULL));
  BAD_SLICES_IN(secimg_sealer_push(machine, data, len, &taken));
  CHECK((secimg_sealer_state(machine) & SECIMG_STATE_FAILED) == 0);
  push_all(machine, image, 999, &sealed);
  MUST_OK(secimg_sealer_end_item(machine));
  MUST_OK(secimg_sealer_finish(machine));
  CHECK_STATUS(secimg_sealer_push(machine, image.data, 1, &taken), SECIMG_ERR_STATE);
  CHECK_STATUS(secimg_sealer_flush(machine), SECIMG_ERR_STATE);
  CHECK_STATUS(secimg_sealer_checkpoint(machine), SECIMG_ERR_STATE);
  drain(machine, &sealed, 0);
  CHECK_EQ(secimg_sealer_state(machine), SECIMG_STATE_DONE);
  REFUSED(secimg_sealer_consume(machine, 1));
  check_opens(open, sealed, image);
  secimg_sealer_free(machine);

  /* An item that ends too early. */
  sealed.len = 0;
  MUST_OK(secimg_sealer_new(seal, &machine));
  drain(machine, &sealed, 0);
  MUST_OK(secimg_sealer_start_item(machine, NULL, 10));
  bytes some = {image.data, 9};
  push_all(machine, some, 0, &sealed);
  REFUSED(secimg_sealer_end_item(machine));
  secimg_sealer_free(machine);
  bytes_drop(&sealed);
  bytes_drop(&image);
}

static void opener(const secimg_seal_options *seal, const secimg_open_options *open) {
  secimg_opener *machine = NULL;
  bytes image = pattern(5000, 1);
  bytes sealed = seal_at_once(seal, NULL, image);
  bytes got = bytes_of(0);
  const uint8_t *lent = NULL;
  size_t at = 0, taken = 7;
  uint32_t event = 99;
  bool refused = false;
  check_about("opener");
  NULLED(secimg_opener_new(open, NULL));
  NO_HANDLE(secimg_opener, secimg_opener_new(NULL, &out), SECIMG_ERR_NULL_POINTER);
  MUST_OK(secimg_opener_new(open, &machine));
  NULLED(secimg_opener_event(machine, NULL));
  NULLED(secimg_opener_peek(machine, NULL, &taken));
  NULLED(secimg_opener_peek(machine, &lent, NULL));
  NULLED(secimg_opener_push(machine, sealed.data, 1, NULL));
  BAD_SLICES_IN(secimg_opener_push(machine, data, len, &taken));
  CHECK(secimg_opener_manifest(machine) == NULL);
  REFUSED(secimg_opener_consume(machine, 1));
  NULLED(secimg_opener_preview(machine, NULL, &taken));
  NULLED(secimg_opener_preview(machine, &lent, NULL));
  CHECK_OK(secimg_opener_preview(machine, &lent, &taken));
  CHECK_EQ(taken, 0);
  CHECK_EQ(secimg_opener_error(machine, NULL, 0), 0);
  while (event != SECIMG_EVENT_FINISHED) {
    /* Who pushes while an event waits is told to take it first, and nothing is lost. */
    if ((secimg_opener_state(machine) & SECIMG_STATE_HAS_EVENT) != 0 && at < sealed.len) {
      CHECK_STATUS(secimg_opener_push(machine, sealed.data + at, sealed.len - at, &taken), SECIMG_ERR_STATE);
      refused = true;
    }
    MUST_OK(secimg_opener_event(machine, &event));
    if (event == SECIMG_EVENT_NEED_INPUT) {
      MUST(at < sealed.len);
      MUST_OK(secimg_opener_push(machine, sealed.data + at, sealed.len - at < 100 ? sealed.len - at : 100, &taken));
      at += taken;
    } else if (event == SECIMG_EVENT_DATA) {
      MUST_OK(secimg_opener_peek(machine, &lent, &taken));
      append(&got, lent, taken);
      MUST_OK(secimg_opener_consume(machine, taken));
      MUST_OK(secimg_opener_consume(machine, 0));
    }
  }
  CHECK(refused);
  CHECK(same_bytes(got.data, got.len, image.data, image.len));
  CHECK_OK(secimg_opener_finish(machine, NULL));
  secimg_opener_free(machine);
  bytes_drop(&got);
  bytes_drop(&sealed);
  bytes_drop(&image);
}

static int32_t no_read(void *userdata, uint8_t *buffer, size_t capacity, size_t *read) {
  (void)userdata;
  (void)buffer;
  (void)capacity;
  *read = 0;
  return 0;
}

static int32_t no_seek(void *userdata, uint64_t offset) {
  (void)userdata;
  (void)offset;
  return 0;
}

static unsigned released;

static void release(void *userdata) {
  (void)userdata;
  released++;
}

static void reader(const secimg_seal_options *seal, const secimg_open_options *open) {
  secimg_reader *machine = NULL;
  bytes image = pattern(5000, 1);
  bytes sealed = seal_at_once(seal, NULL, image);
  uint8_t buffer[16];
  size_t got = 7;
  secimg_source source;
  check_about("reader");
  memset(&source, 0, sizeof source);
  memset(buffer, 8, sizeof buffer);
  NULLED(secimg_reader_open_memory(open, sealed.data, sealed.len, NULL));
  NO_HANDLE(secimg_reader, secimg_reader_open_memory(NULL, sealed.data, sealed.len, &out), SECIMG_ERR_NULL_POINTER);
  BAD_SLICES(secimg_reader, secimg_reader_open_memory(open, data, len, &out));
  NO_HANDLE(secimg_reader, secimg_reader_open_memory(open, NULL, 0, &out), SECIMG_ERR_TRUNCATED);
  NO_HANDLE(secimg_reader, secimg_reader_open(open, NULL, &out), SECIMG_ERR_NULL_POINTER);
  NO_HANDLE(secimg_reader, secimg_reader_open(open, &source, &out), SECIMG_ERR_INVALID_ARGUMENT);
  source.struct_size = sizeof source;
  source.release = release;
  source.read = no_read;
  NO_HANDLE(secimg_reader, secimg_reader_open(open, &source, &out), SECIMG_ERR_NULL_POINTER);
  CHECK_EQ(released, 1);
  source.read = NULL;
  source.seek = no_seek;
  NO_HANDLE(secimg_reader, secimg_reader_open(open, &source, &out), SECIMG_ERR_NULL_POINTER);
  CHECK_EQ(released, 2);
  source.read = no_read;
  NO_HANDLE(secimg_reader, secimg_reader_open(NULL, &source, &out), SECIMG_ERR_NULL_POINTER);
  CHECK_EQ(released, 3);
  NULLED(secimg_reader_open(open, &source, NULL));
  CHECK_EQ(released, 4);
  NO_HANDLE(secimg_reader, secimg_reader_open(open, &source, &out), SECIMG_ERR_TRUNCATED);
  CHECK_EQ(released, 5);

  MUST_OK(secimg_reader_open_memory(open, sealed.data, sealed.len, &machine));
  NULLED(secimg_reader_read(machine, buffer, sizeof buffer, NULL));
  NULLED(secimg_reader_read(machine, NULL, 1, &got));
  REFUSED(secimg_reader_read(machine, buffer, TOO_LONG, &got));
  NULLED(secimg_reader_read_at(machine, 0, buffer, sizeof buffer, NULL));
  NULLED(secimg_reader_read_at(machine, 0, NULL, 1, &got));
  REFUSED(secimg_reader_read_at(machine, 0, buffer, SIZE_MAX, &got));
  CHECK(got == 7 || got == 0);
  CHECK(all_are(buffer, sizeof buffer, 8));
  /* Behind the end there is nothing, however far. */
  CHECK_OK(secimg_reader_read_at(machine, UINT64_MAX, buffer, sizeof buffer, &got));
  CHECK_EQ(got, 0);
  CHECK_OK(secimg_reader_seek(machine, UINT64_MAX));
  CHECK_OK(secimg_reader_read(machine, buffer, sizeof buffer, &got));
  CHECK_EQ(got, 0);
  CHECK_STATUS(secimg_reader_signer(machine, NULL), SECIMG_ERR_STATE);
  /* After all that it still reads. */
  CHECK_OK(secimg_reader_read_at(machine, 4990, buffer, sizeof buffer, &got));
  CHECK(same_bytes(buffer, got, image.data + 4990, 10));
  /* Output over the stream that the reader borrows. */
  REFUSED(secimg_reader_read_at(machine, 0, sealed.data + 10, 5, &got));
  secimg_reader_free(machine);
  bytes_drop(&sealed);
  bytes_drop(&image);
}

int main(int argc, char **argv) {
  const arguments places = arguments_from(argc, argv);
  people all = people_from(places.vectors);
  secimg_seal_options *seal = seal_for(&all, RAW);
  MUST_OK(secimg_seal_options_set_chunk_log2(seal, 12));
  secimg_open_options *open = open_for(&all, RAW);
  null_machines();
  sealer(seal, open);
  opener(seal, open);
  reader(seal, open);
  secimg_open_options_free(open);
  secimg_seal_options_free(seal);
  people_drop(&all);
  return check_end();
}
