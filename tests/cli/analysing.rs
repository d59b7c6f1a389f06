//! analyze: what is measured, what is said of it, and what is refused. Random numbers are held against bounds that one run in
//! many millions passes by chance; what is insecure where it must show is far beyond them.

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::corpus_files::corpus;
use super::support::*;

const KEYS: &[&str] = &[
    "schema",
    "file",
    "verdict",
    "exit",
    "format",
    "sha256",
    "width",
    "height",
    "channels",
    "decoded_bits",
    "part",
    "samples",
    "ciphers",
    "chance",
    "differences",
    "toy_broken",
    "trials",
    "necessary_not_sufficient",
    "output",
    "warnings",
    "error",
];

const OF_ONE: [&str; 5] = [
    "entropy",
    "chi_square",
    "correlation_horizontal",
    "correlation_vertical",
    "correlation_diagonal",
];
const OF_TWO: [&str; 4] = ["npcr", "uaci", "key_bits", "key_npcr"];

/// A p-value that no run sees by chance: all tests of all runs together are some hundreds.
const NEVER: f64 = 1e-9;

/// A picture that goes smoothly from black to white, with a little texture.
fn smooth(width: usize, height: usize) -> Vec<u8> {
    let mut pgm = format!("P5 {width} {height} 255 ").into_bytes();
    let at = |x: usize, y: usize| (x * 200 / width + y * 40 / height + (x * 7 + y * 13) % 11) % 256;
    let samples = (0..height).flat_map(|y| (0..width).map(move |x| at(x, y)));
    pgm.extend(samples.map(|sample| sample.to_le_bytes()[0]));
    pgm
}

#[track_caller]
fn cipher<'a>(found: &'a Value, picture: &str, name: &str) -> &'a Value {
    let ciphers = found["ciphers"].as_array().unwrap();
    let is = |one: &&Value| one["picture"] == picture && one["name"] == name;
    ciphers.iter().find(is).expect(name)
}

fn p(cipher: &Value, measure: &str) -> f64 {
    cipher[measure]["p"].as_f64().unwrap()
}

#[track_caller]
fn passes(cipher: &Value, measures: &[&str]) {
    for measure in measures {
        assert!(p(cipher, measure) > NEVER, "{measure}: {cipher}");
    }
}

/// What this program seals with passes, and so does the toy, which is broken in the same run.
#[track_caller]
fn has_sound_suites_and_a_broken_toy(found: &Value) {
    for name in ["secimg cbc", "secimg gcm", "toy"] {
        let one = cipher(found, "given", name);
        passes(one, &OF_ONE);
        passes(one, &OF_TWO);
        assert_eq!(one["secure"], name != "toy");
    }
    assert_eq!(found["toy_broken"]["keys_tried"], 65_536);
    assert_eq!(found["toy_broken"]["is_the_key"], true);
    assert_eq!(
        found["toy_broken"]["keys_found"].as_array().unwrap().len(),
        1
    );
}

#[track_caller]
fn has_trials_that_hold(found: &Value) {
    let trials = found["trials"].as_array().unwrap();
    assert_eq!(trials.len(), 14, "seven with each suite");
    for trial in trials {
        assert_eq!(trial["tried"], trial["held"], "{trial}");
        assert!(trial["tried"].as_u64().unwrap() > 0, "{trial}");
    }
    let tried = |what: &str| {
        let of = trials
            .iter()
            .filter(|trial| trial["what"].as_str().unwrap().contains(what));
        of.map(|trial| trial["tried"].as_u64().unwrap())
            .collect::<Vec<_>>()
    };
    let (bits, cuts) = (tried("one bit flipped"), tried("cut at each length"));
    assert!(
        bits.iter()
            .zip(&cuts)
            .all(|(bits, cuts)| *bits == cuts * 8 && *cuts > 4096)
    );
    assert_eq!(tried("IVs"), [4096, 4096]);
    let words = trials.iter().filter(|trial| !trial["text"].is_null());
    assert_eq!(words.count(), 4, "the words of refusals are there");
}

#[test]
fn a_generated_picture_is_evaluated_and_shown() {
    let bench = Bench::new();
    bench.write("a&b.pgm", &smooth(320, 240));
    let found = bench
        .run("analyze a&b.pgm -o page.html --json")
        .ok()
        .one_object();
    has_keys(&found, KEYS);
    assert_eq!(found["schema"], "secimg/analyze/1");
    assert_eq!(
        (&found["verdict"], &found["exit"]),
        (&"analyzed".into(), &0.into())
    );
    assert_eq!(
        (
            &found["format"],
            &found["width"],
            &found["samples"],
            &found["output"]
        ),
        (
            &"pgm".into(),
            &320.into(),
            &76_800.into(),
            &"page.html".into()
        )
    );
    let digest = Sha256::digest(smooth(320, 240));
    let digest = digest
        .iter()
        .fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
    assert_eq!(found["sha256"], digest);
    has_sound_suites_and_a_broken_toy(&found);
    has_trials_that_hold(&found);
    let plain = cipher(&found, "given", "picture");
    assert!(OF_ONE.iter().all(|measure| p(plain, measure) < NEVER));
    assert!(OF_TWO.iter().all(|measure| plain[measure].is_null()));
    assert_eq!(found["chance"]["tests"], 36);
    for row in found["differences"].as_array().unwrap() {
        let npcr = &row["npcr"];
        let off = npcr["value"].as_f64().unwrap() - row["npcr_follows"].as_f64().unwrap();
        // What follows is a mean; where only a part can differ, the deviation is smaller than that of all.
        assert!(
            off.abs() < 7.0 * npcr["deviation"].as_f64().unwrap(),
            "{row}"
        );
    }

    let page = String::from_utf8(bench.read("page.html")).unwrap();
    assert!(page.contains("necessary and not sufficient") && page.contains("Preishuber"));
    assert!(page.contains("a&amp;b.pgm") && !page.contains("a&b"));
    assert!(page.contains(&digest) && page.contains(env!("CARGO_PKG_VERSION")));
    is_alone(&page);
    assert_eq!(page.matches("data:image/png;base64,").count(), 9);
    assert_eq!(page.matches("<svg").count(), 18);
    bench.is_tidy();
}

