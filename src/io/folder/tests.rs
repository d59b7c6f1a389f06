//! Folders are entered, made and removed; links, files and evil names are not entered.

use super::*;
use crate::io::file::{FileMode, Overwrite, PendingFile};

#[test]
fn folders_are_made_once_and_removed_when_empty() {
    let dir = tempfile::tempdir().unwrap();
    let top = Folder::open(dir.path()).unwrap();
    let (a, created) = top.enter_or_create("a").unwrap();
    assert!(created && dir.path().join("a").is_dir());
    assert!(!top.enter_or_create("a").unwrap().1);
    let (b, _) = a.enter_or_create("b").unwrap();
    assert_eq!(b.path(), dir.path().join("a/b"));
    let file = PendingFile::create(&b.target("x.png").unwrap(), Overwrite::Refuse).unwrap();
    file.commit(FileMode::Shared).unwrap();
    assert!(dir.path().join("a/b/x.png").is_file());
    assert!(a.remove_empty("b").is_err(), "it is not empty");
    fs::remove_file(b.target("x.png").unwrap()).unwrap();
    a.remove_empty("b").unwrap();
    assert!(a.enter("b").is_err() && dir.path().join("a").is_dir());
}

#[test]
fn only_names_are_entered() {
    let dir = tempfile::tempdir().unwrap();
    let top = Folder::open(dir.path()).unwrap();
    for name in [
        "", ".", "..", "/", "a/b", "a\\b", "NUL", "-a", ".a", "a ", "C:", "a\0b",
    ] {
        assert!(
            matches!(top.enter_or_create(name), Err(FolderError::Name(_))),
            "{name:?}"
        );
        assert!(
            matches!(top.target(name), Err(FolderError::Name(_))),
            "{name:?}"
        );
    }
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn a_file_is_no_folder() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("a"), b"").unwrap();
    let top = Folder::open(dir.path()).unwrap();
    assert!(matches!(
        top.enter_or_create("a"),
        Err(FolderError::NotAFolder(_))
    ));
    assert!(Folder::open(&dir.path().join("a")).is_err());
}

#[cfg(unix)]
#[test]
fn links_are_not_followed_wherever_they_lead() {
    use std::os::unix::fs::symlink;
    let dir = tempfile::tempdir().unwrap();
    let outside = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("real")).unwrap();
    let top = Folder::open(dir.path()).unwrap();
    for to in [
        outside.path(),
        Path::new("real"),
        Path::new("/"),
        Path::new("nowhere"),
    ] {
        let link = dir.path().join("link");
        symlink(to, &link).unwrap();
        assert!(matches!(top.enter("link"), Err(FolderError::Link(_))));
        assert!(matches!(
            top.enter_or_create("link"),
            Err(FolderError::Link(_))
        ));
        fs::remove_file(link).unwrap();
    }
    // The folder that the caller chose may be a link: the caller chose it.
    symlink(outside.path(), dir.path().join("mine")).unwrap();
    assert!(Folder::open(&dir.path().join("mine")).is_ok());
}

/// Somebody exchanges the folder for a link after it was entered: what was entered is what is meant.
#[cfg(target_os = "linux")]
#[test]
fn a_folder_that_was_entered_stays_the_same() {
    use std::os::unix::fs::symlink;
    let dir = tempfile::tempdir().unwrap();
    let outside = tempfile::tempdir().unwrap();
    let (sub, aside) = (dir.path().join("sub"), dir.path().join("aside"));
    let (folder, _) = Folder::open(dir.path())
        .unwrap()
        .enter_or_create("sub")
        .unwrap();
    fs::rename(&sub, &aside).unwrap();
    symlink(outside.path(), &sub).unwrap();
    let target = folder.target("x.png").unwrap();
    let file = PendingFile::create(&target, Overwrite::Refuse).unwrap();
    file.commit(FileMode::Private).unwrap();
    assert!(folder.enter_or_create("inner").unwrap().1);
    assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0);
    assert_eq!(fs::read_dir(&aside).unwrap().count(), 2);
}

/// Somebody exchanges a folder for a link to another place, again and again, while files are written.
#[cfg(target_os = "linux")]
#[test]
fn a_folder_that_is_exchanged_meanwhile_leads_nowhere_else() {
    use core::sync::atomic::{AtomicBool, Ordering};
    use std::os::unix::fs::symlink;
    let dir = tempfile::tempdir().unwrap();
    let outside = tempfile::tempdir().unwrap();
    let (sub, aside) = (dir.path().join("sub"), dir.path().join("aside"));
    let done = AtomicBool::new(false);
    let (mut written, mut refused) = (0, 0);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                let _ = fs::rename(&sub, &aside);
                let _ = symlink(outside.path(), &sub);
                let _ = fs::remove_file(&sub);
                let _ = fs::rename(&aside, &sub);
            }
        });
        let top = Folder::open(dir.path()).unwrap();
        for round in 0..2_000 {
            let put = || -> Result<(), Box<dyn core::error::Error>> {
                let (folder, _) = top.enter_or_create("sub")?;
                let target = folder.target(&format!("{round}.png"))?;
                PendingFile::create(&target, Overwrite::Refuse)?.commit(FileMode::Private)?;
                Ok(())
            };
            if put().is_ok() {
                written += 1;
            } else {
                refused += 1;
                // All rounds may fit in one moment of a busy machine, in which the other thread does not run.
                std::thread::yield_now();
            }
        }
        done.store(true, Ordering::Relaxed);
    });
    assert!(written > 0, "{refused} refused, none written");
    assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0);
}
