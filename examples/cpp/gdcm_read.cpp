// Reads a sealed DICOM file with GDCM, which takes any std::istream:
//
//     gdcm_read HOSPITAL.KEY SCANNER.PUB SEALED [PIXELS]
//
// The header alone opens the chunks that it lies in. With PIXELS the decoded pixels are read as well, and written there.
#include "sealed_input.hpp"

#include <gdcmImageReader.h>
#include <gdcmReader.h>
#include <gdcmStringFilter.h>

static void read_header(secimg::sealed_istream &in) {
  gdcm::Reader reader;
  reader.SetStream(in);
  const gdcm::Tag patient(0x0010, 0x0010), rows(0x0028, 0x0010), columns(0x0028, 0x0011);
  const bool read = reader.ReadSelectedTags({patient, rows, columns});
  if (in.status() != SECIMG_OK) throw std::runtime_error(in.message());  // GDCM has caught the exception of a changed file
  if (!read) throw std::runtime_error("GDCM cannot read this");
  gdcm::StringFilter filter;
  filter.SetFile(reader.GetFile());
  std::cout << "patient: " << filter.ToString(patient) << '\n'
            << "rows x columns: " << filter.ToString(rows) << " x " << filter.ToString(columns) << '\n';
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
