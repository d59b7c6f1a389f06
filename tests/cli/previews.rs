//! encrypt --preview and --preview-for, preview, and decrypt --item: what is seen of a stream without reading all of it.

use core::fmt::Write;

use super::support::*;

/// A picture of so many pixels, as PPM.
fn picture(width: usize, height: usize) -> Vec<u8> {
    let mut bytes = format!("P6 {width} {height} 255\n").into_bytes();
    let samples = (0..251_u8).cycle().step_by(31);
    bytes.extend(samples.take(width * height * 3));
    bytes
}

const PREVIEW_KEYS: &[&str] = &[
    "schema",
    "file",
    "verdict",
    "exit",
    "suite",
    "transfer_id",
    "recipient",
    "signature",
    "item",
    "preview",
    "preview_of",
    "output",
    "warnings",
    "error",
];

#[test]
fn a_preview_is_sealed_and_shown() {
    let bench = Bench::new();
    bench.write("a.ppm", &picture(1_000, 400));
    let sealed = bench
        .run("encrypt -r alice.pub --sign bob --preview a.ppm --json")
        .ok();
    let bytes = sealed.one_object()["items"][0]["preview_bytes"]
        .as_u64()
        .unwrap();
    let run = bench
        .run("preview -i alice a.ppm.secimg -o a.jpg --json")
        .ok();
    let object = run.one_object();
    has_keys(&object, PREVIEW_KEYS);
    assert_eq!(object["verdict"], "authentic");
    assert_eq!(object["item"]["name"], "a.ppm");
    assert_eq!(object["item"]["width"], 1_000);
    assert_eq!(object["preview"]["media_type"], "image/jpeg");
    assert_eq!(object["preview"]["bytes"], bytes);
    assert!(object["signature"].is_null() && object["preview_of"].is_null());
    let preview = bench.read("a.jpg");
    assert_eq!(preview.len() as u64, bytes);
    // The same to standard output, of a signer, and from standard input.
    assert_eq!(
        bench.run("preview -i alice a.ppm.secimg").ok().stdout,
        preview
    );
    let signed = bench
        .run("preview -i alice --from bob.pub a.ppm.secimg -o b.jpg --json")
        .ok();
    assert_eq!(signed.one_object()["signature"]["trusted"], true);
    let stream = bench.read("a.ppm.secimg");
    assert_eq!(bench.feed("preview -i alice", &stream).ok().stdout, preview);
    // Its beginning is enough.
    assert_eq!(
        bench
            .feed("preview -i alice", &stream[..150_000])
            .ok()
            .stdout,
        preview
    );
    bench.run("decrypt -i alice a.ppm.secimg -o back.ppm").ok();
    assert_eq!(bench.read("back.ppm"), bench.read("a.ppm"));
    bench.is_tidy();
}

#[test]
fn what_has_no_preview_is_sealed_all_the_same() {
    let bench = Bench::new();
    bench.write("a.gif", GIF);
    bench.write("b.dcm", b"no picture");
    let run = bench
        .run("encrypt -r alice.pub --preview -o s.secimg a.gif b.dcm --json")
        .ok();
    for object in run.objects() {
        assert!(object["items"][0]["preview_bytes"].is_null());
        let warning = object["warnings"][0].as_str().unwrap();
        assert!(warning.starts_with("no preview: "), "{warning}");
    }
    bench
        .run("preview -i alice s.secimg -o a.jpg --json")
        .fails(3, "no_preview");
    bench.run("verify -i alice s.secimg").ok();
    assert!(!bench.exists("a.jpg"));
}

