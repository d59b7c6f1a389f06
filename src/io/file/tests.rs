//! Whole files or none, and never through a link.

use std::sync::Barrier;

use super::*;

fn names_in(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn write(target: &Path, bytes: &[u8], overwrite: Overwrite) -> Result<(), FileError> {
    let mut file = PendingFile::create(target, overwrite)?;
    file.write_all(bytes).unwrap();
    file.commit(FileMode::Shared)
}

#[test]
fn a_file_appears_when_it_is_committed() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("a.png");
    let mut file = PendingFile::create(&target, Overwrite::Refuse).unwrap();
    file.write_all(b"one").unwrap();
    file.flush().unwrap();
    assert!(!target.exists() && file.path().exists());
    assert_eq!(file.path().parent(), target.parent());
    file.commit(FileMode::Shared).unwrap();
    assert_eq!(fs::read(&target).unwrap(), b"one");
    assert_eq!(names_in(folder.path()), ["a.png"]);
}

#[test]
fn dropping_removes_the_temporary_file() {
    let folder = tempfile::tempdir().unwrap();
    let mut file = PendingFile::create(&folder.path().join("a.png"), Overwrite::Refuse).unwrap();
    file.write_all(b"half").unwrap();
    assert!(names_in(folder.path())[0].starts_with(PREFIX));
    drop(file);
    assert!(names_in(folder.path()).is_empty());
}

#[test]
fn an_existing_file_is_kept_or_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("a.png");
    write(&target, b"one", Overwrite::Refuse).unwrap();
    let error = PendingFile::create(&target, Overwrite::Refuse).unwrap_err();
    assert!(matches!(error, FileError::Exists(_)) && error.class() == FileClass::Usage);
    assert!(
        error
            .to_string()
            .ends_with("a.png exists; --force overwrites it")
    );
    assert_eq!(fs::read(&target).unwrap(), b"one");
    write(&target, b"two", Overwrite::Replace).unwrap();
    assert_eq!(fs::read(&target).unwrap(), b"two");
}

#[test]
fn a_file_that_appears_meanwhile_is_not_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("a.png");
    let mut file = PendingFile::create(&target, Overwrite::Refuse).unwrap();
    file.write_all(b"ours").unwrap();
    fs::write(&target, "theirs").unwrap();
    assert!(matches!(
        file.commit(FileMode::Shared),
        Err(FileError::Exists(_))
    ));
    assert_eq!(fs::read(&target).unwrap(), b"theirs");
    assert_eq!(names_in(folder.path()), ["a.png"]);
}

#[test]
fn of_many_writers_one_wins() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("a.png");
    let together = Barrier::new(8);
    let race = |writer: u8| {
        let mut file = PendingFile::create(&target, Overwrite::Refuse).unwrap();
        file.write_all(&[writer; 1000]).unwrap();
        together.wait();
        file.commit(FileMode::Shared).is_ok()
    };
    let winners: Vec<bool> = std::thread::scope(|scope| {
        let writers: Vec<_> = (0..8)
            .map(|writer| scope.spawn(move || race(writer)))
            .collect();
        writers
            .into_iter()
            .map(|writer| writer.join().unwrap())
            .collect()
    });
    let winner = u8::try_from(winners.iter().position(|&won| won).unwrap()).unwrap();
    assert_eq!(winners.iter().filter(|&&won| won).count(), 1);
    assert_eq!(fs::read(&target).unwrap(), [winner; 1000]);
    assert_eq!(names_in(folder.path()), ["a.png"]);
}

#[test]
fn the_claim_of_poorer_file_systems_spares_the_target_too() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("a.png");
    let written = |bytes: &[u8]| {
        let mut file = PendingFile::create(&target, Overwrite::Replace).unwrap();
        file.write_all(bytes).unwrap();
        file.file
    };
    claim_and_rename(written(b"one"), &target).unwrap();
    let error = claim_and_rename(written(b"two"), &target).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AlreadyExists);
    assert_eq!(fs::read(&target).unwrap(), b"one");
    assert_eq!(names_in(folder.path()), ["a.png"]);
}

