//! Drives the opening machines, with pieces of the input and of the output.

use secimg::stream::{HeaderReader, OpenEvent};
use secimg::{OpenError, OpenOptions, Verified};

use super::choices::Pieces;

/// What came out before the end, and the end.
#[derive(Debug, PartialEq)]
pub struct Trace {
    /// Each event, with how much data came before it.
    pub events: Vec<(usize, OpenEvent)>,
    pub released: Vec<u8>,
    pub end: Result<Verified, OpenError>,
}

/// Opens a stream in order. A byte behind its end is not looked at.
pub fn drive(stream: &[u8], options: &OpenOptions, inputs: Pieces, outputs: Pieces) -> Trace {
    let mut trace = Trace {
        events: Vec::new(),
        released: Vec::new(),
        end: Err(OpenError::Refused),
    };
    trace.end = trace.run(stream, options, inputs, outputs);
    trace
}

impl Trace {
    fn run(
        &mut self,
        stream: &[u8],
        options: &OpenOptions,
        mut inputs: Pieces,
        mut outputs: Pieces,
    ) -> Result<Verified, OpenError> {
        let mut reader = HeaderReader::new();
        let mut rest = stream;
        let locked = loop {
            let (used, locked) = reader.push(inputs.of(rest))?;
            rest = &rest[used..];
            match locked {
                Some(locked) => break locked,
                None if rest.is_empty() => return Err(reader.end_of_input().into()),
                None => {}
            }
        };
        let mut opener = locked.unlock(options)?.into_opener(options)?;
        let mut output = vec![0; 64 << 10];
        loop {
            let piece = inputs.of(rest);
            let room = outputs.size().min(output.len());
            let step = opener.update(piece, &mut output[..room])?;
            rest = &rest[step.consumed..];
            self.released.extend_from_slice(&output[..step.produced]);
            let moved = step.consumed > 0 || step.produced > 0;
            match step.event {
                OpenEvent::NeedInput if rest.is_empty() => return opener.finish(),
                OpenEvent::NeedInput | OpenEvent::Data => assert!(moved, "no step forward"),
                OpenEvent::Finished => return opener.finish(),
                event => self.events.push((self.released.len(), event)),
            }
        }
    }
}
