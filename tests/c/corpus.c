/* Real images, byte for byte: at once, in pieces, one byte at a time where they are small, and read by ranges. */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct tally {
  size_t files;
  uint64_t bytes;
};

static void ranges(const secimg_open_options *open, bytes sealed, bytes image) {
  secimg_reader *reader = NULL;
  uint8_t buffer[5000];
  MUST_OK(secimg_reader_open_memory(open, sealed.data, sealed.len, &reader));
  CHECK_EQ(secimg_reader_len(reader), image.len);
  for (size_t i = 0; i < by_effort(2, 6, 60); i++) {
    const size_t at = random_below(image.len + 1);
    const size_t wanted = random_below(sizeof buffer + 1);
    const size_t there = wanted < image.len - at ? wanted : image.len - at;
    size_t got = 0;
    if (CHECK_OK(secimg_reader_read_at(reader, at, buffer, wanted, &got))) {
      CHECK(same_bytes(buffer, got, image.data + at, there));
    }
  }
  secimg_reader_free(reader);
}

static void in_pieces(const secimg_seal_options *seal, const secimg_open_options *open,
                      const secimg_description *description, bytes image, size_t piece) {
  bytes sealed = seal_in_pieces(seal, description, image, image.len, piece);
  trace seen = open_in_pieces(open, sealed, piece);
  CHECK_EQ(seen.end, SECIMG_OK);
  CHECK(same_bytes(seen.data.data, seen.data.len, image.data, image.len));
  trace_drop(&seen);
  bytes_drop(&sealed);
}

static void one_file(const people *all, const char *folder, const char *name, enum kind kind, struct tally *tally) {
  secimg_seal_options *seal = seal_for(all, kind);
  secimg_open_options *open = open_for(all, kind);
  secimg_description *description = named(name);
  secimg_report *report = NULL;
  uint8_t is[32], should[32];
  bytes image;
  check_about("%s for %s", name, kind_name(kind));
  MUST(read_file(folder, name, &image));
  MUST_OK(secimg_seal_options_set_suite(seal, 1 + (uint32_t)tally->files % 2));
  bytes sealed = seal_at_once(seal, description, image);
  check_opens(open, sealed, image);
  MUST_OK(secimg_verify(open, sealed.data, sealed.len, &report));
  sha256(image.data, image.len, should);
  CHECK_OK(secimg_report_item_sha256(report, 0, is));
  CHECK(memcmp(is, should, sizeof is) == 0);
  CHECK_TEXT(secimg_manifest_name(secimg_report_item_manifest(report, 0)), name);
  secimg_report_free(report);
  in_pieces(seal, open, description, image, 0);
  if (image.len <= by_effort(2000, 12000, 400000)) {
    in_pieces(seal, open, description, image, 1);
  }
  ranges(open, sealed, image);
  tally->files++;
  tally->bytes += image.len;
  bytes_drop(&sealed);
  bytes_drop(&image);
  secimg_description_free(description);
  secimg_open_options_free(open);
  secimg_seal_options_free(seal);
}

/* The first column of the folder's MANIFEST.tsv names the files. */
static void one_folder(const people *all, const char *corpus, const char *folder, struct tally *tally) {
  char path[1024];
  bytes list;
  const int len = snprintf(path, sizeof path, "%s/%s", corpus, folder);
  MUST(len > 0 && (size_t)len < sizeof path);
  MUST(read_file(path, "MANIFEST.tsv", &list));
  append(&list, (const uint8_t *)"", 1);
  size_t line = 0;
  for (char *at = (char *)list.data; *at != '\0'; line++) {
    char *end = strchr(at, '\n');
    char *next = end == NULL ? at + strlen(at) : end + 1;
    bytes found;
    at[strcspn(at, "\t\r\n")] = '\0';
    const bool there = read_file(path, at, &found);
    const size_t size = found.len;
    bytes_drop(&found);
    /* Where little is to be done: every eighth of the small files. */
    if (there && (effort() == FULL || (size < by_effort(20000, 2000000, 0) && line % by_effort(8, 1, 1) == 0))) {
      one_file(all, path, at, line % 9 == 1 ? RSA : line % 9 == 5 ? XWING : RAW, tally);
    }
    at = next;
  }
  bytes_drop(&list);
}

int main(int argc, char **argv) {
  const arguments places = arguments_from(argc, argv);
  struct tally tally = {0, 0};
  if (places.corpus == NULL) {
    skipped("no corpus was given");
    return check_end();
  }
  people all = people_from(places.vectors);
  one_folder(&all, places.corpus, "images", &tally);
  one_folder(&all, places.corpus, "dicom", &tally);
  CHECK(tally.files >= by_effort(3, 60, 70));
  printf("%lu images, %llu bytes, came back byte for byte\n", (unsigned long)tally.files,
         (unsigned long long)tally.bytes);
  people_drop(&all);
  return check_end();
}
