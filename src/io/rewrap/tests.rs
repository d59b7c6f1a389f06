//! A rewrap that is cut off anywhere, by a kill or by a power failure, leaves the old recipients or
//! the new ones, and nothing between.

use std::collections::BTreeSet;
use std::io::{self, ErrorKind, Write};
use std::sync::Arc;

use crate::content::Manifest;
use crate::format::CORE_FRAME_LEN;
use crate::io::{SealWriter, open_stream};
use crate::keys::{RawKeyRecipient, SymmetricKey};
use crate::stream::{OpenOptions, SealOptions};

use super::backup::{Found, Head};
use super::disk::Disk;
use super::in_place::{Failed, Recovery, recover, replace};
use super::rewrap_stream;

/// A disk in memory that forgets what was not synced, and that stops where it is told to.
#[derive(Debug, Clone)]
struct Model {
    transfer_id: [u8; 32],
    stream: Content,
    backups: Vec<Content>,
    /// Which backup the folder names, and what it may name after a power failure.
    named: Option<usize>,
    durable_names: BTreeSet<Option<usize>>,
    /// How many steps are left, and how much of the last one is done where it writes.
    steps_left: usize,
    part: Part,
    failure: Failure,
    steps: Vec<&'static str>,
}

#[derive(Debug, Clone, Default)]
struct Content {
    bytes: Vec<u8>,
    durable: Vec<u8>,
}

/// How much of a write happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Nothing,
    OneByte,
    FrameHeader,
    AKeyId,
    Half,
    AllButOne,
    All,
}

const PARTS: [Part; 7] = [
    Part::Nothing,
    Part::OneByte,
    Part::FrameHeader,
    Part::AKeyId,
    Part::Half,
    Part::AllButOne,
    Part::All,
];

