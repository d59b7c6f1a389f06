//! The rows of the table, in groups that are measured together.

mod ranges;
mod sealed;
mod slices;
mod small;
mod streams;
mod suites;
mod unwrap;

use core::time::Duration;
use std::path::Path;

use crate::Result;
use crate::race::Plan;
use crate::report::Report;

type Group = fn(&Extent, &Path, &mut Report) -> Result;

/// Everything but the chart, with the names that `--only` takes.
pub(crate) const GROUPS: &[(&str, Group)] = &[
    ("suite1", suites::first),
    ("suite2", suites::second),
    ("small", small::measure),
    ("unwrap", unwrap::measure),
    ("slices", slices::measure),
    ("ranges", ranges::measure),
    ("streams", streams::measure),
];

/// How much is measured.
pub(crate) struct Extent {
    pub(crate) plan: Plan,
    /// Bytes that are sealed in memory.
    pub(crate) memory: usize,
    /// Slices in a series.
    pub(crate) slices: usize,
    /// Bytes of a stream that is read here and there.
    pub(crate) ranges: u64,
    /// Bytes of streams that go through a process of their own.
    pub(crate) streams: [u64; 3],
}

impl Extent {
    pub(crate) fn new(quick: bool, rounds: Option<usize>) -> Self {
        let plan = |usual, turn| Plan {
            rounds: rounds.unwrap_or(usual),
            turn: Duration::from_millis(turn),
        };
        if quick {
            return Self {
                plan: plan(3, 1),
                memory: 8 << 20,
                slices: 40,
                ranges: 64 << 20,
                streams: [8 << 20, 16 << 20, 32 << 20],
            };
        }
        Self {
            plan: plan(15, 20),
            memory: 64 << 20,
            slices: 1000,
            ranges: 1 << 30,
            streams: [64 << 20, 512 << 20, 2 << 30],
        }
    }
}

/// Says a length as people do: 64 MiB, 512 KiB.
pub(crate) fn size(bytes: u64) -> String {
    match bytes {
        0x4000_0000.. if bytes.is_multiple_of(1 << 30) => format!("{} GiB", bytes >> 30),
        0x10_0000.. => format!("{} MiB", bytes >> 20),
        _ => format!("{} KiB", bytes >> 10),
    }
}
