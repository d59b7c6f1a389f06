"""ML-KEM-768 decapsulation (FIPS 203) and X-Wing (draft-connolly-cfrg-xwing-kem), in plain Python.

It is written to be read beside the standard: the names of functions and variables are those of FIPS 203,
and "algorithm" in a comment is one of its algorithms. It is slow, and its time depends on secrets. Run as a program, it checks itself against the draft's first vector.
"""

import hashlib
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

N, Q = 256, 3329
# ML-KEM-768, table 2.
K, ETA, DU, DV = 3, 2, 10, 4


def bit_reversed(i):
    """The seven bits of i, the other way round."""
    return int(f"{i:07b}"[::-1], 2)


# 17 is a primitive 256th root of unity modulo Q; appendix A.
ZETAS = [pow(17, bit_reversed(i), Q) for i in range(128)]
GAMMAS = [pow(17, 2 * bit_reversed(i) + 1, Q) for i in range(128)]


def byte_decode(d, data):
    """Algorithm 6: 256 integers of d bits."""
    bits = int.from_bytes(data, "little")
    modulus = Q if d == 12 else 1 << d
    return [(bits >> d * i & (1 << d) - 1) % modulus for i in range(N)]


def byte_encode(d, polynomial):
    """Algorithm 5."""
    bits = sum(value << d * i for i, value in enumerate(polynomial))
    return bits.to_bytes(32 * d, "little")


