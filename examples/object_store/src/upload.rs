//! A multipart upload as [`Write`].

use std::error::Error;
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use object_store::path::Path;
use object_store::{ObjectStoreExt as _, WriteMultipart};

use crate::bucket::{Bucket, failed};

/// How many parts are on their way while the next is sealed. So much is in memory, and one part more.
const AT_ONCE: usize = 2;

/// What is written goes to the store, part by part. The object appears when the upload is finished; an
/// upload that is dropped is given up, and the store forgets its parts.
pub(crate) struct Upload<'a> {
    bucket: &'a Bucket,
    name: Path,
    /// None when it is finished or given up.
    parts: Option<WriteMultipart>,
    part: usize,
    bytes: u64,
    stopped: Arc<AtomicBool>,
}

impl<'a> Upload<'a> {
    /// Begins an upload in parts of `part` bytes. From here on Ctrl-C gives it up.
    pub(crate) fn start(
        bucket: &'a Bucket,
        name: &str,
        part: usize,
    ) -> Result<Self, Box<dyn Error>> {
        let stopped = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&stopped);
        ctrlc::set_handler(move || flag.store(true, Ordering::Relaxed))?;
        let name = Path::from(name);
        let begun = bucket.runtime.block_on(bucket.store.put_multipart(&name));
        let parts = WriteMultipart::new_with_chunk_size(begun.map_err(failed)?, part);
        Ok(Self {
            bucket,
            name,
            parts: Some(parts),
            part,
            bytes: 0,
            stopped,
        })
    }

    /// Waits for all parts and makes them one object. Returns how many there were, and their bytes.
    pub(crate) fn finish(mut self) -> io::Result<(u64, u64)> {
        if let Some(parts) = self.parts.take() {
            // Gives the upload up where a part or the end fails.
            self.bucket
                .runtime
                .block_on(parts.finish())
                .map_err(failed)?;
        }
        Ok((self.bytes.div_ceil(self.part as u64), self.bytes))
    }
}

impl Write for Upload<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.stopped.load(Ordering::Relaxed) {
            return Err(io::Error::other("interrupted"));
        }
        let Some(parts) = &mut self.parts else {
            return Err(io::ErrorKind::BrokenPipe.into());
        };
        // Never more than a part at once, so that no more than is allowed is on its way.
        let len = bytes.len().min(self.part);
        let _inside = self.bucket.runtime.enter();
        parts.write(&bytes[..len]);
        self.bucket
            .runtime
            .block_on(parts.wait_for_capacity(AT_ONCE))
            .map_err(failed)?;
        self.bytes += len as u64;
        Ok(len)
    }

    /// Parts have a size: less than one stays here until the end.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Upload<'_> {
    fn drop(&mut self) {
        let Some(parts) = self.parts.take() else {
            return;
        };
        if let Err(error) = self.bucket.runtime.block_on(parts.abort()) {
            eprintln!(
                "secimg-object-store: the upload of {} could not be given up, and its parts stay until \
                 the bucket's rules remove them: {error}",
                self.name
            );
        }
    }
}
