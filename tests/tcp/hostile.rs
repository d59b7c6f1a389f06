//! Very many connections with hostile headers, through the real server: what becomes of them, and what
//! they cost.
//!
//! `SECIMG_HOSTILE=1000000` sets how many; the ordinary number is small.

use core::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Instant;

use secimg::transport::{
    Connection, Handler, ReplayWindow, Server, ServerLimits, Stopper, TurnedAway, Visit,
};

use super::*;

/// As many connections are open at the same time.
const OPEN: usize = 64;

/// One in so many is for the RSA key, whose operation takes milliseconds.
const RSA_SHARE: u64 = 200;

/// A generator that is good enough for mischief (`SplitMix64`), so that a run can be repeated.
struct Mischief(u64);

impl Mischief {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).unwrap()
    }

    fn fill(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            *byte = self.next().to_le_bytes()[0];
        }
    }
}

/// Real streams to start from.
struct Seeds {
    raw: Vec<u8>,
    rsa: Vec<u8>,
    foreign: Vec<u8>,
}

impl Seeds {
    /// What the connection with this number sends.
    fn stream(&self, number: u64) -> Vec<u8> {
        let mut mischief = Mischief(number);
        if number.is_multiple_of(RSA_SHARE) {
            // The key id is right, so that a private-key operation is made for it.
            let mut stream = self.rsa.clone();
            stream[110 + mischief.below(200)] ^= 1;
            return stream;
        }
        match mischief.below(8) {
            0 => {
                let mut bytes = vec![0; mischief.below(6000)];
                mischief.fill(&mut bytes);
                bytes
            }
            1 => {
                // Random behind a sound beginning: CORE whole, or with its frame header only.
                let start = [8, 12, 81, 85][mischief.below(4)];
                let mut bytes = self.raw[..start].to_vec();
                bytes.resize(start + mischief.below(6000), 0);
                mischief.fill(&mut bytes[start..]);
                bytes
            }
            2 => {
                // Hostile lengths: of CORE, of RECIPIENTS, of the first entry, and the count.
                let mut bytes = self.raw.clone();
                let (at, len) = [(9, 3), (82, 3), (104, 2), (85, 1)][mischief.below(4)];
                mischief.fill(&mut bytes[at..at + len]);
                bytes
            }
            3 => self.raw[..mischief.below(self.raw.len())].to_vec(),
            4 => self.foreign.clone(),
            5 => {
                let mut bytes = self.raw.clone();
                // The wrapped key, the MAC of the block, or a chunk.
                let at = [
                    106 + mischief.below(40),
                    4149 + mischief.below(32),
                    4185 + mischief.below(4000),
                ];
                bytes[at[mischief.below(3)]] ^= 1 << mischief.below(8);
                bytes
            }
            _ => {
                let mut bytes = self.raw.clone();
                for _ in 0..=mischief.below(8) {
                    let at = mischief.below(4300);
                    bytes[at] = mischief.next().to_le_bytes()[0];
                }
                bytes
            }
        }
    }
}

/// A connection in memory, which gives a few bytes at a time.
struct Memory {
    bytes: Vec<u8>,
    at: usize,
    piece: usize,
    open: Arc<AtomicUsize>,
}

impl Read for Memory {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let len = buffer.len().min(self.piece).min(self.bytes.len() - self.at);
        buffer[..len].copy_from_slice(&self.bytes[self.at..self.at + len]);
        self.at += len;
        Ok(len)
    }
}

