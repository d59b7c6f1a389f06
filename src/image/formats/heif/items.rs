//! Items: which one is primary, and how many are pictures to be shown.

use crate::image::boxes::Boxes;
use crate::image::bytes::{Order::Big, array};

/// Reads the primary item's number.
pub(super) fn primary(pitm: &[u8]) -> Option<u32> {
    number(pitm, 4, is_wide(pitm, 0)?)
}

/// Counts the pictures that a viewer shows: no hidden ones, as tiles are, no thumbnails and no masks.
pub(super) fn pictures(iinf: &[u8], iref: &[u8]) -> Option<u32> {
    let list = iinf.get(if is_wide(iinf, 0)? { 8 } else { 6 }..)?;
    let mut count = 0_u32;
    let shown = Boxes::new(list).filter_map(|entry| shown(entry.body));
    for (seen, id) in shown.enumerate() {
        // Each of them costs a walk over the references.
        if seen >= MAX_SHOWN {
            return None;
        }
        if !is_auxiliary(iref, id) {
            count = count.checked_add(1)?;
        }
    }
    Some(count)
}

/// Returns the number of an item that is a picture and not hidden.
fn shown(infe: &[u8]) -> Option<u32> {
    let [version, _, _, flags] = array(infe, 0)?;
    let wide = match version {
        2 => false,
        3 => true,
        _ => return None,
    };
    let kind = array(infe, if wide { 10 } else { 8 })?;
    (flags & HIDDEN == 0 && PICTURES.contains(&&kind)).then_some(number(infe, 4, wide)?)
}

/// Whether an item is there for another one's sake.
fn is_auxiliary(iref: &[u8], id: u32) -> bool {
    let wide = is_wide(iref, 0).unwrap_or(false);
    Boxes::new(iref.get(4..).unwrap_or_default()).any(|reference| {
        matches!(&reference.kind, b"thmb" | b"auxl") && number(reference.body, 0, wide) == Some(id)
    })
}

/// Whether a box's version is one with the longer numbers.
pub(super) fn is_wide(full_box: &[u8], narrow: u8) -> Option<bool> {
    Some(*full_box.first()? > narrow)
}

/// Reads an item's number, in two bytes or four.
pub(super) fn number(bytes: &[u8], at: usize, wide: bool) -> Option<u32> {
    if wide {
        Big.u32(bytes, at)
    } else {
        Big.u16(bytes, at).map(u32::from)
    }
}

const HIDDEN: u8 = 1;
const MAX_SHOWN: usize = 64;
/// Coded images of every kind, and those that are put together.
const PICTURES: [&[u8; 4]; 12] = [
    b"hvc1", b"hev1", b"lhv1", b"av01", b"avc1", b"vvc1", b"evc1", b"jpeg", b"j2k1", b"unci",
    b"grid", b"iovl",
];
