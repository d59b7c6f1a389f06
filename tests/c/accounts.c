/* What is said about a stream: manifests and reports against what was given, the survey without a key, the context
 * that is bound, and other recipients by rewrap. */
#include "support.h"

#include <string.h>

#define WHEN 1800000000u

static const uint8_t PNG[] = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x10\0\0\0\x20\x08\x02\0\0\0";

static secimg_description *full_description(void) {
  secimg_description *made = named("dose\xc3\xa9.raw");
  MUST_OK(secimg_description_set_time(made, -5));
  MUST_OK(secimg_description_set_format(made, "raw", "application/x-raw"));
  MUST_OK(secimg_description_set_dimensions(made, 640, 480, 7, 3, 12));
  MUST_OK(secimg_description_set_attribute(made, "ward", "3 \xce\xb2"));
  MUST_OK(secimg_description_set_attribute(made, "bed", "12"));
  return made;
}

static void check_full(const secimg_manifest *manifest) {
  char name[32] = "";
  size_t len = 0;
  int64_t time = 0;
  MUST(manifest != NULL);
  CHECK_TEXT(secimg_manifest_name(manifest), "dose\xc3\xa9.raw");
  CHECK_TEXT(secimg_manifest_format(manifest), "raw");
  CHECK_TEXT(secimg_manifest_media_type(manifest), "application/x-raw");
  CHECK_EQ(secimg_manifest_width(manifest), 640);
  CHECK_EQ(secimg_manifest_height(manifest), 480);
  CHECK_EQ(secimg_manifest_frames(manifest), 7);
  CHECK_EQ(secimg_manifest_channels(manifest), 3);
  CHECK_EQ(secimg_manifest_bits(manifest), 12);
  CHECK(secimg_manifest_time(manifest, &time));
  CHECK(time == -5);
  CHECK_EQ(secimg_manifest_attribute_count(manifest), 2);
  CHECK_TEXT(secimg_manifest_attribute(manifest, "ward"), "3 \xce\xb2");
  CHECK_TEXT(secimg_manifest_attribute(manifest, "bed"), "12");
  CHECK(secimg_manifest_attribute(manifest, "be") == NULL);
  CHECK(secimg_manifest_attribute_name(manifest, 2) == NULL);
  CHECK(secimg_manifest_attribute_value(manifest, 2) == NULL);
  CHECK(secimg_manifest_attribute_value(manifest, SIZE_MAX) == NULL);
  for (size_t i = 0; i < 2; i++) {
    const char *word = secimg_manifest_attribute_name(manifest, i);
    CHECK(word != NULL);
    CHECK_TEXT(secimg_manifest_attribute_value(manifest, i), secimg_manifest_attribute(manifest, word));
  }
  CHECK_OK(secimg_manifest_file_name(manifest, name, sizeof name, &len));
  CHECK_TEXT(name, "dose\xc3\xa9.raw");
  CHECK_EQ(len, strlen(name));
  /* The NUL has its place too. */
  memset(name, 'x', sizeof name);
  len = 99;
  CHECK_STATUS(secimg_manifest_file_name(manifest, name, 10, &len), SECIMG_ERR_BUFFER_TOO_SMALL);
  CHECK_EQ(len, 10);
  CHECK_STATUS(secimg_manifest_file_name(manifest, NULL, 0, &len), SECIMG_ERR_BUFFER_TOO_SMALL);
  CHECK_EQ(len, 10);
  CHECK_OK(secimg_manifest_file_name(manifest, name, 11, &len));
  CHECK_EQ(len, 10);
  CHECK(name[11] == 'x');
}

static void check_signed(const secimg_report *report, const secimg_private_key *signer, uint32_t algorithm) {
  uint8_t is[32], should[32];
  secimg_public_key *key = NULL;
  secimg_public_key *own = public_of(signer);
  CHECK_EQ(secimg_report_signature_algorithm(report), algorithm);
  CHECK_OK(secimg_report_signer(report, is));
  CHECK_OK(secimg_public_key_fingerprint(own, should));
  CHECK(memcmp(is, should, sizeof is) == 0);
  CHECK_OK(secimg_report_signer_key(report, &key));
  CHECK(secimg_public_key_equal(key, own));
  CHECK_EQ(secimg_report_signing_time(report), WHEN);
  secimg_public_key_free(key);
  secimg_public_key_free(own);
}

