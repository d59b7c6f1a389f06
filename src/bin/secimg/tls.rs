//! `--tls-cert`, `--tls-key` and `--tls-ca`: for `https://`, and for nothing else.

use std::path::Path;

use secimg::io::private::{Sharing, read_bounded, read_private};
use secimg::transport::http::{ClientTls, ServerTls};

use crate::args::TlsArgs;
use crate::exit::Failure;

/// No chain of certificates, and no list of authorities, is longer.
const MOST: u64 = 4 << 20;

/// Tells what a URL's scheme is, if it is one of HTTP: whether with TLS.
pub(crate) fn http_scheme(url: &str) -> Option<bool> {
    let (scheme, _) = url.split_once("://")?;
    match scheme.to_ascii_lowercase().as_str() {
        "http" => Some(false),
        "https" => Some(true),
        _ => None,
    }
}

/// Refuses certificates where nobody would look at them.
pub(crate) fn check(args: &TlsArgs, url: &str) -> Result<(), Failure> {
    let given = args.cert.is_some() || args.key.is_some() || args.ca.is_some();
    if given && http_scheme(url) != Some(true) {
        return Err(Failure::usage(
            "--tls-cert, --tls-key and --tls-ca are for https://",
        ));
    }
    Ok(())
}

/// As [`check`], where one of several URLs is enough.
pub(crate) fn check_any<'a>(
    args: &TlsArgs,
    urls: impl Iterator<Item = &'a str>,
) -> Result<(), Failure> {
    let mut urls = urls.peekable();
    let first = urls.peek().copied().unwrap_or_default();
    check(
        args,
        urls.find(|url| http_scheme(url) == Some(true))
            .unwrap_or(first),
    )
}

/// What a client believes and shows.
pub(crate) fn of_client(args: &TlsArgs, sharing: Sharing) -> Result<ClientTls, Failure> {
    let mut tls = ClientTls::new();
    if let Some(file) = &args.ca {
        tls = tls.authorities(&public(file)?)?;
    }
    if let (Some(chain), Some(key)) = (&args.cert, &args.key) {
        tls = tls.certificate(&public(chain)?, &read_private(key, sharing, MOST)?)?;
    }
    Ok(tls)
}

/// What a receiver shows, and whom it lets in.
pub(crate) fn of_server(args: &TlsArgs, sharing: Sharing) -> Result<ServerTls, Failure> {
    let (Some(chain), Some(key)) = (&args.cert, &args.key) else {
        return Err(Failure::usage("https:// needs --tls-cert and --tls-key"));
    };
    let (chain, key) = (public(chain)?, read_private(key, sharing, MOST)?);
    Ok(match &args.ca {
        None => ServerTls::new(&chain, &key)?,
        Some(file) => ServerTls::with_clients_of(&chain, &key, &public(file)?)?,
    })
}

fn public(file: &Path) -> Result<Vec<u8>, Failure> {
    Ok(read_bounded(file, MOST)?)
}
