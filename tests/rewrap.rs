//! Rewrapping files: in place, by copy, at once, and killed at any moment.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking, and its helpers are part of the test"
)]

#[macro_use]
mod support;

#[path = "rewrap/killed.rs"]
mod killed;
#[cfg(unix)]
#[path = "rewrap/unix.rs"]
mod unix;

use std::fs;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use secimg::crypto::{Cek, Random};
use secimg::format::{KeyId, RecipientType};
use secimg::io::{RewrapFileError, SealedFile, open_stream, rewrap_file};
use secimg::keys::{KeyError, Recipient, WrapContext};
use secimg::{Image, OpenOptions, SealOptions};
use tempfile::TempDir;

use support::{pattern, raw};

/// Magic and CORE frame.
const HEAD: usize = 81;
const BACKUP_MAGIC: [u8; 8] = [0x89, 0x53, 0x49, 0x4D, 0x42, 0x0D, 0x0A, 0x1A];

struct Bench {
    folder: TempDir,
    path: PathBuf,
    sealed: Vec<u8>,
}

impl Bench {
    /// A file for the raw key 1 with several chunks.
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("a.secimg");
        let sealed = secimg::encrypt(&Image::new(pattern(20_000)), &support::small()).unwrap();
        fs::write(&path, &sealed).unwrap();
        Self {
            folder,
            path,
            sealed,
        }
    }

    fn backup(&self) -> PathBuf {
        backup_of(&self.path)
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder.path()).unwrap();
        let mut names: Vec<_> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort_unstable();
        names
    }
}

fn backup_of(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap().to_str().unwrap();
    path.with_file_name(format!("{name}.rewrap-backup"))
}

fn identity(byte: u8) -> OpenOptions {
    OpenOptions::new().identity(raw(byte))
}

fn recipients(bytes: impl IntoIterator<Item = u8>) -> SealOptions {
    let start = SealOptions::new();
    bytes
        .into_iter()
        .fold(start, |all, byte| all.recipient(raw(byte)))
}

/// Whether the file opens for a key, all of it, as readers read it.
fn opens(path: &Path, byte: u8) -> bool {
    open_stream(SealedFile::open(path).unwrap(), &identity(byte), &mut ()).is_ok()
}

fn frame_of(sealed: &[u8]) -> &[u8] {
    let body = usize::from(sealed[HEAD + 2]) << 8 | usize::from(sealed[HEAD + 3]);
    &sealed[HEAD..HEAD + 4 + body]
}

/// What the specification says that a backup is.
fn backup_bytes(sealed: &[u8]) -> Vec<u8> {
    let (transfer_id, frame) = (kit_sha256(&sealed[..HEAD]), frame_of(sealed));
    let length = u32::try_from(frame.len()).unwrap().to_be_bytes();
    let offset = (HEAD as u64).to_be_bytes();
    let body = [&BACKUP_MAGIC, &transfer_id[..], &offset, &length, frame].concat();
    [&body[..], &kit_sha256(&body)].concat()
}

fn kit_sha256(bytes: &[u8]) -> [u8; 32] {
    use sha2::Digest;
    sha2::Sha256::digest(bytes).into()
}

#[test]
fn a_block_that_fits_is_overwritten_and_nothing_else() {
    let bench = Bench::new();
    let report = rewrap_file(&bench.path, &identity(1), &recipients([2, 3])).unwrap();
    assert!(report.in_place && !report.recovered);
    assert_eq!(report.survey.stream_bytes, bench.sealed.len() as u64);
    assert_eq!(report.survey.header.recipient_list().len(), 2);
    let now = fs::read(&bench.path).unwrap();
    let end = HEAD + frame_of(&bench.sealed).len();
    assert_eq!(now.len(), bench.sealed.len());
    assert_eq!(
        (&now[..HEAD + 4], &now[end..]),
        (&bench.sealed[..HEAD + 4], &bench.sealed[end..])
    );
    assert_eq!(
        [1, 2, 3].map(|byte| opens(&bench.path, byte)),
        [false, true, true]
    );
    assert_eq!(bench.names(), ["a.secimg"]);
    assert_eq!(secimg::inspect(&now).unwrap(), report.survey);
}

