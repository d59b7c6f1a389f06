//! Opening at once, in the caller's memory.

use zeroize::{Zeroize, Zeroizing};

use crate::content::{FrameEntry, Manifest};
use crate::format::{FormatError, FormatErrorKind};
use crate::io::timed;
use crate::oneshot::restore_all;
use crate::stream::{HeaderReader, OpenEvent, Opener, Verified, restored_original};

use super::fail::Fail;
use super::guard::guard;
use super::handle::{Boxed, borrow, clear, create, create_if_wanted};
use super::manifest::manifest_for_c;
use super::memory::{Output, bytes, put};
use super::open_options::{Opening, secimg_open_options};
use super::opened::{Opened, secimg_opened};
use super::progress::STEP;
use super::report::{report_for_c, secimg_report};
use super::status::secimg_status;

/// What the walk over a stream meets.
enum Met<'a> {
    Item(Manifest),
    Data(&'a [u8]),
}

/// Opens all of a stream. Nothing that `take` gets may be used before this succeeds.
fn open(
    opening: &Opening,
    sealed: &[u8],
    mut take: impl FnMut(Met<'_>) -> Result<(), Fail>,
) -> Result<Verified, Fail> {
    let options = opening.options.clone().spooled();
    let mut header = HeaderReader::new();
    let (mut used, locked) = header.push(sealed)?;
    let locked = locked.ok_or_else(|| header.end_of_input())?;
    let mut opener = locked.unlock(&options)?.into_opener(&timed(&options))?;
    loop {
        opening.progress.tell(used, sealed.len())?;
        let end = used.saturating_add(STEP).min(sealed.len());
        used += open_some(&mut opener, &sealed[used..end], &mut take)?;
        if used == sealed.len() || used < end {
            break;
        }
    }
    let verified = opener.finish()?;
    opening.progress.tell(used, sealed.len())?;
    if used < sealed.len() {
        return Err(FormatError::at(FormatErrorKind::TrailingBytes, used as u64).into());
    }
    Ok(verified)
}

/// Opens what is in `input`, up to the stream's end, and returns how much of it that was.
fn open_some(
    opener: &mut Opener,
    input: &[u8],
    take: &mut impl FnMut(Met<'_>) -> Result<(), Fail>,
) -> Result<usize, Fail> {
    let mut used = 0;
    loop {
        let step = opener.update(&input[used..], &mut [])?;
        used += step.consumed;
        match step.event {
            OpenEvent::Data => {
                take(Met::Data(opener.peek()))?;
                opener.consume(opener.peek().len());
            }
            OpenEvent::Item(manifest) => take(Met::Item(manifest.into_inner()))?,
            OpenEvent::NeedInput | OpenEvent::Finished => return Ok(used),
            _ => {}
        }
    }
}

/// Copies an image into the caller's buffer as it is opened, and counts on when the buffer is full. A compressed frame is held
/// until it can be restored.
struct OneImage<'a> {
    buffer: &'a mut [u8],
    items: usize,
    len: usize,
    compressed: Option<(Manifest, Zeroizing<Vec<u8>>)>,
}

impl OneImage<'_> {
    fn take(&mut self, met: Met<'_>) -> Result<(), Fail> {
        match (met, &mut self.compressed) {
            (Met::Item(manifest), _) => {
                self.items += 1;
                let is_compressed = |entry: &FrameEntry| entry.transform.is_some();
                let compressed = manifest.frame.as_deref().is_some_and(is_compressed);
                self.compressed = compressed.then(|| (manifest, Zeroizing::default()));
            }
            (Met::Data(bytes), Some((_, coded))) => append(coded, bytes)?,
            (Met::Data(bytes), None) => {
                let room = self.buffer.get_mut(self.len..).unwrap_or_default();
                let len = room.len().min(bytes.len());
                room[..len].copy_from_slice(&bytes[..len]);
                self.len += bytes.len();
            }
        }
        Ok(())
    }
}

/// One image that was opened: in the caller's buffer, or beside it.
enum One {
    InPlace(usize),
    Restored(Zeroizing<Vec<u8>>),
}

