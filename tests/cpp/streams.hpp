// Options for a key that both sides have, and streams to open.
#ifndef SECIMG_TESTS_STREAMS_HPP
#define SECIMG_TESTS_STREAMS_HPP

#include "check.hpp"

inline secimg::seal_options sealing_for(const secimg::symmetric_key &key, std::uint32_t chunk_log2 = 12) {
  auto to = NEED(secimg::recipients::create());
  NEED(to.add(key));
  auto options = NEED(secimg::seal_options::create(to));
  NEED(options.set_chunk_log2(chunk_log2));
  return options;
}

inline secimg::open_options opening_with(const secimg::symmetric_key &key) {
  auto options = NEED(secimg::open_options::create());
  NEED(options.add(NEED(secimg::identity::from(key))));
  return options;
}

/// A sealer's stream of several images.
inline std::vector<std::uint8_t> seal_all(const secimg::seal_options &options, const std::vector<std::vector<std::uint8_t>> &images) {
  std::vector<std::uint8_t> stream;
  const auto append = [&](secimg::bytes_view sealed) {
    stream.insert(stream.end(), sealed.begin(), sealed.end());
    return true;
  };
  auto sealer = NEED(secimg::sealer::create(options));
  for (const auto &image : images) {
    NEED(sealer.start_item(image.size()));
    NEED(sealer.write(image, append));
    NEED(sealer.end_item());
    NEED(sealer.drain(append));
  }
  NEED(sealer.finish());
  NEED(sealer.drain(append));
  CHECK(sealer.done());
  return stream;
}

#endif
