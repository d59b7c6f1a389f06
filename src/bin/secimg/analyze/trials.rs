//! What counts: that what was changed is refused, tried in full on a small stream, and that nothing is used twice.
//!
//! Everything here goes through the library's own functions, as in any program that uses it.

use std::collections::{BTreeSet, HashSet};
use std::thread;

use secimg::crypto::{SUITES, Suite};
use secimg::format::ChunkSize;
use secimg::{Image, encrypt};
use tracing::subscriber::{NoSubscriber, with_default};

use super::ciphers::BLOCK;
use super::sealed::{Tape, bodies, seal, sealing};
use crate::exit::{Failure, Status};
use small::Small;

mod small;

/// Full chunks whose first blocks are compared.
const CHUNKS: usize = 4096;

/// Something that must hold each time.
pub(super) struct Trial {
    pub(super) suite: &'static str,
    /// What was tried.
    pub(super) what: &'static str,
    /// How often it was tried.
    pub(super) tried: usize,
    /// How often it held.
    pub(super) held: usize,
    /// The one text of all refusals, where they must not differ.
    pub(super) text: Option<String>,
}

impl Trial {
    pub(super) const fn holds(&self) -> bool {
        self.tried == self.held && self.tried > 0
    }
}

/// Tries everything with each suite, side by side.
///
/// # Errors
/// Where something did not hold: this program is then not to be used.
pub(super) fn all() -> Result<Vec<Trial>, Failure> {
    let each = thread::scope(|scope| {
        let run = |suite| scope.spawn(move || quietly(|| of_suite(suite)));
        let running: Vec<_> = SUITES.iter().copied().map(run).collect();
        running
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|_| Err(died())))
            .collect()
    });
    let each: Result<Vec<Vec<Trial>>, Failure> = each;
    judged(each?.into_iter().flatten().collect())
}

/// An evaluation is worth nothing if it cannot fail.
fn judged(trials: Vec<Trial>) -> Result<Vec<Trial>, Failure> {
    let Some(failed) = trials.iter().find(|trial| !trial.holds()) else {
        return Ok(trials);
    };
    let Trial {
        suite,
        what,
        tried,
        held,
        ..
    } = failed;
    let what = format!("{suite}: {what}: this held in {held} of {tried} cases, and must in all");
    Err(Failure::new(Status::Refused, "trial_failed", what))
}

/// Tens of thousands of refusals are no news to who listens to events.
fn quietly<T>(work: impl FnOnce() -> T) -> T {
    with_default(NoSubscriber::new(), work)
}

fn died() -> Failure {
    Failure::new(Status::Io, "internal", "a thread of the trials ended early")
}

fn of_suite(suite: &'static Suite) -> Result<Vec<Trial>, Failure> {
    let small = Small::seal(suite)?;
    Ok(vec![
        small.is_opened(),
        small.bits_flipped(),
        small.cut_short(),
        small.content_keys(),
        small.recipients_keys()?,
        first_blocks(suite)?,
        sealed_twice(suite)?,
    ])
}

/// Nothing of an IV stands in a stream, but chunks that begin alike have equal first blocks if and only if their IVs (or, in
/// GCM, their counter blocks) are equal: AES with one key maps different blocks to different blocks.
fn first_blocks(suite: &'static Suite) -> Result<Trial, Failure> {
    let options = sealing(suite)?.chunk_size(ChunkSize::MIN);
    // The first chunk begins with the manifest, the last holds what is left.
    let image = Image::new(vec![0; ChunkSize::MIN.bytes() * (CHUNKS + 2)]);
    let sealed = seal(&image, &options, &Tape::draw()?)?;
    let bodies = bodies(&sealed)?;
    let blocks = bodies
        .iter()
        .skip(1)
        .take(CHUNKS)
        .map(|body| &body[..BLOCK]);
    let distinct: HashSet<_> = blocks.collect();
    Ok(Trial {
        suite: suite.short_name,
        what: "IVs of equal chunks of 4 KiB: no two alike (the birthday bound expects none)",
        tried: CHUNKS,
        held: distinct.len(),
        text: None,
    })
}

/// One image, one recipient, two streams: no block of one is a block of the other.
fn sealed_twice(suite: &'static Suite) -> Result<Trial, Failure> {
    let (options, image) = (sealing(suite)?, Image::new(vec![0; 1 << 16]));
    let (one, other) = (encrypt(&image, &options)?, encrypt(&image, &options)?);
    let blocks = |sealed: &[u8]| -> Result<Vec<Vec<u8>>, Failure> {
        let ciphertext = bodies(sealed)?.concat();
        Ok(ciphertext.chunks_exact(BLOCK).map(<[u8]>::to_vec).collect())
    };
    let one: BTreeSet<_> = blocks(&one)?.into_iter().collect();
    let other = blocks(&other)?;
    let held = other.iter().filter(|block| !one.contains(*block)).count();
    Ok(Trial {
        suite: suite.short_name,
        what: "blocks of an image that is sealed twice: in one stream only",
        tried: other.len(),
        held,
        text: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_holds_and_is_counted() {
        let trials = all().unwrap();
        assert_eq!(trials.len(), 7 * SUITES.len());
        for seven in trials.chunks(7) {
            let [opened, bits, cuts, keys, recipients, ivs, _] = seven else {
                panic!("seven each");
            };
            assert_eq!((opened.tried, keys.tried, recipients.tried), (2, 257, 256));
            assert_eq!(bits.tried, cuts.tried * 8);
            assert!(cuts.tried > 4096, "a header and a chunk");
            assert_eq!(ivs.held, 4096);
            assert_ne!(keys.text, recipients.text);
        }
    }

    #[test]
    fn one_case_of_many_is_enough_to_fail() {
        let trial = |tried, held| Trial {
            suite: "cbc",
            what: "something",
            tried,
            held,
            text: None,
        };
        assert!(judged(vec![trial(3, 3), trial(1, 1)]).is_ok());
        for (tried, held) in [(3, 2), (0, 0)] {
            let failure = judged(vec![trial(3, 3), trial(tried, held)]).err().unwrap();
            assert_eq!(
                (failure.status, failure.code),
                (Status::Refused, "trial_failed")
            );
        }
    }
}
