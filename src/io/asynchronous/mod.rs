//! Streams over tokio's `AsyncRead` and `AsyncWrite` (feature `async`).
//!
//! These adapters drive the same machines as the blocking ones beside them, [`Sealer`](crate::stream::Sealer),
//! [`Opener`](crate::stream::Opener) and [`OpenReader`](crate::io::OpenReader): the bytes, the events, the errors and what
//! may be believed when are the same. [`Verified`](crate::stream::Verified) is still the only word for verified.
//!
//! # What a runtime is spared
//!
//! What takes long goes to a thread for blocking work (`tokio::task::spawn_blocking`), so every method here is called inside
//! a runtime of tokio's, of either flavour:
//!
//! | work | where it is done |
//! | --- | --- |
//! | wrapping the key for the recipients, unlocking (RSA, passphrases, devices) | a thread for blocking work |
//! | signing: [`AsyncSealWriter::checkpoint`], [`AsyncSealWriter::finish`] | a thread for blocking work |
//! | everything that [`AsyncOpenReader`] opens | a thread for blocking work, for as long as the call lasts |
//! | sealing and opening chunks in order, verifying a signature | the task's own thread |
//!
//! Chunks are sealed and opened about 1 MiB at once, or one chunk where chunks are larger, and after that much the task lets
//! others have their turn, even if its peer never keeps it waiting. That is about a millisecond with the default chunk size;
//! chunks of 8 MiB hold the thread up eight times as long. Threads that the options allow share the chunks here as well.
//!
//! # What may be given up halfway
//!
//! Every future may be dropped at any point: nothing is released that should not be, secrets are wiped, and work on another
//! thread ends and its result is dropped. A method is *cancel safe* where the object can be used on as if the dropped call
//! had not been made or had been made to its end; each says which:
//!
//! | cancel safe | not cancel safe |
//! | --- | --- |
//! | reading, writing, flushing and seeking through tokio's traits, so `read` and `write` of its extension traits | `write_all`, `read_exact`, `copy`, as tokio says of its own |
//! | [`AsyncSealWriter::start_item`], [`AsyncSealWriter::end_item`]: not begun or done | [`AsyncSealWriter::add_image`]: the item stays open, and the stream can end only with the rest of it |
//! | [`AsyncSealWriter::checkpoint`]: called again it makes another, which harms nothing | [`AsyncSealWriter::finish`]: the stream stays without an end, which every reader refuses |
//! | [`AsyncStreamSource::header`], [`AsyncStreamSource::expect_end`], [`AsyncOpener::next`] | [`AsyncOpener::items`]: the sink may have been given the last bytes already |
//! | [`AsyncOpenReader::items`], [`AsyncOpenReader::select`]: call it again | [`AsyncSealWriter::new`], [`AsyncOpener::open`], [`AsyncOpenReader::open`], [`open_stream`]: they took what they were given |
//!
//! ```
//! use secimg::io::asynchronous::{AsyncItemSink, AsyncSealWriter, open_stream};
//! use secimg::content::Manifest;
//! use secimg::keys::{RawKeyRecipient, SymmetricKey};
//! use secimg::{Authentic, ImageDescription, OpenOptions, SealOptions};
//! use std::sync::Arc;
//!
//! struct Hold(Vec<u8>);
//!
//! impl AsyncItemSink for Hold {
//!     async fn item(&mut self, _: &Authentic<Manifest>) -> std::io::Result<()> {
//!         Ok(())
//!     }
//!     async fn data(&mut self, bytes: &[u8]) -> std::io::Result<()> {
//!         self.0.extend_from_slice(bytes);
//!         Ok(())
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let key = Arc::new(RawKeyRecipient::new(SymmetricKey::generate()?));
//! let mut writer = AsyncSealWriter::new(Vec::new(), &SealOptions::new().recipient(key.clone())).await?;
//! writer.add_image(&b"BM..."[..], &ImageDescription::new().named("a.bmp"), None).await?;
//! let sealed: Vec<u8> = writer.finish().await?;
//!
//! let mut held = Hold(Vec::new());
//! let verified = open_stream(sealed.as_slice(), &OpenOptions::new().identity(key), &mut held).await?;
//! // Only now is what was held worth anything.
//! assert_eq!((held.0.as_slice(), verified.report().items.len()), (&b"BM..."[..], 1));
//! # Ok(())
//! # }
//! ```

mod bridge;
mod frames;
mod open_reader;
mod opener;
mod seal_writer;
mod sink;
mod source;
mod turn;

pub use open_reader::AsyncOpenReader;
pub use opener::{AsyncOpener, open_stream};
pub use seal_writer::AsyncSealWriter;
pub use sink::AsyncItemSink;
pub use source::AsyncStreamSource;
