//! One stream, received and stored, and why it was not.

use secimg::io::ReadError;
use secimg::transport::{Accepted, Link, Receipt, Receiver, TransportError};

use crate::exit::{Failure, Status};
use crate::progress::Progress;
use crate::store::{Destination, Store, Written};

/// A stream that was verified, and whose images are stored.
pub(crate) struct Arrival {
    pub(crate) accepted: Accepted,
    /// Where each image is.
    pub(crate) outputs: Vec<Option<String>>,
}

/// Why a stream was not stored.
pub(crate) enum NotTaken {
    /// It is here already; this says so to its sender.
    Before(Box<Receipt>),
    /// Its connection ended, and it may go on.
    BrokenOff(Failure),
    /// The disk is full, the folder gone: nothing that its sender did.
    NotStored(Failure),
    Failed(Failure),
}

/// Receives one stream and gives its images their names. It is not acknowledged yet.
pub(crate) fn take_in(
    receiver: &Receiver,
    link: &mut dyn Link,
    destination: &Destination,
    progress: &Progress,
) -> Result<Arrival, NotTaken> {
    // Streams of different senders are strangers: an equal name is an existing file, no more.
    let mut written = Written::new();
    let mut store = Store::new(destination, &mut written);
    let accepted = receiver.receive(link, &mut progress.clone().counting(&mut store))?;
    name_images(accepted, store)
}

/// Gives the images of a verified stream their names.
pub(super) fn name_images(accepted: Accepted, store: Store<'_>) -> Result<Arrival, NotTaken> {
    let id = accepted.verified().report().transfer_id;
    let outputs = store.commit(Some(&id));
    Ok(Arrival {
        accepted,
        outputs: outputs.map_err(NotTaken::storing)?,
    })
}

impl NotTaken {
    /// Whether its sender may come again and go on.
    pub(super) const fn may_go_on(&self) -> bool {
        matches!(self, Self::BrokenOff(_))
    }

    /// What went wrong while images got their place. A name that is taken is no fault of the system.
    pub(super) fn storing(failure: Failure) -> Self {
        if failure.status == Status::Io || failure.code == "not_found" {
            Self::NotStored(failure)
        } else {
            Self::Failed(failure)
        }
    }
}

impl From<TransportError> for NotTaken {
    fn from(error: TransportError) -> Self {
        match error {
            TransportError::AcceptedBefore(receipt) => Self::Before(receipt),
            error if error.is_broken_off() => Self::BrokenOff(error.into()),
            TransportError::Read(ReadError::Sink(error)) => {
                Self::storing(ReadError::Sink(error).into())
            }
            error @ TransportError::State(_) => Self::NotStored(error.into()),
            error => Self::Failed(error.into()),
        }
    }
}

impl From<NotTaken> for Failure {
    fn from(not_taken: NotTaken) -> Self {
        match not_taken {
            NotTaken::Before(receipt) => TransportError::AcceptedBefore(receipt).into(),
            NotTaken::BrokenOff(failure)
            | NotTaken::NotStored(failure)
            | NotTaken::Failed(failure) => failure,
        }
    }
}
