//! The length that is promised before sealing is that of the stream.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking, its helpers too"
)]

#[macro_use]
mod support;

use std::sync::Arc;

use proptest::prelude::*;
use secimg::content::{Manifest, SignatureAlgorithm};
use secimg::crypto::{Cek, Random, SUITES};
use secimg::format::{ChunkSize, FormatErrorKind, Geometry, KeyId, Limits, RecipientType, Salt};
use secimg::keys::{
    GenerateKind, Kdf, KeyError, Passphrase, PassphraseRecipient, PrivateKey, Recipient, Signer,
    WrapContext, key_id,
};
use secimg::stream::{FrameWalker, describe};
use secimg::{
    Image, ImageDescription, SealError, SealOptions, encrypt, encrypt_series, sealed_size,
};
use support::{ed25519, hybrid, other_rsa, pattern, raw, rsa, small};

/// A key in a device.
#[derive(Debug, Clone, Copy)]
struct Device {
    slot: u8,
    announced: Option<usize>,
    made: usize,
}

impl Recipient for Device {
    fn kind(&self) -> RecipientType {
        RecipientType::External
    }

    fn key_id(&self, salt: &Salt) -> KeyId {
        key_id(salt, &[self.slot])
    }

    fn wrap(&self, _: &Cek, _: WrapContext<'_>, _: &mut Random<'_>) -> Result<Vec<u8>, KeyError> {
        let mut body = b"\x04test".to_vec();
        body.resize(self.made, 7);
        Ok(body)
    }

    fn body_len(&self) -> Option<usize> {
        self.announced
    }
}

fn device(slot: u8, len: usize) -> Arc<Device> {
    Arc::new(Device {
        slot,
        announced: Some(len),
        made: len,
    })
}

/// What is promised for a series.
fn promised(images: &[Image], options: &SealOptions) -> Result<u64, SealError> {
    let described = |image: &Image| describe(&image.bytes, &image.description);
    let manifests: Vec<Manifest> = images.iter().map(described).collect();
    let lens = images.iter().map(|image| image.bytes.len() as u64);
    sealed_size(options, manifests.iter().zip(lens))
}

/// The length of the stream, which was promised.
fn check(images: &[Image], options: &SealOptions) -> usize {
    let sealed = encrypt_series(images, options).unwrap();
    assert_eq!(promised(images, options), Ok(sealed.len() as u64));
    sealed.len()
}

#[test]
fn every_length_around_the_borders_of_a_chunk() {
    let chunk = ChunkSize::MIN.bytes();
    let mut lengths = std::collections::BTreeSet::new();
    let mut streams = 0;
    for suite in SUITES {
        for signer in [None, Some(ed25519())] {
            for padded in [false, true] {
                let mut options = small().suite(suite);
                if let Some(key) = signer {
                    options = options.signer(key.signer().unwrap());
                }
                if padded {
                    options = options.padded();
                }
                // What stands around the image is shorter than this: each border is crossed.
                for len in (0..40).chain(chunk - 700..chunk + 40) {
                    lengths.insert(check(&[Image::new(pattern(len))], &options));
                    streams += 1;
                }
            }
        }
    }
    assert!(lengths.len() > 500, "{}", lengths.len());
    say!("{streams} streams of {} lengths", lengths.len());
}

#[test]
fn each_kind_of_recipient_and_signer() {
    let images = [Image::new(pattern(5_000)).named("a.png"), Image::new(*b"")];
    let larger = PrivateKey::generate(GenerateKind::Rsa { bits: 3072 }).unwrap();
    let words = |kdf| PassphraseRecipient::new(Passphrase::new("words").unwrap()).with_kdf(kdf);
    let recipients: [Arc<dyn Recipient>; 7] = [
        raw(1),
        rsa().public().recipient().unwrap(),
        larger.public().recipient().unwrap(),
        hybrid().public().recipient().unwrap(),
        Arc::new(words(Kdf::argon2id(19_456, 2, 1).unwrap())),
        Arc::new(words(Kdf::pbkdf2_hmac_sha256(600_000).unwrap())),
        device(1, 77),
    ];
    for recipient in recipients {
        for suite in SUITES {
            for signer in [None, Some(ed25519()), Some(rsa()), Some(&larger)] {
                let mut options = SealOptions::new().recipient(recipient.clone()).suite(suite);
                if let Some(key) = signer {
                    options = options.signer(key.signer().unwrap());
                }
                check(&images, &options);
            }
        }
    }
}

