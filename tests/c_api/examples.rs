//! The examples of `examples/c`, built as a reader would build them, and run.

use std::fs;
use std::io::Cursor;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use image::{ImageFormat, Rgb, RgbImage};
use tempfile::TempDir;

use super::library::{Link, library};
use super::toolchain::{compile, compiler, root, run, skipped, version};

/// The programs, and what they are made of.
const PROGRAMS: [(&str, &[&str]); 5] = [
    ("roundtrip", &["roundtrip.c"]),
    ("redact", &["redact.c"]),
    ("selftest", &["selftest.c"]),
    ("send_image", &["send_image.c", "net.c"]),
    (
        "receive_image",
        &["receive_image.c", "incoming.c", "inbox.c", "net.c"],
    ),
];

/// The folder with the built examples, if there is a compiler.
pub(crate) fn examples() -> Option<&'static Path> {
    static BUILT: OnceLock<Option<TempDir>> = OnceLock::new();
    BUILT.get_or_init(build).as_ref().map(TempDir::path)
}

fn build() -> Option<TempDir> {
    let compiler = compiler()?;
    let folder = tempfile::tempdir().unwrap();
    for (name, files) in PROGRAMS {
        let program = folder.path().join(name).display().to_string();
        let mut arguments = vec!["-O1".to_owned(), "-o".to_owned(), program];
        arguments.extend(files.iter().map(|&file| source(file).display().to_string()));
        arguments.extend(library().arguments(Link::Static));
        compile(compiler.c, "c99", &library().include, arguments);
    }
    Some(folder)
}

fn source(file: &str) -> PathBuf {
    root().join("examples/c").join(file)
}

#[test]
fn the_round_trip_and_the_self_check_pass() {
    let Some(folder) = examples() else { return };
    let out = run(&mut Command::new(folder.join("roundtrip")));
    let said = String::from_utf8(out.stdout).unwrap();
    assert!(
        said.starts_with("27 bytes sealed as ") && said.ends_with("opened and equal\n"),
        "{said}"
    );
    let out = run(Command::new(folder.join("selftest")).arg("quick"));
    let said = String::from_utf8(out.stdout).unwrap();
    assert!(said.ends_with("\nPASS\n"), "{said}");
    let counts = said.lines().rev().nth(1).unwrap_or_default();
    say!("examples: {counts}");
}

/// The example that hides and shows, in a folder with a picture and with the keys of Alice and Bob.
struct Redact {
    program: PathBuf,
    folder: TempDir,
}

impl Redact {
    fn new() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        for key in ["alice.pem", "alice.pub", "bob.pem"] {
            let to = folder.path().join(key);
            fs::copy(root().join("tests/vectors/keys").join(key), &to).unwrap();
            fs::set_permissions(&to, fs::Permissions::from_mode(0o600)).unwrap();
        }
        let program = examples()?.join("redact");
        Some(Self { program, folder })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn run(&self, words: &[&str]) -> Output {
        let mut command = Command::new(&self.program);
        command.args(words).current_dir(self.folder.path());
        command.output().unwrap()
    }

