//! The server, asked by hand.

use std::io::Write;

use secimg::transport::{Ended, ServerLimits, Verdict};

use super::support::*;

#[test]
fn a_whole_stream_is_put_and_given_back_in_parts() {
    let server = Kind::blind().serve();
    let stream = sealed(3);
    let id = transfer_id(&stream);
    let put = server.ask("PUT", "/..%2F..%2Fany%2Fname.secimg", &[], &stream);
    assert_eq!(put.status, 201, "{put:?}");
    assert_eq!(put.receipt().verdict, Verdict::Stored);
    assert_eq!(put.receipt().transfer_id, id);
    let name = format!("{}.secimg", hex(&id));
    assert_eq!(put.headers["location"], name);
    assert_eq!((server.kept(), server.parts()), (vec![name.clone()], 0));

    for path in [format!("/{name}"), format!("/{}", hex(&id))] {
        let whole = server.ask("GET", &path, &[], b"");
        assert!(whole.status == 200 && whole.body == stream);
        assert_eq!(whole.headers["content-type"], "application/vnd.secimg");
        assert_eq!(whole.headers["accept-ranges"], "bytes");
        assert!(whole.headers["etag"].starts_with(&format!("\"{}", hex(&id))));
    }
    let path = format!("/{name}");
    let head = server.ask("HEAD", &path, &[], b"");
    assert_eq!(head.headers["content-length"], stream.len().to_string());
    let part = server.ask("GET", &path, &[("Range", "bytes=100-4999")], b"");
    assert!(part.status == 206 && part.body == stream[100..5000]);
    let range = format!("bytes 100-4999/{}", stream.len());
    assert_eq!(part.headers["content-range"], range);
    let tail = server.ask("GET", &path, &[("Range", "bytes=-7")], b"");
    assert_eq!(tail.body, stream[stream.len() - 7..]);
    let outside = server.ask(
        "GET",
        &path,
        &[("Range", "bytes=18446744073709551615-")],
        b"",
    );
    assert_eq!(outside.status, 416);
    assert_eq!(
        outside.headers["content-range"],
        format!("bytes */{}", stream.len())
    );
    let etag = head.headers["etag"].as_str();
    let other = [("Range", "bytes=1-1"), ("If-Range", "\"other\"")];
    assert_eq!(
        server.ask("GET", &path, &other, b"").body.len(),
        stream.len()
    );
    let same = [("Range", "bytes=1-1"), ("If-Range", etag)];
    assert_eq!(server.ask("GET", &path, &same, b"").status, 206);
    assert_eq!(
        server
            .ask("GET", &path, &[("If-None-Match", etag)], b"")
            .status,
        304
    );
    assert_eq!(
        server
            .ask("GET", &path, &[("If-Match", "\"other\"")], b"")
            .status,
        412
    );
    let receipt = server.ask("GET", &format!("/{}/receipt", hex(&id)), &[], b"");
    assert_eq!(receipt.body, put.body);
}

#[test]
fn the_listing_says_nothing_of_what_is_inside() {
    let server = Kind::blind().serve();
    let streams: Vec<_> = (1..4).map(sealed).collect();
    for stream in &streams {
        assert_eq!(server.ask("PUT", "/", &[], stream).status, 201);
    }
    std::fs::write(server.folder.path().join("kept/notes.txt"), "mine").unwrap();
    let list = server.ask("GET", "/", &[], b"");
    let listing: serde_json::Value = serde_json::from_slice(&list.body).unwrap();
    let mut expected: Vec<_> = streams
        .iter()
        .map(|stream| (hex(&transfer_id(stream)), stream.len() as u64))
        .collect();
    expected.sort();
    let entries = listing["streams"].as_array().unwrap();
    let found: Vec<_> = entries
        .iter()
        .map(|entry| {
            assert_eq!(entry.as_object().unwrap().len(), 2, "{entry}");
            let id = entry["transfer_id"].as_str().unwrap().to_owned();
            (id, entry["sealed_bytes"].as_u64().unwrap())
        })
        .collect();
    assert_eq!(found, expected);
    assert_eq!(listing["next"], serde_json::Value::Null);
    let after = server.ask("GET", &format!("/?after={}", expected[0].0), &[], b"");
    let listing: serde_json::Value = serde_json::from_slice(&after.body).unwrap();
    assert_eq!(listing["streams"].as_array().unwrap().len(), 2);
}

