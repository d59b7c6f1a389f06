//! Signers that C implements.

use core::ffi::c_void;
use core::fmt;

use crate::content::SignatureAlgorithm;
use crate::crypto::Random;
use crate::keys::{KeyError, PublicKey, Signer, VerifyingKey};

use super::callbacks::{Owner, check_struct, device, secimg_release_fn};
use super::fail::Fail;
use super::memory::bytes;

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

impl fmt::Debug for ForeignSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ForeignSigner({})", self.algorithm().name())
    }
}
