//! The programs of `tests/c` and `tests/cpp`: strict in every standard, and run in every way.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use tempfile::TempDir;

use super::library::{Link, library};
use super::support::corpus;
use super::toolchain::{
    Compiler, compile, compiler, compilers, root, run, skipped, sources, stem, version,
};

const C_STANDARDS: [&str; 3] = ["c99", "c11", "c17"];
const CPP_STANDARDS: [&str; 3] = ["c++11", "c++17", "c++20"];

/// How programs are made and run.
struct Mode {
    name: &'static str,
    standard: &'static str,
    link: Link,
    flags: &'static [&'static str],
    /// What runs them: nothing, or valgrind with its options.
    under: &'static [&'static str],
    /// How much they do, unless the whole is wanted.
    effort: &'static str,
}

/// Not optimised, which takes a C++ compiler half as long. The C programs are optimised where no sanitizer watches.
const SANITIZERS: &[&str] = &[
    "-g",
    "-O0",
    "-fno-omit-frame-pointer",
    "-fsanitize=address,undefined",
    "-fno-sanitize-recover=all",
];

/// What is enough for a program that is watched.
const LIGHT: &str = "light";

const VALGRIND: &[&str] = &[
    "valgrind",
    "--quiet",
    "--error-exitcode=9",
    "--leak-check=full",
    "--show-leak-kinds=all",
    "--errors-for-leak-kinds=all",
    concat!(
        "--suppressions=",
        env!("CARGO_MANIFEST_DIR"),
        "/tests/c/valgrind.supp"
    ),
];

pub(crate) fn full() -> bool {
    std::env::var_os("SECIMG_CI").is_some_and(|said| said == "full")
}

/// A folder in which programs are made and run, empty but for them.
struct Bench {
    folder: TempDir,
    mode: Mode,
}

impl Bench {
    fn new(mode: Mode) -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            mode,
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Compiles and links a program.
    fn build(&self, compiler: &str, name: &str, files: &[PathBuf], flags: &[&str]) -> PathBuf {
        let program = self.path(name);
        let mut arguments: Vec<String> = [self.mode.flags, flags]
            .concat()
            .iter()
            .map(|&s| s.to_owned())
            .collect();
        arguments.push("-o".to_owned());
        arguments.push(program.display().to_string());
        arguments.extend(files.iter().map(|file| file.display().to_string()));
        arguments.extend(library().arguments(self.mode.link));
        compile(compiler, self.mode.standard, &library().include, arguments);
        program
    }

    /// Compiles what the C programs share.
    fn support(&self, compiler: &Compiler) -> Vec<PathBuf> {
        let mut objects = Vec::new();
        for source in sources(&root().join("tests/c/support"), "c") {
            let object = self.path(&format!("{}.o", stem(&source)));
            let mut arguments: Vec<String> =
                self.mode.flags.iter().map(|&s| s.to_owned()).collect();
            arguments.extend([
                "-c".to_owned(),
                source.display().to_string(),
                "-o".to_owned(),
            ]);
            arguments.push(object.display().to_string());
            compile(
                compiler.c,
                self.mode.standard,
                &library().include,
                arguments,
            );
            objects.push(object);
        }
        objects
    }

    /// Runs a program in a folder of its own and returns what it printed.
    fn run(&self, program: &Path) -> String {
        let folder = tempfile::tempdir_in(self.folder.path()).unwrap();
        let mut words = self.mode.under.iter().copied();
        let mut command = match words.next() {
            Some(first) => Command::new(first),
            None => Command::new(program),
        };
        command.args(words);
        if !self.mode.under.is_empty() {
            command.arg(program);
        }
        // A sanitizer or valgrind looks at each kind of step, not at many of them.
        let effort = if full() && self.mode.effort != LIGHT {
            "full"
        } else {
            self.mode.effort
        };
        let none = PathBuf::from("-");
        let out = run(command
            .arg(corpus().unwrap_or(none))
            .arg(root().join("tests/vectors"))
            .arg(root().join("src/keys/fixtures"))
            .env("SECIMG_EFFORT", effort)
            .env("ASAN_OPTIONS", "detect_leaks=1:halt_on_error=1")
            .env("UBSAN_OPTIONS", "print_stacktrace=1")
            .current_dir(folder.path()));
        // What a program skipped, it said there.
        let said = String::from_utf8_lossy(&out.stderr).into_owned();
        if !said.is_empty() {
            say!("{}, {}: {}", stem(program), self.mode.name, said.trim_end());
        }
        String::from_utf8(out.stdout).unwrap()
    }
}

