/* Any byte of any image: the seeking reader over memory and over the caller's read and seek, which also fail in turn. */
#include "support.h"

#include <string.h>

/* A file of the caller's, with what can go wrong. */
struct file {
  bytes content;
  uint64_t position;
  size_t most;      /* at most so many bytes a read; 0: all */
  size_t calls;     /* reads and seeks so far */
  size_t fails_at;  /* this call fails; 0: none */
  bool lies;        /* claims to have read more than the buffer holds */
  unsigned released;
};

static int32_t read_file_part(void *userdata, uint8_t *buffer, size_t capacity, size_t *read) {
  struct file *file = userdata;
  if (++file->calls == file->fails_at) {
    return -5;
  }
  if (file->lies) {
    *read = capacity + 1;
    return 0;
  }
  size_t len = file->position < file->content.len ? file->content.len - (size_t)file->position : 0;
  len = len < capacity ? len : capacity;
  len = file->most > 0 && len > file->most ? file->most : len;
  memcpy(buffer, file->content.data + (len == 0 ? 0 : (size_t)file->position), len);
  file->position += len;
  *read = len;
  return 0;
}

static int32_t seek_file(void *userdata, uint64_t offset) {
  struct file *file = userdata;
  if (++file->calls == file->fails_at) {
    return 1;
  }
  file->position = offset;
  return 0;
}

static void release_file(void *userdata) { ((struct file *)userdata)->released++; }

static secimg_source source_of(struct file *file) {
  secimg_source made;
  memset(&made, 0, sizeof made);
  made.struct_size = sizeof made;
  made.userdata = file;
  made.length = file->content.len;
  made.read = read_file_part;
  made.seek = seek_file;
  made.release = release_file;
  return made;
}

/* Three items of different lengths in one stream. */
static bytes a_series(const secimg_seal_options *seal, const bytes *images) {
  secimg_sealer *sealer = NULL;
  bytes sealed = bytes_of(0);
  static const char *const NAMES[] = {"one.raw", "", "three.raw"};
  MUST_OK(secimg_sealer_new(seal, &sealer));
  for (size_t i = 0; i < 3; i++) {
    secimg_description *description = NULL;
    if (*NAMES[i] != '\0') {
      description = named(NAMES[i]);
    }
    MUST_OK(secimg_sealer_start_item(sealer, description, i == 1 ? SECIMG_LENGTH_UNKNOWN : images[i].len));
    push_all(sealer, images[i], 0, &sealed);
    MUST_OK(secimg_sealer_end_item(sealer));
    drain(sealer, &sealed, 0);
    secimg_description_free(description);
  }
  MUST_OK(secimg_sealer_finish(sealer));
  drain(sealer, &sealed, 0);
  secimg_sealer_free(sealer);
  return sealed;
}

static void walk(secimg_reader *reader, const bytes *images) {
  uint8_t buffer[3000];
  size_t got = 0;
  CHECK_EQ(secimg_reader_item_count(reader), 3);
  CHECK_TEXT(secimg_reader_item_name(reader, 0), "one.raw");
  CHECK_TEXT(secimg_reader_item_name(reader, 1), "");
  CHECK_TEXT(secimg_reader_item_media_type(reader, 2), "application/octet-stream");
  CHECK(secimg_reader_item_name(reader, 3) == NULL);
  CHECK(secimg_reader_item_media_type(reader, 3) == NULL);
  CHECK_EQ(secimg_reader_item_bytes(reader, 3), 0);
  CHECK_EQ(secimg_reader_len(reader), images[0].len);
  CHECK_STATUS(secimg_reader_select(reader, 3), SECIMG_ERR_INVALID_ARGUMENT);
  CHECK_STATUS(secimg_reader_select(reader, SIZE_MAX), SECIMG_ERR_INVALID_ARGUMENT);
  for (size_t i = 3; i-- > 0;) {
    const bytes image = images[i];
    CHECK_EQ(secimg_reader_item_bytes(reader, i), image.len);
    MUST_OK(secimg_reader_select(reader, i));
    CHECK_EQ(secimg_reader_position(reader), 0);
    CHECK_EQ(secimg_reader_len(reader), image.len);
    CHECK(secimg_reader_manifest(reader) != NULL);
    for (size_t round = 0; round < by_effort(5, 60, 1000); round++) {
      const size_t at = random_below(image.len + 1);
      const size_t wanted = random_below(sizeof buffer + 1);
      const size_t there = wanted < image.len - at ? wanted : image.len - at;
      if (round % 2 == 0) {
        MUST_OK(secimg_reader_read_at(reader, at, buffer, wanted, &got));
      } else {
        MUST_OK(secimg_reader_seek(reader, at));
        CHECK_EQ(secimg_reader_position(reader), at);
        MUST_OK(secimg_reader_read(reader, buffer, wanted, &got));
      }
      CHECK(same_bytes(buffer, got, image.data + at, there));
      CHECK_EQ(secimg_reader_position(reader), at + got);
    }
    /* At the end there is nothing, and that is no error. */
    MUST_OK(secimg_reader_read_at(reader, image.len, buffer, sizeof buffer, &got));
    CHECK_EQ(got, 0);
    MUST_OK(secimg_reader_read(reader, NULL, 0, &got));
    CHECK_EQ(got, 0);
  }
}

