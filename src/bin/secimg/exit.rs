//! How a command ends: five statuses, and one failure that every error of the library becomes.

use core::error::Error;
use core::fmt;
use std::io;
use std::path::Path;
use std::process::ExitCode;

use secimg::content::WriteProblem;
use secimg::format::{FormatError, FormatErrorKind};
use secimg::io::file::{FileClass, FileError};
use secimg::io::names::NameError;
use secimg::io::{ReadError, RewrapFileError, WriteError};
use secimg::keys::KeyError;
use secimg::transport::{StateError, TransportError};
use secimg::{OpenError, RewrapError, SealError};

use crate::label::shown;

/// The exit statuses, which scripts rely on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Status {
    /// Done and verified.
    Done = 0,
    /// A verdict on a stream: not by this key, not by this signer, not accepted by the receiver.
    Refused = 1,
    /// Other arguments or other key files help.
    Usage = 2,
    /// Input that is no sound stream or key, or one that this program does not support.
    Damaged = 3,
    /// The system failed: files, connections, randomness.
    Io = 4,
    /// Ended by Ctrl-C or another signal, as a shell reports it.
    Stopped = 130,
}

impl Status {
    /// Returns the number that the process ends with.
    pub(crate) const fn number(self) -> u8 {
        self as u8
    }

    /// Returns the word that reports use.
    pub(crate) const fn verdict(self) -> &'static str {
        match self {
            Self::Done => "verified",
            Self::Refused => "refused",
            Self::Damaged => "damaged",
            Self::Usage | Self::Io | Self::Stopped => "error",
        }
    }

    /// Of several inputs the first failure decides.
    pub(crate) const fn and_then(self, next: Self) -> Self {
        match self {
            Self::Done => next,
            failed => failed,
        }
    }
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        status.number().into()
    }
}

/// Why a command, or one input of it, failed.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    pub(crate) status: Status,
    /// For programs: a row of the table in `output.rs`.
    pub(crate) code: &'static str,
    /// For people, without the name of the input.
    pub(crate) message: String,
    /// Where in the stream, where that is known.
    pub(crate) offset: Option<u64>,
}

impl Failure {
    pub(crate) fn new(status: Status, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            offset: None,
        }
    }

    /// Other arguments would help.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(Status::Usage, "usage", message)
    }

    /// The system failed while something was being done.
    pub(crate) fn io(doing: &str, error: &io::Error) -> Self {
        Self::new(Status::Io, "io", format!("{doing}: {error}"))
    }

    /// Names the file that the failure is about, where that is not the input itself.
    pub(crate) fn about(mut self, file: &Path) -> Self {
        let name = shown(file);
        if !self.message.starts_with(&name) {
            self.message = format!("{name}: {}", self.message);
        }
        self
    }

    /// What broke a connection that will be made again.
    pub(crate) fn connection(error: &TransportError) -> Self {
        Self::of(Status::Io, "connection", error)
    }

    /// What the library says, with its sources; the sources are the system's reasons.
    fn of(status: Status, code: &'static str, error: &dyn Error) -> Self {
        Self::new(status, code, chain(error))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// A failure can travel through `io::Error`, as in an `ItemSink`, and come out whole.
impl Error for Failure {}

impl From<Failure> for io::Error {
    fn from(failure: Failure) -> Self {
        Self::other(failure)
    }
}

/// Joins an error with its sources; some texts name their source already.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        let reason = error.to_string();
        if !text.contains(&reason) {
            text = format!("{text}: {reason}");
        }
        source = error.source();
    }
    text
}

impl From<FormatError> for Failure {
    fn from(error: FormatError) -> Self {
        use FormatErrorKind as Kind;
        let code = match error.kind {
            Kind::NotSecimg | Kind::TextMode => "not_a_stream",
            Kind::Truncated => "truncated",
            Kind::TrailingBytes => "trailing_bytes",
            Kind::UnsupportedVersion(_)
            | Kind::UnsupportedSuite(_)
            | Kind::ReservedFlags(_)
            | Kind::RecipientType(_) => "unsupported",
            Kind::KdfParameters => "kdf_bounds",
            Kind::TooLong | Kind::CallerLimit(_) => "too_long",
            _ => "malformed",
        };
        let mut failure = Self::of(Status::Damaged, code, &error);
        failure.offset = Some(error.offset);
        failure
    }
}

