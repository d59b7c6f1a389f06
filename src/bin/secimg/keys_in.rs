//! From arguments to recipients, identities, signers and trusted signers. Every secret comes from a
//! file or a prompt, none from an argument.

use core::time::Duration;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use secimg::content::SignatureAlgorithm;
use secimg::io::file::FileError;
use secimg::io::private::{Sharing, read_bounded, read_private};
use secimg::keys::{
    CertificatePurpose, KeyError, PassphraseRecipient, PrivateKey, PublicKey, RawKeyRecipient,
    SymmetricKey, TrustedSigners,
};
use secimg::{OpenOptions, SealOptions};
use zeroize::Zeroizing;

use crate::args::{
    IdentityArgs, KeyAccess, NewRecipientArgs, RecipientArgs, SealArgs, ThreadArgs, TrustArgs,
};
use crate::certificates::{is_certificate, named_keys};
use crate::exit::{Failure, Status};
use crate::label::shown;
use crate::names_of_keys::{open_with_folder, private_side, public_side};
use crate::passphrases::{
    ask_key_passphrase, ask_passphrase, ask_passphrase_twice, passphrase_bytes, passphrase_file,
};
use crate::recipients_file;
use crate::sealing::Making;

/// The longest PEM file that is read; an encrypted RSA key of 4096 bits takes 4 KiB, and text may
/// stand around it.
pub(crate) const MAX_PEM: u64 = 64 << 10;

/// How to seal, and what is worth saying of it.
#[derive(Debug, Clone)]
pub(crate) struct Sealing {
    pub(crate) options: SealOptions,
    /// Algorithm and fingerprint of the signer.
    pub(crate) signature: Option<(SignatureAlgorithm, String)>,
    /// What is done with the images before.
    pub(crate) making: Making,
    /// How previews are sealed for those who get nothing else.
    pub(crate) previews: Option<SealOptions>,
    pub(crate) warnings: Vec<String>,
}

/// How to open, and what is worth saying of whom is trusted.
#[derive(Debug, Clone)]
pub(crate) struct Opening {
    pub(crate) options: OpenOptions,
    pub(crate) warnings: Vec<String>,
}

/// For whom to seal, and what is worth saying of them.
#[derive(Debug, Clone)]
pub(crate) struct Addressees {
    pub(crate) options: SealOptions,
    pub(crate) warnings: Vec<String>,
    /// Their public keys, for who compares them with a signer's.
    spkis: Vec<Vec<u8>>,
}

/// RECIPIENTS of either form.
struct Recipients<'a> {
    public: &'a [PathBuf],
    files: &'a [PathBuf],
    passphrase_file: Option<&'a Path>,
    prompt: bool,
    key_file: Option<&'a Path>,
    allow_mixing: bool,
    strict_certificates: bool,
}

impl RecipientArgs {
    /// Tells whether anybody was named; `send` without RECIPIENTS sends what is sealed already.
    pub(crate) const fn is_empty(&self) -> bool {
        let secret = self.passphrase_file.is_some() || self.prompt || self.key_file.is_some();
        self.recipients.is_empty() && self.recipients_files.is_empty() && !secret
    }

    /// Lists the files that were named.
    pub(crate) fn files(&self) -> impl Iterator<Item = &Path> {
        let public = self.recipients.iter().chain(&self.recipients_files);
        let secret = self.passphrase_file.iter().chain(&self.key_file);
        public.chain(secret).map(PathBuf::as_path)
    }

    fn sources(&self) -> Recipients<'_> {
        Recipients {
            public: &self.recipients,
            files: &self.recipients_files,
            passphrase_file: self.passphrase_file.as_deref(),
            prompt: self.prompt,
            key_file: self.key_file.as_deref(),
            allow_mixing: self.allow_mixing,
            strict_certificates: self.strict_certificates,
        }
    }
}

