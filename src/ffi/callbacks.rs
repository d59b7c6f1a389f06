//! Keys that live elsewhere: structs of callbacks, and the traits behind them.

use core::ffi::{c_char, c_void};
use core::fmt;

use crate::content::SignatureAlgorithm;
use crate::crypto::{Cek, Random};
use crate::format::{ExternalBody, KeyId, RecipientType, Salt};
use crate::keys::{
    Identity, KeyError, PublicKey, Recipient, Signer, UnwrapContext, VerifyingKey, WrapContext,
    key_id,
};

use super::fail::Fail;
use super::memory::{bytes, text};
use super::recipients::{SECIMG_RECIPIENT_EXTERNAL, SECIMG_RECIPIENT_RSA_OAEP_SHA256};

/// The length of a content encryption key, which callbacks wrap and unwrap.
pub const SECIMG_CEK_LEN: usize = 32;
/// The length of a stream's salt.
pub const SECIMG_SALT_LEN: usize = 32;

/// Called once when nothing uses the callbacks any more, also when the function that took them fails. May be
/// `NULL`.
pub type secimg_release_fn = Option<unsafe extern "C" fn(userdata: *mut c_void)>;

/// How a key that lives elsewhere wraps a content encryption key (recipient type 5, SPEC section 4.6).
///
/// The callbacks may be called from every thread that seals, also from several at once, and no exception may
/// leave them.
#[repr(C)]
#[derive(Debug)]
pub struct secimg_recipient_callbacks {
    /// `sizeof(secimg_recipient_callbacks)`.
    pub struct_size: usize,
    /// Handed to each callback.
    pub userdata: *mut c_void,
    /// Who understands what `wrap` makes: 1 to 255 bytes of UTF-8. It stands in the clear in the stream.
    pub provider: *const c_char,
    /// The key's name at the provider, from which each stream's key id is made: 1 byte or more. It does not stand
    /// in the stream.
    pub key_name: *const u8,
    /// The length of `key_name`.
    pub key_name_len: usize,
    /// The length of everything that `wrap` makes.
    pub wrapped_len: usize,
    /// Wraps `cek` (32 bytes) into `out` (`out_len` is `wrapped_len`); `salt` (32 bytes) is the stream's. Returns
    /// 0, or another number when the device failed.
    pub wrap: Option<
        unsafe extern "C" fn(
            userdata: *mut c_void,
            cek: *const u8,
            salt: *const u8,
            out: *mut u8,
            out_len: usize,
        ) -> i32,
    >,
    /// See `secimg_release_fn`.
    pub release: secimg_release_fn,
}

/// How a key that lives elsewhere unwraps a content encryption key.
///
/// The callbacks may be called from every thread that opens, also from several at once, and no exception may
/// leave them.
#[repr(C)]
#[derive(Debug)]
pub struct secimg_identity_callbacks {
    /// `sizeof(secimg_identity_callbacks)`.
    pub struct_size: usize,
    /// Handed to each callback.
    pub userdata: *mut c_void,
    /// `SECIMG_RECIPIENT_RSA_OAEP_SHA256` for an RSA key in a device, whose public key is in `spki`, or
    /// `SECIMG_RECIPIENT_EXTERNAL` for what `secimg_recipient_callbacks` wrapped.
    pub recipient_type: u32,
    /// The public key of an RSA key, SPKI in DER.
    pub spki: *const u8,
    /// The length of `spki`.
    pub spki_len: usize,
    /// For the external type: as in `secimg_recipient_callbacks`.
    pub provider: *const c_char,
    /// For the external type: as in `secimg_recipient_callbacks`.
    pub key_name: *const u8,
    /// The length of `key_name`.
    pub key_name_len: usize,
    /// Unwraps `wrapped` (an OAEP ciphertext with SHA-256, MGF1-SHA-256 and an empty label; or what `wrap` made)
    /// into `cek`, 32 bytes. Returns 0; 1 where it does not unwrap, whatever the reason, and in constant time;
    /// another number when the device failed.
    pub unwrap: Option<
        unsafe extern "C" fn(
            userdata: *mut c_void,
            wrapped: *const u8,
            wrapped_len: usize,
            cek: *mut u8,
        ) -> i32,
    >,
    /// See `secimg_release_fn`.
    pub release: secimg_release_fn,
}

