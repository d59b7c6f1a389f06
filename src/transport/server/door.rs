//! What every stream of a server passes on its way to its key.

use std::sync::Arc;

use super::gate::Gate;
use super::peers::{PeerKey, Peers};
use crate::stream::{Locked, OpenError, OpenOptions, Unlocked};
use crate::transport::error::TransportError;

/// The gate, and the count of failures, of one peer.
#[derive(Debug, Clone)]
pub(in crate::transport) struct Door {
    gate: Arc<Gate>,
    peers: Arc<Peers>,
    peer: PeerKey,
}

impl Door {
    pub(in crate::transport) const fn new(
        gate: Arc<Gate>,
        peers: Arc<Peers>,
        peer: PeerKey,
    ) -> Self {
        Self { gate, peers, peer }
    }

    /// Unlocks when there is room for it. The peer's count is looked at inside the gate, where it is alone:
    /// however many connections it has, it gets no more attempts than it may.
    pub(in crate::transport) fn unlock(
        &self,
        locked: &Locked,
        options: &OpenOptions,
    ) -> Result<Unlocked, TransportError> {
        let Some(_inside) = self.gate.enter(self.peer) else {
            return Err(TransportError::Stopped);
        };
        if self.peers.is_barred(self.peer) {
            return Err(TransportError::TooManyFailures);
        }
        let unlocked = locked.unlock(options);
        if matches!(unlocked, Err(OpenError::NotAuthentic(_))) {
            self.failed();
        }
        Ok(unlocked?)
    }

    /// Counts a stream that was not authentic.
    pub(in crate::transport) fn failed(&self) {
        self.peers.failed(self.peer);
    }
}
