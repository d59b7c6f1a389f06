//! What a transport is: a scheme that makes links, and links that carry bytes both ways.

use core::net::IpAddr;
use core::time::Duration;
use std::io::{self, Read, Write};
use std::sync::Arc;
use std::time::Instant;

use super::SCHEMES;
use super::deliver::Terms;
use super::deliver::attempt::over_link;
use super::error::TransportError;
use super::outgoing::Outgoing;
use super::receipt::Receipt;
use crate::trace;

/// A connection to one peer.
pub trait Link: Read + Write + Send {
    /// Says that nothing more will be written, so that the peer sees the end.
    ///
    /// # Errors
    /// The connection's error.
    fn finish_sending(&mut self) -> io::Result<()>;

    /// Makes every read fail with [`io::ErrorKind::TimedOut`] after this moment. `None` lifts it.
    fn set_read_deadline(&mut self, deadline: Option<Instant>);

    /// Makes every single read or write fail with [`io::ErrorKind::TimedOut`] when it takes longer.
    ///
    /// # Errors
    /// The connection's error.
    fn set_idle_timeout(&mut self, timeout: Option<Duration>) -> io::Result<()>;

    /// Reads what is here already, without waiting for it; `None` where nothing is. A sender listens so while
    /// it writes. A link that cannot tell never has anything here.
    ///
    /// # Errors
    /// The connection's error.
    fn poll_read(&mut self, buffer: &mut [u8]) -> io::Result<Option<usize>> {
        let _ = buffer;
        Ok(None)
    }

    /// Returns what ends the connection from another thread: reads and writes that wait then return.
    /// A link without one ends at its own pace when a server is stopped.
    fn closer(&self) -> Option<Closer> {
        None
    }
}

/// Ends a connection, or the waiting for one, from another thread.
pub type Closer = Arc<dyn Fn() + Send + Sync>;

/// A link that was accepted, and whom it leads to.
#[non_exhaustive]
pub struct Connection {
    /// The link.
    pub link: Box<dyn Link>,
    /// The peer's address, for people.
    pub peer: String,
    /// The peer's network address, where it has one: limits for each peer go by it.
    pub address: Option<IpAddr>,
}

impl Connection {
    /// Joins the two.
    #[must_use]
    pub const fn new(link: Box<dyn Link>, peer: String) -> Self {
        Self {
            link,
            peer,
            address: None,
        }
    }

    /// Adds the peer's network address.
    #[must_use]
    pub const fn at(mut self, address: IpAddr) -> Self {
        self.address = Some(address);
        self
    }
}

impl core::fmt::Debug for Connection {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Connection")
            .field("peer", &self.peer)
            .finish_non_exhaustive()
    }
}

/// Something that accepts connections.
pub trait Listener: Send {
    /// Waits for the next connection.
    ///
    /// # Errors
    /// The listener's error.
    fn accept(&mut self) -> io::Result<Connection>;

    /// Returns what makes [`Listener::accept`] return soon, from another thread. A listener without it
    /// is stopped by the next connection.
    fn waker(&self) -> Option<Closer> {
        None
    }

    /// Returns the URL under which it can be reached, with the port that was bound.
    fn url(&self) -> String;
}

/// A way to carry streams, named by a URL's scheme.
pub trait Transport: Sync {
    /// Returns the scheme, such as `tcp`.
    fn scheme(&self) -> &'static str;

    /// Connects to what follows `scheme://`.
    ///
    /// # Errors
    /// [`TransportError::Address`] and [`TransportError::Connection`].
    fn connect(&self, address: &str, timeout: Duration) -> Result<Box<dyn Link>, TransportError>;

    /// Listens on what follows `scheme://`.
    ///
    /// # Errors
    /// [`TransportError::Address`] and [`TransportError::Connection`].
    fn listen(&self, address: &str) -> Result<Box<dyn Listener>, TransportError>;

    /// Tells whether [`Transport::connect`] makes links, so that a stream can be sent while it is sealed. If
    /// not, it is sealed first, and [`Transport::deliver`] brings it.
    fn makes_links(&self) -> bool {
        true
    }

    /// Makes one attempt to bring a whole stream, going on from where the receiver is, and returns a receipt that
    /// [`Outgoing::judge`] has passed. Attempt after attempt makes [`deliver_by`](super::deliver_by).
    ///
    /// Without a word this connects and speaks the protocol of SPEC section 10. Another way of going on
    /// has to call [`Outgoing::mark_reached`] when a receiver has answered and
    /// [`Outgoing::mark_resumed`] when it has said what it holds.
    ///
    /// # Errors
    /// [`TransportError`]; [`TransportError::may_pass`] tells whether another attempt makes sense.
    fn deliver(
        &self,
        address: &str,
        stream: &mut Outgoing<'_>,
        terms: &Terms,
    ) -> Result<Receipt, TransportError> {
        let mut link = self.connect(address, terms.time_to_connect()?)?;
        over_link(link.as_mut(), stream, terms)
    }
}

/// Finds the transport of a URL, and what follows `scheme://`.
///
/// # Errors
/// [`TransportError::Address`], which lists the schemes that there are.
pub fn find_scheme(url: &str) -> Result<(&'static dyn Transport, &str), TransportError> {
    let schemes = || {
        let known: Vec<_> = SCHEMES
            .iter()
            .map(|s| format!("{}://", s.scheme()))
            .collect();
        known.join(", ")
    };
    let Some((scheme, rest)) = url.split_once("://") else {
        let problem = format!(
            "not a URL: {url:?}; it must begin with one of {}",
            schemes()
        );
        return Err(TransportError::Address(problem));
    };
    let found = SCHEMES
        .iter()
        .find(|s| s.scheme().eq_ignore_ascii_case(scheme));
    let transport = found.copied().ok_or_else(|| {
        if scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https") {
            let problem =
                "this program was built without HTTP: `cargo build --features http` has it";
            return TransportError::Address(problem.to_owned());
        }
        let problem = format!(
            "unknown scheme {scheme:?}; this program speaks {}",
            schemes()
        );
        TransportError::Address(problem)
    })?;
    Ok((transport, rest))
}

/// Connects to a URL.
///
/// # Errors
/// [`TransportError::Address`] and [`TransportError::Connection`].
pub fn connect(url: &str, timeout: Duration) -> Result<Box<dyn Link>, TransportError> {
    let (transport, address) = find_scheme(url)?;
    let link = transport.connect(address, timeout)?;
    trace::connected(transport.scheme());
    Ok(link)
}

/// Listens on a URL.
///
/// # Errors
/// [`TransportError::Address`] and [`TransportError::Connection`].
pub fn listen(url: &str) -> Result<Box<dyn Listener>, TransportError> {
    let (transport, address) = find_scheme(url)?;
    transport.listen(address)
}
