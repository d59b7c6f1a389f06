//! The words of the command line. Scripts rely on them: they may grow, not change.

use core::num::NonZeroUsize;
use core::time::Duration;
use std::path::PathBuf;
use std::thread;

use clap::{ArgAction, ArgGroup, Args, Parser, Subcommand, ValueEnum};
use secimg::crypto::{DEFAULT_SUITE, SUITES, Suite, suite_named};

pub(crate) use analyze::AnalyzeArgs;
#[cfg(feature = "http")]
pub(crate) use network::TlsArgs;
pub(crate) use network::{LimitArgs, ReceiptArgs, ReceiveArgs, SendArgs};
pub(crate) use redact::{Colour, RedactArgs, UnredactArgs};

mod analyze;
mod network;
mod redact;

/// Builds without HTTP take no certificates for it.
#[cfg(not(feature = "http"))]
#[derive(Debug, Args)]
pub(crate) struct TlsArgs {}

const EXIT_STATUSES: &str = "\
Exit status: 0 done and verified; 1 refused (not authentic, no matching key, wrong passphrase or \
context, wrong or missing signer, refused receipt); 2 wrong usage; 3 damaged or unsupported input; \
4 input or output failed. Of several inputs all are tried, and the first failure decides.";

/// Protects images: seals them for named recipients, carries them, and opens them again to the
/// byte-exact original with proof of who sent them.
#[derive(Debug, Parser)]
#[command(name = "secimg", version, after_help = EXIT_STATUSES, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command takes.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Common {
    /// Print one JSON object a line for each input
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Overwrite existing files
    #[arg(long, global = true)]
    pub(crate) force: bool,
    /// Print errors only
    #[arg(long, global = true)]
    pub(crate) quiet: bool,
    /// Say on standard error what is done, without names and keys; twice: in more detail
    #[arg(short, long, global = true, action = ArgAction::Count, conflicts_with_all = ["quiet", "json"])]
    pub(crate) verbose: u8,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a key: KEY, readable by its owner only, and KEY.pub to give away
    Keygen(KeygenArgs),
    /// Print the public key of a private key
    Pub(PubArgs),
    /// Say what a key is: kind, strength, fingerprint
    Key(KeyArgs),
    /// List the keys in the key folder
    Keys(KeysArgs),
    /// Seal images for recipients
    Encrypt(EncryptArgs),
    /// Open sealed streams and write the images
    Decrypt(DecryptArgs),
    /// Open sealed streams and write nothing
    Verify(VerifyArgs),
    /// List the images in sealed streams without reading them whole
    List(ListArgs),
    /// Show what is in a stream before all of it is there: write the preview of an image
    Preview(PreviewArgs),
    /// Say what a stream says of itself, without a key
    Inspect(InspectArgs),
    /// Change the recipients; images and signature stay as they are
    Rewrap(RewrapArgs),
    /// Hide regions of a picture and seal what they show, so that it can be restored
    Redact(RedactArgs),
    /// Restore a redacted picture
    Unredact(UnredactArgs),
    /// Evaluate the cipher on a picture: the tests that papers ask for, and what counts beside them
    Analyze(AnalyzeArgs),
    /// Send images or sealed streams to another machine
    Send(SendArgs),
    /// Receive streams from other machines
    Receive(ReceiveArgs),
    /// Check receipts that `send` kept
    Receipt(ReceiptArgs),
    /// Show sealing, sending, opening and tampering at work
    Demo(DemoArgs),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum KeyKind {
    /// For recipients or signers (one key for one of the two)
    Rsa,
    /// For recipients, of images that must stay secret for decades: ML-KEM-768 with X25519 (X-Wing)
    Hybrid,
    /// For signers
    Ed25519,
    /// One secret key that both sides hold
    Symmetric,
}

#[derive(Debug, Args)]
#[command(group(ArgGroup::new("where").required(true).args(["output", "name"])))]
pub(crate) struct KeygenArgs {
    /// Kind of key
    #[arg(long, value_enum, default_value = "rsa")]
    pub(crate) kind: KeyKind,
    /// Length of an RSA modulus [default: 3072]
    #[arg(long, value_parser = ["2048", "3072", "4096"])]
    pub(crate) bits: Option<String>,
    /// Encrypt the private key with the passphrase in this file
    #[arg(long, value_name = "F", conflicts_with = "prompt")]
    pub(crate) passphrase_file: Option<PathBuf>,
    /// Encrypt the private key with a passphrase that is asked for, twice
    #[arg(short = 'p')]
    pub(crate) prompt: bool,
    /// Where to write the private key; the public one goes to KEY.pub
    #[arg(short, value_name = "KEY")]
    pub(crate) output: Option<PathBuf>,
    /// What to call the key in the key folder; the public one is NAME.pub there
    #[arg(value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// Use a passphrase file that other users can read, and a key folder that they can write in
    #[arg(long)]
    pub(crate) allow_shared_key: bool,
}

