//! TLS, with a certificate authority that is made for each test.

use std::io::{Cursor, Read, Write};
use std::process::Command;

use secimg::format::Limits;
use secimg::transport::http::{ClientTls, HttpClient, HttpTransport, ServerTls};
use secimg::transport::{Outgoing, Receipt, Terms, Transport, TransportError, Verdict};
use tempfile::TempDir;

use super::support::*;

/// An authority, and what it signs.
pub(crate) struct Authority {
    folder: TempDir,
    pem: Vec<u8>,
}

/// A chain and its key, PEM.
pub(crate) struct Identity {
    pub(crate) chain: String,
    pub(crate) key: String,
}

const NEW_KEY: &[&str] = &[
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:P-256",
    "-nodes",
];

impl Authority {
    pub(crate) fn new(name: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let made = Self {
            folder,
            pem: Vec::new(),
        };
        let subject = format!("/CN={name}");
        let mut args = vec![
            "req", "-x509", "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", &subject,
        ];
        args.extend_from_slice(NEW_KEY);
        made.openssl(&args);
        let pem = std::fs::read(made.folder.path().join("ca.pem")).unwrap();
        Self { pem, ..made }
    }

    fn openssl(&self, args: &[&str]) {
        let run = Command::new("openssl")
            .args(args)
            .current_dir(self.folder.path())
            .output()
            .unwrap();
        assert!(
            run.status.success(),
            "{}",
            String::from_utf8_lossy(&run.stderr)
        );
    }

    pub(crate) fn pem(&self) -> &[u8] {
        &self.pem
    }

    /// For a name such as `DNS:images.example` or `IP:127.0.0.1`, and `serverAuth` or `clientAuth`.
    fn sign(&self, name: &str, usage: &str) -> Identity {
        let extensions =
            format!("basicConstraints=CA:FALSE\nsubjectAltName={name}\nextendedKeyUsage={usage}\n");
        file(self.folder.path(), "leaf.cnf", extensions.as_bytes());
        let mut args = vec![
            "req", "-new", "-keyout", "leaf.key", "-out", "leaf.csr", "-subj", "/CN=leaf",
        ];
        args.extend_from_slice(NEW_KEY);
        self.openssl(&args);
        self.openssl(&[
            "x509",
            "-req",
            "-in",
            "leaf.csr",
            "-CA",
            "ca.pem",
            "-CAkey",
            "ca.key",
            "-CAcreateserial",
            "-days",
            "2",
            "-extfile",
            "leaf.cnf",
            "-out",
            "leaf.pem",
        ]);
        let read = |name: &str| std::fs::read_to_string(self.folder.path().join(name)).unwrap();
        Identity {
            chain: read("leaf.pem"),
            key: read("leaf.key"),
        }
    }

    pub(crate) fn server(&self, name: &str) -> Identity {
        self.sign(name, "serverAuth")
    }

    fn client(&self) -> Identity {
        self.sign("DNS:modality-7.example", "clientAuth")
    }
}

fn serve(tls: ServerTls) -> Serving {
    let tls = Some(tls);
    Kind {
        tls,
        ..Kind::opening()
    }
    .serve()
}

pub(crate) fn shows(own: &Identity) -> ServerTls {
    ServerTls::new(own.chain.as_bytes(), own.key.as_bytes()).unwrap()
}

fn send(server: &Serving, tls: &ClientTls) -> Result<Receipt, TransportError> {
    let mut stream = Outgoing::new(Cursor::new(sealed(2)), Limits::DEFAULT).unwrap();
    let transport = HttpTransport::new(HttpClient::new(tls), true);
    transport.deliver(server.address(), &mut stream, &Terms::new())
}

