// SPDX-License-Identifier: MIT OR Apache-2.0
// Part of <secimg.hpp>: raw frames, samples in memory of the caller's, as a camera, a modality or a cv::Mat has them.
#ifndef SECIMG_CPP_FRAME_HPP
#define SECIMG_CPP_FRAME_HPP

#include "options.hpp"

namespace secimg {
inline namespace SECIMG_CPP_MODE {

/// The type of a sample: Bits Allocated (0028,0100) and Pixel Representation (0028,0103) in one.
enum class sample_type : std::uint32_t {
  u8 = SECIMG_SAMPLE_U8,
  u16 = SECIMG_SAMPLE_U16,
  i16 = SECIMG_SAMPLE_I16,
  f32 = SECIMG_SAMPLE_F32
};

/// What the samples of a pixel mean, and in which order they stand: Photometric Interpretation (0028,0004), and OpenCV's orders.
enum class photometric : std::uint32_t {
  unspecified = SECIMG_PHOTOMETRIC_UNSPECIFIED,
  monochrome1 = SECIMG_PHOTOMETRIC_MONOCHROME1,  ///< the smallest value is white
  monochrome2 = SECIMG_PHOTOMETRIC_MONOCHROME2,  ///< the smallest value is black
  rgb = SECIMG_PHOTOMETRIC_RGB,
  ybr_full = SECIMG_PHOTOMETRIC_YBR_FULL,
  bgr = SECIMG_PHOTOMETRIC_BGR,
  rgba = SECIMG_PHOTOMETRIC_RGBA,
  bgra = SECIMG_PHOTOMETRIC_BGRA
};

/// The order of the bytes in a sample.
enum class byte_order : std::uint32_t {
  native = SECIMG_BYTE_ORDER_NATIVE,
  little = SECIMG_BYTE_ORDER_LITTLE,
  big = SECIMG_BYTE_ORDER_BIG
};

/// Whether samples are compressed, without loss, before they are sealed.
enum class compression : std::uint32_t {
  where_it_pays = SECIMG_COMPRESS_AUTO,
  never = SECIMG_COMPRESS_NEVER,
  always = SECIMG_COMPRESS_ALWAYS
};

namespace detail {

template <class T>
struct sample_type_of;
template <>
struct sample_type_of<std::uint8_t> : std::integral_constant<sample_type, sample_type::u8> {};
template <>
struct sample_type_of<std::uint16_t> : std::integral_constant<sample_type, sample_type::u16> {};
template <>
struct sample_type_of<std::int16_t> : std::integral_constant<sample_type, sample_type::i16> {};
template <>
struct sample_type_of<float> : std::integral_constant<sample_type, sample_type::f32> {};

}  // namespace detail

/// What the samples of a raw frame are, in the words of DICOM (PS3.3 C.7.6.3). The samples of a pixel stand together, pixels by rows.
struct frame_layout {
  std::uint32_t rows = 0;
  std::uint32_t columns = 0;
  secimg::sample_type sample_type = secimg::sample_type::u8;
  std::uint32_t samples_per_pixel = 0;  ///< 0: as many as `photometric` asks for, or else 1
  std::uint32_t bits_stored = 0;        ///< 0: all that the type has
  secimg::photometric photometric = secimg::photometric::unspecified;
  secimg::byte_order byte_order = secimg::byte_order::native;  ///< never native where a stream says it
  bool has_time = false;
  std::int64_t time = 0;  ///< nanoseconds since 1970, where it has one

  frame_layout() = default;
  frame_layout(std::uint32_t rows_, std::uint32_t columns_, secimg::sample_type type, std::uint32_t samples = 0) noexcept
      : rows(rows_), columns(columns_), sample_type(type), samples_per_pixel(samples) {}
  explicit frame_layout(const secimg_frame_layout &c) noexcept
      : rows(c.rows),
        columns(c.columns),
        sample_type(static_cast<secimg::sample_type>(c.sample_type)),
        samples_per_pixel(c.samples_per_pixel),
        bits_stored(c.bits_stored),
        photometric(static_cast<secimg::photometric>(c.photometric_interpretation)),
        byte_order(static_cast<secimg::byte_order>(c.byte_order)),
        has_time(c.has_time != 0),
        time(c.time) {}

  secimg_frame_layout native() const noexcept {
    secimg_frame_layout c{};
    c.struct_size = sizeof c;
    c.rows = rows;
    c.columns = columns;
    c.samples_per_pixel = samples_per_pixel;
    c.sample_type = static_cast<std::uint32_t>(sample_type);
    c.bits_stored = bits_stored;
    c.photometric_interpretation = static_cast<std::uint32_t>(photometric);
    c.byte_order = static_cast<std::uint32_t>(byte_order);
    c.has_time = has_time ? 1 : 0;
    c.time = time;
    return c;
  }
  /// How many bytes all samples have, without what may lie between rows. Fails for a layout that no frame has.
  [[nodiscard]] outcome<std::uint64_t> bytes() const {
    const secimg_frame_layout c = native();
    return detail::take<std::uint64_t>([&](std::uint64_t &out) { return secimg_frame_bytes(&c, &out); });
  }
};

namespace detail {

/// Memory whose rows begin `stride` bytes apart; 0 stands for rows without a gap.
template <class Memory, class Pointer>
class frame_in {
 public:
  frame_in(const frame_layout &layout, Memory samples, std::size_t stride = 0) noexcept
      : layout_(layout.native()), samples_(samples), stride_(stride) {}

  const secimg_frame_layout *layout() const noexcept { return &layout_; }
  Pointer samples() const noexcept { return samples_.data(); }
  std::size_t size() const noexcept { return samples_.size(); }
  std::size_t stride() const noexcept { return stride_; }

 protected:
  /// The span of the rows; 0, which is refused, where that cannot be.
  static std::size_t span_of(const frame_layout &layout, std::size_t stride) noexcept {
    const secimg_frame_layout c = layout.native();
    std::uint64_t packed = 0;
    if (secimg_frame_bytes(&c, &packed) != SECIMG_OK) return 0;
    const std::uint64_t row = packed / layout.rows;
    const std::uint64_t step = stride == 0 ? row : stride;
    const std::uint64_t gaps = layout.rows - 1;
    constexpr std::uint64_t most = std::numeric_limits<std::size_t>::max() / 2;
    if (gaps != 0 && step > (most - std::min(row, most)) / gaps) return 0;
    return static_cast<std::size_t>(step * gaps + row);
  }

 private:
  secimg_frame_layout layout_;
  Memory samples_;
  std::size_t stride_;
};

}  // namespace detail

/// A frame that is read: a layout, memory that is borrowed for one call, and how far apart its rows begin, in bytes. What lies between
/// rows is never read.
class frame_view : public detail::frame_in<bytes_view, const std::uint8_t *> {
 public:
  using frame_in::frame_in;

  /// A frame at `first`, of a cv::Mat or a frame grabber: its memory is taken to be as long as its rows span.
  static frame_view at(const void *first, const frame_layout &layout, std::size_t stride = 0) noexcept {
    return frame_view(layout, bytes_view(static_cast<const std::uint8_t *>(first), span_of(layout, stride)), stride);
  }
  /// Samples of a type of C++'s own.
  template <class T>
  static frame_view of(const T *first, std::uint32_t rows, std::uint32_t columns, std::uint32_t samples_per_pixel = 1,
                       std::size_t stride = 0) noexcept {
    return at(first, frame_layout(rows, columns, detail::sample_type_of<T>::value, samples_per_pixel), stride);
  }
};

/// A place that takes a frame. What lies between rows is never written; after a failure the samples are 0.
class frame_place : public detail::frame_in<mutable_bytes, std::uint8_t *> {
 public:
  using frame_in::frame_in;

  /// A place at `first`: its memory is taken to be as long as its rows span.
  static frame_place at(void *first, const frame_layout &layout, std::size_t stride = 0) noexcept {
    return frame_place(layout, mutable_bytes(static_cast<std::uint8_t *>(first), span_of(layout, stride)), stride);
  }
  /// Samples of a type of C++'s own.
  template <class T>
  static frame_place of(T *first, std::uint32_t rows, std::uint32_t columns, std::uint32_t samples_per_pixel = 1,
                        std::size_t stride = 0) noexcept {
    return at(first, frame_layout(rows, columns, detail::sample_type_of<T>::value, samples_per_pixel), stride);
  }
};

/// Seals one raw frame: its samples, and nothing of what lies between its rows. Several in one stream: sealer::add_frame.
[[nodiscard]] inline outcome<std::vector<std::uint8_t>> encrypt_frame(const seal_options &options, const description &what,
                                                                      const frame_view &frame,
                                                                      compression how = compression::where_it_pays) {
  return detail::take_buffer<std::vector<std::uint8_t>>([&](secimg_buf *out) {
    return secimg_encrypt_frame(options.native_handle(), what.native_handle(), frame.layout(), frame.samples(), frame.size(),
                                frame.stride(), static_cast<std::uint32_t>(how), out);
  });
}

}  // namespace SECIMG_CPP_MODE
}  // namespace secimg

#endif
