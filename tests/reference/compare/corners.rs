//! Corners of the format that neither the kit nor chance finds easily: both agree on each, and on what the
//! specification says of it.

use secimg::format::ChunkSize;
use secimg::{Image, SealOptions, encrypt};

use super::keys::{Key, Who, private, raw};
use super::library::agree;
use super::reseal::{Unsealed, unseal};

const CHUNK: usize = 4096;
const MANIFEST: [u8; 6] = [0xA2, 1, 0x61, b'x', 2, 0x61];

pub(super) fn who(trusted: &[&str]) -> Who {
    Who {
        keys: vec![Key::Raw([7; 32])],
        context: String::new(),
        trusted: trusted.iter().map(|file| (*file).to_owned()).collect(),
    }
}

/// A stream of the library, whose content is then replaced.
pub(super) fn sealed(signed: bool) -> Vec<u8> {
    let options = SealOptions::new()
        .recipient(raw(&[7; 32]))
        .chunk_size(ChunkSize::MIN);
    let image = Image::new(b"pixels".as_slice());
    if signed {
        let key = private("sender_ed25519.pem");
        return encrypt(&image, &options.signer(key.signer().unwrap())).unwrap();
    }
    encrypt(&image, &options).unwrap()
}

pub(super) fn record(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut record = (body.len() as u64).to_be_bytes().to_vec();
    record[0] = kind;
    record.extend_from_slice(body);
    record
}

pub(super) fn manifest() -> Vec<u8> {
    record(1, &[&MANIFEST[..], b"y"].concat())
}

pub(super) fn close(index_offset: u64) -> Vec<u8> {
    let body = [&index_offset.to_be_bytes()[..], &[0, 0, 0, 0, 21]].concat();
    record(6, &body)
}

/// Zeros, and then a CLOSE at the end of the chunk.
fn checkpoint(content: &mut Vec<u8>) {
    let end = (content.len() + 21).next_multiple_of(CHUNK);
    content.resize(end - 21, 0);
    content.extend(close(0));
}

/// The content that comes of parts, and what is expected of it.
struct Corner {
    what: &'static str,
    class: &'static str,
    content: Vec<u8>,
}

fn corner(what: &'static str, class: &'static str, parts: &[Vec<u8>]) -> Corner {
    Corner {
        what,
        class,
        content: parts.concat(),
    }
}

#[allow(clippy::too_many_lines, reason = "a list of corners is long and flat")]
fn corners() -> Vec<Corner> {
    let (m, c) = (manifest(), close(0));
    let data = |body: &[u8]| record(3, body);
    let large = vec![0x55; 3 * CHUNK];
    let mut corners = vec![
        corner(
            "an empty preview",
            "success",
            &[m.clone(), record(2, b""), data(b"a"), c.clone()],
        ),
        corner(
            "padding inside an item",
            "success",
            &[
                m.clone(),
                vec![0; 9],
                data(b"a"),
                vec![0],
                data(b"b"),
                c.clone(),
            ],
        ),
        corner(
            "a skippable record between two DATA",
            "success",
            &[
                m.clone(),
                data(b"a"),
                record(0xFF, &large),
                data(b"b"),
                c.clone(),
            ],
        ),
        corner(
            "a skippable record between an empty DATA and another",
            "content",
            &[
                m.clone(),
                data(b""),
                record(0x80, b""),
                data(b"b"),
                c.clone(),
            ],
        ),
        corner(
            "skippable records alone",
            "success",
            &[record(0x80, b""), record(0xFE, b"abc"), c.clone()],
        ),
        corner("padding alone", "success", &[vec![0; CHUNK + 5], c.clone()]),
        corner("nothing but padding", "content", &[vec![0; CHUNK + 5]]),
        corner(
            "a CLOSE behind a MANIFEST",
            "content",
            &[m.clone(), c.clone()],
        ),
        corner(
            "a CLOSE behind a PREVIEW",
            "content",
            &[m.clone(), record(2, b"p"), c.clone()],
        ),
        corner(
            "two previews",
            "content",
            &[
                m.clone(),
                record(2, b"p"),
                record(2, b"p"),
                data(b"a"),
                c.clone(),
            ],
        ),
        corner(
            "a preview of the next item behind DATA",
            "content",
            &[m.clone(), data(b"a"), record(2, b"p"), c.clone()],
        ),
        corner(
            "an INDEX that says it is huge",
            "content",
            &[
                m.clone(),
                data(b"a"),
                [&[5][..], &[0xFF; 7]].concat(),
                c.clone(),
            ],
        ),
        corner(
            "a skippable record that says it is huge",
            "content",
            &[[&[0x80][..], &[0xFF; 7]].concat(), c.clone()],
        ),
        corner(
            "a MANIFEST longer than it may be",
            "content",
            &[record(1, &vec![0; 65_537]), c.clone()],
        ),
        corner(
            "an unsigned CLOSE with an index offset",
            "content",
            &[m.clone(), data(b"a"), close(1)],
        ),
        corner(
            "a CLOSE before its chunk's end",
            "content",
            &[m.clone(), data(b"a"), c.clone(), vec![0]],
        ),
        corner(
            "a kind alone at the end",
            "content",
            &[m.clone(), data(b"a"), vec![6]],
        ),
        corner(
            "a kind and half a length",
            "content",
            &[m.clone(), data(b"a"), vec![3, 0, 0]],
        ),
        corner("nothing", "content", &[]),
    ];
    corners.extend(at_checkpoints());
    corners.extend(across_chunks());
    corners
}

