//! Key 12 of a manifest: raw frames, SPEC section 7.7.

use super::manifest::{Manifest, Value, head, up_to, value, word};

/// What a frame's samples are, in the words that stand there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) sample_type: String,
    pub(crate) bits_stored: u64,
    pub(crate) meaning: String,
    pub(crate) byte_order: String,
    pub(crate) time: Option<i64>,
    pub(crate) transform: Option<String>,
    pub(crate) sha256: Option<[u8; 32]>,
}

/// Reads the one encoding of a layout [M-SAMPLE-1].
pub(crate) fn parse(rest: &mut &[u8]) -> Option<Frame> {
    let (5, keys) = head(rest)? else {
        return None;
    };
    let mut frame = Frame::default();
    let mut seen = Vec::new();
    for _ in 0..keys {
        let (0, key) = head(rest)? else {
            return None;
        };
        if seen.last().is_some_and(|before| *before >= key) {
            return None;
        }
        seen.push(key);
        set(&mut frame, key, value(rest)?)?;
    }
    let has_all = (1..=4).all(|key| seen.contains(&key));
    let together = frame.transform.is_some() == frame.sha256.is_some();
    (has_all && together).then_some(frame)
}

fn set(frame: &mut Frame, key: u64, value: Value<'_>) -> Option<()> {
    match (key, value) {
        (1, Value::Text(text)) => text.clone_into(&mut frame.sample_type),
        (2, Value::Integer(number)) => frame.bits_stored = up_to(number, 32)?,
        (3, Value::Text(text)) => text.clone_into(&mut frame.meaning),
        (4, Value::Text(text)) => text.clone_into(&mut frame.byte_order),
        (5, Value::Integer(number)) => frame.time = Some(number.try_into().ok()?),
        (6, Value::Text(text)) => frame.transform = Some(word(text)?),
        (7, Value::Bytes(bytes)) => frame.sha256 = Some(bytes.try_into().ok()?),
        _ => return None,
    }
    Some(())
}

/// Whether the words are known, and the manifest says the same [M-SAMPLE-1, M-SAMPLE-2].
pub(crate) fn is_sound(frame: &Frame, manifest: &Manifest) -> bool {
    let bits = match frame.sample_type.as_str() {
        "u8" => 8,
        "u16" | "i16" => 16,
        "f32" => 32,
        _ => return false,
    };
    let samples = match frame.meaning.as_str() {
        "MONOCHROME1" | "MONOCHROME2" => 1..=1,
        "RGB" | "YBR_FULL" | "BGR" => 3..=3,
        "RGBA" | "BGRA" => 4..=4,
        "UNSPECIFIED" => 1..=4,
        _ => return false,
    };
    let ordered = match frame.byte_order.as_str() {
        "little" => true,
        "big" => bits > 8,
        _ => false,
    };
    let (Some(width), Some(height)) = (manifest.width, manifest.height) else {
        return false;
    };
    let of_samples = |count: u64| u128::from(width) * u128::from(height) * u128::from(count);
    ordered
        && width > 0
        && height > 0
        && (1..=bits).contains(&frame.bits_stored)
        && manifest.bits == Some(bits)
        && manifest.samples.is_some_and(|count| {
            samples.contains(&count) && of_samples(count) * u128::from(bits / 8) <= 1 << 40
        })
}
