//! Recipients that C implements.

use core::ffi::{c_char, c_void};
use core::fmt;

use crate::crypto::{Cek, Random};
use crate::format::{ExternalBody, KeyId, RecipientType, Salt};
use crate::keys::{KeyError, Recipient, WrapContext, key_id};

use super::callbacks::{Owner, ProviderKey, check_struct, device, secimg_release_fn};
use super::fail::Fail;

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

impl fmt::Debug for ForeignRecipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ForeignRecipient({})", self.key.provider)
    }
}
