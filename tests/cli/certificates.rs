//! Certificates as recipients, as `--from`, for `key` and `pub`; made by `openssl` while the test runs.

use std::process::Stdio;

use super::support::*;
use crate::openssl::{FOR_KEYS, FOR_MAIL, FOR_SIGNING, FOR_TLS, OF_AUTHORITY, OWN, Openssl};

/// The keys of an entry of `certificates`.
const CERTIFICATE_KEYS: &[&str] = &[
    "subject",
    "issuer",
    "serial",
    "sha256",
    "not_before",
    "not_after",
    "key_usage",
    "extended_key_usage",
    "authority",
    "kind",
    "bits",
    "strength_bits",
    "fingerprint",
    "fits",
    "warnings",
];

/// A hospital that receives and a scanner that signs, each with a certificate and nothing to warn of.
fn bench() -> Option<Openssl> {
    let openssl = Openssl::new()?;
    openssl.key("hospital", "RSA:3072");
    openssl.key("scanner", "ED25519");
    openssl.certificate(
        "hospital",
        "hospital",
        "/O=Example/CN=Hospital",
        &[OWN, FOR_KEYS, FOR_MAIL],
    );
    openssl.certificate("scanner", "scanner", "/CN=Scanner", &[OWN, FOR_SIGNING]);
    openssl.write("a.gif", GIF);
    Some(openssl)
}

#[track_caller]
fn run(openssl: &Openssl, words: &str) -> Run {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_secimg"));
    let command = command
        .current_dir(openssl.folder())
        .args(words.split_whitespace());
    finish(command.stdin(Stdio::null()))
}

#[track_caller]
fn warnings(object: &serde_json::Value) -> Vec<String> {
    let all = object["warnings"].as_array().unwrap().iter();
    all.map(|one| one.as_str().unwrap().to_owned()).collect()
}

const SEAL: &str = "encrypt --sign scanner.key --force --json a.gif -r";
const OPEN: &str = "verify -i hospital.key a.gif.secimg --json --from";

#[test]
fn a_stream_goes_from_certificate_to_certificate() {
    let Some(openssl) = bench() else { return };
    openssl.run("x509 -in hospital.crt -outform DER -out picture.png");
    openssl.run("x509 -in scanner.crt -outform DER -out scanner.der");
    for recipient in ["hospital.crt", "picture.png"] {
        let sealed = run(
            &openssl,
            &format!("{SEAL} {recipient} --strict-certificates"),
        )
        .ok();
        assert!(warnings(&sealed.one_object()).is_empty());
        for signer in ["scanner.crt", "scanner.der"] {
            let opened = run(&openssl, &format!("{OPEN} {signer} --strict-certificates")).ok();
            let report = opened.one_object();
            assert_eq!(report["signature"]["trusted"], true);
            assert_eq!(report["signature"]["intended"], "intended");
            assert!(warnings(&report).is_empty());
        }
    }
    // A signature by somebody else is not the certificate's.
    openssl.key("eve", "ED25519");
    openssl.certificate("eve", "eve", "/CN=Scanner", &[OWN, FOR_SIGNING]);
    run(&openssl, &format!("{OPEN} eve.crt")).fails(1, "untrusted_signer");
    run(&openssl, &format!("{OPEN} eve.crt --from scanner.crt")).ok();
}

#[test]
fn several_in_one_file_are_several_recipients() {
    let Some(openssl) = bench() else { return };
    openssl.key("ward", "RSA:2048");
    openssl.certificate("ward", "ward", "/CN=Ward", &[OWN]);
    // The hospital's twice: an old certificate and its successor often have one key.
    openssl.certificate("again", "hospital", "/CN=Again", &[OWN]);
    let names = ["hospital.crt", "ward.crt", "again.crt"];
    let all = names.map(|name| openssl.read(name));
    openssl.write("all.pem", all.concat());
    run(&openssl, &format!("{SEAL} all.pem")).ok();
    let seen = run(&openssl, "inspect a.gif.secimg --json")
        .ok()
        .one_object();
    assert_eq!(seen["recipients"].as_array().unwrap().len(), 2);
    for key in ["hospital", "ward"] {
        let words = format!("verify -i {key}.key a.gif.secimg --from scanner.crt --json");
        let report = run(&openssl, &words).ok().one_object();
        assert_eq!(report["signature"]["intended"], "intended");
    }
    let done = run(
        &openssl,
        "rewrap -i ward.key -r hospital.crt a.gif.secimg --json",
    )
    .ok();
    assert!(warnings(&done.one_object()).is_empty());
    run(&openssl, &format!("{OPEN} all.pem")).fails(1, "untrusted_signer");
    run(&openssl, "pub all.pem --json").fails(2, "usage");
}

