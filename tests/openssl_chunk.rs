//! Opens chunks of suite 0001 with the `openssl` command alone, as SPEC section 6.5 shows.
//!
//! Nothing of the library takes part: only offsets, which are the specification's.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking, its helpers too"
)]

#[macro_use]
#[path = "support/say.rs"]
mod say;

use core::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

const CORE_LEN: usize = 81;
const TAG_LEN: usize = 32;

/// Runs `openssl` and returns what it writes.
fn openssl(args: &[&str], input: &[u8]) -> Vec<u8> {
    let mut child = Command::new("openssl")
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "openssl {args:?}");
    output.stdout
}

/// Whether there is an `openssl` with `kdf`, which came with 3.0.
fn have_openssl() -> bool {
    let version = Command::new("openssl").arg("version").output();
    let text = version.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    let found = text.is_ok_and(|text| {
        let major = text
            .strip_prefix("OpenSSL ")
            .and_then(|rest| rest.split('.').next());
        major
            .and_then(|major| major.parse().ok())
            .is_some_and(|major: u32| major >= 3)
    });
    let required = std::env::var_os("SECIMG_REQUIRE_TOOLS").is_some();
    assert!(
        found || !required,
        "SECIMG_REQUIRE_TOOLS is set and there is no OpenSSL 3"
    );
    if !found {
        say!("SKIPPED: no chunk was opened, for there is no OpenSSL 3");
    }
    found
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

fn sha256(bytes: &[u8]) -> String {
    hex(&openssl(&["dgst", "-sha256", "-binary"], bytes))
}

/// A vector's stream, and the raw key that its file names.
fn vector(name: &str) -> (Vec<u8>, String) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors");
    let bytes = fs::read(folder.join(name)).unwrap();
    let end = bytes.windows(2).position(|two| two == b"\n\n").unwrap();
    let lines = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let key = lines
        .lines()
        .find_map(|line| line.strip_prefix("identity: raw "));
    (bytes[end + 2..].to_vec(), key.unwrap().to_owned())
}

/// The first entry's wrapped key, opened.
fn cek(stream: &[u8], key: &str) -> String {
    let wrapped = &stream[CORE_LEN + 4 + 1 + 20..][..40];
    let args = [
        "enc",
        "-d",
        "-id-aes256-wrap",
        "-K",
        key,
        "-iv",
        "A6A6A6A6A6A6A6A6",
    ];
    hex(&openssl(&args, wrapped))
}

/// K[label], with an empty context.
fn stream_key(stream: &[u8], cek: &str, label: &str) -> String {
    let (core_hash, context) = (sha256(&stream[..49]), sha256(b""));
    let info = format!(
        "hexinfo:{}00{core_hash}{context}",
        hex(format!("secimg/1 {label}").as_bytes())
    );
    let (key, salt) = (
        format!("hexkey:{cek}"),
        format!("hexsalt:{}", hex(&stream[17..49])),
    );
    let options = ["digest:SHA256", &key, &salt, &info].map(|option| ["-kdfopt", option]);
    let args = [
        &["kdf", "-keylen", "32", "-binary"],
        options.as_flattened(),
        &["HKDF"],
    ]
    .concat();
    hex(&openssl(&args, b""))
}

/// Checks and opens the body of a frame; FINAL's content still has its padding.
fn open(stream: &[u8], cek: &str, index: u64, last: bool, body: &[u8]) -> Vec<u8> {
    let (ciphertext, tag) = body.split_at(body.len() - TAG_LEN);
    let place = [&index.to_be_bytes()[..], &[u8::from(last)]].concat();
    let length = u32::try_from(ciphertext.len()).unwrap().to_be_bytes();
    let key = format!("hexkey:{}", stream_key(stream, cek, "mac"));
    let args = [
        "dgst", "-sha256", "-binary", "-mac", "HMAC", "-macopt", &key,
    ];
    let computed = openssl(&args, &[&place[..], &length, ciphertext].concat());
    assert_eq!(computed, tag, "the tag of chunk {index}");
    let key = stream_key(stream, cek, "iv");
    let counter = [place.as_slice(), &[0; 7]].concat();
    let iv = hex(&openssl(
        &["enc", "-aes-256-ecb", "-nopad", "-K", &key],
        &counter,
    ));
    let key = stream_key(stream, cek, "enc");
    openssl(
        &[
            "enc",
            "-d",
            "-aes-256-cbc",
            "-nopad",
            "-K",
            &key,
            "-iv",
            &iv,
        ],
        ciphertext,
    )
}

/// Opens all chunks of a stream and returns its content, without FINAL's padding.
fn content(name: &str) -> Vec<u8> {
    let (stream, key) = vector(name);
    let cek = cek(&stream, &key);
    assert_eq!(
        stream_key(&stream, &cek, "commit"),
        hex(&stream[49..CORE_LEN]),
        "the commitment"
    );
    let body_len = |at: usize| {
        let length = [0, stream[at + 1], stream[at + 2], stream[at + 3]];
        u32::from_be_bytes(length) as usize
    };
    let mut at = CORE_LEN + 4 + body_len(CORE_LEN);
    let mut content = Vec::new();
    for index in 0.. {
        let (last, len) = (stream[at] == 4, body_len(at));
        content.extend(open(
            &stream,
            &cek,
            index,
            last,
            &stream[at + 4..at + 4 + len],
        ));
        at += 4 + len;
        if last {
            assert_eq!(at, stream.len(), "FINAL ends the stream");
            break;
        }
    }
    let padding = usize::from(*content.last().unwrap());
    content.truncate(content.len() - padding);
    content
}

#[test]
fn the_worked_example_opens_by_hand() {
    if !have_openssl() {
        return;
    }
    let content = content("cbc_raw_key.vec");
    let text = b"A small picture in words: a white square on a white ground.";
    assert_eq!(&content[0x40..0x40 + text.len()], text);
    assert_eq!(content[0x101], 6, "CLOSE");
    assert_eq!(content.len(), 0x116);
    say!("1 of 1 chunk opened with openssl");
}

#[test]
fn chunks_open_by_hand_as_final_does() {
    if !have_openssl() {
        return;
    }
    let content = content("chunks_cbc.vec");
    let original: Vec<u8> = (0..=250).cycle().take(10_000).collect();
    let found = content
        .windows(original.len())
        .any(|window| window == original);
    assert!(found, "the original stands in the content");
    say!("3 of 3 chunks opened with openssl");
}
