//! On what terms streams are received: who opens them, who signs for them, and what peers may take.

use core::time::Duration;
use std::sync::Arc;

use secimg::OpenOptions;
use secimg::format::Limits;
use secimg::transport::{Receiver, ReplayWindow, ServerLimits};

use crate::args::{LimitArgs, ReceiveArgs};
use crate::exit::{Failure, Status};
use crate::keys_in::{Opening, opening, private_key};
use crate::state::State;

/// The receiver of who opens, or of a relay, and what is worth knowing of the signers.
/// What comes in pieces is kept in `state`, unless somebody else keeps it.
pub(super) fn receiver(
    args: &ReceiveArgs,
    state: Option<&State>,
) -> Result<(Receiver, Vec<String>), Failure> {
    if args.identities.is_empty() {
        Ok((relay(args, state)?, Vec::new()))
    } else {
        opener(args, state)
    }
}

/// The receiver of somebody who can open what arrives, and what is worth knowing of the signers.
fn opener(args: &ReceiveArgs, state: Option<&State>) -> Result<(Receiver, Vec<String>), Failure> {
    let Opening { options, warnings } = opening(&args.identities, &args.trust)?;
    let options = limited(options, &args.limits);
    let capacity = ReplayWindow::DEFAULT_CAPACITY;
    let window = match &args.state {
        Some(folder) => ReplayWindow::open(folder, capacity)?,
        None => ReplayWindow::in_memory(capacity),
    };
    let receiver = resuming(Receiver::new(&options), state).remember(Arc::new(window));
    let Some(file) = &args.sign else {
        return Ok((receiver, warnings));
    };
    let signer = private_key(file, &args.identities.access)?.signer();
    let signer = signer.map_err(|error| Failure::from(error).about(file))?;
    Ok((receiver.sign(signer), warnings))
}

/// A relay opens nothing, so a demand on the content would be an empty promise, and so would its word.
fn relay(args: &ReceiveArgs, state: Option<&State>) -> Result<Receiver, Failure> {
    let trust = &args.trust;
    let of_openers = [
        !trust.from.is_empty(),
        trust.context.is_some(),
        args.sign.is_some(),
    ];
    if of_openers == [false; 3] {
        let receiver = Receiver::new(&limited(OpenOptions::new(), &args.limits));
        return Ok(resuming(receiver, state));
    }
    let what = "--from, --context and --sign need an identity: -i KEY, \
                --passphrase-file F, -p or --key-file K; without one this is a relay, which opens nothing";
    Err(Failure::new(Status::Usage, "no_identity", what))
}

fn resuming(receiver: Receiver, state: Option<&State>) -> Receiver {
    match state {
        Some(state) => receiver.resume(Arc::clone(&state.parts)),
        None => receiver,
    }
}

fn limited(options: OpenOptions, args: &LimitArgs) -> OpenOptions {
    let mut limits = Limits::DEFAULT;
    limits.stream_bytes = args.max_size.unwrap_or(limits.stream_bytes);
    options.limits(limits)
}

pub(super) fn limits(args: &ReceiveArgs) -> ServerLimits {
    let given = &args.limits;
    let idle = Duration::from_secs(given.idle_timeout);
    let limits = ServerLimits::new()
        .connections(given.max_connections)
        .per_peer(given.max_per_peer)
        .failures(given.max_failures, Duration::from_mins(10))
        .header_deadline(Duration::from_secs(given.header_timeout))
        .idle_timeout(idle)
        .min_rate(given.min_rate, idle)
        .resume_within(Duration::from_secs(args.resume_within))
        .grace(Duration::from_secs(given.grace));
    match if args.once { Some(1) } else { args.count } {
        Some(streams) => limits.streams(streams),
        None => limits,
    }
}
