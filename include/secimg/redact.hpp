// SPDX-License-Identifier: MIT OR Apache-2.0
// Part of <secimg.hpp>: reversible redaction. Regions of a picture are filled, and what they showed is sealed.
#ifndef SECIMG_CPP_REDACT_HPP
#define SECIMG_CPP_REDACT_HPP

#include "report.hpp"

namespace secimg {
inline namespace SECIMG_CPP_MODE {

/// A rectangle of pixels of the picture as it is shown, from its top left corner.
struct rect {
  std::uint32_t x = 0;
  std::uint32_t y = 0;
  std::uint32_t width = 0;
  std::uint32_t height = 0;
};
inline bool operator==(const rect &a, const rect &b) noexcept {
  return a.x == b.x && a.y == b.y && a.width == b.width && a.height == b.height;
}
inline bool operator!=(const rect &a, const rect &b) noexcept { return !(a == b); }

/// What can be restored of a redacted picture.
enum class restores : std::uint32_t {
  nothing = 0,
  pixels = SECIMG_RESTORES_PIXELS,  ///< every pixel, in a PNG that is written anew
  file = SECIMG_RESTORES_FILE       ///< the original file, byte for byte
};

namespace detail {

/// The rectangles of `count`, each asked for with `get(index, secimg_rect *)`.
template <class Get>
std::vector<rect> rects_of(std::size_t count, Get &&get) {
  std::vector<rect> all;
  for (std::size_t index = 0; index < count; ++index) {
    secimg_rect one{};
    if (get(index, &one) == SECIMG_OK) all.push_back({one.x, one.y, one.width, one.height});
  }
  return all;
}

}  // namespace detail

/// What is to be redacted, and how: at first nothing, in black, for the pixels alone, with the sealed part in the picture.
class redaction : public detail::handle<secimg_redaction, secimg_redaction_free> {
 public:
  using handle::handle;

  [[nodiscard]] static outcome<redaction> create() {
    return detail::make<redaction>([](secimg_redaction **out) { return secimg_redaction_new(out); });
  }

  /// At least one pixel, and at most 1000 of them. It is clipped to the picture, in which some of it must lie.
  outcome<void> add(const rect &area) {
    return detail::deliver(secimg_redaction_add_rect(native_handle(), area.x, area.y, area.width, area.height));
  }
  /// A grey picture takes the colour's brightness.
  outcome<void> set_fill(std::uint8_t red, std::uint8_t green, std::uint8_t blue) {
    return detail::deliver(secimg_redaction_set_fill(native_handle(), red, green, blue));
  }
  /// Seals all of the original file, so that it can be restored byte for byte. For a JPEG it always is.
  outcome<void> set_whole(bool whole) { return detail::deliver(secimg_redaction_set_whole(native_handle(), whole ? 1 : 0)); }
  /// Leaves the sealed part out of the picture, for a file of its own. A JPEG's always is.
  outcome<void> set_beside(bool beside) { return detail::deliver(secimg_redaction_set_beside(native_handle(), beside ? 1 : 0)); }
};

/// A picture that was redacted. What it gives belongs to this object and lives as long.
class redacted : public detail::handle<secimg_redacted, secimg_redacted_free> {
 public:
  using handle::handle;

  /// The picture: a PNG.
  [[nodiscard]] outcome<bytes_view> image() const {
    return detail::take_view(
        [&](const std::uint8_t **data, std::size_t *size) { return secimg_redacted_image(native_handle(), data, size); });
  }
  /// The sealed part where it is not in the picture, for a file beside it; empty where it is.
  [[nodiscard]] outcome<bytes_view> beside() const {
    return detail::take_view(
        [&](const std::uint8_t **data, std::size_t *size) { return secimg_redacted_beside(native_handle(), data, size); });
  }
  std::uint32_t width() const noexcept { return secimg_redacted_width(native_handle()); }
  std::uint32_t height() const noexcept { return secimg_redacted_height(native_handle()); }
  /// What was filled: clipped to the picture, and in a JPEG grown to the blocks that it touches.
  std::vector<rect> rects() const {
    return detail::rects_of(secimg_redacted_rect_count(native_handle()),
                            [&](std::size_t index, secimg_rect *out) { return secimg_redacted_rect(native_handle(), index, out); });
  }
  secimg::restores restores() const noexcept { return static_cast<secimg::restores>(secimg_redacted_restores(native_handle())); }
  /// The length of the sealed part, wherever it is.
  std::size_t sealed_bytes() const noexcept { return secimg_redacted_sealed_bytes(native_handle()); }
  [[nodiscard]] outcome<digest> transfer_id() const {
    return detail::take<digest>([&](digest &out) { return secimg_redacted_transfer_id(native_handle(), out.data()); });
  }
};

/// A picture that was restored, Verified. What it gives belongs to this object and lives as long; the image is wiped with it.
class unredacted : public detail::handle<secimg_unredacted, secimg_unredacted_free> {
 public:
  using handle::handle;

  /// A PNG, or the original file.
  [[nodiscard]] outcome<bytes_view> image() const {
    return detail::take_view(
        [&](const std::uint8_t **data, std::size_t *size) { return secimg_unredacted_image(native_handle(), data, size); });
  }
  secimg::restores restores() const noexcept { return static_cast<secimg::restores>(secimg_unredacted_restores(native_handle())); }
  /// The original file's name, where all of it was sealed with one: not a path. For a file to write, take report().item(0).file_name().
  std::optional<std::string_view> name() const noexcept { return detail::optional_view_of(secimg_unredacted_name(native_handle())); }
  std::uint32_t width() const noexcept { return secimg_unredacted_width(native_handle()); }
  std::uint32_t height() const noexcept { return secimg_unredacted_height(native_handle()); }
  /// What had been filled.
  std::vector<rect> rects() const {
    return detail::rects_of(secimg_unredacted_rect_count(native_handle()),
                            [&](std::size_t index, secimg_rect *out) { return secimg_unredacted_rect(native_handle(), index, out); });
  }
  /// On the sealed part, its signer among it.
  report_view report() const noexcept { return report_view(secimg_unredacted_report(native_handle())); }
};

/// Redacts a PNG, BMP, TIFF or JPEG. Where the whole file is sealed, name, time and words of `what` are sealed with it.
[[nodiscard]] inline outcome<redacted> redact(const seal_options &options, const redaction &how, const description &what,
                                              bytes_view image) {
  return detail::make<redacted>([&](secimg_redacted **out) {
    return secimg_redact(options.native_handle(), how.native_handle(), what.native_handle(), image.data(), image.size(), out);
  });
}

/// The same, with nothing said of the file.
[[nodiscard]] inline outcome<redacted> redact(const seal_options &options, const redaction &how, bytes_view image) {
  return redact(options, how, description(), image);
}

/// Restores a redacted picture with the sealed part that is in it, or, where `beside` is not empty, with that. Gives nothing but what is
/// Verified and belongs to these very pixels.
[[nodiscard]] inline outcome<unredacted> unredact(const open_options &options, bytes_view picture, bytes_view beside = bytes_view()) {
  return detail::make<unredacted>([&](secimg_unredacted **out) {
    return secimg_unredact(options.native_handle(), picture.data(), picture.size(), beside.data(), beside.size(), out);
  });
}

/// The sealed part of a redacted PNG: a stream, for inspect or rewrap. It is a part of `png`, and nothing of it is proven.
[[nodiscard]] inline outcome<bytes_view> sealed_part(bytes_view png) {
  return detail::take_view(
      [&](const std::uint8_t **data, std::size_t *size) { return secimg_sealed_part(png.data(), png.size(), data, size); });
}

}  // namespace SECIMG_CPP_MODE
}  // namespace secimg

#endif
