//! Recipients, signers, and what a reader is told of them; rewrap.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking, its helpers too"
)]

mod support;

use std::sync::Arc;

use secimg::crypto::{Cek, Random, Unauthentic};
use secimg::format::{FormatErrorKind, KeyId, RecipientType, Salt};
use secimg::keys::{
    GenerateKind, Identity, KeyError, PrivateKey, Recipient, TrustedSigners, UnwrapContext,
    WrapContext,
};
use secimg::stream::Warning;
use secimg::{
    Image, Intended, OpenError, OpenOptions, RewrapError, SealError, SealOptions, decrypt, encrypt,
    inspect, rewrap, verify,
};
use support::{ed25519, hybrid, other_rsa, passphrase, pattern, raw, rsa, trust, words};

fn to(keys: &[&PrivateKey]) -> SealOptions {
    SealOptions::new().recipients(keys.iter().map(|key| key.public().recipient().unwrap()))
}

fn with(key: &PrivateKey) -> OpenOptions {
    OpenOptions::new().identity(key.identity().unwrap())
}

fn image() -> Image {
    Image::new(pattern(10_000)).named("x.png")
}

#[test]
fn several_rsa_recipients_open_one_stream() {
    let third = PrivateKey::generate(GenerateKind::Rsa { bits: 3072 }).unwrap();
    let fourth = PrivateKey::generate(GenerateKind::Rsa { bits: 4096 }).unwrap();
    let keys = [rsa(), other_rsa(), &third, &fourth];
    let sealed = encrypt(&image(), &to(&keys)).unwrap();
    for key in keys {
        let opened = decrypt(&sealed, &with(key)).unwrap();
        assert_eq!(opened.images[0].bytes, image().bytes);
    }
    let kinds = inspect(&sealed).unwrap().header.recipient_list();
    assert!(kinds.iter().all(|r| r.kind == RecipientType::RsaOaepSha256));
    assert_eq!(kinds.len(), 4);
}

#[test]
fn hybrid_recipients_stand_beside_each_other_and_beside_raw_keys() {
    let second = PrivateKey::generate(GenerateKind::XWing).unwrap();
    let sealed = encrypt(&image(), &to(&[hybrid(), &second]).recipient(raw(1))).unwrap();
    let ways = [
        with(hybrid()),
        with(&second),
        OpenOptions::new().identity(raw(1)),
    ];
    for open in &ways {
        let opened = decrypt(&sealed, open).unwrap();
        assert_eq!(opened.images[0].bytes, image().bytes);
    }
    let kinds = inspect(&sealed).unwrap().header.recipient_list();
    let kinds: Vec<_> = kinds.iter().map(|r| r.kind.name()).collect();
    assert_eq!(kinds, ["x-wing", "x-wing", "raw-key"]);
}

#[test]
fn who_reads_does_not_care_what_stands_beside_him() {
    let mixed = to(&[rsa(), hybrid()]).recipient(raw(1)).allow_mixing();
    let sealed = encrypt(&image(), &mixed).unwrap();
    let ways = [
        with(rsa()),
        with(hybrid()),
        OpenOptions::new().identity(raw(1)),
    ];
    assert!(ways.iter().all(|open| verify(&sealed, open).is_ok()));
    // Rewrap writes recipients, and asks as encrypt does.
    let both = || to(&[other_rsa(), hybrid()]);
    assert_eq!(
        rewrap(&sealed, &with(rsa()), &both()),
        Err(RewrapError::Seal(SealError::MixedStrength))
    );
    assert!(rewrap(&sealed, &with(rsa()), &both().allow_mixing()).is_ok());
}

#[test]
fn key_ids_of_one_person_differ_from_stream_to_stream() {
    let ids = || {
        inspect(&encrypt(&image(), &to(&[rsa()])).unwrap())
            .unwrap()
            .header
            .recipient_list()
    };
    assert_ne!(ids()[0].key_id, ids()[0].key_id);
}

#[test]
fn recipients_that_cannot_stand_together_are_refused() {
    let seal = |options: SealOptions| encrypt(&image(), &options).unwrap_err();
    assert_eq!(seal(SealOptions::new()), SealError::NoRecipient);
    let both = || to(&[rsa()]).recipient(raw(1));
    assert_eq!(seal(both()), SealError::MixedStrength);
    assert!(encrypt(&image(), &both().allow_mixing()).is_ok());
    let with_hybrid = || to(&[rsa(), hybrid()]);
    assert_eq!(seal(with_hybrid()), SealError::MixedStrength);
    assert_eq!(seal(to(&[hybrid(), rsa()])), SealError::MixedStrength);
    assert!(encrypt(&image(), &with_hybrid().allow_mixing()).is_ok());
    assert_eq!(
        seal(to(&[rsa(), rsa()])),
        SealError::Recipients(FormatErrorKind::DuplicateRecipient)
    );
    let with_passphrase = SealOptions::new()
        .recipient(passphrase("a"))
        .recipient(raw(1));
    assert_eq!(
        seal(with_passphrase),
        SealError::Recipients(FormatErrorKind::PassphraseNotAlone)
    );
    let many = (0..33).map(|i| raw(i) as Arc<dyn Recipient>);
    assert_eq!(
        seal(SealOptions::new().recipients(many)),
        SealError::Recipients(FormatErrorKind::RecipientCount(33))
    );
}

