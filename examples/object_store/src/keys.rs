//! Keys from files, as the `secimg` command writes them.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use secimg::keys::{PrivateKey, PublicKey, TrustedSigners};
use secimg::{OpenOptions, SealOptions};

/// For whom, and by whom.
pub(crate) fn sealing(
    recipients: &[PathBuf],
    sign: Option<&Path>,
) -> Result<SealOptions, Box<dyn Error>> {
    let mut options = SealOptions::new();
    for file in recipients {
        options = options.recipient(public(file)?.recipient()?);
    }
    match sign {
        Some(file) => Ok(options.signer(private(file)?.signer()?)),
        None => Ok(options),
    }
}

/// With which keys, and from whom.
pub(crate) fn opening(
    identities: &[PathBuf],
    from: &[PathBuf],
) -> Result<OpenOptions, Box<dyn Error>> {
    let mut options = OpenOptions::new();
    for file in identities {
        options = options.identity(private(file)?.identity()?);
    }
    if from.is_empty() {
        return Ok(options);
    }
    let mut signers = TrustedSigners::new();
    for file in from {
        signers.add(&public(file)?);
    }
    Ok(options.require_signer(signers))
}

fn public(file: &Path) -> Result<PublicKey, Box<dyn Error>> {
    let key = PublicKey::from_pem(&read(file)?);
    Ok(key.map_err(|error| format!("{}: {error}", file.display()))?)
}

fn private(file: &Path) -> Result<PrivateKey, Box<dyn Error>> {
    let key = PrivateKey::from_pem(&read(file)?, None);
    Ok(key.map_err(|error| format!("{}: {error}", file.display()))?)
}

fn read(file: &Path) -> Result<Vec<u8>, String> {
    fs::read(file).map_err(|error| format!("{}: {error}", file.display()))
}
