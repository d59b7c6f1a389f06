/* The library, keys and certificates, called as they must not be called. */
#include "abuse.h"

#include <string.h>

static void library(void) {
  char text[8];
  check_about("library");
  CHECK_TEXT(secimg_version_string(), SECIMG_VERSION_STRING);
  CHECK_EQ(secimg_version_number(), SECIMG_VERSION_NUMBER);
  CHECK_EQ(secimg_version_number(), SECIMG_VERSION_MAJOR << 16 | SECIMG_VERSION_MINOR << 8 | SECIMG_VERSION_PATCH);
  CHECK_EQ(secimg_abi_version(), SECIMG_ABI_VERSION);
  CHECK_TEXT(secimg_status_name(SECIMG_OK), "SECIMG_OK");
  CHECK_TEXT(secimg_status_name(SECIMG_ERR_NOT_AUTHENTIC), "SECIMG_ERR_NOT_AUTHENTIC");
  for (secimg_status status = -3; status < 200; status++) {
    CHECK(strncmp(secimg_status_name(status), "SECIMG_", 7) == 0);
    CHECK(*secimg_status_text(status) != '\0');
  }
  CHECK_TEXT(secimg_status_name(INT32_MAX), "SECIMG_ERR_UNKNOWN");
  CHECK_TEXT(secimg_status_name(INT32_MIN), "SECIMG_ERR_UNKNOWN");
  CHECK(secimg_status_text(INT32_MIN) != NULL);

  /* The text of the last error, in buffers of every size around its own. */
  NULLED(secimg_recipients_new(NULL));
  char whole[200], part[200];
  const size_t len = secimg_last_error(whole, sizeof whole);
  CHECK(len > 8 && len < sizeof whole);
  CHECK_EQ(strlen(whole), len);
  for (size_t capacity = 0; capacity < len + 3; capacity++) {
    memset(part, 'x', sizeof part);
    CHECK_EQ(secimg_last_error(part, capacity), len);
    const size_t kept = capacity == 0 ? 0 : capacity - 1 < len ? capacity - 1 : len;
    CHECK(memcmp(part, whole, kept) == 0);
    CHECK(capacity == 0 || part[kept] == '\0');
    CHECK(all_are((uint8_t *)part + capacity, sizeof part - capacity, 'x'));
  }
  CHECK_EQ(secimg_last_error(NULL, 0), len);
  CHECK_EQ(secimg_last_error(NULL, 9), len);
  /* Reading it does not empty it; the next success does. */
  CHECK_EQ(secimg_last_error(text, sizeof text), len);
  secimg_recipients *recipients = NULL;
  MUST_OK(secimg_recipients_new(&recipients));
  CHECK_EQ(secimg_last_error(text, sizeof text), 0);
  CHECK_TEXT(text, "");
  secimg_recipients_free(recipients);

  memset(anchor, 1, sizeof anchor);
  secimg_memzero(anchor + 1, sizeof anchor - 2);
  CHECK(anchor[0] == 1 && anchor[sizeof anchor - 1] == 1);
  CHECK(all_are((uint8_t *)anchor + 1, sizeof anchor - 2, 0));
  secimg_memzero(NULL, 0);
  secimg_memzero(NULL, 9);
}

/* Freeing nothing is fine, everywhere. */
static void free_nothing(void) {
  secimg_buf empty = {NULL, 0};
  secimg_buf_free(NULL);
  secimg_buf_free(&empty);
  secimg_texts_free(NULL);
  secimg_private_key_free(NULL);
  secimg_public_key_free(NULL);
  secimg_symmetric_key_free(NULL);
  secimg_certificates_free(NULL);
  CHECK(empty.data == NULL);
  CHECK_EQ(secimg_texts_count(NULL), 0);
  CHECK(secimg_texts_get(NULL, 0) == NULL);
}

