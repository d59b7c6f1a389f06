//! Floor 4: [`Sealer`] and the opening machines, without I/O, clock or threads of their own.
//!
//! Bytes are pushed in and pulled out: `update(input, output)` says how much of each it used. The
//! same machines serve slices, files, sockets and other people's event loops.
//!
//! Opening goes through states that are types, and each can only be made by the one before:
//!
//! ```text
//! HeaderReader ── header whole ──▶ Locked ── commitment holds ──▶ Unlocked ──▶ Opener ── all of it ──▶ Verified
//!                                                                     └─▶ ChunkReader (any chunk, Authentic)
//! ```

mod chunk_reader;
mod describe;
mod error;
mod frames;
mod header;
mod intake;
mod open;
mod options;
mod raw_frame;
mod report;
mod rewrap;
mod seal;
mod signature;
mod survey;
mod unlock;
mod window;
mod wrap;

pub use chunk_reader::ChunkReader;
pub use describe::{ImageDescription, describe};
pub use error::{OpenError, SealError};
pub use header::{Header, HeaderReader, Locked};
pub use open::{OpenEvent, Opener};
pub use options::{OpenOptions, SealOptions};
#[cfg(feature = "async")]
pub(crate) use raw_frame::Compressed;
pub(crate) use raw_frame::FrameSource;
pub use raw_frame::{FRAME_FORMAT, FRAME_MEDIA_TYPE, FrameItem, restore_frame, restored_original};
pub use report::{
    Authentic, Intended, ItemReport, RecipientReport, Report, SignatureReport, Verified, Warning,
};
pub use rewrap::{rewrapped_header, rewrapped_header_with_rng};
pub use seal::{SealEvent, Sealer, sealed_size, sealed_size_with_previews};
pub use survey::{FrameWalker, Survey};
pub use unlock::Unlocked;

/// What one call to a machine did.
#[derive(Debug)]
#[must_use]
#[non_exhaustive]
pub struct Step<E> {
    /// How many bytes of the input were taken.
    pub consumed: usize,
    /// How many bytes of the output were written.
    pub produced: usize,
    /// Why the call returned.
    pub event: E,
}
