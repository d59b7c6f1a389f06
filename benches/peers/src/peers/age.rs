//! The `age` crate: X25519, ChaCha20-Poly1305, chunks of 64 KiB as well.

use core::iter;
use std::io::{Cursor, Read, Write};

use age::x25519::{Identity, Recipient};
use age::{Decryptor, Encryptor};

use super::Peer;
use crate::Result;

/// One identity, for which it seals.
pub(crate) struct Age {
    identity: Identity,
    recipient: Recipient,
}

impl Age {
    pub(crate) fn new() -> Self {
        let identity = Identity::generate();
        Self {
            recipient: identity.to_public(),
            identity,
        }
    }
}

impl Peer for Age {
    fn name(&self) -> String {
        "age crate".to_owned()
    }

    fn seal(&mut self, plain: &[u8], sealed: &mut [u8]) -> Result<usize> {
        let recipients = iter::once(&self.recipient as &dyn age::Recipient);
        let mut output = Cursor::new(sealed);
        let mut writer = Encryptor::with_recipients(recipients)?.wrap_output(&mut output)?;
        writer.write_all(plain)?;
        writer.finish()?;
        Ok(usize::try_from(output.position())?)
    }

    fn open(&mut self, sealed: &[u8], plain: &mut [u8]) -> Result<usize> {
        let identities = iter::once(&self.identity as &dyn age::Identity);
        let mut reader = Decryptor::new_buffered(sealed)?.decrypt(identities)?;
        let mut len = 0;
        loop {
            match reader.read(&mut plain[len..])? {
                0 => return Ok(len),
                more => len += more,
            }
        }
    }
}
