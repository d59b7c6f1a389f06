//! RSAES-OAEP and RSASSA-PSS (RFC 8017), both with SHA-256 and MGF1 with SHA-256.

use super::bignum::{bits, pow_mod};
use super::der;
use super::primitives::sha256;

const HASH: usize = 32;

pub(crate) struct RsaPublic {
    pub(crate) n: Vec<u8>,
    pub(crate) e: Vec<u8>,
}

impl RsaPublic {
    /// Modulus and exponent are within their bounds [M-RSA-1] [M-SIG-2].
    pub(crate) fn allowed(&self) -> bool {
        let e = self.e.iter().try_fold(0_u32, |e, byte| {
            e.checked_mul(256).map(|e| e | u32::from(*byte))
        });
        let odd = e.is_some_and(|e| e >= 65_537 && e % 2 == 1);
        odd && (2048..=4096).contains(&bits(&self.n))
    }

    /// The canonical SPKI: rsaEncryption with NULL.
    pub(crate) fn spki(&self) -> Vec<u8> {
        let key = der::sequence(&[&der::integer(&self.n), &der::integer(&self.e)]);
        let algorithm = der::sequence(&[der::RSA_ENCRYPTION, der::NULL]);
        der::sequence(&[&algorithm, &der::bit_string(&key)])
    }

    /// RFC 8017 sections 8.1.2 and 9.1.2, with a salt of exactly 32 bytes [M-SIG-3].
    pub(crate) fn verify_pss(&self, message: &[u8], signature: &[u8]) -> bool {
        if signature.len() != self.n.len() {
            return false;
        }
        let Some(encoded) = pow_mod(signature, &self.e, &self.n) else {
            return false;
        };
        let em_bits = bits(&self.n) - 1;
        let em_len = em_bits.div_ceil(8);
        let (above, em) = encoded.split_at(encoded.len() - em_len);
        let db_len = em_len - HASH - 1;
        // The bits at the top of the first byte that the modulus leaves no room for.
        let unused = !(0xFF_u8 >> (8 * em_len - em_bits));
        if above.iter().any(|byte| *byte != 0) || em[em_len - 1] != 0xBC || em[0] & unused != 0 {
            return false;
        }
        let (masked, hash) = (&em[..db_len], &em[db_len..em_len - 1]);
        let mut db = mgf1_xor(hash, masked);
        db[0] &= !unused;
        let (padding, salt) = db.split_at(db_len - HASH);
        let (one, zeros) = (padding[padding.len() - 1], &padding[..padding.len() - 1]);
        one == 1
            && zeros.iter().all(|byte| *byte == 0)
            && sha256(&[&[0; 8], &sha256(&[message]), salt]) == hash
    }
}

pub(crate) struct RsaPrivate {
    pub(crate) public: RsaPublic,
    pub(crate) d: Vec<u8>,
}

impl RsaPrivate {
    /// RFC 8017 section 7.1.2, with an empty label.
    pub(crate) fn decrypt_oaep(&self, ciphertext: &[u8]) -> Option<Vec<u8>> {
        let k = self.public.n.len();
        // [M-RSA-2] The body is as long as the modulus.
        if ciphertext.len() != k {
            return None;
        }
        let em = pow_mod(ciphertext, &self.d, &self.public.n)?;
        let (masked_seed, masked_db) = em[1..].split_at(HASH);
        let seed = mgf1_xor(masked_db, masked_seed);
        let db = mgf1_xor(&seed, masked_db);
        let (label, rest) = db.split_at(HASH);
        let one = rest.iter().position(|byte| *byte != 0)?;
        let sound = em[0] == 0 && label == sha256(&[]) && rest[one] == 1;
        sound.then(|| rest[one + 1..].to_vec())
    }
}

/// MGF1 (RFC 8017 section B.2.1) over `seed`, exclusive-or `text`.
pub(crate) fn mgf1_xor(seed: &[u8], text: &[u8]) -> Vec<u8> {
    let pieces = text.chunks(HASH).zip(0_u32..);
    pieces
        .flat_map(|(piece, count)| {
            let mask = sha256(&[seed, &count.to_be_bytes()]);
            piece
                .iter()
                .zip(mask)
                .map(|(a, b)| a ^ b)
                .collect::<Vec<_>>()
        })
        .collect()
}
