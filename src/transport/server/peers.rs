//! How many connections each peer has, and how many of its streams were not authentic.
//!
//! The table is bounded: peers without a connection are remembered for as long as their failures count,
//! and no more than [`REMEMBERED`] of them; then the one whose count is oldest is forgotten.

use core::net::IpAddr;
use core::time::Duration;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use super::{ServerLimits, TurnedAway};
use crate::transport::link::Connection;

/// So many peers that are not here are remembered.
const REMEMBERED: usize = 4096;

/// What counts as one peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::transport) enum PeerKey {
    /// An IPv4 address, also in its IPv6 form.
    V4([u8; 4]),
    /// The first 64 bits of an IPv6 address: the rest is the customer's own.
    V6([u8; 8]),
    /// A link without addresses. Only the limits on all connections hold for it.
    Unknown,
}

impl PeerKey {
    pub(in crate::transport) fn of(connection: &Connection) -> Self {
        connection.address.map_or(Self::Unknown, Self::of_address)
    }

    pub(in crate::transport) fn of_address(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self::V4(address.octets()),
            IpAddr::V6(address) => {
                let mut prefix = [0; 8];
                prefix.copy_from_slice(&address.octets()[..8]);
                Self::V6(prefix)
            }
        }
    }

    pub(in crate::transport) const fn is_known(self) -> bool {
        !matches!(self, Self::Unknown)
    }
}

#[derive(Debug)]
pub(in crate::transport) struct Peers {
    limits: Limits,
    table: Mutex<Table>,
}

#[derive(Debug, Clone, Copy)]
struct Limits {
    connections: usize,
    per_peer: usize,
    failures: u32,
    window: Duration,
}

#[derive(Debug, Default)]
struct Table {
    connections: usize,
    peers: HashMap<PeerKey, Peer>,
}

#[derive(Debug, Default)]
struct Peer {
    connections: usize,
    failures: u32,
    /// When the first of these failures was; when the last one was that the peer may make.
    since: Option<Instant>,
}

impl Peer {
    /// Forgets what is too long ago, and tells whether nothing is left to remember.
    fn refresh(&mut self, now: Instant, window: Duration) -> bool {
        if self
            .since
            .is_some_and(|since| now.duration_since(since) >= window)
        {
            (self.failures, self.since) = (0, None);
        }
        self.connections == 0 && self.since.is_none()
    }
}

impl Table {
    fn enter(&mut self, key: PeerKey, now: Instant, limits: Limits) -> Result<(), TurnedAway> {
        if self.is_barred(key, now, limits) {
            return Err(TurnedAway::Failures);
        }
        if self.connections >= limits.connections {
            return Err(TurnedAway::Full);
        }
        if key.is_known() {
            let peer = self.peers.entry(key).or_default();
            if peer.connections >= limits.per_peer {
                return Err(TurnedAway::PeerFull);
            }
            peer.connections += 1;
        }
        self.connections += 1;
        Ok(())
    }

    fn leave(&mut self, key: PeerKey, now: Instant, limits: Limits) {
        self.connections -= 1;
        if let Some(peer) = self.peers.get_mut(&key) {
            peer.connections -= 1;
            if peer.refresh(now, limits.window) {
                self.peers.remove(&key);
            }
        }
    }

    fn is_barred(&mut self, key: PeerKey, now: Instant, limits: Limits) -> bool {
        let Some(peer) = self.peers.get_mut(&key) else {
            return false;
        };
        if peer.refresh(now, limits.window) {
            self.peers.remove(&key);
            return false;
        }
        peer.failures >= limits.failures && peer.since.is_some()
    }

    fn failed(&mut self, key: PeerKey, now: Instant, limits: Limits) {
        if !key.is_known() {
            return;
        }
        let peer = self.peers.entry(key).or_default();
        peer.refresh(now, limits.window);
        peer.failures = peer.failures.saturating_add(1);
        if peer.since.is_none() || peer.failures == limits.failures {
            peer.since = Some(now);
        }
        self.forget(now, limits);
    }

    /// Keeps the table small.
    fn forget(&mut self, now: Instant, limits: Limits) {
        if self.peers.len() <= limits.connections.saturating_add(REMEMBERED) {
            return;
        }
        self.peers
            .retain(|_, peer| !peer.refresh(now, limits.window));
        let away = self.peers.iter().filter(|(_, peer)| peer.connections == 0);
        if self.peers.len() > limits.connections.saturating_add(REMEMBERED)
            && let Some((&oldest, _)) = away.min_by_key(|(_, peer)| peer.since)
        {
            self.peers.remove(&oldest);
        }
    }
}

