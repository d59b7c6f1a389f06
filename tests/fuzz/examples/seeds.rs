//! Writes the first corpora: `cargo run --example seeds -- FOLDER` makes FOLDER/TARGET/NAME.
//!
//! They come from the test vectors, from the keys of the tests, and from samples made here. The kept
//! corpora began as these, grew by fuzzing and were minimised.

#![allow(clippy::unwrap_used, reason = "a tool for developers")]

use std::fs;
use std::path::{Path, PathBuf};

use pkcs8::der::pem::decode_vec;
use pkcs8::{EncryptedPrivateKeyInfoRef, SecretDocument};
use secimg::content::{Close, Index, IndexEntry, Manifest, SignatureAlgorithm, SignatureBlock};
use secimg::image::{Compression, FrameLayout, RawFrame, SampleType};
use secimg::transport::Receipt;

fn main() {
    let folder = std::env::args_os().nth(1).map(PathBuf::from).unwrap();
    let seeds = Seeds { folder };
    seeds.vectors();
    seeds.keys();
    seeds.certificates();
    seeds.records();
    seeds.scripts();
    seeds.names();
    seeds.images();
    seeds.receipts();
    seeds.redactions();
    seeds.frames();
}

struct Seeds {
    folder: PathBuf,
}

/// In front of a stream or its script: one piece size of 64 KiB, and twice that.
const PIECE: &[u8] = &[0, 0xC0];
const PIECES: &[u8] = &[0, 0xC0, 0, 0xC0];

