// Encrypted private keys. The key derivation is slow on purpose: alone in its program, so that a run under valgrind can leave it out.
#include "check.hpp"

int main() {
  using namespace secimg;
  using std::string_view;
  const auto key = NEED(private_key::generate(key_kind::ed25519));
  const auto pem = NEED(key.to_pem(string_view("correct horse")));
  CHECK(string_view(reinterpret_cast<const char *>(pem.data()), pem.size()).substr(0, 37) == "-----BEGIN ENCRYPTED PRIVATE KEY-----");
  CHECK_FAILS(SECIMG_ERR_KEY_PASSPHRASE, private_key::from_pem(pem));
  CHECK_FAILS(SECIMG_ERR_KEY_PASSPHRASE, private_key::from_pem(pem, string_view("battery staple")));
  CHECK(NEED(NEED(private_key::from_pem(pem, string_view("correct horse"))).public_key()) == NEED(key.public_key()));
}
