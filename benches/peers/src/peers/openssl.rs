//! OpenSSL through EVP, as fast as its documentation allows: contexts are made once, and for each chunk only
//! the initialisation vector is set.

use openssl::cipher::{Cipher, CipherRef};
use openssl::cipher_ctx::CipherCtx;
use openssl::hash::{DigestBytes, Hasher, MessageDigest};
use openssl::memcmp;

use super::{CIPHER_KEY, MAC_KEY, Peer, header, iv, nonce, open_chunks, seal_chunks};
use crate::Result;

const MAC_LEN: usize = 32;
const GCM_TAG_LEN: usize = 16;

/// One context for each direction.
struct Ciphers {
    encrypt: CipherCtx,
    decrypt: CipherCtx,
}

impl Ciphers {
    fn new(cipher: &CipherRef) -> Result<Self> {
        let (mut encrypt, mut decrypt) = (CipherCtx::new()?, CipherCtx::new()?);
        let iv = [0; 16];
        encrypt.encrypt_init(Some(cipher), Some(&CIPHER_KEY), Some(&iv))?;
        decrypt.decrypt_init(Some(cipher), Some(&CIPHER_KEY), Some(&iv))?;
        encrypt.set_padding(false);
        decrypt.set_padding(false);
        Ok(Self { encrypt, decrypt })
    }
}

/// HMAC-SHA-256 with the key's two blocks hashed once. A tag starts from copies of these states, which is
/// what `HMAC_Init_ex` does when it is called again without a key.
struct HmacSha256 {
    inner: Hasher,
    outer: Hasher,
}

impl HmacSha256 {
    fn new(key: [u8; 32]) -> Result<Self> {
        let state = |pad: u8| -> Result<Hasher> {
            let mut block = [pad; 64];
            block
                .iter_mut()
                .zip(key)
                .for_each(|(byte, key)| *byte ^= key);
            let mut hasher = Hasher::new(MessageDigest::sha256())?;
            hasher.update(&block)?;
            Ok(hasher)
        };
        Ok(Self {
            inner: state(0x36)?,
            outer: state(0x5C)?,
        })
    }

    fn tag(&self, index: u64, ciphertext: &[u8]) -> Result<DigestBytes> {
        let mut inner = self.inner.clone();
        inner.update(&header(index, ciphertext))?;
        inner.update(ciphertext)?;
        let mut outer = self.outer.clone();
        outer.update(&inner.finish()?)?;
        Ok(outer.finish()?)
    }
}

/// AES-256-CBC, then HMAC-SHA-256: the work of suite 1.
pub(crate) struct CbcHmac {
    ciphers: Ciphers,
    hmac: HmacSha256,
}

impl CbcHmac {
    pub(crate) fn new() -> Result<Self> {
        Ok(Self {
            ciphers: Ciphers::new(Cipher::aes_256_cbc())?,
            hmac: HmacSha256::new(MAC_KEY)?,
        })
    }
}

impl Peer for CbcHmac {
    fn name(&self) -> String {
        "OpenSSL AES-256-CBC, HMAC-SHA-256".to_owned()
    }

    fn seal(&mut self, plain: &[u8], sealed: &mut [u8]) -> Result<usize> {
        let (context, hmac) = (&mut self.ciphers.encrypt, &self.hmac);
        seal_chunks(plain, sealed, MAC_LEN, |index, chunk, body| {
            context.encrypt_init(None, None, Some(&iv(index)))?;
            // The tag's place is the spare block that the wrapper asks for; nothing is written there yet.
            context.cipher_update(chunk, Some(body))?;
            let (ciphertext, tag) = body.split_at_mut(chunk.len());
            tag.copy_from_slice(&hmac.tag(index, ciphertext)?);
            Ok(())
        })
    }

    fn open(&mut self, sealed: &[u8], plain: &mut [u8]) -> Result<usize> {
        let (context, hmac) = (&mut self.ciphers.decrypt, &self.hmac);
        open_chunks(sealed, plain, MAC_LEN, |index, body, room| {
            let (ciphertext, tag) = body.split_at(body.len() - MAC_LEN);
            if !memcmp::eq(&hmac.tag(index, ciphertext)?, tag) {
                return Err("OpenSSL: not authentic".into());
            }
            context.decrypt_init(None, None, Some(&iv(index)))?;
            context.cipher_update(ciphertext, Some(room))?;
            Ok(())
        })
    }
}

/// AES-256-GCM: the work of suite 2.
pub(crate) struct Gcm {
    ciphers: Ciphers,
}

impl Gcm {
    pub(crate) fn new() -> Result<Self> {
        let ciphers = Ciphers::new(Cipher::aes_256_gcm())?;
        Ok(Self { ciphers })
    }
}

impl Peer for Gcm {
    fn name(&self) -> String {
        "OpenSSL AES-256-GCM".to_owned()
    }

    fn seal(&mut self, plain: &[u8], sealed: &mut [u8]) -> Result<usize> {
        let context = &mut self.ciphers.encrypt;
        seal_chunks(plain, sealed, GCM_TAG_LEN, |index, chunk, body| {
            let (ciphertext, tag) = body.split_at_mut(chunk.len());
            context.encrypt_init(None, None, Some(&nonce(index)))?;
            context.cipher_update(chunk, Some(ciphertext))?;
            context.cipher_final(&mut [])?;
            Ok(context.tag(tag)?)
        })
    }

    fn open(&mut self, sealed: &[u8], plain: &mut [u8]) -> Result<usize> {
        let context = &mut self.ciphers.decrypt;
        open_chunks(sealed, plain, GCM_TAG_LEN, |index, body, room| {
            let (ciphertext, tag) = body.split_at(body.len() - GCM_TAG_LEN);
            context.decrypt_init(None, None, Some(&nonce(index)))?;
            context.set_tag(tag)?;
            context.cipher_update(ciphertext, Some(room))?;
            context.cipher_final(&mut [])?;
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use openssl::pkey::PKey;
    use openssl::sign::Signer;

    #[test]
    fn the_tag_is_openssls_own_hmac() -> Result {
        let key = PKey::hmac(&MAC_KEY)?;
        let mut signer = Signer::new(MessageDigest::sha256(), &key)?;
        signer.update(&header(7, b"ciphertext"))?;
        signer.update(b"ciphertext")?;
        let tag = HmacSha256::new(MAC_KEY)?.tag(7, b"ciphertext")?;
        assert_eq!(signer.sign_to_vec()?, tag.as_ref());
        Ok(())
    }
}