impl Seeds {
    fn put(&self, target: &str, name: &str, parts: &[&[u8]]) {
        let folder = self.folder.join(target);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(name), parts.concat()).unwrap();
    }

    /// The bytes behind the first empty line of each vector, for whoever reads streams.
    fn vectors(&self) {
        for path in files("../vectors", "vec") {
            let name = path.file_stem().unwrap().to_str().unwrap();
            let bytes = fs::read(&path).unwrap();
            let start = bytes.windows(2).position(|two| two == b"\n\n").unwrap() + 2;
            let stream = &bytes[start..];
            self.put("frames", name, &[&[0, 0], PIECE, stream]);
            let head = &stream[..stream.len().min(8192)];
            self.put("header", name, &[PIECE, head]);
            self.put("open", name, &[&[0], PIECES, stream]);
            if name.contains("sign") {
                self.put("open", &format!("{name}_required"), &[&[2], PIECES, stream]);
            }
            let block = stream.get(85..).unwrap_or_default();
            let length = stream.get(83..85).map_or(0, |two| usize::from(two[0]) << 8);
            let block = &block[..block.len().min(length)];
            let used = block.iter().rposition(|&byte| byte != 0).unwrap_or(0);
            if used > 0 && block.len() > 32 {
                self.put("recipients", name, &[block]);
                let entries = block[..block.len() - 32].trim_ascii_end();
                let end = entries.iter().rposition(|&byte| byte != 0).unwrap_or(0);
                self.put("recipients", &format!("{name}_short"), &[&entries[..=end]]);
            }
        }
    }

    /// What the coder writes for smooth and for wild samples, of every type.
    fn frames(&self) {
        for (kind, (sample_type, name)) in (0..).zip(SampleType::ALL) {
            let layout = FrameLayout::new(4, 20, sample_type).samples_per_pixel(2);
            let len = usize::try_from(layout.packed_bytes()).unwrap();
            let smooth: Vec<u8> = (0..len).map(|at| (at / 40) as u8).collect();
            let wild: Vec<u8> = (0..len).map(|at| (at * at % 251) as u8).collect();
            for (way, samples) in [("smooth", smooth), ("wild", wild)] {
                let frame = RawFrame::new(&samples, layout).unwrap();
                let (_, coded) = frame.compress(Compression::Always).unwrap();
                let name = format!("{name}_{way}");
                self.put("raw_frame", &name, &[&[kind, 1, 19, 3], &coded]);
            }
        }
    }

    fn keys(&self) {
        let pems = [
            files("../vectors/keys", "pem"),
            files("../vectors/keys", "pub"),
            files("../../src/keys/fixtures", "pem"),
            files("../../src/keys/fixtures", "pub"),
        ];
        for path in pems.concat() {
            let name = path.file_name().unwrap().to_str().unwrap();
            let text = fs::read(&path).unwrap();
            self.put("pem", name, &[&[0], &text]);
            let begin = text.windows(5).position(|five| five == b"-----").unwrap();
            let (label, der) = decode_vec(&text[begin..]).unwrap();
            let kind = match label {
                "PRIVATE KEY" => 1,
                "PUBLIC KEY" => 2,
                _ => 3,
            };
            self.put("pem", &format!("{name}_der"), &[&[kind], &der]);
        }
        self.put("pem", "cheap_der", &[&[3], &cheap()]);
        self.put("pem", "base64", &[&[0], &[b'A'; 43], b"=\n"]);
        self.put("pem", "hex", &[&[0], &[b'7'; 64]]);
        self.put("pem", "bytes", &[&[0], &[7; 32]]);
    }

    fn certificates(&self) {
        for path in files("../../src/keys/fixtures", "crt") {
            let name = path.file_stem().unwrap().to_str().unwrap();
            let text = fs::read(&path).unwrap();
            self.put("certificates", name, &[&[0], &text]);
            let begin = text.windows(5).position(|five| five == b"-----").unwrap();
            let (_, der) = decode_vec(&text[begin..]).unwrap();
            self.put("certificates", &format!("{name}_der"), &[&[1], &der]);
        }
    }

    fn records(&self) {
        let mut manifest = Manifest::new("png", "image/png");
        let put = |name: &str, manifest: &Manifest| {
            self.put("records", name, &[&[0], &manifest.to_bytes().unwrap()]);
        };
        put("manifest_least", &manifest);
        (manifest.claimed_width, manifest.claimed_height) = (Some(640), Some(70_000));
        (manifest.claimed_channels, manifest.claimed_bits) = (Some(3), Some(8));
        manifest.name = Some("a.png".to_owned());
        manifest.time = Some(-1);
        put("manifest_named", &manifest);
        manifest.preview_of = Some([7; 32]);
        for word in ["b", "aa", "study"] {
            manifest.attributes.insert(word.to_owned(), "1".to_owned());
        }
        put("manifest_full", &manifest);
        let skippable = [manifest_with_skippable(), Vec::new()].concat();
        self.put("records", "manifest_skippable", &[&[0], &skippable]);
        let line = |offset, digest| {
            IndexEntry::new(
                offset,
                9,
                digest,
                "image/png".to_owned(),
                "a.png".to_owned(),
            )
        };
        let index = Index::new(vec![line(0, None), line(100, Some([1; 32]))]);
        self.put("records", "index", &[&[1, 2, 0], &index.to_bytes()]);
        let close = Close::new(163, None);
        self.put("records", "close", &[&[2], &close.to_bytes()]);
        let intended = vec![[1; 32], [2; 32]];
        let (algorithm, spki) = (SignatureAlgorithm::Ed25519, vec![0x30; 44]);
        let mut block = SignatureBlock::unsigned(algorithm, 1, spki, intended, 64);
        block.signature.fill(9);
        let close = Close::new(163, Some(block));
        self.put("records", "close_signed", &[&[2], &close.to_bytes()]);
    }

    /// Scripts of content, for the parser alone and for whole streams, and options of sealing.
    fn scripts(&self) {
        let scripts: [(&str, &[u8]); 10] = [
            ("none", &[1]),
            (
                "item",
                &[0, 0, 5, b'a', b'.', b'p', b'n', b'g', 6, 3, 1, 2, 3, 7],
            ),
            ("preview", &[0, 0, 0, 3, 2, 8, 9, 4, 5, 2, 0]),
            ("no_index", &[1, 0, 1, b'x', 6, 1, 1, 7]),
            ("empty", &[0, 0, 1, b'x', 6, 0, 7]),
            (
                "chunks",
                &[0, 0, 1, b'x', 4, 7, 0x2F, 0xFF, 4, 8, 0x2F, 0xFF, 7],
            ),
            (
                "checkpoint",
                &[0, 0, 1, b'x', 6, 1, 1, 7, 13, 0, 0, 0, 1, b'y', 6, 1, 2, 7],
            ),
            (
                "padding",
                &[0, 11, 1, 0, 0, 0, 6, 1, 1, 7, 12, 0, 0, 6, 1, 1],
            ),
            (
                "skippable",
                &[0, 14, 5, 2, 1, 1, 0, 0, 6, 1, 1, 14, 5, 0, 7],
            ),
            (
                "raw",
                &[0, 2, 3, 0xA0, 0, 0, 15, 8, 3, 0, 0, 0, 0, 0, 0, 1, 10, 1, 0],
            ),
        ];
        for (name, script) in scripts {
            self.put("content", name, &[&[1], PIECE, script]);
            for flags in 0..4_u8 {
                let name = format!("{name}_{flags}");
                self.put("open", &name, &[&[1], PIECES, &[flags, 0], script]);
                let change = [flags, 1, flags * 2, 0, 9, 1];
                let name = format!("{name}_changed");
                self.put("open", &name, &[&[flags | 1], PIECES, &change, script]);
            }
        }
        for (path, parts) in self.contents() {
            self.put("content", &path, &[&[0], PIECE, &parts]);
        }
        for flags in [0x40, 0x41, 0x42, 0x83, 0xC4, 0xD7, 0xB2_u8] {
            let items = [
                &[1, 2, 0x10, 0, 1, b'a'][..],
                &[2, 3, 0x4E, 0, 0],
                &[4, 9, 0, 5, 1, b'b'],
            ];
            let parts = [
                &[flags, 2, b'c', b'x'],
                PIECES,
                &[0, 99, 1],
                &items.concat(),
            ];
            self.put("split", &format!("{flags:02x}"), &parts.map(|part| part));
        }
    }

    /// Content that a parser accepts, as it is.
    fn contents(&self) -> Vec<(String, Vec<u8>)> {
        let mut writer = secimg::content::ContentWriter::new(true);
        let mut out = Vec::new();
        let manifest = Manifest::new("png", "image/png");
        writer.start_item(&manifest, None, &mut out).unwrap();
        writer.data_record(b"pixels", &mut out).unwrap();
        writer.data_record(b"more", &mut out).unwrap();
        writer.end_item(&mut out).unwrap();
        let index = writer.finish(&mut out).unwrap();
        out.extend_from_slice(&Close::new(index, None).to_bytes());
        vec![("writer".to_owned(), out)]
    }

    fn names(&self) {
        let names = [
            "a.png",
            "..",
            "../a",
            "a/b",
            "a\\b",
            "C:a",
            "NUL",
            "com1.png",
            "x.lnk",
            "é",
            "e\u{301}",
            "\u{202e}gnp",
            "／",
            "．．",
            "ß",
            "ẞ",
            "İ",
            "ﬁ",
            "Å",
            "ǆ",
            "한글",
            "👩\u{200d}💻",
            "a ",
            "-a",
            "desktop.ini",
            "ὰι",
            "ŉ",
            "\u{345}",
            "c：x",
            "CON\u{a0}",
            "ǰ",
        ];
        for (number, name) in names.iter().enumerate() {
            self.put("names", &number.to_string(), &[name.as_bytes()]);
        }
    }

    /// One small header of each format; `run.sh` adds real images where there are some.
    fn images(&self) {
        let images: [(&str, &[u8]); 8] = [
            ("png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x02\0\0\0\x03\x08\x02\0\0\0\0\0\0\0"),
            ("gif", b"GIF89a\x40\x01\xF0\x00\x80\x00\x00\0\0\0\xff\xff\xff,\0\0\0\0\x01\0\x01\0\0\x02\x01D\0;"),
            ("bmp", b"BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\x02\0\0\0\x02\0\0\0\x01\0\x18\0\0\0\0\0"),
            ("jpeg", b"\xff\xd8\xff\xe0\0\x04\0\0\xff\xc0\0\x11\x08\0\x10\0\x20\x03\x01\x22\0\x02\x11\x01\x03\x11\x01"),
            ("tiff", b"II*\0\x08\0\0\0\x02\0\0\x01\x03\0\x01\0\0\0\x05\0\0\0\x01\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0"),
            ("tiff_big", b"MM\0*\0\0\0\x08\0\x01\x01\0\0\x03\0\0\0\x01\0\x05\0\0\0\0\0\0"),
            ("webp", b"RIFF\x1e\0\0\0WEBPVP8X\x0a\0\0\0\x02\0\0\0\x05\0\0\x06\0\0"),
            ("webp_lossless", b"RIFF\x1e\0\0\0WEBPVP8L\x0a\0\0\0\x2f\x05\xc0\x01\0\0\0"),
        ];
        for (name, head) in images {
            self.put("sniff", name, &[head]);
        }
        let group = b"DICM\x02\0\0\0UL\x04\0\x1c\0\0\0\x02\0\x10\0UI\x14\x001.2.840.10008.1.2.1\0";
        let size =
            b"\x28\0\x10\0US\x02\0\x40\0\x28\0\x11\0US\x02\0\x30\0\x28\0\0\x01US\x02\0\x10\0";
        self.put("sniff", "dicom", &[&[0; 128], group, size]);
    }

    /// A PNG with a chunk of the right name, and scripts: rectangles, the kind of line, the first item, others.
    fn redactions(&self) {
        let gamma = b"\0\0\0\x04gAMA\0\0\xb1\x8f\x0b\xfc\x61\x05";
        let scripts: [(&str, &[u8], &[u8]); 5] = [
            (
                "pixels",
                &[1, 2, 0, 1, 1, 2, 2, 0, 0, 0, 3, 1, 2, 0, 0],
                b"",
            ),
            ("colour", &[1, 1, 0, 1, 1, 2, 2, 2, 0, 1, 0, 16], gamma),
            ("file", &[1, 1, 0, 0, 0, 6, 5, 1, 4], b"file\0"),
            ("outside", &[1, 1, 3, 1, 1, 2, 2, 2, 0, 0], b""),
            (
                "text",
                &[1, 0, 0, 40],
                b"secimg/redaction/1 pixels 6x5 rgb8 0 1,1",
            ),
        ];
        for (name, script, tail) in scripts {
            self.put("redact", name, &[script, tail]);
        }
        let header = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0____";
        let end = b"\0\0\0\x02scRGab\x29\x6d\xd5\xaf\0\0\0\0IEND\xae\x42\x60\x82";
        self.put("redact", "png", &[&[0], header, end]);
    }

    fn receipts(&self) {
        self.put("receipt", "stored", &[&Receipt::stored([1; 32]).to_bytes()]);
        self.put(
            "receipt",
            "refused",
            &[&Receipt::refused([0; 32]).to_bytes()],
        );
        for path in &files("../vectors", "vec") {
            let bytes = fs::read(path).unwrap();
            let text = String::from_utf8_lossy(&bytes);
            let line = text.lines().find_map(|line| line.strip_prefix("answer: "));
            if let Some(hex) = line {
                let receipt: Vec<u8> = (0..hex.len() / 2)
                    .map(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).unwrap())
                    .collect();
                self.put(
                    "receipt",
                    path.file_stem().unwrap().to_str().unwrap(),
                    &[&receipt],
                );
            }
        }
    }
}

