//! Streams over HTTP and HTTPS: our server and our client, other people's, and peers that mean harm.

#![cfg(feature = "http")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking, and its helpers are part of the test"
)]

#[path = "support/say.rs"]
#[macro_use]
mod say;

#[path = "http/client.rs"]
mod client;
#[cfg(feature = "cli")]
#[path = "http/command.rs"]
mod command;
#[path = "http/curl.rs"]
mod curl;
#[path = "http/hostile.rs"]
mod hostile;
#[cfg(all(feature = "cli", unix))]
#[path = "http/killed.rs"]
mod killed;
#[path = "http/late.rs"]
mod late;
#[cfg(all(feature = "cli", target_os = "linux"))]
#[path = "http/load.rs"]
mod load;
#[path = "http/peers.rs"]
mod peers;
#[path = "http/protocol.rs"]
mod protocol;
#[cfg(feature = "cli")]
#[path = "http/running.rs"]
mod running;
#[cfg(all(feature = "cli", unix))]
#[path = "http/storing.rs"]
mod storing;
#[path = "http/support.rs"]
mod support;
#[path = "http/tls.rs"]
mod tls;
#[cfg(feature = "cli")]
#[path = "http/urls.rs"]
mod urls;
