//! Uses the library, and searches everything that its heap has ever held for what should be gone.
//!
//! ```text
//! cargo run --manifest-path tests/zeroization/Cargo.toml
//! ```
//!
//! The stack is not searched, nor are registers: what a compiler leaves there no library controls.

mod heap;
mod needles;
mod scenarios;
mod secrets;

use std::process::ExitCode;

use needles::{Finds, Needles, Owner};
use scenarios::Bench;

const RUNS: u64 = 100;

/// What lies on the stack may be copied to the heap with the gaps in a struct. What that is depends on where the stack
/// begins, and on how far down it goes.
const PHASES: u64 = 16;

/// Does it so many frames further down.
#[inline(never)]
fn further_down(frames: u64, work: &mut dyn FnMut()) {
    let taken = core::hint::black_box([0_u8; 16]);
    match frames {
        0 => work(),
        _ => further_down(frames - 1, work),
    }
    core::hint::black_box(taken);
}

fn main() -> ExitCode {
    let mut bench = Bench::new();
    // What is set up once in a process is set up now, outside the searched heap.
    bench.prepare(0);
    bench.everything();
    let mut controls = 0;
    let (mut finds, mut searched) = (Finds::new(), 0);
    for run in 1..=RUNS {
        let needles = bench.prepare(run);
        controls += usize::from(control_is_found(&bench, &needles));
        heap::watch(
            || further_down(run % PHASES, &mut || bench.everything()),
            |memory| {
                searched += memory.len();
                needles.search(memory, &mut finds);
            },
        );
    }
    report(&finds, searched, controls)
}

/// A copy that nobody wipes, and one that a growing vector leaves behind.
fn control_is_found(bench: &Bench, needles: &Needles) -> bool {
    let mut finds = Finds::new();
    heap::watch(
        || drop(core::hint::black_box(bench.cek().to_vec())),
        |memory| needles.search(memory, &mut finds),
    );
    let dropped = core::mem::take(&mut finds).contains_key(&(Owner::Secimg, "CEK"));
    heap::watch(
        || {
            let mut growing = bench.cek().to_vec();
            growing.resize(1000, 0);
            growing.fill(0);
            drop(core::hint::black_box(growing));
        },
        |memory| needles.search(memory, &mut finds),
    );
    dropped && finds.contains_key(&(Owner::Secimg, "CEK"))
}

fn report(finds: &Finds, searched: usize, controls: usize) -> ExitCode {
    let of = |wanted: fn(Owner) -> bool| {
        let found = finds.iter().filter(move |((owner, _), _)| wanted(*owner));
        found.map(|(_, count)| count).sum::<usize>()
    };
    let ours = of(|owner| owner == Owner::Secimg);
    for ((owner, name), count) in finds {
        match owner {
            Owner::Secimg => println!("LEFT BEHIND: {name}: {count} times"),
            Owner::Known(by) => println!("known, by {by}: {name}: {count} times"),
        }
    }
    println!("{} MiB of heap searched", searched >> 20);
    println!("{controls} of {RUNS} positive controls found");
    println!("{ours} hits in {RUNS} runs");
    if ours == 0 && controls as u64 == RUNS {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