/// The number before `checks` in a program's last line.
fn count_of(printed: &str) -> u64 {
    let line = printed.lines().last().unwrap_or_default();
    let count = line
        .split_once(" checks")
        .and_then(|(count, _)| count.parse().ok());
    count.unwrap_or_else(|| panic!("no count of checks: {printed}"))
}

/// Builds and runs all programs of `tests/c`.
fn every_program(mode: Mode) {
    let Some(compiler) = compiler() else { return };
    let bench = Bench::new(mode);
    let support = bench.support(compiler);
    let programs = sources(&root().join("tests/c"), "c");
    assert!(programs.len() >= 15, "programs: {programs:?}");
    let start = Instant::now();
    let mut checks = 0;
    for source in &programs {
        let files = [vec![source.clone()], support.clone()].concat();
        let program = bench.build(compiler.c, &stem(source), &files, &[]);
        let began = Instant::now();
        let count = count_of(&bench.run(&program));
        assert!(count > 0, "{} checks nothing", stem(source));
        if std::env::var_os("SECIMG_TIMES").is_some() {
            say!(
                "{} {}: {count} checks, {:.1?}",
                bench.mode.name,
                stem(source),
                began.elapsed()
            );
        }
        checks += count;
    }
    say!(
        "{} C programs {}: {checks} checks in {:.1?}",
        programs.len(),
        bench.mode.name,
        start.elapsed()
    );
}

#[test]
fn the_header_is_strict_c_and_cpp() {
    let folder = tempfile::tempdir().unwrap();
    let mut count = 0;
    for compiler in compilers() {
        for (command, extension, standards) in [
            (compiler.c, "c", C_STANDARDS),
            (compiler.cpp, "cpp", CPP_STANDARDS),
        ] {
            if version(command).is_none() {
                skipped(&format!("no {command}"));
                continue;
            }
            let file = folder.path().join(format!("alone.{extension}"));
            // Alone, and twice; with the import of a DLL's symbols, which elsewhere is nothing.
            let text = "#define SECIMG_DLL\n#include <secimg.h>\n#include <secimg.h>\nint main(void) { return 0; }\n";
            fs::write(&file, text).unwrap();
            for standard in standards {
                let arguments = ["-fsyntax-only".as_ref(), file.as_os_str()];
                compile(command, standard, &library().include, arguments);
                count += 1;
            }
        }
    }
    say!("the header alone: {count} standards of C and C++");
}

#[test]
fn the_programs_are_strict_in_every_standard() {
    let mut files = sources(&root().join("tests/c"), "c");
    files.extend(sources(&root().join("tests/c/support"), "c"));
    files.extend(sources(&root().join("examples/c"), "c"));
    let mut count = 0;
    for compiler in compilers() {
        for standard in C_STANDARDS {
            for more in [&["-Wshadow"][..], &["-Wstrict-prototypes", "-Wconversion"]] {
                // Conversions are looked at once: they are the same in each standard.
                if more.len() == 2 && standard != "c17" {
                    continue;
                }
                let mut arguments = vec!["-fsyntax-only".to_owned()];
                arguments.extend(more.iter().map(|&flag| flag.to_owned()));
                arguments.extend(files.iter().map(|file| file.display().to_string()));
                compile(compiler.c, standard, &library().include, arguments);
                count += files.len();
            }
        }
    }
    say!("{} C files, {count} times", files.len());
}

