//! Keys, key wrapping and signatures, both ways with the `openssl` command.
//!
//! Where OpenSSL 3 is missing the tests say so and pass, unless `SECIMG_REQUIRE_TOOLS` is set.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on shall stop"
)]

use std::fs;
use std::io::{Write, stderr};
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;

use secimg::content::SignatureAlgorithm;
use secimg::crypto::{Cek, Random, system_rng};
use secimg::format::Limits;
use secimg::keys::{
    GenerateKind, Identity, KeyError, PrivateKey, PublicKey, Recipient, SymmetricKey,
    UnwrapContext, VerifyingKey, WrapContext,
};
use tempfile::TempDir;

const PASSPHRASE: &str = "Tr0ub4dor & 3";
const CONTEXT: WrapContext<'_> = WrapContext::new(&[1; 32], &[2; 32]);

/// A folder in which `openssl` works, with the passphrase in the files `pass` and `pass2`.
struct Bench {
    dir: TempDir,
}

impl Bench {
    /// Nothing where there is no OpenSSL of version 3 or later.
    fn new() -> Option<Self> {
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
            // Not `eprintln!`, which the test runner keeps to itself.
            stderr()
                .write_all(b"SKIPPED: openssl not found (version 3 or later)\n")
                .unwrap();
            return None;
        }
        let bench = Self {
            dir: tempfile::tempdir().unwrap(),
        };
        bench.write("pass", PASSPHRASE);
        bench.write("pass2", PASSPHRASE);
        Some(bench)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.path(name), content).unwrap();
    }

    fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap()
    }

    /// Runs a program with words that spaces separate.
    fn try_run(&self, program: &str, words: &str) -> Result<Vec<u8>, String> {
        let mut command = Command::new(program);
        let out = command
            .args(words.split(' '))
            .current_dir(self.dir.path())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&out.stderr).into_owned();
        if out.status.success() {
            Ok(out.stdout)
        } else {
            Err(format!("{words}: {said}"))
        }
    }

    fn openssl(&self, words: &str) -> Vec<u8> {
        self.try_run("openssl", words).unwrap()
    }

    /// Makes `key`, plain, and `key.pub`.
    fn generate(&self, options: &str) {
        self.openssl(&format!("genpkey {options} -out key"));
        self.openssl("pkey -in key -pubout -out key.pub");
    }

    fn private(&self, name: &str) -> PrivateKey {
        PrivateKey::from_pem(&self.read(name), Some(PASSPHRASE.as_bytes())).unwrap()
    }

    fn public(&self, name: &str) -> PublicKey {
        PublicKey::from_pem(&self.read(name)).unwrap()
    }
}

const ED25519: &str = "-algorithm ED25519";

fn rsa(bits: usize) -> String {
    format!("-algorithm RSA -pkeyopt rsa_keygen_bits:{bits}")
}

#[test]
fn keys_that_openssl_writes_are_read() {
    let Some(bench) = Bench::new() else { return };
    for options in [&rsa(2048), &rsa(3072), &rsa(4096), ED25519] {
        bench.generate(options);
        let spki = bench.openssl("pkey -in key -pubout -outform DER");
        let (private, public) = (bench.private("key"), bench.public("key.pub"));
        assert_eq!(private.public(), &public);
        assert_eq!(public.spki(), spki);
        assert_eq!(
            private.to_pem().unwrap().as_bytes(),
            bench.read("key"),
            "byte for byte"
        );
        assert_eq!(
            public.to_pem().as_bytes(),
            bench.read("key.pub"),
            "byte for byte"
        );

        bench.openssl("pkey -in key -aes256 -passout file:pass -out aes256");
        bench.openssl("pkcs8 -topk8 -in key -passout file:pass -out default");
        bench.openssl("pkcs8 -topk8 -iter 1000000 -in key -passout file:pass -out costly");
        bench.openssl("pkcs8 -topk8 -scrypt -in key -passout file:pass -out scrypt");
        for name in ["aes256", "default", "costly", "scrypt"] {
            assert!(PrivateKey::is_encrypted_pem(&bench.read(name)), "{name}");
            assert_eq!(bench.private(name).public(), &public, "{name}");
            let wrong = PrivateKey::from_pem(&bench.read(name), Some(b"Tr0ub4dor")).unwrap_err();
            assert_eq!(wrong, KeyError::WrongKeyPassphrase, "{name}");
        }
    }
}

