//! A series of slices, beside the cost of its bytes alone: one item of the same length.

use std::path::Path;
use std::sync::Arc;

use secimg::crypto::DEFAULT_SUITE;
use secimg::keys::{RawKeyRecipient, SymmetricKey};
use secimg::stream::{OpenOptions, SealOptions};

use super::{Extent, sealed};
use crate::material::{Slices, touched};
use crate::peers::Setting;
use crate::race::{Plan, Runner, race};
use crate::report::{Amount, Goal, Measure, Report, Row, Unit};
use crate::stats::{Spread, median};
use crate::{Result, report};

/// Through what the streams go in and out. Small, so that both sides find it in a cache.
const WINDOW: usize = 1 << 20;
/// A round takes seconds, and is the steadier for it.
const MOST_ROUNDS: usize = 9;

pub(super) fn measure(extent: &Extent, _: &Path, report: &mut Report) -> Result {
    let slices = Slices::new(extent.slices);
    report::title(&format!(
        "{} slices of 512 x 512 x 16 bit as one series, one thread",
        extent.slices
    ));
    for digests in [true, false] {
        let series = Series::new(&slices, digests)?;
        let seconds = series.race(extent)?;
        series.rows(&seconds, report)?;
    }
    Ok(())
}

struct Series<'a> {
    slices: &'a Slices,
    digests: bool,
    seal: SealOptions,
    open: OpenOptions,
}

impl<'a> Series<'a> {
    fn new(slices: &'a Slices, digests: bool) -> Result<Self> {
        let key = Arc::new(RawKeyRecipient::new(SymmetricKey::generate()?));
        let setting = Setting {
            suite: DEFAULT_SUITE,
            threads: 1,
            digests,
        };
        Ok(Self {
            slices,
            digests,
            seal: setting.seal_options().recipient(key.clone()),
            open: setting.open_options().identity(key),
        })
    }

    /// The stream of `images`, all of it.
    fn sealed<'b>(&self, images: impl IntoIterator<Item = &'b [u8]>) -> Result<Vec<u8>> {
        let mut stream = Vec::with_capacity(crate::peers::room(self.slices.bytes.len()));
        let mut window = touched(WINDOW);
        sealed::seal(images, &self.seal, &mut window, |bytes| {
            stream.extend_from_slice(bytes);
        })?;
        Ok(stream)
    }

    /// Seconds of sealing the series and the one item, and of opening both.
    fn race(&self, extent: &Extent) -> Result<Vec<Vec<f64>>> {
        let whole = self.slices.bytes.as_slice();
        let (series, item) = (self.sealed(self.slices.iter())?, self.sealed([whole])?);
        let open = |stream: &[u8], window: &mut [u8], images: usize| {
            let opened = sealed::open(stream, &self.open, window)?;
            if opened == (images, whole.len()) {
                Ok(())
            } else {
                Err(format!("{opened:?} is not what was sealed").into())
            }
        };
        let mut runners = [
            Runner::new(|window| sealed::seal(self.slices.iter(), &self.seal, window, |_| ())),
            Runner::new(|window| sealed::seal([whole], &self.seal, window, |_| ())),
            Runner::new(|window| open(&series, window, extent.slices)),
            Runner::new(|window| open(&item, window, 1)),
        ];
        let plan = Plan {
            rounds: extent.plan.rounds.min(MOST_ROUNDS),
            ..extent.plan
        };
        race(&mut runners, &mut touched(WINDOW), plan)
    }

    /// The target counts for what `secimg encrypt` does, which is with digests.
    fn rows(&self, seconds: &[Vec<f64>], report: &mut Report) -> Result {
        let (name, words) = if self.digests {
            ("slices", "with digests")
        } else {
            ("slices-no-digest", "without")
        };
        for (at, direction) in [(0, "seal"), (2, "open")] {
            let (series, item) = (&seconds[at], &seconds[at + 1]);
            let cost = |seconds: &[f64]| Amount::new(median(seconds), Unit::Seconds);
            let ratio = (Measure::Times, Spread::of_ratios(series, item));
            let work = format!("{direction}: series, {words}");
            let theirs = ("one item of the same length", cost(item));
            let mut row = Row::new(&work, cost(series), theirs, ratio).id(direction, name);
            if self.digests {
                row = row.target(Goal::AtMost(1.2)).record(Goal::AtMost(1.05));
            }
            report.push(row)?;
        }
        Ok(())
    }
}