/// How a key that lives elsewhere signs.
///
/// The callbacks may be called from every thread that seals, also from several at once, and no exception may
/// leave them.
#[repr(C)]
#[derive(Debug)]
pub struct secimg_signer_callbacks {
    /// `sizeof(secimg_signer_callbacks)`.
    pub struct_size: usize,
    /// Handed to each callback.
    pub userdata: *mut c_void,
    /// `SECIMG_SIGNATURE_RSA_PSS_SHA256` (MGF1-SHA-256, salt of 32 bytes) or `SECIMG_SIGNATURE_ED25519`.
    pub algorithm: u32,
    /// The public key, SPKI in DER.
    pub spki: *const u8,
    /// The length of `spki`.
    pub spki_len: usize,
    /// Signs `message` into `out`, whose `out_len` bytes are the length of every signature of this key (RSA: of
    /// the modulus; Ed25519: 64). Returns 0, or another number when the device failed. What it made is verified
    /// before it is used.
    pub sign: Option<
        unsafe extern "C" fn(
            userdata: *mut c_void,
            message: *const u8,
            message_len: usize,
            out: *mut u8,
            out_len: usize,
        ) -> i32,
    >,
    /// See `secimg_release_fn`.
    pub release: secimg_release_fn,
}

/// Who owns a callback's userdata: whatever happens, it is released once.
pub(super) struct Owner {
    pub(super) userdata: *mut c_void,
    release: secimg_release_fn,
}

impl Owner {
    pub(super) const fn new(userdata: *mut c_void, release: secimg_release_fn) -> Self {
        Self { userdata, release }
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        if let Some(release) = self.release {
            // SAFETY: the caller's function, called once.
            unsafe { release(self.userdata) };
        }
    }
}

// SAFETY: the caller promised that its callbacks may be called from any thread, with this userdata.
unsafe impl Send for Owner {}
// SAFETY: as above, and from several threads at once.
unsafe impl Sync for Owner {}

/// Refuses a struct that an application with another idea of it made.
pub(super) unsafe fn check_struct<T>(callbacks: *const T) -> Result<(), Fail> {
    if callbacks.is_null() {
        return Err(Fail::null());
    }
    if !callbacks.is_aligned() {
        return Err(Fail::argument(
            "a pointer that cannot be one to this struct",
        ));
    }
    // SAFETY: each of these structs begins with its size.
    let size: usize = unsafe { callbacks.cast::<usize>().read() };
    if size == size_of::<T>() {
        return Ok(());
    }
    Err(Fail::argument("struct_size is not the size of this struct"))
}

/// The two names of a key at a provider.
#[derive(Clone)]
struct ProviderKey {
    provider: String,
    name: Box<[u8]>,
}

impl ProviderKey {
    unsafe fn read(
        provider: *const c_char,
        name: *const u8,
        name_len: usize,
    ) -> Result<Self, Fail> {
        // SAFETY: the caller's string.
        let provider = unsafe { text(provider)? };
        // SAFETY: the caller's bytes.
        let name = unsafe { bytes(name, name_len)? };
        if provider.is_empty() || provider.len() > 255 {
            return Err(Fail::argument("a provider's name has 1 to 255 bytes"));
        }
        if name.is_empty() {
            return Err(Fail::argument("a key at a provider needs a name"));
        }
        Ok(Self {
            provider: provider.to_owned(),
            name: name.into(),
        })
    }
}

/// A recipient that C implements.
pub(super) struct ForeignRecipient {
    owner: Owner,
    key: ProviderKey,
    wrapped_len: usize,
    wrap: unsafe extern "C" fn(*mut c_void, *const u8, *const u8, *mut u8, usize) -> i32,
}

