//! A DICOM file around the phantom: PS3.10, explicit VR little endian, a Secondary Capture image.

use super::phantom::{MAX, Phantom, SIZE};

const SECONDARY_CAPTURE: &[u8] = b"1.2.840.10008.5.1.4.1.1.7";
const EXPLICIT_LITTLE_ENDIAN: &[u8] = b"1.2.840.10008.1.2.1";
/// UIDs under 2.25 need no registration; these were drawn once.
const IMPLEMENTATION: &[u8] = b"2.25.278417603518392837016265049937542136110";
const STUDY: &[u8] = b"2.25.111203458279304482733096118534271805522";
const SERIES: &[u8] = b"2.25.203719472884610293350019284756612043377";
const INSTANCE: &[u8] = b"2.25.301185620473394817220465538192740083944";

/// Group and element.
type Tag = (u16, u16);

/// Data elements, as they are written.
#[derive(Default)]
struct Elements(Vec<u8>);

impl Elements {
    /// Appends an element with a text for its value, padded to an even length.
    fn text(&mut self, tag: Tag, vr: [u8; 2], value: &[u8]) {
        let mut value = value.to_vec();
        if value.len() % 2 == 1 {
            value.push(if vr == *b"UI" { 0 } else { b' ' });
        }
        self.head(tag, vr);
        self.0
            .extend_from_slice(&u16::try_from(value.len()).unwrap_or(u16::MAX).to_le_bytes());
        self.0.extend_from_slice(&value);
    }

    /// Appends an unsigned short.
    fn number(&mut self, tag: Tag, value: u16) {
        self.head(tag, *b"US");
        self.0.extend_from_slice(&[2, 0]);
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    /// Appends an element of a kind whose length is 32 bits long.
    fn long(&mut self, tag: Tag, vr: [u8; 2], value: &[u8]) {
        self.head(tag, vr);
        self.0.extend_from_slice(&[0, 0]);
        self.0
            .extend_from_slice(&u32::try_from(value.len()).unwrap_or(u32::MAX).to_le_bytes());
        self.0.extend_from_slice(value);
    }

    fn head(&mut self, tag: Tag, vr: [u8; 2]) {
        self.0.extend_from_slice(&tag.0.to_le_bytes());
        self.0.extend_from_slice(&tag.1.to_le_bytes());
        self.0.extend_from_slice(&vr);
    }
}

/// Returns the file.
pub(super) fn file(phantom: &Phantom) -> Vec<u8> {
    let meta = meta_information();
    let mut group_length = Elements::default();
    group_length.head((0x0002, 0x0000), *b"UL");
    group_length.0.extend_from_slice(&[4, 0]);
    group_length.0.extend_from_slice(
        &u32::try_from(meta.0.len())
            .unwrap_or(u32::MAX)
            .to_le_bytes(),
    );
    let mut set = Elements::default();
    who_and_when(&mut set);
    pixels(&mut set, phantom);
    [&[0; 128], &b"DICM"[..], &group_length.0, &meta.0, &set.0].concat()
}

fn meta_information() -> Elements {
    let mut meta = Elements::default();
    meta.long((0x0002, 0x0001), *b"OB", &[0, 1]);
    meta.text((0x0002, 0x0002), *b"UI", SECONDARY_CAPTURE);
    meta.text((0x0002, 0x0003), *b"UI", INSTANCE);
    meta.text((0x0002, 0x0010), *b"UI", EXPLICIT_LITTLE_ENDIAN);
    meta.text((0x0002, 0x0012), *b"UI", IMPLEMENTATION);
    meta.text((0x0002, 0x0013), *b"SH", b"SECIMG_DEMO");
    meta
}

/// What the modules of PS3.3 A.8.1 ask for. Elements may be empty where nothing is known.
fn who_and_when(set: &mut Elements) {
    let elements: [(Tag, [u8; 2], &[u8]); 23] = [
        ((0x0008, 0x0005), *b"CS", b"ISO_IR 192"),
        ((0x0008, 0x0008), *b"CS", b"ORIGINAL\\PRIMARY"),
        ((0x0008, 0x0016), *b"UI", SECONDARY_CAPTURE),
        ((0x0008, 0x0018), *b"UI", INSTANCE),
        ((0x0008, 0x0020), *b"DA", b"20260101"),
        ((0x0008, 0x0030), *b"TM", b"120000"),
        ((0x0008, 0x0050), *b"SH", b""),
        ((0x0008, 0x0060), *b"CS", b"OT"),
        ((0x0008, 0x0064), *b"CS", b"SYN"),
        ((0x0008, 0x0070), *b"LO", b"secimg demo"),
        ((0x0008, 0x0090), *b"PN", b""),
        ((0x0008, 0x1030), *b"LO", b"Head phantom"),
        ((0x0010, 0x0010), *b"PN", b"PHANTOM^DEMO"),
        ((0x0010, 0x0020), *b"LO", b"DEMO-0001"),
        ((0x0010, 0x0030), *b"DA", b""),
        ((0x0010, 0x0040), *b"CS", b"O"),
        ((0x0020, 0x000D), *b"UI", STUDY),
        ((0x0020, 0x000E), *b"UI", SERIES),
        ((0x0020, 0x0010), *b"SH", b"1"),
        ((0x0020, 0x0011), *b"IS", b"1"),
        ((0x0020, 0x0013), *b"IS", b"1"),
        ((0x0020, 0x0020), *b"CS", b""),
        ((0x0020, 0x4000), *b"LT", b"Computed, nobody's head"),
    ];
    for (tag, vr, value) in elements {
        set.text(tag, vr, value);
    }
}

fn pixels(set: &mut Elements, phantom: &Phantom) {
    set.number((0x0028, 0x0002), 1);
    set.text((0x0028, 0x0004), *b"CS", b"MONOCHROME2");
    set.number((0x0028, 0x0010), SIZE);
    set.number((0x0028, 0x0011), SIZE);
    set.number((0x0028, 0x0100), 16);
    set.number((0x0028, 0x0101), 12);
    set.number((0x0028, 0x0102), 11);
    set.number((0x0028, 0x0103), 0);
    set.text((0x0028, 0x1050), *b"DS", b"1900");
    set.text((0x0028, 0x1051), *b"DS", b"3600");
    debug_assert!(
        phantom.pixels().all(|pixel| pixel.0[0] <= MAX),
        "12 bits are stored"
    );
    let values: Vec<u8> = phantom
        .pixels()
        .flat_map(|pixel| pixel.0[0].to_le_bytes())
        .collect();
    set.long((0x7FE0, 0x0010), *b"OW", &values);
}
