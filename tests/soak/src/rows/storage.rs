//! A receiver whose disk is full, whose folder is read-only, or whose folder vanishes while streams come.
//!
//! Whatever either side says: what was acknowledged is there whole, nothing half-written has a final name, and what
//! was not acknowledged arrives when there is room again.

use core::time::Duration;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

use serde_json::Value;

use crate::bench::Bench;
use crate::command::{Receiver, Secimg, error_of};
use crate::images::Picture;
use crate::sessions::Chance;
use crate::table::Row;

const IMAGES: usize = 12;
/// One long image, one short one, in turn.
const LENGTHS: [usize; 2] = [1 << 20, 300_000];
/// Where there is room for some of them.
const DISK: &str = "size=4m";
/// The longest file that may be written, in blocks of 512 bytes: shorter than a long image.
const SHELL_LIMIT: &str = "trap '' XFSZ; ulimit -f 1024";

/// A fault: how it comes and how it goes again.
struct Fault {
    name: &'static str,
    /// None where this machine cannot have it.
    begin: fn(&Place) -> Option<Receiver>,
    /// In the middle of the streams.
    middle: fn(&Place),
    /// There is room again.
    heal: fn(&Place),
}

const FAULTS: &[Fault] = &[
    Fault {
        name: "full disk",
        begin: |place| place.mounted().then(|| place.receive("")),
        middle: |_| {},
        heal: |place| place.mount(&["-o", "remount,size=64m"]),
    },
    Fault {
        name: "files that may not grow",
        begin: |place| Some(place.receive(SHELL_LIMIT)),
        middle: |_| {},
        heal: |_| {},
    },
    Fault {
        name: "read-only folder",
        begin: |place| place.mounted().then(|| place.receive("")),
        middle: |place| place.mount(&["-o", "remount,ro"]),
        heal: |place| place.mount(&["-o", "remount,rw,size=64m"]),
    },
    Fault {
        name: "vanished folder",
        begin: |place| Some(place.receive("")),
        middle: |place| fs::rename(&place.folder, place.aside()).expect("renamed"),
        heal: |place| fs::create_dir_all(&place.folder).expect("a folder"),
    },
];

pub(crate) fn run(bench: &Bench, row: &mut Row) {
    for (number, fault) in FAULTS.iter().enumerate() {
        let room = bench.room(&format!("storage/{number}"));
        let place = Place {
            secimg: bench.secimg(),
            folder: room.join("in"),
            state: room.join("state"),
            room,
        };
        fs::create_dir_all(&place.folder).expect("a folder");
        match (fault.begin)(&place) {
            Some(receiver) => suffer(bench, fault, &place, receiver, row),
            None => row.figure(format!("{}: not possible here (no mounting)", fault.name)),
        }
    }
}

fn suffer(bench: &Bench, fault: &Fault, place: &Place, mut receiver: Receiver, row: &mut Row) {
    let mut chance = Chance(bench.seed);
    let pictures: Vec<_> = (0..IMAGES)
        .map(|number| {
            let name = Some(format!("{number}.raw"));
            Picture::new(name, LENGTHS[number % 2], &mut chance)
        })
        .collect();
    for picture in &pictures {
        fs::write(place.original(picture), picture.bytes).expect("an original");
    }
    let (first, second) = pictures.split_at(IMAGES / 3);
    let mut sent: Vec<_> = first.iter().map(|p| place.send(&receiver.url, p)).collect();
    (fault.middle)(place);
    sent.extend(second.iter().map(|p| place.send(&receiver.url, p)));
    let acknowledged: Vec<_> = (pictures.iter().zip(&sent))
        .filter(|(_, answer)| answer.is_none())
        .map(|(picture, _)| picture)
        .collect();
    let whole = acknowledged.iter().filter(|picture| place.has(picture));
    let whole = whole.count();
    let half = place.half_written(&pictures);
    let running = receiver.is_running();
    row.figure(format!(
        "{}: {IMAGES} streams, {} acknowledged, {whole} of them there whole, {} half-written",
        fault.name,
        acknowledged.len(),
        half.len()
    ));
    say(row, "sender", sent.iter().flatten().map(String::as_str));
    let reports = receiver.reports();
    let errors: Vec<_> = reports
        .iter()
        .filter(|report| failed(report))
        .map(error_of)
        .collect();
    say(row, "receiver", errors.iter().map(String::as_str));
    row.require(whole == acknowledged.len(), || {
        format!("{}: what was acknowledged is not there", fault.name)
    });
    row.require(half.is_empty(), || format!("{}: {half:?}", fault.name));
    row.require(running, || format!("{}: the receiver ended", fault.name));
    row.require(sent.iter().any(Option::is_some), || {
        format!("{}: nobody noticed", fault.name)
    });
    let said = receiver.stop();
    row.require(!said.contains("panic"), || said.clone());
    (fault.heal)(place);
    heal(fault, place, &pictures, &sent, row);
}

