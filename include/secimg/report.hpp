// SPDX-License-Identifier: MIT OR Apache-2.0
// Part of <secimg.hpp>: what a stream says about its images, what was verified of it, and what anybody can see.
#ifndef SECIMG_CPP_REPORT_HPP
#define SECIMG_CPP_REPORT_HPP

#include "frame.hpp"
#include "options.hpp"

namespace secimg {
inline namespace SECIMG_CPP_MODE {

/// What an image claims to be. Borrowed: it lives as long as what gave it, and no longer than that says.
/// The texts are the sender's; whether the sender is known is for the report to say.
class manifest_view {
 public:
  manifest_view() noexcept = default;
  explicit manifest_view(const secimg_manifest *native) noexcept : native_(native) {}

  const secimg_manifest *native_handle() const noexcept { return native_; }
  /// False where there is no item.
  explicit operator bool() const noexcept { return native_ != nullptr; }

  /// "dicom", "png", "opaque" and so on.
  std::string_view format() const noexcept { return detail::view_of(secimg_manifest_format(native_)); }
  std::string_view media_type() const noexcept { return detail::view_of(secimg_manifest_media_type(native_)); }
  /// As the sender gave it: not a path. For a file to write, take file_name.
  std::optional<std::string_view> name() const noexcept { return detail::optional_view_of(secimg_manifest_name(native_)); }
  /// The name as one plain file name that is safe on every platform; fails where it is not, or where there is none.
  [[nodiscard]] outcome<std::string> file_name() const {
    return detail::take<std::string>([&](std::string &out) {
      std::array<char, 1024> buffer{};  // more than the format allows for a name
      std::size_t length = 0;
      const secimg_status status = secimg_manifest_file_name(native_, buffer.data(), buffer.size(), &length);
      if (status == SECIMG_OK) out.assign(buffer.data(), length);
      return status;
    });
  }
  /// 0 where a size is not said.
  dimensions size() const noexcept {
    return {secimg_manifest_width(native_), secimg_manifest_height(native_), secimg_manifest_frames(native_),
            static_cast<std::uint8_t>(secimg_manifest_channels(native_)), static_cast<std::uint8_t>(secimg_manifest_bits(native_))};
  }
  /// Seconds since 1970.
  std::optional<std::int64_t> time() const noexcept {
    std::int64_t seconds = 0;
    if (!secimg_manifest_time(native_, &seconds)) return std::nullopt;
    return seconds;
  }
  std::size_t attribute_count() const noexcept { return secimg_manifest_attribute_count(native_); }
  /// Name and value; empty beyond the end.
  std::pair<std::string_view, std::string_view> attribute(std::size_t index) const noexcept {
    return {detail::view_of(secimg_manifest_attribute_name(native_, index)),
            detail::view_of(secimg_manifest_attribute_value(native_, index))};
  }
  std::optional<std::string_view> attribute(const text &name) const noexcept {
    if (name.cut()) return std::nullopt;
    return detail::optional_view_of(secimg_manifest_attribute(native_, name.c_str()));
  }
  /// What its samples are, where it is a raw frame.
  std::optional<secimg::frame_layout> frame_layout() const noexcept {
    secimg_frame_layout c{};
    c.struct_size = sizeof c;
    if (secimg_manifest_frame_layout(native_, &c) != SECIMG_OK) return std::nullopt;
    return secimg::frame_layout(c);
  }
  /// Gives a raw frame back from all bytes of its item, as an opener hands them out.
  outcome<void> restore_frame(bytes_view data, const frame_place &into) const {
    return detail::deliver(secimg_manifest_restore_frame(native_, data.data(), data.size(), into.layout(), into.samples(), into.size(),
                                                         into.stride()));
  }

 private:
  const secimg_manifest *native_ = nullptr;
};

/// How a signed stream's list of intended recipients relates to the one who opened it.
enum class intended : std::uint32_t {
  not_signed = 0,
  yes = SECIMG_INTENDED,
  no = SECIMG_NOT_INTENDED,   ///< normal after a rewrap
  unlisted = SECIMG_UNLISTED  ///< this kind of recipient is not listed
};

namespace detail {

/// What a report says, for the one that is owned and the one that is borrowed.
template <class Report>
class report_accessors {
 public:
  std::string_view suite() const noexcept { return view_of(secimg_report_suite(native())); }
  std::uint64_t chunks() const noexcept { return secimg_report_chunks(native()); }
  std::uint64_t stream_bytes() const noexcept { return secimg_report_stream_bytes(native()); }
  [[nodiscard]] outcome<digest> transfer_id() const {
    return take<digest>([&](digest &out) { return secimg_report_transfer_id(native(), out.data()); });
  }
  secimg::recipient_type recipient_type() const noexcept {
    return static_cast<secimg::recipient_type>(secimg_report_recipient_type(native()));
  }
  [[nodiscard]] outcome<key_id> recipient_key_id() const {
    return take<key_id>([&](key_id &out) { return secimg_report_recipient_key_id(native(), out.data()); });
  }
  /// signature_algorithm::none: not signed.
  secimg::signature_algorithm signature_algorithm() const noexcept {
    return static_cast<secimg::signature_algorithm>(secimg_report_signature_algorithm(native()));
  }
  /// The signer's fingerprint; fails with SECIMG_ERR_STATE where the stream is not signed.
  [[nodiscard]] outcome<digest> signer() const {
    return take<digest>([&](digest &out) { return secimg_report_signer(native(), out.data()); });
  }
  [[nodiscard]] outcome<public_key> signer_key() const {
    return make<public_key>([&](secimg_public_key **out) { return secimg_report_signer_key(native(), out); });
  }
  /// Seconds since 1970, 0 where not said.
  std::uint64_t signing_time() const noexcept { return secimg_report_signing_time(native()); }
  /// Whether the signer is one of those that were required. A valid signature by anybody else says nothing of whom.
  bool signer_trusted() const noexcept { return secimg_report_signer_trusted(native()); }
  secimg::intended intended() const noexcept { return static_cast<secimg::intended>(secimg_report_intended(native())); }
  std::size_t item_count() const noexcept { return secimg_report_item_count(native()); }
  /// Lives as long as this report; empty beyond the end.
  manifest_view item(std::size_t index) const noexcept { return manifest_view(secimg_report_item_manifest(native(), index)); }
  std::uint64_t item_bytes(std::size_t index) const noexcept { return secimg_report_item_bytes(native(), index); }
  [[nodiscard]] outcome<digest> item_sha256(std::size_t index) const {
    return take<digest>([&](digest &out) { return secimg_report_item_sha256(native(), index, out.data()); });
  }
  std::vector<std::string> warnings() const {
    std::vector<std::string> all;
    for (std::size_t index = 0; index < secimg_report_warning_count(native()); ++index) {
      all.emplace_back(view_of(secimg_report_warning(native(), index)));
    }
    return all;
  }

 private:
  const secimg_report *native() const noexcept { return static_cast<const Report *>(this)->native_handle(); }
};

}  // namespace detail

/// Only what is Verified has a report: the end was reached, all digests are right, and the signature of a required signer holds.
class report : public detail::handle<secimg_report, secimg_report_free>, public detail::report_accessors<report> {
 public:
  using handle::handle;
};

/// A report that belongs to another object, and lives as long.
class report_view : public detail::report_accessors<report_view> {
 public:
  report_view() noexcept = default;
  explicit report_view(const secimg_report *native) noexcept : native_(native) {}
  const secimg_report *native_handle() const noexcept { return native_; }
  explicit operator bool() const noexcept { return native_ != nullptr; }

 private:
  const secimg_report *native_ = nullptr;
};

/// What anybody can see of a stream without a key. Nothing of it is authenticated.
class survey : public detail::handle<secimg_survey, secimg_survey_free> {
 public:
  using handle::handle;

  std::uint32_t suite() const noexcept { return secimg_survey_suite(native_handle()); }
  std::string_view suite_name() const noexcept { return detail::view_of(secimg_survey_suite_name(native_handle())); }
  std::uint64_t chunk_size() const noexcept { return secimg_survey_chunk_size(native_handle()); }
  std::uint64_t chunks() const noexcept { return secimg_survey_chunks(native_handle()); }
  std::uint64_t stream_bytes() const noexcept { return secimg_survey_stream_bytes(native_handle()); }
  bool is_signed() const noexcept { return secimg_survey_is_signed(native_handle()); }
  [[nodiscard]] outcome<digest> transfer_id() const {
    return detail::take<digest>([&](digest &out) { return secimg_survey_transfer_id(native_handle(), out.data()); });
  }
  std::size_t recipient_count() const noexcept { return secimg_survey_recipient_count(native_handle()); }
  secimg::recipient_type recipient_type(std::size_t index) const noexcept {
    return static_cast<secimg::recipient_type>(secimg_survey_recipient_type(native_handle(), index));
  }
  [[nodiscard]] outcome<key_id> recipient_key_id(std::size_t index) const {
    return detail::take<key_id>([&](key_id &out) { return secimg_survey_recipient_key_id(native_handle(), index, out.data()); });
  }
};

}  // namespace SECIMG_CPP_MODE
}  // namespace secimg

#endif
