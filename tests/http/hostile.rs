//! Peers that mean harm, or do not know what they do.

use core::sync::atomic::{AtomicUsize, Ordering};
use core::time::Duration;
use std::io::{self, Read, Write};
use std::thread;
use std::time::Instant;

use secimg::transport::{PartBudget, ServerLimits, Verdict};

use super::support::*;

const SHORT: Duration = Duration::from_millis(300);

fn impatient() -> Kind {
    let limits = ServerLimits::new()
        .header_deadline(SHORT)
        .idle_timeout(SHORT)
        .grace(Duration::ZERO);
    Kind {
        limits,
        ..Kind::opening()
    }
}

/// Reads until the server ends the connection, and returns what it said.
fn closed(stream: &mut std::net::TcpStream) -> String {
    let mut all = Vec::new();
    let _: io::Result<usize> = stream.read_to_end(&mut all);
    String::from_utf8_lossy(&all).into_owned()
}

#[test]
fn who_is_silent_or_slow_is_closed() {
    let server = impatient().serve();
    // Nothing; half a header; a header a byte at a time.
    let mut silent = server.connect();
    let mut half = server.connect();
    half.write_all(b"GET / HTTP/1.1\r\nHost: x\r\nX-").unwrap();
    let mut slow = server.connect();
    let until = Instant::now() + Duration::from_secs(20);
    let mut cut = false;
    for byte in b"GET / HTTP/1.1\r\nHost: x\r\nX-A: "
        .iter()
        .chain(core::iter::repeat(&b'y'))
    {
        if slow.write_all(&[*byte]).is_err() {
            cut = true;
        }
        if cut || Instant::now() > until {
            break;
        }
        thread::sleep(Duration::from_millis(20));
    }
    assert!(cut, "a header that never ends was listened to");
    for connection in [&mut silent, &mut half] {
        let said = closed(connection);
        assert!(
            said.is_empty() || said.starts_with("HTTP/1.1 408"),
            "{said}"
        );
    }
    // A body that stops: what came is kept.
    let stream = sealed(3);
    let at = server.begin(stream.len());
    let mut stuck = server.connect();
    let offset = ("Upload-Offset", "0".to_owned());
    let headers = [
        ("Tus-Resumable", "1.0.0".to_owned()),
        offset,
        (PIECE.0, PIECE.1.to_owned()),
        ("Content-Length", "50000".to_owned()),
    ];
    send_head(&mut stuck, "PATCH", &at, &headers);
    stuck.write_all(&stream[..10_000]).unwrap();
    let said = closed(&mut stuck);
    assert!(said.starts_with("HTTP/1.1 408"), "{said}");
    assert_eq!(
        server.tus("HEAD", &at, &[], b"").headers["upload-offset"],
        "10000"
    );
    assert_eq!(server.patch(&at, 10_000, &stream[10_000..]).status, 204);
}

#[test]
fn a_body_that_trickles_is_not_waited_for() {
    let limits = ServerLimits::new()
        .idle_timeout(PATIENCE)
        .min_rate(100_000, SHORT)
        .grace(Duration::ZERO);
    let server = Kind {
        limits,
        ..Kind::blind()
    }
    .serve();
    let mut slow = server.connect();
    send_head(
        &mut slow,
        "PUT",
        "/x",
        &[("Content-Length", "1000000".to_owned())],
    );
    slow.set_read_timeout(Some(Duration::from_millis(20)))
        .unwrap();
    let until = Instant::now() + Duration::from_secs(20);
    let mut said = Vec::new();
    while Instant::now() < until {
        let _: io::Result<()> = slow.write_all(&[0x89]);
        let mut buffer = [0; 1000];
        match slow.read(&mut buffer) {
            Ok(0) => break,
            Ok(len) => said.extend_from_slice(&buffer[..len]),
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut
                ) => {}
            Err(_) => break,
        }
    }
    assert!(
        said.starts_with(b"HTTP/1.1 408"),
        "{}",
        String::from_utf8_lossy(&said)
    );
    wait_for("the part goes", || server.parts() == 0);
}

#[test]
fn heads_that_are_no_request_are_refused() {
    let server = impatient().serve();
    let huge = format!(
        "GET / HTTP/1.1\r\nHost: x\r\nX-Huge: {}\r\n\r\n",
        "y".repeat(1 << 20)
    );
    let many = format!(
        "GET / HTTP/1.1\r\nHost: x\r\n{}\r\n",
        "X-A: b\r\n".repeat(10_000)
    );
    let long = format!("GET /{} HTTP/1.1\r\nHost: x\r\n\r\n", "a/".repeat(1 << 19));
    let cases: &[&[u8]] = &[
        huge.as_bytes(),
        many.as_bytes(),
        long.as_bytes(),
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"\x89SIMG\r\n\x1a\x01\x00\x00\x45",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost : x\r\n\r\n",
        b"GET / HTTP/1.1\r\n Host: x\r\n\r\n",
        b"PUT /x HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        b"PUT /x HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\nhello",
        b"PUT /x HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\nhello",
        b"PUT /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked, x\r\n\r\n0\r\n\r\n",
        b"PUT /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n",
        b"PUT /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nhello",
    ];
    for bytes in cases {
        let mut stream = server.connect();
        let _: io::Result<()> = stream.write_all(bytes);
        let said = closed(&mut stream);
        let start = String::from_utf8_lossy(&bytes[..bytes.len().min(40)]).into_owned();
        assert!(
            said.is_empty() || said.starts_with("HTTP/1.1 4"),
            "{start:?}: {said}"
        );
    }
    assert!(server.opened.images.lock().unwrap().is_empty());
    wait_for("the parts go", || server.parts() == 0);
}

