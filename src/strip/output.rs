//! What is kept of an image, and what is not.

use zeroize::Zeroizing;

use super::exif::BLOCK;
use super::{Metadata, Removed, Stripped};

/// Room for what is written anew: an orientation, and the headers around it.
const MORE: usize = BLOCK + 64;

/// The image in the making.
pub(super) struct Output {
    image: Zeroizing<Vec<u8>>,
    removed: Vec<Removed>,
}

impl Output {
    /// Takes all the room at once: a vector that grows leaves copies of the image behind.
    pub(super) fn for_image_of(bytes: usize) -> Self {
        Self {
            image: Zeroizing::new(Vec::with_capacity(bytes + MORE)),
            removed: Vec::new(),
        }
    }

    pub(super) fn keep(&mut self, bytes: &[u8]) {
        self.image.extend_from_slice(bytes);
    }

    pub(super) fn leave_out(&mut self, what: Metadata, offset: usize, bytes: usize) {
        let removed = Removed {
            what,
            offset,
            bytes,
        };
        self.removed.push(removed);
    }

    /// Returns what is kept so far.
    pub(super) fn kept(&mut self) -> &mut [u8] {
        &mut self.image
    }

    pub(super) fn into_stripped(self) -> Stripped {
        Stripped {
            image: self.image,
            removed: self.removed,
        }
    }
}
