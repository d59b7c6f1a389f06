/*
 * secimg: image encryption with proof of origin. The C API.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 * Written by tests/header.rs from src/ffi. Do not edit.
 */


#ifndef SECIMG_H
#define SECIMG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
/* The version of this header; that of the library which runs is secimg_version_number(). */
#define SECIMG_VERSION_MAJOR 0
#define SECIMG_VERSION_MINOR 1
#define SECIMG_VERSION_PATCH 0
#define SECIMG_VERSION_NUMBER ((SECIMG_VERSION_MAJOR << 16) | (SECIMG_VERSION_MINOR << 8) | SECIMG_VERSION_PATCH)
#define SECIMG_VERSION_STRING "0.1.0"

/* Windows: define SECIMG_DLL where the program links secimg.dll. Nothing is to be defined for a static library. */
#if defined(_WIN32) && defined(SECIMG_DLL)
#  define SECIMG_API __declspec(dllimport)
#else
#  define SECIMG_API
#endif

#if defined(__GNUC__) || defined(__clang__)
#  define SECIMG_MUST_USE __attribute__((warn_unused_result))
#elif defined(_MSC_VER)
#  define SECIMG_MUST_USE _Check_return_
#else
#  define SECIMG_MUST_USE
#endif

/*
 * Conventions
 *
 * - A function that can fail returns a secimg_status; everything else that it gives goes through out
 *   parameters, which are written on success only. An out parameter for a handle is set to NULL first.
 * - Handles are opaque. Each is freed by its own _free, which takes NULL too.
 * - (NULL, 0) is an empty slice. NULL with a length, a length beyond PTRDIFF_MAX and output that
 *   overlaps input are refused.
 * - A wrong argument or a call out of order changes nothing. After any other error of a sealer or an opener
 *   only its _error, its _state and its _free are of use; the rest answers SECIMG_ERR_STATE. A reader can
 *   be asked again after a read that failed.
 * - A handle behind a const pointer may be used by many threads at once, any other by one thread at a time.
 * - Nothing here prints, handles signals or keeps state beyond the handles and one error text a thread. (When
 *   a bug makes the library panic, Rust's standard library says so on standard error before the panic is
 *   caught here.)
 *
 * Safety
 *
 * What each function needs is the same for all of them, and so it is said here once: a pointer is NULL or
 * points to what its type says, for as many elements as the length beside it says, until the call returns
 * (longer where the function's text says so); a handle comes from this library, was not freed, and is not
 * used by another thread as said above.
 */


/**
 * The number of the binary interface: it grows when a program that was compiled with an older header would
 * not work any more.
 */
#define SECIMG_ABI_VERSION 1

/**
 * RSA, for recipients and for signers (one key for one of the two).
 */
#define SECIMG_KEY_RSA 1

/**
 * Ed25519, for signers.
 */
#define SECIMG_KEY_ED25519 2

/**
 * X-Wing (ML-KEM-768 with X25519), for recipients of what must stay secret for decades.
 */
#define SECIMG_KEY_XWING 3

/**
 * For `_load`: accept the file of a private key that other users can read.
 */
#define SECIMG_ALLOW_SHARED_KEY 1

/**
 * For `_store`: replace a file that is there.
 */
#define SECIMG_OVERWRITE 2

/**
 * The length of a fingerprint, a SHA-256.
 */
#define SECIMG_FINGERPRINT_LEN 32

/**
 * The length of a fingerprint's text: `sha256:`, 64 hex digits and NUL.
 */
#define SECIMG_FINGERPRINT_TEXT_LEN 72

/**
 * A certificate's key is to be sealed for.
 */
#define SECIMG_PURPOSE_RECIPIENT 1

/**
 * A certificate's key is to be trusted as a signer's.
 */
#define SECIMG_PURPOSE_SIGNER 2

/**
 * Refuse a certificate (`SECIMG_ERR_CERTIFICATE`) where there would be a warning.
 */
#define SECIMG_STRICT_CERTIFICATES 1

/**
 * The length of a content encryption key, which callbacks wrap and unwrap.
 */
#define SECIMG_CEK_LEN 32

/**
 * The length of a stream's salt.
 */
#define SECIMG_SALT_LEN 32

/**
 * Recipient type 1: RSA-OAEP with SHA-256.
 */
#define SECIMG_RECIPIENT_RSA_OAEP_SHA256 1

/**
 * Recipient type 2: X-Wing (ML-KEM-768 with X25519).
 */
#define SECIMG_RECIPIENT_XWING 2

/**
 * Recipient type 3: a passphrase.
 */
#define SECIMG_RECIPIENT_PASSPHRASE 3

/**
 * Recipient type 4: a raw 256-bit key.
 */
#define SECIMG_RECIPIENT_RAW_KEY 4

/**
 * Recipient type 5: an external provider, such as a hardware module or a key service.
 */
#define SECIMG_RECIPIENT_EXTERNAL 5

/**
 * Not signed.
 */
#define SECIMG_SIGNATURE_NONE 0

/**
 * RSASSA-PSS with SHA-256, MGF1-SHA-256 and a salt of 32 bytes.
 */
#define SECIMG_SIGNATURE_RSA_PSS_SHA256 1

/**
 * Ed25519.
 */
#define SECIMG_SIGNATURE_ED25519 2

/**
 * AES-256-CBC with HMAC-SHA-256, the default.
 */
#define SECIMG_SUITE_AES_256_CBC_HMAC_SHA_256 1

/**
 * AES-256-GCM.
 */
#define SECIMG_SUITE_AES_256_GCM 2

/**
 * Samples of 8 bits, unsigned.
 */
#define SECIMG_SAMPLE_U8 1

/**
 * Samples of 16 bits, unsigned.
 */
#define SECIMG_SAMPLE_U16 2

/**
 * Samples of 16 bits, two's complement.
 */
#define SECIMG_SAMPLE_I16 3

/**
 * Samples of 32 bits, IEEE 754 binary32.
 */
#define SECIMG_SAMPLE_F32 4

/**
 * It is not said what the samples of a pixel mean.
 */
#define SECIMG_PHOTOMETRIC_UNSPECIFIED 0

/**
 * One sample, the smallest value is white.
 */
#define SECIMG_PHOTOMETRIC_MONOCHROME1 1

/**
 * One sample, the smallest value is black.
 */
#define SECIMG_PHOTOMETRIC_MONOCHROME2 2

/**
 * Red, green, blue.
 */
#define SECIMG_PHOTOMETRIC_RGB 3

/**
 * Luminance and two colour differences, none of them subsampled.
 */
#define SECIMG_PHOTOMETRIC_YBR_FULL 4

/**
 * Blue, green, red, as OpenCV has them.
 */
#define SECIMG_PHOTOMETRIC_BGR 5

/**
 * Red, green, blue, alpha.
 */
#define SECIMG_PHOTOMETRIC_RGBA 6

/**
 * Blue, green, red, alpha.
 */
#define SECIMG_PHOTOMETRIC_BGRA 7

/**
 * The byte order of the machine that the program runs on.
 */
#define SECIMG_BYTE_ORDER_NATIVE 0

/**
 * The lowest byte of a sample first.
 */
#define SECIMG_BYTE_ORDER_LITTLE 1

/**
 * The highest byte of a sample first.
 */
#define SECIMG_BYTE_ORDER_BIG 2

/**
 * The reader's public key is in the signed list of intended recipients.
 */
#define SECIMG_INTENDED 1

/**
 * There is a list and the reader's key is not in it: added by rewrap, or passed on.
 */
#define SECIMG_NOT_INTENDED 2

/**
 * There is no list, or the reader's key is of a kind that cannot be listed (a passphrase, a symmetric key).
 */
#define SECIMG_UNLISTED 3

/**
 * The length of a transfer id, a SHA-256.
 */
#define SECIMG_TRANSFER_ID_LEN 32

/**
 * The length of a key id.
 */
#define SECIMG_KEY_ID_LEN 16

/**
 * The length of a SHA-256.
 */
#define SECIMG_SHA256_LEN 32

/**
 * Every pixel can be restored, in a PNG that is written anew.
 */
#define SECIMG_RESTORES_PIXELS 1

/**
 * The original file can be restored, byte for byte.
 */
#define SECIMG_RESTORES_FILE 2

/**
 * The machine takes bytes now.
 */
#define SECIMG_STATE_WANTS_INPUT 1

/**
 * Bytes wait: peek and consume.
 */
#define SECIMG_STATE_HAS_OUTPUT 2

/**
 * Sealer: the stream is whole and all of it was consumed. Opener: the end was reached and everything holds; call
 * `secimg_opener_finish`.
 */
#define SECIMG_STATE_DONE 4

/**
 * An error ended the work; only `_error` and `_free` are of use. (Of an opener, the next call returns the error.)
 */
#define SECIMG_STATE_FAILED 8

/**
 * Opener: an event other than `SECIMG_EVENT_DATA` waits.
 */
#define SECIMG_STATE_HAS_EVENT 16

/**
 * The length of an item is not known before its end.
 */
#define SECIMG_LENGTH_UNKNOWN UINT64_MAX

/**
 * How many of an image's first bytes are looked at to recognise its format.
 */
#define SECIMG_SNIFF_LEN 65536

/**
 * Nothing waits: push more, or call `secimg_opener_finish` when the input has ended.
 */
#define SECIMG_EVENT_NEED_INPUT 0

/**
 * Bytes of the image wait: peek and consume. Asking again gives the same answer.
 */
#define SECIMG_EVENT_DATA 1

/**
 * An image begins: see `secimg_opener_manifest`.
 */
#define SECIMG_EVENT_ITEM 2

/**
 * The image has a preview: see `secimg_opener_preview`.
 */
#define SECIMG_EVENT_PREVIEW 3

/**
 * The image is whole, and its digest is right where it carries one.
 */
#define SECIMG_EVENT_ITEM_END 4

/**
 * Everything before is whole; in a signed stream the signer says so.
 */
#define SECIMG_EVENT_CHECKPOINT 5

/**
 * The stream's end was reached and everything holds. Asking again gives the same answer.
 */
#define SECIMG_EVENT_FINISHED 6

/**
 * Samples are compressed, without loss, where it pays. How long a compressed frame is tells a little of what is on it.
 */
#define SECIMG_COMPRESS_AUTO 0

/**
 * Samples are sealed as they are.
 */
#define SECIMG_COMPRESS_NEVER 1

/**
 * Samples are compressed even where that saves nothing.
 */
#define SECIMG_COMPRESS_ALWAYS 2

/**
 * The certificates of one file. Those of certification authorities are listed and never used as keys.
 *
 * Dates and usages are checked. Who signed a certificate is not: a program that needs chains or revocation checks
 * the DER with a library for that first.
 */
typedef struct secimg_certificates secimg_certificates;

/**
 * What a sender says of an image: its name, its time, words of its own. Where the format is not said, the image's
 * first bytes are recognised. It can be used for any number of images.
 */
typedef struct secimg_description secimg_description;

/**
 * Somebody who can open streams.
 */
typedef struct secimg_identity secimg_identity;

/**
 * What an item claims to be. It is lent by a report, an opener, a reader or what was opened, and there is nothing to
 * free. Every number is a claim of the file's own header and no more than that; 0 says nothing.
 *
 * A NUL inside a text is shown as U+FFFD.
 */
typedef struct secimg_manifest secimg_manifest;

