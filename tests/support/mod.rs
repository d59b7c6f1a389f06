//! What several tests share: keys, options and a driver that feeds machines in any pieces.
#![allow(
    dead_code,
    reason = "each test program uses its own part of this module"
)]

#[macro_use]
mod say;
mod corpus_files;
pub(crate) mod openssl;

#[allow(
    unused_imports,
    reason = "each test program uses its own part of this module"
)]
pub(crate) use corpus_files::{corpus, files_below};

use std::sync::{Arc, OnceLock};

use secimg::crypto::RngFailed;
use secimg::format::ChunkSize;
use secimg::keys::{
    GenerateKind, Kdf, Passphrase, PassphraseRecipient, PrivateKey, RawKeyRecipient, SymmetricKey,
    TrustedSigners,
};
use secimg::stream::{HeaderReader, OpenEvent};
use secimg::{OpenError, OpenOptions, SealOptions, Verified};

/// An RSA key of the smallest size; made once a test program.
pub(crate) fn rsa() -> &'static PrivateKey {
    static KEY: OnceLock<PrivateKey> = OnceLock::new();
    KEY.get_or_init(|| PrivateKey::generate(GenerateKind::Rsa { bits: 2048 }).unwrap())
}

/// Another one.
pub(crate) fn other_rsa() -> &'static PrivateKey {
    static KEY: OnceLock<PrivateKey> = OnceLock::new();
    KEY.get_or_init(|| PrivateKey::generate(GenerateKind::Rsa { bits: 2048 }).unwrap())
}

/// An Ed25519 key.
pub(crate) fn ed25519() -> &'static PrivateKey {
    static KEY: OnceLock<PrivateKey> = OnceLock::new();
    KEY.get_or_init(|| PrivateKey::generate(GenerateKind::Ed25519).unwrap())
}

/// An X-Wing key.
pub(crate) fn hybrid() -> &'static PrivateKey {
    static KEY: OnceLock<PrivateKey> = OnceLock::new();
    KEY.get_or_init(|| PrivateKey::generate(GenerateKind::XWing).unwrap())
}

/// A raw key, as recipient and identity.
pub(crate) fn raw(byte: u8) -> Arc<RawKeyRecipient> {
    let key = SymmetricKey::from_file_bytes(&[byte; 32]).unwrap();
    Arc::new(RawKeyRecipient::new(key))
}

/// The cheapest passphrase that the format allows.
pub(crate) fn passphrase(text: &str) -> Arc<PassphraseRecipient> {
    let kdf = Kdf::argon2id(19_456, 2, 1).unwrap();
    Arc::new(PassphraseRecipient::new(Passphrase::new(text).unwrap()).with_kdf(kdf))
}

/// A passphrase as identity.
pub(crate) fn words(text: &str) -> Arc<Passphrase> {
    Arc::new(Passphrase::new(text).unwrap())
}

/// A set of one trusted signer.
pub(crate) fn trust(key: &PrivateKey) -> TrustedSigners {
    let mut set = TrustedSigners::new();
    set.add(key.public());
    set
}

/// Small chunks, one raw-key recipient, a fixed signing time.
pub(crate) fn small() -> SealOptions {
    SealOptions::new()
        .recipient(raw(1))
        .chunk_size(ChunkSize::MIN)
        .signing_time(1_800_000_000)
}

/// The identity for [`small`].
pub(crate) fn small_identity() -> OpenOptions {
    OpenOptions::new().identity(raw(1))
}

/// Bytes that never repeat within a chunk's distance.
pub(crate) fn pattern(len: usize) -> Vec<u8> {
    (0..len)
        .map(|i| (i.wrapping_mul(2_654_435_761) >> 11).to_le_bytes()[0])
        .collect()
}

/// Counts up, and spreads what it counts over all values: the same stream every time, and one that does not come back,
/// so that who draws until a number is below some bound comes to an end. (A counter of single bytes does come back, and
/// RSA's blinding then waited for ever, for one random modulus in some.)
pub(crate) struct Counter(pub(crate) u64);

impl rand_core::TryRng for Counter {
    type Error = RngFailed;

    fn try_next_u32(&mut self) -> Result<u32, RngFailed> {
        rand_core::utils::next_word_via_fill(self)
    }

    fn try_next_u64(&mut self) -> Result<u64, RngFailed> {
        rand_core::utils::next_word_via_fill(self)
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), RngFailed> {
        for byte in bytes {
            self.0 = self.0.wrapping_add(1);
            *byte = self.0.wrapping_mul(0x9E37_79B9_7F4A_7C15).to_be_bytes()[0];
        }
        Ok(())
    }
}

impl rand_core::TryCryptoRng for Counter {}

/// What an in-order opening gave before it ended, and how it ended.
#[derive(Debug)]
pub(crate) struct Trace {
    pub(crate) events: Vec<String>,
    pub(crate) released: Vec<u8>,
    pub(crate) end: Result<Verified, OpenError>,
}

/// Drives header reader and opener with pieces of the input, and outputs, of the given sizes in turn.
pub(crate) fn drive(
    sealed: &[u8],
    options: &OpenOptions,
    inputs: &[usize],
    outputs: &[usize],
) -> Trace {
    let mut trace = Trace {
        events: Vec::new(),
        released: Vec::new(),
        end: Err(OpenError::Refused),
    };
    trace.end = drive_into(
        sealed,
        options,
        inputs,
        outputs,
        &mut trace.events,
        &mut trace.released,
    );
    trace
}

fn drive_into(
    sealed: &[u8],
    options: &OpenOptions,
    inputs: &[usize],
    outputs: &[usize],
    events: &mut Vec<String>,
    released: &mut Vec<u8>,
) -> Result<Verified, OpenError> {
    let (mut pieces, mut rooms) = (inputs.iter().cycle(), outputs.iter().cycle());
    let mut next = |rest: usize| rest.min(*pieces.next().unwrap());
    let mut reader = HeaderReader::new();
    let mut at = 0;
    let locked = loop {
        let len = next(sealed.len() - at);
        let (used, locked) = reader.push(&sealed[at..at + len])?;
        at += used;
        match locked {
            Some(locked) => break locked,
            None if at == sealed.len() => return Err(reader.end_of_input().into()),
            None => {}
        }
    };
    let mut opener = locked.unlock(options)?.into_opener(options)?;
    let mut output = vec![0; outputs.iter().copied().max().unwrap()];
    loop {
        let len = next(sealed.len() - at);
        let room = *rooms.next().unwrap();
        let step = opener.update(&sealed[at..at + len], &mut output[..room])?;
        at += step.consumed;
        released.extend_from_slice(&output[..step.produced]);
        match step.event {
            OpenEvent::NeedInput if at == sealed.len() => return opener.finish(),
            OpenEvent::NeedInput | OpenEvent::Data => {}
            OpenEvent::Finished => {
                events.push(format!("finished at {at}"));
                return opener.finish();
            }
            event => events.push(format!("{} {event:?}", released.len())),
        }
    }
}
