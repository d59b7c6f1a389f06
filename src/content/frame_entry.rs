//! Key 12 of a manifest: what the samples of a raw frame are (SPEC section 7.7).

use minicbor::{Decoder, Encoder};

use super::manifest::{Encoded, Problem};
use crate::format::{ByteOrder, FrameLayout, PhotometricInterpretation, SampleType};

/// The longest name of a transform.
const MAX_NAME: usize = 127;

mod key {
    pub(super) const SAMPLE_TYPE: u64 = 1;
    pub(super) const BITS_STORED: u64 = 2;
    pub(super) const PHOTOMETRIC_INTERPRETATION: u64 = 3;
    pub(super) const BYTE_ORDER: u64 = 4;
    pub(super) const TIME: u64 = 5;
    pub(super) const TRANSFORM: u64 = 6;
    pub(super) const SHA256: u64 = 7;
}

/// What DATA of a raw frame holds.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FrameEntry {
    /// What the samples are. Rows, columns and samples per pixel are those of the manifest itself.
    pub layout: FrameLayout,
    /// What was done to the samples; nothing where DATA holds them as they are.
    pub transform: Option<FrameTransform>,
}

/// What was done to the samples of a frame before they were sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FrameTransform {
    /// Its name, 1 to 127 visible ASCII characters; it may be one that this version does not know.
    pub name: String,
    /// SHA-256 of the samples as they were, rows without gaps.
    pub sha256: [u8; 32],
}

impl FrameEntry {
    /// Says that DATA holds the samples as they are.
    #[must_use]
    pub const fn new(layout: FrameLayout) -> Self {
        Self {
            layout,
            transform: None,
        }
    }

    /// Says that DATA holds what a transform made of samples with this SHA-256.
    #[must_use]
    pub fn transformed(mut self, name: &str, sha256: [u8; 32]) -> Self {
        self.transform = Some(FrameTransform {
            name: name.to_owned(),
            sha256,
        });
        self
    }

    pub(super) fn check(&self) -> Result<(), &'static str> {
        self.layout.check().map_err(|error| error.reason)?;
        let word = |name: &str| {
            (1..=MAX_NAME).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_graphic())
        };
        match &self.transform {
            Some(transform) if !word(&transform.name) => {
                Err("a transform's name must be 1 to 127 visible ASCII characters")
            }
            _ => Ok(()),
        }
    }

    pub(super) fn encode(&self, e: &mut Encoder<&mut Vec<u8>>) -> Encoded {
        let layout = &self.layout;
        let optional = [layout.time.is_some(), self.transform.is_some()].map(u64::from);
        let [time, transform] = optional;
        // A transform has two keys.
        let keys = time.saturating_add(transform).saturating_add(transform);
        e.map(keys.saturating_add(4))?;
        e.u64(key::SAMPLE_TYPE)?.str(layout.sample_type.name())?;
        e.u64(key::BITS_STORED)?.u8(layout.bits_stored)?;
        e.u64(key::PHOTOMETRIC_INTERPRETATION)?
            .str(layout.photometric_interpretation.name())?;
        e.u64(key::BYTE_ORDER)?.str(layout.byte_order.name())?;
        if let Some(time) = layout.time {
            e.u64(key::TIME)?.i64(time)?;
        }
        if let Some(transform) = &self.transform {
            e.u64(key::TRANSFORM)?.str(&transform.name)?;
            e.u64(key::SHA256)?.bytes(&transform.sha256)?;
        }
        Ok(())
    }

    /// Parses the map; what it does not hold was read before it. Order and form are the manifest's to check.
    pub(super) fn parse(
        d: &mut Decoder<'_>,
        rows: u32,
        columns: u32,
        samples_per_pixel: u8,
    ) -> Result<Self, Problem> {
        let keys = d.map()?.ok_or(Problem("a map of indefinite length"))?;
        let mut fields = Fields::default();
        for _ in 0..keys {
            fields.parse(d)?;
        }
        let missing = Problem("the frame's layout lacks a field");
        let sample_type = fields.sample_type.ok_or(missing)?;
        let mut layout =
            FrameLayout::new(rows, columns, sample_type).samples_per_pixel(samples_per_pixel);
        layout.bits_stored = fields.bits_stored.ok_or(missing)?;
        layout.photometric_interpretation = fields.meaning.ok_or(missing)?;
        layout.byte_order = fields.byte_order.ok_or(missing)?;
        layout.time = fields.time;
        let transform = match (fields.transform, fields.sha256) {
            (Some(name), Some(sha256)) => Some(FrameTransform { name, sha256 }),
            (None, None) => None,
            _ => return Err(Problem("a transform and a digest stand together")),
        };
        Ok(Self { layout, transform })
    }
}

