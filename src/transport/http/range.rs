//! Range requests (RFC 9110 sections 13 and 14): which bytes of a stream were asked for. Functions of headers, nothing else.

use core::ops::Range;

use axum::http::HeaderMap;
use axum::http::header::{IF_MATCH, IF_NONE_MATCH, IF_RANGE, RANGE};

/// What a GET or HEAD is answered with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wanted {
    /// Everything: 200.
    Whole,
    /// These bytes, at least one: 206.
    Part(Range<u64>),
    /// A range that begins behind the end: 416.
    Outside,
    /// The caller has it already: 304.
    Unchanged,
    /// The caller wants another version than this: 412.
    Changed,
}

/// Reads the headers of a request for something of `len` bytes, whose name for its version is `etag`.
pub(super) fn wanted(headers: &HeaderMap, etag: &str, len: u64) -> Wanted {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    if text(IF_MATCH).is_some_and(|list| !names(list, etag)) {
        return Wanted::Changed;
    }
    if text(IF_NONE_MATCH).is_some_and(|list| names(list, etag)) {
        return Wanted::Unchanged;
    }
    // Another version, or a date, of which a stream has none: the range would not fit to what the caller has.
    if text(IF_RANGE).is_some_and(|version| version.trim() != etag) {
        return Wanted::Whole;
    }
    text(RANGE).map_or(Wanted::Whole, |range| parse(range, len))
}

/// Tells whether a list of entity tags, or `*`, names this one.
fn names(list: &str, etag: &str) -> bool {
    let mut tags = list.split(',').map(str::trim);
    list.trim() == "*" || tags.any(|tag| tag.strip_prefix("W/").unwrap_or(tag) == etag)
}

/// One range of bytes. Several, another unit and what cannot be read are ignored, as the RFC allows.
fn parse(range: &str, len: u64) -> Wanted {
    let Some((unit, set)) = range.split_once('=') else {
        return Wanted::Whole;
    };
    let Some((first, last)) = set.trim().split_once('-') else {
        return Wanted::Whole;
    };
    if !unit.trim().eq_ignore_ascii_case("bytes") || !is_number(first) || !is_number(last) {
        return Wanted::Whole;
    }
    match (first, last) {
        ("", "") => Wanted::Whole,
        ("", suffix) => part(len.saturating_sub(number(suffix))..len),
        (first, "") => part(number(first)..len),
        (first, last) if number(last) < number(first) => Wanted::Whole,
        (first, last) => part(number(first)..number(last).saturating_add(1).min(len)),
    }
}

const fn part(range: Range<u64>) -> Wanted {
    if range.start < range.end {
        Wanted::Part(range)
    } else {
        Wanted::Outside
    }
}

fn is_number(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A number of more digits than there are bytes anywhere is the largest one.
fn number(digits: &str) -> u64 {
    digits.parse().unwrap_or(u64::MAX)
}

/// The header of a 206.
pub(super) fn content_range(range: &Range<u64>, len: u64) -> String {
    format!("bytes {}-{}/{len}", range.start, range.end - 1)
}

/// Reads the header of a 206: the range, and the whole length where it is said.
pub(super) fn parse_content_range(text: &str) -> Option<(Range<u64>, Option<u64>)> {
    let (range, len) = text.trim().strip_prefix("bytes ")?.split_once('/')?;
    let (first, last) = range.split_once('-')?;
    let (first, last): (u64, u64) = (first.parse().ok()?, last.parse().ok()?);
    let len = match len {
        "*" => None,
        len => Some(len.parse().ok()?),
    };
    let end = last.checked_add(1)?;
    (first < end && len.is_none_or(|len| end <= len)).then_some((first..end, len))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(headers: &[(&'static str, &'static str)]) -> Wanted {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().unwrap());
        }
        wanted(&map, "\"v1\"", 100)
    }

    #[test]
    fn one_range_of_bytes_is_understood() {
        let cases = [
            ("bytes=0-0", Wanted::Part(0..1)),
            ("bytes=10-19", Wanted::Part(10..20)),
            ("BYTES = 10-19", Wanted::Part(10..20)),
            ("bytes=90-", Wanted::Part(90..100)),
            ("bytes=-10", Wanted::Part(90..100)),
            ("bytes=-1000", Wanted::Part(0..100)),
            ("bytes=50-1000", Wanted::Part(50..100)),
            ("bytes=0-18446744073709551615", Wanted::Part(0..100)),
            ("bytes=0-99999999999999999999999", Wanted::Part(0..100)),
            ("bytes=100-", Wanted::Outside),
            ("bytes=18446744073709551615-", Wanted::Outside),
            ("bytes=99999999999999999999999-", Wanted::Outside),
            ("bytes=100-200", Wanted::Outside),
            ("bytes=-0", Wanted::Outside),
        ];
        for (range, expected) in cases {
            assert_eq!(of(&[("range", range)]), expected, "{range}");
        }
    }

    #[test]
    fn what_is_no_single_range_gives_everything() {
        for range in [
            "bytes=",
            "bytes=-",
            "bytes",
            "items=0-1",
            "bytes=5-4",
            "bytes=0-1,5-6",
            "bytes=+1-2",
            "bytes=a-b",
            "bytes=0x1-2",
            "bytes=1-2-3",
            "",
        ] {
            assert_eq!(of(&[("range", range)]), Wanted::Whole, "{range}");
        }
    }

    #[test]
    fn versions_decide_before_ranges() {
        let range = ("range", "bytes=1-2");
        assert_eq!(of(&[range, ("if-range", "\"v1\"")]), Wanted::Part(1..3));
        for other in ["\"v2\"", "W/\"v1\"", "Fri, 27 Nov 2026 00:00:00 GMT"] {
            assert_eq!(of(&[range, ("if-range", other)]), Wanted::Whole, "{other}");
        }
        assert_eq!(
            of(&[range, ("if-none-match", "\"v0\", W/\"v1\"")]),
            Wanted::Unchanged
        );
        assert_eq!(of(&[range, ("if-none-match", "*")]), Wanted::Unchanged);
        assert_eq!(
            of(&[range, ("if-none-match", "\"v2\"")]),
            Wanted::Part(1..3)
        );
        assert_eq!(of(&[range, ("if-match", "\"v2\"")]), Wanted::Changed);
        assert_eq!(of(&[range, ("if-match", "\"v1\"")]), Wanted::Part(1..3));
    }

    #[test]
    fn answers_are_read_as_they_are_written() {
        assert_eq!(content_range(&(3..7), 10), "bytes 3-6/10");
        assert_eq!(parse_content_range("bytes 3-6/10"), Some((3..7, Some(10))));
        assert_eq!(parse_content_range("bytes 3-6/*"), Some((3..7, None)));
        for bad in [
            "bytes 6-3/10",
            "bytes 3-10/10",
            "bytes */10",
            "3-6/10",
            "bytes 0-18446744073709551615/*",
            "bytes 3-6",
        ] {
            assert_eq!(parse_content_range(bad), None, "{bad}");
        }
    }
}
