//! `secimg keys`: what is in the key folder, one object of the schema `secimg/key/1` for each key.
//!
//! Nothing is asked for: of an encrypted private key is known what the public key beside it says. What
//! cannot be read is shown with what is wrong with it, and the rest is listed.

use secimg::io::key_folder::{KeyEntry, KeyFolder, StoredKey};
use serde_json::Value;

use crate::args::{Common, KeysArgs};
use crate::exit::{Failure, Status};
use crate::key::{KeyFacts, failure_json, unknown_json};
use crate::keys_in::sharing;
use crate::label::{Label, shown};
use crate::names_of_keys::{folder, listed_warning};
use crate::output::Output;

pub(crate) fn run(args: &KeysArgs, common: Common) -> Status {
    let out = Output::new(common);
    let listed = folder(sharing(args.allow_shared_key)).and_then(|(path, folder)| {
        let Some(folder) = folder else {
            out.say(format_args!("{}: no key folder is there yet", shown(&path)));
            return Ok(Status::Done);
        };
        let entries = folder.entries()?;
        if entries.is_empty() {
            out.say(format_args!("{}: no keys", shown(&path)));
        }
        let one = |status: Status, entry| status.and_then(show(&folder, entry, out));
        Ok(entries.iter().fold(Status::Done, one))
    });
    listed.unwrap_or_else(|failure| {
        let path = KeyFolder::default_path().unwrap_or_default();
        out.object(&failure_json(&Label::file(&path), &failure));
        out.failed(None, &failure);
        failure.status
    })
}

fn show(folder: &KeyFolder, entry: &KeyEntry, out: Output) -> Status {
    let file = entry.private.as_deref().or(entry.public.as_deref());
    let label = Label::file(file.unwrap_or_else(|| folder.path()));
    match folder.read(entry) {
        Ok(key) => {
            let facts = facts(&key);
            let warnings: Vec<_> = listed_warning(folder).into_iter().collect();
            out.object(&object(entry, &label, facts.as_ref(), warnings));
            out.say(line(entry, &key, facts.as_ref()));
            Status::Done
        }
        Err(error) => {
            let failure = Failure::from(error);
            out.object(&failure_json(&label, &failure));
            out.failed(Some(&label), &failure);
            failure.status
        }
    }
}

/// What is known; nothing of an encrypted key alone.
fn facts(key: &StoredKey) -> Option<KeyFacts> {
    match key {
        StoredKey::Private(key) => Some(KeyFacts::of_private(key, false)),
        StoredKey::Encrypted(public) => {
            let public = public.as_ref()?;
            Some(KeyFacts::of_encrypted(public))
        }
        StoredKey::Public(key) => Some(KeyFacts::of_public(key)),
        StoredKey::Symmetric(key) => Some(KeyFacts::of_symmetric(key)),
        _ => None,
    }
}

fn object(
    entry: &KeyEntry,
    label: &Label,
    facts: Option<&KeyFacts>,
    mut warnings: Vec<String>,
) -> Value {
    let public = entry.private.as_ref().and(entry.public.as_deref());
    let mut object = if let Some(facts) = facts {
        warnings.extend(facts.warnings.iter().cloned());
        facts.json(label, public)
    } else {
        let mut object = unknown_json(label, Status::Done);
        object["private"] = true.into();
        object["encrypted"] = true.into();
        object
    };
    object["warnings"] = warnings.into();
    object
}

fn line(entry: &KeyEntry, key: &StoredKey, facts: Option<&KeyFacts>) -> String {
    let name = Label::text(&entry.name).shown;
    let side = match key {
        StoredKey::Private(_) => "private",
        StoredKey::Encrypted(_) => "private, encrypted",
        StoredKey::Public(_) => "public",
        _ => "secret",
    };
    match facts {
        Some(facts) => format!("{name}  {}, {side}", facts.short()),
        None => format!("{name}  {side}; without NAME.pub nothing more is known"),
    }
}
