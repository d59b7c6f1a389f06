//! The ends: padding to a chunk, checkpoints, and FINAL (SPEC sections 6 and 8).

use zeroize::Zeroizing;

use crate::content::{Close, SignatureBlock, append_zeros_wiping};
use crate::crypto::{Random, batch, transfer_id};
use crate::keys::{KeyError, Signer};
use crate::stream::error::SealError;
use crate::stream::signature::{Position, message};
use crate::trace;

use super::{Sealer, State};

/// What a signed CLOSE holds, with room for the signature.
pub(super) fn unsigned(
    signer: &dyn Signer,
    signing_time: u64,
    intended: Vec<[u8; 32]>,
) -> SignatureBlock {
    SignatureBlock::unsigned(
        signer.algorithm(),
        signing_time,
        signer.spki().to_vec(),
        intended,
        signer.signature_len(),
    )
}

/// Refuses a signer whose key or signature is so long that every reader would refuse the stream: they judge
/// CLOSE here as they will then.
pub(super) fn check_signer(signer: &dyn Signer) -> Result<(), SealError> {
    let close = Close::new(0, Some(unsigned(signer, 0, Vec::new())));
    match Close::parse(&close.to_bytes(), 0) {
        Ok(_) => Ok(()),
        Err(error) => {
            let problem = format!("no reader would take the signature: {}", error.kind);
            Err(KeyError::Provider(problem).into())
        }
    }
}

impl Sealer {
    /// Pads to the end of the chunk, so that everything given so far can be pulled out and opened.
    ///
    /// # Errors
    /// [`SealError::Content`] inside an item, whose records cannot be padded, which harms nothing; after
    /// any other [`SealError`] the stream is lost.
    pub fn flush(&mut self) -> Result<(), SealError> {
        self.check_between_items()?;
        let result = self.fill_chunk();
        self.poisoning(result)
    }

    fn fill_chunk(&mut self) -> Result<(), SealError> {
        let chunk = self.geometry.chunk_size.bytes_u64();
        let padded = self.writer.offset().next_multiple_of(chunk);
        self.pad_to(padded);
        self.spill()?;
        self.take_tail().map(drop)
    }

    /// Signs everything up to here (or marks it as whole, in an unsigned stream) and ends the chunk.
    ///
    /// # Errors
    /// As [`Sealer::finish`].
    pub fn checkpoint(&mut self) -> Result<(), SealError> {
        self.checkpoint_with_rng(&mut Random::system())
    }

    /// As [`Sealer::checkpoint`], with the caller's randomness.
    ///
    /// # Errors
    /// As [`Sealer::finish`].
    pub fn checkpoint_with_rng(&mut self, rng: &mut Random<'_>) -> Result<(), SealError> {
        self.check_between_items()?;
        let result = self.end_part(rng);
        self.poisoning(result)
    }

    fn end_part(&mut self, rng: &mut Random<'_>) -> Result<(), SealError> {
        self.spill()?;
        let close = self.close_record(0);
        let chunk = self.geometry.chunk_size.bytes();
        let start = chunk - close.to_bytes().len();
        let mut content = self.take_tail()?;
        if content.len() > start {
            self.seal_padded(&mut content)?;
        }
        content.resize(start, 0);
        self.append_close(close, &mut content, false, rng)?;
        self.seal_padded(&mut content)?;
        trace::checkpoint(&self.transfer_id(), self.next_index - 1);
        self.writer
            .skip_to(self.next_index * self.geometry.chunk_size.bytes_u64());
        Ok(())
    }

    /// Ends the stream with INDEX, CLOSE and FINAL. Pull the rest out with [`Sealer::update`].
    ///
    /// # Errors
    /// [`SealError::Content`] when an item is open, which harms nothing. After any other [`SealError`], such
    /// as [`SealError::Key`] when signing fails, the stream is lost.
    pub fn finish(&mut self) -> Result<(), SealError> {
        self.finish_with_rng(&mut Random::system())
    }

    /// As [`Sealer::finish`], with the caller's randomness: a PSS signature draws its salt from it.
    ///
    /// # Errors
    /// As [`Sealer::finish`].
    pub fn finish_with_rng(&mut self, rng: &mut Random<'_>) -> Result<(), SealError> {
        self.check_between_items()?;
        let result = self.end_stream(rng);
        self.poisoning(result)
    }

    fn end_stream(&mut self, rng: &mut Random<'_>) -> Result<(), SealError> {
        let index_offset = self.writer.finish(&mut self.control)?;
        self.spill()?;
        let close = self.close_record(index_offset);
        let mut content = self.take_tail()?;
        self.pad_before(&mut content, close.to_bytes().len())?;
        self.append_close(close, &mut content, true, rng)?;
        self.ending.last = batch::seal_final(
            self.chunks.as_ref(),
            self.geometry,
            self.next_index,
            &content,
        );
        self.state = State::Finished;
        trace::sealed(&self.transfer_id(), self.next_index + 1);
        Ok(())
    }

