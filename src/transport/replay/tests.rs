use core::time::Duration;
use std::fs;
use std::sync::mpsc;
use std::thread;

use tempfile::TempDir;

use super::*;

fn id(number: u32) -> Id {
    let mut id = [0x5A; 32];
    id[..4].copy_from_slice(&number.to_be_bytes());
    id
}

fn contents(number: u32) -> Contents {
    Contents::new(number, [7; 32])
}

fn accept(window: &Arc<ReplayWindow>, number: u32) {
    let claim = window.claim(id(number)).unwrap();
    claim.record(contents(number)).unwrap();
}

fn open(folder: &TempDir, capacity: usize) -> Arc<ReplayWindow> {
    Arc::new(ReplayWindow::open(&folder.path().join("state"), capacity).unwrap())
}

fn file(folder: &TempDir) -> std::path::PathBuf {
    folder.path().join("state/accepted")
}

#[test]
fn the_oldest_is_forgotten_first_and_the_first_acceptance_counts() {
    let mut window = Window::new(3);
    for number in 1..=4 {
        window.insert(id(number), contents(number));
    }
    window.insert(id(4), contents(9));
    assert_eq!(window.len(), 3);
    assert_eq!(window.find(&id(1)), None);
    for number in 2..=4 {
        assert_eq!(window.find(&id(number)), Some(contents(number)));
    }
    let order: Vec<_> = window.iter().map(|(id, _)| *id).collect();
    assert_eq!(order, [id(2), id(3), id(4)]);
}

#[test]
fn a_record_with_a_changed_bit_is_none() {
    let bytes: [u8; record::LEN] = record::encode(&id(5), contents(5)).try_into().unwrap();
    assert_eq!(record::decode(&bytes), Some((id(5), contents(5))));
    for at in 0..record::LEN {
        for bit in 0..8 {
            let mut changed = bytes;
            changed[at] ^= 1 << bit;
            assert_eq!(record::decode(&changed), None, "bit {bit} of byte {at}");
        }
    }
    assert_eq!(record::decode(&[0; record::LEN]), None);
}

#[test]
fn a_claim_that_is_dropped_leaves_the_stream_free() {
    let window = Arc::new(ReplayWindow::in_memory(10));
    drop(window.claim(id(1)).unwrap());
    accept(&window, 1);
    assert_eq!(window.claim(id(1)).unwrap_err(), contents(1));
}

/// The second of two deliveries waits for the end of the first, whichever it is.
#[test]
fn the_second_claim_waits_for_the_first() {
    for stored in [true, false] {
        let window = Arc::new(ReplayWindow::in_memory(10));
        let first = window.claim(id(1)).unwrap();
        let (waiting, second) = mpsc::channel();
        let other = Arc::clone(&window);
        let thread = thread::spawn(move || waiting.send(other.claim(id(1)).err()).unwrap());
        assert!(second.recv_timeout(Duration::from_millis(50)).is_err());
        if stored {
            first.record(contents(1)).unwrap();
        } else {
            drop(first);
        }
        assert_eq!(second.recv().unwrap(), stored.then_some(contents(1)));
        thread.join().unwrap();
    }
}

#[test]
fn what_was_accepted_is_known_to_the_next_run() {
    let folder = TempDir::new().unwrap();
    for run in 0..3 {
        let window = open(&folder, 100);
        assert_eq!(window.len(), run as usize * 5);
        for number in run * 5..(run + 1) * 5 {
            accept(&window, number);
        }
        for number in 0..(run + 1) * 5 {
            assert_eq!(window.find(&id(number)), Some(contents(number)));
        }
    }
}

#[test]
fn the_file_never_grows_beyond_twice_the_window() {
    let folder = TempDir::new().unwrap();
    let window = open(&folder, 4);
    for number in 0..50 {
        accept(&window, number);
        let length = fs::metadata(file(&folder)).unwrap().len();
        assert!(length <= 16 + 8 * 80, "{length} bytes");
    }
    drop(window);
    let window = open(&folder, 4);
    assert_eq!(window.len(), 4);
    assert_eq!(window.find(&id(45)), None);
    assert_eq!(window.find(&id(46)), Some(contents(46)));
}

#[test]
fn a_torn_record_is_cut_off_wherever_it_is_torn() {
    let folder = TempDir::new().unwrap();
    let window = open(&folder, 10);
    (0..3).for_each(|number| accept(&window, number));
    drop(window);
    let whole = fs::read(file(&folder)).unwrap();
    for cut in 1..=80 {
        fs::write(file(&folder), &whole[..whole.len() - cut]).unwrap();
        let window = open(&folder, 10);
        assert_eq!(window.len(), 2, "{cut} bytes less");
        accept(&window, 2);
        drop(window);
        assert!(
            fs::read(file(&folder)).unwrap() == whole,
            "{cut} bytes less"
        );
    }
    // A file system may have given the record its length and not its bytes.
    let mut zeros = whole.clone();
    zeros[whole.len() - 80..].fill(0);
    fs::write(file(&folder), zeros).unwrap();
    assert_eq!(open(&folder, 10).len(), 2);
}

#[test]
fn damage_is_an_error() {
    let folder = TempDir::new().unwrap();
    let window = open(&folder, 10);
    (0..3).for_each(|number| accept(&window, number));
    drop(window);
    let whole = fs::read(file(&folder)).unwrap();
    for (at, place) in [(0, 0), (15, 0), (16, 16), (95, 16), (96, 96), (175, 96)] {
        let mut changed = whole.clone();
        changed[at] ^= 1;
        fs::write(file(&folder), &changed).unwrap();
        let error = ReplayWindow::open(&folder.path().join("state"), 10).unwrap_err();
        assert!(
            matches!(error, StateError::Damaged(_, offset) if offset == place),
            "byte {at}: {error}"
        );
    }
    fs::write(file(&folder), b"").unwrap();
    assert!(ReplayWindow::open(&folder.path().join("state"), 10).is_err());
}

#[test]
fn two_receivers_do_not_share_a_folder() {
    let folder = TempDir::new().unwrap();
    let first = open(&folder, 10);
    let second = ReplayWindow::open(&folder.path().join("state"), 10);
    assert!(matches!(second, Err(StateError::InUse(_))), "{second:?}");
    drop(first);
    open(&folder, 10);
}

#[cfg(unix)]
#[test]
fn the_folder_is_private() {
    use std::os::unix::fs::PermissionsExt;
    let folder = TempDir::new().unwrap();
    let _window = open(&folder, 10);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder.path().join("state")), 0o700);
    assert_eq!(mode(&file(&folder)), 0o600);
}
