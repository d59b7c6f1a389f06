//! How sealed bytes leave a [`Sealer`]: copied by [`Sealer::update`], or borrowed where they lie.

use super::{Sealer, State};

/// Sealed bytes that go out before those of the buffer.
#[derive(Default)]
pub(super) struct Outgoing {
    bytes: Vec<u8>,
    taken: usize,
}

impl Outgoing {
    pub(super) const fn new(bytes: Vec<u8>) -> Self {
        Self { bytes, taken: 0 }
    }

    pub(super) fn ready(&self) -> &[u8] {
        &self.bytes[self.taken..]
    }

    pub(super) fn push(&mut self, bytes: &[u8]) {
        // Who is always a little late in pulling must not keep a live stream in memory from its start.
        if self.taken > self.bytes.len() / 2 {
            self.bytes.drain(..self.taken);
            self.taken = 0;
        }
        self.bytes.extend_from_slice(bytes);
    }

    fn take(&mut self, len: usize) {
        self.taken += len;
        if self.taken == self.bytes.len() {
            self.bytes.clear();
            self.taken = 0;
        }
    }
}

impl Sealer {
    /// Borrows the sealed bytes that come next, as many as lie together, so that they can be sent from
    /// where they are. [`Sealer::consume`] says how many of them were.
    ///
    /// It does not seal: [`Sealer::update`] with an empty output does, takes input until something is
    /// ready, and returns [`SealEvent::OutputFull`](super::SealEvent::OutputFull) while sealed bytes wait.
    /// It takes no more input until they are consumed, so memory stays bounded.
    ///
    /// After an error that loses the stream nothing is ready.
    ///
    /// ```
    /// # use secimg::content::Manifest;
    /// # use secimg::keys::{RawKeyRecipient, SymmetricKey};
    /// # use secimg::stream::{SealEvent, SealOptions, Sealer};
    /// # use std::sync::Arc;
    /// # let key = Arc::new(RawKeyRecipient::new(SymmetricKey::generate()?));
    /// # let options = SealOptions::new().recipient(key.clone());
    /// use std::io::Write;
    ///
    /// fn pump(sealer: &mut Sealer, mut input: &[u8], socket: &mut impl Write) -> std::io::Result<()> {
    ///     loop {
    ///         let step = sealer.update(input, &mut []).map_err(std::io::Error::other)?;
    ///         input = &input[step.consumed..];
    ///         if step.event != SealEvent::OutputFull {
    ///             return Ok(());
    ///         }
    ///         let sent = socket.write(sealer.peek())?;
    ///         sealer.consume(sent);
    ///     }
    /// }
    ///
    /// let mut sealer = Sealer::new(&options)?;
    /// let mut socket = Vec::new();
    /// sealer.start_item(&Manifest::new("opaque", "application/octet-stream"), Some(5))?;
    /// pump(&mut sealer, b"pixel", &mut socket)?;
    /// sealer.end_item()?;
    /// sealer.finish()?;
    /// pump(&mut sealer, &[], &mut socket)?;
    /// # let opened = secimg::decrypt(&socket, &secimg::OpenOptions::new().identity(key))?;
    /// # assert_eq!(opened.images[0].bytes, b"pixel");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn peek(&self) -> &[u8] {
        if self.state == State::Poisoned {
            return &[];
        }
        match self.outgoing.ready() {
            [] => self.buffer.ready(),
            first => first,
        }
    }

    /// Says that `len` of the bytes that [`Sealer::peek`] lends were used; more than it lends are
    /// counted as all of them, as [`std::io::BufReader`] does.
    pub fn consume(&mut self, len: usize) {
        let len = len.min(self.peek().len());
        if self.outgoing.ready().is_empty() {
            self.buffer.take(len);
        } else {
            self.outgoing.take(len);
        }
    }

    /// Copies what is ready to `output` and returns how much that was.
    pub(super) fn drain(&mut self, output: &mut [u8]) -> usize {
        let mut taken = 0;
        loop {
            let (ready, room) = (self.peek(), &mut output[taken..]);
            let len = ready.len().min(room.len());
            if len == 0 {
                return taken;
            }
            room[..len].copy_from_slice(&ready[..len]);
            self.consume(len);
            taken += len;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_always_late_keeps_little() {
        let (mut outgoing, mut pushed, mut pulled) = (Outgoing::default(), 0_u32, 0_u32);
        let mut most = 0;
        for _ in 0..1000 {
            for _ in 0..100 {
                outgoing.push(&pushed.to_be_bytes());
                pushed += 1;
            }
            most = most.max(outgoing.bytes.len());
            // All but one.
            while outgoing.ready().len() > 4 {
                assert_eq!(outgoing.ready()[..4], pulled.to_be_bytes());
                outgoing.take(4);
                pulled += 1;
            }
        }
        assert_eq!((pushed, pulled), (100_000, 99_999));
        assert!(most <= 2 * 404, "{most}");
    }

    #[test]
    fn who_leaves_one_byte_each_time_keeps_little() {
        let mut outgoing = Outgoing::default();
        for _ in 0..1000 {
            outgoing.push(&[7; 101]);
            outgoing.take(outgoing.ready().len() - 1);
            assert!(outgoing.bytes.len() <= 2 * 102, "{}", outgoing.bytes.len());
        }
    }
}
