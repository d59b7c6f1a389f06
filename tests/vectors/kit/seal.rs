//! The sealing direction: the library follows a vector's script.

use std::sync::Arc;

use secimg::SealOptions;
use secimg::content::Manifest;
use secimg::crypto::{Random, SUITES};
use secimg::format::ChunkSize;
use secimg::keys::{
    Kdf, Passphrase, PassphraseRecipient, PrivateKey, PublicKey, RawKeyRecipient, Recipient,
    SymmetricKey,
};
use secimg::stream::{SealEvent, Sealer};

use super::file::key_file;
use super::rng::TestRng;
use super::script::{FORMAT, Item, MEDIA_TYPE, Script, Step, Who};

/// Seals the stream of a script with the library.
pub(crate) fn seal(seed: &str, script: &Script) -> Vec<u8> {
    let mut rng = TestRng::new(seed);
    let mut sealing = Sealing {
        sealer: Sealer::with_rng(&options(script), &mut Random::new(&mut rng)).unwrap(),
        sealed: Vec::new(),
    };
    let mut closes = 0;
    let mut close_rng = || {
        closes += 1;
        TestRng::for_close(seed, closes - 1)
    };
    for step in &script.steps {
        match step {
            Step::Item(item) => sealing.item(item),
            Step::Flush => sealing.sealer.flush().unwrap(),
            Step::Checkpoint => {
                let mut rng = close_rng();
                sealing
                    .sealer
                    .checkpoint_with_rng(&mut Random::new(&mut rng))
                    .unwrap();
            }
        }
    }
    sealing
        .sealer
        .finish_with_rng(&mut Random::new(&mut close_rng()))
        .unwrap();
    sealing.feed(&[]);
    sealing.sealed
}

fn options(script: &Script) -> SealOptions {
    let mut options = SealOptions::new()
        .suite(
            SUITES
                .iter()
                .find(|suite| suite.id.0 == script.suite)
                .unwrap(),
        )
        .chunk_size(ChunkSize::from_log2(script.chunk_log2).unwrap())
        .digests(script.digests)
        .context(script.context.as_bytes())
        .recipients(script.recipients.iter().map(recipient))
        .allow_mixing();
    if let Some(signed) = &script.signer {
        let key = PrivateKey::from_pem(&key_file(&signed.key), None).unwrap();
        options = options
            .signer(key.signer().unwrap())
            .signing_time(signed.time);
    }
    options
}

fn recipient(who: &Who) -> Arc<dyn Recipient> {
    let passphrase = |text: &str, kdf: Kdf| {
        Arc::new(PassphraseRecipient::new(Passphrase::new(text).unwrap()).with_kdf(kdf))
    };
    match who {
        Who::Raw(key) => Arc::new(RawKeyRecipient::new(
            SymmetricKey::from_file_bytes(key).unwrap(),
        )),
        Who::Rsa(file) | Who::XWing(file) => PublicKey::from_pem(&key_file(file))
            .unwrap()
            .recipient()
            .unwrap(),
        Who::Argon2id {
            memory_kib,
            passes,
            lanes,
            text,
        } => passphrase(text, Kdf::argon2id(*memory_kib, *passes, *lanes).unwrap()),
        Who::Pbkdf2 { iterations, text } => {
            passphrase(text, Kdf::pbkdf2_hmac_sha256(*iterations).unwrap())
        }
    }
}

struct Sealing {
    sealer: Sealer,
    sealed: Vec<u8>,
}

impl Sealing {
    fn item(&mut self, item: &Item) {
        let mut manifest = Manifest::new(FORMAT, MEDIA_TYPE);
        manifest.name = Some(item.name.clone()).filter(|name| !name.is_empty());
        let original = item.original.bytes();
        let length = item.known.then_some(original.len() as u64);
        self.sealer.start_item(&manifest, length).unwrap();
        self.feed(&original);
        self.sealer.end_item().unwrap();
    }

    fn feed(&mut self, mut input: &[u8]) {
        let mut output = vec![0; 1000];
        loop {
            let step = self.sealer.update(input, &mut output).unwrap();
            input = &input[step.consumed..];
            self.sealed.extend_from_slice(&output[..step.produced]);
            if matches!(step.event, SealEvent::NeedInput | SealEvent::Finished) {
                return;
            }
        }
    }
}
