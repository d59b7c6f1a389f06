//! Images of which something is made before they are sealed: all of one is in memory then.

use std::io::Read;

use secimg::preview::make_preview;
use secimg::strip::{Removed, strip};
use zeroize::Zeroizing;

use crate::exit::{Failure, Status};
use crate::inputs::Source;
use crate::progress::Progress;

/// The longest file of which a preview is made, in bytes.
const MOST: u64 = 256 << 20;

/// What is done with images before they are sealed.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Making {
    /// Metadata is removed.
    pub(crate) strip: bool,
    /// A preview is sealed with each.
    pub(crate) preview: bool,
    /// Previews are made for a stream of their own.
    pub(crate) preview_apart: bool,
}

impl Making {
    const fn previews(self) -> bool {
        self.preview || self.preview_apart
    }

    /// Tells whether an image is read into memory as a whole.
    pub(super) fn needs_memory(self, source: &Source, warnings: &mut Vec<String>) -> bool {
        let too_long = self.previews() && source.len.is_some_and(|length| length > MOST);
        if too_long {
            warnings.push(TOO_LONG.to_owned());
        }
        self.strip || (self.previews() && !too_long)
    }
}

const TOO_LONG: &str = "no preview: none is made of files of more than 256 MiB";

/// An image in memory, and what was made of it.
pub(super) struct InMemory {
    pub(super) image: Zeroizing<Vec<u8>>,
    /// What follows where it is longer than was read.
    pub(super) rest: Option<Box<dyn Read>>,
    pub(super) removed: Option<Vec<Removed>>,
    pub(super) preview: Option<Zeroizing<Vec<u8>>>,
    pub(super) warning: Option<String>,
}

impl InMemory {
    /// Reads an image and makes of it what is asked for. That a preview cannot be made is worth a warning and no more.
    pub(super) fn read(source: Source, work: &Progress, making: Making) -> Result<Self, Failure> {
        let most = if making.strip { u64::MAX } else { MOST };
        let mut held = Self::whole(source, work, most)?;
        if making.strip {
            let stripped = strip(&held.image).map_err(|error| {
                let what = format!("{error}; without --strip it is sealed with all that it tells");
                Failure::new(Status::Damaged, "not_stripped", what)
            })?;
            (held.image, held.removed) = (stripped.image, Some(stripped.removed));
        }
        if making.previews() {
            held.make_preview();
        }
        Ok(held)
    }

    fn whole(source: Source, work: &Progress, most: u64) -> Result<Self, Failure> {
        let room = source.len.and_then(|length| usize::try_from(length).ok());
        // Room for all of it at once: a vector that grows leaves copies of the image behind.
        let mut image = Zeroizing::new(Vec::with_capacity(room.unwrap_or_default() + 1));
        let mut reader = source.read_for(work);
        let read = (&mut reader).take(most).read_to_end(&mut image);
        let read = read.map_err(|error| Failure::io("reading the image failed", &error))?;
        let rest = (read as u64 == most).then(|| Box::new(reader) as Box<dyn Read>);
        Ok(Self {
            image,
            rest,
            removed: None,
            preview: None,
            warning: None,
        })
    }

    fn make_preview(&mut self) {
        if self.rest.is_some() || self.image.len() as u64 > MOST {
            self.warning = Some(TOO_LONG.to_owned());
            return;
        }
        match make_preview(&self.image) {
            Ok(preview) => self.preview = Some(preview),
            Err(error) => self.warning = Some(format!("no preview: {error}")),
        }
    }
}
