//! The PNG around a sealed part, and what else may stand in it.

use zeroize::Zeroizing;

use crate::png::{Chunk, MAGIC, NoChunk, write};

use super::UnredactError;

/// The chunk that holds a sealed part: ancillary, private, unsafe to copy. A program that changes the pixels and does not
/// know it drops it (PNG, section 14.2), as it should.
pub(super) const CHUNK: [u8; 4] = *b"scRG";
/// The longest chunk.
pub(super) const MAX_CHUNK: usize = 0x7FFF_FFFF;
/// What `IHDR` takes, with length, kind and CRC.
const HEADER: usize = 25;
/// What `IEND` takes.
const END: usize = 12;
/// Chunks that say how the samples are to be shown, and how long each may be.
const COLOUR: &[(&[u8; 4], usize, usize)] = &[
    (b"cICP", 4, 4),
    (b"cHRM", 32, 32),
    (b"gAMA", 4, 4),
    (b"sRGB", 1, 1),
    (b"iCCP", 3, MAX_CHUNK),
];

/// The sealed part of a PNG: the data of its one `scRG` chunk, which is an ordinary stream.
///
/// Nothing of it is opened or proven.
///
/// # Errors
/// [`UnredactError::NotPng`], [`UnredactError::NoSealedPart`], and [`UnredactError::Damaged`] for a file that is cut, holds
/// two such chunks, or one that changed on the way.
pub fn sealed_part(png: &[u8]) -> Result<&[u8], UnredactError> {
    find(png).map(|chunk| chunk.data)
}

fn find(png: &[u8]) -> Result<Chunk<'_>, UnredactError> {
    let mut found = None;
    let mut at = first(png)?;
    loop {
        let chunk = read(png, at)?;
        at = chunk.end();
        match &chunk.kind {
            b"IEND" => break,
            kind if *kind != CHUNK => {}
            _ if found.is_some() => return Err(damaged("a second sealed part", chunk.at)),
            _ if !chunk.is_intact() => {
                return Err(damaged("a sealed part that changed on the way", chunk.at));
            }
            _ => found = Some(chunk),
        }
    }
    if at < png.len() {
        return Err(damaged("bytes behind its end", at));
    }
    found.ok_or(UnredactError::NoSealedPart)
}

/// Where the first chunk begins.
fn first(png: &[u8]) -> Result<usize, UnredactError> {
    if !png.starts_with(MAGIC) {
        return Err(UnredactError::NotPng);
    }
    Ok(MAGIC.len())
}

fn read(png: &[u8], at: usize) -> Result<Chunk<'_>, UnredactError> {
    Chunk::read(png, at).map_err(|no| match no {
        NoChunk::Truncated => damaged("an end before its image does", png.len()),
        NoChunk::Kind => damaged("no chunk", at),
        NoChunk::Length => damaged("a length that cannot be", at),
    })
}

const fn damaged(what: &'static str, at: usize) -> UnredactError {
    UnredactError::Damaged(what, at)
}

/// Takes the sealed part out: the picture, for a decoder, and the stream.
pub(super) fn split(png: &[u8]) -> Result<(Vec<u8>, &[u8]), UnredactError> {
    let chunk = find(png)?;
    let picture = [&png[..chunk.at], &png[chunk.end()..]].concat();
    Ok((picture, chunk.data))
}

/// Puts a sealed part into a PNG of this library's, before its end. It must fit into a chunk.
pub(super) fn embed(png: &[u8], sealed: &[u8]) -> Vec<u8> {
    let (picture, end) = png.split_at(png.len() - END);
    let mut whole = Vec::with_capacity(png.len() + sealed.len() + 12);
    whole.extend_from_slice(picture);
    write(CHUNK, &[sealed], |bytes| whole.extend_from_slice(bytes));
    whole.extend_from_slice(end);
    whole
}

/// The chunks of a PNG that say how its colours are to be shown, each of its proper length; nothing for other files.
/// A profile comes from the decoder, which has read it, and is left out here where `profiles` is not set.
pub(super) fn colour_of(png: &[u8], profiles: bool) -> Vec<u8> {
    let mut kept = Vec::new();
    let Ok(mut at) = first(png) else {
        return kept;
    };
    while let Ok(chunk) = read(png, at) {
        at = chunk.end();
        match &chunk.kind {
            b"IDAT" | b"IEND" => break,
            b"iCCP" if !profiles => {}
            _ if is_colour(&chunk) => kept.extend_from_slice(chunk.whole),
            _ => {}
        }
    }
    kept
}

