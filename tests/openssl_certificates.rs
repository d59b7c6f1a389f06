//! Certificates that the `openssl` command makes, read by the library.
//!
//! Where OpenSSL 3 is missing the tests say so and pass, unless `SECIMG_REQUIRE_TOOLS` is set.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that goes wrong shall stop"
)]

use secimg::keys::{
    Certificate, CertificateFile, CertificateFinding, CertificatePurpose, KeyError, PrivateKey,
    PublicKey, StrictPolicy, TrustedSigners, WarningPolicy,
};
use secimg::{Image, OpenError, OpenOptions, SealOptions, decrypt, encrypt};
use support::openssl::{FOR_KEYS, FOR_MAIL, FOR_SIGNING, FOR_TLS, OF_AUTHORITY, OWN, Openssl};

mod support;

/// Between the dates of every certificate that is not made to be outside of them.
fn now() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.unwrap().as_secs() + 60
}

const RECIPIENT: CertificatePurpose = CertificatePurpose::Recipient;
const SIGNER: CertificatePurpose = CertificatePurpose::Signer;

fn private(openssl: &Openssl, name: &str) -> PrivateKey {
    PrivateKey::from_pem(&openssl.read(&format!("{name}.key")), None).unwrap()
}

fn parse(openssl: &Openssl, name: &str) -> CertificateFile {
    CertificateFile::parse(&openssl.read(name)).unwrap()
}

fn findings(openssl: &Openssl, name: &str, purpose: CertificatePurpose) -> Vec<CertificateFinding> {
    let file = parse(openssl, name);
    file.certificates()[0].findings(purpose, now())
}

/// Seals for all of a file, signs, and opens again, with the signers of another file.
fn round_trip(
    recipients: &CertificateFile,
    to: &PrivateKey,
    by: &PrivateKey,
    from: &CertificateFile,
) {
    let mut options = SealOptions::new().signer(by.signer().unwrap());
    for checked in recipients.check(RECIPIENT, now(), &StrictPolicy).unwrap() {
        options = options.recipient(checked.key.recipient().unwrap());
    }
    let sealed = encrypt(&Image::new(*b"an image"), &options).unwrap();
    let trusted = from.check(SIGNER, now(), &StrictPolicy).unwrap();
    let trusted: TrustedSigners = trusted.iter().map(|checked| checked.key).collect();
    let options = OpenOptions::new()
        .identity(to.identity().unwrap())
        .require_signer(trusted);
    let opened = decrypt(&sealed, &options).unwrap();
    assert_eq!(opened.images[0].bytes, b"an image");
}

#[test]
fn certificates_name_recipients_and_signers() {
    let Some(openssl) = Openssl::new() else {
        return;
    };
    openssl.key("hospital", "RSA:3072");
    openssl.key("scanner", "ED25519");
    openssl.key("pacs", "RSA:2048");
    openssl.certificate(
        "hospital",
        "hospital",
        "/CN=Hospital",
        &[OWN, FOR_KEYS, FOR_MAIL],
    );
    openssl.certificate("scanner", "scanner", "/CN=Scanner", &[OWN, FOR_SIGNING]);
    openssl.certificate("pacs", "pacs", "/CN=PACS", &[OWN, FOR_SIGNING, FOR_MAIL]);
    openssl.run("x509 -in hospital.crt -outform DER -out hospital.der");
    openssl.run("x509 -in hospital.crt -text -out hospital.txt");
    let key = private(&openssl, "hospital");
    for name in ["hospital.crt", "hospital.der", "hospital.txt"] {
        assert!(
            Certificate::is_certificate_file(&openssl.read(name)),
            "{name}"
        );
        for signer in ["scanner", "pacs"] {
            let from = parse(&openssl, &format!("{signer}.crt"));
            round_trip(
                &parse(&openssl, name),
                &key,
                &private(&openssl, signer),
                &from,
            );
        }
    }
    // The key is the one that `openssl` takes out, and has one fingerprint.
    let spki = openssl.run_with("x509 -in hospital.crt -noout -pubkey", &[]);
    let spki = PublicKey::from_pem(&spki).unwrap();
    assert_eq!(
        parse(&openssl, "hospital.der").certificates()[0].public_key(),
        Ok(&spki)
    );
}

#[test]
fn a_group_is_sealed_for_and_a_stranger_is_not_trusted() {
    let Some(openssl) = Openssl::new() else {
        return;
    };
    let mut group = Vec::new();
    for name in ["one", "two"] {
        openssl.key(name, "RSA:2048");
        openssl.certificate(name, name, &format!("/CN={name}"), &[OWN]);
        group.extend(openssl.read(&format!("{name}.crt")));
    }
    openssl.write("group.crt", group);
    let group = parse(&openssl, "group.crt");
    for name in ["one", "two"] {
        let key = private(&openssl, name);
        round_trip(&group, &key, &key, &group);
    }
    let (one, two) = (private(&openssl, "one"), private(&openssl, "two"));
    let options = SealOptions::new()
        .recipient(two.public().recipient().unwrap())
        .signer(one.signer().unwrap());
    let sealed = encrypt(&Image::new(*b"an image"), &options).unwrap();
    let other = parse(&openssl, "two.crt");
    let trusted = other.check(SIGNER, now(), &WarningPolicy).unwrap();
    let options = OpenOptions::new()
        .identity(two.identity().unwrap())
        .require_signer(trusted.iter().map(|checked| checked.key).collect());
    let refused = decrypt(&sealed, &options).unwrap_err();
    assert!(
        matches!(refused, OpenError::UntrustedSigner { .. }),
        "{refused}"
    );
}

