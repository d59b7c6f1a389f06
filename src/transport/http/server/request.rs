//! What a request is, apart from its body.

use core::net::SocketAddr;

use axum::extract::{ConnectInfo, OriginalUri};
use axum::http::header::{ACCEPT, CONTENT_LENGTH, EXPECT};
use axum::http::{HeaderMap, Method, request};

use super::problem::{self, Problem};
use super::service::Caller;
use crate::transport::http::RECEIPT_TYPE;

/// The head of a request, with what the layers around the router have added.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) method: Method,
    pub(super) headers: HeaderMap,
    pub(super) caller: Caller,
    pub(super) query: Option<String>,
    /// The path as the client sees it, as far as this program knows.
    path: String,
}

impl Asked {
    pub(super) fn of(head: request::Parts) -> Self {
        let original = head
            .extensions
            .get::<OriginalUri>()
            .map_or(&head.uri, |OriginalUri(uri)| uri);
        let peer = head
            .extensions
            .get::<ConnectInfo<SocketAddr>>()
            .map(|ConnectInfo(peer)| *peer);
        let shown = peer.map_or_else(|| "a peer".to_owned(), |peer| peer.to_string());
        Self {
            path: original.path().to_owned(),
            query: original.query().map(str::to_owned),
            caller: Caller::new(peer.map(|peer| peer.ip()), shown),
            method: head.method,
            headers: head.headers,
        }
    }

    /// A reference to something below the place that was asked for. It is relative, so that it holds behind a proxy that
    /// shows this server under another name.
    pub(super) fn below(&self, what: &str) -> String {
        match self.path.rsplit_once('/') {
            Some((_, "")) | None => what.to_owned(),
            Some((_, last)) => format!("{last}/{what}"),
        }
    }

    /// The length of the body, where it is said.
    pub(super) fn body_len(&self) -> Result<Option<u64>, Problem> {
        let Some(text) = self.headers.get(CONTENT_LENGTH) else {
            return Ok(None);
        };
        let len = text.to_str().ok().and_then(|text| text.parse().ok());
        len.map(Some).ok_or(problem::NO_LENGTH)
    }

    /// Tells whether the client waits to hear that its body is wanted.
    pub(super) fn expects_continue(&self) -> bool {
        self.headers.contains_key(EXPECT)
    }

    /// Tells whether the client takes a receipt as the answer.
    pub(super) fn takes_receipt(&self) -> bool {
        let accepts = self.headers.get_all(ACCEPT);
        accepts.iter().any(|value| {
            value
                .to_str()
                .is_ok_and(|value| value.contains(RECEIPT_TYPE))
        })
    }
}

/// The value of a word in a query string.
pub(super) fn word<'a>(query: &'a str, name: &str) -> Option<&'a str> {
    query
        .split('&')
        .find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    #[test]
    fn references_are_relative() {
        let below = |uri: &str| {
            let (head, ()) = Request::builder().uri(uri).body(()).unwrap().into_parts();
            Asked::of(head).below("uploads/x")
        };
        assert_eq!(below("/"), "uploads/x");
        assert_eq!(below("/images/"), "uploads/x");
        assert_eq!(below("/images"), "images/uploads/x");
        assert_eq!(below("/a/images?q=1/2"), "images/uploads/x");
    }

    #[test]
    fn queries_are_read() {
        assert_eq!(word("a=1&after=xyz", "after"), Some("xyz"));
        assert_eq!(word("afterwards=1", "after"), None);
    }
}