/// A provider whose keys are wrapped in thousands of bytes.
#[derive(Debug)]
struct Bulky;

impl Recipient for Bulky {
    fn kind(&self) -> RecipientType {
        RecipientType::External
    }

    fn key_id(&self, _: &[u8; 32]) -> KeyId {
        [0xB0; 16]
    }

    fn wrap(&self, _: &Cek, _: WrapContext<'_>, _: &mut Random<'_>) -> Result<Vec<u8>, KeyError> {
        Ok([b"\x05bulky".as_slice(), &[7; 6000]].concat())
    }
}

#[test]
fn a_block_grows_by_copy_and_then_keeps_its_length() {
    let bench = Bench::new();
    let frame_len = || frame_of(&fs::read(&bench.path).unwrap()).len();
    let bulky = recipients([1]).recipient(Arc::new(Bulky));
    let report = rewrap_file(&bench.path, &identity(1), &bulky).unwrap();
    assert!(!report.in_place);
    assert_eq!(frame_len(), 4 + 6144);
    let now = fs::read(&bench.path).unwrap();
    assert_eq!(secimg::inspect(&now).unwrap(), report.survey);
    let payload = |sealed: &[u8]| sealed[HEAD + frame_of(sealed).len()..].to_vec();
    assert_eq!(payload(&now), payload(&bench.sealed));
    let report = rewrap_file(&bench.path, &identity(1), &recipients([2])).unwrap();
    assert!(report.in_place, "the longer block is kept");
    assert_eq!(frame_len(), 4 + 6144);
    assert!(opens(&bench.path, 2) && !opens(&bench.path, 1));
    assert_eq!(bench.names(), ["a.secimg"]);
}

#[test]
fn what_is_damaged_is_not_rewrapped() {
    let bench = Bench::new();
    let sealed = &bench.sealed;
    let mut flipped = sealed.clone();
    flipped[HEAD + 100] ^= 1;
    let mut frame = sealed.clone();
    let chunk = HEAD + frame_of(sealed).len();
    frame[chunk] = 9;
    let trailing = [sealed.as_slice(), b"x"].concat();
    for (what, bytes) in [
        ("truncated by a byte", &sealed[..sealed.len() - 1]),
        ("truncated at a chunk", &sealed[..chunk + 4 + 4096 + 32]),
        ("truncated in the header", &sealed[..100]),
        ("empty", &[]),
        ("trailing bytes", &trailing),
        ("a changed recipient block", &flipped),
        ("a false frame", &frame),
        ("no stream", b"My notes on rewrapping"),
    ] {
        fs::write(&bench.path, bytes).unwrap();
        let error = rewrap_file(&bench.path, &identity(1), &recipients([2])).unwrap_err();
        assert!(matches!(error, RewrapFileError::Read(_)), "{what}: {error}");
        assert_eq!(fs::read(&bench.path).unwrap(), bytes, "{what}");
        assert_eq!(bench.names(), ["a.secimg"], "{what}");
    }
}

#[test]
fn what_cannot_be_opened_or_wrapped_stays_as_it_is() {
    let bench = Bench::new();
    for (identity, recipients) in [
        (identity(9), recipients([2])),
        (identity(1).context(b"another"), recipients([2])),
        (identity(1), recipients([])),
        (identity(1), recipients([2, 2])),
    ] {
        rewrap_file(&bench.path, &identity, &recipients).unwrap_err();
        assert_eq!(fs::read(&bench.path).unwrap(), bench.sealed);
        assert_eq!(bench.names(), ["a.secimg"]);
    }
}

