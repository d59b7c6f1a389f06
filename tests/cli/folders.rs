//! Folders: what is taken of them, what is stored, and how they are made again.

use super::support::*;

fn folder(bench: &Bench, files: &[&str]) {
    for file in files {
        let path = bench.path(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, file).unwrap();
    }
}

/// Every file below a folder, by its path, sorted.
fn tree(bench: &Bench, top: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![String::new()];
    while let Some(folder) = folders.pop() {
        for name in bench.names_in(&format!("{top}/{folder}")) {
            let path = format!("{folder}{name}");
            if bench.path(&format!("{top}/{path}")).is_dir() {
                folders.push(format!("{path}/"));
            } else {
                found.push(path);
            }
        }
    }
    found.sort_unstable();
    found
}

const STUDY: &[&str] = &[
    "study/10.dcm",
    "study/9.dcm",
    "study/b/2.dcm",
    "study/b/deep/1.dcm",
    "study/c/1.txt",
];

#[test]
fn each_image_of_a_folder_gets_a_stream_beside_it() {
    let bench = Bench::new();
    folder(&bench, STUDY);
    folder(
        &bench,
        &[
            "study/.hidden",
            "study/.git/config",
            "study/old.secimg",
            "study/OLD.SECIMG",
        ],
    );
    let objects = bench
        .run("encrypt -r alice.pub study --json")
        .ok()
        .objects();
    let files: Vec<_> = objects
        .iter()
        .map(|o| o["file"].as_str().unwrap())
        .collect();
    assert_eq!(files, STUDY, "sorted by name, and nothing else");
    for file in STUDY {
        assert!(bench.exists(&format!("{file}.secimg")));
    }
    // What was sealed is not sealed again.
    bench
        .run("encrypt -r alice.pub study --json")
        .fails_all(2, "exists", STUDY.len());
    bench
        .run("decrypt -i alice -O out study/b/2.dcm.secimg")
        .ok();
    assert_eq!(tree(&bench, "out"), ["2.dcm"]);
}

#[test]
fn a_folder_becomes_a_series_and_a_folder_again() {
    let bench = Bench::new();
    folder(&bench, STUDY);
    let twice = bench.run("encrypt -r alice.pub -o s study");
    twice.ok();
    folder(&bench, &["study/d/1.txt"]);
    let run = bench.run("encrypt -r alice.pub -o t study").exits(2);
    assert!(run.stderr.contains("same name") && run.stderr.contains("--keep-paths"));
    bench
        .run("encrypt -r alice.pub --keep-paths -o t study")
        .ok();
    bench.run("decrypt -i alice --keep-paths -O out t").ok();
    let mut expected: Vec<_> = STUDY.iter().map(ToString::to_string).collect();
    expected.push("study/d/1.txt".to_owned());
    expected.sort_unstable();
    assert_eq!(tree(&bench, "out"), expected);
    for file in &expected {
        assert_eq!(bench.read(&format!("out/{file}")), file.as_bytes());
    }
    // Again: nothing is overwritten, everything with --force.
    bench
        .run("decrypt -i alice --keep-paths -O out t --json")
        .fails(2, "exists");
    bench
        .run("decrypt -i alice --keep-paths -O out t --force")
        .ok();
    assert_eq!(tree(&bench, "out"), expected);
    bench.is_tidy();
}

#[test]
fn without_keep_paths_a_path_is_its_last_component() {
    let bench = Bench::new();
    folder(&bench, &["study/a/1.dcm", "study/b/2.dcm"]);
    bench
        .run("encrypt -r alice.pub --keep-paths -o s study")
        .ok();
    bench.run("decrypt -i alice -O out s").ok();
    assert_eq!(tree(&bench, "out"), ["1.dcm", "2.dcm"]);
    folder(&bench, &["study/b/1.dcm"]);
    bench
        .run("encrypt -r alice.pub --keep-paths -o t study")
        .ok();
    bench
        .run("decrypt -i alice -O flat t --json")
        .fails(3, "duplicate_name");
    assert!(!bench.exists("flat"));
    bench.run("decrypt -i alice --keep-paths -O flat t").ok();
    assert_eq!(tree(&bench, "flat").len(), 3);
    bench.run("decrypt -i alice --keep-paths -o x s").exits(2);
}

