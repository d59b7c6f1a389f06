// SPDX-License-Identifier: MIT OR Apache-2.0
// Part of <secimg.hpp>: views of bytes, memory that is wiped, texts and paths.
#ifndef SECIMG_CPP_BYTES_HPP
#define SECIMG_CPP_BYTES_HPP

#include "error.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <iterator>
#include <limits>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace secimg {
inline namespace SECIMG_CPP_MODE {
namespace detail {

template <class T>
using element_of = std::remove_pointer_t<decltype(std::data(std::declval<T &>()))>;

template <class T>
constexpr bool is_byte = sizeof(T) == 1 && std::is_trivially_copyable_v<T> && !std::is_same_v<std::remove_cv_t<T>, bool>;

template <class T, class = void>
constexpr bool holds_bytes = false;
template <class T>
constexpr bool holds_bytes<T, std::void_t<element_of<T>, decltype(std::size(std::declval<T &>()))>> = is_byte<element_of<T>>;

template <class T, class = void>
constexpr bool holds_writable_bytes = false;
template <class T>
constexpr bool holds_writable_bytes<T, std::enable_if_t<holds_bytes<T>>> = !std::is_const_v<element_of<T>>;

/// An array of char may be a text or bytes, with or without a NUL at the end: it is not guessed which.
template <class T>
constexpr bool is_char_array = std::is_array_v<T> && std::is_same_v<std::remove_cv_t<std::remove_extent_t<T>>, char>;

}  // namespace detail

/// Bytes of somebody else's that are read: a pointer and a length.
///
/// Made without a word from every contiguous container of one-byte elements: std::vector<uint8_t>, std::string, std::string_view,
/// std::array<std::byte, N>, uint8_t[N], and std::span<const uint8_t> in C++20. Texts in quotes need a word:
/// `std::string_view("text")`. The bytes must outlive the call, and nothing longer where not said otherwise.
class bytes_view {
 public:
  constexpr bytes_view() noexcept = default;
  constexpr bytes_view(const std::uint8_t *data, std::size_t size) noexcept : data_(data), size_(size) {}

  template <class T, std::enable_if_t<detail::holds_bytes<const T> && !detail::is_char_array<T>, int> = 0>
  bytes_view(const T &container) noexcept
      : data_(reinterpret_cast<const std::uint8_t *>(std::data(container))), size_(std::size(container)) {}

  template <class T, std::enable_if_t<detail::is_char_array<T>, int> = 0>
  bytes_view(const T &array) = delete;  // say std::string_view(text), or bytes_view::of(array, count)

  /// The bytes of `count` values as they lie in memory: pixels of 16 bits, for instance, in this machine's byte order.
  template <class T>
  static bytes_view of(const T *values, std::size_t count) noexcept {
    static_assert(std::is_trivially_copyable_v<T>, "only plain values can be seen as bytes");
    return {reinterpret_cast<const std::uint8_t *>(values), count * sizeof(T)};
  }

  constexpr const std::uint8_t *data() const noexcept { return data_; }
  constexpr std::size_t size() const noexcept { return size_; }
  constexpr bool empty() const noexcept { return size_ == 0; }
  constexpr const std::uint8_t *begin() const noexcept { return data_; }
  constexpr const std::uint8_t *end() const noexcept { return data_ + size_; }

  /// All but the first `count` bytes; nothing where there are no more.
  constexpr bytes_view without_first(std::size_t count) const noexcept {
    return count < size_ ? bytes_view(data_ + count, size_ - count) : bytes_view();
  }

 private:
  const std::uint8_t *data_ = nullptr;
  std::size_t size_ = 0;
};

/// Memory of somebody else's that is written: a pointer and a length.
class mutable_bytes {
 public:
  constexpr mutable_bytes() noexcept = default;
  constexpr mutable_bytes(std::uint8_t *data, std::size_t size) noexcept : data_(data), size_(size) {}

  template <class T, std::enable_if_t<detail::holds_writable_bytes<T>, int> = 0>
  mutable_bytes(T &container) noexcept
      : data_(reinterpret_cast<std::uint8_t *>(std::data(container))), size_(std::size(container)) {}

  /// The memory of `count` values: pixels of 16 bits, for instance, in this machine's byte order.
  template <class T>
  static mutable_bytes of(T *values, std::size_t count) noexcept {
    static_assert(std::is_trivially_copyable_v<T>, "only plain values can be seen as bytes");
    return {reinterpret_cast<std::uint8_t *>(values), count * sizeof(T)};
  }

  constexpr std::uint8_t *data() const noexcept { return data_; }
  constexpr std::size_t size() const noexcept { return size_; }
  constexpr bool empty() const noexcept { return size_ == 0; }
  constexpr std::uint8_t *begin() const noexcept { return data_; }
  constexpr std::uint8_t *end() const noexcept { return data_ + size_; }

 private:
  std::uint8_t *data_ = nullptr;
  std::size_t size_ = 0;
};

/// Memory that is wiped before it is given back, also when a vector grows out of it.
template <class T>
class secure_allocator {
 public:
  using value_type = T;
  using is_always_equal = std::true_type;
  using propagate_on_container_move_assignment = std::true_type;

  secure_allocator() noexcept = default;
  template <class U>
  secure_allocator(const secure_allocator<U> &) noexcept {}

  T *allocate(std::size_t count) { return std::allocator<T>().allocate(count); }
  void deallocate(T *memory, std::size_t count) noexcept {
    secimg_memzero(memory, count * sizeof(T));
    std::allocator<T>().deallocate(memory, count);
  }

  template <class U>
  bool operator==(const secure_allocator<U> &) const noexcept {
    return true;
  }
  template <class U>
  bool operator!=(const secure_allocator<U> &) const noexcept {
    return false;
  }
};

/// Opened images and secret keys: a vector whose memory is wiped.
using secure_bytes = std::vector<std::uint8_t, secure_allocator<std::uint8_t>>;

/// A fingerprint, a transfer id or a SHA-256.
using digest = std::array<std::uint8_t, SECIMG_FINGERPRINT_LEN>;
/// By this a recipient is found in a stream. It is salted: the same key has another one in each stream.
using key_id = std::array<std::uint8_t, SECIMG_KEY_ID_LEN>;

/// A text or a path in UTF-8 for the library, which wants a NUL at its end and none within. Narrow strings are UTF-8 on Windows too.
class text {
 public:
  text(const char *utf8) : value_(utf8 == nullptr ? "" : utf8) {}
  text(std::string utf8) : value_(std::move(utf8)) {}
  text(std::string_view utf8) : value_(utf8) {}
  text(const std::filesystem::path &path) : value_(utf8_of(path)) {}

  /// Whether C would see this text cut off at a NUL within. Functions that take texts refuse it.
  bool cut() const noexcept { return value_.find('\0') != std::string::npos; }
  const char *c_str() const noexcept { return value_.c_str(); }

 private:
  static std::string utf8_of(const std::filesystem::path &path) {
    const auto encoded = path.u8string();  // std::string in C++17, std::u8string in C++20
    return std::string(encoded.begin(), encoded.end());
  }
  std::string value_;
};

namespace detail {

/// Texts of the library: NULL means none.
inline std::string_view view_of(const char *text) noexcept { return text == nullptr ? std::string_view() : std::string_view(text); }

inline std::optional<std::string_view> optional_view_of(const char *text) noexcept {
  if (text == nullptr) return std::nullopt;
  return std::string_view(text);
}

template <class T>
outcome<T> refuse_cut() {
  return refuse<T>(SECIMG_ERR_INVALID_ARGUMENT, "a text or path has a NUL in it");
}

/// Runs `lend(const uint8_t **, size_t *)` and gives the bytes that it lent.
template <class Lend>
outcome<bytes_view> take_view(Lend &&lend) {
  return take<bytes_view>([&](bytes_view &out) {
    const std::uint8_t *data = nullptr;
    std::size_t size = 0;
    const secimg_status status = lend(&data, &size);
    out = bytes_view(data, size);
    return status;
  });
}

/// Copies what the library allocated into a container of the caller's, and gives it back.
template <class Container, class Fill>
outcome<Container> take_buffer(Fill &&fill) {
  struct owned {
    secimg_buf buf = {nullptr, 0};
    ~owned() {
      if (buf.data != nullptr) secimg_buf_free(&buf);  // a needless call could replace the text of a failure
    }
  };
  return take<Container>([&](Container &copy) {
    owned memory;
    const secimg_status status = fill(&memory.buf);
    if (status == SECIMG_OK) copy.assign(memory.buf.data, memory.buf.data + memory.buf.len);
    return status;
  });
}

/// Asks `fill(buffer, capacity)` in the manner of snprintf for a text's length, then for the text.
template <class Fill>
std::string whole_text(Fill &&fill) {
  std::string whole(fill(nullptr, 0), '\0');
  if (!whole.empty()) fill(&whole[0], whole.size() + 1);
  return whole;
}

/// A list of sentences of the library's, as one of the caller's.
inline std::vector<std::string> sentences_of(const secimg_texts *texts) {
  std::vector<std::string> sentences;
  for (std::size_t index = 0; index < secimg_texts_count(texts); ++index) {
    sentences.emplace_back(view_of(secimg_texts_get(texts, index)));
  }
  return sentences;
}

}  // namespace detail
}  // namespace SECIMG_CPP_MODE
}  // namespace secimg

#endif
