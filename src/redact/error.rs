//! Why a picture was not redacted, or not restored.

use thiserror::Error;

use crate::format::FormatError;
use crate::io::WriteError;
use crate::preview::decode::DecodeError;
use crate::stream::{OpenError, SealError};

use super::Rect;

/// Why a picture was not redacted. Nothing of it is left anywhere then.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RedactError {
    /// The format is not one that is redacted.
    #[error("only PNG, BMP, TIFF and JPEG are redacted; this is {}", said(.0))]
    Format(&'static str),
    /// The picture could not be decoded.
    #[error("nothing was redacted: {0}")]
    Decode(#[from] DecodeError),
    /// The samples are of a kind that a PNG does not have.
    #[error("its samples are floating-point numbers, which no PNG holds; nothing was redacted")]
    Samples,
    /// The file holds more pictures than the one that would be left.
    #[error(
        "the file holds more than one picture, and only the first would be restored; seal all of the file instead (--whole)"
    )]
    ManyPictures,
    /// The picture has a sealed part of an earlier redaction, which would be lost.
    #[error(
        "the picture was redacted before, and what that hid would be lost; seal all of the file (--whole), which keeps it \
         under the new seal, or redact the original"
    )]
    Redacted,
    /// Decoding changes the colours, so that the pixels could not be restored as they are stored.
    #[error(
        "its colours ({0}) are converted when it is decoded, so that they could not be restored exactly; seal all of \
         the file instead (--whole)"
    )]
    Converted(&'static str),
    /// There is nothing to redact.
    #[error("no rectangle: name at least one")]
    NoRect,
    /// There are more rectangles than a record holds.
    #[error("{0} rectangles; at most {max} can be redacted at once", max = super::MAX_RECTS)]
    TooManyRects(usize),
    /// A rectangle is not in the picture.
    #[error(
        "the rectangle {0} lies outside the picture, which has {1} x {2} pixels; nothing was redacted"
    )]
    Outside(Rect, u32, u32),
    /// What is sealed is longer than a PNG's chunk may be.
    #[error(
        "the sealed part is too long for a PNG ({0} bytes); put it beside the picture (--sidecar)"
    )]
    TooLong(usize),
    /// The redacted picture could not be written as a PNG.
    #[error("the redacted picture cannot be written as a PNG: {0}")]
    Encode(#[source] DecodeError),
    /// The sealed part could not be written; the text is the system's.
    #[error("the sealed part cannot be written: {0}")]
    Write(String),
    /// Sealing failed.
    #[error(transparent)]
    Seal(#[from] SealError),
}

/// Why a picture was not restored. Nothing of it was handed out.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum UnredactError {
    /// A sealed part is looked for in PNGs only.
    #[error(
        "this is no PNG, so no sealed part is in it; if one was kept beside the picture, name it (--sidecar)"
    )]
    NotPng,
    /// There is no sealed part.
    #[error(
        "no sealed part is in this PNG: it was never redacted, its sealed part was kept beside it (--sidecar names it), or a \
         program or a service on the way has removed what it did not know"
    )]
    NoSealedPart,
    /// The PNG is not sound.
    #[error("this PNG has {0}, at byte {1}; nothing was restored")]
    Damaged(&'static str, usize),
    /// The sealed part could not be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The sealed part is a sound stream, and not that of a redaction.
    #[error("the sealed part is not what a redaction leaves: {0}")]
    NotARedaction(&'static str),
    /// The redacted picture could not be decoded.
    #[error("nothing was restored: {0}")]
    Decode(#[from] DecodeError),
    /// The sealed part belongs to other pixels.
    #[error(
        "the sealed part does not belong to these pixels: the picture was edited, scaled or stored with loss after it was \
         redacted, or the sealed part is another picture's; nothing was restored"
    )]
    OtherPicture,
    /// The restored picture could not be written as a PNG.
    #[error("the restored picture cannot be written as a PNG: {0}")]
    Encode(#[source] DecodeError),
}

/// A format, for people.
const fn said(format: &str) -> &str {
    match format.as_bytes() {
        b"opaque" => "of no format that is known here",
        _ => format,
    }
}

impl From<FormatError> for UnredactError {
    fn from(error: FormatError) -> Self {
        Self::Open(error.into())
    }
}

impl From<WriteError> for RedactError {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Seal(error) => Self::Seal(error),
            error => Self::Write(error.to_string()),
        }
    }
}
