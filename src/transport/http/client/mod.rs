//! The client's side: one agent for all requests, which follows no redirect, uses no proxy and reads bounded answers.

use core::fmt;
use core::time::Duration;
use std::io::{self, Read};
use std::sync::Arc;

use axum::http::header::{CONTENT_TYPE, LOCATION};
use axum::http::{HeaderMap, Method, Request, Response, StatusCode};
use ureq::{Agent, Body, Error, SendBody, Timeout};

use super::RECEIPT_TYPE;
use super::address::Place;
use super::tls::ClientTls;
use crate::transport::deliver::Terms;
use crate::transport::error::TransportError;
use crate::transport::receipt::{MAX_RECEIPT_LEN, Receipt};

pub use download::Download;
pub use remote::Remote;

mod begun;
mod download;
mod proof;
mod remote;
mod upload;

/// How much of an answer's head is read.
const HEAD: usize = 16 << 10;
/// How much of a sentence that says what is wrong is read, and shown.
const SENTENCE: u64 = 300;

/// Sends and reads sealed streams over HTTP. Blocking, as the whole library is.
///
/// Clones share their connections, and what they know of uploads.
#[derive(Debug, Clone)]
pub struct HttpClient {
    agent: Agent,
    uploads: Arc<begun::Uploads>,
}

/// The time that a request may take.
#[derive(Debug, Clone, Copy)]
pub(super) struct Times {
    pub(super) connecting: Duration,
    /// For each read and each write.
    pub(super) idle: Duration,
    /// For the first byte of the answer.
    pub(super) answer: Duration,
}

impl Times {
    /// What the terms of a delivery leave for a request that is answered at once.
    pub(super) fn of(terms: &Terms) -> Result<Self, TransportError> {
        let idle = terms.time_to_idle()?;
        Ok(Self {
            connecting: terms.time_to_connect()?,
            idle,
            answer: idle,
        })
    }

    /// And for one after which the receiver verifies and stores.
    pub(super) fn of_last(terms: &Terms) -> Result<Self, TransportError> {
        Ok(Self {
            answer: terms.time_to_verify()?,
            ..Self::of(terms)?
        })
    }
}

impl HttpClient {
    /// Connects with these certificates.
    #[must_use]
    pub fn new(tls: &ClientTls) -> Self {
        let config = Agent::config_builder()
            .tls_config(tls.config())
            // Another place than the one that was named is nobody's wish, and plain HTTP instead of TLS least of all.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            // A proxy in the environment would see who sends how much to whom.
            .proxy(None)
            .max_response_header_size(HEAD)
            .user_agent(concat!("secimg/", env!("CARGO_PKG_VERSION")))
            .accept_encoding("identity");
        Self {
            agent: config.build().new_agent(),
            uploads: Arc::default(),
        }
    }

    /// Makes a request and takes any answer but a redirect.
    fn ask(
        &self,
        request: Request<SendBody<'_>>,
        times: Times,
    ) -> Result<Response<Body>, TransportError> {
        let request = self
            .agent
            .configure_request(request)
            .timeout_connect(Some(times.connecting))
            .timeout_resolve(Some(times.connecting))
            .timeout_per_write(Some(times.idle))
            .timeout_per_read(Some(times.idle.max(times.answer)))
            .timeout_recv_response(Some(times.answer))
            .build();
        let response = self.agent.run(request).map_err(failed)?;
        if response.status().is_redirection() && response.status() != StatusCode::NOT_MODIFIED {
            let to = header(response.headers(), LOCATION.as_str()).unwrap_or_default();
            let to = to.split('?').next().unwrap_or_default().escape_debug();
            return Err(TransportError::Address(format!(
                "the server says that it is elsewhere ({to}); that is not followed"
            )));
        }
        Ok(response)
    }
}

