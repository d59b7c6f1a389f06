/* Raw frames: every sample type, with and without gaps between rows, compressed and not, by every way there is. */
#include "support.h"

#include <stdlib.h>
#include <string.h>

#define POISON 0xA7

/* A picture in memory, whose rows have something of somebody else's behind them. */
struct picture {
  secimg_frame_layout layout;
  size_t row, stride;
  bytes memory;
};

static size_t sample_bytes(uint32_t type) {
  return type == SECIMG_SAMPLE_U8 ? 1 : type == SECIMG_SAMPLE_F32 ? 4 : 2;
}

static secimg_frame_layout layout_of(uint32_t rows, uint32_t columns, uint32_t type, uint32_t samples) {
  secimg_frame_layout made;
  memset(&made, 0, sizeof made);
  made.struct_size = sizeof made;
  made.rows = rows;
  made.columns = columns;
  made.sample_type = type;
  made.samples_per_pixel = samples;
  return made;
}

/* Memory of exactly the span of the rows: what is read behind the last one is seen by the tools that watch. */
static struct picture room_for(const secimg_frame_layout *layout, size_t gap) {
  struct picture made;
  uint64_t packed = 0;
  MUST_OK(secimg_frame_bytes(layout, &packed));
  made.layout = *layout;
  made.row = (size_t)packed / layout->rows;
  made.stride = made.row + gap;
  made.memory = bytes_of(made.stride * (layout->rows - 1) + made.row);
  memset(made.memory.data, POISON, made.memory.len);
  return made;
}

/* Slopes with a little noise: something that can be compressed. No byte of it is the poison. */
static struct picture scan(const secimg_frame_layout *layout, size_t gap) {
  struct picture made = room_for(layout, gap);
  for (uint32_t y = 0; y < layout->rows; y++) {
    uint8_t *row = made.memory.data + y * made.stride;
    for (size_t i = 0; i < made.row; i++) {
      row[i] = (uint8_t)((y + i / 8 + random_below(3)) & 0x7f);
    }
  }
  return made;
}

static bool same_rows(const struct picture *a, const struct picture *b) {
  for (uint32_t y = 0; y < a->layout.rows; y++) {
    if (memcmp(a->memory.data + y * a->stride, b->memory.data + y * b->stride, a->row) != 0) {
      return false;
    }
  }
  return true;
}

static bool rows_are(const struct picture *picture, uint8_t value) {
  for (uint32_t y = 0; y < picture->layout.rows; y++) {
    if (!all_are(picture->memory.data + y * picture->stride, picture->row, value)) {
      return false;
    }
  }
  return true;
}

static bool gaps_are_untouched(const struct picture *picture) {
  for (uint32_t y = 0; y + 1 < picture->layout.rows; y++) {
    if (!all_are(picture->memory.data + y * picture->stride + picture->row, picture->stride - picture->row, POISON)) {
      return false;
    }
  }
  return true;
}

static bool has_poison(bytes where) { return where.len > 0 && memchr(where.data, POISON, where.len) != NULL; }

static bytes seal_frame(const secimg_seal_options *seal, const struct picture *picture, uint32_t compression) {
  secimg_buf out = {NULL, 0};
  MUST_OK(secimg_encrypt_frame(seal, NULL, &picture->layout, picture->memory.data, picture->memory.len, picture->stride,
                               compression, &out));
  bytes sealed = copy_of(out.data, out.len);
  secimg_buf_free(&out);
  return sealed;
}

/* The samples without gaps, as decrypt gives them. */
static bytes packed(const struct picture *picture) {
  bytes made = bytes_of(0);
  for (uint32_t y = 0; y < picture->layout.rows; y++) {
    append(&made, picture->memory.data + y * picture->stride, picture->row);
  }
  return made;
}

static void check_layouts_agree(const secimg_frame_layout *said, const secimg_frame_layout *wanted) {
  CHECK_EQ(said->struct_size, sizeof *said);
  CHECK_EQ(said->rows, wanted->rows);
  CHECK_EQ(said->columns, wanted->columns);
  CHECK_EQ(said->sample_type, wanted->sample_type);
  CHECK_EQ(said->samples_per_pixel, wanted->samples_per_pixel);
  CHECK_EQ(said->bits_stored, 8 * sample_bytes(wanted->sample_type));
  CHECK(said->byte_order == SECIMG_BYTE_ORDER_LITTLE || said->byte_order == SECIMG_BYTE_ORDER_BIG);
}

