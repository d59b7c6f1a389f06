//! Going on after a break, by the library's own sender and receiver, over links whose other end is in the vector.

use core::time::Duration;
use std::io::{self, Cursor, Read, Write};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use secimg::format::Limits;
use secimg::transport::{
    Link, Listener, Outgoing, PartBudget, PartStore, Receiver, Terms, Transport, TransportError,
};

use super::file::{Vector, unhex};
use super::open::options;

/// The other end has said all that it will say.
struct Scripted {
    said: Cursor<Vec<u8>>,
    heard: Arc<Mutex<Vec<u8>>>,
}

impl Scripted {
    fn new(said: Vec<u8>) -> (Self, Arc<Mutex<Vec<u8>>>) {
        let heard = Arc::default();
        let link = Self {
            said: Cursor::new(said),
            heard: Arc::clone(&heard),
        };
        (link, heard)
    }
}

impl Read for Scripted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.said.read(buffer)
    }
}

impl Write for Scripted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.heard.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Link for Scripted {
    fn finish_sending(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn set_read_deadline(&mut self, _: Option<Instant>) {}

    fn set_idle_timeout(&mut self, _: Option<Duration>) -> io::Result<()> {
        Ok(())
    }
}

fn outgoing(vector: &Vector) -> Outgoing<'_> {
    Outgoing::new(Cursor::new(vector.stream.as_slice()), Limits::DEFAULT).unwrap()
}

/// The stream from a chunk on, with its header before it.
fn from_chunk(vector: &Vector, chunk: u64) -> Vec<u8> {
    let stream = outgoing(vector);
    let at = |chunk| usize::try_from(stream.offset_of(chunk)).unwrap();
    [&vector.stream[..at(0)], &vector.stream[at(chunk)..]].concat()
}

/// What a receiver that holds a part answers to the vector's query, and whether it accepts what follows.
pub(crate) fn received(vector: &Vector) -> (Vec<u8>, bool) {
    let folder = tempfile::tempdir().unwrap();
    let parts = PartStore::open(folder.path(), PartBudget::new()).unwrap();
    let receiver = Receiver::new(&options(vector)).resume(parts);
    let number = |line: &str| -> u64 { vector.get(line).unwrap().parse().unwrap() };
    let held = usize::try_from(outgoing(vector).offset_of(number("held-frames"))).unwrap();
    // An earlier connection, which broke.
    let (mut link, _) = Scripted::new(vector.stream[..held].to_vec());
    assert!(receiver.receive(&mut link, &mut ()).is_err());
    let query = unhex(vector.get("query").unwrap());
    let start = number("start");
    let said = [
        query.as_slice(),
        &start.to_be_bytes(),
        &from_chunk(vector, start),
    ];
    let (mut link, heard) = Scripted::new(said.concat());
    let accepted = receiver.receive(&mut link, &mut ()).is_ok();
    (heard.lock().unwrap().clone(), accepted)
}

/// Gives its one link to who connects.
struct OneLink(Mutex<Option<Scripted>>);

impl Transport for OneLink {
    fn scheme(&self) -> &'static str {
        "script"
    }

    fn connect(&self, _: &str, _: Duration) -> Result<Box<dyn Link>, TransportError> {
        Ok(Box::new(self.0.lock().unwrap().take().unwrap()))
    }

    fn listen(&self, _: &str) -> Result<Box<dyn Listener>, TransportError> {
        unreachable!("nobody listens")
    }
}

/// From which chunk on a sender goes on that hears the vector's answer, in the words of the kit.
pub(crate) fn sent(vector: &Vector) -> String {
    let (link, heard) = Scripted::new(unhex(vector.get("held-answer").unwrap()));
    let link = OneLink(Mutex::new(Some(link)));
    let mut stream = outgoing(vector).asking();
    let ended = link.deliver("", &mut stream, &Terms::new()).unwrap_err();
    let heard = heard.lock().unwrap().clone();
    let (query, rest) = heard.split_at(40);
    let id = unhex(vector.get("transfer-id").unwrap());
    assert_eq!(query, [&b"\x89SIMQ\r\n\x1a"[..], &id].concat());
    let Some((start, rest)) = rest.split_first_chunk() else {
        assert!(matches!(ended, TransportError::FalseReceipt), "{ended:?}");
        return "false".to_owned();
    };
    let start = u64::from_be_bytes(*start);
    assert!(rest == from_chunk(vector, start), "{}", vector.name);
    start.to_string()
}
