//! The arguments.

use core::time::Duration;
use std::path::PathBuf;

use crate::rows::{ROWS, TIMED};

/// What is asked for.
#[derive(Debug)]
pub(crate) struct Args {
    pub(crate) minutes: f64,
    pub(crate) seed: u64,
    pub(crate) secimg: Option<PathBuf>,
    pub(crate) folder: Option<PathBuf>,
    only: Vec<String>,
}

pub(crate) fn usage() -> String {
    let rows: Vec<_> = ROWS.iter().map(|(name, _)| *name).collect();
    format!(
        "usage: secimg-soak --secimg PATH [--minutes M] [--seed S] [--folder DIR] [--only ROW]...\n\
         \n\
         --secimg PATH  the command; only `sessions` does without\n\
         --minutes M    how long {} take together (3)\n\
         --folder DIR   where files are received (the system's folder for temporary files)\n\
         --only ROW     one of {}",
        TIMED.join(", "),
        rows.join(", ")
    )
}

impl Args {
    pub(crate) fn parse(mut words: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut args = Self {
            minutes: 3.0,
            seed: 1,
            secimg: None,
            folder: None,
            only: Vec::new(),
        };
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or(format!("{word} needs a value"));
            match word.as_str() {
                "--minutes" => args.minutes = number(&word, &value()?)?,
                "--seed" => args.seed = number(&word, &value()?)?,
                "--secimg" => args.secimg = Some(value()?.into()),
                "--folder" => args.folder = Some(value()?.into()),
                "--only" => args.only.push(value()?),
                _ => return Err(format!("unknown argument: {word}")),
            }
        }
        args.check()?;
        Ok(args)
    }

    fn check(&self) -> Result<(), String> {
        let known = |name: &String| ROWS.iter().any(|(row, _)| row == name);
        if let Some(name) = self.only.iter().find(|name| !known(name)) {
            return Err(format!("unknown row: {name}"));
        }
        let needs = |(name, _): &(&str, _)| self.wants(name) && *name != "sessions";
        match &self.secimg {
            None if ROWS.iter().any(needs) => Err("--secimg PATH is missing".to_owned()),
            Some(path) if !path.is_file() => Err(format!("{} is no file", path.display())),
            _ if !(self.minutes > 0.0 && self.minutes < 10_000.0) => {
                Err("--minutes is out of range".to_owned())
            }
            _ => Ok(()),
        }
    }

    pub(crate) fn wants(&self, row: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|name| name == row)
    }

    /// The share of one timed row.
    pub(crate) fn share(&self) -> Duration {
        let rows = TIMED.iter().filter(|row| self.wants(row)).count();
        Duration::from_secs_f64(self.minutes * 60.0 / rows.max(1) as f64)
    }
}

fn number<T: std::str::FromStr>(word: &str, text: &str) -> Result<T, String> {
    text.parse()
        .map_err(|_| format!("{word}: {text:?} is no number"))
}