/// Two lengths in one request are how one request is smuggled behind another.
#[test]
fn a_body_has_one_length() {
    let server = Kind::blind().serve();
    let smuggled = b"PUT /x HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    let mut stream = server.connect();
    stream.write_all(smuggled).unwrap();
    let said = closed(&mut stream);
    // Either it is refused, or the body ends with its last chunk and the connection with it or with the next request.
    let answers = said.matches("HTTP/1.1 ").count();
    assert!(said.starts_with("HTTP/1.1 4") && answers <= 2, "{said}");
    assert!(!said.contains("HTTP/1.1 2"), "{said}");
}

#[test]
fn nothing_outside_is_reached_by_any_path() {
    let server = Kind::blind().serve();
    let stream = sealed(1);
    assert_eq!(server.ask("PUT", "/", &[], &stream).status, 201);
    let id = hex(&transfer_id(&stream));
    let outside = file(
        server.folder.path(),
        &format!("{}.secimg", "a".repeat(64)),
        b"secret",
    );
    assert!(outside.ends_with(".secimg"));
    std::fs::create_dir(
        server
            .folder
            .path()
            .join("kept")
            .join(format!("{}.secimg", "b".repeat(64))),
    )
    .unwrap();
    let paths = [
        "/../aa.secimg".to_owned(),
        format!("/../{}.secimg", "a".repeat(64)),
        format!("/..%2f{}.secimg", "a".repeat(64)),
        format!("/%2e%2e/{}", "a".repeat(64)),
        format!("//{}", "a".repeat(64)),
        format!("/{}%00.secimg", "a".repeat(64)),
        format!("/{}.secimg.secimg", "a".repeat(64)),
        format!("/{}.secimg", "b".repeat(64)),
        format!("/{}", id.to_uppercase()),
        format!("/{id}/../{id}"),
        "/uploads/../../etc/passwd".to_owned(),
        "/uploads/..%2f..%2fetc%2fpasswd".to_owned(),
        "/uploads/%2e%2e/receipt".to_owned(),
        "/etc/passwd".to_owned(),
        "/%FF%FE".to_owned(),
    ];
    for path in &paths {
        for method in ["GET", "HEAD", "PATCH", "DELETE"] {
            let answer = server.tus(method, path, &[], b"");
            assert!(answer.status >= 400, "{method} {path}: {answer:?}");
            assert!(
                !answer.body.windows(6).any(|six| six == b"secret"),
                "{path}"
            );
        }
    }
    #[cfg(unix)]
    {
        let link = server
            .folder
            .path()
            .join("kept")
            .join(format!("{}.secimg", "c".repeat(64)));
        std::os::unix::fs::symlink("/etc/passwd", link).unwrap();
        assert_eq!(
            server
                .ask("GET", &format!("/{}", "c".repeat(64)), &[], b"")
                .status,
            404
        );
    }
}

/// Of pieces for the same place at the same time, each byte comes from one of them, in order, and the stream is whole.
#[test]
fn pieces_at_the_same_time_do_not_mix() {
    let server = Kind::opening().serve();
    let stream = sealed(6);
    let at = server.begin(stream.len());
    let done = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..2000 {
                    let head = server.tus("HEAD", &at, &[], b"");
                    if head.status == 423 {
                        continue;
                    }
                    let offset: usize = head.headers["upload-offset"].parse().unwrap();
                    if offset == stream.len() {
                        done.fetch_add(1, Ordering::Relaxed);
                        return;
                    }
                    let end = (offset + 100_000).min(stream.len());
                    let status = server.patch(&at, offset, &stream[offset..end]).status;
                    assert!(matches!(status, 204 | 409 | 423), "{status}");
                }
            });
        }
    });
    assert_eq!(done.load(Ordering::Relaxed), 8);
    let receipt = server
        .ask("GET", &format!("{at}/receipt"), &[], b"")
        .receipt();
    assert_eq!(receipt.verdict, Verdict::Accepted);
    assert_eq!(server.opened.images.lock().unwrap().len(), 6);
}