/// Only Unix lets an open file be removed, which is how the rename is made to fail here.
#[cfg(unix)]
#[test]
fn a_failed_rename_leaves_no_claim() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("a.png");
    let file = PendingFile::create(&target, Overwrite::Refuse).unwrap();
    fs::remove_file(file.path()).unwrap();
    let error = file.commit(FileMode::Private).unwrap_err();
    assert!(matches!(error, FileError::Io(..)) && error.class() == FileClass::Io);
    assert!(names_in(folder.path()).is_empty());
}

#[test]
fn folders_are_not_targets() {
    let folder = tempfile::tempdir().unwrap();
    let inside = folder.path().join("inside");
    fs::create_dir(&inside).unwrap();
    for name in ["inside", "inside/", "new/", "inside/.", "inside/..", ".."] {
        for overwrite in [Overwrite::Refuse, Overwrite::Replace] {
            let error = PendingFile::create(&folder.path().join(name), overwrite).unwrap_err();
            assert!(matches!(error, FileError::Folder(_)), "{name}: {error}");
        }
    }
    for name in ["", "/", "..", "."] {
        assert!(matches!(
            PendingFile::create(Path::new(name), Overwrite::Refuse),
            Err(FileError::Folder(_))
        ));
    }
    let error =
        PendingFile::create(&folder.path().join("none/a.png"), Overwrite::Refuse).unwrap_err();
    assert!(matches!(error, FileError::NoFolder(..)) && error.class() == FileClass::Io);
    assert_eq!(names_in(folder.path()), ["inside"]);
}

#[test]
fn a_bare_name_is_in_the_current_folder() {
    assert_eq!(folder_of(Path::new("a.png")).unwrap(), Path::new("."));
    assert_eq!(folder_of(Path::new("b/a.png")).unwrap(), Path::new("b"));
    assert_eq!(folder_of(Path::new("/a.png")).unwrap(), Path::new("/"));
}

#[test]
fn messages_cannot_move_the_terminal() {
    let error = FileError::Exists(PathBuf::from("a\u{1b}[2J\u{202e}.png"));
    assert_eq!(
        error.to_string(),
        "a\\u{1b}[2J\\u{202e}.png exists; --force overwrites it"
    );
}

#[test]
fn what_a_failed_write_left_is_not_committed() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("a.png");
    let mut file = PendingFile::create(&target, Overwrite::Refuse).unwrap();
    // The same file opened for reading only: every write fails, as on a full disk.
    *file.file.as_file_mut() = fs::File::open(file.path()).unwrap();
    file.write_all(b"lost").unwrap_err();
    let error = file.commit(FileMode::Shared).unwrap_err();
    assert!(matches!(error, FileError::Incomplete(_)) && error.class() == FileClass::Io);
    assert!(names_in(folder.path()).is_empty());
}

#[test]
fn a_closed_file_is_committed_or_goes() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("a.png");
    let closed = |bytes: &[u8]| {
        let mut file = PendingFile::create(&target, Overwrite::Refuse).unwrap();
        file.write_all(bytes).unwrap();
        file.close().unwrap()
    };
    let (dropped, kept, late) = (closed(b"dropped"), closed(b"kept"), closed(b"late"));
    assert_eq!(fs::read(kept.path()).unwrap(), b"kept");
    drop(dropped);
    kept.commit(FileMode::Shared).unwrap();
    assert_eq!(fs::read(&target).unwrap(), b"kept");
    let error = late.commit(FileMode::Shared).unwrap_err();
    assert!(matches!(error, FileError::Exists(_)), "{error}");
    assert_eq!(names_in(folder.path()), ["a.png"]);
}

