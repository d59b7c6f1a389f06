//! The adapters for tokio: the same bytes, events and errors as the blocking ones, and calls that are given up halfway.

#![cfg(feature = "async")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking, its helpers too"
)]

#[macro_use]
mod support;
#[expect(dead_code, reason = "its `main` is another way in")]
#[path = "../examples/async_tcp.rs"]
mod async_tcp;
#[path = "asynchronous/frames.rs"]
mod frames;
#[path = "asynchronous/opening.rs"]
mod opening;
#[path = "asynchronous/pieces.rs"]
mod pieces;
#[path = "asynchronous/seeking.rs"]
mod seeking;
#[path = "asynchronous/writing.rs"]
mod writing;

use support::pattern;

/// The images of most tests here.
const LENS: [usize; 4] = [10_000, 0, 1, 70_000];

#[tokio::test]
async fn the_example_sends_over_real_sockets() {
    for len in [0, 1, 3_000_000] {
        let frame = pattern(len);
        let images = async_tcp::journey(frame.clone()).await.unwrap();
        assert_eq!(images, [frame]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn futures_go_to_other_threads() {
    let journeys: Vec<_> = (0..4)
        .map(|n| tokio::spawn(async_tcp::journey(pattern(n * 100_000))))
        .collect();
    for (n, journey) in journeys.into_iter().enumerate() {
        let images = journey.await.unwrap().unwrap();
        assert_eq!(images, [pattern(n * 100_000)]);
    }
}
