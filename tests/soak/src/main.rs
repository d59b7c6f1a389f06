//! Streams over TCP under load, with faults and with bad peers, for minutes; a table of figures at the end.
//!
//! ```text
//! cargo build --release --features cli
//! cargo run --release --manifest-path tests/soak/Cargo.toml -- --secimg target/release/secimg --minutes 10
//! ```
//!
//! Everything stays on this machine. The status is 1 if anything was wrong.

mod args;
mod bench;
mod command;
mod images;
mod process;
mod rows;
mod stats;
mod table;

#[path = "../../tcp/faulty.rs"]
mod faulty;
#[path = "../../tcp/house.rs"]
#[allow(dead_code, reason = "the tests use more of it")]
mod house;
#[path = "../../tcp/parties.rs"]
#[allow(dead_code, reason = "the tests use more of it")]
mod parties;
#[path = "../../tcp/sessions.rs"]
mod sessions;

use std::process::ExitCode;
use std::time::Instant;

use args::Args;
use bench::Bench;
use rows::ROWS;
use table::Row;

fn main() -> ExitCode {
    let args = match Args::parse(std::env::args().skip(1)) {
        Ok(args) => args,
        Err(problem) => {
            eprintln!("{problem}\n\n{}", args::usage());
            return ExitCode::from(2);
        }
    };
    let bench = Bench::new(&args);
    let mut table = Vec::new();
    for (name, run) in ROWS {
        if !args.wants(name) {
            continue;
        }
        let started = Instant::now();
        let mut row = Row::new(name);
        run(&bench, &mut row);
        row.took(started.elapsed());
        eprintln!("{name}: {} wrong", row.wrong());
        table.push(row);
    }
    println!("seed {}, files in {}", args.seed, bench.folder().display());
    for row in &table {
        print!("{row}");
    }
    let wrong: usize = table.iter().map(Row::wrong).sum();
    println!("{wrong} wrong");
    if wrong == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
