// As consumer.c, with the classes of secimg.hpp.
#include <secimg.hpp>

#include <cstdio>
#include <cstring>
#include <exception>
#include <stdexcept>
#include <string>

namespace {

void require(bool holds, const char *what) {
  if (!holds) throw std::runtime_error(what);
}

void round_trip() {
  const auto key = secimg::symmetric_key::generate();
  auto recipients = secimg::recipients::create();
  recipients.add(key);
  const auto sealing = secimg::seal_options::create(recipients);
  auto opening = secimg::open_options::create();
  opening.add(secimg::identity::from(key));

  const std::string picture = "GIF89a, and the rest of a picture";
  auto sealed = secimg::encrypt(sealing, picture);
  const auto opened = secimg::decrypt(opening, sealed);
  require(std::string(opened.image.begin(), opened.image.end()) == picture, "other bytes came out");

  sealed.back() ^= 1;
  try {
    static_cast<void>(secimg::decrypt(opening, sealed));
  } catch (const secimg::error &refused) {
    require(refused.status() == SECIMG_ERR_NOT_AUTHENTIC, "a changed stream is refused for another reason");
    return;
  }
  require(false, "a changed stream was opened");
}

}  // namespace

int main(int argc, char **argv) {
  try {
    require(argc == 2 && std::strcmp(secimg_version_string(), argv[1]) == 0, "another version is installed");
    require(std::strcmp(SECIMG_VERSION_STRING, argv[1]) == 0, "the headers are of another version");
    round_trip();
    std::printf("secimg %s opens what it sealed, from C++\n", secimg_version_string());
    return 0;
  } catch (const std::exception &failed) {
    std::fprintf(stderr, "%s\n", failed.what());
    return 1;
  }
}
