//! The findings as a table for a terminal.

use core::fmt::Write;

use super::ciphers::Subject;
use super::differences::Difference;
use super::findings::{Findings, MARKED, NECESSARY, REFERENCE};
use super::statistics::{Kind, Measure};
use super::toy::{KEYS, KNOWN};
use super::trials::Trial;
use crate::label::Label;

/// Words between line ends, at most so many characters.
const LINE: usize = 100;

pub(super) fn of(label: &Label, findings: &Findings) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = write!(text, "{}: {}\n\n", label.shown, of_picture(findings));
    table(&mut text, "The picture", &findings.given);
    text.push_str(&wrapped(&of_chance(findings)));
    text.push('\n');
    table(&mut text, "A flat drawing", &findings.flat);
    text.push_str(&wrapped(FLAT));
    let head = [
        "What NPCR measures",
        "changed",
        "NPCR, %",
        "follows",
        "UACI, %",
    ];
    let _ = write!(text, "\n{}", columns(head));
    for row in &findings.differences {
        text.push_str(&difference(row));
    }
    text.push_str(&wrapped(IVS));
    let _ = write!(text, "\n{}", wrapped(&of_toy(findings)));
    text.push_str("\nWhat counts\n");
    for trial in &findings.trials {
        text.push_str(&of_trial(trial));
    }
    let _ = write!(text, "\n{}", wrapped(&conclusion(findings)));
    text.trim_end().to_owned()
}

/// What no table may be shown without.
fn conclusion(findings: &Findings) -> String {
    format!("{NECESSARY} {} {REFERENCE}", findings.insecure_that_pass())
}

pub(super) const FLAT: &str = "In a photograph without black or blown-out parts hardly any block of 16 bytes occurs twice, and ECB \
looks like noise. Where a picture is flat, equal blocks stay equal, and the outline shows.";

pub(super) const IVS: &str = "A change goes on to the end in CBC, so with one IV the NPCR is the share of the picture behind the change; \
papers conclude from it that AES diffuses badly. With a new IV everything differs though nothing was changed: NPCR and UACI measure \
the IV, not the cipher.";

fn of_picture(findings: &Findings) -> String {
    let Findings {
        format,
        width,
        height,
        channels,
        ..
    } = findings;
    let colour = if *channels == 1 {
        "grey"
    } else {
        "red, green, blue"
    };
    let mut text = format!(
        "{format}, {width} x {height} pixels, {colour}: {} samples",
        findings.samples()
    );
    if let Some(reduced) = findings.reduced() {
        let _ = write!(text, " ({reduced})");
    }
    text
}

/// A line of values for each measure, and below it one of p-values.
fn table(text: &mut String, title: &str, subjects: &[Subject]) {
    let _ = write!(text, "{title:<16}{:>22}", "ideal (deviation)");
    for subject in subjects {
        let _ = write!(text, " {:>12}", subject.cipher.name());
    }
    text.push('\n');
    for (row, kind) in Kind::ALL.into_iter().enumerate() {
        let all: Vec<_> = subjects
            .iter()
            .map(|subject| subject.measures.get(row))
            .collect();
        let Some(any) = all.iter().copied().flatten().next() else {
            continue;
        };
        let ideal = format!(
            "{} ({})",
            kind.show(any.expected),
            kind.show_deviation(any.deviation)
        );
        let _ = write!(text, "{:<16}{ideal:>22}", kind.label());
        cells(text, &all, |measure| kind.show(measure.value));
        let _ = write!(text, "{:>38}", "p");
        cells(text, &all, |measure| {
            let mark = if measure.p < MARKED { "*" } else { "" };
            format!("{mark}{}", p(measure.p))
        });
    }
}

fn cells(text: &mut String, all: &[Option<&Measure>], show: impl Fn(&Measure) -> String) {
    for measure in all {
        let cell = measure.map_or_else(|| "-".to_owned(), &show);
        let _ = write!(text, " {cell:>12}");
    }
    text.push('\n');
}

/// A p-value: three places, or its power of ten.
pub(super) fn p(value: f64) -> String {
    if value >= MARKED {
        format!("{value:.3}")
    } else if value < 1e-300 {
        "<1e-300".to_owned()
    } else {
        format!("{value:.0e}")
    }
}

pub(super) fn of_chance(findings: &Findings) -> String {
    let chance = findings.chance();
    format!(
        "Of {} tests of ciphers {:.1} are expected below p = 0.05 by chance; here: {}. Marked with * is what is below p = 0.001; here: \
         {}. Entropy and chi-square are nearly one test. p of NPCR is one-sided, as in the paper that gives its distribution.",
        chance.tests, chance.expected, chance.below, chance.marked
    )
}

fn difference(row: &Difference) -> String {
    let [npcr, follows, uaci] =
        [row.npcr.value, row.follows, row.uaci.value].map(|value| Kind::Npcr.show(value));
    columns([&row.name, row.changed, &npcr, &follows, &uaci])
}

fn columns([name, changed, npcr, follows, uaci]: [&str; 5]) -> String {
    format!("{name:<30} {changed:<18} {npcr:>9} {follows:>9} {uaci:>9}\n")
}

pub(super) fn of_toy(findings: &Findings) -> String {
    let broken = &findings.broken;
    let known = format!("Who knows the first {KNOWN} samples tries all {KEYS} keys");
    let keys: Vec<_> = broken.keys.iter().map(|key| format!("{key:04x}")).collect();
    let keys = keys.join(", ");
    if broken.is_the_key {
        format!("The toy is broken: its key is {keys}. {known}, which was done in this run.")
    } else {
        format!("{known}. In this run several fit ({keys}): one sample more tells which.")
    }
}

fn of_trial(trial: &Trial) -> String {
    let head = format!("  {}  {:>6} of {:<6}", trial.suite, trial.held, trial.tried);
    let text = trial.text.as_ref().map(|text| format!(" \"{text}\""));
    let words = format!("{}{}", trial.what, text.unwrap_or_default());
    let indent = " ".repeat(head.len() + 1);
    let lines = lines(&words, LINE - indent.len());
    format!("{head} {}\n", lines.join(&format!("\n{indent}")))
}

fn wrapped(text: &str) -> String {
    let mut lines = lines(text, LINE).join("\n");
    lines.push('\n');
    lines
}

fn lines(text: &str, most: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let full = |line: &String| {
            !line.is_empty() && line.chars().count() + 1 + word.chars().count() > most
        };
        if lines.last().is_some_and(full) {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            let gap = if line.is_empty() { "" } else { " " };
            line.push_str(gap);
            line.push_str(word);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_before_they_are_too_long() {
        assert_eq!(lines("one two three", 7), ["one two", "three"]);
        assert_eq!(
            lines("incomprehensible word", 5),
            ["incomprehensible", "word"]
        );
    }

    #[test]
    fn a_small_p_is_a_power_of_ten() {
        let shown: Vec<_> = [1.0, 0.0421, 0.001, 0.000_9, 3.2e-20, 0.0]
            .into_iter()
            .map(p)
            .collect();
        assert_eq!(
            shown,
            ["1.000", "0.042", "0.001", "9e-4", "3e-20", "<1e-300"]
        );
    }
}
