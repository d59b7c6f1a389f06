//! Builds with HTTP: one client for all URLs of a command.

use std::path::PathBuf;

use secimg::io::ReadAt;
use secimg::io::private::Sharing;
use secimg::transport::TransportError;
use secimg::transport::http::HttpClient;

use super::url_of;
use crate::args::TlsArgs;
use crate::exit::Failure;
use crate::inputs::Source;
use crate::tls;

#[derive(Debug)]
pub(crate) struct Web {
    client: HttpClient,
}

impl Web {
    /// Takes the certificates that were named, which must be of use to one of the arguments.
    pub(crate) fn new(
        arguments: &[PathBuf],
        certificates: &TlsArgs,
        sharing: Sharing,
    ) -> Result<Self, Failure> {
        tls::check_any(certificates, arguments.iter().filter_map(|one| url_of(one)))?;
        let client = HttpClient::new(&tls::of_client(certificates, sharing)?);
        Ok(Self { client })
    }

    /// Reads all of it, in order.
    pub(crate) fn get(&self, url: &str) -> Result<Source, Failure> {
        let download = self.client.get(url)?;
        Ok(Source {
            len: download.content_length(),
            reader: Box::new(download),
            metadata: None,
        })
    }

    /// Reads it at places; nothing where its server gives no ranges.
    pub(crate) fn open(&self, url: &str) -> Result<Option<Box<dyn ReadAt>>, Failure> {
        match self.client.open(url) {
            Ok(remote) => Ok(Some(Box::new(remote))),
            Err(TransportError::NoRanges(_)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}