static void over_memory_and_callbacks(const people *all, const bytes *images) {
  for (unsigned way = 0; way < 8; way++) {
    secimg_seal_options *seal = seal_for(all, RAW);
    secimg_open_options *open = open_for(all, RAW);
    secimg_reader *reader = NULL;
    struct file file = {{NULL, 0}, 0, 0, 0, 0, false, 0};
    uint8_t signer[32];
    check_about("reader, way %u", way);
    MUST_OK(secimg_seal_options_set_chunk_log2(seal, 12));
    MUST_OK(secimg_seal_options_set_suite(seal, 1 + (way & 1)));
    if ((way & 2) != 0) {
      sign_with(seal, all->scanner);
      require_signer(open, all->scanner);
    }
    file.content = a_series(seal, images);
    file.most = (way & 4) != 0 ? 0 : 100;
    const secimg_source source = source_of(&file);
    if ((way & 4) != 0) {
      MUST_OK(secimg_reader_open_memory(open, file.content.data, file.content.len, &reader));
    } else {
      MUST_OK(secimg_reader_open(open, &source, &reader));
    }
    walk(reader, images);
    CHECK_EQ(secimg_reader_signature_algorithm(reader),
             (way & 2) != 0 ? SECIMG_SIGNATURE_ED25519 : SECIMG_SIGNATURE_NONE);
    CHECK_STATUS(secimg_reader_signer(reader, signer), (way & 2) != 0 ? SECIMG_OK : SECIMG_ERR_STATE);
    CHECK_EQ(file.released, 0);
    secimg_reader_free(reader);
    CHECK_EQ(file.released, (way & 4) != 0 ? 0 : 1);
    bytes_drop(&file.content);
    secimg_open_options_free(open);
    secimg_seal_options_free(seal);
  }
}

/* A few bytes out of the middle open the chunks that they lie in, and not the rest. */
static void only_what_is_asked_for(const people *all) {
  secimg_seal_options *seal = seal_for(all, RAW);
  secimg_open_options *open = open_for(all, RAW);
  secimg_reader *reader = NULL;
  bytes image = pattern(1000000, 4);
  uint8_t buffer[10];
  size_t got = 0;
  check_about("decrypted bytes");
  MUST_OK(secimg_seal_options_set_chunk_log2(seal, 12));
  bytes sealed = seal_at_once(seal, NULL, image);
  MUST_OK(secimg_reader_open_memory(open, sealed.data, sealed.len, &reader));
  MUST_OK(secimg_reader_read_at(reader, 500000, buffer, sizeof buffer, &got));
  CHECK(same_bytes(buffer, got, image.data + 500000, sizeof buffer));
  CHECK(secimg_reader_decrypted_bytes(reader) >= 4096);
  CHECK(secimg_reader_decrypted_bytes(reader) < 100000);
  secimg_reader_free(reader);
  bytes_drop(&sealed);
  bytes_drop(&image);
  secimg_open_options_free(open);
  secimg_seal_options_free(seal);
}

/* A small picture is made, sealed before the image, and read without it. */
static void previews(const people *all) {
  /* Two pixels, as PPM. */
  static const char two[] = "P6 2 1 255 \0\0\0\377\377\377";
  secimg_seal_options *seal = seal_for(all, RAW);
  secimg_open_options *open = open_for(all, RAW);
  secimg_description *described = NULL;
  secimg_reader *reader = NULL;
  secimg_buf made = {NULL, 0};
  secimg_buf seen = {NULL, 0};
  bytes image = pattern(1000000, 4);
  check_about("previews");
  MUST_OK(secimg_make_preview((const uint8_t *)two, sizeof two - 1, &made));
  CHECK(made.len > 2 && made.len <= 65536 && made.data[0] == 0xff && made.data[1] == 0xd8);
  MUST_OK(secimg_description_new(&described));
  MUST_OK(secimg_description_set_preview(described, made.data, made.len));
  bytes sealed = seal_at_once(seal, described, image);
  MUST_OK(secimg_reader_open_memory(open, sealed.data, sealed.len, &reader));
  MUST_OK(secimg_reader_preview(reader, &seen));
  CHECK(same_bytes(seen.data, seen.len, made.data, made.len));
  CHECK(secimg_reader_decrypted_bytes(reader) < 200000);
  secimg_buf_free(&seen);
  secimg_reader_free(reader);
  bytes_drop(&sealed);
  /* None is no error, and what was set is taken away. */
  MUST_OK(secimg_description_set_preview(described, NULL, 0));
  sealed = seal_at_once(seal, described, image);
  MUST_OK(secimg_reader_open_memory(open, sealed.data, sealed.len, &reader));
  MUST_OK(secimg_reader_preview(reader, &seen));
  CHECK(seen.data == NULL && seen.len == 0);
  secimg_reader_free(reader);
  bytes_drop(&sealed);
  bytes_drop(&image);
  secimg_buf_free(&made);
  secimg_description_free(described);
  secimg_open_options_free(open);
  secimg_seal_options_free(seal);
}

