/* Hides a rectangle of a picture for all but the owner of a key, and shows it to who holds it:
 *
 *   redact hide PUBLIC_KEY PICTURE X,Y,WIDTH,HEIGHT REDACTED.png
 *   redact show PRIVATE_KEY REDACTED.png RESTORED
 *
 * PICTURE is a PNG, BMP, TIFF or JPEG. REDACTED.png can be shown to anybody. What is sealed is in it, or, as for every JPEG, in
 * REDACTED.png.sealed beside it, where `show` looks first. RESTORED is a PNG with the pixels, or the file that a JPEG was.
 *
 * `secimg keygen` makes the keys. Exit status: 0 done, 1 not, 2 wrong usage. */
#include "common.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PROGRAM "redact"

struct file {
  uint8_t *data;
  size_t len;
};

static bool failed(const char *what, const char *why) {
  fprintf(stderr, PROGRAM ": %s: %s\n", what, why);
  return false;
}

/* Reads a whole file. One that is not there is empty where it need not be. */
static bool read_file(const char *path, bool needed, struct file *out) {
  size_t capacity = 0;
  FILE *from = fopen(path, "rb");
  if (from == NULL) {
    return (!needed && errno == ENOENT) || failed(path, strerror(errno));
  }
  do {
    if (out->len == capacity) {
      capacity = capacity == 0 ? 1 << 16 : 2 * capacity;
      uint8_t *grown = realloc(out->data, capacity);
      if (grown == NULL) {
        (void)fclose(from);
        return failed(path, "not enough memory");
      }
      out->data = grown;
    }
    out->len += fread(out->data + out->len, 1, capacity - out->len, from);
  } while (feof(from) == 0 && ferror(from) == 0);
  const bool well = ferror(from) == 0;
  (void)fclose(from);
  return well || failed(path, "cannot be read");
}

/* Writes a new file: what is there already may be the picture itself. */
static bool write_file(const char *path, const uint8_t *data, size_t len) {
  FILE *to = fopen(path, "rb");
  if (to != NULL) {
    (void)fclose(to);
    return failed(path, "is there already");
  }
  to = fopen(path, "wb");
  if (to == NULL) {
    return failed(path, strerror(errno));
  }
  const bool written = fwrite(data, 1, len, to) == len;
  if (fclose(to) != 0 || !written) {
    (void)remove(path);
    return failed(path, "cannot be written");
  }
  return true;
}

static char *beside(const char *path) {
  static const char ending[] = ".sealed";
  const size_t len = strlen(path);
  char *name = malloc(len + sizeof ending);
  if (name != NULL) {
    memcpy(name, path, len);
    memcpy(name + len, ending, sizeof ending);
  }
  return name;
}

/* Four numbers; what lies outside the picture is for the library to refuse. */
static bool add_rect(secimg_redaction *redaction, const char *text) {
  unsigned long numbers[4];
  char *end = NULL;
  for (size_t i = 0; i < 4; i++) {
    numbers[i] = strtoul(text, &end, 10);
    if (end == text || numbers[i] > UINT32_MAX || *end != (i < 3 ? ',' : '\0')) {
      return failed(text, "a rectangle is X,Y,WIDTH,HEIGHT, in pixels");
    }
    text = end + 1;
  }
  return done(PROGRAM, "rectangle",
              secimg_redaction_add_rect(redaction, (uint32_t)numbers[0], (uint32_t)numbers[1], (uint32_t)numbers[2],
                                        (uint32_t)numbers[3]));
}

static bool seal_options_for(const char *path, secimg_seal_options **out) {
  secimg_public_key *key = NULL;
  secimg_recipients *recipients = NULL;
  const bool made = done(PROGRAM, path, secimg_public_key_load(path, &key)) &&
                    done(PROGRAM, path, secimg_recipients_new(&recipients)) &&
                    done(PROGRAM, path, secimg_recipients_add_public_key(recipients, key)) &&
                    done(PROGRAM, path, secimg_seal_options_new(recipients, out));
  secimg_recipients_free(recipients);
  secimg_public_key_free(key);
  return made;
}