impl NewRecipientArgs {
    fn sources(&self) -> Recipients<'_> {
        Recipients {
            public: &self.recipients,
            files: &self.recipients_files,
            passphrase_file: self.new_passphrase_file.as_deref(),
            prompt: false,
            key_file: self.new_key_file.as_deref(),
            allow_mixing: self.allow_mixing,
            strict_certificates: self.strict_certificates,
        }
    }
}

impl IdentityArgs {
    /// Tells whether anybody was named; `receive` without IDENTITIES is a relay.
    pub(crate) const fn is_empty(&self) -> bool {
        let secret = self.passphrase_file.is_some() || self.prompt || self.key_file.is_some();
        self.identities.is_empty() && !secret
    }
}

impl KeyAccess {
    pub(crate) const fn sharing(&self) -> Sharing {
        sharing(self.allow_shared_key)
    }
}

pub(crate) const fn sharing(allow_shared_key: bool) -> Sharing {
    if allow_shared_key {
        Sharing::Allowed
    } else {
        Sharing::Refused
    }
}

impl Sealing {
    pub(crate) fn threads(mut self, threads: ThreadArgs) -> Self {
        self.options = self.options.threads(threads.count());
        self
    }
}

impl Opening {
    pub(crate) fn threads(mut self, threads: ThreadArgs) -> Self {
        self.options = self.options.threads(threads.count());
        self
    }
}

/// RECIPIENTS, `--sign`, `--suite` and `--context` together.
pub(crate) fn sealing(recipients: &RecipientArgs, seal: &SealArgs) -> Result<Sealing, Failure> {
    if recipients.is_empty() {
        let how = "no recipient: name one with -r PUB, -R FILE, --passphrase-file F, -p or \
                   --key-file K";
        return Err(Failure::new(Status::Usage, "no_recipient", how));
    }
    let named = add_recipients(&recipients.sources(), seal.access.sharing())?;
    let (mut options, mut warnings) = (as_asked(named.options, seal), named.warnings);
    let mut signature = None;
    if let Some(file) = &seal.sign {
        let key = private_key(file, &seal.access)?;
        let signer = key
            .signer()
            .map_err(|error| Failure::from(error).about(file))?;
        if named.spkis.iter().any(|spki| spki == signer.spki()) {
            warnings.push(one_key_for_both(file));
        }
        signature = Some((signer.algorithm(), key.public().fingerprint().to_string()));
        options = options.signer(signer);
    }
    Ok(Sealing {
        options,
        signature,
        making: Making {
            strip: seal.strip,
            preview: seal.preview,
            preview_apart: false,
        },
        previews: None,
        warnings,
    })
}

fn one_key_for_both(file: &Path) -> String {
    format!(
        "{} signs and receives: one key should have one purpose (NIST SP 800-57); make another with \
         `secimg keygen --kind ed25519`",
        shown(file)
    )
}

/// `--preview-for`: how the previews are sealed for those who get nothing else, with the signer and the rest of the images'.
pub(crate) fn add_previews(
    sealing: &mut Sealing,
    keys: &[PathBuf],
    recipients: &RecipientArgs,
    seal: &SealArgs,
) -> Result<(), Failure> {
    if keys.is_empty() {
        return Ok(());
    }
    let from = Recipients {
        public: keys,
        files: &[],
        passphrase_file: None,
        prompt: false,
        key_file: None,
        allow_mixing: recipients.allow_mixing,
        strict_certificates: recipients.strict_certificates,
    };
    let named = add_recipients(&from, seal.access.sharing())?;
    let mut options = as_asked(named.options, seal);
    if let Some(signer) = sealing.options.get_signer() {
        options = options.signer(signer);
    }
    sealing.warnings.extend(named.warnings);
    sealing.making.preview_apart = true;
    sealing.previews = Some(options);
    Ok(())
}

/// `--suite`, `--pad` and `--context`.
fn as_asked(options: SealOptions, seal: &SealArgs) -> SealOptions {
    let mut options = options.suite(seal.suite);
    if seal.pad {
        options = options.padded();
    }
    if let Some(context) = &seal.context {
        options = options.context(context.as_bytes());
    }
    options
}

