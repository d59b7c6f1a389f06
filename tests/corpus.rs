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
        if file.starts_with("raw/") {
            continue;
        }
        let Ok(bytes) = fs::read(corpus.join("images").join(file)) else {
            continue;
        };
        let Some(size) = size_in(probe).or_else(|| size_elsewhere(file)) else {
            panic!("{file}: nobody says its size");
        };
        all += 1;
        let info = sniffed(&bytes);
        if (info.claims.width, info.claims.height) == (Some(size.0), Some(size.1)) {
            agreed += 1;
        } else if needs_more_bytes(file) {
            all -= 1;
            say!("{file}: its directory lies past the bytes that are sniffed");
        } else {
            say!("{file}: {probe}, sniffed {info:?}");
        }
    }
    say!("{agreed} of {all} sniffed sizes agree");
    assert!(all >= 50, "only {all} comparable files");
    assert_eq!(agreed, all);
}

fn sniffed(bytes: &[u8]) -> secimg::image::ImageInfo {
    secimg::image::sniff(&bytes[..bytes.len().min(secimg::image::SNIFF_LEN)])
}

/// Finds `768x512` in `PNG 768x512 RGB frames=1`.
fn size_in(probe: &str) -> Option<(u32, u32)> {
    let size = probe.split_whitespace().find(|word| word.contains('x'))?;
    let (width, height) = size.split_once('x')?;
    Some((width.parse().ok()?, height.parse().ok()?))
}

/// What other readers say of the files that the one of the manifest does not know: pillow-heif, `OpenEXR`,
/// imagecodecs, tifffile, and the eye, for the one that is text.
fn size_elsewhere(file: &str) -> Option<(u32, u32)> {
    match file {
        "cc__dice.jxl" => Some((800, 600)),
        "exif-samples__IMG_5195.HEIC" => Some((2566, 3313)),
        "image__cropping_-_uncropped_original.exr" => Some((1920, 1920)),
        "image__image1.hdr" => Some((128, 85)),
        "image-tiff__caspian.tif" => Some((279, 220)),
        "libjpeg-turbo__monkey12.jpg" => Some((149, 227)),
        _ => None,
    }
}

/// The one file whose size is told near its end.
fn needs_more_bytes(file: &str) -> bool {
    file == "image-tiff__caspian.tif"
}

/// Every file is of the format that its name tells, and none of another: of the malformed ones some have no
/// signature left, and then they are unknown.
#[test]
fn formats_agree_with_the_names() {
    let Some(corpus) = corpus() else {
        return;
    };
    for (folder, malformed) in [("images", false), ("malformed", true)] {
        let mut found = Vec::new();
        files(&corpus.join(folder), &mut found);
        let (mut known, mut opaque) = (0, 0);
        for path in &found {
            let info = sniffed(&fs::read(path).unwrap());
            let extension = path.extension().unwrap().to_str().unwrap();
            let expected = formats_of(&extension.to_ascii_lowercase());
            let what = path.display();
            if info.format == "opaque" {
                assert!(malformed || expected.is_empty(), "{what} is unknown");
                opaque += 1;
            } else {
                assert!(expected.contains(&info.format), "{what} is {}", info.format);
                known += 1;
            }
        }
        say!("{folder}: {known} files known by their bytes, {opaque} opaque");
        assert!(known >= 60);
    }
}

/// The formats that files with an extension may have.
fn formats_of(extension: &str) -> &'static [&'static str] {
    match extension {
        "jpg" | "jpeg" => &["jpeg"],
        "png" => &["png"],
        "bmp" => &["bmp"],
        "gif" => &["gif"],
        "webp" => &["webp"],
        "tif" | "tiff" => &["tiff", "bigtiff"],
        "dcm" => &["dicom"],
        "jp2" | "j2k" => &["jp2", "j2c"],
        "jxl" => &["jxl"],
        "avif" => &["avif"],
        "heic" => &["heic"],
        "qoi" => &["qoi"],
        "exr" => &["exr"],
        "hdr" => &["hdr"],
        "fits" => &["fits"],
        "ico" => &["ico"],
        "pgm" => &["pgm"],
        "ppm" => &["ppm"],
        "tga" => &["tga"],
        "raw" => &[],
        other => panic!("no format for .{other}"),
    }
}
