// Temporary files: the bytes under the name, in memory and on disk, and nothing left behind.
#include "streams.hpp"

#include <fstream>
#include <iterator>
#include <sstream>

#ifndef _WIN32
#include <sys/stat.h>
#endif

namespace {

using namespace secimg;
using bytes = std::vector<std::uint8_t>;
namespace fs = std::filesystem;

bytes content_of(const std::string &name) {
  std::ifstream file(name, std::ios::binary);
  CHECK(file.is_open());
  const std::string all{std::istreambuf_iterator<char>(file), {}};
  return bytes(all.begin(), all.end());
}

bool ends_with(const std::string &name, const std::string &suffix) {
  return name.size() >= suffix.size() && name.compare(name.size() - suffix.size(), suffix.size(), suffix) == 0;
}

void in_memory() {
  const auto image = sample_image(100000);
  auto file = NEED(temporary_file::create(image));
#ifdef __linux__
  CHECK(file.in_memory());
#endif
  CHECK(content_of(file.name()) == image);
  CHECK(content_of(file.name()) == image);  // each opening starts at the first byte
  const std::string name = file.name();
  const temporary_file moved = std::move(file);
  CHECK(!file && file.name().empty() && !file.in_memory() && moved.name() == name && content_of(name) == image);
#ifdef __linux__
  std::ofstream change(name, std::ios::binary | std::ios::in);
  CHECK(!(change << "x" << std::flush));  // nobody changes it any more
#endif
}

void with_a_suffix() {
  const auto image = sample_image(10);
  std::string name;
  {
    const auto file = NEED(temporary_file::create(image, ".dcm"));
    name = file.name();
    CHECK(ends_with(name, ".dcm") && content_of(name) == image);
#ifdef __linux__
    CHECK(file.in_memory() && fs::is_symlink(fs::symlink_status(name)));
#endif
  }
  CHECK(!fs::exists(fs::symlink_status(name)));
  for (const char *bad : {"/../x", "\\x", "a:b"}) CHECK_FAILS(SECIMG_ERR_INVALID_ARGUMENT, temporary_file::create(image, bad));
  CHECK_FAILS(SECIMG_ERR_INVALID_ARGUMENT, temporary_file::create(image, std::string("a\0b", 3)));
}

void on_disk() {
  const auto image = sample_image(10);
  std::string name;
  {
    const auto file = NEED(temporary_file::create(image, ".png", placement::disk));
    name = file.name();
    CHECK(!file.in_memory() && ends_with(name, ".png") && content_of(name) == image);
#ifndef _WIN32
    struct stat of_file, of_folder;
    CHECK(::stat(name.c_str(), &of_file) == 0 && (of_file.st_mode & 0777) == 0600);
    CHECK(::stat(fs::path(name).parent_path().c_str(), &of_folder) == 0 && (of_folder.st_mode & 0777) == 0700);
#endif
  }
  CHECK(!fs::exists(name) && (fs::path(name).parent_path() == fs::temp_directory_path() || !fs::exists(fs::path(name).parent_path())));
}

std::istringstream stream_of(const bytes &sealed) { return std::istringstream(std::string(sealed.begin(), sealed.end())); }

void unsealed_only_when_verified() {
  const auto key = NEED(symmetric_key::generate());
  const auto with = opening_with(key);
  const auto image = sample_image(300000);
  const auto sealed = seal_all(sealing_for(key), {image});
  auto whole = stream_of(sealed);
  CHECK(content_of(NEED(temporary_file::unseal(with, whole, ".raw")).name()) == image);

  auto short_by_one = stream_of(bytes(sealed.begin(), sealed.end() - 1));
  CHECK_FAILS(SECIMG_ERR_TRUNCATED, temporary_file::unseal(with, short_by_one));
  auto changed = sealed;
  changed.back() ^= 1;
  auto tampered = stream_of(changed);
  CHECK_FAILS(SECIMG_ERR_NOT_AUTHENTIC, temporary_file::unseal(with, tampered));
  auto longer = sealed;
  longer.push_back(0);
  auto trailing = stream_of(longer);
  CHECK_FAILS(SECIMG_ERR_TRAILING_BYTES, temporary_file::unseal(with, trailing));
  auto two = stream_of(seal_all(sealing_for(key), {image, image}));
  CHECK_FAILS(SECIMG_ERR_INVALID_ARGUMENT, temporary_file::unseal(with, two));
  auto none = stream_of(seal_all(sealing_for(key), {}));
  CHECK_FAILS(SECIMG_ERR_INVALID_ARGUMENT, temporary_file::unseal(with, none));
  auto empty_image = stream_of(seal_all(sealing_for(key), {bytes()}));
  CHECK(content_of(NEED(temporary_file::unseal(with, empty_image)).name()).empty());
}

}  // namespace

int main() {
  in_memory();
  with_a_suffix();
  on_disk();
  unsealed_only_when_verified();
}
