//! As much DER and PEM as key files need.

use super::rsa::{RsaPrivate, RsaPublic};

pub(crate) const NULL: &[u8] = &[0x05, 0x00];
/// 1.2.840.113549.1.1.1
pub(crate) const RSA_ENCRYPTION: &[u8] = &[6, 9, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 1, 1];
/// 1.3.101.112 (RFC 8410)
pub(crate) const ED25519: &[u8] = &[6, 3, 0x2B, 0x65, 0x70];
/// 1.3.6.1.4.1.62253.25722 (draft-connolly-cfrg-xwing-kem)
pub(crate) const XWING: &[u8] = &[6, 11, 0x2B, 6, 1, 4, 1, 0x83, 0xE6, 0x2D, 0x81, 0xC8, 0x7A];

/// What a private key file holds, if it is of a kind that opens streams.
pub(crate) enum PrivateKey {
    Rsa(RsaPrivate),
    XWing([u8; 32]),
}

/// What a signer's SPKI holds.
pub(crate) enum SignerKey {
    Rsa(RsaPublic),
    Ed25519([u8; 32]),
}

/// RFC 7468: what stands between the lines with dashes, in Base64.
pub(crate) fn pem(text: &str) -> Vec<u8> {
    let lines = text
        .lines()
        .skip_while(|line| !line.starts_with("-----BEGIN"));
    let body = lines
        .skip(1)
        .take_while(|line| !line.starts_with("-----END"));
    let mut bits = 0_u32;
    let mut count = 0;
    let mut bytes = Vec::new();
    for c in body.flat_map(str::bytes).filter(|c| *c != b'=') {
        let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let value = alphabet.iter().zip(0..).find(|(letter, _)| **letter == c);
        bits = bits << 6 | value.expect("a letter of Base64").1;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count & 0xFF) as u8);
        }
    }
    bytes
}

/// Takes one element with this tag; what it holds, and what stands behind it.
fn element(tag: u8, bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (first, rest) = bytes.split_first()?;
    let (short, rest) = rest.split_first()?;
    let (len, rest) = match short {
        0..=0x7F => (usize::from(*short), rest),
        0x81..=0x84 => {
            let (long, rest) = rest.split_at_checked(usize::from(short - 0x80))?;
            (
                long.iter()
                    .fold(0, |len, byte| len << 8 | usize::from(*byte)),
                rest,
            )
        }
        _ => return None,
    };
    (*first == tag).then(|| rest.split_at_checked(len))?
}

/// An unsigned integer without its leading zero.
fn number(bytes: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let (body, rest) = element(2, bytes)?;
    let zeros = body.iter().take_while(|byte| **byte == 0).count();
    Some((body[zeros..].to_vec(), rest))
}

/// PKCS#8 (RFC 5958), unencrypted.
pub(crate) fn private_key(file: &[u8]) -> Option<PrivateKey> {
    let (info, _) = element(0x30, file)?;
    let (_version, rest) = element(2, info)?;
    let (algorithm, rest) = element(0x30, rest)?;
    let (key, _) = element(4, rest)?;
    if algorithm == XWING {
        return Some(PrivateKey::XWing(key.try_into().ok()?));
    }
    if !algorithm.starts_with(RSA_ENCRYPTION) {
        return None;
    }
    let (numbers, _) = element(0x30, key)?;
    let (_version, rest) = element(2, numbers)?;
    let (n, rest) = number(rest)?;
    let (e, rest) = number(rest)?;
    let (d, _) = number(rest)?;
    Some(PrivateKey::Rsa(RsaPrivate {
        public: RsaPublic { n, e },
        d,
    }))
}

/// A signer's key, from the one form of SPKI that there is for it [M-SIG-2].
pub(crate) fn signer_key(spki: &[u8]) -> Option<SignerKey> {
    let (info, _) = element(0x30, spki)?;
    let (algorithm, rest) = element(0x30, info)?;
    let (bits, _) = element(3, rest)?;
    let (_unused_bits, key) = bits.split_first()?;
    if algorithm == ED25519 {
        let key: [u8; 32] = key.try_into().ok()?;
        let canonical = sequence(&[&sequence(&[ED25519]), &bit_string(&key)]);
        return (canonical == spki).then_some(SignerKey::Ed25519(key));
    }
    let (numbers, _) = element(0x30, key)?;
    let (n, rest) = number(numbers)?;
    let (e, _) = number(rest)?;
    let key = RsaPublic { n, e };
    (key.spki() == spki).then_some(SignerKey::Rsa(key))
}

fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let body = parts.concat();
    let mut len = body.len().to_be_bytes().to_vec();
    len.drain(..len.iter().take_while(|byte| **byte == 0).count());
    let len = match body.len() {
        0..0x80 => vec![body.len() as u8],
        _ => [&[0x80 + len.len() as u8], &len[..]].concat(),
    };
    [&[tag], &len[..], &body].concat()
}

pub(crate) fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    tlv(0x30, parts)
}

pub(crate) fn bit_string(bytes: &[u8]) -> Vec<u8> {
    tlv(3, &[&[0], bytes])
}

pub(crate) fn integer(number: &[u8]) -> Vec<u8> {
    let sign: &[u8] = if number.first().is_none_or(|byte| byte & 0x80 != 0) {
        &[0]
    } else {
        &[]
    };
    tlv(2, &[sign, number])
}
