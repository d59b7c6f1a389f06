//! The rules of the specification, and what shows each.

use core::fmt::Write;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::file::Vector;

/// Rules that a file of bytes cannot show, and the tests that do.
const UNIT_TESTS: &[(&str, &[&str])] = &[
    ("M-STREAM-5", &["a_listener_takes_one_stream_after_another"]),
    ("M-FRAME-2", &["an_early_refusal_needs_eight_bytes"]),
    (
        "M-RCPT-8",
        &["no_private_key_operation_without_a_matching_key_id"],
    ),
    (
        "M-RCPT-9",
        &["recipients_that_cannot_stand_together_are_refused"],
    ),
    (
        "M-XWING-4",
        &[
            "coefficients_are_below_the_modulus",
            "weak_and_ambiguous_shares_are_refused",
            "the_drafts_own_files_are_read_and_written",
        ],
    ),
    ("M-EXT-1", &["a_key_kind_from_outside_the_crate_works"]),
    (
        "M-KEY-1",
        &["nothing_repeats_between_two_streams_of_one_image"],
    ),
    (
        "M-KEY-5",
        &["a_failed_unwrap_and_a_wrong_key_cannot_be_told_apart"],
    ),
    ("M-CHUNK-4", &["every_flipped_bit_is_refused"]),
    ("M-LIMIT-1", &["one_key_seals_at_most_two_to_the_36_blocks"]),
    (
        "M-LIMIT-2",
        &[
            "a_stream_longer_than_the_callers_limit_is_refused",
            "too_many_items_are_refused_at_the_limit",
            "the_readers_limits_tighten_the_bounds",
        ],
    ),
    (
        "M-SEEK-1",
        &["every_truncation_is_refused_when_reading_anywhere"],
    ),
    (
        "M-SEEK-2",
        &["a_signed_stream_read_anywhere_is_what_was_signed"],
    ),
    ("M-PAD-1", &["a_padded_stream_has_a_padme_length"]),
    ("M-MAN-5", &["evil_names_are_refused"]),
    (
        "M-REDACT-1",
        &[
            "nothing_of_the_old_scene_is_left",
            "two_scenes_look_the_same_without_the_rectangles_they_differ_in",
            "real_pictures_come_back_as_they_were",
        ],
    ),
    (
        "M-REDACT-2",
        &[
            "what_is_not_the_one_spelling_of_something_sound_is_refused",
            "an_authentic_part_that_means_harm_is_refused",
        ],
    ),
    (
        "M-REDACT-3",
        &[
            "one_changed_pixel_is_enough",
            "a_sealed_part_of_another_picture_is_refused",
            "a_layout_changes_only_where_every_pixel_stays",
        ],
    ),
    (
        "M-REDACT-4",
        &["a_sealed_part_that_is_not_one_and_whole_is_refused"],
    ),
    (
        "M-SAMPLE-3",
        &[
            "every_sample_comes_back_into_its_own_place",
            "a_lying_sender_is_found_out",
        ],
    ),
    (
        "M-SAMPLE-4",
        &[
            "a_lying_sender_is_found_out",
            "the_callers_limit_bounds_what_frames_are_restored_to",
        ],
    ),
    ("M-SAMPLE-5", &["a_lying_sender_is_found_out"]),
    (
        "M-SAMPLE-6",
        &[
            "the_form_is_that_of_the_specification",
            "each_kind_of_damage_has_its_error",
        ],
    ),
    ("M-JUDGE-2", &["a_required_signer_needs_a_promise_in_order"]),
    (
        "M-JUDGE-4",
        &[
            "both_edges_of_the_window_are_accepted",
            "a_checkpoint_is_judged_before_anything_rests_on_it",
            "a_time_that_was_not_said_is_never_recent",
        ],
    ),
    (
        "M-REWRAP-1",
        &["rewrap_changes_the_recipients_and_nothing_else"],
    ),
    (
        "M-REWRAP-2",
        &[
            "a_killed_rewrap_leaves_the_old_recipients_or_the_new_ones",
            "a_rewrap_that_is_cut_off_leaves_the_old_block_or_the_new_one",
            "a_whole_backup_is_read_by_readers_and_restored_by_the_next_rewrap",
        ],
    ),
    (
        "M-XFER-2",
        &[
            "only_what_is_missing_is_sent",
            "a_part_that_differs_is_not_gone_on_with",
        ],
    ),
    ("M-XFER-3", &["a_false_beginning_is_refused"]),
    (
        "M-XFER-4",
        &[
            "a_connection_that_breaks_anywhere_goes_on",
            "the_oldest_parts_go_first_and_those_in_use_stay",
            "a_part_has_one_owner_and_can_be_taken_over",
        ],
    ),
    (
        "M-XFER-5",
        &[
            "going_on_can_be_broken_as_well",
            "whatever_happens_on_the_way_nothing_wrong_is_stored",
        ],
    ),
    (
        "M-XFER-6",
        &[
            "a_receiver_that_is_killed_stores_every_image_once",
            "what_was_begun_is_known_to_the_next_run",
        ],
    ),
    ("M-RECEIPT-1", &["a_bit_that_flips_on_the_way_is_refused"]),
    ("M-RECEIPT-2", &["receipts_prove_the_key"]),
    ("M-RECEIPT-3", &["a_receipt_has_an_end"]),
    (
        "M-RECEIPT-5",
        &["a_replayed_stream_is_answered_and_not_stored"],
    ),
    (
        "M-REPLAY-1",
        &[
            "the_window_is_bounded",
            "a_later_run_knows_what_was_accepted",
            "what_was_not_acknowledged_was_not_accepted",
        ],
    ),
    (
        "M-REPLAY-2",
        &[
            "a_replayed_header_does_not_hold_up_its_sender",
            "of_deliveries_at_the_same_time_one_is_stored",
        ],
    ),
    (
        "M-ERR-1",
        &["wrong_keys_passphrases_and_contexts_say_one_thing"],
    ),
];

