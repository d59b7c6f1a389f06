//! Sealing at once, in the caller's memory.

use crate::io::stamped;
use crate::stream::{SealEvent, SealOptions, Sealer, sealed_size_with_previews};

use super::description::{Description, secimg_description};
use super::fail::Fail;
use super::guard::guard;
use super::handle::borrow;
use super::memory::{Output, bytes, put};
use super::progress::STEP;
use super::seal_options::{Sealing, secimg_seal_options};
use super::status::{SECIMG_ERR_PANIC, secimg_status};

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
    let item = (&manifest, description.preview(), len);
    Ok(sealed_size_with_previews(options, [item])?)
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
    let manifest = description.manifest(image);
    sealer.start_item_with_preview(&manifest, description.preview(), Some(image.len() as u64))?;
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
        SECIMG_ERR_PANIC,
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
