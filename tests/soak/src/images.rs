//! Images whose bytes are slices of one pool: making them costs nothing while something is measured.

use std::io::Write;
use std::sync::OnceLock;

use secimg::io::{SealWriter, WriteError};
use secimg::stream::{ImageDescription, SealOptions, Sealer};
use secimg::transport::ExpectedReceipt;
use sha2::{Digest, Sha256};

use crate::sessions::Chance;

const POOL: usize = 16 << 20;

/// One image.
#[derive(Clone, Debug)]
pub(crate) struct Picture {
    pub(crate) name: Option<String>,
    pub(crate) bytes: &'static [u8],
}

fn pool() -> &'static [u8] {
    static BYTES: OnceLock<Vec<u8>> = OnceLock::new();
    BYTES.get_or_init(|| {
        let mut chance = Chance(7);
        let words = core::iter::repeat_with(|| chance.next().to_le_bytes());
        words.take(POOL / 8).flatten().collect()
    })
}

impl Picture {
    /// Of this length; no two are the same but by chance.
    pub(crate) fn new(name: Option<String>, len: usize, chance: &mut Chance) -> Self {
        let at = chance.below(POOL - len);
        let bytes = &pool()[at..at + len];
        Self { name, bytes }
    }

    pub(crate) fn description(&self) -> ImageDescription {
        match &self.name {
            Some(name) => ImageDescription::new().named(name),
            None => ImageDescription::new(),
        }
    }

    pub(crate) fn digest(&self) -> [u8; 32] {
        Sha256::digest(self.bytes).into()
    }
}

/// A stream in memory, and the receipt that it must have.
pub(crate) struct Sealed {
    pub(crate) bytes: Vec<u8>,
    pub(crate) expected: ExpectedReceipt,
}

/// Seals into anything.
pub(crate) fn seal_into<W: Write>(
    output: W,
    pictures: &[Picture],
    options: &SealOptions,
) -> Result<(W, Sealer), WriteError> {
    let mut writer = SealWriter::new(output, options)?;
    for picture in pictures {
        let length = Some(picture.bytes.len() as u64);
        writer.add_image(picture.bytes, &picture.description(), length)?;
    }
    writer.finish_with_sealer()
}

pub(crate) fn seal(pictures: &[Picture], options: &SealOptions) -> Sealed {
    let sealed = seal_into(Vec::new(), pictures, options);
    let (bytes, sealer) = sealed.expect("sealing in memory");
    Sealed {
        bytes,
        expected: ExpectedReceipt::of(&sealer),
    }
}
