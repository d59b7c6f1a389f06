//! 50 senders at once, 10 000 images in all, against the speed of sealing and opening the same in memory.
//!
//! Over the loopback interface one machine does everything: what the senders seal the receiver opens. So what is
//! compared is the time for sealing and opening the same streams in memory, by as many threads as there are
//! processors, without a byte stored or sent. Sealing alone is shown as well. Where the images are stored as well, what
//! the disk takes for the same files comes to that: written, fsynced and named by as many threads as there are senders,
//! just before and just behind, since one and the same disk takes very different times for the same work. Where the machine does other things at
//! the same time, the times say little, and the processor times that stand beside them remain.

use core::sync::atomic::{AtomicUsize, Ordering};
use core::time::Duration;
use std::collections::HashMap;
use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Mutex;
use std::thread;
use std::time::Instant;

use secimg::content::Manifest;
use secimg::io::ItemSink;
use secimg::stream::{Authentic, ItemReport};
use secimg::transport::{
    Handler, Receiver, Server, ServerLimits, Visit, await_receipt, connect, listen,
};

use crate::bench::Bench;
use crate::images::{Picture, seal, seal_into};
use crate::process::{self, mib};
use crate::sessions::Chance;
use crate::stats::{rate, ratio};
use crate::table::Row;

const SENDERS: usize = 50;
const IMAGES: usize = 200;
const PATIENCE: Duration = Duration::from_secs(120);
/// Of the speed in memory.
const WANTED: f64 = 0.8;

type Digests = HashMap<String, [u8; 32]>;

pub(crate) fn run(bench: &Bench, row: &mut Row) {
    let series = all_series(bench.seed);
    let bytes: u64 = series.iter().flatten().map(|p| p.bytes.len() as u64).sum();
    let expected: Digests = series
        .iter()
        .flatten()
        .map(|picture| (picture.name.clone().unwrap_or_default(), picture.digest()))
        .collect();
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let (sealing, opening) = in_memory(bench, &series, threads);
    row.figure(format!(
        "{} images, {:.0} MB: sealing in memory {:.0} MB/s, opening {:.0} MB/s, one after the other {:.0} MB/s, {threads} threads",
        expected.len(),
        bytes as f64 / 1e6,
        rate(bytes, sealing.time),
        rate(bytes, opening.time),
        rate(bytes, sealing.and(opening).time)
    ));
    let told = Told {
        bytes,
        images: expected.len(),
        sealing,
        both: sealing.and(opening),
    };
    let took = to_memory(bench, &series, &expected, row);
    told.tell("verified, in memory", took, row);
    let before = to_disk(bench, &series);
    let took = to_folder(bench, &series, &expected, row);
    let behind = to_disk(bench, &series);
    told.tell("verified and stored by the command", took, row);
    told.tell_disk(took, [before, behind], row);
}

/// What the figures are made of.
struct Told {
    bytes: u64,
    images: usize,
    sealing: Took,
    both: Took,
}

impl Told {
    fn tell(&self, what: &str, took: Took, row: &mut Row) {
        row.figure(format!(
            "{what}: {SENDERS} senders, {:.0} MB/s, {:.2} ms an image, {:.0} % of sealing and opening in memory (wanted {:.0} %), {:.0} % of sealing alone",
            rate(self.bytes, took.time),
            took.time.as_secs_f64() * 1e3 / self.images as f64,
            100.0 * ratio(self.both.time, took.time),
            100.0 * WANTED,
            100.0 * ratio(self.sealing.time, took.time)
        ));
        row.figure(format!(
            "    processor time {:.2?}, {:.2?} for sealing and opening in memory: {:.0} %",
            took.processor,
            self.both.processor,
            100.0 * ratio(self.both.processor, took.processor)
        ));
    }
}

impl Told {
    /// What stands between a receiver that stores and the speed in memory.
    fn tell_disk(&self, took: Took, disk: [Took; 2], row: &mut Row) {
        let mean = disk[0].and(disk[1]).time / 2;
        let all = self.both.time + mean;
        row.figure(format!(
            "    the same files written, fsynced and named by {SENDERS} threads: {:.0} MB/s before, {:.0} behind; sealing, opening and storing one after the other {:.0} MB/s, of which the command reaches {:.0} % (wanted {:.0} %)",
            rate(self.bytes, disk[0].time),
            rate(self.bytes, disk[1].time),
            rate(self.bytes, all),
            100.0 * ratio(all, took.time),
            100.0 * WANTED
        ));
    }
}