static void reports(const people *all) {
  static const uint32_t SUITES[] = {SECIMG_SUITE_AES_256_CBC_HMAC_SHA_256, SECIMG_SUITE_AES_256_GCM};
  static const char *const NAMES[] = {"aes-256-cbc+hmac-sha-256", "aes-256-gcm"};
  bytes image = pattern(3 * 4096 + 5, 1);
  uint8_t should[32], is[32], survey_id[32];
  sha256(image.data, image.len, should);
  for (size_t i = 0; i < 2; i++) {
    secimg_seal_options *seal = seal_for(all, RSA);
    secimg_open_options *open = open_for(all, RSA);
    secimg_description *description = full_description();
    const secimg_private_key *signer = i == 0 ? all->scanner : all->rsa_scanner;
    secimg_report *report = NULL;
    secimg_survey *survey = NULL;
    uint8_t id[SECIMG_KEY_ID_LEN], survey_key_id[SECIMG_KEY_ID_LEN];
    size_t len = 0;
    check_about("reports of %s", NAMES[i]);
    MUST_OK(secimg_seal_options_set_suite(seal, SUITES[i]));
    MUST_OK(secimg_seal_options_set_chunk_log2(seal, 12));
    MUST_OK(secimg_seal_options_set_signing_time(seal, WHEN));
    sign_with(seal, signer);
    bytes sealed = seal_at_once(seal, description, image);
    bytes opened = bytes_of(image.len);
    MUST_OK(secimg_decrypt(open, sealed.data, sealed.len, opened.data, opened.len, &len, &report));
    CHECK_TEXT(secimg_report_suite(report), NAMES[i]);
    CHECK_EQ(secimg_report_chunks(report), 4);
    CHECK_EQ(secimg_report_stream_bytes(report), sealed.len);
    CHECK_EQ(secimg_report_recipient_type(report), SECIMG_RECIPIENT_RSA_OAEP_SHA256);
    check_signed(report, signer, i == 0 ? SECIMG_SIGNATURE_ED25519 : SECIMG_SIGNATURE_RSA_PSS_SHA256);
    CHECK(!secimg_report_signer_trusted(report)); /* nobody was required */
    CHECK_EQ(secimg_report_intended(report), SECIMG_INTENDED);
    CHECK_EQ(secimg_report_item_count(report), 1);
    check_full(secimg_report_item_manifest(report, 0));
    CHECK(secimg_report_item_manifest(report, 1) == NULL);
    CHECK_EQ(secimg_report_item_bytes(report, 0), image.len);
    CHECK_EQ(secimg_report_item_bytes(report, 1), 0);
    CHECK_OK(secimg_report_item_sha256(report, 0, is));
    CHECK(memcmp(is, should, sizeof is) == 0);
    CHECK_STATUS(secimg_report_item_sha256(report, 1, is), SECIMG_ERR_INVALID_ARGUMENT);
    for (size_t w = 0; w < secimg_report_warning_count(report); w++) {
      CHECK(secimg_report_warning(report, w) != NULL);
    }
    CHECK(secimg_report_warning(report, secimg_report_warning_count(report)) == NULL);

    MUST_OK(secimg_inspect(sealed.data, sealed.len, &survey));
    CHECK_EQ(secimg_survey_suite(survey), SUITES[i]);
    CHECK_TEXT(secimg_survey_suite_name(survey), NAMES[i]);
    CHECK_EQ(secimg_survey_chunk_size(survey), 4096);
    CHECK_EQ(secimg_survey_chunks(survey), 4);
    CHECK_EQ(secimg_survey_stream_bytes(survey), sealed.len);
    CHECK(secimg_survey_is_signed(survey));
    CHECK_OK(secimg_survey_transfer_id(survey, survey_id));
    CHECK_OK(secimg_report_transfer_id(report, is));
    CHECK(memcmp(is, survey_id, sizeof is) == 0);
    CHECK_EQ(secimg_survey_recipient_count(survey), 1);
    CHECK_EQ(secimg_survey_recipient_type(survey, 0), SECIMG_RECIPIENT_RSA_OAEP_SHA256);
    CHECK_EQ(secimg_survey_recipient_type(survey, 1), 0);
    CHECK_OK(secimg_survey_recipient_key_id(survey, 0, survey_key_id));
    CHECK_STATUS(secimg_survey_recipient_key_id(survey, 1, survey_key_id), SECIMG_ERR_INVALID_ARGUMENT);
    CHECK_OK(secimg_report_recipient_key_id(report, id));
    CHECK(memcmp(id, survey_key_id, sizeof id) == 0);
    secimg_survey_free(survey);
    secimg_report_free(report);

    require_signer(open, signer);
    report = NULL;
    MUST_OK(secimg_verify(open, sealed.data, sealed.len, &report));
    CHECK(secimg_report_signer_trusted(report));
    secimg_report_free(report);
    CHECK_OK(secimg_verify(open, sealed.data, sealed.len, NULL));
    bytes_drop(&opened);
    bytes_drop(&sealed);
    secimg_description_free(description);
    secimg_open_options_free(open);
    secimg_seal_options_free(seal);
  }
  bytes_drop(&image);
}

