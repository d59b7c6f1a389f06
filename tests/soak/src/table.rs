//! The table: a row's figures, and what was wrong.

use core::fmt;
use core::time::Duration;

/// So many wrong things are shown in words.
const SHOWN: usize = 10;

/// One row.
pub(crate) struct Row {
    name: &'static str,
    time: Duration,
    figures: Vec<String>,
    wrong: Vec<String>,
}

impl Row {
    pub(crate) const fn new(name: &'static str) -> Self {
        Self {
            name,
            time: Duration::ZERO,
            figures: Vec::new(),
            wrong: Vec::new(),
        }
    }

    pub(crate) fn took(&mut self, time: Duration) {
        self.time = time;
    }

    pub(crate) fn figure(&mut self, figure: impl Into<String>) {
        self.figures.push(figure.into());
    }

    pub(crate) fn is_wrong(&mut self, what: impl Into<String>) {
        self.wrong.push(what.into());
    }

    /// What must hold.
    pub(crate) fn require(&mut self, holds: bool, what: impl FnOnce() -> String) {
        if !holds {
            self.is_wrong(what());
        }
    }

    pub(crate) fn wrong(&self) -> usize {
        self.wrong.len()
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} ({:.0?})", self.name, self.time)?;
        for figure in &self.figures {
            writeln!(f, "    {figure}")?;
        }
        for what in self.wrong.iter().take(SHOWN) {
            writeln!(f, "    WRONG: {what}")?;
        }
        if self.wrong.len() > SHOWN {
            writeln!(f, "    WRONG: and {} more", self.wrong.len() - SHOWN)?;
        }
        Ok(())
    }
}