impl From<KeyError> for Failure {
    fn from(error: KeyError) -> Self {
        let (status, code) = match &error {
            KeyError::InCertificate { source, .. } => {
                let inner = Self::from(source.as_ref().clone());
                (inner.status, inner.code)
            }
            KeyError::CertificateRefused(_) => (Status::Usage, "certificate_refused"),
            KeyError::Malformed { .. } | KeyError::NotAKey(_) => (Status::Damaged, "malformed_key"),
            KeyError::Convert { .. } | KeyError::UnsupportedAlgorithm(_) => {
                (Status::Damaged, "unsupported_key")
            }
            KeyError::RsaSize { .. } | KeyError::RsaUnsound(_) => (Status::Damaged, "weak_key"),
            KeyError::KdfBounds(_) => (Status::Damaged, "kdf_bounds"),
            KeyError::PrivateWherePublic
            | KeyError::OnlyAuthorities
            | KeyError::PublicWherePrivate
            | KeyError::WrongUse { .. } => (Status::Usage, "wrong_key_kind"),
            KeyError::PassphraseNeeded => (Status::Usage, "passphrase_needed"),
            KeyError::BadPassphrase(_) => (Status::Usage, "bad_passphrase"),
            KeyError::WrongKeyPassphrase => (Status::Refused, "wrong_key_passphrase"),
            KeyError::Rng(_) => (Status::Io, "random"),
            _ => (Status::Io, "key_provider"),
        };
        Self::of(status, code, &error)
    }
}

impl From<OpenError> for Failure {
    fn from(error: OpenError) -> Self {
        let (status, code) = match &error {
            OpenError::Format(error) => return (*error).into(),
            OpenError::Key(inner) => return in_stream(inner.clone()),
            OpenError::Content(_) | OpenError::Frame { .. } => (Status::Damaged, "malformed"),
            OpenError::NoMatchingKey => (Status::Refused, "no_matching_key"),
            OpenError::NotAuthentic(_) => (Status::Refused, "not_authentic"),
            OpenError::NotSigned => (Status::Refused, "not_signed"),
            // Who signed is part of the stream, and nothing of a refused stream appears.
            OpenError::UntrustedSigner { .. } => {
                let what = "signed by somebody who is not among the trusted signers; `secimg verify` \
                            without --from says by whom";
                return Self::new(Status::Refused, "untrusted_signer", what);
            }
            // When it was signed is part of the stream as well.
            OpenError::StaleSignature { .. } => {
                let what = "signed at a time that is not accepted; `secimg verify` without \
                            --signed-within says when";
                return Self::new(Status::Refused, "stale_signature", what);
            }
            OpenError::BadSignature => (Status::Refused, "bad_signature"),
            _ => (Status::Io, "internal"),
        };
        Self::of(status, code, &error)
    }
}

/// A key that stands in the stream is the stream's fault, not the arguments'.
fn in_stream(error: KeyError) -> Failure {
    // These are about a key of the key folder, which is read when a stream is for it.
    let own_key = matches!(
        error,
        KeyError::WrongKeyPassphrase | KeyError::PassphraseNeeded
    );
    let mut failure = Failure::from(error);
    if !own_key && matches!(failure.status, Status::Usage | Status::Refused) {
        (failure.status, failure.code) = (Status::Damaged, "malformed_key");
    }
    failure
}

impl From<SealError> for Failure {
    fn from(error: SealError) -> Self {
        let (status, code) = match &error {
            SealError::Key(inner) => return inner.clone().into(),
            SealError::NoRecipient => (Status::Usage, "no_recipient"),
            SealError::Recipients(_) | SealError::MixedStrength => (Status::Usage, "usage"),
            SealError::TooLong(_) => (Status::Damaged, "too_long"),
            SealError::Rng(_) => (Status::Io, "random"),
            SealError::Content(WriteProblem::Length { .. }) => (Status::Io, "input_changed"),
            _ => (Status::Io, "internal"),
        };
        let mut failure = Self::of(status, code, &error);
        match error {
            SealError::MixedStrength => failure.message.push_str(" (--allow-mixing)"),
            SealError::Content(WriteProblem::Length { .. }) => {
                failure.message = format!("the image changed while it was read ({error})");
            }
            _ => {}
        }
        failure
    }
}

impl From<RewrapError> for Failure {
    fn from(error: RewrapError) -> Self {
        match error {
            RewrapError::Open(error) => error.into(),
            RewrapError::Seal(error) => error.into(),
            error => Self::of(Status::Io, "internal", &error),
        }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        match error.downcast::<Self>() {
            Ok(failure) => failure,
            Err(error) => match error.downcast::<SealError>() {
                Ok(error) => error.into(),
                Err(error) => match error.downcast::<OpenError>() {
                    Ok(error) => error.into(),
                    Err(error) => match error.downcast::<TransportError>() {
                        Ok(error) => error.into(),
                        Err(error) => Self::of(Status::Io, "io", &error),
                    },
                },
            },
        }
    }
}