#[test]
fn warnings_are_told_and_strictness_refuses() {
    let Some(openssl) = bench() else { return };
    openssl.dated(
        "old",
        "hospital",
        "20190101000000Z",
        "20200101000000Z",
        &[OWN],
    );
    openssl.dated(
        "retired",
        "scanner",
        "20190101000000Z",
        "20200101000000Z",
        &[OWN],
    );
    openssl.certificate("tls", "hospital", "/CN=TLS", &[OWN, FOR_TLS]);
    openssl.certificate("sign", "hospital", "/CN=Sign", &[OWN, FOR_SIGNING]);
    for (name, word) in [
        ("old", "expired at 2020-01-01T00:00:00Z"),
        ("tls", "serverAuth"),
        ("sign", "keyEncipherment"),
    ] {
        let sealed = run(&openssl, &format!("{SEAL} {name}.crt")).ok();
        let told = warnings(&sealed.one_object());
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(
            told[0].starts_with(&format!("{name}.crt: the certificate of ")),
            "{told:?}"
        );
        assert!(told[0].contains(word), "{told:?}");
        let refused = run(
            &openssl,
            &format!("{SEAL} {name}.crt --strict-certificates"),
        );
        let refused = refused.fails(2, "certificate_refused");
        let message = refused["error"]["message"].as_str().unwrap();
        assert!(message.contains(word), "{message}");

        let rewrap = format!("rewrap -i hospital.key a.gif.secimg -r {name}.crt --json");
        assert_eq!(warnings(&run(&openssl, &rewrap).ok().one_object()), told);
        run(&openssl, &format!("{rewrap} --strict-certificates")).fails(2, "certificate_refused");
    }
    // To people on standard error, and not with --quiet.
    let said = run(&openssl, "encrypt -r old.crt a.gif --force")
        .ok()
        .stderr;
    assert!(
        said.contains("warning: old.crt: the certificate of CN=old: it expired"),
        "{said}"
    );
    assert_eq!(
        run(&openssl, "encrypt -r old.crt a.gif --force --quiet")
            .ok()
            .stderr,
        ""
    );

    run(&openssl, &format!("{SEAL} hospital.crt")).ok();
    for command in ["verify", "list", "decrypt --force"] {
        let words = format!("{command} -i hospital.key a.gif.secimg --json --from retired.crt");
        let told = warnings(&run(&openssl, &words).ok().one_object());
        let expired = told
            .iter()
            .filter(|text| text.contains("CN=retired: it expired"));
        assert_eq!(expired.count(), 1, "{command}: {told:?}");
        let refused = run(&openssl, &format!("{words} --strict-certificates"));
        refused.fails(2, "certificate_refused");
    }
    for words in [
        "send --to tcp://127.0.0.1:1 --json -r old.crt a.gif",
        "receive --listen tcp://127.0.0.1:0 -O in --json -i hospital.key --from retired.crt",
    ] {
        run(&openssl, &format!("{words} --strict-certificates")).fails(2, "certificate_refused");
    }
}

#[test]
fn authorities_are_skipped_with_a_notice_and_not_alone() {
    let Some(openssl) = bench() else { return };
    openssl.key("root", "EC:P-256");
    openssl.certificate("root", "root", "/CN=Root", &[OF_AUTHORITY]);
    openssl.issued("leaf", "hospital", "root", &[OWN, FOR_KEYS]);
    let chain = [openssl.read("leaf.crt"), openssl.read("root.crt")];
    openssl.write("chain.pem", chain.concat());
    let sealed = run(&openssl, &format!("{SEAL} chain.pem --strict-certificates")).ok();
    let told = warnings(&sealed.one_object());
    assert!(
        told.len() == 1
            && told[0].contains("not taken as a recipient")
            && told[0].contains("CN=Root")
    );
    run(&openssl, &format!("{OPEN} scanner.crt")).ok();
    for words in [format!("{SEAL} root.crt"), format!("{OPEN} root.crt")] {
        let refused = run(&openssl, &words).fails(2, "wrong_key_kind");
        let message = refused["error"]["message"].as_str().unwrap();
        assert!(
            message.starts_with("root.crt: only certificates of certification authorities"),
            "{message}"
        );
    }
    // What the text advises helps.
    openssl.certificate("fixed", "hospital", "/CN=Fixed", &[OWN]);
    run(&openssl, &format!("{SEAL} fixed.crt --strict-certificates")).ok();

    let seen = run(&openssl, "key chain.pem --json").ok().one_object();
    assert_eq!(seen["kind"], "rsa", "the chain's leaf is meant");
    let certificates = seen["certificates"].as_array().unwrap();
    assert_eq!(
        (&certificates[0]["authority"], &certificates[1]["authority"]),
        (&false.into(), &true.into())
    );
    assert!(certificates[1]["kind"].is_null() && certificates[1]["fits"] == serde_json::json!([]));
    assert_eq!(
        run(&openssl, "pub chain.pem").ok().stdout,
        run(&openssl, "pub hospital.key").ok().stdout
    );
    run(&openssl, "key root.crt --json").ok();
}