/* A reader over the stream gives the frame into memory with other gaps, and says what it is. */
static void by_reader(const secimg_open_options *open, bytes sealed, const struct picture *wanted, size_t gap) {
  secimg_reader *reader = NULL;
  secimg_frame_layout said;
  struct picture into = room_for(&wanted->layout, gap);
  memset(&said, 0, sizeof said);
  said.struct_size = sizeof said;
  MUST_OK(secimg_reader_open_memory(open, sealed.data, sealed.len, &reader));
  CHECK_OK(secimg_manifest_frame_layout(secimg_reader_manifest(reader), &said));
  check_layouts_agree(&said, &wanted->layout);
  CHECK_OK(secimg_reader_read_frame(reader, &into.layout, into.memory.data, into.memory.len, into.stride));
  CHECK(same_rows(wanted, &into));
  CHECK(gaps_are_untouched(&into));
  CHECK_EQ(secimg_reader_position(reader), 0);
  secimg_reader_free(reader);
  bytes_drop(&into.memory);
}

/* All at once, both ways: the bytes are the samples without gaps. */
static void at_once(const secimg_open_options *open, bytes sealed, const struct picture *wanted, size_t gap) {
  bytes plain = packed(wanted);
  struct picture into = room_for(&wanted->layout, gap);
  secimg_opened *opened = NULL;
  bytes room = bytes_of(plain.len);
  size_t len = 0;
  CHECK_OK(secimg_decrypt(open, sealed.data, sealed.len, room.data, room.len, &len, NULL));
  CHECK(same_bytes(room.data, len, plain.data, plain.len));
  memset(room.data, POISON, room.len);
  CHECK_STATUS(secimg_decrypt(open, sealed.data, sealed.len, room.data, room.len - 1, &len, NULL),
               SECIMG_ERR_BUFFER_TOO_SMALL);
  CHECK_EQ(len, plain.len);
  CHECK(untold(room.data, room.len, POISON));
  MUST_OK(secimg_decrypt_all(open, sealed.data, sealed.len, &opened));
  const uint8_t *data = NULL;
  CHECK_OK(secimg_opened_image(opened, 0, &data, &len));
  CHECK(same_bytes(data, len, plain.data, plain.len));
  CHECK_OK(secimg_opened_copy_frame(opened, 0, &into.layout, into.memory.data, into.memory.len, into.stride));
  CHECK(same_rows(wanted, &into));
  CHECK(gaps_are_untouched(&into));
  secimg_opened_free(opened);
  bytes_drop(&into.memory);
  bytes_drop(&room);
  bytes_drop(&plain);
}

/* An opener hands out what was sealed, and the manifest makes a frame of it. */
static void by_opener(const secimg_open_options *open, bytes sealed, const struct picture *wanted, size_t gap) {
  struct picture into = room_for(&wanted->layout, gap);
  secimg_opener *opener = NULL;
  secimg_report *report = NULL;
  bytes data = bytes_of(0);
  size_t at = 0;
  uint32_t event = SECIMG_EVENT_NEED_INPUT;
  MUST_OK(secimg_opener_new(open, &opener));
  while (event != SECIMG_EVENT_FINISHED) {
    const uint8_t *ready = NULL;
    size_t len = 0;
    MUST_OK(secimg_opener_event(opener, &event));
    if (event == SECIMG_EVENT_NEED_INPUT) {
      MUST_OK(secimg_opener_push(opener, sealed.data + at, sealed.len - at, &len));
      at += len;
    } else if (event == SECIMG_EVENT_DATA) {
      MUST_OK(secimg_opener_peek(opener, &ready, &len));
      append(&data, ready, len);
      MUST_OK(secimg_opener_consume(opener, len));
    } else if (event == SECIMG_EVENT_ITEM_END) {
      CHECK_OK(secimg_manifest_restore_frame(secimg_opener_manifest(opener), data.data, data.len, &into.layout,
                                             into.memory.data, into.memory.len, into.stride));
    }
  }
  CHECK_OK(secimg_opener_finish(opener, &report));
  CHECK(same_rows(wanted, &into));
  CHECK(gaps_are_untouched(&into));
  secimg_report_free(report);
  secimg_opener_free(opener);
  bytes_drop(&data);
  bytes_drop(&into.memory);
}

static void every_way(const secimg_seal_options *seal, const secimg_open_options *open) {
  static const uint32_t types[] = {SECIMG_SAMPLE_U8, SECIMG_SAMPLE_U16, SECIMG_SAMPLE_I16, SECIMG_SAMPLE_F32};
  static const uint32_t sizes[][2] = {{1, 1}, {1, 7}, {5, 1}, {61, 67}};
  static const uint32_t ways[] = {SECIMG_COMPRESS_AUTO, SECIMG_COMPRESS_NEVER, SECIMG_COMPRESS_ALWAYS};
  for (size_t type = 0; type < 4; type++) {
    for (size_t size = 0; size < 4; size++) {
      for (uint32_t samples = 1; samples <= 4; samples += effort() == LIGHT ? 3 : 1) {
        const secimg_frame_layout layout = layout_of(sizes[size][0], sizes[size][1], types[type], samples);
        for (size_t way = 0; way < 3; way++) {
          const size_t gap = way == 0 ? 0 : 13;
          struct picture picture = scan(&layout, gap);
          check_about("type %u, %u x %u x %u, way %u", (unsigned)types[type], (unsigned)layout.rows,
                      (unsigned)layout.columns, (unsigned)samples, (unsigned)way);
          bytes sealed = seal_frame(seal, &picture, ways[way]);
          by_reader(open, sealed, &picture, 13 - gap);
          by_reader(open, sealed, &picture, gap);
          at_once(open, sealed, &picture, gap);
          by_opener(open, sealed, &picture, gap);
          bytes_drop(&sealed);
          bytes_drop(&picture.memory);
        }
      }
    }
  }
}