/// Where a CLOSE stands before the end.
fn at_checkpoints() -> Vec<Corner> {
    let (m, c) = (manifest(), close(0));
    let data = |body: &[u8]| record(3, body);
    let mut corners = Vec::new();
    let mut first = Vec::new();
    checkpoint(&mut first);
    checkpoint(&mut first);
    let index = {
        let mut line = first.len().to_be_bytes().to_vec();
        line.extend([0, 0, 0, 0, 0, 0, 0, 1, 0, 1, b'y', 0, 0]);
        record(5, &line)
    };
    let items = [first.clone(), m.clone(), data(b"a")].concat();
    corners.push(corner(
        "two checkpoints before the first item",
        "success",
        &[items.clone(), c.clone()],
    ));
    let at = items.len() as u64;
    corners.push(corner(
        "an INDEX behind checkpoints",
        "success",
        &[items.clone(), index.clone(), close(at)],
    ));
    let mut between = items.clone();
    checkpoint(&mut between);
    let at = between.len() as u64;
    corners.push(corner(
        "an INDEX right behind a checkpoint",
        "success",
        &[between.clone(), index.clone(), close(at)],
    ));
    let digest = record(4, &[0; 32]);
    corners.push(corner(
        "a DIGEST behind a checkpoint",
        "content",
        &[between.clone(), digest, c.clone()],
    ));
    corners.push(corner(
        "DATA behind a checkpoint",
        "content",
        &[between, data(b"b"), c.clone()],
    ));
    corners
}

/// Record headers that lie across the end of a chunk: of DATA they may, of CLOSE not.
fn across_chunks() -> Vec<Corner> {
    let (m, c) = (manifest(), close(0));
    let mut corners = Vec::new();
    for cut in 1..8 {
        let start = [m.clone(), record(3, &vec![0x55; CHUNK - m.len() - 8 - cut])].concat();
        corners.push(corner(
            "a DATA header across chunks",
            "success",
            &[start.clone(), record(3, b"b"), c.clone()],
        ));
        corners.push(corner(
            "a CLOSE header across chunks",
            "content",
            &[start, c.clone()],
        ));
    }
    corners
}

fn judge(unsealed: &Unsealed, corner: &Corner, who: &Who) {
    let seen = agree(&unsealed.reseal(&corner.content), who, corner.what);
    assert_eq!(seen.class, corner.class, "{}", corner.what);
}

#[test]
fn corners_of_the_content_are_judged_alike() {
    let stream = sealed(false);
    let unsealed = unseal(&stream, &who(&[]).reference()).unwrap();
    let corners = corners();
    for corner in &corners {
        judge(&unsealed, corner, &who(&[]));
    }
    say!("corners: agreed on {0} of {0}", corners.len());
}
