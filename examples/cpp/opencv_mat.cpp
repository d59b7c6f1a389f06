// Carries a part of a cv::Mat through a sealed stream into a part of another one, row by row: rows that do not follow each other in memory.
//
//     opencv_mat
#include <secimg.hpp>

#include <opencv2/core.hpp>

#include <algorithm>
#include <iostream>

using sealed_bytes = std::vector<std::uint8_t>;

static cv::Mat ramp(int rows, int columns) {
  cv::Mat picture(rows, columns, CV_16UC1);
  for (int y = 0; y < rows; ++y) {
    for (int x = 0; x < columns; ++x) picture.at<std::uint16_t>(y, x) = static_cast<std::uint16_t>(y * 257 + x * 31);
  }
  return picture;
}

static bool little_endian() {
  const std::uint16_t one = 1;
  return *reinterpret_cast<const std::uint8_t *>(&one) == 1;
}

/// What the receiver must know to lay out the pixels. It is sealed and authenticated with them.
static secimg::description describe(const cv::Mat &picture) {
  auto what = secimg::description::create();
  what.set_name("slice");
  what.set_format("raw", "application/octet-stream");
  what.set_dimensions({static_cast<std::uint32_t>(picture.cols), static_cast<std::uint32_t>(picture.rows), 1,
                       static_cast<std::uint8_t>(picture.channels()), static_cast<std::uint8_t>(8 * picture.elemSize1())});
  what.set_attribute("opencv.type", cv::typeToString(picture.type()));
  what.set_attribute("byte-order", little_endian() ? "little" : "big");
  return what;
}

/// Pushes the pixels of each row, and never what lies between two rows.
static sealed_bytes seal(const cv::Mat &picture, const secimg::seal_options &options) {
  sealed_bytes sealed;
  const auto send = [&](secimg::bytes_view bytes) {
    sealed.insert(sealed.end(), bytes.begin(), bytes.end());
    return true;
  };
  const std::size_t row_bytes = static_cast<std::size_t>(picture.cols) * picture.elemSize();
  auto sealer = secimg::sealer::create(options);
  sealer.start_item(describe(picture), row_bytes * static_cast<std::size_t>(picture.rows));
  for (int y = 0; y < picture.rows; ++y) sealer.write(secimg::bytes_view(picture.ptr(y), row_bytes), send);
  sealer.end_item();
  sealer.finish();
  sealer.drain(send);
  return sealed;
}

static void check_layout(const secimg::manifest_view &item, const cv::Mat &picture) {
  const auto size = item.size();
  if (size.width != static_cast<std::uint32_t>(picture.cols) || size.height != static_cast<std::uint32_t>(picture.rows) ||
      item.attribute("opencv.type") != cv::typeToString(picture.type()) ||
      item.attribute("byte-order") != (little_endian() ? "little" : "big")) {
    throw std::runtime_error("another kind of picture than this one");
  }
}

/// Fills the rows as pieces of any size arrive. They are Verified when finish has succeeded, and must not be used before.
static secimg::report open_into(cv::Mat &picture, const sealed_bytes &sealed, const secimg::open_options &options) {
  const std::size_t row_bytes = static_cast<std::size_t>(picture.cols) * picture.elemSize();
  std::size_t at = 0;
  const auto fill = [&](const secimg::manifest_view &item, secimg::bytes_view bytes) {
    if (bytes.empty()) check_layout(item, picture);
    while (!bytes.empty()) {
      const std::size_t row = at / row_bytes, in_row = at % row_bytes;
      if (row >= static_cast<std::size_t>(picture.rows)) return false;
      const std::size_t count = std::min(bytes.size(), row_bytes - in_row);
      std::copy_n(bytes.begin(), count, picture.ptr(static_cast<int>(row)) + in_row);
      bytes = bytes.without_first(count);
      at += count;
    }
    return true;
  };
  auto opener = secimg::opener::create(options);
  constexpr std::size_t packet = 1400;  // as if it came over a network
  for (std::size_t sent = 0; sent < sealed.size(); sent += packet) {
    opener.feed(secimg::bytes_view(sealed.data() + sent, std::min(packet, sealed.size() - sent)), fill);
  }
  auto report = opener.finish();
  if (at != row_bytes * static_cast<std::size_t>(picture.rows)) throw std::runtime_error("a picture of another length");
  return report;
}

static void run() {
  const auto key = secimg::symmetric_key::generate();
  auto to = secimg::recipients::create();
  to.add(key);
  auto with = secimg::open_options::create();
  with.add(secimg::identity::from(key));

  const cv::Mat whole = ramp(600, 800);
  const cv::Mat part = whole(cv::Rect(13, 17, 401, 307));
  cv::Mat target(500, 1000, CV_16UC1, cv::Scalar(0xBEEF));
  cv::Mat part_of_target = target(cv::Rect(99, 50, 401, 307));
  const auto sealed = seal(part, secimg::seal_options::create(to));
  const auto report = open_into(part_of_target, sealed, with);

  const std::size_t pixel_bytes = part.total() * part.elemSize();
  const int changed = cv::countNonZero(target != 0xBEEF), same = cv::countNonZero(part == part_of_target);
  const int equal_by_chance = cv::countNonZero(part == 0xBEEF);
  if (part.isContinuous() || static_cast<std::size_t>(same) != part.total()) throw std::runtime_error("other pixels came out");
  if (changed + equal_by_chance != same) throw std::runtime_error("something was written beside the part");
  if (report.item_bytes(0) != pixel_bytes) throw std::runtime_error("more than the pixels was sent");
  std::cout << "picture: " << part.cols << " x " << part.rows << " x 16 bits in rows of " << part.step << " bytes\n"
            << "sent: " << report.item_bytes(0) << " bytes of pixels of the " << part.step * part.rows << " that the rows span, in "
            << sealed.size() << " sealed bytes\n"
            << "received: equal, into rows of " << part_of_target.step << " bytes\n";
}

int main() try {
  run();
  return 0;
} catch (const std::exception &why) {
  std::cerr << "opencv_mat: " << why.what() << '\n';
  return 1;
}