/* Each call fails in turn; whatever happens, IO is the answer and the file is released once. */
static void failing_files(const people *all, const bytes *images) {
  secimg_seal_options *seal = seal_for(all, RAW);
  secimg_open_options *open = open_for(all, RAW);
  struct file file = {{NULL, 0}, 0, 0, 0, 0, false, 0};
  uint8_t buffer[3000];
  bool whole = false;
  MUST_OK(secimg_seal_options_set_chunk_log2(seal, 12));
  file.content = a_series(seal, images);
  for (size_t fails_at = 1; !whole; fails_at++) {
    const secimg_source source = source_of(&file);
    secimg_reader *reader = NULL;
    size_t got = 77;
    check_about("call %zu of the file fails", fails_at);
    MUST(fails_at < 1000);
    file.calls = 0;
    file.position = 0;
    file.released = 0;
    file.fails_at = fails_at;
    secimg_status status = secimg_reader_open(open, &source, &reader);
    CHECK_EQ(reader != NULL, status == SECIMG_OK);
    if (status == SECIMG_OK) {
      status = secimg_reader_select(reader, 2);
      const secimg_status next =
          status == SECIMG_OK ? secimg_reader_read_at(reader, 9000, buffer, sizeof buffer, &got) : status;
      status = next;
    }
    whole = status == SECIMG_OK;
    if (whole) {
      CHECK(file.calls < fails_at);
      CHECK(same_bytes(buffer, got, images[2].data + 9000, sizeof buffer));
    } else {
      CHECK_STATUS(status, SECIMG_ERR_IO);
      CHECK(got == 77 || got == 0);
    }
    secimg_reader_free(reader);
    CHECK_EQ(file.released, 1);
  }
  bytes_drop(&file.content);
  secimg_open_options_free(open);
  secimg_seal_options_free(seal);
}

static void lying_files(const people *all, const bytes *images) {
  secimg_seal_options *seal = seal_for(all, RAW);
  secimg_open_options *open = open_for(all, RAW);
  struct file file = {{NULL, 0}, 0, 0, 0, 0, true, 0};
  secimg_reader *reader = NULL;
  check_about("a file that lies");
  file.content = a_series(seal, images);
  secimg_source source = source_of(&file);
  CHECK_STATUS(secimg_reader_open(open, &source, &reader), SECIMG_ERR_IO);
  CHECK(reader == NULL);
  CHECK_EQ(file.released, 1);
  /* Another length than the file has: it ends too early, or something follows it. */
  file.lies = false;
  source.length += 1000;
  CHECK(secimg_reader_open(open, &source, &reader) != SECIMG_OK);
  CHECK(reader == NULL);
  source.length -= 2000;
  CHECK(secimg_reader_open(open, &source, &reader) != SECIMG_OK);
  CHECK(reader == NULL);
  CHECK_EQ(file.released, 3);
  source.length = UINT64_MAX;
  CHECK(secimg_reader_open(open, &source, &reader) != SECIMG_OK);
  CHECK_EQ(file.released, 4);
  /* No release is fine. */
  source.length = file.content.len;
  source.release = NULL;
  MUST_OK(secimg_reader_open(open, &source, &reader));
  secimg_reader_free(reader);
  CHECK_EQ(file.released, 4);
  bytes_drop(&file.content);
  secimg_open_options_free(open);
  secimg_seal_options_free(seal);
}

int main(int argc, char **argv) {
  const arguments places = arguments_from(argc, argv);
  people all = people_from(places.vectors);
  bytes images[3] = {pattern(10000, 1), pattern(1, 2), pattern(33333, 3)};
  over_memory_and_callbacks(&all, images);
  previews(&all);
  only_what_is_asked_for(&all);
  failing_files(&all, images);
  lying_files(&all, images);
  for (size_t i = 0; i < 3; i++) {
    bytes_drop(&images[i]);
  }
  people_drop(&all);
  return check_end();
}
