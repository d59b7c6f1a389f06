// Regions of a picture go and come back for who holds a key; metadata goes for good.
#include "streams.hpp"

#include <fstream>
#include <iterator>

namespace {

using namespace secimg;
using std::string_view;

constexpr std::uint32_t width = 20, height = 10;

/// A BMP of noise, of 24 bits and without compression, where one sample may be another.
std::vector<std::uint8_t> bmp(std::size_t changed = SIZE_MAX) {
  const std::size_t front = 54, row = width * 3;  // a multiple of 4
  auto file = sample_image(front + row * height);
  std::fill(file.begin(), file.begin() + front, std::uint8_t{0});
  const std::uint8_t header[] = {'B', 'M', 0, 0, 0, 0, 0, 0, 0, 0, 54, 0, 0, 0, 40, 0, 0, 0, width, 0, 0, 0, height, 0, 0, 0, 1, 0, 24};
  std::copy(std::begin(header), std::end(header), file.begin());
  if (changed < row * height) file[front + changed] ^= 1;
  return file;
}

redaction hiding(const rect &area) {
  auto how = NEED(redaction::create());
  NEED(how.add(area));
  NEED(how.set_fill(9, 8, 7));
  return how;
}

std::vector<std::uint8_t> copy_of(bytes_view bytes) { return {bytes.begin(), bytes.end()}; }

/// The pixels, as a PNG of the library's: the same wherever they were hidden.
std::vector<std::uint8_t> pixels_of(const symmetric_key &key, bytes_view picture, const rect &area) {
  const auto made = NEED(redact(sealing_for(key), hiding(area), picture));
  const auto restored = NEED(unredact(opening_with(key), NEED(made.image())));
  CHECK(restored.restores() == restores::pixels && !restored.name());
  return copy_of(NEED(restored.image()));
}

void in_the_picture() {
  const auto key = NEED(symmetric_key::generate());
  const auto picture = bmp();
  const auto pixels = pixels_of(key, picture, {1, 2, 3, 4});
  CHECK(pixels == pixels_of(key, picture, {9, 1, 5, 5}) && pixels == pixels_of(key, pixels, {0, 0, 2, 2}));
  CHECK(pixels != pixels_of(key, bmp(7), {1, 2, 3, 4}));

  auto how = hiding({1, 2, 3, 4});
  NEED(how.add({15, 5, 100, 100}));
  const auto made = NEED(redact(sealing_for(key), how, picture));
  CHECK(made.width() == width && made.height() == height && made.restores() == restores::pixels);
  const std::vector<rect> filled = {{1, 2, 3, 4}, {15, 5, 5, 5}};
  CHECK(made.rects() == filled && NEED(made.beside()).empty());
  const auto part = NEED(sealed_part(NEED(made.image())));
  CHECK(part.size() == made.sealed_bytes());
  CHECK(NEED(NEED(inspect(part)).transfer_id()) == NEED(made.transfer_id()));
  const auto restored = NEED(unredact(opening_with(key), NEED(made.image())));
  CHECK(restored.width() == width && restored.height() == height && restored.rects() == filled);
  CHECK(same_bytes(NEED(restored.image()), pixels));
  CHECK_FAILS(SECIMG_ERR_NO_MATCHING_KEY, unredact(opening_with(NEED(symmetric_key::generate())), NEED(made.image())));
}

void beside_the_picture_and_whole() {
  const auto key = NEED(symmetric_key::generate());
  const auto scanner = NEED(private_key::generate(key_kind::ed25519));
  auto sealing = sealing_for(key);
  NEED(sealing.set_signer(NEED(signer::from(scanner))));
  auto trusted = NEED(trusted_signers::create());
  NEED(trusted.add(NEED(scanner.public_key())));
  auto with = opening_with(key);
  NEED(with.require_signer(trusted));

  auto how = hiding({1, 2, 3, 4});
  NEED(how.set_whole(true));
  NEED(how.set_beside(true));
  auto what = NEED(description::create());
  NEED(what.set_name("face.bmp"));
  const auto picture = bmp();
  const auto made = NEED(redact(sealing, how, what, picture));
  CHECK(made.restores() == restores::file && NEED(made.beside()).size() == made.sealed_bytes());
  CHECK_FAILS(SECIMG_ERR_NO_SEALED_PART, sealed_part(NEED(made.image())));
  CHECK_FAILS(SECIMG_ERR_NO_SEALED_PART, unredact(with, NEED(made.image())));
  const auto restored = NEED(unredact(with, NEED(made.image()), NEED(made.beside())));
  CHECK(same_bytes(NEED(restored.image()), picture) && restored.restores() == restores::file);
  CHECK(restored.name() == "face.bmp" && NEED(restored.report().item(0).file_name()) == "face.bmp");
  CHECK(restored.report().signer_trusted());

  // Back to the pixels, in the picture: both words can be taken back.
  NEED(how.set_whole(false));
  NEED(how.set_beside(false));
  CHECK(NEED(redact(sealing, how, what, picture)).restores() == restores::pixels);
}

void other_pixels() {
  const auto key = NEED(symmetric_key::generate());
  const auto with = opening_with(key);
  auto how = hiding({0, 0, 5, 5});
  NEED(how.set_beside(true));
  const auto made = NEED(redact(sealing_for(key), how, bmp()));
  // A BMP begins with the lowest row: its first sample is seen.
  const auto other = NEED(redact(sealing_for(key), how, bmp(0)));
  CHECK_FAILS(SECIMG_ERR_OTHER_PICTURE, unredact(with, NEED(other.image()), NEED(made.beside())));
  CHECK_FAILS(SECIMG_ERR_OTHER_PICTURE, unredact(with, NEED(made.image()), NEED(other.beside())));
  CHECK_FAILS(SECIMG_ERR_CONTENT, unredact(with, NEED(made.image()), NEED(encrypt(sealing_for(key), bmp()))));
}

void wrong_arguments() {
  const auto key = NEED(symmetric_key::generate());
  auto how = NEED(redaction::create());
  CHECK_FAILS(SECIMG_ERR_INVALID_ARGUMENT, how.add({1, 1, 0, 1}));
  CHECK_FAILS(SECIMG_ERR_INVALID_ARGUMENT, redact(sealing_for(key), how, bmp()));
  NEED(how.add({width, 0, 1, 1}));
  CHECK_FAILS(SECIMG_ERR_INVALID_ARGUMENT, redact(sealing_for(key), how, bmp()));
  CHECK_FAILS(SECIMG_ERR_UNSUPPORTED, redact(sealing_for(key), how, sample_image(100)));
  CHECK_FAILS(SECIMG_ERR_NULL_POINTER, redact(sealing_for(key), redaction(), bmp()));
  CHECK_FAILS(SECIMG_ERR_NULL_POINTER, redacted().image());
  CHECK_FAILS(SECIMG_ERR_NULL_POINTER, unredacted().image());
  CHECK(redacted().rects().empty() && redacted().restores() == restores::nothing && !unredacted().report() && !unredacted().name());
}

/// A JPEG of nothing, with what it tells or without.
std::vector<std::uint8_t> jpeg(bool tells) {
  std::vector<std::uint8_t> file = {0xFF, 0xD8};
  const auto segment = [&](std::uint8_t marker, string_view body) {
    file.insert(file.end(), {0xFF, marker, 0, static_cast<std::uint8_t>(body.size() + 2)});
    file.insert(file.end(), body.begin(), body.end());
  };
  if (tells) segment(0xFE, "Jane Doe");
  segment(0xDB, std::string(65, '\0'));
  segment(0xC0, string_view("\x08\0\x01\0\x01\x01\x01\x11\0", 9));
  segment(0xC4, std::string(20, '\0'));
  segment(0xDA, string_view("\x01\x01\0\0\x3F\0", 6));
  file.insert(file.end(), {0x12, 0x34, 0xFF, 0xD9});
  if (tells) file.insert(file.end(), 5, 0x55);
  return file;
}

void metadata() {
  const auto file = jpeg(true);
  const auto bare = NEED(strip(file));
  CHECK(same_bytes(NEED(bare.image()), jpeg(false)));
  const auto removed = bare.removed();
  CHECK(removed.size() == 2 && removed[0].what == "text" && removed[0].offset == 2 && removed[0].bytes == 12);
  CHECK(removed[1].what == "trailing" && removed[1].offset == file.size() - 5 && removed[1].bytes == 5);
  CHECK(NEED(strip(jpeg(false))).removed().empty() && stripped().removed().empty());
  CHECK_FAILS(SECIMG_ERR_UNSUPPORTED, strip(bmp()));
  CHECK_FAILS(SECIMG_ERR_TRUNCATED, strip(bytes_view(file.data(), 40)));
  CHECK_FAILS(SECIMG_ERR_NULL_POINTER, stripped().image());
}

void a_file_of_the_corpus(const std::string &folder) {
  std::ifstream from(folder + "/images/exif-samples__Canon_40D.jpg", std::ios::binary);
  const std::vector<char> picture{std::istreambuf_iterator<char>(from), {}};
  CHECK(picture.size() > 1000);
  const auto key = NEED(symmetric_key::generate());
  const auto made = NEED(redact(sealing_for(key), hiding({10, 10, 5, 5}), picture));
  const auto restored = NEED(unredact(opening_with(key), NEED(made.image()), NEED(made.beside())));
  CHECK(same_bytes(NEED(restored.image()), bytes_view(picture)));
  const auto bare = NEED(strip(picture));
  CHECK(!bare.removed().empty() && bare.removed()[0].what == "exif" && NEED(bare.image()).size() < picture.size());
}

}  // namespace

int main(int count, char **arguments) {
  in_the_picture();
  beside_the_picture_and_whole();
  other_pixels();
  wrong_arguments();
  metadata();
  if (count > 1 && string_view(arguments[1]) != "-") a_file_of_the_corpus(arguments[1]);
}