/// Lengths from a kilobyte to half a megabyte, each order of magnitude as often as the others.
fn all_series(seed: u64) -> Vec<Vec<Picture>> {
    let mut chance = Chance(seed);
    let mut series = |sender: usize| -> Vec<Picture> {
        (0..IMAGES)
            .map(|number| {
                let most = 1 << (10 + chance.below(10));
                let len = most / 2 + chance.below(most);
                Picture::new(Some(format!("{sender}-{number}.raw")), len, &mut chance)
            })
            .collect()
    };
    (0..SENDERS).map(&mut series).collect()
}

/// What something took.
#[derive(Clone, Copy)]
struct Took {
    time: Duration,
    /// Of all processes that took part.
    processor: Duration,
}

impl Took {
    fn of(work: impl FnOnce()) -> Self {
        let (started, before) = (Instant::now(), process::processor_time("self"));
        work();
        Self {
            time: started.elapsed(),
            processor: process::processor_time("self") - before,
        }
    }

    const fn and(self, other: Self) -> Self {
        Self {
            time: self.time.saturating_add(other.time),
            processor: self.processor.saturating_add(other.processor),
        }
    }
}

/// Sealing all, then opening all.
fn in_memory(bench: &Bench, series: &[Vec<Picture>], threads: usize) -> (Took, Took) {
    let sealing = bench.sealing();
    let sealed = Took::of(|| {
        each(threads, series.len(), |number| {
            drop(seal(&series[number], &sealing));
        });
    });
    let streams: Vec<_> = series.iter().map(|one| seal(one, &sealing).bytes).collect();
    let receiver = Receiver::new(&bench.opening());
    let opened = Took::of(|| {
        each(threads, streams.len(), |number| {
            let opened = receiver.receive_from(streams[number].as_slice(), &mut Seen::default());
            drop(opened.expect("what was just sealed"));
        });
    });
    (sealed, opened)
}

/// Calls `work` for each number below `count`, in so many threads.
fn each(threads: usize, count: usize, work: impl Fn(usize) + Sync) {
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let number = next.fetch_add(1, Ordering::Relaxed)
                    && number < count
                {
                    work(number);
                }
            });
        }
    });
}

/// Keeps the digests of what was opened.
#[derive(Default)]
struct Seen {
    name: String,
    digests: Vec<(String, [u8; 32])>,
}

impl ItemSink for Seen {
    fn item(&mut self, manifest: &Authentic<Manifest>) -> io::Result<()> {
        self.name = manifest.get().name.clone().unwrap_or_default();
        Ok(())
    }

    fn data(&mut self, bytes: &[u8]) -> io::Result<()> {
        core::hint::black_box(bytes);
        Ok(())
    }

    fn item_end(&mut self, item: &Authentic<ItemReport>) -> io::Result<()> {
        let digest = item.get().sha256.unwrap_or_default();
        self.digests.push((core::mem::take(&mut self.name), digest));
        Ok(())
    }
}

#[derive(Default)]
struct Keeper(Mutex<Digests>);

impl Handler for Keeper {
    fn visit(&self, visit: &mut Visit<'_>) {
        let (receiver, mut seen) = (visit.receiver().clone(), Seen::default());
        match receiver.receive(visit, &mut seen) {
            Ok(accepted) => {
                self.0.lock().expect("no panic").extend(seen.digests);
                drop(accepted.acknowledge(&mut &mut *visit));
            }
            Err(_) => Receiver::turn_away(visit),
        }
    }
}

/// What the disk takes for the same files: one fsync a file, and one of the folder for each series.
fn to_disk(bench: &Bench, series: &[Vec<Picture>]) -> Took {
    let folder = bench.room("load").join("disk");
    fs::create_dir_all(&folder).expect("a folder");
    let folder = folder.as_path();
    let took = Took::of(|| {
        thread::scope(|scope| {
            for pictures in series {
                scope.spawn(move || store(folder, pictures).expect("the disk takes the files"));
            }
        });
    });
    drop(fs::remove_dir_all(folder));
    took
}

