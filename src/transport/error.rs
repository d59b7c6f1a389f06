//! What can go wrong on the way.

use std::io;

use thiserror::Error;

use crate::format::FormatErrorKind;
use crate::io::{ReadError, WriteError};
use crate::keys::{Fingerprint, KeyError};
use crate::stream::OpenError;

use super::receipt::Receipt;
use super::replay::StateError;

/// Why a stream did not arrive.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TransportError {
    /// The address is not one that a transport understands.
    #[error("{0}")]
    Address(String),
    /// The connection failed.
    #[error("{0}: {1}")]
    Connection(&'static str, #[source] io::Error),
    /// Reading or opening the stream failed.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Writing or sealing the stream failed.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The peer was too slow with its header.
    #[error("the peer sent no whole header in time")]
    HeaderTimeout,
    /// The peer sent less than the lowest rate, in bytes per second, that the receiver puts up with.
    #[error("the peer sent less than {0} bytes a second")]
    TooSlow(u64),
    /// The receiver was told to stop, or wants no more streams.
    #[error("the receiver has stopped")]
    Stopped,
    /// So many streams from this address were not authentic that no more are opened for now.
    #[error("too many streams from this address could not be opened; it has to wait")]
    TooManyFailures,
    /// This stream was accepted before, and is not stored again. The receipt says so to its sender.
    #[error("this stream was accepted before; nothing is stored again")]
    AcceptedBefore(Box<Receipt>),
    /// The stream is stored, and its transfer id could not be recorded: it would be taken again.
    #[error("stored, but not in the list of what was accepted: {0}")]
    State(#[from] StateError),
    /// The receipt could not be signed.
    #[error("the receipt could not be signed: {0}")]
    Signing(#[source] KeyError),
    /// The receiver did not accept the stream. It does not say why, and must not.
    #[error("the receiver refused the stream")]
    Refused,
    /// The receiver could not store the stream, whatever it is: its disk is full, or its folder gone.
    #[error(
        "the receiver could not store the stream: its disk may be full, or its folder gone or not writable. Keep the \
         images, and send them again when that is mended"
    )]
    NotStored,
    /// What the receiver answered is no receipt for this stream.
    #[error("the receipt is not for this stream, or not by a holder of its key")]
    FalseReceipt,
    /// A signed receipt is required, and this one is not.
    #[error("the receipt is not signed, and a signature was required")]
    ReceiptNotSigned,
    /// A receipt by a certain signer is required, and this one is by somebody else.
    #[error("the receipt is signed by {0}, who is not among the receivers that were named")]
    ReceiptSigner(Fingerprint),
    /// The answer is a relay's, which proves nothing and is not the recipient's.
    #[error("stored by a relay, not confirmed by the recipient")]
    OnlyStored,
    /// An HTTP server answered with this status, and perhaps with a sentence of its own.
    #[error("the server answered {0}{1}")]
    Http(u16, String),
    /// An HTTP server gives this only whole, and not in ranges.
    #[error("{0} gives no ranges, so that it can only be read whole")]
    NoRanges(String),
    /// The connection ended without an answer: the stream may or may not have been accepted.
    #[error("the connection ended without a receipt; whether the stream was accepted is not known")]
    NoReceipt,
    /// The stream could not be delivered in the time that was given, and why it was not before.
    #[error("not delivered in the time that was given{}", last(.0.as_deref()))]
    Deadline(Option<Box<Self>>),
    /// A sender that wanted to go on did not say from where, or went on with another stream.
    #[error("the peer wanted to go on with a stream, and did not say so as it must")]
    Resuming,
}

/// What went wrong before the time was over.
fn last(error: Option<&TransportError>) -> String {
    error.map_or_else(String::new, |error| format!(": {error}"))
}

/// How an end that comes from this side travels through [`io::Error`].
#[derive(Debug, Error)]
#[error("the receiver has stopped")]
pub(super) struct StoppedHere;

impl StoppedHere {
    pub(super) fn into_io(self) -> io::Error {
        io::Error::new(io::ErrorKind::ConnectionAborted, self)
    }
}

impl TransportError {
    /// Tells whether time may heal it: a connection that broke or could not be made, and not an answer.
    #[must_use]
    pub const fn may_pass(&self) -> bool {
        match self {
            Self::Connection(..) | Self::NoReceipt | Self::NotStored => true,
            // Slow, busy, too many, or not at the moment.
            Self::Http(status, _) => {
                matches!(status, 408 | 423 | 425 | 429 | 500 | 502 | 503 | 504 | 507)
            }
            _ => false,
        }
    }

    /// Tells whether it lasts until somebody at the receiver does something: only who has a deadline waits for that.
    #[must_use]
    pub const fn needs_somebody(&self) -> bool {
        matches!(self, Self::NotStored | Self::Http(507, _))
    }

    /// Tells whether a stream did not end because its connection did: what came of it may go on.
    #[must_use]
    pub const fn is_broken_off(&self) -> bool {
        match self {
            Self::Read(ReadError::Open(OpenError::Format(error))) => {
                matches!(error.kind, FormatErrorKind::Truncated)
            }
            Self::Connection(..)
            | Self::Read(ReadError::Io(_))
            | Self::HeaderTimeout
            | Self::TooSlow(_)
            | Self::Stopped => true,
            _ => false,
        }
    }

    /// Tells whether what the peer sent was not authentic: a wrong key, or changed bytes.
    pub(super) const fn is_not_authentic(&self) -> bool {
        matches!(
            self,
            Self::Read(ReadError::Open(OpenError::NotAuthentic(_)))
        )
    }
}

impl From<OpenError> for TransportError {
    fn from(error: OpenError) -> Self {
        Self::Read(error.into())
    }
}
