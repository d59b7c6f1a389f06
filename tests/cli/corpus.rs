//! The corpus through the command, with every option: folders come back as they were.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use secimg::strip::strip;

use super::corpus_files::{corpus, files_below};
use super::support::*;

/// Every file of a folder, by its path in it.
fn tree(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let within = |path: &Path| {
        path.strip_prefix(folder)
            .unwrap()
            .to_str()
            .unwrap()
            .replace('\\', "/")
    };
    files_below(folder)
        .into_iter()
        .map(|path| (within(&path), fs::read(&path).unwrap()))
        .collect()
}

fn full() -> bool {
    std::env::var_os("SECIMG_CI").is_some_and(|tier| tier == "full")
}

/// Puts the corpus beside the keys of a bench, and returns what is in it.
fn bench_with(corpus: &Path, wanted: impl Fn(&[u8]) -> bool) -> (Bench, BTreeMap<String, Vec<u8>>) {
    let bench = Bench::new();
    let mut files = tree(corpus);
    files.retain(|_, bytes| wanted(bytes));
    for (name, bytes) in &files {
        let path = bench.path("in").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    assert!(files.len() > 10, "only {} files", files.len());
    (bench, files)
}

#[test]
fn a_folder_with_every_option_comes_back_to_the_byte() {
    let Some(corpus) = corpus() else {
        return;
    };
    let (bench, files) = bench_with(&corpus, |_| true);
    let mut done = 0;
    // Each option on and off; the ordinary run takes four of the combinations, in which each has both.
    for way in
        (0..64).filter(|way| full() || [0b00_0000, 0b01_0101, 0b10_1010, 0b11_1111].contains(way))
    {
        let on = |place: i32, words: &'static str| if way >> place & 1 == 1 { words } else { "" };
        let seal = [
            on(0, "--suite gcm"),
            on(1, "--sign bob"),
            on(2, "--pad"),
            on(3, "--context study"),
            on(4, "--preview"),
            on(5, "--threads 2"),
        ]
        .join(" ");
        let open = [
            on(1, "--from bob.pub"),
            on(3, "--context study"),
            on(5, "--threads 2"),
        ]
        .join(" ");
        bench
            .run(&format!(
                "encrypt -r alice.pub --keep-paths {seal} -o all.secimg in --quiet --force"
            ))
            .ok();
        bench
            .run(&format!(
                "decrypt -i alice --keep-paths {open} -O out all.secimg --quiet"
            ))
            .ok();
        assert!(tree(&bench.path("out/in")) == files, "{seal}");
        fs::remove_dir_all(bench.path("out")).unwrap();
        done += 1;
    }
    say!(
        "{} files, {done} combinations of options: byte-identical",
        files.len()
    );
}

#[test]
fn stripped_images_come_back_stripped_and_no_other_is_sealed() {
    let Some(corpus) = corpus() else {
        return;
    };
    let (bench, files) = bench_with(&corpus, |bytes| strip(bytes).is_ok());
    bench
        .run("encrypt -r alice.pub --keep-paths --strip --preview -o all.secimg in --quiet")
        .ok();
    bench
        .run("decrypt -i alice --keep-paths -O out all.secimg --quiet")
        .ok();
    let came = tree(&bench.path("out/in"));
    assert_eq!(came.len(), files.len());
    for (name, bytes) in &files {
        assert!(came[name] == *strip(bytes).unwrap().image, "{name}");
    }
    say!(
        "{} files without their metadata: as the library strips them",
        files.len()
    );
}
