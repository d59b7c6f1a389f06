//! What is known of a connection, however it came.

use secimg::transport::{Link, Receiver, Visit};

/// A connection with what the server knows of it.
pub(super) trait Guest: Link {
    /// The receiver that keeps the server's limits for it.
    fn receiver(&self) -> &Receiver;
    /// Whether it sent what every stream begins with.
    fn is_stream(&self) -> bool;
    /// Whether its stream may go on in another connection.
    fn may_go_on(&self) -> bool {
        false
    }
    /// Closes it without a word.
    fn hang_up(&self) {}
    /// Waits for its stream to go on in another connection, and tells whether it did.
    fn await_resumption(&self) -> bool {
        false
    }
}

impl Guest for Visit<'_> {
    fn receiver(&self) -> &Receiver {
        Visit::receiver(self)
    }

    fn is_stream(&self) -> bool {
        Visit::is_stream(self)
    }

    fn may_go_on(&self) -> bool {
        Visit::is_stream(self)
    }

    fn hang_up(&self) {
        Visit::hang_up(self);
    }

    fn await_resumption(&self) -> bool {
        Visit::await_resumption(self)
    }
}
