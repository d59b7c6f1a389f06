/* Keys: made, written, read, compared; files that only their owner reads; the text forms of symmetric keys. */
#ifndef _WIN32
#define _POSIX_C_SOURCE 200809L
#endif
#include "support.h"

#include <stdio.h>
#include <string.h>
#ifndef _WIN32
#include <sys/stat.h>
#endif

#define SESAME ((const uint8_t *)"open sesame"), 11

static bool same_key(const secimg_private_key *a, const secimg_private_key *b) {
  secimg_public_key *first = public_of(a);
  secimg_public_key *second = public_of(b);
  const bool same = secimg_public_key_equal(first, second);
  secimg_public_key_free(first);
  secimg_public_key_free(second);
  return same;
}

static void encrypted(const secimg_private_key *key) {
  secimg_private_key *again = NULL;
  secimg_buf pem = {NULL, 0};
  MUST_OK(secimg_private_key_to_pem(key, SESAME, &pem));
  CHECK(pem.len > 60 && memcmp(pem.data, "-----BEGIN ENCRYPTED PRIVATE KEY-----\n", 38) == 0);
  CHECK_STATUS(secimg_private_key_from_pem(pem.data, pem.len, NULL, 0, &again), SECIMG_ERR_KEY_PASSPHRASE);
  CHECK_STATUS(secimg_private_key_from_pem(pem.data, pem.len, (const uint8_t *)"shut", 4, &again),
               SECIMG_ERR_KEY_PASSPHRASE);
  CHECK(again == NULL);
  MUST_OK(secimg_private_key_from_pem(pem.data, pem.len, SESAME, &again));
  CHECK(same_key(key, again));
  secimg_buf_free(&pem);
  secimg_private_key_free(again);
}

static void generated(void) {
  static const struct {
    uint32_t kind, bits, strength;
  } KEYS[] = {{SECIMG_KEY_ED25519, 256, 128}, {SECIMG_KEY_XWING, 0, 128}, {SECIMG_KEY_RSA, 2048, 112}};
  secimg_private_key *key = NULL;
  /* An RSA key of each run of the interpreter would take minutes. */
  for (size_t i = 0; i < (effort() == LIGHT ? 2u : 3u); i++) {
    secimg_private_key *again = NULL;
    secimg_buf pem = {NULL, 0};
    check_about("a new key of kind %u", (unsigned)KEYS[i].kind);
    MUST_OK(secimg_private_key_generate(KEYS[i].kind, KEYS[i].kind == SECIMG_KEY_RSA ? 2048 : 0, &key));
    secimg_public_key *public_key = public_of(key);
    CHECK_EQ(secimg_public_key_kind(public_key), KEYS[i].kind);
    CHECK(secimg_public_key_strength_bits(public_key) >= KEYS[i].strength);
    if (KEYS[i].bits != 0) {
      CHECK_EQ(secimg_public_key_bits(public_key), KEYS[i].bits);
    }
    MUST_OK(secimg_private_key_to_pem(key, NULL, 0, &pem));
    CHECK(pem.len > 60 && memcmp(pem.data, "-----BEGIN PRIVATE KEY-----\n", 28) == 0);
    MUST_OK(secimg_private_key_from_pem(pem.data, pem.len, NULL, 0, &again));
    CHECK(same_key(key, again));
    secimg_private_key_free(again);
    secimg_buf_free(&pem);
    /* Each passphrase is made to cost time: once is enough where every instruction is interpreted. */
    if (effort() != LIGHT || i == 0) {
      encrypted(key);
    }
    secimg_public_key_free(public_key);
    secimg_private_key_free(key);
  }
  check_about("keys that cannot be");
  CHECK_STATUS(secimg_private_key_generate(0, 0, &key), SECIMG_ERR_INVALID_ARGUMENT);
  CHECK_STATUS(secimg_private_key_generate(4, 0, &key), SECIMG_ERR_INVALID_ARGUMENT);
  CHECK_STATUS(secimg_private_key_generate(SECIMG_KEY_RSA, 1024, &key), SECIMG_ERR_KEY);
  CHECK_STATUS(secimg_private_key_generate(SECIMG_KEY_RSA, 2049, &key), SECIMG_ERR_KEY);
  CHECK_STATUS(secimg_private_key_generate(SECIMG_KEY_ED25519, 2048, &key), SECIMG_ERR_INVALID_ARGUMENT);
  CHECK(key == NULL);
}