impl ForeignRecipient {
    pub(super) unsafe fn read(callbacks: *const secimg_recipient_callbacks) -> Result<Self, Fail> {
        // SAFETY: the caller's struct.
        unsafe { check_struct(callbacks)? };
        // SAFETY: as checked.
        let c = unsafe { &*callbacks };
        let owner = Owner::new(c.userdata, c.release);
        // SAFETY: the caller's strings.
        let key = unsafe { ProviderKey::read(c.provider, c.key_name, c.key_name_len)? };
        let wrap = c.wrap.ok_or_else(Fail::null)?;
        let this = Self {
            owner,
            key,
            wrapped_len: c.wrapped_len,
            wrap,
        };
        if c.wrapped_len == 0 || this.body_len().is_none_or(|len| len > 0xFFFF) {
            return Err(Fail::argument(
                "wrapped_len is not one that an entry can have",
            ));
        }
        Ok(this)
    }
}

impl Recipient for ForeignRecipient {
    fn kind(&self) -> RecipientType {
        RecipientType::External
    }

    fn key_id(&self, salt: &Salt) -> KeyId {
        key_id(salt, &self.key.name)
    }

    fn wrap(
        &self,
        cek: &Cek,
        context: WrapContext<'_>,
        _: &mut Random<'_>,
    ) -> Result<Vec<u8>, KeyError> {
        let mut opaque = vec![0; self.wrapped_len];
        let (out, len) = (opaque.as_mut_ptr(), opaque.len());
        let (cek, salt) = (cek.expose().as_ptr(), context.salt.as_ptr());
        // SAFETY: the caller's function, with memory of the lengths that were agreed.
        let answer = unsafe { (self.wrap)(self.owner.userdata, cek, salt, out, len) };
        device(answer, "wrap")?;
        let body = ExternalBody::new(&self.key.provider, &opaque).to_bytes();
        body.map_err(|error| KeyError::Provider(error.to_string()))
    }

    fn body_len(&self) -> Option<usize> {
        (1 + self.key.provider.len()).checked_add(self.wrapped_len)
    }
}

fn device(answer: i32, what: &str) -> Result<(), KeyError> {
    if answer == 0 {
        return Ok(());
    }
    let text = format!("the {what} callback failed with {answer}");
    Err(KeyError::Provider(text))
}

/// What an identity's key id is made from, and how its entries look.
enum KeyName {
    Rsa(PublicKey),
    Provider(ProviderKey),
}

/// An identity that C implements.
pub(super) struct ForeignIdentity {
    owner: Owner,
    key: KeyName,
    unwrap: unsafe extern "C" fn(*mut c_void, *const u8, usize, *mut u8) -> i32,
}

impl ForeignIdentity {
    pub(super) unsafe fn read(callbacks: *const secimg_identity_callbacks) -> Result<Self, Fail> {
        // SAFETY: the caller's struct.
        unsafe { check_struct(callbacks)? };
        // SAFETY: as checked.
        let c = unsafe { &*callbacks };
        let owner = Owner::new(c.userdata, c.release);
        let key = match c.recipient_type {
            SECIMG_RECIPIENT_RSA_OAEP_SHA256 => {
                // SAFETY: the caller's bytes.
                let key = PublicKey::from_spki_der(unsafe { bytes(c.spki, c.spki_len)? })?;
                if key.recipient()?.kind() != RecipientType::RsaOaepSha256 {
                    return Err(Fail::argument("the public key is no RSA key"));
                }
                KeyName::Rsa(key)
            }
            SECIMG_RECIPIENT_EXTERNAL => {
                // SAFETY: the caller's strings.
                let key = unsafe { ProviderKey::read(c.provider, c.key_name, c.key_name_len)? };
                KeyName::Provider(key)
            }
            other if other <= SECIMG_RECIPIENT_EXTERNAL && other != 0 => {
                return Err(Fail::unsupported(
                    "callbacks are for RSA keys and for the external type",
                ));
            }
            _ => return Err(Fail::argument("a recipient type that is not defined")),
        };
        let unwrap = c.unwrap.ok_or_else(Fail::null)?;
        Ok(Self { owner, key, unwrap })
    }
}

impl Identity for ForeignIdentity {
    fn kind(&self) -> RecipientType {
        match self.key {
            KeyName::Rsa(_) => RecipientType::RsaOaepSha256,
            KeyName::Provider(_) => RecipientType::External,
        }
    }

