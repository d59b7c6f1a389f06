/* The `openssl` command as a device that holds the keys: an RSA key that decrypts and signs, an Ed25519 key that signs,
 * all by callbacks. It also reads the keys that the library writes, and the library those that it makes. */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Runs openssl; true where it succeeded. */
static bool openssl(const char *words) {
  char command[1024];
#ifdef _WIN32
  const char *quiet = "openssl %s >NUL 2>NUL";
#else
  const char *quiet = "openssl %s >/dev/null 2>/dev/null";
#endif
  const int len = snprintf(command, sizeof command, quiet, words);
  MUST(len > 0 && (size_t)len < sizeof command);
  return system(command) == 0;
}

struct device {
  const char *words; /* what openssl is to do with device.in, into device.out */
  unsigned calls;
};

static int32_t ask(struct device *device, const uint8_t *data, size_t len, uint8_t *out, size_t out_len) {
  bytes answer;
  device->calls++;
  (void)remove("device.out");
  write_file("device.in", data, len);
  if (!openssl(device->words)) {
    return 1;
  }
  MUST(read_file(".", "device.out", &answer));
  const bool fits = answer.len == out_len;
  if (fits) {
    memcpy(out, answer.data, out_len);
  }
  bytes_drop(&answer);
  return fits ? 0 : 1;
}

static int32_t device_sign(void *userdata, const uint8_t *message, size_t message_len, uint8_t *out, size_t out_len) {
  return ask(userdata, message, message_len, out, out_len);
}

static int32_t device_unwrap(void *userdata, const uint8_t *wrapped, size_t wrapped_len, uint8_t *cek) {
  return ask(userdata, wrapped, wrapped_len, cek, 32);
}

static secimg_private_key *made_by_openssl(const char *words, const char *file) {
  secimg_private_key *key = NULL;
  bytes pem;
  MUST(openssl(words));
  MUST(read_file(".", file, &pem));
  MUST_OK(secimg_private_key_from_pem(pem.data, pem.len, NULL, 0, &key));
  bytes_drop(&pem);
  return key;
}

static void signs(const people *all, const secimg_private_key *key, uint32_t algorithm, const char *words) {
  struct device device = {words, 0};
  secimg_seal_options *seal = seal_for(all, RAW);
  secimg_open_options *open = open_for(all, RAW);
  secimg_public_key *public_key = public_of(key);
  secimg_signer_callbacks callbacks;
  secimg_signer *signer = NULL;
  bytes image = pattern(9000, 1);
  check_about("a device that signs, algorithm %u", (unsigned)algorithm);
  memset(&callbacks, 0, sizeof callbacks);
  callbacks.struct_size = sizeof callbacks;
  callbacks.userdata = &device;
  callbacks.algorithm = algorithm;
  callbacks.sign = device_sign;
  MUST_OK(secimg_public_key_spki(public_key, &callbacks.spki, &callbacks.spki_len));
  MUST_OK(secimg_signer_from_callbacks(&callbacks, &signer));
  MUST_OK(secimg_seal_options_set_signer(seal, signer));
  require_signer(open, key);
  bytes sealed = seal_at_once(seal, NULL, image);
  CHECK_EQ(device.calls, 1);
  check_opens(open, sealed, image);
  bytes_drop(&sealed);
  bytes_drop(&image);
  secimg_signer_free(signer);
  secimg_public_key_free(public_key);
  secimg_open_options_free(open);
  secimg_seal_options_free(seal);
}

static void decrypts(const secimg_private_key *key, const char *words) {
  struct device device = {words, 0};
  secimg_public_key *public_key = public_of(key);
  secimg_recipients *recipients = NULL;
  secimg_seal_options *seal = NULL;
  secimg_identity_callbacks callbacks;
  secimg_identity *identity = NULL;
  secimg_open_options *open = NULL;
  bytes image = pattern(9000, 1);
  check_about("a device that decrypts");
  MUST_OK(secimg_recipients_new(&recipients));
  MUST_OK(secimg_recipients_add_public_key(recipients, public_key));
  MUST_OK(secimg_seal_options_new(recipients, &seal));
  memset(&callbacks, 0, sizeof callbacks);
  callbacks.struct_size = sizeof callbacks;
  callbacks.userdata = &device;
  callbacks.recipient_type = SECIMG_RECIPIENT_RSA_OAEP_SHA256;
  callbacks.unwrap = device_unwrap;
  MUST_OK(secimg_public_key_spki(public_key, &callbacks.spki, &callbacks.spki_len));
  MUST_OK(secimg_identity_from_callbacks(&callbacks, &identity));
  MUST_OK(secimg_open_options_new(&open));
  MUST_OK(secimg_open_options_add_identity(open, identity));
  bytes sealed = seal_at_once(seal, NULL, image);
  check_opens(open, sealed, image);
  CHECK_EQ(device.calls, 1);
  bytes_drop(&sealed);
  bytes_drop(&image);
  secimg_open_options_free(open);
  secimg_identity_free(identity);
  secimg_seal_options_free(seal);
  secimg_recipients_free(recipients);
  secimg_public_key_free(public_key);
}

/* What the library writes, openssl reads: the DER that it makes of it has the key's fingerprint. */
static void openssl_reads(const secimg_private_key *key, const char *name) {
  secimg_public_key *public_key = public_of(key);
  uint8_t is[32], should[32];
  bytes der;
  check_about("openssl reads the key %s", name);
  MUST_OK(secimg_private_key_store(key, "ours.key", (const uint8_t *)"open sesame", 11, SECIMG_OVERWRITE));
  CHECK(openssl("pkey -in ours.key -passin pass:shut -noout") == false);
  MUST(openssl("pkey -in ours.key -passin pass:\"open sesame\" -pubout -outform DER -out ours.der"));
  MUST(read_file(".", "ours.der", &der));
  sha256(der.data, der.len, should);
  CHECK_OK(secimg_public_key_fingerprint(public_key, is));
  CHECK(memcmp(is, should, 32) == 0);
  bytes_drop(&der);
  MUST_OK(secimg_public_key_store(public_key, "ours.pub", SECIMG_OVERWRITE));
  CHECK(openssl("pkey -pubin -in ours.pub -noout"));
  secimg_public_key_free(public_key);
}

int main(int argc, char **argv) {
  const arguments places = arguments_from(argc, argv);
  if (!openssl("version") || !openssl("genpkey -algorithm ED25519 -out device_ed25519.key")) {
    skipped("no openssl command that makes Ed25519 keys");
    return check_end();
  }
  people all = people_from(places.vectors);
  secimg_private_key *ed25519 = made_by_openssl("genpkey -algorithm ED25519 -out device_ed25519.key", "device_ed25519.key");
  secimg_private_key *rsa =
      made_by_openssl("genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out device_rsa.key", "device_rsa.key");
  signs(&all, ed25519, SECIMG_SIGNATURE_ED25519,
        "pkeyutl -sign -rawin -inkey device_ed25519.key -in device.in -out device.out");
  signs(&all, rsa, SECIMG_SIGNATURE_RSA_PSS_SHA256,
        "dgst -sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32 -sign device_rsa.key -out device.out device.in");
  decrypts(rsa, "pkeyutl -decrypt -inkey device_rsa.key -pkeyopt rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:sha256 "
                "-in device.in -out device.out");
  if (effort() != LIGHT) {
    openssl_reads(rsa, "RSA");
  }
  openssl_reads(ed25519, "Ed25519");
  secimg_private_key_free(rsa);
  secimg_private_key_free(ed25519);
  people_drop(&all);
  return check_end();
}
