//! Bringing a stream: by tus 1.0 where the server speaks it, otherwise by PUT.
//!
//! A piece is never longer than the server takes, and the server answers each: so a refusal is heard soon, and what
//! is there is known after every break.

use std::io::Read;

use axum::http::header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE, EXPECT, LOCATION};
use axum::http::{HeaderMap, Method, Response, StatusCode};
use ureq::{Body, SendBody};

use super::super::address::Place;
use super::super::hex::hex;
use super::super::{DIGEST, RECEIPT_TYPE, STREAM_TYPE, UPLOAD_KEY, WANT_DIGEST, tus};
use super::begun::Begun;
use super::proof::{hash, key, parse_digest};
use super::{HttpClient, Marked, Times, header, number, problem, receipt, request, with_body};
use crate::trace;
use crate::transport::deliver::Terms;
use crate::transport::error::TransportError;
use crate::transport::outgoing::Outgoing;
use crate::transport::receipt::Receipt;

/// The first piece; proxies often take no more.
const FIRST_PIECE: u64 = 1 << 20;
/// How often in a row a piece may begin where the upload no longer ends.
const LATE: u32 = 3;
/// The longest and the shortest piece.
const LONGEST_PIECE: u64 = 64 << 20;
const SHORTEST_PIECE: u64 = 64 << 10;

const TUS: (&str, &str) = (tus::RESUMABLE, tus::VERSION);

impl HttpClient {
    /// Makes one attempt to bring a stream to a URL, going on from where an earlier one of this client, or of another with the
    /// same stream, came to; [`deliver_by`](crate::transport::deliver_by) makes attempt after attempt.
    ///
    /// A server that answers no receipt, as other people's do, has stored the stream, and nothing more is known.
    ///
    /// # Errors
    /// [`TransportError`].
    pub fn attempt(
        &self,
        url: &str,
        stream: &mut Outgoing<'_>,
        terms: &Terms,
    ) -> Result<Receipt, TransportError> {
        let base = Place::parse(url)?;
        let id = stream.transfer_id();
        let brought = match self.uploads.find(&base, &id) {
            Some(at) => self.go_on(&base, &at, stream, terms),
            None => self.begin(&base, stream, terms),
        };
        let judged = brought.and_then(|receipt| stream.judge(receipt));
        if !matches!(&judged, Err(error) if error.may_pass()) {
            // This upload is over; sent again, the stream gets another.
            self.uploads.set(None);
        }
        judged
    }

    fn begin(
        &self,
        base: &Place,
        stream: &mut Outgoing<'_>,
        terms: &Terms,
    ) -> Result<Receipt, TransportError> {
        let offer = self.ask(request(Method::OPTIONS, base, &[])?, Times::of(terms)?)?;
        stream.mark_reached();
        if !speaks_tus(offer.headers()) {
            return self.put(base, stream, terms);
        }
        if number(offer.headers(), "tus-max-size").is_some_and(|most| stream.len() > most) {
            return Err(TransportError::Http(
                413,
                ": the stream is longer than the server takes".to_owned(),
            ));
        }
        drop(offer);
        let key = key(stream).map_err(|error| TransportError::Read(error.into()))?;
        let (at, offset) = self.create(base, stream, Some(&key), terms)?;
        if offset == 0 {
            return self.send_from(&at, 0, stream, terms);
        }
        // Somebody has begun it before: with the same bytes, or this begins anew.
        if let Some((offset, Some(true))) = self.held(&at, stream, terms)? {
            return self.send_from(&at, offset, stream, terms);
        }
        let (at, _) = self.create(base, stream, None, terms)?;
        self.send_from(&at, 0, stream, terms)
    }

