//! Receipts that the receiver signs, the sender requires and keeps, and anybody checks.

use super::*;

/// A receiver that signs with the clinic's key.
fn signing(room: &Room, more: &[&str]) -> Receiver {
    let (doctor, clinic) = (key("doctor"), key("clinic"));
    room.receive(&[&["-i", &doctor, "--sign", &clinic], more].concat())
}

#[test]
fn a_signed_receipt_is_required_kept_and_checked() {
    let room = Room::new();
    let receiver = signing(&room, &["--once"]);
    let (doctor, clinic, image) = (key("doctor.pub"), key("clinic.pub"), room.text("a.png"));
    let kept = room.text("a.receipt");
    let sent = &run(
        0,
        &[
            "send",
            "-r",
            &doctor,
            "--to",
            &receiver.url,
            "--receipt-from",
            &clinic,
            "--receipt",
            &kept,
            &image,
        ],
    )[0];
    let receipt = &sent["receipt"];
    assert_eq!(receipt["verdict"], "accepted");
    assert_eq!(receipt["tag"], true);
    assert_eq!(receipt["output"], kept);
    assert_eq!(receipt["signature"]["algorithm"], "ed25519");
    assert_eq!(receipt["signature"]["trusted"], true);
    assert_eq!(sent["warnings"], Value::Array(Vec::new()));
    receiver.end(0);

    let checked = &run(0, &["receipt", "--from", &clinic, &kept])[0];
    assert_eq!(checked["schema"], "secimg/receipt/1");
    assert_eq!(checked["answer"], "accepted");
    assert_eq!(checked["transfer_id"], sent["transfer_id"]);
    assert_eq!(checked["items"], 1);
    assert_eq!(checked["signature"], receipt["signature"]);
    assert_eq!(checked["tag"], Value::Null);
    // Without a name the signature holds, and whose it is must be compared.
    let unnamed = &run(0, &["receipt", &kept])[0];
    assert_eq!(unnamed["signature"]["trusted"], false);
    assert_eq!(unnamed["warnings"].as_array().unwrap().len(), 1);
    let wrong = &run(1, &["receipt", "--from", &key("stranger.pub"), &kept])[0];
    assert_eq!(wrong["error"]["code"], "untrusted_receipt");
    assert_eq!(wrong["transfer_id"], Value::Null);

    let mut bytes = fs::read(&kept).unwrap();
    bytes[50] ^= 1;
    fs::write(room.path("forged.receipt"), &bytes).unwrap();
    let forged = &run(
        1,
        &["receipt", "--from", &clinic, &room.text("forged.receipt")],
    )[0];
    assert_eq!(forged["error"]["code"], "false_receipt");
    fs::write(room.path("cut.receipt"), &bytes[..150]).unwrap();
    let cut = &run(3, &["receipt", &room.text("cut.receipt")])[0];
    assert_eq!(cut["error"]["code"], "not_a_receipt");
    let text = String::from_utf8(secimg(&["receipt", "--from", &clinic, &kept]).stdout).unwrap();
    assert!(
        text.contains("accepted, items: 1") && text.contains("signed by sha256:"),
        "{text}"
    );
}

#[test]
fn a_receipt_that_is_not_signed_is_checked_with_the_stream() {
    let room = Room::new();
    let (doctor, image) = (key("doctor.pub"), room.text("a.png"));
    let (sealed, other) = (room.text("one.secimg"), room.text("other.secimg"));
    for file in [&sealed, &other] {
        run(0, &["encrypt", "-r", &doctor, "-o", file, &image]);
    }
    let receiver = room.receive(&["-i", &key("doctor"), "--once"]);
    let folder = room.text("receipts");
    let sent = &run(
        0,
        &[
            "send",
            "--to",
            &receiver.url,
            "--receipts",
            &folder,
            &sealed,
        ],
    )[0];
    assert_eq!(sent["receipt"]["tag"], Value::Null);
    receiver.end(0);
    let id = sent["transfer_id"].as_str().unwrap();
    let kept = room.text(&format!("receipts/{id}.receipt"));

    assert_eq!(
        run(1, &["receipt", &kept])[0]["error"]["code"],
        "unproven_receipt"
    );
    let identity = key("doctor");
    let with = |stream: &str, status| {
        run(
            status,
            &["receipt", "--stream", stream, "-i", &identity, &kept],
        )
        .remove(0)
    };
    let checked = with(&sealed, 0);
    assert_eq!(checked["tag"], true);
    assert_eq!(checked["signature"], Value::Null);
    assert_eq!(with(&other, 1)["error"]["code"], "false_receipt");
    let signed = &run(1, &["receipt", "--from", &key("clinic.pub"), &kept])[0];
    assert_eq!(signed["error"]["code"], "receipt_not_signed");
}

#[test]
fn a_sender_that_requires_a_signature_believes_no_other() {
    let room = Room::new();
    let (doctor, clinic, stranger) = (key("doctor.pub"), key("clinic.pub"), key("stranger.pub"));
    let sealed = room.text("one.secimg");
    run(
        0,
        &["encrypt", "-r", &doctor, "-o", &sealed, &room.text("a.png")],
    );
    let plain = room.receive(&["-i", &key("doctor"), "--once"]);
    let sent = &run(
        1,
        &[
            "send",
            "--to",
            &plain.url,
            "--receipt-from",
            &clinic,
            &sealed,
        ],
    )[0];
    assert_eq!(sent["error"]["code"], "receipt_not_signed");
    assert_eq!(sent["receipt"], Value::Null);
    plain.end(0);

    let image = room.text("b.raw");
    let receiver = signing(&room, &["--count", "3"]);
    let to = &receiver.url;
    let sent = &run(
        1,
        &[
            "send",
            "-r",
            &doctor,
            "--to",
            to,
            "--receipt-from",
            &stranger,
            &image,
        ],
    )[0];
    assert_eq!(sent["error"]["code"], "untrusted_receipt");
    // Who has no key to check the tag has the signature.
    fs::remove_file(room.path("in/a.png")).unwrap();
    for verdict in ["accepted", "accepted_before"] {
        let sent = &run(0, &["send", "--to", to, "--receipt-from", &clinic, &sealed])[0];
        assert_eq!(sent["receipt"]["verdict"], verdict);
        assert_eq!(sent["receipt"]["signature"]["trusted"], true);
        assert_eq!(sent["warnings"], Value::Array(Vec::new()));
    }
    receiver.end(0);
}

#[test]
fn what_is_wrong_with_receipts_is_said_before_anybody_is_called() {
    let room = Room::new();
    let (doctor, image) = (key("doctor.pub"), room.text("a.png"));
    let to = "tcp://127.0.0.1:9";
    let code = |status, args: &[&str]| run(status, args)[0]["error"]["code"].clone();
    let existing = [
        "send",
        "-r",
        &doctor,
        "--to",
        to,
        "--receipt",
        &image,
        &image,
    ];
    assert_eq!(code(2, &existing), "exists");
    let two = [
        "send",
        "--to",
        to,
        "--receipt",
        &room.text("r"),
        &image,
        &image,
    ];
    assert_eq!(code(2, &two), "usage");
    let relay = |option: &str, value: &str| {
        let folder = room.text("in");
        code(
            2,
            &[
                "receive",
                "--listen",
                "tcp://127.0.0.1:0",
                "-O",
                &folder,
                option,
                value,
            ],
        )
    };
    assert_eq!(relay("--sign", &key("clinic")), "no_identity");
}
