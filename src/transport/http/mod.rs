//! `http://` and `https://`: sealed streams as ordinary bodies, for servers and clients that others wrote.
//!
//! A stream is a body of the type [`STREAM_TYPE`], sent by PUT or by tus 1.0, which goes on where a connection broke, and
//! read by GET, also in ranges. What a receiver answers is a body of the type [`RECEIPT_TYPE`]. [`router`] is the server's
//! side, for an existing axum application; [`HttpHost`] serves it on a socket of its own.
//!
//! tus and not the IETF's draft of resumable uploads: it has been the same since 2016, and there are servers and
//! clients of it in every language, while the draft still changes its headers.

mod address;
mod client;
mod hex;
mod range;
mod scheme;
mod server;
mod tls;
mod tus;

pub use client::{Download, HttpClient, Remote};
pub use scheme::{Http, HttpTransport, Https};
pub use server::{BlindStore, Depot, HttpHost, HttpService, HttpStopper, Shelf, Upload, router};
pub use tls::{ClientTls, ServerTls};

/// The media type of a sealed stream.
pub const STREAM_TYPE: &str = "application/vnd.secimg";
/// The media type of a receipt.
pub const RECEIPT_TYPE: &str = "application/vnd.secimg.receipt";

/// By what a sender finds its upload again after a restart: text that only somebody with the stream can say. A server
/// that does not know this header makes a new upload.
const UPLOAD_KEY: &str = "secimg-upload-key";
/// RFC 9530: a sender wants to know what is held, and the answer.
const WANT_DIGEST: &str = "want-repr-digest";
const DIGEST: &str = "repr-digest";
