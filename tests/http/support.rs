//! Servers on loopback, and requests made by hand.

use core::sync::atomic::{AtomicBool, Ordering};
use core::time::Duration;
use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex, OnceLock};
use std::thread::{self, JoinHandle};

use secimg::content::Manifest;
use secimg::io::ItemSink;
use secimg::keys::{RawKeyRecipient, SymmetricKey};
use secimg::stream::Authentic;
use secimg::transport::http::{
    BlindStore, Depot, HttpHost, HttpService, HttpStopper, ServerTls, Shelf, Upload,
};
use secimg::transport::{
    Ended, Link, PartBudget, PartStore, Receipt, Receiver, ReplayWindow, ServerLimits,
    TransportError,
};
use secimg::{Image, OpenOptions, SealOptions, encrypt_series};
use tempfile::TempDir;

pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) fn key() -> Arc<RawKeyRecipient> {
    static KEY: OnceLock<Arc<RawKeyRecipient>> = OnceLock::new();
    KEY.get_or_init(|| Arc::new(RawKeyRecipient::new(SymmetricKey::generate().unwrap())))
        .clone()
}

pub(crate) fn opening() -> OpenOptions {
    OpenOptions::new().identity(key())
}

/// Images of lengths around the chunk size, as many as are asked for.
pub(crate) fn images(count: usize) -> Vec<Image> {
    let lengths = [70_001, 0, 65_536, 1, 700_000, 262_144, 65_535];
    let image = |(number, len): (usize, usize)| {
        let bytes: Vec<u8> = (0..len)
            .map(|at| (at * 31 + at / 251 + number).to_le_bytes()[0])
            .collect();
        Image::new(bytes).named(&format!("image {number}.raw"))
    };
    let lengths = lengths.into_iter().cycle().take(count);
    lengths.enumerate().map(image).collect()
}

pub(crate) fn sealed(count: usize) -> Vec<u8> {
    encrypt_series(&images(count), &SealOptions::new().recipient(key())).unwrap()
}

pub(crate) fn transfer_id(sealed: &[u8]) -> [u8; 32] {
    secimg::inspect(sealed).unwrap().header.transfer_id()
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    let digit = |digit: u8| char::from_digit(digit.into(), 16).unwrap();
    digits.map(digit).collect()
}

/// Opens what arrives and keeps it, as an application does.
#[derive(Debug, Default)]
pub(crate) struct Opened {
    pub(crate) images: Mutex<Vec<Vec<u8>>>,
    /// Takes so long for each.
    pub(crate) pause: Option<Duration>,
    pub(crate) full: Mutex<bool>,
}

#[derive(Debug, Default)]
struct Kept(Vec<Vec<u8>>);

impl ItemSink for Kept {
    fn item(&mut self, _: &Authentic<Manifest>) -> io::Result<()> {
        self.0.push(Vec::new());
        Ok(())
    }

