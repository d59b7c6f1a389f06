//! 500 idle and 100 slow peers beside an honest sender.

use core::sync::atomic::{AtomicBool, Ordering};
use core::time::Duration;
use std::fs;
use std::io::{Cursor, Write};
use std::net::TcpStream;
use std::path::Path;
use std::thread;
use std::time::Instant;

use secimg::format::Limits;
use secimg::transport::{Outgoing, Terms, deliver};

use crate::bench::Bench;
use crate::command::Receiver;
use crate::images::{Picture, seal};
use crate::process::mib;
use crate::sessions::Chance;
use crate::stats::{median, ratio};
use crate::table::Row;

const IDLE: usize = 500;
const SLOW: usize = 100;
/// Alternating rounds, with and without the others.
const ROUNDS: usize = 7;
/// What the honest sender brings in each.
const HONEST: usize = 12 << 20;
/// What the others may cost together, in KiB: little for who has sent no header, and buffers for who has. It is for an
/// allocator that keeps much of what was freed, as glibc's does with buffers of this size in many threads.
const BOUND: u64 = (IDLE as u64 * 64) + (SLOW as u64 * (2 << 10));

/// Nobody is cut off for being slow.
const PATIENT: &[&str] = &[
    "--max-connections",
    "700",
    "--max-per-peer",
    "700",
    "--header-timeout",
    "3600",
    "--idle-timeout",
    "3600",
];

pub(crate) fn run(bench: &Bench, row: &mut Row) {
    let folder = bench.room("peers");
    let received = folder.join("in");
    let receiver = bench.secimg().receive(&received, PATIENT);
    let mut chance = Chance(bench.seed);
    // What the first delivery needs for good is there before anything is compared.
    honest(bench, &receiver, &received, &mut chance, row);
    let before = receiver.memory("VmRSS");
    let (mut alone, mut beside, mut with) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        alone.extend(honest(bench, &receiver, &received, &mut chance, row));
        let peers = Peers::come(bench, &receiver);
        beside.extend(honest(bench, &receiver, &received, &mut chance, row));
        with.push(receiver.memory("VmRSS"));
        row.require(receiver.threads() > IDLE + SLOW, || {
            format!("{} threads for {} peers", receiver.threads(), IDLE + SLOW)
        });
        peers.leave(&receiver);
    }
    let after = receiver.memory("VmRSS");
    let (alone, beside) = (median(alone), median(beside));
    let most = with.iter().copied().max().unwrap_or_default();
    let each: Vec<_> = with.iter().map(|kib| format!("{:.0}", mib(*kib))).collect();
    row.figure(format!(
        "receiver: {:.1} MiB before; with {IDLE} idle and {SLOW} slow peers, each time that they have come, {} MiB; {:.1} MiB after; bound {} MiB more",
        mib(before),
        each.join(", "),
        mib(after),
        BOUND >> 10
    ));
    row.figure(format!(
        "honest sender, {} MiB, median of {ROUNDS}: {alone:.1?} alone, {beside:.1?} beside them, ratio {:.2}",
        HONEST >> 20,
        ratio(beside, alone)
    ));
    row.require(most < before + BOUND, || {
        format!("memory: {before} KiB before, {most} KiB with the peers")
    });
    let said = receiver.stop();
    row.require(!said.contains("panic"), || said.clone());
    let left: Vec<_> = fs::read_dir(&received).map_or_else(|_| Vec::new(), |left| left.collect());
    row.require(left.is_empty(), || format!("left behind: {left:?}"));
}

/// Delivers one image and looks whether it is there; nothing where it is not.
fn honest(
    bench: &Bench,
    receiver: &Receiver,
    received: &Path,
    chance: &mut Chance,
    row: &mut Row,
) -> Option<Duration> {
    let picture = Picture::new(Some("honest.raw".to_owned()), HONEST, chance);
    let sealed = seal(core::slice::from_ref(&picture), &bench.sealing());
    let outgoing = Outgoing::new(Cursor::new(sealed.bytes), Limits::DEFAULT);
    let mut outgoing = outgoing.expect("a whole stream").expecting(sealed.expected);
    let started = Instant::now();
    let receipt = deliver(&receiver.url, &mut outgoing, &Terms::new());
    let took = started.elapsed();
    let path = received.join("honest.raw");
    let stored = fs::read(&path).is_ok_and(|bytes| bytes == picture.bytes);
    row.require(stored && receipt.is_ok(), || {
        format!("an honest sender: {receipt:?}, stored: {stored}")
    });
    drop(fs::remove_file(&path));
    stored.then_some(took)
}

/// Connections that bring next to nothing.
struct Peers {
    idle: Vec<TcpStream>,
    dripping: thread::JoinHandle<()>,
    over: std::sync::Arc<AtomicBool>,
}

impl Peers {
    fn come(bench: &Bench, receiver: &Receiver) -> Self {
        let header = seal(&[], &bench.sealing()).bytes;
        let dial = || TcpStream::connect(receiver.address()).expect("a connection");
        let idle: Vec<_> = (0..IDLE)
            .map(|number| {
                let mut link = dial();
                // From the very first byte on, or in the middle of the header.
                let begun = &header[..number % 2 * (number % 4000)];
                link.write_all(begun).expect("written");
                link
            })
            .collect();
        let slow: Vec<_> = (0..SLOW)
            .map(|number| (dial(), slow_stream(bench, number)))
            .collect();
        let over = std::sync::Arc::new(AtomicBool::new(false));
        let peers = Self {
            idle,
            dripping: thread::spawn({
                let over = over.clone();
                move || drip(slow, &over)
            }),
            over,
        };
        wait(|| receiver.threads() > IDLE + SLOW);
        // The dripping ones get behind their headers.
        thread::sleep(Duration::from_millis(500));
        peers
    }

    fn leave(self, receiver: &Receiver) {
        self.over.store(true, Ordering::Relaxed);
        drop(self.idle);
        drop(self.dripping.join());
        wait(|| receiver.threads() < 50);
    }
}

fn slow_stream(bench: &Bench, number: usize) -> Vec<u8> {
    let mut chance = Chance(number as u64);
    let picture = Picture::new(Some(format!("slow {number}.raw")), 400_000, &mut chance);
    seal(&[picture], &bench.sealing()).bytes
}

/// The header at once, and then two kilobytes a second: more than the receiver's lowest rate.
fn drip(mut links: Vec<(TcpStream, Vec<u8>)>, over: &AtomicBool) {
    for (link, stream) in &mut links {
        link.write_all(&stream[..8000]).expect("written");
    }
    for at in (8000..400_000).step_by(200) {
        if over.load(Ordering::Relaxed) {
            return;
        }
        for (link, stream) in &mut links {
            // Who was cut off is counted by the receiver's threads.
            let _: std::io::Result<()> = link.write_all(&stream[at..at + 200]);
        }
        thread::sleep(Duration::from_millis(100));
    }
}

fn wait(happened: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_secs(20);
    while !happened() && Instant::now() < end {
        thread::sleep(Duration::from_millis(10));
    }
}
