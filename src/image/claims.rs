//! What a header says of its image.

/// Holds what an image's header says of it: claims, never truths.
///
/// `None` means that the header does not say, that what it says is past the bytes that were looked at, or that
/// its format does not allow what it says (no format allows a zero).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Claims {
    /// Columns of the image, before any orientation is applied.
    pub width: Option<u32>,
    /// Rows of the image, before any orientation is applied.
    pub height: Option<u32>,
    /// Pictures in the file: animation frames, pages or slices.
    pub frames: Option<u32>,
    /// Samples per pixel as stored; one where a pixel is an index into a palette.
    pub channels: Option<u8>,
    /// Bits per sample as stored.
    pub bits: Option<u8>,
}

impl Claims {
    /// Claims a width and a height.
    pub(super) fn of_size(width: u32, height: u32) -> Self {
        Self {
            width: nonzero(width),
            height: nonzero(height),
            ..Self::default()
        }
    }

    /// Adds how many samples a pixel has and how many bits each of them.
    pub(super) fn with_samples(self, channels: u8, bits: u8) -> Self {
        Self {
            channels: nonzero(channels),
            bits: nonzero(bits),
            ..self
        }
    }

    /// Adds how many pictures there are.
    pub(super) fn with_frames(self, frames: Option<u32>) -> Self {
        Self {
            frames: frames.and_then(nonzero),
            ..self
        }
    }
}

/// Turns a zero into no claim.
pub(super) fn nonzero<T: Default + PartialEq>(value: T) -> Option<T> {
    (value != T::default()).then_some(value)
}
