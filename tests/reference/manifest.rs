//! MANIFEST: deterministic CBOR (RFC 8949 section 4.2.1), SPEC section 7.2.

use super::frame::{self, Frame};

/// What an item says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Manifest {
    pub(crate) format: String,
    pub(crate) media_type: String,
    pub(crate) width: Option<u64>,
    pub(crate) height: Option<u64>,
    pub(crate) frames: Option<u64>,
    pub(crate) samples: Option<u64>,
    pub(crate) bits: Option<u64>,
    pub(crate) name: Option<String>,
    pub(crate) time: Option<i64>,
    pub(crate) words: Vec<(String, String)>,
    pub(crate) preview_of: Option<[u8; 32]>,
    pub(crate) frame: Option<Frame>,
}

/// A value of the types that a manifest may hold.
pub(crate) enum Value<'a> {
    Integer(i128),
    Text(&'a str),
    Bytes(&'a [u8]),
    Words(Vec<(String, String)>),
}

/// Reads the one encoding of a manifest; whatever is wrong is one thing [M-MAN-1].
pub(crate) fn parse(body: &[u8]) -> Option<Manifest> {
    let mut rest = body;
    let (5, keys) = head(&mut rest)? else {
        return None;
    };
    // [M-MAN-4]
    if keys > 64 || body.len() > 65_536 {
        return None;
    }
    let mut manifest = Manifest::default();
    let (mut before, mut required) = (None, 0);
    for _ in 0..keys {
        let (0, key) = head(&mut rest)? else {
            return None;
        };
        // Ascending, and so none stands twice.
        if before.is_some_and(|before| before >= key) {
            return None;
        }
        before = Some(key);
        required += u32::from(key == 1 || key == 2);
        if key == 12 {
            manifest.frame = Some(frame::parse(&mut rest)?);
            continue;
        }
        let value = value(&mut rest)?;
        set(&mut manifest, key, value)?;
    }
    let framed = manifest.frame.as_ref();
    let sound = framed.is_none_or(|frame| frame::is_sound(frame, &manifest));
    (rest.is_empty() && required == 2 && sound).then_some(manifest)
}

fn set(manifest: &mut Manifest, key: u64, value: Value<'_>) -> Option<()> {
    match (key, value) {
        (1, Value::Text(text)) => manifest.format = word(text)?,
        (2, Value::Text(text)) => manifest.media_type = word(text)?,
        (3, Value::Integer(number)) => manifest.width = Some(up_to(number, u32::MAX.into())?),
        (4, Value::Integer(number)) => manifest.height = Some(up_to(number, u32::MAX.into())?),
        (5, Value::Integer(number)) => manifest.frames = Some(up_to(number, u32::MAX.into())?),
        (6, Value::Integer(number)) => manifest.samples = Some(up_to(number, 255)?),
        (7, Value::Integer(number)) => manifest.bits = Some(up_to(number, 255)?),
        (8, Value::Text(text)) if (1..=1024).contains(&text.len()) => {
            manifest.name = Some(text.to_owned());
        }
        (9, Value::Integer(number)) => manifest.time = Some(number.try_into().ok()?),
        (10, Value::Words(words)) => manifest.words = words,
        (11, Value::Bytes(bytes)) => manifest.preview_of = Some(bytes.try_into().ok()?),
        // [M-MAN-3]
        (128.., Value::Integer(number)) => {
            i64::try_from(number).ok()?;
        }
        (128.., Value::Text(_) | Value::Bytes(_)) => {}
        // [M-MAN-2], and values of another type.
        _ => return None,
    }
    Some(())
}

pub(crate) fn word(text: &str) -> Option<String> {
    let visible = text.bytes().all(|byte| (0x21..=0x7E).contains(&byte));
    (visible && (1..=127).contains(&text.len())).then(|| text.to_owned())
}

pub(crate) fn up_to(number: i128, most: u64) -> Option<u64> {
    u64::try_from(number).ok().filter(|number| *number <= most)
}

fn take<'a>(rest: &mut &'a [u8], len: u64) -> Option<&'a [u8]> {
    let (taken, behind) = rest.split_at_checked(usize::try_from(len).ok()?)?;
    *rest = behind;
    Some(taken)
}

/// Major type and argument, in the shortest form; no indefinite length.
pub(crate) fn head(rest: &mut &[u8]) -> Option<(u8, u64)> {
    let first = take(rest, 1)?[0];
    let (least, len) = match first & 31 {
        direct @ 0..24 => return Some((first >> 5, direct.into())),
        24 => (24, 1),
        25 => (1 << 8, 2),
        26 => (1 << 16, 4),
        27 => (1 << 32, 8),
        _ => return None,
    };
    let argument = take(rest, len)?
        .iter()
        .fold(0, |number, byte| number << 8 | u64::from(*byte));
    (argument >= least).then_some((first >> 5, argument))
}

pub(crate) fn value<'a>(rest: &mut &'a [u8]) -> Option<Value<'a>> {
    let (major, argument) = head(rest)?;
    Some(match major {
        0 => Value::Integer(argument.into()),
        1 => Value::Integer(-1 - i128::from(argument)),
        2 => Value::Bytes(take(rest, argument)?),
        3 => Value::Text(core::str::from_utf8(take(rest, argument)?).ok()?),
        5 => Value::Words(words(rest, argument)?),
        _ => return None,
    })
}

/// `{ 1*64 (tstr => tstr) }`, the names in the order of their encodings.
fn words(rest: &mut &[u8], count: u64) -> Option<Vec<(String, String)>> {
    if !(1..=64).contains(&count) {
        return None;
    }
    let mut words = Vec::new();
    let mut before: &[u8] = &[];
    for _ in 0..count {
        let start = *rest;
        let Value::Text(name) = value(rest)? else {
            return None;
        };
        let encoding = &start[..start.len() - rest.len()];
        if encoding <= before {
            return None;
        }
        before = encoding;
        let Value::Text(text) = value(rest)? else {
            return None;
        };
        words.push((name.to_owned(), text.to_owned()));
    }
    Some(words)
}
