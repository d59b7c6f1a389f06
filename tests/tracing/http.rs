//! A journey over HTTP: accepted, refused, kept and read again in a range.

use std::io::{self, Cursor, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::thread;

use secimg::format::Limits;
use secimg::transport::http::{BlindStore, Depot, HttpHost, HttpService, Shelf, Upload};
use secimg::transport::{Outgoing, PartBudget, PartStore, Receiver, ServerLimits, Terms, deliver};
use secimg::{Image, OpenOptions, SealOptions, encrypt, inspect};
use tempfile::TempDir;

use super::{NAME, PIXELS, hex};

pub(crate) const TOLD: &[&str] = &[
    "uploading from",
    "upload begun",
    "upload goes on from",
    "upload whole",
    "upload judged",
    "request refused",
    "range served",
    "from=5 to=10",
];

struct Open;

impl Depot for Open {
    fn take(&self, upload: &mut Upload) -> io::Result<()> {
        let receiver = upload.receiver().clone();
        match receiver.receive(upload, &mut ()) {
            Ok(accepted) => drop(accepted.acknowledge(upload)),
            Err(_) => Receiver::turn_away(upload),
        }
        Ok(())
    }
}

/// Serves while something is done with its URL.
fn serving<T>(opening: &OpenOptions, depot: impl Depot, work: impl FnOnce(&str) -> T) -> T {
    let folder = TempDir::new().unwrap();
    let parts = PartStore::open(&folder.path().join("parts"), PartBudget::new()).unwrap();
    let limits = ServerLimits::new();
    let service = HttpService::new(&Receiver::new(opening), limits, parts, depot);
    let host = HttpHost::bind("http://127.0.0.1:0", Arc::new(service), None).unwrap();
    let (url, stopper) = (host.url().to_owned(), host.stopper());
    let server = thread::spawn(|| host.serve());
    let done = work(&url);
    stopper.cut();
    server.join().unwrap().unwrap();
    done
}

fn ask(url: &str, request: &str) -> String {
    let mut stream = TcpStream::connect(url.strip_prefix("http://").unwrap()).unwrap();
    let request = request.replace(
        "HTTP/1.1\r\n",
        "HTTP/1.1\r\nHost: x\r\nConnection: close\r\n",
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

/// Longer than the first piece of an upload.
fn long() -> Image {
    Image::new(PIXELS.repeat((3 << 20) / PIXELS.len())).named(NAME)
}

/// Goes through all of it, and returns what of it is a secret too: the name of an upload.
pub(crate) fn journey(sealing: &SealOptions, opening: &OpenOptions, other: &OpenOptions) -> String {
    let sealed = encrypt(&long(), sealing).unwrap();
    let outgoing = || Outgoing::new(Cursor::new(sealed.clone()), Limits::DEFAULT).unwrap();
    let name = serving(opening, Open, |url| {
        deliver(url, &mut outgoing(), &Terms::new()).unwrap();
        let begun = ask(
            url,
            "POST / HTTP/1.1\r\nTus-Resumable: 1.0.0\r\nUpload-Length: 100\r\nContent-Length: 0\r\n\r\n",
        );
        let name = begun.split("uploads/").nth(1).unwrap();
        name.split('-').next().unwrap().to_owned()
    });
    serving(other, Open, |url| {
        deliver(url, &mut outgoing(), &Terms::new()).unwrap_err();
    });
    let kept = TempDir::new().unwrap();
    let store = BlindStore::new(Shelf::new(kept.path()));
    serving(opening, store, |url| {
        // A store that cannot read confirms nothing, and keeps it.
        drop(deliver(url, &mut outgoing(), &Terms::new()));
        let id = hex(&inspect(&sealed).unwrap().header.transfer_id());
        let read = ask(
            url,
            &format!("GET /{id}.secimg HTTP/1.1\r\nRange: bytes=5-9\r\n\r\n"),
        );
        assert!(read.starts_with("HTTP/1.1 206"), "{read}");
        let missing = ask(url, "GET /nothing HTTP/1.1\r\n\r\n");
        assert!(missing.starts_with("HTTP/1.1 404"), "{missing}");
    });
    name
}
