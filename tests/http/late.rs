//! Bytes that arrive after a sender has asked what is there.

use std::io::{Cursor, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use secimg::format::Limits;
use secimg::transport::http::{ClientTls, HttpClient, HttpTransport};
use secimg::transport::{Outgoing, Terms, Transport, TransportError, Verdict};

use super::support::*;

/// The value of a header.
fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| line.strip_prefix(name))
}

/// Reads a request to its end, and returns its head in small letters.
fn request(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let len = stream.read(&mut buffer).unwrap();
        bytes.extend_from_slice(&buffer[..len]);
        let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else {
            assert!(len > 0, "a request without an end");
            continue;
        };
        let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
        let body = header(&head, "content-length: ").map_or(0, |len| len.parse().unwrap());
        if len == 0 || bytes.len() >= end + 4 + body {
            return head;
        }
    }
}

/// A server that has five bytes more than whoever begins at the first one thinks, at most so many times; and where the
/// pieces that came to it began.
fn serve(most: usize, len: usize) -> (String, Arc<Mutex<Vec<usize>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let pieces = Arc::new(Mutex::new(Vec::new()));
    let begun = Arc::clone(&pieces);
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let head = request(&mut stream);
            let (status, more) = match head.split(' ').next().unwrap() {
                "options" => (
                    "204 No Content",
                    "Tus-Version: 1.0.0\r\nTus-Extension: creation\r\n".to_owned(),
                ),
                "post" => ("201 Created", "Location: u\r\n".to_owned()),
                "head" => ("200 OK", "Upload-Offset: 5\r\n".to_owned()),
                "patch" => {
                    let mut begun = begun.lock().unwrap();
                    begun.push(header(&head, "upload-offset: ").unwrap().parse().unwrap());
                    if begun.len() <= most {
                        ("409 Conflict", String::new())
                    } else {
                        ("204 No Content", format!("Upload-Offset: {len}\r\n"))
                    }
                }
                _ => ("404 Not Found", String::new()),
            };
            let length = if status.starts_with("204") {
                ""
            } else {
                "Content-Length: 0\r\n"
            };
            let answer = format!("HTTP/1.1 {status}\r\n{more}{length}Connection: close\r\n\r\n");
            stream.write_all(answer.as_bytes()).unwrap();
        }
    });
    (address, pieces)
}

#[test]
fn bytes_that_arrive_late_are_asked_for_and_not_for_ever() {
    let stream = sealed(1);
    let deliver = |address: &str| {
        let mut stream = Outgoing::new(Cursor::new(stream.clone()), Limits::DEFAULT).unwrap();
        let transport = HttpTransport::new(HttpClient::new(&ClientTls::new()), false);
        transport.deliver(address, &mut stream, &Terms::new())
    };
    let (address, pieces) = serve(1, stream.len());
    assert_eq!(deliver(&address).unwrap().verdict, Verdict::Stored);
    assert_eq!(*pieces.lock().unwrap(), [0, 5]);
    let (address, pieces) = serve(usize::MAX, stream.len());
    let error = deliver(&address).unwrap_err();
    assert!(matches!(error, TransportError::Http(409, _)), "{error}");
    assert_eq!(*pieces.lock().unwrap(), [0, 5, 5, 5]);
}
