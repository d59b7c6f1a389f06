//! Real images, malformed ones and DICOM files: each through every suite and recipient kind, to the byte.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking, its helpers too"
)]

#[macro_use]
mod support;

use std::fs;
use std::path::{Path, PathBuf};

use secimg::crypto::SUITES;
use secimg::{Image, OpenOptions, SealOptions, decrypt, encrypt};
use support::{corpus, hybrid, passphrase, raw, rsa, words};

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_none_or(|e| e != "tsv" && e != "md") {
            found.push(path);
        }
    }
}

fn kinds() -> [(&'static str, SealOptions, OpenOptions); 4] {
    [
        (
            "rsa",
            SealOptions::new().recipient(rsa().public().recipient().unwrap()),
            OpenOptions::new().identity(rsa().identity().unwrap()),
        ),
        (
            "hybrid",
            SealOptions::new().recipient(hybrid().public().recipient().unwrap()),
            OpenOptions::new().identity(hybrid().identity().unwrap()),
        ),
        (
            "passphrase",
            SealOptions::new().recipient(passphrase("correct horse")),
            OpenOptions::new().identity(words("correct horse")),
        ),
        (
            "raw key",
            SealOptions::new().recipient(raw(3)),
            OpenOptions::new().identity(raw(3)),
        ),
    ]
}

#[test]
fn every_real_image_comes_back_to_the_byte() {
    let Some(corpus) = corpus() else {
        return;
    };
    let mut found = Vec::new();
    files(&corpus, &mut found);
    found.sort();
    assert!(
        found.len() > 100,
        "only {} files in the corpus",
        found.len()
    );
    let mut done = 0;
    for path in &found {
        let bytes = fs::read(path).unwrap();
        let image = Image::new(bytes.as_slice());
        for (name, seal, open) in &kinds() {
            for suite in SUITES {
                let sealed = encrypt(&image, &seal.clone().suite(suite)).unwrap();
                let opened = decrypt(&sealed, open).unwrap();
                let what = format!("{} {name} {}", path.display(), suite.name);
                assert_eq!(opened.images.len(), 1, "{what}");
                assert!(opened.images[0].bytes == bytes, "{what}: other bytes");
                done += 1;
            }
        }
    }
    let all = found.len() * kinds().len() * SUITES.len();
    say!(
        "{done} of {all}: {} files, each suite and recipient kind, byte-identical",
        found.len()
    );
    assert_eq!(done, all);
}

/// The manifests of the corpus say what an independent reader made of each image.
#[test]
fn claimed_dimensions_agree_with_the_manifest() {
    let Some(corpus) = corpus() else {
        return;
    };
    let table = fs::read_to_string(corpus.join("images/MANIFEST.tsv")).unwrap();
    let (mut agreed, mut all) = (0, 0);
    for line in table.lines().skip(1) {
        let columns: Vec<&str> = line.split('\t').collect();
        let (file, probe) = (columns[0], columns[3]);
        let Ok(bytes) = fs::read(corpus.join("images").join(file)) else {
            continue;
        };
        let info = secimg::image::sniff(&bytes[..bytes.len().min(secimg::image::SNIFF_LEN)]);
        let Some((width, height)) = size_in(probe) else {
            continue;
        };
        if info.format == "opaque" {
            continue;
        }
        all += 1;
        if (info.claims.width, info.claims.height) == (Some(width), Some(height)) {
            agreed += 1;
        } else {
            say!("{file}: {probe}, sniffed {:?}", info.claims);
        }
    }
    say!("{agreed} of {all} sniffed sizes agree");
    assert!(all >= 40, "only {all} comparable files");
    assert_eq!(agreed, all);
}

/// Finds `768x512` in `PNG 768x512 RGB frames=1`.
fn size_in(probe: &str) -> Option<(u32, u32)> {
    let size = probe.split_whitespace().find(|word| word.contains('x'))?;
    let (width, height) = size.split_once('x')?;
    Some((width.parse().ok()?, height.parse().ok()?))
}
