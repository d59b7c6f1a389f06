/* The project's test vectors, through the C API: each at once, in whole pieces and one byte at a time, by seeking, and
 * looked over without a key. tests/vectors/README.md says what the files are. */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct vector {
  char name[128];
  bytes file;
  bytes stream; /* inside the file */
};

/* ---------------------------------------------------------------- reading a vector */

/* The value of the n-th line with this key, copied, or NULL. */
static char *value(const struct vector *vector, const char *key, size_t number) {
  const char *at = (const char *)vector->file.data;
  const char *end = (const char *)vector->stream.data;
  const size_t key_len = strlen(key);
  while (at < end) {
    const char *line_end = memchr(at, '\n', (size_t)(end - at));
    const size_t len = line_end == NULL ? (size_t)(end - at) : (size_t)(line_end - at);
    if (len > key_len + 2 && memcmp(at, key, key_len) == 0 && memcmp(at + key_len, ": ", 2) == 0 && number-- == 0) {
      char *copy = malloc(len - key_len - 1);
      MUST(copy != NULL);
      memcpy(copy, at + key_len + 2, len - key_len - 2);
      copy[len - key_len - 2] = '\0';
      return copy;
    }
    at += len + 1;
  }
  return NULL;
}

static size_t unhex(const char *text, uint8_t *out, size_t capacity) {
  size_t len = 0;
  for (; text[0] != '\0' && text[1] != '\0' && len < capacity; text += 2) {
    const char digits[3] = {text[0], text[1], '\0'};
    out[len++] = (uint8_t)strtoul(digits, NULL, 16);
  }
  return len;
}

/* The text between the first and the last quotation mark. */
static void unquote(char *value) {
  char *first = strchr(value, '"');
  char *last = strrchr(value, '"');
  MUST(first != NULL && last > first);
  const size_t len = (size_t)(last - first - 1);
  memmove(value, first + 1, len);
  value[len] = '\0';
}

static struct vector read_vector(const char *folder, const char *name) {
  struct vector made;
  (void)snprintf(made.name, sizeof made.name, "%s", name);
  MUST(read_file(folder, name, &made.file));
  for (size_t at = 0; at + 1 < made.file.len; at++) {
    if (made.file.data[at] == '\n' && made.file.data[at + 1] == '\n') {
      made.stream.data = made.file.data + at + 2;
      made.stream.len = made.file.len - at - 2;
      return made;
    }
  }
  check_or_end(check_that(false, "a vector has an empty line", name, 0));
  return made;
}

/* ---------------------------------------------------------------- the reader that it names */

static secimg_identity *identity(const char *folder, char *line) {
  secimg_identity *made = NULL;
  if (strncmp(line, "raw ", 4) == 0) {
    secimg_symmetric_key *key = NULL;
    uint8_t raw[32];
    MUST(unhex(line + 4, raw, sizeof raw) == 32);
    MUST_OK(secimg_symmetric_key_from_bytes(raw, sizeof raw, &key));
    MUST_OK(secimg_identity_from_symmetric_key(key, &made));
    secimg_symmetric_key_free(key);
  } else if (strncmp(line, "passphrase ", 11) == 0) {
    unquote(line);
    MUST_OK(secimg_identity_from_passphrase((const uint8_t *)line, strlen(line), &made));
  } else {
    secimg_private_key *key = NULL;
    char path[160];
    bytes pem;
    (void)snprintf(path, sizeof path, "keys/%s", strchr(line, ' ') + 1);
    MUST(read_file(folder, path, &pem));
    MUST_OK(secimg_private_key_from_pem(pem.data, pem.len, NULL, 0, &key));
    MUST_OK(secimg_identity_from_private_key(key, &made));
    secimg_private_key_free(key);
    bytes_drop(&pem);
  }
  return made;
}

static void trust(const char *folder, const struct vector *vector, secimg_open_options *options) {
  secimg_trusted_signers *trusted = NULL;
  MUST_OK(secimg_trusted_signers_new(&trusted));
  for (size_t i = 0;; i++) {
    char *file = value(vector, "trust", i);
    secimg_public_key *key = NULL;
    char path[160];
    bytes pem;
    if (file == NULL) {
      break;
    }
    (void)snprintf(path, sizeof path, "keys/%s", file);
    MUST(read_file(folder, path, &pem));
    MUST_OK(secimg_public_key_from_pem(pem.data, pem.len, &key));
    MUST_OK(secimg_trusted_signers_add_public_key(trusted, key));
    secimg_public_key_free(key);
    bytes_drop(&pem);
    free(file);
  }
  if (secimg_trusted_signers_count(trusted) > 0) {
    MUST_OK(secimg_open_options_require_signer(options, trusted));
  }
  secimg_trusted_signers_free(trusted);
}

