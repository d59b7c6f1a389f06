//! TLS by rustls: whom a client believes, and what a server shows.

use core::fmt;
use std::sync::Arc;

use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use ureq::tls::{Certificate, ClientCert, PrivateKey, RootCerts, TlsConfig, TlsProvider};

use zeroize::Zeroizing;

use crate::transport::error::TransportError;

/// Whom a client believes, and how it shows who it is.
#[derive(Clone, Default)]
#[must_use]
pub struct ClientTls {
    roots: Option<Vec<CertificateDer<'static>>>,
    own: Option<Arc<Own>>,
}

/// What a server shows, and from whom it wants a certificate.
#[derive(Clone)]
#[must_use]
pub struct ServerTls(Arc<ServerConfig>);

/// A certificate chain and its key.
struct Own {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
    /// The key as it was given, for the client's library, which takes it so.
    pem: Zeroizing<Vec<u8>>,
}

impl Own {
    fn parse(chain: &[u8], key: &[u8]) -> Result<Self, TransportError> {
        let chain = certificates(chain, "the certificate")?;
        let pem = Zeroizing::new(key.to_vec());
        let key = PrivateKeyDer::from_pem_slice(key).map_err(|_| {
            let what = "the key of the certificate is no private key in PEM (PKCS#8, PKCS#1 or SEC1, not encrypted)";
            TransportError::Address(what.to_owned())
        })?;
        Ok(Self { chain, key, pem })
    }
}

impl ClientTls {
    /// Believes whom the system believes.
    pub fn new() -> Self {
        Self::default()
    }

    /// Believes these authorities, PEM, and nobody else.
    ///
    /// # Errors
    /// [`TransportError::Address`]: there is no certificate in it.
    pub fn authorities(mut self, pem: &[u8]) -> Result<Self, TransportError> {
        let roots = certificates(pem, "the authority")?;
        store(&roots)?;
        self.roots = Some(roots);
        Ok(self)
    }

    /// Shows this certificate, with those between it and its authority, to a server that asks for one. Both are PEM.
    ///
    /// # Errors
    /// [`TransportError::Address`]: one of them is not what it should be, or they do not belong together.
    pub fn certificate(mut self, chain: &[u8], key: &[u8]) -> Result<Self, TransportError> {
        let own = Own::parse(chain, key)?;
        // What does not fit is an error here, and not a surprise when somebody connects.
        let config = rustls::ClientConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .map_err(unfit)?;
        config
            .with_root_certificates(RootCertStore::empty())
            .with_client_auth_cert(own.chain.clone(), own.key.clone_key())
            .map_err(unfit)?;
        self.own = Some(Arc::new(own));
        Ok(self)
    }

    pub(super) fn config(&self) -> TlsConfig {
        let roots = match &self.roots {
            None => RootCerts::PlatformVerifier,
            Some(roots) => RootCerts::new_with_certs(&owned(roots)),
        };
        let own = self.own.as_ref().and_then(|own| {
            // It was read before, by the same rules.
            let key = PrivateKey::from_pem(&own.pem).ok()?;
            Some(ClientCert::new_with_certs(&owned(&own.chain), key))
        });
        TlsConfig::builder()
            .provider(TlsProvider::Rustls)
            .unversioned_rustls_crypto_provider(provider())
            .root_certs(roots)
            .client_cert(own)
            .build()
    }
}

impl ServerTls {
    /// Shows this certificate, with those between it and its authority. Both are PEM.
    ///
    /// # Errors
    /// [`TransportError::Address`]: one of them is not what it should be, or they do not belong together.
    pub fn new(chain: &[u8], key: &[u8]) -> Result<Self, TransportError> {
        Self::build(chain, key, None)
    }

    /// As [`ServerTls::new`], and lets in only who has a certificate of these authorities, PEM.
    ///
    /// # Errors
    /// As [`ServerTls::new`].
    pub fn with_clients_of(
        chain: &[u8],
        key: &[u8],
        authorities: &[u8],
    ) -> Result<Self, TransportError> {
        Self::build(chain, key, Some(authorities))
    }

    fn build(chain: &[u8], key: &[u8], authorities: Option<&[u8]>) -> Result<Self, TransportError> {
        let own = Own::parse(chain, key)?;
        let builder = ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .map_err(unfit)?;
        let builder = match authorities {
            None => builder.with_no_client_auth(),
            Some(pem) => {
                let roots = store(&certificates(pem, "the authority")?)?;
                let verifier =
                    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider())
                        .build();
                builder.with_client_cert_verifier(verifier.map_err(unfit)?)
            }
        };
        let mut config = builder
            .with_single_cert(own.chain, own.key)
            .map_err(unfit)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self(Arc::new(config)))
    }

    pub(super) fn into_config(self) -> Arc<ServerConfig> {
        self.0
    }
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

fn certificates(pem: &[u8], what: &str) -> Result<Vec<CertificateDer<'static>>, TransportError> {
    let all: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    match all {
        Ok(all) if !all.is_empty() => Ok(all),
        _ => Err(TransportError::Address(format!(
            "{what} is no certificate in PEM"
        ))),
    }
}

fn store(certificates: &[CertificateDer<'static>]) -> Result<RootCertStore, TransportError> {
    let mut store = RootCertStore::empty();
    for certificate in certificates {
        store.add(certificate.clone()).map_err(unfit)?;
    }
    Ok(store)
}

fn owned(certificates: &[CertificateDer<'static>]) -> Vec<Certificate<'static>> {
    certificates
        .iter()
        .map(|certificate| Certificate::from_der(certificate).to_owned())
        .collect()
}

fn unfit(error: impl fmt::Display) -> TransportError {
    TransportError::Address(format!(
        "the certificates or their key cannot be used: {error}"
    ))
}

impl fmt::Debug for ClientTls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientTls")
            .field("authorities", &self.roots.is_some())
            .field("certificate", &self.own.is_some())
            .finish()
    }
}

impl fmt::Debug for ServerTls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ServerTls(..)")
    }
}