#[test]
fn keys_that_we_write_are_read_by_openssl() {
    let Some(bench) = Bench::new() else { return };
    for kind in [
        GenerateKind::Rsa { bits: 2048 },
        GenerateKind::default(),
        GenerateKind::Ed25519,
    ] {
        let key = PrivateKey::generate(kind).unwrap();
        bench.write("plain", key.to_pem().unwrap().as_bytes());
        bench.write(
            "sealed",
            key.to_encrypted_pem(PASSPHRASE.as_bytes())
                .unwrap()
                .as_bytes(),
        );
        bench.write("pub", key.public().to_pem());
        bench.openssl("pkey -in plain -check -noout");
        for words in [
            "-in plain -pubout",
            "-in sealed -passin file:pass -pubout",
            "-pubin -in pub",
        ] {
            let spki = bench.openssl(&format!("pkey {words} -outform DER"));
            assert_eq!(spki, key.public().spki(), "{words}");
        }
        assert_eq!(
            bench.openssl("pkey -in sealed -passin file:pass"),
            bench.read("plain")
        );
        let structure = bench.openssl("asn1parse -in sealed");
        let structure = String::from_utf8(structure).unwrap();
        for word in ["PBES2", "PBKDF2", "0927C0", "hmacWithSHA256", "aes-256-cbc"] {
            assert!(structure.contains(word), "{word} in {structure}");
        }
        bench.write("pass", "another");
        assert!(
            bench
                .try_run("openssl", "pkey -in sealed -passin file:pass -noout")
                .is_err()
        );
        bench.write("pass", PASSPHRASE);
    }
}

#[test]
fn the_fingerprint_is_what_sha256_says() {
    let Some(bench) = Bench::new() else { return };
    bench.generate(ED25519);
    bench.openssl("pkey -pubin -in key.pub -outform DER -out spki");
    let digest = String::from_utf8(bench.openssl("dgst -sha256 -r spki")).unwrap();
    let fingerprint = bench.public("key.pub").fingerprint().to_string();
    assert_eq!(fingerprint, format!("sha256:{}", &digest[..64]));
}

/// Every command that an error names does what it promises.
#[test]
fn other_forms_are_converted_as_the_errors_say() {
    let Some(bench) = Bench::new() else { return };
    let command = |error: KeyError| match error {
        KeyError::Convert { command, .. } => command,
        other => panic!("{other}"),
    };
    let private = |name| command(PrivateKey::from_pem(&bench.read(name), Some(b"x")).unwrap_err());
    let public = |name| command(PublicKey::from_pem(&bench.read(name)).unwrap_err());
    bench.generate(&rsa(2048));
    let key = bench.public("key.pub");

    bench.openssl("rsa -in key -traditional -out pkcs1");
    assert!(private("pkcs1").starts_with("openssl pkcs8 -topk8 -v2 aes-256-cbc -in KEY -out NEW"));
    bench.openssl("pkcs8 -topk8 -v2 aes-256-cbc -in pkcs1 -out new -passout file:pass");
    assert_eq!(bench.private("new").public(), &key);
    bench.openssl("pkcs8 -topk8 -nocrypt -in pkcs1 -out new");
    assert_eq!(bench.private("new").public(), &key);

    bench.openssl(
        "pkcs8 -topk8 -v2 aes-256-cbc -v2prf hmacWithSHA1 -in key -out sha1 -passout file:pass",
    );
    let said = private("sha1");
    assert_eq!(
        said,
        "openssl pkcs8 -topk8 -v2 aes-256-cbc -v2prf hmacWithSHA256 -in KEY -out NEW"
    );
    let said = said
        .trim_start_matches("openssl ")
        .replace("KEY", "sha1")
        .replace("NEW", "new");
    bench.openssl(&format!("{said} -passin file:pass -passout file:pass2"));
    assert_eq!(bench.private("new").public(), &key);

    bench.openssl("rsa -in key -RSAPublicKey_out -out pkcs1");
    let said = public("pkcs1")
        .trim_start_matches("openssl ")
        .replace("KEY ", "pkcs1 ");
    bench.openssl(&said.replace("NEW", "new"));
    assert_eq!(bench.public("new"), key);

    bench.openssl("pkey -in key -pubout -outform DER -out der");
    assert!(public("der").starts_with("openssl pkey -inform DER -in KEY -out NEW (with -pubin"));
    bench.openssl("pkey -inform DER -in der -out new -pubin");
    assert_eq!(bench.public("new"), key);

    bench.openssl("req -x509 -key key -subj /CN=x -days 1 -out cert");
    let said = public("cert")
        .trim_start_matches("openssl ")
        .replace("CERT", "cert");
    bench.write("new", bench.openssl(said.trim_end_matches(" > KEY.pub")));
    assert_eq!(bench.public("new"), key);
}

