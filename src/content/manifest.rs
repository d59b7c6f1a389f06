//! MANIFEST: what an item claims to be, in deterministic CBOR (RFC 8949 section 4.2; SPEC section 7.2).
//!
//! A map with unsigned keys in ascending order, shortest integers, definite lengths. A reader encodes
//! what it understood again and compares: one manifest has one encoding.

use std::collections::BTreeMap;

use minicbor::data::Type;
use minicbor::{Decoder, Encoder};

use super::error::{ContentError, ContentErrorKind};
use super::frame_entry::FrameEntry;
use crate::format::FrameLayout;

/// The longest name, in bytes of UTF-8.
const MAX_NAME: usize = 1024;
/// The longest format name or media type.
const MAX_WORD: usize = 127;
/// The most attributes.
const MAX_ATTRIBUTES: u64 = 64;
/// The most keys in the map, known and unknown together.
const MAX_KEYS: u64 = 64;
/// Keys from here on may be skipped by who does not know them.
const FIRST_SKIPPABLE: u64 = 128;

mod key {
    pub(super) const FORMAT: u64 = 1;
    pub(super) const MEDIA_TYPE: u64 = 2;
    pub(super) const WIDTH: u64 = 3;
    pub(super) const HEIGHT: u64 = 4;
    pub(super) const FRAMES: u64 = 5;
    pub(super) const CHANNELS: u64 = 6;
    pub(super) const BITS: u64 = 7;
    pub(super) const NAME: u64 = 8;
    pub(super) const TIME: u64 = 9;
    pub(super) const ATTRIBUTES: u64 = 10;
    pub(super) const PREVIEW_OF: u64 = 11;
    pub(super) const FRAME: u64 = 12;
}

/// What an item claims to be. Every number is a claim of the file's own header, and no more than that.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Manifest {
    /// The format's short name, such as `dicom`; `opaque` where it is not known.
    pub format: String,
    /// The media type (RFC 6838).
    pub media_type: String,
    /// Columns.
    pub claimed_width: Option<u32>,
    /// Rows.
    pub claimed_height: Option<u32>,
    /// Frames, pages or images.
    pub claimed_frames: Option<u32>,
    /// Samples per pixel.
    pub claimed_channels: Option<u8>,
    /// Bits per sample.
    pub claimed_bits: Option<u8>,
    /// The file's name, as the sender gave it. Never a path to write to without checking.
    pub name: Option<String>,
    /// The file's time, in seconds since 1970-01-01T00:00:00Z.
    pub time: Option<i64>,
    /// The caller's own words.
    pub attributes: BTreeMap<String, String>,
    /// For a stream that holds a preview only: the transfer id of the stream with the image.
    pub preview_of: Option<[u8; 32]>,
    /// For a raw frame: what its samples are. Width, height, channels and bits are then there, and say the same.
    pub frame: Option<Box<FrameEntry>>,
}

impl Manifest {
    /// Makes a manifest with a format and a media type and nothing else.
    #[must_use]
    pub fn new(format: &str, media_type: &str) -> Self {
        Self {
            format: format.to_owned(),
            media_type: media_type.to_owned(),
            claimed_width: None,
            claimed_height: None,
            claimed_frames: None,
            claimed_channels: None,
            claimed_bits: None,
            name: None,
            time: None,
            attributes: BTreeMap::new(),
            preview_of: None,
            frame: None,
        }
    }

    /// Makes the manifest of a raw frame, whose samples are sealed as they are.
    #[must_use]
    pub fn of_frame(format: &str, media_type: &str, layout: FrameLayout) -> Self {
        let mut manifest = Self::new(format, media_type);
        manifest.claimed_width = Some(layout.columns);
        manifest.claimed_height = Some(layout.rows);
        manifest.claimed_frames = Some(1);
        manifest.claimed_channels = Some(layout.samples_per_pixel);
        manifest.claimed_bits = Some(layout.sample_type.bits_allocated());
        manifest.frame = Some(Box::new(FrameEntry::new(layout)));
        manifest
    }

    /// Returns the one encoding.
    ///
    /// # Errors
    /// A [`ContentError`] for a manifest that no reader would accept, such as one with an empty name.
    pub fn to_bytes(&self) -> Result<Vec<u8>, ContentError> {
        self.check()
            .map_err(|reason| ContentError::at(ContentErrorKind::Manifest(reason), 0))?;
        let mut out = Vec::new();
        // Writing to a vector cannot fail.
        let _: Result<_, minicbor::encode::Error<_>> = self.encode(&mut Encoder::new(&mut out));
        Ok(out)
    }

