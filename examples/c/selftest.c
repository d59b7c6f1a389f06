/* Checks a build of the library where there is nothing but a processor and memory: no files, no sockets, no threads.
 * Every suite with every kind of recipient, signed and not, in memory and in pieces, and streams with one byte changed:
 * each byte in turn for signed streams of a raw key, some where unlocking costs more, three for a passphrase. Prints
 * what was counted and PASS, or what is wrong; exit status 0 or 1.
 *
 * `selftest quick` changes a seventh of that, for slow machines. */
#include <secimg.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define IMAGE_LEN 9001u
#define CHUNK_LOG2 12u

static const char *const KIND_NAMES[] = {"RSA", "X-Wing", "passphrase", "raw key"};
enum kind { RSA, XWING, PASSPHRASE, RAW_KEY, KINDS };

struct people {
  secimg_private_key *rsa;
  secimg_private_key *xwing;
  secimg_private_key *scanner;
  secimg_symmetric_key *raw;
};

static uint8_t image[IMAGE_LEN];
static uint8_t opened[IMAGE_LEN + 65536u];
static unsigned long streams;
static unsigned long refusals;

static void must(secimg_status status, secimg_status expected, const char *what) {
  char text[512] = "";
  if (status == expected) {
    return;
  }
  (void)secimg_last_error(text, sizeof text);
  printf("FAIL: %s: %s instead of %s; %s\n", what, secimg_status_name(status), secimg_status_name(expected), text);
  exit(1);
}

#define OK(call) must((call), SECIMG_OK, #call)

static void that(bool holds, const char *what) {
  if (!holds) {
    printf("FAIL: %s\n", what);
    exit(1);
  }
}

static const uint8_t WORDS[] = "correct horse battery staple";

static void add_recipient(secimg_recipients *recipients, const struct people *people, enum kind kind) {
  secimg_public_key *key = NULL;
  switch (kind) {
  case PASSPHRASE:
    OK(secimg_recipients_add_passphrase(recipients, WORDS, sizeof WORDS - 1));
    break;
  case RAW_KEY:
    OK(secimg_recipients_add_symmetric_key(recipients, people->raw));
    break;
  default:
    OK(secimg_private_key_public(kind == RSA ? people->rsa : people->xwing, &key));
    OK(secimg_recipients_add_public_key(recipients, key));
    secimg_public_key_free(key);
  }
}

static secimg_seal_options *seal_options(const struct people *people, enum kind kind, uint32_t suite, bool sign) {
  secimg_recipients *recipients = NULL;
  secimg_seal_options *options = NULL;
  secimg_signer *signer = NULL;
  OK(secimg_recipients_new(&recipients));
  add_recipient(recipients, people, kind);
  OK(secimg_seal_options_new(recipients, &options));
  secimg_recipients_free(recipients);
  OK(secimg_seal_options_set_suite(options, suite));
  OK(secimg_seal_options_set_chunk_log2(options, CHUNK_LOG2));
  if (sign) {
    OK(secimg_signer_from_private_key(people->scanner, &signer));
    OK(secimg_seal_options_set_signer(options, signer));
    secimg_signer_free(signer);
  }
  return options;
}

static secimg_open_options *open_options(const struct people *people, enum kind kind, bool signed_by_scanner) {
  secimg_open_options *options = NULL;
  secimg_identity *identity = NULL;
  OK(secimg_open_options_new(&options));
  switch (kind) {
  case PASSPHRASE:
    OK(secimg_identity_from_passphrase(WORDS, sizeof WORDS - 1, &identity));
    break;
  case RAW_KEY:
    OK(secimg_identity_from_symmetric_key(people->raw, &identity));
    break;
  default:
    OK(secimg_identity_from_private_key(kind == RSA ? people->rsa : people->xwing, &identity));
  }
  OK(secimg_open_options_add_identity(options, identity));
  secimg_identity_free(identity);
  if (signed_by_scanner) {
    secimg_public_key *key = NULL;
    secimg_trusted_signers *trusted = NULL;
    OK(secimg_private_key_public(people->scanner, &key));
    OK(secimg_trusted_signers_new(&trusted));
    OK(secimg_trusted_signers_add_public_key(trusted, key));
    OK(secimg_open_options_require_signer(options, trusted));
    OK(secimg_open_options_set_spooled(options, true));
    secimg_trusted_signers_free(trusted);
    secimg_public_key_free(key);
  }
  return options;
}

