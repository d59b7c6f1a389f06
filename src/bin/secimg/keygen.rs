//! `secimg keygen`: a private key that its owner alone can read, and a public key beside it.

use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};

use secimg::io::file::{FileMode, Overwrite};
use secimg::io::key_folder::check_key_name;
use secimg::keys::{GenerateKind, PrivateKey, SymmetricKey};
use zeroize::Zeroizing;

use crate::args::{Common, KeyKind, KeygenArgs};
use crate::exit::{Failure, Status};
use crate::key::{KeyFacts, failure_json};
use crate::keys_in::sharing;
use crate::label::Label;
use crate::names_of_keys::folder_for_new;
use crate::output::Output;
use crate::passphrases::{ask_passphrase_twice, passphrase_bytes};
use crate::pending::Pending;
use crate::store::{check_free, overwrite};

pub(crate) fn run(args: &KeygenArgs, common: Common) -> Status {
    let out = Output::new(common);
    let output = match output(args) {
        Ok(output) => output,
        Err(failure) => {
            let name = Label::text(args.name.as_deref().unwrap_or_default());
            out.object(&failure_json(&name, &failure));
            out.failed(None, &failure);
            return failure.status;
        }
    };
    let label = Label::file(&output);
    match generate(args, &output, overwrite(common.force)) {
        Ok((facts, public_file)) => {
            out.object(&facts.json(&label, public_file.as_deref()));
            out.say(facts.text(&label));
            if let Some(path) = &public_file {
                out.say(format_args!("  public key   {}", Label::file(path).shown));
            }
            facts
                .warnings
                .iter()
                .for_each(|warning| out.warn(&label, warning));
            Status::Done
        }
        Err(failure) => {
            out.object(&failure_json(&label, &failure));
            out.failed(None, &failure);
            failure.status
        }
    }
}

/// KEY, or a file in the key folder.
fn output(args: &KeygenArgs) -> Result<PathBuf, Failure> {
    if let Some(path) = &args.output {
        return Ok(path.clone());
    }
    let name = args.name.as_deref().unwrap_or_default();
    // A name that is refused makes no folder.
    check_key_name(name)?;
    Ok(folder_for_new(sharing(args.allow_shared_key))?
        .files_for(name)?
        .0)
}

fn generate(
    args: &KeygenArgs,
    output: &Path,
    overwrite: Overwrite,
) -> Result<(KeyFacts, Option<PathBuf>), Failure> {
    check(args)?;
    if args.kind == KeyKind::Symmetric {
        check_free(output, overwrite)?;
        let key = SymmetricKey::generate()?;
        let file = written(output, key.to_file_text().as_bytes(), overwrite)?;
        file.commit(FileMode::Private)?;
        return Ok((KeyFacts::of_symmetric(&key), None));
    }
    let public_file = public_path(output);
    // Both names must be free before the seconds that a long RSA key takes, and before a passphrase
    // is typed twice.
    check_free(output, overwrite)?;
    check_free(&public_file, overwrite)?;
    let passphrase = passphrase(args)?;
    let key = PrivateKey::generate(kind(args))?;
    let pem = match &passphrase {
        Some(passphrase) => key.to_encrypted_pem(passphrase)?,
        None => key.to_pem()?,
    };
    let private = written(output, pem.as_bytes(), overwrite)?;
    let public = written(&public_file, key.public().to_pem().as_bytes(), overwrite)?;
    private.commit(FileMode::Private)?;
    public.commit(FileMode::Shared)?;
    Ok((
        KeyFacts::of_private(&key, passphrase.is_some()),
        Some(public_file),
    ))
}

fn check(args: &KeygenArgs) -> Result<(), Failure> {
    if args.kind != KeyKind::Rsa && args.bits.is_some() {
        return Err(Failure::usage("--bits is for RSA keys"));
    }
    if args.kind == KeyKind::Symmetric && (args.passphrase_file.is_some() || args.prompt) {
        return Err(Failure::usage(
            "a symmetric key file is not encrypted; keep it in a safe place",
        ));
    }
    Ok(())
}

fn kind(args: &KeygenArgs) -> GenerateKind {
    match (args.kind, args.bits.as_deref()) {
        (KeyKind::Hybrid, _) => GenerateKind::XWing,
        (KeyKind::Ed25519, _) => GenerateKind::Ed25519,
        (_, Some("2048")) => GenerateKind::Rsa { bits: 2048 },
        (_, Some("4096")) => GenerateKind::Rsa { bits: 4096 },
        _ => GenerateKind::default(),
    }
}

fn passphrase(args: &KeygenArgs) -> Result<Option<Zeroizing<Vec<u8>>>, Failure> {
    if let Some(file) = &args.passphrase_file {
        let passphrase = passphrase_bytes(file, sharing(args.allow_shared_key))?;
        if passphrase.is_empty() {
            let what = "the passphrase is empty";
            return Err(Failure::new(Status::Usage, "bad_passphrase", what).about(file));
        }
        return Ok(Some(passphrase));
    }
    if args.prompt {
        let passphrase = ask_passphrase_twice("Passphrase for the private key")?;
        return Ok(Some(Zeroizing::new(
            passphrase.expose().as_bytes().to_vec(),
        )));
    }
    Ok(None)
}

fn public_path(private: &Path) -> PathBuf {
    let mut name = OsString::from(private);
    name.push(".pub");
    name.into()
}

fn written(path: &Path, bytes: &[u8], overwrite: Overwrite) -> Result<Pending, Failure> {
    let mut file = Pending::create(path, overwrite)?;
    file.write_all(bytes)
        .map_err(|error| Failure::io("writing the key failed", &error).about(path))?;
    Ok(file)
}
