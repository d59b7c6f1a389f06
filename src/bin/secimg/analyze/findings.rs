//! Everything that was found of a picture.

use secimg::preview::Samples;

use super::ciphers::{Cipher, Subject, toy_key, toy_nonce};
use super::differences::{Difference, compare};
use super::picture::{Part, Picture, flat};
use super::toy::{KNOWN, find_key};
use super::trials::{self, Trial};
use crate::exit::Failure;

/// What follows from all of it. Numbers without it mislead.
pub(super) const NECESSARY: &str = "These tests are necessary and not sufficient: a cipher that fails them is bad, and one that \
passes them need not be good.";

/// Who showed it.
pub(super) const REFERENCE: &str = "Preishuber, Hütter, Katzenbeisser, Uhl: Depreciating Motivation and Empirical Security Analysis \
of Chaos-Based Image and Video Encryption. IEEE Transactions on Information Forensics and Security, 2018.";

/// Below this a test is marked: one in a thousand.
pub(super) const MARKED: f64 = 0.001;
/// Below this one test in twenty is by chance.
const CHANCE: f64 = 0.05;

pub(super) struct Findings {
    pub(super) format: &'static str,
    /// Of the file.
    pub(super) sha256: [u8; 32],
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) channels: u8,
    pub(super) decoded_bits: u8,
    pub(super) part: Part,
    /// Each cipher on the picture, the picture itself first.
    pub(super) given: Vec<Subject>,
    /// The same on a drawing without texture: itself, ECB, and what this program seals with.
    pub(super) flat: Vec<Subject>,
    pub(super) differences: Vec<Difference>,
    pub(super) broken: Broken,
    pub(super) trials: Vec<Trial>,
}

/// The toy's key, as it was found by who does not know it.
#[derive(Default)]
pub(super) struct Broken {
    pub(super) keys: Vec<u16>,
    pub(super) is_the_key: bool,
}

/// How many tests of ciphers there are, and how many of them are far off.
pub(super) struct Chance {
    pub(super) tests: u32,
    pub(super) below: u32,
    pub(super) expected: f64,
    pub(super) marked: u32,
}

impl Findings {
    pub(super) const fn of(
        format: &'static str,
        sha256: [u8; 32],
        decoded: &Samples,
        part: Part,
    ) -> Self {
        Self {
            format,
            sha256,
            width: decoded.width,
            height: decoded.height,
            channels: decoded.channels,
            decoded_bits: decoded.decoded_bits,
            part,
            given: Vec::new(),
            flat: Vec::new(),
            differences: Vec::new(),
            broken: Broken {
                keys: Vec::new(),
                is_the_key: false,
            },
            trials: Vec::new(),
        }
    }

    pub(super) fn measure(&mut self, picture: &Picture) -> Result<(), Failure> {
        for cipher in Cipher::all() {
            self.given.push(cipher.measure(picture)?);
        }
        let drawing = flat();
        for cipher in Cipher::all() {
            if !matches!(cipher, Cipher::Toy) {
                self.flat.push(cipher.measure(&drawing)?);
            }
        }
        self.differences = compare(picture)?;
        self.broken = Broken::of(picture, &self.given);
        self.trials = trials::all()?;
        Ok(())
    }

    pub(super) const fn samples(&self) -> usize {
        self.part.width * self.part.height * self.channels as usize
    }

    /// Says what of the picture was not evaluated as it stands.
    pub(super) fn reduced(&self) -> Option<String> {
        let Part { width, height, .. } = self.part;
        let cropped = (self.width, self.height) != (side(width), side(height));
        let cropped = cropped.then(|| format!("only its middle, {width} x {height} pixels"));
        let bits = self.decoded_bits;
        let reduced = (bits > 8).then(|| format!("its {bits} bits a sample reduced to 8"));
        let both: Vec<_> = cropped.into_iter().chain(reduced).collect();
        (!both.is_empty()).then(|| both.join("; "))
    }

    /// The ciphers that are not secure and are not marked once.
    pub(super) fn insecure_that_pass(&self) -> String {
        let passes = |subject: &&Subject| {
            let insecure = subject.cipher.is_secure() == Some(false);
            insecure && subject.measures.iter().all(|measure| measure.p >= MARKED)
        };
        let names: Vec<_> = self
            .given
            .iter()
            .filter(passes)
            .map(|subject| subject.cipher.name())
            .collect();
        match names.as_slice() {
            [] => "On this picture no cipher that is not secure passes all of them.".to_owned(),
            [one] => format!("On this picture {one} passes all of them, and is not secure."),
            all => format!(
                "On this picture {} pass all of them, and are not secure.",
                all.join(" and ")
            ),
        }
    }

    /// Counts over the ciphers on the picture; the picture itself is none.
    pub(super) fn chance(&self) -> Chance {
        let ciphers = self
            .given
            .iter()
            .filter(|subject| !matches!(subject.cipher, Cipher::None));
        let all: Vec<_> = ciphers
            .flat_map(|subject| &subject.measures)
            .map(|measure| measure.p)
            .collect();
        let count = |bound: f64| counted(all.iter().filter(|p| **p < bound).count());
        let tests = counted(all.len());
        Chance {
            tests,
            below: count(CHANCE),
            expected: f64::from(tests) * CHANCE,
            marked: count(MARKED),
        }
    }
}

impl Broken {
    /// What is known is a few samples, the ciphertext and the nonce beside it.
    fn of(picture: &Picture, subjects: &[Subject]) -> Self {
        let toy = subjects
            .iter()
            .find(|subject| matches!(subject.cipher, Cipher::Toy));
        let Some(Subject {
            picture: sealed,
            tape,
            ..
        }) = toy
        else {
            return Self::default();
        };
        let keys = find_key(&picture.samples[..KNOWN], &sealed.samples, toy_nonce(tape));
        let is_the_key = keys == [toy_key(tape)];
        Self { keys, is_the_key }
    }
}

fn side(pixels: usize) -> u32 {
    u32::try_from(pixels).unwrap_or(u32::MAX)
}

fn counted(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
