//! From the library's errors to a status and a text.

use core::error::Error;
use std::borrow::Cow;
use std::io;

use crate::content::{ContentErrorKind, WriteProblem};
use crate::format::{FormatError, FormatErrorKind};
use crate::image::FrameError;
use crate::io::file::FileError;
use crate::io::{ReadError, WriteError};
use crate::keys::KeyError;
use crate::oneshot::RewrapError;
use crate::stream::{OpenError, SealError};

use super::status::{
    SECIMG_ERR_BUFFER_TOO_SMALL, SECIMG_ERR_CANCELLED, SECIMG_ERR_CERTIFICATE, SECIMG_ERR_CONTENT,
    SECIMG_ERR_FORMAT, SECIMG_ERR_INVALID_ARGUMENT, SECIMG_ERR_IO, SECIMG_ERR_KEY,
    SECIMG_ERR_KEY_PASSPHRASE, SECIMG_ERR_LIMIT, SECIMG_ERR_NO_MATCHING_KEY, SECIMG_ERR_NO_MEMORY,
    SECIMG_ERR_NOT_AUTHENTIC, SECIMG_ERR_NULL_POINTER, SECIMG_ERR_PROVIDER, SECIMG_ERR_RANDOM,
    SECIMG_ERR_SIGNER, SECIMG_ERR_STALE_SIGNATURE, SECIMG_ERR_STATE, SECIMG_ERR_TRAILING_BYTES,
    SECIMG_ERR_TRUNCATED, SECIMG_ERR_UNSUPPORTED, SECIMG_ERR_VERSION, secimg_status,
};

/// Why a call failed: a status for the program and a text for people, which holds neither keys nor pixels.
#[derive(Debug, Clone)]
pub(super) struct Fail {
    pub(super) status: secimg_status,
    pub(super) text: Cow<'static, str>,
}

impl Fail {
    pub(super) const fn new(status: secimg_status, text: &'static str) -> Self {
        Self {
            status,
            text: Cow::Borrowed(text),
        }
    }

    pub(super) const fn null() -> Self {
        Self::new(
            SECIMG_ERR_NULL_POINTER,
            "a pointer is NULL that must not be",
        )
    }

    pub(super) const fn argument(text: &'static str) -> Self {
        Self::new(SECIMG_ERR_INVALID_ARGUMENT, text)
    }

    pub(super) const fn state(text: &'static str) -> Self {
        Self::new(SECIMG_ERR_STATE, text)
    }

    pub(super) const fn unsupported(text: &'static str) -> Self {
        Self::new(SECIMG_ERR_UNSUPPORTED, text)
    }

    pub(super) const fn cancelled() -> Self {
        Self::new(SECIMG_ERR_CANCELLED, "cancelled by the progress callback")
    }

    pub(super) const fn no_memory() -> Self {
        Self::new(SECIMG_ERR_NO_MEMORY, "not enough memory")
    }

    pub(super) fn too_small(capacity: usize, required: u64) -> Self {
        Self {
            status: SECIMG_ERR_BUFFER_TOO_SMALL,
            text: format!("the buffer has {capacity} bytes and {required} are needed").into(),
        }
    }

    /// Takes an error with the words of what caused it.
    pub(super) fn of(status: secimg_status, error: &dyn Error) -> Self {
        let mut text = error.to_string();
        let mut cause = error.source();
        while let Some(inner) = cause {
            let words = inner.to_string();
            if !text.contains(&words) {
                text = format!("{text}: {words}");
            }
            cause = inner.source();
        }
        Self {
            status,
            text: text.into(),
        }
    }

    /// Says something in the words of this API that the library says in those of the command.
    pub(super) fn saying(mut self, command: &str, api: &str) -> Self {
        self.text = self.text.replace(command, api).into();
        self
    }
}

#[cfg(feature = "image")]
impl From<crate::preview::DecodeError> for Fail {
    fn from(error: crate::preview::DecodeError) -> Self {
        Self::of(SECIMG_ERR_UNSUPPORTED, &error)
    }
}

impl From<FormatError> for Fail {
    fn from(error: FormatError) -> Self {
        let status = match error.kind {
            FormatErrorKind::Truncated => SECIMG_ERR_TRUNCATED,
            FormatErrorKind::TrailingBytes => SECIMG_ERR_TRAILING_BYTES,
            FormatErrorKind::UnsupportedVersion(_) | FormatErrorKind::UnsupportedSuite(_) => {
                SECIMG_ERR_VERSION
            }
            FormatErrorKind::TooLong | FormatErrorKind::CallerLimit(_) => SECIMG_ERR_LIMIT,
            _ => SECIMG_ERR_FORMAT,
        };
        Self {
            status,
            text: error.to_string().into(),
        }
    }
}

impl From<KeyError> for Fail {
    fn from(error: KeyError) -> Self {
        Self::of(status_of_key(&error), &error)
    }
}

