//! Names and paths that a hostile sender stores, all of which stay out of every folder.

use std::collections::BTreeSet;
use std::sync::Arc;

use secimg::keys::{RawKeyRecipient, SymmetricKey};
use secimg::{Image, SealOptions, encrypt_series};

use super::support::*;

/// Components that no name may be, wherever they stand in a path.
fn components() -> BTreeSet<String> {
    let mut evil: BTreeSet<String> = [
        // Traversal, also in letters that only look like it or become it.
        "..",
        ".",
        "...",
        "....",
        "．．",
        "‥",
        "․․",
        "..\u{200b}",
        "\u{200d}..",
        ".. ",
        ". .",
        "..;",
        // Drive letters, streams, UNC and device paths of Windows.
        "C:",
        "C:evil",
        "c:\\evil",
        "\\\\server\\share",
        "\\\\?\\C:\\evil",
        "\\\\.\\PhysicalDrive0",
        "..\\evil",
        "evil\\..\\..",
        "a.png::$DATA",
        "a.png:hidden",
        ":evil",
        "a\u{f03a}b",
        "a\u{f05c}b",
        // What a shell, a desktop or this program takes for something else.
        "-",
        "--",
        "-rf",
        "--force",
        "-o",
        "~",
        "~root",
        ".bashrc",
        ".ssh",
        ".git",
        ".secimg",
        ".secimg-abc",
        "desktop.ini",
        "autorun.inf",
        "a.lnk",
        "a.url",
        "a.scf",
        // What Windows drops, and what nobody sees.
        "a.",
        "a..",
        "a ",
        " a",
        "\u{a0}a",
        "a\u{3000}",
        "a\u{200b}b",
        "a\u{ad}b",
        "\u{feff}a",
        "a\u{e0041}b",
        // Other forms of the same name.
        "u\u{308}",
        "Cafe\u{301}",
        "\u{212b}",
        "\u{1112}\u{1161}",
    ]
    .map(String::from)
    .into();
    for device in [
        "CON", "PRN", "AUX", "NUL", "COM1", "COM¹", "LPT9", "CONIN$", "CLOCK$",
    ] {
        evil.extend([device.to_owned(), format!("{}.png", device.to_lowercase())]);
    }
    for control in [
        '\0', '\u{1}', '\t', '\n', '\r', '\u{1b}', '\u{7f}', '\u{85}', '\u{9b}', '\u{2028}',
    ] {
        evil.insert(format!("a{control}b"));
    }
    for bidi in [
        '\u{200e}', '\u{202a}', '\u{202d}', '\u{202e}', '\u{2066}', '\u{2069}', '\u{61c}',
    ] {
        evil.insert(format!("a{bidi}gnp.exe"));
    }
    for character in ['<', '>', '"', '|', '?', '*'] {
        evil.insert(format!("a{character}b"));
    }
    evil.extend(["a".repeat(241), "ü".repeat(121), "😀".repeat(61)]);
    evil
}

/// Each component alone and in a path, and paths that are wrong as paths.
fn names() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for evil in components() {
        for name in [
            evil.clone(),
            format!("a/{evil}"),
            format!("{evil}/a"),
            format!("a/{evil}/b"),
        ] {
            names.insert(name);
        }
    }
    let deep = vec!["a"; 33].join("/");
    let up = vec![".."; 40].join("/");
    for path in [
        "/",
        "//",
        "/evil",
        "//evil",
        "///etc/passwd",
        "/etc/passwd",
        "a/",
        "a//b",
        "a/./b",
        "./a",
        "a/..",
        "../a",
        "../../etc/passwd",
        "a/../../b",
        "a/b/../../../c",
        "//server/share/a",
        "\\evil",
        "a\\b/c",
        "file:///etc/passwd",
        "%2e%2e/../a",
        "a／../b",
        &deep,
        &up,
        &format!("{up}/etc/passwd"),
    ] {
        names.insert(path.to_owned());
    }
    // As long as a manifest's name may be.
    names.retain(|name| (1..=1024).contains(&name.len()));
    names
}

#[test]
fn no_evil_name_ever_leaves_the_folder() {
    let bench = Bench::new();
    let key = SymmetricKey::from_file_bytes(&bench.read("sym")).unwrap();
    let options = SealOptions::new().recipient(Arc::new(RawKeyRecipient::new(key)));
    let names = names();
    std::fs::create_dir(bench.path("sealed")).unwrap();
    std::fs::create_dir(bench.path("below")).unwrap();
    let absolute = bench.path("absolute").to_str().unwrap().to_owned();
    for (number, name) in names.iter().chain([&absolute]).enumerate() {
        let image = Image::new(GIF).named(name);
        let sealed = encrypt_series(core::slice::from_ref(&image), &options).unwrap();
        bench.write(&format!("sealed/{number:04}"), &sealed);
    }
    let all = bench.names_in("sealed");
    let before = bench.names_in(".");
    let mut refused = 0;
    for keep in ["", "--keep-paths"] {
        let mut command = bench.command(&format!(
            "decrypt --key-file sym {keep} -O below/out --json"
        ));
        let run = finish(command.args(all.iter().map(|file| format!("sealed/{file}")))).exits(3);
        let objects = run.objects();
        assert_eq!(objects.len(), all.len());
        for (object, name) in objects.iter().zip(names.iter().chain([&absolute])) {
            assert_eq!(object["error"]["code"], "bad_name", "{name:?} {keep}");
            refused += 1;
        }
        assert!(run.stderr.chars().all(|c| c == '\n' || !c.is_control()));
        assert!(!run.stderr.contains('\u{202e}'));
        assert_eq!(bench.names_in("."), before);
        assert_eq!(bench.names_in("below").len(), 0);
    }
    assert!(names.len() >= 200, "{}", names.len());
    say!(
        "evil names: {} stored names and paths, {refused} of {refused} refused",
        all.len()
    );
}

/// Names that are sound alone and would meet on some system.
#[test]
fn names_that_meet_are_refused_together() {
    let bench = Bench::new();
    let key = SymmetricKey::from_file_bytes(&bench.read("sym")).unwrap();
    let options = SealOptions::new().recipient(Arc::new(RawKeyRecipient::new(key)));
    let pairs = [
        ("a.png", "a.png"),
        ("a.png", "A.PNG"),
        ("s/a", "s/a"),
        ("s/a", "S/A"),
        ("s", "s/a"),
        ("S/a", "s"),
        ("a/b/c", "A/b"),
        ("Straße", "STRASSE"),
        ("\u{fc}", "\u{dc}"),
        ("a\u{200d}b", "ab"),
        ("Ως", "ωσ"),
        ("s/\u{fc}/x", "S/\u{dc}/X"),
        ("ﬁ/x", "FI/x"),
    ];
    for (a, b) in pairs {
        let images = [Image::new(GIF).named(a), Image::new(GIF).named(b)];
        bench.write("s", &encrypt_series(&images, &options).unwrap());
        bench
            .run("decrypt --key-file sym --keep-paths -O out s --json")
            .fails(3, "duplicate_name");
        assert!(!bench.exists("out"), "{a} {b}");
    }
    say!(
        "evil names: {0} of {0} colliding pairs refused",
        pairs.len()
    );
}
