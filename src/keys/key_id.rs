//! Key ids: how an entry says whom it is for, without saying it to outsiders (SPEC section 4.1).

use sha2::{Digest, Sha256};

use crate::format::{KeyId, Salt};

/// Returns the first 16 bytes of SHA-256("secimg/1 key id" ‖ salt ‖ material).
///
/// The material is the canonical SPKI DER for RSA and X-Wing, the key itself for raw keys, nothing
/// for passphrases, and the provider's key name for external keys.
#[must_use]
pub fn key_id(salt: &Salt, material: &[u8]) -> KeyId {
    let hash = Sha256::new()
        .chain_update(b"secimg/1 key id")
        .chain_update(salt)
        .chain_update(material);
    let mut id = KeyId::default();
    id.copy_from_slice(&hash.finalize()[..16]);
    id
}