/// Nothing is fetched, nothing runs, and the one style is the one that the page allows itself.
#[track_caller]
fn is_alone(page: &str) {
    assert!(page.contains("default-src 'none'; img-src data:; style-src 'sha256-"));
    for word in [
        "<script",
        "http:",
        "https:",
        "javascript:",
        "onload=",
        "onclick=",
        "onerror=",
        "@import",
        "url(",
        "style=\"",
        "<link",
    ] {
        assert!(!page.contains(word), "{word}");
    }
}

/// The reason why none of the numbers proves anything.
#[test]
fn on_a_photograph_insecure_ciphers_pass() {
    let Some(corpus) = corpus() else { return };
    let bench = Bench::new();
    let photo = std::fs::read(corpus.join("images/scikit-image__chelsea.png")).unwrap();
    bench.write("photo.png", &photo);
    let found = bench.run("analyze photo.png --json").ok().one_object();
    assert_eq!(
        (&found["channels"], &found["output"]),
        (&3.into(), &Value::Null)
    );
    has_sound_suites_and_a_broken_toy(&found);
    let ecb = cipher(&found, "given", "AES-256-ECB");
    passes(ecb, &OF_ONE);
    passes(ecb, &OF_TWO);
    assert_eq!(ecb["secure"], false);
    let flat = cipher(&found, "flat", "AES-256-ECB");
    assert!(
        ["entropy", "chi_square", "correlation_vertical"]
            .iter()
            .all(|measure| p(flat, measure) < NEVER)
    );
    passes(cipher(&found, "flat", "secimg cbc"), &OF_ONE);
}

#[test]
fn people_get_a_table() {
    let bench = Bench::new();
    bench.write("a.pgm", &smooth(64, 64));
    let run = bench.run("analyze a.pgm").ok();
    let text = run.text();
    for words in [
        "ideal (deviation)",
        "necessary and not sufficient",
        "Preishuber",
        "The toy is broken",
        "4096 of 4096",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert!(
        text.lines().all(|line| line.chars().count() <= 104),
        "{text}"
    );
    let piped = bench.feed("analyze - -o - --json", &smooth(64, 64)).ok();
    assert!(piped.text().starts_with("<!doctype html>"));
    let found: Value = serde_json::from_str(&piped.stderr).unwrap();
    assert_eq!(
        (&found["file"], &found["output"]),
        (&"-".into(), &"-".into())
    );
    assert!(bench.run("analyze a.pgm --quiet").ok().stdout.is_empty());
}

#[test]
fn what_is_not_evaluated_as_it_stands_is_said() {
    let bench = Bench::new();
    let mut deep = b"P5 64 64 65535 ".to_vec();
    deep.extend((0_u16..4096).flat_map(|sample| (sample * 16).to_be_bytes()));
    bench.write("deep.pgm", &deep);
    let found = bench
        .run("analyze deep.pgm -o deep.html --json")
        .ok()
        .one_object();
    assert_eq!(
        (&found["decoded_bits"], &found["samples"]),
        (&16.into(), &4096.into())
    );
    let page = String::from_utf8(bench.read("deep.html")).unwrap();
    assert!(page.contains("its 16 bits a sample reduced to 8"));

    bench.write("wide.pgm", &smooth(2100, 64));
    let run = bench.run("analyze wide.pgm").ok();
    assert!(
        run.text().contains("(only its middle, 2048 x 64 pixels)"),
        "{}",
        run.text()
    );
}

#[test]
fn what_is_no_picture_is_refused() {
    let bench = Bench::new();
    bench.write("notes.txt", b"Words, and no picture of anything.");
    bench.write("small.pgm", &smooth(63, 64));
    bench.write(
        "cut.png",
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x40\0\0\0\x40\x08\0\0\0\0",
    );
    let no = bench
        .run("analyze notes.txt -o page.html --json")
        .fails(3, "not_decoded");
    has_keys(&no, KEYS);
    assert!(
        no["error"]["message"]
            .as_str()
            .unwrap()
            .contains("no picture")
    );
    bench.run("analyze cut.png --json").fails(3, "not_decoded");
    let no = bench.run("analyze small.pgm --json").fails(2, "too_small");
    assert!(no["error"]["message"].as_str().unwrap().contains("63 x 64"));
    bench
        .run("analyze missing.png --json")
        .fails(4, "not_found");
    bench.sealed();
    bench
        .run("analyze a.gif.secimg --json")
        .fails(3, "not_decoded");
    assert!(!bench.exists("page.html"));
    bench.is_tidy();
}

#[test]
fn nothing_is_overwritten_unasked() {
    let bench = Bench::new();
    bench.write("a.pgm", &smooth(64, 64));
    bench.write("page.html", b"somebody's");
    bench
        .run("analyze a.pgm -o page.html --json")
        .fails(2, "exists");
    assert_eq!(bench.read("page.html"), b"somebody's");
    bench
        .run("analyze a.pgm -o a.pgm --force --json")
        .fails(2, "usage");
    assert_eq!(bench.read("a.pgm"), smooth(64, 64));
    bench.run("analyze a.pgm -o page.html --force").ok();
    assert!(bench.read("page.html").starts_with(b"<!doctype html>"));
}
