// Raw frames of every sample type, in memory with gaps and without, by every way that opens them.
#include "streams.hpp"

#include <cstdint>
#include <limits>

namespace {

using namespace secimg;
using bytes = std::vector<std::uint8_t>;

/// A picture with more columns than the frame that is looked at, so that rows have something behind them.
template <class T>
struct picture {
  std::uint32_t rows, columns, samples, wide;
  std::vector<T> memory;

  picture(std::uint32_t rows_, std::uint32_t columns_, std::uint32_t samples_, std::uint32_t extra, T fill)
      : rows(rows_), columns(columns_), samples(samples_), wide(columns_ + extra), memory(std::size_t{rows_} * wide * samples_, fill) {}

  T *row(std::uint32_t y) { return memory.data() + std::size_t{y} * wide * samples; }
  const T *row(std::uint32_t y) const { return memory.data() + std::size_t{y} * wide * samples; }
  std::size_t stride() const { return std::size_t{wide} * samples * sizeof(T); }
  frame_view view() const { return frame_view::of(memory.data(), rows, columns, samples, stride()); }
  frame_place place() { return frame_place::of(memory.data(), rows, columns, samples, stride()); }
};

template <class T>
picture<T> slopes(std::uint32_t rows, std::uint32_t columns, std::uint32_t samples, std::uint32_t extra) {
  picture<T> made(rows, columns, samples, extra, T(99));
  for (std::uint32_t y = 0; y < rows; ++y) {
    for (std::uint32_t x = 0; x < columns * samples; ++x) made.row(y)[x] = static_cast<T>((y * 3 + x) % 90);
  }
  return made;
}

template <class T>
void check_same(const picture<T> &sent, const picture<T> &came, T fill) {
  for (std::uint32_t y = 0; y < sent.rows; ++y) {
    CHECK(std::equal(sent.row(y), sent.row(y) + sent.columns * sent.samples, came.row(y)));
    const T *behind = came.row(y) + came.columns * came.samples;
    CHECK(std::all_of(behind, came.row(y) + came.wide * came.samples, [&](T value) { return value == fill; }));
  }
}

template <class T>
void every_way(const seal_options &sealing, const open_options &with, sample_type type) {
  const compression ways[] = {compression::where_it_pays, compression::never, compression::always};
  for (std::uint32_t samples = 1; samples <= 4; ++samples) {
    const auto sent = slopes<T>(37, 41, samples, samples);
    for (const compression how : ways) {
      const T fill = T(77);
      const auto sealed = NEED(encrypt_frame(sealing, description(), sent.view(), how));
      picture<T> came(37, 41, samples, 3, fill);
      auto reader = NEED(secimg::reader::open_memory(with, sealed));
      const auto said = reader.manifest().frame_layout();
      CHECK(said && said->sample_type == type && said->rows == 37 && said->columns == 41 && said->samples_per_pixel == samples);
      CHECK(NEED(said->bytes()) == 37u * 41u * samples * sizeof(T));
      NEED(reader.read_frame(came.place()));
      check_same(sent, came, fill);

      came = picture<T>(37, 41, samples, 0, fill);
      const auto all = NEED(decrypt_all(with, sealed));
      NEED(all.copy_frame(0, came.place()));
      check_same(sent, came, fill);
      const bytes_view packed = NEED(all.image(0));
      const auto one = NEED(decrypt(with, sealed));
      CHECK(same_bytes(one.image, bytes(packed.begin(), packed.end())));
      CHECK(same_bytes(one.image, bytes_view::of(came.memory.data(), came.memory.size())));
    }
  }
}

/// A camera's series, sent frame by frame, and opened as it comes.
void series(const seal_options &sealing, const open_options &with) {
  bytes sealed;
  const auto sink = [&](bytes_view piece) {
    sealed.insert(sealed.end(), piece.begin(), piece.end());
    return true;
  };
  auto machine = NEED(sealer::create(sealing));
  std::vector<picture<std::uint16_t>> sent;
  for (std::uint32_t number = 0; number < 4; ++number) {
    sent.push_back(slopes<std::uint16_t>(100 + number, 64, 1, 5));
    auto what = NEED(description::create());
    NEED(what.set_name("frame-" + std::to_string(number)));
    frame_layout layout(100 + number, 64, sample_type::u16);
    layout.photometric = photometric::monochrome2;
    layout.bits_stored = 12;
    layout.has_time = true;
    layout.time = 1700000000000000000 + number;
    NEED(machine.add_frame(what, frame_view::at(sent.back().memory.data(), layout, sent.back().stride())));
    NEED(machine.drain(sink));
  }
  NEED(machine.finish());
  NEED(machine.drain(sink));

  auto opened = NEED(opener::create(with));
  bytes data;
  std::uint32_t number = 0;
  std::size_t at = 0;
  for (event next = NEED(opened.next_event()); next != event::finished; next = NEED(opened.next_event())) {
    if (next == event::need_input) at += NEED(opened.push(bytes_view(sealed.data() + at, std::min<std::size_t>(999, sealed.size() - at))));
    if (next == event::item) data.clear();
    if (next == event::data) {
      const auto piece = NEED(opened.peek());
      data.insert(data.end(), piece.begin(), piece.end());
      NEED(opened.consume(piece.size()));
    }
    if (next == event::item_end) {
      const auto said = opened.manifest().frame_layout();
      CHECK(said && said->has_time && said->time == 1700000000000000000 + number && said->bits_stored == 12);
      CHECK(said->photometric == photometric::monochrome2);
      picture<std::uint16_t> came(100 + number, 64, 1, 2, 7);
      NEED(opened.manifest().restore_frame(data, came.place()));
      check_same<std::uint16_t>(sent[number], came, 7);
      ++number;
    }
  }
  CHECK(number == 4 && NEED(opened.finish()).item_count() == 4);
}

void refusals(const seal_options &sealing, const open_options &with) {
  const std::vector<std::uint16_t> memory(600, 1);
  const frame_layout layout(20, 30, sample_type::u16);
  const auto all = bytes_view::of(memory.data(), memory.size());
  CHECK(!NEED(encrypt_frame(sealing, description(), frame_view(layout, all))).empty());
  CHECK_FAILS(SECIMG_ERR_INVALID_ARGUMENT, encrypt_frame(sealing, description(), frame_view(layout, all, 61)));
  CHECK_FAILS(SECIMG_ERR_INVALID_ARGUMENT, encrypt_frame(sealing, description(), frame_view(layout, all, 59)));
  CHECK_FAILS(SECIMG_ERR_INVALID_ARGUMENT,
              encrypt_frame(sealing, description(), frame_view(layout, bytes_view(all.data(), all.size() - 1))));
  // Spans that no memory has are refused, and never looked at.
  const auto far = std::numeric_limits<std::size_t>::max() / 4;
  CHECK_FAILS(SECIMG_ERR_INVALID_ARGUMENT, encrypt_frame(sealing, description(), frame_view::at(memory.data(), layout, far)));
  CHECK_FAILS(SECIMG_ERR_INVALID_ARGUMENT, frame_layout().bytes());
  CHECK_FAILS(SECIMG_ERR_INVALID_ARGUMENT,
              encrypt_frame(sealing, description(), frame_view::at(memory.data(), frame_layout(0, 0, sample_type::u8))));
  // With decoders and without: it is not said what three samples of a pixel mean.
  CHECK_FAILS(SECIMG_ERR_UNSUPPORTED, make_preview(frame_view::of(memory.data(), 20, 10, 3)));
  auto what = NEED(description::create());
  NEED(what.set_format("raw", "application/octet-stream"));
  CHECK_FAILS(SECIMG_ERR_INVALID_ARGUMENT, encrypt_frame(sealing, what, frame_view(layout, all)));

  const auto file = NEED(encrypt(sealing, sample_image(1200)));
  auto reader = NEED(secimg::reader::open_memory(with, file));
  std::vector<std::uint16_t> into(600, 5);
  CHECK(!reader.manifest().frame_layout() && !manifest_view().frame_layout());
  CHECK_FAILS(SECIMG_ERR_INVALID_ARGUMENT, reader.read_frame(frame_place::of(into.data(), 20, 30)));
}

}  // namespace

int main() {
  const auto key = NEED(symmetric_key::generate());
  const auto sealing = sealing_for(key);
  const auto with = opening_with(key);
  every_way<std::uint8_t>(sealing, with, sample_type::u8);
  every_way<std::uint16_t>(sealing, with, sample_type::u16);
  every_way<std::int16_t>(sealing, with, sample_type::i16);
  every_way<float>(sealing, with, sample_type::f32);
  series(sealing, with);
  refusals(sealing, with);
}
