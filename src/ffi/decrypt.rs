//! Opening at once, in the caller's memory.

use zeroize::{Zeroize, Zeroizing};

use crate::content::{FrameEntry, Manifest};
use crate::format::{FormatError, FormatErrorKind};
use crate::io::timed;
use crate::stream::{HeaderReader, OpenEvent, Opener, Verified};

use super::fail::Fail;
use super::guard::guard;
use super::handle::{Boxed, borrow, clear, create, create_if_wanted};
use super::manifest::manifest_for_c;
use super::memory::{Output, bytes, put};
use super::open_options::{Opening, secimg_open_options};
use super::opened::{Opened, secimg_opened};
use super::progress::STEP;
use super::report::{report_for_c, secimg_report};
use super::status::{SECIMG_ERR_UNSUPPORTED, secimg_status};

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

/// What was sealed of a compressed frame is not its original, and would be taken for it.
fn refuse_compressed(manifest: &Manifest) -> Result<(), Fail> {
    let is_compressed = |entry: &FrameEntry| entry.transform.is_some();
    if manifest.frame.as_deref().is_some_and(is_compressed) {
        return Err(Fail::new(
            SECIMG_ERR_UNSUPPORTED,
            "the stream holds a compressed raw frame, which this function does not restore; the command `secimg decrypt` and \
             the Rust library do",
        ));
    }
    Ok(())
}

/// Copies an image into the caller's buffer as it is opened, and counts on when the buffer is full.
struct OneImage<'a> {
    buffer: &'a mut [u8],
    items: usize,
    len: usize,
}

impl OneImage<'_> {
    fn take(&mut self, met: &Met<'_>) -> Result<(), Fail> {
        match met {
            Met::Item(manifest) => {
                refuse_compressed(manifest)?;
                self.items += 1;
            }
            Met::Data(bytes) => {
                let room = self.buffer.get_mut(self.len..).unwrap_or_default();
                let len = room.len().min(bytes.len());
                room[..len].copy_from_slice(&bytes[..len]);
                self.len += bytes.len();
            }
        }
        Ok(())
    }
}

/// Opens a stream that holds one image, into `out`, and stores the image's length in `*out_len`. Nothing is in `out`
/// before all of the stream is verified, and nothing after an error. `report` (`NULL`: not wanted) gets what is proven.
///
/// A buffer as long as the stream always suffices. `SECIMG_ERR_BUFFER_TOO_SMALL` comes only for a stream that is good,
/// with the image's length in `*out_len`; all the work was done then. A stream with no image or several is
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
        let (verified, len) = decrypt_one(opening, sealed, buffer).inspect_err(|_| {
            buffer.zeroize();
        })?;
        // SAFETY: as the module says.
        unsafe { put(out_len, len)? };
        if len > buffer.len() {
            buffer.zeroize();
            return Err(Fail::too_small(capacity, len as u64));
        }
        // SAFETY: as the module says.
        unsafe { create_if_wanted(report, || report_for_c(verified)) }
    })
}

fn decrypt_one(
    opening: &Opening,
    sealed: &[u8],
    buffer: &mut [u8],
) -> Result<(Verified, usize), Fail> {
    let mut image = OneImage {
        buffer,
        items: 0,
        len: 0,
    };
    let verified = open(opening, sealed, |met| image.take(&met))?;
    if image.items != 1 {
        return Err(Fail::argument(
            "the stream does not hold one image: use secimg_decrypt_all",
        ));
    }
    Ok((verified, image.len))
}

/// Opens a whole stream, and hands out its images only if everything about it holds.
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
    let mut images: Vec<(_, Zeroizing<Vec<u8>>)> = Vec::new();
    let verified = open(opening, sealed, |met| {
        match met {
            Met::Item(manifest) => {
                refuse_compressed(&manifest)?;
                images.push((manifest_for_c(manifest), Zeroizing::default()));
            }
            Met::Data(bytes) => {
                if let Some((_, image)) = images.last_mut() {
                    append(image, bytes)?;
                }
            }
        }
        Ok(())
    })?;
    Ok(Opened {
        images,
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
