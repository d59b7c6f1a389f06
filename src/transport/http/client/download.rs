//! A whole resource, read in order; where the connection breaks, the reading goes on from there.

use core::fmt;
use core::time::Duration;
use std::io::{self, Read};
use std::thread;

use axum::http::header::{CONTENT_RANGE, ETAG, IF_RANGE, RANGE};
use axum::http::{Method, StatusCode};
use ureq::BodyReader;

use super::super::address::Place;
use super::super::range::parse_content_range;
use super::remote::{TIMES, into_io};
use super::{HttpClient, header, problem, request};
use crate::transport::error::TransportError;

/// So many breaks one after the other, with nothing between them, are the end.
const BREAKS: u32 = 6;
const PAUSE: Duration = Duration::from_millis(500);

/// The bytes of a URL, in order: a [`Read`] that survives broken connections, as long as the server names the version
/// of what it gives (`ETag`) and gives ranges of it.
pub struct Download {
    client: HttpClient,
    place: Place,
    body: Option<BodyReader<'static>>,
    len: Option<u64>,
    etag: Option<String>,
    position: u64,
    breaks: u32,
}

impl HttpClient {
    /// Opens a URL to be read from its first byte to its last.
    ///
    /// # Errors
    /// [`TransportError`].
    pub fn get(&self, url: &str) -> Result<Download, TransportError> {
        let place = Place::parse(url)?;
        let answer = self.ask(request(Method::GET, &place, &[])?, TIMES)?;
        if answer.status() != StatusCode::OK {
            return Err(problem(answer));
        }
        // A weak one does not say that the bytes are the same.
        let etag = header(answer.headers(), ETAG.as_str()).filter(|etag| etag.starts_with('"'));
        let etag = etag.map(str::to_owned);
        let len = answer.body().content_length();
        let body = Some(
            answer
                .into_body()
                .into_with_config()
                .limit(u64::MAX)
                .reader(),
        );
        Ok(Download {
            client: self.clone(),
            place,
            body,
            len,
            etag,
            position: 0,
            breaks: 0,
        })
    }
}

impl Download {
    /// Returns the length in bytes, where the server said it.
    #[must_use]
    pub const fn content_length(&self) -> Option<u64> {
        self.len
    }

    /// Asks for what is left.
    fn go_on(&mut self) -> Result<(), TransportError> {
        let from = format!("bytes={}-", self.position);
        let etag = self.etag.clone().unwrap_or_default();
        let headers = [
            (RANGE.as_str(), from.as_str()),
            (IF_RANGE.as_str(), etag.as_str()),
        ];
        let answer = self
            .client
            .ask(request(Method::GET, &self.place, &headers)?, TIMES)?;
        if answer.status() == StatusCode::OK {
            return Err(TransportError::Http(
                200,
                ": what is read changed meanwhile, or is not given in parts".to_owned(),
            ));
        }
        if answer.status() != StatusCode::PARTIAL_CONTENT {
            return Err(problem(answer));
        }
        let said = header(answer.headers(), CONTENT_RANGE.as_str()).and_then(parse_content_range);
        let fits = said.is_some_and(|(range, len)| {
            range.start == self.position && (len.is_none() || len == self.len)
        });
        if !fits {
            return Err(TransportError::Http(
                206,
                " and not with the range that was asked for".to_owned(),
            ));
        }
        self.body = Some(
            answer
                .into_body()
                .into_with_config()
                .limit(u64::MAX)
                .reader(),
        );
        Ok(())
    }

    /// After a break: waits a little longer each time, and asks again.
    fn mend(&mut self, error: io::Error) -> io::Result<()> {
        self.body = None;
        if self.etag.is_none() || self.len.is_none() || self.breaks >= BREAKS {
            return Err(error);
        }
        thread::sleep(PAUSE * (1 << self.breaks));
        self.breaks += 1;
        match self.go_on() {
            Err(error) if !error.may_pass() => Err(into_io(error)),
            // The next read comes here again.
            Ok(()) | Err(_) => Ok(()),
        }
    }
}

impl Read for Download {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if buffer.is_empty() || self.len == Some(self.position) {
                return Ok(0);
            }
            let read = match &mut self.body {
                Some(body) => body.read(buffer),
                None => Err(io::ErrorKind::ConnectionAborted.into()),
            };
            match read {
                Ok(0) if self.len.is_some() => self.mend(io::ErrorKind::UnexpectedEof.into())?,
                Ok(len) => {
                    self.position += len as u64;
                    self.breaks = 0;
                    return Ok(len);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => return Err(error),
                Err(error) => self.mend(error)?,
            }
        }
    }
}

impl fmt::Debug for Download {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Download")
            .field("place", &self.place)
            .field("position", &self.position)
            .finish_non_exhaustive()
    }
}
