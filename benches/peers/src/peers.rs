//! Those that are measured, behind one face.

mod age;
mod gcm;
mod openssl;
mod rustcrypto;
mod secimg;

use crate::Result;
use crate::race::{Plan, Runner, race};

pub(crate) use age::Age;
pub(crate) use gcm::{AwsLc, Ring};
pub(crate) use openssl::{CbcHmac, Gcm};
pub(crate) use rustcrypto::SerialCbcHmac;
pub(crate) use secimg::{Secimg, Setting};

/// The chunks of everybody who has chunks: those that secimg makes unless it is told otherwise.
pub(crate) const CHUNK: usize = 64 << 10;
/// The keys are made up: speed does not depend on them.
const CIPHER_KEY: [u8; 32] = [0x11; 32];
const MAC_KEY: [u8; 32] = [0x22; 32];

/// Somebody who seals and opens in memory, from one buffer to another.
pub(crate) trait Peer {
    fn name(&self) -> String;

    /// Returns the length of what was written.
    fn seal(&mut self, plain: &[u8], sealed: &mut [u8]) -> Result<usize>;

    /// Returns the length of what was written; fails for what is not authentic.
    fn open(&mut self, sealed: &[u8], plain: &mut [u8]) -> Result<usize>;
}

/// Everybody's seconds in each round, in their order.
pub(crate) struct Contest {
    pub(crate) names: Vec<String>,
    pub(crate) seal: Vec<Vec<f64>>,
    pub(crate) open: Vec<Vec<f64>>,
}

/// How long an output must be for `len` bytes, whoever writes them: headers, frames and tags are less.
pub(crate) const fn room(len: usize) -> usize {
    len + len / 64 + (64 << 10)
}

/// Lets the peers take turns, first at sealing, then at opening. `beside` is one more who takes a turn in
/// each round of both, whose seconds stand last.
pub(crate) fn contest(
    peers: &mut [Box<dyn Peer>],
    mut beside: Option<&mut dyn FnMut() -> Result>,
    plain: &[u8],
    output: &mut [u8],
    turns: Plan,
) -> Result<Contest> {
    let names = peers.iter().map(|peer| peer.name()).collect();
    let sealed = sealed(peers, plain, output)?;

    let mut runners: Vec<Runner<'_>> = peers
        .iter_mut()
        .map(|peer| Runner::new(|output| peer.seal(plain, output).map(drop)))
        .collect();
    if let Some(beside) = &mut beside {
        runners.push(Runner::new(|_| beside()));
    }
    let seal = race(&mut runners, output, turns)?;
    drop(runners);

    let mut runners: Vec<Runner<'_>> = peers
        .iter_mut()
        .zip(&sealed)
        .map(|(peer, sealed)| Runner::new(|output| peer.open(sealed, output).map(drop)))
        .collect();
    if let Some(beside) = &mut beside {
        runners.push(Runner::new(|_| beside()));
    }
    let open = race(&mut runners, output, turns)?;
    drop(runners);
    Ok(Contest { names, seal, open })
}

/// Seals once with each, and sees that each opens it again: a rate of something that does not work is none.
fn sealed(peers: &mut [Box<dyn Peer>], plain: &[u8], output: &mut [u8]) -> Result<Vec<Vec<u8>>> {
    let mut all = Vec::new();
    for peer in peers {
        let len = peer.seal(plain, output)?;
        let sealed = output[..len].to_vec();
        output[..plain.len()].fill(0);
        let len = peer.open(&sealed, output)?;
        if output[..len] != *plain {
            return Err(format!("{} does not open what it sealed", peer.name()).into());
        }
        all.push(sealed);
    }
    Ok(all)
}

/// Gives `seal` each chunk of `plain`, and room for the body behind which the next one's follows: the
/// ciphertext and a tag of `tag` bytes. Returns the length of all bodies.
fn seal_chunks(
    plain: &[u8],
    sealed: &mut [u8],
    tag: usize,
    mut seal: impl FnMut(u64, &[u8], &mut [u8]) -> Result,
) -> Result<usize> {
    let mut at = 0;
    for (index, chunk) in (0..).zip(plain.chunks(CHUNK)) {
        let body = sealed.get_mut(at..at + chunk.len() + tag);
        let body = body.ok_or("no room for a chunk")?;
        seal(index, chunk, body)?;
        at += body.len();
    }
    Ok(at)
}

/// Gives `open` each body of [`seal_chunks`] and all the room that is left. Returns the length of the content.
fn open_chunks(
    sealed: &[u8],
    plain: &mut [u8],
    tag: usize,
    mut open: impl FnMut(u64, &[u8], &mut [u8]) -> Result,
) -> Result<usize> {
    let mut at = 0;
    for (index, body) in (0..).zip(sealed.chunks(CHUNK + tag)) {
        let room = plain.get_mut(at..).ok_or("no room for a chunk")?;
        open(index, body, room)?;
        at += body.len() - tag;
    }
    Ok(at)
}

/// What the HMAC of suite 1 begins with: be64(index), the final flag, be32(length of the ciphertext).
fn header(index: u64, ciphertext: &[u8]) -> [u8; 13] {
    let mut header = [0; 13];
    header[..8].copy_from_slice(&index.to_be_bytes());
    let length = u32::try_from(ciphertext.len()).unwrap_or(u32::MAX);
    header[9..].copy_from_slice(&length.to_be_bytes());
    header
}

/// A counter as CBC's initialisation vector. That of suite 1 is encrypted first, one block a chunk; the
/// peers are spared that.
fn iv(index: u64) -> [u8; 16] {
    let mut iv = [0; 16];
    iv[8..].copy_from_slice(&index.to_be_bytes());
    iv
}

/// The nonce of suite 2.
fn nonce(index: u64) -> [u8; 12] {
    let mut nonce = [0; 12];
    nonce[4..].copy_from_slice(&index.to_be_bytes());
    nonce
}
