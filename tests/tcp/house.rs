//! A receiver that is called over faulty links, and a stream to send there.

use core::sync::atomic::{AtomicUsize, Ordering};
use core::time::Duration;
use std::collections::VecDeque;
use std::io::{self, Cursor, ErrorKind};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

use secimg::Image;
use secimg::format::{ChunkSize, Limits};
use secimg::io::{ReadError, SealWriter};
use secimg::transport::{
    ExpectedReceipt, Link, Listener, Outgoing, PartBudget, PartStore, Receiver, ReplayWindow,
    Terms, Transport, TransportError, deliver_by,
};
use tempfile::TempDir;

use crate::faulty::{End, Way, connection};
use crate::parties::{Kept, PATIENCE, named, receiver, sealing};

/// The images of a stream, with their names.
pub(crate) type Images = Vec<(String, Vec<u8>)>;

/// A receiver that is called over links in memory.
pub(crate) struct House {
    receiver: Receiver,
    stored: Arc<Mutex<Vec<Images>>>,
    pub(crate) plan: Mutex<VecDeque<(Way, Way)>>,
    pub(crate) rooms: Mutex<Vec<JoinHandle<()>>>,
    pub(crate) parts: Arc<PartStore>,
    pub(crate) calls: Mutex<usize>,
    /// A connection that broke is known to be broken before the next one is made.
    pub(crate) notices: bool,
    stalled: Arc<Stalled>,
    _folder: TempDir,
}

/// Counts timeouts.
#[derive(Default)]
struct Stalled(AtomicUsize);

impl Stalled {
    fn notice(&self, error: &TransportError) {
        let timeout = match error {
            TransportError::HeaderTimeout | TransportError::Deadline(_) => true,
            TransportError::Connection(_, error) | TransportError::Read(ReadError::Io(error)) => {
                error.kind() == ErrorKind::TimedOut
            }
            _ => false,
        };
        self.0.fetch_add(usize::from(timeout), Ordering::SeqCst);
    }
}

impl House {
    pub(crate) fn new(plan: impl IntoIterator<Item = (Way, Way)>) -> Self {
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
            stalled: Arc::default(),
            _folder: folder,
        }
    }

    /// Delivers a stream, as often as it takes.
    pub(crate) fn send(&self, stream: &Sealed) -> Result<(), TransportError> {
        let mut outgoing = stream.outgoing();
        let broken = &mut |error: &TransportError, _| self.stalled.notice(error);
        let receipt = deliver_by(self, "", &mut outgoing, &quick(), broken)?;
        if receipt.verdict.is_accepted() {
            Ok(())
        } else {
            Err(TransportError::FalseReceipt)
        }
    }

    /// How often somebody waited in vain until its patience was over.
    pub(crate) fn stalled(&self) -> usize {
        self.stalled.0.load(Ordering::SeqCst)
    }

    /// Waits for all connections; what was stored by then is all that there will be.
    pub(crate) fn stored(&self) -> Vec<Images> {
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
        let stalled = Arc::clone(&self.stalled);
        let room = thread::spawn(move || visit(&receiver, far, &stored, &stalled));
        self.rooms.lock().unwrap().push(room);
        Ok(Box::new(near))
    }

    fn listen(&self, _: &str) -> Result<Box<dyn Listener>, TransportError> {
        unreachable!("nobody listens")
    }
}

fn visit(receiver: &Receiver, mut link: End, stored: &Mutex<Vec<Images>>, stalled: &Stalled) {
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
        Err(error) if error.is_broken_off() => stalled.notice(&error),
        Err(_) => Receiver::turn_away(&mut link),
    }
}

/// A stream of several chunks and a last, shorter one.
pub(crate) struct Sealed {
    pub(crate) bytes: Vec<u8>,
    expected: ExpectedReceipt,
    pub(crate) images: Images,
}

impl Sealed {
    pub(crate) fn new() -> Self {
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

    pub(crate) fn outgoing(&self) -> Outgoing<'_> {
        let stored = Cursor::new(self.bytes.as_slice());
        Outgoing::new(stored, Limits::DEFAULT)
            .unwrap()
            .expecting(self.expected.clone())
    }
}

pub(crate) fn quick() -> Terms {
    Terms::new()
        .pauses(Duration::ZERO, Duration::ZERO)
        .verifying(PATIENCE)
        .idle(PATIENCE)
}
