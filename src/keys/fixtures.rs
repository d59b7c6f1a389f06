//! Keys for the unit tests, made with `openssl`; those that are encrypted open with `open sesame`.

pub(super) const RSA_1024: &[u8] = include_bytes!("fixtures/rsa_1024.pem");
pub(super) const RSA_1024_PUB: &[u8] = include_bytes!("fixtures/rsa_1024.pub");
pub(super) const RSA_2048: &[u8] = include_bytes!("fixtures/rsa_2048.pem");
pub(super) const RSA_2048_PUB: &[u8] = include_bytes!("fixtures/rsa_2048.pub");
pub(super) const RSA_3072: &[u8] = include_bytes!("fixtures/rsa_3072.pem");
pub(super) const RSA_3072_PUB: &[u8] = include_bytes!("fixtures/rsa_3072.pub");
pub(super) const RSA_4096_PUB: &[u8] = include_bytes!("fixtures/rsa_4096.pub");
pub(super) const ED25519: &[u8] = include_bytes!("fixtures/ed25519.pem");
pub(super) const ED25519_PUB: &[u8] = include_bytes!("fixtures/ed25519.pub");
/// draft-connolly-cfrg-xwing-kem-10, appendix D.
pub(super) const XWING: &[u8] = include_bytes!("fixtures/xwing.pem");
pub(super) const XWING_PUB: &[u8] = include_bytes!("fixtures/xwing.pub");
pub(super) const EC_P256: &[u8] = include_bytes!("fixtures/ec_p256.pem");
pub(super) const EC_P256_PUB: &[u8] = include_bytes!("fixtures/ec_p256.pub");

pub(super) const RSA_2048_PBKDF2: &[u8] = include_bytes!("fixtures/rsa_2048_pbkdf2.pem");
pub(super) const RSA_2048_SCRYPT: &[u8] = include_bytes!("fixtures/rsa_2048_scrypt.pem");
/// AES-128-CBC, which `ssh-keygen -m PKCS8` writes.
pub(super) const RSA_2048_AES128: &[u8] = include_bytes!("fixtures/rsa_2048_aes128.pem");
/// PBKDF2 with HMAC-SHA-1.
pub(super) const RSA_2048_SHA1: &[u8] = include_bytes!("fixtures/rsa_2048_sha1.pem");
/// PBES1 with triple DES.
pub(super) const RSA_2048_PBES1: &[u8] = include_bytes!("fixtures/rsa_2048_pbes1.pem");
pub(super) const ED25519_PBKDF2: &[u8] = include_bytes!("fixtures/ed25519_pbkdf2.pem");

/// `openssl req -x509 -key rsa_2048.pem -days 3650 -subj "/C=DE/O=Example Hospital/CN=Radiology"
/// -addext basicConstraints=critical,CA:FALSE -addext keyUsage=critical,keyEncipherment
/// -addext extendedKeyUsage=emailProtection`
pub(super) const RECIPIENT_CRT: &[u8] = include_bytes!("fixtures/recipient.crt");
/// An Ed25519 key, issued by `AUTHORITY_CRT`: `openssl req -new -key ed25519.pem -subj /CN=Scanner`, then
/// `openssl x509 -req -CA authority.crt -CAkey ec_p256.pem -days 3650` with `keyUsage=digitalSignature`.
pub(super) const SIGNER_CRT: &[u8] = include_bytes!("fixtures/signer.crt");
/// `openssl req -x509 -key ec_p256.pem -days 7300 -subj "/CN=Example CA"
/// -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign`
pub(super) const AUTHORITY_CRT: &[u8] = include_bytes!("fixtures/authority.crt");

/// Reads hex digits, of published vectors.
pub(super) fn unhex<const N: usize>(text: &str) -> [u8; N] {
    core::array::from_fn(|i| u8::from_str_radix(&text[2 * i..2 * i + 2], 16).unwrap())
}

/// A generator that gives 0, 1, 2 and so on: one output for one test.
pub(super) struct Counting(pub(super) u8);

impl rand_core::TryRng for Counting {
    type Error = core::convert::Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)
            .map(|()| u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)
            .map(|()| u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Self::Error> {
        for byte in bytes {
            *byte = self.0;
            self.0 = self.0.wrapping_add(1);
        }
        Ok(())
    }
}

impl rand_core::TryCryptoRng for Counting {}