#[test]
fn refusals_of_preview() {
    let bench = Bench::new();
    bench.write("a.ppm", &picture(30, 20));
    bench.run("encrypt -r alice.pub --preview a.ppm").ok();
    bench.write("there.jpg", b"precious");
    bench
        .run("preview -i carol a.ppm.secimg -o a.jpg --json")
        .fails(1, "no_matching_key");
    bench
        .run("preview -i alice --from bob.pub a.ppm.secimg -o a.jpg --json")
        .fails(1, "not_signed");
    bench
        .run("preview -i alice a.ppm.secimg -o there.jpg --json")
        .fails(2, "exists");
    bench
        .run("preview -i alice a.ppm -o a.jpg --json")
        .fails(3, "not_a_stream");
    bench
        .run("preview -i alice --item 2 a.ppm.secimg -o a.jpg --json")
        .fails(2, "no_item");
    bench
        .run("preview -i alice --item x a.ppm.secimg -o a.jpg --json")
        .fails(2, "no_item");
    bench
        .run("preview -i alice --item 0 a.ppm.secimg -o a.jpg --json")
        .fails(2, "usage");
    assert_eq!(bench.read("there.jpg"), b"precious");
    assert!(!bench.exists("a.jpg"));
    bench.is_tidy();
}

/// Who may see the previews cannot open the images, and the other way round.
#[test]
fn previews_alone_go_to_whom_they_are_meant_for() {
    let bench = Bench::new();
    bench.write("a.ppm", &picture(600, 600));
    bench.write("b.ppm", &picture(64, 64));
    bench.write("c.bin", b"no picture");
    let words = "encrypt -r alice.pub --preview-for carol.pub --sign bob -o s.secimg a.ppm b.ppm c.bin --json";
    let run = bench.run(words).ok();
    let objects = run.objects();
    let id = objects[0]["transfer_id"].clone();
    assert_eq!(objects[0]["items"][0]["preview_output"], "s.preview.secimg");
    let report = bench
        .run("verify -i carol --from bob.pub s.preview.secimg --json")
        .ok()
        .one_object();
    let items = report["items"].as_array().unwrap();
    assert_eq!(items.len(), 2);
    assert_eq!(items[1]["name"], "b.ppm.preview.jpg");
    for number in [1, 2] {
        let words =
            format!("preview -i carol --item {number} s.preview.secimg -o {number}.jpg --json");
        let object = bench.run(&words).ok().one_object();
        assert_eq!(object["preview_of"], id);
        assert!(
            bench
                .read(&format!("{number}.jpg"))
                .starts_with(&[0xff, 0xd8])
        );
    }
    assert_eq!(
        bench.run("preview -i carol s.preview.secimg").ok().stdout,
        bench.read("1.jpg")
    );
    bench
        .run("verify -i carol s.secimg --json")
        .fails(1, "no_matching_key");
    bench
        .run("verify -i alice s.preview.secimg --json")
        .fails(1, "no_matching_key");
    // They were asked for apart, so the images' stream has none.
    bench
        .run("preview -i alice s.secimg -o x.jpg --json")
        .fails(3, "no_preview");
    bench
        .run("encrypt -r alice.pub --preview-for carol.pub -o - a.ppm")
        .exits(2);
    // Nothing to show, nothing beside it.
    bench
        .run("encrypt -r alice.pub --preview-for carol.pub c.bin")
        .ok();
    assert!(bench.exists("c.bin.secimg") && !bench.exists("c.bin.preview.secimg"));
    bench.is_tidy();
}

