/* The calls for raw frames, called as they must not be called: NULL, layouts that no frame has, strides and lengths that do
 * not fit, memory that overlaps, items that are no frames. */
#include "abuse.h"

#include <string.h>

enum { ROWS = 6, COLUMNS = 9, ROW = 2 * COLUMNS, SPAN = ROWS * ROW };

struct scene {
  secimg_seal_options *seal;
  secimg_open_options *open;
  secimg_sealer *sealer;
  secimg_opened *opened;
  secimg_reader *reader;
  secimg_frame_layout layout;
  bytes samples;
  bytes sealed;
};

static secimg_frame_layout good_layout(void) {
  secimg_frame_layout made;
  memset(&made, 0, sizeof made);
  made.struct_size = sizeof made;
  made.rows = ROWS;
  made.columns = COLUMNS;
  made.sample_type = SECIMG_SAMPLE_U16;
  return made;
}

/* Every call that takes samples, with these arguments: all answer the same, and nothing else changes. */
static void all_calls(const struct scene *scene, const secimg_frame_layout *layout, void *samples, size_t len, size_t stride,
                      secimg_status should) {
  const secimg_manifest *manifest = secimg_opened_manifest(scene->opened, 0);
  NO_BUF(secimg_encrypt_frame(scene->seal, NULL, layout, samples, len, stride, SECIMG_COMPRESS_AUTO, &out), should);
  CHECK_STATUS(secimg_sealer_add_frame(scene->sealer, NULL, layout, samples, len, stride, SECIMG_COMPRESS_AUTO), should);
  NO_BUF(secimg_make_frame_preview(layout, samples, len, stride, &out), should);
  CHECK_STATUS(secimg_manifest_restore_frame(manifest, scene->samples.data, SPAN, layout, samples, len, stride), should);
  CHECK_STATUS(secimg_opened_copy_frame(scene->opened, 0, layout, samples, len, stride), should);
  CHECK_STATUS(secimg_reader_read_frame(scene->reader, layout, samples, len, stride), should);
}

static void memory_that_does_not_fit(const struct scene *scene) {
  bytes room = bytes_of(SPAN);
  check_about("memory that does not fit");
  all_calls(scene, &scene->layout, NULL, SPAN, 0, SECIMG_ERR_NULL_POINTER);
  all_calls(scene, &scene->layout, NULL, 0, 0, SECIMG_ERR_INVALID_ARGUMENT);
  all_calls(scene, &scene->layout, room.data, TOO_LONG, 0, SECIMG_ERR_INVALID_ARGUMENT);
  all_calls(scene, &scene->layout, room.data, SIZE_MAX, 0, SECIMG_ERR_INVALID_ARGUMENT);
  all_calls(scene, &scene->layout, room.data, SPAN - 1, 0, SECIMG_ERR_INVALID_ARGUMENT);
  all_calls(scene, &scene->layout, room.data, SPAN, ROW - 1, SECIMG_ERR_INVALID_ARGUMENT);
  all_calls(scene, &scene->layout, room.data, SPAN, ROW + 1, SECIMG_ERR_INVALID_ARGUMENT);
  all_calls(scene, &scene->layout, room.data, SPAN, SIZE_MAX, SECIMG_ERR_INVALID_ARGUMENT);
  all_calls(scene, &scene->layout, room.data, SPAN, TOO_LONG, SECIMG_ERR_INVALID_ARGUMENT);
  CHECK(all_are(room.data, room.len, 0));
  bytes_drop(&room);
}

static void layouts_of_no_frame(const struct scene *scene) {
  bytes room = bytes_of(SPAN);
  uint64_t size = 7;
  check_about("layouts that no frame has");
  all_calls(scene, NULL, room.data, SPAN, 0, SECIMG_ERR_NULL_POINTER);
  NULLED(secimg_frame_bytes(NULL, &size));
  NULLED(secimg_frame_bytes(&scene->layout, NULL));
  secimg_frame_layout bad[12];
  for (size_t i = 0; i < 12; i++) {
    bad[i] = scene->layout;
  }
  bad[0].struct_size--;
  bad[1].rows = 0;
  bad[2].columns = 0;
  bad[3].sample_type = 0;
  bad[4].sample_type = SECIMG_SAMPLE_F32 + 1;
  bad[5].samples_per_pixel = 5;
  bad[6].samples_per_pixel = 257; /* 1 in the lowest byte */
  bad[7].bits_stored = 17;
  bad[8].bits_stored = 256 + 8;
  bad[9].photometric_interpretation = SECIMG_PHOTOMETRIC_BGRA + 1;
  bad[10].byte_order = SECIMG_BYTE_ORDER_BIG + 1;
  bad[11].photometric_interpretation = SECIMG_PHOTOMETRIC_RGB; /* of three samples */
  bad[11].samples_per_pixel = 1;
  for (size_t i = 0; i < 12; i++) {
    all_calls(scene, &bad[i], room.data, SPAN, 0, SECIMG_ERR_INVALID_ARGUMENT);
    REFUSED(secimg_frame_bytes(&bad[i], &size));
  }
  secimg_frame_layout huge = scene->layout;
  huge.rows = huge.columns = UINT32_MAX;
  all_calls(scene, &huge, room.data, SPAN, 0, SECIMG_ERR_INVALID_ARGUMENT);
  REFUSED(secimg_frame_bytes(&huge, &size));
  CHECK_EQ(size, 7);
  CHECK_OK(secimg_frame_bytes(&scene->layout, &size));
  CHECK_EQ(size, SPAN);
  bytes_drop(&room);
}

