//! Floor 5: streams over `Read`, `Write` and `Seek`, and files that appear only when they are whole.

#[cfg(feature = "async")]
pub mod asynchronous;
mod clock;
mod error;
pub mod file;
pub mod folder;
mod glimpse;
pub mod key_folder;
mod live;
pub mod names;
mod open_reader;
#[cfg(feature = "parallel")]
mod overlap;
pub mod private;
mod read_at;
mod restored;
mod rewrap;
mod seal_writer;
mod sealed_file;
mod source;

#[cfg(feature = "capi")]
pub(crate) use clock::stamped;
pub(crate) use clock::timed;
pub use error::{ReadError, WriteError};
pub use glimpse::{Glimpse, read_preview};
pub use live::{Live, LiveSink};
pub use open_reader::OpenReader;
#[cfg(feature = "parallel")]
pub use overlap::{ReadAhead, WriteBehind};
pub use read_at::{RangeReader, ReadAt, ReadAtFn, read_at_fn};
pub use restored::RestoredFrames;
pub use rewrap::{RewrapFileError, RewrapReport, rewrap_file, rewrap_file_with, rewrap_stream};
pub use seal_writer::SealWriter;
pub use sealed_file::SealedFile;
pub use source::{
    Buffered, ItemSink, StreamSource, open_buffered_stream, open_stream, survey_stream,
};
