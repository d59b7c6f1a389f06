//! Whole streams in memory, beside the same work done by others.

use std::path::Path;

use secimg::crypto::{SUITES, Suite, suite_named};

use super::{Extent, size};
use crate::material::{noise, touched};
use crate::peers::{Age, AwsLc, CbcHmac, Contest, Gcm, Peer, Ring, Secimg, SerialCbcHmac, Setting};
use crate::report::{Goal, Laps, Measure, Report, Row};
use crate::{Result, peers, report, sha256_lanes};

/// Suite 1 beside OpenSSL, beside the limit that SHA-256 sets, and with two threads beside one.
pub(crate) fn first(extent: &Extent, _: &Path, report: &mut Report) -> Result {
    let suite = suite("cbc")?;
    let mut peers: Vec<Box<dyn Peer>> = vec![
        Box::new(ours(suite, 1, false)?),
        Box::new(CbcHmac::new()?),
        Box::new(ours(suite, 2, false)?),
        Box::new(ours(suite, 1, true)?),
        Box::new(ours(suite, 2, true)?),
        Box::new(SerialCbcHmac::new()?),
        Box::new(Age::new()),
    ];
    let pairs = [
        Pair::new("threads", 2, 0)
            .target([1.8; 2])
            .record([1.95; 2]),
        Pair::new("digest", 3, 0),
        Pair::new("digest-threads", 4, 3),
        Pair::new("rustcrypto", 0, 5),
        Pair::new("age", 0, 6),
    ];
    let plain = noise(extent.memory);
    let has_limit = sha256_lanes::hash(&plain).is_ok();
    let mut hash = || sha256_lanes::hash(&plain).map(drop);
    let beside: Option<&mut dyn FnMut() -> Result> = if has_limit { Some(&mut hash) } else { None };

    title("suite 1", extent);
    let mut contest = run(&mut peers, beside, &plain, extent)?;
    let suite1 = Pair::new("suite1", 0, 1)
        .target([3.0, 1.4])
        .record([4.0, 1.9]);
    suite1.rows(&contest, extent, report)?;
    if has_limit {
        contest
            .names
            .push("SHA-256 in two lanes, its limit".to_owned());
        let limit = Pair::new("limit", 0, peers.len()).share();
        limit
            .target([0.65; 2])
            .record([0.90; 2])
            .rows(&contest, extent, report)?;
    } else {
        println!("not measured: SHA-256 in two lanes, which needs the SHA instructions of x86-64");
    }
    pairs
        .iter()
        .try_for_each(|pair| pair.rows(&contest, extent, report))
}

/// Suite 2 beside OpenSSL, ring and AWS-LC.
pub(crate) fn second(extent: &Extent, _: &Path, report: &mut Report) -> Result {
    let suite = suite("gcm")?;
    let mut peers: Vec<Box<dyn Peer>> = vec![
        Box::new(ours(suite, 1, false)?),
        Box::new(Gcm::new()?),
        Box::new(Ring::new()?),
        Box::new(AwsLc::new()?),
        Box::new(ours(suite, 2, false)?),
    ];
    let pairs = [
        Pair::new("suite2", 0, 1).target([1.0; 2]),
        Pair::new("suite2-ring", 0, 2).record([1.0; 2]),
        Pair::new("suite2-aws-lc", 0, 3),
        Pair::new("suite2-threads", 4, 0),
    ];
    let plain = noise(extent.memory);
    title("suite 2", extent);
    let contest = run(&mut peers, None, &plain, extent)?;
    pairs
        .iter()
        .try_for_each(|pair| pair.rows(&contest, extent, report))
}

fn title(suite: &str, extent: &Extent) {
    let memory = size(extent.memory as u64);
    report::title(&format!("{suite}, {memory} in memory"));
}

fn suite(short_name: &str) -> Result<&'static Suite> {
    suite_named(short_name).ok_or_else(|| format!("{short_name} is none of {SUITES:?}").into())
}

fn ours(suite: &'static Suite, threads: usize, digests: bool) -> Result<Secimg> {
    Secimg::new(Setting {
        suite,
        threads,
        digests,
    })
}

fn run(
    peers: &mut [Box<dyn Peer>],
    beside: Option<&mut dyn FnMut() -> Result>,
    plain: &[u8],
    extent: &Extent,
) -> Result<Contest> {
    let mut output = touched(peers::room(plain.len()));
    peers::contest(peers, beside, plain, &mut output, extent.plan)
}

/// Two of a contest and what is asked of the first, at sealing and at opening: two rows.
#[derive(Clone, Copy)]
struct Pair {
    name: &'static str,
    ours: usize,
    theirs: usize,
    share: bool,
    target: Option<[f64; 2]>,
    record: Option<[f64; 2]>,
}

impl Pair {
    const fn new(name: &'static str, ours: usize, theirs: usize) -> Self {
        Self {
            name,
            ours,
            theirs,
            share: false,
            target: None,
            record: None,
        }
    }

    const fn share(mut self) -> Self {
        self.share = true;
        self
    }

    const fn target(mut self, seal_and_open: [f64; 2]) -> Self {
        self.target = Some(seal_and_open);
        self
    }

    const fn record(mut self, seal_and_open: [f64; 2]) -> Self {
        self.record = Some(seal_and_open);
        self
    }

    fn rows(&self, contest: &Contest, extent: &Extent, report: &mut Report) -> Result {
        let directions = [("seal", &contest.seal), ("open", &contest.open)];
        for (at, (direction, seconds)) in directions.into_iter().enumerate() {
            let laps = |who: usize| Laps {
                seconds: &seconds[who],
                bytes: extent.memory,
            };
            let theirs = (contest.names[self.theirs].as_str(), laps(self.theirs));
            let work = format!("{direction}: {}", contest.names[self.ours]);
            let mut row = Row::rates(&work, laps(self.ours), theirs).id(direction, self.name);
            if self.share {
                row.measure = Measure::Share;
            }
            row.target = self.target.map(|goals| Goal::AtLeast(goals[at]));
            row.record = self.record.map(|goals| Goal::AtLeast(goals[at]));
            report.push(row)?;
        }
        Ok(())
    }
}