/* Nothing was said, so nothing is: but the image's own first bytes. */
static void bare(const people *all) {
  secimg_seal_options *seal = seal_for(all, RAW);
  secimg_open_options *open = open_for(all, RAW);
  secimg_report *report = NULL;
  bytes image = copy_of(PNG, sizeof PNG);
  size_t len = 0;
  int64_t time = 9;
  char name[8];
  uint8_t signer[32];
  secimg_public_key *key = NULL;
  check_about("nothing said");
  MUST_OK(secimg_seal_options_set_digests(seal, false));
  bytes sealed = seal_at_once(seal, NULL, image);
  MUST_OK(secimg_verify(open, sealed.data, sealed.len, &report));
  const secimg_manifest *manifest = secimg_report_item_manifest(report, 0);
  CHECK_TEXT(secimg_manifest_format(manifest), "png");
  CHECK_TEXT(secimg_manifest_media_type(manifest), "image/png");
  CHECK_EQ(secimg_manifest_width(manifest), 16);
  CHECK_EQ(secimg_manifest_height(manifest), 32);
  CHECK(secimg_manifest_name(manifest) == NULL);
  CHECK(!secimg_manifest_time(manifest, &time));
  CHECK(time == 9);
  CHECK_EQ(secimg_manifest_attribute_count(manifest), 0);
  CHECK_STATUS(secimg_manifest_file_name(manifest, name, sizeof name, &len), SECIMG_ERR_INVALID_ARGUMENT);
  CHECK_EQ(secimg_report_recipient_type(report), SECIMG_RECIPIENT_RAW_KEY);
  CHECK_EQ(secimg_report_signature_algorithm(report), SECIMG_SIGNATURE_NONE);
  CHECK_STATUS(secimg_report_signer(report, signer), SECIMG_ERR_STATE);
  CHECK_STATUS(secimg_report_signer_key(report, &key), SECIMG_ERR_STATE);
  CHECK(key == NULL);
  CHECK_EQ(secimg_report_signing_time(report), 0);
  CHECK_EQ(secimg_report_intended(report), 0);
  /* The reader hashes it, though the stream has no digest. */
  uint8_t is[32], should[32];
  sha256(image.data, image.len, should);
  CHECK_OK(secimg_report_item_sha256(report, 0, is));
  CHECK(memcmp(is, should, sizeof is) == 0);
  secimg_report_free(report);
  bytes_drop(&sealed);
  bytes_drop(&image);
  secimg_open_options_free(open);
  secimg_seal_options_free(seal);
}

/* Names that lead somewhere else are no file names, on any platform. */
static void evil_names(const people *all) {
  static const char *const NAMES[] = {"../up", "/etc/passwd", "a/b", "a\\b", "..", ".", "C:", "con", "nul.txt", "a:b", "x."};
  secimg_seal_options *seal = seal_for(all, RAW);
  secimg_open_options *open = open_for(all, RAW);
  bytes image = pattern(10, 1);
  for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
    secimg_description *description = named(NAMES[i]);
    secimg_report *report = NULL;
    char name[64];
    size_t len = 0;
    check_about("the name \"%s\"", NAMES[i]);
    memset(name, 'x', sizeof name);
    bytes sealed = seal_at_once(seal, description, image);
    MUST_OK(secimg_verify(open, sealed.data, sealed.len, &report));
    const secimg_manifest *manifest = secimg_report_item_manifest(report, 0);
    CHECK_TEXT(secimg_manifest_name(manifest), NAMES[i]);
    CHECK_STATUS(secimg_manifest_file_name(manifest, name, sizeof name, &len), SECIMG_ERR_INVALID_ARGUMENT);
    CHECK(all_are((uint8_t *)name, sizeof name, 'x') || name[0] == '\0');
    secimg_report_free(report);
    bytes_drop(&sealed);
    secimg_description_free(description);
  }
  bytes_drop(&image);
  secimg_open_options_free(open);
  secimg_seal_options_free(seal);
}

