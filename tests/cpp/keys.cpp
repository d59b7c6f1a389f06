// Keys: made, stored, loaded, told apart; and certificates.
#include "check.hpp"

#include <filesystem>

namespace {

using namespace secimg;
using std::string_view;

/// A folder that goes with the test.
struct folder {
  folder() {
    const auto stem = std::filesystem::temp_directory_path() / "secimg-cpp-keys-";
    for (unsigned attempt = 0;; ++attempt) {
      path = stem.string() + std::to_string(attempt);
      if (std::filesystem::create_directory(path)) return;
    }
  }
  ~folder() { std::filesystem::remove_all(path); }
  std::filesystem::path path;
};

// Of openssl req -x509 -newkey ed25519, valid until 2126.
constexpr char certificate_pem[] = R"(-----BEGIN CERTIFICATE-----
MIIBgTCCATOgAwIBAgIUfoAboX7aa8ZsBbn3BMTuFHZJPF8wBQYDK2VwMCQxEDAO
BgNVBAoMB0V4YW1wbGUxEDAOBgNVBAMMB1NjYW5uZXIwIBcNMjYxMTI3MDgyNjE3
WhgPMjEyNjExMDMwODI2MTdaMCQxEDAOBgNVBAoMB0V4YW1wbGUxEDAOBgNVBAMM
B1NjYW5uZXIwKjAFBgMrZXADIQB+njtFZg5JMhUdv1Xn1tyNEmSkAExB1Ndtq8Kp
fMS7W6N1MHMwHQYDVR0OBBYEFIao7lVt1E2u/ISa9LIlNksaIQ6GMB8GA1UdIwQY
MBaAFIao7lVt1E2u/ISa9LIlNksaIQ6GMAwGA1UdEwEB/wQCMAAwDgYDVR0PAQH/
BAQDAgeAMBMGA1UdJQQMMAoGCCsGAQUFBwMEMAUGAytlcANBAC9iadqejZ3pjJTm
F45vS3Q/2WgD6lYX98EaqRZ39O+9NFyOMCogNX8YwokiLt1eLIAK2QyCIBALqvHW
N9Nn+wQ=
-----END CERTIFICATE-----
)";

void private_keys(const folder &in) {
  const auto key = NEED(private_key::generate(key_kind::ed25519));
  const auto pub = NEED(key.public_key());
  CHECK(pub.kind() == key_kind::ed25519);
  CHECK(pub.strength_bits() == 128);

  const auto pem = NEED(key.to_pem());
  CHECK(string_view(reinterpret_cast<const char *>(pem.data()), pem.size()).substr(0, 27) == "-----BEGIN PRIVATE KEY-----");
  CHECK(NEED(NEED(private_key::from_pem(pem)).public_key()) == pub);

  const auto path = in.path / "signer.key";
  NEED(key.store(path));
  CHECK_FAILS(SECIMG_ERR_IO, key.store(path));
  NEED(key.store(path, {}, existing_file::overwrite));
  CHECK(NEED(NEED(private_key::load(path)).public_key()) == pub);
  CHECK_FAILS(SECIMG_ERR_KEY, private_key::from_pem(string_view("not a key")));
  CHECK_FAILS(SECIMG_ERR_IO, private_key::load(in.path / "nothing.key"));
#ifndef _WIN32
  std::filesystem::permissions(path, std::filesystem::perms::group_read, std::filesystem::perm_options::add);
  CHECK_FAILS(SECIMG_ERR_KEY, private_key::load(path));
  CHECK(NEED(private_key::load(path, {}, key_file::allow_shared)));
#endif
}

void public_keys(const folder &in) {
  const auto rsa = NEED(NEED(private_key::generate(key_kind::rsa, 2048)).public_key());
  CHECK(rsa.kind() == key_kind::rsa && rsa.bits() == 2048);
  CHECK(NEED(public_key::from_pem(NEED(rsa.to_pem()))) == rsa);
  CHECK(NEED(public_key::from_spki(NEED(rsa.spki()))) == rsa);
  NEED(rsa.store(in.path / "rsa.pub"));
  CHECK(NEED(public_key::load(in.path / "rsa.pub")) == rsa);

  const auto hybrid = NEED(NEED(private_key::generate(key_kind::xwing)).public_key());
  CHECK(hybrid.kind() == key_kind::xwing && hybrid != rsa);
  const auto text = NEED(fingerprint_text(NEED(hybrid.fingerprint())));
  CHECK(text.size() == SECIMG_FINGERPRINT_TEXT_LEN - 1 && text.substr(0, 7) == "sha256:");
  CHECK_FAILS(SECIMG_ERR_INVALID_ARGUMENT, private_key::generate(static_cast<key_kind>(77)));
  CHECK_FAILS(SECIMG_ERR_INVALID_ARGUMENT, public_key::load(std::string("a\0b", 3)));
}

void symmetric_keys(const folder &in) {
  const auto key = NEED(symmetric_key::generate());
  const auto bytes = NEED(key.to_bytes());
  CHECK(bytes.size() == 32);
  CHECK(NEED(NEED(symmetric_key::from_bytes(bytes)).fingerprint()) == NEED(key.fingerprint()));
  CHECK(NEED(NEED(symmetric_key::from_text(NEED(key.to_text()))).fingerprint()) == NEED(key.fingerprint()));
  NEED(key.store(in.path / "archive.key"));
  CHECK(NEED(NEED(symmetric_key::load(in.path / "archive.key")).to_bytes()) == bytes);
  CHECK_FAILS(SECIMG_ERR_INVALID_ARGUMENT, symmetric_key::from_bytes(bytes_view(bytes.data(), 31)));
}

void certificate_files() {
  const auto file = NEED(certificates::from_bytes(string_view(certificate_pem)));
  CHECK(file.count() == 1 && !file.is_authority(0));
  CHECK(file.subject(0).find("Scanner") != string_view::npos && file.issuer(0) == file.subject(0));
  CHECK(file.not_before(0) < file.not_after(0));
  CHECK(NEED(file.public_key(0)).kind() == key_kind::ed25519);
  CHECK(NEED(certificates::from_bytes(NEED(file.der(0)))).count() == 1);
  CHECK(NEED(file.check(purpose::signer)).empty());
  CHECK(NEED(file.check(purpose::signer, file.not_after(0) + 1)).size() == 1);
  CHECK_FAILS(SECIMG_ERR_CERTIFICATE, file.check(purpose::signer, file.not_after(0) + 1, certificate_check::strict));
  auto trusted = NEED(trusted_signers::create());
  CHECK(NEED(trusted.add(file)).empty());
  CHECK(trusted.count() == 1);
  CHECK(file.subject(1).empty());
  CHECK_FAILS(SECIMG_ERR_INVALID_ARGUMENT, file.der(1));
  CHECK_FAILS(SECIMG_ERR_KEY, certificates::from_bytes(string_view("no certificate")));
}

}  // namespace

int main() {
  const folder in;
  private_keys(in);
  public_keys(in);
  symmetric_keys(in);
  certificate_files();
}