#[derive(Debug, Args)]
pub(crate) struct KeysArgs {
    /// List keys that other users can read, and a key folder that they can write in
    #[arg(long)]
    pub(crate) allow_shared_key: bool,
}

#[derive(Debug, Args)]
pub(crate) struct PubArgs {
    /// A private key, a public one, or a certificate; or a NAME in the key folder
    pub(crate) key: PathBuf,
    #[command(flatten)]
    pub(crate) access: KeyAccess,
}

#[derive(Debug, Args)]
pub(crate) struct KeyArgs {
    /// Private, public or symmetric keys, and certificates; or NAMEs in the key folder
    #[arg(required = true, value_name = "KEY|PUB|CERT")]
    pub(crate) keys: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) access: KeyAccess,
}

/// How files with secrets are read. Every command that reads one has this once.
#[derive(Debug, Clone, Args)]
pub(crate) struct KeyAccess {
    /// The passphrase of encrypted private keys is in this file (otherwise it is asked for)
    #[arg(long, value_name = "F")]
    pub(crate) key_passphrase_file: Option<PathBuf>,
    /// Use key and passphrase files that other users can read, and a key folder they can write in
    #[arg(long)]
    pub(crate) allow_shared_key: bool,
}

/// RECIPIENTS: for whom to seal.
#[derive(Debug, Args)]
#[command(next_help_heading = "Recipients")]
pub(crate) struct RecipientArgs {
    /// Seal for the owner of this public key or certificate, or of each in this file (repeatable)
    #[arg(short = 'r', value_name = "PUB|CERT")]
    pub(crate) recipients: Vec<PathBuf>,
    /// Seal for everybody in this file: one public key or NAME a line, or PEM (repeatable)
    #[arg(short = 'R', value_name = "FILE")]
    pub(crate) recipients_files: Vec<PathBuf>,
    /// Seal for who knows the passphrase in this file
    #[arg(long, value_name = "F",
          conflicts_with_all = ["prompt", "recipients", "recipients_files", "key_file"])]
    pub(crate) passphrase_file: Option<PathBuf>,
    /// Seal for who knows a passphrase that is asked for, twice
    #[arg(short = 'p', conflicts_with_all = ["recipients", "recipients_files", "key_file"])]
    pub(crate) prompt: bool,
    /// Seal for who holds this symmetric key
    #[arg(long, value_name = "K")]
    pub(crate) key_file: Option<PathBuf>,
    /// Allow RSA beside a hybrid or symmetric key: the stream is as strong as the weakest of them
    #[arg(long)]
    pub(crate) allow_mixing: bool,
    /// Refuse a certificate of which there is anything to warn
    #[arg(long)]
    pub(crate) strict_certificates: bool,
}

/// RECIPIENTS of `rewrap`, whose other words name the old side.
#[derive(Debug, Args)]
#[command(next_help_heading = "New recipients")]
#[command(group(ArgGroup::new("new").required(true).multiple(true)
    .args(["recipients", "recipients_files", "new_passphrase_file", "new_key_file"])))]
pub(crate) struct NewRecipientArgs {
    /// Seal for the owner of this public key or certificate, or of each in this file (repeatable)
    #[arg(short = 'r', value_name = "PUB|CERT")]
    pub(crate) recipients: Vec<PathBuf>,
    /// Seal for everybody in this file: one public key or NAME a line, or PEM (repeatable)
    #[arg(short = 'R', value_name = "FILE")]
    pub(crate) recipients_files: Vec<PathBuf>,
    /// Seal for who knows the passphrase in this file
    #[arg(long, value_name = "F",
          conflicts_with_all = ["recipients", "recipients_files", "new_key_file"])]
    pub(crate) new_passphrase_file: Option<PathBuf>,
    /// Seal for who holds this symmetric key
    #[arg(long, value_name = "K")]
    pub(crate) new_key_file: Option<PathBuf>,
    /// Allow RSA beside a hybrid or symmetric key: the stream is as strong as the weakest of them
    #[arg(long)]
    pub(crate) allow_mixing: bool,
    /// Refuse a certificate of which there is anything to warn
    #[arg(long)]
    pub(crate) strict_certificates: bool,
}