#[test]
fn a_chain_file_names_its_leaf_only() {
    let Some(openssl) = Openssl::new() else {
        return;
    };
    openssl.key("root", "EC:P-384");
    openssl.key("middle", "RSA:2048");
    openssl.key("leaf", "RSA:2048");
    openssl.certificate("root", "root", "/CN=root", &[OF_AUTHORITY]);
    openssl.issued("middle", "middle", "root", &[OF_AUTHORITY]);
    openssl.issued("leaf", "leaf", "middle", &[OWN, FOR_KEYS, FOR_MAIL]);
    let all = ["leaf.crt", "middle.crt", "root.crt"].map(|name| openssl.read(name));
    openssl.write("chain.pem", all.concat());
    let chain = parse(&openssl, "chain.pem");
    let leaf = private(&openssl, "leaf");
    let checked = chain.check(RECIPIENT, now(), &StrictPolicy).unwrap();
    let keys: Vec<_> = checked.iter().map(|checked| checked.key).collect();
    assert_eq!(keys, [leaf.public()]);
    let skipped: Vec<_> = chain
        .authorities()
        .map(|one| one.subject().to_string())
        .collect();
    assert_eq!(skipped, ["CN=middle", "CN=root"]);

    openssl.write("cas.pem", all[1..].concat());
    let alone = parse(&openssl, "cas.pem");
    let refused = alone.check(SIGNER, now(), &WarningPolicy);
    assert_eq!(refused.unwrap_err(), KeyError::OnlyAuthorities);
}

#[test]
fn each_finding_is_found() {
    let Some(openssl) = Openssl::new() else {
        return;
    };
    openssl.key("k", "RSA:2048");
    openssl.dated("old", "k", "20190101000000Z", "20200229120000Z", &[OWN]);
    openssl.dated("new", "k", "20991231235959Z", "21000301000000Z", &[OWN]);
    let old = findings(&openssl, "old.crt", RECIPIENT);
    assert_eq!(
        old,
        [CertificateFinding::Expired {
            not_after: 1_582_977_600
        }]
    );
    assert_eq!(old[0].to_string(), "it expired at 2020-02-29T12:00:00Z");
    let new = findings(&openssl, "new.crt", SIGNER);
    assert_eq!(
        new,
        [CertificateFinding::NotYetValid {
            not_before: 4_102_444_799
        }]
    );

    for (extensions, recipient, signer) in [
        (&[OWN][..], "", ""),
        (&[OWN, FOR_KEYS, FOR_MAIL], "", "key usage"),
        (&[OWN, FOR_SIGNING, FOR_MAIL], "key usage", ""),
        (&[OWN, "keyUsage=nonRepudiation"], "key usage", ""),
        (
            &[OWN, "keyUsage=dataEncipherment"],
            "key usage",
            "key usage",
        ),
        (&[OWN, FOR_TLS], "extended key usage", "extended key usage"),
        (&[OWN, "extendedKeyUsage=anyExtendedKeyUsage"], "", ""),
        (
            &[OWN, "extendedKeyUsage=serverAuth,emailProtection"],
            "",
            "",
        ),
        (
            &[OWN, "extendedKeyUsage=1.3.6.1.5.5.7.3.36"],
            "extended key usage",
            "",
        ),
        (
            &[OWN, "1.2.3.4=critical,ASN1:NULL"],
            "critical extension 1.2.3.4",
            "critical extension 1.2.3.4",
        ),
        (&[OWN, "1.2.3.4=ASN1:NULL"], "", ""),
        (&[OWN, "subjectAltName=critical,email:a@b.example"], "", ""),
        (
            &[OF_AUTHORITY],
            "certification authority",
            "certification authority",
        ),
    ] {
        openssl.certificate("c", "k", "/CN=c", extensions);
        for (purpose, expected) in [(RECIPIENT, recipient), (SIGNER, signer)] {
            let found = findings(&openssl, "c.crt", purpose);
            let texts: Vec<_> = found.iter().map(ToString::to_string).collect();
            assert_eq!(
                texts.len(),
                usize::from(!expected.is_empty()),
                "{extensions:?} {texts:?}"
            );
            assert!(
                texts.iter().all(|text| text.contains(expected)),
                "{extensions:?} {texts:?}"
            );
        }
    }
}

