// Seals an image in memory, signed, opens it again and compares: the shortest program that does it.
#include <secimg.hpp>

#include <iostream>
#include <string_view>

int main() try {
  const auto hospital = secimg::private_key::generate(secimg::key_kind::rsa);
  const auto scanner = secimg::private_key::generate(secimg::key_kind::ed25519);
  const std::string_view image = "the bytes of an image file";

  auto recipients = secimg::recipients::create();
  recipients.add(hospital.public_key());
  auto sealing = secimg::seal_options::create(recipients);
  sealing.set_signer(secimg::signer::from(scanner));
  const auto sealed = secimg::encrypt(sealing, image);

  auto trusted = secimg::trusted_signers::create();
  trusted.add(scanner.public_key());
  auto opening = secimg::open_options::create();
  opening.add(secimg::identity::from(hospital));
  opening.require_signer(trusted);
  const auto opened = secimg::decrypt(opening, sealed);

  const bool equal = std::equal(image.begin(), image.end(), opened.image.begin(), opened.image.end());
  std::cout << image.size() << " bytes sealed as " << sealed.size() << (equal ? ", opened and equal\n" : ", and not equal\n");
  return equal ? 0 : 1;
} catch (const secimg::error &why) {
  std::cerr << why.what() << '\n';
  return 1;
}
