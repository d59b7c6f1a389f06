//! Sealed streams at URLs, where the command takes files.

use core::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::fs;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::thread;

use super::running::*;
use super::support::*;
use super::tls::{Authority, shows};

/// How a server of one file behaves.
#[derive(Debug, Clone, Default)]
struct Manner {
    /// It knows no ranges.
    whole: bool,
    /// It names no version.
    nameless: bool,
    /// It does not look at `If-Match`.
    careless: bool,
    /// After so many answers it has another file.
    changes: Option<(usize, Vec<u8>)>,
}

/// A server of one file, and what it gave.
struct Files {
    url: String,
    answers: Arc<AtomicUsize>,
    bytes: Arc<AtomicU64>,
}

fn serve(file: Vec<u8>, manner: Manner) -> Files {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (answers, bytes) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicU64::new(0)));
    let (asked, given) = (Arc::clone(&answers), Arc::clone(&bytes));
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let number = asked.fetch_add(1, Ordering::Relaxed);
            let (file, version) = match &manner.changes {
                Some((after, other)) if number >= *after => (other, "\"v2\""),
                _ => (&file, "\"v1\""),
            };
            let (head, body) = answer(&request(&mut stream), file, version, &manner);
            given.fetch_add(body.len() as u64, Ordering::Relaxed);
            // Who has read enough goes away.
            let _: io::Result<()> = stream.write_all(&[head.as_bytes(), body].concat());
        }
    });
    Files {
        url,
        answers,
        bytes,
    }
}

/// The head of a request, in small letters.
fn request(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    let mut buffer = [0; 4096];
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read(&mut buffer) {
            Ok(len @ 1..) => head.extend_from_slice(&buffer[..len]),
            _ => break,
        }
    }
    String::from_utf8_lossy(&head).to_lowercase()
}

fn answer<'a>(request: &str, file: &'a [u8], version: &str, manner: &Manner) -> (String, &'a [u8]) {
    let header = |name: &str| {
        let mut lines = request.lines();
        lines.find_map(|line| Some(line.strip_prefix(name)?.trim()))
    };
    let head = |status: &str, more: &str, len: usize| {
        let tag = if manner.nameless {
            String::new()
        } else {
            format!("ETag: {version}\r\n")
        };
        format!(
            "HTTP/1.1 {status}\r\n{tag}{more}Content-Length: {len}\r\nConnection: close\r\n\r\n"
        )
    };
    if !manner.careless && header("if-match:").is_some_and(|wanted| wanted != version) {
        return (head("412 Precondition Failed", "", 0), &[]);
    }
    let range = header("range:").filter(|_| !manner.whole);
    let Some(range) = range.and_then(|range| range.strip_prefix("bytes=")) else {
        return (head("200 OK", "", file.len()), file);
    };
    let (first, last) = range.split_once('-').unwrap();
    let first: usize = first.parse().unwrap();
    let end = last.parse().map_or(file.len(), |last: usize| last + 1);
    let said = format!(
        "Content-Range: bytes {first}-{}/{}\r\n",
        end - 1,
        file.len()
    );
    (
        head("206 Partial Content", &said, end - first),
        &file[first..end],
    )
}

/// A room with a series of two images, of which one is long.
fn series(folder: &Path) -> Vec<u8> {
    let args = ["-r", "doctor.pub", "-o", "series.secimg", "a.gif", "b.raw"];
    ok(folder, &[&["encrypt", "--force"][..], &args].concat());
    fs::read(folder.join("series.secimg")).unwrap()
}

