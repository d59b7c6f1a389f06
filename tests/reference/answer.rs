//! What goes in, and what comes out.

use super::der::PrivateKey;
use super::manifest::Manifest;
use super::primitives::Key;

/// A key of the reader.
pub(crate) enum Identity {
    Raw(Key),
    Passphrase(String),
    Private(PrivateKey),
}

/// Whom the reader is, and what it wants.
#[derive(Default)]
pub(crate) struct Reader {
    /// In the order in which they are tried.
    pub(crate) identities: Vec<Identity>,
    pub(crate) context: Vec<u8>,
    /// The SPKIs of the signers that the reader requires one of; `None` where it requires none.
    pub(crate) trusted: Option<Vec<Vec<u8>>>,
}

/// The classes of SPEC section 12.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    Format,
    NoMatch,
    NotAuthentic,
    Content,
    Signature,
    Policy,
}

impl Class {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Format => "format",
            Self::NoMatch => "no-match",
            Self::NotAuthentic => "not-authentic",
            Self::Content => "content",
            Self::Signature => "signature",
            Self::Policy => "policy",
        }
    }
}

/// A refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) class: Class,
    /// For people: the rule that was broken.
    pub(crate) rule: &'static str,
    /// Of the class format: where the frame, the field or the entry begins that is wrong, or how long the
    /// stream is where it ends too early.
    pub(crate) offset: Option<usize>,
}

impl Refusal {
    pub(crate) fn format(rule: &'static str, offset: usize) -> Self {
        Self {
            class: Class::Format,
            rule,
            offset: Some(offset),
        }
    }
}

pub(crate) type Checked<T> = Result<T, Refusal>;

/// Refuses (format) unless the condition holds.
pub(crate) fn well_formed(condition: bool, rule: &'static str, offset: usize) -> Checked<()> {
    if condition {
        Ok(())
    } else {
        Err(Refusal::format(rule, offset))
    }
}

/// Refuses with another class unless the condition holds.
pub(crate) fn ensure(condition: bool, class: Class, rule: &'static str) -> Checked<()> {
    if condition {
        Ok(())
    } else {
        Err(Refusal {
            class,
            rule,
            offset: None,
        })
    }
}

/// One image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Item {
    pub(crate) manifest: Manifest,
    pub(crate) preview: Option<Vec<u8>>,
    pub(crate) original: Vec<u8>,
    /// Where its MANIFEST begins in the content.
    pub(crate) offset: u64,
    pub(crate) digest: Option<[u8; 32]>,
}

/// A signature that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Signed {
    pub(crate) algorithm: &'static str,
    pub(crate) spki: Vec<u8>,
    pub(crate) time: u64,
    /// [M-JUDGE-3]
    pub(crate) judgement: &'static str,
}

/// A stream that is verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Verified {
    pub(crate) transfer_id: [u8; 32],
    pub(crate) suite: u16,
    pub(crate) items: Vec<Item>,
    pub(crate) signature: Option<Signed>,
    pub(crate) checkpoints: usize,
    pub(crate) cek: Key,
    pub(crate) receipt_key: Key,
}

/// The bytes of originals that came out, and how it ended.
pub(crate) struct Answer {
    pub(crate) released: Vec<u8>,
    pub(crate) end: Checked<Verified>,
}
