//! From a picture to a redacted one, and what it hides under seal.

use std::io::Write;

use zeroize::Zeroizing;

use crate::content::Manifest;
use crate::io::{SealWriter, WriteError};
use crate::oneshot::Image;
use crate::stream::{ImageDescription, SealOptions, describe};

use super::canvas::Canvas;
use super::container::{MAX_CHUNK, colour_of, embed};
use super::record::{ATTRIBUTE, COLOUR, MAX_RECTS, Record, binding};
use super::source::Source;
use super::{Rect, RedactError, Redacted, Redaction, Restores};

/// Redacts a picture: a PNG, BMP, TIFF or JPEG.
///
/// The rectangles are filled, the picture is written anew as a PNG, and what can be restored is sealed with `options`: into a
/// chunk of the PNG, or, where that was asked for and always for a JPEG, apart. Name and time of `image` are sealed
/// where all of the file is.
///
/// # Errors
/// [`RedactError`].
pub fn redact(
    image: &Image,
    redaction: &Redaction,
    options: &SealOptions,
) -> Result<Redacted, RedactError> {
    redact_bytes(&image.bytes, &image.description, redaction, options)
}

/// As [`redact`], for a file that is somebody else's and need not be copied.
pub(crate) fn redact_bytes(
    file: &[u8],
    description: &ImageDescription,
    redaction: &Redaction,
    options: &SealOptions,
) -> Result<Redacted, RedactError> {
    match redaction.rects.len() {
        0 => return Err(RedactError::NoRect),
        1..=MAX_RECTS => {}
        count => return Err(RedactError::TooManyRects(count)),
    }
    let mut source = Source::of(file)?;
    let restores = source.restores(redaction.whole)?;
    let beside = redaction.beside || source.is_jpeg();
    let rects = rects(redaction, &source, file)?;
    let hidden = match restores {
        Restores::Pixels => taken(&source.canvas, &rects),
        Restores::File => Zeroizing::default(),
    };
    let pixel = source.canvas.layout.solid(redaction.fill);
    for rect in &rects {
        source.canvas.fill(*rect, &pixel);
    }
    let png = source.to_png()?;
    let record = Record {
        restores,
        width: source.canvas.width,
        height: source.canvas.height,
        layout: source.canvas.layout,
        hash: binding(&source.canvas, &rects),
        rects,
    };
    let sealed = match restores {
        Restores::Pixels => seal_pixels(&record, &hidden, &colour_of(&png, true), options)?,
        Restores::File => seal_file(&record, file, description, options)?,
    };
    finish(record, &png, sealed, beside)
}

/// What is filled, in the order in which it was asked for.
fn rects(redaction: &Redaction, source: &Source, file: &[u8]) -> Result<Vec<Rect>, RedactError> {
    let (width, height) = (source.canvas.width, source.canvas.height);
    let blocks = source.is_jpeg().then(|| super::jpeg::blocks(file));
    let clipped = |rect: &Rect| {
        let inside = rect.clipped(width, height);
        let inside = inside.ok_or(RedactError::Outside(*rect, width, height))?;
        Ok(blocks.map_or(inside, |(block, margin)| {
            inside.grown(block, margin, width, height)
        }))
    };
    redaction.rects.iter().map(clipped).collect()
}

/// The samples of all rectangles, before one of them is filled.
fn taken(canvas: &Canvas, rects: &[Rect]) -> Zeroizing<Vec<u8>> {
    let lengths = rects.iter().map(|rect| canvas.bytes_of(*rect));
    // Room for all of it at once: a vector that grows leaves copies behind.
    let mut taken = Zeroizing::new(Vec::with_capacity(lengths.sum()));
    for rect in rects {
        canvas.take(*rect, &mut taken);
    }
    taken
}

/// A stream, and its name.
struct Sealed {
    stream: Vec<u8>,
    transfer_id: [u8; 32],
}

/// One item with the samples, and one with what says how colours are shown, where anything does.
fn seal_pixels(
    record: &Record,
    samples: &[u8],
    colour: &[u8],
    options: &SealOptions,
) -> Result<Sealed, WriteError> {
    let mut writer = SealWriter::new(Vec::with_capacity(samples.len()), options)?;
    let mut manifest = Manifest::new("samples", "application/octet-stream");
    manifest.claimed_channels = Some(record.layout.channels);
    manifest.claimed_bits = Some(record.layout.bits);
    add(&mut writer, manifest, record.to_string(), samples)?;
    if !colour.is_empty() {
        let manifest = Manifest::new("png-chunks", "application/octet-stream");
        add(&mut writer, manifest, COLOUR.to_owned(), colour)?;
    }
    Sealed::of(writer)
}

/// One item: the file, as it would be sealed without redaction.
fn seal_file(
    record: &Record,
    file: &[u8],
    description: &ImageDescription,
    options: &SealOptions,
) -> Result<Sealed, WriteError> {
    let mut writer = SealWriter::new(Vec::with_capacity(file.len()), options)?;
    let manifest = describe(file, description);
    add(&mut writer, manifest, record.to_string(), file)?;
    Sealed::of(writer)
}

fn add(
    writer: &mut SealWriter<Vec<u8>>,
    mut manifest: Manifest,
    line: String,
    bytes: &[u8],
) -> Result<(), WriteError> {
    manifest.attributes.insert(ATTRIBUTE.to_owned(), line);
    writer.start_item(&manifest, Some(bytes.len() as u64))?;
    writer.write_all(bytes)?;
    writer.end_item()
}

impl Sealed {
    fn of(writer: SealWriter<Vec<u8>>) -> Result<Self, WriteError> {
        let transfer_id = writer.sealer().transfer_id();
        Ok(Self {
            stream: writer.finish()?,
            transfer_id,
        })
    }
}

fn finish(
    record: Record,
    png: &[u8],
    sealed: Sealed,
    beside: bool,
) -> Result<Redacted, RedactError> {
    let sealed_bytes = sealed.stream.len();
    if !beside && sealed_bytes > MAX_CHUNK {
        return Err(RedactError::TooLong(sealed_bytes));
    }
    let (image, beside) = if beside {
        (png.to_vec(), Some(sealed.stream))
    } else {
        (embed(png, &sealed.stream), None)
    };
    Ok(Redacted {
        image,
        beside,
        width: record.width,
        height: record.height,
        rects: record.rects,
        restores: record.restores,
        sealed_bytes,
        transfer_id: sealed.transfer_id,
    })
}
