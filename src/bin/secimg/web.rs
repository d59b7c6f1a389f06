//! Sealed streams on servers: a URL stands where a file does.

use std::path::Path;

#[cfg(not(feature = "http"))]
mod absent;
#[cfg(feature = "http")]
mod client;

#[cfg(not(feature = "http"))]
pub(crate) use absent::Web;
#[cfg(feature = "http")]
pub(crate) use client::Web;

/// Tells whether an argument is a URL of HTTP. Whoever has a folder `http:` says `./http:`.
pub(crate) fn url_of(argument: &Path) -> Option<&str> {
    let url = argument.to_str()?;
    let (scheme, _) = url.split_once("://")?;
    let is_http = scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https");
    is_http.then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_told_from_files() {
        for url in ["http://h/a", "HTTPS://h", "http://"] {
            assert_eq!(url_of(Path::new(url)), Some(url));
        }
        for file in ["http:/h/a", "./http://h/a", "tcp://h:1", "a.secimg", "-"] {
            assert_eq!(url_of(Path::new(file)), None, "{file}");
        }
    }
}
