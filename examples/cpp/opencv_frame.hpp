// cv::Mat as a raw frame of secimg: also a part of a larger picture, whose rows do not follow each other in memory. Copy it as it is.
#ifndef OPENCV_FRAME_HPP
#define OPENCV_FRAME_HPP

#include <secimg.hpp>

#include <opencv2/core.hpp>

#include <stdexcept>

inline secimg::sample_type sample_type_of(const cv::Mat &picture) {
  switch (picture.depth()) {
    case CV_8U: return secimg::sample_type::u8;
    case CV_16U: return secimg::sample_type::u16;
    case CV_16S: return secimg::sample_type::i16;
    case CV_32F: return secimg::sample_type::f32;
    default: throw std::invalid_argument("a frame has samples of CV_8U, CV_16U, CV_16S or CV_32F");
  }
}

/// What a picture's samples are. OpenCV keeps colours as blue, green, red; say another `meaning` where they are something else.
inline secimg::frame_layout layout_of(const cv::Mat &picture, secimg::photometric meaning) {
  if (picture.dims != 2) throw std::invalid_argument("a frame has two dimensions");
  secimg::frame_layout layout(static_cast<std::uint32_t>(picture.rows), static_cast<std::uint32_t>(picture.cols), sample_type_of(picture),
                              static_cast<std::uint32_t>(picture.channels()));
  layout.photometric = meaning;
  return layout;
}
inline secimg::frame_layout layout_of(const cv::Mat &picture) {
  switch (picture.channels()) {
    case 1: return layout_of(picture, secimg::photometric::monochrome2);
    case 3: return layout_of(picture, secimg::photometric::bgr);
    case 4: return layout_of(picture, secimg::photometric::bgra);
    default: return layout_of(picture, secimg::photometric::unspecified);
  }
}

/// A picture to be sealed. Its samples are read where they are.
inline secimg::frame_view frame_of(const cv::Mat &picture) {
  return secimg::frame_view::at(picture.data, layout_of(picture), picture.step[0]);
}

/// A picture, or a part of one, that takes a frame of its own size and type.
inline secimg::frame_place place_in(cv::Mat &picture) {
  return secimg::frame_place::at(picture.data, layout_of(picture), picture.step[0]);
}

/// The type of the picture that a frame becomes. Colours come in the sender's order: cv::cvtColor turns RGB into BGR.
inline int mat_type_of(const secimg::frame_layout &layout) {
  const int channels = static_cast<int>(layout.samples_per_pixel);
  switch (layout.sample_type) {
    case secimg::sample_type::u8: return CV_MAKETYPE(CV_8U, channels);
    case secimg::sample_type::u16: return CV_MAKETYPE(CV_16U, channels);
    case secimg::sample_type::i16: return CV_MAKETYPE(CV_16S, channels);
    default: return CV_MAKETYPE(CV_32F, channels);
  }
}

/// A new picture for a frame that somebody else sealed.
inline cv::Mat mat_for(const secimg::frame_layout &layout) {
  return cv::Mat(static_cast<int>(layout.rows), static_cast<int>(layout.columns), mat_type_of(layout));
}

#endif