fn is_colour(chunk: &Chunk<'_>) -> bool {
    let row = COLOUR.iter().find(|(kind, ..)| **kind == chunk.kind);
    row.is_some_and(|(_, least, most)| (*least..=*most).contains(&chunk.data.len()))
        && chunk.is_intact()
}

/// Tells whether bytes are nothing but such chunks, no kind twice.
pub(super) fn are_colour(chunks: &[u8]) -> bool {
    let mut seen = Vec::new();
    let mut at = 0;
    while at < chunks.len() {
        match Chunk::read(chunks, at) {
            Ok(chunk) if is_colour(&chunk) && !seen.contains(&chunk.kind) => {
                seen.push(chunk.kind);
                at = chunk.end();
            }
            _ => return false,
        }
    }
    true
}

/// Puts such chunks behind the header of a PNG of this library's.
pub(super) fn with_colour(png: &[u8], chunks: &[u8]) -> Zeroizing<Vec<u8>> {
    let (header, rest) = png.split_at(MAGIC.len() + HEADER);
    Zeroizing::new([header, chunks, rest].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunk(kind: [u8; 4], data: &[u8]) -> Vec<u8> {
        let mut whole = Vec::new();
        write(kind, &[data], |bytes| whole.extend_from_slice(bytes));
        whole
    }

    fn png(chunks: &[Vec<u8>]) -> Vec<u8> {
        let header = chunk(*b"IHDR", &[0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0]);
        [MAGIC, &header, &chunks.concat(), &chunk(*b"IEND", b"")].concat()
    }

    #[test]
    fn a_sealed_part_goes_in_and_comes_out() {
        let picture = png(&[chunk(*b"IDAT", b"pixels")]);
        let whole = embed(&picture, b"sealed");
        assert_eq!(sealed_part(&whole), Ok(b"sealed".as_slice()));
        assert_eq!(split(&whole), Ok((picture, b"sealed".as_slice())));
    }

    #[test]
    fn a_sealed_part_that_is_not_one_and_whole_is_refused() {
        let data = chunk(*b"IDAT", b"pixels");
        let sealed = chunk(CHUNK, b"sealed");
        let of = |chunks: &[Vec<u8>]| sealed_part(&png(chunks)).map(<[u8]>::len);
        assert_eq!(of(&[data.clone(), sealed.clone()]), Ok(6));
        assert_eq!(of(&[sealed.clone(), data.clone()]), Ok(6));
        assert_eq!(
            of(core::slice::from_ref(&data)),
            Err(UnredactError::NoSealedPart)
        );
        let twice = of(&[data.clone(), sealed.clone(), sealed.clone()]);
        assert!(matches!(
            twice,
            Err(UnredactError::Damaged("a second sealed part", _))
        ));
        let mut flipped = sealed.clone();
        flipped[9] ^= 1;
        assert!(matches!(
            of(&[data.clone(), flipped]),
            Err(UnredactError::Damaged(..))
        ));
        let whole = png(&[data, sealed]);
        for cut in 1..whole.len() {
            let cut = sealed_part(&whole[..cut]);
            assert!(matches!(
                cut,
                Err(UnredactError::Damaged(..) | UnredactError::NotPng)
            ));
        }
        let longer = [whole.as_slice(), &[0]].concat();
        assert_eq!(
            sealed_part(&longer),
            Err(damaged("bytes behind its end", whole.len()))
        );
        assert_eq!(sealed_part(b"\xFF\xD8\xFF"), Err(UnredactError::NotPng));
    }

    #[test]
    fn only_what_says_how_colours_are_shown_is_kept() {
        let gamma = chunk(*b"gAMA", &[0, 0, 0xB1, 0x8F]);
        let profile = chunk(*b"iCCP", b"name\0\0zlib");
        let picture = png(&[
            gamma.clone(),
            chunk(*b"tEXt", b"Author\0Jane"),
            chunk(*b"sRGB", b"too long"),
            profile.clone(),
            chunk(*b"IDAT", b"pixels"),
            chunk(*b"cICP", &[1, 13, 0, 1]),
        ]);
        assert_eq!(colour_of(&picture, false), gamma);
        let both = [gamma.clone(), profile].concat();
        assert_eq!(colour_of(&picture, true), both);
        assert!(are_colour(&both) && are_colour(b""));
        assert!(!are_colour(&[gamma.clone(), gamma.clone()].concat()));
        assert!(!are_colour(
            &[both.clone(), chunk(*b"tEXt", b"a\0b")].concat()
        ));
        assert!(!are_colour(&both[..both.len() - 1]));
        let plain = png(&[chunk(*b"IDAT", b"pixels")]);
        assert_eq!(colour_of(&with_colour(&plain, &gamma), true), gamma);
    }
}
