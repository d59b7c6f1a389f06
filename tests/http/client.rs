//! Our client, against our server over lines that break, and against servers of other kinds.

use core::sync::atomic::{AtomicU64, Ordering};
use core::time::Duration;
use std::io::{Cursor, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

use secimg::format::Limits;
use secimg::io::OpenReader;
use secimg::transport::http::{ClientTls, HttpClient, HttpTransport};
use secimg::transport::{
    Outgoing, Receipt, Terms, Transport, TransportError, Verdict, deliver, deliver_by,
};

use super::support::*;

fn terms() -> Terms {
    Terms::new()
        .idle(PATIENCE)
        .pauses(Duration::from_millis(1), Duration::from_millis(50))
}

fn outgoing(stream: &[u8]) -> Outgoing<'static> {
    Outgoing::new(Cursor::new(stream.to_vec()), Limits::DEFAULT).unwrap()
}

fn client() -> HttpClient {
    HttpClient::new(&ClientTls::new())
}

/// A transport with a client of its own, which knows of no earlier upload.
fn fresh() -> HttpTransport {
    HttpTransport::new(client(), false)
}

/// Attempt after attempt by a client that knows of no earlier upload.
fn by(address: &str, stream: &mut Outgoing<'_>, terms: &Terms) -> Result<Receipt, TransportError> {
    deliver_by(&fresh(), address, stream, terms, &mut |_, _| {})
}

/// Passes bytes on, and breaks each connection after so many of the sender's.
struct Breaking {
    url: String,
    passed: Arc<AtomicU64>,
}

fn breaking(to: &str, after: impl Fn(u64) -> Option<u64> + Send + 'static) -> Breaking {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let passed = Arc::new(AtomicU64::new(0));
    let (to, counter) = (to.to_owned(), Arc::clone(&passed));
    thread::spawn(move || {
        for (number, accepted) in listener.incoming().enumerate() {
            let Ok(near) = accepted else { return };
            let Ok(far) = TcpStream::connect(&to) else {
                return;
            };
            let (back_from, back_to) = (far.try_clone().unwrap(), near.try_clone().unwrap());
            thread::spawn(move || pump(back_from, back_to, u64::MAX, &AtomicU64::new(0)));
            let most = after(number as u64).unwrap_or(u64::MAX);
            let counter = Arc::clone(&counter);
            thread::spawn(move || pump(near, far, most, &counter));
        }
    });
    Breaking { url, passed }
}

fn pump(mut from: TcpStream, mut to: TcpStream, most: u64, counter: &AtomicU64) {
    let mut buffer = [0; 4096];
    let mut left = most;
    while let Ok(len @ 1..) = from.read(&mut buffer) {
        let len = left.min(len as u64);
        if to
            .write_all(&buffer[..usize::try_from(len).unwrap()])
            .is_err()
        {
            break;
        }
        counter.fetch_add(len, Ordering::Relaxed);
        left -= len;
        if left == 0 {
            // Both directions, and at once.
            let _: std::io::Result<()> = from.shutdown(Shutdown::Both);
            break;
        }
    }
    let _: std::io::Result<()> = to.shutdown(Shutdown::Both);
}

#[test]
fn a_stream_is_delivered_by_its_url() {
    let server = Kind::opening().serve();
    let stream = sealed(5);
    let receipt = deliver(&server.url, &mut outgoing(&stream), &terms()).unwrap();
    assert_eq!(receipt.verdict, Verdict::Accepted);
    assert_eq!(server.opened.images.lock().unwrap().len(), 5);
    // Somebody else with the same stream finds the same upload, and its receipt.
    let again = by(server.address(), &mut outgoing(&stream), &terms()).unwrap();
    assert_eq!(again, receipt);
    assert_eq!(server.opened.images.lock().unwrap().len(), 5);
}

/// A few hundred places, and each transfer ends with the right images and no byte sent twice but those on their way.
#[test]
fn a_line_that_breaks_anywhere_costs_only_what_was_under_way() {
    let server = Kind::opening().serve();
    let (mut resumed, mut transfers) = (0, 0);
    let lens: Vec<_> = (0..40).map(|step| 50 + step * 17_003).collect();
    for len in lens {
        let stream = sealed(6);
        assert!(stream.len() as u64 > len);
        let line = breaking(server.address(), move |number| (number < 3).then_some(len));
        let mut stream_out = outgoing(&stream).asking();
        let address = line.url.strip_prefix("http://").unwrap();
        // A first connection that fails would otherwise be the end.
        let terms = terms().until(std::time::Instant::now() + PATIENCE);
        let receipt = by(address, &mut stream_out, &terms).unwrap();
        assert_eq!(receipt.verdict, Verdict::Accepted);
        transfers += 1;
        resumed += usize::from(stream_out.resumed_at() > 0);
        let passed = line.passed.load(Ordering::Relaxed);
        let most = stream.len() as u64 + 3 * len.min(1 << 20) + 20_000;
        assert!(
            passed <= most,
            "{passed} bytes for {} with breaks after {len}",
            stream.len()
        );
    }
    assert_eq!(server.opened.images.lock().unwrap().len(), 6 * transfers);
    say!(
        "breaking lines: {transfers} of {transfers} arrived once, {resumed} went on behind their beginning"
    );
    assert!(resumed > transfers / 2);
}

