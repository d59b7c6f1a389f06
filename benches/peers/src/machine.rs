//! Where it ran: figures of one machine say nothing of another.

use std::fs;
use std::thread;

use serde_json::json;

use crate::Result;
use crate::report::Report;

/// Prints and writes what the figures depend on.
pub(crate) fn describe(report: &mut Report, quick: bool) -> Result {
    let (processor, threads) = (processor(), threads());
    let load = load();
    let openssl = openssl::version::version();
    println!("{processor}, {threads} threads; {openssl}");
    if quick {
        println!("a smoke run: nothing here is a figure to go by");
    }
    if let Some(load) = load.filter(|load| *load > 0.3) {
        println!("load {load}: other programs are at work, and every figure suffers from them");
    }
    report.write(&json!({
        "machine": processor,
        "threads": threads,
        "load": load,
        "openssl": openssl,
        "quick": quick,
    }))
}

/// How many threads run at the same time.
pub(crate) fn threads() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

pub(crate) fn processor() -> String {
    let named = fs::read_to_string("/proc/cpuinfo").ok().and_then(|text| {
        let line = text.lines().find(|line| line.starts_with("model name"))?;
        Some(line.split_once(':')?.1.trim().to_owned())
    });
    named.unwrap_or_else(|| format!("a processor of kind {}", std::env::consts::ARCH))
}

/// How many processes wanted to run, over the last minute.
fn load() -> Option<f64> {
    let text = fs::read_to_string("/proc/loadavg").ok()?;
    text.split(' ').next()?.parse().ok()
}

/// What kind of file system holds a folder: the one that is mounted deepest above it.
pub(crate) fn file_system(folder: &std::path::Path) -> String {
    let mounts = fs::read_to_string("/proc/mounts").unwrap_or_default();
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    let above = mounts.lines().filter_map(|line| {
        let mut words = line.split(' ').skip(1);
        let (at, kind) = (words.next()?, words.next()?);
        folder.starts_with(at).then_some((at.len(), kind))
    });
    above
        .max_by_key(|(depth, _)| *depth)
        .map_or("an unknown file system", |(_, kind)| kind)
        .to_owned()
}