static secimg_open_options *reader_of(const char *folder, const struct vector *vector) {
  secimg_open_options *made = NULL;
  char *context = value(vector, "context", 0);
  MUST_OK(secimg_open_options_new(&made));
  MUST_OK(secimg_open_options_set_spooled(made, true));
  for (size_t i = 0;; i++) {
    char *line = value(vector, "identity", i);
    if (line == NULL) {
      break;
    }
    secimg_identity *one = identity(folder, line);
    MUST_OK(secimg_open_options_add_identity(made, one));
    secimg_identity_free(one);
    free(line);
  }
  if (context != NULL) {
    unquote(context);
    MUST_OK(secimg_open_options_set_context(made, (const uint8_t *)context, strlen(context)));
    free(context);
  }
  trust(folder, vector, made);
  return made;
}

/* ---------------------------------------------------------------- the verdict */

static const char *class_of(secimg_status status, const char *expected) {
  switch (status) {
  case SECIMG_OK:
    return "success";
  case SECIMG_ERR_FORMAT:
  case SECIMG_ERR_VERSION:
  case SECIMG_ERR_TRUNCATED:
  case SECIMG_ERR_TRAILING_BYTES:
    return "format";
  case SECIMG_ERR_NO_MATCHING_KEY:
    return "no-match";
  case SECIMG_ERR_NOT_AUTHENTIC:
    return "not-authentic";
  case SECIMG_ERR_CONTENT:
    return "content";
  case SECIMG_ERR_SIGNER:
    /* One status for a signature that is missing, another's or wrong. */
    return strcmp(expected, "policy") == 0 ? "policy" : "signature";
  default:
    return secimg_status_name(status);
  }
}

static void check_digest(const struct vector *vector, const char *key, bytes data) {
  char *hex = value(vector, key, 0);
  uint8_t is[32], should[32];
  if (hex != NULL) {
    MUST(unhex(hex, should, sizeof should) == 32);
    sha256(data.data, data.len, is);
    CHECK(memcmp(is, should, sizeof is) == 0);
    free(hex);
  }
}

static void check_report(const struct vector *vector, const secimg_report *report) {
  static const char *const JUDGEMENTS[] = {"", "intended", "not_intended", "unlisted"};
  char *items = value(vector, "items", 0);
  char *id = value(vector, "transfer-id", 0);
  char *signature = value(vector, "signature", 0);
  uint8_t is[32], should[32];
  char text[64] = "";
  CHECK_EQ(secimg_report_item_count(report), strtoul(items, NULL, 10));
  MUST(unhex(id, should, sizeof should) == 32);
  CHECK_OK(secimg_report_transfer_id(report, is));
  CHECK(memcmp(is, should, sizeof is) == 0);
  const uint32_t algorithm = secimg_report_signature_algorithm(report);
  if (algorithm != SECIMG_SIGNATURE_NONE && secimg_report_intended(report) <= SECIMG_UNLISTED) {
    (void)snprintf(text, sizeof text, "%s %s", algorithm == SECIMG_SIGNATURE_ED25519 ? "ed25519" : "rsa-pss-sha256",
                   JUDGEMENTS[secimg_report_intended(report)]);
  }
  CHECK_TEXT(text, signature == NULL ? "" : signature);
  free(signature);
  free(id);
  free(items);
}

static void at_once(const struct vector *vector, const secimg_open_options *options, const char *expected) {
  secimg_opened *opened = NULL;
  check_about("%s, at once", vector->name);
  const secimg_status status = secimg_decrypt_all(options, vector->stream.data, vector->stream.len, &opened);
  CHECK_TEXT(class_of(status, expected), expected);
  CHECK_EQ(opened != NULL, status == SECIMG_OK);
  if (opened != NULL) {
    bytes payload = bytes_of(0);
    for (size_t i = 0; i < secimg_opened_count(opened); i++) {
      const uint8_t *data = NULL;
      size_t len = 0;
      MUST_OK(secimg_opened_image(opened, i, &data, &len));
      append(&payload, data, len);
    }
    check_digest(vector, "payload-sha256", payload);
    check_report(vector, secimg_opened_report(opened));
    bytes_drop(&payload);
  }
  secimg_opened_free(opened);
}