static void public_forms(const people *all) {
  secimg_private_key *const keys[] = {all->rsa, all->xwing, all->scanner};
  for (size_t i = 0; i < 3; i++) {
    secimg_public_key *key = public_of(keys[i]);
    secimg_public_key *again = NULL;
    secimg_buf pem = {NULL, 0};
    const uint8_t *spki = NULL;
    size_t len = 0;
    uint8_t is[32], should[32];
    char text[SECIMG_FINGERPRINT_TEXT_LEN], hex[65];
    check_about("public key %zu", i);
    MUST_OK(secimg_public_key_spki(key, &spki, &len));
    MUST_OK(secimg_public_key_from_spki(spki, len, &again));
    CHECK(secimg_public_key_equal(key, again));
    secimg_public_key_free(again);
    MUST_OK(secimg_public_key_to_pem(key, &pem));
    MUST_OK(secimg_public_key_from_pem(pem.data, pem.len, &again));
    CHECK(secimg_public_key_equal(key, again));
    CHECK(!secimg_public_key_equal(key, NULL));
    secimg_public_key_free(again);
    /* Every shorter one is none, and neither is a longer one. */
    again = (secimg_public_key *)text;
    for (size_t cut = 0; cut < len; cut += by_effort(50, 1, 1)) {
      CHECK_STATUS(secimg_public_key_from_spki(spki, cut, &again), SECIMG_ERR_KEY);
      CHECK(again == NULL);
    }
    sha256(spki, len, should);
    CHECK_OK(secimg_public_key_fingerprint(key, is));
    CHECK(memcmp(is, should, 32) == 0);
    for (size_t b = 0; b < 32; b++) {
      (void)snprintf(hex + 2 * b, 3, "%02x", should[b]);
    }
    CHECK_OK(secimg_fingerprint_text(is, text, sizeof text));
    CHECK(memcmp(text, "sha256:", 7) == 0);
    CHECK_TEXT(text + 7, hex);
    CHECK_STATUS(secimg_fingerprint_text(is, text, sizeof text - 1), SECIMG_ERR_BUFFER_TOO_SMALL);
    secimg_buf_free(&pem);
    secimg_public_key_free(key);
  }
}

static unsigned mode_of(const char *path) {
#ifdef _WIN32
  (void)path;
  return 0600;
#else
  struct stat about;
  MUST(stat(path, &about) == 0);
  return (unsigned)about.st_mode & 0777u;
#endif
}

static void share(const char *path) {
#ifdef _WIN32
  (void)path;
#else
  MUST(chmod(path, 0644) == 0);
#endif
}

static void files(const people *all) {
  secimg_private_key *key = NULL;
  secimg_symmetric_key *symmetric = NULL;
  secimg_public_key *own = public_of(all->scanner);
  secimg_public_key *public_key = NULL;
  check_about("key files");
  (void)remove("stored.key");
  (void)remove("stored.pub");
  (void)remove("stored.sym");
  MUST_OK(secimg_private_key_store(all->scanner, "stored.key", NULL, 0, 0));
  CHECK_EQ(mode_of("stored.key"), 0600);
  CHECK_STATUS(secimg_private_key_store(all->scanner, "stored.key", NULL, 0, 0), SECIMG_ERR_IO);
  MUST_OK(secimg_private_key_store(all->scanner, "stored.key", SESAME, SECIMG_OVERWRITE));
  CHECK_EQ(mode_of("stored.key"), 0600);
  CHECK_STATUS(secimg_private_key_load("stored.key", NULL, 0, 0, &key), SECIMG_ERR_KEY_PASSPHRASE);
  MUST_OK(secimg_private_key_load("stored.key", SESAME, 0, &key));
  CHECK(same_key(key, all->scanner));
  secimg_private_key_free(key);
#ifndef _WIN32
  share("stored.key");
  key = NULL;
  CHECK_STATUS(secimg_private_key_load("stored.key", SESAME, 0, &key), SECIMG_ERR_KEY);
  CHECK(key == NULL);
  char text[300];
  CHECK(secimg_last_error(text, sizeof text) > 0 && strstr(text, "SECIMG_ALLOW_SHARED_KEY") != NULL);
  if (effort() != LIGHT) {
    MUST_OK(secimg_private_key_load("stored.key", SESAME, SECIMG_ALLOW_SHARED_KEY, &key));
    secimg_private_key_free(key);
  }
#endif
  MUST_OK(secimg_public_key_store(own, "stored.pub", 0));
  CHECK_STATUS(secimg_public_key_store(own, "stored.pub", 0), SECIMG_ERR_IO);
  MUST_OK(secimg_public_key_store(own, "stored.pub", SECIMG_OVERWRITE));
  MUST_OK(secimg_public_key_load("stored.pub", &public_key));
  CHECK(secimg_public_key_equal(public_key, own));
  secimg_public_key_free(public_key);
  MUST_OK(secimg_symmetric_key_store(all->raw, "stored.sym", 0));
  CHECK_EQ(mode_of("stored.sym"), 0600);
  MUST_OK(secimg_symmetric_key_load("stored.sym", 0, &symmetric));
  secimg_symmetric_key_free(symmetric);
  share("stored.sym");
#ifndef _WIN32
  CHECK_STATUS(secimg_symmetric_key_load("stored.sym", 0, &symmetric), SECIMG_ERR_KEY);
#endif
  CHECK_STATUS(secimg_private_key_load("absent.key", NULL, 0, 0, &key), SECIMG_ERR_IO);
  CHECK_STATUS(secimg_public_key_load("absent.pub", &public_key), SECIMG_ERR_IO);
  CHECK_STATUS(secimg_public_key_load(".", &public_key), SECIMG_ERR_IO);
  CHECK_STATUS(secimg_private_key_store(all->scanner, "absent/stored.key", NULL, 0, 0), SECIMG_ERR_IO);
  /* Unknown flags may mean something one day: now they are refused. */
  CHECK_STATUS(secimg_private_key_load("stored.key", SESAME, 0x80, &key), SECIMG_ERR_INVALID_ARGUMENT);
  CHECK_STATUS(secimg_public_key_store(own, "stored.pub", 0x80), SECIMG_ERR_INVALID_ARGUMENT);
  (void)remove("stored.key");
  (void)remove("stored.pub");
  (void)remove("stored.sym");
  secimg_public_key_free(own);
}