/// IDENTITIES: who opens. Without any, the keys of the key folder do.
#[derive(Debug, Args)]
#[command(next_help_heading = "Identities")]
pub(crate) struct IdentityArgs {
    /// Open with this private key (repeatable)
    #[arg(short = 'i', value_name = "KEY")]
    pub(crate) identities: Vec<PathBuf>,
    /// Open with the passphrase in this file
    #[arg(long, value_name = "F", conflicts_with = "prompt")]
    pub(crate) passphrase_file: Option<PathBuf>,
    /// Open with a passphrase that is asked for
    #[arg(short = 'p')]
    pub(crate) prompt: bool,
    /// Open with this symmetric key
    #[arg(long, value_name = "K")]
    pub(crate) key_file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) access: KeyAccess,
}

/// Whom and what a reader trusts.
#[derive(Debug, Args)]
#[command(next_help_heading = "Trust")]
pub(crate) struct TrustArgs {
    /// Require a signature by the owner of this public key or certificate (repeatable: by one of them)
    #[arg(long, value_name = "PUB|CERT")]
    pub(crate) from: Vec<PathBuf>,
    /// Refuse a certificate of which there is anything to warn
    #[arg(long)]
    pub(crate) strict_certificates: bool,
    /// Refuse what the signer signed longer ago than DURATION, such as 10m, 24h or 7d, by the clocks of both; a clock that
    /// is up to five minutes ahead is put up with
    #[arg(long, value_name = "DURATION", requires = "from", value_parser = humantime::parse_duration)]
    pub(crate) signed_within: Option<Duration>,
    /// The context that the stream was sealed with
    #[arg(long, value_name = "TEXT")]
    pub(crate) context: Option<String>,
}

/// How to seal.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a word of its own")]
#[command(next_help_heading = "Sealing")]
pub(crate) struct SealArgs {
    /// Sign with this private key; only recipients see who signed
    #[arg(long, value_name = "KEY")]
    pub(crate) sign: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) access: KeyAccess,
    /// Cipher suite: cbc (AES-256-CBC with HMAC-SHA-256) or gcm (AES-256-GCM)
    #[arg(long, value_name = "cbc|gcm", value_parser = parse_suite,
          default_value = DEFAULT_SUITE.short_name)]
    pub(crate) suite: &'static Suite,
    /// Bind the stream to a text that both sides know and that is not stored
    #[arg(long, value_name = "TEXT")]
    pub(crate) context: Option<String>,
    /// Hide the length: streams of images of about one size get one length, at a cost of up to 12 %
    #[arg(long)]
    pub(crate) pad: bool,
    /// Remove what an image tells beside its pixels (place, time, camera, thumbnails, texts): JPEG, PNG and WebP only
    #[arg(long)]
    pub(crate) strip: bool,
    /// Seal a small picture of each image before it, for `secimg preview`: 512 pixels and 64 KiB at most, made from the pixels,
    /// of JPEG, PNG, WebP, BMP, TIFF, GIF and some more; an image of which none can be made is sealed without
    #[arg(long)]
    pub(crate) preview: bool,
    /// Store each image's path and not its name alone, so that folders are made again
    #[arg(long)]
    pub(crate) keep_paths: bool,
}

// In what follows the parts that several commands share come last: their headings would otherwise
// stand over a command's own words.

#[derive(Debug, Args)]
pub(crate) struct EncryptArgs {
    /// Put all images into one stream, OUT; without it each goes to IMAGE.secimg
    #[arg(short, value_name = "OUT")]
    pub(crate) output: Option<PathBuf>,
    /// Seal previews, and nothing else, for the owner of this public key or certificate (repeatable): in a stream of their own,
    /// beside the other one, IMAGE.preview.secimg or OUT with .preview before its last extension
    #[arg(long, value_name = "PUB|CERT")]
    pub(crate) preview_for: Vec<PathBuf>,
    /// Image files, and folders of them; none or - is standard input
    #[arg(value_name = "IMAGE|FOLDER")]
    pub(crate) images: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) recipients: RecipientArgs,
    #[command(flatten)]
    pub(crate) seal: SealArgs,
    #[command(flatten)]
    pub(crate) threads: ThreadArgs,
}

/// How many processors may work on a stream.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct ThreadArgs {
    /// Seal or open with at most N threads, beside those that read and write [default: one less than there are
    /// processors, 8 at most; 16 are the most that help]
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,
}

impl ThreadArgs {
    pub(crate) fn count(self) -> usize {
        // One is kept for reading and writing.
        let all = || thread::available_parallelism().map_or(1, |all| (all.get() - 1).clamp(1, 8));
        self.threads.map_or_else(all, NonZeroUsize::get)
    }
}

