//! What sealing and opening can meet.

use thiserror::Error;

use crate::content::{ContentError, WriteProblem};
use crate::crypto::{RngFailed, Unauthentic};
use crate::format::{FormatError, FormatErrorKind, RecipientType};
use crate::image::FrameError;
use crate::keys::{Fingerprint, KeyError};

/// Why a stream could not be sealed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SealError {
    /// There is nobody to seal for.
    #[error("no recipient: name at least one public key, passphrase or key file")]
    NoRecipient,
    /// The recipients cannot stand in one block.
    #[error("the recipients cannot be combined: {0}")]
    Recipients(FormatErrorKind),
    /// The size was asked for, and a recipient of this type does not say how long its entry is.
    #[error(
        "the size cannot be known before sealing: a recipient of type {} does not say how long its \
         entry will be",
        .0.name()
    )]
    SizeUnknown(RecipientType),
    /// A post-quantum or symmetric recipient beside RSA, without a word that this is meant.
    #[error(
        "RSA beside a hybrid or symmetric key: the stream is only as strong as its weakest \
         recipient; allow mixing explicitly if that is meant"
    )]
    MixedStrength,
    /// A key failed.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The calls do not fit the state, or a manifest is not acceptable.
    #[error(transparent)]
    Content(#[from] WriteProblem),
    /// The stream was finished; nothing can be added.
    #[error("the stream is already finished")]
    Finished,
    /// More than one key may encrypt.
    #[error("{0}")]
    TooLong(FormatError),
    /// The random number generator failed.
    #[error(transparent)]
    Rng(#[from] RngFailed),
    /// An earlier call failed; what was sealed so far cannot be completed.
    #[error("an earlier error left the stream incomplete")]
    Poisoned,
}

/// Why a stream could not be opened.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The bytes in the clear are not a sound stream.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// What the chunks hold is not sound content, though their tags are right.
    #[error("the sender made a malformed stream: {0}")]
    Content(#[from] ContentError),
    /// A raw frame cannot be restored, though its digest is right.
    #[error("the frame of item {item} cannot be restored: {error}")]
    Frame {
        /// Which item, counted from 0.
        item: u64,
        /// What is wrong with it.
        #[source]
        error: FrameError,
    },
    /// None of the identities is among the recipients.
    #[error("no matching key: the stream is not sealed for any of the given identities")]
    NoMatchingKey,
    /// A wrong key, passphrase or context, or changed bytes: one answer for all of them.
    #[error(transparent)]
    NotAuthentic(#[from] Unauthentic),
    /// A signer is required and the stream is not signed.
    #[error("not signed, but a signature by a trusted signer is required")]
    NotSigned,
    /// A signer is required and it is somebody else.
    #[error("signed by {signer}, who is not among the trusted signers")]
    UntrustedSigner {
        /// The signer's fingerprint.
        signer: Fingerprint,
    },
    /// A required signer signed, at a time that is not accepted: too long ago, ahead of the present, or not said.
    #[error("signed at a time that is not accepted: {}", said(*.time))]
    StaleSignature {
        /// The signing time, in seconds since 1970-01-01T00:00:00Z; 0 = not said.
        time: u64,
    },
    /// A window for signing times was set, and without this it cannot be judged.
    #[error("a window for signing times needs {0}")]
    WindowNeeds(&'static str),
    /// The signature is not one of that signer over this stream.
    #[error("the signature does not hold for this stream")]
    BadSignature,
    /// A key could not be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A required signer is known only at the end, and the caller has not said that output is held back.
    #[error(
        "a required signer is known only at the end: hold the output back until `Verified` and say so \
         with `spooled()`, or use `OpenReader`, which checks the signature first"
    )]
    NeedsSpool,
    /// The machine was used after an error.
    #[error("the stream was refused by an earlier call")]
    Refused,
}

impl OpenError {
    /// Returns a word for what is wrong, which says nothing of what the stream holds.
    pub(super) const fn word(&self) -> &'static str {
        match self {
            Self::Format(_) => "format",
            Self::Content(_) | Self::Frame { .. } => "content",
            Self::NoMatchingKey => "no matching key",
            Self::NotAuthentic(_) => "not authentic",
            Self::NotSigned => "not signed",
            Self::UntrustedSigner { .. } => "untrusted signer",
            Self::StaleSignature { .. } => "stale signature",
            Self::BadSignature => "bad signature",
            Self::Key(_) => "key",
            Self::NeedsSpool | Self::WindowNeeds(_) | Self::Refused => "wrong usage",
        }
    }
}

/// A signing time, for people.
fn said(time: u64) -> String {
    match time {
        0 => "the signer did not say when".to_owned(),
        seconds => format!("{seconds} s after 1970-01-01T00:00:00Z"),
    }
}
