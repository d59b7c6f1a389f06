//! Passphrases, from files and from the terminal.

use std::path::Path;

use secimg::io::private::{Sharing, read_private};
use secimg::keys::Passphrase;
use zeroize::Zeroizing;

use crate::exit::{Failure, Status};
use crate::label::shown;

/// The longest passphrase file: a passphrase has at most 1024 bytes in normal form, and may be longer
/// before.
const MAX_LINE: u64 = 8 << 10;

/// Reads a passphrase for streams. It loses one newline at its end.
pub(crate) fn passphrase_file(file: &Path, sharing: Sharing) -> Result<Passphrase, Failure> {
    let bytes = read_private(file, sharing, MAX_LINE)?;
    Passphrase::from_file_bytes(&bytes).map_err(|error| Failure::from(error).about(file))
}

/// Reads a passphrase for private keys, which is taken byte for byte as `openssl` takes it, but for
/// one newline at its end.
pub(crate) fn passphrase_bytes(
    file: &Path,
    sharing: Sharing,
) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let mut bytes = read_private(file, sharing, MAX_LINE)?;
    if bytes.last() == Some(&b'\n') {
        bytes.pop();
        if bytes.last() == Some(&b'\r') {
            bytes.pop();
        }
    }
    Ok(bytes)
}

pub(crate) fn ask_key_passphrase(file: &Path) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let Ok(mut text) = ask(&format!("Passphrase of {}", shown(file))) else {
        let what = "the private key is encrypted and there is no terminal to ask for its \
                    passphrase; name it with --key-passphrase-file";
        return Err(Failure::new(Status::Usage, "passphrase_needed", what).about(file));
    };
    Ok(Zeroizing::new(core::mem::take(&mut *text).into_bytes()))
}

pub(crate) fn ask_passphrase(what: &str) -> Result<Passphrase, Failure> {
    Ok(Passphrase::new(&ask(what)?)?)
}

/// Asks twice: nobody sees what was typed, and a stream sealed with a slip is lost.
pub(crate) fn ask_passphrase_twice(what: &str) -> Result<Passphrase, Failure> {
    let first = ask(what)?;
    let second = ask(&format!("{what}, again"))?;
    if *first != *second {
        let what = "the two entries differ; nothing was done";
        return Err(Failure::new(Status::Usage, "bad_passphrase", what));
    }
    Ok(Passphrase::new(&first)?)
}

/// Asks at the terminal, also while standard input carries an image.
fn ask(what: &str) -> Result<Zeroizing<String>, Failure> {
    rpassword::prompt_password(format!("{what}: "))
        .map(Zeroizing::new)
        .map_err(|error| {
            let how = format!("cannot ask for a passphrase ({error}); use a passphrase file");
            Failure::new(Status::Usage, "passphrase_needed", how)
        })
}