/// Opens a stream that holds one image, into `out`, and stores the image's length in `*out_len`. Nothing is in `out`
/// before all of the stream is verified, and nothing after an error. `report` (`NULL`: not wanted) gets what is proven.
///
/// A buffer as long as the stream suffices, but for a raw frame that was sealed compressed: of that the samples come, without gaps
/// between rows and in the sender's byte order. `SECIMG_ERR_BUFFER_TOO_SMALL` comes only for a stream that is good, with the
/// image's length in `*out_len`; all the work was done then. A stream with no image or several is
/// `SECIMG_ERR_INVALID_ARGUMENT`: see `secimg_decrypt_all`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_decrypt(
    options: *const secimg_open_options,
    sealed: *const u8,
    sealed_len: usize,
    out: *mut u8,
    capacity: usize,
    out_len: *mut usize,
    report: *mut *mut secimg_report,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        unsafe { clear(report) };
        // SAFETY: as the module says.
        unsafe { put(out_len, 0)? };
        // SAFETY: as the module says.
        let opening = unsafe { borrow(options)? };
        // SAFETY: as the module says.
        let sealed = unsafe { bytes(sealed, sealed_len)? };
        let output = Output::new(out, capacity)?;
        output.apart_from(sealed)?;
        // SAFETY: the caller's buffer, which is apart from the stream; an image is not longer than its stream.
        let buffer = unsafe { output.zeroed(capacity.min(sealed_len)) };
        let (verified, one) = decrypt_one(opening, sealed, buffer).inspect_err(|_| {
            buffer.zeroize();
        })?;
        let len = match &one {
            One::InPlace(len) => *len,
            One::Restored(samples) => samples.len(),
        };
        // SAFETY: as the module says.
        unsafe { put(out_len, len)? };
        if len > capacity {
            buffer.zeroize();
            return Err(Fail::too_small(capacity, len as u64));
        }
        if let One::Restored(samples) = &one {
            // SAFETY: the caller's buffer, to which nothing else refers any more.
            unsafe { output.zeroed(len) }.copy_from_slice(samples);
        }
        // SAFETY: as the module says.
        unsafe { create_if_wanted(report, || report_for_c(verified)) }
    })
}

fn decrypt_one(
    opening: &Opening,
    sealed: &[u8],
    buffer: &mut [u8],
) -> Result<(Verified, One), Fail> {
    let mut image = OneImage {
        buffer,
        items: 0,
        len: 0,
        compressed: None,
    };
    let verified = open(opening, sealed, |met| image.take(met))?;
    if image.items != 1 {
        return Err(Fail::argument(
            "the stream does not hold one image: use secimg_decrypt_all",
        ));
    }
    let one = match image.compressed {
        None => One::InPlace(image.len),
        Some((manifest, coded)) => {
            let limit = opening.options.get_limits().frame_bytes;
            let samples = restored_original(&manifest, &coded, limit)?;
            One::Restored(samples.unwrap_or_default())
        }
    };
    Ok((verified, one))
}

/// Opens a whole stream, and hands out its images only if everything about it holds. Of a raw frame that was sealed compressed
/// it hands out the samples, without gaps between rows and in the sender's byte order; the report counts and hashes what was sealed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_decrypt_all(
    options: *const secimg_open_options,
    sealed: *const u8,
    sealed_len: usize,
    out: *mut *mut secimg_opened,
) -> secimg_status {
    guard(|| {
        let make = || {
            // SAFETY: as the module says.
            let opening = unsafe { borrow(options)? };
            // SAFETY: as the module says.
            decrypt_all(opening, unsafe { bytes(sealed, sealed_len)? })
        };
        // SAFETY: as the module says.
        unsafe { create(out, make) }
    })
}

fn decrypt_all(opening: &Opening, sealed: &[u8]) -> Result<Opened, Fail> {
    let mut images: Vec<(Manifest, Zeroizing<Vec<u8>>)> = Vec::new();
    let verified = open(opening, sealed, |met| {
        match met {
            Met::Item(manifest) => images.push((manifest, Zeroizing::default())),
            Met::Data(bytes) => {
                if let Some((_, image)) = images.last_mut() {
                    append(image, bytes)?;
                }
            }
        }
        Ok(())
    })?;
    restore_all(&mut images, opening.options.get_limits())?;
    let for_c = |(manifest, bytes)| (manifest_for_c(manifest), bytes);
    Ok(Opened {
        images: images.into_iter().map(for_c).collect(),
        report: Boxed::new::<secimg_report>(report_for_c(verified)),
    })
}

/// Appends, and leaves no copy behind where the image must move; too large an image is an error and not the end of
/// the process.
fn append(image: &mut Zeroizing<Vec<u8>>, bytes: &[u8]) -> Result<(), Fail> {
    let needed = image.len() + bytes.len();
    if needed > image.capacity() {
        let mut larger = Zeroizing::new(Vec::new());
        let wanted = needed.max(image.capacity().saturating_mul(2));
        larger
            .try_reserve_exact(wanted)
            .map_err(|_| Fail::no_memory())?;
        larger.extend_from_slice(image);
        *image = larger;
    }
    image.extend_from_slice(bytes);
    Ok(())
}

/// Reads a whole stream and keeps nothing of it but the report (`NULL`: not wanted).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_verify(
    options: *const secimg_open_options,
    sealed: *const u8,
    sealed_len: usize,
    report: *mut *mut secimg_report,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        unsafe { clear(report) };
        // SAFETY: as the module says.
        let opening = unsafe { borrow(options)? };
        // SAFETY: as the module says.
        let sealed = unsafe { bytes(sealed, sealed_len)? };
        let verified = open(opening, sealed, |_| Ok(()))?;
        // SAFETY: as the module says.
        unsafe { create_if_wanted(report, || report_for_c(verified)) }
    })
}
