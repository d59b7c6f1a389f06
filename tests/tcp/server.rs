//! Many peers at once, hostile ones among them.

use core::net::IpAddr;
use core::sync::atomic::{AtomicUsize, Ordering};
use std::net::TcpStream;
use std::sync::Mutex;
use std::thread::JoinHandle;

use secimg::crypto::Cek;
use secimg::format::{KeyId, RecipientType, Salt};
use secimg::keys::{Identity, KeyError, Recipient, UnwrapContext};
use secimg::transport::{
    Connection, Ended, Handler, Server, ServerLimits, Stopper, TurnedAway, Visit,
};

use super::*;

/// Keeps what arrives, and what does not.
#[derive(Debug, Default)]
pub(crate) struct Keeper {
    pub(crate) images: Mutex<Vec<(String, Vec<u8>)>>,
    pub(crate) errors: Mutex<Vec<TransportError>>,
    pub(crate) turned_away: Mutex<Vec<TurnedAway>>,
    pub(crate) before: AtomicUsize,
    /// How many images have begun.
    begun: AtomicUsize,
    /// An image called `bomb` is the end of its thread.
    panics: bool,
}

impl Handler for Keeper {
    fn visit(&self, visit: &mut Visit<'_>) {
        let receiver = visit.receiver().clone();
        let mut noticed = Noticed(Kept::default(), &self.begun);
        let outcome = receiver.receive(visit, &mut noticed);
        let kept = noticed.0;
        match outcome {
            Ok(accepted) => {
                let bomb = |(name, _): &(String, Vec<u8>)| self.panics && name == "bomb";
                assert!(
                    !kept.images.iter().any(bomb),
                    "this panic is part of the test"
                );
                self.images.lock().unwrap().extend(kept.images);
                accepted.acknowledge(&mut &mut *visit).unwrap();
            }
            Err(TransportError::AcceptedBefore(receipt)) => {
                self.before.fetch_add(1, Ordering::SeqCst);
                Receiver::turn_away_with(&receipt, visit);
            }
            Err(error) => {
                Receiver::refuse(visit);
                self.errors.lock().unwrap().push(error);
            }
        }
    }

    fn turned_away(&self, _: &str, why: TurnedAway) {
        self.turned_away.lock().unwrap().push(why);
    }
}

/// Counts the images that have begun.
struct Noticed<'a>(Kept, &'a AtomicUsize);

impl ItemSink for Noticed<'_> {
    fn item(&mut self, manifest: &Authentic<Manifest>) -> io::Result<()> {
        self.1.fetch_add(1, Ordering::SeqCst);
        self.0.item(manifest)
    }

    fn data(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.data(bytes)
    }

    fn item_end(&mut self, item: &Authentic<ItemReport>) -> io::Result<()> {
        self.0.item_end(item)
    }
}

/// A server in the background.
pub(crate) struct Running {
    pub(crate) url: String,
    pub(crate) keeper: Arc<Keeper>,
    pub(crate) stopper: Stopper,
    thread: JoinHandle<Ended>,
}

impl Running {
    pub(crate) fn start(receiver: &Receiver, limits: ServerLimits) -> Self {
        Self::with(receiver, limits, Keeper::default())
    }

    fn with(receiver: &Receiver, limits: ServerLimits, keeper: Keeper) -> Self {
        let server = Server::new(receiver, limits);
        let (listener, url) = loopback();
        let keeper = Arc::new(keeper);
        let stopper = server.stopper();
        let handler = Arc::clone(&keeper);
        let thread = thread::spawn(move || server.serve(listener, handler.as_ref()).unwrap());
        Self {
            url,
            keeper,
            stopper,
            thread,
        }
    }

    pub(crate) fn end(self) -> (Ended, Arc<Keeper>) {
        (self.thread.join().unwrap(), self.keeper)
    }

    pub(crate) fn stop(self) -> Arc<Keeper> {
        self.stopper.stop();
        self.end().1
    }
}

/// Nobody is too slow for these.
pub(crate) fn patient() -> ServerLimits {
    ServerLimits::new()
        .header_deadline(PATIENCE)
        .idle_timeout(PATIENCE)
        .min_rate(0, PATIENCE)
}

/// Waits for something that happens in another thread.
#[track_caller]
pub(crate) fn until(what: &str, happened: impl Fn() -> bool) {
    for _ in 0..2000 {
        if happened() {
            return;
        }
        thread::sleep(Duration::from_millis(10));
    }
    panic!("it never happened: {what}");
}

