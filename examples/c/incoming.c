#include "incoming.h"

#include "common.h"

#define PROGRAM "receive_image"

static bool refuse(const char *what) {
  fprintf(stderr, PROGRAM ": refused: %s\n", what);
  return false;
}

static void print_image(const secimg_report *report, size_t index, const char *name) {
  uint8_t digest[32];
  if (!done(PROGRAM, name, secimg_report_item_sha256(report, index, digest))) {
    return;
  }
  printf("%s %llu bytes sha256:", name, (unsigned long long)secimg_report_item_bytes(report, index));
  for (size_t i = 0; i < sizeof digest; i++) {
    printf("%02x", digest[i]);
  }
  printf("\n");
}

static void print_signer(const secimg_report *report) {
  uint8_t fingerprint[SECIMG_FINGERPRINT_LEN];
  char text[SECIMG_FINGERPRINT_TEXT_LEN];
  if (secimg_report_signature_algorithm(report) == SECIMG_SIGNATURE_NONE) {
    printf("not signed\n");
  } else if (done(PROGRAM, "signer", secimg_report_signer(report, fingerprint)) &&
             done(PROGRAM, "signer", secimg_fingerprint_text(fingerprint, text, sizeof text))) {
    printf("signed by %s%s\n", text, secimg_report_signer_trusted(report) ? ", trusted" : "");
  }
}

static void print_report(const secimg_report *report) {
  char name[INBOX_NAME_MAX];
  size_t len = 0;
  for (size_t i = 0; i < secimg_report_item_count(report); i++) {
    const secimg_manifest *manifest = secimg_report_item_manifest(report, i);
    if (done(PROGRAM, "name", secimg_manifest_file_name(manifest, name, sizeof name, &len))) {
      print_image(report, i, name);
    }
  }
  print_signer(report);
  for (size_t i = 0; i < secimg_report_warning_count(report); i++) {
    printf("warning: %s\n", secimg_report_warning(report, i));
  }
}

static bool begin_image(incoming *stream) {
  char name[INBOX_NAME_MAX];
  size_t len = 0;
  const secimg_manifest *manifest = secimg_opener_manifest(stream->opener);
  if (!done(PROGRAM, "name", secimg_manifest_file_name(manifest, name, sizeof name, &len))) {
    return false;
  }
  const char *problem = inbox_begin(&stream->box, name);
  return problem == NULL || refuse(problem);
}

static bool take_data(incoming *stream) {
  const uint8_t *data = NULL;
  size_t len = 0;
  if (!done(PROGRAM, "opening", secimg_opener_peek(stream->opener, &data, &len))) {
    return false;
  }
  const char *problem = inbox_write(&stream->box, data, len);
  return (problem == NULL || refuse(problem)) &&
         done(PROGRAM, "opening", secimg_opener_consume(stream->opener, len));
}

/* The stream has ended: is it whole? Only then do the images get their names. */
bool incoming_conclude(incoming *stream) {
  secimg_report *report = NULL;
  if (!done(PROGRAM, "refused", secimg_opener_finish(stream->opener, &report))) {
    return false;
  }
  const char *problem = inbox_publish(&stream->box);
  if (problem == NULL) {
    print_report(report);
    (void)fflush(stdout);
  }
  secimg_report_free(report);
  return problem == NULL || refuse(problem);
}

enum incoming_state incoming_feed(incoming *stream, const uint8_t *data, size_t len) {
  size_t used = 0;
  for (;;) {
    uint32_t event = SECIMG_EVENT_NEED_INPUT;
    size_t taken = 0;
    bool well = done(PROGRAM, "refused", secimg_opener_event(stream->opener, &event));
    switch (event) {
    case SECIMG_EVENT_NEED_INPUT:
      if (well && used == len) {
        return INCOMING_MORE;
      }
      well = well && done(PROGRAM, "refused", secimg_opener_push(stream->opener, data + used, len - used, &taken));
      used += taken;
      break;
    case SECIMG_EVENT_DATA:
      well = well && take_data(stream);
      break;
    case SECIMG_EVENT_ITEM:
      well = well && begin_image(stream);
      break;
    case SECIMG_EVENT_ITEM_END: {
      const char *problem = inbox_end(&stream->box);
      well = well && (problem == NULL || refuse(problem));
      break;
    }
    case SECIMG_EVENT_FINISHED:
      return well && incoming_conclude(stream) ? INCOMING_STORED : INCOMING_REFUSED;
    default: /* a preview or a checkpoint: nothing to do for this program */
      break;
    }
    if (!well) {
      return INCOMING_REFUSED;
    }
  }
}
