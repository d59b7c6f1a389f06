//! Where a client's last upload is.

use core::fmt;
use std::sync::{Mutex, PoisonError};

use super::super::address::Place;

/// The upload that was begun last, so that another attempt goes on with it.
#[derive(Default)]
pub(super) struct Uploads(Mutex<Option<Begun>>);

#[derive(Debug, Clone)]
pub(super) struct Begun {
    pub(super) base: Place,
    pub(super) transfer_id: [u8; 32],
    pub(super) at: Place,
}

impl Uploads {
    pub(super) fn find(&self, base: &Place, transfer_id: &[u8; 32]) -> Option<Place> {
        let begun = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let begun = begun
            .as_ref()
            .filter(|begun| begun.base == *base && begun.transfer_id == *transfer_id)?;
        Some(begun.at.clone())
    }

    pub(super) fn set(&self, begun: Option<Begun>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = begun;
    }
}

impl fmt::Debug for Uploads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Uploads(..)")
    }
}
