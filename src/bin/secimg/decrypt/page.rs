//! `verify --html`: what was verified, on one page for people, that needs no network and runs nothing.

use core::fmt::Write;

use base64ct::{Base64, Encoding};
use secimg::content::Manifest;
use secimg::image::sniff;
use secimg::io::names::escape_for_display;
use secimg::stream::{Intended, ItemReport, Report, SignatureReport};

use super::exhibit::Exhibit;
use crate::exit::Failure;
use crate::html::{Page, Rows, escaped, moment};
use crate::label::Label;
use crate::output::hex;

/// Says what follows from the report, and what does not.
const MEANING: &str = "<h2>What this means</h2>\n<p><em>Verified</em>: the stream was read to its end, nothing in it was changed, \
cut off, moved or added since it was sealed, and each image is, byte for byte, what its sender sealed. Who the sender was is proven \
only by a signature of a signer that the reader trusts. What a picture shows, and what its file says of itself, is not proven by \
this.</p>\n<p>SHA-256 of the bytes is what <code>sha256sum</code> prints for the file. The digest of the pixels is the same for \
every file of a format that loses nothing (PNG, BMP, QOI, Netpbm) and has the same samples: SHA-256 over \
<code>secimg/1 pixels</code>, a zero byte, width and height (4 bytes each, big-endian), samples a pixel and bits a sample \
(1 byte each), and all samples, row by row, 16-bit ones little-endian. The preview was made from the pixels and is no evidence.</p>\n";

/// The page for a stream that was verified.
pub(super) fn verified(input: &Label, report: &Report, exhibits: &[Exhibit], now: u64) -> String {
    let mut page = new(input);
    page.verdict(
        "good",
        "Verified: whole, and unchanged since it was sealed.",
    );
    page.table(|rows| stream_rows(rows, input, report, now));
    for warning in report.warnings() {
        page.add(format_args!(
            "<p>Note: {}</p>\n",
            escaped(&warning.to_string())
        ));
    }
    let nothing = Exhibit::default();
    for (number, item) in report.items.iter().enumerate() {
        let exhibit = exhibits.get(number).unwrap_or(&nothing);
        page.image(number + 1, item, exhibit);
    }
    end(page)
}

/// The page for one that was not: nothing of it is shown.
pub(super) fn refused(input: &Label, failure: &Failure, now: u64) -> String {
    let mut page = new(input);
    page.verdict(
        "bad",
        &format!("Not verified: {}.", failure.status.verdict()),
    );
    page.table(|rows| {
        rows.text("File", &input.shown);
        rows.text("Why", &failure.message);
        rows.text("Read at", &moment(now));
    });
    end(page)
}

fn new(input: &Label) -> Page {
    let heading = format!("Report of a verification: {}", input.shown);
    Page::new("secimg: report of a verification", "", &heading)
}

fn end(mut page: Page) -> String {
    page.add(MEANING);
    page.end()
}

impl Page {
    fn image(&mut self, number: usize, item: &ItemReport, exhibit: &Exhibit) {
        let manifest = &item.manifest;
        let name = manifest.name.as_deref().map_or("(no name)", |name| name);
        self.add(format_args!(
            "<h2>Image {number}: {}</h2>\n",
            escaped(&escape_for_display(name))
        ));
        self.preview(exhibit);
        self.table(|rows| image_rows(rows, item, exhibit));
    }

    fn preview(&mut self, exhibit: &Exhibit) {
        let Some(preview) = &exhibit.preview else {
            return self
                .add("<p>No preview: the image is not of a kind that is decoded here.</p>\n");
        };
        let by = if exhibit.preview_was_sealed {
            "sealed by the sender"
        } else {
            "made from the image for this page"
        };
        // Nothing but a picture is put into the page, whatever the sender called a preview.
        let info = sniff(preview);
        if !matches!(info.format, "jpeg" | "png") {
            return self
                .add("<p>The preview that was sealed is of a kind that is not shown here.</p>\n");
        }
        self.add(format_args!(
            "<p><img alt=\"preview\" src=\"data:{};base64,{}\"></p>\n<p>Preview {by}.</p>\n",
            info.media_type,
            Base64::encode_string(preview)
        ));
    }
}

fn stream_rows(rows: &mut Rows, input: &Label, report: &Report, now: u64) {
    rows.text("File", &input.shown);
    rows.text("Read at", &moment(now));
    rows.text("Images", &report.items.len().to_string());
    rows.text("Cipher suite", report.suite);
    rows.code("Transfer id", &hex(&report.transfer_id));
    let recipient = &report.recipient;
    let of = format!(
        "{}, key id {}",
        recipient.kind.name(),
        hex(&recipient.key_id)
    );
    rows.code("Opened as recipient", &of);
    match &report.signature {
        None => rows.text("Signer", "not signed: nothing says who sent it"),
        Some(signature) => signature_rows(rows, signature),
    }
}

fn signature_rows(rows: &mut Rows, signature: &SignatureReport) {
    rows.code("Signer", &format!("sha256:{}", hex(&signature.signer)));
    rows.text("Signature", signature.algorithm.name());
    let trust = if signature.trusted {
        "one that the reader required"
    } else {
        "the reader named nobody to trust: whoever has this key signed it"
    };
    rows.text("Trust", trust);
    rows.text("Signed at, by the signer's clock", &moment(signature.time));
    let intended = match signature.intended {
        Intended::Intended => "the signer meant this recipient",
        Intended::NotIntended => "the signer did not mean this recipient",
        _ => "the signer's list does not say whether this recipient was meant",
    };
    rows.text("Meant for", intended);
}

fn image_rows(rows: &mut Rows, item: &ItemReport, exhibit: &Exhibit) {
    let manifest = &item.manifest;
    rows.text("Format, as the file claims", &format_of(manifest));
    rows.text("Bytes", &item.bytes.to_string());
    let digest = item.sha256.map(|digest| hex(&digest));
    rows.code(
        "SHA-256 of the bytes",
        digest.as_deref().unwrap_or("not computed"),
    );
    match &exhibit.pixels {
        Some(pixels) => {
            rows.code("SHA-256 of the pixels", &hex(&pixels.sha256));
            let of = format!(
                "{} x {}, {} of {} bits",
                pixels.width, pixels.height, pixels.channels, pixels.bits
            );
            rows.text("Samples", &of);
        }
        None => rows.text("SHA-256 of the pixels", "none for this format"),
    }
    if let Some(time) = manifest.time.and_then(|time| u64::try_from(time).ok()) {
        rows.text("Time of the file, as the sender said", &moment(time));
    }
}

fn format_of(manifest: &Manifest) -> String {
    let mut text = format!("{} ({})", manifest.format, manifest.media_type);
    if let (Some(width), Some(height)) = (manifest.claimed_width, manifest.claimed_height) {
        // Writing to a string cannot fail.
        let _ = write!(text, ", {width} x {height} pixels");
    }
    if let Some(frames) = manifest.claimed_frames.filter(|frames| *frames != 1) {
        let _ = write!(text, ", {frames} frames");
    }
    text
}
