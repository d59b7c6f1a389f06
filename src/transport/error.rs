//! What can go wrong on the way.

use std::io;

use thiserror::Error;

use crate::io::{ReadError, WriteError};
use crate::stream::OpenError;

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
    /// The receiver did not accept the stream. It does not say why, and must not.
    #[error("the receiver refused the stream")]
    Refused,
    /// What the receiver answered is no receipt for this stream.
    #[error("the receipt is not for this stream, or not by a holder of its key")]
    FalseReceipt,
    /// The answer is a relay's, which proves nothing and is not the recipient's.
    #[error("stored by a relay, not confirmed by the recipient")]
    OnlyStored,
    /// The connection ended without an answer: the stream may or may not have been accepted.
    #[error("the connection ended without a receipt; whether the stream was accepted is not known")]
    NoReceipt,
}

impl From<OpenError> for TransportError {
    fn from(error: OpenError) -> Self {
        Self::Read(error.into())
    }
}
