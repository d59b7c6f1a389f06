//! Files made by hand, of the formats that came with boxes and text, for what holds for every format.

use super::{exr, fits, heif, ico, j2c, jp2, jxl};
use crate::image::boxes::tests::boxed;

const BIGTIFF: &[u8] = b"II+\0\x08\0\0\0\x10\0\0\0\0\0\0\0\x02\0\0\0\0\0\0\0\0\x01\x03\0\x01\0\0\0\0\0\0\0\x05\0\0\0\0\0\0\0\x01\x01\x10\0\x01\0\0\0\0\0\0\0\x03\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
const QOI: &[u8] = b"qoif\0\0\0\x05\0\0\0\x03\x04\0\xFE\x01\x02\x03";
const HDR: &[u8] = b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 3 +X 5\n\x02\x02\0\x05";
const PAM: &[u8] = b"P7\nWIDTH 5\nHEIGHT 3\nDEPTH 1\nMAXVAL 255\nENDHDR\n\x01\x02";
const TGA: &[u8] = b"\0\0\x02\0\0\0\0\0\0\0\0\0\x05\0\x03\0\x18\x20\x01\x02\x03";

/// One file of each format, all 5 by 3, and how many bytes make its signature.
pub(in crate::image) fn samples() -> Vec<(&'static str, usize, Vec<u8>)> {
    let mut stream = jxl::tests::stream(&[&jxl::tests::SIZE[..], &[(1, 1)]].concat());
    stream.extend(b"____");
    let in_boxes = jxl::tests::container(&[&boxed(b"jxlc", &[&stream])]);
    let jp2 = |brand| jp2::tests::file(brand, &[&jp2::tests::header(3, 7)]);
    vec![
        ("bigtiff", 8, BIGTIFF.to_vec()),
        ("jp2", 24, jp2(b"jp2 ")),
        ("jpx", 24, jp2(b"jpx ")),
        ("jpm", 24, jp2(b"jpm ")),
        ("jph", 24, jp2(b"jph ")),
        ("j2c", 8, j2c::tests::codestream(0, 3, 7)),
        ("jphc", 8, j2c::tests::codestream(0x4000, 3, 7)),
        ("avif", 12, heif::tests::sample(b"avif", &[b"mif1"])),
        (
            "avif",
            24,
            heif::tests::sample(b"mif1", &[b"miaf", b"avif"]),
        ),
        ("heic", 12, heif::tests::sample(b"heic", &[b"mif1"])),
        ("heics", 12, heif::tests::sequence(b"hevc", 0)),
        ("heif", 20, heif::tests::sample(b"mif1", &[b"jpeg"])),
        ("heifs", 20, heif::tests::sequence(b"msf1", 0)),
        ("qoi", 4, QOI.to_vec()),
        ("exr", 4, exr::tests::sample()),
        ("hdr", 11, HDR.to_vec()),
        ("fits", 30, fits::tests::sample()),
        ("jxl", 6, stream),
        ("jxl", 12, in_boxes),
        ("ico", 26, ico::tests::file(1, &[(5, 3, 32)])),
        ("cur", 26, ico::tests::file(2, &[(5, 3, 1)])),
        ("pbm", 7, b"P1 5 3\n1 0 1".to_vec()),
        ("pbm", 7, b"P4 5 3\n\xFF\xFF".to_vec()),
        ("pgm", 11, b"P2 5 3 255\n1 0 1".to_vec()),
        ("pgm", 11, b"P5 5 3 255\n\xFF\xFF".to_vec()),
        ("ppm", 14, b"P3 5 3 #c\n255\n1 0 1".to_vec()),
        ("ppm", 14, b"P6 5 3 #c\n255\n\xFF\xFF".to_vec()),
        ("pam", PAM.len() - 2, PAM.to_vec()),
        ("tga", 18, TGA.to_vec()),
    ]
}
