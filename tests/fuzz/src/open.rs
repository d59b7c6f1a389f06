//! Whole streams, opened with keys that the fuzzer knows: every way of reading says the same.

use std::io::{Cursor, Read};

use secimg::format::{FormatError, FormatErrorKind};
use secimg::io::{OpenReader, ReadError, open_stream};
use secimg::{OpenError, OpenOptions, Opened, decrypt, verify};

use super::choices::{Choices, Pieces};
use super::drive::{Trace, drive};
use super::keys::{options, trusted};
use super::sealed::sealed;

/// Input: as it is or to be sealed, a signer required or not; pieces; a stream or its script.
pub fn open(data: &[u8]) {
    let mut choices = Choices::new(data);
    let mode = choices.byte();
    let (inputs, outputs) = (choices.pieces(), choices.pieces());
    let stream = if mode & 1 == 0 {
        choices.rest().to_vec()
    } else {
        sealed(&mut choices)
    };
    let options = if mode & 2 == 0 {
        options()
    } else {
        options().require_signer(trusted())
    };
    let whole = drive(&stream, &options, Pieces::whole(), Pieces::whole());
    assert_eq!(whole, drive(&stream, &options, inputs, outputs));
    in_order(&stream, &options, whole);
}

/// The one-shot functions and `Read` agree with the machine.
fn in_order(stream: &[u8], options: &OpenOptions, whole: Trace) {
    let end = whole.end.and_then(|verified| {
        let at = verified.report().stream_bytes;
        if at == stream.len() as u64 {
            return Ok(verified);
        }
        Err(OpenError::from(FormatError::at(
            FormatErrorKind::TrailingBytes,
            at,
        )))
    });
    assert_eq!(verify(stream, options), end);
    match open_stream(stream, options, &mut ()) {
        Err(ReadError::Open(error)) => assert_eq!(Err(error), end),
        other => assert_eq!(other.ok(), end.as_ref().ok().cloned()),
    }
    let opened = decrypt(stream, options);
    assert_eq!(opened.as_ref().map(|opened| &opened.report), end.as_ref());
    let sought = seek(stream, options);
    if let Ok(opened) = opened {
        check(&opened, &whole.released);
        let images = opened.images.into_iter().map(|image| image.bytes);
        assert_eq!(images.collect::<Vec<_>>(), sought.unwrap());
    }
}

fn check(opened: &Opened, released: &[u8]) {
    let report = opened.report.report();
    assert_eq!(opened.images.len(), report.items.len());
    let mut rest = released;
    for (image, item) in opened.images.iter().zip(&report.items) {
        assert_eq!(image.manifest, item.manifest);
        assert_eq!(image.bytes.len() as u64, item.bytes);
        rest = rest.strip_prefix(image.bytes.as_slice()).unwrap();
    }
    assert!(rest.is_empty());
}

/// Every item, read by seeking.
fn seek(stream: &[u8], options: &OpenOptions) -> Result<Vec<Vec<u8>>, ReadError> {
    let mut reader = OpenReader::open(Cursor::new(stream), options)?;
    let mut items = Vec::new();
    for number in 0..reader.items()?.len() {
        reader.select(number)?;
        let mut bytes = Vec::new();
        reader.read_to_end(&mut bytes)?;
        assert_eq!(bytes.len() as u64, reader.item_len());
        items.push(bytes);
    }
    Ok(items)
}