    /// Moves all waiting content through the buffer, keeping what is sealed in `outgoing`.
    fn spill(&mut self) -> Result<(), SealError> {
        loop {
            self.outgoing.push(self.buffer.ready());
            self.buffer.take(self.buffer.ready().len());
            if !self.pump_control()? {
                return Ok(());
            }
        }
    }

    /// Seals the full chunks into `outgoing` and takes what stands behind them out of the buffer.
    fn take_tail(&mut self) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let mut tail = Zeroizing::new(Vec::with_capacity(self.geometry.chunk_size.bytes()));
        tail.extend_from_slice(self.buffer.tail());
        self.seal_buffer()?;
        self.outgoing.push(self.buffer.ready());
        self.buffer.take(self.buffer.ready().len());
        Ok(tail)
    }

    /// Seals the content as a CHUNK of its own, padded with zeros, and empties it.
    pub(super) fn seal_padded(
        &mut self,
        content: &mut Zeroizing<Vec<u8>>,
    ) -> Result<(), SealError> {
        content.resize(self.geometry.chunk_size.bytes(), 0);
        self.buffer.append(content);
        content.clear();
        self.take_tail().map(drop)
    }

    fn pad_to(&mut self, offset: u64) {
        let missing = offset.saturating_sub(self.writer.offset());
        let missing = usize::try_from(missing).unwrap_or(0);
        append_zeros_wiping(&mut self.control, missing);
        self.writer.skip_to(offset);
    }

    fn close_record(&self, index_offset: u64) -> Close {
        let signer = self.signer.as_deref();
        let block = signer.map(|s| unsigned(s, self.signing_time, self.intended.clone()));
        Close::new(index_offset, block)
    }

    /// Appends CLOSE to its chunk's content and signs what stands before the signature.
    fn append_close(
        &self,
        mut close: Close,
        content: &mut Vec<u8>,
        last: bool,
        rng: &mut Random<'_>,
    ) -> Result<(), SealError> {
        let start = content.len();
        content.extend_from_slice(&close.to_bytes());
        let Some(signer) = &self.signer else {
            return Ok(());
        };
        let position = Position {
            index: self.next_index,
            last,
        };
        let message = message(
            &transfer_id(&self.core),
            position,
            &self.leaves,
            content,
            &close,
        );
        let signature = signer.sign(&message, rng)?;
        if let Some(block) = &mut close.signature {
            if signature.len() != block.signature.len() {
                let problem = "a signature of another length than announced".to_owned();
                return Err(KeyError::Provider(problem).into());
            }
            block.signature = signature;
        }
        content.truncate(start);
        content.extend_from_slice(&close.to_bytes());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::content::Manifest;
    use crate::format::ChunkSize;
    use crate::keys::{RawKeyRecipient, SymmetricKey};
    use crate::stream::SealOptions;

    use super::*;

    const CHUNK: u64 = ChunkSize::MIN.bytes_u64();

    /// A sealer that was given an item of `len` bytes, and where its content ends.
    fn behind_an_item(len: u64) -> (Sealer, u64) {
        let key = SymmetricKey::from_file_bytes(&[7; 32]).unwrap();
        let options = SealOptions::new()
            .recipient(std::sync::Arc::new(RawKeyRecipient::new(key)))
            .chunk_size(ChunkSize::MIN);
        let mut sealer = Sealer::new(&options).unwrap();
        let manifest = Manifest::new("opaque", "application/octet-stream");
        sealer.start_item(&manifest, Some(len)).unwrap();
        let item = vec![7; usize::try_from(len).unwrap()];
        let step = sealer.update(&item, &mut vec![0; 2 * item.len()]).unwrap();
        assert_eq!(step.consumed, item.len());
        sealer.end_item().unwrap();
        let offset = sealer.writer.offset();
        (sealer, offset)
    }

    #[test]
    fn the_close_of_a_checkpoint_stands_in_the_first_chunk_with_room_for_it() {
        let start = CHUNK - Close::new(0, None).to_bytes().len() as u64;
        let around = behind_an_item(CHUNK).1 - CHUNK;
        for (tail, chunks) in [
            (0, 1),
            (1, 1),
            (start - 1, 1),
            (start, 1),
            (start + 1, 2),
            (CHUNK - 1, 2),
        ] {
            let (mut sealer, offset) = behind_an_item(3 * CHUNK + tail - around);
            assert_eq!(offset, 3 * CHUNK + tail);
            sealer.checkpoint().unwrap();
            assert_eq!(sealer.next_index, 3 + chunks, "{tail} bytes");
            assert_eq!(sealer.writer.offset(), (3 + chunks) * CHUNK);
        }
    }
}
