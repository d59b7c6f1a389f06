// What all C++ tests share. CHECK and CHECK_FAILS end the program with exit status 1.
#ifndef SECIMG_TESTS_CHECK_HPP
#define SECIMG_TESTS_CHECK_HPP

#include <secimg.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

/// Ends the program, and says where and what, unless the condition holds.
#define CHECK(condition)                                                            \
  do {                                                                              \
    if (!(condition)) {                                                             \
      std::fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);  \
      std::exit(1);                                                                 \
    }                                                                               \
  } while (false)

#ifdef SECIMG_NO_EXCEPTIONS

/// Ends the program unless the result is a failure of that status, with a message.
#define CHECK_FAILS(expected, expression)                                                                       \
  do {                                                                                                          \
    const auto tried_ = (expression);                                                                           \
    if (tried_.status() != (expected) || static_cast<bool>(tried_) || tried_.message().empty()) {               \
      std::fprintf(stderr, "%s:%d: %s: %s instead of %s: %s\n", __FILE__, __LINE__, #expression,                \
                   secimg_status_name(tried_.status()), secimg_status_name(expected), tried_.message().c_str()); \
      std::exit(1);                                                                                             \
    }                                                                                                           \
  } while (false)

/// The value, or the end of the program with the message. With exceptions the expression itself: one source serves both modes.
#define NEED(expression) need(expression)

/// The value of a result, or the end of the program with its message.
template <class T>
T need(secimg::result<T> tried) {
  if (!tried) {
    std::fprintf(stderr, "%s: %s\n", secimg_status_name(tried.status()), tried.message().c_str());
    std::exit(1);
  }
  return std::move(*tried);
}
inline void need(secimg::result<void> tried) {
  if (tried) return;
  std::fprintf(stderr, "%s: %s\n", secimg_status_name(tried.status()), tried.message().c_str());
  std::exit(1);
}

#else

/// Ends the program unless the expression throws secimg::error of that status, with a message.
#define CHECK_FAILS(expected, expression)                                                                      \
  do {                                                                                                         \
    secimg_status status_ = SECIMG_OK;                                                                         \
    std::string message_ = "nothing was thrown";                                                               \
    try {                                                                                                      \
      static_cast<void>(expression);                                                                           \
    } catch (const secimg::error &caught_) {                                                                   \
      status_ = caught_.status();                                                                              \
      message_ = caught_.what();                                                                               \
    }                                                                                                          \
    if (status_ != (expected) || message_.empty()) {                                                           \
      std::fprintf(stderr, "%s:%d: %s: %s instead of %s: %s\n", __FILE__, __LINE__, #expression,               \
                   secimg_status_name(status_), secimg_status_name(expected), message_.c_str());               \
      std::exit(1);                                                                                            \
    }                                                                                                          \
  } while (false)

#define NEED(expression) expression

#endif

/// Bytes that are the same on every run.
inline std::vector<std::uint8_t> sample_image(std::size_t size, std::uint32_t seed = 1) {
  std::vector<std::uint8_t> image(size);
  for (auto &byte : image) {
    seed = seed * 1664525u + 1013904223u;
    byte = static_cast<std::uint8_t>(seed >> 24);
  }
  return image;
}

template <class A, class B>
bool same_bytes(const A &a, const B &b) {
  return std::size(a) == std::size(b) && std::equal(std::begin(a), std::end(a), std::begin(b));
}

#endif
