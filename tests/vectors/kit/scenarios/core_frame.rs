//! CORE: each field out of range, and each field changed to another value in range.

use super::{refused, small};
use crate::kit::case::Case;
use crate::kit::file::Vector;
use crate::kit::make::{Shape, Stream};

const VERSION: usize = 12;
const SUITE: usize = 13;
const FLAGS: usize = 15;
const LOG2: usize = 16;
const SALT: usize = 17;
const COMMITMENT: usize = 49;

fn changed(case: Case, change: impl FnOnce(&mut Stream)) -> Vector {
    let (mut stream, keys) = small(case.name);
    change(&mut stream);
    case.cek(&keys).released(b"").stream(stream.bytes())
}

fn set(name: &'static str, spec: &str, comment: &str, at: usize, bytes: &[u8]) -> Vector {
    changed(refused(name, "format", spec, comment), |stream| {
        stream.core[at..at + bytes.len()].copy_from_slice(bytes);
    })
}

/// The changed field is sound by itself, and the keys are no longer those of the stream.
fn swapped(name: &'static str, comment: &str, at: usize, bytes: &[u8]) -> Vector {
    changed(
        refused(name, "not-authentic", "M-CORE-7 M-KEY-2", comment),
        |stream| {
            stream.core[at..at + bytes.len()].copy_from_slice(bytes);
        },
    )
}

pub(super) fn all() -> Vec<Vector> {
    let resized = |name, comment, change: &dyn Fn(&mut Vec<u8>)| {
        let case = refused(name, "format", "M-CORE-1 M-FRAME-2", comment);
        changed(case, |stream| change(&mut stream.core))
    };
    let mut all = vec![
        resized("core_length_68", "a body of 68 bytes", &|core| {
            core[11] = 68;
            core.pop();
        }),
        resized("core_length_70", "a body of 70 bytes", &|core| {
            core[11] = 70;
            core.push(0);
        }),
        resized(
            "core_length_huge",
            "a body of 16 MiB, of which nothing need be read",
            &|core| {
                core[9..12].fill(0xFF);
            },
        ),
        set("version_0", "M-CORE-2", "version 0", VERSION, &[0]),
        set("version_2", "M-CORE-2", "version 2", VERSION, &[2]),
        set(
            "suite_0000",
            "M-CORE-3",
            "suite 0000, which is refused for ever",
            SUITE,
            &[0, 0],
        ),
        set(
            "suite_0003",
            "M-CORE-3",
            "a suite that is not defined",
            SUITE,
            &[0, 3],
        ),
        set(
            "suite_0100",
            "M-CORE-3",
            "suite 0001 with its bytes swapped",
            SUITE,
            &[1, 0],
        ),
        set(
            "flag_reserved_1",
            "M-CORE-4",
            "bit 1 of the flags",
            FLAGS,
            &[2],
        ),
        set(
            "flag_reserved_7",
            "M-CORE-4",
            "bit 7 of the flags",
            FLAGS,
            &[0x80],
        ),
        set("chunk_log2_11", "M-CORE-5", "chunks of 2 KiB", LOG2, &[11]),
        set("chunk_log2_24", "M-CORE-5", "chunks of 16 MiB", LOG2, &[24]),
        swapped("suite_swapped", "suite 0001 became 0002", SUITE, &[0, 2]),
        swapped("flag_signed_set", "SIGNED was set", FLAGS, &[1]),
        swapped(
            "chunk_log2_changed",
            "chunks of 4 KiB became 8 KiB",
            LOG2,
            &[13],
        ),
    ];
    let flipped = |name, expect, comment, at: usize| {
        changed(
            refused(name, expect, "M-CORE-7 M-KEY-3", comment),
            |stream| {
                stream.core[at] ^= 1;
            },
        )
    };
    all.push(flipped(
        "salt_flipped",
        "no-match",
        "one bit of the salt, which is in the key ids too",
        SALT + 5,
    ));
    all.push(flipped(
        "commitment_flipped",
        "not-authentic",
        "one bit of the commitment",
        COMMITMENT + 31,
    ));
    all.push(signed_cleared());
    all
}

/// The flag of a signed stream is taken away.
fn signed_cleared() -> Vector {
    let name = "flag_signed_cleared";
    let case = refused(
        name,
        "not-authentic",
        "M-CORE-7 M-CORE-4",
        "SIGNED was cleared",
    );
    let key = crate::kit::close::SignKey::read("sender_ed25519");
    let (maker, index_offset) = super::one_item(name, Shape::CBC.signed(), b"white");
    let case = case.cek(&maker.keys).released(b"");
    let close = crate::kit::close::Close::by(&key, index_offset);
    let mut stream = maker.finish(close, Some(&key));
    stream.core[FLAGS] = 0;
    case.stream(stream.bytes())
}
