//! Floor 6: streams to other machines.
//!
//! A stream ends itself, so a transport adds nothing to it: [`send_sealed`] and [`SealWriter`] write it,
//! [`Receiver`] reads it, over any [`Read`] and [`Write`] of the caller's. What comes back is a
//! [`Receipt`]. [`SCHEMES`] lists the transports that a URL can name. [`Server`] receives from many peers at
//! once, within limits, and [`ReplayWindow`] keeps a stream from being stored twice.
//!
//! [`SealWriter`]: crate::io::SealWriter
//! [`Read`]: std::io::Read
//! [`Write`]: std::io::Write

mod commits;
mod deliver;
mod error;
#[cfg(feature = "http")]
pub mod http;
mod link;
mod outgoing;
mod pace;
mod parts;
mod query;
mod receipt;
mod receive;
mod replay;
mod send;
mod server;
mod state;
mod tcp;

pub use commits::{Commit, CommitLog, commit_entry};
pub use deliver::{SpooledLink, Terms, deliver, deliver_by};
pub use error::TransportError;
pub use link::{Closer, Connection, Link, Listener, Transport, connect, find_scheme, listen};
pub use outgoing::{Outgoing, OutgoingBytes, SpoolFile, SpoolReader, SpoolWriter, Stored, spool};
pub use parts::{Part, PartBudget, PartError, PartStore};
pub use receipt::{
    Contents, ExpectedReceipt, MAX_RECEIPT_LEN, RECEIPT_LEN, Receipt, ReceiptSignature, Verdict,
};
pub use receive::{Accepted, Receiver};
pub use replay::{ReplayWindow, StateError};
pub use send::{await_receipt, deliver_sealed, refused_meanwhile, send_sealed};
pub use server::{Ended, Handler, Server, ServerLimits, Stopper, TurnedAway, Visit};
pub use tcp::Tcp;

/// Every transport that a URL can name. To add one: a file that implements [`Transport`], and a row here.
pub const SCHEMES: &[&dyn Transport] = &[
    &Tcp,
    #[cfg(feature = "http")]
    &http::Http,
    #[cfg(feature = "http")]
    &http::Https,
];