static void private_keys(const people *all) {
  const uint8_t *pass = (const uint8_t *)"pass";
  const secimg_private_key *key = all->scanner;
  secimg_private_key *made = NULL;
  secimg_buf pem = {NULL, 0};
  check_about("private keys");
  MUST_OK(secimg_private_key_to_pem(key, NULL, 0, &pem));
  NULLED(secimg_private_key_generate(SECIMG_KEY_ED25519, 0, NULL));
  NO_HANDLE(secimg_private_key, secimg_private_key_generate(99, 0, &out), SECIMG_ERR_INVALID_ARGUMENT);
  NO_HANDLE(secimg_private_key, secimg_private_key_generate(UINT32_MAX, 0, &out), SECIMG_ERR_INVALID_ARGUMENT);
  NO_HANDLE(secimg_private_key, secimg_private_key_generate(SECIMG_KEY_RSA, 7, &out), SECIMG_ERR_KEY);
  NULLED(secimg_private_key_from_pem(pem.data, pem.len, NULL, 0, NULL));
  BAD_SLICES(secimg_private_key, secimg_private_key_from_pem(data, len, NULL, 0, &out));
  BAD_SLICES(secimg_private_key, secimg_private_key_from_pem(pem.data, pem.len, data, len, &out));
  NO_HANDLE(secimg_private_key, secimg_private_key_from_pem(NULL, 0, NULL, 0, &out), SECIMG_ERR_KEY);
  NO_HANDLE(secimg_private_key, secimg_private_key_from_pem(pass, 4, NULL, 0, &out), SECIMG_ERR_KEY);
  NULLED(secimg_private_key_load("absent", NULL, 0, 0, NULL));
  NO_HANDLE(secimg_private_key, secimg_private_key_load(NULL, NULL, 0, 0, &out), SECIMG_ERR_NULL_POINTER);
  NO_HANDLE(secimg_private_key, secimg_private_key_load("", NULL, 0, 0, &out), SECIMG_ERR_IO);
  NO_HANDLE(secimg_private_key, secimg_private_key_load("\xff", NULL, 0, 0, &out), SECIMG_ERR_INVALID_ARGUMENT);
  NO_HANDLE(secimg_private_key, secimg_private_key_load("absent", NULL, 0, 8, &out), SECIMG_ERR_INVALID_ARGUMENT);
  BAD_SLICES(secimg_private_key, secimg_private_key_load("absent", data, len, 0, &out));
  NULLED(secimg_private_key_to_pem(key, NULL, 0, NULL));
  NO_BUF(secimg_private_key_to_pem(NULL, NULL, 0, &out), SECIMG_ERR_NULL_POINTER);
  NO_BUF(secimg_private_key_to_pem(key, NULL, 1, &out), SECIMG_ERR_NULL_POINTER);
  NO_BUF(secimg_private_key_to_pem(key, pass, TOO_LONG, &out), SECIMG_ERR_INVALID_ARGUMENT);
  NULLED(secimg_private_key_store(NULL, "never.key", NULL, 0, 0));
  NULLED(secimg_private_key_store(key, NULL, NULL, 0, 0));
  REFUSED(secimg_private_key_store(key, "\xff", NULL, 0, 0));
  REFUSED(secimg_private_key_store(key, "never.key", NULL, 0, 8));
  BAD_SLICES_IN(secimg_private_key_store(key, "never.key", data, len, 0));
  CHECK_STATUS(secimg_private_key_load("never.key", NULL, 0, 0, &made), SECIMG_ERR_IO);
  NULLED(secimg_private_key_public(key, NULL));
  NO_HANDLE(secimg_public_key, secimg_private_key_public(NULL, &out), SECIMG_ERR_NULL_POINTER);
  secimg_buf_free(&pem);
}

