//! Peers that speak something else, or this protocol as nobody should.

use core::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use core::time::Duration;
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Instant;

use secimg::transport::{
    Closer, Connection, Handler, Link, Listener, Receiver, Server, ServerLimits, Visit, listen,
};

use crate::bench::Bench;
use crate::images::{Picture, seal};
use crate::process::mib;
use crate::rows::hostile::{KINDS, Material};
use crate::sessions::Chance;
use crate::table::Row;

/// Of each kind.
const PEERS: usize = 200;
/// At the same time.
const AT_ONCE: usize = 8;
/// What the receiver may read of a stranger before it refuses: the longest header and one buffer.
const EARLY: u64 = 384 << 10;
/// The longest stream. Who has the key is refused where it ends, whatever was claimed before.
pub(super) const LONGEST: u64 = 1 << 20;
/// What all of them together may cost, in KiB.
const BOUND: u64 = 64 << 10;

/// As many as are needed here, from one address.
const ARGS: &[&str] = &["--max-failures", "1000000", "--max-size", "1048576"];

pub(crate) fn run(bench: &Bench, row: &mut Row) {
    let material = Material::new(bench);
    let mut refused = 0;
    for (name, early, make) in KINDS {
        let (answered, most) = counted(bench, &|number| make(&material, number));
        refused += answered;
        row.figure(format!(
            "{name}: {answered} of {PEERS} refused, at most {most} bytes were read before"
        ));
        row.require(answered == PEERS, || {
            format!("{name}: not all were refused")
        });
        row.require(most <= *early + EARLY, || format!("{name}: refused late"));
    }
    row.figure(format!("{refused} of {} refused", PEERS * KINDS.len()));
    command(bench, &material, row);
}

/// The same against the command, for its memory.
fn command(bench: &Bench, material: &Material, row: &mut Row) {
    let received = bench.room("strangers").join("in");
    let mut receiver = bench.secimg().receive(&received, ARGS);
    let address = receiver.address().to_owned();
    let honest = |name: &str| {
        let picture = Picture::new(Some(name.to_owned()), 300_000, &mut Chance(1));
        let stream = seal(core::slice::from_ref(&picture), &bench.sealing()).bytes;
        let accepted = knock(&address, &stream) == Some(1);
        accepted && std::fs::read(received.join(name)).is_ok_and(|bytes| bytes == picture.bytes)
    };
    row.require(honest("before.raw"), || "an honest sender before".into());
    let before = receiver.memory("VmHWM");
    let answers: Vec<_> = KINDS
        .iter()
        .map(|(_, _, make)| crowd(&address, &|number| make(material, number)))
        .collect();
    let after = receiver.memory("VmHWM");
    row.require(receiver.is_running(), || "the receiver ended".into());
    row.require(honest("after.raw"), || "an honest sender after".into());
    let said = receiver.stop();
    let panics = said.matches("panicked").count() + said.matches("broke down").count();
    row.figure(format!(
        "the command: {} of {} refused, {panics} panics, peak memory {:.1} MiB before, {:.1} MiB after, bound {} MiB more",
        answers.iter().sum::<usize>(),
        PEERS * KINDS.len(),
        mib(before),
        mib(after),
        BOUND >> 10
    ));
    row.require(answers.iter().all(|answered| *answered == PEERS), || {
        format!("the command refused of each kind: {answers:?}")
    });
    row.require(panics == 0, || said.clone());
    row.require(after < before + BOUND, || format!("memory: {after} KiB"));
}

/// Sends all that a receiver takes, and returns the verdict of its answer.
fn knock(address: &str, bytes: &[u8]) -> Option<u8> {
    let mut link = TcpStream::connect(address).ok()?;
    let patience = Some(Duration::from_secs(20));
    link.set_read_timeout(patience).ok()?;
    link.set_write_timeout(patience).ok()?;
    let mut twin = link.try_clone().ok()?;
    // Whoever is refused in the middle of writing hears it all the same.
    thread::scope(|scope| {
        scope.spawn(move || twin.write_all(bytes));
        let mut answer = [0; 110];
        let read = read_answer(&mut link, &mut answer);
        let _: io::Result<()> = link.shutdown(Shutdown::Both);
        (read && answer.starts_with(b"\x89SIMR\r\n\x1A")).then_some(answer[8])
    })
}

