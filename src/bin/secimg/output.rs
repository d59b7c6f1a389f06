//! What a command says: to people in lines, to programs in JSON objects, one a line for each input.
//!
//! Reports go to standard output, or to standard error while standard output carries an image or a
//! stream. Errors and warnings go to standard error. Programs rely on the schemas; every key is
//! always there, and what is not known is null. Of a stream that was refused nothing appears.
//!
//! | status | `error.code` |
//! | --- | --- |
//! | 1 refused | `not_authentic` `no_matching_key` `not_signed` `untrusted_signer` `bad_signature` `not_intended` `wrong_key_passphrase` `receipt_refused` `false_receipt` `receipt_not_signed` `untrusted_receipt` `unproven_receipt` `not_confirmed` `too_many_failures` `demo_failed` `trial_failed` `other_picture` |
//! | 2 usage | `usage` `no_recipient` `no_identity` `wrong_key_kind` `passphrase_needed` `bad_passphrase` `shared_key` `too_large` `exists` `is_folder` `special_file` `many_images` `terminal` `bad_address` `in_use` `bad_name` (of a key) `certificate_refused` `foreign_backup` `no_item` `bad_rect` `whole_needed` `sidecar_needed` `too_small` |
//! | 3 damaged | `not_a_stream` `truncated` `trailing_bytes` `unsupported` `malformed` `too_long` `kdf_bounds` `bad_name` `duplicate_name` `malformed_key` `unsupported_key` `weak_key` `damaged_state` `not_a_receipt` `no_preview` `not_decoded` `no_sealed_part` `not_a_redaction` |
//! | 4 system | `io` `not_found` `input_changed` `random` `key_provider` `connection` `timeout` `no_receipt` `stopped` `internal` `busy` `unfinished` |

use core::fmt::Display;
use std::io::{self, Write};
use std::sync::OnceLock;

use secimg::stream::RecipientReport;
use serde_json::{Value, json};

use crate::args::Common;
use crate::exit::{Failure, Status};
use crate::inputs::Input;
use crate::label::Label;

mod sealed;
mod stream;
mod time;

pub(crate) use sealed::{Preview, SealedItem, SealedReport, removed_json};
pub(crate) use stream::{
    images, item_json, not_opened_json, receipt_signature_json, signature_json,
};
pub(crate) use time::rfc3339;

/// Where a command's words go.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Output {
    json: bool,
    quiet: bool,
    data_on_stdout: bool,
}

/// What is said of one input that went well: for programs, for people, and what both are warned of.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) object: Value,
    pub(crate) text: String,
    pub(crate) warnings: Vec<String>,
}

impl Output {
    pub(crate) const fn new(common: Common) -> Self {
        Self {
            json: common.json,
            quiet: common.quiet,
            data_on_stdout: false,
        }
    }

    /// Says that standard output carries an image or a stream, so that reports go elsewhere.
    pub(crate) const fn beside_data(mut self, data_on_stdout: bool) -> Self {
        self.data_on_stdout = data_on_stdout;
        self
    }

    pub(crate) const fn is_json(self) -> bool {
        self.json
    }

    /// Tells whether progress should not be drawn.
    pub(crate) const fn is_quiet(self) -> bool {
        self.quiet || self.json
    }

    /// Says something that is no error, to people.
    pub(crate) fn say(self, text: impl Display) {
        if !self.is_quiet() {
            self.line(&text);
        }
    }

    /// Prints an object, for programs.
    pub(crate) fn object(self, value: &Value) {
        if self.json {
            self.line(value);
        }
    }

    /// Warns people; the object has warnings of its own.
    pub(crate) fn warn(self, file: &Label, text: impl Display) {
        if !self.is_quiet() {
            complain(format_args!("{}: warning: {text}", file.shown));
        }
    }

    /// Tells people that an input, or all of the command where `file` is `None`, failed.
    pub(crate) fn failed(self, file: Option<&Label>, failure: &Failure) {
        // Lines of two kinds on one channel would be of use to nobody.
        if self.json && self.data_on_stdout {
            return;
        }
        match file {
            Some(file) if !failure.message.starts_with(&file.shown) => {
                complain(format_args!("{}: {failure}", file.shown));
            }
            _ => complain(failure),
        }
    }

    /// Reports on the one input of a command, and returns how the command ends.
    pub(crate) fn one_input(
        self,
        label: &Label,
        outcome: Result<Told, Failure>,
        failed: fn(&Label, &Failure) -> Value,
    ) -> Status {
        match outcome {
            Ok(told) => {
                self.object(&told.object);
                self.say(told.text);
                for warning in &told.warnings {
                    self.warn(label, warning);
                }
                Status::Done
            }
            Err(failure) => {
                self.object(&failed(label, &failure));
                self.failed(Some(label), &failure);
                failure.status
            }
        }
    }

    /// Reports that not one input was read: one line for people, an object for each input.
    pub(crate) fn none_read(
        self,
        inputs: &[Input],
        failure: &Failure,
        object: fn(&Label, &Failure) -> Value,
    ) -> Status {
        self.failed(None, failure);
        for input in inputs {
            self.object(&object(&input.label(), failure));
        }
        failure.status
    }

    /// A reader that has gone away is no reason to fail: what was to be done is done. A report that somebody keeps and that did
    /// not get there is one: see [`whole`].
    fn line(self, text: &dyn Display) {
        if self.data_on_stdout {
            let _: io::Result<()> = writeln!(io::stderr(), "{text}");
            return;
        }
        let mut stdout = io::stdout().lock();
        let written = writeln!(stdout, "{text}").and_then(|()| stdout.flush());
        match written {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                LOST.get_or_init(|| error);
            }
            _ => {}
        }
    }
}

/// Why a line of the report was lost, the first that was.
static LOST: OnceLock<io::Error> = OnceLock::new();

/// Returns how the command ends, all of whose report must have been written.
pub(crate) fn whole(status: Status) -> Status {
    let Some(error) = LOST.get() else {
        return status;
    };
    let failure = Failure::io("writing the report failed", error);
    complain(&failure);
    if status == Status::Done {
        return failure.status;
    }
    status
}

fn complain(text: impl Display) {
    let _: io::Result<()> = writeln!(io::stderr(), "secimg: {text}");
}

/// The `error` of every schema.
pub(crate) fn error_json(failure: Option<&Failure>) -> Value {
    failure.map_or(Value::Null, |failure| {
        json!({
            "code": failure.code,
            "message": failure.message,
            "offset": failure.offset,
        })
    })
}

/// An entry of the recipient block.
pub(crate) fn recipient_json(recipient: &RecipientReport) -> Value {
    json!({ "type": recipient.kind.name(), "key_id": hex(&recipient.key_id) })
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    use core::fmt::Write;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            // Writing to a string cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}
