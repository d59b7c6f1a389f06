//! Every file of the corpus with every option there is: the original comes back to the byte.
//!
//! Each file takes some of the combinations, all combinations are taken by some files; `SECIMG_CI=full` gives each file all of them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking, its helpers too"
)]

#[macro_use]
mod support;

use std::fs;

use secimg::crypto::SUITES;
use secimg::format::ChunkSize;
use secimg::{Image, ImageDescription, OpenOptions, SealOptions, decrypt, encrypt};
use support::{corpus, ed25519, files_below, raw, trust};
use zeroize::Zeroizing;

/// One way to seal: a bit, or a digit, for each option.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "an option is on or off")]
struct Way {
    suite: usize,
    chunk_log2: u8,
    signed: bool,
    padded: bool,
    context: bool,
    digests: bool,
    preview: bool,
    threads: usize,
    described: bool,
}

const CHUNKS: [u8; 3] = [12, 16, 20];

/// Returns the ways, each with a number of its own.
fn ways() -> Vec<Way> {
    let count = (SUITES.len() * CHUNKS.len()) << 7;
    let way = |number: usize| {
        let bit = |place: usize| (number >> place) & 1 == 1;
        let digits = number >> 7;
        Way {
            suite: digits % SUITES.len(),
            chunk_log2: CHUNKS[digits / SUITES.len()],
            signed: bit(0),
            padded: bit(1),
            context: bit(2),
            digests: bit(3),
            preview: bit(4),
            threads: if bit(5) { 2 } else { 1 },
            described: bit(6),
        }
    };
    (0..count).map(way).collect()
}

impl Way {
    fn seal(&self) -> SealOptions {
        let options = SealOptions::new()
            .recipient(raw(3))
            .suite(SUITES[self.suite])
            .chunk_size(ChunkSize::from_log2(self.chunk_log2).unwrap())
            .set_padded(self.padded)
            .digests(self.digests)
            .threads(self.threads);
        let options = if self.context {
            options.context(b"study 7")
        } else {
            options
        };
        if self.signed {
            return options.signer(ed25519().signer().unwrap());
        }
        options
    }

    fn open(&self) -> OpenOptions {
        let options = OpenOptions::new().identity(raw(3)).threads(self.threads);
        let options = if self.context {
            options.context(b"study 7")
        } else {
            options
        };
        if self.signed {
            return options.require_signer(trust(ed25519()));
        }
        options
    }

    fn image(&self, bytes: &[u8], preview: Option<&Zeroizing<Vec<u8>>>) -> Image {
        let mut said = ImageDescription::new();
        if self.described {
            said = said.named("a name.dcm").attribute("Modality", "CT");
        }
        if let Some(preview) = preview.filter(|_| self.preview) {
            said = said.with_preview(preview.clone());
        }
        Image::new(bytes).described(said)
    }

    fn check(&self, bytes: &[u8], preview: Option<&Zeroizing<Vec<u8>>>, what: &str) {
        let sealed = encrypt(&self.image(bytes, preview), &self.seal()).unwrap();
        let opened = decrypt(&sealed, &self.open()).unwrap();
        assert_eq!(opened.images.len(), 1, "{what}: {self:?}");
        assert!(
            opened.images[0].bytes == bytes,
            "{what}: {self:?}: other bytes"
        );
        let report = opened.report.report();
        assert_eq!(report.signature.is_some(), self.signed, "{what}: {self:?}");
        assert_eq!(report.suite, SUITES[self.suite].name, "{what}: {self:?}");
    }
}

#[cfg(feature = "image")]
fn preview_of(bytes: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    secimg::preview::make_preview(bytes).ok()
}

/// Without decoders a preview is whatever the caller made.
#[cfg(not(feature = "image"))]
#[expect(clippy::unnecessary_wraps, reason = "with decoders there may be none")]
fn preview_of(bytes: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    Some(bytes[..bytes.len().min(999)].to_vec().into())
}

#[test]
fn every_file_with_every_option_comes_back_to_the_byte() {
    let Some(corpus) = corpus() else {
        return;
    };
    let files = files_below(&corpus);
    assert!(
        files.len() > 100,
        "only {} files in the corpus",
        files.len()
    );
    let ways = ways();
    // On Windows a thread for each second stream takes too long.
    let full = cfg!(unix) && std::env::var_os("SECIMG_CI").is_some_and(|tier| tier == "full");
    // A step that has no factor in common with the number of ways: neighbours differ in everything.
    let (each, step) = if full { (ways.len(), 1) } else { (9, 85) };
    let mut taken = vec![0_usize; ways.len()];
    let (mut next, mut previews) = (0, 0);
    for path in &files {
        let bytes = fs::read(path).unwrap();
        let preview = preview_of(&bytes);
        previews += usize::from(preview.is_some());
        for _ in 0..each {
            let way = next % ways.len();
            next += step;
            taken[way] += 1;
            ways[way].check(&bytes, preview.as_ref(), &path.display().to_string());
        }
    }
    assert!(
        taken.iter().all(|count| *count > 0),
        "a way that no file took"
    );
    say!(
        "{} files, {previews} with a preview, {} ways to seal, {} streams: byte-identical",
        files.len(),
        ways.len(),
        taken.iter().sum::<usize>()
    );
}
