//! What a small image costs, and where the time goes.

use std::path::Path;
use std::sync::Arc;

use secimg::crypto::{Cek, CoreHash, Random, system_rng};
use secimg::format::{Limits, Salt};
use secimg::keys::{
    GenerateKind, Identity, PrivateKey, RawKeyRecipient, Recipient, SymmetricKey, UnwrapContext,
    WrapContext,
};
use secimg::{Image, OpenOptions, SealOptions, decrypt, encrypt};
use serde_json::json;

use super::{Extent, size};
use crate::material::noise;
use crate::race::{Runner, race};
use crate::report::Report;
use crate::stats::{Spread, length, median};
use crate::{Result, report};

const SIZES: [usize; 4] = [1 << 10, 64 << 10, 512 << 10, 5 << 20];

/// Wrapping is bound to these; speed does not depend on them.
const SALT: Salt = [3; 32];
const CORE_HASH: CoreHash = [4; 32];

pub(super) fn measure(extent: &Extent, _: &Path, report: &mut Report) -> Result {
    let keys = Keys::all()?;
    report::title(
        "small images: encrypt() and decrypt(), medians in microseconds, and what of it the key takes",
    );
    println!(
        "{:10} {:>8} | {:>10} {:>10} {:>10} {:>10} | {:>10} {:>10} {:>10} {:>10}",
        "recipient",
        "image",
        "encrypt",
        "wrapping",
        "the rest",
        "MB/s",
        "decrypt",
        "unwrapping",
        "the rest",
        "MB/s",
    );
    for keys in &keys {
        for len in SIZES {
            cost(keys, len, extent, report)?;
        }
    }
    Ok(())
}

/// A recipient and the identity that opens for it.
pub(super) struct Keys {
    pub(super) name: &'static str,
    pub(super) recipient: Arc<dyn Recipient>,
    pub(super) identity: Arc<dyn Identity>,
    /// Where others can read the key too.
    pub(super) private: Option<PrivateKey>,
}

impl Keys {
    pub(super) fn all() -> Result<Vec<Self>> {
        let raw = Arc::new(RawKeyRecipient::new(SymmetricKey::generate()?));
        Ok(vec![
            Self {
                name: "raw key",
                recipient: raw.clone(),
                identity: raw,
                private: None,
            },
            Self::pair("RSA 2048", GenerateKind::Rsa { bits: 2048 })?,
            Self::pair("RSA 3072", GenerateKind::Rsa { bits: 3072 })?,
            Self::pair("hybrid", GenerateKind::XWing)?,
        ])
    }

    fn pair(name: &'static str, kind: GenerateKind) -> Result<Self> {
        let private = PrivateKey::generate(kind)?;
        Ok(Self {
            name,
            recipient: private.public().recipient()?,
            identity: private.identity()?,
            private: Some(private),
        })
    }

    pub(super) fn wrap(&self, cek: &Cek) -> Result<Vec<u8>> {
        let context = WrapContext::new(&SALT, &CORE_HASH);
        let mut rng = system_rng();
        Ok(self
            .recipient
            .wrap(cek, context, &mut Random::new(&mut rng))?)
    }

    pub(super) fn unwrap(&self, body: &[u8]) -> Result<Cek> {
        let wrap = WrapContext::new(&SALT, &CORE_HASH);
        let limits = Limits::DEFAULT;
        let cek = self
            .identity
            .unwrap(body, UnwrapContext::new(wrap, &limits))?;
        cek.ok_or_else(|| format!("{} does not unwrap", self.name).into())
    }
}

fn cost(keys: &Keys, len: usize, extent: &Extent, report: &mut Report) -> Result {
    let image = Image::new(noise(len)).named("slice.pgm");
    let seal = SealOptions::new().recipient(keys.recipient.clone());
    let open = OpenOptions::new().identity(keys.identity.clone());
    let sealed = encrypt(&image, &seal)?;
    let cek = Cek::init(|bytes| bytes.fill(9));
    let body = keys.wrap(&cek)?;
    let mut runners = [
        Runner::new(|_| Ok(encrypt(&image, &seal).map(drop)?)),
        Runner::new(|_| keys.wrap(&cek).map(drop)),
        Runner::new(|_| Ok(decrypt(&sealed, &open).map(drop)?)),
        Runner::new(|_| keys.unwrap(&body).map(drop)),
    ];
    let seconds = race(&mut runners, &mut [], extent.plan)?;
    let [encrypt, wrap, decrypt, unwrap] = [0, 1, 2, 3].map(|at: usize| micros(&seconds[at]));
    println!(
        "{:10} {:>8} | {} | {}",
        keys.name,
        size(len as u64),
        half(len, &encrypt, &wrap),
        half(len, &decrypt, &unwrap),
    );
    let spread = |values: &[f64]| {
        let Spread { min, median, max } = Spread::of(values.iter().copied());
        json!({ "min": min, "median": median, "max": max })
    };
    report.write(&json!({
        "row": "small",
        "recipient": keys.name,
        "bytes": len,
        "unit": "us",
        "encrypt": spread(&encrypt),
        "wrap": spread(&wrap),
        "decrypt": spread(&decrypt),
        "unwrap": spread(&unwrap),
    }))
}

fn micros(seconds: &[f64]) -> Vec<f64> {
    seconds.iter().map(|seconds| seconds * 1e6).collect()
}

/// One direction: all of it, what the key takes of it, what is left in the same round, and the rate.
fn half(len: usize, whole: &[f64], key: &[f64]) -> String {
    let rest = Spread::of(whole.iter().zip(key).map(|(whole, key)| whole - key)).median;
    let (whole, key) = (median(whole), median(key));
    let rate = length(len) / whole;
    format!("{whole:10.1} {key:10.1} {rest:10.1} {rate:10.1}")
}
