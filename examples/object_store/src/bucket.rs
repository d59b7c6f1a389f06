//! The store, and the runtime that its client needs.

use std::error::Error;
use std::io;
use std::time::Duration;

use object_store::RetryConfig;
use object_store::aws::{AmazonS3, AmazonS3Builder};
use tokio::runtime::{Builder, Runtime};

/// How often one request is made again, and for how long, before the store counts as away.
const RETRIES: usize = 4;
const RETRY_FOR: Duration = Duration::from_secs(30);

/// One bucket of a store.
pub(crate) struct Bucket {
    pub(crate) store: AmazonS3,
    pub(crate) runtime: Runtime,
}

impl Bucket {
    /// Asks the store for nothing yet.
    pub(crate) fn open(endpoint: Option<String>, name: &str) -> Result<Self, Box<dyn Error>> {
        // An error only says that one was chosen before.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = AmazonS3Builder::from_env()
            .with_bucket_name(name)
            .with_retry(RetryConfig {
                max_retries: RETRIES,
                retry_timeout: RETRY_FOR,
                ..RetryConfig::default()
            });
        if let Some(endpoint) = endpoint {
            // Never by fallback: what is not asked for with http:// goes over TLS.
            let plain = endpoint.starts_with("http://");
            builder = builder.with_endpoint(endpoint).with_allow_http(plain);
        }
        Ok(Self {
            store: builder.build()?,
            // Parts go out on a thread of their own, while the next is sealed.
            runtime: Builder::new_multi_thread()
                .worker_threads(1)
                .enable_all()
                .build()?,
        })
    }
}

/// Says of a failed request what the store said.
pub(crate) fn failed(error: object_store::Error) -> io::Error {
    io::Error::from(error)
}