    /// Makes an upload, and says what of it is there.
    fn create(
        &self,
        base: &Place,
        stream: &Outgoing<'_>,
        key: Option<&str>,
        terms: &Terms,
    ) -> Result<(Place, u64), TransportError> {
        let len = stream.len().to_string();
        let mut headers = vec![
            TUS,
            (tus::LENGTH, len.as_str()),
            (CONTENT_LENGTH.as_str(), "0"),
        ];
        headers.extend(key.map(|key| (UPLOAD_KEY, key)));
        let made = self.ask(
            with_body(Method::POST, base, &headers, SendBody::none())?,
            Times::of_last(terms)?,
        )?;
        if !made.status().is_success() {
            return Err(problem(made));
        }
        let at = header(made.headers(), LOCATION.as_str());
        let at = base.follow(at.ok_or_else(|| {
            TransportError::Http(201, " and not where the upload is".to_owned())
        })?)?;
        let offset = number(made.headers(), tus::OFFSET).unwrap_or(0);
        let begun = Begun {
            base: base.clone(),
            transfer_id: stream.transfer_id(),
            at: at.clone(),
        };
        self.uploads.set(Some(begun));
        Ok((at, offset))
    }

    /// Goes on with an upload that this client has begun.
    fn go_on(
        &self,
        base: &Place,
        at: &Place,
        stream: &mut Outgoing<'_>,
        terms: &Terms,
    ) -> Result<Receipt, TransportError> {
        // Without a digest: a server that was given nothing but this stream.
        if let Some((offset, None | Some(true))) = self.held(at, stream, terms)? {
            return self.send_from(at, offset, stream, terms);
        }
        self.uploads.set(None);
        self.begin(base, stream, terms)
    }

    /// Asks how much is there, and compares its hash where the server says one. Nothing where there is no upload any more.
    fn held(
        &self,
        at: &Place,
        stream: &mut Outgoing<'_>,
        terms: &Terms,
    ) -> Result<Option<(u64, Option<bool>)>, TransportError> {
        let asked = request(Method::HEAD, at, &[TUS, (WANT_DIGEST, "sha-256=1")])?;
        let found = self.ask(asked, Times::of_last(terms)?)?;
        stream.mark_reached();
        if matches!(
            found.status(),
            StatusCode::NOT_FOUND | StatusCode::GONE | StatusCode::FORBIDDEN
        ) {
            return Ok(None);
        }
        let offset = number(found.headers(), tus::OFFSET).filter(|offset| *offset <= stream.len());
        let Some(offset) = offset.filter(|_| found.status().is_success()) else {
            return Err(problem(found));
        };
        let said = header(found.headers(), DIGEST).and_then(parse_digest);
        let same = match said {
            _ if offset == stream.len() && said.is_none() => Some(true),
            None => None,
            Some(said) => {
                let own =
                    hash(stream, offset).map_err(|error| TransportError::Read(error.into()))?;
                Some(said == own)
            }
        };
        Ok(Some((offset, same)))
    }

    /// Sends piece after piece, and waits for the receipt.
    fn send_from(
        &self,
        at: &Place,
        start: u64,
        stream: &mut Outgoing<'_>,
        terms: &Terms,
    ) -> Result<Receipt, TransportError> {
        stream.mark_resumed(start);
        trace::uploading(&stream.transfer_id(), start);
        let (mut offset, mut piece, mut late) = (start, FIRST_PIECE, 0);
        while offset < stream.len() {
            let len = piece.min(stream.len() - offset);
            let answer = self.send_piece(at, offset, len, stream, terms)?;
            match answer.status() {
                StatusCode::PAYLOAD_TOO_LARGE if piece > SHORTEST_PIECE => {
                    // A proxy's limit, perhaps; what came of the piece is asked for.
                    piece = SHORTEST_PIECE;
                    offset = self.offset_now(at, stream, terms)?;
                }
                // What was on its way when a connection broke has arrived since this one asked.
                StatusCode::CONFLICT if late < LATE => {
                    late += 1;
                    offset = self.offset_now(at, stream, terms)?;
                }
                status if status.is_success() => {
                    late = 0;
                    let taken = number(answer.headers(), tus::OFFSET).unwrap_or(offset + len);
                    if taken <= offset || taken > stream.len() {
                        return Err(TransportError::Http(
                            status.as_u16(),
                            " and an offset that cannot be".to_owned(),
                        ));
                    }
                    offset = taken;
                    piece = piece.saturating_mul(2).min(LONGEST_PIECE);
                    if offset == stream.len()
                        && let Some(receipt) = receipt(answer)?
                    {
                        return Ok(receipt);
                    }
                }
                _ => return Err(problem(answer)),
            }
        }
        self.ask_for_receipt(at, stream, terms)
    }

