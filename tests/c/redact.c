/* Regions of a picture go, and come back for who holds a key, for these very pixels, and for nobody else. */
#include "support.h"

#include <string.h>

#define WIDTH 40
#define HEIGHT 30

struct scene {
  secimg_seal_options *seal;
  secimg_open_options *open;
  secimg_open_options *other;
  bytes picture;
};

static bytes image_of(const secimg_redacted *redacted) {
  const uint8_t *data = NULL;
  size_t len = 0;
  MUST_OK(secimg_redacted_image(redacted, &data, &len));
  MUST(len > 8 && memcmp(data, "\x89PNG\r\n\x1A\n", 8) == 0);
  return copy_of(data, len);
}

static bytes beside_of(const secimg_redacted *redacted) {
  const uint8_t *data = NULL;
  size_t len = 7;
  MUST_OK(secimg_redacted_beside(redacted, &data, &len));
  CHECK((data == NULL) == (len == 0));
  return copy_of(data, len);
}

static secimg_redaction *redaction_of(uint32_t x, uint32_t y, uint32_t width, uint32_t height, bool whole, bool beside) {
  secimg_redaction *made = NULL;
  MUST_OK(secimg_redaction_new(&made));
  MUST_OK(secimg_redaction_add_rect(made, x, y, width, height));
  MUST_OK(secimg_redaction_set_fill(made, 200, 100, 50));
  MUST_OK(secimg_redaction_set_whole(made, whole));
  MUST_OK(secimg_redaction_set_beside(made, beside));
  return made;
}

static secimg_redacted *redact(const struct scene *scene, const secimg_redaction *how, const char *name, bytes picture) {
  secimg_redacted *made = NULL;
  secimg_description *description = name == NULL ? NULL : named(name);
  MUST_OK(secimg_redact(scene->seal, how, description, picture.data, picture.len, &made));
  secimg_description_free(description);
  return made;
}

/* Fails so, with a handle that is NULL, whatever was in it. */
static void refused(const secimg_open_options *open, bytes picture, bytes beside, secimg_status status) {
  char something = 0;
  secimg_unredacted *restored = (secimg_unredacted *)(void *)&something;
  CHECK_STATUS(secimg_unredact(open, picture.data, picture.len, beside.data, beside.len, &restored), status);
  CHECK(restored == NULL);
}

static bool is_rect(const secimg_rect *rect, uint32_t x, uint32_t y, uint32_t width, uint32_t height) {
  return rect->x == x && rect->y == y && rect->width == width && rect->height == height;
}

static bytes restored_bytes(const secimg_unredacted *restored) {
  const uint8_t *data = NULL;
  size_t len = 0;
  MUST_OK(secimg_unredacted_image(restored, &data, &len));
  return copy_of(data, len);
}

/* The pixels, in a PNG of the library's: redacted and restored, the same for the same pixels wherever they were hidden. */
static bytes pixels_of(const struct scene *scene, bytes picture, uint32_t at) {
  secimg_redaction *how = redaction_of(at, at, 9, 7, false, false);
  secimg_redacted *redacted = redact(scene, how, NULL, picture);
  secimg_unredacted *restored = NULL;
  bytes image = image_of(redacted);
  MUST_OK(secimg_unredact(scene->open, image.data, image.len, NULL, 0, &restored));
  bytes made = restored_bytes(restored);
  secimg_unredacted_free(restored);
  bytes_drop(&image);
  secimg_redacted_free(redacted);
  secimg_redaction_free(how);
  return made;
}