    fn fields(&self) -> u64 {
        let optional = [
            self.claimed_width.is_some(),
            self.claimed_height.is_some(),
            self.claimed_frames.is_some(),
            self.claimed_channels.is_some(),
            self.claimed_bits.is_some(),
            self.name.is_some(),
            self.time.is_some(),
            !self.attributes.is_empty(),
            self.preview_of.is_some(),
            self.frame.is_some(),
        ];
        optional
            .into_iter()
            .map(u64::from)
            .sum::<u64>()
            .saturating_add(2)
    }

    fn encode(&self, e: &mut Encoder<&mut Vec<u8>>) -> Encoded {
        e.map(self.fields())?;
        self.encode_fields(e)
    }

    fn encode_fields(&self, e: &mut Encoder<&mut Vec<u8>>) -> Encoded {
        e.u64(key::FORMAT)?.str(&self.format)?;
        e.u64(key::MEDIA_TYPE)?.str(&self.media_type)?;
        let numbers = [
            (key::WIDTH, self.claimed_width),
            (key::HEIGHT, self.claimed_height),
            (key::FRAMES, self.claimed_frames),
            (key::CHANNELS, self.claimed_channels.map(u32::from)),
            (key::BITS, self.claimed_bits.map(u32::from)),
        ];
        for (key, value) in numbers {
            if let Some(value) = value {
                e.u64(key)?.u32(value)?;
            }
        }
        if let Some(name) = &self.name {
            e.u64(key::NAME)?.str(name)?;
        }
        if let Some(time) = self.time {
            e.u64(key::TIME)?.i64(time)?;
        }
        if !self.attributes.is_empty() {
            e.u64(key::ATTRIBUTES)?
                .map(u64::try_from(self.attributes.len()).unwrap_or(u64::MAX))?;
            for (name, value) in self.attributes_in_order() {
                e.str(name)?.str(value)?;
            }
        }
        if let Some(id) = &self.preview_of {
            e.u64(key::PREVIEW_OF)?.bytes(id)?;
        }
        if let Some(frame) = &self.frame {
            e.u64(key::FRAME)?;
            frame.encode(e)?;
        }
        Ok(())
    }

    /// RFC 8949 section 4.2.1 orders keys by their encodings: shorter text first.
    fn attributes_in_order(&self) -> Vec<(&String, &String)> {
        let mut pairs: Vec<_> = self.attributes.iter().collect();
        pairs.sort_by_key(|(name, _)| (name.len(), *name));
        pairs
    }

    fn check(&self) -> Result<(), &'static str> {
        let word = |s: &str| {
            !s.is_empty() && s.len() <= MAX_WORD && s.bytes().all(|b| b.is_ascii_graphic())
        };
        if !word(&self.format) || !word(&self.media_type) {
            return Err("format and media type must be 1 to 127 visible ASCII characters");
        }
        if self
            .name
            .as_ref()
            .is_some_and(|name| name.is_empty() || name.len() > MAX_NAME)
        {
            return Err("a name must be 1 to 1024 bytes");
        }
        if u64::try_from(self.attributes.len()).is_ok_and(|n| n > MAX_ATTRIBUTES) {
            return Err("more than 64 attributes");
        }
        self.frame.as_ref().map_or(Ok(()), |frame| {
            frame.check()?;
            self.check_frame(&frame.layout)
        })
    }

    /// One number has one meaning: what is said of a frame in two places must be the same.
    fn check_frame(&self, layout: &FrameLayout) -> Result<(), &'static str> {
        let said = (
            self.claimed_height,
            self.claimed_width,
            self.claimed_channels,
            self.claimed_bits,
        );
        let meant = (
            Some(layout.rows),
            Some(layout.columns),
            Some(layout.samples_per_pixel),
            Some(layout.sample_type.bits_allocated()),
        );
        if said == meant {
            Ok(())
        } else {
            Err("rows, columns, samples or bits are not those of the frame")
        }
    }

    /// Parses a manifest whose record stands at `offset` of the content.
    ///
    /// # Errors
    /// [`ContentErrorKind::Manifest`] for everything that is not the one encoding of something known.
    pub fn parse(bytes: &[u8], offset: u64) -> Result<Self, ContentError> {
        let fail = |reason| ContentError::at(ContentErrorKind::Manifest(reason), offset);
        let mut decoder = Decoder::new(bytes);
        let parsed = parse_map(&mut decoder).map_err(|problem| fail(problem.0))?;
        if decoder.position() != bytes.len() {
            return Err(fail("bytes follow the map"));
        }
        let (manifest, unknown) = parsed;
        manifest.check().map_err(fail)?;
        if manifest.reencoded(&unknown) != bytes {
            return Err(fail("not in the deterministic encoding"));
        }
        Ok(manifest)
    }

    fn reencoded(&self, unknown: &Unknown) -> Vec<u8> {
        let mut out = Vec::new();
        let mut encoder = Encoder::new(&mut out);
        let written = encoder
            .map(self.fields().saturating_add(unknown.count))
            .map(|_| ())
            .and_then(|()| self.encode_fields(&mut encoder));
        debug_assert!(written.is_ok(), "writing to a vector cannot fail");
        out.extend_from_slice(&unknown.encoded);
        out
    }
}

