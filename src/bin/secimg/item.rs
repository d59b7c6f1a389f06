//! `--item`: one image of a series, by its number or its name.

use std::io::{Read, Seek};

use secimg::io::OpenReader;
use secimg::io::names::escape_for_display;

use crate::exit::{Failure, Status};

/// Which image of a series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Choice {
    /// From 1, as people count.
    Number(usize),
    Name(String),
}

impl Choice {
    /// Digits are a number; whoever has a name of digits alone names the image by its number.
    pub(crate) fn parse(text: &str) -> Result<Self, Failure> {
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Ok(Self::Name(text.to_owned()));
        }
        match text.parse() {
            Ok(0) => Err(Failure::usage("images are counted from 1")),
            Ok(number) => Ok(Self::Number(number)),
            Err(_) => Err(Failure::usage(format!("no series has {text} images"))),
        }
    }

    /// Selects the image, and returns its number from 0.
    pub(crate) fn select<R: Read + Seek>(
        &self,
        reader: &mut OpenReader<R>,
    ) -> Result<usize, Failure> {
        let items = reader.items()?;
        let found = match self {
            Self::Number(number) => (*number <= items.len()).then(|| number - 1),
            Self::Name(name) => items.iter().position(|item| item.name == *name),
        };
        let count = items.len();
        let Some(index) = found else {
            return Err(self.not_found(count));
        };
        reader.select(index)?;
        Ok(index)
    }

    fn not_found(&self, count: usize) -> Failure {
        let what = match self {
            Self::Number(number) => format!("there is no image {number}: the stream has {count}"),
            Self::Name(name) => format!(
                "there is no image called {} among {count}; `secimg list` says their names",
                escape_for_display(name)
            ),
        };
        Failure::new(Status::Usage, "no_item", what)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_a_number() {
        assert_eq!(Choice::parse("12").unwrap(), Choice::Number(12));
        for name in ["12.png", "-1", "a", ""] {
            assert_eq!(Choice::parse(name).unwrap(), Choice::Name(name.to_owned()));
        }
        for wrong in ["0", "00", "99999999999999999999999"] {
            assert!(Choice::parse(wrong).is_err());
        }
    }
}
