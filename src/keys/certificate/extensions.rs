//! The extensions of a certificate (RFC 5280 section 4.2) that say what its key is for.

use x509_cert::der::asn1::{BitStringRef, ObjectIdentifier};
use x509_cert::der::{Decode, Result};
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::BasicConstraints;

const KEY_USAGE: &str = "2.5.29.15";
const BASIC_CONSTRAINTS: &str = "2.5.29.19";
const EXTENDED_KEY_USAGE: &str = "2.5.29.37";
/// Extensions that ask nothing of who only uses the key: other names of subject and issuer, the policies
/// under which it was issued, names of keys.
const HARMLESS: [&str; 5] = [
    "2.5.29.14",
    "2.5.29.17",
    "2.5.29.18",
    "2.5.29.32",
    "2.5.29.35",
];

/// What a key may be used for (RFC 5280 section 4.2.1.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeyUsage {
    /// To sign anything but certificates and revocation lists.
    DigitalSignature,
    /// To sign what one stands to; once called nonRepudiation.
    ContentCommitment,
    /// To encrypt keys, as RSA-OAEP does.
    KeyEncipherment,
    /// To encrypt data without a key in between.
    DataEncipherment,
    /// To agree on keys.
    KeyAgreement,
    /// To sign certificates.
    KeyCertSign,
    /// To sign revocation lists.
    CrlSign,
    /// To encrypt only, in key agreement.
    EncipherOnly,
    /// To decrypt only, in key agreement.
    DecipherOnly,
}

impl KeyUsage {
    /// In the order of the bits.
    const ALL: [Self; 9] = [
        Self::DigitalSignature,
        Self::ContentCommitment,
        Self::KeyEncipherment,
        Self::DataEncipherment,
        Self::KeyAgreement,
        Self::KeyCertSign,
        Self::CrlSign,
        Self::EncipherOnly,
        Self::DecipherOnly,
    ];

    /// Returns RFC 5280's name, such as `keyEncipherment`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::DigitalSignature => "digitalSignature",
            Self::ContentCommitment => "contentCommitment",
            Self::KeyEncipherment => "keyEncipherment",
            Self::DataEncipherment => "dataEncipherment",
            Self::KeyAgreement => "keyAgreement",
            Self::KeyCertSign => "keyCertSign",
            Self::CrlSign => "cRLSign",
            Self::EncipherOnly => "encipherOnly",
            Self::DecipherOnly => "decipherOnly",
        }
    }

    fn read(der: &[u8]) -> Result<Vec<Self>> {
        let bits = BitStringRef::from_der(der)?.bits();
        Ok(Self::ALL
            .into_iter()
            .zip(bits)
            .filter_map(|(usage, set)| set.then_some(usage))
            .collect())
    }
}

/// A purpose of a key (RFC 5280 section 4.2.1.12).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ExtendedKeyUsage {
    /// Any purpose.
    Any,
    /// TLS, as a server.
    ServerAuth,
    /// TLS, as a client.
    ClientAuth,
    /// Signing programs.
    CodeSigning,
    /// S/MIME: signing mails and encrypting for their readers.
    EmailProtection,
    /// Signing the time.
    TimeStamping,
    /// Signing answers on revocation.
    OcspSigning,
    /// Signing documents (RFC 9336).
    DocumentSigning,
    /// Another object identifier, in dotted form.
    Other(String),
}

impl ExtendedKeyUsage {
    /// Returns the name in the RFCs, such as `emailProtection`; of others the dotted form.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Any => "anyExtendedKeyUsage",
            Self::ServerAuth => "serverAuth",
            Self::ClientAuth => "clientAuth",
            Self::CodeSigning => "codeSigning",
            Self::EmailProtection => "emailProtection",
            Self::TimeStamping => "timeStamping",
            Self::OcspSigning => "OCSPSigning",
            Self::DocumentSigning => "documentSigning",
            Self::Other(oid) => oid,
        }
    }

    fn from_oid(oid: ObjectIdentifier) -> Self {
        let dotted = oid.to_string();
        match dotted.as_str() {
            "2.5.29.37.0" => Self::Any,
            "1.3.6.1.5.5.7.3.1" => Self::ServerAuth,
            "1.3.6.1.5.5.7.3.2" => Self::ClientAuth,
            "1.3.6.1.5.5.7.3.3" => Self::CodeSigning,
            "1.3.6.1.5.5.7.3.4" => Self::EmailProtection,
            "1.3.6.1.5.5.7.3.8" => Self::TimeStamping,
            "1.3.6.1.5.5.7.3.9" => Self::OcspSigning,
            "1.3.6.1.5.5.7.3.36" => Self::DocumentSigning,
            _ => Self::Other(dotted),
        }
    }

    fn read(der: &[u8]) -> Result<Vec<Self>> {
        let oids = Vec::<ObjectIdentifier>::from_der(der)?;
        Ok(oids.into_iter().map(Self::from_oid).collect())
    }
}

