// SPDX-License-Identifier: MIT OR Apache-2.0
// Part of <secimg.hpp>: what all classes that own a handle of the C API have in common.
#ifndef SECIMG_CPP_HANDLE_HPP
#define SECIMG_CPP_HANDLE_HPP

#include "bytes.hpp"

#include <memory>

namespace secimg {
inline namespace SECIMG_CPP_MODE {
namespace detail {

/// Owns one handle of the C API. Moves and does not copy. What was moved from, or made without arguments, is empty: its fallible functions
/// fail with SECIMG_ERR_NULL_POINTER, and the others give zero, false or nothing.
///
/// Threads: functions that are const may be called by many threads at once; others by one at a time, whichever.
template <class Native, void (*Free)(Native *)>
class handle {
 public:
  using native_type = Native;

  handle() noexcept = default;
  /// Takes over a handle of the C API.
  explicit handle(Native *owned) noexcept : native_(owned) {}

  /// For calls of the C API; still owned by this object.
  Native *native_handle() noexcept { return native_.get(); }
  const Native *native_handle() const noexcept { return native_.get(); }
  /// Gives the handle away: the caller frees it. This object is empty afterwards.
  [[nodiscard]] Native *release() noexcept { return native_.release(); }
  /// False where this object is empty.
  explicit operator bool() const noexcept { return native_ != nullptr; }

 private:
  struct deleter {
    void operator()(Native *native) const noexcept { Free(native); }
  };
  std::unique_ptr<Native, deleter> native_;
};

using texts = handle<secimg_texts, secimg_texts_free>;

/// Runs `fill(secimg_texts **)` and gives the sentences as strings.
template <class Fill>
outcome<std::vector<std::string>> take_sentences(Fill &&fill) {
  return take<std::vector<std::string>>([&](std::vector<std::string> &sentences) {
    secimg_texts *raw = nullptr;
    const secimg_status status = fill(&raw);
    const texts owned(raw);
    if (status == SECIMG_OK) sentences = sentences_of(owned.native_handle());
    return status;
  });
}

/// Hands `callbacks` to the library for as long as it wants: `use(userdata, let_go)` passes them on and answers with a status.
///
/// The library calls `let_go` once where it took them over. Should it have refused them before that, they are freed here.
template <class Callbacks, class Use>
secimg_status lend(Callbacks callbacks, Use &&use) {
  using shared = std::shared_ptr<Callbacks>;
  const shared kept = std::make_shared<Callbacks>(std::move(callbacks));
  auto lent = std::make_unique<shared>(kept);
  void (*const let_go)(void *) = [](void *userdata) { delete static_cast<shared *>(userdata); };
  const secimg_status status = use(lent.get(), let_go);
  const bool library_has_it = status == SECIMG_OK || kept.use_count() == 1;
  if (library_has_it) static_cast<void>(lent.release());
  return status;
}

/// What `lend` lent, back from the library's pointer.
template <class Callbacks>
Callbacks &lent(void *userdata) noexcept {
  return **static_cast<std::shared_ptr<Callbacks> *>(userdata);
}

}  // namespace detail
}  // namespace SECIMG_CPP_MODE
}  // namespace secimg

#endif
