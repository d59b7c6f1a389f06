//! One change to a sound stream, or to the content under its tags: both say the same of it.

use std::collections::BTreeMap;

use super::library::agree;
use super::random::sample;
use super::reseal::unseal;
use super::rng::TestRng;
use crate::header::Bytes;

/// How many streams are changed, five times each and in two ways; `SECIMG_REFERENCE_STREAMS` asks for more.
fn streams() -> usize {
    let asked = std::env::var("SECIMG_REFERENCE_STREAMS").ok();
    asked.map_or(600, |count| count.parse().unwrap())
}

const CHANGES_OF_EACH: usize = 5;

/// What comes of a sample's content: DIGEST and INDEX would refuse most changes for both readers, and hide
/// where they differ about the rest. So every other unsigned stream without checkpoints goes without them.
fn without_index(content: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    for (start, end) in records(content) {
        match content[start] {
            4 | 5 => {}
            6 => plain.extend_from_slice(&UNSIGNED_CLOSE),
            _ => plain.extend_from_slice(&content[start..end]),
        }
    }
    plain
}

/// A CLOSE without INDEX and signature.
const UNSIGNED_CLOSE: [u8; 21] = [
    6, 0, 0, 0, 0, 0, 0, 13, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 21,
];

#[test]
fn one_change_to_the_bytes_is_judged_alike() {
    let mut classes = BTreeMap::<&str, usize>::new();
    for number in 0..streams() {
        let sample = sample(number);
        for change in 0..CHANGES_OF_EACH {
            let mut rng = TestRng::new(&format!("bytes {number} {change}"));
            let mut stream = sample.stream.clone();
            let what = change_stream(&mut stream, &mut rng);
            let what = format!("stream {number}, change {change}: {what}");
            let seen = agree(&stream, &sample.who, &what);
            assert_eq!(seen.class == "success", stream == sample.stream, "{what}");
            *classes.entry(seen.class).or_default() += 1;
        }
    }
    say!(
        "changed bytes: agreed on {0} of {0} ({classes:?})",
        streams() * CHANGES_OF_EACH
    );
}

#[test]
fn one_change_to_the_content_is_judged_alike() {
    let mut classes = BTreeMap::<&str, usize>::new();
    for number in 0..streams() {
        let sample = sample(number);
        let unsealed = unseal(&sample.stream, &sample.who.reference()).unwrap();
        assert_eq!(
            unsealed.reseal(&unsealed.content),
            sample.stream,
            "stream {number}"
        );
        let all = records(&unsealed.content);
        let closes = all
            .iter()
            .filter(|(start, _)| unsealed.content[*start] == 6);
        let plain = !sample.signed && closes.count() == 1;
        for change in 0..CHANGES_OF_EACH {
            let mut rng = TestRng::new(&format!("content {number} {change}"));
            let mut content = unsealed.content.clone();
            if plain && change % 2 == 0 {
                content = without_index(&content);
            }
            let what = change_content(&mut content, &mut rng);
            let what = format!("stream {number}, content {change}: {what}");
            let seen = agree(&unsealed.reseal(&content), &sample.who, &what);
            *classes.entry(seen.class).or_default() += 1;
        }
    }
    say!(
        "changed content: agreed on {0} of {0} ({classes:?})",
        streams() * CHANGES_OF_EACH
    );
}

/// A place in the bytes: one in two in the header, where most of the meaning is.
fn place(bytes: &[u8], header: usize, rng: &mut TestRng) -> usize {
    let any = rng.up_to(1 << 16) * 256 + rng.up_to(256);
    let near = match rng.up_to(4) {
        1 => header,
        2 => 4600,
        _ => bytes.len(),
    };
    any % near.min(bytes.len())
}

/// The frames behind CORE: where each begins, and where the last one ends.
fn frames(stream: &[u8]) -> Vec<usize> {
    let mut rest = Bytes::of(&stream[81..]);
    let mut starts = vec![81];
    while rest.number(1).is_some() {
        rest.prefixed(3).unwrap();
        starts.push(81 + rest.at);
    }
    starts
}

