/* Redaction and the removal of metadata, called as they must not be called. */
#include "abuse.h"

#include <string.h>

struct scene {
  secimg_seal_options *seal;
  secimg_open_options *open;
  secimg_redaction *how;
  secimg_redacted *redacted;
  bytes picture;
  bytes image; /* redacted, with its sealed part */
};

/* The last error says this too. */
static bool says(const char *words) {
  char text[512];
  (void)secimg_last_error(text, sizeof text);
  return strstr(text, words) != NULL;
}

static void null_accessors(void) {
  const uint8_t *data = (const uint8_t *)anchor;
  size_t len = 7;
  secimg_rect rect = {1, 2, 3, 4};
  uint8_t out32[32];
  check_about("accessors of NULL");
  NULLED(secimg_redacted_image(NULL, &data, &len));
  NULLED(secimg_redacted_beside(NULL, &data, &len));
  CHECK_EQ(secimg_redacted_width(NULL), 0);
  CHECK_EQ(secimg_redacted_height(NULL), 0);
  CHECK_EQ(secimg_redacted_rect_count(NULL), 0);
  NULLED(secimg_redacted_rect(NULL, 0, &rect));
  CHECK_EQ(secimg_redacted_restores(NULL), 0);
  CHECK_EQ(secimg_redacted_sealed_bytes(NULL), 0);
  NULLED(secimg_redacted_transfer_id(NULL, out32));
  NULLED(secimg_unredacted_image(NULL, &data, &len));
  CHECK_EQ(secimg_unredacted_restores(NULL), 0);
  CHECK(secimg_unredacted_name(NULL) == NULL);
  CHECK_EQ(secimg_unredacted_width(NULL), 0);
  CHECK_EQ(secimg_unredacted_height(NULL), 0);
  CHECK_EQ(secimg_unredacted_rect_count(NULL), 0);
  NULLED(secimg_unredacted_rect(NULL, 0, &rect));
  CHECK(secimg_unredacted_report(NULL) == NULL);
  NULLED(secimg_stripped_image(NULL, &data, &len));
  CHECK_EQ(secimg_stripped_count(NULL), 0);
  CHECK(secimg_stripped_what(NULL, 0) == NULL);
  CHECK_EQ(secimg_stripped_offset(NULL, 0), 0);
  CHECK_EQ(secimg_stripped_bytes(NULL, 0), 0);
  CHECK(rect.x == 1 && rect.height == 4 && data == (const uint8_t *)anchor && len == 7);
  secimg_redaction_free(NULL);
  secimg_redacted_free(NULL);
  secimg_unredacted_free(NULL);
  secimg_stripped_free(NULL);
}

static void redactions(const struct scene *scene) {
  const bytes picture = scene->picture;
  secimg_redaction *how = NULL;
  check_about("redactions");
  NULLED(secimg_redaction_new(NULL));
  NULLED(secimg_redaction_add_rect(NULL, 0, 0, 1, 1));
  NULLED(secimg_redaction_set_fill(NULL, 1, 2, 3));
  NULLED(secimg_redaction_set_whole(NULL, 1));
  NULLED(secimg_redaction_set_beside(NULL, 1));
  MUST_OK(secimg_redaction_new(&how));
  REFUSED(secimg_redaction_add_rect(how, 1, 1, 0, 1));
  REFUSED(secimg_redaction_add_rect(how, 1, 1, 1, 0));
  /* What was refused is not there: there is no rectangle. */
  NO_HANDLE(secimg_redacted, secimg_redact(scene->seal, how, NULL, picture.data, picture.len, &out),
            SECIMG_ERR_INVALID_ARGUMENT);
  CHECK(says("no rectangle"));
  MUST_OK(secimg_redaction_add_rect(how, 8, 0, 1, 1));
  NO_HANDLE(secimg_redacted, secimg_redact(scene->seal, how, NULL, picture.data, picture.len, &out),
            SECIMG_ERR_INVALID_ARGUMENT);
  CHECK(says("8,0,1,1") && says("8 x 8"));
  secimg_redaction_free(how);
  MUST_OK(secimg_redaction_new(&how));
  for (size_t i = 0; i < 1001; i++) {
    MUST_OK(secimg_redaction_add_rect(how, 0, 0, 1, 1));
  }
  NO_HANDLE(secimg_redacted, secimg_redact(scene->seal, how, NULL, picture.data, picture.len, &out), SECIMG_ERR_LIMIT);
  secimg_redaction_free(how);
}

