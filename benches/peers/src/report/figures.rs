//! How amounts, ratios and goals are written for people and for programs.

use serde_json::{Value, json};

const KIB: f64 = 1024.0;
const MIB: f64 = 1024.0 * 1024.0;

/// What an amount counts.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Unit {
    /// 10^9 bytes a second.
    GigabytesPerSecond,
    Seconds,
    Microseconds,
    Bytes,
}

/// An amount that was measured: a median where it was measured often.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Amount {
    value: f64,
    unit: Unit,
}

impl Amount {
    pub(crate) const fn new(value: f64, unit: Unit) -> Self {
        Self { value, unit }
    }

    pub(super) fn text(self) -> String {
        match self.unit {
            Unit::GigabytesPerSecond => format!("{:.2} GB/s", self.value),
            Unit::Seconds => format!("{:.3} s", self.value),
            Unit::Microseconds => format!("{:.1} us", self.value),
            Unit::Bytes => bytes(self.value),
        }
    }

    pub(super) fn json(self) -> Value {
        let unit = match self.unit {
            Unit::GigabytesPerSecond => "GB/s",
            Unit::Seconds => "s",
            Unit::Microseconds => "us",
            Unit::Bytes => "bytes",
        };
        json!({ "value": self.value, "unit": unit })
    }
}

fn bytes(count: f64) -> String {
    if count >= MIB {
        format!("{:.1} MiB", count / MIB)
    } else {
        format!("{:.1} KiB", count / KIB)
    }
}

/// What is made of two amounts.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Measure {
    /// Ours in theirs, or theirs in ours: the row's goals say what is good.
    Times,
    /// A share of a limit.
    Share,
    /// No ratio: bytes that speak for themselves.
    Bytes,
}

impl Measure {
    pub(super) fn text(self, value: f64) -> String {
        match self {
            Self::Times => format!("{value:.2}"),
            Self::Share => format!("{:.0}", value * 100.0),
            Self::Bytes => bytes(value),
        }
    }

    pub(super) const fn unit(self) -> &'static str {
        match self {
            Self::Times => "x",
            Self::Share => "%",
            Self::Bytes => "",
        }
    }
}

/// What a ratio should be.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Goal {
    AtLeast(f64),
    AtMost(f64),
    Under(f64),
}

impl Goal {
    pub(super) fn holds(self, value: f64) -> bool {
        match self {
            Self::AtLeast(bound) => value >= bound,
            Self::AtMost(bound) => value <= bound,
            Self::Under(bound) => value < bound,
        }
    }

    pub(super) fn text(self, measure: Measure) -> String {
        let (word, bound) = match self {
            Self::AtLeast(bound) => ("at least", bound),
            Self::AtMost(bound) => ("at most", bound),
            Self::Under(bound) => ("under", bound),
        };
        format!("{word} {} {}", measure.text(bound), measure.unit())
            .trim_end()
            .to_owned()
    }

    pub(super) fn json(self) -> Value {
        match self {
            Self::AtLeast(bound) => json!({ "at_least": bound }),
            Self::AtMost(bound) => json!({ "at_most": bound }),
            Self::Under(bound) => json!({ "under": bound }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_a_number_reaches_nothing() {
        for goal in [Goal::AtLeast(0.0), Goal::AtMost(9.0), Goal::Under(9.0)] {
            assert!(!goal.holds(f64::NAN));
        }
        assert!(Goal::AtMost(9.0).holds(9.0) && !Goal::Under(9.0).holds(9.0));
    }

    #[test]
    fn figures_for_people() {
        assert_eq!(Goal::AtLeast(0.65).text(Measure::Share), "at least 65 %");
        assert_eq!(
            Goal::Under(256.0 * KIB).text(Measure::Bytes),
            "under 256.0 KiB"
        );
        assert_eq!(Amount::new(3.0 * MIB, Unit::Bytes).text(), "3.0 MiB");
    }
}
