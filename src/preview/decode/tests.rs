//! What a decoder does wrong stays here.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking, its helpers too"
)]

use super::*;

#[test]
fn a_panic_is_an_error() {
    let panicked = apart(|| -> Result<(), DecodeError> { panic!("as some decoders do") });
    assert_eq!(panicked, Err(DecodeError::Panicked));
    assert_eq!(apart(|| Ok(7)), Ok(7));
}

#[test]
fn the_thread_has_its_name() {
    let name = apart(|| Ok(thread::current().name().map(str::to_owned)));
    assert_eq!(name.unwrap().as_deref(), Some(DECODER_THREAD));
}

#[test]
fn other_formats_are_named() {
    for (bytes, name) in [
        (b"no image at all".as_slice(), "opaque"),
        (b"SIMPLE  =                    T", "fits"),
        (b"", "opaque"),
    ] {
        let error = decode(bytes).err().unwrap();
        assert_eq!(error, DecodeError::Format(name));
    }
}

/// Nothing but the header is there, and nothing but the header is needed to refuse it.
#[test]
fn pixels_are_counted_before_memory_is_taken() {
    let header = |width: u32, height: u32| format!("P6 {width} {height} 255\n").into_bytes();
    let refused = |width, height| decode(&header(width, height)).err().unwrap();
    assert_eq!(
        refused(32_768, 32_768),
        DecodeError::TooLarge {
            width: 32_768,
            height: 32_768
        }
    );
    assert_eq!(refused(32_769, 1), DecodeError::Limit);
    // As many as may be: the pixels are missing then.
    assert!(matches!(refused(8_192, 5_461), DecodeError::Damaged(_)));
}

#[test]
fn an_image_is_decoded_and_not_turned() {
    let decoded = decode(b"P5 3 2 255 abcdef").unwrap();
    assert_eq!(decoded.pixels.as_bytes(), b"abcdef");
    assert_eq!(decoded.orientation, Orientation::NoTransforms);
}
