/* Keys and certificates that OpenSSL made: the fixtures of the library's own tests. */
#include "support.h"

#include <string.h>

#define SESAME ((const uint8_t *)"open sesame"), 11
#define BEGIN_2020 1577836800u
#define BEGIN_2027 1798761600u
#define BEGIN_2100 4102444800u

static void private_keys(const char *fixtures) {
  static const struct {
    const char *file;
    bool encrypted;
    secimg_status status;
  } FILES[] = {
      {"rsa_2048.pem", false, SECIMG_OK},        {"rsa_3072.pem", false, SECIMG_OK},
      {"ed25519.pem", false, SECIMG_OK},         {"xwing.pem", false, SECIMG_OK},
      {"rsa_2048_pbkdf2.pem", true, SECIMG_OK},  {"ed25519_pbkdf2.pem", true, SECIMG_OK},
      {"rsa_1024.pem", false, SECIMG_ERR_KEY},   {"ec_p256.pem", false, SECIMG_ERR_KEY},
      {"rsa_2048_pbes1.pem", true, SECIMG_ERR_KEY},
  };
  for (size_t i = 0; i < sizeof FILES / sizeof *FILES; i++) {
    secimg_private_key *key = NULL;
    bytes pem;
    check_about("%s", FILES[i].file);
    MUST(read_file(fixtures, FILES[i].file, &pem));
    if (FILES[i].encrypted) {
      CHECK_STATUS(secimg_private_key_from_pem(pem.data, pem.len, SESAME, &key), FILES[i].status);
    } else {
      CHECK_STATUS(secimg_private_key_from_pem(pem.data, pem.len, NULL, 0, &key), FILES[i].status);
    }
    CHECK_EQ(key != NULL, FILES[i].status == SECIMG_OK);
    secimg_private_key_free(key);
    bytes_drop(&pem);
  }
}

static void public_keys(const char *fixtures) {
  static const struct {
    const char *file;
    uint32_t kind, bits;
    secimg_status status;
  } FILES[] = {
      {"rsa_2048.pub", SECIMG_KEY_RSA, 2048, SECIMG_OK},   {"rsa_3072.pub", SECIMG_KEY_RSA, 3072, SECIMG_OK},
      {"rsa_4096.pub", SECIMG_KEY_RSA, 4096, SECIMG_OK},   {"ed25519.pub", SECIMG_KEY_ED25519, 256, SECIMG_OK},
      {"xwing.pub", SECIMG_KEY_XWING, 0, SECIMG_OK},       {"rsa_1024.pub", 0, 0, SECIMG_ERR_KEY},
      {"ec_p256.pub", 0, 0, SECIMG_ERR_KEY},               {"recipient.crt", 0, 0, SECIMG_ERR_KEY},
  };
  for (size_t i = 0; i < sizeof FILES / sizeof *FILES; i++) {
    secimg_public_key *key = NULL;
    bytes pem;
    check_about("%s", FILES[i].file);
    MUST(read_file(fixtures, FILES[i].file, &pem));
    CHECK_STATUS(secimg_public_key_from_pem(pem.data, pem.len, &key), FILES[i].status);
    CHECK_EQ(secimg_public_key_kind(key), FILES[i].kind);
    CHECK(FILES[i].bits == 0 || secimg_public_key_bits(key) == FILES[i].bits);
    secimg_public_key_free(key);
    bytes_drop(&pem);
  }
}

static secimg_certificates *certificates(const char *fixtures, const char *file) {
  secimg_certificates *made = NULL;
  bytes pem;
  MUST(read_file(fixtures, file, &pem));
  MUST_OK(secimg_certificates_from_bytes(pem.data, pem.len, &made));
  bytes_drop(&pem);
  return made;
}

