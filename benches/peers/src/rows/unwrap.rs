//! RSA's private-key operations: unwrapping, which an image costs, beside OpenSSL, AWS-LC and the `rsa` crate with the same key;
//! and signing.
//!
//! The library computes with the `rsa` crate, or with AWS-LC where it is built so (this crate's feature `aws-lc`). The rows
//! beside the `rsa` crate then say what that gains.

use std::path::Path;

use aws_lc_rs::rsa::{OAEP_SHA256_MGF1SHA256, OaepPrivateDecryptingKey, PrivateDecryptingKey};
use openssl::encrypt::Decrypter;
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Padding;
use rsa::pkcs8::DecodePrivateKey;
use secimg::crypto::{Cek, Random, system_rng};
use secimg::keys::PrivateKey;
use sha2::Sha256;

use super::Extent;
use super::small::Keys;
use crate::race::{Runner, race};
use crate::report::{Amount, Measure, Report, Row, Unit};
use crate::stats::{Spread, median};
use crate::{Result, report};

/// Who computes in the library.
const OURS: &str = if cfg!(feature = "aws-lc") {
    "secimg with AWS-LC"
} else {
    "secimg"
};

pub(super) fn measure(extent: &Extent, _: &Path, report: &mut Report) -> Result {
    let keys = Keys::all()?;
    let rsa = keys.iter().filter(|keys| keys.name.starts_with("RSA"));
    let rsa: Vec<_> = rsa
        .filter_map(|keys| Some((keys, keys.private.as_ref()?)))
        .collect();
    report::title("RSA-OAEP-SHA-256: unwrapping one key");
    for (keys, private) in &rsa {
        unwrap(keys, private, extent, report)?;
    }
    report::title("RSA-PSS-SHA-256: signing, and verifying what was signed");
    for (keys, private) in &rsa {
        sign(keys, private, extent, report)?;
    }
    Ok(())
}

fn unwrap(keys: &Keys, private: &PrivateKey, extent: &Extent, report: &mut Report) -> Result {
    let cek = Cek::init(|bytes| bytes.fill(9));
    let body = keys.wrap(&cek)?;
    let pem = private.to_pem()?;
    let key = PKey::private_key_from_pem(pem.as_bytes())?;
    let decrypter = openssl_key(&key)?;
    let aws_lc = aws_lc_key(&key)?;
    let rust = rsa::PrivateKey::from_pkcs8_pem(&pem)?;
    let mut places = (vec![0; body.len()], vec![0; body.len()]);
    let expect = |plain: &[u8]| {
        let same = plain == cek.expose();
        same.then_some(())
            .ok_or_else(|| "another key came out".into())
    };
    let mut runners = [
        Runner::new(|_| expect(keys.unwrap(&body)?.expose())),
        Runner::new(|_| {
            let len = decrypter.decrypt(&body, &mut places.0)?;
            expect(&places.0[..len])
        }),
        Runner::new(|_| {
            let plain = aws_lc.decrypt(&OAEP_SHA256_MGF1SHA256, &body, &mut places.1, None);
            expect(plain.map_err(|_| "AWS-LC does not unwrap")?)
        }),
        Runner::new(|_| expect(&rust.oaep_decrypt::<Sha256>(&body)?)),
    ];
    let seconds = race(&mut runners, &mut [], extent.plan)?;
    let others = ["OpenSSL", "AWS-LC", "rsa crate"];
    rows("unwrap", keys, &others, &seconds, report)
}

/// A generator of the caller's stays with the `rsa` crate, so that the same bytes come out.
fn sign(keys: &Keys, private: &PrivateKey, extent: &Extent, report: &mut Report) -> Result {
    let signer = private.signer()?;
    let mut rng = system_rng();
    let mut runners = [
        Runner::new(|_| Ok(signer.sign(&[7; 200], &mut Random::system()).map(drop)?)),
        Runner::new(|_| {
            Ok(signer
                .sign(&[7; 200], &mut Random::new(&mut rng))
                .map(drop)?)
        }),
    ];
    let seconds = race(&mut runners, &mut [], extent.plan)?;
    rows("sign", keys, &["rsa crate"], &seconds, report)
}

/// A row beside each of the others, whose seconds follow ours.
fn rows(
    work: &str,
    keys: &Keys,
    others: &[&str],
    seconds: &[Vec<f64>],
    report: &mut Report,
) -> Result {
    let cost = |who: usize| Amount::new(median(&seconds[who]) * 1e6, Unit::Microseconds);
    let id = |name: &str| name.to_lowercase().replace(' ', "-");
    for (who, other) in (1..).zip(others) {
        let ratio = Spread::of_ratios(&seconds[who], &seconds[0]);
        let row = Row::new(
            &format!("{work}: {OURS}, {}", keys.name),
            cost(0),
            (other, cost(who)),
            (Measure::Times, ratio),
        );
        let part = format!("{work}-{}", id(keys.name));
        report.push(row.id(&part, &id(other)))?;
    }
    Ok(())
}

/// Set up once: what is compared is the operation.
fn openssl_key(key: &PKey<Private>) -> Result<Decrypter<'_>> {
    let mut decrypter = Decrypter::new(key)?;
    decrypter.set_rsa_padding(Padding::PKCS1_OAEP)?;
    decrypter.set_rsa_oaep_md(MessageDigest::sha256())?;
    decrypter.set_rsa_mgf1_md(MessageDigest::sha256())?;
    Ok(decrypter)
}

fn aws_lc_key(key: &PKey<Private>) -> Result<OaepPrivateDecryptingKey> {
    let key = PrivateDecryptingKey::from_pkcs8(&key.private_key_to_pkcs8()?);
    let key = key.map_err(|error| format!("AWS-LC refuses the key: {error}"))?;
    OaepPrivateDecryptingKey::new(key).map_err(|_| "AWS-LC refuses the key for OAEP".into())
}
