//! Jobs: what `send --state DIR` keeps, so that the same command goes on after it was killed, and does not send
//! again what is delivered.
//!
//! ```text
//! DIR/outgoing/KEY.secimg   the sealed stream, until it is delivered
//! DIR/outgoing/KEY.job      what is known of it: the receipt that is expected, as hashes, and what to report
//! DIR/outgoing/KEY.lock     held by the command that is at work on it
//! ```
//!
//! KEY is a hash of what the command was asked to do, the images' paths, lengths and times among it. The stream's
//! key is in none of them, so that nobody can seal or open with what is here. Nothing is sent before both files
//! are on the disk: what was sent once is never sealed again under another name.

use core::time::Duration;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use secimg::io::file::Overwrite;
use secimg::io::private::{read_bounded, write_private};
use secimg::transport::ExpectedReceipt;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::SentItem;
use crate::args::SendArgs;
use crate::exit::{Failure, Status};
use crate::output::hex;
use crate::stored_names::Image;

const SCHEMA: &str = "secimg/job/1";
/// Of a series with as many images as there may be.
const MAX_JOB: u64 = 256 << 20;
/// For how long a job that is done is remembered.
const MEMORY: Duration = Duration::from_hours(30 * 24);

/// A command's own place in the folder, which no other has at the same time.
#[derive(Debug)]
pub(super) struct Job {
    folder: PathBuf,
    key: String,
    _lock: File,
}

/// What is known of a job that began.
#[derive(Debug)]
pub(super) struct Begun {
    pub(super) transfer_id: [u8; 32],
    pub(super) sealed_bytes: u64,
    pub(super) expected: ExpectedReceipt,
    pub(super) items: Vec<SentItem>,
    pub(super) delivered: bool,
}

impl Job {
    /// Takes the place of a command in the state folder.
    pub(super) fn open(state: &Path, args: &SendArgs, images: &[Image]) -> Result<Self, Failure> {
        let folder = state.join("outgoing");
        let failed = |error| Failure::io("cannot create the state folder", &error).about(&folder);
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&folder).map_err(failed)?;
        forget_old(&folder);
        let key = key(args, images)?;
        let path = folder.join(format!("{key}.lock"));
        let failed = |error| Failure::io("cannot lock", &error).about(&path);
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false);
        let lock = options.open(&path).map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self {
                folder,
                key,
                _lock: lock,
            }),
            Err(TryLockError::WouldBlock) => {
                let what = "the same command is running with this state folder";
                Err(Failure::new(Status::Usage, "in_use", what).about(state))
            }
            Err(TryLockError::Error(error)) => Err(failed(error)),
        }
    }

    /// Where the sealed stream is kept.
    pub(super) fn stream(&self) -> PathBuf {
        self.folder.join(format!("{}.secimg", self.key))
    }

    fn record(&self) -> PathBuf {
        self.folder.join(format!("{}.job", self.key))
    }

    /// Returns what was begun, if it was and its stream is still here or needed no more.
    pub(super) fn begun(&self) -> Result<Option<Begun>, Failure> {
        let path = self.record();
        if !path.exists() {
            return Ok(None);
        }
        let bytes = read_bounded(&path, MAX_JOB)?;
        let begun = serde_json::from_slice(&bytes).ok();
        let begun = begun.as_ref().and_then(Begun::parse).ok_or_else(|| {
            let what = "no job of this program; remove it to seal and send the images anew";
            Failure::new(Status::Damaged, "damaged_state", what).about(&path)
        })?;
        if begun.delivered {
            self.remove_stream();
        }
        Ok(Some(begun).filter(|begun| begun.delivered || self.stream().exists()))
    }

    /// Records the job, before anything is sent or when all of it is delivered.
    pub(super) fn keep(&self, begun: &Begun) -> Result<(), Failure> {
        let text = begun.json().to_string();
        write_private(&self.record(), text.as_bytes(), Overwrite::Replace)?;
        if begun.delivered {
            self.remove_stream();
        }
        Ok(())
    }

    /// It is of no more use. One that stays takes room, and goes when the command is run again.
    fn remove_stream(&self) {
        let _: io::Result<()> = fs::remove_file(self.stream());
    }
}

