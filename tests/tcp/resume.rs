//! Streams whose connections break: they go on, arrive whole and are stored once, wherever the break was.
//!
//! The links are in memory, and break, flip, stall and dribble as a plan says. `SECIMG_EVERY_OFFSET=1` breaks at each
//! byte and not at some, `SECIMG_SESSIONS=N` runs N seeded sessions.

use core::time::Duration;
use std::collections::VecDeque;
use std::env;
use std::io::{self, Cursor, ErrorKind, Read, Write};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Instant;

use secimg::format::ChunkSize;
use secimg::transport::{
    ExpectedReceipt, Outgoing, PartBudget, PartStore, ReplayWindow, Terms, Transport, deliver_by,
};
use tempfile::TempDir;

use super::*;

/// What one direction of a connection does to the bytes that are written.
#[derive(Debug, Clone, Copy, Default)]
struct Way {
    /// After so many the connection is reset.
    cut: Option<usize>,
    /// One bit of this byte flips.
    flip: Option<usize>,
    /// What was on the way at the reset is lost, and not only what would have come.
    loses: bool,
    /// Everything is moved a few bytes at a time, with calls that are interrupted.
    dribbles: bool,
}

#[derive(Debug, Default)]
struct Queue {
    bytes: VecDeque<u8>,
    ended: bool,
    reset: bool,
}

/// One direction.
#[derive(Debug, Default)]
struct Pipe {
    queue: Mutex<Queue>,
    changed: Condvar,
}

impl Pipe {
    fn change(&self, change: impl FnOnce(&mut Queue)) {
        change(&mut self.queue.lock().unwrap());
        self.changed.notify_all();
    }
}

/// One end of a connection in memory.
struct End {
    from: Arc<Pipe>,
    to: Arc<Pipe>,
    way: Way,
    written: usize,
    calls: usize,
    deadline: Option<Instant>,
}

fn connection(there: Way, back: Way) -> (End, End) {
    let (a, b) = (Arc::new(Pipe::default()), Arc::new(Pipe::default()));
    let end = |from: &Arc<Pipe>, to: &Arc<Pipe>, way| End {
        from: Arc::clone(from),
        to: Arc::clone(to),
        way,
        written: 0,
        calls: 0,
        deadline: None,
    };
    (end(&b, &a, there), end(&a, &b, back))
}

impl End {
    fn interrupted(&mut self) -> bool {
        self.calls += 1;
        self.way.dribbles && self.calls.is_multiple_of(3)
    }

    /// Both directions, and what was on the way is lost.
    fn reset(&self) {
        for pipe in [&self.from, &self.to] {
            pipe.change(|queue| {
                queue.reset = true;
                if self.way.loses {
                    queue.bytes.clear();
                }
            });
        }
    }

    fn take(&mut self, buffer: &mut [u8], wait: bool) -> io::Result<Option<usize>> {
        let until = self.deadline.unwrap_or_else(|| Instant::now() + PATIENCE);
        let mut queue = self.from.queue.lock().unwrap();
        loop {
            let most = if self.way.dribbles { 1 } else { buffer.len() };
            let len = queue.bytes.len().min(most).min(buffer.len());
            if len > 0 || queue.ended {
                for (to, from) in buffer.iter_mut().zip(queue.bytes.drain(..len)) {
                    *to = from;
                }
                return Ok(Some(len));
            }
            if queue.reset {
                return Err(ErrorKind::ConnectionReset.into());
            }
            if !wait {
                return Ok(None);
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(ErrorKind::TimedOut.into());
            }
            queue = self.from.changed.wait_timeout(queue, left).unwrap().0;
        }
    }
}

impl Read for End {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.interrupted() {
            return Err(ErrorKind::Interrupted.into());
        }
        Ok(self.take(buffer, true)?.unwrap_or(0))
    }
}

