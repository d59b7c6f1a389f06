//! What is shown of an image in a page: its preview, and a digest of its pixels.

use std::io;

use secimg::Authentic;
use secimg::content::Manifest;
use secimg::io::ItemSink;
use secimg::preview::{PixelDigest, make_preview, pixel_digest};
use secimg::stream::ItemReport;
use zeroize::Zeroizing;

/// Longer images are not decoded.
const MOST: usize = 256 << 20;

/// What is shown of one image.
#[derive(Default)]
pub(super) struct Exhibit {
    pub(super) preview: Option<Zeroizing<Vec<u8>>>,
    /// The sender sealed the preview; otherwise it was made here from the image.
    pub(super) preview_was_sealed: bool,
    pub(super) pixels: Option<PixelDigest>,
}

/// Collects what is shown of the images of a stream, one image in memory at a time.
#[derive(Default)]
pub(super) struct Exhibits {
    pub(super) items: Vec<Exhibit>,
    /// The current image, unless it is too long.
    image: Option<Zeroizing<Vec<u8>>>,
}

impl ItemSink for Exhibits {
    fn item(&mut self, _: &Authentic<Manifest>) -> io::Result<()> {
        self.items.push(Exhibit::default());
        self.image = Some(Zeroizing::default());
        Ok(())
    }

    fn preview(&mut self, preview: &Authentic<Vec<u8>>) -> io::Result<()> {
        if let Some(exhibit) = self.items.last_mut() {
            exhibit.preview = Some(Zeroizing::new(preview.get().clone()));
            exhibit.preview_was_sealed = true;
        }
        Ok(())
    }

    fn data(&mut self, bytes: &[u8]) -> io::Result<()> {
        match &mut self.image {
            Some(image) if image.len() + bytes.len() <= MOST => image.extend_from_slice(bytes),
            _ => self.image = None,
        }
        Ok(())
    }

    fn item_end(&mut self, _: &Authentic<ItemReport>) -> io::Result<()> {
        if let (Some(exhibit), Some(image)) = (self.items.last_mut(), self.image.take()) {
            // What cannot be decoded is verified all the same.
            exhibit.pixels = pixel_digest(&image).ok();
            if exhibit.preview.is_none() {
                exhibit.preview = make_preview(&image).ok();
            }
        }
        Ok(())
    }
}