impl Peers {
    pub(in crate::transport) fn new(limits: &ServerLimits) -> Self {
        Self {
            limits: Limits {
                connections: limits.connections,
                per_peer: limits.per_peer,
                failures: limits.failures.max(1),
                window: limits.failure_window,
            },
            table: Mutex::default(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        // Every change is whole before anything can panic.
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets a peer's connection in, or says why not.
    pub(in crate::transport) fn enter(self: &Arc<Self>, key: PeerKey) -> Result<Guest, TurnedAway> {
        self.lock().enter(key, Instant::now(), self.limits)?;
        Ok(Guest {
            peers: Arc::clone(self),
            key,
        })
    }

    /// Tells whether a peer has made as many failures as it may.
    pub(in crate::transport) fn is_barred(&self, key: PeerKey) -> bool {
        self.lock().is_barred(key, Instant::now(), self.limits)
    }

    /// Counts a failure.
    pub(in crate::transport) fn failed(&self, key: PeerKey) {
        self.lock().failed(key, Instant::now(), self.limits);
    }
}

/// A connection that counts for its peer until this is dropped.
pub(in crate::transport) struct Guest {
    peers: Arc<Peers>,
    key: PeerKey,
}

impl Drop for Guest {
    fn drop(&mut self) {
        let limits = self.peers.limits;
        self.peers.lock().leave(self.key, Instant::now(), limits);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits {
        connections: 5,
        per_peer: 2,
        failures: 3,
        window: Duration::from_mins(10),
    };

    fn v4(number: u8) -> PeerKey {
        PeerKey::of_address([192, 0, 2, number].into())
    }

    #[test]
    fn a_customer_is_one_peer() {
        let of = |text: &str| PeerKey::of_address(text.parse().unwrap());
        assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:2:ffff::9"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_eq!(of("::ffff:192.0.2.7"), v4(7));
        assert_ne!(v4(7), v4(8));
    }

    #[test]
    fn connections_are_counted_for_each_peer_and_for_all() {
        let (mut table, now) = (Table::default(), Instant::now());
        for key in [v4(1), v4(1), v4(2), v4(2)] {
            table.enter(key, now, LIMITS).unwrap();
        }
        assert_eq!(table.enter(v4(1), now, LIMITS), Err(TurnedAway::PeerFull));
        table.enter(PeerKey::Unknown, now, LIMITS).unwrap();
        assert_eq!(table.enter(v4(3), now, LIMITS), Err(TurnedAway::Full));
        table.leave(v4(1), now, LIMITS);
        table.enter(v4(1), now, LIMITS).unwrap();
        for key in [v4(1), v4(1), v4(2), v4(2), PeerKey::Unknown] {
            table.leave(key, now, LIMITS);
        }
        assert!(table.peers.is_empty() && table.connections == 0);
    }

    #[test]
    fn who_fails_too_often_is_barred_for_a_while() {
        let (mut table, start) = (Table::default(), Instant::now());
        let after = |seconds| start + Duration::from_secs(seconds);
        table.failed(v4(1), after(0), LIMITS);
        table.failed(v4(1), after(500), LIMITS);
        // The first window is over, and with it the two.
        table.failed(v4(1), after(600), LIMITS);
        table.failed(v4(1), after(601), LIMITS);
        assert!(!table.is_barred(v4(1), after(601), LIMITS));
        table.failed(v4(1), after(1100), LIMITS);
        assert_eq!(
            table.enter(v4(1), after(1100), LIMITS),
            Err(TurnedAway::Failures)
        );
        assert!(!table.is_barred(v4(2), after(1100), LIMITS));
        assert!(table.is_barred(v4(1), after(1699), LIMITS));
        assert!(!table.is_barred(v4(1), after(1700), LIMITS));
        assert!(table.peers.is_empty());
    }

    #[test]
    fn the_table_stays_small_and_the_oldest_is_forgotten() {
        let (mut table, now) = (Table::default(), Instant::now());
        let key = |number: u32| PeerKey::of_address(number.to_be_bytes().into());
        for number in 0..20_000 {
            table.failed(
                key(number),
                now + Duration::from_millis(number.into()),
                LIMITS,
            );
            assert!(table.peers.len() <= REMEMBERED + LIMITS.connections);
        }
        assert!(table.peers.contains_key(&key(19_999)));
        assert!(!table.peers.contains_key(&key(0)));
    }
}
