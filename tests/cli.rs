//! The `secimg` command as a person or a program uses it: words, files, reports and exit statuses.

#![cfg(feature = "cli")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that goes wrong shall stop"
)]

#[macro_use]
#[path = "support/say.rs"]
mod say;

#[path = "cli/analysing.rs"]
mod analysing;
#[path = "cli/certificates.rs"]
mod certificates;
#[path = "cli/corpus.rs"]
mod corpus;
#[path = "support/corpus_files.rs"]
mod corpus_files;
#[path = "cli/evil_names.rs"]
mod evil_names;
#[path = "cli/files.rs"]
mod files;
#[path = "cli/folders.rs"]
mod folders;
#[path = "cli/frames.rs"]
mod frames;
#[path = "cli/key_folder.rs"]
mod key_folder;
#[path = "cli/keys.rs"]
mod keys;
#[path = "cli/opening.rs"]
mod opening;
#[path = "support/openssl.rs"]
mod openssl;
#[path = "cli/previews.rs"]
mod previews;
#[path = "cli/recipients_files.rs"]
mod recipients_files;
#[path = "cli/redacting.rs"]
mod redacting;
#[path = "cli/refusals.rs"]
mod refusals;
#[path = "cli/rewrapping.rs"]
mod rewrapping;
#[path = "cli/sealing.rs"]
mod sealing;
#[path = "cli/support.rs"]
mod support;
