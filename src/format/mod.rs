//! Floor 1: the bytes of a stream, without keys and without I/O.
//!
//! Everything that stands in the clear is described here: the magic, the wire frames, the immutable
//! CORE, the mutable RECIPIENTS block, and the arithmetic of chunk offsets; and the words for the
//! samples of a raw frame ([`FrameLayout`]), which content and images share. The specification itself
//! is [`spec`].
#![cfg_attr(
    not(test),
    warn(
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::as_conversions
    )
)]

mod codec;
mod core_frame;
mod error;
mod external;
mod frame;
mod frame_layout;
mod geometry;
mod kdf_bounds;
mod limits;
mod padme;
mod recipients;

pub use codec::{Reader, Writer};
pub use core_frame::{CORE_BODY_LEN, CORE_FRAME_LEN, Commitment, Core, Flags, Salt, SuiteId};
pub use error::{FormatError, FormatErrorKind};
pub use external::ExternalBody;
pub use frame::{FRAME_HEADER_LEN, FrameHeader, FrameKind, MAGIC};
pub use frame_layout::{
    ByteOrder, FrameLayout, LayoutError, PhotometricInterpretation, SampleType,
};
pub use geometry::{ChunkIndex, ChunkSize, Geometry, Layout};
pub use kdf_bounds::{ARGON2ID_LANES, ARGON2ID_MEMORY_KIB, ARGON2ID_PASSES, PBKDF2_ITERATIONS};
pub use limits::Limits;
pub use padme::padme;
pub(crate) use recipients::EntryOutline;
pub use recipients::{
    Entry, KeyId, MAX_RECIPIENTS, RECIPIENTS_MAC_LEN, RecipientType, RecipientsBlock,
};

#[allow(
    clippy::doc_markdown,
    reason = "the specification is prose with formulas"
)]
#[doc = include_str!("SPEC.md")]
pub mod spec {}
