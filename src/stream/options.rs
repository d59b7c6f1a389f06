//! What a caller says before sealing or opening.

use core::num::NonZeroUsize;
use core::time::Duration;
use std::sync::Arc;

use crate::crypto::{DEFAULT_SUITE, Suite, Workers};
use crate::format::{ChunkSize, Limits};
use crate::keys::{Identity, Recipient, Signer, TrustedSigners};

use super::error::OpenError;
use super::window::{SigningTimes, SigningWindow};

/// How a stream is to be sealed.
///
/// ```
/// use secimg::keys::{GenerateKind, PrivateKey};
/// use secimg::stream::SealOptions;
///
/// let key = PrivateKey::generate(GenerateKind::Ed25519)?;
/// let options = SealOptions::new().signer(key.signer()?).context(b"study 1.2.840");
/// # Ok::<(), secimg::keys::KeyError>(())
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct SealOptions {
    pub(super) recipients: Vec<Arc<dyn Recipient>>,
    pub(super) signer: Option<Arc<dyn Signer>>,
    pub(super) signing_time: u64,
    pub(super) suite: &'static Suite,
    pub(super) chunk_size: ChunkSize,
    pub(super) context: Vec<u8>,
    pub(super) digests: bool,
    pub(super) allow_mixing: bool,
    pub(super) padded: bool,
    workers: Option<Arc<Workers>>,
}

impl Default for SealOptions {
    fn default() -> Self {
        Self::new()
    }
}

impl SealOptions {
    /// Starts with the default suite and chunk size, no recipient, no signer and an empty context.
    pub const fn new() -> Self {
        Self {
            recipients: Vec::new(),
            signer: None,
            signing_time: 0,
            suite: DEFAULT_SUITE,
            chunk_size: ChunkSize::DEFAULT,
            context: Vec::new(),
            digests: true,
            allow_mixing: false,
            padded: false,
            workers: None,
        }
    }

    /// Adds a recipient.
    pub fn recipient(mut self, recipient: Arc<dyn Recipient>) -> Self {
        self.recipients.push(recipient);
        self
    }

    /// Adds recipients.
    pub fn recipients(mut self, recipients: impl IntoIterator<Item = Arc<dyn Recipient>>) -> Self {
        self.recipients.extend(recipients);
        self
    }

    /// Signs the stream. Only recipients see who signed.
    pub fn signer(mut self, signer: Arc<dyn Signer>) -> Self {
        self.signer = Some(signer);
        self
    }

    /// Returns the signer, if there is one.
    #[must_use]
    pub fn get_signer(&self) -> Option<Arc<dyn Signer>> {
        self.signer.clone()
    }

    /// Sets the signing time, in seconds since 1970-01-01T00:00:00Z. This floor has no clock: without
    /// a word the time is 0, which readers show as unknown. The adapters in [`crate::io`] and the one-shot
    /// functions set it from the system's clock.
    pub const fn signing_time(mut self, seconds: u64) -> Self {
        self.signing_time = seconds;
        self
    }

    /// Tells whether a signing time was set.
    #[must_use]
    pub const fn has_signing_time(&self) -> bool {
        self.signing_time != 0
    }

    /// Chooses a suite of [`crate::crypto::SUITES`].
    pub const fn suite(mut self, suite: &'static Suite) -> Self {
        self.suite = suite;
        self
    }

    /// Chooses the chunk size.
    pub const fn chunk_size(mut self, chunk_size: ChunkSize) -> Self {
        self.chunk_size = chunk_size;
        self
    }

    /// Binds the stream to something that both sides know and the stream does not store: a study UID,
    /// an endpoint. Opening with another context fails as opening with a wrong key does.
    pub fn context(mut self, context: &[u8]) -> Self {
        self.context = context.to_vec();
        self
    }

    /// Says whether each item carries the SHA-256 of its original (it does by default).
    pub const fn digests(mut self, digests: bool) -> Self {
        self.digests = digests;
        self
    }

    /// Allows RSA recipients beside raw keys or post-quantum recipients.
    pub const fn allow_mixing(mut self) -> Self {
        self.allow_mixing = true;
        self
    }

