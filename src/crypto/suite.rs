//! What a cipher suite is: one row of a table, and the keys that it makes for a stream.

use core::fmt;

use zeroize::Zeroizing;

use super::batch::{Beside, Lane};
use super::error::Unauthentic;
use super::schedule::StreamKeys;
use super::secret::clearing_stack;
use crate::format::{ChunkIndex, Layout, SuiteId};
use crate::hash::Sha256Stream;

/// A chunk's contribution to the root that is signed (SPEC section 8).
pub type Leaf = [u8; 32];

/// A cipher suite: a row of [`SUITES`](super::SUITES).
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Suite {
    /// Its number in CORE.
    pub id: SuiteId,
    /// Its name in reports.
    pub name: &'static str,
    /// Its short name on the command line.
    pub short_name: &'static str,
    /// The bytes that it adds to a chunk.
    pub layout: Layout,
    /// What of a body a leaf is made from.
    pub leaf_source: LeafSource,
    /// Makes the chunk keys of one stream.
    pub(super) keys: fn(&StreamKeys) -> Box<dyn ChunkKeys>,
}

impl Suite {
    /// Makes the chunk keys of one stream.
    #[must_use]
    pub fn chunk_keys(&self, keys: &StreamKeys) -> Box<dyn ChunkKeys> {
        clearing_stack(|| (self.keys)(keys))
    }
}

impl PartialEq for Suite {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Suite {}

impl fmt::Debug for Suite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// What of a chunk's body must be read to make its leaf.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum LeafSource {
    /// The tag alone.
    Tag,
    /// Ciphertext and tag.
    Body,
}

/// Seals and opens chunks. Position goes in as an argument and nothing is remembered, so that chunks
/// may be handled in any order, many at once.
///
/// A `body` is what stands behind a wire frame's header: ciphertext, then tag.
pub trait ChunkKeys: Send + Sync {
    /// Seals in place: `body` begins with `plain_len` bytes of content and has room for the rest.
    ///
    /// `body` is as long as [`Layout::final_ciphertext_len`] and the tag say where `last` is set, and
    /// as the content and the tag otherwise.
    fn seal(&self, index: ChunkIndex, last: bool, plain_len: usize, body: &mut [u8]);

    /// Opens in place and returns the length of the content, with which `body` then begins.
    ///
    /// # Errors
    /// [`Unauthentic`]; `body` then still holds ciphertext, or is wiped.
    fn open(&self, index: ChunkIndex, last: bool, body: &mut [u8]) -> Result<usize, Unauthentic>;

    /// Seals CHUNKs of `plain_len` bytes of content, the first of them with index `first`, to the same bytes as one
    /// after the other. What is `beside` it may be hashed on the way, as far as that costs nothing.
    fn seal_many(
        &self,
        first: ChunkIndex,
        plain_len: usize,
        lanes: &mut [Lane<'_>],
        beside: Option<&mut Beside<'_>>,
    ) {
        let _ = beside;
        for (index, lane) in (first..).zip(lanes) {
            if let Some(content) = lane.from {
                lane.body[..plain_len].copy_from_slice(content);
            }
            self.seal(index, false, plain_len, lane.body);
        }
    }

    /// Opens CHUNKs in order, the first of them with index `first`, and returns how many were authentic before one was
    /// not. Nothing of that one and of those behind it is decrypted, or it is wiped. The contents of the others are hashed.
    fn open_many(
        &self,
        first: ChunkIndex,
        lanes: &mut [Lane<'_>],
        hasher: Option<&mut Sha256Stream>,
    ) -> usize {
        open_one_by_one(self, first, lanes, hasher)
    }

    /// Returns the leaf of a sealed body, or of as much of its end as [`LeafSource`] asks for.
    fn leaf(&self, body: &[u8]) -> Leaf;
}

/// Opens CHUNKs one after the other, as [`ChunkKeys::open_many`] asks for.
pub(super) fn open_one_by_one<K: ChunkKeys + ?Sized>(
    keys: &K,
    first: ChunkIndex,
    lanes: &mut [Lane<'_>],
    mut hasher: Option<&mut Sha256Stream>,
) -> usize {
    let mut opened = 0;
    for (index, lane) in (first..).zip(lanes) {
        let held = match lane.from {
            None => keys.open(index, false, lane.body),
            Some(sealed) => {
                let mut whole = Zeroizing::new(sealed.to_vec());
                let held = keys.open(index, false, &mut whole);
                held.inspect(|len| lane.body.copy_from_slice(&whole[..*len]))
            }
        };
        let Ok(len) = held else {
            break;
        };
        if let Some(hasher) = &mut hasher {
            hasher.update(&lane.body[..len]);
        }
        opened += 1;
    }
    opened
}
