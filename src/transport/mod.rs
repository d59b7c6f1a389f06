//! Floor 6: streams to other machines.
//!
//! A stream ends itself, so a transport adds nothing to it: [`send_sealed`] and [`SealWriter`] write it,
//! [`Receiver`] reads it, over any [`Read`] and [`Write`] of the caller's. What comes back is a
//! [`Receipt`]. [`SCHEMES`] lists the transports that a URL can name.
//!
//! [`SealWriter`]: crate::io::SealWriter
//! [`Read`]: std::io::Read
//! [`Write`]: std::io::Write

mod error;
mod link;
mod receipt;
mod receive;
mod send;
mod tcp;

pub use error::TransportError;
pub use link::{Connection, Link, Listener, Transport, connect, find_scheme, listen};
pub use receipt::{RECEIPT_LEN, Receipt, Verdict};
pub use receive::{Accepted, Receiver};
pub use send::{await_receipt, refused_meanwhile, send_sealed};
pub use tcp::Tcp;

/// Every transport that a URL can name. To add one: a file that implements [`Transport`], and a row here.
pub const SCHEMES: &[&dyn Transport] = &[&Tcp];