#[test]
fn a_sender_that_was_restarted_goes_on_with_the_same_bytes_only() {
    let server = Kind::opening().serve();
    let stream = sealed(6);
    let line = breaking(server.address(), |_| Some(300_000));
    let address = line.url.strip_prefix("http://").unwrap();
    // One attempt, which breaks.
    let broken = fresh().deliver(address, &mut outgoing(&stream), &terms());
    assert!(
        matches!(broken, Err(TransportError::Connection(..))),
        "{broken:?}"
    );
    let mut again = outgoing(&stream);
    wait_for("the server has noticed", || server.parts() == 1);
    let part = server.part_files().remove(0);
    wait_for("what was sent has arrived", || {
        std::fs::metadata(&part).unwrap().len() > 100_000
    });
    let receipt = fresh()
        .deliver(server.address(), &mut again, &terms())
        .unwrap();
    assert_eq!(receipt.verdict, Verdict::Accepted);
    assert!(again.resumed_at() > 100_000, "{}", again.resumed_at());
}

/// Somebody has put other bytes under the key of an upload: they are not gone on with.
#[test]
fn other_bytes_under_the_same_upload_are_left_alone() {
    let server = Kind::opening().serve();
    let stream = sealed(6);
    let line = breaking(server.address(), |_| Some(300_000));
    let address = line.url.strip_prefix("http://").unwrap();
    fresh()
        .deliver(address, &mut outgoing(&stream), &terms())
        .unwrap_err();
    wait_for("a part is there", || server.parts() == 1);
    let part = server.part_files().remove(0);
    wait_for("something arrives", || {
        std::fs::metadata(&part).unwrap().len() > 1000
    });
    let mut bytes = std::fs::read(&part).unwrap();
    bytes[500] ^= 1;
    std::fs::write(&part, bytes).unwrap();
    let mut again = outgoing(&stream);
    let receipt = fresh()
        .deliver(server.address(), &mut again, &terms())
        .unwrap();
    assert_eq!(
        (receipt.verdict, again.resumed_at()),
        (Verdict::Accepted, 0)
    );
}

#[test]
fn one_image_of_a_remote_series_costs_little_of_it() {
    let server = Kind::blind().serve();
    let stream = sealed(40);
    assert_eq!(server.ask("PUT", "/", &[], &stream).status, 201);
    let line = breaking(server.address(), |_| None);
    let url = format!("{}/{}.secimg", line.url, hex(&transfer_id(&stream)));
    let counted = Counted {
        inner: client().open(&url).unwrap(),
        bytes: 0,
        requests: 0,
    };
    let mut reader = OpenReader::open_at(counted, &opening()).unwrap();
    reader.select(7).unwrap();
    let mut image = Vec::new();
    reader.read_to_end(&mut image).unwrap();
    assert!(image == images(40)[7].bytes);
    let counted = reader.into_inner().into_inner();
    assert!(
        counted.bytes * 4 < stream.len() as u64,
        "{} of {}",
        counted.bytes,
        stream.len()
    );
    say!(
        "one image of 40 over Range: {} of {} bytes, {} requests",
        counted.bytes,
        stream.len(),
        counted.requests
    );
}

struct Counted {
    inner: secimg::transport::http::Remote,
    bytes: u64,
    requests: u64,
}

impl secimg::io::ReadAt for Counted {
    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> std::io::Result<usize> {
        let len = self.inner.read_at(offset, buffer)?;
        self.bytes += len as u64;
        self.requests += 1;
        Ok(len)
    }

    fn size(&mut self) -> std::io::Result<u64> {
        self.inner.size()
    }
}

#[test]
fn a_download_survives_breaks_and_notices_another_version() {
    let server = Kind::blind().serve();
    let stream = sealed(5);
    assert_eq!(server.ask("PUT", "/", &[], &stream).status, 201);
    let name = format!("{}.secimg", hex(&transfer_id(&stream)));
    // The answers break here, and so the requests pass.
    let line = breaking_answers(server.address(), 400_000);
    let mut all = Vec::new();
    let mut download = client().get(&format!("{line}/{name}")).unwrap();
    assert_eq!(download.content_length(), Some(stream.len() as u64));
    download.read_to_end(&mut all).unwrap();
    assert!(all == stream);

    let mut download = client().get(&format!("{line}/{name}")).unwrap();
    let mut start = vec![0; 1000];
    download.read_exact(&mut start).unwrap();
    let path = server.folder.path().join("kept").join(&name);
    let mut other = stream.clone();
    other[100] ^= 1;
    std::fs::write(path, other).unwrap();
    let error = download.read_to_end(&mut Vec::new()).unwrap_err();
    assert!(error.to_string().contains("changed"), "{error}");
}

