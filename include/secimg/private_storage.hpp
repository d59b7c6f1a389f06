// SPDX-License-Identifier: MIT OR Apache-2.0
// Part of <secimg.hpp>: the operating system's side of temporary_file.
#ifndef SECIMG_CPP_PRIVATE_STORAGE_HPP
#define SECIMG_CPP_PRIVATE_STORAGE_HPP

#include "bytes.hpp"

#include <algorithm>
#include <filesystem>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#ifdef _WIN32
#include <io.h>
#include <random>
#include <share.h>
#else
#include <cerrno>
#include <unistd.h>
#ifdef __linux__
#include <sys/mman.h>
#endif
#endif

namespace secimg {
inline namespace SECIMG_CPP_MODE {
namespace detail {

/// One file that nobody else is meant to read, and that goes with this object.
class private_storage {
 public:
  private_storage() = default;
  private_storage(const private_storage &) = delete;
  private_storage &operator=(const private_storage &) = delete;
  ~private_storage() {
    close_file();
    std::error_code ignored;  // a destructor has nobody to tell
    if (!removed_.empty()) std::filesystem::remove_all(removed_, ignored);
  }

  std::string name() const { return text(path_).c_str(); }
  bool in_memory() const noexcept { return in_memory_; }

#if defined(__linux__) && defined(MFD_CLOEXEC)
  /// False where the system has no files in memory, or no names for them.
  bool open_memory(const char *suffix) {
    file_ = ::memfd_create("secimg", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (file_ < 0) return false;
    path_ = "/proc/self/fd/" + std::to_string(file_);
    std::error_code error;
    in_memory_ = std::filesystem::exists(path_, error) && (*suffix == '\0' || link_in_folder(suffix));
    if (!in_memory_) close_file();
    return in_memory_;
  }
#else
  bool open_memory(const char *) { return false; }
#endif

#ifdef _WIN32
  /// The folder for temporary files is the user's own on Windows; the name is new, or nothing is opened.
  bool open_disk(const char *suffix) {
    std::error_code error;
    const std::filesystem::path folder = std::filesystem::temp_directory_path(error);
    if (error) return false;
    std::random_device random;
    path_ = folder / ("secimg-" + std::to_string(random()) + std::to_string(random()) + suffix);
    const int how = _O_CREAT | _O_EXCL | _O_WRONLY | _O_BINARY | _O_NOINHERIT | _O_SHORT_LIVED;
    if (::_wsopen_s(&file_, path_.c_str(), how, _SH_DENYWR, _S_IREAD | _S_IWRITE) != 0) return false;
    removed_ = path_;
    return true;
  }
#else
  bool open_disk(const char *suffix) {
    if (!make_folder()) return false;
    path_ = removed_ / (std::string("image") + suffix);
    file_ = ::open(path_.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR);
    return file_ >= 0;
  }
#endif

  bool write(bytes_view bytes) {
    while (!bytes.empty()) {
      const std::size_t most = std::min<std::size_t>(bytes.size(), 1u << 30);
#ifdef _WIN32
      const auto written = ::_write(file_, bytes.data(), static_cast<unsigned>(most));
      if (written <= 0) return false;
#else
      const auto written = ::write(file_, bytes.data(), most);
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) return false;
#endif
      bytes = bytes.without_first(static_cast<std::size_t>(written));
    }
    return true;
  }

  /// After this the file can be opened by its name, and in memory no longer be changed.
  bool finish() {
#if defined(__linux__) && defined(MFD_CLOEXEC)
    if (in_memory_) return ::fcntl(file_, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) == 0;
#endif
    return close_file();
  }

 private:
  bool close_file() noexcept {
    const int file = file_;
    file_ = -1;
#ifdef _WIN32
    return file < 0 || ::_close(file) == 0;
#else
    return file < 0 || ::close(file) == 0;
#endif
  }

#ifndef _WIN32
  /// A new folder that only this user can enter.
  bool make_folder() {
    std::error_code error;
    const std::filesystem::path parent = std::filesystem::temp_directory_path(error);
    std::string pattern = (parent / "secimg-XXXXXX").string();
    if (error || ::mkdtemp(&pattern[0]) == nullptr) return false;
    removed_ = pattern;
    return true;
  }
#endif

#if defined(__linux__) && defined(MFD_CLOEXEC)
  bool link_in_folder(const char *suffix) {
    if (!make_folder()) return false;
    const std::filesystem::path link = removed_ / (std::string("image") + suffix);
    std::error_code error;
    std::filesystem::create_symlink(path_, link, error);
    path_ = link;
    return !error;
  }
#endif

  int file_ = -1;
  bool in_memory_ = false;
  std::filesystem::path path_;     ///< by which it is opened
  std::filesystem::path removed_;  ///< what goes with this object; empty for nothing
};

}  // namespace detail
}  // namespace SECIMG_CPP_MODE
}  // namespace secimg

#endif