#[test]
fn what_is_stored_is_counted_from_the_argument() {
    let bench = Bench::new();
    folder(&bench, &["x/a/1.dcm", "x/b/1.dcm"]);
    let absolute = bench.path("x/a");
    let absolute = absolute.to_str().unwrap();
    for (arguments, stored) in [
        ("x", vec!["x/a/1.dcm", "x/b/1.dcm"]),
        ("./x/", vec!["x/a/1.dcm", "x/b/1.dcm"]),
        ("x/a x/b", vec!["x/a/1.dcm", "x/b/1.dcm"]),
        ("x/a/1.dcm x/b/1.dcm", vec!["x/a/1.dcm", "x/b/1.dcm"]),
        ("x/../x/b", vec!["b/1.dcm"]),
        ("x/../x/b/1.dcm", vec!["1.dcm"]),
        (absolute, vec!["a/1.dcm"]),
    ] {
        let words = format!("encrypt -r alice.pub --keep-paths --force --json -o s {arguments}");
        let objects = bench.run(&words).ok().objects();
        let names: Vec<_> = objects
            .iter()
            .map(|o| o["items"][0]["name"].as_str().unwrap())
            .collect();
        assert_eq!(names, stored, "{arguments}");
    }
}

#[test]
fn what_cannot_be_a_series_is_said() {
    let bench = Bench::new();
    folder(&bench, &["study/1.dcm", "study/sub/2.dcm", "empty/.hidden"]);
    for (words, text) in [
        ("encrypt -r alice.pub -o s empty", "no image"),
        ("encrypt -r alice.pub -o s study empty", "no image"),
        ("encrypt -r alice.pub -o study/all study", "lies in"),
        ("encrypt -r alice.pub -o study/sub/all study", "lies in"),
        ("encrypt -r alice.pub -o s study study", "named before"),
        (
            "encrypt -r alice.pub -o s study ./study/1.dcm",
            "named before",
        ),
        ("encrypt -r alice.pub -o s study - -", "once only"),
        ("encrypt -r alice.pub study -", "standard input"),
    ] {
        let run = bench.run(words).exits(2);
        assert!(run.stderr.contains(text), "{words}: {}", run.stderr);
        assert!(!bench.exists("s") && tree(&bench, "study") == ["1.dcm", "sub/2.dcm"]);
    }
    // One by one, the others are sealed.
    let run = bench
        .run("encrypt -r alice.pub empty study --json")
        .exits(2);
    assert_eq!(run.objects().len(), 3);
    bench
        .run("verify -i alice study/1.dcm.secimg study/sub/2.dcm.secimg")
        .ok();
    let deep: Vec<_> = (0..40).map(|n| n.to_string()).collect();
    folder(&bench, &[&format!("deep/{}/x", deep.join("/"))]);
    let run = bench.run("encrypt -r alice.pub -o s deep").exits(2);
    assert!(run.stderr.contains("32 folders"), "{}", run.stderr);
}

#[test]
fn a_padded_series_opens_and_hides_its_length() {
    let bench = Bench::new();
    bench.write("a", &vec![1; 100_000]);
    bench.write("b", &vec![2; 100_300]);
    for image in ["a", "b"] {
        bench
            .run(&format!("encrypt -r alice.pub --sign bob --pad {image}"))
            .ok();
        bench
            .run(&format!("verify -i alice --from bob.pub {image}.secimg"))
            .ok();
    }
    assert_eq!(bench.read("a.secimg").len(), bench.read("b.secimg").len());
    bench
        .run("encrypt -r alice.pub --sign bob a b --force")
        .ok();
    assert_ne!(bench.read("a.secimg").len(), bench.read("b.secimg").len());
}

#[test]
fn a_folder_is_sent_and_made_again() {
    use std::io::{BufRead, BufReader};
    use std::process::Stdio;
    let bench = Bench::new();
    folder(&bench, STUDY);
    for (keep, expected) in [
        ("", ["1.dcm", "1.txt", "10.dcm", "2.dcm", "9.dcm"]),
        ("--keep-paths", core::array::from_fn(|n| STUDY[n])),
    ] {
        let _: std::io::Result<()> = std::fs::remove_dir_all(bench.path("in"));
        let words =
            format!("receive -i alice --listen tcp://127.0.0.1:0 -O in --once {keep} --json");
        let mut receiver = bench.command(&words);
        let mut receiver = receiver.stdout(Stdio::piped()).spawn().unwrap();
        let mut said = BufReader::new(receiver.stdout.take().unwrap());
        let mut line = String::new();
        said.read_line(&mut line).unwrap();
        let listening: serde_json::Value = serde_json::from_str(&line).unwrap();
        let url = listening["url"].as_str().unwrap();
        bench
            .run(&format!(
                "send -r alice.pub --pad --keep-paths --to {url} study"
            ))
            .ok();
        assert!(receiver.wait().unwrap().success());
        assert_eq!(tree(&bench, "in"), expected, "{keep}");
    }
    let run = bench
        .run("send -r alice.pub --to tcp://127.0.0.1:9 none study")
        .exits(4);
    assert!(run.stderr.contains("none"), "{}", run.stderr);
    std::fs::create_dir(bench.path("empty")).unwrap();
    let run = bench
        .run("send -r alice.pub --to tcp://127.0.0.1:9 study empty")
        .exits(2);
    assert!(run.stderr.contains("no image"), "{}", run.stderr);
}