#[test]
fn the_header_grows_with_its_recipients() {
    let mut headers = std::collections::BTreeSet::new();
    // One byte of count, 20 before the body, 32 of MAC: 4096 - 53 fits in the usual block.
    for len in (4096 - 53 - 3..4096 - 53 + 260).chain([65_535 - 256]) {
        let options = SealOptions::new().recipient(device(1, len));
        let sealed = encrypt(&Image::new(*b"x"), &options).unwrap();
        assert_eq!(
            promised(&[Image::new(*b"x")], &options),
            Ok(sealed.len() as u64)
        );
        let mut walker = FrameWalker::new(Limits::DEFAULT);
        walker.push(&sealed).unwrap();
        headers.insert(walker.finish().unwrap().header.payload_offset());
    }
    assert_eq!(
        headers.into_iter().collect::<Vec<_>>(),
        [4096, 4352, 4608, 65_536].map(|len| 85 + len)
    );
    let keys = (0..32).map(|_| PrivateKey::generate(GenerateKind::XWing).unwrap());
    let all = keys.map(|key| key.public().recipient().unwrap());
    let options = SealOptions::new().signer(ed25519().signer().unwrap());
    assert!(check(&[Image::new(*b"x")], &options.recipients(all)) > 32 * 1180);
}

#[test]
fn a_signing_time_and_a_context_change_nothing() {
    let images = [Image::new(*b"x")];
    let signed = small().signer(ed25519().signer().unwrap());
    let expected = promised(&images, &signed).unwrap();
    for time in [0, 1, u64::MAX] {
        let options = signed.clone().signing_time(time).context(&[1; 1000]);
        assert_eq!(promised(&images, &options), Ok(expected));
        check(&images, &options);
    }
}

#[test]
fn long_images_are_counted_and_not_held() {
    let manifest = Manifest::new("opaque", "application/octet-stream");
    for suite in SUITES {
        for log2 in [12, 16, 23] {
            let size = ChunkSize::from_log2(log2).unwrap();
            let options = small().suite(suite).chunk_size(size);
            let of = |options: &SealOptions, len: u64| sealed_size(options, [(&manifest, len)]);
            let geometry = Geometry::new(size, suite.layout);
            let (chunk, stride) = (size.bytes_u64(), geometry.stride() as u64);
            let chunks = geometry.max_chunks() - 2;
            for rest in [0, 1, 5_000 % chunk, chunk - 1] {
                let small = of(&options, rest).unwrap();
                let large = of(&options, rest + chunks * chunk).unwrap();
                assert_eq!(large, small + chunks * stride);
            }
            let padded = of(&options.clone().padded(), 3 << 38).unwrap();
            let plain = of(&options, 3 << 38).unwrap();
            assert!((plain..plain + plain / 8).contains(&padded));
            let most = geometry.max_chunks() * chunk;
            for len in [most - 40, most, 1 << 57, u64::MAX] {
                for options in [&options, &options.clone().padded()] {
                    match of(options, len) {
                        Err(SealError::TooLong(e)) => assert_eq!(e.kind, FormatErrorKind::TooLong),
                        other => panic!("{len}: {other:?}"),
                    }
                }
            }
            let twice = [(&manifest, most / 2), (&manifest, most / 2)];
            assert!(matches!(
                sealed_size(&options, twice),
                Err(SealError::TooLong(_))
            ));
        }
    }
}

#[test]
fn what_cannot_be_sealed_has_no_size() {
    let rsa_key = || rsa().public().recipient().unwrap();
    let named = |name: &str| ImageDescription::new().named(name);
    let bulky = ImageDescription::new().attribute("a", &"x".repeat(1 << 16));
    let too_many = (0..33).map(|byte| raw(byte) as Arc<dyn Recipient>);
    let many_bytes = (0..2).map(|slot| device(slot, 40_000) as Arc<dyn Recipient>);
    let options = SealOptions::new;
    let cases = [
        (options(), ImageDescription::new()),
        (options().recipient(raw(1)).recipient(rsa_key()), named("a")),
        (options().recipient(raw(1)).recipient(raw(1)), named("a")),
        (
            options()
                .recipient(support::passphrase("words"))
                .recipient(raw(1)),
            named("a"),
        ),
        (options().recipients(too_many), named("a")),
        (options().recipients(many_bytes), named("a")),
        (options().recipient(device(1, 1)), named("a")),
        (options().recipient(device(1, 65_536)), named("a")),
        (small(), named("")),
        (small(), named(&"n".repeat(1025))),
        (small(), bulky),
    ];
    for (number, (options, description)) in cases.into_iter().enumerate() {
        let image = Image::new(*b"x").described(description);
        let refused = encrypt(&image, &options).unwrap_err();
        assert_eq!(promised(&[image], &options), Err(refused), "case {number}");
    }
}