/// Breaks each connection after so many bytes of the answer.
fn breaking_answers(to: &str, most: u64) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let to = to.to_owned();
    thread::spawn(move || {
        for accepted in listener.incoming() {
            let Ok(near) = accepted else { return };
            let Ok(far) = TcpStream::connect(&to) else {
                return;
            };
            let (from, back) = (far.try_clone().unwrap(), near.try_clone().unwrap());
            thread::spawn(move || pump(from, back, most, &AtomicU64::new(0)));
            thread::spawn(move || pump(near, far, u64::MAX, &AtomicU64::new(0)));
        }
    });
    url
}

/// Answers every connection with the same bytes.
fn canned(answer: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let _: std::io::Result<usize> = stream.read(&mut [0; 4096]);
            let _: std::io::Result<()> = stream.write_all(answer.as_bytes());
        }
    });
    url
}

#[test]
fn no_redirect_is_followed_and_no_secret_repeated() {
    let url = canned(
        "HTTP/1.1 307 Temporary Redirect\r\nLocation: http://evil.invalid/?token=hunter2\r\nContent-Length: 0\r\n\r\n",
    );
    let url = format!("{url}/x?signature=hunter3");
    let errors = [
        deliver(&url, &mut outgoing(&sealed(1)), &terms()).unwrap_err(),
        client().open(&url).unwrap_err(),
        client().get(&url).unwrap_err(),
    ];
    for error in errors {
        let (text, debug) = (error.to_string(), format!("{error:?}"));
        assert!(text.contains("elsewhere"), "{text}");
        assert!(
            !text.contains("hunter") && !debug.contains("hunter"),
            "{text} {debug}"
        );
    }
    let error = deliver(
        "https://me:hunter2@127.0.0.1/",
        &mut outgoing(&sealed(1)),
        &terms(),
    );
    let error = error.unwrap_err();
    assert!(matches!(error, TransportError::Address(_)), "{error:?}");
    assert!(!format!("{error} {error:?}").contains("hunter"));
}

#[test]
fn answers_of_all_kinds_are_errors_that_say_what_they_are() {
    let offers = "Tus-Version: 1.0.0\r\nTus-Extension: creation\r\n";
    let cases = [
        ("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".to_owned(), "404"),
        ("HTTP/1.1 413 X\r\nContent-Type: text/plain\r\nContent-Length: 9\r\n\r\ntoo long\n".to_owned(), "413: too long"),
        (format!("HTTP/1.1 201 Created\r\n{offers}Content-Length: 0\r\n\r\n"), "not where"),
        (format!("HTTP/1.1 201 Created\r\n{offers}Location: http://other.invalid/u\r\nContent-Length: 0\r\n\r\n"), "another server"),
        (format!("HTTP/1.1 200 OK\r\n{offers}Tus-Max-Size: 10\r\nContent-Length: 0\r\n\r\n"), "longer than"),
        ("HTTP/1.1 200 OK\r\nContent-Type: application/vnd.secimg.receipt\r\nContent-Length: 5\r\n\r\nhello".to_owned(), "not for this stream"),
    ];
    for (answer, expected) in cases {
        let url = canned(answer.leak());
        let error = deliver(&format!("{url}/x"), &mut outgoing(&sealed(1)), &terms()).unwrap_err();
        assert!(error.to_string().contains(expected), "{expected}: {error}");
    }
    // An answer without an end is not read for ever.
    let url = canned(
        format!(
            "HTTP/1.1 200 OK\r\n{}\r\n",
            "X-Filler: yyyyyyyyyyyyyyyy\r\n".repeat(5000)
        )
        .leak(),
    );
    let short = terms().until(std::time::Instant::now() + Duration::from_secs(3));
    assert!(deliver(&url, &mut outgoing(&sealed(1)), &short).is_err());
    // A terminal shows nothing that it would obey.
    let url =
        canned("HTTP/1.1 400 X\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\n\x1b[31m");
    let error = deliver(&url, &mut outgoing(&sealed(1)), &terms())
        .unwrap_err()
        .to_string();
    assert!(!error.contains('\x1b'), "{error:?}");
}

#[test]
fn nobody_there_is_an_error_at_once() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = deliver(&url, &mut outgoing(&sealed(1)), &terms()).unwrap_err();
    assert!(
        matches!(error, TransportError::Connection("cannot connect", _)),
        "{error:?}"
    );
}

#[test]
fn a_plain_web_server_takes_a_put_and_proves_nothing() {
    let url = canned("HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n");
    let stream = sealed(1);
    let receipt = deliver(
        &format!("{url}/dav/x.secimg"),
        &mut outgoing(&stream),
        &terms(),
    );
    // It reads only the beginning and answers: what was on its way may be lost with the connection.
    match receipt {
        Ok(receipt) => assert_eq!(receipt, Receipt::stored(transfer_id(&stream))),
        Err(error) => assert!(matches!(error, TransportError::Deadline(_)), "{error:?}"),
    }
}
