//! Streams of several images, pushed through the machines piece by piece.

use secimg::stream::{
    HeaderReader, ImageDescription, OpenEvent, OpenOptions, SealEvent, SealOptions, Sealer,
    describe,
};

use crate::Result;

/// Seals the images into one stream, each named, and hands its bytes on as they come, by way of `window`.
pub(super) fn seal<'a>(
    images: impl IntoIterator<Item = &'a [u8]>,
    options: &SealOptions,
    window: &mut [u8],
    mut take: impl FnMut(&[u8]),
) -> Result {
    let mut sealer = Sealer::new(options)?;
    for (number, image) in images.into_iter().enumerate() {
        let description = ImageDescription::new().named(&format!("slice-{number:04}.pgm"));
        sealer.start_item(&describe(image, &description), Some(image.len() as u64))?;
        pump(&mut sealer, image, window, &mut take)?;
        sealer.end_item()?;
    }
    sealer.finish()?;
    pump(&mut sealer, &[], window, &mut take)
}

fn pump(
    sealer: &mut Sealer,
    mut input: &[u8],
    window: &mut [u8],
    take: &mut impl FnMut(&[u8]),
) -> Result {
    loop {
        let step = sealer.update(input, window)?;
        input = &input[step.consumed..];
        take(&window[..step.produced]);
        if step.event != SealEvent::OutputFull && input.is_empty() {
            return Ok(());
        }
    }
}

/// Opens a stream by way of `window`, and returns how many images and how many of their bytes it held.
pub(super) fn open(
    sealed: &[u8],
    options: &OpenOptions,
    window: &mut [u8],
) -> Result<(usize, usize)> {
    let (used, locked) = HeaderReader::new().push(sealed)?;
    let unlocked = locked
        .ok_or("a header that is cut short")?
        .unlock(options)?;
    let mut opener = unlocked.into_opener(options)?;
    let mut input = &sealed[used..];
    let mut bytes = 0;
    loop {
        let step = opener.update(input, window)?;
        input = &input[step.consumed..];
        bytes += step.produced;
        if matches!(step.event, OpenEvent::Finished | OpenEvent::NeedInput) {
            let verified = opener.finish()?;
            return Ok((verified.report().items.len(), bytes));
        }
    }
}
