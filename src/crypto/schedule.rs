//! The key schedule: every label and every derivation in one place (SPEC section 5).
//!
//! ```text
//! PRK      = HKDF-Extract(salt, CEK)
//! K[label] = HKDF-Expand(PRK, "secimg/1 " ‖ label ‖ 00 ‖ core_hash ‖ SHA-256(context), 32)
//! KEK      = HKDF(salt, shared secret, "secimg/1 xwing" ‖ 00 ‖ core_hash, 32)        (section 4.5)
//! ```

use core::fmt;

use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::error::Unauthentic;
use super::secret::{Cek, Key256};
use crate::format::{Commitment, Core, Salt};

const PREFIX: &[u8] = b"secimg/1 ";
const COMMIT: &[u8] = b"commit";
const RECIPIENTS: &[u8] = b"recipients";
const ENC: &[u8] = b"enc";
const IV: &[u8] = b"iv";
const MAC: &[u8] = b"mac";
const RECEIPT: &[u8] = b"receipt";
const XWING: &[u8] = b"xwing";

/// SHA-256 of magic, CORE's frame header and CORE's body without the commitment.
pub type CoreHash = [u8; 32];

/// Hashes the part of CORE that every key depends on.
#[must_use]
pub fn core_hash(core: &Core) -> CoreHash {
    Sha256::digest(core.hashed_part()).into()
}

/// Returns the transfer id, which names a stream: SHA-256 of magic and the whole CORE frame.
#[must_use]
pub fn transfer_id(core: &Core) -> [u8; 32] {
    Sha256::digest(core.to_bytes()).into()
}

/// Derives the key that wraps a content encryption key for an X-Wing recipient (SPEC section 4.5) from
/// CORE's salt, the shared secret of the encapsulation, and the stream's core hash.
#[must_use]
pub fn xwing_kek(salt: &Salt, shared_secret: &Key256, core_hash: &CoreHash) -> Key256 {
    let hkdf = Hkdf::<Sha256>::new(Some(salt), shared_secret.expose());
    Key256::init(|out| {
        let info: [&[u8]; 4] = [PREFIX, XWING, &[0], core_hash];
        let expanded = hkdf.expand_multi_info(&info, out);
        debug_assert!(expanded.is_ok(), "32 bytes are within HKDF's bound");
    })
}

/// The keys of one stream.
///
/// Suite, chunk size, flags, salt and context are in every one of them, so that a header with one
/// changed byte has other keys throughout.
pub struct StreamKeys {
    core_hash: CoreHash,
    commit: Key256,
    recipients: Key256,
    /// K[enc]
    pub(super) enc: Key256,
    /// K[iv]
    pub(super) iv: Key256,
    /// K[mac]
    pub(super) mac: Key256,
    receipt: Key256,
}

impl StreamKeys {
    /// Derives the keys for `core` (whose commitment plays no part) and the caller's `context`.
    #[must_use]
    pub fn derive(cek: &Cek, core: &Core, context: &[u8]) -> Self {
        let core_hash = core_hash(core);
        let context_hash: [u8; 32] = Sha256::digest(context).into();
        let hkdf = Hkdf::<Sha256>::new(Some(&core.salt), cek.expose());
        let key = |label: &[u8]| {
            Key256::init(|out| {
                let info: [&[u8]; 5] = [PREFIX, label, &[0], &core_hash, &context_hash];
                let expanded = hkdf.expand_multi_info(&info, out);
                debug_assert!(expanded.is_ok(), "32 bytes are within HKDF's bound");
            })
        };
        Self {
            core_hash,
            commit: key(COMMIT),
            recipients: key(RECIPIENTS),
            enc: key(ENC),
            iv: key(IV),
            mac: key(MAC),
            receipt: key(RECEIPT),
        }
    }

    /// Returns the commitment that stands in CORE.
    #[must_use]
    pub fn commitment(&self) -> Commitment {
        *self.commit.expose()
    }

    /// Compares a stored commitment with this key's, in constant time. It comes before everything else.
    #[must_use]
    pub fn commits_to(&self, stored: &Commitment) -> bool {
        self.commit.expose().ct_eq(stored).into()
    }

    /// Returns the MAC of a recipient block: `HMAC-SHA-256(K[recipients], core_hash ‖ body before the MAC)`.
    #[must_use]
    pub fn recipients_mac(&self, body: &[u8]) -> [u8; 32] {
        self.recipients_hmac(body).finalize().into_bytes().into()
    }

    /// Checks the MAC of a recipient block, in constant time.
    ///
    /// # Errors
    /// [`Unauthentic`].
    pub fn check_recipients_mac(&self, body: &[u8], mac: &[u8; 32]) -> Result<(), Unauthentic> {
        self.recipients_hmac(body)
            .verify_slice(mac)
            .map_err(|_| Unauthentic)
    }

    fn recipients_hmac(&self, body: &[u8]) -> Hmac<Sha256> {
        let mut mac = hmac(&self.recipients);
        mac.update(&self.core_hash);
        mac.update(body);
        mac
    }

    /// Returns `HMAC-SHA-256(K[receipt], message)`, with which a receiver proves that it held the key.
    #[must_use]
    pub fn receipt_mac(&self, message: &[u8]) -> [u8; 32] {
        let mut mac = hmac(&self.receipt);
        mac.update(message);
        mac.finalize().into_bytes().into()
    }

    /// Checks a receipt's MAC, in constant time.
    ///
    /// # Errors
    /// [`Unauthentic`].
    pub fn check_receipt_mac(&self, message: &[u8], tag: &[u8; 32]) -> Result<(), Unauthentic> {
        let mut mac = hmac(&self.receipt);
        mac.update(message);
        mac.verify_slice(tag).map_err(|_| Unauthentic)
    }
}

impl fmt::Debug for StreamKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StreamKeys(..)")
    }
}

/// Keys HMAC-SHA-256. FIPS 198-1 pads a key to the block length with zeros; doing so here leaves a
/// constructor that cannot fail.
pub(super) fn hmac(key: &Key256) -> Hmac<Sha256> {
    let mut block = Zeroizing::new([0; 64]);
    block[..32].copy_from_slice(key.expose());
    Hmac::<Sha256>::new((&*block).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padding_the_key_changes_no_mac() {
        let key = Key256::init(|b| b.fill(0x0B));
        let mut ours = hmac(&key);
        let mut theirs = Hmac::<Sha256>::new_from_slice(key.expose()).unwrap();
        ours.update(b"x");
        theirs.update(b"x");
        assert_eq!(ours.finalize().into_bytes(), theirs.finalize().into_bytes());
    }
}
