//! What an RSA key must fulfil before it is used: the partial validation of SP 800-89 section 5.3.3,
//! the bounds of this format, and the marks of two known ways to make bad keys.

use subtle::ConstantTimeEq;

use crate::keys::error::KeyError;

const MIN_BITS: usize = 2048;
const MAX_BITS: usize = 4096;
/// SP 800-89 section 5.3.3 asks for no factor below 752.
const SMALL_FACTORS: u32 = 752;
/// FIPS 186-5 appendix A.1.3: p and q differ within their first 100 bits; here 96.
const PRIME_HEAD: usize = 12;
/// The primes by which the keys of CVE-2017-15361 are recognised, from the authors' own detector.
const ROCA_PRIMES: [u32; 17] = [
    11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157,
];

/// Checks modulus and exponent: big-endian, without zeros in front.
pub(super) fn check_public(modulus: &[u8], exponent: &[u8]) -> Result<(), KeyError> {
    let bits = bit_length(modulus);
    if !(MIN_BITS..=MAX_BITS).contains(&bits) {
        return Err(KeyError::RsaSize { bits });
    }
    check_exponent(exponent)?;
    if modulus.last().is_none_or(|last| last % 2 == 0) {
        return Err(KeyError::RsaUnsound("its modulus is even"));
    }
    if (3..SMALL_FACTORS)
        .step_by(2)
        .any(|factor| remainder(modulus, factor) == 0)
    {
        return Err(KeyError::RsaUnsound("its modulus has a small factor"));
    }
    if ROCA_PRIMES
        .iter()
        .all(|&prime| is_power_of_65537(remainder(modulus, prime), prime))
    {
        return Err(KeyError::RsaUnsound(
            "it was made by a chip with the flaw CVE-2017-15361 (ROCA), and can be broken",
        ));
    }
    Ok(())
}

/// SP 800-56B section 6.2: odd and at least 65537. The upper bound caps the work of a verification.
fn check_exponent(exponent: &[u8]) -> Result<(), KeyError> {
    let value = (exponent.len() <= 4).then(|| {
        exponent
            .iter()
            .fold(0, |value, &byte| value << 8 | u32::from(byte))
    });
    if value.is_some_and(|value| value >= 65537 && value % 2 == 1) {
        return Ok(());
    }
    Err(KeyError::RsaUnsound(
        "its exponent is not an odd number from 65537 to 2^32",
    ))
}

/// Refuses primes so close that Fermat's method finds them. They are secret, so the comparison is
/// constant in time; that it fails for a given key says no more than the error does.
pub(super) fn check_primes(p: &[u8], q: &[u8]) -> Result<(), KeyError> {
    let (Some(p_head), Some(q_head)) =
        (p.first_chunk::<PRIME_HEAD>(), q.first_chunk::<PRIME_HEAD>())
    else {
        return Err(KeyError::RsaUnsound("a prime is too small"));
    };
    if p.len() == q.len() && bool::from(p_head.ct_eq(q_head)) {
        return Err(KeyError::RsaUnsound(
            "its primes are too close to each other",
        ));
    }
    Ok(())
}

fn bit_length(modulus: &[u8]) -> usize {
    let unused = modulus.first().map_or(0, |first| first.leading_zeros());
    (modulus.len() * 8).saturating_sub(usize::try_from(unused).unwrap_or(0))
}

/// Four bytes at a time: at most 128 divisions for a modulus.
fn remainder(number: &[u8], divisor: u32) -> u32 {
    let divisor = u64::from(divisor);
    let (head, words) = number.as_rchunks::<4>();
    let head = head
        .iter()
        .fold(0, |rest, &byte| (rest << 8 | u64::from(byte)) % divisor);
    let rest = words.iter().fold(head, |rest, &word| {
        (rest << 32 | u64::from(u32::from_be_bytes(word))) % divisor
    });
    u32::try_from(rest).unwrap_or(0)
}

fn is_power_of_65537(value: u32, prime: u32) -> bool {
    let powers = core::iter::successors(Some(1), |power| Some(power * 65537 % prime));
    powers
        .take(usize::try_from(prime).unwrap_or(0))
        .any(|power| power == value)
}

#[cfg(test)]
mod tests {
    use super::*;

    const E: &[u8] = &[1, 0, 1];

