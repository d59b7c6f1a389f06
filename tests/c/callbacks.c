/* Keys that live elsewhere: callbacks for recipients, identities and signers, what becomes of their failures, and who
 * releases them and when. The "device" here hides a key under a fixed pad, which is for tests only. */
#include "support.h"

#include <string.h>

/* How a device behaves, and what it saw. */
struct device {
  int32_t answer;     /* what the callbacks return */
  bool writes;        /* whether they write anything */
  unsigned calls;
  unsigned released;
  uint8_t cek[32];    /* the last one that was wrapped */
  size_t wrapped_len; /* of the last one that was to be unwrapped */
};

static const uint8_t PAD = 0x5c;

static int32_t wrap(void *userdata, const uint8_t *cek, const uint8_t *salt, uint8_t *out, size_t out_len) {
  struct device *device = userdata;
  device->calls++;
  CHECK(!all_are(cek, 32, 0) && !all_are(salt, 32, 0));
  CHECK(out_len >= 32);
  memcpy(device->cek, cek, 32);
  for (size_t i = 0; device->writes && i < 32; i++) {
    out[i] = cek[i] ^ PAD;
  }
  return device->answer;
}

static int32_t unwrap(void *userdata, const uint8_t *wrapped, size_t wrapped_len, uint8_t *cek) {
  struct device *device = userdata;
  device->calls++;
  device->wrapped_len = wrapped_len;
  for (size_t i = 0; device->writes && i < 32; i++) {
    cek[i] = wrapped[i] ^ PAD;
  }
  return device->answer;
}

/* Knows the key from somewhere else, as a device would that holds the private key. */
static int32_t unwrap_known(void *userdata, const uint8_t *wrapped, size_t wrapped_len, uint8_t *cek) {
  struct device *device = userdata;
  device->calls++;
  device->wrapped_len = wrapped_len;
  CHECK(wrapped != NULL);
  memcpy(cek, device->cek, 32);
  return device->answer;
}

static int32_t sign(void *userdata, const uint8_t *message, size_t message_len, uint8_t *out, size_t out_len) {
  struct device *device = userdata;
  device->calls++;
  CHECK(message_len > 18 && memcmp(message, "secimg/1 signature", 18) == 0);
  CHECK_EQ(out_len, 64);
  memset(out, 7, out_len);
  return device->answer;
}

static void release(void *userdata) { ((struct device *)userdata)->released++; }

static secimg_recipient_callbacks recipient_of(struct device *device) {
  secimg_recipient_callbacks made;
  memset(&made, 0, sizeof made);
  made.struct_size = sizeof made;
  made.userdata = device;
  made.provider = "test pad";
  made.key_name = (const uint8_t *)"key 1";
  made.key_name_len = 5;
  made.wrapped_len = 32;
  made.wrap = wrap;
  made.release = release;
  return made;
}

static secimg_identity_callbacks identity_of(struct device *device) {
  secimg_identity_callbacks made;
  memset(&made, 0, sizeof made);
  made.struct_size = sizeof made;
  made.userdata = device;
  made.recipient_type = SECIMG_RECIPIENT_EXTERNAL;
  made.provider = "test pad";
  made.key_name = (const uint8_t *)"key 1";
  made.key_name_len = 5;
  made.unwrap = unwrap;
  made.release = release;
  return made;
}

static secimg_seal_options *seal_with(const secimg_recipient_callbacks *callbacks) {
  secimg_recipients *recipients = NULL;
  secimg_seal_options *options = NULL;
  MUST_OK(secimg_recipients_new(&recipients));
  MUST_OK(secimg_recipients_add_callbacks(recipients, callbacks));
  MUST_OK(secimg_seal_options_new(recipients, &options));
  secimg_recipients_free(recipients);
  return options;
}

static secimg_open_options *open_with(const secimg_identity_callbacks *callbacks) {
  secimg_identity *identity = NULL;
  secimg_open_options *options = NULL;
  MUST_OK(secimg_identity_from_callbacks(callbacks, &identity));
  MUST_OK(secimg_open_options_new(&options));
  MUST_OK(secimg_open_options_add_identity(options, identity));
  secimg_identity_free(identity);
  return options;
}