/**
 * How streams are to be opened: by whom, and what is required of them. What it is given is copied, and it can be
 * used for any number of streams, by many threads at once when nothing changes it any more.
 */
typedef struct secimg_open_options secimg_open_options;

/**
 * The images of a verified stream, and the report. They are wiped when this is freed.
 */
typedef struct secimg_opened secimg_opened;

/**
 * Opens a stream, in memory of a few chunks, for sockets of the caller's own: nothing here reads or writes.
 *
 * Events come in the order of the stream. What comes before `secimg_opener_finish` succeeds is authentic (some
 * holder of the key made it) and not yet verified: who has used it must undo that if the end is not good.
 */
typedef struct secimg_opener secimg_opener;

/**
 * A private key. It is wiped when it and everything made from it is freed.
 */
typedef struct secimg_private_key secimg_private_key;

/**
 * A public key.
 */
typedef struct secimg_public_key secimg_public_key;

/**
 * Reads images out of a sealed stream in any order, opening only the chunks that are asked for.
 *
 * Without a required signer, what it gives is authentic: some holder of the key made it. With one, all tags are read
 * first (all chunks, in the GCM suite), the signature is verified, and everything that is read is what the signer
 * signed. An error of reading or seeking does not end it: the call can be made again.
 */
typedef struct secimg_reader secimg_reader;

/**
 * The recipients of a stream, 1 to 32. A passphrase can only stand alone.
 */
typedef struct secimg_recipients secimg_recipients;

/**
 * A picture that was redacted.
 */
typedef struct secimg_redacted secimg_redacted;

/**
 * What is to be redacted, and how. It can be used for any number of pictures.
 */
typedef struct secimg_redaction secimg_redaction;

/**
 * What is proven of a stream that was verified: the end was reached, digests and index agree, the signature holds,
 * and it is by a required signer where one is required. Nothing else has a report.
 */
typedef struct secimg_report secimg_report;

/**
 * How streams are to be sealed: for whom, signed by whom, and how. What it is given is copied, and it can be used
 * for any number of streams, by many threads at once when nothing changes it any more.
 */
typedef struct secimg_seal_options secimg_seal_options;

/**
 * Seals a stream, in memory of a few chunks, for sockets of the caller's own: nothing here reads or writes.
 */
typedef struct secimg_sealer secimg_sealer;

/**
 * Somebody who signs streams.
 */
typedef struct secimg_signer secimg_signer;

/**
 * An image without its metadata, and what was removed. The image is wiped when this is freed.
 */
typedef struct secimg_stripped secimg_stripped;

/**
 * What a stream says of itself. Nothing of it is authenticated.
 */
typedef struct secimg_survey secimg_survey;

/**
 * A symmetric key. It is wiped when it and everything made from it is freed.
 */
typedef struct secimg_symmetric_key secimg_symmetric_key;

/**
 * Sentences for people, such as warnings.
 */
typedef struct secimg_texts secimg_texts;

/**
 * A set of public keys. A signature counts when it is by one of them.
 */
typedef struct secimg_trusted_signers secimg_trusted_signers;

/**
 * A picture that was restored, and the proof. The picture is wiped when this is freed.
 */
typedef struct secimg_unredacted secimg_unredacted;

/**
 * What a call came to: `SECIMG_OK`, or why it failed.
 *
 * Every failure that depends on a secret (a wrong key, passphrase or context, changed bytes) has one
 * status, `SECIMG_ERR_NOT_AUTHENTIC`, and one text: a program may pass it on to strangers.
 */
typedef int32_t secimg_status;

/**
 * Memory of the library's, whose length is known only when it is there. Never `free()` it.
 */
typedef struct secimg_buf {
  /**
   * The first byte; `NULL` where there is none.
   */
  uint8_t *data;
  /**
   * How many bytes there are.
   */
  size_t len;
} secimg_buf;

/**
 * Called once when nothing uses the callbacks any more, also when the function that took them fails. May be
 * `NULL`.
 */
typedef void (*secimg_release_fn)(void *userdata);

/**
 * How a key that lives elsewhere wraps a content encryption key (recipient type 5, SPEC section 4.6).
 *
 * The callbacks may be called from every thread that seals, also from several at once, and no exception may
 * leave them.
 */
typedef struct secimg_recipient_callbacks {
  /**
   * `sizeof(secimg_recipient_callbacks)`.
   */
  size_t struct_size;
  /**
   * Handed to each callback.
   */
  void *userdata;
  /**
   * Who understands what `wrap` makes: 1 to 255 bytes of UTF-8. It stands in the clear in the stream.
   */
  const char *provider;
  /**
   * The key's name at the provider, from which each stream's key id is made: 1 byte or more. It does not stand
   * in the stream.
   */
  const uint8_t *key_name;
  /**
   * The length of `key_name`.
   */
  size_t key_name_len;
  /**
   * The length of everything that `wrap` makes.
   */
  size_t wrapped_len;
  /**
   * Wraps `cek` (32 bytes) into `out` (`out_len` is `wrapped_len`); `salt` (32 bytes) is the stream's. Returns
   * 0, or another number when the device failed.
   */
  int32_t (*wrap)(void *userdata,
                  const uint8_t *cek,
                  const uint8_t *salt,
                  uint8_t *out,
                  size_t out_len);
  /**
   * See `secimg_release_fn`.
   */
  secimg_release_fn release;
} secimg_recipient_callbacks;

/**
 * How a key that lives elsewhere unwraps a content encryption key.
 *
 * The callbacks may be called from every thread that opens, also from several at once, and no exception may
 * leave them.
 */
typedef struct secimg_identity_callbacks {
  /**
   * `sizeof(secimg_identity_callbacks)`.
   */
  size_t struct_size;
  /**
   * Handed to each callback.
   */
  void *userdata;
  /**
   * `SECIMG_RECIPIENT_RSA_OAEP_SHA256` for an RSA key in a device, whose public key is in `spki`, or
   * `SECIMG_RECIPIENT_EXTERNAL` for what `secimg_recipient_callbacks` wrapped.
   */
  uint32_t recipient_type;
  /**
   * The public key of an RSA key, SPKI in DER.
   */
  const uint8_t *spki;
  /**
   * The length of `spki`.
   */
  size_t spki_len;
  /**
   * For the external type: as in `secimg_recipient_callbacks`.
   */
  const char *provider;
  /**
   * For the external type: as in `secimg_recipient_callbacks`.
   */
  const uint8_t *key_name;
  /**
   * The length of `key_name`.
   */
  size_t key_name_len;
  /**
   * Unwraps `wrapped` (an OAEP ciphertext with SHA-256, MGF1-SHA-256 and an empty label; or what `wrap` made)
   * into `cek`, 32 bytes. Returns 0; 1 where it does not unwrap, whatever the reason, and in constant time;
   * another number when the device failed.
   */
  int32_t (*unwrap)(void *userdata, const uint8_t *wrapped, size_t wrapped_len, uint8_t *cek);
  /**
   * See `secimg_release_fn`.
   */
  secimg_release_fn release;
} secimg_identity_callbacks;

/**
 * How a key that lives elsewhere signs.
 *
 * The callbacks may be called from every thread that seals, also from several at once, and no exception may
 * leave them.
 */
typedef struct secimg_signer_callbacks {
  /**
   * `sizeof(secimg_signer_callbacks)`.
   */
  size_t struct_size;
  /**
   * Handed to each callback.
   */
  void *userdata;
  /**
   * `SECIMG_SIGNATURE_RSA_PSS_SHA256` (MGF1-SHA-256, salt of 32 bytes) or `SECIMG_SIGNATURE_ED25519`.
   */
  uint32_t algorithm;
  /**
   * The public key, SPKI in DER.
   */
  const uint8_t *spki;
  /**
   * The length of `spki`.
   */
  size_t spki_len;
  /**
   * Signs `message` into `out`, whose `out_len` bytes are the length of every signature of this key (RSA: of
   * the modulus; Ed25519: 64). Returns 0, or another number when the device failed. What it made is verified
   * before it is used.
   */
  int32_t (*sign)(void *userdata,
                  const uint8_t *message,
                  size_t message_len,
                  uint8_t *out,
                  size_t out_len);
  /**
   * See `secimg_release_fn`.
   */
  secimg_release_fn release;
} secimg_signer_callbacks;

/**
 * Called now and then during a one-shot call, on the thread that makes it: how many bytes are done, and of how
 * many. A number other than 0 cancels the call, which returns `SECIMG_ERR_CANCELLED`. No exception may leave it.
 */
typedef int32_t (*secimg_progress_fn)(void *userdata, uint64_t done, uint64_t total);

/**
 * What the samples of a raw frame are, in the words of DICOM (PS3.3 C.7.6.3). The samples of a pixel stand together, pixels
 * by rows.
 *
 * Set all of it to 0, then `struct_size`, and what there is to say.
 */
typedef struct secimg_frame_layout {
  /**
   * `sizeof(secimg_frame_layout)`, also where the library fills the struct in.
   */
  size_t struct_size;
  /**
   * Rows (0028,0010), the height.
   */
  uint32_t rows;
  /**
   * Columns (0028,0011), the width.
   */
  uint32_t columns;
  /**
   * Samples per Pixel (0028,0002), 1 to 4; 0: as many as the photometric interpretation asks for, or else 1.
   */
  uint32_t samples_per_pixel;
  /**
   * `SECIMG_SAMPLE_*`.
   */
  uint32_t sample_type;
  /**
   * Bits Stored (0028,0101); 0: all that the type has. A claim: no sample is changed for it.
   */
  uint32_t bits_stored;
  /**
   * `SECIMG_PHOTOMETRIC_*`.
   */
  uint32_t photometric_interpretation;
  /**
   * `SECIMG_BYTE_ORDER_*`. A frame is given back in the order that is asked for; a manifest never says
   * `SECIMG_BYTE_ORDER_NATIVE`.
   */
  uint32_t byte_order;
  /**
   * Not 0: `time` says when the frame was taken.
   */
  uint32_t has_time;
  /**
   * Nanoseconds since 1970-01-01T00:00:00Z.
   */
  int64_t time;
} secimg_frame_layout;

/**
 * A rectangle of pixels of the picture as it is shown, from its top left corner.
 */
typedef struct secimg_rect {
  /**
   * The first column.
   */
  uint32_t x;
  /**
   * The first row.
   */
  uint32_t y;
  /**
   * How many columns.
   */
  uint32_t width;
  /**
   * How many rows.
   */
  uint32_t height;
} secimg_rect;

/**
 * Where a reader gets a stream from: a file, a blob of a database, a request for a range.
 *
 * The callbacks are called only during calls of the reader's functions, on the thread that makes them, and no
 * exception may leave them.
 */
typedef struct secimg_source {
  /**
   * `sizeof(secimg_source)`.
   */
  size_t struct_size;
  /**
   * Handed to each callback.
   */
  void *userdata;
  /**
   * The length of the whole stream in bytes.
   */
  uint64_t length;
  /**
   * Reads at most `capacity` bytes from where the source stands into `buffer`, stores how many in `*read` (0 only at
   * the end) and returns 0; another number when it failed.
   */
  int32_t (*read)(void *userdata, uint8_t *buffer, size_t capacity, size_t *read);
  /**
   * Goes to byte `offset` of the stream and returns 0; another number when it failed.
   */
  int32_t (*seek)(void *userdata, uint64_t offset);
  /**
   * See `secimg_release_fn`.
   */
  secimg_release_fn release;
} secimg_source;

