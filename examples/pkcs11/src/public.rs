//! The public side of a key pair: what a token says of it, as a `SubjectPublicKeyInfo` (RFC 3279, RFC 8410).

use cryptoki::object::{Attribute, AttributeType, KeyType, ObjectClass, ObjectHandle};
use cryptoki::session::Session;
use secimg::keys::{KeyError, PublicKey};

use crate::token::{device, find, provider};

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OCTET_STRING: u8 = 0x04;
const SEQUENCE: u8 = 0x30;
/// 1.2.840.113549.1.1.1 with NULL.
const RSA_ENCRYPTION: &[u8] = b"\x30\x0D\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x01\x01\x05\x00";
/// 1.3.101.112.
const ED25519: &[u8] = b"\x30\x05\x06\x03\x2B\x65\x70";

/// Reads the public key with a label; the library checks it as it checks any.
pub fn key(session: &Session, label: &str) -> Result<PublicKey, KeyError> {
    let object = find(session, ObjectClass::PUBLIC_KEY, label)?;
    let spki = match kind(session, object)? {
        Some(KeyType::RSA) => rsa(session, object)?,
        Some(KeyType::EC_EDWARDS) => ed25519(session, object)?,
        _ => {
            return Err(provider(format!(
                "{label} is neither an RSA nor an Ed25519 key"
            )));
        }
    };
    PublicKey::from_spki_der(&spki)
}

fn kind(session: &Session, object: ObjectHandle) -> Result<Option<KeyType>, KeyError> {
    let read = session.get_attributes(object, &[AttributeType::KeyType]);
    Ok(read.map_err(device)?.into_iter().find_map(|attribute| {
        let Attribute::KeyType(kind) = attribute else {
            return None;
        };
        Some(kind)
    }))
}

fn rsa(session: &Session, object: ObjectHandle) -> Result<Vec<u8>, KeyError> {
    let wanted = [AttributeType::Modulus, AttributeType::PublicExponent];
    let (mut modulus, mut exponent) = (Vec::new(), Vec::new());
    for attribute in session.get_attributes(object, &wanted).map_err(device)? {
        match attribute {
            Attribute::Modulus(number) => modulus = number,
            Attribute::PublicExponent(number) => exponent = number,
            _ => {}
        }
    }
    let numbers = [integer(&modulus), integer(&exponent)].concat();
    Ok(spki(RSA_ENCRYPTION, &der(SEQUENCE, &numbers)))
}

/// Reads the point: older modules wrap it in an octet string, newer ones do not (PKCS#11 3.0, 2.3.5).
fn ed25519(session: &Session, object: ObjectHandle) -> Result<Vec<u8>, KeyError> {
    let read = session.get_attributes(object, &[AttributeType::EcPoint]);
    for attribute in read.map_err(device)? {
        if let Attribute::EcPoint(point) = attribute {
            let point = match &point[..] {
                [OCTET_STRING, 32, inner @ ..] if inner.len() == 32 => inner,
                bare => bare,
            };
            return Ok(spki(ED25519, point));
        }
    }
    Err(provider(
        "the token does not tell the public key".to_owned(),
    ))
}

fn spki(algorithm: &[u8], key: &[u8]) -> Vec<u8> {
    let key = der(BIT_STRING, &[&[0], key].concat());
    der(SEQUENCE, &[algorithm, &key].concat())
}

/// Writes a positive number, in as few bytes as it needs.
fn integer(number: &[u8]) -> Vec<u8> {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    let number = &number[zeros..];
    let sign: &[u8] = match number.first() {
        Some(0..0x80) => &[],
        _ => &[0],
    };
    der(INTEGER, &[sign, number].concat())
}

/// Writes tag, length and value (X.690, 8.1).
fn der(tag: u8, value: &[u8]) -> Vec<u8> {
    let length = value.len().to_be_bytes();
    let zeros = length.iter().take_while(|byte| **byte == 0).count();
    let length = &length[zeros..];
    match *length {
        [] => vec![tag, 0],
        [short @ 0..0x80] => [&[tag, short], value].concat(),
        // Eight bytes at most.
        _ => [&[tag, 0x80 | length.len() as u8], length, value].concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_in_all_forms() {
        assert_eq!(der(4, b""), [4, 0]);
        assert_eq!(der(4, &[9; 127])[..3], [4, 127, 9]);
        assert_eq!(der(4, &[9; 128])[..4], [4, 0x81, 128, 9]);
        assert_eq!(der(4, &[9; 256])[..5], [4, 0x82, 1, 0, 9]);
    }

    #[test]
    fn numbers_are_positive_and_short() {
        assert_eq!(integer(&[0, 0, 1, 0, 1]), [2, 3, 1, 0, 1]);
        assert_eq!(integer(&[0x80]), [2, 2, 0, 0x80]);
        assert_eq!(integer(&[]), [2, 1, 0]);
    }
}
