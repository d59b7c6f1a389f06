//! The arguments of redaction.

use std::path::PathBuf;

use clap::Args;
use secimg::crypto::{DEFAULT_SUITE, Suite};
use secimg::redact::Rect;

use super::{IdentityArgs, KeyAccess, RecipientArgs, SealArgs, TrustArgs, parse_suite};

#[derive(Debug, Args)]
pub(crate) struct RedactArgs {
    /// Fill this rectangle, in pixels from the top left corner of the picture as it is shown (repeatable)
    #[arg(long = "rect", value_name = "X,Y,W,H", required = true)]
    pub(crate) rects: Vec<Rect>,
    /// Fill with this colour
    #[arg(long, value_name = "RRGGBB", default_value = "000000", value_parser = parse_colour)]
    pub(crate) fill: Colour,
    /// Seal all of the original file, so that it can be restored byte for byte (a JPEG always is)
    #[arg(long)]
    pub(crate) whole: bool,
    /// Put what is sealed into OUT.secimg and not into the PNG: services that take pictures remove it from there (for a
    /// JPEG it always is)
    #[arg(long)]
    pub(crate) sidecar: bool,
    /// The picture: PNG, BMP, TIFF or JPEG; - is standard input
    #[arg(value_name = "IN")]
    pub(crate) input: PathBuf,
    /// The redacted picture, a PNG; - is standard output
    #[arg(value_name = "OUT")]
    pub(crate) output: PathBuf,
    #[command(flatten)]
    pub(crate) recipients: RecipientArgs,
    #[command(flatten)]
    pub(crate) seal: RedactSealArgs,
}

/// How to seal what is hidden.
#[derive(Debug, Args)]
#[command(next_help_heading = "Sealing")]
pub(crate) struct RedactSealArgs {
    /// Sign with this private key; only recipients see who signed
    #[arg(long, value_name = "KEY")]
    sign: Option<PathBuf>,
    #[command(flatten)]
    access: KeyAccess,
    /// Cipher suite: cbc (AES-256-CBC with HMAC-SHA-256) or gcm (AES-256-GCM)
    #[arg(long, value_name = "cbc|gcm", value_parser = parse_suite,
          default_value = DEFAULT_SUITE.short_name)]
    suite: &'static Suite,
    /// Bind the sealed part to a text that both sides know and that is not stored
    #[arg(long, value_name = "TEXT")]
    context: Option<String>,
    /// Hide the length of the sealed part, at a cost of up to 12 %
    #[arg(long)]
    pad: bool,
}

impl RedactSealArgs {
    /// As other commands that seal have it.
    pub(crate) fn as_seal(&self) -> SealArgs {
        SealArgs {
            sign: self.sign.clone(),
            access: self.access.clone(),
            suite: self.suite,
            context: self.context.clone(),
            pad: self.pad,
            strip: false,
            preview: false,
            keep_paths: false,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct UnredactArgs {
    /// What was sealed is in FILE [default: in the PNG, or where there is nothing in IN.secimg]
    #[arg(long, value_name = "FILE")]
    pub(crate) sidecar: Option<PathBuf>,
    /// Fail unless the signer meant this reader
    #[arg(long)]
    pub(crate) require_intended: bool,
    /// The redacted picture; - is standard input
    #[arg(value_name = "IN")]
    pub(crate) input: PathBuf,
    /// The restored picture: a PNG, or the original file where all of it was sealed; - is standard output
    #[arg(value_name = "OUT")]
    pub(crate) output: PathBuf,
    #[command(flatten)]
    pub(crate) identities: IdentityArgs,
    #[command(flatten)]
    pub(crate) trust: TrustArgs,
}

/// Red, green and blue.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Colour(pub(crate) [u8; 3]);

fn parse_colour(text: &str) -> Result<Colour, String> {
    let wrong = || "six hexadecimal digits: red, green and blue".to_owned();
    let is_colour = text.len() == 6 && text.bytes().all(|digit| digit.is_ascii_hexdigit());
    if !is_colour {
        return Err(wrong());
    }
    let number = u32::from_str_radix(text, 16).map_err(|_| wrong())?;
    let [_, red, green, blue] = number.to_be_bytes();
    Ok(Colour([red, green, blue]))
}
