/* Every kind of recipient, suite and chunk size, signed or not, padded or not, with lengths around the borders of
 * chunks: at once and in pieces, each opened by the other, and the size foretold each time. */
#include "support.h"

#include <string.h>

static const uint32_t SUITES[] = {SECIMG_SUITE_AES_256_CBC_HMAC_SHA_256, SECIMG_SUITE_AES_256_GCM};

/* Both ways to seal, each opened in both ways. */
static void both_ways(const secimg_seal_options *seal, const secimg_open_options *open, size_t len, bool pieces) {
  const bytes image = pattern(len, (uint32_t)len);
  bytes at_once = seal_at_once(seal, NULL, image);
  check_opens(open, at_once, image);
  if (pieces) {
    bytes in_pieces = seal_in_pieces(seal, NULL, image, len, 0);
    /* Other keys, but the same shape. */
    CHECK_EQ(in_pieces.len, at_once.len);
    check_opens(open, in_pieces, image);
    trace seen = open_in_pieces(open, at_once, 0);
    CHECK_EQ(seen.end, SECIMG_OK);
    CHECK_EQ(seen.items, 1);
    CHECK_EQ(seen.item_ends, 1);
    CHECK_EQ(seen.pushed, at_once.len);
    CHECK(same_bytes(seen.data.data, seen.data.len, image.data, image.len));
    trace_drop(&seen);
    bytes_drop(&in_pieces);
  }
  bytes_drop(&at_once);
  bytes owned = image;
  bytes_drop(&owned);
}

static void every_length(const people *all, enum kind kind, uint32_t suite, uint32_t log2, bool sign, bool padded) {
  secimg_seal_options *seal = seal_for(all, kind);
  secimg_open_options *open = open_for(all, kind);
  const size_t chunk = (size_t)1 << log2;
  /* The manifest and the record headers stand before the image: around a chunk's size less some 60 bytes the image's
   * end crosses the border. */
  const size_t lengths[] = {0, 1, 15, 16, chunk - 80, chunk - 40, chunk - 1, chunk, chunk + 1, 2 * chunk + 17};
  const size_t count = by_effort(2, log2 > 16 ? 2 : 10, 10);
  MUST_OK(secimg_seal_options_set_suite(seal, suite));
  MUST_OK(secimg_seal_options_set_chunk_log2(seal, log2));
  MUST_OK(secimg_seal_options_set_padded(seal, padded));
  MUST_OK(secimg_seal_options_set_threads(seal, sign ? 2 : padded ? UINT32_MAX : 0));
  if (sign) {
    sign_with(seal, kind == RSA ? all->rsa_scanner : all->scanner);
    require_signer(open, kind == RSA ? all->rsa_scanner : all->scanner);
  }
  check_about("%s, suite %u, log2 %u, signed %d, padded %d", kind_name(kind), (unsigned)suite, (unsigned)log2, sign,
              padded);
  for (size_t i = 0; i < count; i++) {
    both_ways(seal, open, lengths[i], true);
  }
  secimg_open_options_free(open);
  secimg_seal_options_free(seal);
}

static void raw_keys(const people *all) {
  static const uint32_t LOG2[] = {12, 13, 16, 20, 23};
  const size_t sizes = by_effort(1, 4, 5);
  for (size_t suite = 0; suite < 2; suite++) {
    for (size_t size = 0; size < sizes; size++) {
      for (unsigned way = 0; way < 4; way++) {
        every_length(all, RAW, SUITES[suite], LOG2[size], (way & 1) != 0, (way & 2) != 0);
      }
    }
  }
}

/* What costs more to unlock: the same, for one size. */
static void public_keys(const people *all) {
  for (enum kind kind = RSA; kind <= XWING; kind++) {
    for (size_t suite = 0; suite < 2; suite++) {
      every_length(all, kind, SUITES[suite], 12, false, true);
      every_length(all, kind, SUITES[suite], 12, true, false);
    }
  }
}

