//! Rows: printed as they come, once more at the end where they have a target, and written as JSON lines.

mod figures;

use std::fs::File;
use std::io::Write;
use std::path::Path;

use serde_json::{Value, json};

use crate::Result;
use crate::stats::{Spread, length, median};

pub(crate) use figures::{Amount, Goal, Measure, Unit};

/// One line of the table: two amounts, what is made of them in each round, and what that should be.
pub(crate) struct Row {
    /// What JSON readers know it by.
    pub(crate) id: String,
    pub(crate) work: String,
    pub(crate) ours: Amount,
    pub(crate) against: String,
    pub(crate) theirs: Amount,
    pub(crate) spread: Spread,
    pub(crate) measure: Measure,
    pub(crate) target: Option<Goal>,
    pub(crate) record: Option<Goal>,
}

/// Somebody's seconds in each round, for a work of so many bytes.
#[derive(Clone, Copy)]
pub(crate) struct Laps<'a> {
    pub(crate) seconds: &'a [f64],
    pub(crate) bytes: usize,
}

impl Laps<'_> {
    fn rate(self) -> Amount {
        let rate = length(self.bytes) / median(self.seconds) / 1e9;
        Amount::new(rate, Unit::GigabytesPerSecond)
    }
}

impl Row {
    /// Two amounts and what is made of them; no goal yet.
    pub(crate) fn new(
        work: &str,
        ours: Amount,
        theirs: (&str, Amount),
        ratio: (Measure, Spread),
    ) -> Self {
        Self {
            id: String::new(),
            work: work.to_owned(),
            ours,
            against: theirs.0.to_owned(),
            theirs: theirs.1,
            measure: ratio.0,
            spread: ratio.1,
            target: None,
            record: None,
        }
    }

    /// Two rates, and how many times as fast ours is.
    pub(crate) fn rates(work: &str, ours: Laps<'_>, theirs: (&str, Laps<'_>)) -> Self {
        let spread = Spread::of_ratios(theirs.1.seconds, ours.seconds);
        let (name, theirs) = (theirs.0, theirs.1.rate());
        Self::new(work, ours.rate(), (name, theirs), (Measure::Times, spread))
    }

    /// Names it for programs, in two parts.
    pub(crate) fn id(mut self, part: &str, name: &str) -> Self {
        self.id = format!("{part}-{name}");
        self
    }

    pub(crate) const fn target(mut self, goal: Goal) -> Self {
        self.target = Some(goal);
        self
    }

    pub(crate) const fn record(mut self, goal: Goal) -> Self {
        self.record = Some(goal);
        self
    }

    fn line(&self) -> String {
        let goals = [("", self.target), ("record ", self.record)];
        let goals: String = goals
            .into_iter()
            .filter_map(|(word, goal)| Some(self.verdict(word, goal?)))
            .collect();
        format!(
            "{:44} {:>12} | {:38} {:>12} | {}{goals}",
            self.work,
            self.ours.text(),
            self.against,
            self.theirs.text(),
            self.ratio(),
        )
    }

    /// All three values, but for bytes, which are counted once, or are the most of all rounds.
    fn ratio(&self) -> String {
        let Spread { min, median, max } = self.spread;
        if matches!(self.measure, Measure::Bytes) {
            return self.measure.text(median);
        }
        let [min, median, max] = [min, median, max].map(|value| self.measure.text(value));
        format!("{min:>6} {median:>6} {max:>6} {}", self.measure.unit())
    }

    fn verdict(&self, word: &str, goal: Goal) -> String {
        let verdict = if self.reaches(goal) {
            "reached"
        } else {
            "missed"
        };
        format!(" | {word}{}: {verdict}", goal.text(self.measure))
    }

    fn reaches(&self, goal: Goal) -> bool {
        goal.holds(self.spread.median)
    }

    fn json(&self) -> Value {
        let goal = |goal: Option<Goal>| {
            goal.map(|goal| {
                let mut value = goal.json();
                value["reached"] = json!(self.reaches(goal));
                value
            })
        };
        json!({
            "row": self.id,
            "work": self.work,
            "ours": self.ours.json(),
            "against": self.against,
            "theirs": self.theirs.json(),
            "ratio": { "unit": self.measure.unit(), "min": self.spread.min, "median": self.spread.median, "max": self.spread.max },
            "target": goal(self.target),
            "record": goal(self.record),
        })
    }
}

/// Prints what the next lines are about.
pub(crate) fn title(words: &str) {
    println!("\n== {words}");
}

/// Takes what was measured.
pub(crate) struct Report {
    rows: Vec<Row>,
    json: Option<File>,
}

impl Report {
    pub(crate) fn new(json: Option<&Path>) -> Result<Self> {
        Ok(Self {
            rows: Vec::new(),
            json: json.map(File::create).transpose()?,
        })
    }

    /// Prints and keeps a row.
    pub(crate) fn push(&mut self, row: Row) -> Result {
        println!("{}", row.line());
        self.write(&row.json())?;
        self.rows.push(row);
        Ok(())
    }

    /// Writes what is no row of the table, and was printed in a form of its own.
    pub(crate) fn write(&mut self, value: &Value) -> Result {
        if let Some(file) = &mut self.json {
            writeln!(file, "{value}")?;
        }
        Ok(())
    }

    /// Prints the rows that have a goal, together. A target that is missed is a fact, not a failure.
    pub(crate) fn summary(&self) {
        let rows: Vec<&Row> = self
            .rows
            .iter()
            .filter(|row| row.target.is_some() || row.record.is_some())
            .collect();
        title("what should be reached: the median of the ratios counts");
        for row in &rows {
            println!("{}", row.line());
        }
        let reached = |goal: fn(&Row) -> Option<Goal>| {
            let goals = rows.iter().filter_map(|row| Some((row, goal(row)?)));
            let (met, missed): (Vec<_>, Vec<_>) = goals.partition(|(row, goal)| row.reaches(*goal));
            (met.len(), met.len() + missed.len())
        };
        let (targets, records) = (reached(|row| row.target), reached(|row| row.record));
        println!(
            "\n{} of {} targets reached, {} of {} records",
            targets.0, targets.1, records.0, records.1
        );
    }
}