/* Where the sealed part is, and that it is what the picture says. */
static void sealed_part(const secimg_redacted *redacted, bytes image, bytes beside, bool is_beside) {
  const uint8_t *part = NULL;
  size_t len = 0;
  uint8_t said[SECIMG_TRANSFER_ID_LEN], is[SECIMG_TRANSFER_ID_LEN];
  secimg_survey *survey = NULL;
  if (is_beside) {
    CHECK_STATUS(secimg_sealed_part(image.data, image.len, &part, &len), SECIMG_ERR_NO_SEALED_PART);
    CHECK(part == NULL && len == 0);
    part = beside.data;
    len = beside.len;
  } else {
    CHECK_EQ(beside.len, 0);
    MUST_OK(secimg_sealed_part(image.data, image.len, &part, &len));
    CHECK(part > image.data && part + len < image.data + image.len);
  }
  CHECK_EQ(len, secimg_redacted_sealed_bytes(redacted));
  MUST_OK(secimg_inspect(part, len, &survey));
  CHECK_OK(secimg_survey_transfer_id(survey, is));
  CHECK_OK(secimg_redacted_transfer_id(redacted, said));
  CHECK(memcmp(is, said, sizeof is) == 0);
  secimg_survey_free(survey);
}

/* Back to what it was: the file, or all pixels of it. */
static void comes_back(const struct scene *scene, bytes image, bytes beside, bool whole) {
  secimg_unredacted *restored = NULL;
  secimg_rect rect;
  MUST_OK(secimg_unredact(scene->open, image.data, image.len, beside.data, beside.len, &restored));
  CHECK_EQ(secimg_unredacted_width(restored), WIDTH);
  CHECK_EQ(secimg_unredacted_height(restored), HEIGHT);
  CHECK_EQ(secimg_unredacted_rect_count(restored), 2);
  CHECK_OK(secimg_unredacted_rect(restored, 1, &rect));
  CHECK(is_rect(&rect, 35, 20, 5, 10));
  CHECK_EQ(secimg_unredacted_restores(restored), whole ? SECIMG_RESTORES_FILE : SECIMG_RESTORES_PIXELS);
  const secimg_report *report = secimg_unredacted_report(restored);
  MUST(report != NULL);
  CHECK_TEXT(secimg_unredacted_name(restored), whole ? "face.png" : NULL);
  CHECK_TEXT(secimg_manifest_name(secimg_report_item_manifest(report, 0)), whole ? "face.png" : NULL);
  bytes back = restored_bytes(restored);
  if (whole) {
    CHECK(same_bytes(back.data, back.len, scene->picture.data, scene->picture.len));
  } else {
    bytes elsewhere = pixels_of(scene, scene->picture, 20);
    CHECK(same_bytes(back.data, back.len, elsewhere.data, elsewhere.len));
    bytes_drop(&elsewhere);
  }
  bytes_drop(&back);
  secimg_unredacted_free(restored);
}

static void round_trip(const struct scene *scene, bool whole, bool beside) {
  secimg_redaction *how = redaction_of(3, 4, 10, 6, whole, beside);
  secimg_rect rect;
  check_about("round trip, whole %d, beside %d", whole, beside);
  MUST_OK(secimg_redaction_add_rect(how, 35, 20, UINT32_MAX, 1000));
  secimg_redacted *redacted = redact(scene, how, "face.png", scene->picture);
  secimg_redaction_free(how);
  CHECK_EQ(secimg_redacted_width(redacted), WIDTH);
  CHECK_EQ(secimg_redacted_height(redacted), HEIGHT);
  CHECK_EQ(secimg_redacted_rect_count(redacted), 2);
  CHECK_OK(secimg_redacted_rect(redacted, 0, &rect));
  CHECK(is_rect(&rect, 3, 4, 10, 6));
  CHECK_OK(secimg_redacted_rect(redacted, 1, &rect));
  CHECK(is_rect(&rect, 35, 20, 5, 10));
  CHECK_EQ(secimg_redacted_restores(redacted), whole ? SECIMG_RESTORES_FILE : SECIMG_RESTORES_PIXELS);
  bytes image = image_of(redacted);
  bytes apart = beside_of(redacted);
  sealed_part(redacted, image, apart, beside);
  comes_back(scene, image, apart, whole);
  refused(scene->other, image, apart, SECIMG_ERR_NO_MATCHING_KEY);
  bytes_drop(&apart);
  bytes_drop(&image);
  secimg_redacted_free(redacted);
}

