//! Names in certificates, for people.
//!
//! Whoever made a certificate chose them, so nothing in them may move a terminal's cursor, turn the
//! direction of a line, or pass for another attribute.

use core::fmt;

use x509_cert::attr::AttributeTypeAndValue;
use x509_cert::der::asn1::Any;
use x509_cert::der::{Encode, Tag, Tagged};
use x509_cert::name::Name;

/// Longer text is cut for display; RFC 5280's own bounds allow 64 characters for a common name.
const MAX_SHOWN: usize = 300;

/// A distinguished name (X.501).
///
/// It is shown as RFC 4514 has it, the most specific part first: `CN=Radiology,O=Example Hospital`. What
/// is invisible, turns text around or moves a cursor is shown as its bytes in hex (`\E2\80\AE`), which
/// the same RFC allows, and what is longer than 300 characters ends in an ellipsis. Two names are equal
/// when their encodings are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DistinguishedName {
    der: Box<[u8]>,
    shown: String,
}

impl DistinguishedName {
    pub(super) fn read(name: &Name) -> x509_cert::der::Result<Self> {
        let mut shown = Shown::default();
        let rdns: Vec<_> = name.iter_rdn().collect();
        for (i, rdn) in rdns.into_iter().rev().enumerate() {
            for (j, attribute) in rdn.iter().enumerate() {
                match (i, j) {
                    (0, 0) => {}
                    (_, 0) => shown.push(","),
                    _ => shown.push("+"),
                }
                shown.attribute(attribute);
            }
        }
        Ok(Self {
            der: name.to_der()?.into(),
            shown: shown.text,
        })
    }

    /// Tells whether there is no attribute in it; such certificates name their subject in an extension.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.shown.is_empty()
    }
}

impl fmt::Display for DistinguishedName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_empty() {
            "(no name)"
        } else {
            &self.shown
        })
    }
}

/// The text so far. Once it is full nothing more goes in.
#[derive(Default)]
struct Shown {
    text: String,
    characters: usize,
}

impl Shown {
    /// Appends a unit that is shown whole or not at all.
    fn push(&mut self, unit: &str) {
        if self.characters > MAX_SHOWN {
            return;
        }
        self.characters += unit.chars().count();
        self.text.push_str(if self.characters > MAX_SHOWN {
            "…"
        } else {
            unit
        });
    }

    fn attribute(&mut self, attribute: &AttributeTypeAndValue) {
        let oid = attribute.oid.to_string();
        self.push(short_name(&oid).unwrap_or(&oid));
        self.push("=");
        if let Some(text) = text_of(&attribute.value) {
            self.value(&text);
        } else {
            self.push("#");
            let der = attribute.value.to_der().unwrap_or_default();
            let bytes = der.chunks(1).take(MAX_SHOWN);
            bytes.for_each(|byte| self.push(&hex("", byte)));
        }
    }

    /// RFC 4514 section 2.4.
    fn value(&mut self, text: &str) {
        let last = text.chars().count().saturating_sub(1);
        for (i, c) in text.chars().take(MAX_SHOWN + 1).enumerate() {
            let special = matches!(c, '"' | '+' | ',' | ';' | '<' | '>' | '\\')
                || c == '#' && i == 0
                || c == ' ' && (i == 0 || i == last);
            if special {
                self.push(&format!("\\{c}"));
            } else if is_hidden(c) {
                self.push(&hex("\\", c.encode_utf8(&mut [0; 4]).as_bytes()));
            } else {
                self.push(c.encode_utf8(&mut [0; 4]));
            }
        }
    }
}

fn hex(before: &str, bytes: &[u8]) -> String {
    let digits = bytes.iter().map(|byte| format!("{before}{byte:02X}"));
    digits.collect()
}

