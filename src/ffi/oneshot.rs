//! Everything at once, in the caller's memory.

use zeroize::{Zeroize, Zeroizing};

use crate::format::{FormatError, FormatErrorKind};
use crate::io::stamped;
use crate::oneshot::rewrap;
use crate::stream::{
    HeaderReader, OpenEvent, Opener, SealEvent, SealOptions, Sealer, Verified, sealed_size,
};

use super::description::{Description, secimg_description};
use super::fail::Fail;
use super::guard::guard;
use super::handle::{Boxed, borrow, clear, create, create_if_wanted};
use super::manifest::manifest_for_c;
use super::memory::{Output, bytes, clear_buf, give_buf, put, secimg_buf};
use super::open_options::{Opening, secimg_open_options};
use super::opened::{Opened, secimg_opened};
use super::progress::STEP;
use super::recipients::secimg_recipients;
use super::report::{report_for_c, secimg_report};
use super::seal_options::{Sealing, secimg_seal_options};
use super::status::secimg_status;

/// Stores the exact length of the stream that `secimg_encrypt`, or a sealer with one image of known length, makes. No
/// key is used.
///
/// `prefix` is the image or its beginning: its first `SECIMG_SNIFF_LEN` bytes are looked at, or all where it is
/// shorter, since what is recognised in them is stored too.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_sealed_size(
    options: *const secimg_seal_options,
    description: *const secimg_description,
    prefix: *const u8,
    prefix_len: usize,
    image_len: u64,
    out: *mut u64,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        let sealing = unsafe { borrow(options)? };
        // SAFETY: as the module says.
        let description = unsafe { Description::read(description)? };
        // SAFETY: as the module says.
        let prefix = unsafe { bytes(prefix, prefix_len)? };
        let needed = image_len.min(super::sealer::SECIMG_SNIFF_LEN as u64);
        if description.needs_prefix() && (prefix.len() as u64) < needed {
            return Err(Fail::argument(
                "the prefix is shorter than the image and than SECIMG_SNIFF_LEN",
            ));
        }
        let size = size_of_one(&sealing.options, &description, prefix, image_len)?;
        // SAFETY: as the module says.
        unsafe { put(out, size) }
    })
}

fn size_of_one(
    options: &SealOptions,
    description: &Description,
    prefix: &[u8],
    len: u64,
) -> Result<u64, Fail> {
    description.check()?;
    let within = usize::try_from(len).map_or(prefix, |len| prefix.get(..len).unwrap_or(prefix));
    let manifest = description.manifest(within);
    Ok(sealed_size(options, [(&manifest, len)])?)
}

/// Seals one image into `out` and stores the stream's length in `*out_len`. `description` may be `NULL`.
///
/// `SECIMG_ERR_BUFFER_TOO_SMALL` where `capacity` is less than `secimg_sealed_size` says, which is then in `*out_len`;
/// no key was used then. After another error `*out_len` is 0 and nothing is in `out`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_encrypt(
    options: *const secimg_seal_options,
    description: *const secimg_description,
    image: *const u8,
    image_len: usize,
    out: *mut u8,
    capacity: usize,
    out_len: *mut usize,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        unsafe { put(out_len, 0)? };
        // SAFETY: as the module says.
        let sealing = unsafe { borrow(options)? };
        // SAFETY: as the module says.
        let description = unsafe { Description::read(description)? };
        // SAFETY: as the module says.
        let image = unsafe { bytes(image, image_len)? };
        let output = Output::new(out, capacity)?;
        output.apart_from(image)?;
        let size = size_of_one(&sealing.options, &description, image, image.len() as u64)?;
        // SAFETY: as the module says.
        unsafe { put(out_len, usize::try_from(size).unwrap_or(usize::MAX))? };
        if size > capacity as u64 {
            return Err(Fail::too_small(capacity, size));
        }
        // SAFETY: the caller's buffer, which is apart from the image.
        let buffer = unsafe { output.zeroed(usize::try_from(size).unwrap_or(capacity)) };
        let sealed = seal(sealing, &description, image, buffer);
        if sealed.is_err() {
            buffer.fill(0);
            // SAFETY: as the module says.
            unsafe { put(out_len, 0)? };
        }
        sealed
    })
}