/// RECIPIENTS of `rewrap`: of these options only the recipients count.
pub(crate) fn new_recipients(
    recipients: &NewRecipientArgs,
    access: &KeyAccess,
) -> Result<Addressees, Failure> {
    add_recipients(&recipients.sources(), access.sharing())
}

fn add_recipients(from: &Recipients<'_>, sharing: Sharing) -> Result<Addressees, Failure> {
    let mut options = SealOptions::new();
    let (mut spkis, mut warnings) = (Vec::new(), Vec::new());
    for file in from.public {
        let file = &public_side(file, sharing)?;
        let named = named_keys(
            file,
            CertificatePurpose::Recipient,
            from.strict_certificates,
        )?;
        warnings.extend(named.warnings);
        for key in named.keys {
            let recipient = key.recipient();
            options =
                options.recipient(recipient.map_err(|error| Failure::from(error).about(file))?);
            spkis.push(key.spki().to_vec());
        }
    }
    let listed =
        recipients_file::recipients(from.files, &mut spkis, sharing, from.strict_certificates)?;
    warnings.extend(listed.warnings);
    for recipient in listed.recipients {
        options = options.recipient(recipient);
    }
    if let Some(file) = from.key_file {
        options = options.recipient(Arc::new(RawKeyRecipient::new(symmetric_key(
            file, sharing,
        )?)));
    }
    if let Some(file) = from.passphrase_file {
        let passphrase = passphrase_file(file, sharing)?;
        options = options.recipient(Arc::new(PassphraseRecipient::new(passphrase)));
    }
    if from.prompt {
        let passphrase = ask_passphrase_twice("Passphrase")?;
        options = options.recipient(Arc::new(PassphraseRecipient::new(passphrase)));
    }
    Ok(Addressees {
        options: if from.allow_mixing {
            options.allow_mixing()
        } else {
            options
        },
        warnings,
        spkis,
    })
}

/// A signer's clock may be so much ahead of this one (RFC 4120 puts up with as much).
const CLOCKS_AHEAD: Duration = Duration::from_mins(5);

/// IDENTITIES, `--from`, `--signed-within` and `--context` together. Whoever opens must hold its output back until
/// `Verified`.
pub(crate) fn opening(identities: &IdentityArgs, trust: &TrustArgs) -> Result<Opening, Failure> {
    let mut options = with_context(open_with(identities)?, trust.context.as_deref());
    let mut warnings = Vec::new();
    if !trust.from.is_empty() {
        let sharing = identities.access.sharing();
        let (trusted, of_certificates) =
            trusted_signers(&trust.from, trust.strict_certificates, sharing)?;
        warnings = of_certificates;
        options = options.require_signer(trusted).spooled();
        if let Some(past) = trust.signed_within {
            options = options.signed_within(past, CLOCKS_AHEAD);
        }
    }
    Ok(Opening { options, warnings })
}

pub(crate) fn with_context(options: OpenOptions, context: Option<&str>) -> OpenOptions {
    match context {
        Some(context) => options.context(context.as_bytes()),
        None => options,
    }
}

/// IDENTITIES alone.
pub(crate) fn open_with(from: &IdentityArgs) -> Result<OpenOptions, Failure> {
    if from.is_empty() {
        return open_with_folder(&from.access);
    }
    let mut options = OpenOptions::new();
    for file in &from.identities {
        let identity = private_key(file, &from.access)?.identity();
        options = options.identity(identity.map_err(|error| Failure::from(error).about(file))?);
    }
    if let Some(file) = &from.key_file {
        let key = symmetric_key(file, from.access.sharing())?;
        options = options.identity(Arc::new(RawKeyRecipient::new(key)));
    }
    if let Some(file) = &from.passphrase_file {
        options = options.identity(Arc::new(passphrase_file(file, from.access.sharing())?));
    }
    if from.prompt {
        options = options.identity(Arc::new(ask_passphrase("Passphrase")?));
    }
    Ok(options)
}