/**
 * Done.
 */
#define SECIMG_OK 0

/**
 * A pointer is `NULL` that must not be.
 */
#define SECIMG_ERR_NULL_POINTER 1

/**
 * An argument that cannot be: a number that is not defined, text that is not UTF-8, buffers that overlap, a
 * handle of another kind.
 */
#define SECIMG_ERR_INVALID_ARGUMENT 2

/**
 * The buffer is too small. The required size is in `*out_len`, and nothing was done.
 */
#define SECIMG_ERR_BUFFER_TOO_SMALL 3

/**
 * The call does not fit the state of the handle: the wrong order, after an error, after the end.
 */
#define SECIMG_ERR_STATE 4

/**
 * Something that this build or this machine cannot do.
 */
#define SECIMG_ERR_UNSUPPORTED 5

/**
 * A limit was exceeded: one that the caller set, or one of the format's.
 */
#define SECIMG_ERR_LIMIT 6

/**
 * Not authentic: a wrong key, passphrase or context, or changed bytes. One answer for all of them.
 */
#define SECIMG_ERR_NOT_AUTHENTIC 20

/**
 * A key that cannot be read or cannot be used for this; recipients that cannot be combined.
 */
#define SECIMG_ERR_KEY 21

/**
 * The system's random number generator failed.
 */
#define SECIMG_ERR_RANDOM 22

/**
 * None of the identities is among the stream's recipients.
 */
#define SECIMG_ERR_NO_MATCHING_KEY 23

/**
 * A required signature is missing or by somebody else, or a signature does not hold.
 */
#define SECIMG_ERR_SIGNER 24

/**
 * The private key is encrypted, and its passphrase is missing or wrong.
 */
#define SECIMG_ERR_KEY_PASSPHRASE 25

/**
 * A certificate was refused.
 */
#define SECIMG_ERR_CERTIFICATE 26

/**
 * A key's device or callback failed. This is not a wrong key.
 */
#define SECIMG_ERR_PROVIDER 27

/**
 * A required signer signed at a time that is not accepted: too long ago, ahead of the clock, or not said.
 */
#define SECIMG_ERR_STALE_SIGNATURE 28

/**
 * The sealed part of a redacted picture belongs to other pixels: the picture was changed, or it is another one.
 */
#define SECIMG_ERR_OTHER_PICTURE 29

/**
 * Not a stream, or one with a defect in what stands in the clear; an image file that breaks the rules of its format.
 */
#define SECIMG_ERR_FORMAT 40

/**
 * A version or a cipher suite that is not known here.
 */
#define SECIMG_ERR_VERSION 41

/**
 * The stream, or an image file, ends before its end.
 */
#define SECIMG_ERR_TRUNCATED 42

/**
 * Bytes stand behind the stream's end.
 */
#define SECIMG_ERR_TRAILING_BYTES 43

/**
 * Authentic, and malformed inside: the sender's fault.
 */
#define SECIMG_ERR_CONTENT 44

/**
 * No sealed part is in the picture: it was never redacted, the part was kept beside it, or something on the way dropped it.
 */
#define SECIMG_ERR_NO_SEALED_PART 45

/**
 * A file, or a callback that reads or seeks, failed.
 */
#define SECIMG_ERR_IO 60

/**
 * The progress callback asked to stop.
 */
#define SECIMG_ERR_CANCELLED 61

/**
 * There is not enough memory.
 */
#define SECIMG_ERR_NO_MEMORY 90

/**
 * A bug in this library. The handle can only be freed; the process lives.
 */
#define SECIMG_ERR_PANIC 99

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * Returns the constant's name, such as `SECIMG_ERR_TRUNCATED`, and `SECIMG_ERR_UNKNOWN` for a number that is
 * none. The text is static.
 */
SECIMG_API
const char *secimg_status_name(secimg_status status);

/**
 * Returns a few words for people. The text is static. `secimg_last_error` says more.
 */
SECIMG_API const char *secimg_status_text(secimg_status status);

/**
 * Returns the version of the library that runs, such as `"0.1.0"`. The text is static.
 */
SECIMG_API const char *secimg_version_string(void);

/**
 * Returns the version of the library that runs: major << 16 | minor << 8 | patch. The header's is
 * `SECIMG_VERSION_NUMBER`.
 */
SECIMG_API uint32_t secimg_version_number(void);

/**
 * Returns the binary interface of the library that runs. A program may compare it with the header's
 * `SECIMG_ABI_VERSION` before it calls anything else.
 */
SECIMG_API uint32_t secimg_abi_version(void);

/**
 * Copies the text of this thread's last failed call into `buffer`, ended by NUL, and returns its whole
 * length without the NUL; what does not fit is cut between characters. After a success it is empty.
 *
 * Calls that return something else than a status do not change it. It holds no key and no pixel.
 */
SECIMG_API
size_t secimg_last_error(char *buffer,
                         size_t capacity);

/**
 * Wipes and frees what is in a buffer, and empties it. `NULL` and an empty buffer are fine.
 */
SECIMG_API void secimg_buf_free(struct secimg_buf *buf);

/**
 * Overwrites memory with zeros, in a way that no compiler leaves out. `NULL` with a length of 0 is fine.
 */
SECIMG_API
void secimg_memzero(void *memory,
                    size_t len);

/**
 * Returns how many sentences there are; 0 for `NULL`.
 */
SECIMG_API size_t secimg_texts_count(const struct secimg_texts *texts);

/**
 * Returns sentence `index`, counted from 0, borrowed from the list; `NULL` behind the last one.
 */
SECIMG_API const char *secimg_texts_get(const struct secimg_texts *texts, size_t index);

/**
 * Frees the list.
 */
SECIMG_API void secimg_texts_free(struct secimg_texts *texts);

/**
 * Draws a private key: `kind` is one of `SECIMG_KEY_*`, `bits` the length of an RSA modulus (2048, 3072 or
 * 4096) or 0 for the default (RSA: 3072). An RSA key of 4096 bits may take seconds.
 */
SECIMG_API
secimg_status secimg_private_key_generate(uint32_t kind,
                                          uint32_t bits,
                                          struct secimg_private_key **out);

/**
 * Reads one PEM block, `PRIVATE KEY` or `ENCRYPTED PRIVATE KEY` (PKCS#8), as `openssl pkey` writes it. The
 * passphrase is for an encrypted key and ignored for a plain one; `(NULL, 0)` says that there is none.
 */
SECIMG_API
secimg_status secimg_private_key_from_pem(const uint8_t *pem,
                                          size_t pem_len,
                                          const uint8_t *passphrase,
                                          size_t passphrase_len,
                                          struct secimg_private_key **out);

/**
 * Reads the file of a private key, as `secimg_private_key_from_pem` does. A file that group or others have
 * access to is refused (`SECIMG_ERR_KEY`) unless `flags` has `SECIMG_ALLOW_SHARED_KEY`.
 */
SECIMG_API
secimg_status secimg_private_key_load(const char *path,
                                      const uint8_t *passphrase,
                                      size_t passphrase_len,
                                      uint32_t flags,
                                      struct secimg_private_key **out);

/**
 * Writes a private key as PEM: encrypted (PBKDF2-HMAC-SHA256 with 600 000 iterations, AES-256-CBC), or plain
 * where the passphrase is `(NULL, 0)`. Free the text with `secimg_buf_free`, which wipes it.
 */
SECIMG_API
secimg_status secimg_private_key_to_pem(const struct secimg_private_key *key,
                                        const uint8_t *passphrase,
                                        size_t passphrase_len,
                                        struct secimg_buf *out);

/**
 * Writes a private key to a file that only its owner can read, whole or not at all. A file that is there is
 * refused (`SECIMG_ERR_IO`) unless `flags` has `SECIMG_OVERWRITE`.
 */
SECIMG_API
secimg_status secimg_private_key_store(const struct secimg_private_key *key,
                                       const char *path,
                                       const uint8_t *passphrase,
                                       size_t passphrase_len,
                                       uint32_t flags);

/**
 * Returns the public side of a private key, as a handle of its own.
 */
SECIMG_API
secimg_status secimg_private_key_public(const struct secimg_private_key *key,
                                        struct secimg_public_key **out);

/**
 * Frees a private key. What was made from it (identities, signers) lives on.
 */
SECIMG_API void secimg_private_key_free(struct secimg_private_key *key);

/**
 * Reads one PEM block, `PUBLIC KEY`, as `openssl pkey -pubout` writes it.
 */
SECIMG_API
secimg_status secimg_public_key_from_pem(const uint8_t *pem,
                                         size_t pem_len,
                                         struct secimg_public_key **out);

/**
 * Reads a `SubjectPublicKeyInfo` in DER (RFC 5280 section 4.1.2.7).
 */
SECIMG_API
secimg_status secimg_public_key_from_spki(const uint8_t *der,
                                          size_t der_len,
                                          struct secimg_public_key **out);

/**
 * Reads the file of a public key in PEM.
 */
SECIMG_API secimg_status secimg_public_key_load(const char *path, struct secimg_public_key **out);

/**
 * Writes a public key as PEM. Free the text with `secimg_buf_free`.
 */
SECIMG_API
secimg_status secimg_public_key_to_pem(const struct secimg_public_key *key,
                                       struct secimg_buf *out);

/**
 * Writes a public key to a file, whole or not at all. A file that is there is refused (`SECIMG_ERR_IO`) unless
 * `flags` has `SECIMG_OVERWRITE`.
 */
SECIMG_API
secimg_status secimg_public_key_store(const struct secimg_public_key *key,
                                      const char *path,
                                      uint32_t flags);

/**
 * Lends the key's canonical `SubjectPublicKeyInfo` in DER: over these bytes are its fingerprint and the
 * signatures that name it. They live as long as the key.
 */
SECIMG_API
secimg_status secimg_public_key_spki(const struct secimg_public_key *key,
                                     const uint8_t **data,
                                     size_t *len);

/**
 * Stores the key's fingerprint, SHA-256 of its canonical SPKI: `SECIMG_FINGERPRINT_LEN` bytes.
 */
SECIMG_API
secimg_status secimg_public_key_fingerprint(const struct secimg_public_key *key,
                                            uint8_t *out);

/**
 * Returns one of `SECIMG_KEY_*`; 0 for `NULL`.
 */
SECIMG_API uint32_t secimg_public_key_kind(const struct secimg_public_key *key);

/**
 * Returns the length of an RSA modulus in bits, 256 for the other kinds; 0 for `NULL`.
 */
SECIMG_API uint32_t secimg_public_key_bits(const struct secimg_public_key *key);

/**
 * Returns the strength in bits against ordinary computers (NIST SP 800-57 part 1, table 2): 112 for RSA with
 * 2048 bits, 128 for 3072. 0 for `NULL`.
 */
SECIMG_API
uint32_t secimg_public_key_strength_bits(const struct secimg_public_key *key);

/**
 * Tells whether two handles hold the same key; false for `NULL`.
 */
SECIMG_API
bool secimg_public_key_equal(const struct secimg_public_key *a,
                             const struct secimg_public_key *b);

/**
 * Frees a public key.
 */
SECIMG_API void secimg_public_key_free(struct secimg_public_key *key);

/**
 * Writes a fingerprint (`SECIMG_FINGERPRINT_LEN` bytes) as people compare it, `sha256:` and 64 hex digits, ended
 * by NUL: `SECIMG_FINGERPRINT_TEXT_LEN` bytes.
 */
