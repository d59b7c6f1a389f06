//! Ends a server from outside.

use std::sync::Arc;

use super::control::Control;
use super::gate::Gate;

/// Stops a [`Server`](super::Server), from any thread and as often as anybody likes.
#[derive(Debug, Clone)]
pub struct Stopper {
    control: Arc<Control>,
    gate: Arc<Gate>,
}

impl Stopper {
    pub(super) const fn new(control: Arc<Control>, gate: Arc<Gate>) -> Self {
        Self { control, gate }
    }

    /// Takes no further stream. Transfers that run may end within the grace period of
    /// [`ServerLimits::grace`](super::ServerLimits::grace); who has not sent the beginning of a stream is
    /// closed at once.
    pub fn stop(&self) {
        self.control.stop();
    }

    /// Closes every connection now. What is being computed or stored at this moment ends first.
    pub fn cut(&self) {
        self.gate.close();
        self.control.cut();
    }
}