#[derive(Debug, Args)]
pub(crate) struct DecryptArgs {
    /// Fail unless the signer meant this reader
    #[arg(long)]
    pub(crate) require_intended: bool,
    /// Write the one image of the stream to OUT (- is standard output)
    #[arg(short = 'o', value_name = "OUT", conflicts_with = "folder")]
    pub(crate) output: Option<PathBuf>,
    /// Write the images into DIR under their stored names [default: here]
    #[arg(short = 'O', value_name = "DIR")]
    pub(crate) folder: Option<PathBuf>,
    /// Make the folders that were stored with the images, below DIR
    #[arg(long, conflicts_with = "output")]
    pub(crate) keep_paths: bool,
    /// Take one image out of a series, by its number, from 1, or its name, and read nothing else: what comes out is authentic,
    /// and with --from signed, but the rest of the stream is not looked at
    #[arg(long, value_name = "N|NAME", conflicts_with = "keep_paths")]
    pub(crate) item: Option<String>,
    /// Sealed streams, files or (in builds with HTTP) URLs; none or - is standard input, whose image goes to standard output
    #[arg(value_name = "SEALED")]
    pub(crate) sealed: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) identities: IdentityArgs,
    #[command(flatten)]
    pub(crate) trust: TrustArgs,
    #[command(flatten)]
    pub(crate) threads: ThreadArgs,
    #[command(flatten)]
    pub(crate) tls: TlsArgs,
}

#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// Fail unless the signer meant this reader
    #[arg(long)]
    pub(crate) require_intended: bool,
    /// Write what was found to OUT, one page for people with the images' previews, that needs no network; of one stream
    #[arg(long, value_name = "OUT")]
    pub(crate) html: Option<PathBuf>,
    /// Sealed streams, files or (in builds with HTTP) URLs; none or - is standard input
    #[arg(value_name = "SEALED")]
    pub(crate) sealed: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) identities: IdentityArgs,
    #[command(flatten)]
    pub(crate) trust: TrustArgs,
    #[command(flatten)]
    pub(crate) threads: ThreadArgs,
    #[command(flatten)]
    pub(crate) tls: TlsArgs,
}

#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// Sealed streams, files or (in builds with HTTP) URLs; none or - is standard input, which is read whole
    #[arg(value_name = "SEALED")]
    pub(crate) sealed: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) identities: IdentityArgs,
    #[command(flatten)]
    pub(crate) trust: TrustArgs,
    #[command(flatten)]
    pub(crate) tls: TlsArgs,
}

#[derive(Debug, Args)]
pub(crate) struct PreviewArgs {
    /// Write the preview to OUT [default: standard output]
    #[arg(short, value_name = "OUT")]
    pub(crate) output: Option<PathBuf>,
    /// Of a series, this image: its number, from 1, or its name [default: the first]
    #[arg(long, value_name = "N|NAME")]
    pub(crate) item: Option<String>,
    /// A sealed stream, a file or (in builds with HTTP) a URL; none or - is standard input
    #[arg(value_name = "SEALED")]
    pub(crate) sealed: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) identities: IdentityArgs,
    #[command(flatten)]
    pub(crate) trust: TrustArgs,
    #[command(flatten)]
    pub(crate) tls: TlsArgs,
}

#[derive(Debug, Args)]
pub(crate) struct InspectArgs {
    /// Sealed streams, files or (in builds with HTTP) URLs; none or - is standard input
    #[arg(value_name = "SEALED")]
    pub(crate) sealed: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) tls: TlsArgs,
}

#[derive(Debug, Args)]
pub(crate) struct RewrapArgs {
    /// The context that the streams were sealed with
    #[arg(long, value_name = "TEXT")]
    pub(crate) context: Option<String>,
    /// Leave the one SEALED as it is and write to OUT
    #[arg(short, value_name = "OUT")]
    pub(crate) output: Option<PathBuf>,
    /// Sealed streams, replaced in place; none or - is standard input, to standard output
    #[arg(value_name = "SEALED")]
    pub(crate) sealed: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) identities: IdentityArgs,
    #[command(flatten)]
    pub(crate) recipients: NewRecipientArgs,
}

#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// Images to use; without any, some are made
    #[arg(value_name = "IMAGE")]
    pub(crate) images: Vec<PathBuf>,
}

fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) => Err("at least 1".to_owned()),
        Ok(number) => Ok(number),
        Err(error) => Err(error.to_string()),
    }
}

fn parse_suite(name: &str) -> Result<&'static Suite, String> {
    suite_named(name).ok_or_else(|| {
        let known: Vec<_> = SUITES.iter().map(|suite| suite.short_name).collect();
        format!("the suites are {}", known.join(" and "))
    })
}
