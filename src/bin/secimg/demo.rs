//! `secimg demo`: pictures go through all of it, on this machine, and every step is shown: sealed,
//! signed, sent over TCP, received, verified, compared. Then what must be refused is tried.
//!
//! All of it is what the other commands do; nothing is staged for the demonstration.

use std::path::Path;

use serde_json::json;

use crate::args::{Common, DemoArgs};
use crate::exit::{Failure, Status};
use crate::label::shown;
use crate::output::{Output, error_json, hex, images};
use journey::{Comparison, Journey};
use refusals::Attempt;
use scene::{Keys, Scene};

mod journey;
mod refusals;
mod samples;
mod scene;

/// Everything that was seen.
#[derive(Default)]
struct Seen {
    scene: Option<Scene>,
    journey: Option<Journey>,
    attempts: Vec<Attempt>,
}

pub(crate) fn run(args: &DemoArgs, common: Common) -> Status {
    let out = Output::new(common);
    let mut seen = Seen::default();
    let failure = demonstrate(args, out, &mut seen).err();
    if let Some(failure) = &failure {
        out.failed(None, failure);
    }
    if let Some(scene) = &seen.scene {
        say_where(scene, out);
    }
    out.object(&seen.report(failure.as_ref()));
    failure.map_or(Status::Done, |failure| failure.status)
}

fn demonstrate(args: &DemoArgs, out: Output, seen: &mut Seen) -> Result<(), Failure> {
    out.say(
        "Pictures are sealed, signed, sent over TCP, verified and compared, on this machine.\n",
    );
    let scene = seen.scene.insert(Scene::set(&args.images)?);
    say_pictures(scene, out);
    let keys = Keys::make(scene)?;
    say_keys(&keys, out);
    let journey = seen.journey.insert(journey::travel(scene, &keys, out)?);
    say_sent(journey, out);
    say_received(journey, out);
    seen.attempts = refusals::attempt(scene, &keys)?;
    say_attempts(&seen.attempts, out);
    judge(journey, &seen.attempts)?;
    out.say("Everything is as it must be.\n");
    Ok(())
}

/// The demonstration is worth nothing if it cannot fail.
fn judge(journey: &Journey, attempts: &[Attempt]) -> Result<(), Failure> {
    let wrong = |what: String| Err(Failure::new(Status::Refused, "demo_failed", what));
    if let Some(comparison) = journey.comparisons.iter().find(|c| !c.identical) {
        return wrong(format!("{} did not arrive as it was", comparison.name));
    }
    if !journey.trusted {
        return wrong("the signature is not the sender's".to_owned());
    }
    match attempts.iter().find(|attempt| !attempt.is_refused()) {
        Some(attempt) => wrong(format!("{}: this was not refused", attempt.what)),
        None => Ok(()),
    }
}

fn say_pictures(scene: &Scene, out: Output) {
    out.say("1. Pictures");
    for picture in &scene.pictures {
        out.say(format_args!(
            "   {}: {}{} bytes",
            picture.name(),
            picture.what,
            picture.bytes
        ));
    }
}

fn say_keys(keys: &Keys, out: Output) {
    out.say("\n2. Keys, for this demonstration only");
    for (who, key) in [("receiver", &keys.receiver), ("sender", &keys.sender)] {
        let public = key.public();
        let kind = format!("{}, {} bits", public.algorithm().name(), public.bits());
        out.say(format_args!(
            "   {who}: {kind}, fingerprint {}",
            public.fingerprint()
        ));
    }
}

fn say_sent(journey: &Journey, out: Output) {
    let (count, bytes) = (images(journey.comparisons.len()), journey.sealed_bytes);
    out.say(format_args!(
        "\n3. Sealed for the receiver, signed by the sender, sent to {}",
        journey.url
    ));
    out.say(format_args!(
        "   {count} in one stream of {bytes} bytes, {:.2} s",
        journey.seconds
    ));
    out.say(format_args!(
        "   The receipt holds: somebody with the stream's key has verified and stored {count}."
    ));
}

fn say_received(journey: &Journey, out: Output) {
    out.say("\n4. Received, verified, compared with the originals");
    let whose = if journey.trusted {
        "the sender's key"
    } else {
        "not the sender's key"
    };
    out.say(format_args!("   signed by {} ({whose})", journey.signer));
    for comparison in &journey.comparisons {
        let Comparison {
            name,
            bytes,
            sha256,
            identical,
            ..
        } = comparison;
        let verdict = if *identical { "identical" } else { "DIFFERENT" };
        out.say(format_args!(
            "   {name}: {bytes} bytes, {verdict}\n     sha256 {}",
            hex(sha256)
        ));
    }
}

fn say_attempts(attempts: &[Attempt], out: Output) {
    out.say("\n5. What must be refused");
    for attempt in attempts {
        let answer = match &attempt.failure {
            Some(failure) => format!("refused: {failure}"),
            None => "ACCEPTED, and must not be".to_owned(),
        };
        out.say(format_args!("   {}\n     {answer}", attempt.what));
    }
    out.say("");
}

/// Paths are quoted as every shell takes them.
fn say_where(scene: &Scene, out: Output) {
    let quoted = |path: &Path| format!("\"{}\"", shown(path));
    let sealed = quoted(&scene.sealed());
    out.say("Look for yourself:");
    if let Some(originals) = scene.originals() {
        out.say(format_args!("   originals  {}", shown(&originals)));
    }
    out.say(format_args!("   received   {}", shown(&scene.received())));
    out.say(format_args!("   sealed     {}", shown(&scene.sealed())));
    out.say(format_args!("   secimg inspect {sealed}"));
    out.say(format_args!(
        "   secimg verify -i {} --from {} {sealed}",
        quoted(&scene.key_file("receiver")),
        quoted(&scene.key_file("sender.pub")),
    ));
}

impl Seen {
    fn report(&self, failure: Option<&Failure>) -> serde_json::Value {
        let status = failure.map_or(Status::Done, |failure| failure.status);
        let journey = self.journey.as_ref();
        let items = journey.map_or(&[][..], |journey| &journey.comparisons);
        json!({
            "schema": "secimg/demo/1",
            "verdict": status.verdict(),
            "exit": status.number(),
            "folder": self.scene.as_ref().map(|scene| scene.folder.to_string_lossy()),
            "url": journey.map(|journey| &journey.url),
            "signer": journey.map(|journey| &journey.signer),
            "trusted": journey.map(|journey| journey.trusted),
            "sealed_bytes": journey.map(|journey| journey.sealed_bytes),
            "seconds": journey.map(|journey| journey.seconds),
            "items": items.iter().map(Comparison::json).collect::<Vec<_>>(),
            "refusals": self.attempts.iter().map(Attempt::json).collect::<Vec<_>>(),
            "error": error_json(failure),
        })
    }
}
