//! A sealed stream on somebody's server, read at a place: one image of a series comes over the line, and not the others.

use core::time::Duration;
use std::io::{self, ErrorKind, Read};
use std::thread;

use axum::http::header::{CONTENT_RANGE, ETAG, IF_MATCH, RANGE};
use axum::http::{HeaderMap, Method, StatusCode};

use super::super::address::Place;
use super::super::range::parse_content_range;
use super::{HttpClient, Times, header, problem, request};
use crate::io::ReadAt;
use crate::transport::error::TransportError;

/// How often a range is asked for when the connection breaks, and the pause before the second time; it doubles.
const ATTEMPTS: u32 = 4;
const PAUSE: Duration = Duration::from_millis(500);

pub(super) const TIMES: Times = Times {
    connecting: Duration::from_secs(10),
    idle: Duration::from_mins(1),
    answer: Duration::from_mins(1),
};

/// A resource that is read by ranges, of one version throughout.
#[derive(Debug)]
pub struct Remote {
    client: HttpClient,
    place: Place,
    len: u64,
    etag: Option<String>,
}

impl HttpClient {
    /// Opens a URL to be read by ranges: what [`OpenReader::open_at`](crate::io::OpenReader::open_at) reads.
    ///
    /// # Errors
    /// [`TransportError`]: it is not there, or, [`TransportError::NoRanges`], its server gives no ranges.
    pub fn open(&self, url: &str) -> Result<Remote, TransportError> {
        let place = Place::parse(url)?;
        let mut remote = Remote {
            client: self.clone(),
            place,
            len: 0,
            etag: None,
        };
        let mut byte = [0];
        let (len, etag) = remote.ask(0, &mut byte)?;
        (remote.len, remote.etag) = (len, etag);
        Ok(remote)
    }
}

impl Remote {
    /// Fills the buffer from one range, and returns the whole length and the version.
    fn ask(&self, offset: u64, buffer: &mut [u8]) -> Result<(u64, Option<String>), TransportError> {
        let end = offset + buffer.len() as u64;
        let range = format!("bytes={offset}-{}", end - 1);
        let mut headers = vec![(RANGE.as_str(), range.as_str())];
        headers.extend(self.etag.as_deref().map(|etag| (IF_MATCH.as_str(), etag)));
        let answer = self
            .client
            .ask(request(Method::GET, &self.place, &headers)?, TIMES)?;
        match answer.status() {
            StatusCode::PARTIAL_CONTENT => {}
            StatusCode::PRECONDITION_FAILED => return Err(changed()),
            StatusCode::OK => return Err(TransportError::NoRanges(self.place.to_string())),
            // Of nothing there is no first byte.
            StatusCode::RANGE_NOT_SATISFIABLE if is_empty(answer.headers()) => {
                return Ok((0, None));
            }
            _ => return Err(problem(answer)),
        }
        let said = header(answer.headers(), CONTENT_RANGE.as_str()).and_then(parse_content_range);
        let Some((given, Some(len))) = said.filter(|(given, _)| *given == (offset..end)) else {
            return Err(TransportError::Http(
                206,
                " and not with the range that was asked for".to_owned(),
            ));
        };
        let etag = header(answer.headers(), ETAG.as_str())
            .filter(|etag| etag.starts_with('"'))
            .map(str::to_owned);
        if self.len > 0 && (len != self.len || etag != self.etag) {
            return Err(changed());
        }
        debug_assert_eq!(given.end - given.start, buffer.len() as u64);
        let read = answer.into_body().into_reader().read_exact(buffer);
        read.map_err(|error| TransportError::Connection("the connection failed", error))?;
        Ok((len, etag))
    }
}

fn is_empty(headers: &HeaderMap) -> bool {
    header(headers, CONTENT_RANGE.as_str()).is_some_and(|range| range.trim() == "bytes */0")
}

fn changed() -> TransportError {
    TransportError::Http(412, ": what is read changed meanwhile".to_owned())
}

impl ReadAt for Remote {
    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.len.saturating_sub(offset)).unwrap_or(usize::MAX);
        let len = left.min(buffer.len());
        if len == 0 {
            return Ok(0);
        }
        let mut pause = PAUSE;
        for _ in 1..ATTEMPTS {
            match self.ask(offset, &mut buffer[..len]) {
                Ok(_) => return Ok(len),
                Err(error) if !error.may_pass() => return Err(into_io(error)),
                Err(_) => thread::sleep(pause),
            }
            pause *= 2;
        }
        self.ask(offset, &mut buffer[..len])
            .map(|_| len)
            .map_err(into_io)
    }

    fn size(&mut self) -> io::Result<u64> {
        Ok(self.len)
    }
}

/// Keeps the words, and what kind of failure it is.
pub(super) fn into_io(error: TransportError) -> io::Error {
    let kind = match &error {
        TransportError::Connection(_, error) => error.kind(),
        TransportError::Http(404 | 410, _) => ErrorKind::NotFound,
        TransportError::Http(401 | 403, _) => ErrorKind::PermissionDenied,
        _ => ErrorKind::Other,
    };
    io::Error::new(kind, error)
}
