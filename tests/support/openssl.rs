//! Certificates made by the `openssl` command while a test runs.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// `openssl ca` is the one command of OpenSSL 3.0 that takes the dates of a certificate.
const CA_CONFIG: &str = "\
[ca]
default_ca = this
[this]
database = index.txt
new_certs_dir = .
rand_serial = yes
default_md = default
policy = any
unique_subject = no
email_in_dn = yes
[any]
commonName = optional
[req]
distinguished_name = empty
[empty]
";

/// What a certificate of a person says in this file's tests.
pub(crate) const OWN: &str = "basicConstraints=critical,CA:FALSE";
pub(crate) const FOR_KEYS: &str = "keyUsage=critical,keyEncipherment";
pub(crate) const FOR_SIGNING: &str = "keyUsage=critical,digitalSignature";
pub(crate) const FOR_MAIL: &str = "extendedKeyUsage=emailProtection";
pub(crate) const FOR_TLS: &str = "extendedKeyUsage=serverAuth,clientAuth";
pub(crate) const OF_AUTHORITY: &str = "basicConstraints=critical,CA:TRUE";

/// A folder in which `openssl` makes keys and certificates.
pub(crate) struct Openssl {
    dir: TempDir,
}

impl Openssl {
    /// Nothing where there is no OpenSSL of version 3 or later; that fails where `SECIMG_REQUIRE_TOOLS`
    /// is set.
    pub(crate) fn new() -> Option<Self> {
        let version = Command::new("openssl").arg("version").output();
        let version = version.map(|out| String::from_utf8_lossy(&out.stdout).into_owned());
        let major = version
            .ok()
            .as_deref()
            .and_then(|v| v.strip_prefix("OpenSSL ")?.split('.').next()?.parse().ok());
        if major.unwrap_or(0) < 3 {
            assert!(
                std::env::var_os("SECIMG_REQUIRE_TOOLS").is_none(),
                "openssl 3 not found"
            );
            say!("SKIPPED: openssl not found (version 3 or later)");
            return None;
        }
        let openssl = Self {
            dir: tempfile::tempdir().unwrap(),
        };
        openssl.write("ca.cnf", CA_CONFIG);
        openssl.write("index.txt", "");
        Some(openssl)
    }

    pub(crate) fn folder(&self) -> &Path {
        self.dir.path()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.path(name), content).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap()
    }

    /// Runs `openssl` with these words, and with more that may have spaces in them.
    pub(crate) fn run_with(&self, words: &str, more: &[&str]) -> Vec<u8> {
        let mut command = Command::new("openssl");
        let out = command
            .args(words.split(' '))
            .args(more)
            .current_dir(self.dir.path())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&out.stderr);
        assert!(out.status.success(), "{words} {more:?}: {said}");
        out.stdout
    }

    pub(crate) fn run(&self, words: &str) -> String {
        String::from_utf8(self.run_with(words, &[])).unwrap()
    }

    /// Makes a private key NAME.key, such as `RSA:3072`, `EC:P-256`, `ED25519`.
    pub(crate) fn key(&self, name: &str, kind: &str) {
        let (algorithm, option) = match kind.split_once(':') {
            Some(("EC", curve)) => ("EC", format!(" -pkeyopt ec_paramgen_curve:{curve}")),
            Some((rsa, bits)) => (rsa, format!(" -pkeyopt rsa_keygen_bits:{bits}")),
            None => (kind, String::new()),
        };
        let out = format!("genpkey -algorithm {algorithm}{option} -out {name}.key");
        self.run(&out);
        restrict(&self.path(&format!("{name}.key")));
    }

    /// Makes a self-signed certificate NAME.crt of the key KEY.key, valid from now, for a month.
    pub(crate) fn certificate(&self, name: &str, key: &str, subject: &str, extensions: &[&str]) {
        let mut more = vec!["-subj", subject];
        more.extend(
            extensions
                .iter()
                .flat_map(|extension| ["-addext", extension]),
        );
        let words =
            format!("req -x509 -utf8 -days 30 -config ca.cnf -key {key}.key -out {name}.crt");
        self.run_with(&words, &more);
    }

    /// The same with dates of its own, in the form `20200101000000Z`.
    pub(crate) fn dated(&self, name: &str, key: &str, from: &str, to: &str, extensions: &[&str]) {
        self.request(name, key, &format!("/CN={name}"));
        self.write("extensions", extensions.join("\n"));
        self.run(&format!(
            "ca -batch -notext -config ca.cnf -selfsign -keyfile {key}.key -in {name}.csr \
             -extfile extensions -startdate {from} -enddate {to} -out {name}.crt"
        ));
    }

    /// The same, issued by the certificate ISSUER.crt with its key ISSUER.key.
    pub(crate) fn issued(&self, name: &str, key: &str, issuer: &str, extensions: &[&str]) {
        self.request(name, key, &format!("/CN={name}"));
        self.write("extensions", extensions.join("\n"));
        self.run(&format!(
            "x509 -req -days 30 -in {name}.csr -CA {issuer}.crt -CAkey {issuer}.key -CAcreateserial \
             -extfile extensions -out {name}.crt"
        ));
    }

    fn request(&self, name: &str, key: &str, subject: &str) {
        let words = format!("req -new -config ca.cnf -key {key}.key -out {name}.csr");
        self.run_with(&words, &["-subj", subject]);
    }
}

/// As `genpkey` has it on most systems already.
fn restrict(path: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
    }
    #[cfg(not(unix))]
    let _ = path;
}
