//! URLs of this transport: `http://` and `https://`, a host, a port, a path. No credentials: a URL stands in process lists
//! and in logs.

use core::fmt;
use core::net::Ipv6Addr;

use axum::http::Uri;

use crate::transport::error::TransportError;

/// Where something is. What it shows of itself has no query: whoever signs URLs puts secrets there.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Place {
    tls: bool,
    /// IPv6 addresses in brackets.
    host: String,
    port: u16,
    path: String,
    query: Option<String>,
}

impl Place {
    /// Parses a whole URL.
    pub(super) fn parse(url: &str) -> Result<Self, TransportError> {
        parse(url).map_err(|why| TransportError::Address(format!("not an HTTP address: {why}")))
    }

    pub(super) const fn is_tls(&self) -> bool {
        self.tls
    }

    pub(super) const fn scheme(&self) -> &'static str {
        if self.tls { "https" } else { "http" }
    }

    pub(super) const fn port(&self) -> u16 {
        self.port
    }

    /// The host as the system's resolver takes it.
    pub(super) fn host_name(&self) -> &str {
        self.host.trim_matches(['[', ']'])
    }

    /// Tells whether it names a host and nothing on it.
    pub(super) fn is_root(&self) -> bool {
        self.path == "/" && self.query.is_none()
    }

    /// Tells whether it ends like a folder.
    pub(super) fn is_folder(&self) -> bool {
        self.path.ends_with('/')
    }

    /// The whole of it, for a request.
    pub(super) fn url(&self) -> String {
        let query = self
            .query
            .as_ref()
            .map_or_else(String::new, |query| format!("?{query}"));
        format!("{self}{query}")
    }

    /// A name in this folder, or beside this file.
    pub(super) fn beside(&self, name: &str) -> Self {
        let folder = self.path.rfind('/').map_or("/", |at| &self.path[..=at]);
        Self {
            path: format!("{folder}{name}"),
            query: None,
            ..self.clone()
        }
    }

    /// What comes behind it.
    pub(super) fn below(&self, name: &str) -> Self {
        Self {
            path: format!("{}/{name}", self.path.trim_end_matches('/')),
            query: None,
            ..self.clone()
        }
    }

    /// Follows a reference that a server gave, if it stays on that server.
    pub(super) fn follow(&self, reference: &str) -> Result<Self, TransportError> {
        let elsewhere = || {
            TransportError::Address(format!(
                "{self} names another server; nothing is sent there"
            ))
        };
        if let Some(rest) = reference.strip_prefix("//") {
            return self.follow(&format!("{}://{rest}", self.scheme()));
        }
        if reference.contains("://") {
            let other = Self::parse(reference).map_err(|_| elsewhere())?;
            let same = other.tls == self.tls
                && other.port == self.port
                && other.host.eq_ignore_ascii_case(&self.host);
            return if same { Ok(other) } else { Err(elsewhere()) };
        }
        let origin = format!("{}://{}:{}", self.scheme(), self.host, self.port);
        let path = if reference.starts_with('/') {
            reference.to_owned()
        } else {
            self.beside(reference.strip_prefix("./").unwrap_or(reference))
                .path
        };
        Self::parse(&format!("{origin}{path}")).map_err(|_| elsewhere())
    }
}

fn parse(url: &str) -> Result<Place, &'static str> {
    if url.contains('#') {
        return Err("a part behind # means nothing to a server");
    }
    let uri: Uri = url
        .parse()
        .map_err(|_| "it must be http://host, http://host:port/path or the same with https")?;
    let tls = match uri.scheme_str() {
        Some("http") => false,
        Some("https") => true,
        _ => return Err("it must begin with http:// or https://"),
    };
    let authority = uri.authority().ok_or("it names no host")?;
    if authority.as_str().contains('@') {
        return Err("a user name or password does not belong into a URL");
    }
    let host = authority.host();
    let bracketed = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    match bracketed {
        Some(address) if address.parse::<Ipv6Addr>().is_err() => {
            return Err("what stands in brackets is no address");
        }
        None if host.is_empty() => return Err("it names no host"),
        _ => {}
    }
    let port = match authority.as_str()[host.len()..].strip_prefix(':') {
        Some(port) => port.parse().map_err(|_| "its port is no number")?,
        None if tls => 443,
        None => 80,
    };
    if uri
        .path()
        .split('/')
        .any(|segment| matches!(segment, ".." | "."))
    {
        return Err("its path goes up");
    }
    Ok(Place {
        tls,
        host: host.to_owned(),
        port,
        path: if uri.path().is_empty() {
            "/".to_owned()
        } else {
            uri.path().to_owned()
        },
        query: uri.query().map(str::to_owned),
    })
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}://{}:{}{}",
            self.scheme(),
            self.host,
            self.port,
            self.path
        )
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Place({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(url: &str) -> Place {
        Place::parse(url).unwrap()
    }

    #[test]
    fn urls_are_read_and_shown_without_their_query() {
        let cases = [
            ("http://host", "http://host:80/"),
            ("HTTPS://host/a/b?token=1", "https://host:443/a/b"),
            ("http://127.0.0.1:8000/", "http://127.0.0.1:8000/"),
            ("http://[::1]:8000/x", "http://[::1]:8000/x"),
        ];
        for (url, shown) in cases {
            assert_eq!(place(url).to_string(), shown);
        }
        assert_eq!(place("http://h/a?b=c").url(), "http://h:80/a?b=c");
        assert!(!format!("{:?}", place("http://h/a?secret")).contains("secret"));
        assert_eq!(place("http://[::1]:8/x").host_name(), "::1");
    }

    #[test]
    fn what_is_no_address_is_refused_and_a_password_is_not_repeated() {
        for bad in [
            "",
            "host",
            "tcp://host:1",
            "ftp://h/",
            "http://",
            "http:///x",
            "http://h:99999",
            "http://h:x",
            "http://h:",
            "http://[::x]/",
            "http://user:hunter2@h/",
            "http://h/#hunter2",
            "http://h/../hunter2",
            "http://h/a b",
        ] {
            let error = Place::parse(bad).unwrap_err().to_string();
            assert!(!error.contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn references_are_followed_on_the_same_server_only() {
        let base = place("https://h:8/a/b");
        let cases = [
            ("c", "https://h:8/a/c"),
            ("./c/d", "https://h:8/a/c/d"),
            ("/c?x=y", "https://h:8/c?x=y"),
            ("https://H:8/z", "https://H:8/z"),
            ("//h:8/z", "https://h:8/z"),
        ];
        for (reference, url) in cases {
            assert_eq!(base.follow(reference).unwrap().url(), url, "{reference}");
        }
        for bad in [
            "http://h:8/z",
            "https://h/z",
            "https://other:8/z",
            "//other/z",
            "../z",
            "https://u:p@h:8/z",
            "file:///etc/passwd",
        ] {
            assert!(base.follow(bad).is_err(), "{bad}");
        }
        assert_eq!(
            place("http://h/a/").beside("x").to_string(),
            "http://h:80/a/x"
        );
        assert_eq!(
            place("http://h/a").below("x").to_string(),
            "http://h:80/a/x"
        );
    }
}