#[test]
fn c_programs_linked_statically() {
    every_program(Mode {
        name: "linked statically",
        standard: "c99",
        link: Link::Static,
        flags: &["-O1"],
        under: &[],
        effort: "normal",
    });
}

#[test]
fn c_programs_linked_with_the_shared_library() {
    every_program(Mode {
        name: "linked with the shared library",
        standard: "c17",
        link: Link::Shared,
        flags: &["-O2"],
        under: &[],
        effort: LIGHT,
    });
}

#[test]
fn c_programs_under_the_sanitizers() {
    let Some(compiler) = compiler() else { return };
    if !links(compiler.c, "c11", SANITIZERS) {
        skipped("the compiler has no sanitizers");
        return;
    }
    every_program(Mode {
        name: "under the sanitizers",
        standard: "c11",
        link: Link::Static,
        flags: SANITIZERS,
        under: &[],
        effort: LIGHT,
    });
}

#[test]
fn c_programs_under_valgrind() {
    if !full() && std::env::var_os("SECIMG_VALGRIND").is_none() {
        say!(
            "not run under valgrind, which takes minutes: set SECIMG_VALGRIND=1 or SECIMG_CI=full"
        );
        return;
    }
    if version("valgrind").is_none() {
        skipped("no valgrind");
        return;
    }
    every_program(Mode {
        name: "under valgrind",
        standard: "c99",
        link: Link::Static,
        flags: &["-g", "-O1"],
        under: VALGRIND,
        effort: LIGHT,
    });
}

/// Tells whether a program can be made with these flags.
fn links(compiler: &str, standard: &str, flags: &[&str]) -> bool {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("empty.c");
    fs::write(&file, "int main(void) { return 0; }\n").unwrap();
    let tried = Command::new(compiler)
        .arg(format!("-std={standard}"))
        .args(flags)
        .arg(&file)
        .arg("-o")
        .arg(folder.path().join("empty"))
        .output();
    tried.is_ok_and(|out| out.status.success())
}

/// The programs of `tests/cpp`: what is named `noexcept_` holds without exceptions and run-time types.
fn every_cpp_program(mode: Mode) {
    let mut programs = sources(&root().join("tests/cpp"), "cpp");
    // A C++ compiler takes seconds for each under the sanitizers; the twins call the same functions.
    if mode.flags == SANITIZERS && !full() {
        programs.retain(|source| !stem(source).starts_with("noexcept_"));
    }
    let Some(compiler) = compiler() else { return };
    if version(compiler.cpp).is_none() {
        skipped("no C++ compiler");
        return;
    }
    assert!(!programs.is_empty(), "tests/cpp has no program");
    let bench = Bench::new(mode);
    for source in &programs {
        let name = stem(source);
        let flags: &[&str] = if name.starts_with("noexcept_") {
            &["-DSECIMG_NO_EXCEPTIONS", "-fno-exceptions", "-fno-rtti"]
        } else {
            &[]
        };
        let program = bench.build(compiler.cpp, &name, core::slice::from_ref(source), flags);
        bench.run(&program);
    }
    say!("{} C++ programs {}", programs.len(), bench.mode.name);
}

#[test]
fn cpp_programs_in_cpp17_linked_statically() {
    every_cpp_program(Mode {
        name: "in C++17, linked statically",
        standard: "c++17",
        link: Link::Static,
        flags: &["-O0"],
        under: &[],
        effort: "normal",
    });
}

#[test]
fn cpp_programs_in_cpp20_under_the_sanitizers() {
    let Some(compiler) = compiler() else { return };
    if !links(compiler.c, "c11", SANITIZERS) {
        skipped("the compiler has no sanitizers");
        return;
    }
    every_cpp_program(Mode {
        name: "in C++20 with the shared library, under the sanitizers",
        standard: "c++20",
        link: Link::Shared,
        flags: SANITIZERS,
        under: &[],
        effort: LIGHT,
    });
}