/// An error that came through `io::Error` keeps its class; one of the system says what was done.
fn carried(error: io::Error, doing: &str) -> Failure {
    let mut failure = Failure::from(error);
    if failure.code == "io" {
        failure.message = format!("{doing}: {}", failure.message);
    }
    failure
}

impl From<ReadError> for Failure {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Io(error) => carried(error, "reading failed"),
            ReadError::Sink(error) => carried(error, "writing the output failed"),
            ReadError::Open(error) => error.into(),
            ReadError::Frame(error) => Self::of(Status::Damaged, "malformed", &error),
            error => Self::of(Status::Io, "internal", &error),
        }
    }
}

impl From<WriteError> for Failure {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Io(error) => carried(error, "writing the output failed"),
            WriteError::Source(error) => carried(error, "reading the image failed"),
            WriteError::Seal(error) => error.into(),
            error => Self::of(Status::Io, "internal", &error),
        }
    }
}

impl From<FileError> for Failure {
    fn from(error: FileError) -> Self {
        let code = match &error {
            FileError::Exists(_) | FileError::Link(_) => "exists",
            FileError::Folder(_) => "is_folder",
            FileError::Special(_) => "special_file",
            FileError::NoFolder(..) | FileError::Missing(..) => "not_found",
            FileError::TooLarge(..) => "too_large",
            FileError::Shared(..) => "shared_key",
            _ => "io",
        };
        let status = match error.class() {
            FileClass::Usage => Status::Usage,
            _ => Status::Io,
        };
        // A path that is not there says so by itself.
        if matches!(error, FileError::NoFolder(..) | FileError::Missing(..)) {
            return Self::new(status, code, error.to_string());
        }
        Self::of(status, code, &error)
    }
}

impl From<RewrapFileError> for Failure {
    fn from(error: RewrapFileError) -> Self {
        let (status, code) = match error {
            RewrapFileError::Read(error) => return error.into(),
            RewrapFileError::Seal(error) => return error.into(),
            RewrapFileError::File(error) => return error.into(),
            RewrapFileError::BackupOfAnother(_) | RewrapFileError::NoBackup(_) => {
                (Status::Usage, "foreign_backup")
            }
            RewrapFileError::Busy(_) => (Status::Io, "busy"),
            RewrapFileError::Unfinished(..) => (Status::Io, "unfinished"),
            _ => (Status::Io, "internal"),
        };
        Self::of(status, code, &error)
    }
}

impl From<NameError> for Failure {
    fn from(error: NameError) -> Self {
        Self::of(Status::Damaged, "bad_name", &error)
    }
}

impl From<TransportError> for Failure {
    fn from(error: TransportError) -> Self {
        let (status, code) = match error {
            TransportError::Read(error) => return error.into(),
            TransportError::Write(error) => return error.into(),
            TransportError::State(error) => return error.into(),
            TransportError::Address(_) => (Status::Usage, "bad_address"),
            TransportError::Refused => (Status::Refused, "receipt_refused"),
            TransportError::NotStored | TransportError::Http(507, _) => (Status::Io, "not_stored"),
            TransportError::FalseReceipt => (Status::Refused, "false_receipt"),
            TransportError::ReceiptNotSigned => (Status::Refused, "receipt_not_signed"),
            TransportError::ReceiptSigner(_) => (Status::Refused, "untrusted_receipt"),
            TransportError::TooManyFailures => (Status::Refused, "too_many_failures"),
            TransportError::NoReceipt => (Status::Io, "no_receipt"),
            TransportError::Http(404 | 410, _) => (Status::Io, "not_found"),
            TransportError::Http(412, _) => (Status::Io, "input_changed"),
            TransportError::HeaderTimeout | TransportError::TooSlow(_) => (Status::Io, "timeout"),
            TransportError::Stopped => (Status::Io, "stopped"),
            TransportError::Deadline(_) => (Status::Io, "deadline"),
            TransportError::Resuming => (Status::Damaged, "malformed"),
            TransportError::Signing(_) => (Status::Io, "key_provider"),
            _ => (Status::Io, "connection"),
        };
        Self::of(status, code, &error)
    }
}

impl From<StateError> for Failure {
    fn from(error: StateError) -> Self {
        let (status, code) = match &error {
            StateError::InUse(_) => (Status::Usage, "in_use"),
            StateError::Damaged(..) => (Status::Damaged, "damaged_state"),
            _ => (Status::Io, "io"),
        };
        Self::of(status, code, &error)
    }
}
