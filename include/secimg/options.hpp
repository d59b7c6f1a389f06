// SPDX-License-Identifier: MIT OR Apache-2.0
// Part of <secimg.hpp>: how to seal, how to open, and what an image is said to be. All copy what they are given.
#ifndef SECIMG_CPP_OPTIONS_HPP
#define SECIMG_CPP_OPTIONS_HPP

#include <chrono>

#include "parties.hpp"

namespace secimg {
inline namespace SECIMG_CPP_MODE {

enum class suite : std::uint32_t {
  aes_256_cbc_hmac_sha_256 = SECIMG_SUITE_AES_256_CBC_HMAC_SHA_256,  ///< the default
  aes_256_gcm = SECIMG_SUITE_AES_256_GCM,
};

/// Called now and then by the functions that do all at once. False, or an exception, ends the call with SECIMG_ERR_CANCELLED.
using progress = std::function<bool(std::uint64_t done, std::uint64_t total)>;

namespace detail {

inline std::int32_t report_progress(void *userdata, std::uint64_t done, std::uint64_t total) {
  const auto &function = *static_cast<const progress *>(userdata);
  return guarded(false, [&] { return function(done, total); }) ? 0 : 1;
}

}  // namespace detail

/// How to seal, and for whom.
class seal_options : public detail::handle<secimg_seal_options, secimg_seal_options_free> {
 public:
  using handle::handle;

  [[nodiscard]] static outcome<seal_options> create(const recipients &to) {
    return detail::make<seal_options>([&](secimg_seal_options **out) { return secimg_seal_options_new(to.native_handle(), out); });
  }

  outcome<void> set_signer(const signer &by) { return detail::deliver(secimg_seal_options_set_signer(native_handle(), by.native_handle())); }
  /// Seconds since 1970; 0, as at first: the clock's, at sealing.
  outcome<void> set_signing_time(std::uint64_t seconds) {
    return detail::deliver(secimg_seal_options_set_signing_time(native_handle(), seconds));
  }
  /// What both sides know and the stream does not hold, a study's UID for instance: with another context it does not open.
  outcome<void> set_context(bytes_view context) {
    return detail::deliver(secimg_seal_options_set_context(native_handle(), context.data(), context.size()));
  }
  outcome<void> set_suite(suite which) {
    return detail::deliver(secimg_seal_options_set_suite(native_handle(), static_cast<std::uint32_t>(which)));
  }
  /// Chunks hold 2^log2 bytes of content, 12 to 23; at first 16.
  outcome<void> set_chunk_log2(std::uint32_t log2) { return detail::deliver(secimg_seal_options_set_chunk_log2(native_handle(), log2)); }
  /// Whether each image's SHA-256 is stored; at first true.
  outcome<void> set_digests(bool digests) { return detail::deliver(secimg_seal_options_set_digests(native_handle(), digests ? 1 : 0)); }
  /// Padmé padding: the stream's length says little of the images'; at first false.
  outcome<void> set_padded(bool padded) { return detail::deliver(secimg_seal_options_set_padded(native_handle(), padded ? 1 : 0)); }
  /// At most so many threads; at first 1, and always where the library was built without the feature parallel.
  outcome<void> set_threads(std::uint32_t threads) { return detail::deliver(secimg_seal_options_set_threads(native_handle(), threads)); }
  /// An empty function takes it back. This object keeps the function, which is called from the thread that seals.
  outcome<void> set_progress(progress function) {
    auto kept = function ? std::make_unique<progress>(std::move(function)) : nullptr;
    const secimg_status status = secimg_seal_options_set_progress(native_handle(), kept ? &detail::report_progress : nullptr, kept.get());
    if (status == SECIMG_OK) progress_ = std::move(kept);
    return detail::deliver(status);
  }
  /// Gives the handle away, without the progress function.
  [[nodiscard]] secimg_seal_options *release() noexcept {
    if (progress_) static_cast<void>(secimg_seal_options_set_progress(native_handle(), nullptr, nullptr));
    progress_.reset();
    return handle::release();
  }

 private:
  std::unique_ptr<progress> progress_;
};

/// With what to open, and what is required of a stream.
class open_options : public detail::handle<secimg_open_options, secimg_open_options_free> {
 public:
  using handle::handle;

  [[nodiscard]] static outcome<open_options> create() {
    return detail::make<open_options>([](secimg_open_options **out) { return secimg_open_options_new(out); });
  }

  /// Those whose key id stands in the stream are tried, in this order.
  outcome<void> add(const identity &opens_with) {
    return detail::deliver(secimg_open_options_add_identity(native_handle(), opens_with.native_handle()));
  }
  /// Nothing is given out but under a signature of one of these.
  outcome<void> require_signer(const trusted_signers &trusted) {
    return detail::deliver(secimg_open_options_require_signer(native_handle(), trusted.native_handle()));
  }
  /// Refuses what a required signer signed longer ago than `past`, or further ahead of the clock than `future`.
  outcome<void> set_signing_window(std::chrono::seconds past, std::chrono::seconds future) {
    const auto whole = [](std::chrono::seconds span) { return span.count() < 0 ? std::uint64_t{0} : static_cast<std::uint64_t>(span.count()); };
    return detail::deliver(secimg_open_options_set_signing_window(native_handle(), whole(past), whole(future)));
  }
  outcome<void> set_context(bytes_view context) {
    return detail::deliver(secimg_open_options_set_context(native_handle(), context.data(), context.size()));
  }
  outcome<void> set_max_stream_bytes(std::uint64_t bytes) {
    return detail::deliver(secimg_open_options_set_max_stream_bytes(native_handle(), bytes));
  }
  outcome<void> set_max_items(std::size_t items) { return detail::deliver(secimg_open_options_set_max_items(native_handle(), items)); }
  /// Promises that no output of an opener is used before opener::finish succeeds. An opener with a required signer starts only with it.
  outcome<void> set_spooled(bool spooled) { return detail::deliver(secimg_open_options_set_spooled(native_handle(), spooled ? 1 : 0)); }
  /// At most so many threads; at first 1, and always where the library was built without the feature parallel.
  outcome<void> set_threads(std::uint32_t threads) { return detail::deliver(secimg_open_options_set_threads(native_handle(), threads)); }
  /// An empty function takes it back. This object keeps the function, which is called from the thread that opens.
  outcome<void> set_progress(progress function) {
    auto kept = function ? std::make_unique<progress>(std::move(function)) : nullptr;
    const secimg_status status = secimg_open_options_set_progress(native_handle(), kept ? &detail::report_progress : nullptr, kept.get());
    if (status == SECIMG_OK) progress_ = std::move(kept);
    return detail::deliver(status);
  }
  /// Gives the handle away, without the progress function.
  [[nodiscard]] secimg_open_options *release() noexcept {
    if (progress_) static_cast<void>(secimg_open_options_set_progress(native_handle(), nullptr, nullptr));
    progress_.reset();
    return handle::release();
  }

 private:
  std::unique_ptr<progress> progress_;
};

/// The size of pictures in an item; 0 says nothing.
struct dimensions {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::uint32_t frames = 0;
  std::uint8_t channels = 0;
  std::uint8_t bits = 0;
};

/// What an image is said to be. Without a format, the image's first bytes are recognised.
class description : public detail::handle<secimg_description, secimg_description_free> {
 public:
  using handle::handle;

  [[nodiscard]] static outcome<description> create() {
    return detail::make<description>([](secimg_description **out) { return secimg_description_new(out); });
  }

  outcome<void> set_name(const text &name) {
    if (name.cut()) return detail::refuse_cut<void>();
    return detail::deliver(secimg_description_set_name(native_handle(), name.c_str()));
  }
  /// Seconds since 1970.
  outcome<void> set_time(std::int64_t seconds) { return detail::deliver(secimg_description_set_time(native_handle(), seconds)); }
  /// A small picture, which is sealed before the image: see make_preview. Empty takes it away.
  outcome<void> set_preview(bytes_view preview) {
    return detail::deliver(secimg_description_set_preview(native_handle(), preview.data(), preview.size()));
  }
  outcome<void> set_attribute(const text &name, const text &value) {
    if (name.cut() || value.cut()) return detail::refuse_cut<void>();
    return detail::deliver(secimg_description_set_attribute(native_handle(), name.c_str(), value.c_str()));
  }
  outcome<void> set_format(const text &format, const text &media_type) {
    if (format.cut() || media_type.cut()) return detail::refuse_cut<void>();
    return detail::deliver(secimg_description_set_format(native_handle(), format.c_str(), media_type.c_str()));
  }
  /// Only where set_format was called before.
  outcome<void> set_dimensions(const dimensions &of) {
    return detail::deliver(
        secimg_description_set_dimensions(native_handle(), of.width, of.height, of.frames, of.channels, of.bits));
  }
};

}  // namespace SECIMG_CPP_MODE
}  // namespace secimg

#endif
