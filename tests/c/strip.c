/* What a file tells beside its pixels goes, and the rest stays, byte for byte. */
#include "support.h"

#include <string.h>

/* What was removed is this, in this order; NULL ends the list. */
static void removed(const secimg_stripped *stripped, const char *const *what, size_t file_len) {
  size_t count = 0, end = 0;
  for (; what[count] != NULL; count++) {
    CHECK_TEXT(secimg_stripped_what(stripped, count), what[count]);
    CHECK(secimg_stripped_offset(stripped, count) >= end);
    CHECK(secimg_stripped_bytes(stripped, count) > 0);
    end = secimg_stripped_offset(stripped, count) + secimg_stripped_bytes(stripped, count);
  }
  CHECK(end <= file_len);
  CHECK_EQ(secimg_stripped_count(stripped), count);
}

/* The same bytes as `bare`, after these things were removed from `file`; and nothing is left to remove. */
static void strips_to(bytes file, bytes bare, const char *const *what) {
  static const char *const nothing[] = {NULL};
  secimg_stripped *stripped = NULL, *again = NULL;
  const uint8_t *data = NULL;
  size_t len = 0, gone = 0;
  MUST_OK(secimg_strip(file.data, file.len, &stripped));
  removed(stripped, what, file.len);
  for (size_t i = 0; i < secimg_stripped_count(stripped); i++) {
    gone += secimg_stripped_bytes(stripped, i);
  }
  MUST_OK(secimg_stripped_image(stripped, &data, &len));
  CHECK(same_bytes(data, len, bare.data, bare.len));
  CHECK_EQ(len + gone, file.len);
  MUST_OK(secimg_strip(data, len, &again));
  removed(again, nothing, len);
  secimg_stripped_free(again);
  secimg_stripped_free(stripped);
}

static void a_png(void) {
  static const char *const what[] = {"text", "time", "exif", "trailing", NULL};
  bytes text = copy_of((const uint8_t *)"Author\0Jane Doe", 15);
  bytes time = copy_of((const uint8_t *)"\x07\xEA\x01\x02\x03\x04\x05", 7);
  /* One field, the maker: there is no orientation to keep. */
  bytes exif = copy_of((const uint8_t *)"II*\0\x08\0\0\0\x01\0\x0F\x01\x02\0\x04\0\0\0Me \0\0\0\0\0", 26);
  bytes bare = noise_png(20, 10, 7);
  bytes file = copy_of(bare.data, bare.len);
  check_about("PNG");
  insert_chunk(&file, "eXIf", exif);
  insert_chunk(&file, "tIME", time);
  insert_chunk(&file, "tEXt", text);
  append(&file, (const uint8_t *)"52.5N 13.4E", 11);
  strips_to(file, bare, what);
  bytes_drop(&file);
  bytes_drop(&bare);
  bytes_drop(&exif);
  bytes_drop(&time);
  bytes_drop(&text);
}

static void segment(bytes *jpeg, uint8_t marker, const char *body, size_t len) {
  const uint8_t front[] = {0xFF, marker, (uint8_t)((len + 2) >> 8), (uint8_t)(len + 2)};
  append(jpeg, front, sizeof front);
  append(jpeg, (const uint8_t *)body, len);
}

static bytes made_jpeg(bool tells) {
  static const char quantizers[65] = {0};
  static const char codes[20] = {0};
  bytes jpeg = copy_of((const uint8_t *)"\xFF\xD8", 2);
  if (tells) {
    segment(&jpeg, 0xE1, "Exif\0\0II*\0\x08\0\0\0\0\0\0\0\0\0", 20);
    segment(&jpeg, 0xE1, "http://ns.adobe.com/xap/1.0/\0<x/>", 33);
    segment(&jpeg, 0xED, "Photoshop 3.0\0Jane", 18);
    segment(&jpeg, 0xFE, "Jane Doe", 8);
  }
  segment(&jpeg, 0xDB, quantizers, sizeof quantizers);
  segment(&jpeg, 0xC0, "\x08\0\x01\0\x01\x01\x01\x11\0", 9);
  segment(&jpeg, 0xC4, codes, sizeof codes);
  segment(&jpeg, 0xDA, "\x01\x01\0\0\x3F\0", 6);
  append(&jpeg, (const uint8_t *)"\x12\x34\xFF\0\xFF\xD9", 6);
  if (tells) {
    append(&jpeg, (const uint8_t *)"a second picture", 16);
  }
  return jpeg;
}

static void a_jpeg(void) {
  static const char *const what[] = {"exif", "xmp", "iptc", "text", "trailing", NULL};
  bytes bare = made_jpeg(false);
  bytes file = made_jpeg(true);
  check_about("JPEG");
  strips_to(file, bare, what);
  bytes_drop(&file);
  bytes_drop(&bare);
}

static void refused(const void *file, size_t len, secimg_status status) {
  char something = 0;
  secimg_stripped *stripped = (secimg_stripped *)(void *)&something;
  CHECK_STATUS(secimg_strip(file, len, &stripped), status);
  CHECK(stripped == NULL);
}

static void what_is_refused(void) {
  bytes png = noise_png(20, 10, 7);
  check_about("refused");
  refused(NULL, 0, SECIMG_ERR_UNSUPPORTED);
  refused("GIF89a and more", 15, SECIMG_ERR_UNSUPPORTED);
  for (size_t len = 8; len < png.len; len += by_effort(101, 17, 1)) {
    refused(png.data, len, SECIMG_ERR_TRUNCATED);
  }
  png.data[8 + 4] ^= 0x80; /* no kind of chunk begins with this */
  refused(png.data, png.len, SECIMG_ERR_FORMAT);
  bytes_drop(&png);
}

/* A camera's file: its Exif goes, and it shows the same picture. */
static void a_real_one(const char *corpus) {
  secimg_buf before = {NULL, 0}, after = {NULL, 0};
  secimg_stripped *stripped = NULL;
  const uint8_t *data = NULL;
  size_t len = 0;
  bytes jpeg;
  check_about("a camera's JPEG");
  MUST(read_file(corpus, "images/exif-samples__Canon_40D.jpg", &jpeg));
  MUST_OK(secimg_strip(jpeg.data, jpeg.len, &stripped));
  CHECK(secimg_stripped_count(stripped) > 0);
  CHECK_TEXT(secimg_stripped_what(stripped, 0), "exif");
  MUST_OK(secimg_stripped_image(stripped, &data, &len));
  CHECK(len < jpeg.len);
  MUST_OK(secimg_make_preview(jpeg.data, jpeg.len, &before));
  MUST_OK(secimg_make_preview(data, len, &after));
  CHECK(same_bytes(before.data, before.len, after.data, after.len));
  secimg_buf_free(&after);
  secimg_buf_free(&before);
  secimg_stripped_free(stripped);
  bytes_drop(&jpeg);
}

int main(int argc, char **argv) {
  const arguments places = arguments_from(argc, argv);
  a_png();
  a_jpeg();
  what_is_refused();
  if (places.corpus == NULL) {
    skipped("no corpus was given");
  } else {
    a_real_one(places.corpus);
  }
  return check_end();
}