/// A backup as another program would write it, from the specification.
#[test]
fn a_whole_backup_is_read_by_readers_and_restored_by_the_next_rewrap() {
    let bench = Bench::new();
    let frame = frame_of(&bench.sealed).len();
    for cut in [0, 1, 4, 100, frame / 2, frame] {
        let mut half = bench.sealed.clone();
        half[HEAD + 4..HEAD + cut.max(4)].fill(0xA5);
        fs::write(&bench.path, &half).unwrap();
        fs::write(bench.backup(), backup_bytes(&bench.sealed)).unwrap();
        assert!(opens(&bench.path, 1), "a reader goes by the backup: {cut}");
        assert_eq!(fs::read(&bench.path).unwrap(), half, "and writes nothing");
        let report = rewrap_file(&bench.path, &identity(1), &recipients([2])).unwrap();
        assert!(report.recovered && report.in_place);
        assert!(opens(&bench.path, 2) && !opens(&bench.path, 1));
        assert_eq!(bench.names(), ["a.secimg"]);
    }
}

/// Recovery needs no key, and is done also where the rewrap that asked for it fails.
#[test]
fn a_rewrap_with_a_wrong_key_recovers_all_the_same() {
    let bench = Bench::new();
    let mut half = bench.sealed.clone();
    half[HEAD + 4..HEAD + 2000].fill(0);
    fs::write(&bench.path, half).unwrap();
    fs::write(bench.backup(), backup_bytes(&bench.sealed)).unwrap();
    rewrap_file(&bench.path, &identity(9), &recipients([2])).unwrap_err();
    assert_eq!(fs::read(&bench.path).unwrap(), bench.sealed);
    assert_eq!(bench.names(), ["a.secimg"]);
}

#[test]
fn a_torn_backup_is_forgotten_once_the_stream_has_shown_itself() {
    let bench = Bench::new();
    let backup = backup_bytes(&bench.sealed);
    for length in [0, 1, 8, 60, backup.len() - 1] {
        fs::write(&bench.path, &bench.sealed).unwrap();
        fs::write(bench.backup(), &backup[..length]).unwrap();
        assert!(opens(&bench.path, 1));
        rewrap_file(&bench.path, &identity(9), &recipients([2])).unwrap_err();
        assert_eq!(
            fs::read(bench.backup()).unwrap(),
            &backup[..length],
            "it stays"
        );
        let report = rewrap_file(&bench.path, &identity(1), &recipients([2])).unwrap();
        assert!(report.in_place && !report.recovered);
        assert!(opens(&bench.path, 2));
        assert_eq!(bench.names(), ["a.secimg"]);
    }
}

#[test]
fn what_is_no_backup_of_this_stream_stops_a_rewrap_and_no_reader() {
    let bench = Bench::new();
    let other = Bench::new();
    let mut elsewhere = backup_bytes(&bench.sealed);
    elsewhere.truncate(elsewhere.len() - 32);
    elsewhere[8 + 32 + 7] ^= 1;
    let hash = kit_sha256(&elsewhere);
    elsewhere.extend_from_slice(&hash);
    for (what, bytes, foreign) in [
        ("another stream's", backup_bytes(&other.sealed), true),
        ("at another offset", elsewhere, false),
        ("somebody's file", b"My notes on rewrapping".to_vec(), false),
    ] {
        fs::write(bench.backup(), &bytes).unwrap();
        assert!(opens(&bench.path, 1), "{what}");
        let error = rewrap_file(&bench.path, &identity(1), &recipients([2])).unwrap_err();
        let named = match &error {
            RewrapFileError::BackupOfAnother(path) if foreign => path,
            RewrapFileError::NoBackup(path) if !foreign => path,
            error => panic!("{what}: {error}"),
        };
        assert!(named.ends_with("a.secimg.rewrap-backup"));
        assert!(error.to_string().contains("move it away"), "{error}");
        assert_eq!(fs::read(&bench.path).unwrap(), bench.sealed, "{what}");
        assert_eq!(fs::read(bench.backup()).unwrap(), bytes, "{what}");
    }
}

