// SPDX-License-Identifier: MIT OR Apache-2.0
// Part of <secimg.hpp>: images without their metadata.
#ifndef SECIMG_CPP_STRIP_HPP
#define SECIMG_CPP_STRIP_HPP

#include "handle.hpp"

namespace secimg {
inline namespace SECIMG_CPP_MODE {

/// Something that was removed from an image file.
struct removed_part {
  std::string_view what;   ///< "exif", "xmp", "iptc", "thumbnail", "text", "time", "second_image", "provenance", "other" or "trailing"
  std::size_t offset = 0;  ///< where it began in the file, in bytes
  std::size_t bytes = 0;   ///< how many it had, with its own header
};

/// An image without its metadata, which is wiped with this object.
class stripped : public detail::handle<secimg_stripped, secimg_stripped_free> {
 public:
  using handle::handle;

  /// The image, which shows the same pixels. It belongs to this object and lives as long.
  [[nodiscard]] outcome<bytes_view> image() const {
    return detail::take_view(
        [&](const std::uint8_t **data, std::size_t *size) { return secimg_stripped_image(native_handle(), data, size); });
  }
  /// In the order of the file. The words live as long as the program.
  std::vector<removed_part> removed() const {
    std::vector<removed_part> all;
    for (std::size_t index = 0; index < secimg_stripped_count(native_handle()); ++index) {
      all.push_back({detail::view_of(secimg_stripped_what(native_handle(), index)), secimg_stripped_offset(native_handle(), index),
                     secimg_stripped_bytes(native_handle(), index)});
    }
    return all;
  }
};

/// Removes what a JPEG, PNG or WebP tells beside its pixels, which stay as they are. What it cannot walk through is refused.
[[nodiscard]] inline outcome<stripped> strip(bytes_view image) {
  return detail::make<stripped>([&](secimg_stripped **out) { return secimg_strip(image.data(), image.size(), out); });
}

}  // namespace SECIMG_CPP_MODE
}  // namespace secimg

#endif
