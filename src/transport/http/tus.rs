//! tus 1.0, the resumable upload protocol (tus.io): its words, read from headers. Functions, nothing else.
//!
//! Offsets are into the sealed bytes as they are stored. Offered are `creation`, `creation-with-upload` and `termination`.
//! `checksum` is not: a stream carries its own tags. Metadata is read by nobody: a name would be one in the clear.

use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;

/// The one version that is spoken.
pub(super) const VERSION: &str = "1.0.0";
/// What is offered beside the core protocol.
pub(super) const EXTENSIONS: &str = "creation,creation-with-upload,termination";
/// The media type of a piece.
pub(super) const PIECE: &str = "application/offset+octet-stream";

pub(super) const RESUMABLE: &str = "tus-resumable";
pub(super) const OFFSET: &str = "upload-offset";
pub(super) const LENGTH: &str = "upload-length";
pub(super) const DEFER: &str = "upload-defer-length";
pub(super) const OVERRIDE: &str = "x-http-method-override";

/// Why a request is not one of this protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NotTus {
    /// `Tus-Resumable` is missing, or another version.
    Version,
    /// `Upload-Length` is missing, or no number.
    Length,
    /// `Upload-Defer-Length`, which is not offered.
    Deferred,
    /// `Upload-Offset` is missing, or no number.
    Offset,
    /// The body is no piece by its media type.
    Type,
}

/// Insists on the version.
pub(super) fn check_version(headers: &HeaderMap) -> Result<(), NotTus> {
    match text(headers, RESUMABLE) {
        Some(VERSION) => Ok(()),
        _ => Err(NotTus::Version),
    }
}

/// The length of a new upload.
pub(super) fn length(headers: &HeaderMap) -> Result<u64, NotTus> {
    if headers.contains_key(DEFER) {
        return Err(NotTus::Deferred);
    }
    number(headers, LENGTH).ok_or(NotTus::Length)
}

/// Where a piece begins.
pub(super) fn offset(headers: &HeaderMap) -> Result<u64, NotTus> {
    if !is_piece(headers) {
        return Err(NotTus::Type);
    }
    number(headers, OFFSET).ok_or(NotTus::Offset)
}

/// Tells whether the body is a piece.
pub(super) fn is_piece(headers: &HeaderMap) -> bool {
    let media_type = text(headers, CONTENT_TYPE.as_str()).unwrap_or_default();
    let media_type = media_type.split(';').next().unwrap_or_default();
    media_type.trim().eq_ignore_ascii_case(PIECE)
}

/// A number as the protocol writes it: digits, and nothing that a file cannot be as long as.
fn number(headers: &HeaderMap, name: &str) -> Option<u64> {
    let mut all = headers.get_all(name).iter();
    let digits = all.next()?.to_str().ok()?;
    let plain = all.next().is_none() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let number = digits.parse().ok()?;
    (plain && i64::try_from(number).is_ok()).then_some(number)
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in pairs {
            map.append(*name, value.parse().unwrap());
        }
        map
    }

    #[test]
    fn only_this_version_is_spoken() {
        assert_eq!(check_version(&headers(&[(RESUMABLE, "1.0.0")])), Ok(()));
        for other in [
            &[][..],
            &[(RESUMABLE, "0.2.2")],
            &[(RESUMABLE, "1.0.0, 2.0.0")],
        ] {
            assert_eq!(check_version(&headers(other)), Err(NotTus::Version));
        }
    }

    #[test]
    fn numbers_are_digits_that_a_file_can_be_as_long_as() {
        let good = [
            ("0", 0),
            ("000017", 17),
            ("9223372036854775807", u64::MAX >> 1),
        ];
        for (text, expected) in good {
            assert_eq!(length(&headers(&[(LENGTH, text)])), Ok(expected));
        }
        let bad = [
            "",
            "-1",
            "+1",
            "1.5",
            "1e3",
            "0x10",
            " 1 2",
            "9223372036854775808",
            "18446744073709551616",
            "NaN",
            "1,2",
        ];
        for text in bad {
            assert_eq!(
                length(&headers(&[(LENGTH, text)])),
                Err(NotTus::Length),
                "{text}"
            );
        }
        assert_eq!(length(&headers(&[])), Err(NotTus::Length));
        assert_eq!(
            length(&headers(&[(LENGTH, "1"), (LENGTH, "1")])),
            Err(NotTus::Length)
        );
        assert_eq!(
            length(&headers(&[(LENGTH, "1"), (DEFER, "1")])),
            Err(NotTus::Deferred)
        );
    }

    #[test]
    fn a_piece_says_what_it_is_and_where_it_begins() {
        let piece = ("content-type", PIECE);
        assert_eq!(offset(&headers(&[piece, (OFFSET, "7")])), Ok(7));
        assert_eq!(offset(&headers(&[piece])), Err(NotTus::Offset));
        assert_eq!(
            offset(&headers(&[piece, (OFFSET, "-7")])),
            Err(NotTus::Offset)
        );
        assert_eq!(offset(&headers(&[(OFFSET, "7")])), Err(NotTus::Type));
        assert_eq!(
            offset(&headers(&[
                ("content-type", "application/octet-stream"),
                (OFFSET, "7")
            ])),
            Err(NotTus::Type)
        );
        let spelled = ("content-type", "Application/Offset+Octet-Stream; x=y");
        assert_eq!(offset(&headers(&[spelled, (OFFSET, "7")])), Ok(7));
    }
}
