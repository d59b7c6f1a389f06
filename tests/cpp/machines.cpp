// Sealing and opening in pieces of every size, with events, checkpoints and sinks that fail.
#include "streams.hpp"

namespace {

using namespace secimg;
using bytes = std::vector<std::uint8_t>;

/// Opens in pieces of `step` bytes with the calls of the machine themselves.
bytes open_in_pieces(const open_options &with, const bytes &sealed, std::size_t step, std::vector<event> &events) {
  bytes image;
  auto machine = NEED(opener::create(with));
  std::size_t at = 0;
  for (;;) {
    const event next = NEED(machine.next_event());
    if (next == event::finished) break;
    if (next == event::need_input) {
      CHECK(machine.wants_input() && !machine.has_event() && at < sealed.size());
      at += NEED(machine.push(bytes_view(sealed.data() + at, std::min(step, sealed.size() - at))));
      continue;
    }
    if (next != event::data) {
      events.push_back(next);
      continue;
    }
    const auto piece = NEED(machine.peek());
    const std::size_t part = std::min<std::size_t>(piece.size(), 1000);  // less than there is
    CHECK(machine.has_output() && !piece.empty());
    image.insert(image.end(), piece.begin(), piece.begin() + part);
    NEED(machine.consume(part));
  }
  CHECK(at == sealed.size() && machine.done());
  CHECK(NEED(machine.finish()).stream_bytes() == sealed.size());
  return image;
}

bytes seal_in_pieces(const seal_options &options, const bytes &image, std::size_t step) {
  bytes sealed;
  auto machine = NEED(sealer::create(options));
  const auto sink = [&](bytes_view piece) {
    sealed.insert(sealed.end(), piece.begin(), piece.end());
    return true;
  };
  CHECK(NEED(machine.transfer_id()) != digest{});
  NEED(machine.start_item(SECIMG_LENGTH_UNKNOWN));
  for (std::size_t at = 0; at < image.size(); at += step) {
    NEED(machine.write(bytes_view(image.data() + at, std::min(step, image.size() - at)), sink));
  }
  NEED(machine.end_item());
  NEED(machine.flush());
  NEED(machine.checkpoint());
  NEED(machine.start_item(0));
  NEED(machine.end_item());
  NEED(machine.finish());
  CHECK(machine.has_output() && !machine.done());
  NEED(machine.drain(sink));
  CHECK(machine.done() && !machine.has_output() && !machine.failed());
  return sealed;
}

void pieces_of_every_size() {
  const auto key = NEED(symmetric_key::generate());
  auto sealing = sealing_for(key);
  const auto scanner = NEED(private_key::generate(key_kind::ed25519));
  NEED(sealing.set_signer(NEED(signer::from(scanner))));
  auto trusted = NEED(trusted_signers::create());
  NEED(trusted.add(NEED(scanner.public_key())));
  auto with = opening_with(key);
  const auto image = sample_image(20000);
  for (const std::size_t step : {1, 13, 4096, 30000}) {
    const auto sealed = seal_in_pieces(sealing, image, step);
    std::vector<event> events;
    CHECK(open_in_pieces(with, sealed, step, events) == image);
    const std::vector<event> expected = {event::item, event::item_end, event::checkpoint, event::item, event::item_end};
    CHECK(events == expected);
  }
  // With a required signer an opener starts only under the promise to wait for finish.
  NEED(with.require_signer(trusted));
  NEED(with.set_spooled(true));
  NEED(with.set_threads(2));
  std::vector<event> events;
  CHECK(open_in_pieces(with, seal_in_pieces(sealing, image, 100), 100, events) == image);
}

void whole_feeds() {
  const auto key = NEED(symmetric_key::generate());
  const auto with = opening_with(key);
  const auto sealed = seal_all(sealing_for(key), {sample_image(9000), sample_image(0), sample_image(5)});
  std::vector<std::size_t> sizes;
  const auto sink = [&](const manifest_view &item, bytes_view image) {
    CHECK(item && item.format() == "opaque");
    if (image.empty()) sizes.push_back(0);
    sizes.back() += image.size();
    return true;
  };
  auto machine = NEED(opener::create(with));
  NEED(machine.feed(sealed, sink));
  CHECK((sizes == std::vector<std::size_t>{9000, 0, 5}));
  CHECK(NEED(machine.finish()).item_count() == 3);

  auto trailing = sealed;
  trailing.push_back(0);
  auto too_much = NEED(opener::create(with));
  CHECK_FAILS(SECIMG_ERR_TRAILING_BYTES, too_much.feed(trailing, sink));
  auto changed = sealed;
  changed[changed.size() / 2] ^= 1;
  auto tampered = NEED(opener::create(with));
  CHECK_FAILS(SECIMG_ERR_NOT_AUTHENTIC, tampered.feed(changed, sink));
  CHECK(tampered.failed() && !tampered.error_text().empty());
}

void sinks_that_fail() {
  const auto key = NEED(symmetric_key::generate());
  auto sealing = NEED(sealer::create(sealing_for(key)));
  NEED(sealing.start_item(SECIMG_LENGTH_UNKNOWN));
  CHECK_FAILS(SECIMG_ERR_IO, sealing.write(sample_image(100000), [](bytes_view) { return false; }));
  auto opening = NEED(opener::create(opening_with(key)));
  const auto sealed = seal_all(sealing_for(key), {sample_image(9000)});
  CHECK_FAILS(SECIMG_ERR_IO, opening.feed(sealed, [](const manifest_view &, bytes_view) { return false; }));
}

}  // namespace

int main() {
  pieces_of_every_size();
  whole_feeds();
  sinks_that_fail();
}