fn change_stream(stream: &mut Vec<u8>, rng: &mut TestRng) -> String {
    let starts = frames(stream);
    let mut frame = || rng.up_to(starts.len() - 1) - 1;
    let (one, other) = (frame(), frame());
    let part = |number: usize| stream[starts[number]..starts[number + 1]].to_vec();
    match rng.up_to(8) {
        1 => {
            let copy = part(one);
            let at = starts[other];
            stream.splice(at..at, copy);
            format!("frame {one} again before {other}")
        }
        2 => {
            stream.drain(starts[one]..starts[one + 1]);
            format!("frame {one} left out")
        }
        3 => {
            let at = starts[one] + rng.up_to(4) - 1;
            stream[at] = rng.take::<1>()[0];
            format!("header of frame {one} at {at}")
        }
        _ => change_bytes(stream, 600, rng),
    }
}

fn change_bytes(bytes: &mut Vec<u8>, header: usize, rng: &mut TestRng) -> String {
    let at = place(bytes, header, rng);
    let [byte, bit] = rng.take();
    match rng.up_to(8) {
        1 => bytes[at] = byte,
        2 => bytes[at] = [0, 1, 0x7F, 0x80, 0xFF][usize::from(byte) % 5],
        3 => bytes.insert(at, byte),
        4 => {
            bytes.remove(at);
        }
        5 => bytes.truncate(at),
        6 => bytes.push(byte),
        7 => {
            let end = (at + rng.up_to(40)).min(bytes.len());
            bytes.drain(at..end);
        }
        _ => bytes[at] ^= 1 << (bit % 8),
    }
    format!("bytes at {at} with {byte:02x}, {bit:02x}")
}

/// Where each record begins, padding aside, and where the last one ends.
fn records(content: &[u8]) -> Vec<(usize, usize)> {
    let mut rest = Bytes::of(content);
    let mut records = Vec::new();
    loop {
        let start = rest.at;
        match rest.number(1) {
            None => return records,
            Some(0) => {}
            Some(_) => {
                rest.prefixed(7).unwrap();
                records.push((start, rest.at));
            }
        }
    }
}

fn change_content(content: &mut Vec<u8>, rng: &mut TestRng) -> String {
    let records = records(content);
    let mut record = || records[rng.up_to(records.len()) - 1];
    let ((start, end), (other, _)) = (record(), record());
    let whole = content[start..end].to_vec();
    match rng.up_to(11) {
        11 => {
            let mut extra = vec![rng.up_to(6) as u8, 0, 0, 0, 0, 0, 0, 0];
            extra[7] = rng.up_to(40) as u8 - 1;
            extra.resize(8 + usize::from(extra[7]), 0x41);
            content.splice(start..start, extra.iter().copied());
            format!("a record {:02x?} before {start}", &extra[..8])
        }
        1 => {
            content.splice(other..other, whole);
            format!("record at {start} again at {other}")
        }
        2 => {
            content.drain(start..end);
            format!("record at {start} left out")
        }
        3 => {
            let kind = [0, 1, 2, 3, 4, 5, 6, 7, 0x80, 0xFF][rng.up_to(10) - 1];
            content[start] = kind;
            format!("record at {start} is of kind {kind}")
        }
        4 => {
            let skippable = [0x91, 0, 0, 0, 0, 0, 0, 3, 1, 2, 3];
            let extra = if rng.up_to(2) == 1 {
                &skippable[..]
            } else {
                &[0]
            };
            content.splice(start..start, extra.iter().copied());
            format!("{} skippable bytes at {start}", extra.len())
        }
        5 => {
            let at = start + rng.up_to(8) - 1;
            content[at] = content[at].wrapping_add(rng.up_to(3) as u8);
            format!("header of the record at {start}, at {at}")
        }
        // Within a record that is not DATA: its bytes have a form.
        6..=8 if content[start] != 3 => {
            let mut body = content[start + 8..end].to_vec();
            if body.is_empty() {
                body.push(0);
            }
            let what = change_bytes(&mut body, 60, rng);
            let len = (body.len() as u64).to_be_bytes();
            content.splice(start + 8..end, body);
            content[start + 1..start + 8].copy_from_slice(&len[1..]);
            format!("inside the record at {start}: {what}")
        }
        _ => change_bytes(content, 200, rng),
    }
}
