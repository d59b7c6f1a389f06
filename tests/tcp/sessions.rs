//! Seeded sessions: a stream over links that cut, change, stall and dribble, from one sender or two.

use core::time::Duration;
use std::thread;

use secimg::transport::TransportError;

use crate::faulty::Way;
use crate::house::{House, Sealed};

/// Deterministic, so that a session that fails can be run again.
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).unwrap()
    }

    pub(crate) fn one_in(&mut self, number: usize) -> bool {
        self.below(number) == 0
    }

    fn way(&mut self, len: usize, flips: bool) -> Way {
        Way {
            cut: self.one_in(2).then(|| self.below(len)),
            flip: (flips && self.one_in(2)).then(|| self.below(len)),
            loses: self.one_in(2),
            dribbles: self.one_in(3),
            stall: self.one_in(4).then(|| self.stall(len)),
        }
    }

    fn stall(&mut self, len: usize) -> (usize, Duration) {
        let micros = self.below(5000) as u64;
        (self.below(len), Duration::from_micros(micros))
    }
}

/// What became of one session, in which nothing was wrong.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Session {
    pub(crate) connections: usize,
    pub(crate) delivered: usize,
    /// Changed on the way, and refused here or there.
    pub(crate) refused: usize,
}

impl Session {
    pub(crate) const fn add(&mut self, other: Self) {
        self.connections += other.connections;
        self.delivered += other.delivered;
        self.refused += other.refused;
    }
}

/// Dribbled, interrupted, cut, late, changed and sent twice: what is stored is right, and once.
pub(crate) fn session(seed: u64, stream: &Sealed) -> Result<Session, String> {
    let mut chance = Chance(seed);
    let flips = chance.one_in(3);
    let len = stream.bytes.len();
    let plan: Vec<_> = (0..chance.below(5))
        .map(|_| (chance.way(len + 48, flips), chance.way(200, flips)))
        .collect();
    let mut house = House::new(plan);
    house.notices = false;
    let mut session = Session::default();
    // One sender, or the same one twice at the same time.
    for answer in send_at_once(&house, stream, 1 + usize::from(chance.one_in(4))) {
        match answer {
            Ok(()) => session.delivered += 1,
            Err(TransportError::Refused | TransportError::FalseReceipt) if flips => {
                session.refused += 1;
            }
            Err(error) => return Err(format!("seed {seed}: {error:?}")),
        }
    }
    house.plan.lock().unwrap().clear();
    if let Err(error) = house.send(stream) {
        return Err(format!("seed {seed}, the last time: {error:?}"));
    }
    let stored = house.stored();
    session.connections = *house.calls.lock().unwrap();
    if house.stalled() > 0 {
        return Err(format!("seed {seed}: somebody waited for nothing"));
    }
    if stored.len() == 1 && stored[0] == stream.images {
        Ok(session)
    } else {
        Err(format!("seed {seed}: stored {} times", stored.len()))
    }
}

fn send_at_once(house: &House, stream: &Sealed, senders: usize) -> Vec<Result<(), TransportError>> {
    thread::scope(|scope| {
        let senders: Vec<_> = (0..senders)
            .map(|_| scope.spawn(|| house.send(stream)))
            .collect();
        let answers = senders.into_iter().map(|sender| sender.join().unwrap());
        answers.collect()
    })
}
