//! RSA-OAEP: the private-key operation that an image costs, beside OpenSSL's and AWS-LC's with the same key.

use aws_lc_rs::rsa::{OAEP_SHA256_MGF1SHA256, OaepPrivateDecryptingKey, PrivateDecryptingKey};
use openssl::encrypt::Decrypter;
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Padding;
use secimg::crypto::Cek;
use secimg::keys::PrivateKey;

use super::Extent;
use super::small::Keys;
use crate::race::{Runner, race};
use crate::report::{Amount, Measure, Report, Row, Unit};
use crate::stats::{Spread, median};
use crate::{Result, report};

pub(super) fn measure(keys: &[Keys], extent: &Extent, report: &mut Report) -> Result {
    report::title("RSA-OAEP-SHA-256: unwrapping one key");
    for keys in keys {
        if let (true, Some(private)) = (keys.name.starts_with("RSA"), &keys.private) {
            beside(keys, private, extent, report)?;
        }
    }
    Ok(())
}

fn beside(keys: &Keys, private: &PrivateKey, extent: &Extent, report: &mut Report) -> Result {
    let cek = Cek::init(|bytes| bytes.fill(9));
    let body = keys.wrap(&cek)?;
    let key = PKey::private_key_from_pem(private.to_pem()?.as_bytes())?;
    let decrypter = openssl_key(&key)?;
    let aws_lc = aws_lc_key(&key)?;
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
    ];
    let seconds = race(&mut runners, &mut [], extent.plan)?;
    let cost = |who: usize| Amount::new(median(&seconds[who]) * 1e6, Unit::Microseconds);
    let name = keys.name.to_lowercase().replace(' ', "-");
    for (who, other) in [(1, "OpenSSL"), (2, "AWS-LC")] {
        let ratio = Spread::of_ratios(&seconds[who], &seconds[0]);
        let row = Row::new(
            &format!("unwrap: secimg, {}", keys.name),
            cost(0),
            (other, cost(who)),
            (Measure::Times, ratio),
        );
        let other = other.to_lowercase();
        report.push(row.id(&format!("unwrap-{name}"), &other))?;
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