static void public_keys(const people *all) {
  secimg_public_key *key = public_of(all->scanner);
  const uint8_t *bytes_out = (const uint8_t *)anchor;
  size_t len_out = 7;
  uint8_t fingerprint[32];
  char text[80];
  check_about("public keys");
  memset(fingerprint, 7, sizeof fingerprint);
  NULLED(secimg_public_key_from_pem(NULL, 0, NULL));
  BAD_SLICES(secimg_public_key, secimg_public_key_from_pem(data, len, &out));
  NO_HANDLE(secimg_public_key, secimg_public_key_from_pem(NULL, 0, &out), SECIMG_ERR_KEY);
  NULLED(secimg_public_key_from_spki(fingerprint, 32, NULL));
  BAD_SLICES(secimg_public_key, secimg_public_key_from_spki(data, len, &out));
  NO_HANDLE(secimg_public_key, secimg_public_key_from_spki(NULL, 0, &out), SECIMG_ERR_KEY);
  NULLED(secimg_public_key_load("absent", NULL));
  NO_HANDLE(secimg_public_key, secimg_public_key_load(NULL, &out), SECIMG_ERR_NULL_POINTER);
  NO_HANDLE(secimg_public_key, secimg_public_key_load("\xc3", &out), SECIMG_ERR_INVALID_ARGUMENT);
  NULLED(secimg_public_key_to_pem(key, NULL));
  NO_BUF(secimg_public_key_to_pem(NULL, &out), SECIMG_ERR_NULL_POINTER);
  NULLED(secimg_public_key_store(NULL, "never.pub", 0));
  NULLED(secimg_public_key_store(key, NULL, 0));
  REFUSED(secimg_public_key_store(key, "never.pub", SECIMG_ALLOW_SHARED_KEY | 16));
  NULLED(secimg_public_key_spki(NULL, &bytes_out, &len_out));
  NULLED(secimg_public_key_spki(key, NULL, &len_out));
  NULLED(secimg_public_key_spki(key, &bytes_out, NULL));
  CHECK(bytes_out == (const uint8_t *)anchor || bytes_out == NULL);
  CHECK(len_out == 7 || len_out == 0);
  NULLED(secimg_public_key_fingerprint(NULL, fingerprint));
  NULLED(secimg_public_key_fingerprint(key, NULL));
  CHECK(all_are(fingerprint, sizeof fingerprint, 7));
  CHECK_EQ(secimg_public_key_kind(NULL), 0);
  CHECK_EQ(secimg_public_key_bits(NULL), 0);
  CHECK_EQ(secimg_public_key_strength_bits(NULL), 0);
  CHECK(!secimg_public_key_equal(key, NULL));
  CHECK(!secimg_public_key_equal(NULL, key));
  CHECK(!secimg_public_key_equal(NULL, NULL));
  NULLED(secimg_fingerprint_text(NULL, text, sizeof text));
  NULLED(secimg_fingerprint_text(fingerprint, NULL, sizeof text));
  memset(text, 'x', sizeof text);
  for (size_t capacity = 0; capacity < SECIMG_FINGERPRINT_TEXT_LEN; capacity++) {
    CHECK_STATUS(secimg_fingerprint_text(fingerprint, text, capacity), SECIMG_ERR_BUFFER_TOO_SMALL);
    CHECK(all_are((uint8_t *)text, sizeof text, 'x'));
  }
  CHECK_OK(secimg_fingerprint_text(fingerprint, text, SECIMG_FINGERPRINT_TEXT_LEN));
  CHECK_EQ(strlen(text), SECIMG_FINGERPRINT_TEXT_LEN - 1);
  CHECK(text[SECIMG_FINGERPRINT_TEXT_LEN] == 'x');
  secimg_public_key_free(key);
}

static void symmetric_keys(const people *all) {
  const secimg_symmetric_key *key = all->raw;
  uint8_t out_bytes[32];
  check_about("symmetric keys");
  NULLED(secimg_symmetric_key_generate(NULL));
  NULLED(secimg_symmetric_key_from_bytes(out_bytes, 32, NULL));
  BAD_SLICES(secimg_symmetric_key, secimg_symmetric_key_from_bytes(data, len, &out));
  NO_HANDLE(secimg_symmetric_key, secimg_symmetric_key_from_bytes(NULL, 0, &out), SECIMG_ERR_INVALID_ARGUMENT);
  NULLED(secimg_symmetric_key_from_text(out_bytes, 32, NULL));
  BAD_SLICES(secimg_symmetric_key, secimg_symmetric_key_from_text(data, len, &out));
  NO_HANDLE(secimg_symmetric_key, secimg_symmetric_key_from_text(NULL, 0, &out), SECIMG_ERR_KEY);
  NULLED(secimg_symmetric_key_load("absent", 0, NULL));
  NO_HANDLE(secimg_symmetric_key, secimg_symmetric_key_load(NULL, 0, &out), SECIMG_ERR_NULL_POINTER);
  NO_HANDLE(secimg_symmetric_key, secimg_symmetric_key_load("absent", 0, &out), SECIMG_ERR_IO);
  NO_HANDLE(secimg_symmetric_key, secimg_symmetric_key_load("absent", 64, &out), SECIMG_ERR_INVALID_ARGUMENT);
  NULLED(secimg_symmetric_key_export(NULL, out_bytes));
  NULLED(secimg_symmetric_key_export(key, NULL));
  NULLED(secimg_symmetric_key_to_text(key, NULL));
  NO_BUF(secimg_symmetric_key_to_text(NULL, &out), SECIMG_ERR_NULL_POINTER);
  NULLED(secimg_symmetric_key_store(NULL, "never.sym", 0));
  NULLED(secimg_symmetric_key_store(key, NULL, 0));
  REFUSED(secimg_symmetric_key_store(key, "never.sym", 64));
  NULLED(secimg_symmetric_key_fingerprint(NULL, out_bytes));
  NULLED(secimg_symmetric_key_fingerprint(key, NULL));
}

