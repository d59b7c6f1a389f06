//! Certificate files: DER, or PEM with as many certificates as one file may hold.

use super::{CERTIFICATE, Certificate};
use crate::keys::error::KeyError;
use crate::keys::pem::{Pem, find_label};

/// The longest file: 64 certificates of 3 KiB in PEM, each with the text that `openssl x509 -text` writes.
const MAX_FILE: usize = 1 << 20;
/// Twice the recipients that a stream can have: each may come with an authority of its own.
const MAX_CERTIFICATES: usize = 64;

/// PKCS#7 signedData (RFC 5652 section 5.1), as a DER OBJECT IDENTIFIER.
const SIGNED_DATA: &[u8] = &[
    0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x02,
];

const PKCS7_PEM: KeyError = KeyError::Convert {
    found: "a PKCS#7 file",
    command: "openssl pkcs7 -print_certs -in FILE -out NEW",
};
const PKCS7_DER: KeyError = KeyError::Convert {
    found: "a binary PKCS#7 file",
    command: "openssl pkcs7 -inform DER -print_certs -in FILE -out NEW",
};
const TRUSTED: KeyError = KeyError::Convert {
    found: "a certificate with OpenSSL's notes on trust",
    command: "openssl x509 -in CERT -out NEW",
};

impl Certificate {
    /// The longest file that [`Certificate::parse_file`] reads, in bytes.
    pub const MAX_FILE: usize = MAX_FILE;

    /// Tells by its content whether a file is for [`Certificate::parse_file`] rather than for
    /// [`PublicKey::from_pem`](crate::keys::PublicKey::from_pem): whether it begins as a certificate does,
    /// in PEM or in DER, or as something that certificates are confused with.
    #[must_use]
    pub fn is_certificate_file(bytes: &[u8]) -> bool {
        let label = find_label(bytes).unwrap_or_default();
        is_der_certificate(bytes)
            || is_der_pkcs7(bytes)
            || label.contains(CERTIFICATE)
            || matches!(label, "PKCS7" | "CMS" | "X509 CRL")
    }

    /// Reads all certificates of a file, in its order: one in DER, or PEM with one or more, and with text
    /// around them as OpenSSL writes it.
    ///
    /// # Errors
    /// [`KeyError::NotAKey`] for a file of more than 1 MiB or 64 certificates, which is seen before any of
    /// them is parsed, and for one that holds something else; [`KeyError::PrivateWherePublic`] for one that
    /// holds a private key too; [`KeyError::Convert`] for forms that `openssl` converts;
    /// [`KeyError::Malformed`] and, where there are several, [`KeyError::InCertificate`] with it.
    pub fn parse_file(bytes: &[u8]) -> Result<Vec<Self>, KeyError> {
        if bytes.len() > MAX_FILE {
            return Err(KeyError::NotAKey("a certificate file of more than 1 MiB"));
        }
        // DER first: a name inside a certificate may look like a PEM block.
        if is_der_certificate(bytes) {
            return Ok(vec![Self::from_der(bytes)?]);
        }
        if is_der_pkcs7(bytes) {
            return Err(PKCS7_DER);
        }
        let too_many = KeyError::NotAKey("a certificate file with more than 64 PEM blocks");
        let blocks = Pem::find_all(bytes, MAX_CERTIFICATES)?.ok_or(too_many)?;
        if blocks.is_empty() {
            return Err(KeyError::NotAKey("no certificate was found"));
        }
        let count = blocks.len();
        let numbered = blocks.iter().enumerate();
        numbered
            .map(|(i, block)| from_block(block, i + 1, count))
            .collect()
    }
}

fn from_block(block: &Pem<'_>, number: usize, count: usize) -> Result<Certificate, KeyError> {
    match block.label() {
        CERTIFICATE | "X509 CERTIFICATE" => {}
        "TRUSTED CERTIFICATE" => return Err(TRUSTED),
        "PKCS7" | "CMS" => return Err(PKCS7_PEM),
        "CERTIFICATE REQUEST" | "NEW CERTIFICATE REQUEST" => {
            return Err(KeyError::NotAKey(
                "a certificate request; its authority makes the certificate from it",
            ));
        }
        label if label.ends_with("PRIVATE KEY") => return Err(KeyError::PrivateWherePublic),
        _ => {
            return Err(KeyError::NotAKey(
                "a PEM block beside certificates is no certificate",
            ));
        }
    }
    let read = block
        .decode(CERTIFICATE)
        .and_then(|der| Certificate::from_der(&der));
    read.map_err(|error| match count {
        1 => error,
        _ => error.in_certificate(format!("certificate {number} of {count}"), ""),
    })
}

/// A SEQUENCE that begins with a SEQUENCE that begins with a version or a serial number.
fn is_der_certificate(bytes: &[u8]) -> bool {
    let tbs = inside_file(bytes).and_then(inside_sequence);
    tbs.is_some_and(|tbs| matches!(tbs.first(), Some(0xA0 | 0x02)))
}

fn is_der_pkcs7(bytes: &[u8]) -> bool {
    inside_file(bytes).is_some_and(|inside| inside.starts_with(SIGNED_DATA))
}

/// No such file has fewer than 128 bytes, and so no text begins as one does.
fn inside_file(bytes: &[u8]) -> Option<&[u8]> {
    inside_sequence(bytes).filter(|_| bytes[1] >= 0x81)
}

/// What follows the header of a SEQUENCE. The length is the parser's business.
fn inside_sequence(bytes: &[u8]) -> Option<&[u8]> {
    let header = match bytes {
        [0x30, 0x00..=0x7F, ..] => 2,
        [0x30, long @ 0x81..=0x84, ..] => 2 + usize::from(long & 0x7F),
        _ => return None,
    };
    bytes.get(header..)
}
