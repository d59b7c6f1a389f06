//! Identities that C implements.

use core::ffi::{c_char, c_void};
use core::fmt;

use crate::crypto::Cek;
use crate::format::{ExternalBody, KeyId, RecipientType, Salt};
use crate::keys::{Identity, KeyError, PublicKey, UnwrapContext, key_id};

use super::callbacks::{Owner, ProviderKey, check_struct, device, secimg_release_fn};
use super::fail::Fail;
use super::memory::bytes;
use super::recipients::{SECIMG_RECIPIENT_EXTERNAL, SECIMG_RECIPIENT_RSA_OAEP_SHA256};

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

impl fmt::Debug for ForeignIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ForeignIdentity({})", self.kind().name())
    }
}
