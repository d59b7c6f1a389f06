// Seals an image file for a hospital, signed by a scanner, and opens it again:
//
//     seal_file IMAGE FOLDER
//
// FOLDER gets IMAGE.secimg, hospital.key and scanner.pub, with which the other examples read.
#include <secimg.hpp>

#include <fstream>
#include <iostream>

static void seal_and_open(const std::filesystem::path &image_path, const std::filesystem::path &folder) {
  // Each makes a key once; only the public ones are handed out.
  const auto hospital = secimg::private_key::generate(secimg::key_kind::rsa);
  const auto scanner = secimg::private_key::generate(secimg::key_kind::ed25519);
  hospital.store(folder / "hospital.key");
  scanner.public_key().store(folder / "scanner.pub");

  // The scanner seals, piece by piece: the sealed bytes may as well go to a socket.
  auto to = secimg::recipients::create();
  to.add(hospital.public_key());
  auto sealing = secimg::seal_options::create(to);
  sealing.set_signer(secimg::signer::from(scanner));
  auto what = secimg::description::create();
  what.set_name(image_path.filename());

  const auto sealed_path = folder / (image_path.filename().string() + ".secimg");
  std::ifstream image(image_path, std::ios::binary);
  std::ofstream sealed(sealed_path, std::ios::binary);
  const auto store = [&](secimg::bytes_view bytes) {
    return static_cast<bool>(sealed.write(reinterpret_cast<const char *>(bytes.data()), static_cast<std::streamsize>(bytes.size())));
  };
  auto sealer = secimg::sealer::create(sealing);
  sealer.start_item(what, std::filesystem::file_size(image_path));
  std::vector<char> piece(1 << 16);
  while (image.read(piece.data(), static_cast<std::streamsize>(piece.size())) || image.gcount() > 0) {
    sealer.write(secimg::bytes_view::of(piece.data(), static_cast<std::size_t>(image.gcount())), store);
  }
  sealer.end_item();
  sealer.finish();
  sealer.drain(store);
  sealed.close();

  // The hospital takes it from this scanner only, and from nobody else.
  auto trusted = secimg::trusted_signers::create();
  trusted.add(scanner.public_key());
  auto opening = secimg::open_options::create();
  opening.add(secimg::identity::from(hospital));
  opening.require_signer(trusted);
  secimg::sealed_istream opened(opening, sealed_path);
  const std::string copy(std::istreambuf_iterator<char>(opened), {});
  std::ifstream original(image_path, std::ios::binary);
  const std::string expected(std::istreambuf_iterator<char>(original), {});
  if (copy != expected) throw std::runtime_error("it did not open to the same bytes");
  std::cout << sealed_path.string() << ": " << copy.size() << " bytes of " << opened.source().manifest().media_type()
            << ", signed by the scanner\n";
}

int main(int count, char **arguments) try {
  if (count != 3) {
    std::cerr << "usage: seal_file IMAGE FOLDER\n";
    return 2;
  }
  seal_and_open(arguments[1], arguments[2]);
  return 0;
} catch (const std::exception &why) {
  std::cerr << "seal_file: " << why.what() << '\n';
  return 1;
}
