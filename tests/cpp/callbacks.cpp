// Keys in devices, and progress: what the functions are given, what their failures become, and that they are let go.
#include "streams.hpp"

#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace {

using namespace secimg;
using bytes = std::vector<std::uint8_t>;

/// Counts who holds it: one where nothing of the library does any more.
const auto lifetime = std::make_shared<int>();

/// A toy device: it stores the content key under a mask. Wrapping appends the salt, so that what it is given can be checked.
constexpr std::uint8_t mask = 0x5C;

device_recipient masking_recipient() {
  device_recipient device;
  device.provider = "toy device";
  device.key_name = {'k', '1'};
  device.wrapped_size = SECIMG_CEK_LEN + SECIMG_SALT_LEN;
  device.wrap = [held = lifetime](bytes_view cek, bytes_view salt, mutable_bytes out) {
    CHECK(cek.size() == SECIMG_CEK_LEN && salt.size() == SECIMG_SALT_LEN && out.size() == cek.size() + salt.size());
    std::transform(cek.begin(), cek.end(), out.begin(), [](std::uint8_t byte) { return static_cast<std::uint8_t>(byte ^ mask); });
    std::copy(salt.begin(), salt.end(), out.begin() + cek.size());
    return true;
  };
  return device;
}

device_identity masking_identity() {
  device_identity device;
  device.provider = "toy device";
  device.key_name = {'k', '1'};
  device.unwrap = [held = lifetime](bytes_view wrapped, mutable_bytes cek) {
    CHECK(wrapped.size() == SECIMG_CEK_LEN + SECIMG_SALT_LEN && cek.size() == SECIMG_CEK_LEN);
    std::transform(wrapped.begin(), wrapped.begin() + SECIMG_CEK_LEN, cek.begin(),
                   [](std::uint8_t byte) { return static_cast<std::uint8_t>(byte ^ mask); });
    return unwrapped::done;
  };
  return device;
}

seal_options sealing_for_device(device_recipient device) {
  auto to = NEED(recipients::create());
  NEED(to.add(std::move(device)));
  return NEED(seal_options::create(to));
}

open_options opening_with_device(device_identity device) {
  auto options = NEED(open_options::create());
  NEED(options.add(NEED(identity::from(std::move(device)))));
  return options;
}

void wrapped_by_a_device() {
  const auto image = sample_image(1000);
  {
    const auto sealed = NEED(encrypt(sealing_for_device(masking_recipient()), image));
    const auto opened = NEED(decrypt(opening_with_device(masking_identity()), sealed));
    CHECK(same_bytes(opened.image, image) && opened.report.recipient_type() == recipient_type::external);

    auto wrong = masking_identity();
    wrong.unwrap = [](bytes_view, mutable_bytes) { return unwrapped::wrong; };
    CHECK_FAILS(SECIMG_ERR_NOT_AUTHENTIC, decrypt(opening_with_device(wrong), sealed));
    wrong.unwrap = [](bytes_view, mutable_bytes) { return unwrapped::device_failed; };
    CHECK_FAILS(SECIMG_ERR_PROVIDER, decrypt(opening_with_device(wrong), sealed));
    wrong.key_name = {'k', '2'};
    CHECK_FAILS(SECIMG_ERR_NO_MATCHING_KEY, decrypt(opening_with_device(wrong), sealed));
#ifndef SECIMG_NO_EXCEPTIONS
    auto throwing = masking_identity();
    throwing.unwrap = [](bytes_view, mutable_bytes) -> unwrapped { throw std::runtime_error("pulled out"); };
    CHECK_FAILS(SECIMG_ERR_PROVIDER, decrypt(opening_with_device(throwing), sealed));
#endif
  }
  auto failing = masking_recipient();
  failing.wrap = [](bytes_view, bytes_view, mutable_bytes) { return false; };
  CHECK_FAILS(SECIMG_ERR_PROVIDER, encrypt(sealing_for_device(failing), image));
#ifndef SECIMG_NO_EXCEPTIONS
  failing.wrap = [](bytes_view, bytes_view, mutable_bytes) -> bool { throw 7; };
  CHECK_FAILS(SECIMG_ERR_PROVIDER, encrypt(sealing_for_device(failing), image));
#endif
  CHECK(lifetime.use_count() == 1);
}

/// Functions that the library refused are let go as well.
void refused_devices() {
  auto to = NEED(recipients::create());
  auto nameless = masking_recipient();
  nameless.provider.clear();
  CHECK_FAILS(SECIMG_ERR_INVALID_ARGUMENT, to.add(nameless));
  auto cut = masking_recipient();
  cut.provider = std::string("a\0b", 3);
  CHECK_FAILS(SECIMG_ERR_INVALID_ARGUMENT, to.add(cut));
  CHECK_FAILS(SECIMG_ERR_INVALID_ARGUMENT, to.add(device_recipient()));
  CHECK_FAILS(SECIMG_ERR_NULL_POINTER, recipients().add(masking_recipient()));
  auto hybrid = masking_identity();
  hybrid.type = recipient_type::xwing;
  CHECK_FAILS(SECIMG_ERR_UNSUPPORTED, identity::from(hybrid));
  CHECK_FAILS(SECIMG_ERR_INVALID_ARGUMENT, identity::from(device_identity()));
  CHECK_FAILS(SECIMG_ERR_INVALID_ARGUMENT, signer::from(device_signer()));
  nameless = device_recipient();
  cut = device_recipient();
  hybrid = device_identity();
  CHECK(lifetime.use_count() == 1);
}