    /// An odd number of `bits` bits without small factors, by search: it need not be a product of two.
    fn modulus(bits: usize) -> Vec<u8> {
        let mut n = vec![0x5A; bits.div_ceil(8)];
        n[0] = 1 << ((bits - 1) % 8);
        let last = n.len() - 2;
        for low in (1..=u16::MAX).step_by(2) {
            n[last..].copy_from_slice(&low.to_be_bytes());
            if check_public(&n, E) != Err(KeyError::RsaUnsound("its modulus has a small factor")) {
                return n;
            }
        }
        unreachable!("one in fifteen has no small factor");
    }

    #[test]
    fn sizes_have_bounds() {
        for bits in [2048, 2049, 3071, 3072, 4096] {
            assert_eq!(check_public(&modulus(bits), E), Ok(()), "{bits}");
        }
        for bits in [512, 1024, 2047, 4097, 65536] {
            let mut n = vec![0xFF; bits / 8 + usize::from(bits % 8 > 0)];
            n[0] = u8::MAX >> ((8 - bits % 8) % 8);
            assert_eq!(check_public(&n, E), Err(KeyError::RsaSize { bits }));
        }
        assert_eq!(check_public(&[], E), Err(KeyError::RsaSize { bits: 0 }));
    }

    #[test]
    fn exponents_have_bounds() {
        let n = modulus(2048);
        for good in [E, &[1, 0, 3], &[0xFF, 0xFF, 0xFF, 0xFF]] {
            assert_eq!(check_public(&n, good), Ok(()));
        }
        for bad in [
            &[][..],
            &[1],
            &[3],
            &[0xFF, 0xFF],
            &[1, 0, 0],
            &[1, 0, 2],
            &[1, 0, 0, 0, 1],
        ] {
            assert!(
                matches!(check_public(&n, bad), Err(KeyError::RsaUnsound(_))),
                "{bad:?}"
            );
        }
    }

    #[test]
    fn even_moduli_and_small_factors_are_refused() {
        let mut n = modulus(2048);
        n[255] &= 0xFE;
        assert_eq!(
            check_public(&n, E),
            Err(KeyError::RsaUnsound("its modulus is even"))
        );
        // 2^2048 - 1 is divisible by 3.
        let n = [0xFF; 256];
        assert_eq!(
            check_public(&n, E),
            Err(KeyError::RsaUnsound("its modulus has a small factor"))
        );
    }

    #[test]
    fn the_remainder_is_right() {
        for divisor in [3, 11, 157, 751] {
            let number = u128::MAX / 7 - u128::from(divisor);
            let expected = u32::try_from(number % u128::from(divisor)).unwrap();
            assert_eq!(remainder(&number.to_be_bytes(), divisor), expected);
            assert_eq!(remainder(&number.to_be_bytes()[1..], 1), 0);
        }
        assert_eq!(
            remainder(&[1, 0, 0, 0, 0], 751),
            u32::try_from((1_u64 << 32) % 751).unwrap()
        );
    }

    /// The sets for 11 and 13, as the bit masks 1026 and 5658 of the published detector.
    #[test]
    fn powers_of_65537_are_known() {
        for (prime, mask) in [(11, 1026), (13, 5658)] {
            let powers = (0..prime).filter(|&value| is_power_of_65537(value, prime));
            assert_eq!(powers.fold(0, |set, value| set | 1 << value), mask);
        }
    }

    /// 65537^128 has 2049 bits, no factor but 65537, and the fingerprint of the flaw.
    #[test]
    fn roca_keys_are_refused() {
        let mut n = vec![1_u8];
        for _ in 0..128 {
            // n * 65537 = (n << 16) + n
            let mut sum = n.clone();
            sum.extend([0, 0]);
            let mut carry = 0;
            for (at, byte) in sum.iter_mut().enumerate().rev() {
                let add = at.checked_sub(2).map_or(0, |at| u16::from(n[at]));
                carry += u16::from(*byte) + add;
                *byte = carry.to_le_bytes()[0];
                carry >>= 8;
            }
            n = sum;
        }
        assert_eq!(bit_length(&n), 2049);
        let Err(KeyError::RsaUnsound(text)) = check_public(&n, E) else {
            panic!()
        };
        assert!(text.contains("ROCA"));
    }

    #[test]
    fn close_primes_are_refused() {
        let p = [0xC5; 128];
        let mut q = p;
        q[12] ^= 0x80;
        assert!(check_primes(&p, &p).is_err() && check_primes(&p, &q).is_err());
        q[11] ^= 1;
        assert_eq!(check_primes(&p, &q), Ok(()));
        assert!(check_primes(&p, &[3]).is_err());
    }
}