/// A backup of a block of another length would move the chunks.
#[test]
fn a_backup_of_another_length_is_not_restored() {
    let bench = Bench::new();
    let mut backup = backup_bytes(&bench.sealed);
    backup.truncate(backup.len() - 32);
    // A block of 4352 bytes: 256 zero bytes more before the MAC keep its form.
    let at = backup.len() - 32;
    backup.splice(at..at, [0; 256]);
    let length = u32::try_from(frame_of(&bench.sealed).len() + 256).unwrap();
    backup[48..52].copy_from_slice(&length.to_be_bytes());
    backup[53..56].copy_from_slice(&(length - 4).to_be_bytes()[1..]);
    let hash = kit_sha256(&backup);
    backup.extend_from_slice(&hash);
    fs::write(bench.backup(), backup).unwrap();
    let error = rewrap_file(&bench.path, &identity(1), &recipients([2])).unwrap_err();
    assert!(
        matches!(error, RewrapFileError::BackupOfAnother(_)),
        "{error}"
    );
    assert_eq!(fs::read(&bench.path).unwrap(), bench.sealed);
}

#[test]
fn a_sealed_file_reads_and_seeks_as_one_file() {
    let bench = Bench::new();
    let mut half = bench.sealed.clone();
    half[HEAD + 4..HEAD + 3000].fill(0);
    fs::write(&bench.path, half).unwrap();
    fs::write(bench.backup(), backup_bytes(&bench.sealed)).unwrap();
    let mut file = SealedFile::open(&bench.path).unwrap();
    assert!(file.is_interrupted());
    let length = bench.sealed.len();
    let end = HEAD + frame_of(&bench.sealed).len();
    for at in [
        0,
        1,
        HEAD - 1,
        HEAD,
        HEAD + 1,
        3000,
        end - 1,
        end,
        end + 1,
        length - 1,
        length,
    ] {
        for take in [1, 3, 100, 5000, length] {
            file.seek(SeekFrom::Start(at as u64)).unwrap();
            let mut read = Vec::new();
            file.by_ref()
                .take(take as u64)
                .read_to_end(&mut read)
                .unwrap();
            assert_eq!(
                read,
                &bench.sealed[at..(at + take).min(length)],
                "{at} {take}"
            );
            let position = file.stream_position().unwrap();
            assert_eq!(position, (at + read.len()) as u64);
        }
    }
    assert_eq!(file.seek(SeekFrom::End(-5)).unwrap(), length as u64 - 5);
    assert_eq!(
        file.seek(SeekFrom::Current(5 - i64::try_from(length).unwrap()))
            .unwrap(),
        0
    );
    file.seek(SeekFrom::Current(-1)).unwrap_err();
}

/// Many threads want the same file; whoever is told that it is busy comes again. Readers never see a state
/// between. (On Windows a lock keeps readers out too.)
#[cfg(unix)]
#[test]
fn many_rewraps_at_once_leave_one_of_them_whole() {
    const WRITERS: u8 = 4;
    const ROUNDS: usize = 25;
    let bench = Bench::new();
    let shared = || recipients([1]);
    let rewrap = |own: u8| {
        let mut busy = 0;
        for _ in 0..ROUNDS {
            // All share key 1, so that each can unlock what another left.
            let set = shared().recipient(raw(own));
            loop {
                match rewrap_file(&bench.path, &identity(1), &set) {
                    Ok(report) => break assert!(report.in_place && !report.recovered),
                    Err(RewrapFileError::Busy(_)) => busy += 1,
                    Err(error) => panic!("{error}"),
                }
                std::thread::yield_now();
            }
        }
        busy
    };
    let (busy, reads): (usize, usize) = std::thread::scope(|scope| {
        let writers: Vec<_> = (0..WRITERS)
            .map(|own| scope.spawn(move || rewrap(10 + own)))
            .collect();
        let mut reads = 0;
        while !writers
            .iter()
            .all(std::thread::ScopedJoinHandle::is_finished)
        {
            assert!(opens(&bench.path, 1), "read {reads}");
            reads += 1;
        }
        (
            writers
                .into_iter()
                .map(|writer| writer.join().unwrap())
                .sum(),
            reads,
        )
    });
    let owners = (10..10 + WRITERS)
        .filter(|&own| opens(&bench.path, own))
        .count();
    assert_eq!(owners, 1);
    assert_eq!(bench.names(), ["a.secimg"]);
    say!(
        "{} rewraps by {WRITERS} threads, {busy} times told that the file is busy, {reads} of {reads} \
         reads meanwhile opened",
        usize::from(WRITERS) * ROUNDS
    );
}
