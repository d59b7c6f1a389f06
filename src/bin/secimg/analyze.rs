//! `secimg analyze`: a picture, what the ciphers make of it, and how far the usual tests tell one from the other.
//!
//! Shares are shares, not percent; of the picture itself NPCR, UACI and the key's measures are null. `p` says how often an
//! ideal cipher is at least as far off; `secure` is whether anybody should use it.
//!
//! ```json
//! {"schema":"secimg/analyze/1","file":"a.png","verdict":"analyzed|refused|damaged|error","exit":0,"format":"png","sha256":"hex",
//!  "width":512,"height":512,"channels":1,"decoded_bits":8,"part":{"x":0,"y":0,"width":512,"height":512},"samples":262144,
//!  "ciphers":[{"picture":"given|flat","name":"secimg cbc","what":"…","secure":true,
//!              "entropy":{"value":7.99,"expected":7.99,"deviation":0.1,"p":0.5},"chi_square":{…},"correlation_horizontal":{…},
//!              "correlation_vertical":{…},"correlation_diagonal":{…},"npcr":{…},"uaci":{…},"key_bits":{…},"key_npcr":{…}}],
//!  "chance":{"tests":36,"below_0_05":2,"below_0_05_expected":1.8,"below_0_001":0},
//!  "differences":[{"name":"…","changed":"…","npcr":{…},"uaci":{…},"npcr_follows":0.5}],
//!  "toy_broken":{"keys_tried":65536,"samples_known":16,"keys_found":["beef"],"is_the_key":true},
//!  "trials":[{"suite":"cbc","what":"…","tried":1,"held":1,"text":null}],
//!  "necessary_not_sufficient":"…","output":"a.html","warnings":[],"error":null}
//! ```

use std::io::Read;

use secimg::image::{SNIFF_LEN, sniff};
use secimg::io::file::Overwrite;
use secimg::preview::{DecodeError, Samples, samples};
use sha2::{Digest, Sha256};

use crate::args::{AnalyzeArgs, Common};
use crate::exit::{Failure, Status};
use crate::html::write_page;
use crate::inputs::{Input, binary_stdout, is_dash};
use crate::output::{Output, Told};
use crate::pictures::{check_not_input, one_input, read_all, write_to_stdout};
use crate::store::{check_free, overwrite};
use findings::Findings;
use picture::{MIN_SIDE, Picture};

mod ciphers;
mod differences;
mod findings;
mod json;
mod page;
mod picture;
mod plots;
mod sealed;
mod special;
mod statistics;
mod text;
mod toy;
mod trials;

/// Longer files are not read: their pixels would not be decoded.
const MOST: u64 = 256 << 20;

struct Job<'a> {
    args: &'a AnalyzeArgs,
    input: Input,
    overwrite: Overwrite,
    out: Output,
}

pub(crate) fn run(args: &AnalyzeArgs, common: Common) -> Status {
    let to_stdout = args.output.as_deref().is_some_and(is_dash);
    let job = Job {
        args,
        input: one_input(&args.image),
        overwrite: overwrite(common.force),
        out: Output::new(common).beside_data(to_stdout),
    };
    let label = job.input.label();
    let told = job.analyze().map(|findings| Told {
        object: json::object(&label, &findings, args.output.as_deref()),
        text: text::of(&label, &findings),
        warnings: Vec::new(),
    });
    job.out.one_input(&label, told, json::failure)
}

impl Job<'_> {
    fn analyze(&self) -> Result<Findings, Failure> {
        self.check()?;
        let bytes = self.read()?;
        let decoded = samples(&bytes).map_err(not_decoded)?;
        check_size(&decoded)?;
        let (picture, part) = Picture::middle_of(&decoded);
        let format = sniff(&bytes[..bytes.len().min(SNIFF_LEN)]).format;
        let mut findings = Findings::of(format, Sha256::digest(&bytes).into(), &decoded, part);
        drop((bytes, decoded));
        findings.measure(&picture)?;
        self.write(&findings)?;
        Ok(findings)
    }

    /// Everything that can be wrong before a byte is read.
    fn check(&self) -> Result<(), Failure> {
        match self.args.output.as_deref() {
            None => Ok(()),
            Some(path) if is_dash(path) => binary_stdout().map(drop),
            Some(path) => {
                check_not_input(path, &self.input)?;
                Ok(check_free(path, self.overwrite)?)
            }
        }
    }

    fn read(&self) -> Result<Vec<u8>, Failure> {
        let mut source = self.input.open()?;
        if source.len.is_some_and(|len| len > MOST) {
            return Err(too_long());
        }
        // A pipe does not say how much will come.
        source.reader = Box::new(source.reader.take(MOST + 1));
        let bytes = read_all(source, &self.input, self.out)?;
        if bytes.len() as u64 > MOST {
            return Err(too_long());
        }
        Ok(bytes)
    }

    fn write(&self, findings: &Findings) -> Result<(), Failure> {
        let Some(path) = self.args.output.as_deref() else {
            return Ok(());
        };
        let page = page::of(&self.input.label(), findings)?;
        if is_dash(path) {
            return write_to_stdout(page.as_bytes());
        }
        write_page(path, self.overwrite, &page)
    }
}

fn too_long() -> Failure {
    let what = format!("it is longer than {MOST} bytes, so its pixels are not decoded");
    Failure::new(Status::Damaged, "not_decoded", what)
}

fn check_size(decoded: &Samples) -> Result<(), Failure> {
    let Samples { width, height, .. } = decoded;
    if usize::try_from(*width.min(height)).is_ok_and(|side| side < MIN_SIDE) {
        let what = format!(
            "it has {width} x {height} pixels; the tests say nothing of fewer than {MIN_SIDE} x {MIN_SIDE}"
        );
        return Err(Failure::new(Status::Usage, "too_small", what));
    }
    Ok(())
}

fn not_decoded(error: DecodeError) -> Failure {
    let what = match error {
        DecodeError::Format("opaque") => {
            "it is no picture of a kind that is decoded here; convert it to PNG".to_owned()
        }
        DecodeError::Format(_) => format!("{error}; convert it to PNG"),
        error => error.to_string(),
    };
    Failure::new(Status::Damaged, "not_decoded", what)
}