/// Keys 128 and 129 behind the two that must be there.
fn manifest_with_skippable() -> Vec<u8> {
    [
        &[0xA4, 1, 0x61, b'a', 2, 0x61, b'b', 0x18, 128, 5][..],
        &[0x18, 129, 0x41, 9],
    ]
    .concat()
}

/// An encrypted key whose derivation costs one iteration.
fn cheap() -> Vec<u8> {
    let text = include_str!("../../../src/keys/fixtures/ed25519.pem");
    let der = SecretDocument::from_pem(text).unwrap().1;
    let parameters =
        pkcs8::pkcs5::pbes2::Parameters::generate_pbkdf2_sha256_aes256cbc(1, &[1; 16], [2; 16])
            .unwrap();
    let plain = der.as_bytes();
    let mut buffer = vec![0; plain.len() + 16];
    buffer[..plain.len()].copy_from_slice(plain);
    let encrypted = parameters
        .encrypt_in_place(b"secret", &mut buffer, plain.len())
        .unwrap();
    let info = EncryptedPrivateKeyInfoRef {
        encryption_algorithm: parameters.into(),
        encrypted_data: pkcs8::der::asn1::OctetStringRef::new(encrypted).unwrap(),
    };
    SecretDocument::encode_msg(&info)
        .unwrap()
        .as_bytes()
        .to_vec()
}

fn files(folder: &str, extension: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let entries = fs::read_dir(folder).unwrap();
    let mut paths: Vec<_> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .collect();
    paths.sort();
    paths
}
