//! Images sealed straight into an object store, and opened there by ranges: `README.md` beside this says
//! how to run it.
//!
//! ```text
//! main ── keys      what the files of keys mean
//!      ── bucket    the store, and the runtime that its client needs
//!      ── upload    Write: a multipart upload, given up unless it is finished
//!      ── object    ReadAt: an object, read by ranges
//! ```

mod bucket;
mod keys;
mod object;
mod upload;

use std::error::Error;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use secimg::hash::Sha256Stream;
use secimg::io::file::{FileMode, Overwrite, PendingFile};
use secimg::io::{OpenReader, RangeReader, ReadError, SealWriter, WriteError};
use secimg::keys::Fingerprint;
use secimg::{ImageDescription, OpenError};

use bucket::Bucket;
use object::Object;
use upload::Upload;

/// How much of an image is in memory as it is opened.
const PIECE: usize = 1 << 20;

/// Seals images into an object store, and opens them there by ranges.
///
/// Credentials and region come from the environment, as other programs for S3 take them:
/// AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_REGION.
#[derive(Parser)]
struct Arguments {
    /// Where the store is, for another than Amazon's; http:// is taken where it is said here.
    #[arg(long, global = true)]
    endpoint: Option<String>,
    /// The bucket, which must exist.
    #[arg(long)]
    bucket: String,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Seals images into one object, a series, as they are read: nothing is kept on disk.
    Seal {
        /// The public key (PEM) of somebody who may open the images.
        #[arg(short, long, required = true)]
        recipient: Vec<PathBuf>,
        /// The private key that signs.
        #[arg(long)]
        sign: Option<PathBuf>,
        /// How large the parts of the upload are, in MiB; by default 8, or more where all that would be
        /// more parts than a store takes.
        #[arg(long, value_parser = clap::value_parser!(u64).range(5..=5120))]
        part: Option<u64>,
        object: String,
        #[arg(required = true)]
        images: Vec<PathBuf>,
    },
    /// Lists the images in an object.
    List {
        #[command(flatten)]
        keys: Opening,
        object: String,
    },
    /// Opens one image of an object.
    Open {
        #[command(flatten)]
        keys: Opening,
        object: String,
        /// The image's number in the list, from 1.
        number: usize,
        output: PathBuf,
    },
}

#[derive(Args)]
struct Opening {
    /// The private key (PEM, without a passphrase) that opens.
    #[arg(short, long, required = true)]
    identity: Vec<PathBuf>,
    /// A public key whose signature is required; all of the object is then read once.
    #[arg(long)]
    from: Vec<PathBuf>,
}

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("secimg-object-store: {error}");
            ExitCode::from(status(&*error))
        }
    }
}

