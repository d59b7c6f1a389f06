//! encrypt: names, outputs, and what it refuses before it begins.

use super::support::*;

const SEALED_KEYS: &[&str] = &[
    "schema",
    "file",
    "verdict",
    "exit",
    "suite",
    "transfer_id",
    "sealed_bytes",
    "signature",
    "items",
    "warnings",
    "error",
];

#[test]
fn each_image_gets_a_stream_beside_it() {
    let bench = Bench::new();
    bench.write("a.gif", GIF);
    bench.write("b.bin", &vec![7; 200_000]);
    let run = bench
        .run("encrypt -r alice.pub --sign bob --suite gcm a.gif b.bin --json")
        .ok();
    let objects = run.objects();
    assert_eq!(objects.len(), 2);
    for object in &objects {
        has_keys(object, SEALED_KEYS);
        assert_eq!(object["suite"], "aes-256-gcm");
        assert_eq!(object["signature"]["algorithm"], "ed25519");
        let file = object["file"].as_str().unwrap();
        assert_eq!(object["items"][0]["name"], file);
        assert_eq!(object["items"][0]["output"], format!("{file}.secimg"));
        let sealed = bench.read(&format!("{file}.secimg")).len();
        assert_eq!(object["sealed_bytes"], sealed);
    }
    assert_eq!(objects[0]["items"][0]["width"], 320);
    assert!(objects[1]["items"][0]["width"].is_null());
    bench.is_tidy();
}

#[test]
fn nothing_is_overwritten_without_force() {
    let bench = Bench::new();
    bench.write("a.gif", GIF);
    bench.write("a.gif.secimg", b"precious");
    let refused = bench
        .run("encrypt -r alice.pub a.gif --json")
        .fails(2, "exists");
    has_keys(&refused, SEALED_KEYS);
    bench
        .run("encrypt -r alice.pub -o a.gif.secimg a.gif --json")
        .fails(2, "exists");
    assert_eq!(bench.read("a.gif.secimg"), b"precious");
    bench.run("encrypt -r alice.pub a.gif --force").ok();
    bench.run("verify -i alice a.gif.secimg").ok();
    bench
        .run("encrypt -r alice.pub -o a.gif a.gif --force")
        .exits(2);
    assert_eq!(bench.read("a.gif"), GIF);
}

#[test]
fn a_series_is_one_stream() {
    let bench = Bench::new();
    bench.write("a.gif", GIF);
    bench.write("b.bin", b"pixels");
    bench
        .run("encrypt -r alice.pub -o s.secimg a.gif b.bin")
        .ok();
    bench.run("decrypt -i alice -O out s.secimg").ok();
    assert_eq!(
        (bench.read("out/a.gif"), bench.read("out/b.bin")),
        (GIF.to_vec(), b"pixels".to_vec())
    );
    std::fs::create_dir(bench.path("sub")).unwrap();
    bench.write("sub/A.GIF", GIF);
    let twice = bench.run("encrypt -r alice.pub -o t.secimg a.gif sub/A.GIF");
    assert!(twice.exits(2).stderr.contains("same name"));
    let missing = bench
        .run("encrypt -r alice.pub -o t.secimg a.gif none.gif --json")
        .exits(4);
    assert_eq!(missing.objects().len(), 2, "one object for each input");
    assert!(missing.stderr.contains("none.gif") && !bench.exists("t.secimg"));
    bench.is_tidy();
}