/* What lies between rows is in nothing that can be opened. */
static void gaps_stay(const secimg_seal_options *seal, const secimg_open_options *open) {
  const secimg_frame_layout layout = layout_of(40, 50, SECIMG_SAMPLE_U16, 1);
  struct picture picture = scan(&layout, 24);
  check_about("gaps");
  CHECK(has_poison(picture.memory));
  bytes sealed = seal_frame(seal, &picture, SECIMG_COMPRESS_NEVER);
  trace opened = open_in_pieces(open, sealed, 1000);
  CHECK_OK(opened.end);
  CHECK_EQ(opened.data.len, 40 * 50 * 2);
  CHECK(!has_poison(opened.data));
  trace_drop(&opened);
  bytes_drop(&sealed);
  bytes_drop(&picture.memory);
}

/* A series over a sealer, in memory of one frame: names, times, previews, and item k alone. */
static void a_series(const secimg_seal_options *seal, const secimg_open_options *open) {
  enum { FRAMES = 5 };
  struct picture pictures[FRAMES];
  secimg_sealer *sealer = NULL;
  secimg_description *what = named("frame");
  static const uint8_t small[] = {'s', 'm', 'a', 'l', 'l'};
  bytes sealed = bytes_of(0);
  check_about("a series");
  MUST_OK(secimg_sealer_new(seal, &sealer));
  MUST_OK(secimg_description_set_preview(what, small, sizeof small));
  for (uint32_t i = 0; i < FRAMES; i++) {
    secimg_frame_layout layout = layout_of(90 + i, 120, SECIMG_SAMPLE_I16, 1);
    layout.has_time = 1;
    layout.time = 1700000000000000000 + i;
    layout.bits_stored = 12;
    layout.photometric_interpretation = SECIMG_PHOTOMETRIC_MONOCHROME2;
    pictures[i] = scan(&layout, i % 2 == 0 ? 0 : 40);
    CHECK_OK(secimg_sealer_add_frame(sealer, what, &layout, pictures[i].memory.data, pictures[i].memory.len,
                                     pictures[i].stride, SECIMG_COMPRESS_AUTO));
    if (i != 2) { /* What waits may go on waiting: nothing is lost or out of order. */
      drain(sealer, &sealed, i == 1 ? 100 : 0);
    }
  }
  MUST_OK(secimg_sealer_finish(sealer));
  drain(sealer, &sealed, 0);
  CHECK_EQ(secimg_sealer_state(sealer), SECIMG_STATE_DONE);
  secimg_sealer_free(sealer);

  secimg_reader *reader = NULL;
  MUST_OK(secimg_reader_open_memory(open, sealed.data, sealed.len, &reader));
  CHECK_EQ(secimg_reader_item_count(reader), FRAMES);
  for (size_t turn = 0; turn < FRAMES; turn++) {
    const size_t i = (3 * turn + 2) % FRAMES;
    struct picture into = room_for(&pictures[i].layout, 8);
    secimg_buf preview = {NULL, 0};
    secimg_frame_layout said;
    said.struct_size = sizeof said;
    CHECK_OK(secimg_reader_select(reader, i));
    CHECK_OK(secimg_manifest_frame_layout(secimg_reader_manifest(reader), &said));
    CHECK(said.has_time == 1 && said.time == 1700000000000000000 + (int64_t)i);
    CHECK(said.bits_stored == 12 && said.photometric_interpretation == SECIMG_PHOTOMETRIC_MONOCHROME2);
    CHECK_OK(secimg_reader_read_frame(reader, &said, into.memory.data, into.memory.len, into.stride));
    CHECK(same_rows(&pictures[i], &into));
    CHECK_OK(secimg_reader_preview(reader, &preview));
    CHECK(same_bytes(preview.data, preview.len, small, sizeof small));
    secimg_buf_free(&preview);
    bytes_drop(&into.memory);
  }
  secimg_reader_free(reader);
  for (size_t i = 0; i < FRAMES; i++) {
    bytes_drop(&pictures[i].memory);
  }
  bytes_drop(&sealed);
  secimg_description_free(what);
}