    /// Pads the stream so that its length says little of the images' (SPEC section 7.1, Padmé): images
    /// of about the same size give streams of one length. It costs at most 12 %, less for large images.
    pub const fn padded(self) -> Self {
        self.set_padded(true)
    }

    /// Says whether the stream is padded (it is not by default).
    pub const fn set_padded(mut self, padded: bool) -> Self {
        self.padded = padded;
        self
    }

    /// Allows at most so many threads, 0 being 1 and more than 16 being 16, for the chunks of the streams that are sealed with these options. They
    /// belong to the options, start when there is work for a second one, and serve one stream after the other.
    ///
    /// Without a word, and without the feature `parallel`, everything is done on the caller's thread. The bytes are the
    /// same for every number.
    pub fn threads(mut self, threads: usize) -> Self {
        let threads = NonZeroUsize::new(threads).unwrap_or(NonZeroUsize::MIN);
        self.workers = Some(Arc::new(Workers::new(threads)));
        self
    }

    /// The threads that the caller allows.
    pub(super) fn workers(&self) -> Arc<Workers> {
        let one = || Arc::new(Workers::one());
        self.workers.clone().unwrap_or_else(one)
    }
}

/// How a stream is to be opened.
#[derive(Debug, Clone)]
#[must_use]
pub struct OpenOptions {
    pub(super) identities: Vec<Arc<dyn Identity>>,
    pub(super) trusted: Option<TrustedSigners>,
    window: Option<SigningWindow>,
    now: Option<u64>,
    pub(super) context: Vec<u8>,
    pub(super) limits: Limits,
    pub(super) spooled: bool,
    pub(super) digests: bool,
    workers: Option<Arc<Workers>>,
}

impl Default for OpenOptions {
    fn default() -> Self {
        Self::new()
    }
}

impl OpenOptions {
    /// Starts without identity, without a required signer, with an empty context and the default limits.
    pub const fn new() -> Self {
        Self {
            identities: Vec::new(),
            trusted: None,
            window: None,
            now: None,
            context: Vec::new(),
            limits: Limits::DEFAULT,
            spooled: false,
            digests: true,
            workers: None,
        }
    }

    /// Adds an identity. They are tried in order, each only on entries whose key id is its own.
    pub fn identity(mut self, identity: Arc<dyn Identity>) -> Self {
        self.identities.push(identity);
        self
    }

    /// Adds identities.
    pub fn identities(mut self, identities: impl IntoIterator<Item = Arc<dyn Identity>>) -> Self {
        self.identities.extend(identities);
        self
    }

    /// Requires a signature by one of these signers. Who is trusted is the reader's word, never the file's.
    pub fn require_signer(mut self, trusted: TrustedSigners) -> Self {
        self.trusted = Some(trusted);
        self
    }