#[test]
fn a_recipient_that_does_not_tell_or_does_not_keep_its_word() {
    let device = |announced, made| {
        SealOptions::new().recipient(Arc::new(Device {
            slot: 1,
            announced,
            made,
        }))
    };
    let images = [Image::new(*b"x")];
    assert_eq!(
        promised(&images, &device(None, 40)),
        Err(SealError::SizeUnknown(RecipientType::External))
    );
    assert!(encrypt_series(&images, &device(None, 40)).is_ok());
    assert!(promised(&images, &device(Some(41), 40)).is_ok());
    assert!(matches!(
        encrypt_series(&images, &device(Some(41), 40)),
        Err(SealError::Key(KeyError::Provider(_)))
    ));
}

/// A device whose signatures no reader takes.
#[derive(Debug)]
struct LongSigner {
    spki: Vec<u8>,
    signature_len: usize,
}

impl Signer for LongSigner {
    fn algorithm(&self) -> SignatureAlgorithm {
        SignatureAlgorithm::RsaPssSha256
    }

    fn spki(&self) -> &[u8] {
        &self.spki
    }

    fn signature_len(&self) -> usize {
        self.signature_len
    }

    fn sign(&self, _: &[u8], _: &mut Random<'_>) -> Result<Vec<u8>, KeyError> {
        Ok(vec![1; self.signature_len])
    }
}

/// A CLOSE that does not fit in a chunk must not be found out at the end.
#[test]
fn a_signer_whose_signatures_nobody_takes_is_refused_at_once() {
    let images = [Image::new(*b"x")];
    let with = |spki: usize, signature_len| {
        let spki = vec![0x30; spki];
        small().signer(Arc::new(LongSigner {
            spki,
            signature_len,
        }))
    };
    for (spki, signature) in [(601, 512), (600, 513), (70_000, 64), (44, 70_000), (44, 0)] {
        let refused = encrypt_series(&images, &with(spki, signature)).unwrap_err();
        assert!(matches!(refused, SealError::Key(KeyError::Provider(_))));
        assert_eq!(promised(&images, &with(spki, signature)), Err(refused));
    }
    check(&images, &with(600, 512));
}

fn image() -> impl Strategy<Value = Image> {
    let borders = [4096, 8192, 16_384].map(|border| (border - 300..border + 300_usize).boxed());
    let len = proptest::strategy::Union::new(borders.into_iter().chain([(0..9_000_usize).boxed()]));
    let name = prop::option::of("[a-zé]{1,40}");
    let attributes = prop::collection::vec(("[a-z]{1,9}", "[a-z]{0,300}"), 0..4);
    (len, name, attributes).prop_map(|(len, name, attributes)| {
        let mut description = ImageDescription::new();
        description.name = name;
        description.attributes.extend(attributes);
        Image::new(pattern(len)).described(description)
    })
}

fn recipients() -> impl Strategy<Value = Vec<Arc<dyn Recipient>>> {
    let public: [fn() -> Arc<dyn Recipient>; 4] = [
        || raw(0),
        || rsa().public().recipient().unwrap(),
        || other_rsa().public().recipient().unwrap(),
        || hybrid().public().recipient().unwrap(),
    ];
    let some = prop::sample::subsequence(public.to_vec(), 1..=4);
    let devices = prop::collection::vec(7_usize..2_000, 0..4);
    (some, devices).prop_map(|(some, devices)| {
        let devices = devices.into_iter().zip(0..);
        some.into_iter()
            .map(|make| make())
            .chain(devices.map(|(len, slot)| device(slot, len) as Arc<dyn Recipient>))
            .collect()
    })
}

fn options() -> impl Strategy<Value = SealOptions> {
    let signers: [Option<fn() -> &'static PrivateKey>; 3] = [None, Some(ed25519), Some(rsa)];
    (
        recipients(),
        prop::sample::select(signers.to_vec()),
        prop::sample::select(SUITES.to_vec()),
        12..=16_u8,
        any::<(bool, bool)>(),
    )
        .prop_map(|(recipients, signer, suite, log2, (padded, digests))| {
            let mut options = SealOptions::new()
                .recipients(recipients)
                .allow_mixing()
                .suite(suite)
                .chunk_size(ChunkSize::from_log2(log2).unwrap())
                .digests(digests);
            if let Some(key) = signer {
                options = options.signer(key().signer().unwrap());
            }
            if padded { options.padded() } else { options }
        })
}

/// How many random cases: 128, or what `PROPTEST_CASES` says.
fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").map_or(128, |cases| cases.parse().unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases()))]

    #[test]
    fn any_series(images in prop::collection::vec(image(), 0..=20), options in options()) {
        let sealed = encrypt_series(&images, &options).unwrap();
        prop_assert_eq!(promised(&images, &options), Ok(sealed.len() as u64));
    }
}
