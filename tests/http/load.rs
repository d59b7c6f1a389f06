//! Many peers at once: silent ones, slow ones, some that speak something else, and honest senders beside them.
//!
//! `SECIMG_LOAD=N`: N silent peers, N/5 slow ones and N/20 senders; 500 is what a hospital's gateway might see.

use core::sync::atomic::{AtomicBool, Ordering};
use core::time::Duration;
use std::collections::BTreeMap;
use std::io::{self, Cursor, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;
use std::{env, fs, thread};

use secimg::format::Limits;
use secimg::keys::{PublicKey, Recipient};
use secimg::transport::http::{ClientTls, HttpClient, HttpTransport};
use secimg::transport::{Outgoing, Terms, Verdict, deliver_by};
use secimg::{Image, SealOptions, encrypt_series};

use super::running::*;
use super::support::*;

fn load() -> usize {
    env::var("SECIMG_LOAD").map_or(40, |number| number.parse().unwrap())
}

/// What a process has in memory now and had at most, in KiB.
fn memory(process: u32) -> (u64, u64) {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let value = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let number = line.unwrap().trim().strip_suffix(" kB").unwrap();
        number.parse().unwrap()
    };
    (value("VmRSS:"), value("VmHWM:"))
}

fn address(receiver: &Receiving) -> &str {
    receiver.url.strip_prefix("http://").unwrap()
}