#[test]
fn keys_that_cannot_serve_are_refused() {
    let Some(openssl) = bench() else { return };
    for (kind, words, status, code) in [
        ("ED25519", SEAL, 2, "wrong_key_kind"),
        ("EC:P-256", SEAL, 3, "unsupported_key"),
        ("EC:P-256", OPEN, 3, "unsupported_key"),
        ("RSA-PSS:2048", SEAL, 3, "unsupported_key"),
        ("RSA:1024", SEAL, 3, "weak_key"),
        ("RSA:1024", OPEN, 3, "weak_key"),
        ("RSA:1024", "key --json", 3, "weak_key"),
        ("EC:P-256", "key --json", 3, "unsupported_key"),
        ("EC:P-256", "pub --json", 3, "unsupported_key"),
    ] {
        openssl.key("k", kind);
        openssl.certificate("c", "k", "/CN=c", &[OWN]);
        let refused = run(&openssl, &format!("{words} c.crt")).fails(status, code);
        let message = refused["error"]["message"].as_str().unwrap();
        assert!(message.contains("the certificate of CN=c: "), "{message}");
    }
}

#[test]
fn key_says_what_a_certificate_holds() {
    let Some(openssl) = bench() else { return };
    let seen = run(&openssl, "key hospital.crt --json").ok().one_object();
    let key = run(&openssl, "key hospital.key --json").ok().one_object();
    assert!(key["certificates"].is_null());
    for field in ["kind", "bits", "strength_bits", "fingerprint"] {
        assert_eq!(seen[field], key[field], "{field}");
        assert_eq!(seen["certificates"][0][field], key[field], "{field}");
    }
    assert_eq!(
        (&seen["private"], &seen["exit"]),
        (&false.into(), &0.into())
    );
    let certificate = &seen["certificates"][0];
    has_keys(certificate, CERTIFICATE_KEYS);
    assert_eq!(certificate["subject"], "CN=Hospital,O=Example");
    assert_eq!(certificate["issuer"], certificate["subject"]);
    assert_eq!(
        certificate["key_usage"],
        serde_json::json!(["keyEncipherment"])
    );
    assert_eq!(
        certificate["extended_key_usage"],
        serde_json::json!(["emailProtection"])
    );
    assert_eq!(certificate["fits"], serde_json::json!(["recipient"]));
    assert!(warnings(&seen).is_empty());
    let text = run(&openssl, "key hospital.crt").ok().text();
    for word in [
        "CN=Hospital,O=Example",
        "keyEncipherment",
        "emailProtection",
        "3072 bits",
    ] {
        assert!(text.contains(word), "{text}");
    }
    let fingerprint = key["fingerprint"].as_str().unwrap();
    assert!(text.contains(fingerprint), "{text}");

    let signer = &run(&openssl, "key scanner.crt --json").ok().one_object()["certificates"][0];
    assert_eq!(signer["fits"], serde_json::json!(["signer"]));
    assert!(signer["extended_key_usage"].is_null());
    openssl.certificate("tls", "hospital", "/CN=TLS", &[OWN, FOR_TLS]);
    let tls = run(&openssl, "key tls.crt --json").ok().one_object();
    assert_eq!(tls["certificates"][0]["fits"], serde_json::json!([]));
    assert_eq!(warnings(&tls).len(), 2, "neither use fits");

    let theirs = openssl.run("x509 -in hospital.crt -noout -pubkey");
    assert_eq!(run(&openssl, "pub hospital.crt").ok().text(), theirs);
    assert_eq!(run(&openssl, "pub hospital.key").ok().text(), theirs);
}

