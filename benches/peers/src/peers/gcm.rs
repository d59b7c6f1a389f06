//! AES-256-GCM of ring and of AWS-LC, whose Rust faces are alike. Both work in place: a chunk is copied to
//! where it is sealed, and is then in the nearest cache.

use super::{CIPHER_KEY, Peer, nonce, open_chunks, seal_chunks};
use crate::Result;

const TAG_LEN: usize = 16;

macro_rules! in_place {
    ($peer:ident, $library:ident, $name:literal) => {
        pub(crate) struct $peer {
            key: $library::aead::LessSafeKey,
        }

        impl $peer {
            pub(crate) fn new() -> Result<Self> {
                use $library::aead::{AES_256_GCM, LessSafeKey, UnboundKey};
                let key = UnboundKey::new(&AES_256_GCM, &CIPHER_KEY);
                let key = key.map_err(|_| concat!($name, " refuses the key"))?;
                Ok(Self {
                    key: LessSafeKey::new(key),
                })
            }
        }

        impl Peer for $peer {
            fn name(&self) -> String {
                concat!($name, " AES-256-GCM").to_owned()
            }

            fn seal(&mut self, plain: &[u8], sealed: &mut [u8]) -> Result<usize> {
                use $library::aead::{Aad, Nonce};
                seal_chunks(plain, sealed, TAG_LEN, |index, chunk, body| {
                    let (ciphertext, place) = body.split_at_mut(chunk.len());
                    ciphertext.copy_from_slice(chunk);
                    let nonce = Nonce::assume_unique_for_key(nonce(index));
                    let tag = self
                        .key
                        .seal_in_place_separate_tag(nonce, Aad::empty(), ciphertext);
                    let tag = tag.map_err(|_| concat!($name, " does not seal"))?;
                    place.copy_from_slice(tag.as_ref());
                    Ok(())
                })
            }

            fn open(&mut self, sealed: &[u8], plain: &mut [u8]) -> Result<usize> {
                use $library::aead::{Aad, Nonce};
                open_chunks(sealed, plain, TAG_LEN, |index, body, room| {
                    let room = room.get_mut(..body.len()).ok_or("no room for a body")?;
                    room.copy_from_slice(body);
                    let nonce = Nonce::assume_unique_for_key(nonce(index));
                    let opened = self.key.open_in_place(nonce, Aad::empty(), room);
                    opened.map_err(|_| concat!($name, ": not authentic"))?;
                    Ok(())
                })
            }
        }
    };
}

in_place!(Ring, ring, "ring");
in_place!(AwsLc, aws_lc_rs, "AWS-LC");