#[test]
fn a_list_reads_the_ends_and_the_rest_reads_once() {
    let folder = room();
    let at = folder.path();
    let sealed = series(at);
    let server = serve(sealed.clone(), Manner::default());
    let url = format!("{}/study/series.secimg?token=hunter2", server.url);
    let listed = ok(at, &["list", "-i", "doctor", &url]);
    let local = ok(at, &["list", "-i", "doctor", "series.secimg"]);
    assert_eq!(listed[0]["items"], local[0]["items"]);
    assert_eq!(listed[0]["verdict"], "authentic");
    assert_eq!(listed[0]["items"][1]["bytes"], 3_000_000);
    let (answers, bytes) = (
        server.answers.swap(0, Ordering::Relaxed),
        server.bytes.swap(0, Ordering::Relaxed),
    );
    let len = sealed.len() as u64;
    assert!(
        answers <= 4 && bytes * 8 < len,
        "{answers}: {bytes} of {len}"
    );
    say!("list of a URL: {bytes} of {len} bytes, {answers} requests");

    let verified = ok(at, &["verify", "-i", "doctor", &url]);
    assert_eq!(verified[0]["verdict"], "verified");
    assert_eq!(verified[0]["file"], url);
    let inspected = ok(at, &["inspect", &url]);
    assert_eq!(inspected[0]["sealed_bytes"], len);
    ok(at, &["decrypt", "-i", "doctor", "-O", "received", &url]);
    assert_arrived(at);
    // One answer with all of it for each.
    assert_eq!(server.answers.load(Ordering::Relaxed), 3);
    assert_eq!(server.bytes.load(Ordering::Relaxed), 3 * len);

    // People see no query.
    let run = command(at).args(["verify", "-i", "other", &url]).output();
    let said = String::from_utf8(run.unwrap().stderr).unwrap();
    assert!(
        said.contains("/study/series.secimg") && !said.contains("hunter2"),
        "{said}"
    );
}

/// What is far away is seen by its first kilobytes, and one image of many is fetched alone.
#[test]
fn a_preview_and_one_image_are_fetched_without_the_rest() {
    let folder = room();
    let at = folder.path();
    let mut picture = b"P6 1000 1000 255\n".to_vec();
    picture.extend((0..251_u8).cycle().step_by(7).take(3_000_000));
    fs::write(at.join("a.ppm"), &picture).unwrap();
    let args = "encrypt --preview -r doctor.pub -o series.secimg b.raw a.ppm a.gif";
    ok(at, &args.split(' ').collect::<Vec<_>>());
    ok(at, &["encrypt", "--preview", "-r", "doctor.pub", "a.ppm"]);
    let one = serve(
        fs::read(at.join("a.ppm.secimg")).unwrap(),
        Manner::default(),
    );
    let url = format!("{}/a.ppm.secimg", one.url);
    let seen = ok(at, &["preview", "-i", "doctor", "-o", "far.jpg", &url]);
    assert_eq!(seen[0]["verdict"], "authentic");
    let (answers, bytes) = (
        one.answers.load(Ordering::Relaxed),
        one.bytes.load(Ordering::Relaxed),
    );
    say!("preview of 3 MB at a URL: {bytes} bytes, {answers} requests");
    assert!(answers <= 3 && bytes < 256 << 10, "{answers}: {bytes}");
    ok(
        at,
        &["preview", "-i", "doctor", "-o", "near.jpg", "a.ppm.secimg"],
    );
    let read = |name: &str| fs::read(at.join(name)).unwrap();
    assert!(read("far.jpg").starts_with(&[0xff, 0xd8]) && read("far.jpg") == read("near.jpg"));

    let sealed = read("series.secimg");
    let len = sealed.len() as u64;
    let many = serve(sealed, Manner::default());
    let url = format!("{}/series.secimg", many.url);
    ok(
        at,
        &[
            "preview",
            "-i",
            "doctor",
            "--item",
            "a.ppm",
            "-o",
            "second.jpg",
            &url,
        ],
    );
    assert_eq!(read("second.jpg"), read("near.jpg"));
    let bytes = many.bytes.swap(0, Ordering::Relaxed);
    assert!(bytes < 1 << 20, "{bytes} of {len}");
    let taken = ok(
        at,
        &[
            "decrypt", "-i", "doctor", "--item", "3", "-o", "c.gif", &url,
        ],
    );
    assert_eq!(taken[0]["item"]["name"], "a.gif");
    assert_eq!(read("c.gif"), read("a.gif"));
    let bytes = many.bytes.load(Ordering::Relaxed);
    say!("the last of three images at a URL: {bytes} of {len} bytes");
    assert!(bytes < 1 << 20, "{bytes} of {len}");
}

#[test]
fn a_server_without_ranges_is_read_whole() {
    let folder = room();
    let at = folder.path();
    let whole = Manner {
        whole: true,
        ..Manner::default()
    };
    let server = serve(series(at), whole);
    let url = format!("{}/series.secimg", server.url);
    let listed = ok(at, &["list", "-i", "doctor", &url]);
    assert_eq!(listed[0]["verdict"], "verified");
    assert_eq!(listed[0]["items"].as_array().unwrap().len(), 2);
    let run = command(at).args(["list", "-i", "doctor", &url]).output();
    let said = String::from_utf8(run.unwrap().stderr).unwrap();
    assert!(said.contains("no ranges"), "{said}");
}

