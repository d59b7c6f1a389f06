//! Metadata removal: what comes out of a file is a part of it, and comes out of itself unchanged.

use secimg::strip::Metadata;

/// Input: a file.
pub fn strip(data: &[u8]) {
    let Ok(stripped) = secimg::strip::strip(data) else {
        return;
    };
    // An orientation of its own is all that is written anew.
    assert!(stripped.image.len() <= data.len() + 64);
    for removed in &stripped.removed {
        assert!(removed.offset + removed.bytes <= data.len());
    }
    let again = secimg::strip::strip(&stripped.image).unwrap();
    assert!(again.image == stripped.image);
    assert!(again.removed.iter().all(|r| r.what == Metadata::Exif));
}
