//! Resumable uploads by tus 1.0: made by POST, looked at by HEAD, continued by PATCH, given up by DELETE.

use std::sync::Arc;

use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use base64ct::{Base64, Encoding};

use super::intake;
use super::name::UploadName;
use super::problem::{self, Problem};
use super::request::Asked;
use super::service::{HttpService, is_refusal};
use super::slots::Turn;
use crate::trace;
use crate::transport::http::{DIGEST, RECEIPT_TYPE, UPLOAD_KEY, WANT_DIGEST, tus};
use crate::transport::receipt::Receipt;

/// The longest key by which a sender finds its upload again.
const MAX_KEY: usize = 128;

type Answer = Result<Response, Problem>;

/// OPTIONS: what is spoken here.
pub(super) fn offer(service: &HttpService) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    let headers = response.headers_mut();
    put(headers, "tus-version", tus::VERSION);
    put(headers, "tus-extension", tus::EXTENSIONS);
    put(headers, "tus-max-size", &service.most_bytes().to_string());
    response
}

/// POST: a new upload, and its first piece where there is one.
pub(super) async fn create(service: &Arc<HttpService>, asked: &Asked, body: &mut Body) -> Answer {
    tus::check_version(&asked.headers)?;
    let len = tus::length(&asked.headers)?;
    service.admit(&asked.caller)?;
    if len > service.most_bytes() {
        return Err(problem::TOO_LARGE);
    }
    let (name, turn) = begin(service, asked, len).await?;
    let has_piece = tus::is_piece(&asked.headers);
    let mut answer = Progress::of(service, &name)?;
    match answer.offset {
        0 => trace::upload_begun(&asked.caller.shown, Some(len)),
        offset => trace::upload_resumed(&asked.caller.shown, offset),
    }
    if has_piece && answer.offset == 0 && answer.receipt.is_none() {
        answer = write_on(service, asked, &name, turn, 0, body).await?;
    } else if answer.offset == len && answer.receipt.is_none() {
        answer.receipt = Some(service.judge(&name, turn, &asked.caller, true).await?);
    }
    let mut response = answer.into_response(StatusCode::CREATED, asked)?;
    put(
        response.headers_mut(),
        LOCATION.as_str(),
        &asked.below(&format!("uploads/{name}")),
    );
    Ok(response)
}

/// A sender that says a key gets the upload that it began before.
async fn begin(
    service: &Arc<HttpService>,
    asked: &Asked,
    len: u64,
) -> Result<(UploadName, Turn), Problem> {
    let key = asked
        .headers
        .get(UPLOAD_KEY)
        .and_then(|key| key.to_str().ok());
    let name = match key.filter(|key| (16..=MAX_KEY).contains(&key.len())) {
        Some(key) => UploadName::of_key(key, len),
        None => UploadName::random(len).map_err(|_| problem::FAILED)?,
    };
    let turn = service.slots.take(&name).await.ok_or(problem::BUSY)?;
    if service
        .receipts
        .find(&name)
        .as_ref()
        .is_some_and(is_refusal)
    {
        // It is sent again, so perhaps something has changed.
        service.receipts.forget(&name);
    }
    if service.receipts.find(&name).is_none() {
        // A server that is started anew knows it too, though nothing came of it yet.
        service.parts.claim(&name.to_string())?.announce()?;
    }
    Ok((name, turn))
}

/// HEAD, PATCH, DELETE and OPTIONS of an upload. POST where a client cannot say the others.
pub(super) async fn at_upload(
    service: &Arc<HttpService>,
    asked: &Asked,
    name: &str,
    body: &mut Body,
) -> Answer {
    let method = overridden(asked);
    if method == Method::OPTIONS {
        return Ok(offer(service));
    }
    tus::check_version(&asked.headers)?;
    let name = UploadName::parse(name).ok_or(problem::NO_UPLOAD)?;
    match method {
        Method::HEAD => look(service, asked, &name).await,
        Method::PATCH => go_on(service, asked, &name, body).await,
        Method::DELETE => give_up(service, &name).await,
        _ => Err(Problem::not_allowed("DELETE, HEAD, OPTIONS, PATCH")),
    }
}

fn overridden(asked: &Asked) -> Method {
    let named = asked
        .headers
        .get(tus::OVERRIDE)
        .and_then(|name| Method::from_bytes(name.as_bytes()).ok());
    named
        .filter(|_| asked.method == Method::POST)
        .unwrap_or_else(|| asked.method.clone())
}

async fn look(service: &Arc<HttpService>, asked: &Asked, name: &UploadName) -> Answer {
    let _turn = service.slots.take(name).await.ok_or(problem::BUSY)?;
    let progress = Progress::of(service, name)?;
    let wants_digest = asked.headers.contains_key(WANT_DIGEST) && progress.receipt.is_none();
    let mut response = StatusCode::OK.into_response();
    let headers = response.headers_mut();
    put(headers, tus::OFFSET, &progress.offset.to_string());
    put(headers, tus::LENGTH, &name.len().to_string());
    put(headers, CACHE_CONTROL.as_str(), "no-store");
    if wants_digest {
        put(
            headers,
            DIGEST,
            &format!("sha-256=:{}:", digest(service, name).await?),
        );
    }
    Ok(response)
}

