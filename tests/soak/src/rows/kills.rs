//! Both sides killed with SIGKILL at random moments, and started again: every image arrives once.

use core::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use core::time::Duration;
use std::collections::{HashMap, HashSet};
use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::thread;
use std::time::Instant;

use secimg::format::Limits;
use secimg::transport::{Outgoing, Terms, deliver};

use crate::bench::Bench;
use crate::command::{Receiver, Secimg};
use crate::images::{Picture, seal};
use crate::sessions::Chance;
use crate::table::Row;

const RECEIVERS: usize = 200;
const SENDERS: usize = 100;
/// Senders at the same time.
const AT_ONCE: usize = 4;
/// How long the senders of a receiver that is killed go on trying, and how long a killed sender's command may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// A name, and one image of two is without.
fn pictures(worker: usize, number: usize, chance: &mut Chance) -> Vec<Picture> {
    let mut picture = |name| {
        let len = 200_000 + chance.below(400_000);
        Picture::new(name, len, chance)
    };
    vec![
        picture(Some(format!("{worker}-{number}.raw"))),
        picture(None),
    ]
}

/// What must be there in the end, by its digest.
#[derive(Default)]
struct Expected(Mutex<HashMap<[u8; 32], Option<String>>>);

impl Expected {
    fn add(&self, pictures: &[Picture]) {
        let mut expected = self.0.lock().expect("no panic");
        expected.extend(pictures.iter().map(|p| (p.digest(), p.name.clone())));
    }
}

pub(crate) fn receiver(bench: &Bench, row: &mut Row) {
    let room = bench.room("killed-receiver");
    let (received, state) = (room.join("in"), room.join("state"));
    let house = House {
        secimg: bench.secimg(),
        received: received.clone(),
        state,
    };
    let first = house
        .open("tcp://127.0.0.1:0")
        .expect("a receiver that listens");
    let url = first.url.clone();
    let (expected, sent, over) = (
        Expected::default(),
        AtomicUsize::new(0),
        AtomicBool::new(false),
    );
    let problems = Mutex::new(Vec::new());
    let mut looked = Looked::default();
    let mut killed = 0;
    thread::scope(|scope| {
        for worker in 0..AT_ONCE {
            let (expected, sent, over, url, problems) = (&expected, &sent, &over, &url, &problems);
            scope.spawn(move || {
                let mut chance = Chance(bench.seed ^ (worker as u64) << 32);
                for number in 0.. {
                    if over.load(Ordering::Relaxed) {
                        return;
                    }
                    let pictures = pictures(worker, number, &mut chance);
                    expected.add(&pictures);
                    if let Err(error) = bring(bench, &pictures, url) {
                        let mut problems = problems.lock().expect("no panic");
                        problems.push(format!("image {worker}-{number}: {error}"));
                        return;
                    }
                    sent.fetch_add(pictures.len(), Ordering::Relaxed);
                }
            });
        }
        let mut chance = Chance(bench.seed);
        let (end, mut running) = (Instant::now() + bench.time, first);
        while killed < RECEIVERS && Instant::now() < end {
            thread::sleep(Duration::from_millis(20 + chance.below(400) as u64));
            running.kill();
            killed += 1;
            looked.look(&received, &expected, row);
            running = house.again(&url);
        }
        over.store(true, Ordering::Relaxed);
        // The last deliveries come to their end.
        thread::scope(|_| {
            while sent.load(Ordering::Relaxed) < expected.0.lock().expect("no panic").len()
                && problems.lock().expect("no panic").is_empty()
            {
                thread::sleep(Duration::from_millis(50));
            }
        });
        row.require(!running.stop().contains("panic"), || "a panic".into());
    });
    for problem in problems.into_inner().expect("no panic") {
        row.is_wrong(problem);
    }
    let (sent, all) = (sent.into_inner(), looked.once(&received, &expected, row));
    row.figure(format!(
        "{killed} receivers killed: {all} of {sent} images there once, {} looks at the folder, {} half-written files",
        looked.looks, looked.half
    ));
    row.require(all == sent, || format!("{all} of {sent} images are there"));
}

/// Where a receiver is started again and again.
struct House {
    secimg: Secimg,
    received: PathBuf,
    state: PathBuf,
}

impl House {
    fn open(&self, url: &str) -> Option<Receiver> {
        let mut command = self.secimg.command("receive");
        command.args(["--listen", url, "-O"]).arg(&self.received);
        command.arg("--state").arg(&self.state);
        Receiver::start(command)
    }

    /// The port may be free only in a moment.
    fn again(&self, url: &str) -> Receiver {
        let end = Instant::now() + PATIENCE;
        while Instant::now() < end {
            if let Some(receiver) = self.open(url) {
                return receiver;
            }
            thread::sleep(Duration::from_millis(10));
        }
        panic!("no receiver can be started where one was killed");
    }
}

fn bring(bench: &Bench, pictures: &[Picture], url: &str) -> Result<(), String> {
    let sealed = seal(pictures, &bench.sealing());
    let outgoing = Outgoing::new(Cursor::new(sealed.bytes), Limits::DEFAULT);
    let mut outgoing = outgoing.expect("a whole stream").expecting(sealed.expected);
    let terms = Terms::new()
        .pauses(Duration::from_millis(10), Duration::from_millis(200))
        .until(Instant::now() + PATIENCE);
    deliver(url, &mut outgoing, &terms).map_err(|error| error.to_string())?;
    Ok(())
}

