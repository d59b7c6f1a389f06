//! The receipt: whom it must be from, and where it is kept.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use secimg::io::file::{FileMode, Overwrite};
use secimg::keys::TrustedSigners;
use secimg::transport::{Receipt, TransportError};

use crate::args::SendArgs;
use crate::exit::{Failure, Status};
use crate::keys_in::trusted_signers;
use crate::label::shown;
use crate::output::hex;
use crate::pending::Pending;
use crate::store::check_free;

/// What is asked of a receipt.
#[derive(Debug)]
pub(crate) struct Demand {
    from: Option<TrustedSigners>,
    keep: Keep,
    overwrite: Overwrite,
    /// What is worth knowing of the receivers' certificates.
    pub(super) warnings: Vec<String>,
}

#[derive(Debug)]
enum Keep {
    Nowhere,
    File(PathBuf),
    Folder(PathBuf),
}

impl Demand {
    /// Asks for nothing but what the sender can check with its own key.
    pub(crate) const fn none() -> Self {
        Self {
            from: None,
            keep: Keep::Nowhere,
            overwrite: Overwrite::Refuse,
            warnings: Vec::new(),
        }
    }

    /// `--receipt-from`, `--receipt` and `--receipts`, all that can be wrong with them found before
    /// anything is sent.
    pub(super) fn new(
        args: &SendArgs,
        streams: usize,
        overwrite: Overwrite,
    ) -> Result<Self, Failure> {
        let (mut from, mut warnings) = (None, Vec::new());
        if !args.receipt_from.is_empty() {
            let strict = args.recipients.strict_certificates;
            let sharing = args.seal.access.sharing();
            let (trusted, told) = trusted_signers(&args.receipt_from, strict, sharing)?;
            (from, warnings) = (Some(trusted), told);
        }
        let keep = match (&args.receipt, &args.receipts) {
            (Some(_), _) if streams > 1 => {
                let what = "each stream has a receipt of its own: --receipts DIR keeps them all";
                return Err(Failure::usage(what));
            }
            (Some(file), _) => {
                check_free(file, overwrite)?;
                Keep::File(file.clone())
            }
            (_, Some(folder)) if folder.is_dir() => Keep::Folder(folder.clone()),
            (_, Some(folder)) => {
                let failed = |error| Failure::io("cannot create the folder", &error).about(folder);
                fs::create_dir(folder).map_err(failed)?;
                Keep::Folder(folder.clone())
            }
            _ => Keep::Nowhere,
        };
        Ok(Self {
            from,
            keep,
            overwrite,
            warnings,
        })
    }

    /// Tells whether a signature by one of certain receivers is required.
    pub(super) const fn names_receivers(&self) -> bool {
        self.from.is_some()
    }

    /// Checks who signed, where that is asked for.
    pub(super) fn check(&self, receipt: &Receipt) -> Result<(), TransportError> {
        match &self.from {
            Some(from) => receipt.require_signer(from).map(drop),
            None => Ok(()),
        }
    }

    /// Keeps the receipt, and says where.
    pub(super) fn keep(&self, receipt: &Receipt) -> Result<Option<PathBuf>, Failure> {
        let path = match &self.keep {
            Keep::Nowhere => return Ok(None),
            Keep::File(file) => file.clone(),
            Keep::Folder(folder) => folder.join(format!("{}.receipt", hex(&receipt.transfer_id))),
        };
        // A stream that was sent before has a receipt there; the newer one says as much.
        let overwrite = match self.keep {
            Keep::Folder(_) => Overwrite::Replace,
            _ => self.overwrite,
        };
        write(&path, &receipt.to_bytes(), overwrite).map_err(|failure| {
            let what = format!(
                "the images arrived, but the receipt could not be kept as {}: {failure}",
                shown(&path)
            );
            Failure::new(Status::Io, failure.code, what)
        })?;
        Ok(Some(path))
    }
}

fn write(path: &Path, bytes: &[u8], overwrite: Overwrite) -> Result<(), Failure> {
    let mut file = Pending::create(path, overwrite)?;
    let written = file.write_all(bytes);
    written.map_err(|error| Failure::io("writing failed", &error))?;
    Ok(file.commit(FileMode::Shared)?)
}