impl Write for End {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.interrupted() {
            thread::yield_now();
            return Err(ErrorKind::Interrupted.into());
        }
        if self.to.queue.lock().unwrap().reset {
            return Err(ErrorKind::BrokenPipe.into());
        }
        let most = if self.way.dribbles {
            1 + self.calls % 700
        } else {
            bytes.len()
        };
        let room = self.way.cut.map_or(usize::MAX, |cut| cut - self.written);
        let len = bytes.len().min(most).min(room);
        if len == 0 && !bytes.is_empty() {
            self.reset();
            return Err(ErrorKind::ConnectionReset.into());
        }
        let mut sent = bytes[..len].to_vec();
        if let Some(at) = self.way.flip
            && let Some(byte) = at.checked_sub(self.written).and_then(|at| sent.get_mut(at))
        {
            *byte ^= 1 << (at % 8);
        }
        self.to.change(|queue| queue.bytes.extend(sent));
        self.written += len;
        Ok(len)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Link for End {
    fn finish_sending(&mut self) -> io::Result<()> {
        self.to.change(|queue| queue.ended = true);
        Ok(())
    }

    fn set_read_deadline(&mut self, deadline: Option<Instant>) {
        self.deadline = deadline;
    }

    fn set_idle_timeout(&mut self, _: Option<Duration>) -> io::Result<()> {
        Ok(())
    }

    fn poll_read(&mut self, buffer: &mut [u8]) -> io::Result<Option<usize>> {
        self.take(buffer, false)
    }
}

impl Drop for End {
    fn drop(&mut self) {
        // Orderly: what was sent can be read, and then there is an end.
        self.to.change(|queue| queue.ended = true);
        // Whoever writes to nobody is told.
        self.from.change(|queue| {
            if !queue.ended {
                queue.reset = true;
            }
        });
    }
}

/// The images of a stream, with their names.
type Images = Vec<(String, Vec<u8>)>;

/// A receiver that is called over links in memory.
struct House {
    receiver: Receiver,
    stored: Arc<Mutex<Vec<Images>>>,
    plan: Mutex<VecDeque<(Way, Way)>>,
    rooms: Mutex<Vec<JoinHandle<()>>>,
    parts: Arc<PartStore>,
    calls: Mutex<usize>,
    /// A connection that broke is known to be broken before the next one is made.
    notices: bool,
    _folder: TempDir,
}

impl House {
    fn new(plan: impl IntoIterator<Item = (Way, Way)>) -> Self {
        let folder = TempDir::new().unwrap();
        let parts = PartStore::open(&folder.path().join("parts"), PartBudget::new()).unwrap();
        let window = Arc::new(ReplayWindow::in_memory(100));
        Self {
            receiver: receiver().resume(Arc::clone(&parts)).remember(window),
            stored: Arc::default(),
            plan: Mutex::new(plan.into_iter().collect()),
            rooms: Mutex::default(),
            parts,
            calls: Mutex::default(),
            notices: true,
            _folder: folder,
        }
    }

    fn send(&self, stream: &Sealed) -> Result<Receipt, TransportError> {
        let mut outgoing = stream.outgoing();
        deliver_by(self, "", &mut outgoing, &quick(), &mut |_, _| {})
    }

    /// Waits for all connections; what was stored by then is all that there will be.
    fn stored(&self) -> Vec<Vec<(String, Vec<u8>)>> {
        let rooms: Vec<_> = self.rooms.lock().unwrap().drain(..).collect();
        for room in rooms {
            room.join().unwrap();
        }
        self.stored.lock().unwrap().clone()
    }
}

impl Transport for House {
    fn scheme(&self) -> &'static str {
        "memory"
    }

    fn connect(&self, _: &str, _: Duration) -> Result<Box<dyn Link>, TransportError> {
        *self.calls.lock().unwrap() += 1;
        if self.notices {
            let rooms: Vec<_> = self.rooms.lock().unwrap().drain(..).collect();
            for room in rooms {
                room.join().unwrap();
            }
        }
        let (there, back) = self.plan.lock().unwrap().pop_front().unwrap_or_default();
        let (near, far) = connection(there, back);
        let (receiver, stored) = (self.receiver.clone(), Arc::clone(&self.stored));
        let room = thread::spawn(move || visit(&receiver, far, &stored));
        self.rooms.lock().unwrap().push(room);
        Ok(Box::new(near))
    }

    fn listen(&self, _: &str) -> Result<Box<dyn Listener>, TransportError> {
        unreachable!("nobody listens")
    }
}

fn visit(receiver: &Receiver, mut link: End, stored: &Mutex<Vec<Images>>) {
    let mut kept = Kept::default();
    match receiver.receive(&mut link, &mut kept) {
        Ok(accepted) => {
            stored.lock().unwrap().push(kept.images);
            drop(accepted.acknowledge(&mut link));
            // Reads to the end, so that the receipt is not lost with a reset.
            let _: io::Result<()> = link.finish_sending();
            let _ = io::copy(&mut link, &mut io::sink());
        }
        Err(TransportError::AcceptedBefore(receipt)) => {
            Receiver::turn_away_with(&receipt, &mut link);
        }
        Err(error) if error.is_broken_off() => {}
        Err(_) => Receiver::turn_away(&mut link),
    }
}

/// A stream of several chunks and a last, shorter one.
struct Sealed {
    bytes: Vec<u8>,
    expected: ExpectedReceipt,
    images: Vec<(String, Vec<u8>)>,
}