static void redacting(const struct scene *scene) {
  const bytes picture = scene->picture;
  const secimg_seal_options *seal = scene->seal;
  const secimg_redaction *how = scene->how;
  secimg_recipients *nobody = NULL;
  secimg_seal_options *for_nobody = NULL;
  check_about("redacting");
  NULLED(secimg_redact(seal, how, NULL, picture.data, picture.len, NULL));
  NO_HANDLE(secimg_redacted, secimg_redact(NULL, how, NULL, picture.data, picture.len, &out), SECIMG_ERR_NULL_POINTER);
  NO_HANDLE(secimg_redacted, secimg_redact(seal, NULL, NULL, picture.data, picture.len, &out), SECIMG_ERR_NULL_POINTER);
  BAD_SLICES(secimg_redacted, secimg_redact(seal, how, NULL, data, len, &out));
  NO_HANDLE(secimg_redacted, secimg_redact(seal, how, NULL, NULL, 0, &out), SECIMG_ERR_UNSUPPORTED);
  NO_HANDLE(secimg_redacted, secimg_redact(seal, how, NULL, (const uint8_t *)"GIF89a", 6, &out), SECIMG_ERR_UNSUPPORTED);
  NO_HANDLE(secimg_redacted, secimg_redact(seal, how, NULL, picture.data, picture.len - 20, &out), SECIMG_ERR_UNSUPPORTED);
  /* A name that no manifest holds. */
  char long_name[1100];
  memset(long_name, 'n', sizeof long_name);
  long_name[sizeof long_name - 1] = '\0';
  secimg_description *description = NULL;
  MUST_OK(secimg_description_new(&description));
  MUST_OK(secimg_description_set_name(description, long_name));
  NO_HANDLE(secimg_redacted, secimg_redact(seal, how, description, picture.data, picture.len, &out),
            SECIMG_ERR_INVALID_ARGUMENT);
  secimg_description_free(description);
  /* Said of what says it itself. */
  description = NULL;
  MUST_OK(secimg_description_new(&description));
  MUST_OK(secimg_description_set_format(description, "png", "image/png"));
  NO_HANDLE(secimg_redacted, secimg_redact(seal, how, description, picture.data, picture.len, &out),
            SECIMG_ERR_INVALID_ARGUMENT);
  CHECK(says("secimg_description_set_format"));
  secimg_description_free(description);
  /* What an earlier redaction hid would be lost; the text names a function, and no option of the command. */
  NO_HANDLE(secimg_redacted, secimg_redact(seal, how, NULL, scene->image.data, scene->image.len, &out),
            SECIMG_ERR_UNSUPPORTED);
  CHECK(says("secimg_redaction_set_whole") && !says("--whole"));
  MUST_OK(secimg_recipients_new(&nobody));
  MUST_OK(secimg_seal_options_new(nobody, &for_nobody));
  NO_HANDLE(secimg_redacted, secimg_redact(for_nobody, how, NULL, picture.data, picture.len, &out), SECIMG_ERR_KEY);
  secimg_seal_options_free(for_nobody);
  secimg_recipients_free(nobody);
}

