//! All scenarios of the kit.

mod chunks;
mod closes;
mod content;
mod core_frame;
mod frames;
mod manifests;
mod raw_frames;
mod receipts;
mod recipients;
mod sealed;
mod signatures;
mod sound;
mod transfers;
mod unlocking;
mod xwing;

use super::case::{Case, RAW};
use super::close::{Close, SignKey};
use super::file::Vector;
use super::make::{Keys, Maker, Shape, Stream};
use super::records::{Line, index, item, manifest};
use super::script::{Who, pattern};

/// Makes every vector of the kit, in no order that matters.
pub(crate) fn all() -> Vec<Vector> {
    let parts = [
        sealed::all(),
        sound::all(),
        frames::all(),
        core_frame::all(),
        recipients::all(),
        unlocking::all(),
        xwing::all(),
        chunks::all(),
        content::all(),
        manifests::all(),
        raw_frames::all(),
        closes::all(),
        signatures::all(),
        receipts::all(),
        transfers::all(),
    ];
    parts.concat()
}

const NAME: &str = "a.txt";
const SENDER: &str = "sender_ed25519";
const SENDER_PUB: &str = "sender_ed25519.pub";

/// A writer with the usual recipient.
fn maker(seed: &str, shape: Shape) -> Maker {
    let mut maker = Maker::new(seed, shape);
    maker.add(&Who::Raw(RAW));
    maker
}

/// One item with INDEX; what is missing is CLOSE.
fn one_item(seed: &str, shape: Shape, original: &[u8]) -> (Maker, u64) {
    let mut maker = maker(seed, shape);
    maker.push(&item(NAME, original));
    let index_offset = maker.offset();
    maker.push(&index(&[Line::new(0, original, NAME)]));
    (maker, index_offset)
}

/// A sound stream of one item, unsigned.
fn good(seed: &str, shape: Shape, original: &[u8]) -> (Stream, Keys) {
    let (maker, index_offset) = one_item(seed, shape, original);
    let keys = maker.keys.clone();
    (maker.finish(Close::unsigned(index_offset), None), keys)
}

/// A sound stream of one chunk.
fn small(seed: &str) -> (Stream, Keys) {
    good(seed, Shape::CBC, b"white")
}

/// The original of [`three_chunks`].
fn nine_thousand() -> Vec<u8> {
    pattern(9000)
}

/// A sound stream of two CHUNKs and FINAL.
fn three_chunks(seed: &str, shape: Shape) -> (Stream, Keys) {
    good(seed, shape, &nine_thousand())
}

/// How much of [`nine_thousand`] the first `chunks` chunks hold.
fn in_first(chunks: usize) -> Vec<u8> {
    let before = 8 + manifest(NAME).len() + 8;
    nine_thousand()[..(chunks * 4096).saturating_sub(before)].to_vec()
}

/// A scenario that ends before anything is released.
fn refused(name: &'static str, expect: &str, spec: &str, comment: &str) -> Case {
    Case::new(name, expect, spec, comment).raw()
}

/// One item, INDEX, and a CLOSE by the sender that `change` changed before it was signed.
fn signed(case: Case, key: &SignKey, change: impl FnOnce(&mut Close)) -> Vector {
    let (maker, index_offset) = one_item(case.name, Shape::CBC.signed(), b"white");
    let case = case.cek(&maker.keys);
    let mut close = Close::by(key, index_offset);
    change(&mut close);
    case.stream(maker.finish(close, Some(key)).bytes())
}

/// A writer of one item, without INDEX.
fn item_only(name: &str, shape: Shape) -> Maker {
    let mut maker = maker(name, shape);
    maker.push(&item(NAME, b"white"));
    maker
}