impl Part {
    fn of(self, length: usize) -> usize {
        match self {
            Self::Nothing => 0,
            Self::OneByte => length.min(1),
            Self::FrameHeader => length.min(4),
            Self::AKeyId => length.min(4 + 1 + 2 + 9),
            Self::Half => length / 2,
            Self::AllButOne => length.saturating_sub(1),
            Self::All => length,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Failure {
    /// Nothing is done any more.
    Killed,
    /// One step fails, and what follows works again.
    Once,
    /// The stream cannot be written to any more.
    StreamLost,
}

impl Model {
    fn new(transfer_id: [u8; 32], frame: &[u8]) -> Self {
        Self {
            transfer_id,
            stream: Content::synced(frame.to_vec()),
            backups: Vec::new(),
            named: None,
            durable_names: BTreeSet::from([None]),
            steps_left: usize::MAX,
            part: Part::All,
            failure: Failure::Killed,
            steps: Vec::new(),
        }
    }

    fn stopping(mut self, steps: usize, part: Part, failure: Failure) -> Self {
        (self.steps_left, self.part, self.failure) = (steps, part, failure);
        self
    }

    /// Says how much of a write of `length` bytes is done; an error where this is the step that fails.
    fn step(&mut self, name: &'static str, length: usize) -> (usize, io::Result<()>) {
        self.steps.push(name);
        let stream = matches!(name, "overwrite" | "sync stream");
        let left = self.steps_left;
        self.steps_left = left.saturating_sub(1);
        let failed = match self.failure {
            Failure::Killed => left <= 1,
            Failure::Once => left == 1,
            Failure::StreamLost => left <= 1 && stream,
        };
        if !failed {
            return (length, Ok(()));
        }
        let done = if left == 1 { self.part.of(length) } else { 0 };
        (done, Err(ErrorKind::StorageFull.into()))
    }

    fn backup(&mut self) -> io::Result<&mut Content> {
        let named = self.named.ok_or(ErrorKind::NotFound)?;
        Ok(&mut self.backups[named])
    }

    fn found(&self) -> Found {
        let stream = Head {
            transfer_id: self.transfer_id,
            frame: self.stream.bytes.clone(),
        };
        self.named.map_or(Found::Nothing, |named| {
            Found::judge(&self.backups[named].bytes, &stream)
        })
    }

    /// What a reader takes for the block.
    fn view(&self) -> Vec<u8> {
        match self.found() {
            Found::Whole(old) => old.frame,
            _ => self.stream.bytes.clone(),
        }
    }

    /// After a kill the system still writes what it was given.
    fn after_a_kill(&self) -> Self {
        let mut after = self.clone();
        after.stream = Content::synced(after.stream.bytes);
        after.backups = after
            .backups
            .into_iter()
            .map(|c| Content::synced(c.bytes))
            .collect();
        after.durable_names = BTreeSet::from([after.named]);
        after.running()
    }

    /// After a power failure what was synced is there, and of the rest anything may be.
    fn after_power_failures(&self) -> Vec<Self> {
        let mut after = Vec::new();
        for &named in &self.durable_names {
            for stream in self.stream.possible() {
                let contents = named.map_or_else(
                    || BTreeSet::from([Vec::new()]),
                    |named| self.backups[named].possible(),
                );
                for content in contents {
                    let mut model = self.clone();
                    model.stream = Content::synced(stream.clone());
                    model.backups = vec![Content::synced(content)];
                    model.named = named.map(|_| 0);
                    model.durable_names = BTreeSet::from([model.named]);
                    after.push(model.running());
                }
            }
        }
        after
    }

    fn running(mut self) -> Self {
        self.steps.clear();
        self.stopping(usize::MAX, Part::All, Failure::Killed)
    }
}

impl Content {
    fn synced(bytes: Vec<u8>) -> Self {
        Self {
            durable: bytes.clone(),
            bytes,
        }
    }

    /// Old, new, a part of each from either side, sectors of both in turn, and for a file that has grown its
    /// length without its bytes.
    fn possible(&self) -> BTreeSet<Vec<u8>> {
        let (old, new) = (&self.durable, &self.bytes);
        let mut possible = BTreeSet::from([old.clone(), new.clone()]);
        if old == new {
            return possible;
        }
        let mixed = |takes_new: &dyn Fn(usize) -> bool| {
            let byte = |at| {
                if takes_new(at) {
                    new[at]
                } else {
                    old.get(at).copied().unwrap_or(0)
                }
            };
            (0..new.len()).map(byte).collect::<Vec<_>>()
        };
        let half = new.len() / 2;
        possible.insert(mixed(&|at| at < half));
        possible.insert(mixed(&|at| at >= half));
        possible.insert(mixed(&|at| at / 512 % 2 == 0));
        possible.insert(mixed(&|_| false));
        if old.len() < new.len() {
            possible.insert(new[..half].to_vec());
        }
        possible
    }
}

impl Disk for Model {
    fn find_backup(&mut self) -> io::Result<Found> {
        Ok(self.found())
    }

    fn create_backup(&mut self) -> io::Result<()> {
        let (_, done) = self.step("create backup", 0);
        done?;
        assert_eq!(self.named, None, "only one backup");
        self.named = Some(self.backups.len());
        self.backups.push(Content::default());
        self.durable_names.insert(self.named);
        Ok(())
    }

    fn write_backup(&mut self, bytes: &[u8]) -> io::Result<()> {
        let (length, done) = self.step("write backup", bytes.len());
        if done.is_ok() || length > 0 {
            self.backup()?.bytes.extend_from_slice(&bytes[..length]);
        }
        done
    }

    fn sync_backup(&mut self) -> io::Result<()> {
        let (_, done) = self.step("sync backup", 0);
        done?;
        let backup = self.backup()?;
        backup.durable.clone_from(&backup.bytes);
        Ok(())
    }

    fn sync_folder(&mut self) -> io::Result<()> {
        let (_, done) = self.step("sync folder", 0);
        done?;
        self.durable_names = BTreeSet::from([self.named]);
        Ok(())
    }

    fn overwrite(&mut self, frame: &[u8]) -> io::Result<()> {
        let (length, done) = self.step("overwrite", frame.len());
        self.stream.bytes[..length].copy_from_slice(&frame[..length]);
        done
    }

    fn sync_stream(&mut self) -> io::Result<()> {
        let (_, done) = self.step("sync stream", 0);
        done?;
        self.stream.durable.clone_from(&self.stream.bytes);
        Ok(())
    }

    fn delete_backup(&mut self) -> io::Result<()> {
        let (_, done) = self.step("delete backup", 0);
        done?;
        self.backup()?;
        self.named = None;
        self.durable_names.insert(None);
        Ok(())
    }
}

/// A sealed stream, its block for one key, and the block of the same length for another.
struct Bench {
    stream: Vec<u8>,
    old: Head,
    new: Vec<u8>,
    keys: [OpenOptions; 2],
}

impl Bench {
    fn new() -> Self {
        let raw = |byte| {
            let key = SymmetricKey::from_file_bytes(&[byte; 32]).unwrap();
            Arc::new(RawKeyRecipient::new(key))
        };
        let mut writer =
            SealWriter::new(Vec::new(), &SealOptions::new().recipient(raw(1))).unwrap();
        let manifest = Manifest::new("opaque", "application/octet-stream");
        writer.start_item(&manifest, Some(5)).unwrap();
        writer.write_all(b"pixel").unwrap();
        writer.end_item().unwrap();
        let stream = writer.finish().unwrap();
        let keys = [1, 2].map(|byte| OpenOptions::new().identity(raw(byte)));
        let mut other = Vec::new();
        let recipients = SealOptions::new().recipient(raw(2));
        rewrap_stream(stream.as_slice(), &mut other, &keys[0], &recipients).unwrap();
        let head = |stream: &[u8]| Head::read(&mut io::Cursor::new(stream)).unwrap().unwrap();
        assert_eq!(stream.len(), other.len());
        Self {
            old: head(&stream),
            new: head(&other).frame,
            stream,
            keys,
        }
    }

    fn disk(&self) -> Model {
        Model::new(self.old.transfer_id, &self.old.frame)
    }

    /// Says which of the two keys opens the stream with this block.
    fn opens_for(&self, frame: &[u8]) -> [bool; 2] {
        let mut stream = self.stream.clone();
        stream[CORE_FRAME_LEN..CORE_FRAME_LEN + frame.len()].copy_from_slice(frame);
        [0, 1].map(|key| open_stream(stream.as_slice(), &self.keys[key], &mut ()).is_ok())
    }

    /// A reader sees one of the two blocks now, and so does everybody after recovery, wherever that is
    /// cut off in turn.
    fn check(&self, after: &Model, tally: &mut Tally) {
        self.check_block(&after.view(), tally);
        let mut recovered = after.clone();
        let recovery = recover(&mut recovered).unwrap();
        assert!(
            matches!(
                recovery,
                Recovery::Nothing | Recovery::Torn | Recovery::Restored
            ),
            "{recovery:?}"
        );
        self.check_block(&recovered.stream.bytes, tally);
        assert_eq!(recovered.view(), recovered.stream.bytes);
        for steps in 1..=recovered.steps.len() {
            for part in PARTS {
                let mut again = after.clone().stopping(steps, part, Failure::Killed);
                recover(&mut again).unwrap_err();
                for mut after in once_more(&again) {
                    self.check_block(&after.view(), tally);
                    recover(&mut after).unwrap();
                    self.check_block(&after.stream.bytes, tally);
                }
            }
        }
    }

    fn check_block(&self, frame: &[u8], tally: &mut Tally) {
        tally.states += 1;
        match frame {
            _ if frame == self.old.frame => tally.old += 1,
            _ if frame == self.new => tally.new += 1,
            _ => panic!(
                "neither the old recipients nor the new ones: {:?}",
                self.opens_for(frame)
            ),
        }
    }
}

fn once_more(stopped: &Model) -> Vec<Model> {
    let mut after = stopped.after_power_failures();
    after.push(stopped.after_a_kill());
    after
}

#[derive(Debug, Default)]
struct Tally {
    stops: usize,
    states: usize,
    old: usize,
    new: usize,
}

/// The steps of a rewrap that nothing disturbs.
const STEPS: [&str; 8] = [
    "create backup",
    "write backup",
    "sync backup",
    "sync folder",
    "overwrite",
    "sync stream",
    "delete backup",
    "sync folder",
];

const RECOVERY: [&str; 4] = ["overwrite", "sync stream", "delete backup", "sync folder"];

#[test]
fn a_rewrap_that_is_cut_off_leaves_the_old_block_or_the_new_one() {
    let bench = Bench::new();
    assert_eq!(bench.opens_for(&bench.old.frame), [true, false]);
    assert_eq!(bench.opens_for(&bench.new), [false, true]);
    let mut undisturbed = bench.disk();
    replace(&mut undisturbed, &bench.old, &bench.new).unwrap();
    assert_eq!(undisturbed.steps, STEPS);
    let mut tally = Tally::default();
    for steps in 1..=STEPS.len() {
        for part in PARTS {
            let mut disk = bench.disk().stopping(steps, part, Failure::Killed);
            replace(&mut disk, &bench.old, &bench.new).unwrap_err();
            tally.stops += 1;
            bench.check(&disk.after_a_kill(), &mut tally);
            for after in disk.after_power_failures() {
                bench.check(&after, &mut tally);
            }
        }
    }
    // Behind the last step nothing can bring the old block back.
    for after in undisturbed.after_power_failures() {
        assert_eq!(after.view(), bench.new);
        assert_eq!(after.found(), Found::Nothing);
    }
    assert!(tally.old > 0 && tally.new > 0, "{tally:?}");
    let Tally {
        stops,
        states,
        old,
        new,
    } = tally;
    // Past the test runner, which keeps `println!` to itself.
    let text = "states after kills and power failures";
    writeln!(
        io::stderr(),
        "rewrap cut off {stops} times: {states} {text}, {old} old, {new} new, 0 between"
    )
    .unwrap();
}

#[test]
fn a_disk_that_fails_leaves_the_old_block_and_says_so() {
    let bench = Bench::new();
    for steps in 1..=STEPS.len() {
        for part in PARTS {
            let mut disk = bench.disk().stopping(steps, part, Failure::Once);
            let at = format!("step {steps}, {part:?}");
            match replace(&mut disk, &bench.old, &bench.new) {
                Err(Failed::Untouched(_)) => {
                    assert!(steps <= 6, "{at}");
                    assert_eq!(disk.stream.bytes, bench.old.frame, "{at}");
                    assert_eq!(disk.named, None, "{at}");
                }
                // The backup could not be removed, or perhaps not for good.
                Err(Failed::Unfinished(_)) => assert!(steps > 6, "{at}"),
                Ok(()) => panic!("{at}: no error"),
            }
            let mut tally = Tally::default();
            for after in once_more(&disk) {
                bench.check(&after, &mut tally);
            }
        }
    }
}

#[test]
fn a_stream_that_can_no_longer_be_written_keeps_its_backup() {
    let bench = Bench::new();
    for part in PARTS {
        let mut disk = bench.disk().stopping(5, part, Failure::StreamLost);
        let failed = replace(&mut disk, &bench.old, &bench.new);
        assert!(matches!(failed, Err(Failed::Unfinished(_))), "{failed:?}");
        assert_eq!(disk.view(), bench.old.frame);
        let mut later = disk.after_a_kill();
        assert_eq!(recover(&mut later).unwrap(), Recovery::Restored);
        assert_eq!(later.steps, RECOVERY);
        assert_eq!(later.stream.bytes, bench.old.frame);
    }
}
