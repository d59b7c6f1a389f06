//! redact and unredact: what stands where afterwards, and what is refused.

use super::support::*;

const REDACT_KEYS: &[&str] = &[
    "schema",
    "file",
    "verdict",
    "exit",
    "width",
    "height",
    "rects",
    "fill",
    "restores",
    "suite",
    "transfer_id",
    "sealed_bytes",
    "signature",
    "output",
    "sidecar",
    "warnings",
    "error",
];

const UNREDACT_KEYS: &[&str] = &[
    "schema",
    "file",
    "verdict",
    "exit",
    "width",
    "height",
    "rects",
    "restored",
    "name",
    "bytes",
    "suite",
    "transfer_id",
    "recipient",
    "signature",
    "output",
    "sidecar",
    "warnings",
    "error",
];

/// A BMP of 20 by 10 pixels, each another.
fn bmp() -> Vec<u8> {
    let mut bmp =
        b"BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\x14\0\0\0\x0A\0\0\0\x01\0\x18\0".to_vec();
    bmp.resize(0x36, 0);
    bmp.extend((0..=199).flat_map(|pixel: u8| [pixel, 255 - pixel, 7]));
    bmp
}

/// The pixels, as `image` shows them.
fn pixels(file: &[u8]) -> image::RgbImage {
    image::load_from_memory(file).unwrap().to_rgb8()
}

fn jpeg() -> Vec<u8> {
    let mut jpeg = std::io::Cursor::new(Vec::new());
    let picture = pixels(&bmp());
    picture
        .write_to(&mut jpeg, image::ImageFormat::Jpeg)
        .unwrap();
    jpeg.into_inner()
}

#[test]
fn a_picture_is_redacted_and_restored() {
    let bench = Bench::new();
    bench.write("a.bmp", &bmp());
    let done = bench
        .run("redact --rect 2,2,5,5 --rect 15,5,50,50 -r alice.pub --sign bob a.bmp b.png --json")
        .ok()
        .one_object();
    has_keys(&done, REDACT_KEYS);
    assert_eq!(done["verdict"], "redacted");
    assert_eq!((&done["width"], &done["height"]), (&20.into(), &10.into()));
    assert_eq!(done["rects"][1]["width"], 5, "clipped");
    assert!(done["warnings"][0].as_str().unwrap().contains("clipped"));
    assert_eq!(
        (&done["fill"], &done["restores"]),
        (&"000000".into(), &"pixels".into())
    );
    assert_eq!(
        (&done["output"], &done["sidecar"]),
        (&"b.png".into(), &().into())
    );
    let (before, after) = (pixels(&bmp()), pixels(&bench.read("b.png")));
    assert_eq!(after.get_pixel(2, 2).0, [0; 3]);
    assert_eq!(after.get_pixel(0, 0), before.get_pixel(0, 0));

    let back = bench
        .run("unredact -i alice --from bob.pub --require-intended b.png c.png --json")
        .ok()
        .one_object();
    has_keys(&back, UNREDACT_KEYS);
    assert_eq!(back["verdict"], "verified");
    assert_eq!(back["transfer_id"], done["transfer_id"]);
    assert_eq!(back["rects"], done["rects"]);
    assert_eq!(back["signature"]["trusted"], true);
    assert_eq!(pixels(&bench.read("c.png")), before);

    let no = bench
        .run("unredact -i carol b.png d.png --json")
        .fails(1, "no_matching_key");
    has_keys(&no, UNREDACT_KEYS);
    bench
        .run("unredact -i alice --from eve.pub b.png d.png --json")
        .fails(1, "untrusted_signer");
    assert!(!bench.exists("d.png"));
    bench.is_tidy();
}

#[test]
fn a_jpeg_gets_a_stream_beside_it() {
    let bench = Bench::new();
    let jpeg = jpeg();
    bench.write("a.jpg", &jpeg);
    let done = bench
        .run("redact --rect 2,2,2,2 --fill FF8000 -r alice.pub a.jpg b.png --json")
        .ok()
        .one_object();
    assert_eq!(
        (&done["restores"], &done["sidecar"]),
        (&"file".into(), &"b.png.secimg".into())
    );
    assert!(done["warnings"][0].as_str().unwrap().contains("grown"));
    assert_eq!(
        pixels(&bench.read("b.png")).get_pixel(3, 3).0,
        [0xFF, 0x80, 0]
    );
    // Found by its name, and named.
    let back = bench
        .run("unredact -i alice b.png c.jpg --json")
        .ok()
        .one_object();
    assert_eq!(
        (&back["name"], &back["sidecar"]),
        (&"a.jpg".into(), &"b.png.secimg".into())
    );
    assert_eq!(bench.read("c.jpg"), jpeg);
    std::fs::rename(bench.path("b.png.secimg"), bench.path("x.secimg")).unwrap();
    bench
        .run("unredact -i alice b.png d.jpg --json")
        .fails(3, "no_sealed_part");
    bench
        .run("unredact -i alice --sidecar x.secimg b.png d.jpg")
        .ok();
    assert_eq!(bench.read("d.jpg"), jpeg);
    bench
        .run("unredact -i alice --sidecar none b.png e.jpg --json")
        .fails(4, "not_found");
    // It is a stream like any other: it is opened, and gets other recipients.
    bench.run("decrypt -i alice -O out x.secimg").ok();
    assert_eq!(bench.read("out/a.jpg"), jpeg);
    bench.run("rewrap -i alice -r carol.pub x.secimg").ok();
    bench
        .run("unredact -i carol --sidecar x.secimg b.png f.jpg")
        .ok();
    assert_eq!(bench.read("f.jpg"), jpeg);
    bench.is_tidy();
}