static void contexts(const people *all) {
  secimg_seal_options *seal = seal_for(all, RAW);
  secimg_open_options *right = open_for(all, RAW);
  secimg_open_options *none = open_for(all, RAW);
  bytes image = pattern(50, 1);
  check_about("context");
  /* Any bytes, zeros among them. */
  MUST_OK(secimg_seal_options_set_context(seal, (const uint8_t *)"study\0001.2", 9));
  MUST_OK(secimg_open_options_set_context(right, (const uint8_t *)"study\0001.2", 9));
  bytes sealed = seal_at_once(seal, NULL, image);
  check_opens(right, sealed, image);
  CHECK_STATUS(secimg_verify(none, sealed.data, sealed.len, NULL), SECIMG_ERR_NOT_AUTHENTIC);
  MUST_OK(secimg_open_options_set_context(right, (const uint8_t *)"study\0001.3", 9));
  CHECK_STATUS(secimg_verify(right, sealed.data, sealed.len, NULL), SECIMG_ERR_NOT_AUTHENTIC);
  MUST_OK(secimg_seal_options_set_context(seal, NULL, 0));
  bytes_drop(&sealed);
  sealed = seal_at_once(seal, NULL, image);
  check_opens(none, sealed, image);
  bytes_drop(&sealed);
  bytes_drop(&image);
  secimg_open_options_free(none);
  secimg_open_options_free(right);
  secimg_seal_options_free(seal);
}

static void rewraps(const people *all) {
  secimg_seal_options *seal = seal_for(all, RSA);
  secimg_open_options *old_reader = open_for(all, RSA);
  secimg_open_options *new_reader = open_for(all, XWING);
  secimg_recipients *recipients = recipients_for(all, XWING);
  secimg_report *report = NULL;
  secimg_buf out = {NULL, 0};
  bytes image = pattern(20000, 1);
  uint8_t before[32], after[32];
  check_about("rewrap");
  sign_with(seal, all->scanner);
  bytes sealed = seal_at_once(seal, NULL, image);
  CHECK_STATUS(secimg_rewrap(new_reader, recipients, sealed.data, sealed.len, &out), SECIMG_ERR_NO_MATCHING_KEY);
  CHECK(out.data == NULL && out.len == 0);
  MUST_OK(secimg_rewrap(old_reader, recipients, sealed.data, sealed.len, &out));
  bytes wrapped = copy_of(out.data, out.len);
  secimg_buf_free(&out);
  CHECK(out.data == NULL && out.len == 0);
  secimg_buf_free(&out);
  CHECK_STATUS(secimg_verify(old_reader, wrapped.data, wrapped.len, NULL), SECIMG_ERR_NO_MATCHING_KEY);
  require_signer(new_reader, all->scanner);
  check_opens(new_reader, wrapped, image);
  /* The signature still holds, and says that others were meant. */
  MUST_OK(secimg_verify(new_reader, wrapped.data, wrapped.len, &report));
  CHECK_EQ(secimg_report_intended(report), SECIMG_NOT_INTENDED);
  CHECK(secimg_report_warning_count(report) > 0);
  CHECK_OK(secimg_report_transfer_id(report, after));
  secimg_report_free(report);
  MUST_OK(secimg_verify(old_reader, sealed.data, sealed.len, &report));
  CHECK_OK(secimg_report_transfer_id(report, before));
  CHECK(memcmp(before, after, sizeof before) == 0);
  secimg_report_free(report);
  bytes_drop(&wrapped);
  bytes_drop(&sealed);
  bytes_drop(&image);
  secimg_recipients_free(recipients);
  secimg_open_options_free(new_reader);
  secimg_open_options_free(old_reader);
  secimg_seal_options_free(seal);
}

int main(int argc, char **argv) {
  const arguments places = arguments_from(argc, argv);
  people all = people_from(places.vectors);
  reports(&all);
  bare(&all);
  evil_names(&all);
  contexts(&all);
  rewraps(&all);
  people_drop(&all);
  return check_end();
}