SECIMG_API
secimg_status secimg_fingerprint_text(const uint8_t *fingerprint,
                                      char *buffer,
                                      size_t capacity);

/**
 * Draws a symmetric key.
 */
SECIMG_API secimg_status secimg_symmetric_key_generate(struct secimg_symmetric_key **out);

/**
 * Takes a symmetric key of exactly 32 bytes, such as one from a key agreement of the caller's own.
 */
SECIMG_API
secimg_status secimg_symmetric_key_from_bytes(const uint8_t *key,
                                              size_t len,
                                              struct secimg_symmetric_key **out);

/**
 * Reads the content of a key file: one line of base64 (as `openssl rand -base64 32` prints it), 64 hex digits,
 * or 32 bytes.
 */
SECIMG_API
secimg_status secimg_symmetric_key_from_text(const uint8_t *text,
                                             size_t len,
                                             struct secimg_symmetric_key **out);

/**
 * Reads the file of a symmetric key. A file that group or others have access to is refused (`SECIMG_ERR_KEY`)
 * unless `flags` has `SECIMG_ALLOW_SHARED_KEY`.
 */
SECIMG_API
secimg_status secimg_symmetric_key_load(const char *path,
                                        uint32_t flags,
                                        struct secimg_symmetric_key **out);

/**
 * Stores the key itself: 32 bytes, which the caller wipes (`secimg_memzero`).
 */
SECIMG_API
secimg_status secimg_symmetric_key_export(const struct secimg_symmetric_key *key,
                                          uint8_t *out);

/**
 * Writes the content of a key file: a line of base64. Free it with `secimg_buf_free`, which wipes it.
 */
SECIMG_API
secimg_status secimg_symmetric_key_to_text(const struct secimg_symmetric_key *key,
                                           struct secimg_buf *out);

/**
 * Writes the key to a file that only its owner can read, whole or not at all. A file that is there is refused
 * (`SECIMG_ERR_IO`) unless `flags` has `SECIMG_OVERWRITE`.
 */
SECIMG_API
secimg_status secimg_symmetric_key_store(const struct secimg_symmetric_key *key,
                                         const char *path,
                                         uint32_t flags);

/**
 * Stores the key's fingerprint, `SECIMG_FINGERPRINT_LEN` bytes, which may be shown.
 */
SECIMG_API
secimg_status secimg_symmetric_key_fingerprint(const struct secimg_symmetric_key *key,
                                               uint8_t *out);

/**
 * Frees a symmetric key. What was made from it lives on.
 */
SECIMG_API void secimg_symmetric_key_free(struct secimg_symmetric_key *key);

/**
 * Reads certificates: one in DER, or one or more in PEM.
 */
SECIMG_API
secimg_status secimg_certificates_from_bytes(const uint8_t *bytes,
                                             size_t len,
                                             struct secimg_certificates **out);

/**
 * Reads a file of certificates, as `secimg_certificates_from_bytes` does.
 */
SECIMG_API
secimg_status secimg_certificates_load(const char *path,
                                       struct secimg_certificates **out);

/**
 * Returns how many certificates there are, those of authorities among them; 0 for `NULL`.
 */
SECIMG_API size_t secimg_certificates_count(const struct secimg_certificates *certificates);

/**
 * Tells whether certificate `index` is a certification authority's, which is never used as a key.
 */
SECIMG_API
bool secimg_certificates_is_authority(const struct secimg_certificates *certificates,
                                      size_t index);

/**
 * Returns whose certificate it is, in RFC 4514's form, borrowed; `NULL` where there is none. The words are
 * those of whoever made it.
 */
SECIMG_API
const char *secimg_certificates_subject(const struct secimg_certificates *certificates,
                                        size_t index);

/**
 * Returns who issued it, as `secimg_certificates_subject` does.
 */
SECIMG_API
const char *secimg_certificates_issuer(const struct secimg_certificates *certificates,
                                       size_t index);

/**
 * Returns the first second at which it is valid, in seconds since 1970-01-01T00:00:00Z.
 */
SECIMG_API
uint64_t secimg_certificates_not_before(const struct secimg_certificates *certificates,
                                        size_t index);

/**
 * Returns the last second at which it is valid, in seconds since 1970-01-01T00:00:00Z.
 */
SECIMG_API
uint64_t secimg_certificates_not_after(const struct secimg_certificates *certificates,
                                       size_t index);

/**
 * Lends the DER of certificate `index`, for a library that verifies chains.
 */
SECIMG_API
secimg_status secimg_certificates_der(const struct secimg_certificates *certificates,
                                      size_t index,
                                      const uint8_t **data,
                                      size_t *len);

/**
 * Takes the public key out of certificate `index`, whatever the certificate says of its use.
 */
SECIMG_API
secimg_status secimg_certificates_public_key(const struct secimg_certificates *certificates,
                                             size_t index,
                                             struct secimg_public_key **out);

/**
 * Checks the certificates that are not authorities' for a purpose (`SECIMG_PURPOSE_*`): whether their keys can
 * do it, their dates at `now` (seconds since 1970-01-01T00:00:00Z; 0: the system's clock), their usages.
 *
 * What people should be told goes to `warnings`, a list that may be empty (`NULL`: not wanted); with
 * `SECIMG_STRICT_CERTIFICATES` in `flags` it is a refusal instead, `SECIMG_ERR_CERTIFICATE`.
 */
SECIMG_API
secimg_status secimg_certificates_check(const struct secimg_certificates *certificates,
                                        uint32_t purpose,
                                        uint64_t now,
                                        uint32_t flags,
                                        struct secimg_texts **warnings);

/**
 * Frees the certificates.
 */
SECIMG_API void secimg_certificates_free(struct secimg_certificates *certificates);

/**
 * Makes an empty list.
 */
SECIMG_API secimg_status secimg_recipients_new(struct secimg_recipients **out);

/**
 * Adds the owner of a public key (RSA or X-Wing).
 */
SECIMG_API
secimg_status secimg_recipients_add_public_key(struct secimg_recipients *recipients,
                                               const struct secimg_public_key *key);

/**
 * Adds the owners of certificates, after the checks of `secimg_certificates_check` at this moment. `warnings`
 * (`NULL`: not wanted) gets a list that may be empty.
 */
SECIMG_API
secimg_status secimg_recipients_add_certificates(struct secimg_recipients *recipients,
                                                 const struct secimg_certificates *certificates,
                                                 uint32_t flags,
                                                 struct secimg_texts **warnings);

/**
 * Adds whoever holds a symmetric key.
 */
SECIMG_API
secimg_status secimg_recipients_add_symmetric_key(struct secimg_recipients *recipients,
                                                  const struct secimg_symmetric_key *key);

/**
 * Makes whoever knows a passphrase the only recipient. It is UTF-8, and normalised (NFC), so that every
 * keyboard's is the same; sealing and opening then take the time of its key derivation (Argon2id, 64 MiB).
 */
SECIMG_API
secimg_status secimg_recipients_add_passphrase(struct secimg_recipients *recipients,
                                               const uint8_t *passphrase,
                                               size_t len);

/**
 * Adds a key that lives elsewhere, such as in a key service.
 */
SECIMG_API
secimg_status secimg_recipients_add_callbacks(struct secimg_recipients *recipients,
                                              const struct secimg_recipient_callbacks *callbacks);

/**
 * Allows RSA beside X-Wing and symmetric keys. Without this it is refused, for a stream is only as strong as
 * its weakest recipient.
 */
SECIMG_API
secimg_status secimg_recipients_allow_mixing(struct secimg_recipients *recipients);

/**
 * Returns how many recipients there are; 0 for `NULL`.
 */
SECIMG_API size_t secimg_recipients_count(const struct secimg_recipients *recipients);

/**
 * Frees the list.
 */
SECIMG_API void secimg_recipients_free(struct secimg_recipients *recipients);

/**
 * Makes the identity of a private key (RSA or X-Wing). The key may be freed.
 */
SECIMG_API
secimg_status secimg_identity_from_private_key(const struct secimg_private_key *key,
                                               struct secimg_identity **out);

/**
 * Makes the identity of who holds a symmetric key. The key may be freed.
 */
SECIMG_API
secimg_status secimg_identity_from_symmetric_key(const struct secimg_symmetric_key *key,
                                                 struct secimg_identity **out);

/**
 * Makes the identity of who knows a passphrase (UTF-8).
 */
SECIMG_API
secimg_status secimg_identity_from_passphrase(const uint8_t *passphrase,
                                              size_t len,
                                              struct secimg_identity **out);

/**
 * Makes the identity of a key that lives elsewhere, such as in a hardware module.
 */
SECIMG_API
secimg_status secimg_identity_from_callbacks(const struct secimg_identity_callbacks *callbacks,
                                             struct secimg_identity **out);

/**
 * Frees an identity. Options that took it keep it.
 */
SECIMG_API void secimg_identity_free(struct secimg_identity *identity);

/**
 * Makes the signer of a private key (Ed25519 or RSA). The key may be freed.
 */
SECIMG_API
secimg_status secimg_signer_from_private_key(const struct secimg_private_key *key,
                                             struct secimg_signer **out);

/**
 * Makes the signer of a key that lives elsewhere, such as in a hardware module.
 */
SECIMG_API
secimg_status secimg_signer_from_callbacks(const struct secimg_signer_callbacks *callbacks,
                                           struct secimg_signer **out);

/**
 * Frees a signer. Options that took it keep it.
 */
SECIMG_API void secimg_signer_free(struct secimg_signer *signer);

/**
 * Makes the empty set, which trusts nobody.
 */
SECIMG_API secimg_status secimg_trusted_signers_new(struct secimg_trusted_signers **out);

/**
 * Adds a public key (Ed25519 or RSA).
 */
SECIMG_API
secimg_status secimg_trusted_signers_add_public_key(struct secimg_trusted_signers *trusted,
                                                    const struct secimg_public_key *key);

/**
 * Adds the keys of certificates, after the checks of `secimg_certificates_check` at this moment. `warnings`
 * (`NULL`: not wanted) gets a list that may be empty.
 */
SECIMG_API
secimg_status secimg_trusted_signers_add_certificates(struct secimg_trusted_signers *trusted,
                                                      const struct secimg_certificates *certificates,
                                                      uint32_t flags,
                                                      struct secimg_texts **warnings);

/**
 * Returns how many keys there are; 0 for `NULL`.
 */
SECIMG_API size_t secimg_trusted_signers_count(const struct secimg_trusted_signers *trusted);

/**
 * Frees the set.
 */
SECIMG_API void secimg_trusted_signers_free(struct secimg_trusted_signers *trusted);

/**
 * Starts with these recipients, the default suite and chunk size, no signer and an empty context.
 */
SECIMG_API
secimg_status secimg_seal_options_new(const struct secimg_recipients *recipients,
                                      struct secimg_seal_options **out);

/**
 * Signs streams. Only recipients see who signed.
 */
SECIMG_API
secimg_status secimg_seal_options_set_signer(struct secimg_seal_options *options,
                                             const struct secimg_signer *signer);

/**
 * Sets the time that a signature states, in seconds since 1970-01-01T00:00:00Z; 0, the default, is the time at
 * which each stream is begun, by the system's clock.
 */
SECIMG_API
secimg_status secimg_seal_options_set_signing_time(struct secimg_seal_options *options,
                                                   uint64_t seconds);