    fn key_id(&self, salt: &Salt) -> KeyId {
        match &self.key {
            KeyName::Rsa(key) => key_id(salt, key.spki()),
            KeyName::Provider(key) => key_id(salt, &key.name),
        }
    }

    fn unwrap(&self, body: &[u8], _: UnwrapContext<'_>) -> Result<Option<Cek>, KeyError> {
        let wrapped = match &self.key {
            KeyName::Rsa(_) => body,
            KeyName::Provider(key) => match ExternalBody::parse(body) {
                Some(body) if body.provider == key.provider => body.opaque,
                _ => return Ok(None),
            },
        };
        let mut answer = 0;
        let cek = Cek::init(|cek| {
            let (data, len) = (wrapped.as_ptr(), wrapped.len());
            // SAFETY: the caller's function, with memory of the lengths that were agreed.
            answer = unsafe { (self.unwrap)(self.owner.userdata, data, len, cek.as_mut_ptr()) };
        });
        match answer {
            1 => Ok(None),
            other => device(other, "unwrap").map(|()| Some(cek)),
        }
    }

    fn spki(&self) -> Option<&[u8]> {
        match &self.key {
            KeyName::Rsa(key) => Some(key.spki()),
            KeyName::Provider(_) => None,
        }
    }
}

/// A signer that C implements.
pub(super) struct ForeignSigner {
    owner: Owner,
    key: VerifyingKey,
    sign: unsafe extern "C" fn(*mut c_void, *const u8, usize, *mut u8, usize) -> i32,
}

impl ForeignSigner {
    pub(super) unsafe fn read(callbacks: *const secimg_signer_callbacks) -> Result<Self, Fail> {
        // SAFETY: the caller's struct.
        unsafe { check_struct(callbacks)? };
        // SAFETY: as checked.
        let c = unsafe { &*callbacks };
        let owner = Owner::new(c.userdata, c.release);
        let algorithm = u8::try_from(c.algorithm)
            .ok()
            .and_then(SignatureAlgorithm::from_number);
        let algorithm =
            algorithm.ok_or_else(|| Fail::argument("a signature algorithm that is not defined"))?;
        // SAFETY: the caller's bytes.
        let key = PublicKey::from_spki_der(unsafe { bytes(c.spki, c.spki_len)? })?;
        let key = key.verifying_key()?;
        if key.algorithm() != algorithm {
            return Err(Fail::argument("the public key is one of another algorithm"));
        }
        let sign = c.sign.ok_or_else(Fail::null)?;
        Ok(Self { owner, key, sign })
    }
}

impl Signer for ForeignSigner {
    fn algorithm(&self) -> SignatureAlgorithm {
        self.key.algorithm()
    }

    fn spki(&self) -> &[u8] {
        self.key.public_key().spki()
    }

    fn signature_len(&self) -> usize {
        match self.key.algorithm() {
            SignatureAlgorithm::RsaPssSha256 => self.key.public_key().bits().div_ceil(8),
            SignatureAlgorithm::Ed25519 => 64,
        }
    }

    fn sign(&self, message: &[u8], _: &mut Random<'_>) -> Result<Vec<u8>, KeyError> {
        let mut signature = vec![0; self.signature_len()];
        let (out, len) = (signature.as_mut_ptr(), signature.len());
        let (data, size) = (message.as_ptr(), message.len());
        // SAFETY: the caller's function, with memory of the lengths that were agreed.
        let answer = unsafe { (self.sign)(self.owner.userdata, data, size, out, len) };
        device(answer, "sign")?;
        // A device that is set up for another hash or salt would make streams that nobody can open.
        self.key.verify(message, &signature).map_err(|_| {
            KeyError::Provider("what the sign callback made does not verify".to_owned())
        })?;
        Ok(signature)
    }
}

impl fmt::Debug for ForeignRecipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ForeignRecipient({})", self.key.provider)
    }
}

impl fmt::Debug for ForeignIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ForeignIdentity({})", self.kind().name())
    }
}

impl fmt::Debug for ForeignSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ForeignSigner({})", self.algorithm().name())
    }
}
