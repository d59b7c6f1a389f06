// SPDX-License-Identifier: MIT OR Apache-2.0
// Part of <secimg.hpp>: an opened image under a file name, for libraries that take nothing else.
#ifndef SECIMG_CPP_TEMPORARY_FILE_HPP
#define SECIMG_CPP_TEMPORARY_FILE_HPP

#include "machines.hpp"
#include "private_storage.hpp"

#include <istream>

namespace secimg {
inline namespace SECIMG_CPP_MODE {

/// Where a temporary file may lie.
enum class placement {
  prefer_memory,  ///< in memory where the system can (Linux), otherwise on disk
  memory_only,    ///< in memory, or SECIMG_ERR_UNSUPPORTED
  disk,           ///< for programs that this one starts: they cannot see its memory files
};

/// A Verified image under a file name, for as long as this object lives. Prefer `sealed_istream` where a library reads streams.
///
/// What the system may see of it:
///  - In memory (Linux, memfd): the name is /proc/self/fd/N and opens in this process only; nothing is written to a file system. Pages may go
///    to the swap area, and other processes of the same user and root can read /proc/PID/fd/N. It can no longer be changed by anybody.
///    With a suffix the name is a symbolic link to it in a folder that only this user can enter; the link holds no image bytes.
///  - On disk: a file with mode 0600 in such a folder, below the system's folder for temporary files. The image stands there in the clear, and
///    after its removal its blocks may remain on the medium. Other processes of the same user and administrators can read it. A process that
///    is killed leaves it behind.
///  - Windows: a file in the user's temporary folder, marked as short-lived, so that the system keeps it in memory where it can, and removed
///    with this object. (FILE_FLAG_DELETE_ON_CLOSE would remove it also after a crash, but every library that opens a file without
///    FILE_SHARE_DELETE, as fopen and std::ifstream do, would be refused.)
///
/// Close what the library has opened before this object goes. It moves and does not copy.
class temporary_file {
 public:
  temporary_file() noexcept = default;

  /// Stores bytes that the caller knows to be Verified: those of `decrypt` or `decrypt_all`. `suffix` ends the name (".dcm").
  [[nodiscard]] static outcome<temporary_file> create(bytes_view verified, const text &suffix = "",
                                                      placement where = placement::prefer_memory) {
    temporary_file made;
    failure why = made.begin(suffix, where);
    if (why.status == SECIMG_OK && !made.storage_->write(verified)) why = cannot_write();
    return made.end(why);
  }

  /// Opens a stream with one image, piece by piece, from another stream's position on to its end. The name is given out only when all of it
  /// is Verified. Where `options` require a signer they must also say set_spooled(true), which holds here.
  [[nodiscard]] static outcome<temporary_file> unseal(const open_options &options, std::istream &sealed, const text &suffix = "",
                                                      placement where = placement::prefer_memory) {
    temporary_file made;
    failure why = made.begin(suffix, where);
    if (why.status == SECIMG_OK) why = made.fill(options, sealed);
    return made.end(why);
  }

  /// UTF-8; "" of what was moved from.
  std::string name() const { return storage_ ? storage_->name() : std::string(); }
  /// Whether the image's bytes are on no file system.
  bool in_memory() const noexcept { return storage_ && storage_->in_memory(); }
  explicit operator bool() const noexcept { return storage_ != nullptr; }

 private:
  static failure cannot_write() { return {SECIMG_ERR_IO, "the temporary file cannot be written"}; }

  failure begin(const text &suffix, placement where) {
    if (suffix.cut() || std::string_view(suffix.c_str()).find_first_of("/\\:") != std::string_view::npos) {
      return {SECIMG_ERR_INVALID_ARGUMENT, "the suffix cannot be part of a file name"};
    }
    auto storage = std::make_unique<detail::private_storage>();
    const bool in_memory = where != placement::disk && storage->open_memory(suffix.c_str());
    if (!in_memory && where == placement::memory_only) return {SECIMG_ERR_UNSUPPORTED, "there are no files in memory on this system"};
    if (!in_memory && !storage->open_disk(suffix.c_str())) return {SECIMG_ERR_IO, "the temporary file cannot be made"};
    storage_ = std::move(storage);
    return {};
  }

  failure fill(const open_options &options, std::istream &sealed) {
    secimg_opener *raw = nullptr;
    const secimg_status created = secimg_opener_new(options.native_handle(), &raw);
    opener machine(raw);
    if (created != SECIMG_OK) return detail::last_failure(created);
    std::vector<std::uint8_t> piece(std::size_t{1} << 16);
    std::size_t items = 0;
    for (;;) {
      sealed.read(reinterpret_cast<char *>(piece.data()), static_cast<std::streamsize>(piece.size()));
      if (sealed.bad()) return {SECIMG_ERR_IO, "the sealed stream cannot be read"};
      const auto count = static_cast<std::size_t>(sealed.gcount());
      if (count == 0) break;
      failure why = machine.try_feed(bytes_view(piece.data(), count), [&](const manifest_view &, bytes_view image) {
        if (image.empty()) ++items;
        return items == 1 && storage_->write(image);
      });
      if (items > 1) return {SECIMG_ERR_INVALID_ARGUMENT, "the stream has more than one image"};
      if (why.status != SECIMG_OK) return why;
    }
    const secimg_status finished = secimg_opener_finish(machine.native_handle(), nullptr);
    if (finished != SECIMG_OK) return detail::last_failure(finished);
    return items == 1 ? failure{} : failure{SECIMG_ERR_INVALID_ARGUMENT, "the stream has no image"};
  }

  outcome<temporary_file> end(failure why) {
    if (why.status == SECIMG_OK && !storage_->finish()) why = cannot_write();
    if (why.status != SECIMG_OK) return detail::refuse<temporary_file>(std::move(why));
    return std::move(*this);
  }

  std::unique_ptr<detail::private_storage> storage_;
};

}  // namespace SECIMG_CPP_MODE
}  // namespace secimg

#endif
