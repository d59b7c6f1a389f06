//! Modular exponentiation for RSA: Montgomery multiplication (CIOS) on 64-bit limbs. It takes its time
//! from the exponent's bits, which is right for tests and for nothing else.

/// base^exponent mod modulus, all big-endian; the answer is as long as the modulus, which is odd.
/// `None` where the base is not below the modulus.
pub(crate) fn pow_mod(base: &[u8], exponent: &[u8], modulus: &[u8]) -> Option<Vec<u8>> {
    let n = limbs(modulus, modulus.len().div_ceil(8));
    let base = limbs(base, n.len());
    if base.len() != n.len() || !below(&base, &n) {
        return None;
    }
    let mut one = vec![0; n.len()];
    one[0] = 1;
    // R² mod n, by doubling 1 as often as R² has bits.
    let mut square = one.clone();
    for _ in 0..2 * 64 * n.len() {
        square = double(&square, &n);
    }
    let inverse = negative_inverse(n[0]);
    let multiply = |a: &[u64], b: &[u64]| montgomery(a, b, &n, inverse);
    let base = multiply(&base, &square);
    let mut power = multiply(&one, &square);
    for bit in exponent
        .iter()
        .flat_map(|byte| (0..8).rev().map(move |i| byte >> i & 1))
    {
        power = multiply(&power, &power);
        if bit == 1 {
            power = multiply(&power, &base);
        }
    }
    let power = multiply(&power, &one);
    let bytes: Vec<u8> = power
        .iter()
        .rev()
        .flat_map(|limb| limb.to_be_bytes())
        .collect();
    Some(bytes[bytes.len() - modulus.len()..].to_vec())
}

/// The number of bits of a number.
pub(crate) fn bits(number: &[u8]) -> usize {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number.get(zeros).map_or(0, |first| {
        (number.len() - zeros) * 8 - first.leading_zeros() as usize
    })
}

/// Little-endian limbs, at least `least` of them.
fn limbs(number: &[u8], least: usize) -> Vec<u64> {
    let mut limbs: Vec<u64> = number
        .rchunks(8)
        .map(|piece| {
            piece
                .iter()
                .fold(0, |limb, byte| limb << 8 | u64::from(*byte))
        })
        .collect();
    limbs.resize(limbs.len().max(least), 0);
    limbs
}

fn below(a: &[u64], b: &[u64]) -> bool {
    a.iter().rev().lt(b.iter().rev())
}

fn subtract(a: &mut [u64], b: &[u64]) {
    let mut borrow = false;
    for (a, b) in a.iter_mut().zip(b) {
        let (first, under) = a.overflowing_sub(*b);
        let (second, under_again) = first.overflowing_sub(u64::from(borrow));
        *a = second;
        borrow = under || under_again;
    }
}

fn double(a: &[u64], n: &[u64]) -> Vec<u64> {
    let over = a[a.len() - 1] >> 63 == 1;
    let mut carry = 0;
    let mut twice: Vec<u64> = a
        .iter()
        .map(|limb| {
            let doubled = limb << 1 | carry;
            carry = limb >> 63;
            doubled
        })
        .collect();
    if over || !below(&twice, n) {
        subtract(&mut twice, n);
    }
    twice
}

/// −1/n mod 2^64, by Newton's iteration.
fn negative_inverse(n: u64) -> u64 {
    let mut x = 1_u64;
    for _ in 0..6 {
        x = x.wrapping_mul(2_u64.wrapping_sub(n.wrapping_mul(x)));
    }
    x.wrapping_neg()
}

fn split(wide: u128) -> (u64, u64) {
    ((wide & u128::from(u64::MAX)) as u64, (wide >> 64) as u64)
}

/// a · b / 2^(64 · limbs) mod n.
fn montgomery(a: &[u64], b: &[u64], n: &[u64], inverse: u64) -> Vec<u64> {
    let len = n.len();
    let mut t = vec![0_u64; len + 2];
    let add = |factor: u64, to: &[u64], t: &mut Vec<u64>| {
        let mut carry = 0;
        for (i, limb) in to.iter().enumerate() {
            let wide =
                u128::from(factor) * u128::from(*limb) + u128::from(t[i]) + u128::from(carry);
            (t[i], carry) = split(wide);
        }
        let (sum, over) = t[len].overflowing_add(carry);
        t[len] = sum;
        t[len + 1] += u64::from(over);
    };
    for limb in a {
        add(*limb, b, &mut t);
        let factor = t[0].wrapping_mul(inverse);
        add(factor, n, &mut t);
        t.remove(0);
        t.push(0);
    }
    if t[len] > 0 || !below(&t[..len], n) {
        subtract(&mut t[..len], n);
    }
    t.truncate(len);
    t
}
