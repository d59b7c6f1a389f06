//! What can be wrong with a key or with the device that holds it.

use thiserror::Error;

use crate::crypto::RngFailed;

/// A key that cannot be used, or an operation that could not be tried.
///
/// None of these depends on a secret: a failed unwrap is no `KeyError`, it is an unwrap of nothing.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The text is neither PEM nor a symmetric key.
    #[error("not a key: {0}")]
    NotAKey(&'static str),
    /// A key in another form than is read here, with the command that converts it.
    #[error("{found} is not read; convert it: {command}")]
    Convert {
        /// What was found.
        found: &'static str,
        /// What to run, in words of a shell.
        command: &'static str,
    },
    /// The container is known, what is in it is not.
    #[error("the {container} is malformed: {reason}")]
    Malformed {
        /// Such as `PRIVATE KEY`.
        container: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// An algorithm that this program does not use.
    #[error("key algorithm {0} is not supported; use RSA (2048 to 4096 bits), Ed25519 or X-Wing")]
    UnsupportedAlgorithm(String),
    /// An RSA modulus outside 2048 to 4096 bits.
    #[error("an RSA key of {bits} bits; 2048 to 4096 are accepted")]
    RsaSize {
        /// The modulus length.
        bits: usize,
    },
    /// An RSA key whose numbers do not fit together, or with an exponent that is not accepted.
    #[error("the RSA key is not sound: {0}")]
    RsaUnsound(&'static str),
    /// A private key where a public one belongs.
    #[error("this is a private key; give the public key (`secimg pub KEY` prints it)")]
    PrivateWherePublic,
    /// A public key where a private one belongs.
    #[error("this is a public key; the private key is needed here")]
    PublicWherePrivate,
    /// A key that cannot do what it is asked to, such as Ed25519 as a recipient.
    #[error("{key} cannot {purpose}")]
    WrongUse {
        /// The key's kind.
        key: &'static str,
        /// What it was asked to do.
        purpose: &'static str,
    },
    /// An encrypted private key without its passphrase.
    #[error("the private key is encrypted: its passphrase is needed")]
    PassphraseNeeded,
    /// An encrypted private key and a passphrase that does not open it.
    #[error("wrong passphrase for the private key, or the key file was changed")]
    WrongKeyPassphrase,
    /// Key derivation parameters outside the bounds, seen before the derivation ran.
    #[error("key derivation parameters out of bounds: {0}")]
    KdfBounds(&'static str),
    /// A passphrase that cannot be one.
    #[error("the passphrase {0}")]
    BadPassphrase(&'static str),
    /// A file of certificates of which none is somebody's own.
    #[error(
        "only certificates of certification authorities: give the certificate of the person or device \
         (a self-signed one is made with `-addext basicConstraints=critical,CA:FALSE`)"
    )]
    OnlyAuthorities,
    /// A certificate that a [`CertificatePolicy`](super::CertificatePolicy) refused, with the reason.
    #[error("refused: {0}")]
    CertificateRefused(String),
    /// What is wrong with one certificate.
    #[error("{name}: {source}{advice}")]
    InCertificate {
        /// The certificate, by its subject or its place in the file; safe to show.
        name: String,
        /// What is wrong.
        source: Box<Self>,
        /// What to do, in words that follow the error's own.
        advice: &'static str,
    },
    /// The random number generator failed.
    #[error(transparent)]
    Rng(#[from] RngFailed),
    /// A device or service that holds a key could not do its work; this is not a wrong key.
    #[error("key provider: {0}")]
    Provider(String),
}

impl KeyError {
    /// Says what is wrong with a container, in fixed words: what is inside may be secret.
    pub(super) fn malformed(container: &'static str, reason: &str) -> Self {
        Self::Malformed {
            container,
            reason: reason.to_owned(),
        }
    }

    /// Says which certificate has the error, and what to do.
    pub(super) fn in_certificate(self, name: String, advice: &'static str) -> Self {
        Self::InCertificate {
            name,
            source: Box::new(self),
            advice,
        }
    }
}
