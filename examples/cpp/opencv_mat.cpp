// A series of cv::Mat in one sealed stream: parts of larger pictures, of several types, and any one of them taken out again.
//
//     opencv_mat
#include "opencv_frame.hpp"

#include <iostream>

using sealed_bytes = std::vector<std::uint8_t>;

static cv::Mat ramp(int rows, int columns) {
  cv::Mat picture(rows, columns, CV_16UC1);
  for (int y = 0; y < rows; ++y) {
    for (int x = 0; x < columns; ++x) picture.at<std::uint16_t>(y, x) = static_cast<std::uint16_t>(y * 257 + x * 31);
  }
  return picture;
}

static cv::Mat noise(int rows, int columns, int type) {
  cv::Mat picture(rows, columns, type);
  cv::randu(picture, cv::Scalar::all(0), cv::Scalar::all(250));
  return picture;
}

/// Seals each picture as it comes, with one operation of the recipients' keys for all of them. `sink` could as well be a socket.
template <class Sink>
static void seal(const std::vector<cv::Mat> &pictures, const secimg::seal_options &options, Sink sink) {
  auto sealer = secimg::sealer::create(options);
  for (const cv::Mat &picture : pictures) {
    auto what = secimg::description::create();
    what.set_name("frame");
    sealer.add_frame(what, frame_of(picture));
    sealer.drain(sink);
  }
  sealer.finish();
  sealer.drain(sink);
}

static bool same(const cv::Mat &a, const cv::Mat &b) {
  return a.size() == b.size() && a.type() == b.type() && cv::norm(a, b, cv::NORM_INF) == 0;
}

/// Every frame into a picture that is made for it: what the stream says of it is enough.
static void open_all(const std::vector<cv::Mat> &pictures, const sealed_bytes &sealed, const secimg::open_options &with) {
  const auto opened = secimg::decrypt_all(with, sealed);  // all of it is Verified
  if (opened.count() != pictures.size()) throw std::runtime_error("not all frames came");
  for (std::size_t index = 0; index < pictures.size(); ++index) {
    const auto layout = opened.manifest(index).frame_layout();
    if (!layout) throw std::runtime_error("not a raw frame");
    cv::Mat picture = mat_for(*layout);
    opened.copy_frame(index, place_in(picture));
    if (!same(picture, pictures[index])) throw std::runtime_error("other pixels came out");
  }
  std::cout << "received: " << pictures.size() << " frames, equal\n";
}

/// One frame, straight into a part of a picture that is on show. Beside that part nothing is touched.
static void open_one(const cv::Mat &sent, std::size_t index, const sealed_bytes &sealed, const secimg::open_options &with) {
  cv::Mat target(500, 1000, CV_16UC1, cv::Scalar(0xBEEF));
  cv::Mat part = target(cv::Rect(99, 50, sent.cols, sent.rows));
  auto reader = secimg::reader::open_memory(with, sealed);
  reader.select(index);
  reader.read_frame(place_in(part));
  const int changed = cv::countNonZero(target != 0xBEEF), equal_by_chance = cv::countNonZero(sent == 0xBEEF);
  if (!same(part, sent)) throw std::runtime_error("other pixels came out");
  if (static_cast<std::size_t>(changed + equal_by_chance) != sent.total()) throw std::runtime_error("something was written beside the part");
  std::cout << "frame " << index << ": equal, into rows of " << part.step << " bytes, with " << reader.decrypted_bytes() << " bytes of "
            << sealed.size() << " decrypted\n";
}

static void run() {
  const auto key = secimg::symmetric_key::generate();
  auto to = secimg::recipients::create();
  to.add(key);
  auto with = secimg::open_options::create();
  with.add(secimg::identity::from(key));

  const cv::Mat scan = ramp(600, 800), camera = noise(480, 640, CV_8UC3), depth = noise(120, 160, CV_32FC1);
  const std::vector<cv::Mat> pictures = {
      scan(cv::Rect(13, 17, 401, 307)), camera, camera(cv::Rect(3, 5, 33, 44)), depth, noise(30, 31, CV_16SC2)};
  sealed_bytes sealed;
  seal(pictures, secimg::seal_options::create(to), [&](secimg::bytes_view bytes) {
    sealed.insert(sealed.end(), bytes.begin(), bytes.end());
    return true;
  });
  std::size_t pixel_bytes = 0;
  for (const cv::Mat &picture : pictures) pixel_bytes += picture.total() * picture.elemSize();
  std::cout << "sent: " << pictures.size() << " frames with " << pixel_bytes << " bytes of pixels, in " << sealed.size()
            << " sealed bytes\n";
  open_all(pictures, sealed, with);
  open_one(pictures[0], 0, sealed, with);
}

int main() try {
  run();
  return 0;
} catch (const std::exception &why) {
  std::cerr << "opencv_mat: " << why.what() << '\n';
  return 1;
}
