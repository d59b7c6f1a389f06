//! Floor 2: what the chunks decrypt to: items, their manifests, the index and CLOSE.
//!
//! The parser knows no keys. Everything here is behind the tags of the chunks, and is parsed as if it
//! were not: who holds the content encryption key may still be hostile.
#![cfg_attr(
    not(test),
    warn(
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::as_conversions
    )
)]

mod close;
mod error;
mod frame_entry;
mod grammar;
mod growth;
mod index;
mod manifest;
mod parser;
mod record;
mod writer;

pub use close::{Close, SignatureAlgorithm, SignatureBlock};
pub use error::{ContentError, ContentErrorKind};
pub use frame_entry::{FrameEntry, FrameTransform};
pub use grammar::Grammar;
pub(crate) use growth::{append_wiping, append_zeros_wiping};
pub use index::{Index, IndexEntry};
pub use manifest::Manifest;
pub use parser::{ContentEvent, ContentParser, ItemEnd};
pub use record::{RECORD_HEADER_LEN, RecordHeader, RecordKind};
pub use writer::{ContentWriter, WriteProblem, WriteResult};