/// Those that were not acknowledged come again.
fn heal(
    fault: &Fault,
    place: &Place,
    pictures: &[Picture],
    sent: &[Option<String>],
    row: &mut Row,
) {
    let receiver = place.receive("");
    let again: Vec<_> = (pictures.iter().zip(sent))
        .filter(|(_, answer)| answer.is_some())
        .map(|(picture, _)| (picture, place.send(&receiver.url, picture)))
        .collect();
    let arrived = again
        .iter()
        .filter(|(picture, answer)| answer.is_none() && place.has(picture));
    let arrived = arrived.count();
    row.figure(format!(
        "    with room again {arrived} of the other {} arrive",
        again.len()
    ));
    row.require(arrived == again.len(), || {
        let answers: Vec<_> = again
            .iter()
            .filter_map(|(_, answer)| answer.as_ref())
            .collect();
        format!("{}: with room again: {answers:?}", fault.name)
    });
    receiver.stop();
}

fn failed(report: &Value) -> bool {
    !report["error"].is_null()
}

/// One thing for each code, with how often something of the kind was said.
fn say<'a>(row: &mut Row, who: &str, said: impl Iterator<Item = &'a str>) {
    let code = |text: &'a str| text.split(':').next();
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for text in said {
        match counts
            .iter_mut()
            .find(|(known, _)| code(known) == code(text))
        {
            Some((_, count)) => *count += 1,
            None => counts.push((text, 1)),
        }
    }
    for (text, count) in counts {
        row.figure(format!("    {who} ({count} times): {text}"));
    }
}

/// Where it happens.
struct Place {
    secimg: Secimg,
    room: PathBuf,
    folder: PathBuf,
    state: PathBuf,
}

impl Place {
    /// A receiver, started by a shell after `prelude` where there is one.
    fn receive(&self, prelude: &str) -> Receiver {
        let mut command = match prelude {
            "" => self.secimg.command("receive"),
            _ => self.secimg.command_after(prelude, "receive"),
        };
        command.args(["--listen", "tcp://127.0.0.1:0", "--state"]);
        command.arg(&self.state).arg("-O").arg(&self.folder);
        let end = std::time::Instant::now() + Duration::from_secs(20);
        Receiver::start(command).unwrap_or_else(|| {
            assert!(std::time::Instant::now() < end, "a receiver that listens");
            thread::sleep(Duration::from_millis(100));
            self.receive(prelude)
        })
    }

    fn original(&self, picture: &Picture) -> PathBuf {
        self.room.join(picture.name.as_deref().unwrap_or_default())
    }

    /// What the sender says where it has no receipt; nothing where it has.
    fn send(&self, url: &str, picture: &Picture) -> Option<String> {
        let mut command = self.secimg.command("send");
        command.args(["--to", url, "--deadline", "2"]);
        let output = command.arg(self.original(picture)).output();
        let output = output.expect("the command starts");
        if output.status.success() {
            return None;
        }
        let report: Result<Value, _> = serde_json::from_slice(&output.stdout);
        Some(report.map_or_else(|error| error.to_string(), |report| error_of(&report)))
    }

    fn aside(&self) -> PathBuf {
        self.room.join("aside")
    }

    /// Here, or where the folder went.
    fn has(&self, picture: &Picture) -> bool {
        let name = picture.name.as_deref().unwrap_or_default();
        [self.folder.clone(), self.aside()]
            .iter()
            .any(|folder| fs::read(folder.join(name)).is_ok_and(|bytes| bytes == picture.bytes))
    }

    /// What has a final name and is no whole image.
    fn half_written(&self, pictures: &[Picture]) -> Vec<PathBuf> {
        let files = |folder: &Path| {
            let entries = fs::read_dir(folder).into_iter().flatten();
            let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
            paths.collect::<Vec<_>>()
        };
        let is_half = |path: &PathBuf| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let whole = pictures.iter().any(|picture| {
                picture.name.as_deref() == Some(&*name)
                    && fs::read(path).is_ok_and(|bytes| bytes == picture.bytes)
            });
            !whole && !name.starts_with(".secimg-")
        };
        let all = [files(&self.folder), files(&self.aside())].concat();
        all.into_iter().filter(is_half).collect()
    }

    /// A small disk in the folder's place, where this is allowed.
    fn mounted(&self) -> bool {
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", DISK, "tmpfs"]);
        let mounted = mount.arg(&self.folder).output();
        mounted.is_ok_and(|output| output.status.success())
    }

    fn mount(&self, args: &[&str]) {
        let mounted = Command::new("mount").args(args).arg(&self.folder).output();
        assert!(mounted.is_ok_and(|output| output.status.success()), "mount");
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // Where nothing was mounted this says so, and nobody listens.
        drop(Command::new("umount").arg(&self.folder).output());
    }
}