static void a_certificate(const char *fixtures) {
  secimg_certificates *crt = certificates(fixtures, "recipient.crt");
  secimg_certificates *again = NULL;
  secimg_public_key *key = NULL, *own = NULL;
  secimg_texts *warnings = NULL;
  const uint8_t *der = NULL;
  size_t len = 0;
  bytes pem;
  check_about("recipient.crt");
  CHECK_EQ(secimg_certificates_count(crt), 1);
  CHECK(!secimg_certificates_is_authority(crt, 0));
  CHECK(!secimg_certificates_is_authority(crt, 1));
  CHECK(strstr(secimg_certificates_subject(crt, 0), "Radiology") != NULL);
  CHECK(strstr(secimg_certificates_issuer(crt, 0), "Example Hospital") != NULL);
  CHECK(secimg_certificates_subject(crt, 1) == NULL);
  CHECK(secimg_certificates_not_before(crt, 0) > BEGIN_2020);
  CHECK(secimg_certificates_not_after(crt, 0) - secimg_certificates_not_before(crt, 0) == 3650u * 86400u);
  CHECK_EQ(secimg_certificates_not_after(crt, 1), 0);
  MUST_OK(secimg_certificates_public_key(crt, 0, &key));
  MUST(read_file(fixtures, "rsa_2048.pub", &pem));
  MUST_OK(secimg_public_key_from_pem(pem.data, pem.len, &own));
  CHECK(secimg_public_key_equal(key, own));
  secimg_public_key_free(key);
  CHECK_STATUS(secimg_certificates_public_key(crt, 1, &key), SECIMG_ERR_INVALID_ARGUMENT);
  CHECK(key == NULL);
  /* DER and PEM are told apart by their content. */
  MUST_OK(secimg_certificates_der(crt, 0, &der, &len));
  CHECK(len > 100 && der[0] == 0x30);
  MUST_OK(secimg_certificates_from_bytes(der, len, &again));
  CHECK_TEXT(secimg_certificates_subject(again, 0), secimg_certificates_subject(crt, 0));
  secimg_certificates_free(again);
  again = (secimg_certificates *)&len;
  CHECK(secimg_certificates_from_bytes(der, len - 1, &again) != SECIMG_OK);
  CHECK(again == NULL);

  MUST_OK(secimg_certificates_check(crt, SECIMG_PURPOSE_RECIPIENT, BEGIN_2027, 0, &warnings));
  CHECK_EQ(secimg_texts_count(warnings), 0);
  CHECK(secimg_texts_get(warnings, 0) == NULL);
  secimg_texts_free(warnings);
  /* Expired, not yet valid, for another purpose: a warning, or a refusal where that was asked for. */
  static const struct {
    uint32_t purpose;
    uint64_t now;
  } ODD[] = {{SECIMG_PURPOSE_RECIPIENT, BEGIN_2100},
             {SECIMG_PURPOSE_RECIPIENT, BEGIN_2020},
             {SECIMG_PURPOSE_SIGNER, BEGIN_2027}};
  for (size_t i = 0; i < 3; i++) {
    check_about("recipient.crt, oddity %zu", i);
    MUST_OK(secimg_certificates_check(crt, ODD[i].purpose, ODD[i].now, 0, &warnings));
    CHECK(secimg_texts_count(warnings) > 0);
    CHECK(secimg_texts_get(warnings, 0) != NULL && *secimg_texts_get(warnings, 0) != '\0');
    secimg_texts_free(warnings);
    warnings = (secimg_texts *)&len;
    CHECK_STATUS(
        secimg_certificates_check(crt, ODD[i].purpose, ODD[i].now, SECIMG_STRICT_CERTIFICATES, &warnings),
        SECIMG_ERR_CERTIFICATE);
    CHECK(warnings == NULL);
    CHECK_OK(secimg_certificates_check(crt, ODD[i].purpose, ODD[i].now, 0, NULL));
  }
  check_about("recipient.crt");
  CHECK_STATUS(secimg_certificates_check(crt, 3, 0, 0, NULL), SECIMG_ERR_INVALID_ARGUMENT);
  CHECK_STATUS(secimg_certificates_check(crt, SECIMG_PURPOSE_RECIPIENT, 0, 0x80, NULL), SECIMG_ERR_INVALID_ARGUMENT);
  bytes_drop(&pem);
  secimg_public_key_free(own);
  secimg_certificates_free(crt);
}