static void there_and_back(void) {
  static struct device sender, receiver;
  sender.writes = receiver.writes = true;
  const secimg_recipient_callbacks recipient = recipient_of(&sender);
  const secimg_identity_callbacks identity = identity_of(&receiver);
  secimg_seal_options *seal = seal_with(&recipient);
  secimg_open_options *open = open_with(&identity);
  secimg_report *report = NULL;
  bytes image = pattern(5000, 1);
  check_about("there and back");
  CHECK_EQ(sender.released, 0);
  bytes sealed = seal_at_once(seal, NULL, image);
  /* Foretelling a size wraps nothing. */
  CHECK_EQ(sender.calls, 1);
  check_opens(open, sealed, image);
  CHECK_EQ(receiver.calls, 1);
  CHECK_EQ(receiver.wrapped_len, 32);
  MUST_OK(secimg_verify(open, sealed.data, sealed.len, &report));
  CHECK_EQ(secimg_report_recipient_type(report), SECIMG_RECIPIENT_EXTERNAL);
  secimg_report_free(report);
  trace seen = open_in_pieces(open, sealed, 0);
  CHECK_EQ(seen.end, SECIMG_OK);
  trace_drop(&seen);

  /* It did not unwrap: that looks like any other failure. It is away: that does not. */
  receiver.answer = 1;
  CHECK_STATUS(secimg_verify(open, sealed.data, sealed.len, NULL), SECIMG_ERR_NOT_AUTHENTIC);
  receiver.answer = 2;
  CHECK_STATUS(secimg_verify(open, sealed.data, sealed.len, NULL), SECIMG_ERR_PROVIDER);
  receiver.answer = -7;
  CHECK_STATUS(secimg_verify(open, sealed.data, sealed.len, NULL), SECIMG_ERR_PROVIDER);
  receiver.answer = 0;
  receiver.writes = false;
  CHECK_STATUS(secimg_verify(open, sealed.data, sealed.len, NULL), SECIMG_ERR_NOT_AUTHENTIC);

  secimg_seal_options_free(seal);
  CHECK_EQ(sender.released, 1);
  secimg_open_options_free(open);
  CHECK_EQ(receiver.released, 1);
  bytes_drop(&sealed);
  bytes_drop(&image);
}

/* A recipient whose device is away, in each way to seal. */
static void wrapping_fails(void) {
  static struct device device;
  device.answer = 3;
  const secimg_recipient_callbacks callbacks = recipient_of(&device);
  secimg_seal_options *seal = seal_with(&callbacks);
  secimg_sealer *sealer = NULL;
  uint8_t out[8192];
  size_t len = 77;
  check_about("wrapping fails");
  memset(out, 9, sizeof out);
  CHECK_STATUS(secimg_encrypt(seal, NULL, (const uint8_t *)"image", 5, out, sizeof out, &len), SECIMG_ERR_PROVIDER);
  CHECK_EQ(len, 0);
  CHECK(untold(out, sizeof out, 9));
  CHECK_STATUS(secimg_sealer_new(seal, &sealer), SECIMG_ERR_PROVIDER);
  CHECK(sealer == NULL);
  secimg_seal_options_free(seal);
  CHECK_EQ(device.released, 1);
}

/* Who waits for a key of another name or provider is never asked. */
static void others_are_not_asked(void) {
  static struct device sender, receiver;
  sender.writes = receiver.writes = true;
  const secimg_recipient_callbacks recipient = recipient_of(&sender);
  secimg_seal_options *seal = seal_with(&recipient);
  bytes image = pattern(10, 1);
  bytes sealed = seal_at_once(seal, NULL, image);
  secimg_identity_callbacks identity = identity_of(&receiver);
  check_about("another key");
  identity.key_name = (const uint8_t *)"key 2";
  secimg_open_options *open = open_with(&identity);
  CHECK_STATUS(secimg_verify(open, sealed.data, sealed.len, NULL), SECIMG_ERR_NO_MATCHING_KEY);
  secimg_open_options_free(open);
  identity.key_name = (const uint8_t *)"key 1";
  identity.provider = "another";
  open = open_with(&identity);
  CHECK(secimg_verify(open, sealed.data, sealed.len, NULL) != SECIMG_OK);
  secimg_open_options_free(open);
  CHECK_EQ(receiver.calls, 0);
  CHECK_EQ(receiver.released, 2);
  secimg_seal_options_free(seal);
  bytes_drop(&sealed);
  bytes_drop(&image);
}

