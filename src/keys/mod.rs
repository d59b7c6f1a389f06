//! Floor 3: recipients, identities and signers, and the keys behind them.
//!
//! [`Recipient`], [`Identity`] and [`Signer`] are the joint where the format grows: a kind that is
//! not in [`KINDS`] (a hardware module, a key service) is an implementation of these traits.

mod algorithms;
mod certificate;
mod encryption;
mod error;
mod fingerprint;
#[cfg(test)]
mod fixtures;
mod key_id;
mod kinds;
mod pem;
mod private;
mod public;
mod signers;
mod symmetric;
mod traits;
mod trust;
mod uses;

pub use algorithms::KeyAlgorithm;
pub use certificate::{
    Certificate, CertificateCheck, CertificateFile, CertificateFinding, CertificatePolicy,
    CertificatePurpose, CheckedCertificate, DistinguishedName, ExtendedKeyUsage, KeyUsage,
    StrictPolicy, WarningPolicy,
};
pub use error::KeyError;
pub use fingerprint::Fingerprint;
pub use key_id::key_id;
pub use kinds::{
    KINDS, Kdf, Passphrase, PassphraseRecipient, RawKeyRecipient, RecipientKind, RsaIdentity,
    RsaRecipient, XWingIdentity, XWingRecipient,
};
pub use private::{GenerateKind, PrivateKey};
pub use public::{KeyWarning, PublicKey};
pub use signers::{Ed25519Signer, RsaPssSigner, VerifyingKey};
pub use symmetric::SymmetricKey;
pub use traits::{Identity, Recipient, Signer, UnwrapContext, WrapContext};
pub use trust::TrustedSigners;
