//! From a header to keys: unwrap, derive, compare the commitment (SPEC section 5).

use crate::crypto::{
    Cek, ChunkKeys, CoreHash, Random, RngFailed, StreamKeys, Unauthentic, core_hash,
};
use crate::format::{Entry, Geometry};
use crate::keys::{Identity, KeyError, UnwrapContext, WrapContext};
use crate::trace;

use super::error::OpenError;
use super::header::{Header, Locked};
use super::options::OpenOptions;
use super::report::RecipientReport;

/// A stream whose key is known: the commitment holds, and so does the recipient block's MAC.
pub struct Unlocked {
    pub(super) header: Header,
    pub(super) keys: StreamKeys,
    pub(super) chunks: Box<dyn ChunkKeys>,
    pub(super) recipient: RecipientReport,
    pub(super) identity_spki: Option<Vec<u8>>,
    pub(super) cek: Cek,
}

impl Locked {
    /// Tries the identities whose key id stands in the header; the first that fits opens the stream.
    ///
    /// A failed unwrap is followed by the same work on a random key, so that nothing outside can tell
    /// it from a wrong key that unwrapped.
    ///
    /// # Errors
    /// [`OpenError::NoMatchingKey`], [`OpenError::NotAuthentic`], and [`OpenError::Key`] where an
    /// identity could not even be tried and no other fits.
    pub fn unlock(&self, options: &OpenOptions) -> Result<Unlocked, OpenError> {
        let (unlocked, id) = (self.try_identities(options), self.header.transfer_id());
        match &unlocked {
            Ok(Unlocked { recipient, .. }) => {
                trace::unlocked(&id, recipient.kind.name(), &recipient.key_id);
            }
            Err(error) => trace::not_unlocked(&id, error.word()),
        }
        unlocked
    }

    fn try_identities(&self, options: &OpenOptions) -> Result<Unlocked, OpenError> {
        let core_hash = core_hash(&self.header.core);
        let mut failure = OpenError::NoMatchingKey;
        for identity in &options.identities {
            let key_id = identity.key_id(&self.header.core.salt);
            let entries = self.header.recipients.entries.iter();
            for entry in entries.filter(|e| e.kind == identity.kind() && e.key_id == key_id) {
                let cek = match self.candidate(identity.as_ref(), entry, &core_hash, options) {
                    Ok(cek) => cek,
                    // A device that is away does not keep another identity from opening the stream.
                    Err(error) => {
                        failure = error;
                        continue;
                    }
                };
                let keys = StreamKeys::derive(&cek, &self.header.core, &options.context);
                if keys.commits_to(&self.header.core.commitment) {
                    return self.unlocked(keys, cek, entry, identity.spki());
                }
                if failure == OpenError::NoMatchingKey {
                    failure = Unauthentic.into();
                }
            }
        }
        Err(failure)
    }

    fn candidate(
        &self,
        identity: &dyn Identity,
        entry: &Entry,
        core_hash: &CoreHash,
        options: &OpenOptions,
    ) -> Result<Cek, OpenError> {
        let wrap = WrapContext::new(&self.header.core.salt, core_hash);
        let context = UnwrapContext::new(wrap, &options.limits);
        let substitute = random_cek().map_err(KeyError::from)?;
        Ok(identity.unwrap(&entry.body, context)?.unwrap_or(substitute))
    }

    fn unlocked(
        &self,
        keys: StreamKeys,
        cek: Cek,
        entry: &Entry,
        spki: Option<&[u8]>,
    ) -> Result<Unlocked, OpenError> {
        let block = &self.header.recipients;
        keys.check_recipients_mac(block.authenticated(), block.mac())?;
        Ok(Unlocked {
            chunks: self.header.suite().chunk_keys(&keys),
            header: self.header.clone(),
            keys,
            recipient: RecipientReport::new(entry.kind, entry.key_id),
            identity_spki: spki.map(<[u8]>::to_vec),
            cek,
        })
    }
}

fn random_cek() -> Result<Cek, RngFailed> {
    Cek::random(&mut Random::system())
}

impl Unlocked {
    /// Returns the header, whose every byte is now authenticated.
    #[must_use]
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// Returns the arithmetic of the chunks.
    #[must_use]
    pub const fn geometry(&self) -> Geometry {
        self.header.geometry()
    }

    /// Returns which entry opened the stream.
    #[must_use]
    pub const fn recipient(&self) -> RecipientReport {
        self.recipient
    }

    /// Returns the stream's keys, for receipts.
    #[must_use]
    pub const fn keys(&self) -> &StreamKeys {
        &self.keys
    }
}

impl core::fmt::Debug for Unlocked {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Unlocked")
            .field("header", &self.header)
            .finish_non_exhaustive()
    }
}