/* An RSA key in a device: it is found by its public key, and gets the OAEP ciphertext. */
static void an_rsa_key_elsewhere(const people *all) {
  static struct device sender, receiver;
  sender.writes = true;
  secimg_recipient_callbacks recipient = recipient_of(&sender);
  secimg_recipients *recipients = NULL;
  secimg_seal_options *seal = NULL;
  secimg_public_key *key = public_of(all->rsa);
  bytes image = pattern(100, 1);
  check_about("an RSA key in a device");
  MUST_OK(secimg_recipients_new(&recipients));
  MUST_OK(secimg_recipients_add_public_key(recipients, key));
  MUST_OK(secimg_recipients_add_callbacks(recipients, &recipient));
  MUST_OK(secimg_recipients_allow_mixing(recipients));
  MUST_OK(secimg_seal_options_new(recipients, &seal));
  bytes sealed = seal_at_once(seal, NULL, image);
  secimg_identity_callbacks identity = identity_of(&receiver);
  memcpy(receiver.cek, sender.cek, 32);
  identity.recipient_type = SECIMG_RECIPIENT_RSA_OAEP_SHA256;
  identity.unwrap = unwrap_known;
  MUST_OK(secimg_public_key_spki(key, &identity.spki, &identity.spki_len));
  secimg_open_options *open = open_with(&identity);
  check_opens(open, sealed, image);
  CHECK_EQ(receiver.calls, 1);
  CHECK_EQ(receiver.wrapped_len, 256);
  secimg_open_options_free(open);
  CHECK_EQ(receiver.released, 1);
  bytes_drop(&sealed);
  bytes_drop(&image);
  secimg_seal_options_free(seal);
  CHECK_EQ(sender.released, 0);
  secimg_recipients_free(recipients);
  CHECK_EQ(sender.released, 1);
  secimg_public_key_free(key);
}

/* A signer that fails, and one that makes what does not verify: no stream, for nobody could open it. */
static void signing_fails(const people *all) {
  for (int32_t answer = 0; answer < 2; answer++) {
    static struct device devices[2];
    struct device *device = &devices[answer];
    secimg_seal_options *seal = seal_for(all, RAW);
    secimg_public_key *key = public_of(all->scanner);
    secimg_signer *signer = NULL;
    secimg_signer_callbacks callbacks;
    secimg_sealer *sealer = NULL;
    bytes sealed = bytes_of(8192);
    size_t len = 77;
    check_about("a signer that answers %d", (int)answer);
    memset(&callbacks, 0, sizeof callbacks);
    callbacks.struct_size = sizeof callbacks;
    callbacks.userdata = device;
    callbacks.algorithm = SECIMG_SIGNATURE_ED25519;
    callbacks.sign = sign;
    callbacks.release = release;
    device->answer = answer;
    MUST_OK(secimg_public_key_spki(key, &callbacks.spki, &callbacks.spki_len));
    MUST_OK(secimg_signer_from_callbacks(&callbacks, &signer));
    MUST_OK(secimg_seal_options_set_signer(seal, signer));
    secimg_signer_free(signer);
    CHECK_STATUS(secimg_encrypt(seal, NULL, (const uint8_t *)"image", 5, sealed.data, sealed.len, &len),
                 SECIMG_ERR_PROVIDER);
    CHECK_EQ(len, 0);
    CHECK_EQ(device->calls, 1);
    sealed.len = 0;
    MUST_OK(secimg_sealer_new(seal, &sealer));
    MUST_OK(secimg_sealer_start_item(sealer, NULL, 0));
    MUST_OK(secimg_sealer_end_item(sealer));
    secimg_status status = secimg_sealer_finish(sealer);
    for (size_t rounds = 0; status == SECIMG_OK && rounds < 10; rounds++) {
      const uint8_t *data = NULL;
      status = secimg_sealer_peek(sealer, &data, &len);
      const secimg_status next = status == SECIMG_OK ? secimg_sealer_consume(sealer, len) : status;
      status = next;
    }
    CHECK_STATUS(status, SECIMG_ERR_PROVIDER);
    CHECK_EQ(secimg_sealer_state(sealer), SECIMG_STATE_FAILED);
    secimg_seal_options_free(seal);
    CHECK_EQ(device->released, 0); /* the sealer still has it */
    secimg_sealer_free(sealer);
    CHECK_EQ(device->released, 1);
    secimg_public_key_free(key);
    bytes_drop(&sealed);
  }
}

