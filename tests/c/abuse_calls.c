/* The one-shot calls, reports, manifests and surveys, called as they must not be called: NULL, lengths that cannot be,
 * buffers that are too small or that overlap. */
#include "abuse.h"

#include <string.h>

struct scene {
  secimg_seal_options *seal;
  secimg_open_options *open;
  secimg_recipients *recipients;
  bytes image;
  bytes sealed;
};

static void null_accessors(void) {
  uint8_t out32[32];
  int64_t time = 5;
  size_t len = 7;
  check_about("accessors of NULL");
  CHECK(secimg_manifest_format(NULL) == NULL);
  CHECK(secimg_manifest_media_type(NULL) == NULL);
  CHECK(secimg_manifest_name(NULL) == NULL);
  NULLED(secimg_manifest_file_name(NULL, anchor, sizeof anchor, &len));
  CHECK_EQ(secimg_manifest_width(NULL), 0);
  CHECK_EQ(secimg_manifest_height(NULL), 0);
  CHECK_EQ(secimg_manifest_frames(NULL), 0);
  CHECK_EQ(secimg_manifest_channels(NULL), 0);
  CHECK_EQ(secimg_manifest_bits(NULL), 0);
  CHECK(!secimg_manifest_time(NULL, &time));
  CHECK(time == 5);
  CHECK_EQ(secimg_manifest_attribute_count(NULL), 0);
  CHECK(secimg_manifest_attribute_name(NULL, 0) == NULL);
  CHECK(secimg_manifest_attribute_value(NULL, 0) == NULL);
  CHECK(secimg_manifest_attribute(NULL, "a") == NULL);
  CHECK(secimg_report_suite(NULL) == NULL);
  CHECK_EQ(secimg_report_chunks(NULL), 0);
  CHECK_EQ(secimg_report_stream_bytes(NULL), 0);
  NULLED(secimg_report_transfer_id(NULL, out32));
  CHECK_EQ(secimg_report_recipient_type(NULL), 0);
  NULLED(secimg_report_recipient_key_id(NULL, out32));
  CHECK_EQ(secimg_report_signature_algorithm(NULL), SECIMG_SIGNATURE_NONE);
  NULLED(secimg_report_signer(NULL, out32));
  NO_HANDLE(secimg_public_key, secimg_report_signer_key(NULL, &out), SECIMG_ERR_NULL_POINTER);
  CHECK_EQ(secimg_report_signing_time(NULL), 0);
  CHECK(!secimg_report_signer_trusted(NULL));
  CHECK_EQ(secimg_report_intended(NULL), 0);
  CHECK_EQ(secimg_report_item_count(NULL), 0);
  CHECK(secimg_report_item_manifest(NULL, 0) == NULL);
  CHECK_EQ(secimg_report_item_bytes(NULL, 0), 0);
  NULLED(secimg_report_item_sha256(NULL, 0, out32));
  CHECK_EQ(secimg_report_warning_count(NULL), 0);
  CHECK(secimg_report_warning(NULL, 0) == NULL);
  secimg_report_free(NULL);
  CHECK_EQ(secimg_opened_count(NULL), 0);
  const uint8_t *data = NULL;
  NULLED(secimg_opened_image(NULL, 0, &data, &len));
  CHECK(secimg_opened_manifest(NULL, 0) == NULL);
  CHECK(secimg_opened_report(NULL) == NULL);
  secimg_opened_free(NULL);
  CHECK_EQ(secimg_survey_suite(NULL), 0);
  CHECK(secimg_survey_suite_name(NULL) == NULL);
  CHECK_EQ(secimg_survey_chunk_size(NULL), 0);
  CHECK_EQ(secimg_survey_chunks(NULL), 0);
  CHECK_EQ(secimg_survey_stream_bytes(NULL), 0);
  CHECK(!secimg_survey_is_signed(NULL));
  NULLED(secimg_survey_transfer_id(NULL, out32));
  CHECK_EQ(secimg_survey_recipient_count(NULL), 0);
  CHECK_EQ(secimg_survey_recipient_type(NULL, 0), 0);
  NULLED(secimg_survey_recipient_key_id(NULL, 0, out32));
  secimg_survey_free(NULL);
}

