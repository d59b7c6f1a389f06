//! Recognising a format: the first 64 KiB of a file, of which most formats need a few bytes.

use criterion::Criterion;
use secimg::image::{SNIFF_LEN, sniff};

use crate::noise;

/// Just as much of each header as gives its dimensions.
const PNG: &[u8] =
    b"\x89PNG\r\n\x1A\n\0\0\0\x0DIHDR\0\0\0\x05\0\0\0\x03\x08\x02\0\0\0____\0\0\0\0IDAT";
const JPEG: &[u8] =
    b"\xFF\xD8\xFF\xE0\0\x04__\xFF\xC0\0\x11\x08\0\x03\0\x05\x03\x01\x11\0\x02\x11\0\x03\x11\0";
const TIFF: &[u8] = b"II*\0\x08\0\0\0\x02\0\0\x01\x03\0\x01\0\0\0\x05\0\0\0\x01\x01\x04\0\x01\0\0\0\x03\0\0\0\0\0\0\0";
const DICOM: &[u8] = b"DICM\x02\0\x10\0UI\x14\x001.2.840.10008.1.2.1\0\x08\0\x16\0UI\x0C\x001.2.840.1234\x28\0\x10\0US\x02\0\x03\0\x28\0\x11\0US\x02\0\x05\0";

pub(crate) fn measure(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("recognise");
    for (name, preamble, header) in [
        ("png", 0, PNG),
        ("jpeg", 0, JPEG),
        ("tiff", 0, TIFF),
        ("dicom", 128, DICOM),
        ("opaque", 0, &[]),
    ] {
        let mut file = vec![0; preamble];
        file.extend_from_slice(header);
        file.extend(noise(SNIFF_LEN - file.len()));
        let info = sniff(&file);
        assert_eq!(info.format, name);
        assert_eq!(info.claims.width.is_some(), !header.is_empty(), "{name}");
        group.bench_function(name, |bencher| bencher.iter(|| sniff(&file)));
    }
    group.finish();
}