/**
 * Binds streams to something that both sides know and that is not stored: a study UID, an endpoint.
 */
SECIMG_API
secimg_status secimg_seal_options_set_context(struct secimg_seal_options *options,
                                              const uint8_t *context,
                                              size_t len);

/**
 * Chooses the cipher suite, one of `SECIMG_SUITE_*`.
 */
SECIMG_API
secimg_status secimg_seal_options_set_suite(struct secimg_seal_options *options,
                                            uint32_t suite);

/**
 * Chooses the chunk size, 2^`log2` bytes: 12 (4 KiB) to 23 (8 MiB); 16 is the default. Smaller chunks make
 * ranges cheaper to read and the whole a little longer.
 */
SECIMG_API
secimg_status secimg_seal_options_set_chunk_log2(struct secimg_seal_options *options,
                                                 uint32_t log2);

/**
 * Says whether each image carries the SHA-256 of its original (not 0, the default).
 */
SECIMG_API
secimg_status secimg_seal_options_set_digests(struct secimg_seal_options *options,
                                              uint32_t digests);

/**
 * Says whether streams are padded so that their lengths say little of the images' (Padmé; at most 12 % longer).
 * 0 is the default.
 */
SECIMG_API
secimg_status secimg_seal_options_set_padded(struct secimg_seal_options *options,
                                             uint32_t padded);

/**
 * Allows at most so many threads, 0 being 1 and more than 16 being 16, for the chunks of the streams that are sealed with these options; 1 is the
 * default. They belong to the options, start when there is work for a second one, and end when the options and everything
 * made with them are freed. A library that was built without the feature `parallel` uses the caller's thread alone. The
 * bytes are the same for every number.
 */
SECIMG_API
secimg_status secimg_seal_options_set_threads(struct secimg_seal_options *options,
                                              uint32_t threads);

/**
 * Names a function that is told how far `secimg_encrypt` is and may stop it; `NULL` for none.
 */
SECIMG_API
secimg_status secimg_seal_options_set_progress(struct secimg_seal_options *options,
                                               secimg_progress_fn progress,
                                               void *userdata);

/**
 * Frees the options. Sealers that were made with them go on.
 */
SECIMG_API void secimg_seal_options_free(struct secimg_seal_options *options);

/**
 * Starts without an identity, without a required signer, with an empty context and the default limits.
 */
SECIMG_API
secimg_status secimg_open_options_new(struct secimg_open_options **out);

/**
 * Adds an identity. They are tried in order, each only on entries whose key id is its own.
 */
SECIMG_API
secimg_status secimg_open_options_add_identity(struct secimg_open_options *options,
                                               const struct secimg_identity *identity);

/**
 * Requires a signature by one of these signers. An empty set trusts nobody and refuses every stream.
 */
SECIMG_API
secimg_status secimg_open_options_require_signer(struct secimg_open_options *options,
                                                 const struct secimg_trusted_signers *trusted);

/**
 * Refuses a signature of a required signer that was made more than `past` seconds before the present or more than `future`
 * seconds behind it, by the signer's clock and this system's; both ends are accepted, and a signing time that was not said is
 * not: `SECIMG_ERR_STALE_SIGNATURE`. `future` is for clocks that are ahead, 300 for instance. Without
 * `secimg_open_options_require_signer` nothing can be opened.
 */
SECIMG_API
secimg_status secimg_open_options_set_signing_window(struct secimg_open_options *options,
                                                     uint64_t past,
                                                     uint64_t future);

/**
 * Gives the context that streams were bound to.
 */
SECIMG_API
secimg_status secimg_open_options_set_context(struct secimg_open_options *options,
                                              const uint8_t *context,
                                              size_t len);

/**
 * Sets the longest stream that is accepted, in bytes; longer ones are `SECIMG_ERR_LIMIT`. The default is what
 * the format allows.
 */
SECIMG_API
secimg_status secimg_open_options_set_max_stream_bytes(struct secimg_open_options *options,
                                                       uint64_t bytes);

/**
 * Sets the most images in one stream; the default is 100 000.
 */
SECIMG_API
secimg_status secimg_open_options_set_max_items(struct secimg_open_options *options,
                                                size_t items);

/**
 * Promises (not 0) that nothing that a `secimg_opener` gives is used before `secimg_opener_finish` succeeds. An
 * opener with a required signer starts only with this promise, for the signature stands at the end. The one-shot
 * functions and readers do not need it.
 */
SECIMG_API
secimg_status secimg_open_options_set_spooled(struct secimg_open_options *options,
                                              uint32_t spooled);

/**
 * Allows at most so many threads, 0 being 1 and more than 16 being 16, for the chunks of the streams that are opened with these options; 1 is the
 * default. They belong to the options, start when there is work for a second one, and end when the options and everything
 * made with them are freed. A library that was built without the feature `parallel` uses the caller's thread alone. The
 * bytes are the same for every number.
 */
SECIMG_API
secimg_status secimg_open_options_set_threads(struct secimg_open_options *options,
                                              uint32_t threads);

/**
 * Names a function that is told how far `secimg_decrypt`, `secimg_decrypt_all` and `secimg_verify` are and may
 * stop them; `NULL` for none.
 */
SECIMG_API
secimg_status secimg_open_options_set_progress(struct secimg_open_options *options,
                                               secimg_progress_fn progress,
                                               void *userdata);

/**
 * Frees the options. Openers and readers that were made with them go on.
 */
SECIMG_API void secimg_open_options_free(struct secimg_open_options *options);

/**
 * Makes a description that says nothing.
 */
SECIMG_API secimg_status secimg_description_new(struct secimg_description **out);

/**
 * Sets the name, 1 to 1024 bytes, which readers may give to the file.
 */
SECIMG_API
secimg_status secimg_description_set_name(struct secimg_description *description,
                                          const char *name);

/**
 * Sets the image's time, in seconds since 1970-01-01T00:00:00Z.
 */
SECIMG_API
secimg_status secimg_description_set_time(struct secimg_description *description,
                                          int64_t seconds);

/**
 * Sets a small picture of the image, of 1 to 65536 bytes, in a format that those who open it can show; it is sealed like
 * the image and stands before it. `secimg_make_preview` makes one. NULL with 0 bytes takes it away.
 *
 * A description is used for any number of images, and so would a preview be: give each image its own.
 */
SECIMG_API
secimg_status secimg_description_set_preview(struct secimg_description *description,
                                             const uint8_t *preview,
                                             size_t len);

/**
 * Sets a word of the caller's own, at most 64 of them; one of the same name is replaced.
 */
SECIMG_API
secimg_status secimg_description_set_attribute(struct secimg_description *description,
                                               const char *name,
                                               const char *value);

/**
 * Says what the image is, such as `"dicom"` and `"application/dicom"`; its bytes are then not looked at. Both are 1
 * to 127 visible ASCII characters. For bytes of no known format say `"opaque"` and
 * `"application/octet-stream"`; pixels without a file are raw frames: `secimg_sealer_add_frame`.
 */
SECIMG_API
secimg_status secimg_description_set_format(struct secimg_description *description,
                                            const char *format,
                                            const char *media_type);

/**
 * Says how large the image is: columns, rows, frames, samples a pixel, bits a sample; 0 says nothing. The format
 * must have been set before (`SECIMG_ERR_STATE`), which forgets what was said of the size.
 */
SECIMG_API
secimg_status secimg_description_set_dimensions(struct secimg_description *description,
                                                uint32_t width,
                                                uint32_t height,
                                                uint32_t frames,
                                                uint8_t channels,
                                                uint8_t bits);

/**
 * Frees the description.
 */
SECIMG_API void secimg_description_free(struct secimg_description *description);

/**
 * Makes a small picture of an image, for `secimg_description_set_preview`: a JPEG, or a PNG where the image has transparent
 * parts, of at most 512 pixels and 65536 bytes, turned as the image is shown, with nothing in it but pixels. Free it with
 * `secimg_buf_free`.
 *
 * JPEG, PNG, WebP, BMP, TIFF, GIF, QOI, TGA, ICO, PNM and Radiance HDR are decoded. `SECIMG_ERR_UNSUPPORTED` for every
 * image of which none is made, and from a library that was built without decoders; seal it without a preview then.
 */
SECIMG_API
secimg_status secimg_make_preview(const uint8_t *image,
                                  size_t len,
                                  struct secimg_buf *out);

/**
 * Makes a small picture of a raw frame, as `secimg_make_preview` makes one of a file, with the samples as `secimg_encrypt_frame`
 * takes them.
 *
 * Samples of 8 bits and colours are shown as they are; of other samples the darkest becomes black and the brightest white.
 * `SECIMG_ERR_UNSUPPORTED` where several samples of a pixel are `SECIMG_PHOTOMETRIC_UNSPECIFIED`, and from a library that was
 * built without decoders.
 */
SECIMG_API
secimg_status secimg_make_frame_preview(const struct secimg_frame_layout *layout,
                                        const void *samples,
                                        size_t samples_len,
                                        size_t stride,
                                        struct secimg_buf *out);

/**
 * Returns the format's short name, such as `"dicom"`, and `"opaque"` where it is not known.
 */
SECIMG_API const char *secimg_manifest_format(const struct secimg_manifest *manifest);

/**
 * Returns the media type (RFC 6838).
 */
SECIMG_API const char *secimg_manifest_media_type(const struct secimg_manifest *manifest);

/**
 * Returns the name that the sender gave it, or `NULL`. Never use it as a path: see `secimg_manifest_file_name`.
 */
SECIMG_API
const char *secimg_manifest_name(const struct secimg_manifest *manifest);

/**
 * Copies the name into `buffer`, ended by NUL, if it is safe as the name of a file in a folder of the caller's: one
 * component, the same on Linux, macOS and Windows, no device, nothing invisible. `*out_len` is its length without
 * the NUL. `SECIMG_ERR_INVALID_ARGUMENT` where there is no name or it is not safe.
 */
SECIMG_API
secimg_status secimg_manifest_file_name(const struct secimg_manifest *manifest,
                                        char *buffer,
                                        size_t capacity,
                                        size_t *out_len);

/**
 * Returns the number of columns.
 */
SECIMG_API uint32_t secimg_manifest_width(const struct secimg_manifest *manifest);

/**
 * Returns the number of rows.
 */
SECIMG_API uint32_t secimg_manifest_height(const struct secimg_manifest *manifest);

/**
 * Returns the number of frames, pages or images.
 */
SECIMG_API uint32_t secimg_manifest_frames(const struct secimg_manifest *manifest);

/**
 * Returns the number of samples a pixel.
 */
SECIMG_API uint32_t secimg_manifest_channels(const struct secimg_manifest *manifest);

/**
 * Returns the number of bits a sample.
 */
SECIMG_API uint32_t secimg_manifest_bits(const struct secimg_manifest *manifest);

/**
 * Stores the image's time, in seconds since 1970-01-01T00:00:00Z, and returns true; false where it has none.
 */
SECIMG_API
bool secimg_manifest_time(const struct secimg_manifest *manifest,
                          int64_t *out);

/**
 * Returns the number of the sender's own words.
 */
SECIMG_API size_t secimg_manifest_attribute_count(const struct secimg_manifest *manifest);

/**
 * Returns the name of word `index`, in the order of the names; `NULL` behind the last one.
 */
SECIMG_API
const char *secimg_manifest_attribute_name(const struct secimg_manifest *manifest,
                                           size_t index);

/**
 * Returns the value of word `index`; `NULL` behind the last one.
 */