static void encrypting(const struct scene *scene) {
  const bytes image = scene->image;
  bytes room = bytes_of(scene->sealed.len);
  uint64_t size = 7;
  size_t out_len = 7;
  check_about("encrypting");
  NULLED(secimg_sealed_size(NULL, NULL, image.data, image.len, image.len, &size));
  NULLED(secimg_sealed_size(scene->seal, NULL, image.data, image.len, image.len, NULL));
  BAD_SLICES_IN(secimg_sealed_size(scene->seal, NULL, data, len, UINT64_MAX, &size));
  /* A prefix that is shorter than it must be. */
  REFUSED(secimg_sealed_size(scene->seal, NULL, image.data, image.len - 1, image.len, &size));
  /* More than one stream may hold. */
  bytes prefix = bytes_of(SECIMG_SNIFF_LEN);
  CHECK_STATUS(secimg_sealed_size(scene->seal, NULL, prefix.data, prefix.len, UINT64_MAX, &size), SECIMG_ERR_LIMIT);
  CHECK_STATUS(secimg_sealed_size(scene->seal, NULL, prefix.data, prefix.len, (uint64_t)1 << 60, &size),
               SECIMG_ERR_LIMIT);
  bytes_drop(&prefix);
  CHECK_EQ(size, 7);
  CHECK_OK(secimg_sealed_size(scene->seal, NULL, NULL, 0, 0, &size));

  NULLED(secimg_encrypt(NULL, NULL, image.data, image.len, room.data, room.len, &out_len));
  NULLED(secimg_encrypt(scene->seal, NULL, image.data, image.len, room.data, room.len, NULL));
  NULLED(secimg_encrypt(scene->seal, NULL, image.data, image.len, NULL, room.len, &out_len));
  REFUSED(secimg_encrypt(scene->seal, NULL, image.data, image.len, room.data, TOO_LONG, &out_len));
  BAD_SLICES_IN(secimg_encrypt(scene->seal, NULL, data, len, room.data, room.len, &out_len));
  CHECK_EQ(out_len, 0);
  CHECK(all_are(room.data, room.len, 0));
  /* Too small by one: the size is said and nothing is written; then it works. */
  memset(room.data, 9, room.len);
  CHECK_STATUS(secimg_encrypt(scene->seal, NULL, image.data, image.len, room.data, room.len - 1, &out_len),
               SECIMG_ERR_BUFFER_TOO_SMALL);
  CHECK_EQ(out_len, room.len);
  CHECK(all_are(room.data, room.len, 9));
  out_len = 7;
  CHECK_STATUS(secimg_encrypt(scene->seal, NULL, image.data, image.len, NULL, 0, &out_len),
               SECIMG_ERR_BUFFER_TOO_SMALL);
  CHECK_EQ(out_len, room.len);
  CHECK_OK(secimg_encrypt(scene->seal, NULL, image.data, image.len, room.data, room.len, &out_len));
  CHECK_EQ(out_len, room.len);
  check_opens(scene->open, room, image);
  bytes_drop(&room);
}