static void certificates(const arguments *places) {
  secimg_certificates *crt = NULL;
  const uint8_t *der = NULL;
  size_t der_len = 0;
  bytes pem;
  check_about("certificates");
  NULLED(secimg_certificates_from_bytes(NULL, 0, NULL));
  BAD_SLICES(secimg_certificates, secimg_certificates_from_bytes(data, len, &out));
  CHECK(secimg_certificates_from_bytes(NULL, 0, &crt) != SECIMG_OK);
  NULLED(secimg_certificates_load("absent", NULL));
  NO_HANDLE(secimg_certificates, secimg_certificates_load(NULL, &out), SECIMG_ERR_NULL_POINTER);
  NO_HANDLE(secimg_certificates, secimg_certificates_load("absent", &out), SECIMG_ERR_IO);
  CHECK_EQ(secimg_certificates_count(NULL), 0);
  CHECK(!secimg_certificates_is_authority(NULL, 0));
  CHECK(secimg_certificates_subject(NULL, 0) == NULL);
  CHECK(secimg_certificates_issuer(NULL, 0) == NULL);
  CHECK_EQ(secimg_certificates_not_before(NULL, 0), 0);
  CHECK_EQ(secimg_certificates_not_after(NULL, 0), 0);
  NULLED(secimg_certificates_der(NULL, 0, &der, &der_len));
  NO_HANDLE(secimg_public_key, secimg_certificates_public_key(NULL, 0, &out), SECIMG_ERR_NULL_POINTER);
  NO_HANDLE(secimg_texts, secimg_certificates_check(NULL, SECIMG_PURPOSE_RECIPIENT, 0, 0, &out),
            SECIMG_ERR_NULL_POINTER);
  if (places->fixtures == NULL) {
    skipped("no fixtures were given");
    return;
  }
  MUST(read_file(places->fixtures, "recipient.crt", &pem));
  MUST_OK(secimg_certificates_from_bytes(pem.data, pem.len, &crt));
  NULLED(secimg_certificates_der(crt, 0, NULL, &der_len));
  NULLED(secimg_certificates_der(crt, 0, &der, NULL));
  REFUSED(secimg_certificates_der(crt, 1, &der, &der_len));
  REFUSED(secimg_certificates_der(crt, SIZE_MAX, &der, &der_len));
  NULLED(secimg_certificates_public_key(crt, 0, NULL));
  NO_HANDLE(secimg_public_key, secimg_certificates_public_key(crt, SIZE_MAX, &out), SECIMG_ERR_INVALID_ARGUMENT);
  NO_HANDLE(secimg_texts, secimg_certificates_check(crt, 0, 0, 0, &out), SECIMG_ERR_INVALID_ARGUMENT);
  NO_HANDLE(secimg_texts, secimg_certificates_check(crt, 1, 0, 2, &out), SECIMG_ERR_INVALID_ARGUMENT);
  secimg_certificates_free(crt);
  bytes_drop(&pem);
}

int main(int argc, char **argv) {
  const arguments places = arguments_from(argc, argv);
  people all = people_from(places.vectors);
  library();
  free_nothing();
  private_keys(&all);
  public_keys(&all);
  symmetric_keys(&all);
  certificates(&places);
  people_drop(&all);
  return check_end();
}