/* Redacted twice, with its pixels the same each time, and not the same where one differs. */
static void the_pixels_are_what_is_compared(const struct scene *scene) {
  bytes changed = noise_png_with(WIDTH, HEIGHT, 1, 3 * (5 * WIDTH + 5));
  bytes one = pixels_of(scene, scene->picture, 0);
  bytes two = pixels_of(scene, one, 8);
  bytes other = pixels_of(scene, changed, 0);
  check_about("pixels");
  CHECK(same_bytes(one.data, one.len, two.data, two.len));
  CHECK(!same_bytes(one.data, one.len, other.data, other.len));
  bytes_drop(&other);
  bytes_drop(&two);
  bytes_drop(&one);
  bytes_drop(&changed);
}

/* A picture that differs in one sample, hidden by the same rectangle or not: the part of the one is not the other's. */
static void other_pixels(const struct scene *scene) {
  const bytes none = {NULL, 0};
  secimg_redaction *how = redaction_of(3, 4, 10, 6, false, true);
  secimg_redacted *redacted = redact(scene, how, NULL, scene->picture);
  bytes image = image_of(redacted);
  bytes part = beside_of(redacted);
  for (size_t at = 0; at < (size_t)WIDTH * HEIGHT * 3; at += by_effort(997, 331, 37)) {
    const size_t x = at / 3 % WIDTH, y = at / 3 / WIDTH;
    const bool hidden = x >= 3 && x < 13 && y >= 4 && y < 10;
    bytes picture = noise_png_with(WIDTH, HEIGHT, 1, at);
    secimg_redacted *other = redact(scene, how, NULL, picture);
    bytes changed = image_of(other);
    check_about("another sample at %zu", at);
    /* What was hidden is not there any more: the two are one picture then. */
    CHECK(hidden == same_bytes(changed.data, changed.len, image.data, image.len));
    if (!hidden) {
      refused(scene->open, changed, part, SECIMG_ERR_OTHER_PICTURE);
      insert_chunk(&changed, "scRG", part);
      refused(scene->open, changed, none, SECIMG_ERR_OTHER_PICTURE);
    }
    bytes_drop(&changed);
    secimg_redacted_free(other);
    bytes_drop(&picture);
  }
  check_about("the picture's own part, put in");
  insert_chunk(&image, "scRG", part);
  secimg_unredacted *restored = NULL;
  CHECK_OK(secimg_unredact(scene->open, image.data, image.len, NULL, 0, &restored));
  secimg_unredacted_free(restored);
  bytes_drop(&part);
  bytes_drop(&image);
  secimg_redacted_free(redacted);
  secimg_redaction_free(how);
}

/* A colour is a colour: what was filled with another one is another picture. */
static void the_fill_is_seen(const struct scene *scene) {
  secimg_redaction *how = redaction_of(3, 4, 10, 6, false, true);
  secimg_redacted *one = redact(scene, how, NULL, scene->picture);
  MUST_OK(secimg_redaction_set_fill(how, 200, 100, 51));
  secimg_redacted *two = redact(scene, how, NULL, scene->picture);
  bytes image = image_of(two);
  bytes part = beside_of(one);
  check_about("fill");
  refused(scene->open, image, part, SECIMG_ERR_OTHER_PICTURE);
  bytes_drop(&part);
  bytes_drop(&image);
  secimg_redacted_free(two);
  secimg_redacted_free(one);
  secimg_redaction_free(how);
}

/* With a description that has no name, and with none, the file comes back without one. */
static void without_a_name(const struct scene *scene) {
  secimg_redaction *how = redaction_of(0, 0, 1, 1, true, false);
  secimg_description *description = NULL;
  MUST_OK(secimg_description_new(&description));
  for (int given = 0; given < 2; given++) {
    secimg_redacted *redacted = NULL;
    secimg_unredacted *restored = NULL;
    check_about("without a name, description %d", given);
    MUST_OK(secimg_redact(scene->seal, how, given ? description : NULL, scene->picture.data, scene->picture.len, &redacted));
    bytes image = image_of(redacted);
    MUST_OK(secimg_unredact(scene->open, image.data, image.len, NULL, 0, &restored));
    CHECK(secimg_unredacted_name(restored) == NULL);
    secimg_unredacted_free(restored);
    bytes_drop(&image);
    secimg_redacted_free(redacted);
  }
  secimg_description_free(description);
  secimg_redaction_free(how);
}

