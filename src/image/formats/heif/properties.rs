//! Properties: a list of boxes, and for each item the places in the list that are its own.

use super::items::{is_wide, number};
use crate::image::boxes::{Boxes, child};
use crate::image::bytes::{Order::Big, array};
use crate::image::claims::Claims;

/// Reads the claims that an item's properties make.
pub(super) fn of(iprp: &[u8], item: u32) -> Option<Claims> {
    let own = Boxes::new(iprp)
        .filter(|found| &found.kind == b"ipma")
        .find_map(|found| Associations::of(found.body, item))?;
    let (mut size, mut cropped, mut samples) = (None, None, None);
    for (place, property) in (1_u16..).zip(Boxes::new(child(iprp, b"ipco")?)) {
        let slot = match &property.kind {
            b"ispe" => &mut size,
            b"clap" => &mut cropped,
            b"pixi" => &mut samples,
            _ => continue,
        };
        if slot.is_none() && own.contains(place) {
            *slot = Some(property.body);
        }
    }
    let (width, height) = match (cropped, size) {
        (Some(clap), _) => (quotient(clap, 0), quotient(clap, 8)),
        (None, Some(ispe)) => (Big.u32(ispe, 4), Big.u32(ispe, 8)),
        (None, None) => (None, None),
    };
    let [channels, bits] = samples.and_then(|pixi| array(pixi, 4)).unwrap_or_default();
    Some(Claims::of_size(width.unwrap_or(0), height.unwrap_or(0)).with_samples(channels, bits))
}

/// Reads a fraction, rounded down.
fn quotient(clap: &[u8], at: usize) -> Option<u32> {
    let below = Big.u32(clap, at.checked_add(4)?)?;
    Big.u32(clap, at)?.checked_div(below)
}

/// The places of one item's properties, 255 at most.
struct Associations<'a> {
    places: &'a [u8],
    wide: bool,
}

impl<'a> Associations<'a> {
    /// Finds an item's line; the lines are passed one by one.
    fn of(ipma: &'a [u8], item: u32) -> Option<Self> {
        let [_, _, _, flags] = array(ipma, 0)?;
        let wide_items = is_wide(ipma, 0)?;
        let wide = flags & 1 == 1;
        let mut at = 8_usize;
        for _ in 0..Big.u32(ipma, 4)? {
            let id = number(ipma, at, wide_items)?;
            let count = at.checked_add(if wide_items { 4 } else { 2 })?;
            let [places] = array(ipma, count)?;
            let length = usize::from(places).checked_mul(if wide { 2 } else { 1 })?;
            let first = count.checked_add(1)?;
            at = first.checked_add(length)?;
            if id == item {
                return Some(Self {
                    places: ipma.get(first..at)?,
                    wide,
                });
            }
        }
        None
    }

    /// Whether a place is among them; the upper bit of each only says that readers must understand it.
    fn contains(&self, place: u16) -> bool {
        if self.wide {
            let mut places = self.places.chunks_exact(2);
            return places.any(|two| Big.u16(two, 0).is_some_and(|two| two & 0x7FFF == place));
        }
        self.places.iter().any(|one| u16::from(one & 0x7F) == place)
    }
}
