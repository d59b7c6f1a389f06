//! Permissions, links, pipes, and disks without room.

use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::process::Command;

use super::*;

fn mode_of(path: &Path) -> u32 {
    fs::metadata(path).unwrap().mode() & 0o7777
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn permissions_stay_in_place_and_by_copy() {
    for mode in [0o600, 0o640, 0o664, 0o644] {
        let bench = Bench::new();
        set_mode(&bench.path, mode);
        for (set, in_place) in [
            (recipients([1, 2]), true),
            (recipients([1]).recipient(Arc::new(Bulky)), false),
        ] {
            let report = rewrap_file(&bench.path, &identity(1), &set).unwrap();
            assert_eq!((report.in_place, mode_of(&bench.path)), (in_place, mode));
        }
    }
}

/// In place a file changes under all of its names; a copy takes the name that was called.
#[test]
fn links_lead_to_the_file_and_all_names_change_in_place() {
    let bench = Bench::new();
    let (second, link) = (
        bench.path.with_file_name("b"),
        bench.path.with_file_name("link"),
    );
    fs::hard_link(&bench.path, &second).unwrap();
    symlink("a.secimg", &link).unwrap();
    assert!(
        rewrap_file(&link, &identity(1), &recipients([2]))
            .unwrap()
            .in_place
    );
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert!(opens(&second, 2) && opens(&bench.path, 2));
    let bulky = recipients([3]).recipient(Arc::new(Bulky));
    assert!(!rewrap_file(&link, &identity(2), &bulky).unwrap().in_place);
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert!(opens(&second, 2) && opens(&bench.path, 3) && opens(&link, 3));
    assert_eq!(bench.names(), ["a.secimg", "b", "link"]);
}

#[test]
fn a_backup_is_looked_for_beside_the_file_and_not_beside_a_link_to_it() {
    let bench = Bench::new();
    let elsewhere = TempDir::new().unwrap();
    let link = elsewhere.path().join("link");
    symlink(&bench.path, &link).unwrap();
    let mut half = bench.sealed.clone();
    half[HEAD + 4..HEAD + 2000].fill(0);
    fs::write(&bench.path, half).unwrap();
    fs::write(bench.backup(), backup_bytes(&bench.sealed)).unwrap();
    assert!(opens(&link, 1));
    assert!(
        rewrap_file(&link, &identity(1), &recipients([2]))
            .unwrap()
            .recovered
    );
}

#[test]
fn pipes_and_folders_are_no_streams() {
    let bench = Bench::new();
    let pipe = bench.path.with_file_name("pipe");
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    for path in [pipe.as_path(), bench.folder.path(), Path::new("/dev/null")] {
        let error = rewrap_file(path, &identity(1), &recipients([2])).unwrap_err();
        assert!(matches!(error, RewrapFileError::File(_)), "{error}");
    }
    // A pipe under the backup's name would keep everybody waiting.
    fs::rename(&pipe, bench.backup()).unwrap();
    assert!(opens(&bench.path, 1));
    let error = rewrap_file(&bench.path, &identity(1), &recipients([2])).unwrap_err();
    assert!(matches!(error, RewrapFileError::NoBackup(_)), "{error}");
}

/// There is no room for `.rewrap-backup` behind a name of 255 bytes.
#[test]
fn a_file_whose_backup_can_have_no_name_is_copied() {
    let bench = Bench::new();
    let long = bench.path.with_file_name("n".repeat(250));
    fs::rename(&bench.path, &long).unwrap();
    let report = rewrap_file(&long, &identity(1), &recipients([2])).unwrap();
    assert!(!report.in_place);
    assert!(opens(&long, 2) && !opens(&long, 1));
    assert_eq!(bench.names().len(), 1);
}

#[test]
fn while_somebody_holds_the_lock_nothing_is_touched() {
    let bench = Bench::new();
    let holder = fs::File::open(&bench.path).unwrap();
    holder.lock().unwrap();
    let error = rewrap_file(&bench.path, &identity(1), &recipients([2])).unwrap_err();
    assert!(matches!(error, RewrapFileError::Busy(_)), "{error}");
    assert!(opens(&bench.path, 1), "readers need no lock");
    assert_eq!(fs::read(&bench.path).unwrap(), bench.sealed);
    drop(holder);
    rewrap_file(&bench.path, &identity(1), &recipients([2])).unwrap();
}

const FILE: &str = "SECIMG_TEST_FILE";

/// The limit is smaller than a backup; the signal that comes with it is ignored, as a full disk sends none.
#[test]
fn a_disk_without_room_for_the_backup_leaves_the_stream_as_it_was() {
    let bench = Bench::new();
    let status = Command::new("sh")
        .args(["-c", "trap '' XFSZ; ulimit -f 4; exec \"$@\"", "sh"])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "unix::child_rewraps_without_room"])
        .env(FILE, &bench.path)
        .stdout(std::process::Stdio::null())
        .status()
        .unwrap();
    assert!(status.success());
    assert_eq!(fs::read(&bench.path).unwrap(), bench.sealed);
    assert_eq!(bench.names(), ["a.secimg"]);
    assert!(opens(&bench.path, 1));
}

/// Does its work only when started by the test above.
#[test]
fn child_rewraps_without_room() {
    let Some(path) = std::env::var_os(FILE).map(PathBuf::from) else {
        return;
    };
    let error = rewrap_file(&path, &identity(1), &recipients([2])).unwrap_err();
    assert!(matches!(error, RewrapFileError::File(_)), "{error}");
    let text = error.to_string();
    assert!(
        text.starts_with("cannot rewrap ") && text.ends_with("a.secimg"),
        "{text}"
    );
    let why = core::error::Error::source(&error).unwrap().to_string();
    assert!(why.contains("too large"), "{why}");
}