#[test]
fn one_image_of_a_series_is_taken_out() {
    let bench = Bench::new();
    let mut names = String::new();
    for number in 1..=30_u8 {
        let file = format!("{number}.raw");
        bench.write(&file, &vec![number; 100_000]);
        names.push(' ');
        names.push_str(&file);
    }
    bench
        .run(&format!(
            "encrypt -r alice.pub --sign bob -o s.secimg{names}"
        ))
        .ok();
    std::fs::create_dir(bench.path("out")).unwrap();
    let run = bench
        .run("decrypt -i alice --item 17 -O out s.secimg --json")
        .ok();
    let object = run.one_object();
    assert_eq!(object["schema"], "secimg/item/1");
    assert_eq!(object["verdict"], "authentic");
    assert_eq!(object["number"], 17);
    assert_eq!(object["item"]["name"], "17.raw");
    assert_eq!(bench.names_in("out"), ["17.raw"]);
    assert_eq!(bench.read("out/17.raw"), bench.read("17.raw"));
    let by_name =
        "decrypt -i alice --from bob.pub --require-intended --item 3.raw -o x s.secimg --json";
    let object = bench.run(by_name).ok().one_object();
    assert_eq!(object["signature"]["trusted"], true);
    assert_eq!(bench.read("x"), bench.read("3.raw"));
    assert_eq!(
        bench
            .run("decrypt -i alice --item 5 -o - s.secimg")
            .ok()
            .stdout,
        bench.read("5.raw")
    );
    // Nothing of what was asked for, nothing written.
    for (words, status, code) in [
        ("--item 31 -o y s.secimg", 2, "no_item"),
        ("--item z -o y s.secimg", 2, "no_item"),
        ("--item 1 -o y s.secimg s.secimg", 2, "usage"),
        ("--item 1 -o x s.secimg", 2, "exists"),
        (
            "--item 1 --require-intended -o y s.secimg",
            1,
            "not_intended",
        ),
        (
            "--item 1 --from eve.pub -o y s.secimg",
            1,
            "untrusted_signer",
        ),
    ] {
        bench
            .run(&format!("decrypt -i alice {words} --json"))
            .fails(status, code);
    }
    // Damage elsewhere is not seen, and damage in the image is.
    let mut damaged = bench.read("s.secimg");
    let at = damaged.len() / 30 * 10;
    damaged[at] ^= 1;
    bench.write("s.secimg", &damaged);
    bench
        .run("decrypt -i alice --item 25 -o fine s.secimg")
        .ok();
    let broken: Vec<_> = (1..=30)
        .filter(|number| {
            let words = format!("decrypt -i alice --item {number} -o n{number} s.secimg --json");
            let run = bench.run(&words);
            if run.status != 0 {
                run.fails(1, "not_authentic");
                assert!(!bench.exists(&format!("n{number}")));
                return true;
            }
            false
        })
        .collect();
    assert!((1..=2).contains(&broken.len()), "{broken:?}");
    // The signature holds every chunk's tag, so a signed image is what it was whatever became of another.
    let signed = |number: u8| {
        bench.run(&format!(
            "decrypt -i alice --from bob.pub --item {number} -o s{number} s.secimg --json"
        ))
    };
    signed(25).ok();
    assert_eq!(bench.read("s25"), bench.read("25.raw"));
    signed(broken[0]).fails(1, "not_authentic");
    bench.is_tidy();
}

#[test]
fn a_page_says_what_was_verified() {
    let bench = Bench::new();
    bench.write("a.ppm", &picture(700, 300));
    bench.write("b.gif", GIF);
    bench
        .run("encrypt -r alice.pub --sign bob --preview -o s.secimg a.ppm b.gif")
        .ok();
    let report = bench
        .run("verify -i alice --from bob.pub --html page.html s.secimg --json")
        .ok()
        .one_object();
    let page = String::from_utf8(bench.read("page.html")).unwrap();
    for said in [
        "Verified: whole, and unchanged",
        "a.ppm",
        "700 x 300",
        "sealed by the sender",
        "one that the reader required",
        report["items"][0]["sha256"].as_str().unwrap(),
        report["signature"]["signer"].as_str().unwrap(),
        report["transfer_id"].as_str().unwrap(),
        "src=\"data:image/jpeg;base64,/9j/",
    ] {
        assert!(page.contains(said), "{said}");
    }
    // The digest of the pixels is that of the same pixels in another file.
    let mut text = "P3 700 300 255".to_owned();
    for sample in &picture(700, 300)[15..] {
        write!(text, " {sample}").unwrap();
    }
    let pixels = secimg::preview::pixel_digest(text.as_bytes()).unwrap();
    let mut hex = String::new();
    for byte in pixels.sha256 {
        write!(hex, "{byte:02x}").unwrap();
    }
    assert!(page.contains(&hex));
    // Nothing in it asks for anything.
    for word in ["http://", "https://", "<script", "url(", "@import"] {
        assert!(!page.contains(word), "{word}");
    }
    assert!(page.contains("default-src 'none'"));
    bench
        .run("verify -i alice --html page.html s.secimg --json")
        .fails(2, "exists");
    bench
        .run("verify -i alice --html y.html s.secimg s.secimg --json")
        .fails_all(2, "usage", 2);
}