device_signer signing_with(const private_key &key, decltype(device_signer::sign) sign) {
  const auto pub = NEED(key.public_key());
  const auto spki = NEED(pub.spki());
  device_signer device;
  device.spki.assign(spki.begin(), spki.end());
  device.sign = std::move(sign);
  return device;
}

void signer_failures() {
  const auto key = NEED(symmetric_key::generate());
  const auto scanner = NEED(private_key::generate(key_kind::ed25519));
  auto sealing = sealing_for(key);
  NEED(sealing.set_signer(NEED(signer::from(signing_with(scanner, [held = lifetime](bytes_view, mutable_bytes) { return false; })))));
  CHECK_FAILS(SECIMG_ERR_PROVIDER, encrypt(sealing, sample_image(10)));
#ifndef SECIMG_NO_EXCEPTIONS
  NEED(sealing.set_signer(NEED(signer::from(signing_with(scanner, [](bytes_view, mutable_bytes) -> bool { throw 7; })))));
  CHECK_FAILS(SECIMG_ERR_PROVIDER, encrypt(sealing, sample_image(10)));
  CHECK(lifetime.use_count() == 1);  // the first signer was replaced
#endif
}

/// Signs with the openssl command, as a device would: the private key never enters the library that seals.
bool sign_with_openssl(const std::filesystem::path &folder, bytes_view message, mutable_bytes out) {
  const auto in = (folder / "message").string(), signature = (folder / "signature").string(), key = (folder / "key").string();
  std::ofstream(in, std::ios::binary).write(reinterpret_cast<const char *>(message.data()), static_cast<std::streamsize>(message.size()));
  const std::string command = "openssl pkeyutl -sign -rawin -inkey " + key + " -in " + in + " -out " + signature;
  if (std::system(command.c_str()) != 0) return false;
  std::ifstream file(signature, std::ios::binary);
  file.read(reinterpret_cast<char *>(out.data()), static_cast<std::streamsize>(out.size()));
  return file.gcount() == static_cast<std::streamsize>(out.size());
}

void signed_by_openssl() {
  if (std::system("openssl version > /dev/null") != 0) {
    std::fprintf(stderr, "SKIPPED: signing outside of the library, for want of the openssl command\n");
    CHECK(std::getenv("SECIMG_REQUIRE_TOOLS") == nullptr);
    return;
  }
  const auto scanner = NEED(private_key::generate(key_kind::ed25519));
  const auto file = NEED(temporary_file::create(NEED(scanner.to_pem()), "", placement::disk));
  const auto folder = std::filesystem::path(file.name()).parent_path();
  std::filesystem::copy_file(file.name(), folder / "key");

  const auto key = NEED(symmetric_key::generate());
  auto sealing = sealing_for(key);
  NEED(sealing.set_signer(NEED(signer::from(signing_with(
      scanner, [&](bytes_view message, mutable_bytes out) { return out.size() == 64 && sign_with_openssl(folder, message, out); })))));
  auto trusted = NEED(trusted_signers::create());
  NEED(trusted.add(NEED(scanner.public_key())));
  auto with = opening_with(key);
  NEED(with.require_signer(trusted));
  CHECK(NEED(decrypt(with, NEED(encrypt(sealing, sample_image(10))))).report.signer_trusted());
}

void progress_is_told_and_cancels() {
  const auto key = NEED(symmetric_key::generate());
  auto sealing = sealing_for(key);
  auto with = opening_with(key);
  const auto image = sample_image(3000000);
  std::uint64_t last = 0;
  const auto grows = [&](std::uint64_t done, std::uint64_t total) {
    CHECK(done >= last && done <= total);
    last = done;
    return true;
  };
  NEED(sealing.set_progress(grows));
  const auto sealed = NEED(encrypt(sealing, image));
  CHECK(last > 0);
  last = 0;
  NEED(with.set_progress(grows));
  auto moved = std::move(with);  // the function moves along
  CHECK(NEED(decrypt(moved, sealed)).image.size() == image.size() && last > 0);

  NEED(sealing.set_progress([](std::uint64_t, std::uint64_t) { return false; }));
  CHECK_FAILS(SECIMG_ERR_CANCELLED, encrypt(sealing, image));
#ifndef SECIMG_NO_EXCEPTIONS
  NEED(moved.set_progress([](std::uint64_t, std::uint64_t) -> bool { throw std::runtime_error("enough"); }));
  CHECK_FAILS(SECIMG_ERR_CANCELLED, verify(moved, sealed));
#endif
  NEED(moved.set_progress(nullptr));
  static_cast<void>(NEED(verify(moved, sealed)));
}

}  // namespace

int main() {
  wrapped_by_a_device();
  refused_devices();
  signer_failures();
  signed_by_openssl();
  progress_is_told_and_cancels();
  CHECK(lifetime.use_count() == 1);
}
