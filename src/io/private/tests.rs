//! Shared keys are refused, pipes are not, and nothing is read without a bound.

use super::super::file::FileClass;
use super::*;

#[test]
fn a_private_file_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    write_private(&path, b"secret", Overwrite::Refuse).unwrap();
    assert_eq!(
        *read_private(&path, Sharing::Refused, 6).unwrap(),
        b"secret"
    );
    assert!(matches!(
        write_private(&path, b"other", Overwrite::Refuse),
        Err(FileError::Exists(_))
    ));
    write_private(&path, b"", Overwrite::Replace).unwrap();
    assert_eq!(*read_private(&path, Sharing::Refused, 0).unwrap(), b"");
}

#[test]
fn what_is_read_is_bounded() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    for length in [0, 1, FIRST_READ, FIRST_READ + 1, 3 * FIRST_READ] {
        let bytes = vec![7; length];
        write_private(&path, &bytes, Overwrite::Replace).unwrap();
        let length = u64::try_from(length).unwrap();
        for max in [length, length + 1, u64::MAX] {
            assert_eq!(*read_private(&path, Sharing::Refused, max).unwrap(), bytes);
            assert_eq!(read_bounded(&path, max).unwrap(), bytes);
        }
        let Some(max) = length.checked_sub(1) else {
            continue;
        };
        let error = read_private(&path, Sharing::Refused, max).unwrap_err();
        assert!(
            matches!(error, FileError::TooLarge(_, shown) if shown == max)
                && error.class() == FileClass::Usage
        );
        assert!(matches!(
            read_bounded(&path, max),
            Err(FileError::TooLarge(..))
        ));
    }
}

#[test]
fn a_size_that_lies_does_no_harm() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    let bytes: Vec<u8> = (0..=255).cycle().take(20_000).collect();
    write_private(&path, &bytes, Overwrite::Refuse).unwrap();
    let open = || File::open(&path).unwrap();
    assert_eq!(*read_wiped(&path, open(), 0, 20_000).unwrap(), bytes);
    assert_eq!(*read_wiped(&path, open(), 30_000, u64::MAX).unwrap(), bytes);
    assert!(matches!(
        read_wiped(&path, open(), 0, 19_999),
        Err(FileError::TooLarge(..))
    ));
}

#[test]
fn missing_files_and_folders_say_so() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("none");
    let error = read_private(&missing, Sharing::Refused, 100).unwrap_err();
    assert!(matches!(error, FileError::Missing(..)) && error.class() == FileClass::Io);
    assert!(matches!(
        read_bounded(&missing, 100),
        Err(FileError::Missing(..))
    ));
    assert!(matches!(
        read_private(folder.path(), Sharing::Refused, 100),
        Err(FileError::Folder(_))
    ));
    assert!(matches!(
        read_bounded(folder.path(), 100),
        Err(FileError::Folder(_))
    ));
}

#[cfg(unix)]
mod unix {
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::process::Command;

    use super::*;

    #[test]
    fn a_shared_key_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let (path, link) = (folder.path().join("key"), folder.path().join("link"));
        write_private(&path, b"secret", Overwrite::Refuse).unwrap();
        symlink(&path, &link).unwrap();
        for mode in [0o640, 0o604, 0o620, 0o601, 0o644, 0o666, 0o777] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            for path in [&path, &link] {
                let error = read_private(path, Sharing::Refused, 100).unwrap_err();
                assert!(
                    matches!(error, FileError::Shared(_, shown) if shown == mode),
                    "{mode:o}"
                );
                assert_eq!(error.class(), FileClass::Usage);
                assert_eq!(
                    *read_private(path, Sharing::Allowed, 100).unwrap(),
                    b"secret"
                );
            }
            assert_eq!(read_bounded(&path, 100).unwrap(), b"secret");
        }
        for mode in [0o600, 0o400, 0o700] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(
                *read_private(&path, Sharing::Refused, 100).unwrap(),
                b"secret"
            );
        }
    }

    #[test]
    fn a_pipe_is_read_whatever_its_mode() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        assert!(
            Command::new("mkfifo")
                .args(["-m", "666"])
                .arg(&pipe)
                .status()
                .unwrap()
                .success()
        );
        let bytes: Vec<u8> = (0..=255).cycle().take(30_000).collect();
        std::thread::scope(|scope| {
            scope.spawn(|| fs::write(&pipe, &bytes).unwrap());
            assert_eq!(
                *read_private(&pipe, Sharing::Refused, 1 << 16).unwrap(),
                bytes
            );
        });
    }

    #[test]
    fn a_device_without_end_is_too_large() {
        let zero = Path::new("/dev/zero");
        assert!(matches!(
            read_private(zero, Sharing::Refused, 10_000),
            Err(FileError::TooLarge(..))
        ));
        assert!(matches!(
            read_bounded(zero, 10_000),
            Err(FileError::TooLarge(..))
        ));
        assert!(read_bounded(Path::new("/dev/null"), 0).unwrap().is_empty());
    }
}