#[derive(Default)]
struct Fields {
    sample_type: Option<SampleType>,
    bits_stored: Option<u8>,
    meaning: Option<PhotometricInterpretation>,
    byte_order: Option<ByteOrder>,
    time: Option<i64>,
    transform: Option<String>,
    sha256: Option<[u8; 32]>,
}

impl Fields {
    fn parse(&mut self, d: &mut Decoder<'_>) -> Result<(), Problem> {
        match d.u64()? {
            key::SAMPLE_TYPE => {
                let found = SampleType::from_name(d.str()?);
                self.sample_type = Some(found.ok_or(Problem("an unknown type of sample"))?);
            }
            key::BITS_STORED => self.bits_stored = Some(d.u8()?),
            key::PHOTOMETRIC_INTERPRETATION => {
                let found = PhotometricInterpretation::from_name(d.str()?);
                let unknown = Problem("an unknown photometric interpretation");
                self.meaning = Some(found.ok_or(unknown)?);
            }
            key::BYTE_ORDER => {
                let found = ByteOrder::from_name(d.str()?);
                self.byte_order = Some(found.ok_or(Problem("an unknown order of bytes"))?);
            }
            key::TIME => self.time = Some(d.i64()?),
            key::TRANSFORM => self.transform = Some(d.str()?.to_owned()),
            key::SHA256 => {
                let digest = d.bytes()?.try_into();
                self.sha256 = Some(digest.map_err(|_| Problem("a SHA-256 has 32 bytes"))?);
            }
            _ => return Err(Problem("unknown field of a frame's layout")),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::Manifest;
    use super::*;

    fn manifest(layout: FrameLayout) -> Manifest {
        Manifest::of_frame("raw-frame", "application/vnd.secimg.frame", layout)
    }

    fn full() -> Manifest {
        let layout = FrameLayout::new(3, 70_000, SampleType::I16)
            .photometric_interpretation(PhotometricInterpretation::Bgra)
            .bits_stored(12)
            .byte_order(ByteOrder::Big)
            .at_time(-5);
        let mut manifest = manifest(layout);
        let entry = FrameEntry::new(layout).transformed("rice-1", [3; 32]);
        manifest.frame = Some(Box::new(entry));
        manifest.preview_of = Some([4; 32]);
        manifest
    }

    #[test]
    fn it_survives_the_round_trip() {
        let plain = FrameLayout::new(1, 1, SampleType::F32).byte_order(ByteOrder::Little);
        for m in [full(), manifest(plain)] {
            let bytes = m.to_bytes().unwrap();
            assert_eq!(Manifest::parse(&bytes, 0), Ok(m));
        }
    }

    #[test]
    fn every_truncation_and_extension_is_refused() {
        let bytes = full().to_bytes().unwrap();
        for len in 0..bytes.len() {
            assert!(Manifest::parse(&bytes[..len], 0).is_err(), "{len}");
        }
        assert!(Manifest::parse(&[bytes.as_slice(), &[0]].concat(), 0).is_err());
    }

    #[test]
    fn every_changed_byte_gives_an_error_or_another_manifest() {
        let bytes = full().to_bytes().unwrap();
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            if let Ok(other) = Manifest::parse(&changed, 0) {
                assert_ne!(other, full(), "{at}");
                assert_eq!(other.to_bytes().unwrap(), changed, "{at}");
            }
        }
    }

    #[test]
    fn the_manifest_must_say_the_same() {
        let changes: [fn(&mut Manifest); 9] = [
            |m| m.claimed_width = None,
            |m| m.claimed_height = None,
            |m| m.claimed_channels = None,
            |m| m.claimed_bits = None,
            |m| m.claimed_width = Some(5),
            |m| m.claimed_height = Some(5),
            |m| m.claimed_channels = Some(3),
            |m| m.claimed_bits = Some(12),
            |m| m.frame.as_mut().unwrap().layout.bits_stored = 17,
        ];
        for (number, change) in changes.iter().enumerate() {
            let mut manifest = full();
            change(&mut manifest);
            assert!(manifest.to_bytes().is_err(), "{number}");
        }
    }

    #[test]
    fn the_name_of_a_transform_is_1_to_127_visible_characters() {
        let with = |name: &str| {
            let mut manifest = full();
            manifest
                .frame
                .as_mut()
                .unwrap()
                .transform
                .as_mut()
                .unwrap()
                .name = name.to_owned();
            manifest.to_bytes().is_ok()
        };
        assert_eq!(["x", "~!", &"x".repeat(127)].map(with), [true; 3]);
        assert_eq!(
            ["", "x y", "\u{e4}", "x\n", &"x".repeat(128)].map(with),
            [false; 5]
        );
    }
}