#[test]
fn the_whole_file_comes_back_byte_for_byte() {
    let bench = Bench::new();
    bench.write("a.bmp", &bmp());
    for (options, sidecar) in [
        ("", false),
        ("--sidecar", true),
        ("--suite gcm --pad", false),
    ] {
        let words =
            format!("redact --rect 0,0,1,1 --whole {options} --key-file sym a.bmp b.png --force");
        let done = bench.run(&words).ok();
        assert!(
            done.text().contains("the original file sealed"),
            "{}",
            done.text()
        );
        assert_eq!(bench.exists("b.png.secimg"), sidecar);
        let text = bench
            .run("unredact --key-file sym b.png c.bmp --force")
            .ok()
            .text();
        assert!(text.contains("which was called a.bmp"), "{text}");
        assert_eq!(bench.read("c.bmp"), bmp());
        let _ = std::fs::remove_file(bench.path("b.png.secimg"));
    }
}

#[test]
fn standard_streams_are_pictures() {
    let bench = Bench::new();
    let redacted = bench
        .feed("redact --rect 0,0,1,1 -r alice.pub - -", &bmp())
        .ok()
        .stdout;
    let restored = bench.feed("unredact -i alice - -", &redacted).ok().stdout;
    assert_eq!(pixels(&restored), pixels(&bmp()));
    let report = bench.feed("unredact -i alice - - --json", &redacted).ok();
    assert!(report.stderr.contains("secimg/unredact/1"));
    for words in [
        "redact --rect 0,0,1,1 -r alice.pub --sidecar - -",
        "redact --rect 0,0,1,1 -r alice.pub - -",
    ] {
        let refused = bench.feed(words, &jpeg()).exits(2);
        assert_eq!(refused.stdout, b"", "{words}");
    }
}

#[test]
fn both_files_appear_or_neither() {
    let bench = Bench::new();
    bench.write("a.bmp", &bmp());
    bench.write("b.png.secimg", b"precious");
    let redact = "redact --rect 0,0,1,1 -r alice.pub --sidecar a.bmp b.png --json";
    bench.run(redact).fails(2, "exists");
    assert!(!bench.exists("b.png"));
    // Found only when the picture is known to be a JPEG.
    bench.write("a.jpg", &jpeg());
    bench
        .run("redact --rect 0,0,1,1 -r alice.pub a.jpg b.png --json")
        .fails(2, "exists");
    assert!(!bench.exists("b.png"));
    assert_eq!(bench.read("b.png.secimg"), b"precious");
    bench.write("c.png", b"precious");
    bench
        .run("redact --rect 0,0,1,1 -r alice.pub --sidecar a.bmp c.png --json")
        .fails(2, "exists");
    assert!(!bench.exists("c.png.secimg"));
    bench.run(&format!("{redact} --force")).ok();
    bench.run("unredact -i alice b.png d.png").ok();
    bench.is_tidy();
}

#[test]
fn what_is_wrong_is_named() {
    let bench = Bench::new();
    bench.write("a.bmp", &bmp());
    bench.write("a.gif", GIF);
    bench.write("a.png", b"\x89PNG\r\n\x1a\n");
    let redact = |words: &str| bench.run(&format!("redact -r alice.pub {words} --json"));
    let no = redact("--rect 20,0,1,1 a.bmp b.png").fails(2, "bad_rect");
    has_keys(&no, REDACT_KEYS);
    assert!(no["error"]["message"].as_str().unwrap().contains("20 x 10"));
    redact("--rect 0,0,1,1 a.gif b.png").fails(3, "unsupported");
    redact("--rect 0,0,1,1 a.png b.png").fails(3, "not_decoded");
    redact("--rect 0,0,1,1 none.png b.png").fails(4, "not_found");
    redact("--rect 0,0,1,1 a.bmp b.jpg").fails(2, "usage");
    redact("--rect 0,0,1,1 a.bmp a.bmp --force").fails(2, "usage");
    for words in [
        "--rect 0,0,0,1 a.bmp b.png",
        "--rect 1,2,3 a.bmp b.png",
        "a.bmp b.png",
    ] {
        redact(words).exits(2);
    }
    redact("--rect 0,0,1,1 --fill red a.bmp b.png").exits(2);
    bench
        .run("redact --rect 0,0,1,1 a.bmp b.png --json")
        .fails(2, "no_recipient");
    assert!(!bench.exists("b.png"));

    // Another picture of the same size, with the sealed part of this one.
    redact("--rect 0,0,1,1 --sidecar a.bmp b.png").ok();
    let mut other = bmp();
    other[100] ^= 1;
    bench.write("other.bmp", &other);
    redact("--rect 0,0,1,1 other.bmp c.png").ok();
    bench
        .run("unredact -i alice --sidecar b.png.secimg c.png d.png --json")
        .fails(1, "other_picture");
    bench.run("encrypt -r alice.pub a.gif").ok();
    bench.write("plain.gif", GIF);
    bench
        .run("unredact -i alice --sidecar a.gif.secimg c.png d.png --json")
        .fails(3, "not_a_redaction");
    let mut flipped = bench.read("c.png");
    let at = flipped.len() - 20;
    flipped[at] ^= 1;
    bench.write("flipped.png", &flipped);
    bench
        .run("unredact -i alice flipped.png d.png --json")
        .fails(3, "malformed");
    bench
        .run("unredact -i alice plain.gif d.png --json")
        .fails(3, "no_sealed_part");
    bench
        .run("unredact -i alice c.png c.png --force --json")
        .fails(2, "usage");
    assert!(!bench.exists("d.png"));
    bench.is_tidy();
}