#[test]
fn bags_and_windows_line_ends_are_read() {
    let Some(bench) = Bench::new() else { return };
    bench.generate(&rsa(2048));
    bench.openssl("req -x509 -key key -subj /CN=x -days 1 -out cert");
    bench.openssl("pkcs12 -export -inkey key -in cert -out p12 -passout file:pass -name Röntgen");
    bench.openssl("pkcs12 -in p12 -nocerts -noenc -passin file:pass -out bag");
    // The name is written in Latin-1: the text around the block need not be UTF-8.
    let bag = bench.read("bag");
    assert!(bag.starts_with(b"Bag Attributes"));
    let lines: Vec<&[u8]> = bag.split(|&byte| byte == b'\n').collect();
    bench.write("windows", lines.join(b"\r\n".as_slice()));
    for name in ["bag", "windows"] {
        assert_eq!(
            bench.private(name).public(),
            &bench.public("key.pub"),
            "{name}"
        );
    }
}

#[test]
fn weak_and_foreign_keys_are_refused() {
    let Some(bench) = Bench::new() else { return };
    let private = || PrivateKey::from_pem(&bench.read("key"), None).unwrap_err();
    let public = || PublicKey::from_pem(&bench.read("key.pub")).unwrap_err();
    bench.generate(&rsa(1024));
    assert_eq!(
        (private(), public()),
        (
            KeyError::RsaSize { bits: 1024 },
            KeyError::RsaSize { bits: 1024 }
        )
    );
    bench.generate(&format!("{} -pkeyopt rsa_keygen_pubexp:3", rsa(2048)));
    assert!(matches!(
        (private(), public()),
        (KeyError::RsaUnsound(_), KeyError::RsaUnsound(_))
    ));
    bench.generate(&format!("{} -pkeyopt rsa_keygen_primes:3", rsa(2048)));
    assert_eq!(
        private(),
        KeyError::RsaUnsound("it has more than two primes")
    );
    for options in [
        "-algorithm EC -pkeyopt ec_paramgen_curve:P-256",
        "-algorithm X25519",
        "-algorithm ED448",
        "-algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048",
    ] {
        bench.generate(options);
        for refused in [private(), public()] {
            let unsupported = matches!(refused, KeyError::UnsupportedAlgorithm(_));
            assert!(unsupported, "{options}: {refused:?}");
        }
    }
}

fn unwrap(identity: &Arc<dyn Identity>, body: &[u8]) -> Option<Vec<u8>> {
    let limits = Limits::DEFAULT;
    let cek = identity
        .unwrap(body, UnwrapContext::new(CONTEXT, &limits))
        .unwrap();
    cek.map(|cek| cek.expose().to_vec())
}

fn wrap(recipient: &Arc<dyn Recipient>, cek: &[u8]) -> Vec<u8> {
    let cek = Cek::from_slice(cek).unwrap();
    recipient
        .wrap(&cek, CONTEXT, &mut Random::new(&mut system_rng()))
        .unwrap()
}