/* Sealed for the certificate's owner, signed by the owner of another, with the authority's beside it. */
static void in_use(const char *fixtures) {
  secimg_certificates *recipient = certificates(fixtures, "recipient.crt");
  secimg_certificates *chain = NULL, *authority = certificates(fixtures, "authority.crt");
  secimg_private_key *key = NULL, *scanner = NULL;
  secimg_recipients *recipients = NULL;
  secimg_trusted_signers *trusted = NULL;
  secimg_seal_options *seal = NULL;
  secimg_open_options *open = NULL;
  secimg_identity *identity = NULL;
  secimg_texts *warnings = NULL;
  bytes pem, more, image = pattern(1000, 1);
  check_about("certificates in use");
  MUST(read_file(fixtures, "signer.crt", &pem) && read_file(fixtures, "authority.crt", &more));
  append(&pem, more.data, more.len);
  MUST_OK(secimg_certificates_from_bytes(pem.data, pem.len, &chain));
  CHECK_EQ(secimg_certificates_count(chain), 2);
  CHECK(!secimg_certificates_is_authority(chain, 0));
  CHECK(secimg_certificates_is_authority(chain, 1));
  CHECK(secimg_certificates_is_authority(authority, 0));
  bytes_drop(&more);
  bytes_drop(&pem);
  MUST_OK(secimg_recipients_new(&recipients));
  MUST_OK(secimg_recipients_add_certificates(recipients, recipient, 0, &warnings));
  secimg_texts_free(warnings);
  CHECK_EQ(secimg_recipients_count(recipients), 1);
  CHECK_STATUS(secimg_recipients_add_certificates(recipients, authority, 0, NULL), SECIMG_ERR_CERTIFICATE);
  MUST_OK(secimg_trusted_signers_new(&trusted));
  MUST_OK(secimg_trusted_signers_add_certificates(trusted, chain, 0, NULL));
  CHECK_EQ(secimg_trusted_signers_count(trusted), 1);
  CHECK_STATUS(secimg_trusted_signers_add_certificates(trusted, authority, 0, NULL), SECIMG_ERR_CERTIFICATE);

  MUST(read_file(fixtures, "rsa_2048.pem", &pem) && read_file(fixtures, "ed25519.pem", &more));
  MUST_OK(secimg_private_key_from_pem(pem.data, pem.len, NULL, 0, &key));
  MUST_OK(secimg_private_key_from_pem(more.data, more.len, NULL, 0, &scanner));
  MUST_OK(secimg_seal_options_new(recipients, &seal));
  sign_with(seal, scanner);
  MUST_OK(secimg_identity_from_private_key(key, &identity));
  MUST_OK(secimg_open_options_new(&open));
  MUST_OK(secimg_open_options_add_identity(open, identity));
  MUST_OK(secimg_open_options_require_signer(open, trusted));
  bytes sealed = seal_at_once(seal, NULL, image);
  check_opens(open, sealed, image);
  bytes_drop(&sealed);
  bytes_drop(&image);
  bytes_drop(&more);
  bytes_drop(&pem);
  secimg_open_options_free(open);
  secimg_identity_free(identity);
  secimg_seal_options_free(seal);
  secimg_private_key_free(scanner);
  secimg_private_key_free(key);
  secimg_trusted_signers_free(trusted);
  secimg_recipients_free(recipients);
  secimg_certificates_free(authority);
  secimg_certificates_free(chain);
  secimg_certificates_free(recipient);
}

int main(int argc, char **argv) {
  const arguments places = arguments_from(argc, argv);
  if (places.fixtures == NULL) {
    skipped("no fixtures were given");
    return check_end();
  }
  private_keys(places.fixtures);
  public_keys(places.fixtures);
  a_certificate(places.fixtures);
  in_use(places.fixtures);
  return check_end();
}