#[test]
fn standard_input_goes_to_standard_output() {
    let bench = Bench::new();
    for words in [
        "encrypt -r alice.pub",
        "encrypt -r alice.pub -",
        "encrypt -r alice.pub -o - -",
    ] {
        let sealed = bench.feed(words, GIF).ok().stdout;
        assert_eq!(bench.feed("decrypt -i alice", &sealed).ok().stdout, GIF);
        assert_eq!(
            bench.feed("decrypt -i alice -o - -", &sealed).ok().stdout,
            GIF
        );
        bench.feed("decrypt -i alice -O out --force", &sealed).ok();
    }
    // A stream without a name is called by its place, and takes nobody else's.
    assert_eq!(
        bench.names_in("out"),
        ["image-1.gif", "image-2.gif", "image-3.gif"]
    );
    let report = bench.feed("encrypt -r alice.pub --json", GIF).ok();
    assert!(
        report.stderr.contains("secimg/sealed/1"),
        "beside data reports go to standard error"
    );
    bench.write("a.gif", GIF);
    assert_eq!(
        bench.run("encrypt -r alice.pub - a.gif").exits(2).stdout,
        b""
    );
}

#[test]
fn wrong_usage_is_said_before_anything_is_done() {
    let bench = Bench::new();
    bench.write("a.gif", GIF);
    bench.secret("weak.pub", WEAK_PUB.as_bytes());
    for (words, status, code) in [
        ("a.gif", 2, "no_recipient"),
        ("-r bob.pub a.gif", 2, "wrong_key_kind"),
        ("-r alice a.gif", 2, "wrong_key_kind"),
        ("-r sym a.gif", 2, "wrong_key_kind"),
        ("--key-file alice.pub a.gif", 2, "wrong_key_kind"),
        ("-r alice.pub -r alice.pub a.gif", 2, "usage"),
        ("-r alice.pub --key-file sym a.gif", 2, "usage"),
        ("-r alice.pub -r dora.pub a.gif", 2, "usage"),
        ("-r alice.pub --sign dora a.gif", 2, "wrong_key_kind"),
        ("-r dora a.gif", 2, "wrong_key_kind"),
        ("-r alice.pub --sign alice.pub a.gif", 2, "wrong_key_kind"),
        ("-r weak.pub a.gif", 3, "weak_key"),
        ("-r none.pub a.gif", 4, "not_found"),
        ("-r alice.pub none.gif", 4, "not_found"),
    ] {
        bench
            .run(&format!("encrypt {words} --json"))
            .fails(status, code);
    }
    for words in [
        "",
        "encrypt -r alice.pub --suite none a.gif",
        "encrypt -p -r alice.pub a.gif",
        "fry",
    ] {
        bench.run(words).exits(2);
    }
    assert!(!bench.exists("a.gif.secimg"));
    bench
        .run("encrypt -r alice.pub --key-file sym --allow-mixing a.gif")
        .ok();
    bench.is_tidy();
}

#[test]
fn rsa_beside_a_hybrid_key_is_sealed_for_only_when_that_is_meant() {
    let bench = Bench::new();
    bench.write("a.gif", GIF);
    let words = "encrypt -r dora.pub -r alice.pub a.gif";
    let refused = bench.run(words).exits(2);
    for part in ["hybrid", "weakest", "--allow-mixing"] {
        assert!(refused.stderr.contains(part), "{}", refused.stderr);
    }
    assert!(!bench.exists("a.gif.secimg"));
    bench.run(&format!("{words} --allow-mixing")).ok();
    // Who reads need not allow anything.
    for reader in ["dora", "alice"] {
        bench.run(&format!("verify -i {reader} a.gif.secimg")).ok();
    }
}

#[test]
fn of_two_images_the_good_one_is_sealed() {
    let bench = Bench::new();
    bench.write("a.gif", GIF);
    let run = bench
        .run("encrypt -r alice.pub none.gif a.gif --json")
        .exits(4);
    let verdicts: Vec<_> = run.objects().iter().map(|o| o["verdict"].clone()).collect();
    assert_eq!(verdicts, ["error", "sealed"]);
    bench.run("verify -i alice a.gif.secimg").ok();
}

#[test]
fn one_key_for_two_purposes_is_said() {
    let bench = Bench::new();
    bench.write("a.gif", GIF);
    let run = bench.run("encrypt -r alice.pub --sign alice a.gif").ok();
    assert!(run.stderr.contains("SP 800-57"), "{}", run.stderr);
    bench
        .run("verify -i alice --from alice.pub --require-intended a.gif.secimg")
        .ok();
}