static void signers(const people *all) {
  struct scene scene = {seal_for(all, XWING), open_for(all, XWING), NULL, noise_png(8, 8, 3)};
  secimg_redaction *how = redaction_of(1, 1, 2, 2, false, false);
  const bytes none = {NULL, 0};
  check_about("signers");
  sign_with(scene.seal, all->scanner);
  secimg_redacted *redacted = redact(&scene, how, NULL, scene.picture);
  sign_with(scene.seal, all->mallory);
  secimg_redacted *forged = redact(&scene, how, NULL, scene.picture);
  require_signer(scene.open, all->scanner);
  bytes image = image_of(redacted);
  bytes wrong = image_of(forged);
  secimg_unredacted *restored = NULL;
  MUST_OK(secimg_unredact(scene.open, image.data, image.len, NULL, 0, &restored));
  CHECK(secimg_report_signer_trusted(secimg_unredacted_report(restored)));
  refused(scene.open, wrong, none, SECIMG_ERR_SIGNER);
  secimg_unredacted_free(restored);
  bytes_drop(&wrong);
  bytes_drop(&image);
  secimg_redacted_free(forged);
  secimg_redacted_free(redacted);
  secimg_redaction_free(how);
  bytes_drop(&scene.picture);
  secimg_open_options_free(scene.open);
  secimg_seal_options_free(scene.seal);
}

/* A real JPEG: apart and as a file, always, and with rectangles that grew. */
static void a_jpeg(const struct scene *scene, const char *corpus) {
  bytes jpeg;
  secimg_rect rect;
  secimg_unredacted *restored = NULL;
  check_about("JPEG");
  MUST(read_file(corpus, "images/exif-samples__Canon_40D.jpg", &jpeg));
  secimg_redaction *how = redaction_of(21, 13, 9, 9, false, false);
  secimg_redacted *redacted = redact(scene, how, "Canon_40D.jpg", jpeg);
  CHECK_EQ(secimg_redacted_restores(redacted), SECIMG_RESTORES_FILE);
  CHECK_OK(secimg_redacted_rect(redacted, 0, &rect));
  CHECK(rect.x < 21 && rect.y < 13 && rect.x + rect.width > 30 && rect.y + rect.height > 22);
  bytes image = image_of(redacted);
  bytes part = beside_of(redacted);
  CHECK(part.len > jpeg.len);
  MUST_OK(secimg_unredact(scene->open, image.data, image.len, part.data, part.len, &restored));
  CHECK_TEXT(secimg_unredacted_name(restored), "Canon_40D.jpg");
  bytes back = restored_bytes(restored);
  CHECK(same_bytes(back.data, back.len, jpeg.data, jpeg.len));
  bytes_drop(&back);
  secimg_unredacted_free(restored);
  bytes_drop(&part);
  bytes_drop(&image);
  secimg_redacted_free(redacted);
  secimg_redaction_free(how);
  bytes_drop(&jpeg);
}

int main(int argc, char **argv) {
  const arguments places = arguments_from(argc, argv);
  people all = people_from(places.vectors);
  struct scene scene = {seal_for(&all, RAW), open_for(&all, RAW), open_for_other(&all, RAW), noise_png(WIDTH, HEIGHT, 1)};
  for (unsigned way = 0; way < 4; way++) {
    round_trip(&scene, (way & 1) != 0, (way & 2) != 0);
  }
  the_pixels_are_what_is_compared(&scene);
  other_pixels(&scene);
  the_fill_is_seen(&scene);
  without_a_name(&scene);
  signers(&all);
  if (places.corpus == NULL) {
    skipped("no corpus was given");
  } else {
    a_jpeg(&scene, places.corpus);
  }
  bytes_drop(&scene.picture);
  secimg_open_options_free(scene.other);
  secimg_open_options_free(scene.open);
  secimg_seal_options_free(scene.seal);
  people_drop(&all);
  return check_end();
}