fn refused(link: &mut dyn Link) -> bool {
    let answer = await_receipt(&mut &mut *link, &[0; 32], None);
    matches!(answer, Err(TransportError::Refused))
}

#[test]
fn twenty_senders_at_once_arrive_byte_for_byte() {
    let server = Running::start(&receiver(), patient().streams(20));
    let senders: Vec<_> = (0..20_u8)
        .map(|number| {
            let url = server.url.clone();
            thread::spawn(move || {
                let mut bytes = images(7)[usize::from(number) % 7].bytes.clone();
                bytes.push(number);
                bytes = bytes.repeat(1 + usize::from(number) / 4);
                let image = Image::new(bytes).named(&format!("{number}.raw"));
                let suite = SUITES[usize::from(number) % 2];
                let receipt = send(
                    &mut dial(&url),
                    &sealing().suite(suite),
                    core::slice::from_ref(&image),
                );
                assert_eq!(receipt.unwrap().verdict, Verdict::Accepted);
                named(&[image]).remove(0)
            })
        })
        .collect();
    let mut sent: Vec<_> = senders.into_iter().map(|s| s.join().unwrap()).collect();
    let (ended, keeper) = server.end();
    assert_eq!(ended, Ended::Counted);
    let mut arrived = core::mem::take(&mut *keeper.images.lock().unwrap());
    sent.sort();
    arrived.sort();
    assert!(sent == arrived, "{} of 20 arrived", arrived.len());
    assert!(keeper.errors.lock().unwrap().is_empty());
}

/// Silent ones, some in the middle of their header, and others that bring a little now and then.
#[test]
fn an_honest_sender_is_received_beside_idle_and_slow_ones() {
    const IDLE: usize = 30;
    const SLOW: usize = 10;
    /// The first chunk, and not the second.
    const BEGUN: usize = 70_000;
    let server = Running::start(&receiver(), patient().per_peer(IDLE + SLOW + 1));
    let header = sealed(1);
    let idle: Vec<_> = (0..IDLE)
        .map(|number| {
            let mut link = dial(&server.url);
            link.write_all(&header[..number * 100]).unwrap();
            link
        })
        .collect();
    let mut slow: Vec<_> = (0..SLOW).map(|_| (dial(&server.url), sealed(1))).collect();
    for (link, stream) in &mut slow {
        link.write_all(&stream[..BEGUN]).unwrap();
    }
    let begun = || server.keeper.begun.load(Ordering::SeqCst);
    until("the slow ones have begun", || begun() == SLOW);
    let images = images(7);
    let receipt = send(&mut dial(&server.url), &sealing(), &images).unwrap();
    assert_eq!(receipt.verdict, Verdict::Accepted);
    assert_eq!(*server.keeper.images.lock().unwrap(), named(&images));
    // The slow ones are still there, and come to their end.
    for (link, stream) in &mut slow {
        link.write_all(&stream[BEGUN..]).unwrap();
        let receipt = Receipt::read(link).unwrap().unwrap();
        assert_eq!(receipt.verdict, Verdict::Accepted);
    }
    drop(idle);
    assert_eq!(server.stop().images.lock().unwrap().len(), 7 + SLOW);
}

/// A byte now and then resets the idle timeout, and does not help.
#[test]
fn a_dripping_peer_is_cut_off() {
    let limits = patient().min_rate(1000, SHORT).streams(1);
    let server = Running::start(&receiver(), limits);
    let mut link = dial(&server.url);
    let stream = sealed(1);
    link.write_all(&stream[..10_000]).unwrap();
    let cut_off = stream[10_000..10_300].iter().any(|byte| {
        thread::sleep(Duration::from_millis(30));
        link.write_all(&[*byte]).is_err()
    });
    assert!(cut_off, "it drips for ever");
    let (_, keeper) = server.end();
    let errors = keeper.errors.lock().unwrap();
    assert!(
        matches!(errors[..], [TransportError::TooSlow(1000)]),
        "{errors:?}"
    );
}

#[test]
fn who_is_fast_enough_may_pause() {
    // A window passes between the pieces, and another one.
    let limits = patient().min_rate(1000, SHORT).streams(1);
    let server = Running::start(&receiver(), limits);
    let mut link = dial(&server.url);
    let stream = sealed(1);
    for piece in stream.chunks(20_000) {
        link.write_all(piece).unwrap();
        thread::sleep(SHORT / 3);
    }
    let (_, keeper) = server.end();
    assert_eq!(keeper.images.lock().unwrap().len(), 1);
}

