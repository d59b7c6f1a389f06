//! Throughput against size and threads, drawn.

use std::fs;
use std::path::Path;

use secimg::crypto::DEFAULT_SUITE;
use serde_json::json;

use crate::material::{noise, touched};
use crate::peers::{self, CbcHmac, Peer, Secimg, Setting};
use crate::report::Report;
use crate::rows::{Extent, size};
use crate::stats::{length, median};
use crate::svg::{Curve, Panel, Picture};
use crate::{Result, machine, report};

/// What `--only` calls it.
pub(crate) const NAME: &str = "chart";
/// Four times as long from one to the next.
const SMALLEST: usize = 1 << 10;

/// Measures every size, and draws where a file is named.
pub(crate) fn draw(extent: &Extent, file: Option<&Path>, report: &mut Report) -> Result {
    report::title("throughput against size and threads, GB/s: suite 1, no content digest");
    let mut curves = Curves::new()?;
    let plain = noise(extent.memory);
    let mut output = touched(peers::room(plain.len()));
    let mut len = SMALLEST;
    while len <= plain.len() {
        curves.measure(&plain[..len], &mut output, extent, report)?;
        len *= 4;
    }
    let Some(file) = file else {
        return Ok(());
    };
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(file, curves.picture().to_svg())?;
    println!("drawn: {}", file.display());
    Ok(())
}

/// The contestants, and what they reached so far.
struct Curves {
    peers: Vec<Box<dyn Peer>>,
    seal: Vec<Curve>,
    open: Vec<Curve>,
}

impl Curves {
    fn new() -> Result<Self> {
        let ours = |threads| {
            Secimg::new(Setting {
                suite: DEFAULT_SUITE,
                threads,
                digests: false,
            })
        };
        let names = [
            "secimg, two threads",
            "secimg, one thread",
            "OpenSSL, CBC then HMAC",
        ];
        let curves = || names.map(Curve::new).into();
        Ok(Self {
            peers: vec![
                Box::new(ours(2)?),
                Box::new(ours(1)?),
                Box::new(CbcHmac::new()?),
            ],
            seal: curves(),
            open: curves(),
        })
    }

    fn measure(
        &mut self,
        plain: &[u8],
        output: &mut [u8],
        extent: &Extent,
        report: &mut Report,
    ) -> Result {
        let contest = peers::contest(&mut self.peers, None, plain, output, extent.plan)?;
        let size = size(plain.len() as u64);
        let directions = [
            ("seal", &contest.seal, &mut self.seal),
            ("open", &contest.open, &mut self.open),
        ];
        for (direction, seconds, curves) in directions {
            print!("{size:>8}  {direction}");
            for (curve, seconds) in curves.iter_mut().zip(seconds) {
                let rate = length(plain.len()) / median(seconds) / 1e9;
                curve.points.push((length(plain.len()), rate));
                print!("   {} {rate:.3}", curve.name);
                report.write(&json!({
                    "row": "chart",
                    "direction": direction,
                    "bytes": plain.len(),
                    "who": curve.name,
                    "gigabytes_per_second": rate,
                }))?;
            }
            println!();
        }
        Ok(())
    }

    fn picture(&self) -> Picture<'_> {
        Picture {
            title: "Throughput against size and threads, suite 1, in memory".to_owned(),
            note: format!(
                "{}; medians; {}",
                machine::processor(),
                openssl::version::version()
            ),
            panels: [("sealing", &self.seal), ("opening", &self.open)]
                .map(|(title, curves)| Panel { title, curves })
                .into(),
        }
    }
}
