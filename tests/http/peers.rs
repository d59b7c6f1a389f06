//! Other people's servers and clients: nginx, and tus for Node. They run where `SECIMG_HTTP_PEERS` names a folder with the
//! packages of `tests/http/peers/package.json`; `.ci/http` makes one.

use std::io::{BufRead, BufReader, Cursor, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use secimg::format::Limits;
use secimg::io::OpenReader;
use secimg::transport::http::{ClientTls, HttpClient};
use secimg::transport::{Outgoing, Receipt, Terms, Verdict, deliver};

use super::support::*;

/// A program that goes with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _: std::io::Result<()> = self.0.kill();
        let _: std::io::Result<_> = self.0.wait();
    }
}

/// The folder of the peers; a test without it says so.
fn packages(test: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("SECIMG_HTTP_PEERS").map(PathBuf::from);
    if folder.is_none() {
        say!("SKIPPED {test}: SECIMG_HTTP_PEERS names no folder (.ci/http makes one)");
    }
    folder
}

/// A script of this folder, beside the packages that it imports.
fn script(packages: &Path, name: &str) -> PathBuf {
    let from = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/http/peers")
        .join(name);
    let to = packages.join(name);
    std::fs::copy(from, &to).unwrap();
    to
}

fn outgoing(stream: &[u8]) -> Outgoing<'static> {
    Outgoing::new(Cursor::new(stream.to_vec()), Limits::DEFAULT).unwrap()
}

/// One that was free a moment ago.
fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

#[test]
fn the_reference_client_of_tus_uploads_to_us() {
    let Some(packages) = packages("the_reference_client_of_tus_uploads_to_us") else {
        return;
    };
    let server = Kind::opening().serve();
    let client = script(&packages, "client.mjs");
    for (count, mode) in [(4, "whole"), (5, "break")] {
        let stream = sealed(count);
        let sent = file(server.folder.path(), "sent.secimg", &stream);
        let run = Command::new("node")
            .arg(&client)
            .args([&sent, &format!("{}/", server.url), "150000", mode])
            .output()
            .unwrap();
        assert!(
            run.status.success(),
            "{mode}: {}",
            String::from_utf8_lossy(&run.stderr)
        );
        let url = String::from_utf8(run.stdout).unwrap();
        let path = url.trim().strip_prefix(&server.url).unwrap();
        let receipt = server
            .ask("GET", &format!("{path}/receipt"), &[], b"")
            .receipt();
        assert_eq!(
            (receipt.verdict, receipt.transfer_id),
            (Verdict::Accepted, transfer_id(&stream))
        );
    }
    assert_eq!(server.opened.images.lock().unwrap().len(), 9);
    say!("peer: tus-js-client uploads 2 of 2 streams, one of them broken off and resumed");
}

#[test]
fn we_upload_to_the_reference_server_of_tus() {
    let Some(packages) = packages("we_upload_to_the_reference_server_of_tus") else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let run = Command::new("node")
        .arg(script(&packages, "server.mjs"))
        .arg(folder.path())
        .stdout(Stdio::piped())
        .spawn();
    let mut node = Running(run.unwrap());
    let mut port = String::new();
    BufReader::new(node.0.stdout.as_mut().unwrap())
        .read_line(&mut port)
        .unwrap();
    let url = format!("http://127.0.0.1:{}/files", port.trim());
    let stream = sealed(20);
    let receipt = deliver(&url, &mut outgoing(&stream), &Terms::new()).unwrap();
    // It gives no receipt, and so all that is known is that it is there.
    assert_eq!(receipt, Receipt::stored(transfer_id(&stream)));
    let kept = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let kept: Vec<_> = kept.filter(|path| path.extension().is_none()).collect();
    assert_eq!(kept.len(), 1, "{kept:?}");
    assert!(std::fs::read(&kept[0]).unwrap() == stream);
    say!("peer: @tus/server has all {} bytes", stream.len());
}

/// nginx with these lines in its server block.
fn nginx(folder: &Path, port: u16, lines: &str) -> Running {
    let at = folder.display();
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
    let temporary = temporary
        .map(|kind| format!("{kind}_temp_path {at}/{kind};"))
        .join(" ");
    let config = format!(
        "daemon off; master_process off; pid {at}/nginx.pid; error_log {at}/error.log;\n\
         events {{ }}\n\
         http {{ access_log off; {temporary} server {{ listen 127.0.0.1:{port}; {lines} }} }}\n"
    );
    let config = file(folder, "nginx.conf", config.as_bytes());
    let running = Running(
        Command::new("nginx")
            .args(["-p", &at.to_string(), "-c", &config])
            .spawn()
            .unwrap(),
    );
    wait_for("nginx listens", || {
        std::net::TcpStream::connect(("127.0.0.1", port)).is_ok()
    });
    running
}

#[test]
fn nginx_serves_a_sealed_file_in_ranges() {
    if packages("nginx_serves_a_sealed_file_in_ranges").is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let stream = sealed(30);
    file(folder.path(), "series.secimg", &stream);
    let port = free_port();
    let _nginx = nginx(
        folder.path(),
        port,
        &format!("root {};", folder.path().display()),
    );
    let client = HttpClient::new(&ClientTls::new());
    let url = format!("http://127.0.0.1:{port}/series.secimg");
    let mut reader = OpenReader::open_at(client.open(&url).unwrap(), &opening()).unwrap();
    reader.select(11).unwrap();
    let mut image = Vec::new();
    reader.read_to_end(&mut image).unwrap();
    assert!(image == images(30)[11].bytes);
    let mut whole = Vec::new();
    client.get(&url).unwrap().read_to_end(&mut whole).unwrap();
    assert!(whole == stream);
    // The file changes under the reader.
    let mut other = sealed(30);
    other.truncate(stream.len());
    file(folder.path(), "series.secimg", &other[..stream.len() - 1]);
    let error = reader.select(20).unwrap_err();
    assert!(error.to_string().contains("changed"), "{error}");
    say!("peer: nginx serves one image of 30 by ranges");
}

#[test]
fn nginx_stands_before_our_server() {
    if packages("nginx_stands_before_our_server").is_none() {
        return;
    }
    let server = Kind::opening().serve();
    let folder = tempfile::tempdir().unwrap();
    let port = free_port();
    // Its own defaults: bodies are read whole before they are passed on, and of more than 1 MiB none is taken.
    let lines = format!(
        "location /sealed/ {{ proxy_pass http://{}/; }}",
        server.address()
    );
    let _nginx = nginx(folder.path(), port, &lines);
    let url = format!("http://127.0.0.1:{port}/sealed/");
    let stream = sealed(25);
    assert!(stream.len() > 3 << 20);
    let receipt = deliver(&url, &mut outgoing(&stream), &Terms::new()).unwrap();
    assert_eq!(receipt.verdict, Verdict::Accepted);
    assert_eq!(server.opened.images.lock().unwrap().len(), 25);
    say!(
        "peer: nginx proxies {} bytes with buffering and a limit of 1 MiB for each request",
        stream.len()
    );
}
