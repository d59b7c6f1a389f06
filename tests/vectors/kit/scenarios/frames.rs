//! Magic, frames and their order, and where a stream ends.

use super::{in_first, refused, small, three_chunks};
use crate::kit::case::Case;
use crate::kit::file::Vector;
use crate::kit::make::{Shape, Stream, frame};

fn format(name: &'static str, spec: &str, comment: &str) -> Case {
    refused(name, "format", spec, comment)
}

pub(super) fn all() -> Vec<Vector> {
    [starts(), order(), ends()].concat()
}

/// A small sound stream, changed.
fn changed(case: Case, change: impl FnOnce(&mut Vec<u8>)) -> Vector {
    let (stream, keys) = small(case.name);
    let mut bytes = stream.bytes();
    change(&mut bytes);
    case.cek(&keys).released(b"").stream(bytes)
}

fn starts() -> Vec<Vector> {
    let magic = |name, comment, magic: &[u8]| {
        let spec = if magic.starts_with(b"\x89PNG") {
            "M-STREAM-1"
        } else {
            "M-STREAM-2"
        };
        changed(format(name, spec, comment), |bytes| {
            bytes.splice(..8, magic.iter().copied());
        })
    };
    vec![
        format("empty", "M-STREAM-4", "no byte at all")
            .released(b"")
            .stream(Vec::new()),
        magic("magic_png", "the magic of PNG", b"\x89PNG\r\n\x1a\n"),
        magic("magic_line_end", "CR LF became LF", b"\x89SIMG\n\x1a"),
        magic(
            "magic_line_end_doubled",
            "LF became CR LF",
            b"\x89SIMG\r\r\n\x1a",
        ),
        magic(
            "magic_seven_bits",
            "the high bit is gone",
            b"\x09SIMG\r\n\x1a",
        ),
    ]
}

fn order() -> Vec<Vector> {
    let arranged = |name, comment, arrange: &dyn Fn(Stream) -> Vec<u8>| {
        let (stream, keys) = small(name);
        let case = format(name, "M-STREAM-3", comment).cek(&keys).released(b"");
        case.stream(arrange(stream))
    };
    let kind = |name, kind: u8| {
        let comment = format!("a frame of kind {kind:02x} where a chunk must stand");
        let (mut stream, keys) = small(name);
        stream.frames[0][0] = kind;
        let case = format(name, "M-FRAME-1 M-FRAME-2", &comment)
            .cek(&keys)
            .released(b"");
        case.stream(stream.bytes())
    };
    vec![
        kind("frame_kind_00", 0),
        kind("frame_kind_05", 5),
        kind("frame_kind_ff", 255),
        arranged("core_missing", "RECIPIENTS stands first", &|s| {
            [&s.core[..8], &s.recipients, &s.frames.concat()].concat()
        }),
        arranged("core_twice", "CORE stands twice", &|s| {
            [&s.core, &s.core[8..], &s.recipients, &s.frames.concat()].concat()
        }),
        arranged(
            "core_behind_recipients",
            "CORE stands where a chunk must",
            &|s| [&s.core, &s.recipients, &s.core[8..], &s.frames.concat()].concat(),
        ),
        arranged("recipients_missing", "FINAL follows CORE", &|s| {
            [&s.core[..], &s.frames.concat()].concat()
        }),
        arranged("recipients_twice", "RECIPIENTS stands twice", &|s| {
            [
                &s.core[..],
                &s.recipients,
                &s.recipients,
                &s.frames.concat(),
            ]
            .concat()
        }),
    ]
}

fn ends() -> Vec<Vector> {
    let cut = |name, comment, keep: &dyn Fn(&Stream) -> usize, released: &[u8]| {
        let (stream, keys) = three_chunks(name, Shape::CBC);
        let mut bytes = stream.bytes();
        bytes.truncate(keep(&stream));
        let case = format(name, "M-STREAM-4", comment)
            .cek(&keys)
            .released(released);
        case.stream(bytes)
    };
    let header = |s: &Stream| s.core.len() + s.recipients.len();
    let (one, two) = (in_first(1), in_first(2));
    let mut cuts = vec![
        cut("truncated_in_magic", "five bytes", &|_| 5, b""),
        cut("truncated_in_core", "CORE is cut", &|_| 50, b""),
        cut(
            "truncated_behind_core",
            "nothing follows CORE",
            &|_| 81,
            b"",
        ),
        cut(
            "truncated_in_recipients",
            "RECIPIENTS is cut",
            &|s| header(s) - 40,
            b"",
        ),
        cut(
            "truncated_behind_header",
            "no chunk follows",
            &|s| header(s),
            b"",
        ),
        cut(
            "truncated_in_chunk",
            "CHUNK 1 is cut",
            &|s| header(s) + 4132 + 2000,
            &one,
        ),
        cut(
            "truncated_at_chunk_boundary",
            "CHUNK 0 is all",
            &|s| header(s) + 4132,
            &one,
        ),
        cut(
            "truncated_before_final",
            "FINAL is missing",
            &|s| header(s) + 2 * 4132,
            &two,
        ),
        cut(
            "truncated_in_frame_header",
            "two bytes of FINAL's",
            &|s| header(s) + 2 * 4132 + 2,
            &two,
        ),
        cut(
            "truncated_in_final",
            "the last byte is missing",
            &|s| s.bytes().len() - 1,
            &two,
        ),
    ];
    let (stream, keys) = small("trailing_byte");
    let trailing = |name, comment, tail: &[u8]| {
        let case = format(name, "M-STREAM-5", comment)
            .cek(&keys)
            .released(b"white");
        case.stream([stream.bytes().as_slice(), tail].concat())
    };
    cuts.push(trailing(
        "trailing_byte",
        "one zero byte behind FINAL",
        &[0],
    ));
    cuts.push(
        // Where it looks for FINAL by the length, a seeking reader finds no frame.
        trailing(
            "trailing_stream",
            "the same stream once more",
            &stream.bytes(),
        ),
    );
    cuts.push(trailing(
        "trailing_final",
        "FINAL stands twice",
        &stream.frames[0],
    ));
    cuts.push(trailing(
        "trailing_frame",
        "a frame of no known kind behind FINAL",
        &frame(9, b"end"),
    ));
    cuts
}
