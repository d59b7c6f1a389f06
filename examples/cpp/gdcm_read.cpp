// Reads a sealed DICOM file with GDCM, which takes any std::istream:
//
//     gdcm_read HOSPITAL.KEY SCANNER.PUB SEALED [PIXELS]
//
// The header alone opens the chunks that it lies in. With PIXELS the decoded pixels are read as well, and written there.
#include "sealed_input.hpp"

#include <gdcmImageReader.h>
#include <gdcmReader.h>
#include <gdcmStringFilter.h>

static std::string value_of(gdcm::StringFilter &filter, std::uint16_t group, std::uint16_t element) {
  return filter.ToString(gdcm::Tag(group, element));
}

static void read_header(secimg::sealed_istream &in) {
  gdcm::Reader reader;
  reader.SetStream(in);
  const bool read = reader.ReadUpToTag(gdcm::Tag(0x7fe0, 0x0010));
  if (in.status() != SECIMG_OK) throw std::runtime_error(in.message());  // not the file's end, but a changed file
  if (!read) throw std::runtime_error("GDCM cannot read this");
  gdcm::StringFilter filter;
  filter.SetFile(reader.GetFile());
  std::cout << "patient: " << value_of(filter, 0x0010, 0x0010) << '\n'
            << "rows x columns: " << value_of(filter, 0x0028, 0x0010) << " x " << value_of(filter, 0x0028, 0x0011) << '\n';
  print_cost("header", in.source());
}

static void read_pixels(secimg::sealed_istream &in, const char *path) {
  in.clear();
  in.seekg(0);
  gdcm::ImageReader reader;
  reader.SetStream(in);
  const bool read = reader.Read();
  if (in.status() != SECIMG_OK) throw std::runtime_error(in.message());
  if (!read) throw std::runtime_error("GDCM cannot read this image");
  std::vector<char> pixels(reader.GetImage().GetBufferLength());
  if (!reader.GetImage().GetBuffer(pixels.data())) throw std::runtime_error("GDCM cannot decode this image");
  store(path, pixels.data(), pixels.size());
  print_cost("all of it", in.source());
}

int main(int count, char **arguments) {
  return run_reader("gdcm_read", count, arguments, [](const secimg::open_options &options, const char *sealed, const char *pixels) {
    secimg::sealed_istream in(options, std::filesystem::path(sealed));
    read_header(in);
    if (pixels != nullptr) read_pixels(in, pixels);
  });
}
