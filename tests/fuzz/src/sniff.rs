//! Sniffing: any bytes have an answer, and every answer can stand in a manifest.

use secimg::ImageDescription;
use secimg::content::Manifest;
use secimg::image::{FORMATS, SNIFF_LEN};
use secimg::stream::describe;

/// Input: the beginning of a file.
pub fn sniff(data: &[u8]) {
    let info = secimg::image::sniff(data);
    let known = FORMATS
        .iter()
        .any(|row| row.name == info.format && row.media_type == info.media_type);
    assert!(known || info.format == "opaque");
    let claims = info.claims;
    for claim in [claims.width, claims.height, claims.frames] {
        assert_ne!(claim, Some(0));
    }
    assert!(claims.channels != Some(0) && claims.bits != Some(0));
    let manifest = describe(data, &ImageDescription::new());
    if data.len() <= SNIFF_LEN {
        assert_eq!(manifest.format, info.format);
    }
    let bytes = manifest.to_bytes().unwrap();
    assert_eq!(Manifest::parse(&bytes, 0), Ok(manifest));
}
