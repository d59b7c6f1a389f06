// What can be seen as bytes, and what cannot by mistake; memory that is wiped.
#include <secimg.h>

#include <algorithm>
#include <cstdlib>
#include <vector>

/// The sizes of the blocks that were wiped. The header's calls of secimg_memzero come here.
static std::vector<std::size_t> wiped;

static void wipe_and_tell(void *memory, std::size_t size) {
  secimg_memzero(memory, size);
  const auto *bytes = static_cast<const unsigned char *>(memory);
  if (!std::all_of(bytes, bytes + size, [](unsigned char byte) { return byte == 0; })) std::abort();
  wiped.push_back(size);
}
#define secimg_memzero wipe_and_tell

#include "streams.hpp"

#include <array>
#include <cstddef>
#include <cstring>
#include <type_traits>
#if __cplusplus >= 202002L
#include <span>
#endif

namespace {

using namespace secimg;

template <class T>
constexpr bool seen = std::is_convertible_v<T, bytes_view>;
template <class T>
constexpr bool written = std::is_convertible_v<T, mutable_bytes>;

static_assert(seen<std::vector<std::uint8_t>> && seen<std::vector<std::byte>> && seen<const std::vector<char> &> && seen<secure_bytes>);
static_assert(seen<std::string> && seen<std::string_view> && seen<std::array<std::uint8_t, 4>> && seen<const std::uint8_t (&)[4]>);
static_assert(!seen<std::vector<std::uint16_t>> && !seen<std::vector<bool>> && !seen<std::array<bool, 4>> && !seen<std::uint8_t *>);
static_assert(!seen<const char (&)[5]> && !seen<char (&)[5]> && !seen<const char *>);  // with or without the NUL?
static_assert(written<std::vector<std::uint8_t> &> && written<secure_bytes &> && written<std::uint8_t (&)[4]>);
static_assert(!written<const std::vector<std::uint8_t> &> && !written<std::string_view &> && !written<std::vector<std::uint16_t> &>);
#if __cplusplus >= 202002L
static_assert(seen<std::span<const std::byte>> && seen<std::span<std::uint8_t>> && seen<std::span<const std::uint8_t, 4>>);
static_assert(!seen<std::span<const float>> && written<std::span<std::byte> &> && !written<std::span<const std::byte> &>);
static_assert(seen<std::u8string>);
#endif

void typed_values() {
  std::uint16_t pixels[] = {0x0102, 0x0304, 0x0506};
  const auto view = bytes_view::of(pixels, 3);
  CHECK(view.size() == 6 && std::memcmp(view.data(), pixels, 6) == 0);
  CHECK(view.without_first(4).size() == 2 && view.without_first(6).empty() && view.without_first(7).empty());
  CHECK(bytes_view().empty() && bytes_view(std::string_view("abc")).size() == 3);

  const auto key = NEED(symmetric_key::generate());
  const auto sealed = NEED(encrypt(sealing_for(key), view));
  std::vector<std::uint16_t> back(sealed.size());  // room as decrypt_into asks for
  CHECK(NEED(decrypt_into(opening_with(key), sealed, mutable_bytes::of(back.data(), back.size()))) == 6);
  CHECK(std::equal(pixels, pixels + 3, back.begin()));
}

void wiped_memory() {
  {
    secure_bytes secret(4800, 0x77);
    CHECK(wiped.empty());
    secret.insert(secret.end(), 5000, 0x78);  // grows out of its memory
    CHECK((wiped == std::vector<std::size_t>{4800}) && secret[4799] == 0x77 && secret[4800] == 0x78);
    secret.resize(1);  // the rest stays its own until it goes
    secure_bytes other(30, 0x79);
    const secure_bytes moved = std::move(other);
    CHECK(wiped.size() == 1 && moved.size() == 30 && moved.get_allocator() == secret.get_allocator());
  }
  CHECK(wiped.size() == 3 && wiped[1] == 30 && wiped[2] >= 9800);  // each block whole, and once

  std::vector<std::uint32_t, secure_allocator<std::uint32_t>>(10, 1);
  CHECK(wiped.back() == 40);
}

}  // namespace

int main() {
  typed_values();
  wiped.clear();
  wiped_memory();
}
