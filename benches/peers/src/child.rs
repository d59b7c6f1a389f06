//! Processes that a run starts of itself: their memory is theirs alone.

use std::ffi::OsString;
use std::fs;
use std::io::{self, Read, Write};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Instant;

use nix::sys::resource::{UsageWho, getrusage};
use secimg::content::Manifest;
use secimg::io::{SealWriter, open_stream};
use secimg::keys::{RawKeyRecipient, SymmetricKey};
use secimg::stream::{OpenOptions, SealOptions};

use crate::Result;
use crate::material::Noise;

/// Both ends of a pipe know it.
const KEY: [u8; 32] = [7; 32];

/// Carries out what [`seal`], [`open`] or [`timed`] asked of another process.
pub(crate) fn run(words: &[OsString]) -> Result {
    match words {
        [word, len] if word == "seal" => {
            let len = len.to_str().ok_or("not a length")?.parse()?;
            seal_to_output(len)?;
            say_peak()
        }
        [word] if word == "open" => {
            let key = RawKeyRecipient::new(SymmetricKey::from_file_bytes(&KEY)?);
            let options = OpenOptions::new().identity(Arc::new(key));
            open_stream(io::stdin().lock(), &options, &mut ())?;
            say_peak()
        }
        [word, program, arguments @ ..] if word == "time" => time(program, arguments),
        _ => Err("a child is told `seal LEN`, `open` or `time PROGRAM ARGUMENTS`".into()),
    }
}

/// Asks a process to seal `len` bytes to its standard output.
pub(crate) fn seal(len: u64) -> Result<Command> {
    words(["seal", &len.to_string()])
}

/// Asks a process to open what comes on its standard input.
pub(crate) fn open() -> Result<Command> {
    words(["open"])
}

fn words<'a>(words: impl IntoIterator<Item = &'a str>) -> Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("child").args(words);
    Ok(command)
}

fn seal_to_output(len: u64) -> Result {
    let key = RawKeyRecipient::new(SymmetricKey::from_file_bytes(&KEY)?);
    let options = SealOptions::new().recipient(Arc::new(key));
    let mut writer = SealWriter::new(io::stdout().lock(), &options)?;
    writer.start_item(
        &Manifest::new("opaque", "application/octet-stream"),
        Some(len),
    )?;
    let mut buffer = vec![0; 256 << 10];
    let mut noise = Noise::new(1).take(len);
    loop {
        match noise.read(&mut buffer)? {
            0 => break,
            read => writer.write_all(&buffer[..read])?,
        }
    }
    writer.end_item()?;
    drop(writer.finish()?);
    Ok(())
}

/// Writes the most memory that this process ever had, in KiB, to standard error.
fn say_peak() -> Result {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let peak = line.and_then(|line| line.split_whitespace().nth(1));
    eprintln!("{}", peak.ok_or("no VmHWM in /proc/self/status")?);
    Ok(())
}

/// What a program took.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Taken {
    pub(crate) seconds: f64,
    pub(crate) peak_kib: u64,
}

/// Runs a program by way of a process of our own, which is small: what a system reports as a program's peak
/// memory is at least what its parent had when it started it.
pub(crate) fn timed(program: &Command) -> Result<Taken> {
    let mut command = words(["time"])?;
    command.arg(program.get_program()).args(program.get_args());
    for (name, value) in program.get_envs() {
        command.env(name, value.unwrap_or_default());
    }
    let output = command.stdin(Stdio::null()).output()?;
    if !output.status.success() {
        let words = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{}: {}", program.get_program().display(), words.trim()).into());
    }
    let text = String::from_utf8(output.stdout)?;
    let (seconds, peak) = text.trim().split_once(' ').ok_or("no figures")?;
    Ok(Taken {
        seconds: seconds.parse()?,
        peak_kib: peak.parse()?,
    })
}

fn time(program: &OsString, arguments: &[OsString]) -> Result {
    let mut command = Command::new(program);
    command.args(arguments).stdout(Stdio::null());
    let start = Instant::now();
    let status: ExitStatus = command.status()?;
    let seconds = start.elapsed().as_secs_f64();
    if !status.success() {
        return Err(status.to_string().into());
    }
    // It was the only child.
    let peak = getrusage(UsageWho::RUSAGE_CHILDREN)?.max_rss();
    println!("{seconds} {peak}");
    Ok(())
}
