//! The arguments of what goes over a network, and of the receipts that come back.

use std::path::PathBuf;

use clap::Args;

use super::{IdentityArgs, RecipientArgs, SealArgs, TrustArgs, at_least_one};

#[derive(Debug, Args)]
pub(crate) struct SendArgs {
    /// Where to send: tcp://host:port, and http:// or https:// in builds with HTTP
    #[arg(long, value_name = "URL")]
    pub(crate) to: String,
    /// Require a receipt signed by the owner of this public key or certificate (repeatable: by one of them)
    #[arg(long, value_name = "PUB|CERT")]
    pub(crate) receipt_from: Vec<PathBuf>,
    /// Keep the receipt in FILE
    #[arg(long, value_name = "FILE", conflicts_with = "receipts")]
    pub(crate) receipt: Option<PathBuf>,
    /// Keep each receipt in DIR, as TRANSFERID.receipt
    #[arg(long, value_name = "DIR")]
    pub(crate) receipts: Option<PathBuf>,
    /// Give up after SECONDS; until then a receiver that cannot be reached is tried again and again [default: a
    /// receiver that is not there at first is an error, and one that was there is tried without end]
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=31_536_000))]
    pub(crate) deadline: Option<u64>,
    /// Send each image when it is complete, in one series that goes on until the last; - reads the names of
    /// files, one a line, from standard input as they become complete
    #[arg(long, conflicts_with = "state")]
    pub(crate) live: bool,
    /// Keep in DIR what is sealed until it is delivered, so that the same command goes on after it was killed, and
    /// does not send again what is delivered
    #[arg(long, value_name = "DIR")]
    pub(crate) state: Option<PathBuf>,
    /// Images, and folders of them, to seal and send; without RECIPIENTS, streams that are sealed already
    #[arg(value_name = "IMAGE|FOLDER|SEALED")]
    pub(crate) files: Vec<PathBuf>,
    #[cfg(feature = "http")]
    #[command(flatten)]
    pub(crate) tls: TlsArgs,
    #[command(flatten)]
    pub(crate) recipients: RecipientArgs,
    #[command(flatten)]
    pub(crate) seal: SealArgs,
}

#[derive(Debug, Args)]
pub(crate) struct ReceiveArgs {
    /// Where to listen: tcp://host:port, and http:// or https:// in builds with HTTP (port 0: the bound address is printed)
    #[arg(long, value_name = "URL")]
    pub(crate) listen: String,
    /// Write what arrives into DIR
    #[arg(short = 'O', value_name = "DIR")]
    pub(crate) folder: PathBuf,
    /// Make the folders that were stored with the images, below DIR
    #[arg(long)]
    pub(crate) keep_paths: bool,
    /// Hand out each image of a series as soon as it may be used, in DIR/unverified-ID, until the series is verified;
    /// with --from only what a required signature covers
    #[arg(long)]
    pub(crate) live: bool,
    /// End after one stream
    #[arg(long, conflicts_with = "count")]
    pub(crate) once: bool,
    /// End after N streams
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) count: Option<u64>,
    /// Keep in DIR what came of streams that broke off, and which were accepted, so that a later run goes on with the
    /// former and does not accept the latter again [default: the user's state folder, for the former only]
    #[arg(long, value_name = "DIR")]
    pub(crate) state: Option<PathBuf>,
    /// Wait SECONDS for a stream that broke off to go on before it counts as failed (--once, --count)
    #[arg(long, value_name = "SECONDS", default_value = "30",
          value_parser = clap::value_parser!(u64).range(..=86_400))]
    pub(crate) resume_within: u64,
    /// Sign receipts with this private key, so that senders can show them to others
    #[arg(long, value_name = "KEY")]
    pub(crate) sign: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) identities: IdentityArgs,
    #[command(flatten)]
    pub(crate) trust: TrustArgs,
    #[cfg(feature = "http")]
    #[command(flatten)]
    pub(crate) tls: TlsArgs,
    #[command(flatten)]
    pub(crate) limits: LimitArgs,
}

/// Certificates, for `https://`.
#[cfg(feature = "http")]
#[derive(Debug, Args)]
#[command(next_help_heading = "HTTPS")]
pub(crate) struct TlsArgs {
    /// Show this certificate, PEM, with those between it and its authority
    #[arg(
        id = "tls_cert",
        long = "tls-cert",
        value_name = "FILE",
        requires = "tls_key"
    )]
    pub(crate) cert: Option<PathBuf>,
    /// The private key of the certificate, PEM
    #[arg(
        id = "tls_key",
        long = "tls-key",
        value_name = "FILE",
        requires = "tls_cert"
    )]
    pub(crate) key: Option<PathBuf>,
    /// Believe a server with a certificate of this authority, PEM, and no other; a receiver lets in only who has one
    #[arg(id = "tls_ca", long = "tls-ca", value_name = "FILE")]
    pub(crate) ca: Option<PathBuf>,
}

/// What peers may take.
#[derive(Debug, Args)]
#[command(next_help_heading = "Limits")]
pub(crate) struct LimitArgs {
    /// Refuse streams of more than BYTES
    #[arg(long, value_name = "BYTES")]
    pub(crate) max_size: Option<u64>,
    /// Turn connections away when there are N
    #[arg(long, value_name = "N", default_value = "512", value_parser = at_least_one)]
    pub(crate) max_connections: usize,
    /// Turn connections away when there are N from the same address (IPv6: the same /64)
    #[arg(long, value_name = "N", default_value = "32", value_parser = at_least_one)]
    pub(crate) max_per_peer: usize,
    /// Turn an address away for ten minutes after N streams in ten minutes that were not authentic
    #[arg(long, value_name = "N", default_value = "10",
          value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) max_failures: u32,
    /// Close connections without a whole header after SECONDS
    #[arg(long, value_name = "SECONDS", default_value = "10",
          value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub(crate) header_timeout: u64,
    /// Close connections that are silent for SECONDS [default with --live: 3600]
    #[arg(long, value_name = "SECONDS", default_value = "30", default_value_if("live", "true", "3600"),
          value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub(crate) idle_timeout: u64,
    /// Close connections that bring fewer BYTES a second, averaged over the idle timeout (0: any rate)
    /// [default with --live: 0]
    #[arg(
        long,
        value_name = "BYTES",
        default_value = "1024",
        default_value_if("live", "true", "0")
    )]
    pub(crate) min_rate: u64,
    /// Let running transfers go on for SECONDS when told to stop
    #[arg(long, value_name = "SECONDS", default_value = "30",
          value_parser = clap::value_parser!(u64).range(..=86_400))]
    pub(crate) grace: u64,
}

#[derive(Debug, Args)]
pub(crate) struct ReceiptArgs {
    /// Require a signature by the owner of this public key or certificate (repeatable: by one of them)
    #[arg(long, value_name = "PUB|CERT")]
    pub(crate) from: Vec<PathBuf>,
    /// Refuse a certificate of which there is anything to warn
    #[arg(long)]
    pub(crate) strict_certificates: bool,
    /// Check that the receipt is for this sealed stream, by a holder of its key; needs an identity
    #[arg(long, value_name = "SEALED")]
    pub(crate) stream: Option<PathBuf>,
    /// The context that the stream was sealed with
    #[arg(long, value_name = "TEXT", requires = "stream")]
    pub(crate) context: Option<String>,
    /// Receipts that `send --receipt` or `send --receipts` kept
    #[arg(required = true, value_name = "RECEIPT")]
    pub(crate) receipts: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) identities: IdentityArgs,
}
