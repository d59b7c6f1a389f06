//! From a redacted picture and its sealed part back to the picture.

use zeroize::Zeroizing;

use crate::content::Manifest;
use crate::oneshot::{OpenedImage, decrypt};
use crate::preview::decode::decode;
use crate::stream::OpenOptions;

use super::canvas::Canvas;
use super::container::{are_colour, split, with_colour};
use super::record::{ATTRIBUTE, COLOUR, Record, binding};
use super::{Restores, UnredactError, Unredacted};

/// Restores a picture that [`redact`](super::redact) made, with the sealed part that is in it.
///
/// Nothing is handed out unless the sealed part is verified as a whole and belongs to these very pixels.
///
/// # Errors
/// [`UnredactError`].
pub fn unredact(redacted: &[u8], options: &OpenOptions) -> Result<Unredacted, UnredactError> {
    let (picture, sealed) = split(redacted)?;
    unredact_with(&picture, sealed, options)
}

/// As [`unredact`], with a sealed part that was kept beside the picture. The picture may have been stored in another format
/// since, if no pixel changed.
///
/// # Errors
/// [`UnredactError`].
pub fn unredact_with(
    redacted: &[u8],
    sealed: &[u8],
    options: &OpenOptions,
) -> Result<Unredacted, UnredactError> {
    let opened = decrypt(sealed, options)?;
    let part = Part::of(opened.images).map_err(UnredactError::NotARedaction)?;
    let record = part.record;
    // As it is stored: who turns it makes another picture of it.
    let mut canvas = Canvas::new(decode(redacted)?.pixels)
        // The size first: a layout could take several times the memory of another.
        .filter(|canvas| (canvas.width, canvas.height) == (record.width, record.height))
        .and_then(|canvas| canvas.in_layout(record.layout))
        .filter(|canvas| binding(canvas, &record.rects) == record.hash)
        .ok_or(UnredactError::OtherPicture)?;
    let image = match record.restores {
        Restores::File => part.hidden,
        Restores::Pixels => {
            let mut hidden = part.hidden.as_slice();
            for rect in &record.rects {
                hidden = canvas.put(*rect, hidden);
            }
            let png = canvas.to_png(None).map_err(UnredactError::Encode)?;
            with_colour(&png, &part.colour)
        }
    };
    Ok(Unredacted {
        image,
        restores: record.restores,
        name: part.name,
        width: record.width,
        height: record.height,
        rects: record.rects,
        report: opened.report,
    })
}

/// What a sealed part holds. It is authentic; whoever made it may mean harm all the same.
struct Part {
    record: Record,
    hidden: Zeroizing<Vec<u8>>,
    colour: Zeroizing<Vec<u8>>,
    name: Option<String>,
}

impl Part {
    /// What is wrong with the items comes back in words.
    fn of(images: Vec<OpenedImage>) -> Result<Self, &'static str> {
        // From here on all of it is wiped, whatever comes of it.
        let mut items = images
            .into_iter()
            .map(|image| (image.manifest, Zeroizing::new(image.bytes)))
            .collect::<Vec<_>>()
            .into_iter();
        let (manifest, hidden) = items.next().ok_or("it holds nothing")?;
        let line = line_of(&manifest).ok_or("it says nothing of a redaction")?;
        let record = Record::parse(line)?;
        let colour = match record.restores {
            Restores::File => Zeroizing::default(),
            Restores::Pixels => colour(items.next())?,
        };
        if items.next().is_some() {
            return Err("it holds more than that");
        }
        if record.restores == Restores::Pixels && hidden.len() as u64 != record.sample_bytes() {
            return Err("its samples do not fill its rectangles");
        }
        Ok(Self {
            record,
            hidden,
            colour,
            name: manifest.name,
        })
    }
}

fn line_of(manifest: &Manifest) -> Option<&str> {
    manifest.attributes.get(ATTRIBUTE).map(String::as_str)
}

/// What the second item says of colours, where there is one.
fn colour(
    item: Option<(Manifest, Zeroizing<Vec<u8>>)>,
) -> Result<Zeroizing<Vec<u8>>, &'static str> {
    match item {
        None => Ok(Zeroizing::default()),
        Some((manifest, chunks)) if line_of(&manifest) == Some(COLOUR) => {
            if chunks.is_empty() || !are_colour(&chunks) {
                return Err("what it says of colours is malformed");
            }
            Ok(chunks)
        }
        Some(_) => Err("its second item is not known"),
    }
}