#[test]
fn a_passphrase_is_the_same_however_it_is_composed() {
    let sealed = encrypt(
        &image(),
        &SealOptions::new().recipient(passphrase("Zürich")),
    )
    .unwrap();
    let opened = decrypt(
        &sealed,
        &OpenOptions::new().identity(words("Zu\u{308}rich")),
    );
    assert!(opened.is_ok());
}

#[test]
fn both_signature_algorithms_name_their_signer() {
    for signer in [ed25519(), rsa()] {
        let options = to(&[other_rsa()]).signer(signer.signer().unwrap());
        let sealed = encrypt(&image(), &options).unwrap();
        let report = verify(&sealed, &with(other_rsa())).unwrap().into_report();
        let signature = report.signature.as_ref().unwrap();
        assert_eq!(signature.signer, *signer.public().fingerprint().as_bytes());
        assert!(!signature.trusted);
        assert_eq!(report.warnings(), [Warning::SignerNotChecked]);

        let mut set = trust(ed25519());
        set.add(rsa().public());
        let report = verify(&sealed, &with(other_rsa()).require_signer(set))
            .unwrap()
            .into_report();
        assert!(report.signature.unwrap().trusted);

        let nobody = with(other_rsa()).require_signer(TrustedSigners::new());
        assert!(matches!(
            verify(&sealed, &nobody),
            Err(OpenError::UntrustedSigner { .. })
        ));
    }
}

#[test]
fn the_signer_says_whom_he_meant() {
    let intended = |sealed: &[u8], open: &OpenOptions| {
        verify(sealed, open)
            .unwrap()
            .into_report()
            .signature
            .unwrap()
            .intended
    };
    let sealed = encrypt(&image(), &to(&[rsa()]).signer(ed25519().signer().unwrap())).unwrap();
    assert_eq!(intended(&sealed, &with(rsa())), Intended::Intended);

    let passed_on = rewrap(&sealed, &with(rsa()), &to(&[other_rsa()])).unwrap();
    assert_eq!(
        intended(&passed_on, &with(other_rsa())),
        Intended::NotIntended
    );
    let report = verify(&passed_on, &with(other_rsa()))
        .unwrap()
        .into_report();
    assert!(report.warnings().contains(&Warning::NotIntended));

    let hybrid_too = to(&[hybrid()]).signer(ed25519().signer().unwrap());
    let sealed = encrypt(&image(), &hybrid_too).unwrap();
    assert_eq!(intended(&sealed, &with(hybrid())), Intended::Intended);

    let secret = SealOptions::new()
        .recipient(raw(1))
        .signer(ed25519().signer().unwrap());
    let unlisted = encrypt(&image(), &secret).unwrap();
    assert_eq!(
        intended(&unlisted, &OpenOptions::new().identity(raw(1))),
        Intended::Unlisted
    );
}

#[test]
fn rewrap_changes_the_recipients_and_nothing_else() {
    let sealed = encrypt(&image(), &to(&[rsa()]).signer(ed25519().signer().unwrap())).unwrap();
    let rewrapped = rewrap(&sealed, &with(rsa()), &to(&[other_rsa()])).unwrap();
    let head = 85 + 4096;
    assert_eq!(sealed[..81], rewrapped[..81]);
    assert_eq!(sealed[head..], rewrapped[head..]);
    let trusted = with(other_rsa()).require_signer(trust(ed25519()));
    assert_eq!(
        decrypt(&rewrapped, &trusted).unwrap().images[0].bytes,
        image().bytes
    );
    assert_eq!(
        decrypt(&rewrapped, &with(rsa())),
        Err(OpenError::NoMatchingKey)
    );

    // Who kept the old block can put it back: rewrap is not revocation, and the docs say so.
    let put_back = [&sealed[..head], &rewrapped[head..]].concat();
    assert!(decrypt(&put_back, &with(rsa())).is_ok());

    let wrong = rewrap(&sealed, &with(other_rsa()), &to(&[rsa()]));
    assert_eq!(wrong, Err(RewrapError::Open(OpenError::NoMatchingKey)));
    let cut = rewrap(
        &sealed[..sealed.len() - 1],
        &with(rsa()),
        &to(&[other_rsa()]),
    );
    assert!(matches!(cut, Err(RewrapError::Open(OpenError::Format(_)))));
}