    fn send_piece(
        &self,
        at: &Place,
        offset: u64,
        len: u64,
        stream: &mut Outgoing<'_>,
        terms: &Terms,
    ) -> Result<Response<Body>, TransportError> {
        let (start, length) = (offset.to_string(), len.to_string());
        let headers = [
            TUS,
            (tus::OFFSET, start.as_str()),
            (CONTENT_TYPE.as_str(), tus::PIECE),
            (CONTENT_LENGTH.as_str(), length.as_str()),
            (ACCEPT.as_str(), RECEIPT_TYPE),
        ];
        let times = if offset + len == stream.len() {
            Times::of_last(terms)?
        } else {
            Times::of(terms)?
        };
        let bytes = stream
            .bytes_from(offset)
            .map_err(|error| TransportError::Read(error.into()))?;
        let mut bytes = Marked(bytes.take(len));
        self.ask(
            with_body(
                Method::PATCH,
                at,
                &headers,
                SendBody::from_reader(&mut bytes),
            )?,
            times,
        )
    }

    fn offset_now(
        &self,
        at: &Place,
        stream: &mut Outgoing<'_>,
        terms: &Terms,
    ) -> Result<u64, TransportError> {
        match self.held(at, stream, terms)? {
            Some((offset, None | Some(true))) => Ok(offset),
            _ => Err(TransportError::NoReceipt),
        }
    }

    /// Everything is there. A server that has no receipts to give has stored the stream.
    fn ask_for_receipt(
        &self,
        at: &Place,
        stream: &Outgoing<'_>,
        terms: &Terms,
    ) -> Result<Receipt, TransportError> {
        let asked = request(
            Method::GET,
            &at.below("receipt"),
            &[(ACCEPT.as_str(), RECEIPT_TYPE)],
        )?;
        let answer = self.ask(asked, Times::of_last(terms)?)?;
        match answer.status() {
            StatusCode::UNPROCESSABLE_ENTITY
            | StatusCode::LOCKED
            | StatusCode::TOO_MANY_REQUESTS => Err(problem(answer)),
            status if status.is_server_error() => Err(problem(answer)),
            _ => Ok(receipt(answer)?.unwrap_or_else(|| Receipt::stored(stream.transfer_id()))),
        }
    }

    /// One request with all of it: for servers that speak plain HTTP.
    fn put(
        &self,
        base: &Place,
        stream: &mut Outgoing<'_>,
        terms: &Terms,
    ) -> Result<Receipt, TransportError> {
        let id = stream.transfer_id();
        let name = hex(&id);
        let place = if base.is_folder() {
            base.beside(&format!("{name}.secimg"))
        } else {
            base.clone()
        };
        let length = stream.len().to_string();
        let headers = [
            (CONTENT_TYPE.as_str(), STREAM_TYPE),
            (CONTENT_LENGTH.as_str(), length.as_str()),
            (ACCEPT.as_str(), RECEIPT_TYPE),
            // Who does not want it says so before it is sent.
            (EXPECT.as_str(), "100-continue"),
        ];
        let times = Times::of_last(terms)?;
        stream.mark_resumed(0);
        trace::uploading(&id, 0);
        let mut bytes = Marked(
            stream
                .bytes_from(0)
                .map_err(|error| TransportError::Read(error.into()))?,
        );
        let answer = self.ask(
            with_body(
                Method::PUT,
                &place,
                &headers,
                SendBody::from_reader(&mut bytes),
            )?,
            times,
        )?;
        if !answer.status().is_success() {
            return Err(problem(answer));
        }
        Ok(receipt(answer)?.unwrap_or_else(|| Receipt::stored(id)))
    }
}

fn speaks_tus(headers: &HeaderMap) -> bool {
    let lists = |name, word| {
        header(headers, name)
            .is_some_and(|list: &str| list.split(',').any(|item| item.trim() == word))
    };
    lists("tus-version", tus::VERSION) && lists("tus-extension", "creation")
}