/// What a sender calls an image is text, whatever it looks like, and of a refused stream nothing is shown.
#[test]
fn a_page_is_not_written_by_the_sender() {
    use secimg::{Image, ImageDescription, SealOptions, encrypt};
    let bench = Bench::new();
    let key = secimg::keys::PublicKey::from_pem(&bench.read("alice.pub")).unwrap();
    let options = SealOptions::new().recipient(key.recipient().unwrap());
    let evil = "<script>alert('x')</script>&\"\u{202e}gnp.exe";
    let description = ImageDescription::new()
        .named(evil)
        .with_preview(b"<svg onload=alert(1)>".to_vec().into());
    let sealed = encrypt(
        &Image::new(*b"secret pixels").described(description),
        &options,
    )
    .unwrap();
    bench.write("s.secimg", &sealed);
    bench.run("verify -i alice --html page.html s.secimg").ok();
    let page = String::from_utf8(bench.read("page.html")).unwrap();
    assert!(page.contains("&lt;script&gt;"));
    for part in ["<script", "\u{202e}", "<svg", "PHN2Zy"] {
        assert!(!page.contains(part), "{part}");
    }
    assert!(page.contains("of a kind that is not shown here"));
    bench
        .run("verify -i carol --html refused.html s.secimg --json")
        .fails(1, "no_matching_key");
    let page = String::from_utf8(bench.read("refused.html")).unwrap();
    assert!(page.contains("Not verified: refused") && !page.contains("alert"));
    let mut damaged = sealed;
    let last = damaged.len() - 9;
    damaged[last] ^= 1;
    bench.write("s.secimg", &damaged);
    bench
        .run("verify -i alice --html damaged.html s.secimg --json")
        .exits(1);
    let page = String::from_utf8(bench.read("damaged.html")).unwrap();
    assert!(page.contains("Not verified") && !page.contains("alert") && !page.contains("<img"));
    bench.is_tidy();
}

/// Those who get previews alone are looked at before anything is sealed, and no file takes another's place.
#[test]
fn previews_apart_harm_nothing_beside_them() {
    let bench = Bench::new();
    bench.write("a", &picture(300, 200));
    bench.write("a.preview", &picture(30, 20));
    bench.write("a.preview.secimg", &picture(20, 30));
    let before = bench.names_in(".");
    let words = "encrypt --force -r alice.pub --preview-for";
    for (arguments, code) in [
        ("bob.pub a", "wrong_key_kind"),
        ("carol.pub a a.preview", "usage"),
        ("carol.pub a a.preview.secimg", "usage"),
        ("carol.pub -o a.secimg a.preview.secimg", "usage"),
        ("carol.pub -o a.preview.secimg a.preview.secimg", "usage"),
    ] {
        let run = bench.run(&format!("{words} {arguments} --json")).exits(2);
        assert_eq!(run.objects()[0]["error"]["code"], code, "{arguments}");
        assert_eq!(bench.names_in("."), before, "{arguments}");
        assert_eq!(bench.read("a.preview.secimg"), picture(20, 30));
    }
    bench
        .run("encrypt -r alice.pub --preview-for carol.pub -o s a --json")
        .ok();
    bench.write("t.preview", b"precious");
    let refused = bench.run("encrypt -r alice.pub --preview-for carol.pub -o t a --json");
    refused.fails(2, "exists");
    assert!(!bench.exists("t"));
    // Lengths are hidden in both streams, or in none.
    let len = |name: &str| bench.read(name).len();
    let plain = (len("s"), len("s.preview"));
    bench
        .run("encrypt --force --pad -r alice.pub --preview-for carol.pub -o s a")
        .ok();
    assert!(len("s") > plain.0 && len("s.preview") > plain.1);
    bench.is_tidy();
}