static void accessors(const struct scene *scene) {
  const secimg_redacted *redacted = scene->redacted;
  secimg_unredacted *restored = NULL;
  const uint8_t *data = NULL;
  size_t len = 0;
  secimg_rect rect;
  check_about("accessors");
  NULLED(secimg_redacted_image(redacted, NULL, &len));
  NULLED(secimg_redacted_image(redacted, &data, NULL));
  NULLED(secimg_redacted_beside(redacted, NULL, &len));
  NULLED(secimg_redacted_beside(redacted, &data, NULL));
  NULLED(secimg_redacted_rect(redacted, 0, NULL));
  REFUSED(secimg_redacted_rect(redacted, 1, &rect));
  REFUSED(secimg_redacted_rect(redacted, SIZE_MAX, &rect));
  NULLED(secimg_redacted_transfer_id(redacted, NULL));
  MUST_OK(secimg_unredact(scene->open, scene->image.data, scene->image.len, NULL, 0, &restored));
  NULLED(secimg_unredacted_image(restored, NULL, &len));
  NULLED(secimg_unredacted_image(restored, &data, NULL));
  NULLED(secimg_unredacted_rect(restored, 0, NULL));
  REFUSED(secimg_unredacted_rect(restored, 1, &rect));
  /* Lent: not to be freed, and wiped with the picture. */
  CHECK(secimg_unredacted_report(restored) != NULL);
  secimg_unredacted_free(restored);
}

static void restoring(const struct scene *scene) {
  const bytes image = scene->image;
  const secimg_open_options *open = scene->open;
  bytes stream = seal_at_once(scene->seal, NULL, scene->picture);
  const uint8_t *part = NULL;
  size_t part_len = 0;
  check_about("restoring");
  NULLED(secimg_unredact(open, image.data, image.len, NULL, 0, NULL));
  NO_HANDLE(secimg_unredacted, secimg_unredact(NULL, image.data, image.len, NULL, 0, &out), SECIMG_ERR_NULL_POINTER);
  BAD_SLICES(secimg_unredacted, secimg_unredact(open, data, len, NULL, 0, &out));
  BAD_SLICES(secimg_unredacted, secimg_unredact(open, image.data, image.len, data, len, &out));
  /* No part: in no PNG, and in one that was never redacted. The text names the argument. */
  NO_HANDLE(secimg_unredacted, secimg_unredact(open, NULL, 0, NULL, 0, &out), SECIMG_ERR_NO_SEALED_PART);
  NO_HANDLE(secimg_unredacted, secimg_unredact(open, scene->picture.data, scene->picture.len, NULL, 0, &out),
            SECIMG_ERR_NO_SEALED_PART);
  CHECK(says("beside") && !says("--"));
  /* A part that is none: no stream, a stream of something else, and one without a picture. */
  NO_HANDLE(secimg_unredacted, secimg_unredact(open, image.data, image.len, scene->picture.data, scene->picture.len, &out),
            SECIMG_ERR_FORMAT);
  NO_HANDLE(secimg_unredacted, secimg_unredact(open, image.data, image.len, stream.data, stream.len, &out),
            SECIMG_ERR_CONTENT);
  MUST_OK(secimg_sealed_part(image.data, image.len, &part, &part_len));
  NO_HANDLE(secimg_unredacted, secimg_unredact(open, NULL, 0, part, part_len, &out), SECIMG_ERR_UNSUPPORTED);
  NO_HANDLE(secimg_unredacted, secimg_unredact(open, image.data, image.len, part, part_len - 1, &out),
            SECIMG_ERR_TRUNCATED);
  bytes_drop(&stream);
}

/* Every byte of a redacted picture with its part, changed: nothing comes out, and nothing crashes. Only the last four are nobody's: the
 * checksum of a chunk that is empty, which a decoder need not look at. */
static void damaged(const struct scene *scene) {
  const uint8_t *part = NULL;
  size_t part_len = 0;
  MUST_OK(secimg_sealed_part(scene->image.data, scene->image.len, &part, &part_len));
  const size_t begin = (size_t)(part - scene->image.data);
  for (size_t at = 0; at < scene->image.len; at += by_effort(41, 7, 1)) {
    bytes changed = copy_of(scene->image.data, scene->image.len);
    secimg_unredacted *out = (secimg_unredacted *)(void *)anchor;
    check_about("byte %zu changed", at);
    changed.data[at] ^= 1;
    const secimg_status status = secimg_unredact(scene->open, changed.data, changed.len, NULL, 0, &out);
    CHECK(status != SECIMG_ERR_PANIC);
    CHECK((out == NULL) == (status != SECIMG_OK));
    CHECK(status != SECIMG_OK || at + 4 >= scene->image.len);
    secimg_unredacted_free(out);
    if (at >= begin && at < begin + part_len) {
      CHECK_EQ(status, SECIMG_ERR_FORMAT);
    }
    bytes_drop(&changed);
  }
}