static void in_pieces(const struct vector *vector, const secimg_open_options *options, const char *expected,
                      size_t piece) {
  check_about("%s, in pieces of %lu", vector->name, (unsigned long)piece);
  trace seen = open_in_pieces(options, vector->stream, piece);
  /* On a socket what follows is somebody else's; in a file nothing follows. */
  const secimg_status end =
      seen.end == SECIMG_OK && seen.pushed < vector->stream.len ? SECIMG_ERR_TRAILING_BYTES : seen.end;
  CHECK_TEXT(class_of(end, expected), expected);
  check_digest(vector, end == SECIMG_OK ? "payload-sha256" : "released-sha256", seen.data);
  if (end == SECIMG_OK) {
    char *checkpoints = value(vector, "checkpoints", 0);
    CHECK_EQ(seen.checkpoints, checkpoints == NULL ? 0 : strtoul(checkpoints, NULL, 10));
    check_report(vector, seen.report);
    free(checkpoints);
  }
  trace_drop(&seen);
}

/* Who seeks does not see what it does not read: content that breaks a rule may look sound. */
static void by_seeking(const struct vector *vector, const secimg_open_options *options, const char *expected) {
  char *other = value(vector, "expect-seeking", 0);
  const char *should = other == NULL ? expected : other;
  secimg_reader *reader = NULL;
  bytes payload = bytes_of(0);
  check_about("%s, by seeking", vector->name);
  secimg_status status = secimg_reader_open_memory(options, vector->stream.data, vector->stream.len, &reader);
  for (size_t i = 0; status == SECIMG_OK && i < secimg_reader_item_count(reader); i++) {
    uint8_t buffer[700];
    size_t got = 1;
    status = secimg_reader_select(reader, i);
    while (status == SECIMG_OK && got > 0) {
      const secimg_status read = secimg_reader_read(reader, buffer, sizeof buffer, &got);
      append(&payload, buffer, read == SECIMG_OK ? got : 0);
      status = read;
    }
  }
  const bool blind = status == SECIMG_OK && (strcmp(should, "content") == 0 || other != NULL);
  if (!blind) {
    CHECK_TEXT(class_of(status, should), should);
  }
  if (status == SECIMG_OK && strcmp(expected, "success") == 0) {
    check_digest(vector, "payload-sha256", payload);
  }
  secimg_reader_free(reader);
  bytes_drop(&payload);
  free(other);
}

/* A sound stream can be looked over; of others nothing is asked but an answer. */
static void without_a_key(const struct vector *vector, const char *expected) {
  secimg_survey *survey = NULL;
  check_about("%s, without a key", vector->name);
  const secimg_status status = secimg_inspect(vector->stream.data, vector->stream.len, &survey);
  CHECK_EQ(survey != NULL, status == SECIMG_OK);
  CHECK(status == SECIMG_OK || strcmp(expected, "success") != 0);
  if (survey != NULL) {
    CHECK_EQ(secimg_survey_stream_bytes(survey), vector->stream.len);
  }
  secimg_survey_free(survey);
}

static void check_vector(const char *folder, const char *name) {
  struct vector vector = read_vector(folder, name);
  char *expected = value(&vector, "expect", 0);
  char *costly = value(&vector, "identity", 0);
  check_about("%s", name);
  MUST(expected != NULL);
  /* Argon2id is not for where each instruction is interpreted. */
  if (effort() != LIGHT || costly == NULL || strncmp(costly, "passphrase", 10) != 0) {
    secimg_open_options *options = reader_of(folder, &vector);
    at_once(&vector, options, expected);
    in_pieces(&vector, options, expected, 1);
    in_pieces(&vector, options, expected, SIZE_MAX);
    in_pieces(&vector, options, expected, 0);
    by_seeking(&vector, options, expected);
    without_a_key(&vector, expected);
    secimg_open_options_free(options);
  }
  free(costly);
  free(expected);
  bytes_drop(&vector.file);
}

int main(int argc, char **argv) {
  const arguments places = arguments_from(argc, argv);
  bytes index;
  size_t count = 0;
  if (places.vectors == NULL) {
    skipped("no vectors were given");
    return check_end();
  }
  MUST(read_file(places.vectors, "index.json", &index));
  append(&index, (const uint8_t *)"", 1);
  /* One vector a line. */
  for (char *at = (char *)index.data; (at = strstr(at, "\n{\"file\":\"")) != NULL; at++) {
    char name[128];
    const size_t len = strcspn(at + 10, "\"");
    MUST(len < sizeof name);
    memcpy(name, at + 10, len);
    name[len] = '\0';
    if (count++ % by_effort(5, 1, 1) == 0) {
      check_vector(places.vectors, name);
    }
  }
  CHECK(count >= 300);
  printf("%lu vectors\n", (unsigned long)count);
  bytes_drop(&index);
  return check_end();
}