SECIMG_API
const char *secimg_manifest_attribute_value(const struct secimg_manifest *manifest,
                                            size_t index);

/**
 * Returns the value of the word `name`, or `NULL`.
 */
SECIMG_API
const char *secimg_manifest_attribute(const struct secimg_manifest *manifest,
                                      const char *name);

/**
 * Returns the name of the cipher suite, such as `"aes-256-cbc+hmac-sha-256"`.
 */
SECIMG_API const char *secimg_report_suite(const struct secimg_report *report);

/**
 * Returns the number of chunks, the last one among them.
 */
SECIMG_API uint64_t secimg_report_chunks(const struct secimg_report *report);

/**
 * Returns the length of the whole stream in bytes.
 */
SECIMG_API uint64_t secimg_report_stream_bytes(const struct secimg_report *report);

/**
 * Stores the stream's name, `SECIMG_TRANSFER_ID_LEN` bytes.
 */
SECIMG_API
secimg_status secimg_report_transfer_id(const struct secimg_report *report,
                                        uint8_t *out);

/**
 * Returns the type of the recipient's entry that opened the stream, one of `SECIMG_RECIPIENT_*`.
 */
SECIMG_API uint32_t secimg_report_recipient_type(const struct secimg_report *report);

/**
 * Stores the key id of that entry, `SECIMG_KEY_ID_LEN` bytes. It differs from stream to stream.
 */
SECIMG_API
secimg_status secimg_report_recipient_key_id(const struct secimg_report *report,
                                             uint8_t *out);

/**
 * Returns the algorithm of the signature, one of `SECIMG_SIGNATURE_*`; `SECIMG_SIGNATURE_NONE` where nobody signed.
 */
SECIMG_API
uint32_t secimg_report_signature_algorithm(const struct secimg_report *report);

/**
 * Stores the signer's fingerprint, `SECIMG_FINGERPRINT_LEN` bytes; `SECIMG_ERR_STATE` where nobody signed. Whether it
 * is somebody who is trusted says `secimg_report_signer_trusted`.
 */
SECIMG_API
secimg_status secimg_report_signer(const struct secimg_report *report,
                                   uint8_t *out);

/**
 * Returns the signer's public key; `SECIMG_ERR_STATE` where nobody signed.
 */
SECIMG_API
secimg_status secimg_report_signer_key(const struct secimg_report *report,
                                       struct secimg_public_key **out);

/**
 * Returns when it was signed, by the signer's clock, in seconds since 1970-01-01T00:00:00Z; 0 where that is not said.
 */
SECIMG_API
uint64_t secimg_report_signing_time(const struct secimg_report *report);

/**
 * Tells whether the signer is one that the reader required.
 */
SECIMG_API bool secimg_report_signer_trusted(const struct secimg_report *report);

/**
 * Tells whether the signer meant the reader: `SECIMG_INTENDED`, `SECIMG_NOT_INTENDED` or `SECIMG_UNLISTED`; 0 where
 * nobody signed.
 */
SECIMG_API
uint32_t secimg_report_intended(const struct secimg_report *report);

/**
 * Returns the number of items.
 */
SECIMG_API size_t secimg_report_item_count(const struct secimg_report *report);

/**
 * Lends what item `index` claims to be; `NULL` behind the last one.
 */
SECIMG_API
const struct secimg_manifest *secimg_report_item_manifest(const struct secimg_report *report,
                                                          size_t index);

/**
 * Returns how many bytes the original of item `index` has; 0 behind the last one.
 */
SECIMG_API uint64_t secimg_report_item_bytes(const struct secimg_report *report, size_t index);

/**
 * Stores the SHA-256 of the original of item `index`, the value that `sha256sum` prints: `SECIMG_SHA256_LEN` bytes.
 */
SECIMG_API
secimg_status secimg_report_item_sha256(const struct secimg_report *report,
                                        size_t index,
                                        uint8_t *out);

/**
 * Returns how many things a person should be told although nothing is wrong.
 */
SECIMG_API size_t secimg_report_warning_count(const struct secimg_report *report);

/**
 * Returns warning `index`; `NULL` behind the last one.
 */
SECIMG_API const char *secimg_report_warning(const struct secimg_report *report, size_t index);

/**
 * Frees a report. One that is lent by `secimg_opened_report` is not the caller's to free.
 */
SECIMG_API void secimg_report_free(struct secimg_report *report);

/**
 * Stores the exact length of the stream that `secimg_encrypt`, or a sealer with one image of known length, makes. No
 * key is used.
 *
 * `prefix` is the image or its beginning: its first `SECIMG_SNIFF_LEN` bytes are looked at, or all where it is
 * shorter, since what is recognised in them is stored too.
 */
SECIMG_API
secimg_status secimg_sealed_size(const struct secimg_seal_options *options,
                                 const struct secimg_description *description,
                                 const uint8_t *prefix,
                                 size_t prefix_len,
                                 uint64_t image_len,
                                 uint64_t *out);

/**
 * Seals one image into `out` and stores the stream's length in `*out_len`. `description` may be `NULL`.
 *
 * `SECIMG_ERR_BUFFER_TOO_SMALL` where `capacity` is less than `secimg_sealed_size` says, which is then in `*out_len`;
 * no key was used then. After another error `*out_len` is 0 and nothing is in `out`.
 */
SECIMG_API
secimg_status secimg_encrypt(const struct secimg_seal_options *options,
                             const struct secimg_description *description,
                             const uint8_t *image,
                             size_t image_len,
                             uint8_t *out,
                             size_t capacity,
                             size_t *out_len);

/**
 * Opens a stream that holds one image, into `out`, and stores the image's length in `*out_len`. Nothing is in `out`
 * before all of the stream is verified, and nothing after an error. `report` (`NULL`: not wanted) gets what is proven.
 *
 * A buffer as long as the stream suffices, but for a raw frame that was sealed compressed: of that the samples come, without gaps
 * between rows and in the sender's byte order. `SECIMG_ERR_BUFFER_TOO_SMALL` comes only for a stream that is good, with the
 * image's length in `*out_len`; all the work was done then. A stream with no image or several is
 * `SECIMG_ERR_INVALID_ARGUMENT`: see `secimg_decrypt_all`.
 */
SECIMG_API
secimg_status secimg_decrypt(const struct secimg_open_options *options,
                             const uint8_t *sealed,
                             size_t sealed_len,
                             uint8_t *out,
                             size_t capacity,
                             size_t *out_len,
                             struct secimg_report **report);

/**
 * Opens a whole stream, and hands out its images only if everything about it holds. Of a raw frame that was sealed compressed
 * it hands out the samples, without gaps between rows and in the sender's byte order; the report counts and hashes what was sealed.
 */
SECIMG_API
secimg_status secimg_decrypt_all(const struct secimg_open_options *options,
                                 const uint8_t *sealed,
                                 size_t sealed_len,
                                 struct secimg_opened **out);

/**
 * Reads a whole stream and keeps nothing of it but the report (`NULL`: not wanted).
 */
SECIMG_API
secimg_status secimg_verify(const struct secimg_open_options *options,
                            const uint8_t *sealed,
                            size_t sealed_len,
                            struct secimg_report **report);

/**
 * Returns the number of images; 0 for `NULL`.
 */
SECIMG_API size_t secimg_opened_count(const struct secimg_opened *opened);

/**
 * Lends the bytes of image `index`.
 */
SECIMG_API
secimg_status secimg_opened_image(const struct secimg_opened *opened,
                                  size_t index,
                                  const uint8_t **data,
                                  size_t *len);

/**
 * Lends what image `index` claims to be; `NULL` behind the last one.
 */
SECIMG_API
const struct secimg_manifest *secimg_opened_manifest(const struct secimg_opened *opened,
                                                     size_t index);

/**
 * Lends the report.
 */
SECIMG_API const struct secimg_report *secimg_opened_report(const struct secimg_opened *opened);

/**
 * Wipes the images and frees them with everything that was lent of them.
 */
SECIMG_API void secimg_opened_free(struct secimg_opened *opened);

/**
 * Makes the same stream for other recipients: the whole set is replaced, the payload and its signature stay. Free it
 * with `secimg_buf_free`.
 *
 * It changes the wrapping and not the key: a former recipient who kept the key can still read the stream.
 */
SECIMG_API
secimg_status secimg_rewrap(const struct secimg_open_options *options,
                            const struct secimg_recipients *recipients,
                            const uint8_t *sealed,
                            size_t sealed_len,
                            struct secimg_buf *out);

/**
 * Looks over a whole stream without a key: its suite, its chunks, for whom it is.
 */
SECIMG_API
secimg_status secimg_inspect(const uint8_t *sealed,
                             size_t sealed_len,
                             struct secimg_survey **out);

/**
 * Returns the cipher suite, one of `SECIMG_SUITE_*`.
 */
SECIMG_API uint32_t secimg_survey_suite(const struct secimg_survey *survey);

/**
 * Returns the name of the cipher suite.
 */
SECIMG_API const char *secimg_survey_suite_name(const struct secimg_survey *survey);

/**
 * Returns how many bytes of content a full chunk holds.
 */
SECIMG_API uint64_t secimg_survey_chunk_size(const struct secimg_survey *survey);

/**
 * Returns the number of chunks, the last one among them.
 */
SECIMG_API uint64_t secimg_survey_chunks(const struct secimg_survey *survey);

/**
 * Returns the length of the whole stream in bytes.
 */
SECIMG_API uint64_t secimg_survey_stream_bytes(const struct secimg_survey *survey);

/**
 * Tells whether it says that it is signed.
 */
SECIMG_API bool secimg_survey_is_signed(const struct secimg_survey *survey);

/**
 * Stores the stream's name, `SECIMG_TRANSFER_ID_LEN` bytes.
 */
SECIMG_API
secimg_status secimg_survey_transfer_id(const struct secimg_survey *survey,
                                        uint8_t *out);

/**
 * Returns the number of recipients.
 */
SECIMG_API size_t secimg_survey_recipient_count(const struct secimg_survey *survey);

/**
 * Returns the type of recipient `index`, one of `SECIMG_RECIPIENT_*`; 0 behind the last one.
 */
SECIMG_API uint32_t secimg_survey_recipient_type(const struct secimg_survey *survey, size_t index);

/**
 * Stores the key id of recipient `index`, `SECIMG_KEY_ID_LEN` bytes.
 */
SECIMG_API
secimg_status secimg_survey_recipient_key_id(const struct secimg_survey *survey,
                                             size_t index,
                                             uint8_t *out);

/**
 * Frees the survey.
 */
SECIMG_API void secimg_survey_free(struct secimg_survey *survey);

/**
 * Starts without a rectangle, with black, for the pixels alone, in the picture.
 */
SECIMG_API secimg_status secimg_redaction_new(struct secimg_redaction **out);

/**
 * Adds a rectangle of at least one pixel, in pixels of the picture as it is shown. It is clipped to the picture, in which some of it
 * must lie; rectangles may overlap, and there are at most 1000.
 */
SECIMG_API
secimg_status secimg_redaction_add_rect(struct secimg_redaction *redaction,
                                        uint32_t x,
                                        uint32_t y,
                                        uint32_t width,
                                        uint32_t height);

/**
 * Chooses the colour of the filled rectangles; black at first. A grey picture takes its brightness.
 */
