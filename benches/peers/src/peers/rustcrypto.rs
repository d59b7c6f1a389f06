//! The crates that the library stands on, used the plain way: one chunk after the other, CBC and then HMAC.

use aes::cipher::{Array, BlockModeDecrypt, BlockModeEncrypt, InnerIvInit, KeyInit};
use aes::{Aes256Dec, Aes256Enc, Block};
use hmac::{Hmac, Mac};
use sha2::Sha256;

use super::{CIPHER_KEY, MAC_KEY, Peer, header, iv, open_chunks, seal_chunks};
use crate::Result;

const MAC_LEN: usize = 32;

/// AES-256-CBC, then HMAC-SHA-256.
pub(crate) struct SerialCbcHmac {
    encrypt: Aes256Enc,
    decrypt: Aes256Dec,
    mac: Hmac<Sha256>,
}

impl SerialCbcHmac {
    pub(crate) fn new() -> Result<Self> {
        Ok(Self {
            encrypt: Aes256Enc::new(&CIPHER_KEY.into()),
            decrypt: Aes256Dec::new(&CIPHER_KEY.into()),
            mac: Hmac::new_from_slice(&MAC_KEY)?,
        })
    }

    fn tagged(&self, index: u64, ciphertext: &[u8]) -> Hmac<Sha256> {
        let mut mac = self.mac.clone();
        mac.update(&header(index, ciphertext));
        mac.update(ciphertext);
        mac
    }
}

impl Peer for SerialCbcHmac {
    fn name(&self) -> String {
        "RustCrypto, one chunk at a time".to_owned()
    }

    fn seal(&mut self, plain: &[u8], sealed: &mut [u8]) -> Result<usize> {
        seal_chunks(plain, sealed, MAC_LEN, |index, chunk, body| {
            let (ciphertext, tag) = body.split_at_mut(chunk.len());
            let (from, to) = (whole_blocks(chunk)?, whole_blocks_mut(ciphertext)?);
            let mut cbc = cbc::Encryptor::inner_iv_init(&self.encrypt, &Array(iv(index)));
            cbc.encrypt_blocks_b2b(from, to)
                .map_err(|_| "blocks of two lengths")?;
            tag.copy_from_slice(&self.tagged(index, ciphertext).finalize().into_bytes());
            Ok(())
        })
    }

    fn open(&mut self, sealed: &[u8], plain: &mut [u8]) -> Result<usize> {
        open_chunks(sealed, plain, MAC_LEN, |index, body, room| {
            let (ciphertext, tag) = body.split_at(body.len() - MAC_LEN);
            let mac = self.tagged(index, ciphertext);
            mac.verify_slice(tag)
                .map_err(|_| "RustCrypto: not authentic")?;
            let room = room
                .get_mut(..ciphertext.len())
                .ok_or("no room for a chunk")?;
            let (from, to) = (whole_blocks(ciphertext)?, whole_blocks_mut(room)?);
            let mut cbc = cbc::Decryptor::inner_iv_init(&self.decrypt, &Array(iv(index)));
            cbc.decrypt_blocks_b2b(from, to)
                .map_err(|_| "blocks of two lengths".into())
        })
    }
}

/// The lengths here are whole blocks: padding is a matter of a stream's last chunk only.
fn whole_blocks(bytes: &[u8]) -> Result<&[Block]> {
    match Block::slice_as_chunks(bytes) {
        (blocks, []) => Ok(blocks),
        _ => Err("not a whole number of blocks".into()),
    }
}

fn whole_blocks_mut(bytes: &mut [u8]) -> Result<&mut [Block]> {
    match Block::slice_as_chunks_mut(bytes) {
        (blocks, []) => Ok(blocks),
        _ => Err("not a whole number of blocks".into()),
    }
}