static bool open_options_for(const char *path, secimg_open_options **out) {
  secimg_private_key *key = NULL;
  secimg_identity *identity = NULL;
  const bool made = done(PROGRAM, path, secimg_private_key_load(path, NULL, 0, 0, &key)) &&
                    done(PROGRAM, path, secimg_identity_from_private_key(key, &identity)) &&
                    done(PROGRAM, path, secimg_open_options_new(out)) &&
                    done(PROGRAM, path, secimg_open_options_add_identity(*out, identity));
  secimg_identity_free(identity);
  secimg_private_key_free(key);
  return made;
}

/* The sealed part first: a redacted picture that stands alone could never be restored. */
static bool write_redacted(const secimg_redacted *redacted, const char *path, const char *sealed_path) {
  const uint8_t *image = NULL, *sealed = NULL;
  size_t image_len = 0, sealed_len = 0;
  return done(PROGRAM, path, secimg_redacted_image(redacted, &image, &image_len)) &&
         done(PROGRAM, path, secimg_redacted_beside(redacted, &sealed, &sealed_len)) &&
         (sealed_len == 0 || write_file(sealed_path, sealed, sealed_len)) && write_file(path, image, image_len);
}

static bool hide(const char *key, const char *picture, const char *rect, const char *path) {
  struct file file = {NULL, 0};
  secimg_seal_options *options = NULL;
  secimg_redaction *redaction = NULL;
  secimg_redacted *redacted = NULL;
  char *sealed_path = beside(path);
  const bool well = sealed_path != NULL && seal_options_for(key, &options) && read_file(picture, true, &file) &&
                    done(PROGRAM, rect, secimg_redaction_new(&redaction)) && add_rect(redaction, rect) &&
                    done(PROGRAM, picture, secimg_redact(options, redaction, NULL, file.data, file.len, &redacted)) &&
                    write_redacted(redacted, path, sealed_path);
  if (well) {
    printf("%s: %u x %u, %zu bytes sealed\n", path, (unsigned)secimg_redacted_width(redacted),
           (unsigned)secimg_redacted_height(redacted), secimg_redacted_sealed_bytes(redacted));
  }
  secimg_redacted_free(redacted);
  secimg_redaction_free(redaction);
  secimg_seal_options_free(options);
  free(sealed_path);
  free(file.data);
  return well;
}

static bool show(const char *key, const char *picture, const char *path) {
  struct file file = {NULL, 0}, sealed = {NULL, 0};
  secimg_open_options *options = NULL;
  secimg_unredacted *restored = NULL;
  const uint8_t *image = NULL;
  size_t len = 0;
  char *sealed_path = beside(picture);
  const bool well =
      sealed_path != NULL && open_options_for(key, &options) && read_file(picture, true, &file) &&
      read_file(sealed_path, false, &sealed) &&
      done(PROGRAM, picture, secimg_unredact(options, file.data, file.len, sealed.data, sealed.len, &restored)) &&
      done(PROGRAM, picture, secimg_unredacted_image(restored, &image, &len)) && write_file(path, image, len);
  if (well) {
    printf("%s: %s\n", path, secimg_unredacted_restores(restored) == SECIMG_RESTORES_FILE ? "the file" : "the pixels");
  }
  secimg_unredacted_free(restored);
  secimg_open_options_free(options);
  free(sealed_path);
  free(sealed.data);
  free(file.data);
  return well;
}

int main(int argc, char **argv) {
  if (argc == 6 && strcmp(argv[1], "hide") == 0) {
    return hide(argv[2], argv[3], argv[4], argv[5]) ? 0 : 1;
  }
  if (argc == 5 && strcmp(argv[1], "show") == 0) {
    return show(argv[2], argv[3], argv[4]) ? 0 : 1;
  }
  fprintf(stderr, "usage: redact hide PUBLIC_KEY PICTURE X,Y,WIDTH,HEIGHT REDACTED.png\n"
                  "       redact show PRIVATE_KEY REDACTED.png RESTORED\n");
  return 2;
}