static void null_arguments(const struct scene *scene) {
  uint8_t *const samples = scene->samples.data;
  const secimg_frame_layout *layout = &scene->layout;
  secimg_frame_layout out_layout = good_layout();
  const secimg_manifest *manifest = secimg_opened_manifest(scene->opened, 0);
  check_about("NULL");
  NO_BUF(secimg_encrypt_frame(NULL, NULL, layout, samples, SPAN, 0, SECIMG_COMPRESS_AUTO, &out), SECIMG_ERR_NULL_POINTER);
  NULLED(secimg_encrypt_frame(scene->seal, NULL, layout, samples, SPAN, 0, SECIMG_COMPRESS_AUTO, NULL));
  NO_BUF(secimg_encrypt_frame(scene->seal, NULL, layout, samples, SPAN, 0, 3, &out), SECIMG_ERR_INVALID_ARGUMENT);
  NULLED(secimg_make_frame_preview(layout, samples, SPAN, 0, NULL));
  NULLED(secimg_sealer_add_frame(NULL, NULL, layout, samples, SPAN, 0, SECIMG_COMPRESS_AUTO));
  REFUSED(secimg_sealer_add_frame(scene->sealer, NULL, layout, samples, SPAN, 0, UINT32_MAX));
  NULLED(secimg_manifest_frame_layout(NULL, &out_layout));
  NULLED(secimg_manifest_frame_layout(manifest, NULL));
  out_layout.struct_size = 4;
  REFUSED(secimg_manifest_frame_layout(manifest, &out_layout));
  NULLED(secimg_manifest_restore_frame(NULL, samples, SPAN, layout, scene->samples.data + SPAN, SPAN, 0));
  NULLED(secimg_manifest_restore_frame(manifest, NULL, 1, layout, samples, SPAN, 0));
  REFUSED(secimg_manifest_restore_frame(manifest, samples, TOO_LONG, layout, samples, SPAN, 0));
  NULLED(secimg_opened_copy_frame(NULL, 0, layout, samples, SPAN, 0));
  REFUSED(secimg_opened_copy_frame(scene->opened, 1, layout, samples, SPAN, 0));
  REFUSED(secimg_opened_copy_frame(scene->opened, SIZE_MAX, layout, samples, SPAN, 0));
  NULLED(secimg_reader_read_frame(NULL, layout, samples, SPAN, 0));
}

static void memory_that_overlaps(const struct scene *scene) {
  const secimg_manifest *manifest = secimg_opened_manifest(scene->opened, 0);
  bytes both = bytes_of(2 * SPAN);
  check_about("memory that overlaps");
  REFUSED(secimg_manifest_restore_frame(manifest, both.data, SPAN, &scene->layout, both.data + SPAN - 1, SPAN, 0));
  CHECK_OK(secimg_manifest_restore_frame(manifest, both.data, SPAN, &scene->layout, both.data + SPAN, SPAN, 0));
  REFUSED(secimg_reader_read_frame(scene->reader, &scene->layout, scene->sealed.data + 9, SPAN, 0));
  bytes_drop(&both);
}

/* Data of another length, buffers of another shape, and items that are files. */
static void other_things(const struct scene *scene) {
  const secimg_manifest *manifest = secimg_opened_manifest(scene->opened, 0);
  secimg_frame_layout other = scene->layout;
  bytes room = bytes_of(SPAN);
  check_about("other things than a frame");
  CHECK_STATUS(
      secimg_manifest_restore_frame(manifest, scene->samples.data, SPAN - 1, &other, room.data, room.len, 0),
      SECIMG_ERR_CONTENT);
  other.sample_type = SECIMG_SAMPLE_I16; /* The same bytes, and yet not the same. */
  memset(room.data, 9, room.len);
  REFUSED(secimg_opened_copy_frame(scene->opened, 0, &other, room.data, room.len, 0));
  CHECK(all_are(room.data, room.len, 0));
  REFUSED(secimg_reader_read_frame(scene->reader, &other, room.data, room.len, 0));

  bytes file = pattern(SPAN, 3);
  bytes sealed = seal_at_once(scene->seal, NULL, file);
  secimg_opened *opened = NULL;
  secimg_reader *reader = NULL;
  other = good_layout();
  MUST_OK(secimg_decrypt_all(scene->open, sealed.data, sealed.len, &opened));
  MUST_OK(secimg_reader_open_memory(scene->open, sealed.data, sealed.len, &reader));
  manifest = secimg_opened_manifest(opened, 0);
  REFUSED(secimg_manifest_frame_layout(manifest, &other));
  REFUSED(secimg_manifest_restore_frame(manifest, file.data, file.len, &other, room.data, room.len, 0));
  REFUSED(secimg_opened_copy_frame(opened, 0, &other, room.data, room.len, 0));
  REFUSED(secimg_reader_read_frame(reader, &other, room.data, room.len, 0));
  secimg_reader_free(reader);
  secimg_opened_free(opened);
  bytes_drop(&sealed);
  bytes_drop(&file);
  bytes_drop(&room);
}