static void sealed_parts(const struct scene *scene) {
  const uint8_t *part = (const uint8_t *)anchor;
  size_t part_len = 7;
  check_about("sealed parts");
  NULLED(secimg_sealed_part(scene->image.data, scene->image.len, NULL, &part_len));
  NULLED(secimg_sealed_part(scene->image.data, scene->image.len, &part, NULL));
  BAD_SLICES_IN(secimg_sealed_part(data, len, &part, &part_len));
  CHECK_STATUS(secimg_sealed_part(NULL, 0, &part, &part_len), SECIMG_ERR_NO_SEALED_PART);
  CHECK_STATUS(secimg_sealed_part(scene->image.data, scene->image.len - 1, &part, &part_len), SECIMG_ERR_FORMAT);
  CHECK(part == (const uint8_t *)anchor && part_len == 7);
}

static void stripping(const struct scene *scene) {
  secimg_stripped *stripped = NULL;
  const uint8_t *lent = NULL;
  size_t lent_len = 0;
  bytes text = copy_of((const uint8_t *)"a\0b", 3);
  bytes file = copy_of(scene->picture.data, scene->picture.len);
  check_about("stripping");
  insert_chunk(&file, "tEXt", text);
  NULLED(secimg_strip(file.data, file.len, NULL));
  BAD_SLICES(secimg_stripped, secimg_strip(data, len, &out));
  MUST_OK(secimg_strip(file.data, file.len, &stripped));
  NULLED(secimg_stripped_image(stripped, NULL, &lent_len));
  NULLED(secimg_stripped_image(stripped, &lent, NULL));
  CHECK_EQ(secimg_stripped_count(stripped), 1);
  CHECK_TEXT(secimg_stripped_what(stripped, 0), "text");
  CHECK(secimg_stripped_what(stripped, 1) == NULL);
  CHECK(secimg_stripped_what(stripped, SIZE_MAX) == NULL);
  CHECK_EQ(secimg_stripped_offset(stripped, 1), 0);
  CHECK_EQ(secimg_stripped_bytes(stripped, 1), 0);
  secimg_stripped_free(stripped);
  bytes_drop(&file);
  bytes_drop(&text);
}

int main(int argc, char **argv) {
  const arguments places = arguments_from(argc, argv);
  people all = people_from(places.vectors);
  struct scene scene = {seal_for(&all, RAW), open_for(&all, RAW), NULL, NULL, noise_png(8, 8, 5), {NULL, 0}};
  const uint8_t *image = NULL;
  size_t image_len = 0;
  MUST_OK(secimg_redaction_new(&scene.how));
  MUST_OK(secimg_redaction_add_rect(scene.how, 2, 2, 3, 3));
  MUST_OK(secimg_redact(scene.seal, scene.how, NULL, scene.picture.data, scene.picture.len, &scene.redacted));
  MUST_OK(secimg_redacted_image(scene.redacted, &image, &image_len));
  scene.image = copy_of(image, image_len);
  null_accessors();
  redactions(&scene);
  redacting(&scene);
  accessors(&scene);
  restoring(&scene);
  damaged(&scene);
  sealed_parts(&scene);
  stripping(&scene);
  bytes_drop(&scene.image);
  bytes_drop(&scene.picture);
  secimg_redacted_free(scene.redacted);
  secimg_redaction_free(scene.how);
  secimg_open_options_free(scene.open);
  secimg_seal_options_free(scene.seal);
  people_drop(&all);
  return check_end();
}