def compress(d, polynomial):
    """Equation 4.7, rounding halves up."""
    return [((x << d) + Q // 2) // Q % (1 << d) for x in polynomial]


def decompress(d, polynomial):
    """Equation 4.8."""
    return [(Q * y + (1 << d - 1)) >> d for y in polynomial]


def ntt(f):
    """Algorithm 9."""
    f, i, length = list(f), 1, 128
    while length >= 2:
        for start in range(0, N, 2 * length):
            for j in range(start, start + length):
                t = ZETAS[i] * f[j + length] % Q
                f[j], f[j + length] = (f[j] + t) % Q, (f[j] - t) % Q
            i += 1
        length //= 2
    return f


def inverse_ntt(f):
    """Algorithm 10; 3303 is the inverse of 128."""
    f, i, length = list(f), 127, 2
    while length <= 128:
        for start in range(0, N, 2 * length):
            for j in range(start, start + length):
                t = f[j]
                f[j] = (t + f[j + length]) % Q
                f[j + length] = ZETAS[i] * (f[j + length] - t) % Q
            i -= 1
        length *= 2
    return [x * 3303 % Q for x in f]


def multiply(f, g):
    """Algorithms 11 and 12: the product of two transforms."""
    product = []
    for i in range(128):
        (a0, a1), (b0, b1) = f[2 * i:2 * i + 2], g[2 * i:2 * i + 2]
        product += [(a0 * b0 + a1 * b1 * GAMMAS[i]) % Q, (a0 * b1 + a1 * b0) % Q]
    return product


def add(f, g):
    return [(a + b) % Q for a, b in zip(f, g)]


def subtract(f, g):
    return [(a - b) % Q for a, b in zip(f, g)]


def inner_product(row, vector):
    total = [0] * N
    for f, g in zip(row, vector):
        total = add(total, multiply(f, g))
    return total


def sample_ntt(seed, j, i):
    """Algorithm 7. Nearly five times the bytes that are needed on average are always enough in practice."""
    stream = hashlib.shake_128(seed + bytes([j, i])).digest(3 * N * 3)
    values = []
    for a, b, c in zip(stream[0::3], stream[1::3], stream[2::3]):
        values += [x for x in (a + 256 * (b % 16), b // 16 + 16 * c) if x < Q]
    assert len(values) >= N
    return values[:N]


def sample_cbd(seed, nonce):
    """Algorithm 8 over PRF (equation 4.3)."""
    data = hashlib.shake_256(seed + bytes([nonce])).digest(64 * ETA)
    bits = int.from_bytes(data, "little")
    def some(at):
        return (bits >> at & (1 << ETA) - 1).bit_count()
    return [(some(2 * i * ETA) - some((2 * i + 1) * ETA)) % Q for i in range(N)]


def matrix(rho):
    return [[sample_ntt(rho, j, i) for j in range(K)] for i in range(K)]


def key_pair(d):
    """Algorithm 13: the encryption key, and s in the form of the transform."""
    seeds = hashlib.sha3_512(d + bytes([K])).digest()
    rho, sigma = seeds[:32], seeds[32:]
    s = [ntt(sample_cbd(sigma, i)) for i in range(K)]
    e = [ntt(sample_cbd(sigma, K + i)) for i in range(K)]
    t = [add(inner_product(row, s), e[i]) for i, row in enumerate(matrix(rho))]
    return b"".join(byte_encode(12, f) for f in t) + rho, s


def encrypt(ek, m, r):
    """Algorithm 14."""
    t = [byte_decode(12, ek[384 * i:384 * (i + 1)]) for i in range(K)]
    a = matrix(ek[384 * K:])
    y = [ntt(sample_cbd(r, i)) for i in range(K)]
    columns = [[a[i][j] for i in range(K)] for j in range(K)]
    u = [add(inverse_ntt(inner_product(column, y)), sample_cbd(r, K + i)) for i, column in enumerate(columns)]
    message = decompress(1, byte_decode(1, m))
    v = add(add(inverse_ntt(inner_product(t, y)), sample_cbd(r, 2 * K)), message)
    c1 = b"".join(byte_encode(DU, compress(DU, f)) for f in u)
    return c1 + byte_encode(DV, compress(DV, v))


def decrypt(s, c):
    """Algorithm 15."""
    size = 32 * DU
    u = [decompress(DU, byte_decode(DU, c[size * i:size * (i + 1)])) for i in range(K)]
    v = decompress(DV, byte_decode(DV, c[size * K:]))
    w = subtract(v, inverse_ntt(inner_product(s, [ntt(f) for f in u])))
    return byte_encode(1, compress(1, w))


def decapsulate(d, z, c):
    """Algorithms 16 and 18: the shared key of a ciphertext for the key pair of the seeds d and z."""
    ek, s = key_pair(d)
    m = decrypt(s, c)
    keys = hashlib.sha3_512(m + hashlib.sha3_256(ek).digest()).digest()
    shared, r = keys[:32], keys[32:]
    if encrypt(ek, m, r) != c:
        return hashlib.shake_256(z + c).digest(32)
    return shared


def expand(seed):
    """expandDecapsulationKey of X-Wing: d, z and the X25519 key."""
    expanded = hashlib.shake_256(seed).digest(96)
    return expanded[:32], expanded[32:64], X25519PrivateKey.from_private_bytes(expanded[64:])


def xwing_public_key(seed):
    d, _, x = expand(seed)
    return key_pair(d)[0] + x.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def xwing_decapsulate(seed, ciphertext):
    """Decapsulate and Combiner of X-Wing; `ValueError` where X25519 gives zeros (M-XWING-3)."""
    d, z, x = expand(seed)
    ct_m, ct_x = ciphertext[:1088], ciphertext[1088:]
    ss_m = decapsulate(d, z, ct_m)
    ss_x = x.exchange(X25519PublicKey.from_public_bytes(ct_x))
    pk_x = x.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return hashlib.sha3_256(ss_m + ss_x + ct_x + pk_x + b"\\.//^\\").digest()


def check():
    text = Path(__file__).with_name("xwing_draft.txt").read_text("ascii")
    vector = dict(line.split(": ") for line in text.splitlines() if not line.startswith("#"))
    seed, public, ciphertext, shared = (
        bytes.fromhex(vector[key]) for key in ("seed", "public", "ciphertext", "shared"))
    assert xwing_public_key(seed) == public
    assert xwing_decapsulate(seed, ciphertext) == shared
    changed = bytes([ciphertext[0] ^ 1]) + ciphertext[1:]
    assert xwing_decapsulate(seed, changed) != shared
    try:
        xwing_decapsulate(seed, ciphertext[:1088] + bytes(32))
        raise AssertionError("a share of small order is refused")
    except ValueError:
        pass
    print("ML-KEM-768 and X-Wing: the draft's vector holds")


if __name__ == "__main__":
    check()