    fn data(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.last_mut().unwrap().extend_from_slice(bytes);
        Ok(())
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Opener(pub(crate) Arc<Opened>);

impl Depot for Opener {
    fn take(&self, upload: &mut Upload) -> io::Result<()> {
        if let Some(pause) = self.0.pause {
            thread::sleep(pause);
        }
        if *self.0.full.lock().unwrap() {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let receiver = upload.receiver().clone();
        let mut kept = Kept::default();
        match receiver.receive(upload, &mut kept) {
            Ok(accepted) => {
                self.0.images.lock().unwrap().append(&mut kept.0);
                accepted.acknowledge(upload).unwrap();
            }
            Err(TransportError::AcceptedBefore(receipt)) => receipt.send(upload)?,
            Err(_) => Receiver::turn_away(upload as &mut dyn Link),
        }
        Ok(())
    }
}

/// A server in a thread, with what it keeps in a folder.
pub(crate) struct Serving {
    pub(crate) url: String,
    pub(crate) folder: TempDir,
    pub(crate) opened: Arc<Opened>,
    stopper: HttpStopper,
    thread: Option<JoinHandle<io::Result<Ended>>>,
}

/// What kind of server it is.
pub(crate) struct Kind {
    pub(crate) blind: bool,
    pub(crate) limits: ServerLimits,
    pub(crate) tls: Option<ServerTls>,
    pub(crate) opened: Opened,
    pub(crate) budget: PartBudget,
}

impl Kind {
    pub(crate) fn blind() -> Self {
        Self {
            blind: true,
            ..Self::opening()
        }
    }

    pub(crate) fn opening() -> Self {
        let limits = ServerLimits::new().idle_timeout(PATIENCE);
        Self {
            blind: false,
            limits: limits.header_deadline(PATIENCE).grace(Duration::ZERO),
            tls: None,
            opened: Opened::default(),
            budget: PartBudget::new(),
        }
    }

    pub(crate) fn serve(self) -> Serving {
        let folder = tempfile::tempdir().unwrap();
        self.serve_in(folder)
    }

    pub(crate) fn serve_in(self, folder: TempDir) -> Serving {
        let opened = Arc::new(self.opened);
        let kept = folder.path().join("kept");
        std::fs::create_dir_all(&kept).unwrap();
        let parts = PartStore::open(&folder.path().join("parts"), self.budget).unwrap();
        let window = Arc::new(ReplayWindow::in_memory(1000));
        let receiver = Receiver::new(&opening()).remember(window);
        let service = if self.blind {
            let store = BlindStore::new(Shelf::new(&kept));
            HttpService::new(&receiver, self.limits, parts, store)
        } else {
            let depot = Opener(Arc::clone(&opened));
            HttpService::new(&receiver, self.limits, parts, depot)
        };
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        let at = format!("{scheme}://127.0.0.1:0");
        let host = HttpHost::bind(&at, Arc::new(service), self.tls).unwrap();
        let (url, stopper) = (host.url().to_owned(), host.stopper());
        Serving {
            url,
            folder,
            opened,
            stopper,
            thread: Some(thread::spawn(|| host.serve())),
        }
    }
}

impl Serving {
    /// `host:port`.
    pub(crate) fn address(&self) -> &str {
        self.url.split("://").nth(1).unwrap()
    }

    pub(crate) fn stopper(&self) -> HttpStopper {
        self.stopper.clone()
    }

    /// Waits for the end, which somebody else brings about.
    pub(crate) fn end(mut self) -> Ended {
        self.thread.take().unwrap().join().unwrap().unwrap()
    }

    /// Ends it, and leaves what it keeps.
    pub(crate) fn into_folder(mut self) -> TempDir {
        self.stopper.cut();
        self.thread.take().unwrap().join().unwrap().unwrap();
        core::mem::replace(&mut self.folder, tempfile::tempdir().unwrap())
    }

    /// The files of unfinished uploads.
    pub(crate) fn part_files(&self) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(self.folder.path().join("parts")).unwrap();
        let paths = entries.map(|entry| entry.unwrap().path());
        paths
            .filter(|path| path.extension().is_some_and(|end| end == "part"))
            .collect()
    }

    pub(crate) fn parts(&self) -> usize {
        self.part_files().len()
    }

    pub(crate) fn kept(&self) -> Vec<String> {
        let names = std::fs::read_dir(self.folder.path().join("kept")).unwrap();
        let name = |entry: io::Result<std::fs::DirEntry>| {
            entry.unwrap().file_name().into_string().unwrap()
        };
        let mut names: Vec<_> = names.map(name).collect();
        names.sort();
        names
    }

    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address()).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    /// One request on a connection of its own.
    pub(crate) fn ask(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Answer {
        let mut stream = self.connect();
        let mut all = vec![("Content-Length", body.len().to_string())];
        if method == "GET" || method == "HEAD" {
            all.clear();
        }
        all.extend(
            headers
                .iter()
                .map(|(name, value)| (*name, (*value).to_owned())),
        );
        send_head(&mut stream, method, path, &all);
        // A server that refuses need not read it.
        let _: io::Result<()> = stream.write_all(body);
        Answer::read(&mut stream, method == "HEAD")
    }

    /// A request of the upload protocol.
    pub(crate) fn tus(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Answer {
        let mut all = vec![("Tus-Resumable", "1.0.0")];
        all.extend_from_slice(headers);
        self.ask(method, path, &all, body)
    }

    /// Begins an upload of so many bytes, and returns its path.
    pub(crate) fn begin(&self, len: usize) -> String {
        let made = self.tus("POST", "/", &[("Upload-Length", &len.to_string())], b"");
        assert_eq!(made.status, 201, "{made:?}");
        format!("/{}", made.headers["location"])
    }

    /// Sends a piece.
    pub(crate) fn patch(&self, path: &str, offset: usize, body: &[u8]) -> Answer {
        let offset = offset.to_string();
        let headers = [("Upload-Offset", offset.as_str()), PIECE];
        self.tus("PATCH", path, &headers, body)
    }
}

pub(crate) const PIECE: (&str, &str) = ("Content-Type", "application/offset+octet-stream");

pub(crate) fn send_head(
    stream: &mut TcpStream,
    method: &str,
    path: &str,
    headers: &[(&str, String)],
) {
    let mut head = format!("{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n");
    for (name, value) in headers {
        head.extend([*name, ": ", value, "\r\n"]);
    }
    head.push_str("\r\n");
    stream.write_all(head.as_bytes()).unwrap();
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.stopper.cut();
        if let Some(thread) = self.thread.take() {
            let ended = thread.join();
            if !thread::panicking() {
                ended.unwrap().unwrap();
            }
        }
    }
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HashMap<String, String>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// Reads one answer from a connection that is closed behind it.
    pub(crate) fn read(stream: &mut TcpStream, is_head: bool) -> Self {
        let mut bytes = Vec::new();
        // A connection that is reset has given what it had.
        let _: io::Result<usize> = stream.read_to_end(&mut bytes);
        Self::parse(&bytes, is_head)
    }

    pub(crate) fn parse(bytes: &[u8], is_head: bool) -> Self {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n");
        let end = end.unwrap_or_else(|| panic!("no answer: {:?}", String::from_utf8_lossy(bytes)));
        let head = core::str::from_utf8(&bytes[..end]).unwrap();
        let mut lines = head.lines();
        let status = lines
            .next()
            .unwrap()
            .split(' ')
            .nth(1)
            .unwrap()
            .parse()
            .unwrap();
        let pair = |line: &str| {
            let (name, value) = line.split_once(": ").unwrap();
            (name.to_lowercase(), value.to_owned())
        };
        let headers: HashMap<_, _> = lines.map(pair).collect();
        let body = bytes[end + 4..].to_vec();
        if let Some(len) = headers.get("content-length").filter(|_| !is_head) {
            assert_eq!(body.len().to_string(), *len, "{head}");
        }
        Self {
            status,
            headers,
            body,
        }
    }

    pub(crate) fn receipt(&self) -> Receipt {
        assert_eq!(
            self.headers["content-type"],
            "application/vnd.secimg.receipt"
        );
        Receipt::parse(&self.body).unwrap()
    }

    pub(crate) fn text(&self) -> &str {
        core::str::from_utf8(&self.body).unwrap()
    }
}

/// Whether a program is there. Where everything is required, it must be.
pub(crate) fn has(program: &str, test: &str) -> bool {
    let found = Command::new(program).arg("--version").output().is_ok();
    if !found {
        let required = std::env::var_os("SECIMG_REQUIRE_TOOLS").is_some_and(|value| value == "1");
        assert!(!required, "{program} is missing");
        say!("SKIPPED {test}: there is no {program}");
    }
    found
}

/// Writes a file and returns its path as text.
pub(crate) fn file(folder: &Path, name: &str, bytes: &[u8]) -> String {
    let path = folder.join(name);
    std::fs::write(&path, bytes).unwrap();
    path.to_str().unwrap().to_owned()
}

/// Says so when it goes, also when a test fails: nobody waits for ever.
pub(crate) struct Done<'a>(pub(crate) &'a AtomicBool);

impl Drop for Done<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

pub(crate) fn wait_for(what: &str, happened: impl Fn() -> bool) {
    for _ in 0..3000 {
        if happened() {
            return;
        }
        thread::sleep(Duration::from_millis(10));
    }
    panic!("it never happened: {what}");
}