#[test]
fn an_upload_goes_on_where_it_broke() {
    let server = Kind::opening().serve();
    let stream = sealed(4);
    let at = server.begin(stream.len());
    let mut offset = 0;
    for len in [1, 10, 100_000] {
        let answer = server.patch(&at, offset, &stream[offset..offset + len]);
        offset += len;
        assert_eq!(
            (answer.status, answer.headers["upload-offset"].as_str()),
            (204, offset.to_string().as_str())
        );
        let head = server.tus("HEAD", &at, &[], b"");
        assert_eq!(head.headers["upload-offset"], offset.to_string());
        assert_eq!(head.headers["upload-length"], stream.len().to_string());
        assert_eq!(head.headers["cache-control"], "no-store");
    }
    assert_eq!(
        server.ask("GET", &format!("{at}/receipt"), &[], b"").status,
        404
    );
    for wrong in [0, offset - 1, offset + 1, stream.len()] {
        assert_eq!(server.patch(&at, wrong, b"x").status, 409, "{wrong}");
    }
    // A longer body than there is room for changes nothing.
    assert_eq!(
        server.patch(&at, offset, &vec![7; stream.len()]).status,
        413
    );
    let last = server.patch(&at, offset, &stream[offset..]);
    assert_eq!(last.status, 204);
    let receipt = server
        .ask("GET", &format!("{at}/receipt"), &[], b"")
        .receipt();
    assert_eq!(receipt.verdict, Verdict::Accepted);
    assert_eq!(receipt.transfer_id, transfer_id(&stream));
    let originals: Vec<_> = images(4).into_iter().map(|image| image.bytes).collect();
    assert_eq!(*server.opened.images.lock().unwrap(), originals);
    // Who did not hear it asks again, in any way, and hears the same.
    let accept = ("Accept", "application/vnd.secimg.receipt");
    let again = server.tus(
        "PATCH",
        &at,
        &[("Upload-Offset", &stream.len().to_string()), PIECE, accept],
        b"",
    );
    assert_eq!((again.status, again.receipt()), (200, receipt.clone()));
    assert_eq!(
        server
            .ask("GET", &format!("{at}/receipt"), &[], b"")
            .receipt(),
        receipt
    );
    assert_eq!(server.opened.images.lock().unwrap().len(), 4);
    assert_eq!(server.parts(), 0);
    // A new upload of the same stream is known.
    let at = server.begin(stream.len());
    assert_eq!(server.patch(&at, 0, &stream).status, 204);
    let before = server
        .ask("GET", &format!("{at}/receipt"), &[], b"")
        .receipt();
    assert_eq!(before.verdict, Verdict::AcceptedBefore);
    assert_eq!(server.opened.images.lock().unwrap().len(), 4);
}

#[test]
fn an_upload_can_begin_with_bytes_and_end_at_once() {
    let server = Kind::blind().serve();
    let stream = sealed(1);
    let len = stream.len().to_string();
    let made = server.tus(
        "POST",
        "/",
        &[("Upload-Length", &len), PIECE],
        &stream[..500],
    );
    assert_eq!(
        (made.status, made.headers["upload-offset"].as_str()),
        (201, "500")
    );
    let at = format!("/{}", made.headers["location"]);
    assert_eq!(
        server.tus("HEAD", &at, &[], b"").headers["upload-offset"],
        "500"
    );
    let accept = ("Accept", "application/vnd.secimg.receipt");
    let whole = server.tus(
        "POST",
        "/",
        &[("Upload-Length", &len), PIECE, accept],
        &stream,
    );
    assert_eq!(
        (whole.status, whole.receipt().verdict),
        (201, Verdict::Stored)
    );
    assert_eq!(server.kept().len(), 1);
    // Of the other one its owner may make an end.
    let other = ("X-HTTP-Method-Override", "DELETE");
    assert_eq!(server.tus("POST", &at, &[other], b"").status, 204);
    assert_eq!(server.tus("HEAD", &at, &[], b"").status, 404);
    assert_eq!(server.tus("DELETE", &at, &[], b"").status, 404);
    assert_eq!(server.parts(), 0);
}

