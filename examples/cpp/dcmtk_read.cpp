// Reads a sealed DICOM file with DCMTK, without ever having all of it in memory:
//
//     dcmtk_read HOSPITAL.KEY SCANNER.PUB SEALED [PIXELS]
//
// The header alone opens the chunks that it lies in. With PIXELS the pixel data is read as well, and written there as it lies in the file.
#include "dcmtk_stream.hpp"
#include "sealed_input.hpp"

static void check(const OFCondition &condition, const std::string &failure = "") {
  if (condition.bad()) throw std::runtime_error(failure.empty() ? condition.text() : failure);
}

static void read_header(DcmFileFormat &file, const std::shared_ptr<sealed_dicom> &from) {
  sealed_input_stream in(from);
  file.transferInit();
  check(file.read(in), from->failure);
  check(in.status());
  file.transferEnd();

  OFString patient;
  Uint16 rows = 0, columns = 0;
  check(file.getDataset()->findAndGetOFString(DCM_PatientName, patient));
  check(file.getDataset()->findAndGetUint16(DCM_Rows, rows));
  check(file.getDataset()->findAndGetUint16(DCM_Columns, columns));
  std::cout << "patient: " << patient << "\nrows x columns: " << rows << " x " << columns << '\n';
  print_cost("header", from->reader);
}

static void read_pixels(DcmFileFormat &file, const sealed_dicom &from, const char *path) {
  DcmElement *pixels = nullptr;
  check(file.getDataset()->findAndGetElement(DCM_PixelData, pixels));
  std::vector<char> bytes(pixels->getLengthField());
  const E_ByteOrder order = DcmXfer(file.getDataset()->getOriginalXfer()).getByteOrder();
  check(pixels->getPartialValue(bytes.data(), 0, static_cast<Uint32>(bytes.size()), nullptr, order), from.failure);
  store(path, bytes.data(), bytes.size());
  print_cost("all of it", from.reader);
}

int main(int count, char **arguments) {
  return run_reader("dcmtk_read", count, arguments, [](const secimg::open_options &options, const char *sealed, const char *pixels) {
    const auto from = std::make_shared<sealed_dicom>(secimg::reader::open_file(options, sealed));
    DcmFileFormat file;
    read_header(file, from);
    if (pixels != nullptr) read_pixels(file, *from, pixels);
  });
}
