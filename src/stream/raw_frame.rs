//! Raw frames as items: from the caller's samples to a manifest and DATA, and back (SPEC section 7.7).

use zeroize::Zeroizing;

use super::describe::ImageDescription;
use crate::content::{FrameEntry, Manifest};
use crate::image::{Compression, FrameError, FrameLayout, FrameMut, RawFrame, Transform};

/// The format that a manifest names for a raw frame.
pub const FRAME_FORMAT: &str = "raw-frame";
/// The media type that a manifest names for a raw frame.
pub const FRAME_MEDIA_TYPE: &str = "application/vnd.secimg.frame";

const NANOSECONDS: i64 = 1_000_000_000;

/// A raw frame as it will be sealed: its manifest, and the bytes of DATA.
///
/// The samples stay where they are, unless they are compressed.
#[derive(Debug)]
pub struct FrameItem<'a> {
    frame: RawFrame<'a>,
    manifest: Manifest,
    preview: Option<&'a [u8]>,
    coded: Option<Coded>,
}

/// Compressed samples: wiped when dropped, and never printed.
struct Coded(Zeroizing<Vec<u8>>);

impl core::fmt::Debug for Coded {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_tuple("Coded").finish_non_exhaustive()
    }
}

/// What became of a frame's samples where they were compressed; it can be made on another thread.
#[derive(Debug)]
pub(crate) struct Compressed {
    transform: Transform,
    coded: Coded,
    sha256: [u8; 32],
}

impl Compressed {
    /// Compresses the samples where `compression` asks for that.
    pub(crate) fn of(frame: &RawFrame<'_>, compression: Compression) -> Option<Self> {
        let (transform, coded) = frame.compress(compression)?;
        Some(Self {
            transform,
            coded: Coded(coded),
            sha256: frame.sha256(),
        })
    }
}

impl<'a> FrameItem<'a> {
    /// Makes an item of a frame; compresses it where `compression` asks for that.
    ///
    /// Where the description says no time, it is that of the frame, in whole seconds.
    #[must_use]
    pub fn new(
        frame: RawFrame<'a>,
        description: &'a ImageDescription,
        compression: Compression,
    ) -> Self {
        let compressed = Compressed::of(&frame, compression);
        Self::compressed_to(frame, description, compressed)
    }

    /// Makes an item of a frame and what became of its samples.
    pub(crate) fn compressed_to(
        frame: RawFrame<'a>,
        description: &'a ImageDescription,
        compressed: Option<Compressed>,
    ) -> Self {
        let layout = *frame.layout();
        let mut manifest = Manifest::of_frame(FRAME_FORMAT, FRAME_MEDIA_TYPE, layout);
        manifest.name.clone_from(&description.name);
        let seconds = layout.time.map(|time| time.div_euclid(NANOSECONDS));
        manifest.time = description.time.or(seconds);
        manifest.attributes.clone_from(&description.attributes);
        let coded = compressed.map(|made| {
            let entry = FrameEntry::new(layout).transformed(made.transform.name(), made.sha256);
            manifest.frame = Some(Box::new(entry));
            made.coded
        });
        Self {
            frame,
            manifest,
            preview: description.preview_bytes(),
            coded,
        }
    }

    /// Returns the manifest.
    #[must_use]
    pub const fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Returns the small picture that stands before the frame, where the description has one.
    #[must_use]
    pub const fn preview(&self) -> Option<&'a [u8]> {
        self.preview
    }

    /// Returns how many bytes DATA has.
    #[must_use]
    pub fn data_len(&self) -> u64 {
        self.coded
            .as_ref()
            .map_or_else(|| self.frame.packed_bytes(), |coded| coded.0.len() as u64)
    }

    /// Calls `push` with the bytes of DATA, piece by piece: the samples alone, never what lies between rows.
    ///
    /// # Errors
    /// Those of `push`.
    pub fn data<E>(&self, push: impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
        self.pieces().try_for_each(push)
    }

    /// Returns the bytes of DATA, piece by piece.
    pub fn pieces(&self) -> impl Iterator<Item = &[u8]> {
        let coded = self.coded.as_ref().map(|coded| coded.0.as_slice());
        let whole = coded.or_else(|| self.frame.packed());
        let rows = whole.is_none().then(|| self.frame.rows());
        whole.into_iter().chain(rows.into_iter().flatten())
    }
}

/// What a manifest says of a raw frame, looked at before anything is done for it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FrameSource<'a> {
    pub(crate) layout: &'a FrameLayout,
    transform: Option<(Transform, &'a [u8; 32])>,
}

impl<'a> FrameSource<'a> {
    /// Finds the frame of an item whose DATA has `bytes` bytes.
    ///
    /// # Errors
    /// [`FrameError::NotAFrame`], [`FrameError::Transform`] and [`FrameError::Length`].
    pub(crate) fn of(manifest: &'a Manifest, bytes: u64) -> Result<Self, FrameError> {
        let entry = manifest.frame.as_ref().ok_or(FrameError::NotAFrame)?;
        let layout = &entry.layout;
        let transform = match &entry.transform {
            None => None,
            Some(named) => {
                let unknown = || FrameError::Transform(named.name.clone());
                let transform = Transform::from_name(&named.name).ok_or_else(unknown)?;
                Some((transform, &named.sha256))
            }
        };
        let needed = layout.packed_bytes();
        let sound = match transform {
            None => bytes == needed,
            Some((transform, _)) => bytes <= transform.most_bytes(layout),
        };
        if !sound {
            return Err(FrameError::Length {
                needed,
                given: bytes,
            });
        }
        Ok(Self { layout, transform })
    }

    /// Says whether DATA are the samples as they are.
    pub(crate) const fn is_plain(&self) -> bool {
        self.transform.is_none()
    }

    fn restore(self, data: &[u8], into: &mut FrameMut<'_>) -> Result<(), FrameError> {
        match self.transform {
            None => into.copy_packed(self.layout, data),
            Some((transform, sha256)) => into.decode(self.layout, transform, data, sha256),
        }
    }
}

/// Gives the samples of a raw frame back, from its manifest and all of its DATA.
///
/// Samples that were compressed are held against their digest. On any failure the samples in `into` are wiped.
///
/// # Errors
/// [`FrameError`].
pub fn restore_frame(
    manifest: &Manifest,
    data: &[u8],
    into: &mut FrameMut<'_>,
) -> Result<(), FrameError> {
    let source = FrameSource::of(manifest, data.len() as u64);
    let restored = source.and_then(|source| source.restore(data, into));
    into.wiping(restored)
}

/// Returns the original of an item where DATA is not that: the samples of a compressed frame, rows without gaps, in the
/// byte order of the sender. Where DATA is the original, there is nothing to return.
///
/// A frame of more than `limit` bytes is refused before memory is taken for it.
///
/// # Errors
/// [`FrameError`].
pub fn restored_original(
    manifest: &Manifest,
    data: &[u8],
    limit: u64,
) -> Result<Option<Zeroizing<Vec<u8>>>, FrameError> {
    if manifest.frame.is_none() {
        return Ok(None);
    }
    let source = FrameSource::of(manifest, data.len() as u64)?;
    if source.is_plain() {
        return Ok(None);
    }
    let bytes = source.layout.packed_bytes();
    let len = usize::try_from(bytes).ok().filter(|_| bytes <= limit);
    let len = len.ok_or(FrameError::Limit { bytes, limit })?;
    let mut samples = Zeroizing::new(vec![0; len]);
    source.restore(data, &mut FrameMut::new(&mut samples, *source.layout)?)?;
    Ok(Some(samples))
}
