/* What the test programs share: arguments, bytes, keys, and short ways to seal and open. */
#ifndef SUPPORT_H
#define SUPPORT_H

#include "check.h"

/* ---------------------------------------------------------------- arguments: PROGRAM [CORPUS|- [VECTORS|- [FIXTURES|-]]] */
typedef struct arguments {
  const char *corpus;   /* NULL: none, here and below */
  const char *vectors;  /* tests/vectors */
  const char *fixtures; /* src/keys/fixtures */
} arguments;
arguments arguments_from(int argc, char **argv);

/* How much to do, from the environment variable SECIMG_EFFORT: where every instruction is interpreted, normally, in
 * the nightly run. */
enum effort { LIGHT, NORMAL, FULL };
enum effort effort(void);
/* One of three, by effort. */
size_t by_effort(size_t light, size_t normal, size_t full);

/* Says on standard error that something was not checked. Fails where SECIMG_REQUIRE_TOOLS is set. */
void skipped(const char *what);

/* ---------------------------------------------------------------- bytes */
typedef struct bytes {
  uint8_t *data; /* never NULL */
  size_t len;
} bytes;
bytes bytes_of(size_t len); /* zeros */
bytes pattern(size_t len, uint32_t seed);
bytes copy_of(const uint8_t *data, size_t len);
void append(bytes *to, const uint8_t *data, size_t len);
void bytes_drop(bytes *gone);
bool same_bytes(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len);
bool all_are(const uint8_t *data, size_t len, uint8_t value);
/* Output that an error left: as it was, filled with `before`, or wiped from its beginning. */
bool untold(const uint8_t *out, size_t len, uint8_t before);
/* Reads FOLDER/NAME; false where there is no such file. */
bool read_file(const char *folder, const char *name, bytes *out);
void write_file(const char *path, const uint8_t *data, size_t len);
void sha256(const uint8_t *data, size_t len, uint8_t out[32]);
/* A number below limit, the same sequence in every run. */
size_t random_below(size_t limit);
void random_seed(uint32_t seed);

/* ---------------------------------------------------------------- pictures */
/* A PNG of noise: RGB of 8 bits, of at most 21000 pixels, the same for the same seed. */
bytes noise_png(uint32_t width, uint32_t height, uint32_t seed);
/* The same with another sample at `changed`, counted in bytes of all samples. */
bytes noise_png_with(uint32_t width, uint32_t height, uint32_t seed, size_t changed);
/* Inserts a chunk of this kind behind the header. */
void insert_chunk(bytes *png, const char *kind, bytes data);

/* ---------------------------------------------------------------- people */
enum kind { RSA, XWING, PASSPHRASE, RAW, KINDS };
const char *kind_name(enum kind kind);
typedef struct people {
  secimg_private_key *rsa, *other_rsa, *xwing, *other_xwing;
  secimg_private_key *scanner, *rsa_scanner, *mallory; /* signers: Ed25519, RSA, Ed25519 */
  secimg_symmetric_key *raw, *other_raw;
} people;
#define WORDS "correct horse battery staple"
#define OTHER_WORDS "incorrect horse battery staple"
/* From the vectors' keys, or generated. */
people people_from(const char *vectors);
void people_drop(people *gone);
secimg_public_key *public_of(const secimg_private_key *key);

/* ---------------------------------------------------------------- options; the caller frees them */
void add_recipient(secimg_recipients *recipients, const people *all, enum kind kind, bool other);
secimg_recipients *recipients_for(const people *all, enum kind kind);
secimg_seal_options *seal_for(const people *all, enum kind kind);
secimg_open_options *open_for(const people *all, enum kind kind);
secimg_open_options *open_for_other(const people *all, enum kind kind);
void add_identity(secimg_open_options *options, const people *all, enum kind kind, bool other);
void sign_with(secimg_seal_options *options, const secimg_private_key *key);
/* Requires a signature by this key, and promises to hold the output back. */
void require_signer(secimg_open_options *options, const secimg_private_key *key);
secimg_description *named(const char *name);

/* ---------------------------------------------------------------- sealing and opening, with checks */
/* Seals at once, into memory of exactly the foretold size. */
bytes seal_at_once(const secimg_seal_options *options, const secimg_description *description, bytes image);
/* Takes out everything that is ready, at most `piece` bytes a time; 0: all at once. */
void drain(secimg_sealer *sealer, bytes *sealed, size_t piece);
/* Pushes all of it in pieces and drains. */
void push_all(secimg_sealer *sealer, bytes image, size_t piece, bytes *sealed);
/* A stream of one item; length may be SECIMG_LENGTH_UNKNOWN. */
bytes seal_in_pieces(const secimg_seal_options *options, const secimg_description *description, bytes image,
                     uint64_t length, size_t piece);

/* What an opener gave before it ended, and how it ended. */
typedef struct trace {
  bytes data;
  size_t items, item_ends, checkpoints, previews;
  size_t pushed; /* bytes of the stream that were taken */
  secimg_status end;
  secimg_report *report;
  char text[256]; /* the opener's error */
} trace;
/* Pushes a stream in pieces of the given size; 0: of random sizes. */
trace open_in_pieces(const secimg_open_options *options, bytes sealed, size_t piece);
void trace_drop(trace *gone);
/* Opens at once and compares. */
void check_opens(const secimg_open_options *options, bytes sealed, bytes image);

#endif
