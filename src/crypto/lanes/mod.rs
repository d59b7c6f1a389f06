//! The suites on processors that have instructions for them, and many chunks of suite 0001 at once: what is a serial chain in
//! one chunk advances side by side in several.
//!
//! CBC encryption waits for each block before the next, and SHA-256 does so too; chunks are independent. With the
//! processor's instructions for both, the two are done in one pass ([`Interleaved`]). Everywhere else CBC runs in as many
//! lanes as the AES of the `aes` crate is wide ([`portable`]). The bytes are the same for every way, width and count.

#[forbid(unsafe_code)]
mod gcm;
#[forbid(unsafe_code)]
mod hmac;
#[forbid(unsafe_code)]
mod interleaved;
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
#[forbid(unsafe_code)]
mod kernels;
#[forbid(unsafe_code)]
mod opening;
#[forbid(unsafe_code)]
mod portable;
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
#[forbid(unsafe_code)]
mod round_keys;
#[cfg(test)]
mod tests;
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
#[forbid(unsafe_code)]
mod without;
#[cfg(not(target_arch = "x86_64"))]
#[forbid(unsafe_code)]
mod without_gcm;

#[cfg(target_arch = "aarch64")]
#[expect(
    unsafe_code,
    reason = "the other room for it is src/ffi: see tests/floors.rs"
)]
mod aarch64;
#[cfg(target_arch = "x86_64")]
#[expect(
    unsafe_code,
    reason = "the other room for it is src/ffi: see tests/floors.rs"
)]
mod x86_64;

#[cfg(target_arch = "aarch64")]
use aarch64::Simd;
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
use without::Simd;
#[cfg(not(target_arch = "x86_64"))]
use without_gcm::CounterAndHash;
#[cfg(target_arch = "x86_64")]
use x86_64::{CounterAndHash, Simd};

use crate::hash::{Block as ShaBlock, State};

pub(super) use gcm::Gcm;
pub(super) use interleaved::Interleaved;
pub(super) use portable::encrypt_lanes;

/// A block of AES.
pub(super) type AesBlock = [u8; 16];
const ZERO: AesBlock = [0; 16];
const TAG_LEN: usize = 32;

/// FIPS 197: as many rounds has AES with a key of 256 bits.
const ROUNDS: usize = 14;
/// The keys of the rounds of AES-256, and the one before them.
type RoundKeys = [AesBlock; ROUNDS + 1];

/// What the tag of a chunk covers before the ciphertext: `be64(i) ‖ final u8 ‖ be32(|C_i|)`.
pub(super) type MacHead = [u8; 13];

/// How many bytes of the ciphertext join a [`MacHead`] in SHA-256's first block; the others begin behind them.
const LEAD: usize = 64 - size_of::<MacHead>();

/// How many columns SHA-256 stays behind AES. A block of it ends 13 bytes before the end of the column before it; one column
/// more, and what it reads has left the processor's store buffer.
const LAG: usize = 3;

/// A hash that goes on beside other work, and what it goes on with: two blocks to each of the lanes beside it.
type Hashing<'a> = (&'a mut [State; 1], &'a [ShaBlock]);

/// Where lanes come from, and where they go to.
type Sources<'a, const N: usize> = [&'a [AesBlock]; N];
type Texts<'a, const N: usize> = [&'a mut [AesBlock]; N];

/// What one chunk brings: its IV, and what its tag covers before the ciphertext.
#[derive(Clone, Copy)]
pub(super) struct Head {
    pub(super) iv: AesBlock,
    pub(super) mac: MacHead,
}

/// FIPS 180-4 section 4.2.2, four to a row.
const ROUND_CONSTANTS: [[u32; 4]; 16] = [
    [0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5],
    [0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5],
    [0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3],
    [0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174],
    [0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc],
    [0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da],
    [0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7],
    [0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967],
    [0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13],
    [0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85],
    [0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3],
    [0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070],
    [0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5],
    [0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3],
    [0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208],
    [0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2],
];
