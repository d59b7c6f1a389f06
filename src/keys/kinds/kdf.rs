//! How a passphrase becomes a key, and what that may cost.
//!
//! ```text
//! kdf u8 ‖ parameters:   01 ‖ memory in KiB u32 ‖ passes u32 ‖ lanes u32      Argon2id (RFC 9106)
//!                        02 ‖ iterations u32                                  PBKDF2-HMAC-SHA256 (RFC 8018)
//! ```

use argon2::{Algorithm, Argon2, Block, Params, Version};
use pbkdf2::pbkdf2_hmac;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::crypto::Key256;
use crate::format::{
    ARGON2ID_LANES, ARGON2ID_MEMORY_KIB, ARGON2ID_PASSES, Limits, PBKDF2_ITERATIONS, Reader, Writer,
};
use crate::keys::error::KeyError;

const ARGON2ID: u8 = 1;
const PBKDF2: u8 = 2;

/// Random bytes in front of every derivation (SP 800-132 section 5.1: at least 128 bits).
pub(super) const SALT_LEN: usize = 16;

/// A key derivation function with its parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kdf {
    /// Argon2id version 1.3 (RFC 9106).
    #[non_exhaustive]
    Argon2id {
        /// Memory in KiB.
        memory_kib: u32,
        /// Passes over the memory.
        passes: u32,
        /// Lanes, which this program computes one after the other.
        lanes: u32,
    },
    /// PBKDF2 with HMAC-SHA-256 (RFC 8018 section 5.2), for who must stay within FIPS.
    #[non_exhaustive]
    Pbkdf2HmacSha256 {
        /// Iterations.
        iterations: u32,
    },
}

impl Default for Kdf {
    /// Argon2id with 64 MiB, 3 passes and 4 lanes: the second recommendation of RFC 9106 section 4.
    fn default() -> Self {
        Self::Argon2id {
            memory_kib: 64 << 10,
            passes: 3,
            lanes: 4,
        }
    }
}

impl Kdf {
    /// Makes Argon2id with 19 456 to 1 048 576 KiB of memory, 2 to 16 passes and 1 to 16 lanes.
    ///
    /// # Errors
    /// [`KeyError::KdfBounds`].
    pub fn argon2id(memory_kib: u32, passes: u32, lanes: u32) -> Result<Self, KeyError> {
        let kdf = Self::Argon2id {
            memory_kib,
            passes,
            lanes,
        };
        kdf.check(&Limits::DEFAULT).map(|()| kdf)
    }

    /// Makes PBKDF2-HMAC-SHA256 with 600 000 to 10 000 000 iterations.
    ///
    /// # Errors
    /// [`KeyError::KdfBounds`].
    pub fn pbkdf2_hmac_sha256(iterations: u32) -> Result<Self, KeyError> {
        let kdf = Self::Pbkdf2HmacSha256 { iterations };
        kdf.check(&Limits::DEFAULT).map(|()| kdf)
    }

    /// Holds the parameters against the format's bounds and the reader's limits.
    pub(super) fn check(&self, limits: &Limits) -> Result<(), KeyError> {
        match *self {
            Self::Argon2id {
                memory_kib,
                passes,
                lanes,
            } => {
                if !ARGON2ID_MEMORY_KIB.contains(&memory_kib) {
                    return Err(KeyError::KdfBounds(
                        "Argon2id takes 19 456 to 1 048 576 KiB",
                    ));
                }
                if memory_kib > limits.argon2_memory_kib {
                    return Err(KeyError::KdfBounds(
                        "Argon2id asks for more memory than allowed here",
                    ));
                }
                if !ARGON2ID_PASSES.contains(&passes) || !ARGON2ID_LANES.contains(&lanes) {
                    return Err(KeyError::KdfBounds(
                        "Argon2id takes 2 to 16 passes, 1 to 16 lanes",
                    ));
                }
            }
            Self::Pbkdf2HmacSha256 { iterations } => {
                if !PBKDF2_ITERATIONS.contains(&iterations) {
                    return Err(KeyError::KdfBounds(
                        "PBKDF2 takes 600 000 to 10 000 000 iterations",
                    ));
                }
                if iterations > limits.pbkdf2_iterations {
                    return Err(KeyError::KdfBounds(
                        "PBKDF2 asks for more iterations than allowed here",
                    ));
                }
            }
        }
        Ok(())
    }

    /// Writes number and parameters.
    pub(super) fn write(&self, out: &mut Writer) {
        match *self {
            Self::Argon2id {
                memory_kib,
                passes,
                lanes,
            } => {
                out.u8(ARGON2ID).u32(memory_kib).u32(passes).u32(lanes);
            }
            Self::Pbkdf2HmacSha256 { iterations } => {
                out.u8(PBKDF2).u32(iterations);
            }
        }
    }

    /// Reads number and parameters. They are not checked yet.
    pub(super) fn read(reader: &mut Reader<'_>) -> Option<Self> {
        match reader.u8().ok()? {
            ARGON2ID => {
                let mut next = || reader.u32().ok();
                Some(Self::Argon2id {
                    memory_kib: next()?,
                    passes: next()?,
                    lanes: next()?,
                })
            }
            PBKDF2 => Some(Self::Pbkdf2HmacSha256 {
                iterations: reader.u32().ok()?,
            }),
            _ => None,
        }
    }

    /// Derives a key. The bounds must have been checked.
    pub(super) fn derive(
        &self,
        passphrase: &[u8],
        salt: &[u8; SALT_LEN],
    ) -> Result<Key256, KeyError> {
        let mut outcome = Ok(());
        let key = Key256::init(|key| match *self {
            Self::Argon2id {
                memory_kib,
                passes,
                lanes,
            } => {
                outcome = argon2id(passphrase, salt, memory_kib, passes, lanes, key);
            }
            Self::Pbkdf2HmacSha256 { iterations } => {
                pbkdf2_hmac::<Sha256>(passphrase, salt, iterations, key);
            }
        });
        outcome.map(|()| key)
    }
}

/// The crate would not wipe memory of its own, so it gets ours.
fn argon2id(
    passphrase: &[u8],
    salt: &[u8; SALT_LEN],
    memory_kib: u32,
    passes: u32,
    lanes: u32,
    key: &mut [u8; 32],
) -> Result<(), KeyError> {
    const REFUSED: KeyError = KeyError::KdfBounds("Argon2id refuses the parameters");
    let params = Params::new(memory_kib, passes, lanes, Some(key.len())).map_err(|_| REFUSED)?;
    let mut memory: Zeroizing<Vec<Block>> = Zeroizing::new(Vec::new());
    memory
        .try_reserve_exact(params.block_count())
        .map_err(|_| KeyError::KdfBounds("Argon2id asks for more memory than there is"))?;
    memory.resize(params.block_count(), Block::default());
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into_with_memory(passphrase, salt, key, &mut memory)
        .map_err(|_| REFUSED)
}

#[cfg(test)]
mod tests;
