//! Image files on their way into a stream.

use std::fs::Metadata;
use std::io::{self, Read, Write};
use std::time::UNIX_EPOCH;

use secimg::ImageDescription;
use secimg::content::Manifest;
use secimg::image::SNIFF_LEN;
use secimg::io::SealWriter;
use secimg::stream::describe;
use zeroize::Zeroizing;

use crate::exit::Failure;
use crate::inputs::Source;
use crate::keys_in::Sealing;
use crate::label::{Label, shown};
use crate::output::{Preview, SealedItem, SealedReport};
use crate::progress::Progress;
use crate::stored_names::{Image, Names};
use memory::InMemory;

pub(crate) use memory::Making;
pub(crate) use previews::seal_previews;

mod memory;
mod previews;

/// One stream cannot hold two files that a reader could not write side by side.
pub(crate) fn distinct_names(images: &[Image]) -> Result<(), Failure> {
    let mut names = Names::default();
    for image in images {
        let (Some(path), Some(Ok(name))) = (image.input.path(), image.stored_name()) else {
            continue;
        };
        if !names.claim(&name) {
            let what = format!(
                "{}: another image has the same name; give it a stream of its own, or store the folders \
                 too with --keep-paths",
                shown(path)
            );
            return Err(Failure::usage(what));
        }
    }
    Ok(())
}

/// Seals images into one stream, in order. On failure the input that failed is named too, where it
/// was one input's fault.
pub(crate) fn seal_images<W: Write>(
    images: &[Image],
    writer: &mut SealWriter<W>,
    sealing: &Sealing,
    quiet: bool,
) -> Result<Vec<SealedItem>, (Option<Label>, Failure)> {
    let mut items = Vec::new();
    let total: Option<u64> = images.iter().map(|image| image.input.len()).sum();
    let work = Progress::series(images.len(), total, quiet);
    for image in images {
        let item = add_image(image, writer, &work, sealing.making);
        items.push(item.map_err(|failure| (Some(image.input.label()), failure))?);
    }
    Ok(items)
}

/// Reads one image to its end and adds it to the stream.
pub(crate) fn add_image<W: Write>(
    image: &Image,
    writer: &mut SealWriter<W>,
    work: &Progress,
    making: Making,
) -> Result<SealedItem, Failure> {
    let label = image.input.label();
    work.image(&label.shown);
    let source = image.input.open()?;
    let (description, mut warnings) = description(image, &source);
    let (mut removed, mut preview) = (None, None);
    let (manifest, bytes) = if making.needs_memory(&source, &mut warnings) {
        let held = InMemory::read(source, work, making)?;
        warnings.extend(held.warning);
        (removed, preview) = (held.removed, held.preview);
        let image = held.image.as_slice();
        let manifest = describe(&image[..image.len().min(SNIFF_LEN)], &description);
        let description = match preview.as_ref().filter(|_| making.preview) {
            Some(preview) => description.with_preview(preview.to_owned()),
            None => description,
        };
        let length = held.rest.is_none().then_some(image.len() as u64);
        let rest = held.rest.unwrap_or_else(|| Box::new(io::empty()));
        let bytes = writer.add_image(image.chain(rest), &description, length)?;
        (manifest, bytes)
    } else {
        stream_image(source, writer, work, &description)?
    };
    Ok(SealedItem {
        input: label,
        manifest,
        bytes,
        sha256: None,
        removed,
        preview: preview.map(Preview::new),
        warnings,
    })
}

/// Seals an image as it is read.
fn stream_image<W: Write>(
    source: Source,
    writer: &mut SealWriter<W>,
    work: &Progress,
    description: &ImageDescription,
) -> Result<(Manifest, u64), Failure> {
    // Files of the system claim to be empty and are not; an empty file needs no promise.
    let length = source.len.filter(|length| *length > 0);
    if source.is_long() {
        let mut reader = source.ahead_for(work);
        let prefix = read_prefix(&mut reader)?;
        let manifest = describe(&prefix, description);
        let image = prefix.as_slice().chain(reader);
        let bytes = writer.add_buffered_image(image, description, length)?;
        return Ok((manifest, bytes));
    }
    let mut reader = source.read_for(work);
    let prefix = read_prefix(&mut reader)?;
    let manifest = describe(&prefix, description);
    let image = prefix.as_slice().chain(reader);
    let bytes = writer.add_image(image, description, length)?;
    Ok((manifest, bytes))
}

/// Reads what an image is recognised by.
fn read_prefix(reader: &mut impl Read) -> Result<Zeroizing<Vec<u8>>, Failure> {
    // Room for all of it at once: a vector that grows leaves copies of the image behind.
    let mut prefix = Zeroizing::new(Vec::with_capacity(SNIFF_LEN));
    let read = reader.take(SNIFF_LEN as u64).read_to_end(&mut prefix);
    read.map_err(|error| Failure::io("reading the image failed", &error))?;
    Ok(prefix)
}

/// Name and time of a file, as far as they may be stored.
pub(crate) fn description(image: &Image, source: &Source) -> (ImageDescription, Vec<String>) {
    let mut description = ImageDescription::new();
    let mut warnings = Vec::new();
    // The name of a pipe says nothing of the image.
    let (Some(name), Some(metadata)) = (image.stored_name(), &source.metadata) else {
        return (description, warnings);
    };
    match name {
        Ok(name) => description = description.named(&name),
        Err(reason) => warnings.push(format!("{reason}; the image is sealed without a name")),
    }
    if let Some(time) = modified(metadata) {
        description = description.at_time(time);
    }
    (description, warnings)
}

/// Seconds since 1970-01-01T00:00:00Z, rounded down.
fn modified(metadata: &Metadata) -> Option<i64> {
    let time = metadata.modified().ok()?;
    match time.duration_since(UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_secs()).ok(),
        Err(before) => {
            let before = before.duration();
            let seconds = i64::try_from(before.as_secs()).ok()?;
            Some(-seconds - i64::from(before.subsec_nanos() > 0))
        }
    }
}

/// Finishes the stream and joins what is known of it.
pub(crate) fn finish<W: Write>(
    writer: SealWriter<Counted<W>>,
    mut items: Vec<SealedItem>,
    sealing: &Sealing,
    suite: &'static str,
    output: Label,
) -> Result<(W, SealedReport), Failure> {
    let transfer_id = writer.sealer().transfer_id();
    let (output_writer, sealer) = writer.finish_with_sealer()?;
    for (item, digest) in items.iter_mut().zip(sealer.digests()) {
        item.sha256 = Some(*digest);
        item.warnings.extend(sealing.warnings.iter().cloned());
    }
    let report = SealedReport {
        suite,
        transfer_id,
        bytes: output_writer.bytes,
        signature: sealing.signature.clone(),
        output,
        previews: None,
        items,
    };
    Ok((output_writer.inner, report))
}

/// Counts what is written.
#[derive(Debug)]
pub(crate) struct Counted<W> {
    inner: W,
    bytes: u64,
}

impl<W> Counted<W> {
    pub(crate) const fn bytes(&self) -> u64 {
        self.bytes
    }

    pub(crate) const fn new(inner: W) -> Self {
        Self { inner, bytes: 0 }
    }

    pub(crate) const fn get_ref(&self) -> &W {
        &self.inner
    }

    pub(crate) fn into_inner(self) -> W {
        self.inner
    }
}

impl<W: Write> Write for Counted<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}