/* A description that names a format contradicts the layout; and a sealer takes frames between items only. */
static void out_of_order(const struct scene *scene) {
  secimg_description *what = named("frame");
  uint8_t *const samples = scene->samples.data;
  secimg_sealer *sealer = NULL;
  check_about("out of order");
  MUST_OK(secimg_description_set_format(what, "raw", "application/octet-stream"));
  NO_BUF(secimg_encrypt_frame(scene->seal, what, &scene->layout, samples, SPAN, 0, SECIMG_COMPRESS_AUTO, &out),
         SECIMG_ERR_INVALID_ARGUMENT);
  REFUSED(secimg_sealer_add_frame(scene->sealer, what, &scene->layout, samples, SPAN, 0, SECIMG_COMPRESS_AUTO));
  MUST_OK(secimg_sealer_new(scene->seal, &sealer));
  MUST_OK(secimg_sealer_start_item(sealer, NULL, SECIMG_LENGTH_UNKNOWN));
  CHECK_STATUS(secimg_sealer_add_frame(sealer, NULL, &scene->layout, samples, SPAN, 0, SECIMG_COMPRESS_AUTO),
               SECIMG_ERR_STATE);
  MUST_OK(secimg_sealer_end_item(sealer));
  CHECK_OK(secimg_sealer_add_frame(sealer, NULL, &scene->layout, samples, SPAN, 0, SECIMG_COMPRESS_AUTO));
  MUST_OK(secimg_sealer_finish(sealer));
  CHECK_STATUS(secimg_sealer_add_frame(sealer, NULL, &scene->layout, samples, SPAN, 0, SECIMG_COMPRESS_AUTO),
               SECIMG_ERR_STATE);
  bytes sealed = bytes_of(0);
  secimg_report *report = NULL;
  drain(sealer, &sealed, 0);
  CHECK_OK(secimg_verify(scene->open, sealed.data, sealed.len, &report));
  CHECK_EQ(secimg_report_item_count(report), 2);
  secimg_report_free(report);
  secimg_sealer_free(sealer);
  secimg_description_free(what);
  bytes_drop(&sealed);
}

int main(int argc, char **argv) {
  const arguments places = arguments_from(argc, argv);
  people all = people_from(places.vectors);
  struct scene scene;
  secimg_buf made = {NULL, 0};
  scene.seal = seal_for(&all, RAW);
  scene.open = open_for(&all, RAW);
  scene.layout = good_layout();
  scene.samples = pattern(2 * SPAN, 1);
  scene.sealer = NULL;
  scene.opened = NULL;
  scene.reader = NULL;
  MUST_OK(secimg_encrypt_frame(scene.seal, NULL, &scene.layout, scene.samples.data, SPAN, 0, SECIMG_COMPRESS_NEVER, &made));
  scene.sealed = copy_of(made.data, made.len);
  secimg_buf_free(&made);
  MUST_OK(secimg_sealer_new(scene.seal, &scene.sealer));
  MUST_OK(secimg_decrypt_all(scene.open, scene.sealed.data, scene.sealed.len, &scene.opened));
  MUST_OK(secimg_reader_open_memory(scene.open, scene.sealed.data, scene.sealed.len, &scene.reader));
  memory_that_does_not_fit(&scene);
  layouts_of_no_frame(&scene);
  null_arguments(&scene);
  memory_that_overlaps(&scene);
  other_things(&scene);
  out_of_order(&scene);
  /* What was refused left no trace: the stream is empty and good. */
  bytes sealed = bytes_of(0);
  secimg_report *report = NULL;
  MUST_OK(secimg_sealer_finish(scene.sealer));
  drain(scene.sealer, &sealed, 0);
  CHECK_OK(secimg_verify(scene.open, sealed.data, sealed.len, &report));
  CHECK_EQ(secimg_report_item_count(report), 0);
  secimg_report_free(report);
  secimg_reader_free(scene.reader);
  secimg_opened_free(scene.opened);
  secimg_sealer_free(scene.sealer);
  bytes_drop(&sealed);
  bytes_drop(&scene.sealed);
  bytes_drop(&scene.samples);
  secimg_open_options_free(scene.open);
  secimg_seal_options_free(scene.seal);
  people_drop(&all);
  return check_end();
}
