// A sealed image as a DcmInputStream, which DcmFileFormat::read takes.
//
// It can be opened again at any place, so DCMTK leaves long values where they are (pixel data, for instance) until somebody asks for them.
#ifndef SECIMG_EXAMPLES_DCMTK_STREAM_HPP
#define SECIMG_EXAMPLES_DCMTK_STREAM_HPP

#include <secimg.hpp>

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dctk.h>
#include <dcmtk/dcmdata/dcistrma.h>

#include <memory>

/// A sealed file that DCMTK reads, now and when it loads a value that it has left. `failure` says why reading failed: DCMTK passes a stream's
/// own status on from `read`, and tells of a value that it could not load no more than "Invalid stream".
struct sealed_dicom {
  explicit sealed_dicom(secimg::reader opened) : reader(std::move(opened)) {}
  secimg::reader reader;
  std::string failure;
};

/// Gives DCMTK the bytes. A failure (a changed chunk, a failed disk) becomes a bad status with secimg's sentence: never an early end.
class sealed_producer : public DcmProducer {
 public:
  sealed_producer(std::shared_ptr<sealed_dicom> from, offile_off_t at) : from_(std::move(from)), buffer_(from_->reader) {
    move_to(at);
  }

  OFBool good() const override { return status_.good(); }
  OFCondition status() const override { return status_; }
  OFBool eos() override { return at_ >= size(); }
  offile_off_t avail() override { return good() ? size() - at_ : 0; }

  offile_off_t read(void *out, offile_off_t wanted) override {
    if (!good() || wanted <= 0) return 0;
    try {
      const offile_off_t count = buffer_.sgetn(static_cast<char *>(out), wanted);
      at_ += count;
      return count;
    } catch (const secimg::error &why) {
      from_->failure = why.what();
      status_ = OFCondition(OFM_dcmdata, static_cast<unsigned short>(why.status()), OF_error, why.what());
      return 0;
    }
  }
  offile_off_t skip(offile_off_t wanted) override {
    const offile_off_t count = std::min(wanted, avail());
    move_to(at_ + count);
    return count;
  }
  void putback(offile_off_t count) override {
    if (count > at_) {
      status_ = EC_PutbackFailed;
    } else {
      move_to(at_ - count);
    }
  }

 private:
  offile_off_t size() const { return static_cast<offile_off_t>(from_->reader.size()); }
  void move_to(offile_off_t at) {
    at_ = at;
    buffer_.pubseekpos(at);
  }

  std::shared_ptr<sealed_dicom> from_;
  secimg::reader_streambuf buffer_;
  offile_off_t at_ = 0;
  OFCondition status_ = EC_Normal;
};

/// Base before member: DcmInputStream keeps the producer's address, and calls it later.
class sealed_input_stream : public DcmInputStream {
 public:
  explicit sealed_input_stream(std::shared_ptr<sealed_dicom> from, offile_off_t at = 0)
      : DcmInputStream(&producer_), from_(from), start_(at), producer_(std::move(from), at) {}

  DcmInputStreamFactory *newFactory() const override;

 private:
  std::shared_ptr<sealed_dicom> from_;
  offile_off_t start_;
  sealed_producer producer_;
};

/// Opens the stream again where it was. It shares the sealed file, which stays alive as long as a value waits to be loaded.
class sealed_stream_factory : public DcmInputStreamFactory {
 public:
  sealed_stream_factory(std::shared_ptr<sealed_dicom> from, offile_off_t at) : from_(std::move(from)), at_(at) {}

  DcmInputStream *create() const override { return new sealed_input_stream(from_, at_); }
  DcmInputStreamFactory *clone() const override { return new sealed_stream_factory(*this); }
  /// DCMTK knows files and temporary files: as with a file, the value stays where it is.
  DcmInputStreamFactoryType ident() const override { return DFT_DcmInputFileStreamFactory; }

 private:
  std::shared_ptr<sealed_dicom> from_;
  offile_off_t at_;
};

/// None inside a deflated data set: there a place in the file is not a place in the values.
inline DcmInputStreamFactory *sealed_input_stream::newFactory() const {
  if (currentProducer() != &producer_) return nullptr;
  return new sealed_stream_factory(from_, start_ + tell());
}

#endif
