//! Floor 1: what the library tells a `tracing` subscriber (feature `tracing`).
//!
//! Everything that it ever says stands in this file, so that it can be read in one go: transfer ids and key ids, which stand
//! in the clear in every stream, numbers, and words of its own. No function here takes a name, a key, a context or a byte of
//! an image. Who answers for a peer's address is the transport: it is said as the listener gives it.
#![cfg_attr(
    not(feature = "tracing"),
    expect(
        unused_variables,
        reason = "nothing is said, and nothing is computed for it"
    )
)]

#[cfg(feature = "tracing")]
use core::fmt;

#[cfg(not(feature = "tracing"))]
macro_rules! event {
    ($($anything:tt)*) => {};
}
#[cfg(feature = "tracing")]
macro_rules! event {
    ($level:ident, $($said:tt)*) => {
        tracing::event!(target: "secimg", tracing::Level::$level, $($said)*)
    };
}

/// Bytes as lower-case hexadecimal digits.
#[cfg(feature = "tracing")]
struct Hex<'a>(&'a [u8]);

#[cfg(feature = "tracing")]
impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// A stream begins.
pub(crate) fn sealing(id: &[u8; 32], suite: &'static str, recipients: usize, signed: bool) {
    event!(DEBUG, transfer_id = %Hex(id), suite, recipients, signed, "sealing");
}

/// A checkpoint ends a chunk.
pub(crate) fn checkpoint(id: &[u8; 32], chunk: u64) {
    event!(DEBUG, transfer_id = %Hex(id), chunk, "checkpoint");
}

/// A stream has its end.
pub(crate) fn sealed(id: &[u8; 32], chunks: u64) {
    event!(INFO, transfer_id = %Hex(id), chunks, "sealed");
}

/// A key opened a header.
pub(crate) fn unlocked(id: &[u8; 32], kind: &'static str, key_id: &[u8; 16]) {
    event!(DEBUG, transfer_id = %Hex(id), kind, key_id = %Hex(key_id), "unlocked");
}

/// No key did.
pub(crate) fn not_unlocked(id: &[u8; 32], why: &'static str) {
    event!(WARN, transfer_id = %Hex(id), why, "not unlocked");
}

/// All of a stream holds.
pub(crate) fn verified(id: &[u8; 32], chunks: u64, items: usize, signed: bool) {
    event!(INFO, transfer_id = %Hex(id), chunks, items, signed, "verified");
}

/// Something of a stream does not.
pub(crate) fn refused(id: &[u8; 32], why: &'static str) {
    event!(WARN, transfer_id = %Hex(id), why, "refused");
}

/// A connection to a peer stands.
pub(crate) fn connected(scheme: &'static str) {
    event!(DEBUG, scheme, "connected");
}

/// A peer's connection was accepted.
pub(crate) fn accepted(peer: &str) {
    event!(DEBUG, peer, "connection accepted");
}

/// A peer's connection was closed at once.
pub(crate) fn turned_away(peer: &str, why: &'static str) {
    event!(WARN, peer, why, "turned away");
}

/// A header came over a connection.
pub(crate) fn header(id: &[u8; 32]) {
    event!(DEBUG, transfer_id = %Hex(id), "header received");
}

/// A stream is sent from this chunk on: 0 is the beginning.
pub(crate) fn resumed(id: &[u8; 32], chunk: u64) {
    event!(DEBUG, transfer_id = %Hex(id), chunk, "sending from");
}

/// An attempt to deliver a stream broke off; the next one comes after so many milliseconds.
pub(crate) fn broken_off(id: &[u8; 32], pause: u128) {
    event!(WARN, transfer_id = %Hex(id), pause, "broken off");
}

/// A sender asked what is here of a stream: so many whole chunks.
pub(crate) fn held(id: &[u8; 32], chunks: u64) {
    event!(DEBUG, transfer_id = %Hex(id), chunks, "held");
}

/// A connection broke, and what came of its stream is kept.
pub(crate) fn kept(id: &[u8; 32]) {
    event!(DEBUG, transfer_id = %Hex(id), "kept");
}

/// A stream is sent over HTTP from this byte on: 0 is the beginning.
#[cfg(feature = "http")]
pub(crate) fn uploading(id: &[u8; 32], byte: u64) {
    event!(DEBUG, transfer_id = %Hex(id), byte, "uploading from");
}

/// A peer begins to bring a stream over HTTP, of so many bytes where it says so. The upload's own name is a secret that it
/// shares with the server.
#[cfg(feature = "http")]
pub(crate) fn upload_begun(peer: &str, bytes: Option<u64>) {
    event!(DEBUG, peer, bytes, "upload begun");
}

/// It goes on where it was.
#[cfg(feature = "http")]
pub(crate) fn upload_resumed(peer: &str, byte: u64) {
    event!(DEBUG, peer, byte, "upload goes on from");
}

/// All of it is here.
#[cfg(feature = "http")]
pub(crate) fn upload_whole(peer: &str, bytes: u64) {
    event!(DEBUG, peer, bytes, "upload whole");
}

/// What it holds was taken or refused.
#[cfg(feature = "http")]
pub(crate) fn upload_judged(peer: &str, verdict: &'static str) {
    event!(INFO, peer, verdict, "upload judged");
}

/// A request over HTTP was answered with one of the server's own sentences.
#[cfg(feature = "http")]
pub(crate) fn request_refused(peer: &str, status: u16, why: &'static str) {
    event!(DEBUG, peer, status, why, "request refused");
}

/// These bytes of a stream that is kept are given to somebody.
#[cfg(feature = "http")]
pub(crate) fn served(id: &[u8; 32], from: u64, to: u64) {
    event!(DEBUG, transfer_id = %Hex(id), from, to, "range served");
}

/// A receipt was sent or came.
pub(crate) fn receipt(id: &[u8; 32], verdict: &'static str, sent: bool) {
    let way = if sent { "sent" } else { "received" };
    event!(INFO, transfer_id = %Hex(id), verdict, way, "receipt");
}
