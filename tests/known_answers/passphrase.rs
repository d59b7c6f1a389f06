//! What stands between a passphrase and a file key: Argon2id, PBKDF2-HMAC-SHA-256, AES key wrap.

use aes_kw::{KeyInit, KwAes256};
use argon2::{Algorithm, Argon2, AssociatedData, Params, ParamsBuilder, Version};
use sha2::Sha256;

use crate::support::{Tally, hex};

/// RFC 9106 section 5.3: with a secret and associated data, neither of which the library uses.
#[test]
fn rfc_9106_argon2id() {
    let mut tally = Tally::new("RFC 9106 Argon2id");
    let params = ParamsBuilder::new()
        .m_cost(32)
        .t_cost(3)
        .p_cost(4)
        .output_len(32)
        .data(AssociatedData::new(&[4; 12]).unwrap())
        .build()
        .unwrap();
    let secret = [3; 8];
    let argon2 =
        Argon2::new_with_secret(&secret, Algorithm::Argon2id, Version::V0x13, params).unwrap();
    let expected = "0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659";
    assert_eq!(argon2id(&argon2, &[1; 32], &[2; 16], 32), hex(expected));
    tally.checked("section 5.3");
    tally.done(&[("section 5.3", 1)], &[]);
}

fn argon2id(argon2: &Argon2<'_>, password: &[u8], salt: &[u8], length: usize) -> Vec<u8> {
    let mut out = vec![0; length];
    argon2.hash_password_into(password, salt, &mut out).unwrap();
    out
}

/// Without secret and data, as the library calls it: from OpenSSL and from the reference command
/// `argon2`, both by way of `cryptography_vectors` 50.0.2, `KDF/argon2id.txt`.
///
/// Passes, memory in KiB and lanes; password, salt, output.
#[test]
fn argon2id_without_secret() {
    let cases = [
        (
            [3, 32, 4],
            "0101010101010101010101010101010101010101010101010101010101010101",
            "02020202020202020202020202020202",
            "03aab965c12001c9d7d0d2de33192c0494b684bb148196d73c1df1acaf6d0c2e",
        ),
        (
            [1, 131_072, 2],
            "70617373776f7264",
            "7079636173616c74",
            "e9e42714a15947f6ce1fdabbb667dfc9fd1af7c473f021cc3402506bfa775053\
             3f33aa44e3aebcf336680f4a2bdc371758574ad48470f05a9ee2ffd70c150b4c",
        ),
        (
            [4, 50, 4],
            "70617373776f7264",
            "7079636173616c74",
            "e469b777841e543f",
        ),
    ];
    let mut tally = Tally::new("Argon2id without secret");
    for ([passes, memory, lanes], password, salt, expected) in cases {
        let expected = hex(expected);
        let params = Params::new(memory, passes, lanes, Some(expected.len())).unwrap();
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        assert_eq!(
            argon2id(&argon2, &hex(password), &hex(salt), expected.len()),
            expected
        );
        tally.checked("derived");
    }
    tally.done(&[("derived", 3)], &[]);
}

/// RFC 7914 section 11, then the passwords of RFC 6070 with SHA-256 in place of SHA-1, which many
/// libraries carry. Password, salt, iterations, output.
#[test]
fn pbkdf2_hmac_sha_256() {
    let long = (
        "passwordPASSWORDpassword",
        "saltSALTsaltSALTsaltSALTsaltSALTsalt",
    );
    let cases = [
        (
            "passwd",
            "salt",
            1,
            "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc\
             49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783",
        ),
        (
            "Password",
            "NaCl",
            80_000,
            "4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56\
             a1d425a1225833549adb841b51c9b3176a272bdebba1d078478f62b397f33c8d",
        ),
        (
            "password",
            "salt",
            1,
            "120fb6cffcf8b32c43e7225256c4f837a86548c92ccc35480805987cb70be17b",
        ),
        (
            "password",
            "salt",
            2,
            "ae4d0c95af6b46d32d0adff928f06dd02a303f8ef3c251dfd6e2d85a95474c43",
        ),
        (
            "password",
            "salt",
            4096,
            "c5e478d59288c841aa530db6845c4c8d962893a001ce4e11a4963873aa98134a",
        ),
        (
            long.0,
            long.1,
            4096,
            "348c89dbcbd32b2f32d814b8116e84cf2b17347ebc1800181c4e2a1fb8dd53e1c635518c7dac47e9",
        ),
        (
            "pass\0word",
            "sa\0lt",
            4096,
            "89b69d0516f829893c696226650a8687",
        ),
    ];
    let mut tally = Tally::new("PBKDF2-HMAC-SHA-256");
    for (password, salt, iterations, expected) in cases {
        let expected = hex(expected);
        let mut out = vec![0; expected.len()];
        pbkdf2::pbkdf2_hmac::<Sha256>(password.as_bytes(), salt.as_bytes(), iterations, &mut out);
        assert_eq!(out, expected);
        tally.checked("derived");
    }
    tally.done(&[("derived", 7)], &[]);
}

/// RFC 3394 section 4.6: 256 bits of key data with a 256-bit KEK. Then with each bit of it changed.
#[test]
fn rfc_3394_aes_256_key_wrap() {
    let mut tally = Tally::new("RFC 3394 AES-256 key wrap");
    let kek: [u8; 32] = core::array::from_fn(|i| u8::try_from(i).unwrap());
    let key = hex("00112233445566778899aabbccddeeff000102030405060708090a0b0c0d0e0f");
    let expected =
        hex("28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326cbc7f0e71a99f43bfb988b9b7a02dd21");
    let kw = KwAes256::new(&kek.into());
    let (mut wrapped, mut unwrapped) = ([0; 40], [0; 32]);
    assert_eq!(kw.wrap_key(&key, &mut wrapped).unwrap(), expected);
    assert_eq!(kw.unwrap_key(&wrapped, &mut unwrapped).unwrap(), key);
    tally.checked("section 4.6, both directions");
    for bit in 0..wrapped.len() * 8 {
        let mut changed = wrapped;
        changed[bit / 8] ^= 1 << (bit % 8);
        assert!(
            kw.unwrap_key(&changed, &mut unwrapped).is_err(),
            "bit {bit}"
        );
        tally.checked("one bit changed, refused");
    }
    tally.done(
        &[
            ("section 4.6, both directions", 1),
            ("one bit changed, refused", 320),
        ],
        &[],
    );
}