    /// Refuses a signature of a required signer whose signing time lies more than `past` before the present, or more than
    /// `future` behind it; both ends are accepted, and whole seconds count. A signing time that was not said is refused.
    ///
    /// It bounds how long a stream can be kept and delivered again. `future` is for signers whose clocks are ahead, five minutes
    /// for instance. The signing time is the signer's word: it is worth as much as its clock and the signer are.
    /// Without [`OpenOptions::require_signer`] nothing can be opened, since anybody's signature says any time.
    ///
    /// ```
    /// use core::time::Duration;
    /// use secimg::keys::{GenerateKind, PrivateKey, RawKeyRecipient, SymmetricKey};
    /// use secimg::{Image, OpenError, OpenOptions, SealOptions, encrypt, verify};
    /// # use std::sync::Arc;
    ///
    /// # let key = Arc::new(RawKeyRecipient::new(SymmetricKey::generate()?));
    /// # let scanner = PrivateKey::generate(GenerateKind::Ed25519)?;
    /// let options = SealOptions::new().recipient(key.clone()).signer(scanner.signer()?);
    /// let sealed = encrypt(&Image::new(*b"BM..."), &options.signing_time(1_800_000_000))?;
    ///
    /// let options = OpenOptions::new()
    ///     .identity(key)
    ///     .require_signer([scanner.public()].into_iter().collect())
    ///     .signed_within(Duration::from_hours(24), Duration::from_mins(5));
    /// // Without `now` the present is the system clock's.
    /// assert!(verify(&sealed, &options.clone().now(1_800_000_000 + 3600)).is_ok());
    /// let late = verify(&sealed, &options.now(1_800_000_000 + 25 * 3600));
    /// assert!(matches!(late, Err(OpenError::StaleSignature { .. })));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub const fn signed_within(mut self, past: Duration, future: Duration) -> Self {
        self.window = Some(SigningWindow::new(past, future));
        self
    }

    /// Sets the present for [`OpenOptions::signed_within`], in seconds since 1970-01-01T00:00:00Z. This floor has no
    /// clock, and opens nothing where it needs one; the adapters in [`crate::io`], the receivers in [`crate::transport`] and
    /// the one-shot functions take the system's at the beginning of each stream, unless one is set here.
    pub const fn now(mut self, seconds: u64) -> Self {
        self.now = Some(seconds);
        self
    }

    /// Tells whether [`OpenOptions::now`] is needed and was not set.
    #[must_use]
    pub const fn needs_now(&self) -> bool {
        self.window.is_some() && self.now.is_none()
    }

    /// The signing times that are accepted; nothing where all are.
    pub(super) fn signing_times(&self) -> Result<Option<SigningTimes>, OpenError> {
        let Some(window) = self.window else {
            return Ok(None);
        };
        if self.trusted.is_none() {
            return Err(OpenError::WindowNeeds("a required signer"));
        }
        let now = self.now.ok_or(OpenError::WindowNeeds("the present time"))?;
        Ok(Some(window.around(now)))
    }

    /// Gives the context that the stream was bound to.
    pub fn context(mut self, context: &[u8]) -> Self {
        self.context = context.to_vec();
        self
    }

    /// Sets the limits.
    pub const fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Promises that nothing of the output is used before [`Opener::finish`](super::Opener::finish)
    /// returns [`Verified`](super::Verified), or a checkpoint covers it. An [`Opener`](super::Opener)
    /// with a required signer starts only with this promise.
    pub const fn spooled(self) -> Self {
        self.set_spooled(true)
    }

    /// Gives the promise of [`OpenOptions::spooled`], or takes it back.
    pub const fn set_spooled(mut self, spooled: bool) -> Self {
        self.spooled = spooled;
        self
    }

    /// Tells whether a signer is required and the promise of [`OpenOptions::spooled`] is missing, so that no
    /// [`Opener`](super::Opener) starts.
    #[must_use]
    pub const fn needs_spool(&self) -> bool {
        self.trusted.is_some() && !self.spooled
    }

    /// Tells whether a signer is required.
    #[must_use]
    pub const fn requires_signer(&self) -> bool {
        self.trusted.is_some()
    }

    /// Says whether the SHA-256 of each original is computed and reported (it is by default). Without it opening takes about
    /// half as long. It is for streams that were sealed [without digests](SealOptions::digests): one that carries a digest
    /// is refused, because whoever reads it to its end must compare it.
    pub const fn digests(mut self, digests: bool) -> Self {
        self.digests = digests;
        self
    }

    /// Allows at most so many threads, 0 being 1 and more than 16 being 16, for the chunks of the streams that are opened with these options. They
    /// belong to the options, start when there is work for a second one, and serve one stream after the other.
    ///
    /// Without a word, and without the feature `parallel`, everything is done on the caller's thread. The bytes are the
    /// same for every number.
    pub fn threads(mut self, threads: usize) -> Self {
        let threads = NonZeroUsize::new(threads).unwrap_or(NonZeroUsize::MIN);
        self.workers = Some(Arc::new(Workers::new(threads)));
        self
    }

    /// The threads that the caller allows.
    pub(super) fn workers(&self) -> Arc<Workers> {
        let one = || Arc::new(Workers::one());
        self.workers.clone().unwrap_or_else(one)
    }

    /// Returns the limits.
    #[must_use]
    pub const fn get_limits(&self) -> &Limits {
        &self.limits
    }
}

#[cfg(test)]
mod tests;
