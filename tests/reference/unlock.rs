//! Key ids, the recipients' ways to the CEK, the key schedule: SPEC sections 4.1 to 5.

use argon2::{Algorithm, Argon2, Params, Version};
use sha2::Sha256;
use unicode_normalization::UnicodeNormalization;
use x_wing::{
    DecapsulationKey, DecapsulationKeyRejectNonContrib, Decapsulator, KeyExport, TryDecapsulate,
};

use super::answer::Class::{NoMatch, NotAuthentic};
use super::answer::{Checked, Identity, Reader, Refusal, ensure};
use super::der::{self, PrivateKey};
use super::header::{Bytes, Core, Entry, Recipients};
use super::primitives::{Key, aes_kw_unwrap, hkdf_expand_32, hkdf_extract, hmac, sha256};

/// The keys of an unlocked stream.
pub(crate) struct Unlocked {
    pub(crate) cek: Key,
    pub(crate) keys: Schedule,
    /// SHA-256 of the SPKI of the identity that opened it, where it has one.
    pub(crate) reader: Option<[u8; 32]>,
}

/// K[label] of section 5.
pub(crate) struct Schedule {
    prk: [u8; 32],
    core_hash: [u8; 32],
    context_hash: [u8; 32],
}

impl Schedule {
    /// [M-KEY-2] [M-KEY-4]
    pub(crate) fn new(cek: &Key, core: &Core, context: &[u8]) -> Self {
        Self {
            prk: hkdf_extract(&core.salt, cek),
            core_hash: core.hash,
            context_hash: sha256(&[context]),
        }
    }

    pub(crate) fn key(&self, label: &str) -> Key {
        let info = [
            b"secimg/1 ",
            label.as_bytes(),
            &[0],
            &self.core_hash,
            &self.context_hash,
        ];
        hkdf_expand_32(&self.prk, &info)
    }
}

/// [M-KEY-5], in its four steps.
pub(crate) fn unlock(
    core: &Core,
    recipients: &Recipients<'_>,
    reader: &Reader,
) -> Checked<Unlocked> {
    let mut matched = false;
    for identity in &reader.identities {
        for entry in &recipients.entries {
            // [M-RCPT-8]
            if (entry.kind, entry.key_id) != (kind(identity), key_id(core, identity)) {
                continue;
            }
            matched = true;
            // What does not unwrap is passed over here; who must not be timed takes a random candidate.
            let Some(cek) = unwrap(core, identity, entry) else {
                continue;
            };
            let keys = Schedule::new(&cek, core, &reader.context);
            // [M-KEY-3] [M-CORE-7], and on to the next where it does not hold [M-KEY-6].
            if keys.key("commit") != core.commitment {
                continue;
            }
            let mac = hmac(
                &keys.key("recipients"),
                &[&core.hash, recipients.before_mac],
            );
            ensure(mac == recipients.mac, NotAuthentic, "M-RCPT-7")?;
            let reader = spki(identity).map(|spki| sha256(&[&spki]));
            return Ok(Unlocked { cek, keys, reader });
        }
    }
    ensure(matched, NoMatch, "M-RCPT-8")?;
    Err(Refusal {
        class: NotAuthentic,
        rule: "M-KEY-3",
        offset: None,
    })
}

fn kind(identity: &Identity) -> u16 {
    match identity {
        Identity::Private(PrivateKey::Rsa(_)) => 1,
        Identity::Private(PrivateKey::XWing(_)) => 2,
        Identity::Passphrase(_) => 3,
        Identity::Raw(_) => 4,
    }
}

/// The canonical SPKI of a key that has one.
pub(crate) fn spki(identity: &Identity) -> Option<Vec<u8>> {
    match identity {
        Identity::Private(PrivateKey::Rsa(key)) => Some(key.public.spki()),
        Identity::Private(PrivateKey::XWing(seed)) => {
            let public = DecapsulationKey::from(*seed).encapsulation_key().to_bytes();
            Some(der::sequence(&[
                &der::sequence(&[der::XWING]),
                &der::bit_string(&public),
            ]))
        }
        Identity::Passphrase(_) | Identity::Raw(_) => None,
    }
}

/// [M-KEYID-1]
fn key_id(core: &Core, identity: &Identity) -> [u8; 16] {
    let m = match identity {
        Identity::Raw(key) => key.to_vec(),
        _ => spki(identity).unwrap_or_default(),
    };
    let [id, _] = halves(sha256(&[b"secimg/1 key id", &core.salt, &m]));
    id
}

fn halves(hash: [u8; 32]) -> [[u8; 16]; 2] {
    let (halves, _) = hash.as_chunks();
    [halves[0], halves[1]]
}

/// Unwraps an entry's body to a candidate CEK.
fn unwrap(core: &Core, identity: &Identity, entry: &Entry<'_>) -> Option<Key> {
    match identity {
        Identity::Private(PrivateKey::Rsa(key)) => {
            let cek = key
                .public
                .allowed()
                .then(|| key.decrypt_oaep(entry.body))??;
            cek.try_into().ok()
        }
        Identity::Private(PrivateKey::XWing(seed)) => {
            let mut body = Bytes::of(entry.body);
            let ciphertext: [u8; 1120] = body.array()?;
            let kek = xwing_kek(core, &xwing_shared_secret(seed, &ciphertext)?);
            aes_kw_unwrap(&kek, &body.array()?)
        }
        Identity::Passphrase(text) => {
            let mut body = Bytes::of(entry.body);
            let derived = derived_key(&mut body, text)?;
            aes_kw_unwrap(&derived, &body.array()?)
        }
        Identity::Raw(key) => aes_kw_unwrap(key, entry.body.try_into().ok()?),
    }
}

/// The shared secret, unless X25519 gives zeros [M-XWING-3].
pub(crate) fn xwing_shared_secret(seed: &[u8; 32], ciphertext: &[u8; 1120]) -> Option<[u8; 32]> {
    let key = DecapsulationKeyRejectNonContrib::from(*seed);
    let shared = key.try_decapsulate(&(*ciphertext).into()).ok()?;
    Some(shared.into())
}

/// [M-XWING-2]
pub(crate) fn xwing_kek(core: &Core, shared: &[u8; 32]) -> Key {
    let prk = hkdf_extract(&core.salt, shared);
    hkdf_expand_32(&prk, &[b"secimg/1 xwing", &[0], &core.hash])
}

/// SPEC section 4.3; the bounds were checked when the entry was read.
fn derived_key(body: &mut Bytes<'_>, text: &str) -> Option<Key> {
    // [M-PASS-1]
    let words: String = text.nfc().collect();
    let mut key = [0; 32];
    if body.number(1)? == 1 {
        let mut next = || u32::try_from(body.number(4)?).ok();
        let params = Params::new(next()?, next()?, next()?, Some(32)).ok()?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let salt = body.take(16)?;
        argon2
            .hash_password_into(words.as_bytes(), salt, &mut key)
            .ok()?;
    } else {
        let iterations = u32::try_from(body.number(4)?).ok()?;
        let salt = body.take(16)?;
        pbkdf2::pbkdf2_hmac::<Sha256>(words.as_bytes(), salt, iterations, &mut key);
    }
    Some(key)
}
