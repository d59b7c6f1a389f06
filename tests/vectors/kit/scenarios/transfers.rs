//! Going on after a break: what a receiver answers to a query and then accepts, and where a sender goes on. The
//! stream beside each is sound: two CHUNKs and FINAL.

use super::{nine_thousand, three_chunks};
use crate::kit::case::Case;
use crate::kit::file::{Vector, hex};
use crate::kit::make::{Keys, Shape, Stream, sha256};

const QUERY: &[u8; 8] = b"\x89SIMQ\r\n\x1a";
const HELD: &[u8; 8] = b"\x89SIMH\r\n\x1a";

pub(super) fn all() -> Vec<Vector> {
    [queries(), answers()].concat()
}

fn query(id: [u8; 32]) -> Vec<u8> {
    [&QUERY[..], &id].concat()
}

/// The answer of a receiver that holds these frames.
fn held(id: [u8; 32], frames: &[Vec<u8>]) -> Vec<u8> {
    let count = (frames.len() as u64).to_be_bytes();
    [&HELD[..], &id, &count, &sha256(&frames.concat())].concat()
}

fn sound(name: &'static str, rule: &str, comment: &str) -> (Case, Stream, Keys) {
    let (stream, keys) = three_chunks(name, Shape::CBC);
    let case = Case::new(name, "success", rule, comment)
        .raw()
        .gives(&keys, &[nine_thousand()]);
    (case, stream, keys)
}

/// A receiver that holds so many frames, and a sender that goes on with `start`.
fn going_on(
    name: &'static str,
    expect: &str,
    comment: &str,
    frames: usize,
    start: u64,
    change: impl FnOnce(&mut Vec<u8>),
) -> Vector {
    let (case, stream, keys) = sound(name, "M-XFER-3", comment);
    let id = keys.transfer_id();
    let mut asked = query(id);
    change(&mut asked);
    let case = case
        .line("held-frames", frames.to_string())
        .line("query", hex(&asked));
    let case = if asked[..8] == QUERY[..] {
        let named = asked[8..].try_into().unwrap();
        let frames = if named == id { frames } else { 0 };
        case.line("held", hex(&held(named, &stream.frames[..frames])))
    } else {
        case
    };
    case.line("start", start.to_string())
        .line("query-expect", expect)
        .stream(stream.bytes())
}

fn queries() -> Vec<Vector> {
    let same = |_: &mut Vec<u8>| {};
    vec![
        going_on(
            "query_goes_on",
            "accepted",
            "two chunks are held, and only FINAL is sent",
            2,
            2,
            same,
        ),
        going_on(
            "query_goes_on_from_one",
            "accepted",
            "one chunk is held",
            1,
            1,
            same,
        ),
        going_on(
            "query_begins_again",
            "accepted",
            "two chunks are held, and all are sent again",
            2,
            0,
            same,
        ),
        going_on(
            "query_nothing_held",
            "accepted",
            "nothing is held",
            0,
            0,
            same,
        ),
        going_on(
            "query_start_before_the_end",
            "refused",
            "two chunks are held, and the sender goes on from one",
            2,
            1,
            same,
        ),
        going_on(
            "query_start_behind_the_end",
            "refused",
            "one chunk is held, and the sender goes on from two",
            1,
            2,
            same,
        ),
        going_on(
            "query_start_and_nothing_held",
            "refused",
            "nothing is held, and the sender goes on from one",
            0,
            1,
            same,
        ),
        going_on(
            "query_for_another_stream",
            "refused",
            "the query names a stream, and another one follows",
            2,
            0,
            |query| query[8] ^= 1,
        ),
        going_on(
            "query_magic",
            "refused",
            "neither a query nor a stream",
            2,
            2,
            |query| query[4] = b'X',
        ),
    ]
}

/// A sender that asked, and what it makes of the answer.
fn answered(
    name: &'static str,
    from: &str,
    comment: &str,
    change: impl FnOnce(&Stream, &mut Vec<u8>),
) -> Vector {
    let (case, stream, keys) = sound(name, "M-XFER-2", comment);
    let mut answer = held(keys.transfer_id(), &stream.frames[..2]);
    change(&stream, &mut answer);
    case.line("held-answer", hex(&answer))
        .line("goes-on-from", from)
        .stream(stream.bytes())
}

fn answers() -> Vec<Vector> {
    vec![
        answered("held_both", "2", "both chunks are held", |_, _| {}),
        answered(
            "held_one",
            "1",
            "the first chunk is held",
            |stream, answer| {
                answer[47] = 1;
                answer[48..].copy_from_slice(&sha256(&stream.frames[0]));
            },
        ),
        answered("held_nothing", "0", "nothing is held", |_, answer| {
            answer[47] = 0;
            answer[48..].copy_from_slice(&sha256(b""));
        }),
        answered(
            "held_other_bytes",
            "0",
            "other bytes are held under this name",
            |_, answer| answer[79] ^= 1,
        ),
        answered(
            "held_other_count",
            "0",
            "the hash of two chunks, as if of one",
            |_, answer| answer[47] = 1,
        ),
        answered(
            "held_more",
            "0",
            "more chunks than there are",
            |stream, answer| {
                answer[47] = 3;
                answer[48..].copy_from_slice(&sha256(&stream.frames.concat()));
            },
        ),
        answered("held_count_huge", "0", "2^64 - 1 chunks", |_, answer| {
            answer[40..48].fill(0xFF);
        }),
        answered(
            "held_of_another_stream",
            "false",
            "the answer to another question",
            |_, answer| answer[8] ^= 1,
        ),
        answered(
            "held_magic",
            "false",
            "neither an answer nor a receipt",
            |_, answer| answer[4] = b'X',
        ),
    ]
}
