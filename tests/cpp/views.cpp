// What can be seen as bytes, and what cannot by mistake; memory that is wiped.
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

/// How many of the blocks of this size that were given back were not wiped, and how many were.
constexpr std::size_t watched_size = 4800;
std::size_t unwiped = 0, wiped = 0;

void look_at(const void *memory, std::size_t size) noexcept {
  if (size != watched_size) return;
  const auto *bytes = static_cast<const std::uint8_t *>(memory);
  (std::all_of(bytes, bytes + size, [](std::uint8_t byte) { return byte == 0; }) ? wiped : unwiped) += 1;
}

void wiped_memory() {
  {
    secure_bytes secret(watched_size, 0x77);
    secret.insert(secret.end(), 5000, 0x78);  // grows out of its memory
    CHECK(wiped == 1 && secret[watched_size - 1] == 0x77 && secret[watched_size] == 0x78);
    secure_bytes other(watched_size, 0x79);
    const secure_bytes moved = std::move(other);
    CHECK(wiped == 1 && moved.size() == watched_size && moved.get_allocator() == secret.get_allocator());
  }
  CHECK(wiped == 2 && unwiped == 0);
  { const std::vector<std::uint8_t> not_secret(watched_size, 0x77); }
  CHECK(wiped == 2 && unwiped == 1);  // what shows that the test can see it
}

}  // namespace

// All memory of this program comes from here, with its size before it, so that it can be looked at when it is given back.
constexpr std::size_t before = alignof(std::max_align_t);

void *operator new(std::size_t size) {
  auto *const block = static_cast<std::uint8_t *>(std::malloc(before + size));
  CHECK(block != nullptr);
  std::memcpy(block, &size, sizeof size);
  return block + before;
}
void operator delete(void *memory) noexcept {
  if (memory == nullptr) return;
  auto *const block = static_cast<std::uint8_t *>(memory) - before;
  std::size_t size = 0;
  std::memcpy(&size, block, sizeof size);
  look_at(memory, size);
  std::free(block);
}
void operator delete(void *memory, std::size_t) noexcept { operator delete(memory); }

int main() {
  typed_values();
  wiped_memory();
}