impl Sealed {
    fn new() -> Self {
        let lengths = [9000, 0, 700];
        let image = |(number, len): (usize, usize)| {
            let bytes: Vec<u8> = (0..len)
                .map(|at| (at * 7 + at / 97 + number).to_le_bytes()[0])
                .collect();
            Image::new(bytes).named(&format!("image {number}.raw"))
        };
        let images: Vec<_> = lengths.into_iter().enumerate().map(image).collect();
        let options = sealing().chunk_size(ChunkSize::MIN);
        let mut writer = SealWriter::new(Vec::new(), &options).unwrap();
        for image in &images {
            writer
                .add_image(image.bytes.as_slice(), &image.description, None)
                .unwrap();
        }
        let (bytes, sealer) = writer.finish_with_sealer().unwrap();
        Self {
            bytes,
            expected: ExpectedReceipt::of(&sealer),
            images: named(&images),
        }
    }

    fn outgoing(&self) -> Outgoing<'_> {
        let stored = Cursor::new(self.bytes.as_slice());
        Outgoing::new(stored, Limits::DEFAULT)
            .unwrap()
            .expecting(self.expected.clone())
    }
}

fn quick() -> Terms {
    Terms::new()
        .pauses(Duration::ZERO, Duration::ZERO)
        .verifying(PATIENCE)
        .idle(PATIENCE)
}

fn cut(at: usize) -> Way {
    Way {
        cut: Some(at),
        ..Way::default()
    }
}

/// All of them, or one in so many and the last ones.
fn offsets(end: usize, step: usize) -> impl Iterator<Item = usize> {
    let step = if env::var_os("SECIMG_EVERY_OFFSET").is_some() {
        1
    } else {
        step
    };
    (0..=end).filter(move |at| at.is_multiple_of(step) || *at + 3 > end)
}

#[track_caller]
fn arrives_once(house: &House, stream: &Sealed, what: &str) {
    let receipt = house.send(stream);
    assert!(
        receipt.as_ref().is_ok_and(|r| r.verdict.is_accepted()),
        "{what}: {receipt:?}"
    );
    let stored = house.stored();
    assert!(
        stored.len() == 1 && stored[0] == stream.images,
        "{what}: {} times",
        stored.len()
    );
    assert_eq!(house.parts.keys(), [""; 0], "{what}");
}

/// A reset at an offset of the way there, and of the way back.
#[test]
fn a_connection_that_breaks_anywhere_goes_on() {
    let stream = Sealed::new();
    let mut cases = 0;
    for at in offsets(stream.bytes.len(), 61) {
        let house = House::new([(cut(at), Way::default())]);
        arrives_once(&house, &stream, &format!("cut there at {at}"));
        cases += 1;
    }
    for at in offsets(RECEIPT_LEN, 7) {
        let house = House::new([(Way::default(), cut(at))]);
        arrives_once(&house, &stream, &format!("cut back at {at}"));
        cases += 1;
    }
    say!("{cases} of {cases} resets: resumed, stored once");
}

/// The second connection breaks too: in the question, the answer, the header, and what is left of the payload.
#[test]
fn going_on_can_be_broken_as_well() {
    let stream = Sealed::new();
    let mut cases = 0;
    for first in [stream.bytes.len() - 1, stream.bytes.len() * 3 / 4] {
        for at in offsets(40 + 8 + stream.bytes.len(), 97) {
            let house = House::new([(cut(first), Way::default()), (cut(at), Way::default())]);
            arrives_once(&house, &stream, &format!("cut at {first}, then at {at}"));
            cases += 1;
        }
        for at in offsets(80 + RECEIPT_LEN, 11) {
            let house = House::new([(cut(first), Way::default()), (Way::default(), cut(at))]);
            arrives_once(
                &house,
                &stream,
                &format!("cut at {first}, then back at {at}"),
            );
            cases += 1;
        }
    }
    say!("{cases} of {cases} second resets: resumed, stored once");
}

/// What is there is not sent again.
#[test]
fn only_what_is_missing_is_sent() {
    let stream = Sealed::new();
    let mut outgoing = stream.outgoing();
    let last = usize::try_from(outgoing.offset_of(outgoing.chunks())).unwrap();
    let house = House::new([(cut(last), Way::default())]);
    deliver_by(&house, "", &mut outgoing, &quick(), &mut |_, _| {}).unwrap();
    assert_eq!(outgoing.resumed_at(), last as u64);
    assert_eq!((house.stored().len(), *house.calls.lock().unwrap()), (1, 2));
}