/* A picture for people, in no more bytes than a stream takes; or none, from a library without decoders. */
static void previews(void) {
  static const uint8_t jpeg[] = {0xff, 0xd8};
  secimg_buf whole = {NULL, 0}, part = {NULL, 0};
  secimg_frame_layout layout = layout_of(700, 900, SECIMG_SAMPLE_U16, 1);
  struct picture picture = scan(&layout, 0);
  check_about("previews");
  const secimg_status made = secimg_make_frame_preview(&layout, picture.memory.data, picture.memory.len, 0, &whole);
  if (made == SECIMG_ERR_UNSUPPORTED) {
    skipped("previews: this library was built without decoders");
  } else {
    CHECK_STATUS(made, SECIMG_OK);
    CHECK(whole.len <= 65536 && whole.len > 2 && memcmp(whole.data, jpeg, 2) == 0);
    layout.rows = 100;
    layout.columns = 100;
    CHECK_OK(secimg_make_frame_preview(&layout, picture.memory.data, picture.memory.len, picture.stride, &part));
    CHECK(!same_bytes(whole.data, whole.len, part.data, part.len));
    secimg_buf_free(&part);
    layout.samples_per_pixel = 3;
    CHECK_STATUS(secimg_make_frame_preview(&layout, picture.memory.data, picture.memory.len, 0, &part),
                 SECIMG_ERR_UNSUPPORTED);
    CHECK(part.data == NULL && part.len == 0);
  }
  secimg_buf_free(&whole);
  secimg_buf_free(&part);
  bytes_drop(&picture.memory);
}

/* Samples come in the order of bytes that is asked for. */
static void byte_orders(const secimg_seal_options *seal, const secimg_open_options *open) {
  secimg_frame_layout layout = layout_of(3, 4, SECIMG_SAMPLE_U16, 1);
  check_about("byte orders");
  layout.byte_order = SECIMG_BYTE_ORDER_BIG;
  struct picture picture = scan(&layout, 0);
  for (uint32_t way = SECIMG_COMPRESS_AUTO; way <= SECIMG_COMPRESS_ALWAYS; way++) {
    bytes sealed = seal_frame(seal, &picture, way);
    secimg_reader *reader = NULL;
    secimg_frame_layout little = layout;
    little.byte_order = SECIMG_BYTE_ORDER_LITTLE;
    struct picture into = room_for(&little, 0);
    MUST_OK(secimg_reader_open_memory(open, sealed.data, sealed.len, &reader));
    CHECK_OK(secimg_reader_read_frame(reader, &little, into.memory.data, into.memory.len, 0));
    for (size_t i = 0; i < into.memory.len; i += 2) {
      CHECK_EQ(into.memory.data[i], picture.memory.data[i + 1]);
      CHECK_EQ(into.memory.data[i + 1], picture.memory.data[i]);
    }
    secimg_reader_free(reader);
    bytes_drop(&into.memory);
    bytes_drop(&sealed);
  }
  bytes_drop(&picture.memory);
}

/* A changed stream leaves nothing of a frame behind. */
static void changed(const secimg_seal_options *seal, const secimg_open_options *open) {
  const secimg_frame_layout layout = layout_of(64, 512, SECIMG_SAMPLE_U16, 1);
  check_about("changed");
  for (uint32_t way = SECIMG_COMPRESS_NEVER; way <= SECIMG_COMPRESS_ALWAYS; way++) {
    struct picture picture = scan(&layout, 0);
    struct picture into = room_for(&layout, 6);
    bytes sealed = seal_frame(seal, &picture, way);
    secimg_reader *reader = NULL;
    MUST_OK(secimg_reader_open_memory(open, sealed.data, sealed.len, &reader));
    sealed.data[sealed.len / 2] ^= 1;
    CHECK_STATUS(secimg_reader_read_frame(reader, &into.layout, into.memory.data, into.memory.len, into.stride),
                 SECIMG_ERR_NOT_AUTHENTIC);
    CHECK(rows_are(&into, 0));
    CHECK(gaps_are_untouched(&into));
    secimg_reader_free(reader);
    bytes_drop(&sealed);
    bytes_drop(&into.memory);
    bytes_drop(&picture.memory);
  }
}

int main(int argc, char **argv) {
  const arguments places = arguments_from(argc, argv);
  people all = people_from(places.vectors);
  secimg_seal_options *seal = seal_for(&all, RAW);
  secimg_open_options *open = open_for(&all, RAW);
  MUST_OK(secimg_seal_options_set_chunk_log2(seal, 12));
  every_way(seal, open);
  gaps_stay(seal, open);
  a_series(seal, open);
  previews();
  byte_orders(seal, open);
  changed(seal, open);
  secimg_open_options_free(open);
  secimg_seal_options_free(seal);
  people_drop(&all);
  return check_end();
}
