//! What a server lets its peers take.

use core::time::Duration;
use std::thread;

#[cfg(feature = "http")]
use crate::transport::pace::Pace;

/// Bounds on what the peers of a [`Server`](super::Server) can make it spend. None of them is a secret; all
/// of them can be set.
///
/// | limit | default | why |
/// | --- | --- | --- |
/// | connections | 512 | each is a thread, an open file, and 6 KiB to 64 KiB until its key is known; systems allow 1024 files |
/// | connections of one peer | 32 | one peer cannot take all of them |
/// | header | 10 s from the connection | who only knocks keeps a place no longer than that |
/// | idle | 30 s | a line may stall, and a sender may read a slow disk |
/// | rate | 1 KiB/s over 30 s of waiting | a byte now and then keeps no place; the slowest modem is faster |
/// | failures | 10 in 10 minutes, then nothing for 10 minutes | each costs a private-key operation or a key derivation |
/// | unlocking at once | as many as there are processors | each may take up to 1 GiB (Argon2id) and all of a processor |
/// | going on | not awaited | with a number of streams, one that broke off keeps its place for so long |
/// | grace | 30 s | what runs when the server is stopped may end within it |
///
/// A peer is an IPv4 address, or the 64-bit prefix of an IPv6 address, which is what one customer gets.
#[derive(Debug, Clone)]
#[must_use]
pub struct ServerLimits {
    pub(in crate::transport) connections: usize,
    pub(in crate::transport) per_peer: usize,
    pub(in crate::transport) header_deadline: Duration,
    pub(in crate::transport) idle_timeout: Duration,
    pub(in crate::transport) min_rate: u64,
    pub(in crate::transport) rate_window: Duration,
    pub(in crate::transport) stream_bytes: Option<u64>,
    pub(in crate::transport) items: Option<usize>,
    pub(in crate::transport) failures: u32,
    pub(in crate::transport) failure_window: Duration,
    pub(in crate::transport) unlocks: usize,
    pub(in crate::transport) grace: Duration,
    pub(in crate::transport) streams: Option<u64>,
    pub(in crate::transport) resume_within: Duration,
}

impl Default for ServerLimits {
    fn default() -> Self {
        Self::new()
    }
}

impl ServerLimits {
    /// Starts with the defaults.
    pub fn new() -> Self {
        Self {
            connections: 512,
            per_peer: 32,
            header_deadline: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(30),
            min_rate: 1024,
            rate_window: Duration::from_secs(30),
            stream_bytes: None,
            items: None,
            failures: 10,
            failure_window: Duration::from_mins(10),
            unlocks: thread::available_parallelism().map_or(1, usize::from),
            grace: Duration::from_secs(30),
            streams: None,
            resume_within: Duration::ZERO,
        }
    }

    /// Sets how many connections there may be; one more is turned away.
    pub const fn connections(mut self, connections: usize) -> Self {
        self.connections = connections;
        self
    }

    /// Sets how many of them one peer may have.
    pub const fn per_peer(mut self, connections: usize) -> Self {
        self.per_peer = connections;
        self
    }

    /// Sets how long a peer may take from its connection to the end of its header.
    pub const fn header_deadline(mut self, deadline: Duration) -> Self {
        self.header_deadline = deadline;
        self
    }

    /// Sets how long a peer may be silent.
    pub const fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.idle_timeout = timeout;
        self
    }

    /// Sets how many bytes a second a peer must send after its header, averaged over each `window` of
    /// waiting for it. 0 switches the limit off.
    pub const fn min_rate(mut self, bytes_per_second: u64, window: Duration) -> Self {
        self.min_rate = bytes_per_second;
        self.rate_window = window;
        self
    }

    /// Sets the longest stream, in bytes. Without a word, what the receiver's options say.
    pub const fn stream_bytes(mut self, bytes: u64) -> Self {
        self.stream_bytes = Some(bytes);
        self
    }

    /// Sets the most items in one stream. Without a word, what the receiver's options say.
    pub const fn items(mut self, items: usize) -> Self {
        self.items = Some(items);
        self
    }

    /// Sets after how many streams that are not authentic, within `window`, a peer is turned away for as long.
    pub const fn failures(mut self, failures: u32, window: Duration) -> Self {
        self.failures = failures;
        self.failure_window = window;
        self
    }

    /// Sets how many streams may be unlocked at the same time. One peer unlocks one at a time in any case.
    pub const fn unlocks(mut self, unlocks: usize) -> Self {
        self.unlocks = unlocks;
        self
    }

    /// Sets how long running transfers may go on when the server is stopped.
    pub const fn grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }

    /// Ends the server after so many streams, good or bad. A connection is a stream, and takes one
    /// of these places, once it has sent a stream's first eight bytes; when all are taken nobody else
    /// is let in, and the server ends when they have ended.
    pub const fn streams(mut self, streams: u64) -> Self {
        self.streams = Some(streams);
        self
    }

    /// Sets how long the place of a stream whose connection broke is free for it to go on, where
    /// [`ServerLimits::streams`] counts them. Until then it has not failed.
    pub const fn resume_within(mut self, time: Duration) -> Self {
        self.resume_within = time;
        self
    }
}

#[cfg(feature = "http")]
impl ServerLimits {
    pub(in crate::transport) const fn pace(&self) -> Pace {
        Pace {
            rate: self.min_rate,
            window: self.rate_window,
        }
    }
}