#[test]
fn a_silent_relay_customer_is_cut_off_too() {
    let (mut listener, url) = loopback();
    let mut link = dial(&url);
    link.write_all(&sealed(1)[..10_000]).unwrap();
    let mut accepted = listener.accept().unwrap().link;
    let receiver = receiver().min_rate(1000, SHORT);
    let error = receiver.store(accepted.as_mut(), |_| Ok(Vec::new()));
    // The first window has its ten thousand bytes; the second has none.
    assert!(
        matches!(error, Err(TransportError::TooSlow(1000))),
        "{error:?}"
    );
}

#[test]
fn who_sends_no_header_loses_its_place() {
    let limits = patient().header_deadline(SHORT);
    let server = Running::start(&receiver(), limits);
    let mut idle = dial(&server.url);
    idle.write_all(&sealed(1)[..100]).unwrap();
    assert!(refused(idle.as_mut()));
    let keeper = server.stop();
    let errors = keeper.errors.lock().unwrap();
    assert!(
        matches!(errors[..], [TransportError::HeaderTimeout]),
        "{errors:?}"
    );
}

#[test]
fn one_peer_cannot_have_all_connections() {
    let server = Running::start(&receiver(), patient().per_peer(3));
    let idle: Vec<_> = (0..3).map(|_| dial(&server.url)).collect();
    assert!(refused(dial(&server.url).as_mut()));
    let turned_away = || server.keeper.turned_away.lock().unwrap().clone();
    until("it is said why", || turned_away() == [TurnedAway::PeerFull]);
    drop(idle);
    until("a place is free again", || {
        send(&mut dial(&server.url), &sealing(), &images(1)).is_ok()
    });
    server.stop();
}

#[test]
fn there_are_only_so_many_connections() {
    let server = Running::start(&receiver(), patient().connections(2));
    let idle: Vec<_> = (0..2).map(|_| dial(&server.url)).collect();
    assert!(refused(dial(&server.url).as_mut()));
    let turned_away = || server.keeper.turned_away.lock().unwrap().clone();
    until("it is said why", || turned_away() == [TurnedAway::Full]);
    drop(idle);
    until("a place is free again", || {
        send(&mut dial(&server.url), &sealing(), &images(1)).is_ok()
    });
    server.stop();
}

/// Counts how often it is asked to unwrap, and by how many at the same time.
#[derive(Debug)]
struct Counting {
    inner: Arc<RawKeyRecipient>,
    all: AtomicUsize,
    now: AtomicUsize,
    most: AtomicUsize,
}

impl Counting {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            inner: key(),
            all: AtomicUsize::new(0),
            now: AtomicUsize::new(0),
            most: AtomicUsize::new(0),
        })
    }
}

impl Identity for Counting {
    fn kind(&self) -> RecipientType {
        Identity::kind(self.inner.as_ref())
    }

    fn key_id(&self, salt: &Salt) -> KeyId {
        Recipient::key_id(self.inner.as_ref(), salt)
    }

    fn unwrap(&self, body: &[u8], context: UnwrapContext<'_>) -> Result<Option<Cek>, KeyError> {
        self.all.fetch_add(1, Ordering::SeqCst);
        let now = self.now.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(now, Ordering::SeqCst);
        thread::sleep(Duration::from_millis(5));
        let unwrapped = self.inner.unwrap(body, context);
        self.now.fetch_sub(1, Ordering::SeqCst);
        unwrapped
    }
}

/// A sound header whose wrapped key is not.
fn guess() -> Vec<u8> {
    let mut stream = sealed(1);
    stream[120] ^= 1;
    stream
}

#[test]
fn who_fails_too_often_is_turned_away_and_others_are_not() {
    let identity = Counting::new();
    let options = OpenOptions::new().identity(Arc::clone(&identity) as Arc<dyn Identity>);
    let limits = patient().failures(5, PATIENCE * 100);
    let server = Running::start(&Receiver::new(&options), limits);
    // All of them are there before the first is looked at.
    let links: Vec<_> = (0..20).map(|_| dial(&server.url)).collect();
    let guessers: Vec<_> = links
        .into_iter()
        .map(|mut link| {
            thread::spawn(move || {
                // A refusal in the middle may break the writing.
                let _: io::Result<()> = link.write_all(&guess());
                let _ = refused(link.as_mut());
            })
        })
        .collect();
    for guesser in guessers {
        guesser.join().unwrap();
    }
    assert_eq!(identity.all.load(Ordering::SeqCst), 5, "attempts");
    assert_eq!(identity.most.load(Ordering::SeqCst), 1, "attempts at once");
    // The true key does not help either: its address is known for guessing.
    assert!(refused(dial(&server.url).as_mut()));
    let keeper = server.stop();
    let away = keeper.turned_away.lock().unwrap();
    assert_eq!(away.last(), Some(&TurnedAway::Failures));
    // Who is slow to come is turned away at the door, the others where they would have been tried.
    let at_the_door = away.iter().filter(|why| **why == TurnedAway::Failures);
    let errors = keeper.errors.lock().unwrap();
    let late = |error: &&TransportError| matches!(error, TransportError::TooManyFailures);
    assert_eq!(
        errors.iter().filter(late).count() + at_the_door.count(),
        15 + 1
    );
}

