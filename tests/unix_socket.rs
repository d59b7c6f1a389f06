//! A transport that others wrote: the example of one carries streams.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking, its helpers too"
)]

#[expect(dead_code, reason = "its `main` is another way in")]
#[path = "../examples/unix_socket.rs"]
mod unix_socket;

use core::time::Duration;
use std::io::{ErrorKind, Read};
use std::time::Instant;

use secimg::transport::{Transport, TransportError};
use unix_socket::unix::{UnixSocket, journey};

#[test]
fn streams_go_through_a_unix_socket() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("a.sock");
    let images = vec![vec![1; 200_000], Vec::new(), b"third".to_vec()];
    assert_eq!(journey(&socket, &images).unwrap(), images);
    // The listener takes its socket with it, so the path can be used again.
    assert!(!socket.exists());
    assert_eq!(journey(&socket, &[]).unwrap(), [[0; 0]; 0]);
}

#[test]
fn deadlines_hold_and_closing_ends_a_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.sock");
    let path = path.to_str().unwrap();
    let mut listener = UnixSocket.listen(path).unwrap();
    assert_eq!(listener.url(), format!("unix://{path}"));
    let mut link = UnixSocket.connect(path, Duration::from_secs(1)).unwrap();
    let _peer = listener.accept().unwrap();

    link.set_idle_timeout(Some(Duration::from_millis(20)))
        .unwrap();
    let error = link.read(&mut [0; 1]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TimedOut);
    link.set_idle_timeout(None).unwrap();
    link.set_read_deadline(Some(Instant::now()));
    let error = link.read(&mut [0; 1]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TimedOut);
    link.set_read_deadline(None);
    link.closer().unwrap()();
    assert_eq!(link.read(&mut [0; 1]).unwrap(), 0);
}

#[test]
fn a_path_that_is_taken_or_that_nobody_serves_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.sock");
    let path = path.to_str().unwrap();
    let refused = UnixSocket.connect(path, Duration::from_secs(1));
    assert!(matches!(refused, Err(TransportError::Connection(..))));
    std::fs::write(path, "somebody's file").unwrap();
    let refused = UnixSocket.listen(path);
    assert!(matches!(refused, Err(TransportError::Connection(..))));
    assert_eq!(std::fs::read_to_string(path).unwrap(), "somebody's file");
}