static void passphrases(const people *all) {
  secimg_seal_options *seal = seal_for(all, PASSPHRASE);
  secimg_open_options *open = open_for(all, PASSPHRASE);
  check_about("passphrase");
  both_ways(seal, open, 5000, effort() != LIGHT);
  /* NFC: the same words, written with a combining accent, open it. */
  static const uint8_t composed[] = {'c', 0xc3, 0xa9};
  static const uint8_t combining[] = {'c', 'e', 0xcc, 0x81};
  secimg_recipients *recipients = NULL;
  secimg_seal_options *other = NULL;
  secimg_open_options *reader = NULL;
  secimg_identity *identity = NULL;
  MUST_OK(secimg_recipients_new(&recipients));
  MUST_OK(secimg_recipients_add_passphrase(recipients, composed, sizeof composed));
  MUST_OK(secimg_seal_options_new(recipients, &other));
  MUST_OK(secimg_identity_from_passphrase(combining, sizeof combining, &identity));
  MUST_OK(secimg_open_options_new(&reader));
  MUST_OK(secimg_open_options_add_identity(reader, identity));
  both_ways(other, reader, 16, false);
  secimg_open_options_free(reader);
  secimg_identity_free(identity);
  secimg_seal_options_free(other);
  secimg_recipients_free(recipients);
  secimg_open_options_free(open);
  secimg_seal_options_free(seal);
}

/* One stream for several people, each of whom opens it; and the word that allows unequal ones. */
static void several_recipients(const people *all) {
  secimg_recipients *recipients = NULL;
  secimg_seal_options *seal = NULL;
  size_t len = 0;
  uint8_t out[4];
  bytes image = pattern(3000, 3);
  check_about("several recipients");
  MUST_OK(secimg_recipients_new(&recipients));
  CHECK_EQ(secimg_recipients_count(recipients), 0);
  for (enum kind kind = RSA; kind <= XWING; kind++) {
    add_recipient(recipients, all, kind, false);
  }
  add_recipient(recipients, all, RAW, false);
  CHECK_EQ(secimg_recipients_count(recipients), 3);
  MUST_OK(secimg_seal_options_new(recipients, &seal));
  CHECK_STATUS(secimg_encrypt(seal, NULL, image.data, image.len, out, sizeof out, &len), SECIMG_ERR_KEY);
  secimg_seal_options_free(seal);
  MUST_OK(secimg_recipients_allow_mixing(recipients));
  MUST_OK(secimg_seal_options_new(recipients, &seal));
  bytes sealed = seal_at_once(seal, NULL, image);
  for (enum kind kind = RSA; kind < KINDS; kind++) {
    if (kind != PASSPHRASE) {
      secimg_open_options *open = open_for(all, kind);
      check_opens(open, sealed, image);
      secimg_open_options_free(open);
    }
  }
  bytes_drop(&sealed);
  bytes_drop(&image);
  secimg_seal_options_free(seal);
  secimg_recipients_free(recipients);
}

/* Padding hides lengths: streams of lengths that are near have one length. */
static void padding_hides(const people *all) {
  secimg_seal_options *plain = seal_for(all, RAW);
  secimg_seal_options *padded = seal_for(all, RAW);
  uint64_t seen[2][2] = {{0, 0}, {0, 0}};
  bytes image = pattern(40000, 5);
  check_about("padding");
  MUST_OK(secimg_seal_options_set_padded(padded, true));
  for (size_t i = 0; i < 2; i++) {
    MUST_OK(secimg_sealed_size(plain, NULL, image.data, 40000 - 100 * i, 40000 - 100 * i, &seen[0][i]));
    MUST_OK(secimg_sealed_size(padded, NULL, image.data, 40000 - 100 * i, 40000 - 100 * i, &seen[1][i]));
  }
  CHECK(seen[0][0] != seen[0][1]);
  CHECK_EQ(seen[1][0], seen[1][1]);
  CHECK(seen[1][0] >= seen[0][0]);
  bytes_drop(&image);
  secimg_seal_options_free(padded);
  secimg_seal_options_free(plain);
}

int main(int argc, char **argv) {
  const arguments places = arguments_from(argc, argv);
  people all = people_from(places.vectors);
  raw_keys(&all);
  public_keys(&all);
  passphrases(&all);
  several_recipients(&all);
  padding_hides(&all);
  people_drop(&all);
  return check_end();
}