/// Seals the image into a buffer of exactly the stream's length.
fn seal(
    sealing: &Sealing,
    description: &Description,
    image: &[u8],
    buffer: &mut [u8],
) -> Result<(), Fail> {
    let mut sealer = Sealer::new(&stamped(&sealing.options))?;
    sealer.start_item(&description.manifest(image), Some(image.len() as u64))?;
    let (mut taken, mut made) = (0, 0);
    while taken < image.len() {
        sealing.progress.tell(taken, image.len())?;
        let end = taken.saturating_add(STEP).min(image.len());
        taken += pump(&mut sealer, &image[taken..end], buffer, &mut made)?;
    }
    sealer.end_item()?;
    sealer.finish()?;
    pump(&mut sealer, &[], buffer, &mut made)?;
    sealing.progress.tell(image.len(), image.len())?;
    if made == buffer.len() {
        return Ok(());
    }
    // The size was computed; another one would be a bug of ours, and must not pass for a stream.
    Err(Fail::new(
        super::status::SECIMG_ERR_PANIC,
        "a bug in secimg: the stream has another length than was computed",
    ))
}

fn pump(
    sealer: &mut Sealer,
    input: &[u8],
    buffer: &mut [u8],
    made: &mut usize,
) -> Result<usize, Fail> {
    let mut taken = 0;
    loop {
        let step = sealer.update(&input[taken..], &mut buffer[*made..])?;
        taken += step.consumed;
        *made += step.produced;
        let stuck = step.consumed == 0 && step.produced == 0;
        if stuck || (step.event != SealEvent::OutputFull && taken == input.len()) {
            return Ok(taken);
        }
    }
}

/// What the walk over a stream meets.
enum Met<'a> {
    Item(crate::content::Manifest),
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
    let mut opener = locked.unlock(&options)?.into_opener(&options)?;
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

/// Copies an image into the caller's buffer as it is opened, and counts on when the buffer is full.
struct OneImage<'a> {
    buffer: &'a mut [u8],
    items: usize,
    len: usize,
}

impl OneImage<'_> {
    fn take(&mut self, met: &Met<'_>) {
        match met {
            Met::Item(_) => self.items += 1,
            Met::Data(bytes) => {
                let room = self.buffer.get_mut(self.len..).unwrap_or_default();
                let len = room.len().min(bytes.len());
                room[..len].copy_from_slice(&bytes[..len]);
                self.len += bytes.len();
            }
        }
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
    let verified = open(opening, sealed, |met| {
        image.take(&met);
        Ok(())
    })?;
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
            Met::Item(manifest) => images.push((manifest_for_c(manifest), Zeroizing::default())),
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

/// Makes the same stream for other recipients: the whole set is replaced, the payload and its signature stay. Free it
/// with `secimg_buf_free`.
///
/// It changes the wrapping and not the key: a former recipient who kept the key can still read the stream.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_rewrap(
    options: *const secimg_open_options,
    recipients: *const secimg_recipients,
    sealed: *const u8,
    sealed_len: usize,
    out: *mut secimg_buf,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        unsafe { clear_buf(out)? };
        // SAFETY: as the module says.
        let opening = unsafe { borrow(options)? };
        // SAFETY: as the module says.
        let recipients = unsafe { borrow(recipients)? }.clone();
        // SAFETY: as the module says.
        let sealed = unsafe { bytes(sealed, sealed_len)? };
        let options = SealOptions::new().recipients(recipients.list);
        let options = if recipients.allow_mixing {
            options.allow_mixing()
        } else {
            options
        };
        let rewrapped = rewrap(sealed, &opening.options, &options)?;
        // SAFETY: as the module says.
        unsafe { give_buf(out, rewrapped.into_boxed_slice()) }
    })
}
