//! Streams whose connections break: they go on, arrive whole and are stored once, wherever the break was.
//!
//! The links are in memory, and break, flip, stall and dribble as a plan says. `SECIMG_EVERY_OFFSET=1` breaks at each
//! byte and not at some, `SECIMG_SESSIONS=N` runs N seeded sessions.

use std::env;

use secimg::transport::{Transport, deliver_by};

use super::*;
use crate::faulty::Way;
use crate::house::{House, Sealed, quick};
use crate::sessions::{Session, session};

fn cut(at: usize) -> Way {
    Way {
        cut: Some(at),
        ..Way::default()
    }
}

/// All of them, or one in so many and the last ones.
fn offsets(end: usize, step: usize) -> impl Iterator<Item = usize> {
    let step = if env::var_os("SECIMG_EVERY_OFFSET").is_some() {
        1
    } else {
        step
    };
    (0..=end).filter(move |at| at.is_multiple_of(step) || *at + 3 > end)
}

#[track_caller]
fn arrives_once(house: &House, stream: &Sealed, what: &str) {
    let sent = house.send(stream);
    assert!(sent.is_ok(), "{what}: {sent:?}");
    let stored = house.stored();
    assert!(
        stored.len() == 1 && stored[0] == stream.images,
        "{what}: {} times",
        stored.len()
    );
    assert_eq!(house.parts.keys(), [""; 0], "{what}");
}

/// A reset at an offset of the way there, and of the way back.
#[test]
fn a_connection_that_breaks_anywhere_goes_on() {
    let stream = Sealed::new();
    let mut cases = 0;
    for at in offsets(stream.bytes.len(), 61) {
        let house = House::new([(cut(at), Way::default())]);
        arrives_once(&house, &stream, &format!("cut there at {at}"));
        cases += 1;
    }
    for at in offsets(RECEIPT_LEN, 7) {
        let house = House::new([(Way::default(), cut(at))]);
        arrives_once(&house, &stream, &format!("cut back at {at}"));
        cases += 1;
    }
    say!("{cases} of {cases} resets: resumed, stored once");
}

/// The second connection breaks too: in the question, the answer, the header, and what is left of the payload.
#[test]
fn going_on_can_be_broken_as_well() {
    let stream = Sealed::new();
    let mut cases = 0;
    for first in [stream.bytes.len() - 1, stream.bytes.len() * 3 / 4] {
        for at in offsets(40 + 8 + stream.bytes.len(), 97) {
            let house = House::new([(cut(first), Way::default()), (cut(at), Way::default())]);
            arrives_once(&house, &stream, &format!("cut at {first}, then at {at}"));
            cases += 1;
        }
        for at in offsets(80 + RECEIPT_LEN, 11) {
            let house = House::new([(cut(first), Way::default()), (Way::default(), cut(at))]);
            arrives_once(
                &house,
                &stream,
                &format!("cut at {first}, then back at {at}"),
            );
            cases += 1;
        }
    }
    say!("{cases} of {cases} second resets: resumed, stored once");
}

/// What is there is not sent again.
#[test]
fn only_what_is_missing_is_sent() {
    let stream = Sealed::new();
    let mut outgoing = stream.outgoing();
    let last = usize::try_from(outgoing.offset_of(outgoing.chunks())).unwrap();
    let house = House::new([(cut(last), Way::default())]);
    deliver_by(&house, "", &mut outgoing, &quick(), &mut |_, _| {}).unwrap();
    assert_eq!(outgoing.resumed_at(), last as u64);
    assert_eq!((house.stored().len(), *house.calls.lock().unwrap()), (1, 2));
}

/// The receiver holds other bytes than the sender has: a disk that failed, or somebody who knows the stream's name.
#[test]
fn a_part_that_differs_is_not_gone_on_with() {
    let stream = Sealed::new();
    let house = House::new([(cut(stream.bytes.len() - 1), Way::default())]);
    let mut outgoing = stream.outgoing();
    let failed = house
        .connect("", PATIENCE)
        .map(|mut link| link.write_all(&stream.bytes));
    assert!(failed.unwrap().is_err());
    let rooms: Vec<_> = house.rooms.lock().unwrap().drain(..).collect();
    for room in rooms {
        room.join().unwrap();
    }
    let key = house.parts.keys().remove(0);
    let mut part = house.parts.claim(&key).unwrap();
    let whole = part.len();
    part.truncate(whole - 1).unwrap();
    part.append(b"x").unwrap();
    drop(part);
    outgoing = outgoing.asking();
    deliver_by(&house, "", &mut outgoing, &quick(), &mut |_, _| {}).unwrap();
    assert_eq!(outgoing.resumed_at(), 0);
    assert!(house.stored() == [stream.images.clone()]);
}

/// Who asks what is held, and hears what is neither an answer nor a receipt, does not wait for more of it.
#[test]
fn a_changed_answer_is_not_waited_for() {
    let stream = Sealed::new();
    for at in 0..80 {
        let there = cut(stream.bytes.len() * 3 / 4);
        let changed = Way {
            flip: Some(at),
            ..Way::default()
        };
        let house = House::new([(there, Way::default()), (Way::default(), changed)]);
        let sent = house.send(&stream);
        assert!(
            matches!(sent, Ok(()) | Err(TransportError::FalseReceipt)),
            "byte {at}: {sent:?}"
        );
        assert_eq!(house.stalled(), 0, "byte {at}: somebody waited in vain");
    }
}

fn hex_literal(text: &str) -> Vec<u8> {
    let byte = |at| u8::from_str_radix(&text[at..at + 2], 16).unwrap();
    (0..text.len()).step_by(2).map(byte).collect()
}

/// Somebody who wants to go on with what is not here, or with another stream than he named.
#[test]
fn a_false_beginning_is_refused() {
    let stream = Sealed::new();
    let id = stream.outgoing().transfer_id();
    let query = [&[0x89, b'S', b'I', b'M', b'Q', 0x0D, 0x0A, 0x1A][..], &id].concat();
    let other = [&query[..8], &[7; 32]].concat();
    let beginnings = [
        (query.clone(), 1_u64.to_be_bytes()),
        (query, u64::MAX.to_be_bytes()),
        (other, 0_u64.to_be_bytes()),
    ];
    for (query, start) in beginnings {
        let house = House::new([]);
        let mut link = house.connect("", PATIENCE).unwrap();
        link.write_all(&query).unwrap();
        let mut held = [0; 80];
        link.read_exact(&mut held).unwrap();
        assert_eq!(held[8..40], query[8..]);
        assert_eq!(held[40..48], [0; 8], "nothing is held");
        let nothing =
            hex_literal("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assert_eq!(held[48..], nothing, "SHA-256 of nothing");
        let sent = link.write_all(&[&start[..], &stream.bytes].concat());
        let answer = await_receipt(&mut link, &id, None);
        assert!(
            matches!(answer, Err(TransportError::Refused)),
            "{answer:?} {sent:?}"
        );
        drop(link);
        assert!(house.stored().is_empty());
    }
}

/// Dribbled, interrupted, cut, late, changed and sent twice: what is stored is right, and once.
#[test]
fn whatever_happens_on_the_way_nothing_wrong_is_stored() {
    let sessions = env::var("SECIMG_SESSIONS").map_or(300, |n| n.parse().unwrap());
    let stream = Sealed::new();
    let mut all = Session::default();
    for seed in 0..sessions {
        all.add(session(seed, &stream).unwrap());
    }
    say!(
        "{sessions} sessions, {} connections: {} delivered, {} changed on the way and refused, 0 wrong, 0 hung",
        all.connections,
        all.delivered,
        all.refused
    );
}