/// What was seen of the output folder.
#[derive(Default)]
struct Looked {
    looks: usize,
    half: usize,
    /// Files that were whole; those stay as they are.
    whole: HashSet<PathBuf>,
}

impl Looked {
    /// What stands under a final name is a whole image, at any moment.
    fn look(&mut self, folder: &Path, expected: &Expected, row: &mut Row) {
        self.looks += 1;
        let expected = expected.0.lock().expect("no panic");
        for path in finals(folder) {
            if self.whole.contains(&path) {
                continue;
            }
            let digest = digest_of(&path);
            if digest.is_some_and(|digest| expected.contains_key(&digest)) {
                self.whole.insert(path);
            } else {
                self.half += 1;
                row.is_wrong(format!("half-written: {}", path.display()));
            }
        }
    }

    /// How many of the images are there exactly once, under their names; anything else is wrong.
    fn once(&mut self, folder: &Path, expected: &Expected, row: &mut Row) -> usize {
        self.look(folder, expected, row);
        let expected = expected.0.lock().expect("no panic");
        let mut found: HashMap<[u8; 32], usize> = HashMap::new();
        for path in finals(folder) {
            let name = path
                .file_name()
                .map(|name| name.to_string_lossy().into_owned());
            if let Some(digest) = digest_of(&path) {
                *found.entry(digest).or_default() += 1;
                let named = expected
                    .get(&digest)
                    .is_some_and(|wanted| wanted.is_none() || *wanted == name);
                row.require(named, || format!("under a false name: {name:?}"));
            }
        }
        let twice = found.values().filter(|count| **count > 1).count();
        row.require(twice == 0, || format!("{twice} images came twice"));
        let left = fs::read_dir(folder).map_or(0, Iterator::count) - finals(folder).len();
        row.require(left == 0, || format!("{left} temporary files are left"));
        expected
            .keys()
            .filter(|digest| found.get(*digest) == Some(&1))
            .count()
    }
}

/// Files that have their names.
fn finals(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let is_final = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        !name.starts_with(".secimg-")
    };
    paths.filter(is_final).collect()
}

fn digest_of(path: &Path) -> Option<[u8; 32]> {
    use sha2::{Digest, Sha256};
    Some(Sha256::digest(fs::read(path).ok()?).into())
}

pub(crate) fn sender(bench: &Bench, row: &mut Row) {
    let room = bench.room("killed-sender");
    let received = room.join("in");
    let receiver = bench.secimg().receive(&received, &[]);
    let (expected, killed, sent) = (
        Expected::default(),
        AtomicUsize::new(0),
        AtomicUsize::new(0),
    );
    let problems = Mutex::new(Vec::new());
    let end = Instant::now() + bench.time;
    thread::scope(|scope| {
        for worker in 0..AT_ONCE {
            let job = Job {
                secimg: bench.secimg(),
                room: bench.room(&format!("killed-sender/{worker}")),
                url: receiver.url.clone(),
            };
            let (expected, killed, sent, problems) = (&expected, &killed, &sent, &problems);
            scope.spawn(move || {
                let mut chance = Chance(bench.seed ^ (worker as u64) << 32);
                for number in 0.. {
                    if killed.load(Ordering::Relaxed) >= SENDERS || Instant::now() > end {
                        return;
                    }
                    // The file's name is the image's.
                    let picture = pictures(worker, number, &mut chance).remove(0);
                    expected.add(core::slice::from_ref(&picture));
                    match job.until_sent(&picture, killed, &mut chance) {
                        Ok(()) => drop(sent.fetch_add(1, Ordering::Relaxed)),
                        Err(error) => problems.lock().expect("no panic").push(error),
                    }
                }
            });
        }
    });
    row.require(!receiver.stop().contains("panic"), || "a panic".into());
    for problem in problems.into_inner().expect("no panic") {
        row.is_wrong(problem);
    }
    let mut looked = Looked::default();
    let (sent, all) = (sent.into_inner(), looked.once(&received, &expected, row));
    row.figure(format!(
        "{} senders killed: {all} of {sent} images there once",
        killed.into_inner()
    ));
    row.require(all == sent, || format!("{all} of {sent} images are there"));
}

/// Senders of one worker, with their state.
struct Job {
    secimg: Secimg,
    room: PathBuf,
    url: String,
}

impl Job {
    fn command(&self, file: &Path) -> Command {
        let mut command = self.secimg.command("send");
        command.args(["--to", &self.url, "--state"]);
        command.arg(self.room.join("state")).arg(file);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    /// Kills the sender twice of three times, until it comes through.
    fn until_sent(
        &self,
        picture: &Picture,
        killed: &AtomicUsize,
        chance: &mut Chance,
    ) -> Result<(), String> {
        let file = self.room.join(picture.name.as_deref().unwrap_or_default());
        fs::write(&file, picture.bytes).map_err(|error| error.to_string())?;
        let end = Instant::now() + PATIENCE;
        while Instant::now() < end {
            let mut child = self.command(&file).spawn().map_err(|e| e.to_string())?;
            if !chance.one_in(3) {
                thread::sleep(Duration::from_micros(chance.below(120_000) as u64));
                if matches!(child.try_wait(), Ok(None)) && child.kill().is_ok() {
                    killed.fetch_add(1, Ordering::Relaxed);
                }
            }
            if child.wait().is_ok_and(|status| status.success()) {
                // Once more: it says that there is nothing to do.
                let again = self.command(&file).status();
                let nothing = again.is_ok_and(|status| status.success());
                return nothing.then_some(()).ok_or("once more failed".to_owned());
            }
        }
        Err(format!("{} did not come through", file.display()))
    }
}
