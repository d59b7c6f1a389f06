//! Names that must never become a file, and ordinary ones that must.

use std::collections::BTreeSet;
use std::path::{Component, Path};

use super::*;

#[rustfmt::skip]
const DEVICE_STEMS: [&str; 34] = [
    "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "CLOCK$", "COM0", "COM1", "COM2", "COM3",
    "COM4", "COM5", "COM6", "COM7", "COM8", "COM9", "COM¹", "COM²", "COM³", "LPT0", "LPT1",
    "LPT2", "LPT3", "LPT4", "LPT5", "LPT6", "LPT7", "LPT8", "LPT9", "LPT¹", "LPT²", "LPT³", "ＮＵＬ",
];

#[rustfmt::skip]
const FORBIDDEN: [char; 42] = [
    '/', '\\', ':', '*', '?', '"', '<', '>', '|', '\0', '\u{1}', '\u{7}', '\u{8}', '\t', '\n',
    '\r', '\u{1b}', '\u{1f}', '\u{7f}', '\u{80}', '\u{85}', '\u{9b}', '\u{9f}', '\u{ad}',
    '\u{61c}', '\u{200b}', '\u{200e}', '\u{200f}', '\u{202a}', '\u{202b}', '\u{202d}', '\u{202e}',
    '\u{2028}', '\u{2029}', '\u{2066}', '\u{2069}', '\u{feff}', '\u{e0041}', '\u{f03a}',
    '\u{f05c}', '\u{fffe}', '\u{3164}',
];

#[rustfmt::skip]
const EVIL: [&str; 72] = [
    "", ".", "..", "...", "....", "/", "//", "\\", "../", "..\\", "../../etc/passwd",
    "..\\..\\Windows\\win.ini", "/etc/passwd", "/dev/null", "//server/share/a.png",
    "\\\\server\\share\\a.png", "\\\\?\\C:\\a.png", "\\\\.\\PhysicalDrive0", "C:", "C:a.png",
    "C:\\a.png", "C:/a.png", "a/../b.png", "a/b.png", "a\\b.png", "./a.png", "a/", "a\\",
    "a.png/", "a.png/.", "a.png/..", "a.png::$DATA", "a.png:hidden", "..:stream", ".htaccess",
    ".ssh", ".bashrc", ".git", ".secimg-abcdef", ".DS_Store", "-", "--", "-rf", "--force",
    "--output=x.png", "~", "~root", "~/.ssh", " ", " a.png", "a.png ", "\u{a0}a.png",
    "a.png\u{3000}", "a.png.", "a.png...", "a.png. .", "．．", "‥", "．．／etc", "．．＼etc", "／etc",
    "a／．．／b", "․․", "desktop.ini", "Desktop.INI", "autorun.inf", "a.png.lnk", "photo.LNK",
    "photo.scf", "c：a.png", "Ｃ：a.png", "ｃ:",
];

/// Every evil name, each one once.
fn evil_names() -> BTreeSet<String> {
    let mut names: BTreeSet<String> = EVIL.iter().map(ToString::to_string).collect();
    for c in FORBIDDEN {
        names.extend([
            format!("{c}"),
            format!("{c}a.png"),
            format!("a{c}b.png"),
            format!("a.png{c}"),
        ]);
    }
    for stem in DEVICE_STEMS {
        for extension in ["", ".png", " .txt", ".tar.gz", ". ", " "] {
            names.extend([
                format!("{stem}{extension}"),
                format!("{}{extension}", stem.to_lowercase()),
            ]);
        }
    }
    // Zero-width joiners hide a dot or a device from a careless comparison; decomposed letters hide
    // a twin.
    names.extend(
        [
            "\u{200d}.git",
            "\u{200c}..",
            "NUL\u{200d}.png",
            "C\u{200c}ON",
        ]
        .map(String::from),
    );
    names.extend(
        [
            "u\u{308}ber.png",
            "Cafe\u{301}.jpg",
            "\u{212b}.png",
            "\u{1112}\u{1161}.png",
        ]
        .map(String::from),
    );
    names.extend([
        "a".repeat(241),
        "ü".repeat(121),
        "😀".repeat(61),
        "\u{390}".repeat(100),
    ]);
    names
}

#[rustfmt::skip]
const ORDINARY: [&str; 56] = [
    "a", "a.png", "IMG_0001.JPG", "IM-0001-0001.dcm", "a..b.png", "con-trast.png", "nullify.jpg",
    "CONtrast.png", "console.png", "COM10.png", "COM.png", "LPT.jpg", "aux-view.tif",
    "my.con.png", "com1x.png", "1.2.840.10008.1.2.3", "Holiday in Rome 2024.jpeg",
    "Screenshot 2024-05-01 at 9.41.00\u{202f}AM.png", "a\u{a0}b.png", "Straße.png",
    "Müller, Jürgen.dcm", "Ångström.tiff", "Šárka.png", "ção.jpg", "Ελλάς.png", "Россия.jpg",
    "写真.png", "写真／１.png", "한국어.jpg", "胸部Ｘ線.dcm", "صورة.png", "תמונה.png", "ภาพ.png", "हिन्दी.jpg",
    "می\u{200c}خواهم.png", "😀.png", "👨\u{200d}👩\u{200d}👧.png", "❤\u{fe0f}.png", "❤\u{fe0f}",
    "葛\u{e0100}.jpg", "¥100.png", "½.png", "50%.png", "%2e%2e%2f.png", "Tom & Jerry (1)!.png",
    "$100.png", "a;b.png", "a'b.png", "a`b`.png", "a=b+c,d@e#f^g.png", "[1]{2}.png", "_a.png",
    "a~1.png", "to be continued….png", "x-ray -1-.png", "lnk",
];