const TABLE: &str = "| rule | shown by |\n| --- | --- |\n";

pub(crate) fn specification() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/format/SPEC.md")
}

/// The marks of the text, such as `[M-CORE-1]`, in order and each once.
fn rules(text: &str) -> Vec<&str> {
    let mut seen = BTreeSet::new();
    let brackets = text.split('[').filter_map(|rest| rest.split_once(']'));
    let marks = brackets
        .map(|(mark, _)| mark)
        .filter(|mark| mark.starts_with("M-"));
    marks.filter(|rule| seen.insert(*rule)).collect()
}

/// The specification with its table of rules made from the vectors.
pub(crate) fn with_table(text: &str, vectors: &[Vector]) -> String {
    let (before, _) = text
        .split_once(TABLE)
        .expect("the specification has the table");
    let shown = shown(vectors);
    let mut out = format!("{before}{TABLE}");
    for rule in rules(before) {
        let by = shown.get(rule).cloned().unwrap_or_default().join(", ");
        writeln!(out, "| {rule} | {by} |").unwrap();
    }
    out
}

/// What shows each rule.
fn shown(vectors: &[Vector]) -> BTreeMap<&str, Vec<String>> {
    let mut shown = BTreeMap::<&str, Vec<String>>::new();
    for vector in vectors {
        for rule in vector.get("spec").unwrap().split(' ') {
            shown.entry(rule).or_default().push(vector.name.clone());
        }
    }
    for (rule, tests) in UNIT_TESTS {
        let tests = tests.iter().map(|test| format!("unit test `{test}`"));
        shown.entry(rule).or_default().extend(tests);
    }
    shown
}

/// Asserts that no two rules share a mark, that each rule is shown by something, that each vector names rules that there are, and
/// that each unit test exists; returns how many rules are shown.
pub(crate) fn check(text: &str, vectors: &[Vector]) -> usize {
    let mut defined = BTreeSet::new();
    let marks = text
        .lines()
        .filter_map(|line| line.strip_prefix("[M-")?.split_once(']'));
    for (mark, _) in marks {
        assert!(defined.insert(mark), "two rules are called M-{mark}");
    }
    let rules: BTreeSet<&str> = rules(text).into_iter().collect();
    let shown = shown(vectors);
    let named: BTreeSet<&str> = shown.keys().copied().collect();
    let unshown: Vec<_> = rules.difference(&named).collect();
    let unknown: Vec<_> = named.difference(&rules).collect();
    assert!(unshown.is_empty(), "rules that nothing shows: {unshown:?}");
    assert!(
        unknown.is_empty(),
        "rules that the specification does not have: {unknown:?}"
    );
    let sources = sources();
    for test in UNIT_TESTS.iter().flat_map(|(_, tests)| *tests) {
        assert!(
            sources.contains(&format!("fn {test}(")),
            "there is no test {test}"
        );
    }
    rules.len()
}

fn sources() -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders = vec![root.join("src"), root.join("tests")];
    let mut text = String::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                text.push_str(&fs::read_to_string(path).unwrap());
            }
        }
    }
    text
}
