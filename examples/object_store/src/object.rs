//! An object as [`ReadAt`].

use std::io;

use object_store::path::Path;
use object_store::{GetOptions, ObjectMeta, ObjectStore as _, ObjectStoreExt as _};
use secimg::io::ReadAt;

use crate::bucket::{Bucket, failed};

/// One version of an object: a part of another one is never taken for it.
pub(crate) struct Object<'a> {
    bucket: &'a Bucket,
    meta: ObjectMeta,
}

impl<'a> Object<'a> {
    /// Asks the store how large it is, and which version.
    pub(crate) fn find(bucket: &'a Bucket, name: &str) -> io::Result<Self> {
        let name = Path::from(name);
        let meta = bucket.runtime.block_on(bucket.store.head(&name));
        let meta = meta.map_err(failed)?;
        Ok(Self { bucket, meta })
    }

    fn options(&self, offset: u64, end: u64) -> GetOptions {
        let options = GetOptions::new().with_range(Some(offset..end));
        options.with_if_match(self.meta.e_tag.clone())
    }
}

impl ReadAt for Object<'_> {
    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let end = offset
            .saturating_add(buffer.len() as u64)
            .min(self.meta.size);
        // A store refuses ranges without a byte.
        if offset >= end {
            return Ok(0);
        }
        let store = &self.bucket.store;
        let bytes = self
            .bucket
            .runtime
            .block_on(async {
                let options = self.options(offset, end);
                let found = store.get_opts(&self.meta.location, options).await?;
                found.bytes().await
            })
            .map_err(failed)?;
        let len = bytes.len().min(buffer.len());
        buffer[..len].copy_from_slice(&bytes[..len]);
        Ok(len)
    }

    fn size(&mut self) -> io::Result<u64> {
        Ok(self.meta.size)
    }
}
