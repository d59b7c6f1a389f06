// What goes in comes out: every kind of recipient, with everything that a stream can say of itself.
#include "streams.hpp"

#include <fstream>
#include <iterator>

namespace {

using namespace secimg;
using std::string_view;

/// One picture of one pixel, as Netpbm has it: small, and recognised.
const std::vector<std::uint8_t> picture = {'P', '5', '\n', '3', ' ', '2', '\n', '2', '5', '5', '\n', 1, 2, 3, 4, 5, 6};

void every_recipient() {
  const auto rsa = NEED(private_key::generate(key_kind::rsa, 2048));
  const auto hybrid = NEED(private_key::generate(key_kind::xwing));
  const auto raw = NEED(symmetric_key::generate());
  auto to = NEED(recipients::create());
  NEED(to.add(NEED(rsa.public_key())));
  NEED(to.allow_mixing());
  NEED(to.add(NEED(hybrid.public_key())));
  NEED(to.add(raw));
  CHECK(to.count() == 3);

  const auto image = sample_image(100000);
  const auto sealed = NEED(encrypt(NEED(seal_options::create(to)), image));
  identity all[] = {NEED(identity::from(rsa)), NEED(identity::from(hybrid)), NEED(identity::from(raw))};
  const recipient_type types[] = {recipient_type::rsa_oaep_sha256, recipient_type::xwing, recipient_type::raw_key};
  for (std::size_t index = 0; index < 3; ++index) {
    auto with = NEED(open_options::create());
    NEED(with.add(all[index]));
    const auto opened = NEED(decrypt(with, sealed));
    CHECK(same_bytes(opened.image, image));
    CHECK(opened.report.recipient_type() == types[index]);
  }

  const auto seen = NEED(inspect(sealed));
  CHECK(seen.recipient_count() == 3 && seen.recipient_type(1) == recipient_type::xwing && !seen.is_signed());
  CHECK(seen.stream_bytes() == sealed.size() && seen.chunk_size() == 65536);
  CHECK(seen.suite() == SECIMG_SUITE_AES_256_CBC_HMAC_SHA_256 && seen.suite_name() == "aes-256-cbc+hmac-sha-256");
}

void passphrase() {
  auto to = NEED(recipients::create());
  NEED(to.add_passphrase(string_view("correct horse")));
  const auto sealed = NEED(encrypt(NEED(seal_options::create(to)), picture));
  auto with = NEED(open_options::create());
  NEED(with.add(NEED(identity::from_passphrase(string_view("correct horse")))));
  CHECK(same_bytes(NEED(decrypt(with, sealed)).image, picture));
  auto other = NEED(open_options::create());
  NEED(other.add(NEED(identity::from_passphrase(string_view("battery staple")))));
  CHECK_FAILS(SECIMG_ERR_NOT_AUTHENTIC, decrypt(other, sealed));
}

void signed_with_everything() {
  const auto key = NEED(symmetric_key::generate());
  const auto scanner = NEED(private_key::generate(key_kind::ed25519));
  auto sealing = sealing_for(key);
  NEED(sealing.set_suite(suite::aes_256_gcm));
  NEED(sealing.set_signer(NEED(signer::from(scanner))));
  NEED(sealing.set_signing_time(1700000000));
  NEED(sealing.set_context(string_view("1.2.3")));

  auto what = NEED(description::create());
  NEED(what.set_name("slice.raw"));
  NEED(what.set_time(-5));
  NEED(what.set_attribute("modality", "CT"));
  NEED(what.set_format("raw", "application/octet-stream"));
  NEED(what.set_dimensions({3, 2, 1, 1, 16}));
  const auto image = sample_image(12);
  const auto sealed = NEED(encrypt(sealing, what, image));

  auto trusted = NEED(trusted_signers::create());
  NEED(trusted.add(NEED(scanner.public_key())));
  auto with = opening_with(key);
  CHECK_FAILS(SECIMG_ERR_NOT_AUTHENTIC, verify(with, sealed));  // for want of the context
  NEED(with.set_context(string_view("1.2.3")));
  NEED(with.require_signer(trusted));
  const auto all = NEED(decrypt_all(with, sealed));
  CHECK(all.count() == 1 && same_bytes(NEED(all.image(0)), image));

  const auto manifest = all.manifest(0);
  CHECK(manifest.format() == "raw" && manifest.media_type() == "application/octet-stream");
  CHECK(manifest.name() == "slice.raw" && NEED(manifest.file_name()) == "slice.raw" && manifest.time() == -5);
  CHECK(manifest.size().width == 3 && manifest.size().height == 2 && manifest.size().bits == 16);
  CHECK(manifest.attribute_count() == 1 && manifest.attribute("modality") == "CT" && !manifest.attribute("other"));
  CHECK(manifest.attribute(0).first == "modality" && manifest.attribute(1).first.empty());
  CHECK(!all.manifest(1));

  const auto report = all.report();
  CHECK(report.suite() == "aes-256-gcm" && report.stream_bytes() == sealed.size());
  CHECK(report.signature_algorithm() == signature_algorithm::ed25519 && report.signer_trusted());
  CHECK(NEED(report.signer()) == NEED(NEED(scanner.public_key()).fingerprint()));
  CHECK(NEED(report.signer_key()) == NEED(scanner.public_key()) && report.signing_time() == 1700000000);
  CHECK(report.intended() == intended::unlisted && report.item_count() == 1 && report.item_bytes(0) == 12);
  CHECK(report.item(0).name() == "slice.raw" && NEED(report.item_sha256(0)) != digest{});
  CHECK(NEED(report.transfer_id()) == NEED(NEED(inspect(sealed)).transfer_id()));
  CHECK(NEED(report.recipient_key_id()) == NEED(NEED(inspect(sealed)).recipient_key_id(0)));
}

void recognised_and_not_signed() {
  const auto key = NEED(symmetric_key::generate());
  const auto opened = NEED(decrypt(opening_with(key), NEED(encrypt(sealing_for(key), picture))));
  CHECK(opened.report.item(0).format() == "pgm" || opened.report.item(0).format() == "pnm");
  CHECK(opened.report.item(0).size().width == 3 && opened.report.item(0).size().height == 2);
  CHECK(!opened.report.item(0).name() && !opened.report.item(0).time());
  CHECK(opened.report.signature_algorithm() == signature_algorithm::none && !opened.report.signer_trusted());
  CHECK_FAILS(SECIMG_ERR_STATE, opened.report.signer());
  CHECK_FAILS(SECIMG_ERR_INVALID_ARGUMENT, opened.report.item(0).file_name());
  CHECK(opened.report.intended() == intended::not_signed);
}

void exact_sizes() {
  const auto key = NEED(symmetric_key::generate());
  const auto with = opening_with(key);
  for (const bool padded : {false, true}) {
    auto sealing = sealing_for(key);
    NEED(sealing.set_padded(padded));
    NEED(sealing.set_threads(padded ? 2 : 1));
    for (const std::size_t size : {0, 1, 4000, 4096, 70000}) {
      const auto image = sample_image(size);
      const auto exact = NEED(sealed_size(sealing, description(), image, image.size()));
      std::vector<std::uint8_t> stream(static_cast<std::size_t>(exact));
      CHECK(NEED(encrypt_into(sealing, description(), image, stream)) == exact);
      std::vector<std::uint8_t> copy(stream.size());
      report verified;
      CHECK(NEED(decrypt_into(with, stream, copy, &verified)) == size && verified.item_bytes(0) == size);
      copy.resize(size);
      CHECK(copy == image);
      if (size > 0) CHECK_FAILS(SECIMG_ERR_BUFFER_TOO_SMALL, decrypt_into(with, stream, mutable_bytes(copy.data(), size - 1)));
      CHECK_FAILS(SECIMG_ERR_BUFFER_TOO_SMALL,
                  encrypt_into(sealing, description(), image, mutable_bytes(stream.data(), stream.size() - 1)));
    }
  }
}

void rewrapped() {
  const auto ours = NEED(symmetric_key::generate());
  const auto theirs = NEED(symmetric_key::generate());
  const auto sealed = NEED(encrypt(sealing_for(ours), picture));
  auto to = NEED(recipients::create());
  NEED(to.add(theirs));
  const auto again = NEED(rewrap(opening_with(ours), to, sealed));
  CHECK(same_bytes(NEED(decrypt(opening_with(theirs), again)).image, picture));
  CHECK_FAILS(SECIMG_ERR_NO_MATCHING_KEY, decrypt(opening_with(ours), again));
  CHECK_FAILS(SECIMG_ERR_NO_MATCHING_KEY, rewrap(opening_with(theirs), to, sealed));
}

void a_file_of_the_corpus(const std::string &folder) {
  std::ifstream file(folder + "/dicom/CT_small.dcm", std::ios::binary);
  const std::vector<char> image{std::istreambuf_iterator<char>(file), {}};
  CHECK(image.size() == 39206);
  const auto key = NEED(symmetric_key::generate());
  const auto opened = NEED(decrypt(opening_with(key), NEED(encrypt(sealing_for(key), image))));
  CHECK(same_bytes(opened.image, bytes_view(image)));
  CHECK(opened.report.item(0).media_type() == "application/dicom" && opened.report.item(0).size().width == 128);
}

}  // namespace

int main(int count, char **arguments) {
  CHECK(version() == SECIMG_VERSION_STRING);
  every_recipient();
  passphrase();
  signed_with_everything();
  recognised_and_not_signed();
  exact_sizes();
  rewrapped();
  if (count > 1) a_file_of_the_corpus(arguments[1]);
}
