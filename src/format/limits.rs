//! What a reader accepts before it spends memory or time.

/// Bounds that an opener keeps, whatever a stream claims.
///
/// The defaults suit a machine with ordinary memory; a caller tightens or widens them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// The longest stream that is read, in bytes. Default: what one key may seal, about 1.1 TiB.
    pub stream_bytes: u64,
    /// The longest manifest record, in bytes. Default 64 KiB.
    pub manifest_bytes: usize,
    /// The longest preview record, in bytes. Default 64 KiB.
    pub preview_bytes: usize,
    /// The longest index record, in bytes. Default 64 MiB.
    pub index_bytes: usize,
    /// The most items in one stream. Default 100 000.
    pub items: usize,
    /// The most bytes of samples that the compressed frames of one stream are restored to, where that takes the library's
    /// own memory and not the caller's. Default 1 GiB.
    pub frame_bytes: u64,
    /// The most memory that a passphrase's Argon2id may ask for, in KiB. Default 1 GiB.
    pub argon2_memory_kib: u32,
    /// The most PBKDF2 iterations that a passphrase may ask for. Default 10 000 000.
    pub pbkdf2_iterations: u32,
}

impl Limits {
    /// The defaults named on each field.
    pub const DEFAULT: Self = Self {
        stream_bytes: 0x0120_0000_0000,
        manifest_bytes: 64 << 10,
        preview_bytes: 64 << 10,
        index_bytes: 64 << 20,
        items: 100_000,
        frame_bytes: 1 << 30,
        argon2_memory_kib: 1 << 20,
        pbkdf2_iterations: 10_000_000,
    };

    /// Returns the limits with another bound on the whole stream.
    #[must_use]
    pub const fn stream_bytes(mut self, bytes: u64) -> Self {
        self.stream_bytes = bytes;
        self
    }

    /// Returns the limits with another bound on the number of items.
    #[must_use]
    pub const fn items(mut self, items: usize) -> Self {
        self.items = items;
        self
    }

    /// Returns the limits with another bound on the samples of compressed frames.
    #[must_use]
    pub const fn frame_bytes(mut self, bytes: u64) -> Self {
        self.frame_bytes = bytes;
        self
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}