#[test]
fn evil_names_are_refused() {
    let names = evil_names();
    assert!(names.len() >= 200, "{} names", names.len());
    for name in &names {
        let error = check_name(name).expect_err(name);
        assert_eq!(
            escape_hidden(&error.to_string()),
            error.to_string(),
            "{name:?}"
        );
        assert!(error.to_string().chars().count() < 320, "{name:?}");
    }
}

#[test]
fn ordinary_names_are_accepted() {
    for name in ORDINARY {
        assert_eq!(check_name(name), Ok(()), "{name:?}");
    }
    assert_eq!(check_name(&"a".repeat(MAX_NAME_BYTES)), Ok(()));
    assert_eq!(check_name(&"한".repeat(80)), Ok(()));
}

#[test]
fn an_accepted_name_stays_in_its_folder() {
    let folder = tempfile::tempdir().unwrap();
    for name in ORDINARY {
        let mut parts = Path::new(name).components();
        assert!(
            matches!(parts.next(), Some(Component::Normal(part)) if part == name),
            "{name:?}"
        );
        assert!(parts.next().is_none(), "{name:?}");
        std::fs::write(folder.path().join(name), name).unwrap();
    }
    assert_eq!(
        std::fs::read_dir(folder.path()).unwrap().count(),
        ORDINARY.len()
    );
}

#[test]
fn each_rule_has_its_own_error() {
    let shown = |name: &str| String::from(name);
    assert_eq!(check_name(""), Err(NameError::Empty));
    assert_eq!(check_name(".."), Err(NameError::Folder(shown(".."))));
    assert_eq!(
        check_name("a:b"),
        Err(NameError::Character(shown("a:b"), ':'))
    );
    assert_eq!(
        check_name("a\u{202e}b"),
        Err(NameError::Character(shown("a\\u{202e}b"), '\u{202e}'))
    );
    assert_eq!(check_name("-a"), Err(NameError::Start(shown("-a"), '-')));
    assert_eq!(check_name("a."), Err(NameError::End(shown("a."), '.')));
    assert_eq!(
        check_name("u\u{308}"),
        Err(NameError::NotComposed(shown("u\u{308}")))
    );
    assert_eq!(
        check_name("NUL .png"),
        Err(NameError::Device(shown("NUL .png")))
    );
    assert_eq!(check_name("a.lnk"), Err(NameError::Active(shown("a.lnk"))));
    assert!(matches!(
        check_name(&"a".repeat(9999)),
        Err(NameError::TooLong(_))
    ));
}

#[test]
fn names_that_share_a_file_are_seen() {
    let same = [
        ("a.png", "A.PNG"),
        ("Straße.png", "STRASSE.png"),
        ("ẞ", "ß"),
        ("Ως", "ωσ"),
        ("\u{212a}", "k"),
        ("é", "e\u{301}"),
        ("É", "e\u{301}"),
        ("ﬁ.png", "FI.png"),
        ("a\u{200d}b", "ab"),
        ("❤\u{fe0f}.png", "❤.png"),
        ("İ", "i\u{307}"),
        ("ſ", "S"),
        ("\u{1c4}", "\u{1c6}"),
        ("ᾳ", "αι"),
        ("ΐ", "ι\u{308}\u{301}"),
    ];
    for (a, b) in same {
        assert!(same_file_name(a, b) && same_file_name(b, a), "{a} {b}");
    }
    for (a, b) in [
        ("a.png", "b.png"),
        ("a.png", "a .png"),
        ("a", "ä"),
        ("1.png", "１.png"),
        ("も.png", "モ.png"),
    ] {
        assert!(!same_file_name(a, b), "{a} {b}");
    }
}

#[test]
fn the_key_is_stable() {
    for name in ORDINARY.map(String::from).into_iter().chain(evil_names()) {
        let key = file_name_key(&name);
        assert_eq!(file_name_key(&key), key, "{name:?}");
        assert!(
            same_file_name(&name, &name.to_uppercase())
                && same_file_name(&name, &name.to_lowercase()),
            "{name:?}"
        );
    }
}

#[test]
fn nothing_moves_the_terminal() {
    assert_eq!(
        escape_for_display("\u{1b}[31mred\u{202e}\u{200b}\u{e000}\n"),
        "\\u{1b}[31mred\\u{202e}\\u{200b}\\u{e000}\\u{a}"
    );
    assert_eq!(escape_for_display("写真 ü 😀.png"), "写真 ü 😀.png");
    let every = (0..=0x0010_ffff).filter_map(char::from_u32);
    for c in every.filter(|&c| c.is_control() || is_forbidden(c) && !c.is_ascii()) {
        assert!(
            escape_for_display(&c.to_string()).starts_with("\\u{"),
            "{c:?}"
        );
    }
}

#[test]
fn what_is_shown_is_bounded() {
    assert_eq!(escape_for_display(&"a".repeat(200)), "a".repeat(200));
    assert_eq!(escape_for_display(&"a".repeat(201)), "a".repeat(199) + "…");
    // An escape is never cut in the middle.
    let escapes = escape_for_display(&"\u{1b}".repeat(1000));
    assert_eq!(escapes, "\\u{1b}".repeat(33) + "…");
    assert_eq!(
        escape_for_display(&("a".repeat(199) + "\u{1b}")),
        "a".repeat(199) + "…"
    );
}
