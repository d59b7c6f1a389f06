//! `send --to http://` and `https://`: with the certificates that were named.

use secimg::transport::http::{HttpClient, HttpTransport};

use crate::args::SendArgs;
use crate::exit::Failure;
use crate::tls;

/// The transport for a URL of this kind.
pub(super) fn transport(args: &SendArgs) -> Result<Option<HttpTransport>, Failure> {
    tls::check(&args.tls, &args.to)?;
    let Some(with_tls) = tls::http_scheme(&args.to) else {
        return Ok(None);
    };
    let sharing = args.seal.access.sharing();
    let client = HttpClient::new(&tls::of_client(&args.tls, sharing)?);
    Ok(Some(HttpTransport::new(client, with_tls)))
}