static void decrypting(const struct scene *scene) {
  const bytes sealed = scene->sealed;
  bytes room = bytes_of(scene->image.len);
  secimg_report *report = (secimg_report *)(void *)anchor;
  size_t out_len = 7;
  check_about("decrypting");
  NULLED(secimg_decrypt(NULL, sealed.data, sealed.len, room.data, room.len, &out_len, &report));
  CHECK(report == NULL);
  NULLED(secimg_decrypt(scene->open, sealed.data, sealed.len, room.data, room.len, NULL, NULL));
  NULLED(secimg_decrypt(scene->open, sealed.data, sealed.len, NULL, room.len, &out_len, NULL));
  REFUSED(secimg_decrypt(scene->open, sealed.data, sealed.len, room.data, SIZE_MAX, &out_len, NULL));
  BAD_SLICES_IN(secimg_decrypt(scene->open, data, len, room.data, room.len, &out_len, NULL));
  CHECK_STATUS(secimg_decrypt(scene->open, NULL, 0, room.data, room.len, &out_len, NULL), SECIMG_ERR_TRUNCATED);
  CHECK_EQ(out_len, 0);
  CHECK(all_are(room.data, room.len, 0));
  report = (secimg_report *)(void *)anchor;
  CHECK_STATUS(secimg_decrypt(scene->open, sealed.data, sealed.len, room.data, room.len - 1, &out_len, &report),
               SECIMG_ERR_BUFFER_TOO_SMALL);
  CHECK_EQ(out_len, room.len);
  CHECK(report == NULL);
  CHECK(all_are(room.data, room.len, 0));
  out_len = 7;
  CHECK_STATUS(secimg_decrypt(scene->open, sealed.data, sealed.len, NULL, 0, &out_len, NULL),
               SECIMG_ERR_BUFFER_TOO_SMALL);
  CHECK_EQ(out_len, room.len);
  CHECK_OK(secimg_decrypt(scene->open, sealed.data, sealed.len, room.data, room.len, &out_len, &report));
  CHECK(same_bytes(room.data, out_len, scene->image.data, scene->image.len));
  secimg_report_free(report);
  bytes_drop(&room);

  NULLED(secimg_decrypt_all(scene->open, sealed.data, sealed.len, NULL));
  NO_HANDLE(secimg_opened, secimg_decrypt_all(NULL, sealed.data, sealed.len, &out), SECIMG_ERR_NULL_POINTER);
  BAD_SLICES(secimg_opened, secimg_decrypt_all(scene->open, data, len, &out));
  NO_HANDLE(secimg_report, secimg_verify(NULL, sealed.data, sealed.len, &out), SECIMG_ERR_NULL_POINTER);
  BAD_SLICES(secimg_report, secimg_verify(scene->open, data, len, &out));
  NULLED(secimg_rewrap(scene->open, scene->recipients, sealed.data, sealed.len, NULL));
  NO_BUF(secimg_rewrap(NULL, scene->recipients, sealed.data, sealed.len, &out), SECIMG_ERR_NULL_POINTER);
  NO_BUF(secimg_rewrap(scene->open, NULL, sealed.data, sealed.len, &out), SECIMG_ERR_NULL_POINTER);
  NO_BUF(secimg_rewrap(scene->open, scene->recipients, NULL, 5, &out), SECIMG_ERR_NULL_POINTER);
  NO_BUF(secimg_rewrap(scene->open, scene->recipients, sealed.data, TOO_LONG, &out), SECIMG_ERR_INVALID_ARGUMENT);
  NULLED(secimg_inspect(sealed.data, sealed.len, NULL));
  BAD_SLICES(secimg_survey, secimg_inspect(data, len, &out));
  NO_HANDLE(secimg_survey, secimg_inspect(NULL, 0, &out), SECIMG_ERR_TRUNCATED);
}

/* Output over input: refused where they share a byte, fine where they only touch. */
static void overlapping(const struct scene *scene) {
  const size_t image_len = scene->image.len;
  const size_t sealed_len = scene->sealed.len;
  bytes room = bytes_of(2 * sealed_len);
  size_t out_len = 7;
  check_about("overlapping buffers");
  memcpy(room.data, scene->image.data, image_len);
  REFUSED(secimg_encrypt(scene->seal, NULL, room.data, image_len, room.data, sealed_len, &out_len));
  REFUSED(secimg_encrypt(scene->seal, NULL, room.data, image_len, room.data + image_len - 1, sealed_len, &out_len));
  REFUSED(secimg_encrypt(scene->seal, NULL, room.data + 1, image_len, room.data, sealed_len, &out_len));
  CHECK(memcmp(room.data, scene->image.data, image_len) == 0);
  CHECK_EQ(out_len, 0);
  CHECK_OK(secimg_encrypt(scene->seal, NULL, room.data, image_len, room.data + image_len, sealed_len, &out_len));
  bytes behind = {room.data + image_len, out_len};
  check_opens(scene->open, behind, scene->image);

  memset(room.data, 0, room.len);
  memcpy(room.data + image_len, scene->sealed.data, sealed_len);
  uint8_t *sealed = room.data + image_len;
  REFUSED(secimg_decrypt(scene->open, sealed, sealed_len, sealed, sealed_len, &out_len, NULL));
  REFUSED(secimg_decrypt(scene->open, sealed, sealed_len, room.data + 1, image_len, &out_len, NULL));
  REFUSED(secimg_decrypt(scene->open, sealed, sealed_len, sealed + sealed_len - 1, image_len, &out_len, NULL));
  CHECK(memcmp(sealed, scene->sealed.data, sealed_len) == 0);
  CHECK_OK(secimg_decrypt(scene->open, sealed, sealed_len, room.data, image_len, &out_len, NULL));
  CHECK(memcmp(room.data, scene->image.data, image_len) == 0);
  bytes_drop(&room);
}