/// SHA-256 over what is here, so that a sender sees that it is its own.
async fn digest(service: &Arc<HttpService>, name: &UploadName) -> Result<String, Problem> {
    let part = service.parts.claim(&name.to_string())?;
    let hash = move || part.hash(0, part.len());
    let hashed = tokio::task::spawn_blocking(hash).await;
    Ok(Base64::encode_string(
        &hashed.map_err(|_| problem::FAILED)??,
    ))
}

async fn go_on(
    service: &Arc<HttpService>,
    asked: &Asked,
    name: &UploadName,
    body: &mut Body,
) -> Answer {
    let offset = tus::offset(&asked.headers)?;
    service.admit(&asked.caller)?;
    let turn = service.slots.take(name).await.ok_or(problem::BUSY)?;
    let mut progress = Progress::of(service, name)?;
    if offset != progress.offset {
        return Err(problem::OFFSET);
    }
    if offset > 0 {
        trace::upload_resumed(&asked.caller.shown, offset);
    }
    let room = name.len() - offset;
    if asked.body_len()?.is_some_and(|len| len > room) {
        return Err(problem::BEHIND_END);
    }
    if progress.receipt.is_none() {
        progress = write_on(service, asked, name, turn, offset, body).await?;
    }
    progress.into_response(StatusCode::NO_CONTENT, asked)
}

/// Writes a piece where the upload ends, and has it judged when it is whole.
async fn write_on(
    service: &Arc<HttpService>,
    asked: &Asked,
    name: &UploadName,
    turn: Turn,
    offset: u64,
    body: &mut Body,
) -> Result<Progress, Problem> {
    let part = service.parts.claim(&name.to_string())?;
    if part.len() != offset {
        // It went to make room for others, a moment ago.
        part.remove();
        return Err(problem::NO_UPLOAD);
    }
    let taken = intake::take(
        body,
        part,
        name.len() - offset,
        &service.limits,
        &turn,
        &service.ending,
    )
    .await?;
    let offset = taken.part.len();
    drop(taken.part);
    match taken.problem {
        // A body that is too long has more than the stream, so that it is another one.
        Some(problem) => Err(problem),
        None if offset == name.len() => {
            trace::upload_whole(&asked.caller.shown, offset);
            let receipt = service.judge(name, turn, &asked.caller, true).await?;
            Ok(Progress {
                offset,
                receipt: Some(receipt),
            })
        }
        None => Ok(Progress {
            offset,
            receipt: None,
        }),
    }
}

async fn give_up(service: &Arc<HttpService>, name: &UploadName) -> Answer {
    let _turn = service.slots.take(name).await.ok_or(problem::BUSY)?;
    Progress::of(service, name)?;
    service.receipts.forget(name);
    service.parts.claim(&name.to_string())?.remove();
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// GET of an upload's receipt. An upload that is whole and has none yet, since the server was stopped, is judged now.
pub(super) async fn receipt(service: &Arc<HttpService>, asked: &Asked, name: &str) -> Answer {
    let name = UploadName::parse(name).ok_or(problem::NO_UPLOAD)?;
    let turn = service.slots.take(&name).await.ok_or(problem::BUSY)?;
    let progress = Progress::of(service, &name)?;
    if progress.offset < name.len() {
        return Err(problem::NO_RECEIPT);
    }
    let receipt = service.judge(&name, turn, &asked.caller, true).await?;
    answer_with(&receipt, StatusCode::OK)
}

/// How far an upload is.
struct Progress {
    offset: u64,
    receipt: Option<Receipt>,
}

impl Progress {
    fn of(service: &HttpService, name: &UploadName) -> Result<Self, Problem> {
        if let Some(receipt) = service.receipts.find(name) {
            return Ok(Self {
                offset: name.len(),
                receipt: Some(receipt),
            });
        }
        let here = service.parts.len_of(&name.to_string());
        let offset = here.ok_or(problem::NO_UPLOAD)?;
        Ok(Self {
            offset,
            receipt: None,
        })
    }

    /// The protocol's own status, or the receipt for a client that takes it.
    fn into_response(self, status: StatusCode, asked: &Asked) -> Answer {
        let mut response = match &self.receipt {
            Some(receipt) if is_refusal(receipt) => return Err(problem::REFUSED),
            Some(receipt) if asked.takes_receipt() => {
                let status = if status == StatusCode::NO_CONTENT {
                    StatusCode::OK
                } else {
                    status
                };
                answer_with(receipt, status)?
            }
            _ => status.into_response(),
        };
        put(
            response.headers_mut(),
            tus::OFFSET,
            &self.offset.to_string(),
        );
        Ok(response)
    }
}

/// A receipt as an answer; a refusal says nothing but that.
pub(super) fn answer_with(receipt: &Receipt, status: StatusCode) -> Answer {
    if is_refusal(receipt) {
        return Err(problem::REFUSED);
    }
    let mut response = (status, receipt.to_bytes()).into_response();
    put(response.headers_mut(), CONTENT_TYPE.as_str(), RECEIPT_TYPE);
    Ok(response)
}

/// Sets a header to what is plain text by construction.
pub(super) fn put(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(HeaderName::from_static(name), value);
    }
}
