//! `curl`, which others have: both ways, whole and in parts, plain and with TLS.

use std::process::{Command, Output};

use super::support::*;
use super::tls::Authority;

fn curl(args: &[&str]) -> Output {
    let output = Command::new("curl")
        .args([
            "--silent",
            "--show-error",
            "--max-time",
            "60",
            "--noproxy",
            "*",
        ])
        .args(args)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "curl {args:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    output
}

fn version() -> String {
    let output = Command::new("curl").arg("--version").output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.split(' ').take(2).collect::<Vec<_>>().join(" ")
}

#[test]
fn curl_puts_and_gets() {
    if !has("curl", "curl_puts_and_gets") {
        return;
    }
    let server = Kind::blind().serve();
    let folder = tempfile::tempdir().unwrap();
    let stream = sealed(4);
    let sent = file(folder.path(), "patient name.secimg", &stream);
    let receipt = folder.path().join("receipt");
    // -T adds the file's name to the URL, which the server does not look at.
    curl(&[
        "-T",
        &sent,
        "-o",
        receipt.to_str().unwrap(),
        &format!("{}/", server.url),
    ]);
    let receipt = secimg::transport::Receipt::parse(&std::fs::read(receipt).unwrap()).unwrap();
    assert_eq!(receipt.transfer_id, transfer_id(&stream));
    let name = format!("{}.secimg", hex(&transfer_id(&stream)));
    assert_eq!(server.kept(), core::slice::from_ref(&name));
    let url = format!("{}/{name}", server.url);
    assert!(curl(&[&url]).stdout == stream);
    assert!(curl(&["-r", "1000-1999", &url]).stdout == stream[1000..2000]);
    assert!(curl(&["-r", "-500", &url]).stdout == stream[stream.len() - 500..]);
    // -C - goes on with what is there.
    let got = file(folder.path(), "got.secimg", &stream[..123_456]);
    curl(&["-C", "-", "-o", &got, &url]);
    assert!(std::fs::read(&got).unwrap() == stream);
    // A body of no known length.
    let piped = Command::new("sh")
        .args([
            "-c",
            &format!("cat '{sent}' | curl -sS -T - {}/piped", server.url),
        ])
        .output()
        .unwrap();
    assert!(piped.status.success() && piped.stdout.starts_with(b"\x89SIMR"));
    let list = String::from_utf8(curl(&[&format!("{}/", server.url)]).stdout).unwrap();
    assert!(list.contains(&hex(&transfer_id(&stream))) && !list.contains("patient"));
    let refused = Command::new("curl")
        .args(["-sS", "--fail", "-T", "/dev/null", &url])
        .output()
        .unwrap();
    assert_eq!(refused.status.code(), Some(22), "{refused:?}");
    say!("peer: {}", version());
}

/// The resumable protocol by hand, as a script would.
#[test]
fn curl_speaks_tus() {
    if !has("curl", "curl_speaks_tus") {
        return;
    }
    let server = Kind::opening().serve();
    let folder = tempfile::tempdir().unwrap();
    let stream = sealed(5);
    let (first, second) = stream.split_at(200_000);
    let (first, second) = (
        file(folder.path(), "1", first),
        file(folder.path(), "2", second),
    );
    let tus = "Tus-Resumable: 1.0.0";
    let length = format!("Upload-Length: {}", stream.len());
    let root = format!("{}/", server.url);
    let head = curl(&["-X", "POST", "-D", "-", "-H", tus, "-H", &length, &root]).stdout;
    let head = String::from_utf8(head).unwrap();
    let location = head
        .lines()
        .find_map(|line| line.strip_prefix("location: "))
        .unwrap();
    let url = format!("{root}{}", location.trim());
    let piece = "Content-Type: application/offset+octet-stream";
    for (file, offset) in [
        (&first, "Upload-Offset: 0"),
        (&second, "Upload-Offset: 200000"),
    ] {
        let data = format!("@{file}");
        curl(&[
            "-X",
            "PATCH",
            "-H",
            tus,
            "-H",
            piece,
            "-H",
            offset,
            "--data-binary",
            &data,
            "--fail",
            &url,
        ]);
    }
    let receipt = curl(&["--fail", &format!("{url}/receipt")]).stdout;
    let receipt = secimg::transport::Receipt::parse(&receipt).unwrap();
    assert!(receipt.verdict.is_accepted());
    assert_eq!(server.opened.images.lock().unwrap().len(), 5);
}

#[test]
fn curl_checks_our_certificate() {
    if !has("curl", "curl_checks_our_certificate") || !has("openssl", "curl_checks_our_certificate")
    {
        return;
    }
    let (known, other) = (Authority::new("known"), Authority::new("other"));
    let own = known.server("IP:127.0.0.1");
    let tls =
        secimg::transport::http::ServerTls::new(own.chain.as_bytes(), own.key.as_bytes()).unwrap();
    let server = Kind {
        tls: Some(tls),
        ..Kind::blind()
    }
    .serve();
    let folder = tempfile::tempdir().unwrap();
    let stream = sealed(1);
    let sent = file(folder.path(), "x.secimg", &stream);
    let trusted = file(folder.path(), "ca.pem", known.pem());
    curl(&[
        "--cacert",
        &trusted,
        "--fail",
        "-T",
        &sent,
        "-o",
        "/dev/null",
        &format!("{}/", server.url),
    ]);
    assert_eq!(server.kept().len(), 1);
    let wrong = file(folder.path(), "other.pem", other.pem());
    let refused = Command::new("curl")
        .args(["-sS", "--cacert", &wrong, &format!("{}/", server.url)])
        .output()
        .unwrap();
    assert_eq!(refused.status.code(), Some(60), "{refused:?}");
}
