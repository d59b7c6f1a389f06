//! Mode and owner of a file that takes the place of another.

use std::fs::{File, Metadata};
use std::io;

/// Gives `file` the permissions of the file that it replaces, and its owner and group where that is allowed.
#[cfg(unix)]
pub(super) fn make_like(file: &File, before: &Metadata) -> io::Result<()> {
    use std::fs::Permissions;
    use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};
    let found = file.metadata()?;
    let group_kept = found.gid() == before.gid() || fchown(file, None, Some(before.gid())).is_ok();
    let wanted = kept_mode(before.mode(), group_kept);
    // FAT has one mode for all files and refuses to set any.
    if file.metadata()?.mode() & 0o7777 != wanted {
        file.set_permissions(Permissions::from_mode(wanted))?;
    }
    if found.uid() != before.uid() {
        // Only root may give files away; what others write is theirs, as with every editor.
        let _: io::Result<()> = fchown(file, Some(before.uid()), None);
    }
    Ok(())
}

/// Another group gets what everybody has, and the bits that lend rights of owner and group are not for a
/// file with images.
#[cfg(unix)]
const fn kept_mode(mode: u32, group_kept: bool) -> u32 {
    if group_kept {
        mode & 0o777
    } else {
        mode & 0o707 | (mode & 0o007) << 3
    }
}

#[cfg(not(unix))]
pub(super) fn make_like(file: &File, before: &Metadata) -> io::Result<()> {
    file.set_permissions(before.permissions())
}

#[cfg(all(test, unix))]
mod tests {
    use super::kept_mode;

    #[test]
    fn another_group_gets_no_more_than_everybody() {
        for (mode, kept, changed) in [
            (0o100_640, 0o640, 0o600),
            (0o100_664, 0o664, 0o644),
            (0o100_600, 0o600, 0o600),
            (0o106_755, 0o755, 0o755),
        ] {
            assert_eq!(kept_mode(mode, true), kept);
            assert_eq!(kept_mode(mode, false), changed);
        }
    }
}
