//! secimg beside its peers, alternating in one run: README.md says what each row means.

mod args;
mod chart;
mod child;
mod files;
mod machine;
mod material;
mod peers;
mod race;
mod report;
mod rows;
mod sha256_lanes;
mod stats;
mod svg;

use core::error::Error;
use std::process::ExitCode;

use args::{Args, Command};
use report::Report;
use rows::Extent;

/// Whatever goes wrong ends the run with its words: there is nothing to recover.
type Result<T = ()> = core::result::Result<T, Box<dyn Error>>;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("secimg-peers: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result {
    let args = Args::parse()?;
    match &args.command {
        Command::Help => {
            print!("{}", args::HELP);
            Ok(())
        }
        Command::Child(words) => child::run(words),
        Command::Memory => in_memory(&args),
        Command::Files => {
            let mut report = Report::new(args.json.as_deref())?;
            machine::describe(&mut report, args.quick)?;
            files::run(&args, &mut report)?;
            report.summary();
            Ok(())
        }
    }
}

fn in_memory(args: &Args) -> Result {
    let mut report = Report::new(args.json.as_deref())?;
    machine::describe(&mut report, args.quick)?;
    let extent = Extent::new(args.quick, args.rounds);
    let wanted = |name| args.only.is_empty() || args.only.iter().any(|only| only == name);
    for (name, measure) in rows::GROUPS {
        if wanted(*name) {
            measure(&extent, &args.folder(), &mut report)?;
        }
    }
    if wanted(chart::NAME) {
        chart::draw(&extent, args.figure().as_deref(), &mut report)?;
    }
    report.summary();
    Ok(())
}