/// The public keys in these files, which sign, and what is worth knowing of their certificates.
pub(crate) fn trusted_signers(
    files: &[PathBuf],
    strict_certificates: bool,
    sharing: Sharing,
) -> Result<(TrustedSigners, Vec<String>), Failure> {
    let mut warnings = Vec::new();
    let mut trusted = TrustedSigners::new();
    for file in files {
        let file = &public_side(file, sharing)?;
        let named = named_keys(file, CertificatePurpose::Signer, strict_certificates)?;
        warnings.extend(named.warnings);
        for key in named.keys {
            key.verifying_key()
                .map_err(|error| Failure::from(error).about(file))?;
            trusted.add(&key);
        }
    }
    Ok((trusted, warnings))
}

/// Reads a public key.
pub(crate) fn public_key(file: &Path) -> Result<PublicKey, Failure> {
    let text = Zeroizing::new(read_bounded(file, MAX_PEM)?);
    public_key_from(&text, file)
}

pub(crate) fn public_key_from(text: &[u8], file: &Path) -> Result<PublicKey, Failure> {
    PublicKey::from_pem(text).map_err(|error| of_pem(error, text, "--key-file").about(file))
}

/// Reads a private key, and asks for its passphrase where it has one and no file was named.
pub(crate) fn private_key(file: &Path, access: &KeyAccess) -> Result<PrivateKey, Failure> {
    let file = &private_side(file, access.sharing())?;
    let text = match read_private(file, access.sharing(), MAX_PEM) {
        // A public key is open to others as it should be: what is wrong is that it is a public key.
        Err(FileError::Shared(..)) if public_key(file).is_ok() => {
            return Err(Failure::from(KeyError::PublicWherePrivate).about(file));
        }
        Err(FileError::Shared(..)) if is_certificate(file) => {
            Zeroizing::new(read_bounded(file, MAX_PEM)?)
        }
        read => read?,
    };
    private_key_from(&text, file, access)
}

pub(crate) fn private_key_from(
    text: &[u8],
    file: &Path,
    access: &KeyAccess,
) -> Result<PrivateKey, Failure> {
    let passphrase = match &access.key_passphrase_file {
        _ if !PrivateKey::is_encrypted_pem(text) => None,
        Some(file) => Some(passphrase_bytes(file, access.sharing())?),
        None => Some(ask_key_passphrase(file)?),
    };
    let passphrase = passphrase.as_ref().map(|bytes| bytes.as_slice());
    PrivateKey::from_pem(text, passphrase)
        .map_err(|error| of_pem(error, text, "--key-file").about(file))
}

/// A symmetric key where a PEM file belongs is a mistake in the arguments.
fn of_pem(error: KeyError, text: &[u8], option: &str) -> Failure {
    if matches!(error, KeyError::NotAKey(_)) && SymmetricKey::from_file_bytes(text).is_ok() {
        let what = format!("this is a symmetric key; it is given with {option}");
        return Failure::new(Status::Usage, "wrong_key_kind", what);
    }
    error.into()
}

/// Reads a symmetric key.
pub(crate) fn symmetric_key(file: &Path, sharing: Sharing) -> Result<SymmetricKey, Failure> {
    let file = &private_side(file, sharing)?;
    // A PEM file is longer than any symmetric key file; what it is matters more than its length.
    let bytes = read_private(file, sharing, MAX_PEM)?;
    if bytes.trim_ascii_start().starts_with(b"-----BEGIN") {
        let what = "this is a PEM file, not a symmetric key; a public key is given with -r, a \
                    private one with -i";
        return Err(Failure::new(Status::Usage, "wrong_key_kind", what).about(file));
    }
    SymmetricKey::from_file_bytes(&bytes).map_err(|error| Failure::from(error).about(file))
}