pub(super) type Encoded = Result<(), minicbor::encode::Error<core::convert::Infallible>>;

/// Fields from key 128 on: skipped, but still required to be deterministic.
#[derive(Default)]
struct Unknown {
    count: u64,
    encoded: Vec<u8>,
}

#[derive(Clone, Copy)]
pub(super) struct Problem(pub(super) &'static str);

impl From<minicbor::decode::Error> for Problem {
    fn from(_: minicbor::decode::Error) -> Self {
        Self("not the CBOR that it must be")
    }
}

fn parse_map(d: &mut Decoder<'_>) -> Result<(Manifest, Unknown), Problem> {
    let count = d.map()?.ok_or(Problem("a map of indefinite length"))?;
    if count > MAX_KEYS {
        return Err(Problem("too many fields"));
    }
    let mut manifest = Manifest::new("", "");
    let mut unknown = Unknown::default();
    let mut last = 0;
    for _ in 0..count {
        let key = d.u64()?;
        if key <= last {
            return Err(Problem("keys not in ascending order"));
        }
        last = key;
        if key >= FIRST_SKIPPABLE {
            skip_value(d, key, &mut unknown)?;
        } else {
            parse_field(d, key, &mut manifest)?;
        }
    }
    Ok((manifest, unknown))
}

fn parse_field(d: &mut Decoder<'_>, key: u64, manifest: &mut Manifest) -> Result<(), Problem> {
    match key {
        key::FORMAT => d.str()?.clone_into(&mut manifest.format),
        key::MEDIA_TYPE => d.str()?.clone_into(&mut manifest.media_type),
        key::WIDTH => manifest.claimed_width = Some(d.u32()?),
        key::HEIGHT => manifest.claimed_height = Some(d.u32()?),
        key::FRAMES => manifest.claimed_frames = Some(d.u32()?),
        key::CHANNELS => manifest.claimed_channels = Some(d.u8()?),
        key::BITS => manifest.claimed_bits = Some(d.u8()?),
        key::NAME => manifest.name = Some(d.str()?.to_owned()),
        key::TIME => manifest.time = Some(d.i64()?),
        key::ATTRIBUTES => manifest.attributes = parse_attributes(d)?,
        key::PREVIEW_OF => {
            let id = d
                .bytes()?
                .try_into()
                .map_err(|_| Problem("a transfer id has 32 bytes"))?;
            manifest.preview_of = Some(id);
        }
        key::FRAME => {
            // Keys ascend, so these stand before; where they do not, the encoding is not the one.
            let rows = manifest.claimed_height.unwrap_or(0);
            let columns = manifest.claimed_width.unwrap_or(0);
            let samples = manifest.claimed_channels.unwrap_or(0);
            let frame = FrameEntry::parse(d, rows, columns, samples)?;
            manifest.frame = Some(Box::new(frame));
        }
        _ => return Err(Problem("unknown field")),
    }
    Ok(())
}

fn parse_attributes(d: &mut Decoder<'_>) -> Result<BTreeMap<String, String>, Problem> {
    let count = d.map()?.ok_or(Problem("a map of indefinite length"))?;
    if count == 0 || count > MAX_ATTRIBUTES {
        return Err(Problem("there must be 1 to 64 attributes"));
    }
    let mut attributes = BTreeMap::new();
    for _ in 0..count {
        let name = d.str()?.to_owned();
        if attributes.insert(name, d.str()?.to_owned()).is_some() {
            return Err(Problem("an attribute stands twice"));
        }
    }
    Ok(attributes)
}

/// Skips an integer, a text or a byte string; nothing else may stand under an unknown key.
fn skip_value(d: &mut Decoder<'_>, key: u64, unknown: &mut Unknown) -> Result<(), Problem> {
    let mut e = Encoder::new(&mut unknown.encoded);
    let ok = e.u64(key).map(|_| ());
    let ok = ok.and(match d.datatype()? {
        Type::U8 | Type::U16 | Type::U32 | Type::U64 => e.u64(d.u64()?).map(|_| ()),
        Type::I8 | Type::I16 | Type::I32 | Type::I64 => e.i64(d.i64()?).map(|_| ()),
        Type::String => e.str(d.str()?).map(|_| ()),
        Type::Bytes => e.bytes(d.bytes()?).map(|_| ()),
        _ => return Err(Problem("an unknown field of a type that cannot be skipped")),
    });
    debug_assert!(ok.is_ok(), "writing to a vector cannot fail");
    unknown.count = unknown.count.saturating_add(1);
    Ok(())
}

#[cfg(test)]
mod tests;
