//! Whole commands on one file: secimg beside age, `openssl cms` and gpg.

mod tools;

use std::fs::{self, File};
use std::io::{BufWriter, Read, Write};
use std::path::Path;

use serde_json::json;

use crate::args::Args;
use crate::child::{self, Taken};
use crate::material::Noise;
use crate::report::{Amount, Goal, Measure, Report, Row, Unit};
use crate::stats::{Spread, median, number};
use crate::{Result, machine, report};
use tools::{Found, Tool};

const MIB: f64 = 1024.0 * 1024.0;
/// What secimg may take.
const PEAK: f64 = 64.0 * MIB;
/// How much of two files is compared at once.
const PIECE: usize = 64 << 10;

pub(crate) fn run(args: &Args, report: &mut Report) -> Result {
    let size = args.size_mib.unwrap_or(if args.quick { 16 } else { 512 }) << 20;
    let rounds = args.rounds.unwrap_or(if args.quick { 2 } else { 7 });
    let folder = tempfile::Builder::new()
        .prefix("secimg-peers-")
        .tempdir_in(args.folder())?;
    let kind = machine::file_system(folder.path());
    report::title(&format!(
        "whole commands, a file of {} MiB of noise in {} ({kind}), {rounds} rounds",
        size >> 20,
        args.folder().display()
    ));
    if kind != "tmpfs" {
        println!("this is no tmpfs: the figures are those of a disk too");
    }
    let plain = folder.path().join("plain");
    write_noise(&plain, size)?;
    let tools = found(args, folder.path(), &plain)?;
    if tools.is_empty() {
        return Err("there is nothing to measure".into());
    }
    let floor = child::timed(&std::process::Command::new("true"))?.peak_kib;
    println!("a program that does nothing has a peak of {floor} KiB here: less cannot be seen");

    let mut runs: Vec<Runs> = tools.iter().map(|_| Runs::default()).collect();
    for round in 0..rounds {
        let mut order: Vec<usize> = (0..tools.len()).collect();
        if round % 2 == 1 {
            order.reverse();
        }
        for at in order {
            runs[at].once(&tools[at], &plain, round == 0)?;
        }
    }
    for (tool, runs) in tools.iter().zip(&runs) {
        runs.say(tool, report)?;
    }
    rows(&tools, &runs, report)
}

fn write_noise(path: &Path, size: u64) -> Result {
    let mut file = BufWriter::with_capacity(1 << 20, File::create(path)?);
    std::io::copy(&mut Noise::new(1).take(size), &mut file)?;
    Ok(file.flush()?)
}

/// Sets up what is installed, and says loudly what is not.
fn found(args: &Args, folder: &Path, plain: &Path) -> Result<Vec<Tool>> {
    let mut tools = Vec::new();
    for found in tools::all(&args.secimg(), folder, plain)? {
        match found {
            Found::Tool(tool) => {
                println!("{}: {}", tool.name, tool.version);
                tools.push(*tool);
            }
            Found::Missing(name, why) => println!("NOT MEASURED: {name}: {why}"),
        }
    }
    Ok(tools)
}

/// What a tool took, in each round.
#[derive(Default)]
struct Runs {
    encrypt: Vec<Taken>,
    decrypt: Vec<Taken>,
}

impl Runs {
    fn once(&mut self, tool: &Tool, plain: &Path, compare: bool) -> Result {
        self.encrypt.push(child::timed(&tool.encrypt)?);
        self.decrypt.push(child::timed(&tool.decrypt)?);
        if compare && !same(plain, &tool.opened)? {
            return Err(format!("{} does not open what it sealed", tool.name).into());
        }
        // Each run writes files that were not there, and what others wrote takes no memory.
        fs::remove_file(&tool.sealed)?;
        Ok(fs::remove_file(&tool.opened)?)
    }

    fn say(&self, tool: &Tool, report: &mut Report) -> Result {
        for (direction, taken) in [("encrypt", &self.encrypt), ("decrypt", &self.decrypt)] {
            let wall = Spread::of(taken.iter().map(|taken| taken.seconds));
            let peak = Spread::of(taken.iter().map(|taken| number(taken.peak_kib << 10)));
            println!(
                "{:12} {direction}  {:7.3} {:7.3} {:7.3} s   peak {:8.1} MiB",
                tool.name,
                wall.min,
                wall.median,
                wall.max,
                peak.max / MIB
            );
            report.write(&json!({
                "row": "file",
                "tool": tool.name,
                "version": tool.version,
                "direction": direction,
                "seconds": { "min": wall.min, "median": wall.median, "max": wall.max },
                "peak_bytes": { "min": peak.min, "median": peak.median, "max": peak.max },
            }))?;
        }
        Ok(())
    }

    fn seconds(&self) -> [Vec<f64>; 2] {
        [&self.encrypt, &self.decrypt]
            .map(|taken| taken.iter().map(|taken| taken.seconds).collect())
    }
}

/// Compares without holding either file: what this process has would be counted for the programs it starts.
fn same(left: &Path, right: &Path) -> Result<bool> {
    if fs::metadata(left)?.len() != fs::metadata(right)?.len() {
        return Ok(false);
    }
    let (mut left, mut right) = (File::open(left)?, File::open(right)?);
    let mut pieces = [vec![0; PIECE], vec![0; PIECE]];
    loop {
        let [one, other] = &mut pieces;
        let len = left.read(one)?;
        right.read_exact(&mut other[..len])?;
        if one[..len] != other[..len] {
            return Ok(false);
        }
        if len == 0 {
            return Ok(true);
        }
    }
}

fn rows(tools: &[Tool], runs: &[Runs], report: &mut Report) -> Result {
    let Some((ours, others)) = tools
        .split_first()
        .filter(|(tool, _)| tool.name == "secimg")
    else {
        println!("no ratios: secimg was not measured");
        return Ok(());
    };
    let mine = runs[0].seconds();
    for (tool, runs) in others.iter().zip(&runs[1..]) {
        let theirs = runs.seconds();
        for (at, direction) in ["encrypt", "decrypt"].into_iter().enumerate() {
            let cost = |seconds: &[f64]| Amount::new(median(seconds), Unit::Seconds);
            let ratio = Spread::of_ratios(&theirs[at], &mine[at]);
            let row = Row::new(
                &format!("{} {direction}, wall time", ours.name),
                cost(&mine[at]),
                (tool.name, cost(&theirs[at])),
                (Measure::Times, ratio),
            );
            let mut row = row.id(&format!("file-{direction}"), tool.id);
            row.target = tool.target[at].map(Goal::AtLeast);
            row.record = tool.record.map(Goal::AtLeast);
            report.push(row)?;
        }
    }
    for (direction, taken) in [("encrypt", &runs[0].encrypt), ("decrypt", &runs[0].decrypt)] {
        let peak = Spread::of(taken.iter().map(|taken| number(taken.peak_kib << 10)));
        let row = Row::new(
            &format!("{} {direction}, peak memory", ours.name),
            Amount::new(peak.median, Unit::Bytes),
            ("what it may take", Amount::new(PEAK, Unit::Bytes)),
            (Measure::Bytes, Spread::one(peak.max)),
        );
        report.push(row.id("file-memory", direction).target(Goal::Under(PEAK)))?;
    }
    Ok(())
}