static void symmetric_forms(void) {
  static const uint8_t KEY[] = "0123456789abcdef0123456789ABCDEF";
  static const char *const FORMS[] = {"MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlBQkNERUY=\n",
                                      "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlBQkNERUY=",
                                      "3031323334353637383961626364656630313233343536373839414243444546",
                                      "0123456789abcdef0123456789ABCDEF"};
  static const char *const BAD[] = {"", "x", "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlBQkNERU==\n",
                                    "303132333435363738396162636465663031323334353637383941424344454"};
  secimg_symmetric_key *key = NULL;
  secimg_buf text = {NULL, 0};
  uint8_t out[32], fingerprint[32], again[32];
  check_about("forms of a symmetric key");
  for (size_t i = 0; i < 4; i++) {
    MUST_OK(secimg_symmetric_key_from_text((const uint8_t *)FORMS[i], strlen(FORMS[i]), &key));
    CHECK_OK(secimg_symmetric_key_export(key, out));
    CHECK(memcmp(out, KEY, 32) == 0);
    secimg_symmetric_key_free(key);
    key = NULL;
    CHECK_STATUS(secimg_symmetric_key_from_text((const uint8_t *)BAD[i], strlen(BAD[i]), &key), SECIMG_ERR_KEY);
    CHECK(key == NULL);
  }
  MUST_OK(secimg_symmetric_key_from_bytes(KEY, 32, &key));
  MUST_OK(secimg_symmetric_key_to_text(key, &text));
  CHECK(same_bytes(text.data, text.len, (const uint8_t *)FORMS[0], 45));
  secimg_buf_free(&text);
  CHECK_OK(secimg_symmetric_key_fingerprint(key, fingerprint));
  secimg_symmetric_key_free(key);
  /* It says nothing of the key itself, and the same each time. */
  MUST_OK(secimg_symmetric_key_from_bytes(KEY, 32, &key));
  CHECK_OK(secimg_symmetric_key_fingerprint(key, again));
  CHECK(memcmp(fingerprint, again, 32) == 0 && memcmp(fingerprint, KEY, 32) != 0);
  secimg_symmetric_key_free(key);
  for (size_t len = 0; len < 32; len++) {
    CHECK_STATUS(secimg_symmetric_key_from_bytes(KEY, len, &key), SECIMG_ERR_INVALID_ARGUMENT);
  }
  CHECK_STATUS(secimg_symmetric_key_from_bytes(KEY, 33, &key), SECIMG_ERR_INVALID_ARGUMENT);
}

/* One key, one purpose. */
static void wrong_purpose(const people *all) {
  secimg_recipients *recipients = NULL;
  secimg_trusted_signers *trusted = NULL;
  secimg_signer *signer = NULL;
  secimg_identity *identity = NULL;
  secimg_public_key *ed25519 = public_of(all->scanner);
  secimg_public_key *xwing = public_of(all->xwing);
  check_about("keys for another purpose");
  MUST_OK(secimg_recipients_new(&recipients));
  MUST_OK(secimg_trusted_signers_new(&trusted));
  CHECK_STATUS(secimg_recipients_add_public_key(recipients, ed25519), SECIMG_ERR_KEY);
  CHECK_STATUS(secimg_trusted_signers_add_public_key(trusted, xwing), SECIMG_ERR_KEY);
  CHECK_EQ(secimg_trusted_signers_count(trusted), 0);
  CHECK_STATUS(secimg_signer_from_private_key(all->xwing, &signer), SECIMG_ERR_KEY);
  CHECK(signer == NULL);
  CHECK_STATUS(secimg_identity_from_private_key(all->scanner, &identity), SECIMG_ERR_KEY);
  CHECK(identity == NULL);
  secimg_public_key_free(xwing);
  secimg_public_key_free(ed25519);
  secimg_trusted_signers_free(trusted);
  secimg_recipients_free(recipients);
}

int main(int argc, char **argv) {
  const arguments places = arguments_from(argc, argv);
  people all = people_from(places.vectors);
  generated();
  public_forms(&all);
  files(&all);
  symmetric_forms();
  wrong_purpose(&all);
  people_drop(&all);
  return check_end();
}