/// Somebody else's stream costs no unwrapping, and nobody is punished for it.
#[test]
fn streams_for_others_are_no_failures() {
    let limits = patient().failures(2, PATIENCE * 100);
    let server = Running::start(&receiver(), limits);
    let other = SealOptions::new().recipient(new_key());
    for _ in 0..6 {
        let answer = send(&mut dial(&server.url), &other, &images(2));
        assert!(answer.is_err());
    }
    send(&mut dial(&server.url), &sealing(), &images(1)).unwrap();
    server.stop();
}

/// What was sealed with the key and changed on the way counts as well: it costs as much.
#[test]
fn changed_chunks_are_failures() {
    let limits = patient().failures(2, PATIENCE * 100);
    let server = Running::start(&receiver(), limits);
    let mut changed = sealed(1);
    changed[50_000] ^= 1;
    for _ in 0..2 {
        let mut link = dial(&server.url);
        let _: io::Result<()> = link.write_all(&changed);
        assert!(refused(link.as_mut()));
    }
    until("the peer is turned away", || {
        refused(dial(&server.url).as_mut())
    });
    let keeper = server.stop();
    assert!(
        keeper
            .turned_away
            .lock()
            .unwrap()
            .contains(&TurnedAway::Failures)
    );
}

/// Peers with addresses of their own, without a network.
struct Elsewhere {
    links: std::sync::mpsc::Receiver<(TcpStream, IpAddr)>,
    inner: Box<dyn Listener>,
}

impl Listener for Elsewhere {
    fn accept(&mut self) -> io::Result<Connection> {
        let (_, address) = self
            .links
            .recv()
            .map_err(|_| io::Error::from(io::ErrorKind::NotConnected))?;
        let accepted = self.inner.accept()?;
        Ok(Connection::new(accepted.link, accepted.peer).at(address))
    }

    fn url(&self) -> String {
        self.inner.url()
    }
}

#[test]
fn as_many_are_unlocked_at_once_as_may_be() {
    let identity = Counting::new();
    let options = OpenOptions::new().identity(Arc::clone(&identity) as Arc<dyn Identity>);
    let server = Server::new(&Receiver::new(&options), patient().unlocks(3).streams(24));
    let keeper = Keeper::default();
    let (inner, url) = loopback();
    let (announce, links) = std::sync::mpsc::channel();
    let listener = Box::new(Elsewhere { links, inner });
    let stream = sealed(1);
    thread::scope(|scope| {
        let (server, keeper) = (&server, &keeper);
        scope.spawn(move || server.serve(listener, keeper).unwrap());
        for number in 0..24 {
            let mut link = TcpStream::connect(url.strip_prefix("tcp://").unwrap()).unwrap();
            let twin = link.try_clone().unwrap();
            announce.send((twin, [10, 0, 0, number].into())).unwrap();
            let stream = &stream;
            scope.spawn(move || {
                link.write_all(stream).unwrap();
                let receipt = await_receipt(&mut link, &[0; 32], None);
                // It is a receipt, though not for a stream of zeros.
                assert!(
                    matches!(receipt, Err(TransportError::FalseReceipt)),
                    "{receipt:?}"
                );
            });
        }
        // This listener has no waker: it ends when nobody can come any more.
        drop(announce);
    });
    assert_eq!(identity.all.load(Ordering::SeqCst), 24);
    let most = identity.most.load(Ordering::SeqCst);
    assert!((2..=3).contains(&most), "{most} at once");
}

#[test]
fn a_panic_stays_where_it_is() {
    let keeper = Keeper {
        panics: true,
        ..Keeper::default()
    };
    let server = Running::with(&receiver(), patient(), keeper);
    let bomb = Image::new(vec![1; 100]).named("bomb");
    let answer = send(&mut dial(&server.url), &sealing(), &[bomb]);
    assert!(matches!(answer, Err(TransportError::Refused)), "{answer:?}");
    send(&mut dial(&server.url), &sealing(), &images(1)).unwrap();
    assert_eq!(server.stop().images.lock().unwrap().len(), 1);
}

