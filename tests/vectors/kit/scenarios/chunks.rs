//! Chunks: lengths, tags, places, padding.

use super::{NAME, good, in_first, refused, small, three_chunks};
use crate::kit::case::Case;
use crate::kit::close::Close;
use crate::kit::file::Vector;
use crate::kit::make::{Keys, Shape, Stream, frame};
use crate::kit::records::item;

pub(super) fn all() -> Vec<Vector> {
    [lengths(), tags(), places(), paddings()].concat()
}

/// Three chunks, changed.
fn changed(case: Case, shape: Shape, released: &[u8], change: impl FnOnce(&mut Stream)) -> Vector {
    let (mut stream, keys) = three_chunks(case.name, shape);
    change(&mut stream);
    case.cek(&keys).released(released).stream(stream.bytes())
}

/// Gives a frame another length, and as many bytes.
fn resize(frame: &mut Vec<u8>, body: usize) {
    let kind = frame[0];
    let mut bytes = frame.split_off(4);
    bytes.resize(body, 0x5A);
    *frame = crate::kit::make::frame(kind, &bytes);
}

fn lengths() -> Vec<Vector> {
    let resized = |name, spec: &str, comment, shape, at: usize, body| {
        let case = refused(name, "format", &format!("{spec} M-FRAME-2"), comment);
        changed(case, shape, &in_first(at), |s| {
            resize(&mut s.frames[at], body);
        })
    };
    let (chunk, last) = ("M-CHUNK-1", "M-CHUNK-2");
    vec![
        resized(
            "chunk_short",
            chunk,
            "CHUNK 1 is one byte short",
            Shape::CBC,
            1,
            4127,
        ),
        resized(
            "chunk_short_by_a_block",
            chunk,
            "CHUNK 1 is one block short",
            Shape::CBC,
            1,
            4112,
        ),
        resized(
            "chunk_long",
            chunk,
            "CHUNK 1 is one byte long",
            Shape::GCM,
            1,
            4113,
        ),
        resized(
            "chunk_with_the_other_tag",
            chunk,
            "as long as in suite 0001",
            Shape::GCM,
            0,
            4128,
        ),
        resized(
            "final_tag_alone",
            last,
            "FINAL holds no block",
            Shape::CBC,
            2,
            32,
        ),
        resized(
            "final_short_of_a_tag",
            last,
            "FINAL holds 15 bytes",
            Shape::GCM,
            2,
            15,
        ),
        resized(
            "final_broken_block",
            last,
            "FINAL holds no whole blocks",
            Shape::CBC,
            2,
            32 + 17,
        ),
        resized(
            "final_long_cbc",
            last,
            "FINAL is a block longer than a chunk",
            Shape::CBC,
            2,
            4144,
        ),
        resized(
            "final_long_gcm",
            last,
            "FINAL is as long as a chunk",
            Shape::GCM,
            2,
            4112,
        ),
    ]
}

fn tags() -> Vec<Vector> {
    let flipped = |name, comment, shape, at: usize, from_end: usize| {
        let case = refused(name, "not-authentic", "M-CHUNK-4 M-ERR-1", comment);
        changed(case, shape, &in_first(at), |s| {
            let byte = s.frames[at].len() - from_end;
            s.frames[at][byte] ^= 1;
        })
    };
    vec![
        flipped(
            "tag_flipped_cbc_first",
            "the tag of CHUNK 0",
            Shape::CBC,
            0,
            32,
        ),
        flipped(
            "tag_flipped_cbc",
            "the last bit of CHUNK 1's tag",
            Shape::CBC,
            1,
            1,
        ),
        flipped("tag_flipped_cbc_final", "FINAL's tag", Shape::CBC, 2, 17),
        flipped("tag_flipped_gcm", "the tag of CHUNK 1", Shape::GCM, 1, 1),
        flipped("tag_flipped_gcm_final", "FINAL's tag", Shape::GCM, 2, 16),
        flipped(
            "ciphertext_flipped_cbc",
            "CHUNK 1's first block",
            Shape::CBC,
            1,
            4128,
        ),
        flipped(
            "ciphertext_flipped_cbc_final",
            "FINAL's last block",
            Shape::CBC,
            2,
            33,
        ),
        flipped(
            "ciphertext_flipped_gcm",
            "CHUNK 1's first byte",
            Shape::GCM,
            1,
            4112,
        ),
        flipped(
            "ciphertext_flipped_gcm_final",
            "FINAL's last byte",
            Shape::GCM,
            2,
            17,
        ),
    ]
}

