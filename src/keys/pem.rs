//! PEM, the text form of keys (RFC 7468), read as widely as `openssl` reads it and written as it writes.
//!
//! ```text
//! explanatory text ‖ -----BEGIN LABEL----- ‖ base64 lines ‖ -----END LABEL----- ‖ explanatory text
//! ```
//!
//! Line ends may be LF or CRLF, lines may have any length and spaces around them. What lies between
//! the boundaries may be a private key: it is decoded in constant time and wiped.

use base64ct::{Base64, Encoding};
use zeroize::Zeroizing;

use super::error::KeyError;

/// The longest text that is looked at; an encrypted RSA key of 4096 bits takes less than 4 KiB.
const MAX_LEN: usize = 64 << 10;
/// RFC 7468 section 2: lines of 64 characters, which hold 48 bytes.
const LINE_BYTES: usize = 48;
const LINE_CHARS: usize = 64;

/// The one block of a PEM text.
#[derive(Clone, Copy)]
pub(super) struct Pem<'a> {
    label: &'a str,
    body: &'a [u8],
}

impl<'a> Pem<'a> {
    /// Finds the one block. What is inside is not decoded yet.
    pub(super) fn find(text: &'a [u8]) -> Result<Self, KeyError> {
        if text.len() > MAX_LEN {
            return Err(KeyError::NotAKey("longer than 64 KiB"));
        }
        let (label, rest) = find_begin(text).ok_or_else(|| no_block(text))?;
        let (body, rest) = find_end(rest, label)?;
        if find_begin(rest).is_some() {
            return Err(KeyError::NotAKey(
                "more than one PEM block; a key file holds one key",
            ));
        }
        Ok(Self { label, body })
    }

    /// Finds every block, and returns `None` for more than `max` of them. Nothing is decoded yet; who
    /// calls this has bounded the length of the text.
    pub(super) fn find_all(text: &'a [u8], max: usize) -> Result<Option<Vec<Self>>, KeyError> {
        let mut blocks = Vec::new();
        let mut text = text;
        while let Some((label, rest)) = find_begin(text) {
            if blocks.len() == max {
                return Ok(None);
            }
            let (body, rest) = find_end(rest, label)?;
            blocks.push(Self { label, body });
            text = rest;
        }
        Ok(Some(blocks))
    }

    /// Returns what stands behind BEGIN, such as `PRIVATE KEY`.
    pub(super) const fn label(&self) -> &'a str {
        self.label
    }

    /// Decodes the block. `container` names it in errors.
    pub(super) fn decode(&self, container: &'static str) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let mut base64 = Zeroizing::new(Vec::with_capacity(self.body.len()));
        for line in self.body.split(|&byte| byte == b'\n') {
            base64.extend_from_slice(line.trim_ascii());
        }
        let mut der = Zeroizing::new(vec![0; base64.len() / 4 * 3]);
        let decoded = Base64::decode(&*base64, &mut der).map(<[u8]>::len);
        let len = decoded.map_err(|_| KeyError::malformed(container, "its base64 is damaged"))?;
        der.truncate(len);
        Ok(der)
    }
}

/// Returns the label of the first block, which need not be whole.
pub(super) fn find_label(text: &[u8]) -> Option<&str> {
    find_begin(text).map(|(label, _)| label)
}

/// Writes one block.
pub(super) fn encode(label: &str, der: &[u8]) -> Zeroizing<String> {
    let lines = der.len().div_ceil(LINE_BYTES);
    let capacity = 2 * (label.len() + 17) + lines * (LINE_CHARS + 1);
    let mut text = Zeroizing::new(String::with_capacity(capacity));
    boundary(&mut text, "BEGIN", label);
    let mut line = Zeroizing::new([0; LINE_CHARS]);
    for bytes in der.chunks(LINE_BYTES) {
        let encoded = Base64::encode(bytes, &mut *line);
        debug_assert!(encoded.is_ok(), "48 bytes fit a line");
        text.push_str(encoded.unwrap_or_default());
        text.push('\n');
    }
    boundary(&mut text, "END", label);
    debug_assert!(text.len() <= capacity, "growing would leave a copy behind");
    text
}

fn boundary(text: &mut String, word: &str, label: &str) {
    for part in ["-----", word, " ", label, "-----\n"] {
        text.push_str(part);
    }
}

/// Returns the label of the first BEGIN line and what follows the line.
fn find_begin(mut text: &[u8]) -> Option<(&str, &[u8])> {
    while !text.is_empty() {
        let (line, rest) = split_line(text);
        let label = line
            .strip_prefix(b"-----BEGIN ")
            .and_then(|l| l.strip_suffix(b"-----"));
        if let Some(label) = label.and_then(|label| core::str::from_utf8(label).ok()) {
            return Some((label, rest));
        }
        text = rest;
    }
    None
}

