//! The kernels, written once for all processors and widths.
//!
//! SHA-256 is a chain of instructions that wait for each other. Two chains side by side fill most of that time, and what
//! is left is enough for AES: a kernel advances two lanes of SHA-256 by one block and encrypts or decrypts as many bytes
//! beside it.

/// All rounds of one block, in groups of four; `$beside` is done behind each, with its number.
macro_rules! rounds {
    ($lanes:ident, $words:ident, |$group:ident| $beside:expr) => {
        rounds!(@ $lanes, $words, $group, $beside, 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15)
    };
    (@ $lanes:ident, $words:ident, $group:ident, $beside:expr, $($number:literal)*) => {
        $(
            four_rounds(&mut $lanes, &mut $words, $number);
            let $group: usize = $number;
            $beside;
        )*
    };
}

/// Two groups of rounds in the lane that hashes for itself, beside one group of the others: it goes through two blocks, the
/// next ones of `$blocks`, while they go through one.
macro_rules! two_groups {
    ($lane:ident, $words:ident, $before:ident, $blocks:ident, $group:ident) => {
        for own in [2 * $group % 16, 2 * $group % 16 + 1] {
            if own == 0 {
                if let Some(block) = $blocks.next() {
                    $words = [load_message(block)];
                }
                $before = $lane;
            }
            four_rounds(&mut $lane, &mut $words, own);
            if own == 15 {
                add_states(&mut $lane, &$before);
            }
        }
    };
}