#[test]
fn oaep_goes_both_ways() {
    const OAEP: &str =
        "-pkeyopt rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:sha256 -pkeyopt rsa_mgf1_md:sha256";
    let Some(bench) = Bench::new() else { return };
    for bits in [2048, 3072, 4096] {
        bench.generate(&rsa(bits));
        let (recipient, identity) = (
            bench.public("key.pub").recipient().unwrap(),
            bench.private("key").identity().unwrap(),
        );
        let cek = bench.openssl("rand 32");
        bench.write("cek", &cek);
        bench.openssl(&format!(
            "pkeyutl -encrypt -pubin -inkey key.pub {OAEP} -in cek -out body"
        ));
        assert_eq!(unwrap(&identity, &bench.read("body")), Some(cek.clone()));
        bench.write("body", wrap(&recipient, &cek));
        let opened = bench.openssl(&format!("pkeyutl -decrypt -inkey key {OAEP} -in body"));
        assert_eq!(opened, cek);

        // OAEP with SHA-1, openssl's default, is another scheme.
        bench.openssl(
            "pkeyutl -encrypt -pubin -inkey key.pub -pkeyopt rsa_padding_mode:oaep -in cek -out body",
        );
        assert_eq!(unwrap(&identity, &bench.read("body")), None);
    }
}

fn sign(key: &PrivateKey, message: &[u8]) -> Vec<u8> {
    key.signer()
        .unwrap()
        .sign(message, &mut Random::new(&mut system_rng()))
        .unwrap()
}

#[test]
fn pss_goes_both_ways() {
    const PSS: &str = "-sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_mgf1_md:sha256";
    let Some(bench) = Bench::new() else { return };
    for bits in [2048, 3072, 4096] {
        bench.generate(&rsa(bits));
        let message = bench.openssl("rand 1000");
        bench.write("message", &message);
        let spki = bench.public("key.pub").spki().to_vec();
        let verifier = VerifyingKey::from_spki(SignatureAlgorithm::RsaPssSha256, &spki).unwrap();
        let theirs = |salt: &str| {
            bench.openssl(&format!(
                "dgst {PSS} -sigopt rsa_pss_saltlen:{salt} -sign key -out theirs message"
            ));
            verifier.verify(&message, &bench.read("theirs")).is_ok()
        };
        assert!(theirs("32"));
        assert!(
            !theirs("20") && !theirs("max"),
            "the salt has 32 bytes and no other length"
        );
        bench.write("ours", sign(&bench.private("key"), &message));
        bench.openssl(&format!(
            "dgst {PSS} -sigopt rsa_pss_saltlen:32 -verify key.pub -signature ours message"
        ));
    }
}

#[test]
fn ed25519_goes_both_ways() {
    let Some(bench) = Bench::new() else { return };
    bench.generate(ED25519);
    let message = bench.openssl("rand 1000");
    bench.write("message", &message);
    bench.openssl("pkeyutl -sign -inkey key -rawin -in message -out theirs");
    let verifier = bench.public("key.pub").verifying_key().unwrap();
    verifier.verify(&message, &bench.read("theirs")).unwrap();
    let ours = sign(&bench.private("key"), &message);
    assert_eq!(
        ours,
        bench.read("theirs"),
        "Ed25519 has one signature for a message"
    );
    bench.write("ours", ours);
    bench.openssl("pkeyutl -verify -pubin -inkey key.pub -rawin -in message -sigfile ours");
}

#[test]
fn symmetric_key_files_are_what_openssl_rand_prints() {
    let Some(bench) = Bench::new() else { return };
    let base64 = bench.openssl("rand -base64 32");
    let key = SymmetricKey::from_file_bytes(&base64).unwrap();
    assert_eq!(key.to_file_text().as_bytes(), base64);
    for words in ["rand -hex 32", "rand 32"] {
        assert!(
            SymmetricKey::from_file_bytes(&bench.openssl(words)).is_ok(),
            "{words}"
        );
    }
}
