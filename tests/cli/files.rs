//! Where images land, where they never do, and what stays behind when something goes wrong.

use secimg::keys::PublicKey;
use secimg::{Image, SealOptions, encrypt_series};

use super::support::*;

/// Seals for alice under names that the command itself would not store.
fn sealed_as(bench: &Bench, names: &[&str]) -> Vec<u8> {
    let alice = PublicKey::from_pem(&bench.read("alice.pub")).unwrap();
    let options = SealOptions::new().recipient(alice.recipient().unwrap());
    let images: Vec<_> = names
        .iter()
        .map(|name| Image::new(GIF).named(name))
        .collect();
    encrypt_series(&images, &options).unwrap()
}

#[test]
fn a_stored_name_never_leaves_the_folder() {
    let bench = Bench::new();
    std::fs::create_dir(bench.path("out")).unwrap();
    let absolute = bench.path("absolute.gif");
    for name in [
        "../evil",
        "..",
        ".",
        "/etc/evil",
        absolute.to_str().unwrap(),
        "sub/../evil",
        "..\\evil",
        "C:evil",
        "NUL",
        ".bashrc",
        "-rf",
        "evil\u{202e}gif.exe",
        "line\nbreak",
    ] {
        bench.write("s", &sealed_as(&bench, &[name]));
        let before = bench.names_in(".");
        let run = bench.run("decrypt -i alice -O out s --json");
        assert!(!run.stderr.contains('\u{202e}') && run.stderr.trim_end().lines().count() == 1);
        run.fails(3, "bad_name");
        assert_eq!(bench.names_in("."), before, "{name:?}");
        assert_eq!(bench.names_in("out").len(), 0, "{name:?}");
        bench.run("verify -i alice s").ok();
        // The reader's own name helps.
        bench.run("decrypt -i alice -o out/mine s").ok();
        std::fs::remove_file(bench.path("out/mine")).unwrap();
    }
}

#[test]
fn a_bad_name_is_said_of_verified_streams_only() {
    let bench = Bench::new();
    let mut sealed = sealed_as(&bench, &["../evil", "b.gif"]);
    let last = sealed.len() - 1;
    sealed[last] ^= 1;
    bench.write("s", &sealed);
    let run = bench.run("decrypt -i alice s --json");
    assert!(!run.stderr.contains("evil"));
    run.fails(1, "not_authentic");
}

#[test]
fn two_images_never_become_one_file() {
    let bench = Bench::new();
    bench.write("s", &sealed_as(&bench, &["a.gif", "A.GIF"]));
    bench
        .run("decrypt -i alice -O out s --json")
        .fails(3, "duplicate_name");
    assert!(!bench.exists("out"));
    // Also not those of two streams, and --force is not meant for that.
    bench.write("one", &sealed_as(&bench, &["a.gif"]));
    bench.write("two", &sealed_as(&bench, &["a.gif"]));
    let run = bench
        .run("decrypt -i alice -O out one two --force --json")
        .exits(3);
    assert_eq!(run.objects()[1]["error"]["code"], "duplicate_name");
    assert_eq!(bench.names_in("out"), ["a.gif"]);
}

#[test]
fn existing_files_stay_without_force() {
    let bench = Bench::new();
    std::fs::create_dir(bench.path("out")).unwrap();
    bench.write("out/b.gif", b"precious");
    bench.write("s", &sealed_as(&bench, &["a.gif", "b.gif"]));
    bench
        .run("decrypt -i alice -O out s --json")
        .fails(2, "exists");
    assert_eq!(bench.names_in("out"), ["b.gif"], "all or nothing");
    assert_eq!(bench.read("out/b.gif"), b"precious");
    bench.run("decrypt -i alice -O out s --force").ok();
    assert_eq!(bench.read("out/b.gif"), GIF);
    bench.write("one", &sealed_as(&bench, &["c.gif"]));
    bench
        .run("decrypt -i alice -o out/b.gif one --json")
        .fails(2, "exists");
}

#[test]
fn one_output_takes_one_image() {
    let bench = Bench::new();
    bench.write("two", &sealed_as(&bench, &["a.gif", "b.gif"]));
    bench
        .run("decrypt -i alice -o back two --json")
        .fails(2, "many_images");
    assert_eq!(bench.run("decrypt -i alice -o - two").exits(2).stdout, b"");
    bench.run("decrypt -i alice -o back two two").exits(2);
    bench.write("none", &sealed_as(&bench, &[]));
    bench
        .run("decrypt -i alice -o back none --json")
        .fails(2, "usage");
    bench.run("decrypt -i alice none").ok();
    assert!(!bench.exists("back"));
}

#[test]
fn the_default_folder_is_here() {
    let bench = Bench::new();
    bench.write("s", &sealed_as(&bench, &["there.gif"]));
    bench.run("decrypt -i alice s").ok();
    assert_eq!(bench.read("there.gif"), GIF);
    bench.run("decrypt -i alice -O s s").exits(2);
    bench.run("decrypt -i alice -O no/such s").exits(4);
}