/// A question is answered before the refusal.
fn read_answer(link: &mut TcpStream, answer: &mut [u8; 110]) -> bool {
    let mut first = [0; 8];
    if link.read_exact(&mut first).is_err() {
        return false;
    }
    if first.starts_with(b"\x89SIMH") && link.read_exact(&mut [0; 72]).is_ok() {
        return link.read_exact(answer).is_ok();
    }
    answer[..8].copy_from_slice(&first);
    link.read_exact(&mut answer[8..]).is_ok()
}

/// How many of these were refused.
fn crowd(address: &str, make: &(dyn Fn(usize) -> Vec<u8> + Sync)) -> usize {
    let (next, refused) = (AtomicUsize::new(0), AtomicUsize::new(0));
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let number = next.fetch_add(1, Ordering::Relaxed)
                    && number < PEERS
                {
                    let answer = knock(address, &make(number));
                    refused.fetch_add(usize::from(answer == Some(0)), Ordering::Relaxed);
                }
            });
        }
    });
    refused.into_inner()
}

/// A server of the library that counts what it reads of each peer before it answers.
fn counted(bench: &Bench, make: &(dyn Fn(usize) -> Vec<u8> + Sync)) -> (usize, u64) {
    let most = Arc::new(AtomicU64::new(0));
    let inner = listen("tcp://127.0.0.1:0").expect("a port");
    let url = inner.url();
    let listener = Counting {
        inner: Mutex::new(inner),
        most: Arc::clone(&most),
    };
    let limits = ServerLimits::new()
        .stream_bytes(LONGEST)
        .failures(u32::MAX, Duration::from_secs(1));
    let server = Server::new(&Receiver::new(&bench.opening()), limits);
    let stopper = server.stopper();
    let address = url.strip_prefix("tcp://").expect("tcp").to_owned();
    let refused = thread::scope(|scope| {
        let serving = scope.spawn(|| server.serve(Box::new(listener), &Refusing));
        let refused = crowd(&address, make);
        stopper.stop();
        drop(serving.join());
        refused
    });
    (refused, most.load(Ordering::Relaxed))
}

struct Refusing;

impl Handler for Refusing {
    fn visit(&self, visit: &mut Visit<'_>) {
        let receiver = visit.receiver().clone();
        if receiver.receive(visit, &mut ()).is_err() {
            Receiver::turn_away(visit);
        }
    }
}

struct Counting {
    inner: Mutex<Box<dyn Listener>>,
    most: Arc<AtomicU64>,
}

impl Listener for Counting {
    fn accept(&mut self) -> io::Result<Connection> {
        let accepted = self.inner.get_mut().expect("no panic").accept()?;
        let link = Box::new(Counted {
            inner: accepted.link,
            read: 0,
            most: Arc::clone(&self.most),
        });
        // Without an address: no limit of one peer is of interest here.
        Ok(Connection::new(link, accepted.peer))
    }

    fn waker(&self) -> Option<Closer> {
        self.inner.lock().expect("no panic").waker()
    }

    fn url(&self) -> String {
        self.inner.lock().expect("no panic").url()
    }
}

struct Counted {
    inner: Box<dyn Link>,
    read: u64,
    most: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let len = self.inner.read(buffer)?;
        self.read += len as u64;
        Ok(len)
    }
}

impl Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // The refusal, and behind it nothing counts.
        if bytes.starts_with(b"\x89SIMR") {
            self.most.fetch_max(self.read, Ordering::Relaxed);
        }
        self.inner.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl Link for Counted {
    fn finish_sending(&mut self) -> io::Result<()> {
        self.inner.finish_sending()
    }

    fn set_read_deadline(&mut self, deadline: Option<Instant>) {
        self.inner.set_read_deadline(deadline);
    }

    fn set_idle_timeout(&mut self, timeout: Option<Duration>) -> io::Result<()> {
        self.inner.set_idle_timeout(timeout)
    }

    fn closer(&self) -> Option<Closer> {
        self.inner.closer()
    }
}