SECIMG_API
secimg_status secimg_redaction_set_fill(struct secimg_redaction *redaction,
                                        uint8_t red,
                                        uint8_t green,
                                        uint8_t blue);

/**
 * Seals all of the original file (not 0), so that it can be restored byte for byte, or the pixels of the rectangles (0, the default).
 * For a JPEG it is always the file.
 */
SECIMG_API
secimg_status secimg_redaction_set_whole(struct secimg_redaction *redaction,
                                         uint32_t whole);

/**
 * Leaves the sealed part out of the picture (not 0), for a file of its own, or puts it in (0, the default). Services that take pictures
 * drop what they do not know from them. A JPEG's is always apart.
 */
SECIMG_API
secimg_status secimg_redaction_set_beside(struct secimg_redaction *redaction,
                                          uint32_t beside);

/**
 * Frees it.
 */
SECIMG_API void secimg_redaction_free(struct secimg_redaction *redaction);

/**
 * Redacts a PNG, BMP, TIFF or JPEG: fills the rectangles with one colour, writes the picture anew as a PNG without any byte of
 * metadata, and seals with `options` what they showed. The sealed part is in the PNG, or apart from it where that was asked for
 * and always for a JPEG, whose rectangles grow to the blocks that they touch.
 *
 * Of `description` (`NULL`: none) name, time and words are sealed where the whole file is, and never a preview. No progress is told.
 * A rectangle outside the picture, none at all, and a description with a format are `SECIMG_ERR_INVALID_ARGUMENT`. Other formats,
 * and what can be restored as a whole file only (the text says so), are `SECIMG_ERR_UNSUPPORTED`, and so is everything from a
 * library that was built without decoders.
 */
SECIMG_API
secimg_status secimg_redact(const struct secimg_seal_options *options,
                            const struct secimg_redaction *redaction,
                            const struct secimg_description *description,
                            const uint8_t *image,
                            size_t image_len,
                            struct secimg_redacted **out);

/**
 * Lends the redacted picture, a PNG.
 */
SECIMG_API
secimg_status secimg_redacted_image(const struct secimg_redacted *redacted,
                                    const uint8_t **data,
                                    size_t *len);

/**
 * Lends the sealed part where it is not in the picture, a stream, which belongs into a file beside it; `(NULL, 0)` where it is in it.
 */
SECIMG_API
secimg_status secimg_redacted_beside(const struct secimg_redacted *redacted,
                                     const uint8_t **data,
                                     size_t *len);

/**
 * Returns the picture's columns, as it is shown.
 */
SECIMG_API uint32_t secimg_redacted_width(const struct secimg_redacted *redacted);

/**
 * Returns the picture's rows, as it is shown.
 */
SECIMG_API uint32_t secimg_redacted_height(const struct secimg_redacted *redacted);

/**
 * Returns the number of rectangles.
 */
SECIMG_API size_t secimg_redacted_rect_count(const struct secimg_redacted *redacted);

/**
 * Stores what was filled for rectangle `index`: clipped to the picture, and in a JPEG grown.
 */
SECIMG_API
secimg_status secimg_redacted_rect(const struct secimg_redacted *redacted,
                                   size_t index,
                                   struct secimg_rect *out);

/**
 * Returns what can be restored: `SECIMG_RESTORES_PIXELS` or `SECIMG_RESTORES_FILE`; 0 for `NULL`.
 */
SECIMG_API uint32_t secimg_redacted_restores(const struct secimg_redacted *redacted);

/**
 * Returns the length of the sealed part in bytes, wherever it is.
 */
SECIMG_API size_t secimg_redacted_sealed_bytes(const struct secimg_redacted *redacted);

/**
 * Stores the sealed part's name, `SECIMG_TRANSFER_ID_LEN` bytes.
 */
SECIMG_API
secimg_status secimg_redacted_transfer_id(const struct secimg_redacted *redacted,
                                          uint8_t *out);

/**
 * Frees it with everything that was lent of it.
 */
SECIMG_API void secimg_redacted_free(struct secimg_redacted *redacted);

/**
 * Restores a picture that `secimg_redact` made. `beside` is the sealed part that was kept apart, and then the picture may have been
 * stored in another format since, if no pixel changed; with 0 bytes of it the sealed part is looked for in the picture.
 *
 * Nothing is handed out unless the sealed part is verified as a whole and belongs to these very pixels. `SECIMG_ERR_NO_SEALED_PART`
 * where none is in the picture, `SECIMG_ERR_OTHER_PICTURE` where it belongs to other pixels, `SECIMG_ERR_CONTENT` where it is a stream
 * and not that of a redaction, and otherwise the errors of `secimg_decrypt_all`. No progress is told.
 */
SECIMG_API
secimg_status secimg_unredact(const struct secimg_open_options *options,
                              const uint8_t *picture,
                              size_t picture_len,
                              const uint8_t *beside,
                              size_t beside_len,
                              struct secimg_unredacted **out);

/**
 * Lends the sealed part of a redacted PNG: a stream, for `secimg_inspect` or `secimg_rewrap`, which is a part of `png` and good as long as
 * that is. Nothing of it is opened or proven. `SECIMG_ERR_NO_SEALED_PART` where there is none.
 */
SECIMG_API
secimg_status secimg_sealed_part(const uint8_t *png,
                                 size_t png_len,
                                 const uint8_t **data,
                                 size_t *len);

/**
 * Lends the picture: a PNG, or the original file.
 */
SECIMG_API
secimg_status secimg_unredacted_image(const struct secimg_unredacted *restored,
                                      const uint8_t **data,
                                      size_t *len);

/**
 * Returns what was restored: `SECIMG_RESTORES_PIXELS` or `SECIMG_RESTORES_FILE`; 0 for `NULL`.
 */
SECIMG_API uint32_t secimg_unredacted_restores(const struct secimg_unredacted *restored);

/**
 * Returns the original file's name, where the whole file was sealed with one; `NULL` otherwise. It is the sender's word and no path:
 * `secimg_manifest_file_name` of the report's item 0 gives it only if it is safe as a file's name.
 */
SECIMG_API
const char *secimg_unredacted_name(const struct secimg_unredacted *restored);

/**
 * Returns the redacted picture's columns.
 */
SECIMG_API uint32_t secimg_unredacted_width(const struct secimg_unredacted *restored);

/**
 * Returns the redacted picture's rows.
 */
SECIMG_API uint32_t secimg_unredacted_height(const struct secimg_unredacted *restored);

/**
 * Returns the number of rectangles.
 */
SECIMG_API size_t secimg_unredacted_rect_count(const struct secimg_unredacted *restored);

/**
 * Stores what had been filled: rectangle `index`.
 */
SECIMG_API
secimg_status secimg_unredacted_rect(const struct secimg_unredacted *restored,
                                     size_t index,
                                     struct secimg_rect *out);

/**
 * Lends the report on the sealed part, its signer among it. It lives as long as the picture.
 */
SECIMG_API
const struct secimg_report *secimg_unredacted_report(const struct secimg_unredacted *restored);

/**
 * Wipes the picture and frees it with everything that was lent of it.
 */
SECIMG_API void secimg_unredacted_free(struct secimg_unredacted *restored);

/**
 * Removes what a JPEG, PNG or WebP tells beside its pixels: Exif with its place and its thumbnail, XMP, IPTC, comments, texts, times,
 * second images, what is not known, and all behind the end. Nothing is decoded, and the pixels stay as they are; colour
 * profile and orientation are kept.
 *
 * Other formats and variants are `SECIMG_ERR_UNSUPPORTED`, a file that ends too soon is `SECIMG_ERR_TRUNCATED`, and one that breaks the
 * rules of its format is `SECIMG_ERR_FORMAT`; nothing is removed then.
 */
SECIMG_API
secimg_status secimg_strip(const uint8_t *image,
                           size_t len,
                           struct secimg_stripped **out);

/**
 * Lends the image.
 */
SECIMG_API
secimg_status secimg_stripped_image(const struct secimg_stripped *stripped,
                                    const uint8_t **data,
                                    size_t *len);

/**
 * Returns how many things were removed.
 */
SECIMG_API size_t secimg_stripped_count(const struct secimg_stripped *stripped);

/**
 * Returns what thing `index` was, in the order of the file: `"exif"`, `"xmp"`, `"iptc"`, `"thumbnail"`, `"text"`, `"time"`,
 * `"second_image"`, `"provenance"`, `"other"` or `"trailing"`. The text is static; `NULL` behind the last one.
 */
SECIMG_API
const char *secimg_stripped_what(const struct secimg_stripped *stripped,
                                 size_t index);

/**
 * Returns where thing `index` began in the file, in bytes; 0 behind the last one.
 */
SECIMG_API size_t secimg_stripped_offset(const struct secimg_stripped *stripped, size_t index);

/**
 * Returns how many bytes thing `index` had, with its own header; 0 behind the last one.
 */
SECIMG_API size_t secimg_stripped_bytes(const struct secimg_stripped *stripped, size_t index);

/**
 * Wipes the image and frees it with everything that was lent of it.
 */
SECIMG_API void secimg_stripped_free(struct secimg_stripped *stripped);

/**
 * Starts a stream. The header waits as output at once.
 */
SECIMG_API
secimg_status secimg_sealer_new(const struct secimg_seal_options *options,
                                struct secimg_sealer **out);

/**
 * Starts an image of `length` bytes (`SECIMG_LENGTH_UNKNOWN` where that is not known; a known one costs less).
 * `description` may be `NULL`.
 */
SECIMG_API
secimg_status secimg_sealer_start_item(struct secimg_sealer *sealer,
                                       const struct secimg_description *description,
                                       uint64_t length);

/**
 * Takes bytes of the image: as many as there is room for, `*consumed`, which is 0 while output waits.
 */
SECIMG_API
secimg_status secimg_sealer_push(struct secimg_sealer *sealer,
                                 const uint8_t *data,
                                 size_t len,
                                 size_t *consumed);

/**
 * Ends the image. It must have the length that was said.
 */
SECIMG_API secimg_status secimg_sealer_end_item(struct secimg_sealer *sealer);

/**
 * Between images: pads to the end of a chunk, so that everything before can be sent and opened.
 */
SECIMG_API secimg_status secimg_sealer_flush(struct secimg_sealer *sealer);

/**
 * Between images: signs everything before (in a stream that is not signed, marks it as whole) and ends the chunk.
 */
SECIMG_API
secimg_status secimg_sealer_checkpoint(struct secimg_sealer *sealer);

/**
 * Ends the stream, and signs it. What waits then is the rest of it: consume until the state has
 * `SECIMG_STATE_DONE`.
 */
SECIMG_API secimg_status secimg_sealer_finish(struct secimg_sealer *sealer);

/**
 * Lends the sealed bytes that come next, without copying them: `*len` of them, 0 where none wait. There may be more
 * behind them. They are good until the next call that changes the sealer.
 */
SECIMG_API
secimg_status secimg_sealer_peek(const struct secimg_sealer *sealer,
                                 const uint8_t **data,
                                 size_t *len);

/**
 * Says that the first `len` of the bytes that were lent are sent or stored.
 */
SECIMG_API secimg_status secimg_sealer_consume(struct secimg_sealer *sealer, size_t len);

/**
 * Returns a sum of `SECIMG_STATE_*`; `SECIMG_STATE_FAILED` for `NULL`.
 */
SECIMG_API uint32_t secimg_sealer_state(const struct secimg_sealer *sealer);

/**
 * Stores the stream's name, `SECIMG_TRANSFER_ID_LEN` bytes.
 */