/// A request without a body.
fn request(
    method: Method,
    place: &Place,
    headers: &[(&'static str, &str)],
) -> Result<Request<SendBody<'static>>, TransportError> {
    with_body(method, place, headers, SendBody::none())
}

fn with_body<'a>(
    method: Method,
    place: &Place,
    headers: &[(&'static str, &str)],
    body: SendBody<'a>,
) -> Result<Request<SendBody<'a>>, TransportError> {
    let mut request = Request::builder().method(method).uri(place.url());
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request
        .body(body)
        .map_err(|_| TransportError::Address(format!("{place} cannot be asked for")))
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn number(headers: &HeaderMap, name: &str) -> Option<u64> {
    header(headers, name)?.parse().ok()
}

/// Says what an answer means that is no success. What the server says is shown as its word, one short line of it.
fn problem(response: Response<Body>) -> TransportError {
    let status = response.status();
    if status == StatusCode::UNPROCESSABLE_ENTITY {
        return TransportError::Refused;
    }
    let is_text = header(response.headers(), CONTENT_TYPE.as_str())
        .is_some_and(|kind| kind.starts_with("text/plain"));
    let mut sentence = Vec::new();
    if is_text {
        // What cannot be read is not shown.
        let _: io::Result<usize> = response
            .into_body()
            .into_reader()
            .take(SENTENCE)
            .read_to_end(&mut sentence);
    }
    let sentence = String::from_utf8_lossy(&sentence);
    let line = sentence.lines().next().unwrap_or_default();
    let line = line.escape_debug().to_string();
    TransportError::Http(
        status.as_u16(),
        if line.is_empty() {
            String::new()
        } else {
            format!(": {line}")
        },
    )
}

/// Reads a receipt, if that is what the answer is.
fn receipt(response: Response<Body>) -> Result<Option<Receipt>, TransportError> {
    let kind = header(response.headers(), CONTENT_TYPE.as_str()).unwrap_or_default();
    if !kind
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .eq_ignore_ascii_case(RECEIPT_TYPE)
    {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    let most = MAX_RECEIPT_LEN as u64 + 1;
    let read = response
        .into_body()
        .into_reader()
        .take(most)
        .read_to_end(&mut bytes);
    read.map_err(|_| TransportError::NoReceipt)?;
    Receipt::parse(&bytes)
        .map(Some)
        .ok_or(TransportError::FalseReceipt)
}

/// What went wrong before there was an answer. Nothing of the URL is repeated.
fn failed(error: Error) -> TransportError {
    let (doing, error) = match error {
        Error::Io(error) => return carried(error),
        Error::Timeout(Timeout::RecvResponse) => {
            ("waiting for the answer", io::ErrorKind::TimedOut.into())
        }
        Error::Timeout(Timeout::Connect | Timeout::Resolve) => {
            ("cannot connect", io::ErrorKind::TimedOut.into())
        }
        Error::Timeout(_) => ("the connection failed", io::ErrorKind::TimedOut.into()),
        Error::HostNotFound => (
            "cannot resolve the address",
            io::Error::other("no such host"),
        ),
        Error::BadUri(_) => return TransportError::Address("not an HTTP address".to_owned()),
        error => ("the connection failed", io::Error::other(error)),
    };
    TransportError::Connection(doing, error)
}

/// An error of a body's source came through the agent, and is not the connection's.
fn carried(error: io::Error) -> TransportError {
    match error.downcast::<Unreadable>() {
        Ok(Unreadable(error)) => TransportError::Read(error.into()),
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
            TransportError::Connection("cannot connect", error)
        }
        Err(error) => TransportError::Connection("the connection failed", error),
    }
}

/// How a failure to read what is sent travels through the agent.
#[derive(Debug)]
struct Unreadable(io::Error);

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl core::error::Error for Unreadable {}

/// A body's source that marks its own failures.
struct Marked<R>(R);

impl<R: Read> Read for Marked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer).map_err(|error| match error.kind() {
            io::ErrorKind::Interrupted => error,
            kind => io::Error::new(kind, Unreadable(error)),
        })
    }
}
