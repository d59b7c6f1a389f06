//! AES-256 key wrap of a content encryption key (RFC 3394, SP 800-38F section 6.2).

use aes_kw::{KeyInit, KwAes256};

use super::error::Unauthentic;
use super::secret::{Cek, Key256};

/// The length of a wrapped 256-bit key.
pub const WRAPPED_LEN: usize = 40;

/// Wraps `cek` under `kek`.
#[must_use]
pub fn aes_kw_wrap(kek: &Key256, cek: &Cek) -> [u8; WRAPPED_LEN] {
    let mut out = [0; WRAPPED_LEN];
    let wrapped = KwAes256::new(kek.expose().into()).wrap_key(cek.expose(), &mut out);
    debug_assert!(wrapped.is_ok(), "32 bytes wrap into 40");
    out
}

/// Unwraps a content encryption key.
///
/// # Errors
/// [`Unauthentic`] when the integrity check of the wrap fails.
pub fn aes_kw_unwrap(kek: &Key256, wrapped: &[u8; WRAPPED_LEN]) -> Result<Cek, Unauthentic> {
    let mut result = Err(Unauthentic);
    let cek = Cek::init(|out| {
        if KwAes256::new(kek.expose().into())
            .unwrap_key(wrapped, out)
            .is_ok()
        {
            result = Ok(());
        }
    });
    result.map(|()| cek)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 3394 section 4.6: 256 bits of key data with a 256-bit KEK.
    #[test]
    fn rfc_3394_section_4_6() {
        let kek = Key256::init(|b| (0u8..).zip(b).for_each(|(i, b)| *b = i));
        let data: Vec<u8> = (0u8..16).map(|i| i * 0x11).chain(0..16).collect();
        let cek = Cek::from_slice(&data).unwrap();
        let wrapped = aes_kw_wrap(&kek, &cek);
        let expected: [u64; 5] = [
            0x28c9_f404_c4b8_10f4,
            0xcbcc_b35c_fb87_f826,
            0x3f57_86e2_d80e_d326,
            0xcbc7_f0e7_1a99_f43b,
            0xfb98_8b9b_7a02_dd21,
        ];
        assert_eq!(
            wrapped.as_slice(),
            expected.map(u64::to_be_bytes).as_flattened()
        );
        assert_eq!(
            aes_kw_unwrap(&kek, &wrapped).unwrap().expose(),
            cek.expose()
        );
        let mut wrong = wrapped;
        wrong[0] ^= 1;
        assert!(aes_kw_unwrap(&kek, &wrong).is_err());
    }
}
