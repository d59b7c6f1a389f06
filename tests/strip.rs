//! Metadata removal on real images: the pixels stay, and nothing of what was beside them is left.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking, its helpers too"
)]

#[macro_use]
mod support;

use core::panic::AssertUnwindSafe;

use std::collections::BTreeMap;
use std::fs;
use std::io::Cursor;
use std::panic::catch_unwind;

use image::{DynamicImage, ImageDecoder, ImageReader};
use secimg::strip::{Metadata, StripError, Stripped, strip};
use support::{corpus, files_below};

/// What is found in a file that tells more than its picture.
const TRACES: &[&[u8]] = &[
    b"http://ns.adobe.com/x",
    b"<x:xmpmeta",
    b"Photoshop 3.0",
    b"8BIM",
    b"MPF\0",
    b"tEXt",
    b"zTXt",
    b"iTXt",
    b"XMP ",
    b"ftypjumb",
];

/// What is shown of a file: the pixels as they are stored, the orientation, and the colour profile.
type Shown = (DynamicImage, u8, Option<Vec<u8>>);

/// Nothing where the decoder fails; a panic of it is no better.
fn shown(bytes: &[u8]) -> Option<Shown> {
    let decode = || {
        let mut decoder = ImageReader::new(Cursor::new(bytes))
            .with_guessed_format()
            .ok()?
            .into_decoder()
            .ok()?;
        let orientation = decoder.orientation().ok()?.to_exif();
        let profile = decoder.icc_profile().ok()?;
        if decoder.total_bytes() > 1 << 28 {
            return None;
        }
        Some((
            DynamicImage::from_decoder(decoder).ok()?,
            orientation,
            profile,
        ))
    };
    catch_unwind(AssertUnwindSafe(decode)).ok().flatten()
}

fn is_one_of_three(bytes: &[u8]) -> bool {
    let is_webp = bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP");
    bytes.starts_with(&[0xFF, 0xD8]) || bytes.starts_with(b"\x89PNG\r\n\x1a\n") || is_webp
}

/// The image data is the same to the byte, so a trace in it would be one by chance: it is looked for outside.
fn assert_no_traces(name: &str, original: &[u8], stripped: &Stripped) {
    let mut outside = stripped.image.to_vec();
    if original.starts_with(&[0xFF, 0xD8]) {
        let scan = outside.windows(2).position(|two| two == [0xFF, 0xDA]);
        outside.truncate(scan.unwrap_or(outside.len()));
    }
    // Texts of a colour profile stay with it.
    for trace in TRACES {
        let found = outside.windows(trace.len()).any(|bytes| bytes == *trace);
        let in_data = stripped.removed.is_empty() && original == stripped.image.as_slice();
        assert!(
            !found || in_data,
            "{name}: {}",
            String::from_utf8_lossy(trace)
        );
    }
}

#[test]
fn real_images_keep_their_pixels_and_nothing_else() {
    let Some(corpus) = corpus() else { return };
    let (mut same, mut removed) = (0, BTreeMap::<&str, usize>::new());
    let mut refused = Vec::new();
    for path in files_below(&corpus.join("images")) {
        let original = fs::read(&path).unwrap();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let stripped = match strip(&original) {
            Ok(stripped) => stripped,
            Err(StripError::Format) => {
                assert!(!is_one_of_three(&original), "{name}");
                continue;
            }
            // One of the corpus is cut behind its headers.
            Err(error) => {
                assert!(
                    matches!(error, StripError::Truncated(..)),
                    "{name}: {error}"
                );
                refused.push(format!("{name}: {error}"));
                continue;
            }
        };
        for what in &stripped.removed {
            *removed.entry(what.what.name()).or_default() += 1;
        }
        let (before, after) = (shown(&original), shown(&stripped.image));
        assert!(
            before == after,
            "{name}: other pixels, orientation or profile"
        );
        assert_no_traces(&name, &original, &stripped);
        let again = strip(&stripped.image).unwrap();
        assert!(
            again.image == stripped.image,
            "{name}: not the same when stripped again"
        );
        let more = again.removed.iter().any(|r| r.what != Metadata::Exif);
        assert!(!more, "{name}: {again:?}");
        same += usize::from(before.is_some());
    }
    say!("{same} images with the same pixels; removed: {removed:?}; refused: {refused:?}");
    assert!(
        same >= 30 && removed["exif"] > 5 && removed["xmp"] > 5,
        "{removed:?}"
    );
    assert!(refused.len() <= 1, "{refused:#?}");
}

/// A file that is not sound is refused, or shows afterwards what it showed before.
#[test]
fn malformed_images_are_refused_or_stay_what_they_are() {
    let Some(corpus) = corpus() else { return };
    let (mut refused, mut same, mut not_shown) = (0, 0, 0);
    for path in files_below(&corpus.join("malformed")) {
        let original = fs::read(&path).unwrap();
        if !is_one_of_three(&original) {
            assert!(strip(&original).is_err());
            continue;
        }
        let Ok(stripped) = strip(&original) else {
            refused += 1;
            continue;
        };
        match (shown(&original), shown(&stripped.image)) {
            (None, _) => not_shown += 1,
            (before, after) => {
                assert!(before == after, "{}", path.display());
                same += 1;
            }
        }
    }
    say!("malformed: {refused} refused, {same} show the same, {not_shown} show nothing before");
    assert!(refused > 20, "{refused}");
}
