//! `--preview-for`: a second, ordinary stream that holds the previews alone, for who may not see the images.

use std::io::Write;

use secimg::SealOptions;
use secimg::content::Manifest;
use secimg::image::sniff;
use secimg::io::SealWriter;

use crate::exit::Failure;
use crate::output::SealedItem;

/// Seals the previews of a stream's images, of those that have one, and returns how many there were. Each names the
/// stream with the image, and is called as the image is, with what the preview is behind it.
pub(crate) fn seal_previews<W: Write>(
    output: W,
    items: &[SealedItem],
    transfer_id: [u8; 32],
    options: &SealOptions,
) -> Result<(W, usize), Failure> {
    let mut writer = SealWriter::new(output, options)?;
    let mut count = 0;
    for item in items {
        let Some(preview) = &item.preview else {
            continue;
        };
        let bytes = preview.bytes();
        let manifest = manifest(&item.manifest, bytes, transfer_id);
        writer.start_item(&manifest, Some(bytes.len() as u64))?;
        let written = writer.write_all(bytes);
        written.map_err(|error| Failure::io("writing the previews failed", &error))?;
        writer.end_item()?;
        count += 1;
    }
    Ok((writer.finish()?, count))
}

fn manifest(image: &Manifest, preview: &[u8], transfer_id: [u8; 32]) -> Manifest {
    let info = sniff(preview);
    let mut manifest = Manifest::new(info.format, info.media_type);
    manifest.claimed_width = info.claims.width;
    manifest.claimed_height = info.claims.height;
    manifest.time = image.time;
    let extension = if info.format == "png" { "png" } else { "jpg" };
    manifest.name = image
        .name
        .as_ref()
        .map(|name| format!("{name}.preview.{extension}"));
    manifest.preview_of = Some(transfer_id);
    manifest
}