/// Makes a module of kernels from AES as `$width` has it and SHA-256 as `sha256` has it, two modules beside the place where
/// it is used, with the processor's `$features`. One width of a processor also gets the kernels that encrypt alone and compress alone.
macro_rules! kernels {
    ($module:ident, $width:ident, $features:literal $(, $encrypt:ident, $compress:ident)?) => {
        mod $module {
            use super::sha256::{
                add_states, four_rounds, keep_sha, load_message, load_states, no_words, store_states,
            };
            use super::$width::{
                Vector, begin, decrypt_round, encrypt_round, keep, load_lanes, load_run, one_earlier,
                splat, store_lanes, store_run, xor,
            };
            use crate::crypto::lanes::kernels::{rounds, two_groups};
            use crate::crypto::lanes::{
                AesBlock, LAG, LEAD, ROUNDS, RoundKeys, ShaBlock, Sources, State, Texts, ZERO,
            };

            #[inline]
            #[target_feature(enable = $features)]
            fn load_keys(keys: &RoundKeys) -> [Vector; ROUNDS + 1] {
                let mut loaded = [splat(&keys[0]); ROUNDS + 1];
                for (to, from) in loaded.iter_mut().zip(keys.iter()) {
                    *to = splat(from);
                }
                loaded
            }

            /// What CBC adds to block `at` of each lane: the ciphertext before it. Nothing to the first, which
            /// comes with the IV added.
            #[inline]
            #[target_feature(enable = $features)]
            fn load_chains<const N: usize, const V: usize>(
                texts: &Texts<'_, N>,
                at: usize,
            ) -> [Vector; V] {
                let mut x = [splat(&ZERO); V];
                if at > 0 {
                    for (v, x) in x.iter_mut().enumerate() {
                        *x = load_lanes(texts, v, at - 1);
                    }
                }
                x
            }

            $(
                /// Encrypts the blocks from `from` to `to` of `N` lanes.
                #[target_feature(enable = $features)]
                pub(super) fn $encrypt<const N: usize>(
                    keys: &RoundKeys,
                    texts: &mut Texts<'_, N>,
                    from: usize,
                    to: usize,
                ) {
                    let keys = load_keys(keys);
                    let mut x: [Vector; N] = load_chains(texts, from);
                    for at in from..to {
                        for (v, x) in x.iter_mut().enumerate() {
                            *x = begin(xor(*x, load_lanes(texts, v, at)), &keys);
                        }
                        for round in 0..ROUNDS {
                            for x in &mut x {
                                *x = encrypt_round(*x, &keys, round);
                            }
                        }
                        for (v, x) in x.iter().enumerate() {
                            store_lanes(texts, v, at, *x);
                        }
                    }
                }

                /// Advances `L` lanes, each by its blocks; no lane by more than another has.
                #[target_feature(enable = $features)]
                pub(super) fn $compress<const L: usize>(states: &mut [State; L], blocks: [&[ShaBlock]; L]) {
                    let mut lanes = load_states(states);
                    let count = blocks.iter().map(|blocks| blocks.len()).min().unwrap_or(0);
                    for n in 0..count {
                        let mut words = [[no_words(); 4]; L];
                        for (words, blocks) in words.iter_mut().zip(&blocks) {
                            *words = load_message(&blocks[n]);
                        }
                        let before = core::hint::black_box(lanes);
                        rounds!(lanes, words, |_group| ());
                        add_states(&mut lanes, &before);
                    }
                    store_states(states, &lanes);
                }
            )?

            /// Encrypts the columns of four blocks from `from` to `to` of `N` lanes, which `V` vectors hold,
            /// `L` lanes of SHA-256 beside it, [`LAG`] columns behind.
            ///
            /// The plaintext comes from `sources`, or is where the ciphertext will be.
            ///
            /// Each group of `L` lanes gives SHA-256 one block, while AES does its share of the column. With `H`, two blocks of
            /// `hashed` go into `hash` beside it.
            #[target_feature(enable = $features)]
            pub(super) fn seal<const N: usize, const V: usize, const L: usize, const H: bool>(
                keys: &RoundKeys,
                states: &mut [State; N],
                hash: &mut [State; 1],
                hashed: &[ShaBlock],
                sources: Option<&Sources<'_, N>>,
                texts: &mut Texts<'_, N>,
                from: usize,
                to: usize,
            ) {
                let keys = load_keys(keys);
                let mut x: [Vector; V] = load_chains(texts, 4 * from);
                let mut all = load_states(states);
                let mut own = load_states(hash);
                let mut own_blocks = hashed.iter();
                // AES blocks of a lane beside one block of SHA-256, and groups of rounds for each.
                let steps = const { 4 * L / N };
                let width = const { 4 * N / L };
                for column in from..to {
                    for (turn, all) in all.chunks_exact_mut(L).enumerate() {
                        let mut sha = [all[0]; L];
                        sha.copy_from_slice(all);
                        let mut words = [[no_words(); 4]; L];
                        for (text, words) in texts[L * turn..].iter().zip(&mut words) {
                            let (blocks, _) = text.as_flattened()[LEAD..].as_chunks();
                            *words = load_message(&blocks[column - LAG]);
                        }
                        let before = core::hint::black_box(sha);
                        let (mut own_words, mut own_before) = ([[no_words(); 4]; 1], own);
                        rounds!(sha, words, |group| {
                            if H {
                                two_groups!(own, own_words, own_before, own_blocks, group);
                            }
                            let (step, part) = (group / width, group % width);
                            let at = 4 * column + steps * turn + step;
                            if part == 0 {
                                for (v, x) in x.iter_mut().enumerate() {
                                    let text = match sources {
                                        Some(sources) => load_lanes(sources, v, at),
                                        None => load_lanes(texts, v, at),
                                    };
                                    *x = begin(xor(*x, text), &keys);
                                }
                            }
                            for round in ROUNDS * part / width..ROUNDS * (part + 1) / width {
                                for x in &mut x {
                                    *x = encrypt_round(*x, &keys, round);
                                }
                            }
                            if part == width - 1 {
                                for (v, x) in x.iter().enumerate() {
                                    store_lanes(texts, v, at, *x);
                                }
                            }
                            for x in &mut x {
                                keep(x);
                            }
                            keep_sha(&mut sha);
                        });
                        add_states(&mut sha, &before);
                        all.copy_from_slice(&sha);
                    }
                }
                store_states(states, &all);
                if H {
                    store_states(hash, &own);
                }
            }

            /// Advances two lanes of SHA-256 by `blocks`, and decrypts eight blocks beside each pair of them, from `source`,
            /// or from where the plaintext will be. `chain` is the ciphertext before them, or the IV. With `H`, two blocks of
            /// `hashed` go into `hash` beside it.
            #[target_feature(enable = $features)]
            pub(super) fn open<const V: usize, const H: bool>(
                keys: &RoundKeys,
                states: &mut [State; 2],
                hash: &mut [State; 1],
                hashed: &[ShaBlock],
                blocks: [&[ShaBlock]; 2],
                chain: &AesBlock,
                source: Option<&[AesBlock]>,
                text: &mut [AesBlock],
            ) {
                let keys = load_keys(keys);
                let mut sha = load_states(states);
                let mut own = load_states(hash);
                let mut own_blocks = hashed.iter();
                let mut before_run = splat(chain);
                for (n, (a, b)) in blocks[0].iter().zip(blocks[1]).enumerate() {
                    let mut words = [load_message(a), load_message(b)];
                    let before = core::hint::black_box(sha);
                    let (mut own_words, mut own_before) = ([[no_words(); 4]; 1], own);
                    let mut x = [keys[0]; V];
                    rounds!(sha, words, |group| {
                        if H {
                            two_groups!(own, own_words, own_before, own_blocks, group);
                        }
                        let (step, part) = (group / 8, group % 8);
                        if part == 0 {
                            for (v, x) in x.iter_mut().enumerate() {
                                let at = 8 * n + 4 * step + 4 / V * v;
                                *x = begin(load_run(source.unwrap_or(text), at), &keys);
                            }
                        }
                        for round in ROUNDS * part / 8..ROUNDS * (part + 1) / 8 {
                            for x in &mut x {
                                *x = decrypt_round(*x, &keys, round);
                            }
                        }
                        if part == 7 {
                            for (v, x) in x.iter().enumerate() {
                                let at = 8 * n + 4 * step + 4 / V * v;
                                let ciphertext = load_run(source.unwrap_or(text), at);
                                store_run(text, at, xor(*x, one_earlier(before_run, ciphertext)));
                                before_run = ciphertext;
                            }
                        }
                        for x in &mut x {
                            keep(x);
                        }
                        keep_sha(&mut sha);
                    });
                    add_states(&mut sha, &before);
                }
                store_states(states, &sha);
                if H {
                    store_states(hash, &own);
                }
            }
        }
    };
}

pub(super) use {kernels, rounds, two_groups};