#[test]
fn what_was_not_written_whole_is_not_closed() {
    let folder = tempfile::tempdir().unwrap();
    let mut file = PendingFile::create(&folder.path().join("a.png"), Overwrite::Refuse).unwrap();
    *file.file.as_file_mut() = fs::File::open(file.path()).unwrap();
    file.write_all(b"lost").unwrap_err();
    assert!(matches!(file.close(), Err(FileError::Incomplete(_))));
    assert!(names_in(folder.path()).is_empty());
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::process::Command;

    use super::*;

    const FOLDER: &str = "SECIMG_TEST_FOLDER";

    fn mode_of(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o7777
    }

    /// Runs one test of this program again after a shell command, since umask and limits belong to
    /// a whole process.
    fn run_again(command: &str, test: &str, folder: &Path) {
        let (_, module) = module_path!().split_once("::").unwrap();
        let status = Command::new("sh")
            .args(["-c", &format!("{command}; exec \"$@\""), "sh"])
            .arg(std::env::current_exe().unwrap())
            .args(["--exact", &format!("{module}::{test}")])
            .env(FOLDER, folder)
            .stdout(std::process::Stdio::null())
            .status()
            .unwrap();
        assert!(status.success(), "{command}: {test}");
    }

    /// More images than a process may have open files.
    #[test]
    fn closed_files_cost_no_open_file() {
        let folder = tempfile::tempdir().unwrap();
        run_again("ulimit -n 32", "child_closes_many_files", folder.path());
        assert_eq!(names_in(folder.path()).len(), 100);
    }

    /// Does its work only when started by the test above.
    #[test]
    fn child_closes_many_files() {
        let Some(folder) = std::env::var_os(FOLDER).map(PathBuf::from) else {
            return;
        };
        let closed: Vec<_> = (0..100)
            .map(|number| {
                let target = folder.join(format!("{number}.png"));
                let mut file = PendingFile::create(&target, Overwrite::Refuse).unwrap();
                file.write_all(b"image").unwrap();
                file.close().unwrap()
            })
            .collect();
        for file in closed {
            file.commit(FileMode::Private).unwrap();
        }
    }

    #[test]
    fn a_closed_file_that_was_exchanged_is_not_committed() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("a.png");
        let theirs = folder.path().join("theirs");
        fs::write(&theirs, "theirs").unwrap();
        fs::set_permissions(&theirs, fs::Permissions::from_mode(0o640)).unwrap();
        let closed = PendingFile::create(&target, Overwrite::Refuse)
            .unwrap()
            .close()
            .unwrap();
        fs::remove_file(closed.path()).unwrap();
        symlink(&theirs, closed.path()).unwrap();
        let error = closed.commit(FileMode::Shared).unwrap_err();
        assert!(matches!(error, FileError::Io(..)), "{error}");
        assert_eq!(mode_of(&theirs), 0o640);
        assert_eq!(names_in(folder.path()), ["theirs"]);
    }

    #[test]
    fn a_file_takes_the_mode_of_the_one_it_replaces() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("a.png");
        for mode in [0o600, 0o640, 0o664, 0o444] {
            write(&target, b"old", Overwrite::Replace).unwrap();
            fs::set_permissions(&target, fs::Permissions::from_mode(mode)).unwrap();
            let before = fs::metadata(&target).unwrap();
            let mut file = PendingFile::create(&target, Overwrite::Replace).unwrap();
            file.write_all(b"new").unwrap();
            file.commit_like(&before).unwrap();
            assert_eq!(
                (mode_of(&target), fs::read(&target).unwrap()),
                (mode, b"new".to_vec())
            );
        }
    }

    #[test]
    fn modes_follow_the_umask_or_are_private() {
        for (umask, shared) in [
            ("000", 0o666),
            ("022", 0o644),
            ("027", 0o640),
            ("077", 0o600),
            ("277", 0o400),
        ] {
            let folder = tempfile::tempdir().unwrap();
            run_again(
                &format!("umask {umask}"),
                "child_writes_both_modes",
                folder.path(),
            );
            assert_eq!(mode_of(&folder.path().join("private")), 0o600, "{umask}");
            assert_eq!(mode_of(&folder.path().join("shared")), shared, "{umask}");
            assert_eq!(names_in(folder.path()), ["private", "shared"]);
        }
    }

    /// Does its work only when started by the test above.
    #[test]
    fn child_writes_both_modes() {
        let Some(folder) = std::env::var_os(FOLDER).map(PathBuf::from) else {
            return;
        };
        for (name, mode) in [("private", FileMode::Private), ("shared", FileMode::Shared)] {
            let file = PendingFile::create(&folder.join(name), Overwrite::Refuse).unwrap();
            assert_eq!(mode_of(file.path()) & 0o077, 0);
            file.commit(mode).unwrap();
        }
    }

    #[test]
    fn a_disk_without_room_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        // As on a full disk, a write past the limit is an error once its signal is ignored.
        run_again(
            "trap '' XFSZ; ulimit -f 8",
            "child_runs_out_of_room",
            folder.path(),
        );
        assert_eq!(names_in(folder.path()), ["refused"]);
    }

    /// Does its work only when started by the test above.
    #[test]
    fn child_runs_out_of_room() {
        let Some(folder) = std::env::var_os(FOLDER).map(PathBuf::from) else {
            return;
        };
        let mut file = PendingFile::create(&folder.join("a.png"), Overwrite::Refuse).unwrap();
        file.write_all(&vec![0; 1 << 16]).unwrap_err();
        assert!(matches!(
            file.commit(FileMode::Shared),
            Err(FileError::Incomplete(_))
        ));
        fs::write(folder.join("refused"), "").unwrap();
    }

    #[test]
    fn replacing_sets_the_new_mode() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("key");
        fs::write(&target, "open to all").unwrap();
        fs::set_permissions(&target, fs::Permissions::from_mode(0o666)).unwrap();
        let file = PendingFile::create(&target, Overwrite::Replace).unwrap();
        file.commit(FileMode::Private).unwrap();
        assert_eq!(mode_of(&target), 0o600);
    }

    #[test]
    fn a_link_is_replaced_and_never_followed() {
        let folder = tempfile::tempdir().unwrap();
        let (behind, link) = (folder.path().join("behind"), folder.path().join("link"));
        fs::write(&behind, "kept").unwrap();
        for points_to in [&behind, &folder.path().join("nowhere")] {
            symlink(points_to, &link).unwrap();
            assert!(matches!(
                write(&link, b"new", Overwrite::Refuse),
                Err(FileError::Link(_))
            ));
            write(&link, b"new", Overwrite::Replace).unwrap();
            assert!(fs::symlink_metadata(&link).unwrap().is_file());
            assert_eq!(fs::read(&link).unwrap(), b"new");
            fs::remove_file(&link).unwrap();
        }
        assert_eq!(fs::read(&behind).unwrap(), b"kept");
        assert_eq!(names_in(folder.path()), ["behind"]);
    }

    #[test]
    fn a_link_that_appears_meanwhile_is_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let (behind, link) = (folder.path().join("behind"), folder.path().join("link"));
        fs::write(&behind, "kept").unwrap();
        let refused = PendingFile::create(&link, Overwrite::Refuse).unwrap();
        let replaced = PendingFile::create(&link, Overwrite::Replace).unwrap();
        symlink(&behind, &link).unwrap();
        assert!(matches!(
            refused.commit(FileMode::Shared),
            Err(FileError::Exists(_))
        ));
        replaced.commit(FileMode::Shared).unwrap();
        assert_eq!(fs::read(&behind).unwrap(), b"kept");
        assert_eq!(fs::read(&link).unwrap(), b"");
    }

    #[test]
    fn devices_and_what_leads_to_them_are_not_targets() {
        let folder = tempfile::tempdir().unwrap();
        let (pipe, device, inside) = (
            folder.path().join("pipe"),
            folder.path().join("null"),
            folder.path().join("dir"),
        );
        assert!(
            Command::new("mkfifo")
                .arg(&pipe)
                .status()
                .unwrap()
                .success()
        );
        symlink("/dev/null", &device).unwrap();
        symlink(folder.path(), &inside).unwrap();
        for overwrite in [Overwrite::Refuse, Overwrite::Replace] {
            for target in [Path::new("/dev/null"), &pipe, &device] {
                assert!(matches!(
                    PendingFile::create(target, overwrite),
                    Err(FileError::Special(_))
                ));
            }
            assert!(matches!(
                PendingFile::create(&inside, overwrite),
                Err(FileError::Folder(_))
            ));
        }
    }
}
