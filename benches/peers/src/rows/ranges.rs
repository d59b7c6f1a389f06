//! How much of a long stream is read for a part of it.

use std::fs::File;
use std::io::{self, BufWriter, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;

use secimg::io::{OpenReader, SealWriter};
use secimg::keys::{RawKeyRecipient, SymmetricKey};
use secimg::stream::{ImageDescription, OpenOptions, SealOptions};

use super::{Extent, size};
use crate::material::{Noise, Slices};
use crate::report::{Amount, Goal, Measure, Report, Row, Unit};
use crate::stats::{Spread, number};
use crate::{Result, report};

/// Less than this beside what is asked.
const BESIDE: f64 = 262_144.0;
/// What is asked of the middle. It begins and ends inside chunks.
const RANGE: u64 = 1_000_000;

pub(super) fn measure(extent: &Extent, folder: &Path, report: &mut Report) -> Result {
    let total = extent.ranges;
    report::title(&format!(
        "bytes read for a part of a stream of {}, in a file in {}",
        size(total),
        folder.display()
    ));
    let slice = Slices::LEN as u64;
    let slices = total / slice;

    let mut stream = Stream::new(folder, 1, total)?;
    stream.row(
        0,
        total / 2..total / 2 + RANGE,
        "a range in the middle of one image",
        "range",
        report,
    )?;
    let mut stream = Stream::new(folder, 16, total / 16)?;
    stream.row(0, 0..total / 16, "the first of 16 images", "first", report)?;
    let mut stream = Stream::new(folder, slices, slice)?;
    stream.row(
        0,
        0..slice,
        &format!("the first of {slices} slices"),
        "first-slice",
        report,
    )?;
    let (middle, work) = (slices / 2, format!("one in the middle of {slices} slices"));
    stream.row(
        usize::try_from(middle)?,
        0..slice,
        &work,
        "middle-slice",
        report,
    )
}

/// A sealed stream in a file that has no name, and the key to it.
struct Stream {
    file: File,
    options: OpenOptions,
}

impl Stream {
    fn new(folder: &Path, images: u64, len: u64) -> Result<Self> {
        let key = Arc::new(RawKeyRecipient::new(SymmetricKey::generate()?));
        let file = tempfile::tempfile_in(folder)?;
        let options = SealOptions::new().recipient(key.clone());
        let mut writer = SealWriter::new(BufWriter::with_capacity(1 << 20, file), &options)?;
        for number in 0..images {
            let image = Noise::new(number + 1).take(len);
            let description = ImageDescription::new().named(&format!("slice-{number:04}.pgm"));
            writer.add_image(image, &description, Some(len))?;
        }
        Ok(Self {
            file: writer.finish()?.into_inner()?,
            options: OpenOptions::new().identity(key),
        })
    }

    /// Reads a range of an image with a reader of its own, and counts.
    fn row(
        &mut self,
        image: usize,
        range: core::ops::Range<u64>,
        work: &str,
        name: &str,
        report: &mut Report,
    ) -> Result {
        let counting = Counting {
            inner: &mut self.file,
            bytes: 0,
        };
        let mut reader = OpenReader::open(counting, &self.options)?;
        if image > 0 {
            reader.select(image)?;
        }
        reader.seek(SeekFrom::Start(range.start))?;
        let asked = range.end - range.start;
        let got = io::copy(&mut reader.by_ref().take(asked), &mut io::sink())?;
        if got != asked {
            return Err(format!("{got} bytes instead of {asked}").into());
        }
        let read = reader.into_inner().bytes;
        let beside = number(read.saturating_sub(asked));
        let amount = |count: u64| Amount::new(number(count), Unit::Bytes);
        let ratio = (Measure::Bytes, Spread::one(beside));
        let row = Row::new(work, amount(read), ("asked for", amount(asked)), ratio);
        report.push(row.id("read", name).target(Goal::Under(BESIDE)))
    }
}

/// Counts what is read through it.
struct Counting<'a> {
    inner: &'a mut File,
    bytes: u64,
}

impl Read for Counting<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let len = self.inner.read(buffer)?;
        self.bytes += len as u64;
        Ok(len)
    }
}

impl Seek for Counting<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.inner.seek(to)
    }
}
