// A sealed image as a stream does what a std::istringstream over the same bytes does: many thousand random reads, seeks and steps back.
#include "streams.hpp"

#include <iterator>
#include <random>
#include <sstream>

namespace {

using namespace secimg;

/// The same operation on both streams; all that can be seen afterwards must be equal.
class pair_of_streams {
 public:
  pair_of_streams(std::istream &sealed, std::istream &plain, std::size_t size) : sealed_(sealed), plain_(plain), size_(size) {}

  void step(std::mt19937 &random) {
    const auto up_to = [&](std::size_t most) { return static_cast<std::streamoff>(random() % (most + 1)); };
    switch (random() % 9) {
      case 0: both([at = up_to(size_ + 3)](std::istream &in) { in.seekg(at); }); break;
      case 1: both([back = up_to(size_ + 3)](std::istream &in) { in.seekg(-back, std::ios::end); }); break;
      case 2: both([by = up_to(20000) - 10000](std::istream &in) { in.seekg(by, std::ios::cur); }); break;
      case 3: read(static_cast<std::size_t>(up_to(40))); break;
      case 4: read(static_cast<std::size_t>(up_to(9000))); break;
      case 5: read(static_cast<std::size_t>(up_to(size_))); break;
      case 6: both([](std::istream &in) { in.unget(); }); break;
      case 7: both([back = static_cast<char>(random())](std::istream &in) { in.putback(back); }); break;
      default: compare([](std::istream &in) { return in.get(); }); break;
    }
    CHECK(sealed_.rdstate() == plain_.rdstate());
    CHECK(sealed_.tellg() == plain_.tellg());
    if (random() % 4 != 0) both([](std::istream &in) { in.clear(); });
  }

 private:
  template <class Operation>
  void both(Operation &&operation) {
    operation(sealed_);
    operation(plain_);
  }
  template <class Operation>
  void compare(Operation &&operation) {
    CHECK(operation(sealed_) == operation(plain_));
  }
  void read(std::size_t count) {
    compare([count](std::istream &in) {
      std::string bytes(count, '\0');
      in.read(&bytes[0], static_cast<std::streamsize>(count));
      bytes.resize(static_cast<std::size_t>(in.gcount()));
      return bytes;
    });
  }