/* One-shot decryption is for one image; what has none or two is for secimg_decrypt_all. */
static void not_one_image(const struct scene *scene) {
  for (size_t count = 0; count < 3; count += 2) {
    secimg_sealer *sealer = NULL;
    secimg_opened *opened = NULL;
    bytes sealed = bytes_of(0);
    uint8_t out[16];
    size_t out_len = 7;
    check_about("%zu images", count);
    MUST_OK(secimg_sealer_new(scene->seal, &sealer));
    for (size_t i = 0; i < count; i++) {
      MUST_OK(secimg_sealer_start_item(sealer, NULL, 0));
      MUST_OK(secimg_sealer_end_item(sealer));
    }
    MUST_OK(secimg_sealer_finish(sealer));
    drain(sealer, &sealed, 0);
    memset(out, 3, sizeof out);
    const secimg_status status =
        secimg_decrypt(scene->open, sealed.data, sealed.len, out, sizeof out, &out_len, NULL);
    CHECK_STATUS(status, SECIMG_ERR_INVALID_ARGUMENT);
    CHECK(untold(out, sizeof out, 3));
    MUST_OK(secimg_decrypt_all(scene->open, sealed.data, sealed.len, &opened));
    CHECK_EQ(secimg_opened_count(opened), count);
    secimg_opened_free(opened);
    secimg_sealer_free(sealer);
    bytes_drop(&sealed);
  }
}

/* The accessors of what is there, with NULL for what they store into, and indices beyond the end. */
static void accessors(const struct scene *scene) {
  secimg_opened *opened = NULL;
  secimg_survey *survey = NULL;
  const uint8_t *data = NULL;
  uint8_t id[32];
  size_t len = 0;
  check_about("accessors");
  MUST_OK(secimg_decrypt_all(scene->open, scene->sealed.data, scene->sealed.len, &opened));
  NULLED(secimg_opened_image(opened, 0, NULL, &len));
  NULLED(secimg_opened_image(opened, 0, &data, NULL));
  REFUSED(secimg_opened_image(opened, 1, &data, &len));
  CHECK(secimg_opened_manifest(opened, 0) != NULL);
  CHECK(secimg_opened_manifest(opened, 1) == NULL);
  const secimg_report *report = secimg_opened_report(opened);
  CHECK(report != NULL);
  NULLED(secimg_report_transfer_id(report, NULL));
  NULLED(secimg_report_recipient_key_id(report, NULL));
  NULLED(secimg_report_item_sha256(report, 0, NULL));
  REFUSED(secimg_report_item_sha256(report, SIZE_MAX, id));
  CHECK(secimg_report_signer(report, NULL) != SECIMG_OK);
  CHECK(secimg_report_signer_key(report, NULL) != SECIMG_OK);
  CHECK(secimg_report_item_manifest(report, SIZE_MAX) == NULL);
  CHECK(secimg_report_warning(report, SIZE_MAX) == NULL);
  const secimg_manifest *manifest = secimg_report_item_manifest(report, 0);
  CHECK(!secimg_manifest_time(manifest, NULL));
  CHECK(secimg_manifest_attribute(manifest, NULL) == NULL);
  CHECK(secimg_manifest_attribute(manifest, "\xff") == NULL);
  CHECK(secimg_manifest_file_name(manifest, anchor, sizeof anchor, NULL) != SECIMG_OK);
  MUST_OK(secimg_inspect(scene->sealed.data, scene->sealed.len, &survey));
  NULLED(secimg_survey_transfer_id(survey, NULL));
  NULLED(secimg_survey_recipient_key_id(survey, 0, NULL));
  REFUSED(secimg_survey_recipient_key_id(survey, SIZE_MAX, id));
  secimg_survey_free(survey);
  secimg_opened_free(opened);
}

int main(int argc, char **argv) {
  const arguments places = arguments_from(argc, argv);
  people all = people_from(places.vectors);
  struct scene scene;
  scene.seal = seal_for(&all, RAW);
  scene.open = open_for(&all, RAW);
  scene.recipients = recipients_for(&all, RAW);
  scene.image = pattern(3000, 1);
  scene.sealed = seal_at_once(scene.seal, NULL, scene.image);
  null_accessors();
  encrypting(&scene);
  decrypting(&scene);
  overlapping(&scene);
  not_one_image(&scene);
  accessors(&scene);
  bytes_drop(&scene.sealed);
  bytes_drop(&scene.image);
  secimg_recipients_free(scene.recipients);
  secimg_open_options_free(scene.open);
  secimg_seal_options_free(scene.seal);
  people_drop(&all);
  return check_end();
}