#[test]
fn a_key_finds_the_same_upload_again() {
    let server = Kind::blind().serve();
    let stream = sealed(2);
    let len = stream.len().to_string();
    let begin = |key: &str| {
        let headers = [("Upload-Length", len.as_str()), ("Secimg-Upload-Key", key)];
        server.tus("POST", "/", &headers, b"")
    };
    let made = begin("0123456789abcdef");
    let at = format!("/{}", made.headers["location"]);
    assert_eq!(server.patch(&at, 0, &stream[..777]).status, 204);
    let again = begin("0123456789abcdef");
    assert_eq!(again.headers["location"], made.headers["location"]);
    assert_eq!(again.headers["upload-offset"], "777");
    let head = server.tus("HEAD", &at, &[("Want-Repr-Digest", "sha-256=1")], b"");
    let digest = <sha2::Sha256 as sha2::Digest>::digest(&stream[..777]);
    let text = <base64ct::Base64 as base64ct::Encoding>::encode_string(&digest);
    assert_eq!(head.headers["repr-digest"], format!("sha-256=:{text}:"));
    let other = begin("fedcba9876543210");
    assert_ne!(other.headers["location"], made.headers["location"]);
    let short = begin("short");
    assert_ne!(
        short.headers["location"],
        begin("short").headers["location"]
    );
}

#[test]
fn the_protocol_s_rules_are_kept() {
    let limits = ServerLimits::new().stream_bytes(100_000);
    let server = Kind {
        limits,
        ..Kind::blind()
    }
    .serve();
    let offer = server.ask("OPTIONS", "/", &[], b"");
    assert_eq!(offer.status, 204);
    for (name, value) in [
        ("tus-resumable", "1.0.0"),
        ("tus-version", "1.0.0"),
        ("tus-extension", "creation,creation-with-upload,termination"),
        ("tus-max-size", "100000"),
    ] {
        assert_eq!(offer.headers[name], value);
    }
    let no_version = server.ask("POST", "/", &[("Upload-Length", "5")], b"");
    assert_eq!(
        (
            no_version.status,
            no_version.headers["tus-version"].as_str()
        ),
        (412, "1.0.0")
    );
    let make = |headers: &[(&str, &str)]| server.tus("POST", "/", headers, b"").status;
    assert_eq!(make(&[("Upload-Length", "100000")]), 201);
    assert_eq!(make(&[("Upload-Length", "100001")]), 413);
    assert_eq!(make(&[("Upload-Length", "9223372036854775807")]), 413);
    for bad in ["9223372036854775808", "18446744073709551616", "-1", "x", ""] {
        assert_eq!(make(&[("Upload-Length", bad)]), 400, "{bad}");
    }
    assert_eq!(make(&[("Upload-Defer-Length", "1")]), 400);
    assert_eq!(make(&[]), 400);
    let at = server.begin(1000);
    let patch = |headers: &[(&str, &str)]| server.tus("PATCH", &at, headers, b"12345").status;
    assert_eq!(patch(&[("Upload-Offset", "0")]), 415);
    assert_eq!(patch(&[PIECE]), 400);
    for bad in [
        "-5",
        "18446744073709551616",
        "9223372036854775808",
        "0x0",
        "1e0",
    ] {
        assert_eq!(patch(&[PIECE, ("Upload-Offset", bad)]), 400, "{bad}");
    }
    assert_eq!(
        server.tus("HEAD", &at, &[], b"").headers["upload-offset"],
        "0"
    );
    assert_eq!(
        server
            .ask("PUT", &at, &[("Tus-Resumable", "1.0.0")], b"x")
            .status,
        405
    );
    assert_eq!(server.ask("DELETE", "/", &[], b"").status, 405);
    // What is too long is not read.
    let mut long = server.connect();
    send_head(
        &mut long,
        "PUT",
        "/x",
        &[("Content-Length", "100001".to_owned())],
    );
    assert_eq!(Answer::read(&mut long, false).status, 413);
    // Two uploads were begun, and nothing came of them.
    let parts = server.part_files();
    let lengths = parts
        .iter()
        .map(|part| std::fs::metadata(part).unwrap().len());
    assert_eq!(lengths.collect::<Vec<_>>(), [0, 0]);
}