  std::istream &sealed_;
  std::istream &plain_;
  std::size_t size_;
};

void like_a_string_stream() {
  const auto key = NEED(symmetric_key::generate());
  const auto with = opening_with(key);
  for (const std::size_t size : {0, 1, 4095, 4096, 50000}) {
    const auto image = sample_image(size);
    const auto sealed = seal_all(sealing_for(key), {image});
    for (const std::size_t read_ahead : {1, 7, 4096, 100000}) {
      auto from = NEED(reader::open_memory(with, sealed));
      reader_streambuf buffer(from, read_ahead);
      std::istream in(&buffer);
      std::istringstream plain(std::string(image.begin(), image.end()));
      pair_of_streams streams(in, plain, size);
      std::mt19937 random(static_cast<std::uint32_t>(size * 31 + read_ahead));
      for (int round = 0; round < 1500; ++round) streams.step(random);
      CHECK(buffer.status() == SECIMG_OK);
    }
  }
}

void bad_positions() {
  const auto key = NEED(symmetric_key::generate());
  const auto sealed = seal_all(sealing_for(key), {sample_image(100)});
  auto from = NEED(reader::open_memory(opening_with(key), sealed));
  reader_streambuf buffer(from);
  const auto failed = std::streambuf::pos_type(std::streambuf::off_type(-1));
  const auto most = std::numeric_limits<std::streamoff>::max();
  CHECK(buffer.pubseekpos(40) == std::streambuf::pos_type(40));
  CHECK(buffer.pubseekoff(-41, std::ios::cur) == failed && buffer.pubseekoff(61, std::ios::cur) == failed);
  CHECK(buffer.pubseekoff(most, std::ios::cur) == failed && buffer.pubseekoff(most, std::ios::end) == failed);
  CHECK(buffer.pubseekoff(-most, std::ios::cur) == failed && buffer.pubseekoff(-1, std::ios::beg) == failed);
  CHECK(buffer.pubseekoff(0, std::ios::beg, std::ios::out) == failed);
  CHECK(buffer.pubseekoff(0, std::ios::cur) == std::streambuf::pos_type(40));  // where it was
  CHECK(buffer.in_avail() == 60);
  CHECK(buffer.pubseekoff(0, std::ios::end) == std::streambuf::pos_type(100) && buffer.in_avail() == -1);
  CHECK(buffer.sputc('x') == std::char_traits<char>::eof());
}

/// A few bytes of a large image cost one chunk, not the image.
void reads_what_is_asked() {
  const auto key = NEED(symmetric_key::generate());
  const auto image = sample_image(1000000);
  const auto sealed = seal_all(sealing_for(key), {image});
  auto from = NEED(reader::open_memory(opening_with(key), sealed));
  const auto before = from.decrypted_bytes();
  reader_streambuf buffer(from);
  std::istream in(&buffer);
  in.seekg(500000);
  CHECK(in.get() == image[500000]);
  CHECK(from.decrypted_bytes() - before <= 4 * 4096);
}

void several_images() {
  const auto key = NEED(symmetric_key::generate());
  const auto sealed = seal_all(sealing_for(key), {sample_image(5000, 1), sample_image(0), sample_image(7000, 2)});
  std::istringstream file("abc" + std::string(sealed.begin(), sealed.end()));
  file.seekg(3);  // a sealed stream may begin anywhere in another
  const auto with = opening_with(key);
  sealed_istream in(with, file);
  CHECK(in && in.source().item_count() == 3 && in.source().item_bytes(2) == 7000);
  CHECK(in.get() == sample_image(1, 1)[0]);
  NEED(in.select(2));
  std::string second((std::istreambuf_iterator<char>(in)), {});
  CHECK(same_bytes(bytes_view(second), sample_image(7000, 2)));
  NEED(in.select(1));
  CHECK(in.get() == std::char_traits<char>::eof() && in.eof() && in.status() == SECIMG_OK);
  CHECK_FAILS(SECIMG_ERR_INVALID_ARGUMENT, in.select(3));
}

/// Reads all that there is, in pieces that go through the buffer or past it.
std::size_t read_all(std::istream &in, std::size_t piece) {
  std::string bytes(piece, '\0');
  std::size_t whole = 0;
  while (in.read(&bytes[0], static_cast<std::streamsize>(piece)) || in.gcount() > 0) whole += static_cast<std::size_t>(in.gcount());
  return whole;
}

/// A changed chunk in the middle is no end of the image, however often one tries to go on.
void a_failure_is_not_the_end() {
  const auto key = NEED(symmetric_key::generate());
  auto sealed = seal_all(sealing_for(key), {sample_image(50000)});
  sealed[30000] ^= 1;
  for (const std::size_t piece : {100, 10000}) {
    std::istringstream file(std::string(sealed.begin(), sealed.end()));
    sealed_istream in(opening_with(key), file);
    CHECK(in.good() && in.status() == SECIMG_OK && in.message().empty());
#ifdef SECIMG_NO_EXCEPTIONS
    CHECK(read_all(in, piece) < 30000 && in.eof());
#else
    CHECK_FAILS(SECIMG_ERR_NOT_AUTHENTIC, read_all(in, piece));
    in.clear();
    CHECK_FAILS(SECIMG_ERR_NOT_AUTHENTIC, in.seekg(0).get());
    in.exceptions(std::ios::goodbit);
    in.clear();
    CHECK(read_all(in, piece) == 0 && in.bad());
#endif
    CHECK(in.status() == SECIMG_ERR_NOT_AUTHENTIC && !in.message().empty());
    NEED(in.select(0));
    CHECK(in.status() == SECIMG_OK && in.get() == sample_image(1)[0]);
  }
}

/// What cannot be opened is told at once: by an exception, or by a bad stream with a status.
void not_opened() {
  const auto key = NEED(symmetric_key::generate());
  const auto other = opening_with(NEED(symmetric_key::generate()));
  const auto sealed = seal_all(sealing_for(key), {sample_image(10)});
  std::istringstream file(std::string(sealed.begin(), sealed.end()));
#ifdef SECIMG_NO_EXCEPTIONS
  sealed_istream wrong_key(other, file);
  CHECK(wrong_key.bad() && wrong_key.status() == SECIMG_ERR_NO_MATCHING_KEY && !wrong_key.message().empty());
  CHECK(wrong_key.get() == std::char_traits<char>::eof());
  sealed_istream no_file(other, std::filesystem::path("no/such/file.secimg"));
  CHECK(no_file.bad() && no_file.status() == SECIMG_ERR_IO);
#else
  CHECK_FAILS(SECIMG_ERR_NO_MATCHING_KEY, sealed_istream(other, file));
  CHECK_FAILS(SECIMG_ERR_IO, sealed_istream(other, std::filesystem::path("no/such/file.secimg")));
  CHECK_FAILS(SECIMG_ERR_NULL_POINTER, sealed_istream(reader()));
#endif
  std::istringstream nothing;
  CHECK_FAILS(SECIMG_ERR_TRUNCATED, reader::open_stream(other, nothing));
}

/// The caller's own read and seek: in short reads, with failures, and with exceptions that must not pass through the library.
void sources() {
  const auto key = NEED(symmetric_key::generate());
  const auto image = sample_image(50000);
  const auto sealed = seal_all(sealing_for(key), {image});
  const auto lifetime = std::make_shared<int>();
  std::size_t at = 0;
  bool fails = false;
  source from;
  from.length = sealed.size();
  from.read = [&, lifetime](mutable_bytes out) -> std::optional<std::size_t> {
    if (fails) return std::nullopt;
    const std::size_t count = std::min<std::size_t>({out.size(), sealed.size() - at, 1000});
    std::copy_n(sealed.begin() + static_cast<std::ptrdiff_t>(at), count, out.begin());
    at += count;
    return count;
  };
  from.seek = [&at](std::uint64_t offset) {
    at = static_cast<std::size_t>(offset);
    return true;
  };
  {
    auto all = NEED(reader::open(opening_with(key), from));
    std::vector<std::uint8_t> copy(image.size() + 1);
    CHECK(NEED(all.read(copy)) == image.size());
    copy.pop_back();
    CHECK(copy == image && NEED(all.read(copy)) == 0);
    NEED(all.seek(49999));
    CHECK(NEED(all.read(copy)) == 1 && copy[0] == image[49999] && all.position() == 50000);
    CHECK(NEED(all.read_at(20000, mutable_bytes(copy.data(), 5))) == 5 && std::equal(&copy[0], &copy[5], &image[20000]));
    fails = true;
    CHECK_FAILS(SECIMG_ERR_IO, all.read_at(0, copy));
  }
  CHECK_FAILS(SECIMG_ERR_IO, reader::open(opening_with(key), from));
  fails = false;
  CHECK_FAILS(SECIMG_ERR_NO_MATCHING_KEY, reader::open(opening_with(NEED(symmetric_key::generate())), from));
  CHECK_FAILS(SECIMG_ERR_INVALID_ARGUMENT, reader::open(opening_with(key), source()));
#ifndef SECIMG_NO_EXCEPTIONS
  from.seek = [](std::uint64_t) -> bool { throw std::runtime_error("the disk is gone"); };
  CHECK_FAILS(SECIMG_ERR_IO, reader::open(opening_with(key), from));
#endif
  from = source();
  CHECK(lifetime.use_count() == 1);  // nothing keeps the functions any more
}

}  // namespace

int main() {
  like_a_string_stream();
  bad_positions();
  reads_what_is_asked();
  several_images();
  a_failure_is_not_the_end();
  not_opened();
  sources();
}
