//! What to look for, computed beside the library from the randomness that it will be given.

use ed25519_dalek::SigningKey;
use hkdf::Hkdf;
use rand_core::{TryCryptoRng, TryRng};
use rsa::pkcs8::DecodePrivateKey;
use rsa::traits::{PrivateKeyParts, PublicKeyParts};
use secimg::stream::HeaderReader;
use sha2::block_api::compress256;
use sha2::{Digest, Sha256};

use crate::needles::{Needles, Owner};

/// `rsa` 0.10 leaves these behind when it reads a key; SECURITY.md says so.
const BY_RSA: Owner = Owner::Known("rsa 0.10");

/// Randomness that is known beforehand: SHA-256 in counter mode.
#[derive(Clone)]
pub struct Known {
    seed: u64,
    block: u64,
}

impl Known {
    pub fn new(seed: u64) -> Self {
        Self { seed, block: 0 }
    }
}

impl TryRng for Known {
    type Error = core::convert::Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Self::Error> {
        for part in bytes.chunks_mut(32) {
            let hash = Sha256::new()
                .chain_update(self.seed.to_be_bytes())
                .chain_update(self.block.to_be_bytes());
            self.block += 1;
            part.copy_from_slice(&hash.finalize()[..part.len()]);
        }
        Ok(())
    }
}

impl TryCryptoRng for Known {}

pub fn random(seed: u64, length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    let Ok(()) = Known::new(seed).try_fill_bytes(&mut bytes);
    bytes
}

/// The content encryption key of a stream that is sealed with this randomness, and all that follows from it.
pub fn stream(needles: &mut Needles, seed: u64, sealed: &[u8]) {
    let drawn = random(seed, 64);
    let cek = &drawn[32..];
    let (_, locked) = HeaderReader::new().push(sealed).expect("a stream");
    let locked = locked.expect("a whole header");
    let core = &locked.header().core;
    assert_eq!(core.salt, drawn[..32], "the salt is drawn first");
    needles.add("CEK", Owner::Secimg, cek);
    let (prk, hkdf) = Hkdf::<Sha256>::extract(Some(&core.salt), cek);
    needles.add("PRK", Owner::Secimg, &prk);
    let core_hash = Sha256::digest(core.hashed_part());
    let context = Sha256::digest(b"");
    for (label, name) in [
        ("recipients", "K[recipients]"),
        ("enc", "K[enc]"),
        ("iv", "K[iv]"),
        ("mac", "K[mac]"),
        ("receipt", "K[receipt]"),
    ] {
        let mut key = [0; 32];
        let info: [&[u8]; 5] = [b"secimg/1 ", label.as_bytes(), &[0], &core_hash, &context];
        hkdf.expand_multi_info(&info, &mut key).expect("32 bytes");
        needles.add(name, Owner::Secimg, &key);
        if label == "mac" || label == "recipients" {
            hmac_states(needles, &key);
        }
    }
}

/// What HMAC makes of its key is as good as the key.
fn hmac_states(needles: &mut Needles, key: &[u8; 32]) {
    for pad in [0x36, 0x5C] {
        let mut block = [pad; 64];
        block
            .iter_mut()
            .zip(key)
            .for_each(|(byte, key)| *byte ^= key);
        needles.add("HMAC's padded key", Owner::Secimg, &block[..32]);
        let mut state = [
            0x6a09_e667,
            0xbb67_ae85,
            0x3c6e_f372,
            0xa54f_f53a,
            0x510e_527f,
            0x9b05_688c,
            0x1f83_d9ab,
            0x5be0_cd19_u32,
        ];
        compress256(&mut state, &[block]);
        let bytes: Vec<u8> = state.iter().flat_map(|word| word.to_le_bytes()).collect();
        needles.add("HMAC's state", Owner::Secimg, &bytes);
    }
}

/// The numbers of an RSA key and its text.
pub fn rsa_key(needles: &mut Needles, pem: &str) {
    text(needles, "RSA key as PEM", pem);
    let key = rsa::PrivateKey::from_pkcs8_pem(pem).expect("a key");
    let number = |number: &rsa::BoxedUint| number.to_be_bytes().to_vec();
    let [p, q] = key.primes() else {
        panic!("two primes");
    };
    needles.add_number("RSA prime p", BY_RSA, &number(p));
    needles.add_number("RSA prime q", BY_RSA, &number(q));
    needles.add_number("RSA d", Owner::Secimg, &number(key.d()));
    needles.add_number(
        "RSA d mod p-1",
        Owner::Secimg,
        &number(key.dp().expect("precomputed")),
    );
    needles.add_number(
        "RSA d mod q-1",
        Owner::Secimg,
        &number(key.dq().expect("precomputed")),
    );
    assert_eq!(key.size(), 256);
}

/// The seed of an Ed25519 key, the scalar that it gives, and its text.
pub fn ed25519_key(needles: &mut Needles, pem: &str) {
    text(needles, "Ed25519 key as PEM", pem);
    let begun = pem.find("-----BEGIN").expect("a block");
    let key = SigningKey::from_pkcs8_pem(&pem[begun..]).expect("a key");
    needles.add("Ed25519 seed", Owner::Secimg, &key.to_bytes());
    needles.add("Ed25519 scalar", Owner::Secimg, key.to_scalar().as_bytes());
}

/// Lines of a key file, and what they say.
pub fn text(needles: &mut Needles, name: &'static str, pem: &str) {
    let block = pem.find("-----BEGIN").map_or(pem, |begun| &pem[begun..]);
    let lines = block.lines().filter(|line| !line.starts_with("-----"));
    let body: String = lines.collect();
    // The first bytes are the same in every key of a kind.
    let secret = &body.as_bytes()[body.len().min(128) / 2..];
    needles.add_all_along(name, Owner::Secimg, secret, 16);
}

/// The key encryption keys that a passphrase gives with the salt that follows salt and CEK.
pub fn passphrase(needles: &mut Needles, seed: u64, words: &str) {
    needles.add("passphrase", Owner::Secimg, words.as_bytes());
    let salt = &random(seed, 80)[64..];
    let mut key = [0; 32];
    let parameters = argon2::Params::new(19_456, 2, 1, Some(32)).expect("within bounds");
    argon2::Argon2::new(
        argon2::Algorithm::Argon2id,
        argon2::Version::V0x13,
        parameters,
    )
    .hash_password_into(words.as_bytes(), salt, &mut key)
    .expect("within bounds");
    needles.add("KEK of Argon2id", Owner::Secimg, &key);
    pbkdf2::pbkdf2_hmac::<Sha256>(words.as_bytes(), salt, 600_000, &mut key);
    needles.add("KEK of PBKDF2", Owner::Secimg, &key);
}