SECIMG_API
secimg_status secimg_sealer_transfer_id(const struct secimg_sealer *sealer,
                                        uint8_t *out);

/**
 * Copies why the sealer failed into `buffer`, as `secimg_last_error` does, whatever other calls did since.
 */
SECIMG_API
size_t secimg_sealer_error(const struct secimg_sealer *sealer,
                           char *buffer,
                           size_t capacity);

/**
 * Frees a sealer and wipes what it held. A stream that was not finished is refused by every reader.
 */
SECIMG_API void secimg_sealer_free(struct secimg_sealer *sealer);

/**
 * Starts before the first byte of a stream. With a required signer the options must promise that output is held
 * back (`secimg_open_options_set_spooled`); otherwise this is `SECIMG_ERR_STATE`.
 */
SECIMG_API
secimg_status secimg_opener_new(const struct secimg_open_options *options,
                                struct secimg_opener **out);

/**
 * Takes bytes of the stream and none behind its end: `*consumed` of them, which may be fewer than `len`, also 0,
 * while something waits. Once, when the header is whole, it takes the time of a private-key operation or a key
 * derivation.
 *
 * While an event other than `SECIMG_EVENT_DATA` waits the answer is `SECIMG_ERR_STATE`, which changes nothing: take
 * the event first.
 */
SECIMG_API
secimg_status secimg_opener_push(struct secimg_opener *opener,
                                 const uint8_t *data,
                                 size_t len,
                                 size_t *consumed);

/**
 * Stores what comes next, one of `SECIMG_EVENT_*`. An item's begin and end, a preview and a checkpoint are taken by
 * this call.
 */
SECIMG_API
secimg_status secimg_opener_event(struct secimg_opener *opener,
                                  uint32_t *event);

/**
 * Lends the bytes of the current image that come next, without copying them: `*len` of them, 0 where none wait.
 * They are good until the next call that changes the opener, and are wiped later.
 */
SECIMG_API
secimg_status secimg_opener_peek(const struct secimg_opener *opener,
                                 const uint8_t **data,
                                 size_t *len);

/**
 * Says that the first `len` of the bytes that were lent are done with.
 */
SECIMG_API secimg_status secimg_opener_consume(struct secimg_opener *opener, size_t len);

/**
 * Lends what the current image claims to be: of the last `SECIMG_EVENT_ITEM`, and until the next; `NULL` before the
 * first.
 */
SECIMG_API
const struct secimg_manifest *secimg_opener_manifest(const struct secimg_opener *opener);

/**
 * Lends the current image's preview, until the next image; 0 bytes where it has none.
 */
SECIMG_API
secimg_status secimg_opener_preview(const struct secimg_opener *opener,
                                    const uint8_t **data,
                                    size_t *len);

/**
 * Says that the stream has ended. Only if this succeeds is what the opener gave verified; `report` (`NULL`: not
 * wanted) then gets what is proven. `SECIMG_ERR_TRUNCATED` where the stream's end was not reached.
 */
SECIMG_API
secimg_status secimg_opener_finish(struct secimg_opener *opener,
                                   struct secimg_report **report);

/**
 * Returns a sum of `SECIMG_STATE_*`; `SECIMG_STATE_FAILED` for `NULL`.
 */
SECIMG_API uint32_t secimg_opener_state(const struct secimg_opener *opener);

/**
 * Copies why the opener failed into `buffer`, as `secimg_last_error` does, whatever other calls did since.
 */
SECIMG_API
size_t secimg_opener_error(const struct secimg_opener *opener,
                           char *buffer,
                           size_t capacity);

/**
 * Frees an opener and wipes what it held.
 */
SECIMG_API void secimg_opener_free(struct secimg_opener *opener);

/**
 * Opens a stream: its header (the time of a private-key operation or a key derivation), its end and its index. The
 * first image is selected.
 */
SECIMG_API
secimg_status secimg_reader_open(const struct secimg_open_options *options,
                                 const struct secimg_source *source,
                                 struct secimg_reader **out);

/**
 * As `secimg_reader_open`, over a stream in memory, which must stay as it is until the reader is freed.
 */
SECIMG_API
secimg_status secimg_reader_open_memory(const struct secimg_open_options *options,
                                        const uint8_t *sealed,
                                        size_t len,
                                        struct secimg_reader **out);

/**
 * Returns the number of images; 0 for `NULL`.
 */
SECIMG_API size_t secimg_reader_item_count(const struct secimg_reader *reader);

/**
 * Returns the name of image `index`, from the index, `""` where it has none; `NULL` behind the last one. Never use it
 * as a path: see `secimg_manifest_file_name`.
 */
SECIMG_API
const char *secimg_reader_item_name(const struct secimg_reader *reader,
                                    size_t index);

/**
 * Returns the media type of image `index`, from the index; `NULL` behind the last one.
 */
SECIMG_API
const char *secimg_reader_item_media_type(const struct secimg_reader *reader,
                                          size_t index);

/**
 * Returns the length of image `index` in bytes; 0 behind the last one.
 */
SECIMG_API uint64_t secimg_reader_item_bytes(const struct secimg_reader *reader, size_t index);

/**
 * Goes to the first byte of image `index`.
 */
SECIMG_API secimg_status secimg_reader_select(struct secimg_reader *reader, size_t index);

/**
 * Lends what the selected image claims to be, until another is selected; `NULL` in a stream without images.
 */
SECIMG_API
const struct secimg_manifest *secimg_reader_manifest(const struct secimg_reader *reader);

/**
 * Reads the selected image's preview, wherever the image is read at: 0 bytes where it has none. Where the item is itself
 * the preview of an image in another stream, it is that. Free it with `secimg_buf_free`.
 */
SECIMG_API
secimg_status secimg_reader_preview(struct secimg_reader *reader,
                                    struct secimg_buf *out);

/**
 * Returns the length of the selected image in bytes.
 */
SECIMG_API uint64_t secimg_reader_len(const struct secimg_reader *reader);

/**
 * Reads from where the reader stands: fills the buffer, but at the image's end, and stores how many bytes that were
 * in `*read`.
 */
SECIMG_API
secimg_status secimg_reader_read(struct secimg_reader *reader,
                                 uint8_t *buffer,
                                 size_t capacity,
                                 size_t *read);

/**
 * As `secimg_reader_read`, from byte `offset` of the image, and stands behind what was read then. An offset behind
 * the end reads nothing.
 */
SECIMG_API
secimg_status secimg_reader_read_at(struct secimg_reader *reader,
                                    uint64_t offset,
                                    uint8_t *buffer,
                                    size_t capacity,
                                    size_t *read);

/**
 * Goes to byte `offset` of the selected image, which may lie behind its end.
 */
SECIMG_API secimg_status secimg_reader_seek(struct secimg_reader *reader, uint64_t offset);

/**
 * Returns where in the selected image the reader stands.
 */
SECIMG_API uint64_t secimg_reader_position(const struct secimg_reader *reader);

/**
 * Returns how many bytes of content were decrypted so far, those of the stream's end among them.
 */
SECIMG_API uint64_t secimg_reader_decrypted_bytes(const struct secimg_reader *reader);

/**
 * Returns the algorithm of the signature, where a signer was required: it was then verified before anything was
 * read. `SECIMG_SIGNATURE_NONE` otherwise, also where the stream is signed.
 */
SECIMG_API
uint32_t secimg_reader_signature_algorithm(const struct secimg_reader *reader);

/**
 * Stores the signer's fingerprint, `SECIMG_FINGERPRINT_LEN` bytes; `SECIMG_ERR_STATE` where no signer was required.
 */
SECIMG_API
secimg_status secimg_reader_signer(const struct secimg_reader *reader,
                                   uint8_t *out);

/**
 * Frees a reader, wipes what it held, and releases its source.
 */
SECIMG_API void secimg_reader_free(struct secimg_reader *reader);

/**
 * Seals one raw frame: its samples, and nothing of what lies between its rows. Free the stream with `secimg_buf_free`.
 *
 * `samples` has `samples_len` bytes, and its rows begin `stride` bytes apart (0: without a gap); the last row needs no
 * padding. `description` may be `NULL`, and says no format. `compression` is one of `SECIMG_COMPRESS_*`. Several frames
 * in one stream are sealed with `secimg_sealer_add_frame`.
 */
SECIMG_API
secimg_status secimg_encrypt_frame(const struct secimg_seal_options *options,
                                   const struct secimg_description *description,
                                   const struct secimg_frame_layout *layout,
                                   const void *samples,
                                   size_t samples_len,
                                   size_t stride,
                                   uint32_t compression,
                                   struct secimg_buf *out);

/**
 * Between images: seals a raw frame as the next one, with the arguments of `secimg_encrypt_frame`. The samples are the
 * library's for the call only: all of the sealed frame then waits as output, in memory of about its size.
 */
SECIMG_API
secimg_status secimg_sealer_add_frame(struct secimg_sealer *sealer,
                                      const struct secimg_description *description,
                                      const struct secimg_frame_layout *layout,
                                      const void *samples,
                                      size_t samples_len,
                                      size_t stride,
                                      uint32_t compression);

/**
 * Says what an item's samples are, in `*layout`, of which `struct_size` must be set. `SECIMG_ERR_INVALID_ARGUMENT` for what
 * is no raw frame.
 */
SECIMG_API
secimg_status secimg_manifest_frame_layout(const struct secimg_manifest *manifest,
                                           struct secimg_frame_layout *layout);

/**
 * Stores how many bytes the samples of a frame have together, without what may lie between rows.
 * `SECIMG_ERR_INVALID_ARGUMENT` for a layout that no frame can have.
 */
SECIMG_API
secimg_status secimg_frame_bytes(const struct secimg_frame_layout *layout,
                                 uint64_t *out);

/**
 * Gives a raw frame back from its manifest and all bytes of its item, as an opener hands them out: with `samples_len` bytes at
 * `samples`, rows `stride` bytes apart (0: without a gap), in the byte order of `layout`. What lies between rows is not
 * touched; after an error the samples are 0.
 *
 * Rows, columns, samples a pixel and sample type of `layout` must be the frame's: see `secimg_manifest_frame_layout`. The
 * frame is authentic, and verified when `secimg_opener_finish` has succeeded.
 */
SECIMG_API
secimg_status secimg_manifest_restore_frame(const struct secimg_manifest *manifest,
                                            const uint8_t *data,
                                            size_t data_len,
                                            const struct secimg_frame_layout *layout,
                                            void *samples,
                                            size_t samples_len,
                                            size_t stride);

/**
 * Copies raw frame `index` of what was opened, and verified, into the caller's memory, as `secimg_manifest_restore_frame`
 * says.
 */
SECIMG_API
secimg_status secimg_opened_copy_frame(const struct secimg_opened *opened,
                                       size_t index,
                                       const struct secimg_frame_layout *layout,
                                       void *samples,
                                       size_t samples_len,
                                       size_t stride);

/**
 * Reads the selected image, which is a raw frame, into the caller's memory, as `secimg_manifest_restore_frame` says, and stands
 * at its first byte then.
 *
 * The frame is authentic. Where a signer is required the signature was verified before.
 */
SECIMG_API
secimg_status secimg_reader_read_frame(struct secimg_reader *reader,
                                       const struct secimg_frame_layout *layout,
                                       void *samples,
                                       size_t samples_len,
                                       size_t stride);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* SECIMG_H */