impl Write for Memory {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Link for Memory {
    fn finish_sending(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn set_read_deadline(&mut self, _: Option<Instant>) {}

    fn set_idle_timeout(&mut self, _: Option<Duration>) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        self.open.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Hostile peers, each with an address of its own but for every fourth, which come from one.
struct Crowd {
    seeds: Seeds,
    next: u64,
    count: u64,
    open: Arc<AtomicUsize>,
    stopper: Stopper,
}

impl Listener for Crowd {
    fn accept(&mut self) -> io::Result<Connection> {
        while self.open.load(Ordering::SeqCst) >= if self.next < self.count { OPEN } else { 1 } {
            thread::yield_now();
        }
        if self.next == self.count {
            self.stopper.stop();
            return Err(io::ErrorKind::NotConnected.into());
        }
        let number = self.next;
        self.next += 1;
        self.open.fetch_add(1, Ordering::SeqCst);
        let bytes = self.seeds.stream(number);
        let link = Memory {
            bytes,
            at: 0,
            piece: [1, 100, 4096, 1 << 20][usize::try_from(number % 7 % 4).unwrap()],
            open: Arc::clone(&self.open),
        };
        let own = u32::try_from(number).unwrap().to_be_bytes();
        let address = if number % 4 == 1 { [192, 0, 2, 1] } else { own };
        Ok(Connection::new(Box::new(link), String::new()).at(address.into()))
    }

    fn url(&self) -> String {
        "memory".to_owned()
    }
}

/// Counts what becomes of them.
#[derive(Default)]
struct Count {
    outcomes: Mutex<BTreeMap<&'static str, u64>>,
    accepted: AtomicU64,
}

impl Count {
    fn add(&self, outcome: &'static str) {
        *self.outcomes.lock().unwrap().entry(outcome).or_default() += 1;
    }
}

impl Handler for Count {
    fn visit(&self, visit: &mut Visit<'_>) {
        let receiver = visit.receiver().clone();
        let outcome = match receiver.receive(visit, &mut ()) {
            Ok(accepted) => {
                accepted.acknowledge(&mut &mut *visit).unwrap();
                self.accepted.fetch_add(1, Ordering::SeqCst);
                "accepted"
            }
            Err(TransportError::AcceptedBefore(_)) => "accepted before",
            Err(TransportError::TooManyFailures) => "too many failures, at the gate",
            // A flipped bit can make the magic of a stream that of a question.
            Err(TransportError::Resuming) => "malformed question",
            Err(TransportError::Read(ReadError::Io(error)))
                if error.kind() == io::ErrorKind::UnexpectedEof =>
            {
                "question cut off"
            }
            Err(TransportError::Read(ReadError::Open(error))) => match error {
                OpenError::Format(error) => match error.kind {
                    FormatErrorKind::NotSecimg | FormatErrorKind::TextMode => "not a stream",
                    FormatErrorKind::Truncated => "truncated",
                    _ => "malformed header",
                },
                OpenError::NoMatchingKey => "no matching key",
                OpenError::NotAuthentic(_) => "not authentic",
                other => panic!("{other:?}"),
            },
            Err(other) => panic!("{other:?}"),
        };
        Receiver::refuse(visit);
        self.add(outcome);
    }

    fn turned_away(&self, _: &str, why: TurnedAway) {
        self.add(match why {
            TurnedAway::Failures => "too many failures, at the door",
            TurnedAway::PeerFull => "too many connections from one address",
            _ => "too many connections",
        });
    }
}

/// A figure of the process in KiB, where the system tells.
fn memory(field: &str) -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(field))?;
    line.trim_start_matches(':')
        .trim()
        .strip_suffix(" kB")?
        .trim()
        .parse()
        .ok()
}

#[test]
fn hostile_headers_cost_little_and_end_nothing() {
    let count = std::env::var("SECIMG_HOSTILE").map_or(10_000, |text| text.parse().unwrap());
    let rsa = PrivateKey::generate(GenerateKind::Rsa { bits: 2048 }).unwrap();
    let image = Image::new(vec![5; 5000]);
    let seal = |options: &SealOptions| secimg::encrypt(&image, options).unwrap();
    let seeds = Seeds {
        raw: seal(&sealing()),
        rsa: seal(&SealOptions::new().recipient(rsa.public().recipient().unwrap())),
        foreign: seal(&SealOptions::new().recipient(new_key())),
    };
    let options = opening().identity(rsa.identity().unwrap());
    let window = Arc::new(ReplayWindow::in_memory(1000));
    let receiver = Receiver::new(&options).remember(Arc::clone(&window));
    let server = Server::new(&receiver, ServerLimits::new());
    let crowd = Box::new(Crowd {
        seeds,
        next: 0,
        count,
        open: Arc::new(AtomicUsize::new(0)),
        stopper: server.stopper(),
    });
    let honest = crowd.seeds.raw.clone();
    let handler = Count::default();
    let (before, started) = (memory("VmHWM"), Instant::now());
    server.serve(crowd, &handler).unwrap();
    let took = started.elapsed();
    let outcomes = handler.outcomes.lock().unwrap().clone();
    // A change that writes the byte which is there already leaves the true stream. It is stored once; from
    // then on its header is answered, whatever the chunks behind it are.
    assert!(handler.accepted.load(Ordering::SeqCst) <= 1 && window.len() <= 1);
    assert_eq!(outcomes.values().sum::<u64>(), count, "{outcomes:?}");
    for outcome in [
        "not a stream",
        "malformed header",
        "truncated",
        "no matching key",
        "not authentic",
    ] {
        assert!(outcomes.contains_key(outcome), "no {outcome}: {outcomes:?}");
    }
    // An honest sender is still received, with the same key and by the same kind of server.
    let accepted = Receiver::new(&options).receive_from(honest.as_slice(), &mut ());
    accepted.unwrap().acknowledge(&mut io::sink()).unwrap();
    say!("{count} hostile connections in {took:.1?} (SECIMG_HOSTILE sets how many): {outcomes:?}");
    if let (Some(before), Some(after)) = (before, memory("VmHWM")) {
        say!("peak memory: {before} KiB before, {after} KiB after");
        assert!(after - before < 256 << 10, "{before} to {after} KiB");
    }
}
