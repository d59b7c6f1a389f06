//! Real pictures, sound ones and bad ones.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use secimg::image::sniff;
use secimg::redact::{Rect, RedactError, Redaction, Restores, unredact, unredact_with};

use super::pictures::{assert_filled, redact, shown};
use super::support::{corpus, files_below, small_identity};
use super::traces::assert_no_traces;

fn name(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}

/// A rectangle in the middle, and one that leaves the picture at its lower right corner.
fn middle(width: u32, height: u32) -> Redaction {
    let third = |side: u32| (side / 3, side.div_ceil(3));
    let ((x, w), (y, h)) = (third(width), third(height));
    let corner = Rect::new(width - 1, height - 1, 9, 9);
    Redaction::new().rects([Rect::new(x, y, w, h).unwrap(), corner.unwrap()])
}

#[test]
fn real_pictures_come_back_as_they_were() {
    let Some(corpus) = corpus() else { return };
    let mut restored = BTreeMap::<String, usize>::new();
    let mut refused = Vec::new();
    for path in files_below(&corpus.join("images")) {
        let original = fs::read(&path).unwrap();
        let format = sniff(&original).format;
        let one = Redaction::new().rect(Rect::new(0, 0, 1, 1).unwrap());
        match redact(&original, &one.whole()) {
            Ok(_) => {}
            Err(RedactError::Format(named)) => {
                assert!(named == format && !is_redacted(format));
                continue;
            }
            Err(error) => {
                refused.push(format!("{}: {error}", name(&path)));
                continue;
            }
        }
        let before = shown(&original);
        let redaction = middle(before.width(), before.height());
        let redacted = match redact(&original, &redaction) {
            Ok(redacted) => redacted,
            Err(error @ (RedactError::ManyPictures | RedactError::Converted(_))) => {
                refused.push(format!("{}: {error}", name(&path)));
                redact(&original, &redaction.whole()).unwrap()
            }
            Err(error) => panic!("{}: {error}", name(&path)),
        };
        assert_filled(&name(&path), &before, &redacted);
        assert_no_traces(&name(&path), &redacted);
        let options = small_identity();
        let opened = match &redacted.beside {
            Some(sealed) => unredact_with(&redacted.image, sealed, &options),
            None => unredact(&redacted.image, &options),
        };
        let opened = opened.unwrap();
        match opened.restores {
            Restores::File => assert!(*opened.image == original, "{}", name(&path)),
            _ => assert!(shown(&opened.image) == before, "{}", name(&path)),
        }
        let row = format!("{format} {}", opened.restores.name());
        *restored.entry(row).or_default() += 1;
    }
    say!("restored: {restored:?}; not, or only whole: {refused:#?}");
    assert!(restored["png pixels"] >= 10 && restored["jpeg file"] >= 5);
    assert!(restored["bmp pixels"] >= 2 && restored["tiff pixels"] >= 2);
}

fn is_redacted(format: &str) -> bool {
    matches!(format, "png" | "bmp" | "tiff" | "bigtiff" | "jpeg")
}

/// An error is an answer; a crash is not. What is redacted all the same comes back.
#[test]
fn bad_pictures_are_refused_or_come_back() {
    let Some(corpus) = corpus() else { return };
    let (mut redacted, mut refused) = (0, 0);
    for path in files_below(&corpus.join("malformed")) {
        let original = fs::read(&path).unwrap();
        let one = Redaction::new().rect(Rect::new(0, 0, 5, 5).unwrap());
        match redact(&original, &one.whole().beside()) {
            Ok(done) => {
                redacted += 1;
                assert_no_traces(&name(&path), &done);
                let sealed = done.beside.unwrap();
                let opened = unredact_with(&done.image, &sealed, &small_identity());
                assert!(*opened.unwrap().image == original, "{}", name(&path));
            }
            Err(error) => {
                refused += 1;
                assert!(!matches!(
                    error,
                    RedactError::Encode(_) | RedactError::Seal(_)
                ));
            }
        }
    }
    say!("bad pictures: {refused} refused, {redacted} redacted and restored");
    assert!(refused > 50 && redacted > 10);
}
