//! Whole streams: PUT takes one, GET and HEAD give one back or a part of it, and a listing says which there are.

use std::io;
use std::sync::Arc;

use axum::body::Body;
use axum::http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, LOCATION,
};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::intake;
use super::name::UploadName;
use super::problem::{self, Problem};
use super::reading;
use super::request::{Asked, word};
use super::service::HttpService;
use super::shelf::OnShelf;
use super::uploads::{answer_with, put};
use crate::trace;
use crate::transport::http::STREAM_TYPE;
use crate::transport::http::hex::{hex, parse_id};
use crate::transport::http::range::{Wanted, content_range, wanted};
use crate::transport::receipt::{Receipt, Verdict};

type Answer = Result<Response, Problem>;

/// How many streams one listing names; there is another one behind the last.
const PAGE: usize = 1000;

/// PUT: one whole stream. The name in the URL is nobody's business: a stream is kept under its own.
pub(super) async fn take(service: &Arc<HttpService>, asked: &Asked, body: &mut Body) -> Answer {
    service.admit(&asked.caller)?;
    let said = asked.body_len()?;
    let most = service.most_bytes();
    if said.is_some_and(|said| said > most) {
        return Err(problem::TOO_LARGE);
    }
    let name = UploadName::nameless(said).map_err(|_| problem::FAILED)?;
    let turn = service.slots.take(&name).await.ok_or(problem::BUSY)?;
    let part = service.parts.claim(&name.to_string())?;
    trace::upload_begun(&asked.caller.shown, said);
    let room = said.unwrap_or(most);
    let taken = intake::take(body, part, room, &service.limits, &turn, &service.ending).await?;
    let broke_off = said.is_some_and(|said| said != taken.part.len());
    let problem = match taken.problem {
        Some(problem::BEHIND_END) => Some(problem::TOO_LARGE),
        None if broke_off => Some(problem::BROKEN),
        problem => problem,
    };
    // Nobody knows its name, so that nobody can go on with it.
    if let Some(problem) = problem {
        taken.part.remove();
        return Err(problem);
    }
    trace::upload_whole(&asked.caller.shown, taken.part.len());
    drop(taken.part);
    let judged = service.judge(&name, turn, &asked.caller, false).await;
    if judged.is_err() {
        service.parts.claim(&name.to_string())?.remove();
    }
    let receipt = judged?;
    let status = match receipt.verdict {
        Verdict::AcceptedBefore => StatusCode::OK,
        _ => StatusCode::CREATED,
    };
    let mut response = answer_with(&receipt, status)?;
    if service.depot.shelf().is_some() {
        put(
            response.headers_mut(),
            LOCATION.as_str(),
            &format!("{}.secimg", hex(&receipt.transfer_id)),
        );
    }
    Ok(response)
}

/// GET and HEAD of a stream that is kept, by its transfer id.
pub(super) async fn give(service: &Arc<HttpService>, asked: &Asked, name: &str) -> Answer {
    if !matches!(asked.method, Method::GET | Method::HEAD) {
        return Err(Problem::not_allowed("GET, HEAD, PUT"));
    }
    let (id, OnShelf { file, len, etag }) = find(service, name).await?;
    let (status, range) = match wanted(&asked.headers, &etag, len) {
        Wanted::Whole => (StatusCode::OK, 0..len),
        Wanted::Part(range) => (StatusCode::PARTIAL_CONTENT, range),
        Wanted::Outside => (StatusCode::RANGE_NOT_SATISFIABLE, 0..0),
        Wanted::Unchanged => (StatusCode::NOT_MODIFIED, 0..0),
        Wanted::Changed => return Err(problem::CHANGED),
    };
    let mut response = status.into_response();
    let headers = response.headers_mut();
    put(headers, ETAG.as_str(), &etag);
    put(headers, ACCEPT_RANGES.as_str(), "bytes");
    put(headers, CACHE_CONTROL.as_str(), "no-cache");
    if status == StatusCode::RANGE_NOT_SATISFIABLE {
        put(headers, CONTENT_RANGE.as_str(), &format!("bytes */{len}"));
    }
    if range.is_empty() {
        return Ok(response);
    }
    put(headers, CONTENT_TYPE.as_str(), STREAM_TYPE);
    if status == StatusCode::PARTIAL_CONTENT {
        put(headers, CONTENT_RANGE.as_str(), &content_range(&range, len));
    }
    if asked.method == Method::HEAD {
        let len = (range.end - range.start).to_string();
        put(headers, CONTENT_LENGTH.as_str(), &len);
    } else {
        trace::served(&id, range.start, range.end);
        *response.body_mut() = reading::body(file, range);
    }
    Ok(response)
}

async fn find(service: &Arc<HttpService>, name: &str) -> Result<([u8; 32], OnShelf), Problem> {
    let id = parse_id(name.strip_suffix(".secimg").unwrap_or(name)).ok_or(problem::NOT_FOUND)?;
    let service = Arc::clone(service);
    let open = move || {
        let shelf = service.depot.shelf().ok_or(problem::NOT_FOUND)?;
        let found = shelf.open(&id).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => problem::NOT_FOUND,
            _ => problem::UNREADABLE,
        });
        Ok((id, found?))
    };
    tokio::task::spawn_blocking(open)
        .await
        .unwrap_or(Err(problem::UNREADABLE))
}

/// GET of the receipt of a stream that is kept: it says "stored", as it did when it came.
pub(super) async fn receipt(service: &Arc<HttpService>, name: &str) -> Answer {
    let (id, _) = find(service, name).await?;
    answer_with(&Receipt::stored(id), StatusCode::OK)
}

/// GET of the place itself: which streams there are, by facts that say nothing of what is in them.
pub(super) async fn list(service: &Arc<HttpService>, asked: &Asked) -> Answer {
    let after = asked
        .query
        .as_deref()
        .and_then(|query| word(query, "after"))
        .and_then(parse_id);
    let service = Arc::clone(service);
    let list = move || {
        let shelf = service.depot.shelf().ok_or(problem::NOT_FOUND)?;
        shelf.list(after, PAGE + 1).map_err(|_| problem::UNREADABLE)
    };
    let mut found = tokio::task::spawn_blocking(list)
        .await
        .unwrap_or(Err(problem::UNREADABLE))?;
    let more = found.len() > PAGE;
    found.truncate(PAGE);
    let next = found.last().filter(|_| more).map(|(id, _)| hex(id));
    let streams: Vec<_> = found
        .iter()
        .map(|(id, len)| json!({ "transfer_id": hex(id), "sealed_bytes": len }))
        .collect();
    let listing = json!({ "schema": "secimg/streams/1", "streams": streams, "next": next });
    let mut response = format!("{listing}\n").into_response();
    put(
        response.headers_mut(),
        CONTENT_TYPE.as_str(),
        "application/json",
    );
    put(response.headers_mut(), CACHE_CONTROL.as_str(), "no-cache");
    Ok(response)
}
