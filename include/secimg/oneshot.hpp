// SPDX-License-Identifier: MIT OR Apache-2.0
// Part of <secimg.hpp>: all at once, in memory.
#ifndef SECIMG_CPP_ONESHOT_HPP
#define SECIMG_CPP_ONESHOT_HPP

#include "report.hpp"

#include <algorithm>

namespace secimg {
inline namespace SECIMG_CPP_MODE {

/// What decrypt gives. All of it is Verified.
struct decrypted {
  secure_bytes image;
  secimg::report report;
};

/// All images of a stream, Verified. Their bytes are wiped with this object.
class opened : public detail::handle<secimg_opened, secimg_opened_free> {
 public:
  using handle::handle;

  std::size_t count() const noexcept { return secimg_opened_count(native_handle()); }
  /// The bytes of one image. They belong to this object and live as long.
  [[nodiscard]] outcome<bytes_view> image(std::size_t index) const {
    return detail::take_view(
        [&](const std::uint8_t **data, std::size_t *size) { return secimg_opened_image(native_handle(), index, data, size); });
  }
  /// Copies a raw frame into memory of the caller's, with its stride and in its byte order.
  outcome<void> copy_frame(std::size_t index, const frame_place &into) const {
    return detail::deliver(
        secimg_opened_copy_frame(native_handle(), index, into.layout(), into.samples(), into.size(), into.stride()));
  }
  /// Lives as long as this object; empty beyond the end.
  manifest_view manifest(std::size_t index) const noexcept {
    return manifest_view(secimg_opened_manifest(native_handle(), index));
  }
  /// Lives as long as this object.
  report_view report() const noexcept { return report_view(secimg_opened_report(native_handle())); }
};

/// The exact length of the stream that encrypt makes, or a sealer with one item of known length. `prefix` are the image's first bytes:
/// SECIMG_SNIFF_LEN of them, or all.
[[nodiscard]] inline outcome<std::uint64_t> sealed_size(const seal_options &options, const description &what, bytes_view prefix,
                                                        std::uint64_t image_size) {
  return detail::take<std::uint64_t>([&](std::uint64_t &out) {
    return secimg_sealed_size(options.native_handle(), what.native_handle(), prefix.data(), prefix.size(), image_size, &out);
  });
}

/// Seals one image into memory of the caller's, and gives the stream's length. Memory of sealed_size bytes suffices.
[[nodiscard]] inline outcome<std::size_t> encrypt_into(const seal_options &options, const description &what, bytes_view image,
                                                       mutable_bytes out) {
  return detail::take<std::size_t>([&](std::size_t &size) {
    return secimg_encrypt(options.native_handle(), what.native_handle(), image.data(), image.size(), out.data(), out.size(), &size);
  });
}

/// Seals one image. An empty `what` (`description()`) leaves it to the image's first bytes.
[[nodiscard]] inline outcome<std::vector<std::uint8_t>> encrypt(const seal_options &options, const description &what, bytes_view image) {
  using sealed = std::vector<std::uint8_t>;
  return detail::take<sealed>([&](sealed &stream) -> secimg_status {
    std::uint64_t exact = 0;
    const std::size_t prefix = std::min<std::size_t>(image.size(), SECIMG_SNIFF_LEN);
    const secimg_status status =
        secimg_sealed_size(options.native_handle(), what.native_handle(), image.data(), prefix, image.size(), &exact);
    if (status != SECIMG_OK) return status;
    if (exact > stream.max_size()) return SECIMG_ERR_LIMIT;
    stream.resize(static_cast<std::size_t>(exact));
    std::size_t size = 0;
    return secimg_encrypt(options.native_handle(), what.native_handle(), image.data(), image.size(), stream.data(), stream.size(), &size);
  });
}

/// Seals one image, of which its first bytes say what it is.
[[nodiscard]] inline outcome<std::vector<std::uint8_t>> encrypt(const seal_options &options, bytes_view image) {
  return encrypt(options, description(), image);
}

/// Opens a stream with one image. Gives nothing but what is Verified.
[[nodiscard]] inline outcome<decrypted> decrypt(const open_options &options, bytes_view sealed) {
  return detail::take<decrypted>([&](decrypted &out) {
    std::size_t size = sealed.size();  // no image is longer than its stream, but a raw frame that was compressed
    secimg_report *raw = nullptr;
    secimg_status status = SECIMG_ERR_BUFFER_TOO_SMALL;
    for (int tries = 0; tries < 2 && status == SECIMG_ERR_BUFFER_TOO_SMALL; ++tries) {
      out.image.resize(size);
      status = secimg_decrypt(options.native_handle(), sealed.data(), sealed.size(), out.image.data(), out.image.size(), &size, &raw);
    }
    out.report = report(raw);
    out.image.resize(status == SECIMG_OK ? size : 0);
    return status;
  });
}

/// The same into memory of the caller's; gives the image's length. `sealed.size()` bytes suffice, but for a raw frame that was compressed.
[[nodiscard]] inline outcome<std::size_t> decrypt_into(const open_options &options, bytes_view sealed, mutable_bytes out,
                                                       report *verified = nullptr) {
  return detail::take<std::size_t>([&](std::size_t &size) {
    secimg_report *raw = nullptr;
    const secimg_status status = secimg_decrypt(options.native_handle(), sealed.data(), sealed.size(), out.data(), out.size(), &size,
                                                verified == nullptr ? nullptr : &raw);
    if (verified != nullptr) *verified = report(raw);
    return status;
  });
}

/// Opens a stream with any number of images. Gives nothing but what is Verified.
[[nodiscard]] inline outcome<opened> decrypt_all(const open_options &options, bytes_view sealed) {
  return detail::make<opened>(
      [&](secimg_opened **out) { return secimg_decrypt_all(options.native_handle(), sealed.data(), sealed.size(), out); });
}

/// Verifies all of a stream and keeps nothing of it.
[[nodiscard]] inline outcome<report> verify(const open_options &options, bytes_view sealed) {
  return detail::make<report>(
      [&](secimg_report **out) { return secimg_verify(options.native_handle(), sealed.data(), sealed.size(), out); });
}

/// The same stream for other recipients: the content key stays, and so does the signature. It takes no access away from a former
/// recipient who kept the key or the old stream.
[[nodiscard]] inline outcome<std::vector<std::uint8_t>> rewrap(const open_options &options, const recipients &to, bytes_view sealed) {
  return detail::take_buffer<std::vector<std::uint8_t>>([&](secimg_buf *out) {
    return secimg_rewrap(options.native_handle(), to.native_handle(), sealed.data(), sealed.size(), out);
  });
}

/// A small picture of an image, for description::set_preview: JPEG or PNG, of 512 pixels and 64 KiB at most.
[[nodiscard]] inline outcome<std::vector<std::uint8_t>> make_preview(bytes_view image) {
  return detail::take_buffer<std::vector<std::uint8_t>>(
      [&](secimg_buf *out) { return secimg_make_preview(image.data(), image.size(), out); });
}

/// The same of a raw frame. Samples of more than 8 bits that are no colours are shown from their darkest to their brightest.
[[nodiscard]] inline outcome<std::vector<std::uint8_t>> make_preview(const frame_view &frame) {
  return detail::take_buffer<std::vector<std::uint8_t>>([&](secimg_buf *out) {
    return secimg_make_frame_preview(frame.layout(), frame.samples(), frame.size(), frame.stride(), out);
  });
}

/// What anybody can see of a stream, without a key.
[[nodiscard]] inline outcome<survey> inspect(bytes_view sealed) {
  return detail::make<survey>([&](secimg_survey **out) { return secimg_inspect(sealed.data(), sealed.size(), out); });
}

/// The library's version, that was found at run time.
inline std::string_view version() noexcept { return secimg_version_string(); }

}  // namespace SECIMG_CPP_MODE
}  // namespace secimg

#endif
