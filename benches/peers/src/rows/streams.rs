//! Memory while streams of any length go through: it should not depend on the length.

use std::io::Read;
use std::path::Path;
use std::process::{Child, Stdio};

use super::{Extent, size};
use crate::report::{Amount, Goal, Measure, Report, Row, Unit};
use crate::stats::{Spread, number};
use crate::{Result, child, report};

/// Peaks that differ by less are the same: what an allocator keeps is not always the same.
const FLAT: f64 = 1.1;

pub(super) fn measure(extent: &Extent, _: &Path, report: &mut Report) -> Result {
    report::title("peak memory of a process that seals into a pipe, and of one that opens from it");
    let mut peaks = Vec::new();
    for len in extent.streams {
        peaks.push((size(len), through_a_pipe(len)?));
    }
    let Some(((short, first), rest)) = peaks.split_first() else {
        return Ok(());
    };
    for (at, direction) in ["seal", "open"].into_iter().enumerate() {
        for (long, peak) in rest {
            let amount = |kib: u64| Amount::new(number(kib << 10), Unit::Bytes);
            let ratio = Spread::one(number(peak[at]) / number(first[at]));
            let row = Row::new(
                &format!("{direction}: memory for {long}"),
                amount(peak[at]),
                (&format!("for {short}"), amount(first[at])),
                (Measure::Times, ratio),
            );
            let name = long.to_lowercase().replace(' ', "-");
            let row = row.id(&format!("memory-{direction}"), &name);
            report.push(row.target(Goal::AtMost(FLAT)))?;
        }
    }
    Ok(())
}

/// The peaks of both processes, in KiB.
fn through_a_pipe(len: u64) -> Result<[u64; 2]> {
    let mut sealing = child::seal(len)?
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let stream = sealing.stdout.take().ok_or("no pipe")?;
    let opening = child::open()?
        .stdin(stream)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()?;
    let opened = peak(opening);
    Ok([peak(sealing)?, opened?])
}

fn peak(mut child: Child) -> Result<u64> {
    let mut words = String::new();
    if let Some(mut error) = child.stderr.take() {
        error.read_to_string(&mut words)?;
    }
    if !child.wait()?.success() {
        return Err(words.into());
    }
    Ok(words.trim().parse()?)
}