/// Returns what stands before the END line, and what follows it.
fn find_end<'a>(text: &'a [u8], label: &str) -> Result<(&'a [u8], &'a [u8]), KeyError> {
    let mut rest = text;
    while !rest.is_empty() {
        let before = text.len() - rest.len();
        let (line, next) = split_line(rest);
        if let Some(end) = line.strip_prefix(b"-----END ") {
            if end.strip_suffix(b"-----") != Some(label.as_bytes()) {
                return Err(KeyError::NotAKey("the PEM block ends with another label"));
            }
            return Ok((&text[..before], next));
        }
        rest = next;
    }
    Err(KeyError::NotAKey(
        "the PEM block has no end: is the file cut off?",
    ))
}

/// Returns the first line without the white space around it, and the rest.
fn split_line(text: &[u8]) -> (&[u8], &[u8]) {
    let end = text
        .iter()
        .position(|&byte| byte == b'\n')
        .unwrap_or(text.len());
    let rest = text.get(end + 1..).unwrap_or_default();
    (text[..end].trim_ascii(), rest)
}

fn no_block(text: &[u8]) -> KeyError {
    let text = text.trim_ascii_start();
    if text.starts_with(b"ssh-ed25519 ") {
        return KeyError::NotAKey(
            "OpenSSH's form; `secimg pub KEY` writes one from the private key",
        );
    }
    if text.starts_with(b"ssh-rsa ") {
        return KeyError::Convert {
            found: "an OpenSSH public key",
            command: "ssh-keygen -e -m PKCS8 -f KEY.pub > NEW.pub",
        };
    }
    // 30 8x: a DER SEQUENCE of more than 127 bytes; 30 2x to 30 3x: an Ed25519 key.
    if matches!(text, [0x30, 0x20..=0x3F | 0x80..=0x84, ..]) {
        return KeyError::Convert {
            found: "a key in binary DER",
            command: "openssl pkey -inform DER -in KEY -out NEW (with -pubin for a public key)",
        };
    }
    KeyError::NotAKey("no `-----BEGIN` line was found")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(text: &str) -> Result<(String, Vec<u8>), KeyError> {
        let pem = Pem::find(text.as_bytes())?;
        Ok((pem.label().to_owned(), pem.decode("TEST")?.to_vec()))
    }

    #[test]
    fn every_length_survives_the_round_trip() {
        for len in 0..200_u8 {
            let der: Vec<u8> = (0..len).collect();
            let text = encode("A LABEL", &der);
            assert!(text.lines().all(|line| line.len() <= 64));
            assert_eq!(decode(&text), Ok(("A LABEL".into(), der)));
        }
    }

    #[test]
    fn other_layouts_are_read() {
        let text = encode("KEY", &[7; 100]);
        let expected = Ok(("KEY".to_owned(), vec![7; 100]));
        let crlf = text.replace('\n', "\r\n");
        let bag = format!(
            "Bag Attributes\n    friendlyName: x\nKey: <None>\n{}\n\nbye\n",
            *text
        );
        let indented = text.replace('\n', "  \n  ");
        let joined = text
            .replace("=\n", "=#")
            .replace("BwcH\n", "BwcH")
            .replace('#', "\n");
        let unended = text.trim_end().to_owned();
        for text in [crlf, bag, indented, joined, unended] {
            assert_eq!(decode(&text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_not_one_whole_block_is_refused() {
        let text = encode("KEY", &[7; 100]).to_string();
        let two = format!("{text}{text}");
        let cut = text.replace("-----END KEY-----", "");
        let other = text.replace("END KEY", "END LOCK");
        let long = format!("{}{text}", "x".repeat(65 << 10));
        for text in [
            "",
            "hello",
            "-----BEGIN KEY-----",
            &two,
            &cut,
            &other,
            &long,
        ] {
            assert!(matches!(decode(text), Err(KeyError::NotAKey(_))), "{text}");
        }
        for text in [
            text.replace("Bw", "B "),
            text.replace("Bw", "B!"),
            text.replace('=', ""),
        ] {
            assert!(
                matches!(decode(&text), Err(KeyError::Malformed { .. })),
                "{text}"
            );
        }
    }

    #[test]
    fn der_and_openssh_are_pointed_to_their_converters() {
        for text in [
            b"\x30\x82\x01\x22".as_slice(),
            b"\x30\x2A\x30\x05",
            b"ssh-rsa AAAA me@here",
        ] {
            assert!(matches!(Pem::find(text), Err(KeyError::Convert { .. })));
        }
    }
}
