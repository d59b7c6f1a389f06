//! A modality seals an image for a hospital, and the hospital opens it.
//!
//! ```text
//! cargo run --example seal_file -- picture.png
//! ```
//!
//! It seals the file beside itself as `picture.png.secimg`, signed, and opens it again only if the
//! signature is by the modality. Without an argument it seals a few bytes in the temporary folder.

use core::error::Error;
use std::fs::{self, File};
use std::path::PathBuf;

use secimg::io::{OpenReader, SealWriter, open_stream};
use secimg::keys::{GenerateKind, PrivateKey};
use secimg::{ImageDescription, OpenOptions, SealOptions};

fn main() -> Result<(), Box<dyn Error>> {
    let path = match std::env::args_os().nth(1) {
        Some(path) => PathBuf::from(path),
        None => sample()?,
    };
    let hospital = PrivateKey::generate(GenerateKind::default())?;
    let modality = PrivateKey::generate(GenerateKind::Ed25519)?;

    // Seal: any `Write` will do.
    let sealed_path = path.with_added_extension("secimg");
    let options = SealOptions::new()
        .recipient(hospital.public().recipient()?)
        .signer(modality.signer()?);
    let mut writer = SealWriter::new(File::create(&sealed_path)?, &options)?;
    let image = File::open(&path)?;
    let length = image.metadata()?.len();
    let name = path
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    writer.add_image(image, &ImageDescription::new().named(&name), Some(length))?;
    writer.finish()?;

    // Verify all of it, by this signer and nobody else, keeping nothing.
    let options = OpenOptions::new()
        .identity(hospital.identity()?)
        .require_signer([modality.public()].into_iter().collect());
    let verified = open_stream(
        File::open(&sealed_path)?,
        &options.clone().spooled(),
        &mut (),
    )?;
    for item in &verified.report().items {
        println!("{}: {} bytes, verified", item.manifest.format, item.bytes);
    }

    // Read a part of it, without opening the rest.
    let mut reader = OpenReader::open(File::open(&sealed_path)?, &options)?;
    let mut copy = Vec::new();
    std::io::copy(&mut reader, &mut copy)?;
    assert_eq!(copy, fs::read(&path)?);
    println!("{} opens to the same bytes", sealed_path.display());
    Ok(())
}

fn sample() -> Result<PathBuf, Box<dyn Error>> {
    let path = std::env::temp_dir().join("secimg-example.bin");
    fs::write(&path, b"not much of an image")?;
    Ok(path)
}