/// Whatever a server says of versions, two of them never become one listing.
#[test]
fn a_file_that_changes_between_two_ranges_is_refused() {
    let folder = room();
    let at = folder.path();
    let (first, second) = (series(at), series(at));
    assert_eq!(first.len(), second.len());
    let changing = |manner: Manner| {
        let mut refused = 0;
        for after in 1..3 {
            let changes = Some((after, second.clone()));
            let server = serve(
                first.clone(),
                Manner {
                    changes,
                    ..manner.clone()
                },
            );
            let url = format!("{}/series.secimg", server.url);
            let (status, objects, said) = secimg(at, &["list", "-i", "doctor", &url]);
            let asked = server.answers.load(Ordering::Relaxed);
            assert!(asked > after, "{asked}");
            // Without versions the second file may be all that was read.
            if status != 0 {
                refused += 1;
                assert_eq!(objects[0]["items"].as_array().unwrap().len(), 0);
            }
            assert!(status == 0 || status == 1 || status == 4, "{said}");
            if !manner.nameless {
                assert_eq!(objects[0]["error"]["code"], "input_changed", "{objects:?}");
            }
        }
        refused
    };
    assert_eq!(changing(Manner::default()), 2);
    let careless = Manner {
        careless: true,
        ..Manner::default()
    };
    assert_eq!(changing(careless.clone()), 2);
    let nameless = Manner {
        nameless: true,
        ..careless
    };
    // The first request asks for nothing but the length.
    assert_eq!(changing(nameless), 1);
}

#[test]
fn what_is_not_there_or_no_stream_says_so() {
    let folder = room();
    let at = folder.path();
    let store = Kind::blind().serve();
    let missing = format!("{}/{}.secimg", store.url, "a".repeat(64));
    let empty = serve(
        Vec::new(),
        Manner {
            whole: true,
            ..Manner::default()
        },
    );
    let text = serve(vec![b'x'; 100_000], Manner::default());
    for (url, expected, code) in [
        (missing.as_str(), 4, "not_found"),
        (&empty.url, 3, "truncated"),
        (&text.url, 3, "not_a_stream"),
        ("http://me:hunter2@127.0.0.1/x", 2, "bad_address"),
        ("http://127.0.0.1:1/x", 4, "connection"),
    ] {
        for command in ["list", "verify", "decrypt"] {
            let (status, objects, said) = secimg(at, &[command, "-i", "doctor", url]);
            assert_eq!(status, expected, "{command} {url}: {said}");
            assert_eq!(objects[0]["error"]["code"], code, "{command} {url}");
            assert!(!said.contains("hunter2"), "{said}");
        }
    }
    // An image is no sealed stream, and a URL no image.
    let (status, _, said) = secimg(at, &["encrypt", "-r", "doctor.pub", &text.url]);
    assert_eq!(status, 4, "{said}");
}

#[test]
fn https_takes_the_certificates_that_send_takes() {
    if !has("openssl", "https_takes_the_certificates_that_send_takes") {
        return;
    }
    let folder = room();
    let at = folder.path();
    let sealed = series(at);
    let authority = Authority::new("known");
    file(at, "ca.pem", authority.pem());
    let tls = Some(shows(&authority.server("IP:127.0.0.1")));
    let store = Kind {
        tls,
        ..Kind::blind()
    }
    .serve();
    let name = format!("{}.secimg", hex(&transfer_id(&sealed)));
    fs::write(store.folder.path().join("kept").join(&name), &sealed).unwrap();
    let url = format!("{}/{name}", store.url);
    let ours = ["--tls-ca", "ca.pem"];
    for args in [
        &["list", "-i", "doctor", &url][..],
        &["verify", "-i", "doctor", &url],
        &["decrypt", "-i", "doctor", "-O", "received", &url],
        &["inspect", &url],
    ] {
        ok(at, &[args, &ours].concat());
        let (status, _, said) = secimg(at, args);
        assert_eq!(status, 4, "{args:?}: {said}");
        assert!(said.contains("certificate"), "{said}");
        // Where nobody would look at it, it is a mistake.
        let plain: Vec<_> = args
            .iter()
            .map(|arg| {
                if *arg == url {
                    "http://127.0.0.1:1/x"
                } else {
                    arg
                }
            })
            .collect();
        assert_eq!(secimg(at, &[&plain, &ours[..]].concat()).0, 2, "{plain:?}");
    }
    assert_arrived(at);
}