fn store(folder: &Path, pictures: &[Picture]) -> io::Result<()> {
    let waiting = |picture: &Picture| {
        let name = picture.name.as_deref().unwrap_or_default();
        folder.join(format!(".{name}"))
    };
    for picture in pictures {
        let mut file = fs::File::create_new(waiting(picture))?;
        file.write_all(picture.bytes)?;
        file.sync_all()?;
    }
    for picture in pictures {
        let name = picture.name.as_deref().unwrap_or_default();
        fs::rename(waiting(picture), folder.join(name))?;
    }
    #[cfg(unix)]
    fs::File::open(folder)?.sync_all()?;
    Ok(())
}

/// A server of the library in this process.
fn to_memory(bench: &Bench, series: &[Vec<Picture>], expected: &Digests, row: &mut Row) -> Took {
    let limits = ServerLimits::new().per_peer(SENDERS);
    let server = Server::new(&Receiver::new(&bench.opening()), limits);
    let listener = listen("tcp://127.0.0.1:0").expect("a port");
    let (url, stopper, keeper) = (listener.url(), server.stopper(), Keeper::default());
    process::forget_own_peak();
    let before = process::own("VmRSS");
    let took = thread::scope(|scope| {
        let serving = scope.spawn(|| server.serve(listener, &keeper));
        let took = send_all(bench, series, &url, row);
        stopper.stop();
        drop(serving.join());
        took
    });
    let peak = process::own("VmHWM");
    let seen = keeper.0.into_inner().expect("no panic");
    let right = expected
        .iter()
        .filter(|(name, digest)| seen.get(*name) == Some(digest));
    verified(right.count(), expected.len(), row);
    row.figure(format!(
        "memory of senders and receiver together: {:.1} MiB before, {:.1} MiB at most",
        mib(before),
        mib(peak)
    ));
    took
}

/// The command, which stores every image as a file.
fn to_folder(bench: &Bench, series: &[Vec<Picture>], expected: &Digests, row: &mut Row) -> Took {
    let received = bench.room("load").join("in");
    let most = SENDERS.to_string();
    let receiver = bench
        .secimg()
        .receive(&received, &["--max-per-peer", &most]);
    let before = receiver.memory("VmRSS");
    let idle = receiver.processor_time();
    let mut took = send_all(bench, series, &receiver.url, row);
    took.processor += receiver.processor_time() - idle;
    let peak = receiver.memory("VmHWM");
    let said = receiver.stop();
    row.require(!said.contains("panic"), || said.clone());
    verified(right_files(&received, series), expected.len(), row);
    let files = fs::read_dir(&received).map_or(0, Iterator::count);
    row.require(files == expected.len(), || format!("{files} files"));
    row.figure(format!(
        "memory of the command: {:.1} MiB before, {:.1} MiB at most",
        mib(before),
        mib(peak)
    ));
    drop(fs::remove_dir_all(&received));
    took
}

fn right_files(folder: &Path, series: &[Vec<Picture>]) -> usize {
    let is_right = |picture: &&Picture| {
        let name = picture.name.as_deref().unwrap_or_default();
        fs::read(folder.join(name)).is_ok_and(|bytes| bytes == picture.bytes)
    };
    series.iter().flatten().filter(is_right).count()
}

fn verified(right: usize, all: usize, row: &mut Row) {
    row.figure(format!("{right} of {all} images right"));
    row.require(right == all, || {
        format!("{} images are missing or wrong", all - right)
    });
}

/// Each sender seals into its own connection, all at the same time.
fn send_all(bench: &Bench, series: &[Vec<Picture>], url: &str, row: &mut Row) -> Took {
    let mut failed: Vec<String> = Vec::new();
    let took = Took::of(|| {
        failed = thread::scope(|scope| {
            let senders: Vec<_> = series
                .iter()
                .map(|pictures| scope.spawn(move || send(bench, pictures, url)))
                .collect();
            let sent = senders
                .into_iter()
                .map(|sender| sender.join().expect("no panic"));
            sent.filter_map(Result::err).collect()
        });
    });
    for error in failed {
        row.is_wrong(error);
    }
    took
}

fn send(bench: &Bench, pictures: &[Picture], url: &str) -> Result<(), String> {
    let text = |error: secimg::transport::TransportError| error.to_string();
    let mut link = connect(url, PATIENCE).map_err(text)?;
    link.set_idle_timeout(Some(PATIENCE))
        .map_err(|error| error.to_string())?;
    let sealed = seal_into(&mut link, pictures, &bench.sealing());
    let (link, sealer) = sealed.map_err(|error| error.to_string())?;
    await_receipt(link, &sealer.transfer_id(), Some(&sealer)).map_err(text)?;
    Ok(())
}
