//! [`Live`]: the images of a series one by one, while the series goes on.

use std::collections::VecDeque;
use std::io;

use crate::content::Manifest;
use crate::stream::{Authentic, Header, ItemReport, OpenOptions, SignatureReport, Verified};

use super::source::ItemSink;

/// Takes the images of a series that is still being sent.
///
/// An image comes in three steps: what it is ([`LiveSink::item`]), its bytes ([`LiveSink::data`]), and the
/// word that it may be used ([`LiveSink::release`]). Until that word nothing of it should leave the sink.
pub trait LiveSink {
    /// The stream begins, with this header: said once, before anything else. One that comes again because its
    /// connection broke begins again, and each of its images is released again.
    ///
    /// # Errors
    /// An error stops the reading.
    fn start(&mut self, header: &Header) -> io::Result<()> {
        let _ = header;
        Ok(())
    }

    /// An image begins.
    ///
    /// # Errors
    /// An error stops the reading.
    fn item(&mut self, manifest: &Authentic<Manifest>) -> io::Result<()>;

    /// Bytes of the image that began last.
    ///
    /// # Errors
    /// An error stops the reading.
    fn data(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// The image that began last is whole; it may still have to wait.
    ///
    /// # Errors
    /// An error stops the reading.
    fn whole(&mut self, image: &Authentic<ItemReport>) -> io::Result<()> {
        let _ = image;
        Ok(())
    }

    /// Image `number`, counted from 0, may be used: in the order of the stream, each once.
    ///
    /// It is [`Authentic`] and no more: somebody who holds a key of the stream made it and, where
    /// `signature` is given, that signer stands for it and for all before it. Whether the series is whole
    /// is known only at its end, from [`Verified`]; if that does not come, what was released stays
    /// unverified, and whoever used it must be told.
    ///
    /// # Errors
    /// An error stops the reading.
    fn release(
        &mut self,
        number: usize,
        image: &Authentic<ItemReport>,
        signature: Option<&SignatureReport>,
    ) -> io::Result<()>;
}

/// Releases each image of a series as soon as it may be used, to a [`LiveSink`].
///
/// | signer | an image is released |
/// | --- | --- |
/// | none required | when it is whole: its chunks are authentic, its digest is right |
/// | required | when a checkpoint behind it is signed by one of them, or at the verified end |
///
/// A sender makes a checkpoint with [`SealWriter::checkpoint`](super::SealWriter::checkpoint): it ends the
/// chunk, so that an image goes out when it is complete, and signs where there is a signer.
///
/// ```
/// use std::io;
/// use secimg::content::Manifest;
/// use secimg::io::{Live, LiveSink, SealWriter, open_stream};
/// use secimg::stream::{ItemReport, SignatureReport};
/// use secimg::{Authentic, ImageDescription, OpenOptions, SealOptions};
/// # use secimg::keys::{RawKeyRecipient, SymmetricKey};
/// # let key = std::sync::Arc::new(RawKeyRecipient::new(SymmetricKey::from_file_bytes(&[7; 32])?));
///
/// /// Shows each image when it is there.
/// #[derive(Default)]
/// struct Screen {
///     images: Vec<Vec<u8>>,
///     shown: Vec<usize>,
/// }
///
/// impl LiveSink for Screen {
///     fn item(&mut self, _: &Authentic<Manifest>) -> io::Result<()> {
///         self.images.push(Vec::new());
///         Ok(())
///     }
///     fn data(&mut self, bytes: &[u8]) -> io::Result<()> {
///         self.images.last_mut().unwrap().extend_from_slice(bytes);
///         Ok(())
///     }
///     fn release(
///         &mut self,
///         number: usize,
///         _: &Authentic<ItemReport>,
///         _: Option<&SignatureReport>,
///     ) -> io::Result<()> {
///         self.shown.push(number);
///         Ok(())
///     }
/// }
///
/// let mut series = SealWriter::new(Vec::new(), &SealOptions::new().recipient(key.clone()))?;
/// for image in [&b"first"[..], b"second"] {
///     series.add_image(image, &ImageDescription::new(), None)?;
///     series.checkpoint()?;
/// }
/// let sealed = series.finish()?;
///
/// let options = OpenOptions::new().identity(key);
/// let mut live = Live::new(Screen::default(), &options);
/// let verified = open_stream(sealed.as_slice(), &options, &mut live)?;
/// let screen = live.finish(&verified)?;
/// assert_eq!(screen.shown, [0, 1]);
/// assert_eq!(screen.images[1], b"second");
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Live<S> {
    sink: S,
    signer_required: bool,
    released: usize,
    /// Whole, and not covered by a required signature yet.
    waiting: VecDeque<Authentic<ItemReport>>,
}

impl<S: LiveSink> Live<S> {
    /// Starts before a stream that is opened with these options: they say whether a signer is required.
    #[must_use]
    pub const fn new(sink: S, options: &OpenOptions) -> Self {
        Self {
            sink,
            signer_required: options.requires_signer(),
            released: 0,
            waiting: VecDeque::new(),
        }
    }

    /// Returns how many images were released.
    #[must_use]
    pub const fn released(&self) -> usize {
        self.released
    }

    /// Borrows what takes the images.
    #[must_use]
    pub const fn get_ref(&self) -> &S {
        &self.sink
    }

    /// Returns what takes the images, where the stream did not come to a verified end: what was released
    /// is not verified.
    #[must_use]
    pub fn into_inner(self) -> S {
        self.sink
    }

    /// Releases the images that only the stream's end covers, and returns what took them.
    ///
    /// # Errors
    /// Those of [`LiveSink::release`].
    pub fn finish(mut self, verified: &Verified) -> io::Result<S> {
        self.release_all(verified.report().signature.as_ref())?;
        Ok(self.sink)
    }

    fn release_all(&mut self, signature: Option<&SignatureReport>) -> io::Result<()> {
        while let Some(image) = self.waiting.pop_front() {
            self.sink.release(self.released, &image, signature)?;
            self.released += 1;
        }
        Ok(())
    }
}

impl<S: LiveSink> ItemSink for Live<S> {
    fn start(&mut self, header: &Header) -> io::Result<()> {
        self.sink.start(header)
    }

    fn item(&mut self, manifest: &Authentic<Manifest>) -> io::Result<()> {
        self.sink.item(manifest)
    }

    fn data(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.sink.data(bytes)
    }

    fn item_end(&mut self, item: &Authentic<ItemReport>) -> io::Result<()> {
        self.sink.whole(item)?;
        self.waiting.push_back(item.clone());
        if self.signer_required {
            return Ok(());
        }
        self.release_all(None)
    }

    fn checkpoint(&mut self, signature: Option<&SignatureReport>) -> io::Result<()> {
        // Without a signature a checkpoint is nobody's word; a required signer's stream has none such.
        if self.signer_required && signature.is_none() {
            return Ok(());
        }
        self.release_all(signature)
    }
}