fn places() -> Vec<Vector> {
    let arranged = |name, comment, shape, released: &[u8], change: &dyn Fn(&mut Stream)| {
        let case = refused(name, "not-authentic", "M-CHUNK-3", comment);
        changed(case, shape, released, change)
    };
    let other = |shape: Shape| three_chunks("another stream", shape).0;
    let (none, one, two) = (in_first(0), in_first(1), in_first(2));
    let mut all = vec![
        arranged(
            "chunks_swapped_cbc",
            "CHUNKs 0 and 1 changed places",
            Shape::CBC,
            &none,
            &|s| {
                s.frames.swap(0, 1);
            },
        ),
        arranged(
            "chunks_swapped_gcm",
            "CHUNKs 0 and 1 changed places",
            Shape::GCM,
            &none,
            &|s| {
                s.frames.swap(0, 1);
            },
        ),
        arranged(
            "chunk_dropped_first",
            "CHUNK 0 is missing",
            Shape::CBC,
            &none,
            &|s| {
                s.frames.remove(0);
            },
        ),
        arranged(
            "chunk_dropped",
            "CHUNK 1 is missing",
            Shape::CBC,
            &one,
            &|s| {
                s.frames.remove(1);
            },
        ),
        arranged(
            "chunk_repeated",
            "CHUNK 1 stands twice",
            Shape::GCM,
            &two,
            &|s| {
                let frame = s.frames[1].clone();
                s.frames.insert(1, frame);
            },
        ),
        arranged(
            "chunk_of_another_stream",
            "CHUNK 1 is another's",
            Shape::CBC,
            &one,
            &|s| {
                s.frames[1] = other(Shape::CBC).frames.remove(1);
            },
        ),
        arranged(
            "final_of_another_stream",
            "FINAL is another's",
            Shape::GCM,
            &two,
            &|s| {
                s.frames[2] = other(Shape::GCM).frames.remove(2);
            },
        ),
        arranged(
            "chunk_as_final",
            "CHUNK 1 was renamed and ends the stream",
            Shape::CBC,
            &one,
            &|s| {
                s.frames.truncate(2);
                s.frames[1][0] = 4;
            },
        ),
    ];
    let name = "final_as_chunk";
    let case = refused(
        name,
        "format",
        "M-CHUNK-3 M-CHUNK-1",
        "FINAL was renamed to CHUNK",
    );
    all.push(changed(case, Shape::CBC, &two, |s| {
        s.frames[2][0] = 3;
    }));
    let name = "chunk_as_final_gcm";
    let case = refused(
        name,
        "format",
        "M-CHUNK-3 M-CHUNK-2",
        "CHUNK 1 was renamed and ends the stream",
    );
    all.push(changed(case, Shape::GCM, &one, |s| {
        s.frames.truncate(2);
        s.frames[1][0] = 4;
    }));
    for (name, shape) in [
        ("final_sealed_as_chunk_cbc", Shape::CBC),
        ("final_sealed_as_chunk_gcm", Shape::GCM),
    ] {
        all.push(sealed_as_chunk(name, shape));
    }
    all
}

/// FINAL whose IV, nonce and tag say that it is none.
fn sealed_as_chunk(name: &'static str, shape: Shape) -> Vector {
    let (mut stream, keys) = good(name, shape, b"");
    let content = [item(NAME, b"white"), Close::unsigned(0).to_bytes()].concat();
    stream.frames[0] = if shape.suite == 1 {
        let pad = 16 - content.len() % 16;
        let padding = vec![u8::try_from(pad).unwrap(); pad];
        frame(4, &keys.cbc(0, false, &[content, padding].concat()))
    } else {
        let mut frame = keys.seal(0, false, &content);
        frame[0] = 4;
        frame
    };
    let comment = "the frame says FINAL, and what was sealed says CHUNK";
    let case = refused(name, "not-authentic", "M-CHUNK-3", comment);
    case.cek(&keys).released(b"").stream(stream.bytes())
}

/// PKCS#7 that is wrong under a tag that holds.
fn paddings() -> Vec<Vector> {
    let padded = |name, comment, tail: &dyn Fn(&Keys, Vec<u8>) -> Vec<u8>| {
        let (mut stream, keys) = small(name);
        let content = [item(NAME, b"white"), Close::unsigned(0).to_bytes()].concat();
        let content = tail(&keys, content);
        stream.frames[0] = frame(4, &keys.cbc(0, true, &content));
        let case = refused(name, "not-authentic", "M-CBC-2 M-ERR-1", comment);
        case.cek(&keys).released(b"").stream(stream.bytes())
    };
    let blocks = |mut content: Vec<u8>, fill: u8| {
        content.resize(content.len().next_multiple_of(16), fill);
        content
    };
    let last_two = |first: u8, last: u8| {
        move |_: &Keys, content: Vec<u8>| {
            let mut content = blocks(content, 0);
            content.resize(content.len() + 14, 0xEE);
            content.extend([first, last]);
            content
        }
    };
    vec![
        padded("pkcs7_0", "a last byte of 0", &last_two(0, 0)),
        padded("pkcs7_17", "a last byte of 17", &|_, content| {
            let mut content = blocks(content, 0);
            content.resize(content.len() + 32, 17);
            content
        }),
        padded("pkcs7_255", "a last byte of 255", &last_two(255, 255)),
        padded("pkcs7_uneven", "1, 2", &last_two(1, 2)),
        padded(
            "pkcs7_uneven_at_its_start",
            "sixteen of 16, the first of which is 15",
            &|_, content| {
                let mut content = blocks(content, 0);
                content.push(15);
                content.resize(content.len() + 15, 16);
                content
            },
        ),
    ]
}
