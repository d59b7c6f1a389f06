// SPDX-License-Identifier: MIT OR Apache-2.0
// Part of <secimg.hpp>: any byte of any image of a sealed stream, without opening the rest.
#ifndef SECIMG_CPP_READER_HPP
#define SECIMG_CPP_READER_HPP

#include "report.hpp"

#include <fstream>
#include <istream>

namespace secimg {
inline namespace SECIMG_CPP_MODE {

/// Where a sealed stream lies: the caller's own read and seek. The functions are called from the thread that uses the reader, and an
/// exception that one throws counts as a failure, SECIMG_ERR_IO.
struct source {
  std::uint64_t length = 0;  ///< of the whole stream, in bytes
  /// Reads some bytes on and says how many, 0 at the end; nothing where it failed.
  std::function<std::optional<std::size_t>(mutable_bytes)> read;
  /// Goes to an offset from the stream's first byte; false where it failed.
  std::function<bool(std::uint64_t)> seek;
};

namespace detail {

/// A stream from its current position on to its end. Length 0 where it cannot be told, which no sealed stream has.
template <class Stream>
source source_of(std::shared_ptr<Stream> stream) {
  const std::streamoff start = stream->tellg();
  stream->seekg(0, std::ios::end);
  const std::streamoff end = stream->tellg();
  stream->seekg(start);
  source from;
  from.length = start < 0 || end < start ? 0 : static_cast<std::uint64_t>(end - start);
  from.read = [stream](mutable_bytes out) -> std::optional<std::size_t> {
    stream->read(reinterpret_cast<char *>(out.data()), static_cast<std::streamsize>(out.size()));
    if (stream->bad()) return std::nullopt;
    return static_cast<std::size_t>(stream->gcount());
  };
  from.seek = [stream, start](std::uint64_t offset) {
    stream->clear();
    return static_cast<bool>(stream->seekg(start + static_cast<std::streamoff>(offset)));
  };
  return from;
}

}  // namespace detail

/// Reads any range of any image of a sealed stream. It opens the chunks that the range lies in, and no others.
///
/// What it gives is Authentic: some holder of the key made these bytes, for this place. Under a required signer the signature over all of the
/// stream was verified before anything is given. That the whole is there, with the right digests, only `verify` and `decrypt` say.
/// A call that failed changed nothing and can be made again. Use one from one thread at a time.
class reader : public detail::handle<secimg_reader, secimg_reader_free> {
 public:
  using handle::handle;

  [[nodiscard]] static outcome<reader> open(const open_options &options, source from) {
    if (!from.read || !from.seek) return detail::refuse<reader>(SECIMG_ERR_INVALID_ARGUMENT, "the source has no read or no seek function");
    return detail::make<reader>([&](secimg_reader **out) {
      return detail::lend(std::move(from), [&](void *userdata, void (*let_go)(void *)) {
        secimg_source native{};
        native.struct_size = sizeof native;
        native.userdata = userdata;
        native.length = detail::lent<source>(userdata).length;
        native.read = &reader::read_source;
        native.seek = &reader::seek_source;
        native.release = let_go;
        return secimg_reader_open(options.native_handle(), &native, out);
      });
    });
  }
  /// A stream in memory, which must outlive the reader.
  [[nodiscard]] static outcome<reader> open_memory(const open_options &options, bytes_view sealed) {
    return detail::make<reader>([&](secimg_reader **out) {
      return secimg_reader_open_memory(options.native_handle(), sealed.data(), sealed.size(), out);
    });
  }
  /// From the stream's position on to its end. The stream must outlive the reader and be used by nobody else meanwhile.
  [[nodiscard]] static outcome<reader> open_stream(const open_options &options, std::istream &sealed) {
    return open(options, detail::source_of(std::shared_ptr<std::istream>(std::shared_ptr<void>(), &sealed)));
  }
  /// A file, which stays open as long as the reader.
  [[nodiscard]] static outcome<reader> open_file(const open_options &options, const std::filesystem::path &path) {
    const auto file = std::make_shared<std::ifstream>(path, std::ios::binary);
    if (!file->is_open()) return detail::refuse<reader>(SECIMG_ERR_IO, "the sealed file cannot be opened");
    return open(options, detail::source_of(file));
  }

  std::size_t item_count() const noexcept { return secimg_reader_item_count(native_handle()); }
  /// Empty where it has none. As the sender gave it: not a path.
  std::string_view item_name(std::size_t index) const noexcept { return detail::view_of(secimg_reader_item_name(native_handle(), index)); }
  std::string_view item_media_type(std::size_t index) const noexcept {
    return detail::view_of(secimg_reader_item_media_type(native_handle(), index));
  }
  std::uint64_t item_bytes(std::size_t index) const noexcept { return secimg_reader_item_bytes(native_handle(), index); }

  /// Makes another image the one that is read, from its first byte. At first it is image 0.
  outcome<void> select(std::size_t index) { return detail::deliver(secimg_reader_select(native_handle(), index)); }
  /// Of the selected image; lives until the next select.
  manifest_view manifest() const noexcept { return manifest_view(secimg_reader_manifest(native_handle())); }
  /// The selected image's small picture; empty where it has none.
  [[nodiscard]] outcome<secure_bytes> preview() {
    return detail::take_buffer<secure_bytes>([&](secimg_buf *out) { return secimg_reader_preview(native_handle(), out); });
  }
  /// Reads the selected image, a raw frame, into memory of the caller's, with its stride and in its byte order.
  outcome<void> read_frame(const frame_place &into) {
    return detail::deliver(
        secimg_reader_read_frame(native_handle(), into.layout(), into.samples(), into.size(), into.stride()));
  }
  /// Length of the selected image.
  std::uint64_t size() const noexcept { return secimg_reader_len(native_handle()); }
  /// Reads on. Fills all of `out` but at the image's end, and says how many bytes it are.
  [[nodiscard]] outcome<std::size_t> read(mutable_bytes out) {
    return detail::take<std::size_t>(
        [&](std::size_t &count) { return secimg_reader_read(native_handle(), out.data(), out.size(), &count); });
  }
  /// The same from `offset` on.
  [[nodiscard]] outcome<std::size_t> read_at(std::uint64_t offset, mutable_bytes out) {
    return detail::take<std::size_t>(
        [&](std::size_t &count) { return secimg_reader_read_at(native_handle(), offset, out.data(), out.size(), &count); });
  }
  outcome<void> seek(std::uint64_t offset) { return detail::deliver(secimg_reader_seek(native_handle(), offset)); }
  std::uint64_t position() const noexcept { return secimg_reader_position(native_handle()); }
  /// How many bytes of content were decrypted so far: what it cost to answer.
  std::uint64_t decrypted_bytes() const noexcept { return secimg_reader_decrypted_bytes(native_handle()); }

  /// none, unless a signer was required.
  secimg::signature_algorithm signature_algorithm() const noexcept {
    return static_cast<secimg::signature_algorithm>(secimg_reader_signature_algorithm(native_handle()));
  }
  /// The signer's fingerprint, where one was required.
  [[nodiscard]] outcome<digest> signer() const {
    return detail::take<digest>([&](digest &out) { return secimg_reader_signer(native_handle(), out.data()); });
  }

 private:
  static std::int32_t read_source(void *userdata, std::uint8_t *buffer, std::size_t capacity, std::size_t *read) {
    const source &from = detail::lent<source>(userdata);
    const auto count = detail::guarded(std::optional<std::size_t>(), [&] { return from.read(mutable_bytes(buffer, capacity)); });
    if (!count || *count > capacity) return 1;
    *read = *count;
    return 0;
  }
  static std::int32_t seek_source(void *userdata, std::uint64_t offset) {
    const source &from = detail::lent<source>(userdata);
    return detail::guarded(false, [&] { return from.seek(offset); }) ? 0 : 1;
  }
};

}  // namespace SECIMG_CPP_MODE
}  // namespace secimg

#endif
