// What the readers of sealed DICOM files have in common.
#ifndef SECIMG_EXAMPLES_SEALED_INPUT_HPP
#define SECIMG_EXAMPLES_SEALED_INPUT_HPP

#include <secimg.hpp>

#include <fstream>
#include <iostream>

/// Opens what the scanner signed for the hospital, and nothing else: with the files that `seal_file` makes.
inline secimg::open_options opening_with(const std::string &hospital_key, const std::string &scanner_pub) {
  auto trusted = secimg::trusted_signers::create();
  trusted.add(secimg::public_key::load(scanner_pub));
  auto options = secimg::open_options::create();
  options.add(secimg::identity::from(secimg::private_key::load(hospital_key)));
  options.require_signer(trusted);
  return options;
}

inline void print_cost(const char *what, const secimg::reader &from) {
  std::cout << what << ": " << from.decrypted_bytes() << " bytes decrypted of a file of " << from.size() << '\n';
}

inline void store(const char *path, const char *bytes, std::size_t size) {
  std::ofstream file(path, std::ios::binary);
  if (!file.write(bytes, static_cast<std::streamsize>(size)).flush()) throw std::runtime_error("the pixels cannot be written");
}

/// NAME HOSPITAL.KEY SCANNER.PUB SEALED [PIXELS]: runs `read(options, sealed, pixels or NULL)`.
template <class Read>
int run_reader(const char *name, int count, char **arguments, Read &&read) {
  if (count != 4 && count != 5) {
    std::cerr << "usage: " << name << " HOSPITAL.KEY SCANNER.PUB SEALED [PIXELS]\n";
    return 2;
  }
  try {
    read(opening_with(arguments[1], arguments[2]), arguments[3], count == 5 ? arguments[4] : nullptr);
    return 0;
  } catch (const std::exception &why) {
    std::cerr << name << ": " << why.what() << '\n';
    return 1;
  }
}

#endif