    /// Ends with this status, and says this.
    fn ends(&self, words: &[&str], status: i32, says: &str) {
        let out = self.run(words);
        let said = [out.stdout, out.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        assert_eq!(out.status.code(), Some(status), "{words:?}: {said}");
        assert!(said.contains(says), "{words:?}: {said}");
    }
}

fn picture() -> RgbImage {
    let colour = |x: u32, y: u32| [x * 7 + y, y * 5 + x, x ^ y].map(|n| n.to_be_bytes()[3]);
    RgbImage::from_fn(40, 30, |x, y| Rgb(colour(x, y)))
}

#[test]
fn a_picture_is_hidden_and_shown() {
    let Some(bench) = Redact::new() else { return };
    let picture = picture();
    picture.save(bench.path("face.png")).unwrap();
    let hide = |from, to| bench.ends(&["hide", "alice.pub", from, "3,4,10,6", to], 0, "40 x 30");
    hide("face.png", "seen.png");
    let seen = image::open(bench.path("seen.png")).unwrap().to_rgb8();
    for (x, y, pixel) in picture.enumerate_pixels() {
        let hidden = (3..13).contains(&x) && (4..10).contains(&y);
        let shown = if hidden { Rgb([0; 3]) } else { *pixel };
        assert_eq!(*seen.get_pixel(x, y), shown, "{x} {y}");
    }
    let refused = ["show", "bob.pem", "seen.png", "back.png"];
    bench.ends(&refused, 1, "SECIMG_ERR_NO_MATCHING_KEY");
    assert!(!bench.path("back.png").exists());
    let show = ["show", "alice.pem", "seen.png", "back.png"];
    bench.ends(&show, 0, "back.png: the pixels");
    bench.ends(&show, 1, "is there already");
    let back = image::open(bench.path("back.png")).unwrap().to_rgb8();
    assert_eq!(back, picture);

    // A JPEG's sealed part lies beside the picture, and gives the file back.
    let mut jpeg = Cursor::new(Vec::new());
    picture.write_to(&mut jpeg, ImageFormat::Jpeg).unwrap();
    fs::write(bench.path("face.jpg"), jpeg.get_ref()).unwrap();
    hide("face.jpg", "jpeg.png");
    assert!(bench.path("jpeg.png.sealed").exists());
    let show = ["show", "alice.pem", "jpeg.png", "back.jpg"];
    bench.ends(&show, 0, "back.jpg: the file");
    assert_eq!(fs::read(bench.path("back.jpg")).unwrap(), *jpeg.get_ref());
    fs::copy(bench.path("jpeg.png.sealed"), bench.path("seen.png.sealed")).unwrap();
    let other = ["show", "alice.pem", "seen.png", "never.png"];
    bench.ends(&other, 1, "SECIMG_ERR_OTHER_PICTURE");
}

#[test]
fn the_example_of_redaction_says_what_is_wrong() {
    let Some(bench) = Redact::new() else { return };
    picture().save(bench.path("face.png")).unwrap();
    bench.ends(&[], 2, "usage: redact hide PUBLIC_KEY");
    bench.ends(&["hide", "alice.pub", "face.png", "1,2,3,4"], 2, "usage");
    for (picture, rect, says) in [
        ("none.png", "1,2,3,4", "none.png: No such file"),
        ("alice.pem", "1,2,3,4", "SECIMG_ERR_UNSUPPORTED"),
        ("face.png", "1,2,3", "X,Y,WIDTH,HEIGHT"),
        ("face.png", "1,2,3,4,5", "X,Y,WIDTH,HEIGHT"),
        ("face.png", "1,2,3,4294967296", "X,Y,WIDTH,HEIGHT"),
        ("face.png", "1,2,3,0", "SECIMG_ERR_INVALID_ARGUMENT"),
        ("face.png", "40,0,3,4", "lies outside the picture"),
    ] {
        bench.ends(&["hide", "alice.pub", picture, rect, "out.png"], 1, says);
        assert!(!bench.path("out.png").exists());
    }
}

#[test]
fn the_makefile_builds_all_of_them() {
    if compiler().is_none() {
        return;
    }
    if version("make").is_none() {
        skipped("no make");
        return;
    }
    // In a copy, for it builds beside the sources.
    let folder = tempfile::tempdir().unwrap();
    for entry in root().join("examples/c").read_dir().unwrap() {
        let from = entry.unwrap().path();
        // What somebody built there is not wanted.
        let wanted = from.extension().is_some_and(|end| end == "c" || end == "h");
        if wanted || from.ends_with("Makefile") {
            fs::copy(&from, folder.path().join(from.file_name().unwrap())).unwrap();
        }
    }
    let libraries = library().shared.parent().unwrap();
    run(Command::new("make")
        .arg("--silent")
        .arg(format!("LIBDIR={}", libraries.display()))
        .arg(format!("INCLUDEDIR={}", library().include.display()))
        .current_dir(folder.path())
        .env_remove("MAKEFLAGS"));
    for (name, _) in PROGRAMS {
        assert!(folder.path().join(name).is_file(), "make built no {name}");
    }
    run(&mut Command::new(folder.path().join("roundtrip")));
}