#[test]
fn a_name_that_not_every_system_can_store_is_left_out() {
    let bench = Bench::new();
    bench.write(".hidden.gif", GIF);
    let run = bench.run("encrypt -r alice.pub .hidden.gif --json").ok();
    let object = run.one_object();
    assert!(object["items"][0]["name"].is_null());
    assert_eq!(object["warnings"].as_array().unwrap().len(), 1);
    bench.run("decrypt -i alice -O out .hidden.gif.secimg").ok();
    assert_eq!(bench.names_in("out"), ["image-1.gif"]);
}

#[test]
fn a_name_is_stored_in_composed_form() {
    let bench = Bench::new();
    // macOS shows names decomposed; not every file system keeps them so.
    bench.write("e\u{301}.gif", GIF);
    let run = bench
        .run("encrypt -r alice.pub -o s e\u{301}.gif --json")
        .ok();
    assert_eq!(run.one_object()["items"][0]["name"], "\u{e9}.gif");
}

/// A PNG with a text, a time and bytes behind its end.
fn telling_png() -> Vec<u8> {
    let chunk = |kind: &[u8; 4], data: &[u8]| {
        let crc = kind.iter().chain(data).fold(u32::MAX, |crc, byte| {
            (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
                (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg())
            })
        });
        let length = u32::try_from(data.len()).unwrap().to_be_bytes();
        [&length[..], kind, data, &(!crc).to_be_bytes()].concat()
    };
    [
        b"\x89PNG\r\n\x1a\n".to_vec(),
        chunk(b"IHDR", &[0, 0, 0, 3, 0, 0, 0, 2, 8, 0, 0, 0, 0]),
        chunk(b"tEXt", b"Location\0Jane's house"),
        chunk(b"IDAT", b"pixels"),
        chunk(b"tIME", &[0; 7]),
        chunk(b"IEND", b""),
        b"Jane again".to_vec(),
    ]
    .concat()
}

#[test]
fn what_an_image_tells_is_removed_on_demand() {
    let bench = Bench::new();
    bench.write("a.png", &telling_png());
    let run = bench.run("encrypt -r alice.pub --strip a.png --json").ok();
    let item = run.objects()[0]["items"][0].clone();
    let removed: Vec<_> = item["removed"].as_array().unwrap().iter().collect();
    let what: Vec<_> = removed
        .iter()
        .map(|r| r["what"].as_str().unwrap())
        .collect();
    assert_eq!(what, ["text", "time", "trailing"]);
    assert_eq!((&item["width"], &item["height"]), (&3.into(), &2.into()));
    bench.run("decrypt -i alice -o b.png a.png.secimg").ok();
    let bare = bench.read("b.png");
    assert!(!bare.windows(4).any(|bytes| bytes == b"Jane"));
    assert!(bare.windows(6).any(|bytes| bytes == b"pixels"));
    assert_eq!(item["bytes"], bare.len());
    // The file itself stays as it is, and without the word everything is sealed.
    assert_eq!(bench.read("a.png"), telling_png());
    let run = bench.run("encrypt -r alice.pub --force a.png --json").ok();
    assert!(run.objects()[0]["items"][0]["removed"].is_null());
    bench.run("decrypt -i alice -o c.png a.png.secimg").ok();
    assert_eq!(bench.read("c.png"), telling_png());
}

#[test]
fn what_cannot_be_stripped_is_not_sealed() {
    let bench = Bench::new();
    bench.write("a.gif", GIF);
    bench
        .run("encrypt -r alice.pub --strip a.gif --json")
        .fails(3, "not_stripped");
    let whole = telling_png();
    bench.write("cut.png", &whole[..whole.len() / 2]);
    bench
        .run("encrypt -r alice.pub --strip cut.png --json")
        .fails(3, "not_stripped");
    bench.is_tidy();
}