/// What the extensions say.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Extensions {
    pub(super) key_usage: Option<Vec<KeyUsage>>,
    pub(super) extended_key_usage: Option<Vec<ExtendedKeyUsage>>,
    pub(super) authority: bool,
    /// Dotted object identifiers of critical extensions that are not understood here.
    pub(super) unknown_critical: Vec<String>,
}

impl Extensions {
    /// Tells whether an extension is there twice: it could say two things (RFC 5280 section 4.2 forbids it).
    pub(super) fn contradict(list: &[Extension]) -> bool {
        let mut oids: Vec<_> = list.iter().map(|extension| extension.extn_id).collect();
        oids.sort_unstable();
        oids.windows(2).any(|pair| pair[0] == pair[1])
    }

    pub(super) fn read(list: &[Extension]) -> Result<Self> {
        let mut read = Self::default();
        for extension in list {
            read.add(extension)?;
        }
        Ok(read)
    }

    fn add(&mut self, extension: &Extension) -> Result<()> {
        let value = extension.extn_value.as_bytes();
        let oid = extension.extn_id.to_string();
        match oid.as_str() {
            KEY_USAGE => self.key_usage = Some(KeyUsage::read(value)?),
            EXTENDED_KEY_USAGE => self.extended_key_usage = Some(ExtendedKeyUsage::read(value)?),
            BASIC_CONSTRAINTS => self.authority = BasicConstraints::from_der(value)?.ca,
            known if HARMLESS.contains(&known) => {}
            _ if extension.critical => self.unknown_critical.push(oid),
            _ => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use x509_cert::der::asn1::OctetString;

    fn extension(oid: &str, critical: bool, value: &[u8]) -> Extension {
        Extension {
            extn_id: oid.parse().unwrap(),
            critical,
            extn_value: OctetString::new(value).unwrap(),
        }
    }

    #[test]
    fn usages_are_bits_from_the_left() {
        let names = |der: &[u8]| {
            let usages = KeyUsage::read(der).unwrap();
            usages.iter().map(|usage| usage.name()).collect::<Vec<_>>()
        };
        assert_eq!(
            names(&[3, 2, 5, 0xA0]),
            ["digitalSignature", "keyEncipherment"]
        );
        assert_eq!(names(&[3, 3, 7, 0, 0x80]), ["decipherOnly"]);
        assert_eq!(names(&[3, 2, 0, 0xFF]).len(), 8);
        assert!(names(&[3, 1, 0]).is_empty());
        assert_eq!(
            names(&[3, 3, 0, 0, 0xFF]),
            ["decipherOnly"],
            "there is no tenth"
        );
        assert!(KeyUsage::read(&[4, 1, 0]).is_err());
    }

    #[test]
    fn purposes_have_names_or_numbers() {
        let der = [
            &[0x30, 0x0F][..],
            &[6, 8, 0x2B, 6, 1, 5, 5, 7, 3, 4],
            &[6, 3, 0x55, 0x1D, 0x7F],
        ];
        let purposes = ExtendedKeyUsage::read(&der.concat()).unwrap();
        let names: Vec<_> = purposes.iter().map(ExtendedKeyUsage::name).collect();
        assert_eq!(names, ["emailProtection", "2.5.29.127"]);
    }

    #[test]
    fn only_critical_strangers_are_noted() {
        let critical = extension("2.5.29.30", true, b"?");
        let harmless = extension("2.5.29.17", true, b"?");
        let optional = extension("1.2.3.4", false, b"?");
        let read = Extensions::read(&[critical.clone(), harmless, optional]).unwrap();
        assert_eq!(read.unknown_critical, ["2.5.29.30"]);
        assert!(read.key_usage.is_none() && !read.authority);
        assert!(Extensions::contradict(&[
            critical.clone(),
            critical.clone()
        ]));
        assert!(!Extensions::contradict(&[critical]));
        for oid in [KEY_USAGE, EXTENDED_KEY_USAGE, BASIC_CONSTRAINTS] {
            assert!(
                Extensions::read(&[extension(oid, false, b"?")]).is_err(),
                "{oid}"
            );
        }
    }
}
