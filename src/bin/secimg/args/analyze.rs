//! The arguments of the evaluation.

use std::path::PathBuf;

use clap::Args;

/// The words that `analyze --help` ends with.
const MEANING: &str = "\
The picture's samples are encrypted by both suites, as the library seals, and by two ciphers that are not secure: \
AES-256-ECB, and one with a key of 16 bits, which is broken in the same run. All are put to the same tests: entropy, \
chi-square, correlation of neighbours, NPCR, UACI, and what one changed bit of the key changes; each number stands beside \
what an ideal cipher gives at this size. These tests are necessary and not sufficient: the ciphers that are not secure pass \
them as well. What counts is tried too, on streams that are sealed for it: every bit flipped, every length, wrong keys, IVs.";

#[derive(Debug, Args)]
#[command(after_long_help = MEANING)]
pub(crate) struct AnalyzeArgs {
    /// Write a page for people, with pictures and plots, that needs no network and runs nothing; - is standard output
    #[arg(short, value_name = "OUT.html")]
    pub(crate) output: Option<PathBuf>,
    /// A picture of a kind that previews are made of: PNG, JPEG, WebP, BMP, TIFF, GIF and some more; at least 64 x 64 pixels,
    /// and of more than 2048 x 2048 the middle; - is standard input
    #[arg(value_name = "IMAGE")]
    pub(crate) image: PathBuf,
}