#[test]
fn keys_that_cannot_serve_are_refused_by_name() {
    let Some(openssl) = Openssl::new() else {
        return;
    };
    for (kind, purpose, words) in [
        ("ED25519", RECIPIENT, ["Ed25519", "only sign"]),
        ("EC:P-256", RECIPIENT, ["algorithm EC", "rsaEncryption"]),
        ("EC:P-256", SIGNER, ["algorithm EC", "Ed25519"]),
        ("RSA-PSS:2048", RECIPIENT, ["RSASSA-PSS", "rsaEncryption"]),
        ("RSA-PSS:2048", SIGNER, ["RSASSA-PSS", "rsaEncryption"]),
        ("ED448", SIGNER, ["Ed448", "Ed25519"]),
        ("RSA:1024", RECIPIENT, ["1024", "new key"]),
    ] {
        openssl.key("k", kind);
        openssl.certificate("c", "k", "/CN=Somebody", &[OWN]);
        let file = parse(&openssl, "c.crt");
        let error = file.check(purpose, now(), &WarningPolicy).unwrap_err();
        let text = error.to_string();
        for word in words.iter().chain(&["the certificate of CN=Somebody"]) {
            assert!(text.contains(word), "{kind}: {text}");
        }
    }
}

#[test]
fn names_are_shown_as_openssl_shows_them_and_hostile_ones_safely() {
    let Some(openssl) = Openssl::new() else {
        return;
    };
    openssl.key("k", "ED25519");
    let long = format!("/GN={}/CN=a", "x".repeat(20_000));
    for subject in [
        "/C=DE/ST=Bayern/L=München/O=Klinikum, \"Süd\"/OU=a+b/CN=Dr. Müller/emailAddress=m@b.example",
        "/DC=example/DC=hospital/CN=放射線科",
        "/CN=\u{202e}gpj.exe\u{1b}[2J\r\nverified/OU=\u{200b}",
        "/CN=-----BEGIN CERTIFICATE-----",
        &long,
    ] {
        openssl.certificate("c", "k", subject, &[OWN]);
        openssl.run("x509 -in c.crt -outform DER -out c.der");
        let file = parse(&openssl, "c.der");
        let shown = file.certificates()[0].subject().to_string();
        assert!(shown.chars().count() <= 301, "{shown}");
        let hidden = |c: char| c.is_control() || matches!(c, '\u{200b}' | '\u{202e}');
        assert!(!shown.contains(hidden), "{shown:?}");
        if shown.chars().count() < 300 {
            let option = "utf8,esc_2253,esc_ctrl,sep_comma_plus,dn_rev,sname";
            let words = format!("x509 -in c.crt -noout -subject -nameopt {option}");
            let theirs = openssl.run(&words);
            let theirs = theirs.trim_end().trim_start_matches("subject=");
            if !subject.contains('\u{202e}') {
                assert_eq!(shown, theirs);
            }
        }
    }
}

/// A name inside a DER certificate is not taken for a file of its own.
#[test]
fn a_pem_block_inside_a_name_is_a_name() {
    let Some(openssl) = Openssl::new() else {
        return;
    };
    openssl.key("k", "ED25519");
    openssl.key("evil", "ED25519");
    openssl.certificate("evil", "evil", "/CN=Evil", &[OWN]);
    let evil = String::from_utf8(openssl.read("evil.crt")).unwrap();
    openssl.certificate(
        "c",
        "k",
        &format!(
            "/GN=\n{}\n/CN=c",
            evil.replace('/', "\\/").replace('+', "\\+")
        ),
        &[OWN],
    );
    openssl.run("x509 -in c.crt -outform DER -out c.der");
    let der = openssl.read("c.der");
    assert!(
        der.windows(evil.len())
            .any(|bytes| bytes == evil.as_bytes())
    );
    let file = CertificateFile::parse(&der).unwrap();
    let expected = private(&openssl, "k");
    assert_eq!(file.certificates()[0].public_key(), Ok(expected.public()));
}

#[test]
fn notes_are_those_of_openssl() {
    let Some(openssl) = Openssl::new() else {
        return;
    };
    openssl.key("k", "RSA:2048");
    openssl.certificate("c", "k", "/CN=c", &[OWN]);
    let file = parse(&openssl, "c.crt");
    let certificate = &file.certificates()[0];
    let digits = |text: &str| {
        text.trim()
            .rsplit('=')
            .next()
            .unwrap()
            .replace(':', "")
            .to_lowercase()
    };
    let theirs = digits(&openssl.run("x509 -in c.crt -noout -fingerprint -sha256"));
    assert_eq!(certificate.sha256().to_string(), format!("sha256:{theirs}"));
    let serial = openssl.run("x509 -in c.crt -noout -serial");
    let bytes = certificate.serial_number();
    let ours = bytes
        .iter()
        .fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
    assert_eq!(ours.strip_prefix("00").unwrap_or(&ours), digits(&serial));
    let again = Certificate::from_der(certificate.der());
    assert_eq!(again.as_ref(), Ok(certificate));
}