/// The statuses of the `secimg` command: 1 refused, 3 damaged, 4 a file or the store failed.
fn status(error: &(dyn Error + 'static)) -> u8 {
    // Through `Read`, the reason comes inside an error of I/O.
    let inside = error
        .downcast_ref::<io::Error>()
        .and_then(|error| error.get_ref()?.downcast_ref::<OpenError>());
    let reason = match error.downcast_ref::<ReadError>() {
        Some(ReadError::Open(reason)) => Some(reason),
        _ => inside,
    };
    match reason {
        Some(OpenError::Key(_)) | None => 4,
        Some(OpenError::Format(_) | OpenError::Content(_)) => 3,
        Some(_) => 1,
    }
}

fn run(arguments: Arguments) -> Result<(), Box<dyn Error>> {
    let bucket = Bucket::open(arguments.endpoint, &arguments.bucket)?;
    match arguments.command {
        Command::Seal {
            recipient,
            sign,
            part,
            object,
            images,
        } => {
            let options = keys::sealing(&recipient, sign.as_deref())?;
            let part = part.map_or(part_size(&images)?, |mebibytes| mebibytes << 20);
            let upload = Upload::start(&bucket, &object, usize::try_from(part)?)?;
            let (parts, bytes) = seal(upload, &options, &images)?;
            println!("{object}: {bytes} bytes in {parts} parts");
            Ok(())
        }
        Command::List { keys, object } => {
            let mut reader = open(&bucket, &object, &keys)?;
            for (number, item) in (1_usize..).zip(reader.items()?) {
                println!(
                    "{number}\t{}\t{}\t{}",
                    item.bytes,
                    item.media_type,
                    shown(&item.name)
                );
            }
            report(&reader);
            Ok(())
        }
        Command::Open {
            keys,
            object,
            number,
            output,
        } => {
            let mut reader = open(&bucket, &object, &keys)?;
            let bytes = write_image(&mut reader, number, &output)?;
            println!("{}: {bytes} bytes", output.display());
            report(&reader);
            Ok(())
        }
    }
}

/// A store takes 10 000 parts: all images in fewer, with room for what sealing adds.
fn part_size(images: &[PathBuf]) -> Result<u64, Box<dyn Error>> {
    let mut total = 0_u64;
    for image in images {
        let meta = fs::metadata(image).map_err(|error| named(image, &error))?;
        if !meta.is_file() {
            return Err(format!("{}: no file", image.display()).into());
        }
        total = total.saturating_add(meta.len());
    }
    Ok((total / 9_000).max(8 << 20))
}

/// Seals all images; an error on the way gives the upload up.
fn seal(
    upload: Upload<'_>,
    options: &secimg::SealOptions,
    images: &[PathBuf],
) -> Result<(u64, u64), Box<dyn Error>> {
    let mut writer = SealWriter::new(upload, options)?;
    for path in images {
        let file = File::open(path).map_err(|error| named(path, &error))?;
        let length = file.metadata()?.len();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let description = ImageDescription::new().named(&name);
        writer
            .add_image(file, &description, Some(length))
            .map_err(|error| match error {
                WriteError::Source(error) => named(path, &error),
                other => other.to_string(),
            })?;
    }
    Ok(writer.finish()?.finish()?)
}

type Reader<'a> = OpenReader<RangeReader<Object<'a>>>;

fn open<'a>(
    bucket: &'a Bucket,
    object: &str,
    keys: &Opening,
) -> Result<Reader<'a>, Box<dyn Error>> {
    let options = keys::opening(&keys.identity, &keys.from)?;
    Ok(OpenReader::open_at(
        Object::find(bucket, object)?,
        &options,
    )?)
}

/// Writes image `number` under its name once it is whole and its digest is the index's.
fn write_image(
    reader: &mut Reader<'_>,
    number: usize,
    output: &Path,
) -> Result<u64, Box<dyn Error>> {
    let items = reader.items()?;
    let entry = number.checked_sub(1).and_then(|at| items.get(at));
    let entry = entry.ok_or_else(|| format!("there are images 1 to {}", items.len()))?;
    let (bytes, digest) = (entry.bytes, entry.digest);
    let mut file = PendingFile::create(output, Overwrite::Refuse)?;
    reader.select(number - 1)?;
    reader.expect_item();
    let mut hash = Sha256Stream::new();
    let mut piece = vec![0; PIECE];
    loop {
        let len = reader.read(&mut piece)?;
        if len == 0 {
            break;
        }
        hash.update(&piece[..len]);
        file.write_all(&piece[..len])?;
    }
    if digest.is_some_and(|digest| digest != hash.finalize()) {
        let error = "the sender made a malformed stream: the image is not the one in its index";
        return Err(error.into());
    }
    file.commit(FileMode::Shared)?;
    Ok(bytes)
}

/// Says what the images are worth, and what the reading has cost.
fn report(reader: &Reader<'_>) {
    match reader.signature() {
        Some(signature) => println!("verified: signed by {}", Fingerprint::new(signature.signer)),
        None => println!("authentic: made by a holder of a key; name a signer (--from) for more"),
    }
    let store = reader.get_ref();
    let size = store.size();
    println!(
        "{} requests, {} of {size} bytes read",
        store.requests(),
        store.bytes_read()
    );
}

/// A name from a stream cannot move the cursor.
fn shown(name: &str) -> String {
    name.escape_debug().to_string()
}

fn named(path: &Path, error: &io::Error) -> String {
    format!("{}: {error}", path.display())
}
