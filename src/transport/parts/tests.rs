//! Parts: what is kept, what goes, and who has it.

use std::io::Read;

use sha2::{Digest, Sha256};
use tempfile::TempDir;

use super::*;

fn store(folder: &TempDir, budget: PartBudget) -> Arc<PartStore> {
    PartStore::open(&folder.path().join("parts"), budget).unwrap()
}

fn read(part: &Part) -> Vec<u8> {
    let mut bytes = Vec::new();
    part.reader().unwrap().read_to_end(&mut bytes).unwrap();
    bytes
}

#[test]
fn a_part_is_there_for_the_next_run() {
    let folder = TempDir::new().unwrap();
    let first = store(&folder, PartBudget::new());
    let mut part = first.claim("a-1_B").unwrap();
    part.append(b"one").unwrap();
    part.append(b"two").unwrap();
    // As a process that is killed: nothing is dropped in order, only the lock goes.
    drop(part);
    drop(first);
    let second = store(&folder, PartBudget::new());
    assert_eq!(second.len_of("a-1_B"), Some(6));
    let mut part = second.claim("a-1_B").unwrap();
    assert_eq!((part.len(), read(&part)), (6, b"onetwo".to_vec()));
    part.truncate(2).unwrap();
    part.append(b"!").unwrap();
    assert_eq!(read(&part), b"on!");
    part.remove();
    assert_eq!((second.len_of("a-1_B"), second.keys().len()), (None, 0));
    drop(second);
    assert_eq!(store(&folder, PartBudget::new()).keys().len(), 0);
}

#[test]
fn a_part_of_which_nothing_came_stays_only_where_somebody_was_told() {
    let folder = TempDir::new().unwrap();
    let first = store(&folder, PartBudget::new());
    first.claim("told").unwrap().announce().unwrap();
    drop(first.claim("untold").unwrap());
    drop(first);
    let second = store(&folder, PartBudget::new());
    assert_eq!(second.keys(), ["told"]);
    assert_eq!(second.len_of("told"), Some(0));
    // It is in nobody's way: parts with bytes stay longer, though they are older.
    drop(second);
    let small = PartBudget::new().parts(2);
    let third = store(&folder, small);
    third.claim("bytes").unwrap().append(b"x").unwrap();
    third.claim("told").unwrap().announce().unwrap();
    third.claim("more").unwrap().append(b"x").unwrap();
    assert_eq!(third.len_of("told"), None);
    assert_eq!(third.len_of("bytes"), Some(1));
}

#[test]
fn a_part_has_one_owner_and_can_be_taken_over() {
    let folder = TempDir::new().unwrap();
    let store = store(&folder, PartBudget::new());
    let mut first = store.claim("k").unwrap();
    first.append(b"abc").unwrap();
    assert!(matches!(store.claim("k"), Err(PartError::Busy)));
    let mut second = store.seize("k").unwrap();
    assert_eq!(second.len(), 3);
    assert!(matches!(first.append(b"x"), Err(PartError::Taken)));
    assert!(matches!(first.truncate(0), Err(PartError::Taken)));
    second.append(b"d").unwrap();
    // Neither removing nor dropping touches what is another's.
    first.remove();
    assert_eq!(read(&second), b"abcd");
    drop(second);
    assert_eq!(store.claim("k").unwrap().len(), 4);
}

#[test]
fn a_folder_has_one_store() {
    let folder = TempDir::new().unwrap();
    let _first = store(&folder, PartBudget::new());
    let again = PartStore::open(&folder.path().join("parts"), PartBudget::new());
    assert!(matches!(again, Err(StateError::InUse(_))));
}

#[test]
fn keys_are_names_of_files_and_nothing_else() {
    let folder = TempDir::new().unwrap();
    let store = store(&folder, PartBudget::new());
    let long = "k".repeat(129);
    for key in ["", ".", "..", "a/b", "a.b", "a b", "\u{e4}", &long] {
        assert!(matches!(store.claim(key), Err(PartError::Key)), "{key:?}");
    }
    assert!(store.claim(&long[..128]).is_ok());
}

#[test]
fn the_oldest_parts_go_first_and_those_in_use_stay() {
    let folder = TempDir::new().unwrap();
    let store = store(&folder, PartBudget::new().parts(3).bytes(30));
    let fill = |key: &str| store.claim(key).unwrap().append(&[0; 10]).unwrap();
    let mut held = store.claim("held").unwrap();
    held.append(&[0; 10]).unwrap();
    fill("old");
    fill("new");
    let mut keys = store.keys();
    keys.sort();
    assert_eq!(keys, ["held", "new", "old"]);
    // One part too many, and ten bytes.
    fill("newer");
    assert_eq!(store.len_of("old"), None);
    // Bytes beyond the budget: everything goes that nobody has, and then there is no more room.
    held.append(&[0; 20]).unwrap();
    assert_eq!((store.len_of("new"), store.len_of("newer")), (None, None));
    assert!(matches!(held.append(&[0]), Err(PartError::Full)));
    assert_eq!(held.len(), 30);
    held.truncate(29).unwrap();
    held.append(&[0]).unwrap();
    // As many in use as there may be.
    let _others = [store.claim("b").unwrap(), store.claim("c").unwrap()];
    assert!(matches!(store.claim("d"), Err(PartError::Full)));
}

#[test]
fn what_is_too_old_goes() {
    let folder = TempDir::new().unwrap();
    let ageless = store(&folder, PartBudget::new());
    ageless.claim("a").unwrap().append(b"x").unwrap();
    drop(ageless);
    let store = store(&folder, PartBudget::new().age(Duration::ZERO));
    assert_eq!(store.len_of("a"), None);
}

#[test]
fn a_part_without_bytes_leaves_nothing() {
    let folder = TempDir::new().unwrap();
    let store = store(&folder, PartBudget::new());
    drop(store.claim("a").unwrap());
    let left = fs::read_dir(folder.path().join("parts")).unwrap().count();
    assert_eq!((store.keys().len(), left), (0, 1), "only the lock");
}

#[test]
fn hashes_go_on_from_what_was_hashed() {
    let folder = TempDir::new().unwrap();
    let store = store(&folder, PartBudget::new());
    let mut part = store.claim("a").unwrap();
    let bytes: Vec<u8> = (0..1000_u32).map(|i| (i * 7).to_le_bytes()[0]).collect();
    part.append(&bytes).unwrap();
    let expected = |from: usize, to: usize| <[u8; 32]>::from(Sha256::digest(&bytes[from..to]));
    for (from, to) in [(81, 300), (81, 300), (81, 1000), (81, 100), (0, 500)] {
        let hash = part.hash(from as u64, to as u64).unwrap();
        assert_eq!(hash, expected(from, to), "{from}..{to}");
    }
    assert!(part.hash(0, 1001).is_err());
    part.truncate(90).unwrap();
    part.append(&bytes[90..]).unwrap();
    assert_eq!(part.hash(0, 500).unwrap(), expected(0, 500));
}

/// Nobody but its owner reads what is kept, sealed as it is.
#[cfg(unix)]
#[test]
fn parts_are_private() {
    use std::os::unix::fs::PermissionsExt;
    let folder = TempDir::new().unwrap();
    let store = store(&folder, PartBudget::new());
    let mut part = store.claim("a").unwrap();
    part.append(b"x").unwrap();
    let mode = |path: PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(store.path("a")), 0o600);
    assert_eq!(mode(store.folder.clone()), 0o700);
}
