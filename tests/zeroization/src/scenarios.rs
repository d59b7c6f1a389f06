//! What people do with the library, each with secrets that are known beforehand.

use std::fs;
use std::io::{self, Cursor, Read, Write};
use std::path::PathBuf;
use std::sync::Arc;

use secimg::content::Manifest;
use secimg::crypto::{Random, suite_named};
use secimg::format::ChunkSize;
use secimg::io::private::{Sharing, read_private};
use secimg::io::{ItemSink, OpenReader, SealWriter, open_stream, rewrap_stream};
use secimg::keys::{
    Kdf, Passphrase, PassphraseRecipient, PrivateKey, RawKeyRecipient, SymmetricKey,
};
use secimg::{Authentic, Image, OpenOptions, SealOptions};
use tempfile::TempDir;
use zeroize::Zeroize;

use crate::needles::{Needles, Owner};
use crate::secrets::{self, Known, random};

const ALICE: &str = include_str!("../../vectors/keys/alice.pem");
const SENDER: &str = include_str!("../../vectors/keys/sender_ed25519.pem");
/// What costs a second is done in every tenth run.
const SELDOM: u64 = 10;
const IMAGE: usize = 30_001;

/// Inputs of a run. They lie outside the searched heap.
pub struct Bench {
    folder: TempDir,
    run: u64,
    image: Vec<u8>,
    raw: Vec<u8>,
    words: String,
    encrypted: String,
    output: Vec<u8>,
}

impl Bench {
    pub fn new() -> Self {
        let key = PrivateKey::from_pem(ALICE.as_bytes(), None).expect("a key");
        let encrypted = key
            .to_encrypted_pem(b"battery staple horse")
            .expect("a text");
        Self {
            folder: TempDir::new().expect("a folder"),
            run: 0,
            image: Vec::new(),
            raw: Vec::new(),
            words: String::new(),
            encrypted: encrypted.to_string(),
            // Sealed bytes are public and go where nothing grows.
            output: Vec::with_capacity(1 << 20),
        }
    }

    pub fn cek(&self) -> Vec<u8> {
        random(self.seed(0), 64)[32..].to_vec()
    }

    fn seed(&self, stream: u64) -> u64 {
        self.run * 100 + stream
    }

    fn is_seldom(&self) -> bool {
        self.run.is_multiple_of(SELDOM)
    }

    fn key_file(&self) -> PathBuf {
        self.folder.path().join("alice.pem")
    }

    /// Draws the secrets of a run and says what to look for.
    pub fn prepare(&mut self, run: u64) -> Needles {
        self.run = run;
        self.image = random(run * 100 + 50, IMAGE);
        self.raw = random(run * 100 + 51, 32);
        self.words = format!("correct horse {:?}", &random(run * 100 + 52, 8));
        fs::write(self.key_file(), ALICE).expect("a file");
        let mut needles = Needles::default();
        needles.add_all_along("plaintext", Owner::Secimg, &self.image, 256);
        needles.add("raw key", Owner::Secimg, &self.raw);
        let key = SymmetricKey::from_file_bytes(&self.raw).expect("a key");
        secrets::text(&mut needles, "raw key as text", &key.to_file_text());
        secrets::rsa_key(&mut needles, ALICE);
        secrets::ed25519_key(&mut needles, SENDER);
        for (stream, suite) in [(0, "cbc"), (1, "gcm")] {
            let mut sealed = Vec::new();
            self.seal(stream, suite, &mut sealed);
            secrets::stream(&mut needles, self.seed(stream), &sealed);
        }
        if self.is_seldom() {
            secrets::passphrase(&mut needles, self.seed(2), &self.words);
        }
        needles
    }

    /// Does everything. Whatever is made on the way is dropped.
    pub fn everything(&mut self) {
        let mut output = core::mem::take(&mut self.output);
        for (stream, suite) in [(0, "cbc"), (1, "gcm")] {
            output.clear();
            self.seal(stream, suite, &mut output);
            self.open(&output);
            self.seek(&output);
            self.refuse(&output);
            self.rewrap(&output);
        }
        self.at_once();
        self.key_files();
        if self.is_seldom() {
            self.passphrases(&mut output);
        }
        self.output = output;
    }

    fn raw_key(&self) -> Arc<RawKeyRecipient> {
        let key = SymmetricKey::from_file_bytes(&self.raw).expect("a key");
        Arc::new(RawKeyRecipient::new(key))
    }

    fn identity(&self) -> OpenOptions {
        OpenOptions::new().identity(self.raw_key())
    }

    /// An item of declared length, one of unknown length, a checkpoint in between.
    fn seal(&self, stream: u64, suite: &str, output: &mut Vec<u8>) {
        let signer = PrivateKey::from_pem(SENDER.as_bytes(), None).expect("a key");
        let options = SealOptions::new()
            .suite(suite_named(suite).expect("a suite"))
            .chunk_size(ChunkSize::MIN)
            .signer(signer.signer().expect("a signer"))
            .signing_time(1_800_000_000)
            .recipient(self.raw_key());
        let mut rng = Known::new(self.seed(stream));
        let mut rng = Random::new(&mut rng);
        let mut writer = SealWriter::with_rng(output, &options, &mut rng).expect("a writer");
        let manifest = Manifest::new("opaque", "application/octet-stream");
        let length = self.image.len() as u64;
        writer.start_item(&manifest, Some(length)).expect("an item");
        writer.write_all(&self.image).expect("data");
        writer.end_item().expect("an end");
        writer.checkpoint().expect("a checkpoint");
        writer.start_item(&manifest, None).expect("an item");
        for piece in self.image.chunks(777) {
            writer.write_all(piece).expect("data");
        }
        writer.end_item().expect("an end");
        writer.finish_with_rng(&mut rng).expect("a stream");
    }