#[test]
fn what_stands_in_the_way_keeps_everything_out() {
    let bench = Bench::new();
    folder(
        &bench,
        &["x/a/1.dcm", "x/b/c/2.dcm", "x/d.dcm", "out/x/b/c/2.dcm"],
    );
    bench.run("encrypt -r alice.pub --keep-paths -o s x").ok();
    bench
        .run("decrypt -i alice --keep-paths -O out s --json")
        .fails(2, "exists");
    assert_eq!(tree(&bench, "out"), ["x/b/c/2.dcm"]);
    assert_eq!(
        bench.names_in("out/x"),
        ["b"],
        "no folder that was made stays"
    );
    // A file where a folder should be, also with --force.
    folder(&bench, &["out2/x/b"]);
    for words in ["", " --force"] {
        let run = bench.run(&format!(
            "decrypt -i alice --keep-paths -O out2 s --json{words}"
        ));
        assert!(run.stderr.contains("x/b is no folder"), "{}", run.stderr);
        run.fails(2, "exists");
        assert_eq!(tree(&bench, "out2"), ["x/b"]);
    }
    // And a folder where a file should be.
    std::fs::create_dir_all(bench.path("out3/x/d.dcm")).unwrap();
    bench
        .run("decrypt -i alice --keep-paths -O out3 s --force --json")
        .fails(2, "is_folder");
    assert_eq!(tree(&bench, "out3").len(), 0);
    assert_eq!(bench.names_in("out3/x"), ["d.dcm"]);
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::symlink;
    use std::process::{Command, Stdio};

    use super::*;

    #[test]
    fn links_and_pipes_in_a_folder_are_passed_over_and_told() {
        let bench = Bench::new();
        folder(&bench, &["x/1.dcm", "elsewhere/2.dcm"]);
        symlink(bench.path("elsewhere"), bench.path("x/folder")).unwrap();
        symlink(bench.path("elsewhere/2.dcm"), bench.path("x/file")).unwrap();
        let made = Command::new("mkfifo").arg(bench.path("x/pipe")).status();
        let pipes = usize::from(made.is_ok_and(|status| status.success()));
        let run = bench.run("encrypt -r alice.pub -o s x").ok();
        assert_eq!(
            run.stderr.matches("not followed").count(),
            2,
            "{}",
            run.stderr
        );
        assert_eq!(run.stderr.matches("a pipe").count(), pipes);
        let listed = bench.run("list -i alice s --json").ok().one_object();
        assert_eq!(listed["items"].as_array().unwrap().len(), 1);
        // A link that was named is what it points to.
        bench
            .run("encrypt -r alice.pub -o t x/file x/folder --keep-paths")
            .ok();
    }

    /// DIR/x leads out of DIR, or DIR/x/a does.
    #[test]
    fn a_link_in_the_way_is_not_followed() {
        let bench = Bench::new();
        folder(&bench, &["x/a/1.dcm", "x/2.dcm", "outside/a/keep"]);
        bench.run("encrypt -r alice.pub --keep-paths -o s x").ok();
        for (link, to) in [
            ("out/x", bench.path("outside")),
            ("out/x", "../outside".into()),
            ("out/x/a", bench.path("outside")),
            ("out/x", "/nowhere".into()),
        ] {
            std::fs::create_dir_all(bench.path(link).parent().unwrap()).unwrap();
            symlink(&to, bench.path(link)).unwrap();
            for force in ["", " --force"] {
                let run = bench.run(&format!(
                    "decrypt -i alice --keep-paths -O out s --json{force}"
                ));
                assert!(run.stderr.contains("symbolic link"), "{}", run.stderr);
                assert!(!run.stderr.contains("/proc/"), "{}", run.stderr);
                run.fails(2, "exists");
                assert_eq!(tree(&bench, "outside"), ["a/keep"]);
                assert!(!bench.exists("out/x/2.dcm") || link == "out/x");
            }
            std::fs::remove_dir_all(bench.path("out")).unwrap();
        }
        // A link under the name itself is replaced, not followed, and with --force only.
        folder(&bench, &["out/x/y"]);
        symlink(bench.path("outside/a/keep"), bench.path("out/x/2.dcm")).unwrap();
        bench
            .run("decrypt -i alice --keep-paths -O out s --json")
            .fails(2, "exists");
        bench
            .run("decrypt -i alice --keep-paths -O out s --force")
            .ok();
        assert_eq!(bench.read("outside/a/keep"), b"outside/a/keep");
        assert_eq!(bench.read("out/x/2.dcm"), b"x/2.dcm");
    }

    /// Whoever can write in DIR exchanges a folder for a link while the images are written.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_folder_that_is_exchanged_meanwhile_leads_nowhere_else() {
        use core::sync::atomic::{AtomicBool, Ordering};
        let bench = Bench::new();
        let files: Vec<_> = (0..60).map(|n| format!("x/{n}.dcm")).collect();
        let files: Vec<_> = files.iter().map(String::as_str).collect();
        folder(&bench, &files);
        std::fs::create_dir(bench.path("outside")).unwrap();
        bench.run("encrypt --key-file sym --keep-paths -o s x").ok();
        std::fs::create_dir_all(bench.path("out/x")).unwrap();
        let done = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let (sub, aside) = (bench.path("out/x"), bench.path("out/aside"));
            let (outside, done) = (bench.path("outside"), &done);
            scope.spawn(move || {
                while !done.load(Ordering::Relaxed) {
                    let _ = std::fs::rename(&sub, &aside);
                    let _ = symlink(&outside, &sub);
                    let _ = std::fs::remove_file(&sub);
                    let _ = std::fs::rename(&aside, &sub);
                }
            });
            for _ in 0..15 {
                bench.run("decrypt --key-file sym --keep-paths -O out s --force");
            }
            done.store(true, Ordering::Relaxed);
        });
        assert_eq!(tree(&bench, "outside").len(), 0);
    }

    /// Neither side holds more files open than a process may have.
    #[test]
    fn a_series_of_thousands_is_streamed() {
        let bench = Bench::new();
        let files: Vec<_> = (0..3_000)
            .map(|n| format!("x/{}/{n}.dcm", n % 200))
            .collect();
        let files: Vec<_> = files.iter().map(String::as_str).collect();
        folder(&bench, &files);
        let limited = |words: &str| {
            let mut command = Command::new("sh");
            command
                .args(["-c", &format!("ulimit -n 40; exec \"$S\" {words}")])
                .env("S", env!("CARGO_BIN_EXE_secimg"))
                .env("SECIMG_KEYS", bench.path("keyfolder"))
                .current_dir(bench.path("."))
                .stdin(Stdio::null());
            finish(&mut command).ok();
        };
        limited("encrypt --key-file sym --keep-paths -o s x --quiet");
        limited("decrypt --key-file sym --keep-paths -O out s --quiet");
        assert_eq!(tree(&bench, "out").len(), 3_000);
        assert_eq!(bench.read("out/x/7/2007.dcm"), b"x/7/2007.dcm");

        let flat: Vec<_> = (0..300).map(|n| format!("y/{n}.dcm")).collect();
        let flat: Vec<_> = flat.iter().map(String::as_str).collect();
        folder(&bench, &flat);
        limited("encrypt --key-file sym -o t y --quiet");
        limited("decrypt --key-file sym -O flat t --quiet");
        assert_eq!(tree(&bench, "flat").len(), 300);
        assert_eq!(bench.read("flat/299.dcm"), b"y/299.dcm");
    }

    #[test]
    fn files_of_evil_names_are_sealed_without_them() {
        use std::ffi::OsStr;
        use std::os::unix::ffi::OsStrExt;
        let bench = Bench::new();
        std::fs::create_dir(bench.path("x")).unwrap();
        let long = "n".repeat(250);
        let names: [&[u8]; 15] = [
            b"\xff\xfe.dcm",
            b"-rf",
            b"a:b",
            b"a\\b",
            b"trailing.",
            b"trailing ",
            b"line\nbreak",
            b"\x1b[31m",
            "\u{202e}gif.exe".as_bytes(),
            b"NUL",
            b"com1.dcm",
            b"desktop.ini",
            b"a*b?",
            b"~",
            long.as_bytes(),
        ];
        for name in names {
            std::fs::write(bench.path("x").join(OsStr::from_bytes(name)), name).unwrap();
        }
        // This one is stored in the composed form.
        std::fs::write(bench.path("x/u\u{308}.dcm"), b"").unwrap();
        let run = bench.run("encrypt --key-file sym -o s x").ok();
        assert_eq!(run.stderr.matches("without a name").count(), names.len());
        assert!(!run.stderr.contains('\u{1b}') && !run.stderr.contains('\u{202e}'));
        for keep in ["", "--keep-paths"] {
            let out = format!("out{keep}");
            bench
                .run(&format!("decrypt --key-file sym {keep} -O {out} s"))
                .ok();
            let stored = tree(&bench, &out);
            assert_eq!(stored.len(), names.len() + 1);
            let rest = stored.iter().filter(|name| !name.starts_with("image-"));
            assert_eq!(rest.collect::<Vec<_>>(), ["\u{fc}.dcm"]);
        }
    }
}
