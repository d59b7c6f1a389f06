//! What a key costs a stream: making a header for it, unlocking one with it; signing, and verifying a signature.

use std::sync::Arc;

use criterion::Criterion;
use secimg::crypto::Random;
use secimg::keys::{
    GenerateKind, Identity, Kdf, Passphrase, PassphraseRecipient, PrivateKey, Recipient,
};
use secimg::stream::{HeaderReader, Sealer};
use secimg::{Image, OpenOptions, SealOptions, encrypt};

use crate::{Result, raw_key};

type Pair = (&'static str, Arc<dyn Recipient>, Arc<dyn Identity>);

pub(crate) fn measure(criterion: &mut Criterion) -> Result {
    for (name, recipient, identity) in pairs()? {
        header(criterion, name, recipient, identity)?;
    }
    for (name, kind) in [
        ("RSA 2048", GenerateKind::Rsa { bits: 2048 }),
        ("RSA 3072", GenerateKind::Rsa { bits: 3072 }),
        ("Ed25519", GenerateKind::Ed25519),
    ] {
        signature(criterion, name, &PrivateKey::generate(kind)?)?;
    }
    Ok(())
}

/// Every kind of recipient, as its own default would have it.
fn pairs() -> Result<Vec<Pair>> {
    let raw = raw_key()?;
    let pbkdf2 = Kdf::pbkdf2_hmac_sha256(600_000)?;
    let words = || Passphrase::new("a long and winding passphrase");
    let passphrase = PassphraseRecipient::new(words()?);
    let with_pbkdf2 = PassphraseRecipient::new(words()?).with_kdf(pbkdf2);
    Ok(vec![
        ("raw key", raw.clone(), raw),
        pair("RSA 2048", GenerateKind::Rsa { bits: 2048 })?,
        pair("RSA 3072", GenerateKind::Rsa { bits: 3072 })?,
        pair("hybrid", GenerateKind::XWing)?,
        ("Argon2id", Arc::new(passphrase), Arc::new(words()?)),
        ("PBKDF2", Arc::new(with_pbkdf2), Arc::new(words()?)),
    ])
}

fn pair(name: &'static str, kind: GenerateKind) -> Result<Pair> {
    let key = PrivateKey::generate(kind)?;
    Ok((name, key.public().recipient()?, key.identity()?))
}

fn header(
    criterion: &mut Criterion,
    name: &str,
    recipient: Arc<dyn Recipient>,
    identity: Arc<dyn Identity>,
) -> Result {
    let seal = SealOptions::new().recipient(recipient);
    let open = OpenOptions::new().identity(identity);
    let sealed = encrypt(&Image::new(*b"an image"), &seal)?;
    let (_, locked) = HeaderReader::new().push(&sealed)?;
    let locked = locked.ok_or("a header that is cut")?;
    locked.unlock(&open)?;
    let mut group = criterion.benchmark_group("header");
    group.sample_size(10);
    group.bench_function(format!("make: {name}"), |bencher| {
        bencher.iter(|| Sealer::new(&seal));
    });
    group.bench_function(format!("unlock: {name}"), |bencher| {
        bencher.iter(|| locked.unlock(&open));
    });
    group.finish();
    Ok(())
}

fn signature(criterion: &mut Criterion, name: &str, key: &PrivateKey) -> Result {
    let (signer, verifier) = (key.signer()?, key.public().verifying_key()?);
    let sign = || signer.sign(&[0x5A; 200], &mut Random::system());
    let signature = sign()?;
    let verify = || verifier.verify(&[0x5A; 200], &signature);
    verify()?;
    let mut group = criterion.benchmark_group("signature");
    group.bench_function(format!("sign: {name}"), |bencher| bencher.iter(sign));
    group.bench_function(format!("verify: {name}"), |bencher| bencher.iter(verify));
    group.finish();
    Ok(())
}