    fn open(&self, sealed: &[u8]) {
        let mut sink = Compare::new(&self.image);
        open_stream(sealed, &self.identity(), &mut sink).expect("it opens");
        assert_eq!(sink.items, 2);
        secimg::verify(sealed, &self.identity()).expect("it opens");
    }

    fn seek(&self, sealed: &[u8]) {
        let mut reader = OpenReader::open(Cursor::new(sealed), &self.identity()).expect("it opens");
        for item in 0..2 {
            reader.select(item).expect("an item");
            let mut read = [0; 512];
            let mut at = 0;
            while at < self.image.len() {
                let length = reader.read(&mut read).expect("data");
                assert_eq!(read[..length], self.image[at..at + length]);
                at += length;
            }
        }
    }

    /// The caller's own copies are the caller's to wipe.
    fn at_once(&self) {
        let mut image = Image::new(self.image.as_slice());
        let options = SealOptions::new().recipient(self.raw_key());
        let sealed = secimg::encrypt(&image, &options).expect("a stream");
        image.bytes.zeroize();
        let mut opened = secimg::decrypt(&sealed, &self.identity()).expect("it opens");
        assert_eq!(opened.images[0].bytes, self.image);
        opened.images[0].bytes.zeroize();
    }

    /// A changed last chunk, and a wrong context.
    fn refuse(&self, sealed: &[u8]) {
        let mut changed = sealed.to_vec();
        let last = changed.len() - 1;
        changed[last] ^= 1;
        open_stream(
            changed.as_slice(),
            &self.identity(),
            &mut Compare::new(&self.image),
        )
        .expect_err("it was changed");
        let other = self.identity().context(b"another");
        open_stream(sealed, &other, &mut ()).expect_err("another context");
    }

    fn rewrap(&self, sealed: &[u8]) {
        let key = PrivateKey::from_pem(ALICE.as_bytes(), None).expect("a key");
        let recipients = SealOptions::new().recipient(key.public().recipient().expect("RSA"));
        let mut output = Vec::new();
        rewrap_stream(sealed, &mut output, &self.identity(), &recipients).expect("it opens");
        let options = OpenOptions::new().identity(key.identity().expect("RSA"));
        secimg::verify(&output, &options).expect("it opens");
    }

    fn key_files(&self) {
        let file = read_private(&self.key_file(), Sharing::Allowed, 65_536).expect("a file");
        let key = PrivateKey::from_pem(&file, None).expect("a key");
        drop(key.to_pem().expect("a text"));
        drop(self.raw_key());
        let key = SymmetricKey::from_file_bytes(&self.raw).expect("a key");
        drop(key.to_file_text());
        if self.is_seldom() {
            let words = b"battery staple horse";
            drop(PrivateKey::from_pem(self.encrypted.as_bytes(), Some(words)).expect("a key"));
            drop(key_of(&file).to_encrypted_pem(words).expect("a text"));
        }
    }

    fn passphrases(&self, output: &mut Vec<u8>) {
        let kdfs = [
            Kdf::argon2id(19_456, 2, 1).expect("within bounds"),
            Kdf::pbkdf2_hmac_sha256(600_000).expect("within bounds"),
        ];
        for kdf in kdfs {
            let words = Passphrase::new(&self.words).expect("words");
            let options = SealOptions::new()
                .recipient(Arc::new(PassphraseRecipient::new(words).with_kdf(kdf)));
            let mut rng = Known::new(self.seed(2));
            let mut rng = Random::new(&mut rng);
            output.clear();
            let mut writer =
                SealWriter::with_rng(&mut *output, &options, &mut rng).expect("a writer");
            writer
                .add_image(self.image.as_slice(), &Default::default(), None)
                .expect("an image");
            writer.finish_with_rng(&mut rng).expect("a stream");
            let words = Passphrase::new(&self.words).expect("words");
            let options = OpenOptions::new().identity(Arc::new(words));
            secimg::verify(output, &options).expect("it opens");
        }
    }
}

fn key_of(pem: &[u8]) -> PrivateKey {
    PrivateKey::from_pem(pem, None).expect("a key")
}

/// Compares what arrives and keeps nothing.
struct Compare<'a> {
    expected: &'a [u8],
    at: usize,
    items: usize,
}

impl<'a> Compare<'a> {
    fn new(expected: &'a [u8]) -> Self {
        Self {
            expected,
            at: 0,
            items: 0,
        }
    }
}

impl ItemSink for Compare<'_> {
    fn item(&mut self, _: &Authentic<Manifest>) -> io::Result<()> {
        (self.at, self.items) = (0, self.items + 1);
        Ok(())
    }

    fn data(&mut self, bytes: &[u8]) -> io::Result<()> {
        assert_eq!(bytes, &self.expected[self.at..self.at + bytes.len()]);
        self.at += bytes.len();
        Ok(())
    }
}