/// The short names of RFC 4514 section 3, and those that OpenSSL prints.
fn short_name(oid: &str) -> Option<&'static str> {
    Some(match oid {
        "2.5.4.3" => "CN",
        "2.5.4.4" => "SN",
        "2.5.4.5" => "serialNumber",
        "2.5.4.6" => "C",
        "2.5.4.7" => "L",
        "2.5.4.8" => "ST",
        "2.5.4.9" => "street",
        "2.5.4.10" => "O",
        "2.5.4.11" => "OU",
        "2.5.4.12" => "title",
        "2.5.4.42" => "GN",
        "2.5.4.97" => "organizationIdentifier",
        "0.9.2342.19200300.100.1.1" => "UID",
        "0.9.2342.19200300.100.1.25" => "DC",
        "1.2.840.113549.1.9.1" => "emailAddress",
        _ => return None,
    })
}

/// The text of a `DirectoryString` (RFC 5280 section 4.1.2.4); `None` for what is no text.
fn text_of(value: &Any) -> Option<String> {
    let bytes = value.value();
    match value.tag() {
        Tag::Utf8String | Tag::PrintableString | Tag::Ia5String => {
            String::from_utf8(bytes.to_vec()).ok()
        }
        // T.61 in name, Latin-1 in practice.
        Tag::TeletexString => Some(bytes.iter().copied().map(char::from).collect()),
        Tag::BmpString => {
            let (units, rest) = bytes.as_chunks::<2>();
            let units: Vec<_> = units.iter().copied().map(u16::from_be_bytes).collect();
            let text = String::from_utf16(&units).ok();
            text.filter(|_| rest.is_empty())
        }
        _ => None,
    }
}

/// Whether a terminal would not show this character as a glyph of its own.
fn is_hidden(c: char) -> bool {
    // Behind another character `escape_debug` lets combining marks stand, which ordinary names need. It
    // escapes controls, bidi marks, private and unassigned characters, and all spaces but the usual one.
    let mut pair = ['a'; 2];
    pair[1] = c;
    let pair: String = pair.iter().collect();
    let quote = matches!(c, '"' | '\'' | '\\');
    !quote && pair.escape_debug().count() > 2 || is_invisible(c)
}

/// Fillers, joiners and selectors that count as letters or marks.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{34f}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{3164}')
        || matches!(c, '\u{180b}'..='\u{180f}' | '\u{ffa0}' | '\u{fe00}'..='\u{fe0f}')
        || matches!(c, '\u{e0100}'..='\u{e01ef}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let mut shown = Shown::default();
        shown.value(text);
        shown.text
    }

    #[test]
    fn ordinary_names_stand_as_they_are() {
        for name in [
            "Klinikum Süd",
            "St. Mary's",
            "हिन्दी",
            "放射線科",
            "e\u{301}",
            "a=b",
        ] {
            assert_eq!(shown(name), name);
        }
    }

    #[test]
    fn nothing_hidden_or_special_stands_bare() {
        for (name, expected) in [
            ("a\nb", "a\\0Ab"),
            ("\u{1b}[2J", "\\1B[2J"),
            ("\u{202e}gpj", "\\E2\\80\\AEgpj"),
            ("a\u{a0}b", "a\\C2\\A0b"),
            ("\u{3164}", "\\E3\\85\\A4"),
            ("\u{e000}", "\\EE\\80\\80"),
            ("a,CN=b", "a\\,CN=b"),
            ("a+\"b\"", "a\\+\\\"b\\\""),
            (" # ", "\\ #\\ "),
            ("#a#", "\\#a#"),
            ("a\\0Ab", "a\\\\0Ab"),
        ] {
            assert_eq!(shown(name), expected);
        }
    }

    #[test]
    fn long_names_are_cut_between_units() {
        let long = shown(&"x".repeat(100_000));
        assert_eq!(long, format!("{}…", "x".repeat(300)));
        let hidden = shown(&"\n".repeat(1000));
        assert_eq!(hidden, format!("{}…", "\\0A".repeat(100)));
    }
}
