// SPDX-License-Identifier: MIT OR Apache-2.0
// Part of <secimg.hpp>: a sealed image as a std::istream, for GDCM, ITK, DCMTK and whatever else reads one.
#ifndef SECIMG_CPP_STREAM_HPP
#define SECIMG_CPP_STREAM_HPP

#include "reader.hpp"

#include <algorithm>
#include <cstring>
#include <streambuf>

namespace secimg {
inline namespace SECIMG_CPP_MODE {

/// The selected image of a reader as a std::streambuf that reads and seeks.
///
/// It reads what is asked for and at most a small buffer ahead; long reads go straight into the caller's memory. The buffer is wiped when
/// this object goes. The reader must outlive it, and must not be told to select another image but through `select`.
///
/// What a failure looks like: with exceptions, reading throws secimg::error, which a std::istream turns into badbit (the end of the image is
/// eofbit, as with any stream); without, reading ends as at the image's end. In both, `status` tells them apart: ask it before you take an
/// end for the end.
class reader_streambuf : public std::streambuf {
 public:
  static constexpr std::size_t default_read_ahead = 4096;

  explicit reader_streambuf(reader &from, std::size_t read_ahead = default_read_ahead)
      : reader_(from), buffer_(std::max<std::size_t>(read_ahead, 1)) {
    drop(0);
  }
  reader_streambuf(const reader_streambuf &) = delete;
  reader_streambuf &operator=(const reader_streambuf &) = delete;

  /// Reads another image of the stream, from its first byte.
  outcome<void> select(std::size_t index) {
    drop(0);
    const secimg_status status = secimg_reader_select(reader_.native_handle(), index);
    why_ = status == SECIMG_OK ? failure{} : detail::last_failure(status);
    return detail::deliver(status);
  }

  /// SECIMG_OK, or why reading failed. After a failure nothing is read any more until `select` succeeds.
  secimg_status status() const noexcept { return why_.status; }
  /// The same as a sentence, empty where nothing failed.
  const std::string &message() const noexcept { return why_.message; }

 protected:
  int_type underflow() override {
    if (gptr() < egptr()) return traits_type::to_int_type(*gptr());
    const std::uint64_t at = position();
    const std::size_t count = fetch(at, mutable_bytes(buffer_));
    setg(chars(), chars(), chars() + count);
    end_ = at + count;
    return count == 0 ? traits_type::eof() : traits_type::to_int_type(*gptr());
  }

  std::streamsize xsgetn(char *out, std::streamsize wanted) override {
    std::streamsize done = take_buffered(out, wanted);
    while (done < wanted) {
      if (static_cast<std::uint64_t>(wanted - done) >= buffer_.size()) {
        return done + fetch_direct(out + done, static_cast<std::size_t>(wanted - done));
      }
      if (traits_type::eq_int_type(underflow(), traits_type::eof())) break;
      done += take_buffered(out + done, wanted - done);
    }
    return done;
  }

  std::streamsize showmanyc() override {
    const std::uint64_t size = reader_.size();
    const std::uint64_t at = position();
    if (at >= size || why_.status != SECIMG_OK) return -1;
    return static_cast<std::streamsize>(std::min<std::uint64_t>(size - at, std::numeric_limits<std::streamsize>::max()));
  }

  pos_type seekoff(off_type offset, std::ios_base::seekdir from, std::ios_base::openmode which) override {
    const off_type size = static_cast<off_type>(reader_.size());
    const off_type base = from == std::ios_base::beg ? 0 : from == std::ios_base::cur ? static_cast<off_type>(position()) : size;
    // Told apart without adding, which could overflow.
    if ((which & std::ios_base::in) == 0 || offset < -base || offset > size - base) return pos_type(off_type(-1));
    move_to(static_cast<std::uint64_t>(base + offset));
    return pos_type(base + offset);
  }

  pos_type seekpos(pos_type position, std::ios_base::openmode which) override {
    return seekoff(off_type(position), std::ios_base::beg, which);
  }

  /// Goes back by one where the buffer does not reach back so far. Nothing is ever changed: another character is refused.
  int_type pbackfail(int_type wanted) override {
    const std::uint64_t at = position();
    if (at == 0) return traits_type::eof();
    move_to(at - 1);
    const int_type before = underflow();
    const bool same = traits_type::eq_int_type(wanted, traits_type::eof()) || traits_type::eq_int_type(wanted, before);
    if (same) return before;
    move_to(at);
    return traits_type::eof();
  }

 private:
  char *chars() noexcept { return reinterpret_cast<char *>(buffer_.data()); }
  std::uint64_t position() const noexcept { return end_ - static_cast<std::uint64_t>(egptr() - gptr()); }

  void drop(std::uint64_t at) noexcept {
    setg(chars(), chars(), chars());
    end_ = at;
  }

  /// Keeps the buffer where it holds the new position.
  void move_to(std::uint64_t at) noexcept {
    const std::uint64_t start = end_ - static_cast<std::uint64_t>(egptr() - eback());
    if (at >= start && at <= end_) {
      setg(eback(), eback() + (at - start), egptr());
    } else {
      drop(at);
    }
  }

  std::streamsize take_buffered(char *out, std::streamsize wanted) noexcept {
    const std::streamsize count = std::min<std::streamsize>(wanted, egptr() - gptr());
    if (count > 0) std::memcpy(out, gptr(), static_cast<std::size_t>(count));
    setg(eback(), gptr() + std::max<std::streamsize>(count, 0), egptr());
    return std::max<std::streamsize>(count, 0);
  }

  std::streamsize fetch_direct(char *out, std::size_t wanted) {
    const std::uint64_t at = position();
    const std::size_t count = fetch(at, mutable_bytes::of(out, wanted));
    drop(at + count);
    return static_cast<std::streamsize>(count);
  }

  std::size_t fetch(std::uint64_t at, mutable_bytes out) {
    std::size_t count = 0;
    if (why_.status == SECIMG_OK) {
      if (reader_ && at >= reader_.size()) return 0;
      const secimg_status status = secimg_reader_read_at(reader_.native_handle(), at, out.data(), out.size(), &count);
      if (status == SECIMG_OK) return count;
      why_ = detail::last_failure(status);
    }
#ifndef SECIMG_NO_EXCEPTIONS
    // Again and again: who clears the stream's state and goes on must not take a failure for an end.
    detail::refuse<void>(why_);
#endif
    return 0;
  }

  reader &reader_;
  secure_bytes buffer_;
  std::uint64_t end_ = 0;  ///< where in the image the buffer's end lies
  failure why_;
};

namespace detail {

/// Bases are made before members: std::istream gets its buffer from here.
struct sealed_parts {
  explicit sealed_parts(reader opened) : reader_(std::move(opened)), buffer_(reader_) {}
#ifdef SECIMG_NO_EXCEPTIONS
  explicit sealed_parts(result<reader> tried) : sealed_parts(tried ? std::move(*tried) : reader()) {
    why_ = {tried.status(), tried.message()};
  }
#endif
  reader reader_;
  reader_streambuf buffer_;
  failure why_;
};

}  // namespace detail

/// A sealed image as a stream, to be used as a std::ifstream is. It neither copies nor moves.
///
/// Where it cannot be opened (a wrong key, a missing file, a changed header) the constructor throws secimg::error, and so does reading where
/// the sealed bytes were changed or cannot be read: `exceptions()` has badbit at first, since not every library that reads a stream asks it
/// for badbit and some take a failure for the end of the file. With exceptions(goodbit) it only becomes bad, as other streams do.
/// Without exceptions it becomes bad where it cannot be opened, and ends where reading failed: ask `status` before an end is the end.
///
/// What is read is Authentic, and under a required signer signed by it: see `reader`.
class sealed_istream : private detail::sealed_parts, public std::istream {
 public:
  /// Reads a sealed file.
  sealed_istream(const open_options &options, const std::filesystem::path &path) : sealed_istream(reader::open_file(options, path)) {}
  /// Reads from another stream's position on to its end. That stream must outlive this one.
  sealed_istream(const open_options &options, std::istream &sealed) : sealed_istream(reader::open_stream(options, sealed)) {}
  /// Reads by functions of the caller's.
  sealed_istream(const open_options &options, secimg::source from) : sealed_istream(reader::open(options, std::move(from))) {}
  /// Takes over a reader (without exceptions also the result of opening one), at its selected image.
  explicit sealed_istream(outcome<reader> opened) : sealed_parts(std::move(opened)), std::istream(&buffer_) {
#ifdef SECIMG_NO_EXCEPTIONS
    if (!reader_) setstate(std::ios_base::badbit);
#else
    if (!reader_) detail::refuse<void>(SECIMG_ERR_NULL_POINTER, "the reader was moved from");
    exceptions(std::ios_base::badbit);
#endif
  }

  sealed_istream(const sealed_istream &) = delete;
  sealed_istream &operator=(const sealed_istream &) = delete;

  /// Reads another image of the stream, from its first byte.
  outcome<void> select(std::size_t index) {
    clear();
    return buffer_.select(index);
  }
  /// The reader below, for its manifest, sizes and counts.
  const reader &source() const noexcept { return reader_; }
  /// SECIMG_OK, or why opening or reading failed.
  secimg_status status() const noexcept { return why_.status != SECIMG_OK ? why_.status : buffer_.status(); }
  const std::string &message() const noexcept { return why_.status != SECIMG_OK ? why_.message : buffer_.message(); }
};

}  // namespace SECIMG_CPP_MODE
}  // namespace secimg

#endif
