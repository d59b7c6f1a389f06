//! The command over HTTP and HTTPS.

use std::fs;
use std::io::Read;

use super::running::*;
use super::support::*;
use super::tls::Authority;

#[test]
fn images_arrive_verified_and_the_receipt_is_checked() {
    let folder = room();
    let at = folder.path();
    let receiver = receive(at, "http", &["-i", "doctor", "--once"]);
    let sent = ok(
        at,
        &[
            "send",
            "-r",
            "doctor.pub",
            "--to",
            &receiver.url,
            "a.gif",
            "b.raw",
        ],
    );
    assert!(!sent.is_empty());
    let reports = receiver.end(0);
    assert_eq!(reports[0]["verdict"], "verified", "{reports:?}");
    assert_arrived(at);
    assert_eq!(fs::read_dir(at.join("received")).unwrap().count(), 2);
}

#[test]
fn who_is_not_meant_refuses_and_says_no_more() {
    let folder = room();
    let at = folder.path();
    let receiver = receive(at, "http", &["-i", "other", "--once"]);
    let (status, objects, said) = secimg(
        at,
        &["send", "-r", "doctor.pub", "--to", &receiver.url, "a.gif"],
    );
    assert_eq!(status, 1, "{said}");
    assert_eq!(
        objects[0]["error"]["code"], "receipt_refused",
        "{objects:?}"
    );
    receiver.end(1);
}

#[test]
fn a_relay_keeps_what_is_fetched_from_it_later() {
    let folder = room();
    let at = folder.path();
    ok(
        at,
        &[
            "encrypt",
            "-r",
            "doctor.pub",
            "-o",
            "series.secimg",
            "a.gif",
            "b.raw",
        ],
    );
    let relay = receive(at, "http", &[]);
    ok(at, &["send", "--to", &relay.url, "series.secimg"]);
    let (status, _, said) = secimg(
        at,
        &["send", "-r", "doctor.pub", "--to", &relay.url, "a.gif"],
    );
    assert_eq!(status, 1, "{said}");
    assert!(said.contains("relay"), "{said}");
    let sealed = fs::read(at.join("series.secimg")).unwrap();
    let url = format!("{}/{}.secimg", relay.url, hex(&transfer_id(&sealed)));
    let client =
        secimg::transport::http::HttpClient::new(&secimg::transport::http::ClientTls::new());
    let mut fetched = Vec::new();
    client.get(&url).unwrap().read_to_end(&mut fetched).unwrap();
    assert!(fetched == sealed);
}

#[test]
fn https_is_what_the_certificates_say() {
    if !has("openssl", "https_is_what_the_certificates_say") {
        return;
    }
    let folder = room();
    let at = folder.path();
    let (known, other) = (Authority::new("known"), Authority::new("other"));
    let own = known.server("IP:127.0.0.1");
    for (name, bytes) in [
        ("ca.pem", known.pem()),
        ("other.pem", other.pem()),
        ("server.pem", own.chain.as_bytes()),
        ("server.key", own.key.as_bytes()),
    ] {
        file(at, name, bytes);
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |mode| {
            fs::set_permissions(at.join("server.key"), fs::Permissions::from_mode(mode)).unwrap();
        };
        mode(0o644);
        let shared = [
            "receive",
            "--listen",
            "https://127.0.0.1:0",
            "-O",
            "x",
            "-i",
            "doctor",
            "--tls-cert",
            "server.pem",
            "--tls-key",
            "server.key",
        ];
        let (status, _, said) = secimg(at, &shared);
        assert_eq!(status, 2, "{said}");
        mode(0o600);
    }
    let receiver = receive(
        at,
        "https",
        &[
            "-i",
            "doctor",
            "--once",
            "--tls-cert",
            "server.pem",
            "--tls-key",
            "server.key",
        ],
    );
    let send = |more: &[&str]| {
        let mut args = vec!["send", "-r", "doctor.pub", "--to", &receiver.url];
        args.extend_from_slice(more);
        args.extend(["a.gif", "b.raw"]);
        secimg(at, &args)
    };
    for wrong in [&["--tls-ca", "other.pem"][..], &[]] {
        let (status, _, said) = send(wrong);
        assert_eq!(status, 4, "{said}");
        assert!(said.contains("certificate"), "{said}");
    }
    let (status, _, said) = send(&["--tls-ca", "ca.pem"]);
    assert_eq!(status, 0, "{said}");
    receiver.end(0);
    assert_arrived(at);
}

#[test]
fn certificates_are_for_https_and_https_needs_one() {
    let folder = room();
    let at = folder.path();
    let cases: [&[&str]; 4] = [
        &[
            "receive",
            "--listen",
            "https://127.0.0.1:0",
            "-O",
            "x",
            "-i",
            "doctor",
        ],
        &[
            "receive",
            "--listen",
            "http://127.0.0.1:0",
            "-O",
            "x",
            "-i",
            "doctor",
            "--tls-ca",
            "doctor.pub",
        ],
        &[
            "receive",
            "--listen",
            "http://127.0.0.1:0/path",
            "-O",
            "x",
            "-i",
            "doctor",
        ],
        &[
            "send",
            "-r",
            "doctor.pub",
            "--to",
            "tcp://127.0.0.1:1",
            "--tls-ca",
            "doctor.pub",
            "a.gif",
        ],
    ];
    for args in cases {
        let (status, _, said) = secimg(at, args);
        assert_eq!(status, 2, "{args:?}: {said}");
    }
}
