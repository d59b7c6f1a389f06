//! What must not be found, and the search for it.

use std::collections::BTreeMap;

/// So many bytes of a secret are a find.
const WINDOW: usize = 16;

/// Whose it is to wipe a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Owner {
    /// This library: not one may be found.
    Secimg,
    /// A dependency that is known to leave it behind: counted, and named in SECURITY.md.
    Known(&'static str),
}

/// Pieces of secrets with their names. They lie outside the heap that is searched.
#[derive(Default)]
pub struct Needles {
    pieces: Vec<([u8; WINDOW], &'static str, Owner)>,
    /// Whether a piece begins with these two bytes.
    begins: Vec<bool>,
}

/// How often each secret was found.
pub type Finds = BTreeMap<(Owner, &'static str), usize>;

impl Needles {
    /// Looks for the first, the middle and the last bytes of a secret.
    pub fn add(&mut self, name: &'static str, owner: Owner, secret: &[u8]) {
        assert!(secret.len() >= WINDOW, "{name}: too short to be no chance");
        let last = secret.len() - WINDOW;
        let mut places = vec![0, last / 2, last];
        places.dedup();
        for at in places {
            self.piece(name, owner, &secret[at..at + WINDOW]);
        }
    }

    /// Looks for pieces all along.
    pub fn add_all_along(&mut self, name: &'static str, owner: Owner, secret: &[u8], step: usize) {
        for piece in secret.windows(WINDOW).step_by(step) {
            self.piece(name, owner, piece);
        }
        self.piece(name, owner, &secret[secret.len() - WINDOW..]);
    }

    /// A number in both orders of its bytes.
    pub fn add_number(&mut self, name: &'static str, owner: Owner, big_endian: &[u8]) {
        let little_endian: Vec<u8> = big_endian.iter().rev().copied().collect();
        self.add(name, owner, big_endian);
        self.add(name, owner, &little_endian);
    }

    fn piece(&mut self, name: &'static str, owner: Owner, piece: &[u8]) {
        self.begins.resize(1 << 16, false);
        self.begins[usize::from(piece[0]) << 8 | usize::from(piece[1])] = true;
        let piece = piece.try_into().expect("a window");
        if !self.pieces.iter().any(|(known, ..)| *known == piece) {
            self.pieces.push((piece, name, owner));
        }
    }

    /// Searches memory, and counts each place.
    pub fn search(&self, memory: &[u8], finds: &mut Finds) {
        for window in memory.windows(WINDOW) {
            if !self.begins[usize::from(window[0]) << 8 | usize::from(window[1])] {
                continue;
            }
            for (piece, name, owner) in &self.pieces {
                if window == piece {
                    *finds.entry((*owner, name)).or_default() += 1;
                }
            }
        }
    }
}
