//! Sealing, unlocking and opening with marked keys.

use core::hint::black_box;
use std::io::Write;
use std::sync::Arc;

use secimg::content::Manifest;
use secimg::crypto::{Cek, ChunkKeys, Key256, Random, StreamKeys, Suite, suite_named};
use secimg::format::{ChunkSize, Core, FRAME_HEADER_LEN, Flags};
use secimg::io::SealWriter;
use secimg::keys::{RawKeyRecipient, SymmetricKey};
use secimg::stream::{HeaderReader, Locked, Unlocked};
use secimg::{OpenError, OpenOptions, SealOptions};

use crate::taint::{Published, SecretRng, public, published, secret};

/// The control: this is what must not be.
pub fn branch() {
    let key = black_box([7_u8; 32]);
    secret(&key);
    if key[3] == 9 {
        black_box(());
    }
}

pub fn address() {
    let table = black_box([1_u8; 256]);
    let key = black_box([7_u8; 32]);
    secret(&key);
    black_box(table[usize::from(key[5])]);
}

fn key(byte: u8, marked: bool) -> RawKeyRecipient {
    let key = SymmetricKey::new(Key256::init(|bytes| bytes.fill(byte)));
    if marked {
        secret(key.expose());
    }
    RawKeyRecipient::new(key)
}

fn suite(name: &str) -> &'static Suite {
    suite_named(name).expect("a suite")
}

/// A stream with full chunks and a last one.
fn sealed(suite: &'static Suite, marked: bool) -> Vec<u8> {
    let options = SealOptions::new()
        .suite(suite)
        .chunk_size(ChunkSize::MIN)
        .recipient(Arc::new(Published(key(1, marked))));
    let image = vec![0x5A; 10_000];
    if marked {
        secret(&image);
    }
    let mut system = secimg::crypto::system_rng();
    let mut tainted = SecretRng::new();
    let mut rng = if marked {
        Random::new(&mut tainted)
    } else {
        Random::new(&mut system)
    };
    let mut writer = SealWriter::with_rng(Vec::new(), &options, &mut rng).expect("a writer");
    let manifest = Manifest::new("opaque", "application/octet-stream");
    writer
        .start_item(&manifest, Some(image.len() as u64))
        .expect("an item");
    writer.write_all(&image).expect("data");
    writer.end_item().expect("an end");
    let stream = writer.finish_with_rng(&mut rng).expect("a stream");
    public(&stream);
    stream
}

pub fn seal_cbc() {
    check(&sealed(suite("cbc"), true));
}

pub fn seal_gcm() {
    check(&sealed(suite("gcm"), true));
}

/// What was sealed with marked keys is a stream like any other.
fn check(stream: &[u8]) {
    let options = OpenOptions::new().identity(Arc::new(key(1, false)));
    secimg::verify(stream, &options).expect("it opens");
}

fn locked(stream: &[u8]) -> (usize, Locked) {
    let (used, locked) = HeaderReader::new().push(stream).expect("a header");
    (used, locked.expect("a whole header"))
}

fn unlock_with(stream: &[u8], identity: RawKeyRecipient) -> (usize, Result<Unlocked, OpenError>) {
    let (used, locked) = locked(stream);
    let options = OpenOptions::new().identity(Arc::new(Published(identity)));
    (used, locked.unlock(&options))
}

pub fn unlock() {
    let stream = sealed(suite("cbc"), false);
    assert!(unlock_with(&stream, key(1, true)).1.is_ok());
}

/// The key id is right and the wrapped key is not: a random candidate takes its place.
pub fn unlock_wrong_key() {
    let mut stream = sealed(suite("cbc"), false);
    stream[81 + 4 + 1 + 20 + 7] ^= 1;
    let (_, unlocked) = unlock_with(&stream, key(1, true));
    assert!(matches!(unlocked, Err(OpenError::NotAuthentic(_))));
}

/// The wrapped key is right and the commitment is that of another.
pub fn unlock_wrong_cek() {
    let mut stream = sealed(suite("cbc"), false);
    stream[49] ^= 1;
    let (_, unlocked) = unlock_with(&stream, key(1, true));
    assert!(matches!(unlocked, Err(OpenError::NotAuthentic(_))));
}

/// The chunks' keys from a marked key, and where the chunks begin.
fn chunk_keys(stream: &[u8]) -> (Box<dyn ChunkKeys>, usize) {
    let (used, unlocked) = unlock_with(stream, key(1, true));
    let unlocked = unlocked.expect("the right key");
    let keys = unlocked.header().suite().chunk_keys(unlocked.keys());
    (keys, used)
}

/// The bodies of the frames behind the header.
fn bodies(mut payload: &[u8]) -> Vec<Vec<u8>> {
    let mut bodies = Vec::new();
    while let Some((head, rest)) = payload.split_at_checked(FRAME_HEADER_LEN) {
        let length = u32::from_be_bytes([0, head[1], head[2], head[3]]) as usize;
        let (body, rest) = rest.split_at(length);
        bodies.push(body.to_vec());
        payload = rest;
    }
    bodies
}

fn open(suite: &'static Suite) {
    let stream = sealed(suite, false);
    let (keys, at) = chunk_keys(&stream);
    let mut bodies = bodies(&stream[at..]);
    let last = bodies.len() - 1;
    for (index, body) in (0..).zip(&mut bodies) {
        let opened = published(keys.open(index, index as usize == last, body));
        assert!(opened.is_ok());
        public(body);
    }
    assert!(bodies[1].iter().take(4000).all(|&byte| byte == 0x5A));
}

pub fn open_cbc() {
    open(suite("cbc"));
}

pub fn open_gcm() {
    open(suite("gcm"));
}

/// Where the first wrong byte stands must make no difference.
pub fn open_changed() {
    for name in ["cbc", "gcm"] {
        let stream = sealed(suite(name), false);
        let (keys, at) = chunk_keys(&stream);
        let body = bodies(&stream[at..]).swap_remove(0);
        for place in [0, 4095, 4096, body.len() - 1] {
            let mut body = body.clone();
            body[place] ^= 1;
            assert!(published(keys.open(0, false, &mut body)).is_err());
        }
    }
}

/// Only who holds the key can make these; they are judged without a branch on what they are.
pub fn open_padding() {
    let core = Core::new(suite("cbc").id, Flags::new(false), ChunkSize::MIN, [3; 32]);
    let cek = Cek::init(|bytes| bytes.fill(9));
    secret(cek.expose());
    let keys = StreamKeys::derive(&cek, &core, b"");
    let keys = suite("cbc").chunk_keys(&keys);
    for (tail, is_sound) in [
        ([16; 16], true),
        ([2; 16], true),
        ([0; 16], false),
        ([17; 16], false),
    ] {
        let mut body = [[0x5A; 16], tail, [0; 16], [0; 16]].concat();
        // Two whole blocks leave no room for padding, so the suite adds none to ours.
        keys.seal(0, true, 32, &mut body);
        public(&body);
        assert_eq!(published(keys.open(0, true, &mut body)).is_ok(), is_sound);
    }
}