fn status_of_key(error: &KeyError) -> secimg_status {
    match error {
        KeyError::PassphraseNeeded | KeyError::WrongKeyPassphrase => SECIMG_ERR_KEY_PASSPHRASE,
        KeyError::OnlyAuthorities | KeyError::CertificateRefused(_) => SECIMG_ERR_CERTIFICATE,
        KeyError::InCertificate { source, .. } => status_of_key(source),
        KeyError::Rng(_) => SECIMG_ERR_RANDOM,
        KeyError::Provider(_) => SECIMG_ERR_PROVIDER,
        KeyError::KdfBounds(_) => SECIMG_ERR_LIMIT,
        _ => SECIMG_ERR_KEY,
    }
}

impl From<SealError> for Fail {
    fn from(error: SealError) -> Self {
        let status = match &error {
            SealError::Key(error) => status_of_key(error),
            SealError::Content(WriteProblem::ItemOpen | WriteProblem::NoItem)
            | SealError::Finished
            | SealError::Poisoned => SECIMG_ERR_STATE,
            SealError::Content(_) => SECIMG_ERR_INVALID_ARGUMENT,
            SealError::TooLong(_) => SECIMG_ERR_LIMIT,
            SealError::Rng(_) => SECIMG_ERR_RANDOM,
            _ => SECIMG_ERR_KEY,
        };
        Self::of(status, &error)
    }
}

impl From<OpenError> for Fail {
    fn from(error: OpenError) -> Self {
        let status = match &error {
            OpenError::Format(error) => return Self::from(*error),
            OpenError::Key(error) => status_of_key(error),
            OpenError::Content(error) => match error.kind {
                ContentErrorKind::TooManyItems(_) => SECIMG_ERR_LIMIT,
                _ => SECIMG_ERR_CONTENT,
            },
            OpenError::Frame { error, .. } => status_of_frame(error),
            OpenError::NoMatchingKey => SECIMG_ERR_NO_MATCHING_KEY,
            OpenError::NotAuthentic(_) => SECIMG_ERR_NOT_AUTHENTIC,
            OpenError::NotSigned | OpenError::UntrustedSigner { .. } | OpenError::BadSignature => {
                SECIMG_ERR_SIGNER
            }
            OpenError::StaleSignature { .. } => SECIMG_ERR_STALE_SIGNATURE,
            OpenError::NeedsSpool | OpenError::WindowNeeds(_) | OpenError::Refused => {
                SECIMG_ERR_STATE
            }
        };
        Self::of(status, &error)
    }
}

impl From<FrameError> for Fail {
    fn from(error: FrameError) -> Self {
        Self::of(status_of_frame(&error), &error)
    }
}

/// What is wrong with a frame is the stream's fault or the caller's.
const fn status_of_frame(error: &FrameError) -> secimg_status {
    match error {
        FrameError::Limit { .. } => SECIMG_ERR_LIMIT,
        FrameError::Layout(_)
        | FrameError::Stride { .. }
        | FrameError::Buffer { .. }
        | FrameError::Shape { .. }
        | FrameError::NotAFrame => SECIMG_ERR_INVALID_ARGUMENT,
        _ => SECIMG_ERR_CONTENT,
    }
}

impl From<RewrapError> for Fail {
    fn from(error: RewrapError) -> Self {
        match error {
            RewrapError::Open(error) => error.into(),
            RewrapError::Seal(error) => error.into(),
        }
    }
}

impl From<ReadError> for Fail {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Io(error) | ReadError::Sink(error) => error.into(),
            ReadError::Open(error) => error.into(),
            ReadError::Frame(error) => Self::of(status_of_frame(&error), &error),
        }
    }
}

impl From<WriteError> for Fail {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Io(error) | WriteError::Source(error) => error.into(),
            WriteError::Seal(error) => error.into(),
        }
    }
}

/// A reader's error comes wrapped in one of the standard library's.
impl From<io::Error> for Fail {
    fn from(error: io::Error) -> Self {
        match error.downcast::<OpenError>() {
            Ok(error) => error.into(),
            Err(error) if error.kind() == io::ErrorKind::InvalidInput => {
                Self::of(SECIMG_ERR_INVALID_ARGUMENT, &error)
            }
            Err(error) => Self::of(SECIMG_ERR_IO, &error),
        }
    }
}

/// The library's own words for files name options of the command; here they name flags.
impl From<FileError> for Fail {
    fn from(error: FileError) -> Self {
        let status = match error {
            // The file is there and can be read, and its key must be thought of as known.
            FileError::Shared(..) => SECIMG_ERR_KEY,
            _ => SECIMG_ERR_IO,
        };
        Self::of(status, &error)
            .saying("--force", "SECIMG_OVERWRITE")
            .saying("pass --allow-shared-key", "pass SECIMG_ALLOW_SHARED_KEY")
    }
}
