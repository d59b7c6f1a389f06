//! Data elements (PS3.5, section 7): a walk over the outermost ones, whatever nests inside them.
//!
//! ```text
//! explicit   tag u16 u16  VR 2  length u16  value         or   tag  VR 2  00 00  length u32  value
//! implicit   tag u16 u16  length u32  value                    also for items and delimiters in every syntax
//! ```
//!
//! A length of FFFFFFFF means that items follow up to a delimiter. The walk keeps no stack: it counts how many of
//! them are open, so hostile nesting costs neither memory nor depth, and each step goes forward by 8 bytes or more.

use crate::image::bytes::{
    Order::{self, Big, Little},
    array, slice,
};

/// How elements are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Syntax {
    /// The order of the bytes of all numbers.
    pub(super) order: Order,
    /// Whether headers name the value's type.
    pub(super) explicit: bool,
}

impl Syntax {
    /// Guesses the syntax from the first element's header.
    ///
    /// The first group is a small number, so its two bytes show their order.
    pub(super) fn guess(bytes: &[u8], at: usize) -> Option<Self> {
        let order = if Little.u16(bytes, at)? < 0x0400 {
            Little
        } else {
            Big
        };
        let vr = array(bytes, at.checked_add(4)?)?;
        Some(Self {
            order,
            explicit: is_vr(vr),
        })
    }
}

/// One outermost element.
#[derive(Debug, Clone, Copy)]
pub(super) struct Element<'a> {
    /// Group and element number.
    pub(super) tag: u32,
    /// The whole value; empty for one that is made of items and has no length of its own.
    pub(super) value: &'a [u8],
}

impl Element<'_> {
    /// Returns the upper half of the tag.
    pub(super) fn group(&self) -> u32 {
        self.tag >> 16
    }
}

/// Iterates over outermost elements until the bytes end or make no sense.
#[derive(Debug)]
pub(super) struct Elements<'a> {
    bytes: &'a [u8],
    at: usize,
    syntax: Syntax,
    /// How many values without length are open.
    depth: usize,
    /// The depth at which a value of unknown type began, whose inside is implicit little endian.
    unknown: Option<usize>,
}

struct Header {
    tag: u32,
    vr: Option<[u8; 2]>,
    length: u32,
    body: usize,
}

impl<'a> Elements<'a> {
    /// Starts at an element's first byte.
    pub(super) fn new(bytes: &'a [u8], at: usize, syntax: Syntax) -> Self {
        Self {
            bytes,
            at,
            syntax,
            depth: 0,
            unknown: None,
        }
    }

    /// Returns the offset of the next header.
    pub(super) fn position(&self) -> usize {
        self.at
    }

    /// Returns the order of the bytes of numbers in values.
    pub(super) fn order(&self) -> Order {
        self.syntax.order
    }

    /// Looks at the group of the next element.
    pub(super) fn next_group(&self) -> Option<u16> {
        self.syntax.order.u16(self.bytes, self.at)
    }

    fn header(&self) -> Option<Header> {
        let Syntax { order, explicit } = match self.unknown {
            Some(_) => IMPLICIT,
            None => self.syntax,
        };
        let at = |offset: usize| self.at.checked_add(offset);
        let group = u32::from(order.u16(self.bytes, at(0)?)?);
        let tag = group << 16 | u32::from(order.u16(self.bytes, at(2)?)?);
        let vr: [u8; 2] = array(self.bytes, at(4)?)?;
        // Writers exist that fall back to implicit headers inside an explicit data set.
        let vr = Some(vr).filter(|vr| explicit && group != ITEM_GROUP && is_vr(*vr));
        let (length, body) = match vr {
            None => (order.u32(self.bytes, at(4)?)?, at(8)?),
            Some(vr) if SHORT.contains(&&vr) => (order.u16(self.bytes, at(6)?)?.into(), at(8)?),
            Some(_) => (order.u32(self.bytes, at(8)?)?, at(12)?),
        };
        Some(Header {
            tag,
            vr,
            length,
            body,
        })
    }

    /// Goes into a value that ends by a delimiter.
    fn open(&mut self, vr: Option<[u8; 2]>) -> Option<()> {
        if vr == Some(*b"UN") {
            self.unknown = self.unknown.or(Some(self.depth));
        }
        self.depth = self.depth.checked_add(1)?;
        Some(())
    }

    /// Leaves the innermost open value; a delimiter with nothing to end is the end of sense.
    fn close(&mut self) -> Option<()> {
        self.depth = self.depth.checked_sub(1)?;
        self.unknown = self.unknown.filter(|depth| *depth < self.depth);
        Some(())
    }
}

impl<'a> Iterator for Elements<'a> {
    type Item = Element<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let header = self.header()?;
            let outermost = self.depth == 0;
            let mut value = &[][..];
            self.at = header.body;
            match header {
                Header {
                    tag: ITEM_END | SEQUENCE_END,
                    ..
                } => self.close()?,
                Header {
                    length: UNDEFINED,
                    vr,
                    ..
                } => self.open(vr)?,
                Header { length, body, .. } => {
                    let length = usize::try_from(length).ok()?;
                    value = slice(self.bytes, body, length)?;
                    self.at = body.checked_add(length)?;
                }
            }
            if outermost {
                return Some(Element {
                    tag: header.tag,
                    value,
                });
            }
        }
    }
}

fn is_vr(bytes: [u8; 2]) -> bool {
    bytes.iter().all(u8::is_ascii_uppercase)
}

const IMPLICIT: Syntax = Syntax {
    order: Little,
    explicit: false,
};
const ITEM_GROUP: u32 = 0xFFFE;
const ITEM_END: u32 = 0xFFFE_E00D;
const SEQUENCE_END: u32 = 0xFFFE_E0DD;
const UNDEFINED: u32 = u32::MAX;
/// The types with a length of 16 bits; all others, known or to come, have 32 (PS3.5, 6.2).
const SHORT: [&[u8; 2]; 21] = [
    b"AE", b"AS", b"AT", b"CS", b"DA", b"DS", b"DT", b"FD", b"FL", b"IS", b"LO", b"LT", b"PN",
    b"SH", b"SL", b"SS", b"ST", b"TM", b"UI", b"UL", b"US",
];