/* Opens a stream that comes in pieces, as from a socket. */
static void open_in_pieces(const secimg_open_options *options, const uint8_t *sealed, size_t len, size_t piece) {
  secimg_opener *opener = NULL;
  secimg_report *report = NULL;
  uint32_t event = SECIMG_EVENT_NEED_INPUT;
  size_t at = 0;
  size_t out = 0;
  OK(secimg_opener_new(options, &opener));
  while (event != SECIMG_EVENT_FINISHED) {
    const uint8_t *data = NULL;
    size_t count = 0;
    OK(secimg_opener_event(opener, &event));
    if (event == SECIMG_EVENT_NEED_INPUT) {
      that(at < len, "an opener that has everything does not ask for more");
      OK(secimg_opener_push(opener, sealed + at, piece < len - at ? piece : len - at, &count));
      at += count;
    } else if (event == SECIMG_EVENT_DATA) {
      OK(secimg_opener_peek(opener, &data, &count));
      that(count <= sizeof opened - out, "no more data than the image has");
      memcpy(opened + out, data, count);
      out += count;
      OK(secimg_opener_consume(opener, count));
    }
  }
  OK(secimg_opener_finish(opener, &report));
  that(at == len && out == sizeof image && memcmp(opened, image, out) == 0, "pieces give the same image");
  that(secimg_report_item_count(report) == 1, "one item is reported");
  secimg_report_free(report);
  secimg_opener_free(opener);
}

/* A changed stream is refused, and nothing of the image comes out. */
static void tamper(const secimg_open_options *options, uint8_t *sealed, size_t len, size_t step) {
  for (size_t at = 0; at < len; at += step) {
    size_t out = 0;
    sealed[at] ^= 0x20;
    memset(opened, 0, sizeof image);
    const secimg_status status = secimg_decrypt(options, sealed, len, opened, sizeof opened, &out, NULL);
    that(status != SECIMG_OK && status != SECIMG_ERR_PANIC, "a changed stream is refused");
    that(opened[0] == 0 && memcmp(opened, opened + 1, sizeof image - 1) == 0, "nothing comes out of a changed stream");
    sealed[at] ^= 0x20;
    refusals++;
  }
}

static void check(const struct people *people, enum kind kind, uint32_t suite, bool sign, size_t step) {
  secimg_seal_options *seal = seal_options(people, kind, suite, sign);
  secimg_open_options *open = open_options(people, kind, sign);
  uint64_t size = 0;
  size_t len = 0;
  size_t out = 0;
  OK(secimg_sealed_size(seal, NULL, image, sizeof image, sizeof image, &size));
  uint8_t *sealed = malloc((size_t)size);
  that(sealed != NULL, "there is memory");
  OK(secimg_encrypt(seal, NULL, image, sizeof image, sealed, (size_t)size, &len));
  that(len == size, "the size was foretold");
  OK(secimg_decrypt(open, sealed, len, opened, sizeof opened, &out, NULL));
  that(out == sizeof image && memcmp(opened, image, out) == 0, "the image comes back");
  open_in_pieces(open, sealed, len, 1013);
  /* Each attempt on a passphrase is made to be slow. */
  tamper(open, sealed, len, kind == PASSPHRASE ? len / 2 : step);
  free(sealed);
  secimg_open_options_free(open);
  secimg_seal_options_free(seal);
  streams++;
}

int main(int argc, char **argv) {
  static struct people people;
  const size_t step = argc > 1 && strcmp(argv[1], "quick") == 0 ? 7 : 1;
  for (size_t i = 0; i < sizeof image; i++) {
    image[i] = (uint8_t)((i * 2654435761u) >> 11);
  }
  OK(secimg_private_key_generate(SECIMG_KEY_RSA, 2048, &people.rsa));
  OK(secimg_private_key_generate(SECIMG_KEY_XWING, 0, &people.xwing));
  OK(secimg_private_key_generate(SECIMG_KEY_ED25519, 0, &people.scanner));
  OK(secimg_symmetric_key_generate(&people.raw));
  for (enum kind kind = RSA; kind < KINDS; kind++) {
    for (uint32_t suite = SECIMG_SUITE_AES_256_CBC_HMAC_SHA_256; suite <= SECIMG_SUITE_AES_256_GCM; suite++) {
      check(&people, kind, suite, false, step * 61);
      check(&people, kind, suite, true, kind == RAW_KEY ? step : step * 61);
    }
    printf("%s: sound\n", KIND_NAMES[kind]);
    (void)fflush(stdout);
  }
  secimg_private_key_free(people.rsa);
  secimg_private_key_free(people.xwing);
  secimg_private_key_free(people.scanner);
  secimg_symmetric_key_free(people.raw);
  printf("secimg %s: %lu streams opened, %lu changed ones refused\nPASS\n", secimg_version_string(), streams, refusals);
  return 0;
}