impl Begun {
    fn json(&self) -> Value {
        json!({
            "schema": SCHEMA,
            "transfer_id": hex(&self.transfer_id),
            "sealed_bytes": self.sealed_bytes,
            "expected": hex_of(&self.expected.to_bytes()),
            "items": self.items.iter().map(SentItem::kept).collect::<Vec<_>>(),
            "delivered": self.delivered,
        })
    }

    fn parse(value: &Value) -> Option<Self> {
        if value["schema"] != SCHEMA {
            return None;
        }
        let items = value["items"].as_array()?.iter().map(SentItem::of_kept);
        Some(Self {
            transfer_id: bytes_of(value["transfer_id"].as_str()?)?.try_into().ok()?,
            sealed_bytes: value["sealed_bytes"].as_u64()?,
            expected: ExpectedReceipt::parse(&bytes_of(value["expected"].as_str()?)?)?,
            items: items.collect::<Option<_>>()?,
            delivered: value["delivered"].as_bool()?,
        })
    }
}

fn hex_of(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from_digit(value.into(), 16).unwrap_or('0');
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(digit).collect()
}

fn bytes_of(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes().chunks(2);
    let byte = |two: &[u8]| u8::from_str_radix(core::str::from_utf8(two).ok()?, 16).ok();
    digits.map(byte).collect()
}

/// What makes a command the same: where to, for whom, by whom, and which images, as they are now.
fn key(args: &SendArgs, images: &[Image]) -> Result<String, Failure> {
    let mut hash = Sha256::new();
    let mut add = |bytes: &[u8]| {
        hash.update((bytes.len() as u64).to_be_bytes());
        hash.update(bytes);
    };
    add(args.to.as_bytes());
    // Options, without the secrets that are in files or asked for.
    add(format!("{:?}{:?}", args.recipients, args.seal).as_bytes());
    for file in args.recipients.files().chain(args.seal.sign.as_deref()) {
        // A name of the key folder is no file here, and stands for itself.
        if let Ok(key) = fs::read(file) {
            add(&Sha256::digest(&key));
        }
    }
    for image in images {
        let Some(path) = image.input.path() else {
            let what = "standard input cannot be read again; --state is for files";
            return Err(Failure::usage(what));
        };
        let failed = |error| Failure::io("cannot look at it", &error).about(path);
        let full = fs::canonicalize(path).map_err(failed)?;
        let found = fs::metadata(path).map_err(failed)?;
        let time = found.modified().ok();
        let time = time.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        add(full.as_os_str().as_encoded_bytes());
        add(&found.len().to_be_bytes());
        add(&time.unwrap_or_default().as_nanos().to_be_bytes());
    }
    let hash: [u8; 32] = hash.finalize().into();
    Ok(hex(&hash))
}

/// Jobs that were done long ago.
fn forget_old(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let old = entry.metadata().and_then(|found| found.modified());
        let old = old.is_ok_and(|time| time.elapsed().is_ok_and(|age| age > MEMORY));
        let is_job = path.extension().is_some_and(|extension| extension == "job");
        if old && is_job && !path.with_extension("secimg").exists() {
            let _: io::Result<()> = fs::remove_file(path.with_extension("lock"));
            let _: io::Result<()> = fs::remove_file(path);
        }
    }
}

/// Opens the stream of a job from its beginning.
pub(super) fn open_stream(path: &Path) -> Result<File, Failure> {
    let failed = |error| Failure::io("cannot open what was sealed", &error).about(path);
    let mut file = File::open(path).map_err(failed)?;
    file.seek(SeekFrom::Start(0)).map_err(failed)?;
    Ok(file)
}