#[test]
fn a_refusal_says_nothing_of_the_reason() {
    let server = Kind::opening().serve();
    let stranger = secimg::keys::SymmetricKey::generate().unwrap();
    let stranger = std::sync::Arc::new(secimg::keys::RawKeyRecipient::new(stranger));
    let options = secimg::SealOptions::new().recipient(stranger);
    let good = sealed(2);
    let mut changed = good.clone();
    let middle = changed.len() / 2;
    changed[middle] ^= 1;
    let cases = [
        secimg::encrypt_series(&images(2), &options).unwrap(),
        changed,
        good[..good.len() - 1].to_vec(),
        vec![7; 10_000],
        Vec::new(),
    ];
    for bytes in &cases {
        let put = server.ask("PUT", "/x", &[], bytes);
        assert_eq!((put.status, put.text()), (422, "the stream was refused\n"));
        let at = server.begin(bytes.len().max(1));
        if !bytes.is_empty() {
            let patch = server.patch(&at, 0, bytes);
            assert_eq!(
                (patch.status, patch.text()),
                (422, "the stream was refused\n")
            );
            let receipt = server.ask("GET", &format!("{at}/receipt"), &[], b"");
            assert_eq!(
                (receipt.status, receipt.text()),
                (422, "the stream was refused\n")
            );
        }
    }
    assert!(server.opened.images.lock().unwrap().is_empty());
}

#[test]
fn a_full_disk_is_said_and_what_came_is_kept() {
    let server = Kind::opening().serve();
    let stream = sealed(2);
    let at = server.begin(stream.len());
    *server.opened.full.lock().unwrap() = true;
    assert_eq!(server.patch(&at, 0, &stream).status, 507);
    let head = server.tus("HEAD", &at, &[], b"");
    assert_eq!(head.headers["upload-offset"], stream.len().to_string());
    *server.opened.full.lock().unwrap() = false;
    let receipt = server
        .ask("GET", &format!("{at}/receipt"), &[], b"")
        .receipt();
    assert_eq!(receipt.verdict, Verdict::Accepted);
}

#[test]
fn a_restart_loses_no_upload() {
    let server = Kind::blind().serve();
    let stream = sealed(4);
    let at = server.begin(stream.len());
    assert_eq!(server.patch(&at, 0, &stream[..100_000]).status, 204);
    let server = Kind::blind().serve_in(server.into_folder());
    assert_eq!(
        server.tus("HEAD", &at, &[], b"").headers["upload-offset"],
        "100000"
    );
    assert_eq!(server.patch(&at, 100_000, &stream[100_000..]).status, 204);
    assert_eq!(server.kept().len(), 1);
}

#[test]
fn another_stream_under_a_known_id_is_refused() {
    let server = Kind::blind().serve();
    let stream = sealed(1);
    assert_eq!(server.ask("PUT", "/", &[], &stream).status, 201);
    assert_eq!(server.ask("PUT", "/", &[], &stream).status, 201);
    let mut other = stream.clone();
    *other.last_mut().unwrap() ^= 1;
    assert_eq!(server.ask("PUT", "/", &[], &other).status, 422);
    let path = format!("/{}", hex(&transfer_id(&stream)));
    assert!(server.ask("GET", &path, &[], b"").body == stream);
}

#[test]
fn so_many_streams_and_no_more() {
    let mut kind = Kind::blind();
    kind.limits = kind.limits.streams(2);
    let server = kind.serve();
    assert_eq!(server.ask("PUT", "/", &[], &sealed(1)).status, 201);
    // What is no stream takes a place as well; what is no upload does not.
    assert_eq!(server.ask("GET", "/", &[], b"").status, 200);
    assert_eq!(server.ask("PUT", "/", &[], b"nothing").status, 422);
    assert_eq!(server.end(), Ended::Counted);
}

#[test]
fn stopping_lets_a_running_transfer_end() {
    let mut kind = Kind::blind();
    kind.limits = kind.limits.grace(PATIENCE);
    let server = kind.serve();
    let stream = sealed(2);
    let mut connection = server.connect();
    let length = ("Content-Length", stream.len().to_string());
    send_head(&mut connection, "PUT", "/x", &[length]);
    connection.write_all(&stream[..1000]).unwrap();
    wait_for("the upload begins", || server.parts() == 1);
    server.stopper().stop();
    wait_for("nobody else is let in", || {
        std::net::TcpStream::connect(server.address()).is_err()
    });
    connection.write_all(&stream[1000..]).unwrap();
    assert_eq!(Answer::read(&mut connection, false).status, 201);
    assert_eq!(server.kept().len(), 1);
    assert_eq!(server.end(), Ended::Stopped);
}
