// SPDX-License-Identifier: MIT OR Apache-2.0
// Part of <secimg.hpp>: errors, and the one place where the two ways of reporting them differ.
#ifndef SECIMG_CPP_ERROR_HPP
#define SECIMG_CPP_ERROR_HPP

#include <secimg.h>

#include <cstdlib>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

static_assert(SECIMG_ABI_VERSION == 1, "secimg.hpp is older or newer than the secimg.h beside it");

#if defined(__cpp_exceptions) || defined(_CPPUNWIND)
#define SECIMG_CPP_CAN_CATCH 1
#else
#define SECIMG_CPP_CAN_CATCH 0
#ifndef SECIMG_NO_EXCEPTIONS
#define SECIMG_NO_EXCEPTIONS
#endif
#endif

// The two modes have different return types under the same names. They live in different inline namespaces,
// so that a program whose files disagree about the mode still has one definition of each function.
#ifdef SECIMG_NO_EXCEPTIONS
#define SECIMG_CPP_MODE status_mode
#else
#define SECIMG_CPP_MODE exception_mode
#endif

namespace secimg {
inline namespace SECIMG_CPP_MODE {

/// What a failed call left: its status and a sentence for people. Neither ever holds key or image bytes.
struct failure {
  secimg_status status = SECIMG_OK;
  std::string message;
};

#ifdef SECIMG_NO_EXCEPTIONS

/// What a fallible function returns without exceptions: a value, or a status and a message.
template <class T>
class [[nodiscard]] result {
 public:
  result(T value) : value_(std::move(value)) {}
  result(failure why) : failure_(std::move(why)) {}

  /// True where there is a value.
  explicit operator bool() const noexcept { return value_.has_value(); }
  /// SECIMG_OK where there is a value.
  secimg_status status() const noexcept { return failure_.status; }
  /// Empty where there is a value.
  const std::string &message() const noexcept { return failure_.message; }

  /// The value. Asking a failed result for it is a bug of the caller and ends the program.
  T &value() & { return checked(); }
  const T &value() const & { return const_cast<result *>(this)->checked(); }
  T &&value() && { return std::move(checked()); }
  T &operator*() & { return checked(); }
  T &&operator*() && { return std::move(checked()); }
  T *operator->() { return &checked(); }

 private:
  T &checked() {
    if (!value_) std::abort();
    return *value_;
  }
  std::optional<T> value_;
  failure failure_;
};

/// The same for functions that have nothing to give but success.
template <>
class [[nodiscard]] result<void> {
 public:
  result() = default;
  result(failure why) : failure_(std::move(why)) {}
  explicit operator bool() const noexcept { return failure_.status == SECIMG_OK; }
  secimg_status status() const noexcept { return failure_.status; }
  const std::string &message() const noexcept { return failure_.message; }

 private:
  failure failure_;
};

/// What every fallible function returns: here a result<T>, with exceptions a plain T.
template <class T>
using outcome = result<T>;

#else

/// What every fallible function throws.
class error : public std::runtime_error {
 public:
  explicit error(const failure &why) : std::runtime_error(why.message), status_(why.status) {}
  /// One of SECIMG_ERR_*.
  secimg_status status() const noexcept { return status_; }

 private:
  secimg_status status_;
};

/// What every fallible function returns: here a plain T (failures are thrown as error), without exceptions a result<T>.
template <class T>
using outcome = T;

#endif

namespace detail {

/// The sentence of the call of this thread that has just failed with `status`.
inline failure last_failure(secimg_status status) {
  std::string text(secimg_last_error(nullptr, 0), '\0');
  if (text.empty()) return {status, secimg_status_text(status)};
  secimg_last_error(&text[0], text.size() + 1);
  return {status, std::move(text)};
}

#ifdef SECIMG_NO_EXCEPTIONS
template <class T>
outcome<T> refuse(failure why) {
  return why;
}
#else
template <class T>
[[noreturn]] outcome<T> refuse(const failure &why) {
  throw error(why);
}
#endif

/// A failure that this header found without asking the library.
template <class T>
outcome<T> refuse(secimg_status status, const char *message) {
  return refuse<T>(failure{status, message});
}

inline outcome<void> deliver(secimg_status status) {
  if (status != SECIMG_OK) return refuse<void>(last_failure(status));
  return outcome<void>();
}

template <class T>
outcome<T> deliver(secimg_status status, T &&value) {
  if (status != SECIMG_OK) return refuse<T>(last_failure(status));
  return std::forward<T>(value);
}

/// Whether the library that was found at run time is the one that this program was compiled for.
inline bool abi_matches() {
  static const bool matches = secimg_abi_version() == SECIMG_ABI_VERSION;
  return matches;
}

/// Calls `fill(T &)`, which answers with a status, and gives what it filled in.
template <class T, class Fill>
outcome<T> take(Fill &&fill) {
  if (!abi_matches()) {
    return refuse<T>(SECIMG_ERR_UNSUPPORTED, "libsecimg has another ABI version than this program was compiled for");
  }
  T value{};
  const secimg_status status = fill(value);
  return deliver<T>(status, std::move(value));
}

/// Calls `construct(native **)` and gives the handle in its class.
template <class Class, class Construct>
outcome<Class> make(Construct &&construct) {
  return take<Class>([&](Class &made) {
    typename Class::native_type *native = nullptr;
    const secimg_status status = construct(&native);
    made = Class(native);
    return status;
  });
}

/// Runs a callback of the caller's for the library: no exception may enter it, so one becomes `failed`.
template <class Value, class Function>
Value guarded(Value failed, Function &&function) noexcept {
#if SECIMG_CPP_CAN_CATCH
  try {
    return function();
  } catch (...) {
    return failed;
  }
#else
  static_cast<void>(failed);
  return function();
#endif
}

}  // namespace detail
}  // namespace SECIMG_CPP_MODE
}  // namespace secimg

#endif