/// The receiver holds other bytes than the sender has: a disk that failed, or somebody who knows the stream's name.
#[test]
fn a_part_that_differs_is_not_gone_on_with() {
    let stream = Sealed::new();
    let house = House::new([(cut(stream.bytes.len() - 1), Way::default())]);
    let mut outgoing = stream.outgoing();
    let failed = house
        .connect("", PATIENCE)
        .map(|mut link| link.write_all(&stream.bytes));
    assert!(failed.unwrap().is_err());
    let rooms: Vec<_> = house.rooms.lock().unwrap().drain(..).collect();
    for room in rooms {
        room.join().unwrap();
    }
    let key = house.parts.keys().remove(0);
    let mut part = house.parts.claim(&key).unwrap();
    let whole = part.len();
    part.truncate(whole - 1).unwrap();
    part.append(b"x").unwrap();
    drop(part);
    outgoing = outgoing.asking();
    deliver_by(&house, "", &mut outgoing, &quick(), &mut |_, _| {}).unwrap();
    assert_eq!(outgoing.resumed_at(), 0);
    assert!(house.stored() == [stream.images.clone()]);
}

fn hex_literal(text: &str) -> Vec<u8> {
    let byte = |at| u8::from_str_radix(&text[at..at + 2], 16).unwrap();
    (0..text.len()).step_by(2).map(byte).collect()
}

/// Somebody who wants to go on with what is not here, or with another stream than he named.
#[test]
fn a_false_beginning_is_refused() {
    let stream = Sealed::new();
    let id = stream.outgoing().transfer_id();
    let query = [&[0x89, b'S', b'I', b'M', b'Q', 0x0D, 0x0A, 0x1A][..], &id].concat();
    let other = [&query[..8], &[7; 32]].concat();
    let beginnings = [
        (query.clone(), 1_u64.to_be_bytes()),
        (query, u64::MAX.to_be_bytes()),
        (other, 0_u64.to_be_bytes()),
    ];
    for (query, start) in beginnings {
        let house = House::new([]);
        let mut link = house.connect("", PATIENCE).unwrap();
        link.write_all(&query).unwrap();
        let mut held = [0; 80];
        link.read_exact(&mut held).unwrap();
        assert_eq!(held[8..40], query[8..]);
        assert_eq!(held[40..48], [0; 8], "nothing is held");
        let nothing =
            hex_literal("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assert_eq!(held[48..], nothing, "SHA-256 of nothing");
        let sent = link.write_all(&[&start[..], &stream.bytes].concat());
        let answer = await_receipt(&mut link, &id, None);
        assert!(
            matches!(answer, Err(TransportError::Refused)),
            "{answer:?} {sent:?}"
        );
        drop(link);
        assert!(house.stored().is_empty());
    }
}

/// Deterministic, so that a session that fails can be run again.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).unwrap()
    }

    fn one_in(&mut self, number: usize) -> bool {
        self.below(number) == 0
    }

    fn way(&mut self, len: usize, flips: bool) -> Way {
        Way {
            cut: self.one_in(2).then(|| self.below(len)),
            flip: (flips && self.one_in(2)).then(|| self.below(len)),
            loses: self.one_in(2),
            dribbles: self.one_in(3),
        }
    }
}

/// Dribbled, interrupted, cut, changed and sent twice: what is stored is right, and once.
#[test]
fn whatever_happens_on_the_way_nothing_wrong_is_stored() {
    let sessions = env::var("SECIMG_SESSIONS").map_or(300, |n| n.parse().unwrap());
    let stream = Sealed::new();
    let (mut delivered, mut refused, mut calls) = (0, 0, 0);
    for seed in 0..sessions {
        let mut chance = Chance(seed);
        let flips = chance.one_in(3);
        let len = stream.bytes.len();
        let plan: Vec<_> = (0..chance.below(5))
            .map(|_| (chance.way(len + 48, flips), chance.way(200, flips)))
            .collect();
        let mut house = House::new(plan);
        house.notices = false;
        // One sender, or the same one twice at the same time.
        let answers = thread::scope(|scope| {
            let senders: Vec<_> = (0..=usize::from(chance.one_in(4)))
                .map(|_| scope.spawn(|| house.send(&stream)))
                .collect();
            senders
                .into_iter()
                .map(|s| s.join().unwrap())
                .collect::<Vec<_>>()
        });
        for answer in answers {
            match answer {
                Ok(receipt) => {
                    assert!(receipt.verdict.is_accepted(), "seed {seed}");
                    delivered += 1;
                }
                // What was changed on the way is refused here or there.
                Err(TransportError::Refused | TransportError::FalseReceipt) if flips => {
                    refused += 1;
                }
                Err(error) => panic!("seed {seed}: {error:?}"),
            }
        }
        house.plan.lock().unwrap().clear();
        let again = house.send(&stream);
        assert!(again.is_ok_and(|r| r.verdict.is_accepted()), "seed {seed}");
        let stored = house.stored();
        assert!(
            stored.len() == 1 && stored[0] == stream.images,
            "seed {seed}: {} times",
            stored.len()
        );
        calls += *house.calls.lock().unwrap();
    }
    say!(
        "{sessions} sessions, {calls} connections: {delivered} delivered, {refused} changed on the way and refused, 0 wrong"
    );
}
