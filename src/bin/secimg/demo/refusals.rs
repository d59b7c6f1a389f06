//! What must not work, tried on the very bytes that were sent.

use std::fs::File;
use std::io::{self, Read};

use secimg::format::{FRAME_HEADER_LEN, Limits};
use secimg::io::{open_stream, survey_stream};
use secimg::keys::{GenerateKind, PrivateKey, TrustedSigners};
use secimg::{OpenOptions, Verified};
use serde_json::{Value, json};

use super::journey::opening;
use super::scene::{Keys, Scene};
use crate::exit::Failure;
use crate::output::error_json;

/// Something that was tried.
pub(super) struct Attempt {
    pub(super) what: &'static str,
    /// Why it was refused, if it was.
    pub(super) failure: Option<Failure>,
    /// Why it should have been.
    expected: &'static str,
}

impl Attempt {
    fn new(what: &'static str, expected: &'static str, result: Result<Verified, Failure>) -> Self {
        Self {
            what,
            expected,
            failure: result.err(),
        }
    }

    /// Tells whether it was refused, and for the right reason.
    pub(super) fn is_refused(&self) -> bool {
        self.failure
            .as_ref()
            .is_some_and(|failure| failure.code == self.expected)
    }

    pub(super) fn json(&self) -> Value {
        json!({
            "what": self.what,
            "refused": self.is_refused(),
            "error": error_json(self.failure.as_ref()),
        })
    }
}

pub(super) fn attempt(scene: &Scene, keys: &Keys) -> Result<Vec<Attempt>, Failure> {
    let receiver = opening(keys)?;
    // 2048 bits will do for somebody whose key fits nothing.
    let stranger = PrivateKey::generate(GenerateKind::Rsa { bits: 2048 })?;
    let wrong_key = OpenOptions::new().identity(stranger.identity()?);
    let others: TrustedSigners = [stranger.public()].into_iter().collect();
    let other_sender = receiver.clone().require_signer(others);
    let whole = || open(scene);
    Ok(vec![
        Attempt::new(
            "one bit of the sealed stream is changed",
            "not_authentic",
            read(flipped(scene)?, &receiver),
        ),
        Attempt::new(
            "somebody else's private key",
            "no_matching_key",
            read(whole()?, &wrong_key),
        ),
        Attempt::new(
            "the receiver asks for another sender's signature",
            "untrusted_signer",
            read(whole()?, &other_sender),
        ),
    ])
}

fn open(scene: &Scene) -> Result<File, Failure> {
    File::open(scene.sealed()).map_err(|error| Failure::io("opening the sealed stream", &error))
}

fn read(sealed: impl Read, options: &OpenOptions) -> Result<Verified, Failure> {
    Ok(open_stream(sealed, options, &mut ())?)
}

/// The sealed stream with one bit of a sealed picture changed, in the middle.
fn flipped(scene: &Scene) -> Result<impl Read, Failure> {
    let survey = survey_stream(open(scene)?, Limits::DEFAULT)?;
    let payload = survey.header.payload_offset();
    let head = FRAME_HEADER_LEN as u64;
    let mut at = (survey.stream_bytes / 2).max(payload);
    // The header of a wire frame is no secret; that it is damaged would be seen without a key.
    if (at - payload) % (survey.header.geometry().stride() as u64) < head {
        at += head;
    }
    Ok(Flipped {
        from: open(scene)?,
        at,
        position: 0,
    })
}

/// Changes one bit of what is read.
struct Flipped<R> {
    from: R,
    at: u64,
    position: u64,
}

impl<R: Read> Read for Flipped<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let len = self.from.read(buffer)?;
        let within = usize::try_from(self.at.wrapping_sub(self.position)).unwrap_or(usize::MAX);
        if let Some(byte) = buffer[..len].get_mut(within) {
            *byte ^= 1;
        }
        self.position += len as u64;
        Ok(len)
    }
}
