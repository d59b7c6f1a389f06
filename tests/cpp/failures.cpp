// What must fail does, with the right status, and leaves nothing of the image behind. What was moved from says so.
#include "streams.hpp"

#include <chrono>
#include <type_traits>

namespace {

using namespace secimg;

void every_changed_byte() {
  const auto key = NEED(symmetric_key::generate());
  const auto with = opening_with(key);
  const auto image = sample_image(600);
  auto sealed = NEED(encrypt(sealing_for(key), image));
  std::vector<std::uint8_t> out(sealed.size(), 0xAA);
  const std::vector<std::uint8_t> untouched = out;
  std::size_t refused = 0;
  for (std::size_t at = 0; at < sealed.size(); at += 7) {
    sealed[at] ^= 0x10;
#ifdef SECIMG_NO_EXCEPTIONS
    refused += decrypt_into(with, sealed, out) ? 0 : 1;
#else
    try {
      static_cast<void>(decrypt_into(with, sealed, out));
    } catch (const error &) {
      ++refused;
    }
#endif
    sealed[at] ^= 0x10;
    CHECK(std::search(out.begin(), out.end(), image.begin(), image.begin() + 16) == out.end());
    out = untouched;
  }
  CHECK(refused == (sealed.size() + 6) / 7);
  CHECK(NEED(decrypt(with, sealed)).image.size() == image.size());
}

void one_answer_for_all_secrets() {
  const auto key = NEED(symmetric_key::generate());
  const auto image = sample_image(10);
  auto sealed = NEED(encrypt(sealing_for(key), image));
  CHECK_FAILS(SECIMG_ERR_NO_MATCHING_KEY, decrypt(opening_with(NEED(symmetric_key::generate())), sealed));
  sealed.back() ^= 1;
  CHECK_FAILS(SECIMG_ERR_NOT_AUTHENTIC, decrypt(opening_with(key), sealed));
  sealed.back() ^= 1;
  CHECK_FAILS(SECIMG_ERR_TRUNCATED, verify(opening_with(key), bytes_view(sealed.data(), sealed.size() - 1)));
  sealed.push_back(0);
  CHECK_FAILS(SECIMG_ERR_TRAILING_BYTES, verify(opening_with(key), sealed));
  CHECK_FAILS(SECIMG_ERR_FORMAT, inspect(image));
}

void signer_required() {
  const auto key = NEED(symmetric_key::generate());
  const auto scanner = NEED(private_key::generate(key_kind::ed25519));
  const auto other = NEED(private_key::generate(key_kind::ed25519));
  auto sealing = sealing_for(key);
  const auto image = sample_image(10);
  const auto unsigned_stream = NEED(encrypt(sealing, image));
  NEED(sealing.set_signer(NEED(signer::from(other))));
  const auto by_another = NEED(encrypt(sealing, image));
  auto trusted = NEED(trusted_signers::create());
  NEED(trusted.add(NEED(scanner.public_key())));
  auto with = opening_with(key);
  NEED(with.require_signer(trusted));
  CHECK_FAILS(SECIMG_ERR_SIGNER, decrypt(with, unsigned_stream));
  CHECK_FAILS(SECIMG_ERR_SIGNER, decrypt(with, by_another));
  CHECK_FAILS(SECIMG_ERR_SIGNER, reader::open_memory(with, by_another));
}

void signing_window() {
  using namespace std::chrono_literals;
  const auto key = NEED(symmetric_key::generate());
  const auto scanner = NEED(private_key::generate(key_kind::ed25519));
  auto sealing = sealing_for(key);
  NEED(sealing.set_signer(NEED(signer::from(scanner))));
  const auto recent = NEED(encrypt(sealing, sample_image(10)));
  NEED(sealing.set_signing_time(1));
  const auto old = NEED(encrypt(sealing, sample_image(10)));
  auto trusted = NEED(trusted_signers::create());
  NEED(trusted.add(NEED(scanner.public_key())));
  auto with = opening_with(key);
  NEED(with.require_signer(trusted));
  NEED(with.set_signing_window(24h, 5min));
  static_cast<void>(NEED(decrypt(with, recent)));
  CHECK_FAILS(SECIMG_ERR_STALE_SIGNATURE, decrypt(with, old));
  CHECK_FAILS(SECIMG_ERR_STALE_SIGNATURE, reader::open_memory(with, old));
}

void wrong_arguments() {
  const auto key = NEED(symmetric_key::generate());
  auto sealing = sealing_for(key);
  CHECK_FAILS(SECIMG_ERR_INVALID_ARGUMENT, sealing.set_chunk_log2(24));
  CHECK_FAILS(SECIMG_ERR_INVALID_ARGUMENT, sealing.set_suite(static_cast<suite>(0)));
  auto what = NEED(description::create());
  CHECK_FAILS(SECIMG_ERR_INVALID_ARGUMENT, what.set_name(std::string("a\0b", 3)));
  CHECK_FAILS(SECIMG_ERR_INVALID_ARGUMENT, what.set_attribute("name", std::string("a\0b", 3)));
  auto with = opening_with(key);
  NEED(with.set_max_stream_bytes(100));
  CHECK_FAILS(SECIMG_ERR_LIMIT, decrypt(with, NEED(encrypt(sealing, sample_image(10)))));
  const auto ed25519 = NEED(private_key::generate(key_kind::ed25519));
  auto to = NEED(recipients::create());
  CHECK_FAILS(SECIMG_ERR_KEY, to.add(NEED(ed25519.public_key())));
}

void failures_of_machines() {
  const auto key = NEED(symmetric_key::generate());
  auto sealer = NEED(sealer::create(sealing_for(key)));
  CHECK_FAILS(SECIMG_ERR_STATE, sealer.end_item());
  NEED(sealer.start_item(5));
  CHECK_FAILS(SECIMG_ERR_INVALID_ARGUMENT, sealer.write(sample_image(6), [](bytes_view) { return true; }));
  CHECK(sealer.failed() && !sealer.error_text().empty());
  CHECK_FAILS(SECIMG_ERR_STATE, sealer.finish());

  auto opener = NEED(opener::create(opening_with(key)));
  CHECK_FAILS(SECIMG_ERR_TRUNCATED, opener.finish());
  CHECK(opener.failed() && !opener.error_text().empty());
}

/// Moves out of an object: what is left must answer, and not crash.
template <class Class>
Class &emptied(Class &object) {
  const Class taken = std::move(object);
  CHECK(!object);
  return object;
}

void moved_from() {
  const auto with = opening_with(NEED(symmetric_key::generate()));
  auto secret = NEED(private_key::generate(key_kind::ed25519));
  auto pub = NEED(secret.public_key());
  emptied(secret);
  CHECK_FAILS(SECIMG_ERR_NULL_POINTER, secret.public_key());
  CHECK_FAILS(SECIMG_ERR_NULL_POINTER, signer::from(secret));
  emptied(pub);
  CHECK_FAILS(SECIMG_ERR_NULL_POINTER, pub.fingerprint());
  CHECK(pub.kind() == key_kind::none && pub.bits() == 0);

  auto key = NEED(symmetric_key::generate());
  auto sealing = sealing_for(key);
  const auto sealed = seal_all(sealing, {sample_image(10)});
  auto reading = NEED(reader::open_memory(opening_with(key), sealed));
  auto all = NEED(decrypt_all(opening_with(key), sealed));
  auto one = NEED(decrypt(opening_with(key), sealed));
  auto seen = NEED(inspect(sealed));
  emptied(sealing);
  CHECK_FAILS(SECIMG_ERR_NULL_POINTER, encrypt(sealing, sealed));
  CHECK_FAILS(SECIMG_ERR_NULL_POINTER, sealing.set_padded(true));
  CHECK_FAILS(SECIMG_ERR_NULL_POINTER, sealing.set_threads(2));
  CHECK_FAILS(SECIMG_ERR_NULL_POINTER, sealing.set_progress([](std::uint64_t, std::uint64_t) { return true; }));
  CHECK_FAILS(SECIMG_ERR_NULL_POINTER, decrypt(open_options(), sealed));
  CHECK_FAILS(SECIMG_ERR_NULL_POINTER, sealer().finish());
  CHECK_FAILS(SECIMG_ERR_NULL_POINTER, sealer().push(sealed));
  CHECK_FAILS(SECIMG_ERR_NULL_POINTER, opener().next_event());
  CHECK(sealer().state() == 0 || sealer().failed());
  CHECK(!opener().manifest() && opener().error_text().empty());

  emptied(reading);
  std::uint8_t byte[1];
  CHECK_FAILS(SECIMG_ERR_NULL_POINTER, reading.read(byte));
  CHECK(reading.size() == 0 && reading.item_count() == 0 && reading.item_name(0).empty() && !reading.manifest());
  emptied(all);
  CHECK_FAILS(SECIMG_ERR_NULL_POINTER, all.image(0));
  CHECK(all.count() == 0 && !all.manifest(0) && !all.report() && all.report().suite().empty());
  emptied(one.report);
  CHECK_FAILS(SECIMG_ERR_NULL_POINTER, one.report.transfer_id());
  CHECK(one.report.item_count() == 0 && one.report.warnings().empty() && one.report.item(0).format().empty());
  emptied(seen);
  CHECK(seen.recipient_count() == 0 && seen.suite_name().empty());
  CHECK(recipients().count() == 0 && trusted_signers().count() == 0 && certificates().subject(0).empty());
}

void ownership() {
  static_assert(!std::is_copy_constructible_v<private_key> && std::is_nothrow_move_constructible_v<private_key>);
  static_assert(!std::is_copy_constructible_v<reader_streambuf> && !std::is_copy_constructible_v<sealed_istream>);
  auto key = NEED(symmetric_key::generate());
  const auto fingerprint = NEED(key.fingerprint());
  secimg_symmetric_key *const native = key.release();
  CHECK(!key && native != nullptr);
  key = symmetric_key(native);
  CHECK(key.native_handle() == native && NEED(key.fingerprint()) == fingerprint);

  // An option object that is given away forgets the function that it kept.
  auto sealing = sealing_for(key);
  bool called = false;
  NEED(sealing.set_progress([&](std::uint64_t, std::uint64_t) { return called = true; }));
  const seal_options again(sealing.release());
  static_cast<void>(NEED(encrypt(again, sample_image(200000))));
  CHECK(!called);
}

}  // namespace

int main() {
  every_changed_byte();
  one_answer_for_all_secrets();
  signer_required();
  signing_window();
  wrong_arguments();
  failures_of_machines();
  moved_from();
  ownership();
}
