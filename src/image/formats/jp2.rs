//! JPEG 2000 in boxes (ISO/IEC 15444-1, annex I): the size stands in the image header box.
//!
//! ```text
//! 0000000C "jP  " 0D0A870A | "ftyp"  brand 4  … | "jp2h"( "ihdr"  height u32  width u32  components u16  depth u8 … )
//! ```
//!
//! The brand tells the parts of the family: `jp2` and its extension `jpx` (part 2), `jpm` for compound documents
//! (part 6), `jph` for high throughput (part 15). Motion JPEG 2000 is video, and stays unknown.

use super::{ImageFormat, j2c};
use crate::image::boxes::{Boxes, child};
use crate::image::bytes::{Order::Big, array, slice};
use crate::image::claims::Claims;

pub(super) const JP2: ImageFormat = ImageFormat {
    name: "jp2",
    media_type: "image/jp2",
    extension: "jp2",
    probe: |prefix| probe(prefix, b"jp2 ", Some(1)),
};

pub(super) const JPX: ImageFormat = ImageFormat {
    name: "jpx",
    media_type: "image/jpx",
    extension: "jpf",
    probe: |prefix| probe(prefix, b"jpx ", None),
};

pub(super) const JPM: ImageFormat = ImageFormat {
    name: "jpm",
    media_type: "image/jpm",
    extension: "jpm",
    probe: |prefix| probe(prefix, b"jpm ", None),
};

pub(super) const JPH: ImageFormat = ImageFormat {
    name: "jph",
    media_type: "image/jph",
    extension: "jph",
    probe: |prefix| probe(prefix, b"jph ", Some(1)),
};

/// Looks for a brand; `frames` is what all files of it have.
fn probe(prefix: &[u8], brand: &[u8], frames: Option<u32>) -> Option<Claims> {
    let named = prefix.starts_with(SIGNATURE)
        && &array(prefix, 16)? == b"ftyp"
        && slice(prefix, 20, 4)? == brand;
    named.then(|| claims(prefix).unwrap_or_default().with_frames(frames))
}

/// Takes the header's word, or the codestream's where a file has no header in front of it.
fn claims(file: &[u8]) -> Option<Claims> {
    Boxes::new(file).find_map(|found| match &found.kind {
        b"jp2h" => image_header(child(found.body, b"ihdr")?),
        b"jp2c" => j2c::claims(found.body),
        _ => None,
    })
}

fn image_header(header: &[u8]) -> Option<Claims> {
    let height = Big.u32(header, 0)?;
    let width = Big.u32(header, 4)?;
    let components = u8::try_from(Big.u16(header, 8)?).unwrap_or(0);
    // 255 means that the components differ.
    let [depth] = array(header, 10)?;
    Some(Claims::of_size(width, height).with_samples(components, j2c::bits(depth)))
}

const SIGNATURE: &[u8] = b"\0\0\0\x0CjP  \r\n\x87\n";

#[cfg(test)]
pub(in crate::image) mod tests {
    use super::super::j2c::tests::codestream;
    use super::*;
    use crate::image::boxes::tests::boxed;

    /// Writes a file of a brand, with boxes behind the first two.
    pub(in crate::image) fn file(brand: &[u8], boxes: &[&[u8]]) -> Vec<u8> {
        let kind = boxed(b"ftyp", &[brand, &[0; 4], brand]);
        [SIGNATURE, &kind, &boxes.concat()].concat()
    }

    /// Writes the header box of an image of 5 by 3.
    pub(in crate::image) fn header(components: u8, depth: u8) -> Vec<u8> {
        let numbers = [0, 0, 0, 3, 0, 0, 0, 5, 0, components, depth, 7, 0, 0];
        boxed(b"jp2h", &[&boxed(b"ihdr", &[&numbers])])
    }

    #[test]
    fn each_brand_has_its_name() {
        let rows = [&JP2, &JPX, &JPM, &JPH];
        for (brand, row) in [b"jp2 ", b"jpx ", b"jpm ", b"jph "].into_iter().zip(rows) {
            let file = file(brand, &[&header(3, 7)]);
            for other in rows {
                assert_eq!((other.probe)(&file).is_some(), other.name == row.name);
            }
        }
        assert!(
            rows.iter()
                .all(|row| (row.probe)(&file(b"mjp2", &[])).is_none())
        );
    }

    #[test]
    fn the_header_comes_first_and_the_codestream_helps_out() {
        let size = Claims::of_size(5, 3).with_frames(Some(1));
        let other = boxed(b"rreq", &[&[0; 20]]);
        let file_of = |boxes: &[&[u8]]| (JP2.probe)(&file(b"jp2 ", boxes)).unwrap();
        assert_eq!(file_of(&[&other, &header(3, 7)]), size.with_samples(3, 8));
        assert_eq!(file_of(&[&header(3, 0xFF)]).bits, None);
        let stream = boxed(b"jp2c", &[&codestream(0, 4, 11)]);
        assert_eq!(file_of(&[&other, &stream]), size.with_samples(4, 12));
        assert_eq!(file_of(&[&header(1, 7), &stream]), size.with_samples(1, 8));
        assert_eq!(file_of(&[]), Claims::default().with_frames(Some(1)));
    }
}
