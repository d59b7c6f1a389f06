//! QOI, version 1.0: fourteen bytes of header.
//!
//! ```text
//! "qoif"  width u32  height u32  channels u8  colour space u8
//! ```

use super::ImageFormat;
use crate::image::bytes::{Order::Big, array};
use crate::image::claims::Claims;

pub(super) const FORMAT: ImageFormat = ImageFormat {
    name: "qoi",
    media_type: "image/qoi",
    extension: "qoi",
    probe,
};

fn probe(prefix: &[u8]) -> Option<Claims> {
    prefix
        .starts_with(b"qoif")
        .then(|| claims(prefix).unwrap_or_default())
}

fn claims(qoi: &[u8]) -> Option<Claims> {
    let size = Claims::of_size(Big.u32(qoi, 4)?, Big.u32(qoi, 8)?);
    let [channels] = array(qoi, 12)?;
    let channels = if matches!(channels, 3 | 4) {
        channels
    } else {
        0
    };
    Some(size.with_samples(channels, 8).with_frames(Some(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn size_and_channels() {
        let size = Claims::of_size(5, 0x0100_0003).with_frames(Some(1));
        let of = |channels| probe(&[b"qoif\0\0\0\x05\x01\0\0\x03", &[channels, 0][..]].concat());
        assert_eq!(of(3), Some(size.with_samples(3, 8)));
        assert_eq!(of(4), Some(size.with_samples(4, 8)));
        assert_eq!(of(5).unwrap().channels, None);
        assert_eq!(probe(b"qoiF\0\0\0\x05\0\0\0\x03\x03\0"), None);
    }
}
