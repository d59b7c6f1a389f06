//! The rows of this transport in the table of schemes.

use core::time::Duration;
use std::sync::OnceLock;

use super::client::HttpClient;
use super::tls::ClientTls;
use crate::transport::deliver::Terms;
use crate::transport::error::TransportError;
use crate::transport::link::{Link, Listener, Transport};
use crate::transport::outgoing::Outgoing;
use crate::transport::receipt::Receipt;

/// `http://`: nobody on the way is kept from seeing who sends how much to whom; what is sent is sealed all the same.
#[derive(Debug, Clone, Copy)]
#[expect(
    clippy::exhaustive_structs,
    reason = "a row of the table, without state"
)]
pub struct Http;

/// `https://`, with the authorities that the system believes and no certificate of the client's: an
/// [`HttpTransport`] has others.
#[derive(Debug, Clone, Copy)]
#[expect(
    clippy::exhaustive_structs,
    reason = "a row of the table, without state"
)]
pub struct Https;

/// One of the two with a client of its own, and so with certificates of its own.
#[derive(Debug)]
pub struct HttpTransport {
    client: HttpClient,
    scheme: &'static str,
}

impl HttpTransport {
    /// Speaks `http://` or, with `tls`, `https://` through this client.
    #[must_use]
    pub const fn new(client: HttpClient, tls: bool) -> Self {
        Self {
            client,
            scheme: if tls { "https" } else { "http" },
        }
    }
}

/// What the rows have in common: one client for the process, which remembers where it was.
fn shared() -> &'static HttpClient {
    static SHARED: OnceLock<HttpClient> = OnceLock::new();
    SHARED.get_or_init(|| HttpClient::new(&ClientTls::new()))
}

/// Requests and answers are no bytes both ways.
fn no_link<T>(what: &str) -> Result<T, TransportError> {
    Err(TransportError::Address(what.to_owned()))
}

macro_rules! speaks_http {
    ($kind:ty, $self:ident => $scheme:expr, $client:expr) => {
        impl Transport for $kind {
            fn scheme(&self) -> &'static str {
                let $self = self;
                $scheme
            }

            fn connect(&self, _: &str, _: Duration) -> Result<Box<dyn Link>, TransportError> {
                no_link("HTTP carries whole streams and no plain connection: deliver a stream, or use an HttpClient")
            }

            fn listen(&self, _: &str) -> Result<Box<dyn Listener>, TransportError> {
                no_link("HTTP is served by an HttpHost, or by a router in another application")
            }

            fn makes_links(&self) -> bool {
                false
            }

            fn deliver(&self, address: &str, stream: &mut Outgoing<'_>, terms: &Terms) -> Result<Receipt, TransportError> {
                let $self = self;
                // An upload says how long it is.
                stream.wait_until_whole().map_err(|error| TransportError::Read(error.into()))?;
                $client.attempt(&format!("{}://{address}", self.scheme()), stream, terms)
            }
        }
    };
}

speaks_http!(Http, _row => "http", shared());
speaks_http!(Https, _row => "https", shared());
speaks_http!(HttpTransport, row => row.scheme, row.client);
