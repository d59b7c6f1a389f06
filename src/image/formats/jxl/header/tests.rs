//! Bits written one by one.

use super::*;

/// Writes bits, the lowest first.
#[derive(Default)]
pub(in crate::image) struct Writer(Vec<bool>);

impl Writer {
    pub(in crate::image) fn put(&mut self, value: u64, length: u32) {
        self.0
            .extend((0..length).map(|place| value >> place & 1 == 1));
    }

    pub(in crate::image) fn bytes(&self) -> Vec<u8> {
        let byte = |bits: &[bool]| {
            bits.iter()
                .rev()
                .fold(0, |byte, bit| byte << 1 | u8::from(*bit))
        };
        self.0.chunks(8).map(byte).collect()
    }
}

fn bytes(fields: &[(u64, u32)]) -> Vec<u8> {
    let mut writer = Writer::default();
    for (value, length) in fields {
        writer.put(*value, *length);
    }
    writer.bytes()
}

fn metadata(fields: &[(u64, u32)]) -> Claims {
    Bits::new(&bytes(fields)).metadata(Claims::default())
}

#[test]
fn sizes_in_eights_in_bits_and_by_ratio() {
    let size = |fields: &[(u64, u32)]| Bits::new(&bytes(fields)).size();
    assert_eq!(size(&[(1, 1), (31, 5), (0, 3), (0, 5)]), Some((8, 256)));
    assert_eq!(size(&[(0, 1), (1, 2), (599, 13), (3, 3)]), Some((800, 600)));
    assert_eq!(size(&[(1, 1), (0, 5), (5, 3)]), Some((14, 8)));
    assert_eq!(
        size(&[(0, 1), (2, 2), (7, 18), (0, 3), (1, 2), (0, 13)]),
        Some((1, 8))
    );
    assert_eq!(size(&[(0, 1), (2, 2), (7, 18), (0, 3), (1, 2)]), None);
}

#[test]
fn plain_metadata() {
    let plain = Claims::default().with_frames(Some(1));
    assert_eq!(metadata(&[(1, 1)]), plain.with_samples(3, 8));
    // No rare fields, ten bits, one plain alpha, colours by default.
    let alpha = [
        (0, 1),
        (0, 1),
        (0, 1),
        (1, 2),
        (1, 1),
        (1, 2),
        (1, 1),
        (1, 1),
        (1, 1),
    ];
    assert_eq!(metadata(&alpha), plain.with_samples(4, 10));
    // Grey halves.
    let grey = [
        (0, 1),
        (0, 1),
        (1, 1),
        (1, 2),
        (4, 4),
        (1, 1),
        (0, 2),
        (0, 1),
        (0, 1),
        (0, 1),
        (1, 2),
    ];
    assert_eq!(metadata(&grey), plain.with_samples(1, 16));
}

#[test]
fn rare_fields_are_stepped_over() {
    let mut fields = vec![(0, 1), (1, 1), (7, 3)];
    // An intrinsic size, a preview, an animation.
    fields.extend([(1, 1), (1, 1), (3, 5), (1, 3)]);
    fields.extend([(1, 1), (0, 1), (0, 2), (9, 6), (0, 3), (3, 2), (9, 12)]);
    fields.extend([
        (1, 1),
        (3, 2),
        (9, 30),
        (2, 2),
        (9, 8),
        (3, 2),
        (9, 32),
        (1, 1),
    ]);
    // Twelve bits; a named depth channel, a spot colour, a filter array.
    fields.extend([(0, 1), (2, 2), (1, 1), (2, 2), (1, 4)]);
    fields.extend([
        (0, 1),
        (1, 2),
        (0, 1),
        (0, 2),
        (0, 2),
        (1, 2),
        (3, 4),
        (0x61_6263, 24),
    ]);
    fields.extend([
        (0, 1),
        (2, 2),
        (0, 4),
        (0, 1),
        (0, 2),
        (0, 2),
        (0, 2),
        (7, 64),
    ]);
    fields.extend([
        (0, 1),
        (2, 2),
        (3, 4),
        (0, 1),
        (0, 2),
        (0, 2),
        (0, 2),
        (3, 2),
        (9, 8),
    ]);
    fields.extend([(1, 1), (1, 1)]);
    let expected = Claims::default().with_samples(6, 12);
    assert_eq!(metadata(&fields), expected);
    let still = metadata(&[(0, 1), (1, 1), (5, 3), (0, 3), (0, 1), (3, 2), (40, 6)]);
    assert_eq!((still.frames, still.bits), (Some(1), None));
}
