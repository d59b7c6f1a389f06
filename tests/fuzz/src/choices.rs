//! What an input says beside the bytes under test: small numbers, sizes, pieces.

/// Takes choices off the front of an input. Behind its end every choice is zero.
pub struct Choices<'a>(&'a [u8]);

impl<'a> Choices<'a> {
    pub const fn new(data: &'a [u8]) -> Self {
        Self(data)
    }

    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn byte(&mut self) -> u8 {
        self.take(1).first().copied().unwrap_or_default()
    }

    pub fn short(&mut self) -> u16 {
        u16::from_be_bytes([self.byte(), self.byte()])
    }

    /// Up to `len` bytes.
    pub fn take(&mut self, len: usize) -> &'a [u8] {
        let (head, rest) = self.0.split_at(len.min(self.0.len()));
        self.0 = rest;
        head
    }

    /// Bytes behind a length of one byte.
    pub fn bytes(&mut self) -> &'a [u8] {
        let len = self.byte();
        self.take(usize::from(len))
    }

    /// Everything that is left.
    pub const fn rest(self) -> &'a [u8] {
        self.0
    }

    /// One to four sizes, which take turns.
    pub fn pieces(&mut self) -> Pieces {
        let count = usize::from(self.byte() % 4) + 1;
        let sizes = (0..count).map(|_| piece(self.byte())).collect();
        Pieces { sizes, next: 0 }
    }
}

/// From 1 to 512 KiB, small ones more often.
const fn piece(byte: u8) -> usize {
    ((byte & 15) as usize + 1) << (byte >> 4)
}

/// Sizes without an end.
#[derive(Clone)]
pub struct Pieces {
    sizes: Vec<usize>,
    next: usize,
}

impl Pieces {
    /// Everything in one piece.
    pub fn whole() -> Self {
        Self {
            sizes: vec![1 << 20],
            next: 0,
        }
    }

    pub fn size(&mut self) -> usize {
        self.next += 1;
        self.sizes[(self.next - 1) % self.sizes.len()]
    }

    /// The next piece of `rest`.
    pub fn of<'a>(&mut self, rest: &'a [u8]) -> &'a [u8] {
        &rest[..self.size().min(rest.len())]
    }
}
