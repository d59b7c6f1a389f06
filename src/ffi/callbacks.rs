//! Keys that live elsewhere: what all structs of callbacks have in common.

use core::ffi::{c_char, c_void};

use crate::keys::KeyError;

use super::fail::Fail;
use super::memory::{bytes, text};

/// The length of a content encryption key, which callbacks wrap and unwrap.
pub const SECIMG_CEK_LEN: usize = 32;
/// The length of a stream's salt.
pub const SECIMG_SALT_LEN: usize = 32;

/// Called once when nothing uses the callbacks any more, also when the function that took them fails. May be
/// `NULL`.
pub type secimg_release_fn = Option<unsafe extern "C" fn(userdata: *mut c_void)>;

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
pub(super) struct ProviderKey {
    pub(super) provider: String,
    pub(super) name: Box<[u8]>,
}

impl ProviderKey {
    pub(super) unsafe fn read(
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

/// Takes what a callback answers.
pub(super) fn device(answer: i32, what: &str) -> Result<(), KeyError> {
    if answer == 0 {
        return Ok(());
    }
    let text = format!("the {what} callback failed with {answer}");
    Err(KeyError::Provider(text))
}