#[test]
fn a_server_that_is_known_is_believed_and_no_other() {
    if !has("openssl", "a_server_that_is_known_is_believed_and_no_other") {
        return;
    }
    let (known, other) = (Authority::new("known"), Authority::new("other"));
    let server = serve(shows(&known.server("IP:127.0.0.1")));
    assert!(server.url.starts_with("https://"));
    let believes = |authority: &Authority| ClientTls::new().authorities(authority.pem()).unwrap();
    let receipt = send(&server, &believes(&known)).unwrap();
    assert_eq!(receipt.verdict, Verdict::Accepted);
    for tls in [believes(&other), ClientTls::new()] {
        let error = send(&server, &tls).unwrap_err();
        assert!(matches!(error, TransportError::Connection(..)), "{error:?}");
        assert!(error.to_string().contains("certificate"), "{error}");
    }
    let misnamed = serve(shows(&known.server("DNS:images.example")));
    let error = send(&misnamed, &believes(&known)).unwrap_err();
    assert!(error.to_string().contains("certificate"), "{error}");
    assert!(misnamed.opened.images.lock().unwrap().is_empty());
    assert_eq!(misnamed.parts(), 0);
}

#[test]
fn a_certificate_is_asked_of_the_client_where_that_is_wanted() {
    if !has(
        "openssl",
        "a_certificate_is_asked_of_the_client_where_that_is_wanted",
    ) {
        return;
    }
    let (ours, theirs) = (Authority::new("ours"), Authority::new("theirs"));
    let own = ours.server("IP:127.0.0.1");
    let tls = ServerTls::with_clients_of(own.chain.as_bytes(), own.key.as_bytes(), theirs.pem());
    let server = serve(tls.unwrap());
    let believes = || ClientTls::new().authorities(ours.pem()).unwrap();
    let shows = |own: &Identity| believes().certificate(own.chain.as_bytes(), own.key.as_bytes());
    assert_eq!(
        send(&server, &shows(&theirs.client()).unwrap())
            .unwrap()
            .verdict,
        Verdict::Accepted
    );
    send(&server, &believes()).unwrap_err();
    send(&server, &shows(&ours.client()).unwrap()).unwrap_err();
    assert_eq!(server.opened.images.lock().unwrap().len(), 2);
}

#[test]
fn plain_and_tls_do_not_fall_back_to_each_other() {
    if !has("openssl", "plain_and_tls_do_not_fall_back_to_each_other") {
        return;
    }
    let authority = Authority::new("known");
    let server = serve(shows(&authority.server("IP:127.0.0.1")));
    // Plain HTTP at a TLS port.
    let mut plain = server.connect();
    plain
        .write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        .unwrap();
    let mut answer = Vec::new();
    let _: std::io::Result<usize> = plain.read_to_end(&mut answer);
    assert!(
        !answer.starts_with(b"HTTP/"),
        "{:?}",
        String::from_utf8_lossy(&answer)
    );
    let mut stream = Outgoing::new(Cursor::new(sealed(1)), Limits::DEFAULT).unwrap();
    let http = HttpTransport::new(HttpClient::new(&ClientTls::new()), false);
    http.deliver(server.address(), &mut stream, &Terms::new())
        .unwrap_err();
    // TLS at a plain port.
    let plain = Kind::opening().serve();
    let tls = ClientTls::new().authorities(authority.pem()).unwrap();
    let error = send(&plain, &tls).unwrap_err();
    assert!(matches!(error, TransportError::Connection(..)), "{error:?}");
    assert_eq!((server.parts(), plain.parts()), (0, 0));
}

#[test]
fn what_is_no_certificate_is_said_before_anybody_connects() {
    if !has(
        "openssl",
        "what_is_no_certificate_is_said_before_anybody_connects",
    ) {
        return;
    }
    let authority = Authority::new("known");
    let (one, two) = (
        authority.server("DNS:a.example"),
        authority.server("DNS:b.example"),
    );
    let (chain, key) = (one.chain.as_bytes(), one.key.as_bytes());
    let bad = [
        ServerTls::new(b"", key).map(drop),
        ServerTls::new(chain, b"").map(drop),
        ServerTls::new(key, chain).map(drop),
        ServerTls::new(chain, two.key.as_bytes()).map(drop),
        ServerTls::with_clients_of(chain, key, b"nothing").map(drop),
        ClientTls::new().authorities(b"nothing").map(drop),
        ClientTls::new()
            .certificate(chain, two.key.as_bytes())
            .map(drop),
        ClientTls::new().certificate(chain, chain).map(drop),
    ];
    for (number, result) in bad.into_iter().enumerate() {
        assert!(
            matches!(result, Err(TransportError::Address(_))),
            "{number}: {result:?}"
        );
    }
}
