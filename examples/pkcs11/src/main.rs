//! secimg with keys that never leave a PKCS#11 token: `README.md` beside this says how to run it.
//!
//! ```text
//! main ── token        one session, opened when it is first needed
//!      ── aes          Recipient and Identity of type 5: an AES key wraps
//!      ── rsa ── oaep  Identity of type 1: an RSA key opens what was sealed for its public key
//!      ── signer       Signer: RSA-PSS or Ed25519
//!      ── public       the public side of a key pair, as SPKI
//! ```

mod aes;
mod oaep;
mod public;
mod rsa;
mod signer;
mod token;

use std::error::Error;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::{ArgGroup, Args, Parser, Subcommand};
use secimg::keys::{Identity, PublicKey, TrustedSigners};
use secimg::{Image, OpenError, OpenOptions, SealOptions, decrypt, encrypt};

use aes::TokenKey;
use rsa::TokenRsa;
use signer::TokenSigner;
use token::{Pin, Token};

/// Seals and opens images with keys in a PKCS#11 token.
#[derive(Parser)]
struct Arguments {
    /// The vendor's PKCS#11 module, such as /usr/lib/softhsm/libsofthsm2.so.
    #[arg(long, env = "PKCS11_MODULE")]
    module: PathBuf,
    /// The token's label.
    #[arg(long)]
    token: String,
    /// A file whose first line is the user's PIN; without it the PIN is asked for.
    #[arg(long)]
    pin_file: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Prints the public key of a key pair, as PEM.
    Public {
        /// The label of the key pair.
        #[arg(long)]
        key: String,
    },
    /// Seals an image, for a key in the token or for public keys in files.
    #[command(group = ArgGroup::new("recipients").required(true))]
    Seal {
        #[command(flatten)]
        key: Key,
        /// A public key in a file.
        #[arg(short, long, group = "recipients")]
        recipient: Vec<PathBuf>,
        /// The label of an RSA or Ed25519 key pair that signs.
        #[arg(long)]
        sign_key: Option<String>,
        input: PathBuf,
        output: PathBuf,
    },
    /// Opens a sealed image, verifies all of it, and only then writes the original.
    #[command(group = ArgGroup::new("recipients").required(true))]
    Open {
        #[command(flatten)]
        key: Key,
        /// A public key whose signature is required.
        #[arg(long)]
        from: Vec<PathBuf>,
        input: PathBuf,
        output: PathBuf,
    },
}

/// The key in the token for which a stream is sealed.
#[derive(Args)]
#[group(skip)]
struct Key {
    /// The label of an RSA key pair (type 1: anybody can seal for its public key).
    #[arg(long, group = "recipients")]
    rsa_key: Option<String>,
    /// The label of an AES key (type 5: only the token can seal and open).
    #[arg(long, group = "recipients")]
    aes_key: Option<String>,
}

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("secimg-pkcs11: {error}");
            ExitCode::from(status(&*error))
        }
    }
}

/// The statuses of the `secimg` command: 1 refused, 3 damaged, 4 a file or the token failed.
fn status(error: &(dyn Error + 'static)) -> u8 {
    match error.downcast_ref::<OpenError>() {
        Some(OpenError::Key(_)) | None => 4,
        Some(OpenError::Format(_) | OpenError::Content(_)) => 3,
        Some(_) => 1,
    }
}

fn run(arguments: Arguments) -> Result<(), Box<dyn Error>> {
    let pin = arguments.pin_file.map_or(Pin::Prompt, Pin::File);
    let token = Arc::new(Token::new(arguments.module, arguments.token, pin));
    match arguments.command {
        Command::Public { key } => {
            let key = token.look(|session| public::key(session, &key))?;
            Ok(write!(io::stdout(), "{}", key.to_pem())?)
        }
        Command::Seal {
            key,
            recipient,
            sign_key,
            input,
            output,
        } => {
            let mut options = recipients(&token, key, &recipient)?;
            if let Some(label) = sign_key {
                let signer = TokenSigner::find(Arc::clone(&token), label)?;
                options = options.signer(Arc::new(signer));
            }
            seal(&options, &input, &output)
        }
        Command::Open {
            key,
            from,
            input,
            output,
        } => open(&token, key, &from, &input, &output),
    }
}

fn recipients(
    token: &Arc<Token>,
    key: Key,
    files: &[PathBuf],
) -> Result<SealOptions, Box<dyn Error>> {
    let mut options = SealOptions::new();
    for file in files {
        options = options.recipient(PublicKey::from_pem(&fs::read(file)?)?.recipient()?);
    }
    if let Some(label) = key.rsa_key {
        // Public: a copy of it in a file does as well, without the token.
        let public = token.look(|session| public::key(session, &label))?;
        options = options.recipient(public.recipient()?);
    }
    if let Some(label) = key.aes_key {
        options = options.recipient(Arc::new(TokenKey::new(Arc::clone(token), label)));
    }
    Ok(options)
}

fn seal(options: &SealOptions, input: &Path, output: &Path) -> Result<(), Box<dyn Error>> {
    let bytes = fs::read(input)?;
    let name = input.file_name().unwrap_or_default().to_string_lossy();
    let sealed = encrypt(&Image::new(bytes).named(&name), options)?;
    write_new(output, &sealed)
}

fn open(
    token: &Arc<Token>,
    key: Key,
    from: &[PathBuf],
    input: &Path,
    output: &Path,
) -> Result<(), Box<dyn Error>> {
    let mut identities: Vec<Arc<dyn Identity>> = Vec::new();
    if let Some(label) = key.rsa_key {
        identities.push(Arc::new(TokenRsa::find(Arc::clone(token), label)?));
    }
    if let Some(label) = key.aes_key {
        identities.push(Arc::new(TokenKey::new(Arc::clone(token), label)));
    }
    let mut options = OpenOptions::new();
    for identity in identities {
        options = options.identity(identity);
    }
    if !from.is_empty() {
        let mut signers = TrustedSigners::new();
        for file in from {
            signers.add(&PublicKey::from_pem(&fs::read(file)?)?);
        }
        options = options.require_signer(signers);
    }
    let opened = decrypt(&fs::read(input)?, &options)?;
    let [image] = &opened.images[..] else {
        let count = opened.images.len();
        return Err(format!("{count} images in the stream; this program writes one").into());
    };
    write_new(output, &image.bytes)
}

/// Writes a file that is not there yet.
fn write_new(path: &Path, bytes: &[u8]) -> Result<(), Box<dyn Error>> {
    let file = fs::File::create_new(path);
    let written = file.and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()));
    Ok(written.map_err(|error| format!("{}: {error}", path.display()))?)
}