fn connect(receiver: &Receiving) -> TcpStream {
    let stream = TcpStream::connect(address(receiver)).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// A receiver that lets many in, and waits for them.
fn patient(folder: &Path, more: &[&str]) -> Receiving {
    let limits = ["--max-connections", "5000", "--max-per-peer", "5000"];
    let patience = ["--header-timeout", "600", "--idle-timeout", "600"];
    let any = ["--min-rate", "0", "--grace", "0", "-i", "doctor"];
    receive(
        folder,
        "http",
        &[&limits[..], &patience, &any, more].concat(),
    )
}

fn doctor(folder: &Path) -> Arc<dyn Recipient> {
    let pem = fs::read(folder.join("doctor.pub")).unwrap();
    PublicKey::from_pem(&pem).unwrap().recipient().unwrap()
}

/// Images that no other sender has, under names that no other sender uses.
fn images_of(sender: usize, count: usize) -> Vec<Image> {
    let image = |number: usize| {
        let bytes: Vec<u8> = (0..50_000 * (1 + number % 4))
            .map(|at| (at * 31 + at / 251 + number * 7 + sender * 13).to_le_bytes()[0])
            .collect();
        Image::new(bytes).named(&format!("{sender}-{number}.raw"))
    };
    (0..count).map(image).collect()
}

/// Sends a series of one's own, and returns its images and how long it took.
fn send(receiver: &Receiving, to: &Arc<dyn Recipient>, sender: usize) -> (Vec<Image>, Duration) {
    let images = images_of(sender, 4);
    let sealed = encrypt_series(&images, &SealOptions::new().recipient(Arc::clone(to))).unwrap();
    let mut stream = Outgoing::new(Cursor::new(sealed), Limits::DEFAULT).unwrap();
    let transport = HttpTransport::new(HttpClient::new(&ClientTls::new()), false);
    let started = Instant::now();
    let terms = Terms::new().until(started + Duration::from_mins(5));
    let receipt = deliver_by(
        &transport,
        address(receiver),
        &mut stream,
        &terms,
        &mut |_, _| {},
    );
    assert_eq!(receipt.unwrap().verdict, Verdict::Accepted);
    (images, started.elapsed())
}

/// Everything that was sent is there once, and nothing else.
fn assert_all(folder: &Path, sent: Vec<Image>) {
    let sent: BTreeMap<_, _> = sent
        .into_iter()
        .map(|image| (image.description.name.unwrap(), image.bytes))
        .collect();
    let entries = fs::read_dir(folder.join("received")).unwrap();
    let found: BTreeMap<_, _> = entries
        .map(|entry| {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            (name, fs::read(entry.path()).unwrap())
        })
        .collect();
    assert_eq!(found.len(), sent.len());
    assert!(found == sent, "what arrived is not what was sent");
    assert!(!said(folder).contains("panicked"), "{}", said(folder));
}

/// Uploads that never end: a byte for each in turn, for as long as anybody is there.
fn trickle(slow: &mut [TcpStream], done: &AtomicBool) -> u64 {
    let mut sent = 0;
    while !done.load(Ordering::Relaxed) {
        for stream in &mut *slow {
            stream.write_all(&[0x89]).unwrap();
            sent += 1;
        }
        thread::sleep(Duration::from_millis(20));
    }
    sent
}

#[test]
fn silent_and_slow_peers_cost_little_and_keep_nobody_away() {
    let room = room();
    let folder = room.path();
    let receiver = patient(folder, &[]);
    let to = doctor(folder);
    let mut sent = Vec::new();
    // Three senders one after the other, and how long one takes.
    let mut three = |first: usize| {
        let times = (first..first + 3).map(|sender| {
            let (mut images, time) = send(&receiver, &to, sender);
            sent.append(&mut images);
            time
        });
        times.sum::<Duration>() / 3
    };
    let alone = three(0);
    let (before, _) = memory(receiver.id());

    let (idle, slow) = (load(), load() / 5);
    let idle: Vec<_> = (0..idle).map(|_| connect(&receiver)).collect();
    let mut slow: Vec<_> = (0..slow)
        .map(|_| {
            let mut stream = connect(&receiver);
            // More than there will ever be.
            let claim = ("Content-Length", (64_u64 << 30).to_string());
            send_head(&mut stream, "PUT", "/x", &[claim]);
            stream
        })
        .collect();
    let peers = (idle.len() + slow.len()) as u64;
    let done = AtomicBool::new(false);
    let (trickled, beside) = thread::scope(|scope| {
        let trickling = scope.spawn(|| trickle(&mut slow, &done));
        let ends = Done(&done);
        let beside = three(3);
        drop(ends);
        (trickling.join().unwrap(), beside)
    });
    let (with, most) = memory(receiver.id());
    say!(
        "{} silent and {} slow peers ({trickled} bytes trickled): {before} KiB before, {with} KiB with them, {most} KiB at \
         most; a sender took {alone:?} alone and {beside:?} beside them",
        idle.len(),
        slow.len()
    );
    // 128 KiB for each, and what the work itself may take.
    assert!(
        with < before + 128 * peers + (32 << 10),
        "{before} to {with} KiB"
    );
    drop((idle, slow));
    receiver.kill();
    assert_all(folder, sent);
}

#[test]
fn what_is_no_stream_is_refused_early_and_costs_nothing() {
    let room = room();
    let folder = room.path();
    let receiver = patient(folder, &["--max-size", "100000000"]);
    let (before, _) = memory(receiver.id());
    // What is claimed is judged before it comes.
    let claim = (64_u64 << 30).to_string();
    let tus = ("Tus-Resumable", "1.0.0".to_owned());
    for (method, headers) in [
        ("PUT", vec![("Content-Length", claim.clone())]),
        (
            "POST",
            vec![
                tus,
                ("Upload-Length", claim),
                ("Content-Length", "0".to_owned()),
            ],
        ),
    ] {
        let mut stream = connect(&receiver);
        send_head(&mut stream, method, "/", &headers);
        assert_eq!(Answer::read(&mut stream, false).status, 413, "{method}");
    }
    // Other protocols, and noise.
    let noise: Vec<u8> = (0..20_000_u32)
        .map(|at| (at * at / 7).to_le_bytes()[1])
        .collect();
    let others: [&[u8]; 6] = [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"\x89SIMG\r\n\x1a\x01\x00\x00\x45",
        b"EHLO modality\r\n",
        &noise,
    ];
    for number in 0..load() {
        let mut stream = connect(&receiver);
        // It may be closed before all is said.
        let _: io::Result<()> = stream.write_all(others[number % others.len()]);
        let _: io::Result<()> = stream.shutdown(std::net::Shutdown::Write);
        let mut answer = Vec::new();
        let _: io::Result<usize> = stream.read_to_end(&mut answer);
        let said = String::from_utf8_lossy(&answer);
        assert!(said.is_empty() || said.starts_with("HTTP/1.1 4"), "{said}");
    }
    let (after, _) = memory(receiver.id());
    say!(
        "{} peers that speak something else: {before} KiB before, {after} KiB after",
        load()
    );
    assert!(after < before + (16 << 10), "{before} to {after} KiB");
    let (sent, _) = send(&receiver, &doctor(folder), 0);
    receiver.kill();
    assert_all(folder, sent);
}

#[test]
fn many_senders_at_once_are_all_verified_and_stored_once() {
    let room = room();
    let folder = room.path();
    let senders = (load() / 20).max(6);
    let receiver = patient(folder, &["--count", &senders.to_string()]);
    let to = doctor(folder);
    let started = Instant::now();
    let sent: Vec<Image> = thread::scope(|scope| {
        let one = |sender| {
            let (receiver, to) = (&receiver, &to);
            scope.spawn(move || send(receiver, to, sender).0)
        };
        let all: Vec<_> = (0..senders).map(one).collect();
        all.into_iter()
            .flat_map(|one| one.join().unwrap())
            .collect()
    });
    let took = started.elapsed();
    let reports = receiver.end(0);
    let verified = reports
        .iter()
        .filter(|report| report["verdict"] == "verified");
    assert_eq!((verified.count(), reports.len()), (senders, senders));
    let images = sent.len();
    let bytes: usize = sent.iter().map(|image| image.bytes.len()).sum();
    say!("{senders} senders at once: {images} images of {images}, {bytes} bytes in {took:?}");
    assert_all(folder, sent);
}