#[test]
fn a_server_that_is_stopped_lets_transfers_end() {
    let server = Running::start(&receiver(), patient().grace(PATIENCE));
    let stream = sealed(9);
    let mut idle = dial(&server.url);
    let mut running = dial(&server.url);
    let half = stream.len() / 2;
    running.write_all(&stream[..half]).unwrap();
    // Who has not begun when the server is stopped has only knocked.
    for _ in 0..1000 {
        if server.keeper.begun.load(Ordering::SeqCst) > 0 {
            break;
        }
        thread::sleep(Duration::from_millis(10));
    }
    server.stopper.stop();
    // Who only knocked is closed at once, and others find nobody.
    assert!(!matches!(idle.read(&mut [0; 200]), Ok(200)));
    let late = connect(&server.url, SHORT).map(|mut link| {
        let _: io::Result<()> = link.write_all(&stream);
        await_receipt(&mut link, &[0; 32], None)
    });
    assert!(!matches!(late, Ok(Ok(_))));
    running.write_all(&stream[half..]).unwrap();
    let answer = Receipt::read(&mut running).unwrap().unwrap();
    assert_eq!(answer.verdict, Verdict::Accepted);
    let (ended, keeper) = server.end();
    assert_eq!(ended, Ended::Stopped);
    assert_eq!(keeper.images.lock().unwrap().len(), 9);
}

#[test]
fn what_does_not_end_in_time_is_cut_off() {
    for now in [false, true] {
        let server = Running::start(&receiver(), patient().grace(SHORT));
        let mut running = dial(&server.url);
        running.write_all(&sealed(2)[..60_000]).unwrap();
        send(&mut dial(&server.url), &sealing(), &images(1)).unwrap();
        if now {
            server.stopper.cut();
        } else {
            server.stopper.stop();
        }
        let (ended, keeper) = server.end();
        assert_eq!(ended, Ended::Stopped);
        let errors = keeper.errors.lock().unwrap();
        assert!(
            matches!(errors[..], [TransportError::Stopped]),
            "{errors:?}"
        );
        assert_eq!(keeper.images.lock().unwrap().len(), 1);
    }
}

#[test]
fn a_server_that_was_stopped_before_it_began_ends() {
    let server = Server::new(&receiver(), patient());
    server.stopper().stop();
    let (listener, _) = loopback();
    let ended = server.serve(listener, &Keeper::default());
    assert_eq!(ended.unwrap(), Ended::Stopped);
}

/// A place is taken with a stream's first bytes, not with its last.
#[test]
fn no_more_streams_begin_than_were_asked_for() {
    let server = Running::start(&receiver(), patient().streams(1));
    let stream = sealed(1);
    let mut knocking = dial(&server.url);
    knocking.write_all(b"\x89SIMG").unwrap();
    let mut first = dial(&server.url);
    first.write_all(&stream[..20_000]).unwrap();
    // The last place is taken, so that this one is of no use any more.
    let _: io::Result<()> = knocking.read(&mut [0; 200]).map(drop);
    let second = connect(&server.url, SHORT).map(|mut link| {
        let _: io::Result<()> = link.write_all(&stream);
        await_receipt(&mut link, &[0; 32], None)
    });
    assert!(!matches!(second, Ok(Ok(_))));
    first.write_all(&stream[20_000..]).unwrap();
    assert_eq!(
        Receipt::read(&mut first).unwrap().unwrap().verdict,
        Verdict::Accepted
    );
    let (ended, keeper) = server.end();
    assert_eq!(ended, Ended::Counted);
    assert_eq!(keeper.images.lock().unwrap().len(), 1);
}

#[test]
fn the_servers_limits_are_the_receivers() {
    let small = Running::start(&receiver(), patient().stream_bytes(50_000).streams(1));
    assert!(send(&mut dial(&small.url), &sealing(), &images(1)).is_err());
    let (_, keeper) = small.end();
    let error = keeper.errors.lock().unwrap().remove(0);
    assert_eq!(format_error(error), FormatErrorKind::CallerLimit(50_000));
    let few = Running::start(&receiver(), patient().items(2).streams(1));
    assert!(send(&mut dial(&few.url), &sealing(), &images(3)).is_err());
    let (_, keeper) = few.end();
    let error = keeper.errors.lock().unwrap().remove(0);
    assert!(matches!(open_error(error), OpenError::Content(_)));
}
