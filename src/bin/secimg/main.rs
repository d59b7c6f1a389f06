//! The `secimg` command: arguments, prompts, files and reports around the library.

use std::process::ExitCode;

use clap::Parser;

use args::{Cli, Command};

mod analyze;
mod args;
mod certificates;
mod decrypt;
mod demo;
mod encrypt;
mod events;
mod exit;
mod folders;
mod html;
mod inputs;
mod inspect;
mod item;
mod key;
mod keygen;
mod keys;
mod keys_in;
mod label;
mod list;
mod names_of_keys;
mod output;
mod passphrases;
mod pending;
mod pictures;
mod preview;
mod progress;
mod receipt;
mod receive;
mod recipients_file;
mod redact;
mod rewrap;
mod sealing;
mod send;
mod state;
mod store;
mod stored_names;
#[cfg(feature = "http")]
mod tls;
mod unredact;
mod web;

fn main() -> ExitCode {
    pending::remove_on_signal();
    preview::silence_decoders();
    let Cli { common, command } = Cli::parse();
    events::tell(common);
    names_of_keys::tell_through(output::Output::new(common));
    let status = match &command {
        Command::Keygen(args) => keygen::run(args, common),
        Command::Pub(args) => key::run_pub(args, common),
        Command::Key(args) => key::run(args, common),
        Command::Keys(args) => keys::run(args, common),
        Command::Encrypt(args) => encrypt::run(args, common),
        Command::Decrypt(args) => decrypt::run(args, common),
        Command::Verify(args) => decrypt::run_verify(args, common),
        Command::List(args) => list::run(args, common),
        Command::Preview(args) => preview::run(args, common),
        Command::Inspect(args) => inspect::run(args, common),
        Command::Rewrap(args) => rewrap::run(args, common),
        Command::Redact(args) => redact::run(args, common),
        Command::Unredact(args) => unredact::run(args, common),
        Command::Analyze(args) => analyze::run(args, common),
        Command::Send(args) => send::run(args, common),
        Command::Receive(args) => receive::run(args, common),
        Command::Receipt(args) => receipt::run(args, common),
        Command::Demo(args) => demo::run(args, common),
    };
    output::whole(status).into()
}