#[test]
fn a_series_may_be_longer_than_there_are_open_files() {
    let bench = Bench::new();
    let names: Vec<_> = (0..300).map(|n| format!("{n:03}.gif")).collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    bench.write("s", &sealed_as(&bench, &names));
    bench.run("decrypt -i alice -O out s").ok();
    assert_eq!(bench.names_in("out"), names);
    for name in names {
        assert_eq!(bench.read(&format!("out/{name}")), GIF);
    }
}

#[cfg(unix)]
mod unix {
    use core::time::Duration;
    use std::io::Write;
    use std::process::{Command, Stdio};
    use std::time::Instant;

    use super::*;

    /// Runs a line of shell, where `$S` is the command.
    fn shell(bench: &Bench, line: &str) -> Run {
        // A command that waits for ever on a pipe fails its test and not the whole run.
        let limited = "command -v timeout >/dev/null && exec timeout 60 sh -c \"$1\"; eval \"$1\"";
        let mut command = Command::new("sh");
        command
            .args(["-c", limited, "sh", line])
            .env("S", env!("CARGO_BIN_EXE_secimg"))
            .env("SECIMG_KEYS", bench.path("keyfolder"));
        finish(command.current_dir(bench.path(".")).stdin(Stdio::null()))
    }

    #[test]
    fn images_follow_the_umask() {
        let bench = Bench::new();
        bench.sealed();
        for (umask, expected) in [("022", 0o644), ("027", 0o640), ("077", 0o600)] {
            let line =
                format!("umask {umask}; \"$S\" decrypt -i alice -O out --force a.gif.secimg");
            shell(&bench, &line).ok();
            assert_eq!(mode(&bench.path("out/a.gif")), expected);
        }
    }

    #[test]
    fn a_full_disk_leaves_nothing() {
        let bench = Bench::new();
        bench.write("big", &vec![5; 1 << 20]);
        // The limit stands for the disk; a write beyond it fails where the signal is ignored.
        let limit = "trap '' XFSZ; ulimit -f 64;";
        let run = shell(
            &bench,
            &format!("{limit} \"$S\" encrypt -r alice.pub --json big"),
        );
        run.fails(4, "io");
        assert!(!bench.exists("big.secimg"));
        bench.run("encrypt -r alice.pub big").ok();
        for output in ["-O out", "-o back", "-o -"] {
            let line = format!("{limit} \"$S\" decrypt -i alice {output} big.secimg > stdout");
            let run = shell(&bench, &line).exits(4);
            assert!(run.stderr.contains("File too large"), "{}", run.stderr);
            assert!(!bench.exists("out") && !bench.exists("back"));
            assert_eq!(bench.read("stdout"), b"");
        }
        bench.is_tidy();
    }

    #[test]
    fn a_reader_that_goes_away_is_an_error() {
        let bench = Bench::new();
        bench.write("big", &vec![5; 1 << 20]);
        bench.run("encrypt -r alice.pub big").ok();
        for words in [
            "encrypt -r alice.pub < big",
            "decrypt -i alice -o - big.secimg",
        ] {
            let line = format!("{{ \"$S\" {words}; echo $? > status; }} | true");
            shell(&bench, &line);
            assert_eq!(bench.read("status"), b"4\n", "{words}");
        }
    }

    #[test]
    fn pipes_are_read_as_files_are() {
        let bench = Bench::new();
        bench.sealed();
        shell(
            &bench,
            "mkfifo p; cat a.gif.secimg > p & \"$S\" list -i alice p",
        )
        .ok();
        shell(
            &bench,
            "cat a.gif > p & \"$S\" encrypt -r alice.pub -o q.secimg p",
        )
        .ok();
        let report = bench
            .run("verify -i alice q.secimg --json")
            .ok()
            .one_object();
        assert!(
            report["items"][0]["name"].is_null(),
            "a pipe's name is not the image's"
        );
    }

    /// Starts decrypting half a stream, waits for the temporary file, and stops the command.
    #[test]
    fn a_signal_leaves_no_temporary_file() {
        let bench = Bench::new();
        bench.write("big", &vec![5; 4 << 20]);
        bench.run("encrypt -r alice.pub big").ok();
        std::fs::create_dir(bench.path("out")).unwrap();
        for signal in ["TERM", "INT", "HUP"] {
            let mut command = bench.command("decrypt -i alice -O out -");
            let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
            let mut stdin = child.stdin.take().unwrap();
            stdin
                .write_all(&bench.read("big.secimg")[..3 << 20])
                .unwrap();
            let deadline = Instant::now() + Duration::from_mins(1);
            while bench.names_in("out").is_empty() {
                assert!(Instant::now() < deadline, "no temporary file appears");
                std::thread::sleep(Duration::from_millis(5));
            }
            let id = child.id().to_string();
            let signal = format!("-{signal}");
            assert!(
                Command::new("kill")
                    .args([&signal, &id])
                    .status()
                    .unwrap()
                    .success()
            );
            assert!(!child.wait().unwrap().success());
            assert_eq!(bench.names_in("out").len(), 0, "{signal}");
        }
    }
}