/// A connection that broke without a word does not keep its sender out.
#[test]
fn a_newer_request_takes_over() {
    let server = Kind::blind().serve();
    let stream = sealed(3);
    let at = server.begin(stream.len());
    let mut dead = server.connect();
    let headers = [
        ("Tus-Resumable", "1.0.0".to_owned()),
        ("Upload-Offset", "0".to_owned()),
        (PIECE.0, PIECE.1.to_owned()),
        ("Content-Length", stream.len().to_string()),
    ];
    send_head(&mut dead, "PATCH", &at, &headers);
    dead.write_all(&stream[..5000]).unwrap();
    wait_for("the bytes arrive", || {
        let at = server.folder.path().join("parts");
        std::fs::read_dir(at)
            .unwrap()
            .any(|entry| entry.unwrap().metadata().unwrap().len() == 5000)
    });
    // The idle timeout is far away.
    let head = server.tus("HEAD", &at, &[], b"");
    assert_eq!(
        (head.status, head.headers["upload-offset"].as_str()),
        (200, "5000")
    );
    assert_eq!(server.patch(&at, 5000, &stream[5000..]).status, 204);
    assert_eq!(server.kept().len(), 1);
}

/// Gone between the last byte and the receipt: the stream is judged all the same, once.
#[test]
fn a_client_that_vanishes_gets_its_receipt_later() {
    let pause = Some(SHORT);
    let opened = Opened {
        pause,
        ..Opened::default()
    };
    let server = Kind {
        opened,
        ..Kind::opening()
    }
    .serve();
    let stream = sealed(2);
    let at = server.begin(stream.len());
    let mut gone = server.connect();
    let headers = [
        ("Tus-Resumable", "1.0.0".to_owned()),
        ("Upload-Offset", "0".to_owned()),
        (PIECE.0, PIECE.1.to_owned()),
        ("Content-Length", stream.len().to_string()),
    ];
    send_head(&mut gone, "PATCH", &at, &headers);
    gone.write_all(&stream).unwrap();
    wait_for("the upload is whole", || {
        let at = server.folder.path().join("parts");
        std::fs::read_dir(at)
            .unwrap()
            .any(|entry| entry.unwrap().metadata().unwrap().len() == stream.len() as u64)
    });
    drop(gone);
    wait_for("it is opened", || {
        server.opened.images.lock().unwrap().len() == 2
    });
    let first = server
        .ask("GET", &format!("{at}/receipt"), &[], b"")
        .receipt();
    let second = server
        .ask("GET", &format!("{at}/receipt"), &[], b"")
        .receipt();
    assert_eq!((first.verdict, &first), (Verdict::Accepted, &second));
    assert_eq!(server.opened.images.lock().unwrap().len(), 2);
}

#[test]
fn connections_are_counted() {
    let limits = ServerLimits::new()
        .connections(3)
        .header_deadline(PATIENCE)
        .grace(Duration::ZERO);
    let server = Kind {
        limits,
        ..Kind::blind()
    }
    .serve();
    let held: Vec<_> = (0..3).map(|_| server.connect()).collect();
    wait_for("one more is turned away", || {
        let mut more = server.connect();
        let _: io::Result<()> =
            more.write_all(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        closed(&mut more).starts_with("HTTP/1.1 503")
    });
    drop(held);
    wait_for("there is room again", || {
        let mut next = server.connect();
        let _: io::Result<()> =
            next.write_all(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        closed(&mut next).starts_with("HTTP/1.1 200")
    });
}

#[test]
fn who_fails_too_often_has_to_wait() {
    let mut kind = Kind::opening();
    kind.limits = kind.limits.failures(3, Duration::from_mins(10));
    let server = kind.serve();
    let mut changed = sealed(2);
    let middle = changed.len() / 2;
    changed[middle] ^= 1;
    let statuses: Vec<_> = (0..4)
        .map(|_| server.ask("PUT", "/x", &[], &changed).status)
        .collect();
    assert_eq!(statuses[..3], [422; 3]);
    // The connection itself is turned away.
    assert!(matches!(statuses[3], 429 | 503), "{statuses:?}");
}

#[test]
fn parts_stay_within_their_budget() {
    let budget = PartBudget::new().parts(5).bytes(100_000);
    let server = Kind {
        budget,
        ..Kind::blind()
    }
    .serve();
    let stream = sealed(1);
    for _ in 0..20 {
        let at = server.begin(stream.len());
        assert_eq!(server.patch(&at, 0, &stream[..30_000]).status, 204);
        let parts = std::fs::read_dir(server.folder.path().join("parts")).unwrap();
        let bytes: u64 = parts
            .map(|entry| entry.unwrap().metadata().unwrap().len())
            .sum();
        assert!(
            server.parts() <= 5 && bytes <= 100_000,
            "{} parts, {bytes} bytes",
            server.parts()
        );
    }
}

/// Beside many that only wait, an honest sender is served.
#[test]
fn an_honest_sender_passes_beside_idle_ones() {
    let limits = ServerLimits::new()
        .per_peer(400)
        .connections(400)
        .header_deadline(PATIENCE)
        .grace(Duration::ZERO);
    let server = Kind {
        limits,
        ..Kind::opening()
    }
    .serve();
    let idle: Vec<_> = (0..300)
        .map(|_| {
            let mut stream = server.connect();
            stream.write_all(b"PUT /x HTTP/1.1\r\n").unwrap();
            stream
        })
        .collect();
    let stream = sealed(3);
    let put = server.ask("PUT", "/x", &[], &stream);
    assert_eq!(
        (put.status, put.receipt().verdict),
        (201, Verdict::Accepted)
    );
    drop(idle);
}