/* Structs that say something impossible. Whatever is wrong, the userdata is released once: but where the struct
 * itself cannot be understood. */
static void bad_structs(const people *all) {
  secimg_recipients *recipients = NULL;
  secimg_identity *identity = NULL;
  secimg_public_key *key = public_of(all->xwing);
  char long_name[257];
  memset(long_name, 'n', 256);
  long_name[256] = '\0';
  MUST_OK(secimg_recipients_new(&recipients));
  for (unsigned fault = 0; fault < 9; fault++) {
    static struct device device;
    secimg_recipient_callbacks callbacks = recipient_of(&device);
    secimg_status status = SECIMG_ERR_INVALID_ARGUMENT;
    check_about("recipient callbacks, fault %u", fault);
    device.released = 0;
    switch (fault) {
    case 0: callbacks.struct_size = 0; break;
    case 1: callbacks.struct_size = sizeof callbacks - 1; break;
    case 2: callbacks.provider = ""; break;
    case 3: callbacks.provider = long_name; break;
    case 4: callbacks.provider = "\xff\xfe"; break;
    case 5: callbacks.key_name_len = 0; break;
    case 6: callbacks.wrapped_len = 0; break;
    case 7: callbacks.wrapped_len = 0x10000; break;
    default: callbacks.wrap = NULL; status = SECIMG_ERR_NULL_POINTER;
    }
    CHECK_STATUS(secimg_recipients_add_callbacks(recipients, &callbacks), status);
    CHECK_EQ(device.released, fault < 2 ? 0 : 1);
    CHECK_EQ(secimg_recipients_count(recipients), 0);
  }
  for (unsigned fault = 0; fault < 7; fault++) {
    static struct device device;
    secimg_identity_callbacks callbacks = identity_of(&device);
    secimg_status status = SECIMG_ERR_INVALID_ARGUMENT;
    check_about("identity callbacks, fault %u", fault);
    device.released = 0;
    MUST_OK(secimg_public_key_spki(key, &callbacks.spki, &callbacks.spki_len));
    switch (fault) {
    case 0: callbacks.struct_size = SIZE_MAX; break;
    case 1: callbacks.recipient_type = 0; break;
    case 2: callbacks.recipient_type = 6; break;
    case 3: callbacks.recipient_type = SECIMG_RECIPIENT_XWING; status = SECIMG_ERR_UNSUPPORTED; break;
    case 4: callbacks.recipient_type = SECIMG_RECIPIENT_RSA_OAEP_SHA256; break;
    case 5: callbacks.provider = NULL; status = SECIMG_ERR_NULL_POINTER; break;
    default: callbacks.unwrap = NULL; status = SECIMG_ERR_NULL_POINTER;
    }
    identity = (secimg_identity *)&device;
    CHECK_STATUS(secimg_identity_from_callbacks(&callbacks, &identity), status);
    CHECK(identity == NULL);
    CHECK_EQ(device.released, fault == 0 ? 0 : 1);
  }
  secimg_public_key_free(key);
  secimg_recipients_free(recipients);
}

int main(int argc, char **argv) {
  const arguments places = arguments_from(argc, argv);
  people all = people_from(places.vectors);
  there_and_back();
  wrapping_fails();
  others_are_not_asked();
  an_rsa_key_elsewhere(&all);
  signing_fails(&all);
  bad_structs(&all);
  people_drop(&all);
  return check_end();
}
