//! What strangers send.

use secimg::io::SealWriter;

use super::strangers::LONGEST;
use crate::bench::Bench;
use crate::images::{Picture, seal};
use crate::sessions::Chance;

/// More than a receiver has to read to know.
const LONG: usize = 4 << 20;
const CLAIMED: u64 = 64 << 30;

/// Sound streams to start from.
pub(crate) struct Material {
    sound: Vec<u8>,
    claiming: Vec<u8>,
}

/// Makes what the stranger of this number sends.
type Make = fn(&Material, usize) -> Vec<u8>;

/// What they are called, how much has to be read before it can be known beyond a header, and what they send.
pub(crate) const KINDS: &[(&str, u64, Make)] = &[
    ("HTTP", 0, |_, _| {
        long(b"POST /images HTTP/1.1\r\nHost: pacs\r\nContent-Length: 4194304\r\n\r\n")
    }),
    ("TLS", 0, |_, _| {
        long(b"\x16\x03\x01\x02\x00\x01\x00\x01\xFC\x03\x03")
    }),
    ("SSH", 0, |_, _| long(b"SSH-2.0-OpenSSH_9.6\r\n")),
    ("DICOM", 0, |_, _| {
        long(b"\x01\x00\x00\x00\x00\xCD\x00\x01\x00\x00")
    }),
    ("zeros", 0, |_, _| vec![0; LONG]),
    ("garbage", 0, |_, number| garbage(&[], number)),
    ("garbage behind the magic", 0, |material, number| {
        garbage(&material.sound[..8], number)
    }),
    ("garbage behind CORE", 0, |material, number| {
        garbage(&material.sound[..81], number)
    }),
    ("hostile lengths of the header", 0, hostile_lengths),
    ("a chunk that claims 16 MiB", 0, |material, _| {
        let mut stream = material.sound[..4181].to_vec();
        stream.extend(b"\x03\xFF\xFF\xFF");
        stream.resize(LONG, 0);
        stream
    }),
    ("a question, and a false start", 0, |material, number| {
        let mut bytes = b"\x89SIMQ\r\n\x1A".to_vec();
        bytes.extend([number.to_le_bytes()[0]; 32]);
        bytes.extend([0xFF; 8]);
        bytes.extend(&material.sound);
        bytes
    }),
    (
        "somebody with the key who claims 64 GiB",
        LONGEST,
        |material, _| material.claiming.clone(),
    ),
];

impl Material {
    pub(crate) fn new(bench: &Bench) -> Self {
        let picture = Picture::new(None, 3 << 20, &mut Chance(bench.seed));
        Self {
            sound: seal(core::slice::from_ref(&picture), &bench.sealing()).bytes,
            claiming: claiming(bench, &picture),
        }
    }
}

/// An image of 64 GiB, of which the first few MiB come.
fn claiming(bench: &Bench, picture: &Picture) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut writer = SealWriter::new(&mut bytes, &bench.sealing()).expect("sealing");
    let added = writer.add_image(picture.bytes, &picture.description(), Some(CLAIMED));
    assert!(added.is_err(), "there is less than was claimed");
    bytes
}

fn long(beginning: &[u8]) -> Vec<u8> {
    let mut bytes = beginning.to_vec();
    bytes.resize(LONG, b'.');
    bytes
}

fn garbage(beginning: &[u8], number: usize) -> Vec<u8> {
    let mut chance = Chance(number as u64);
    let words = core::iter::repeat_with(|| chance.next().to_le_bytes());
    let mut bytes = beginning.to_vec();
    bytes.extend(words.take((1 << 20) / 8).flatten());
    bytes
}

/// The lengths of CORE, of RECIPIENTS and of an entry, and the count of entries.
fn hostile_lengths(material: &Material, number: usize) -> Vec<u8> {
    let mut bytes = material.sound.clone();
    let (at, len) = [(9, 3), (82, 3), (104, 2), (85, 1)][number % 4];
    bytes[at..at + len].fill(0xFF);
    bytes
}