#[test]
fn rewrap_to_and_from_every_kind() {
    let sealed = encrypt(&image(), &to(&[rsa()])).unwrap();
    let first = SealOptions::new().recipient(passphrase("one"));
    let second = rewrap(&sealed, &with(rsa()), &first).unwrap();
    let third = rewrap(
        &second,
        &OpenOptions::new().identity(words("one")),
        &SealOptions::new().recipient(raw(8)),
    );
    let fourth = rewrap(
        &third.unwrap(),
        &OpenOptions::new().identity(raw(8)),
        &to(&[hybrid()]),
    );
    let fifth = rewrap(&fourth.unwrap(), &with(hybrid()), &to(&[rsa()]));
    let opened = decrypt(&fifth.unwrap(), &with(rsa())).unwrap();
    assert_eq!(opened.images[0].bytes, image().bytes);
}

#[test]
fn rewrap_needs_the_context_and_keeps_it() {
    let sealed = encrypt(&image(), &to(&[rsa()]).context(b"case 7")).unwrap();
    let new = to(&[other_rsa()]);
    assert!(rewrap(&sealed, &with(rsa()), &new).is_err());
    let rewrapped = rewrap(&sealed, &with(rsa()).context(b"case 7"), &new).unwrap();
    assert!(verify(&rewrapped, &with(other_rsa())).is_err());
    assert!(verify(&rewrapped, &with(other_rsa()).context(b"case 7")).is_ok());
}

/// A device that holds a key: the traits are all it needs.
#[derive(Debug)]
struct Device {
    works: bool,
    post_quantum: bool,
}

fn device(works: bool) -> Arc<Device> {
    Arc::new(Device {
        works,
        post_quantum: false,
    })
}

const NAME: &[u8] = b"\x04test";

impl Recipient for Device {
    fn kind(&self) -> RecipientType {
        RecipientType::External
    }

    fn key_id(&self, salt: &Salt) -> KeyId {
        secimg::keys::key_id(salt, b"slot 1")
    }

    fn wrap(&self, cek: &Cek, _: WrapContext<'_>, _: &mut Random<'_>) -> Result<Vec<u8>, KeyError> {
        let masked = cek.expose().iter().map(|byte| byte ^ 0x55);
        Ok(NAME.iter().copied().chain(masked).collect())
    }

    fn is_post_quantum(&self) -> bool {
        self.post_quantum
    }
}

impl Identity for Device {
    fn kind(&self) -> RecipientType {
        RecipientType::External
    }

    fn key_id(&self, salt: &Salt) -> KeyId {
        secimg::keys::key_id(salt, b"slot 1")
    }

    fn unwrap(&self, body: &[u8], _: UnwrapContext<'_>) -> Result<Option<Cek>, KeyError> {
        if !self.works {
            return Err(KeyError::Provider("the device is away".to_owned()));
        }
        let cek: Vec<u8> = body[NAME.len()..].iter().map(|byte| byte ^ 0x55).collect();
        Ok(Cek::from_slice(&cek))
    }
}

#[test]
fn a_key_kind_from_outside_the_crate_works() {
    let sealed = encrypt(&image(), &SealOptions::new().recipient(device(true))).unwrap();
    let open = |works| verify(&sealed, &OpenOptions::new().identity(device(works)));
    assert!(open(true).is_ok());
    assert!(matches!(
        open(false),
        Err(OpenError::Key(KeyError::Provider(_)))
    ));
}

#[test]
fn a_devices_word_on_quantum_computers_counts_beside_rsa() {
    let beside_rsa = |post_quantum| {
        let strong = Device {
            works: true,
            post_quantum,
        };
        encrypt(&image(), &to(&[rsa()]).recipient(Arc::new(strong)))
    };
    assert!(beside_rsa(false).is_ok());
    assert_eq!(beside_rsa(true), Err(SealError::MixedStrength));
}

#[test]
fn a_device_that_is_away_does_not_keep_another_key_from_opening() {
    let options = SealOptions::new().recipient(device(true)).recipient(raw(1));
    let sealed = encrypt(&image(), &options).unwrap();
    let open = OpenOptions::new().identity(device(false)).identity(raw(1));
    assert!(verify(&sealed, &open).is_ok());
}

/// An identity that unwraps to nothing, or to another key, says what a wrong key says.
#[derive(Debug)]
struct Failing(Option<u8>);

impl Identity for Failing {
    fn kind(&self) -> RecipientType {
        RecipientType::External
    }

    fn key_id(&self, salt: &Salt) -> KeyId {
        secimg::keys::key_id(salt, b"slot 1")
    }

    fn unwrap(&self, _: &[u8], _: UnwrapContext<'_>) -> Result<Option<Cek>, KeyError> {
        Ok(self.0.map(|byte| Cek::init(|cek| cek.fill(byte))))
    }
}

#[test]
fn a_failed_unwrap_and_a_wrong_key_cannot_be_told_apart() {
    let sealed = encrypt(&image(), &SealOptions::new().recipient(device(true))).unwrap();
    for failing in [Failing(None), Failing(Some(7))] {
        let result = verify(&sealed, &OpenOptions::new().identity(Arc::new(failing)));
        assert_eq!(result.unwrap_err(), OpenError::NotAuthentic(Unauthentic));
    }
}