#[test]
fn files_that_are_no_certificates_are_told_apart() {
    let Some(openssl) = bench() else { return };
    let pem = openssl.read("hospital.crt");
    let key = openssl.read("hospital.key");
    openssl.write("cut.crt", &pem[..pem.len() / 2]);
    openssl.write("both.pem", [pem.as_slice(), &key].concat());
    openssl.write("many.pem", pem.repeat(65));
    openssl.write(
        "flood.pem",
        b"-----BEGIN CERTIFICATE-----\n?\n-----END CERTIFICATE-----\n".repeat(10_000),
    );
    openssl.write("huge.pem", pem.repeat(1 << 10));
    openssl.run("crl2pkcs7 -nocrl -certfile hospital.crt -out p7.pem");
    openssl.run("crl2pkcs7 -nocrl -certfile hospital.crt -outform DER -out p7.der");
    openssl.run("x509 -in hospital.crt -trustout -addtrust emailProtection -out trusted.pem");
    openssl.run("x509 -in hospital.crt -outform DER -out whole.der");
    let der = openssl.read("whole.der");
    openssl.write("cut.der", &der[..der.len() - 1]);
    for (file, status, code) in [
        ("cut.crt", 3, "malformed_key"),
        ("cut.der", 3, "malformed_key"),
        ("both.pem", 2, "wrong_key_kind"),
        ("many.pem", 3, "malformed_key"),
        ("flood.pem", 3, "malformed_key"),
        ("huge.pem", 2, "too_large"),
        ("p7.pem", 3, "unsupported_key"),
        ("p7.der", 3, "unsupported_key"),
        ("trusted.pem", 3, "unsupported_key"),
        ("missing.crt", 4, "not_found"),
    ] {
        run(&openssl, &format!("{SEAL} {file}")).fails(status, code);
        run(&openssl, &format!("{OPEN} {file}")).fails(status, code);
    }
    // The long file is no key file, so the shorter bound of keys holds.
    openssl.write("long.pub", "x".repeat(70_000));
    run(&openssl, &format!("{SEAL} long.pub")).fails(2, "too_large");
    run(&openssl, "key long.pub --json").fails(2, "too_large");
    // A certificate opens nothing.
    let wrong = "verify -i hospital.crt a.gif.secimg --json";
    let refused = run(&openssl, wrong).fails(3, "malformed_key");
    let message = refused["error"]["message"].as_str().unwrap();
    assert!(
        message.contains("a certificate holds no private key"),
        "{message}"
    );
}

#[test]
fn a_recipients_file_may_hold_certificates_and_the_key_folder_too() {
    let Some(openssl) = bench() else { return };
    openssl.key("root", "RSA:2048");
    openssl.certificate("root", "root", "/CN=Root", &[OF_AUTHORITY]);
    openssl.issued("ward", "hospital", "root", &[OWN, FOR_KEYS, FOR_MAIL]);
    let chain = [openssl.read("ward.crt"), openssl.read("root.crt")].concat();
    openssl.write("team.pem", [b"The ward\n", chain.as_slice()].concat());
    openssl.write("team", "# by path\nward.crt\nhospital.crt\n");
    for team in ["team.pem", "team"] {
        let words = format!("encrypt --force --json a.gif -R {team}");
        let sealed = run(&openssl, &words).ok().one_object();
        let told = warnings(&sealed);
        // The two certificates in the list have one key, which counts once.
        assert_eq!(told.len(), usize::from(team == "team.pem"), "{told:?}");
        assert!(told.iter().all(|one| one.contains("CN=Root")), "{told:?}");
        let object = run(&openssl, "inspect a.gif.secimg --json")
            .ok()
            .one_object();
        assert_eq!(object["recipients"].as_array().unwrap().len(), 1);
        run(&openssl, "verify -i hospital.key a.gif.secimg").ok();
    }

    std::fs::create_dir(openssl.path("keys")).unwrap();
    openssl.write("keys/hospital.crt", openssl.read("hospital.crt"));
    openssl.write("keys/chain.crt", &chain);
    openssl.write(
        "keys/two.crt",
        [openssl.read("hospital.crt"), openssl.read("scanner.crt")].concat(),
    );
    let named = |words: &str| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_secimg"));
        command
            .current_dir(openssl.folder())
            .env("SECIMG_KEYS", "keys");
        finish(command.args(words.split_whitespace()).stdin(Stdio::null()))
    };
    for name in ["hospital", "chain"] {
        std::fs::rename(openssl.path("hospital.key"), openssl.path("away")).unwrap();
        named(&format!("encrypt --force a.gif -r {name}")).ok();
        std::fs::rename(openssl.path("away"), openssl.path("hospital.key")).unwrap();
        run(&openssl, "verify -i hospital.key a.gif.secimg").ok();
    }
    let listed = named("keys --json").exits(3).objects();
    let kinds: Vec<_> = listed.iter().map(|one| one["kind"].as_str()).collect();
    assert_eq!(kinds, [Some("rsa"), Some("rsa"), None]);
}
