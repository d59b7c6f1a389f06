//! The keys that the fuzzer knows: those of the test vectors, and a raw key of its own.

use std::sync::{Arc, OnceLock};

use secimg::OpenOptions;
use secimg::format::Limits;
use secimg::keys::{
    Identity, Passphrase, PrivateKey, RawKeyRecipient, Signer, SymmetricKey, TrustedSigners,
};

const ALICE: &[u8] = include_bytes!("../../vectors/keys/alice.pem");
const HYBRID: &[u8] = include_bytes!("../../vectors/keys/alice_hybrid.pem");
const SENDER: &[u8] = include_bytes!("../../vectors/keys/sender_ed25519.pem");

/// The raw key of the vectors: 00 01 02 … 1f.
pub fn raw_key() -> Arc<RawKeyRecipient> {
    let bytes: Vec<u8> = (0..32).collect();
    let key = SymmetricKey::from_file_bytes(&bytes).unwrap();
    Arc::new(RawKeyRecipient::new(key))
}

/// The sender of the vectors.
pub fn sender() -> Arc<dyn Signer> {
    sender_key().signer().unwrap()
}

/// The set of this one sender.
pub fn trusted() -> TrustedSigners {
    [sender_key().public()].into_iter().collect()
}

/// Every identity, and no key derivation: a passphrase must be refused for its cost before it runs.
pub fn options() -> OpenOptions {
    let mut limits = Limits::DEFAULT;
    (limits.argon2_memory_kib, limits.pbkdf2_iterations) = (0, 0);
    let passphrase = Passphrase::new("fuzz").unwrap();
    OpenOptions::new()
        .identity(raw_key())
        .identity(alice())
        .identity(hybrid())
        .identity(Arc::new(passphrase))
        .limits(limits)
        .spooled()
}

fn alice() -> Arc<dyn Identity> {
    static KEY: OnceLock<PrivateKey> = OnceLock::new();
    let key = KEY.get_or_init(|| PrivateKey::from_pem(ALICE, None).unwrap());
    key.identity().unwrap()
}

fn hybrid() -> Arc<dyn Identity> {
    static KEY: OnceLock<PrivateKey> = OnceLock::new();
    let key = KEY.get_or_init(|| PrivateKey::from_pem(HYBRID, None).unwrap());
    key.identity().unwrap()
}

fn sender_key() -> &'static PrivateKey {
    static KEY: OnceLock<PrivateKey> = OnceLock::new();
    KEY.get_or_init(|| PrivateKey::from_pem(SENDER, None).unwrap())
}
