//! [`AsyncOpenReader`]: `AsyncRead` and `AsyncSeek` over an image inside a sealed file.

use core::future::poll_fn;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::mpsc;

use tokio::io::{AsyncRead, AsyncSeek, ReadBuf};
use tokio::task::{JoinHandle, spawn_blocking};
use zeroize::Zeroizing;

use crate::content::{IndexEntry, Manifest};
use crate::io::error::ReadError;
use crate::io::open_reader::OpenReader;
use crate::stream::{Authentic, OpenOptions, SignatureReport};

use super::bridge::{Far, Near, bridge};
use super::turn::ended;

/// How many bytes of an image are opened ahead, at most to the end of their chunk.
const AHEAD: usize = 64 << 10;

/// Reads images out of a sealed stream in any order, as [`OpenReader`] does, from anything that is [`AsyncRead`] and
/// [`AsyncSeek`].
///
/// The work is the [`OpenReader`]'s, on a thread for blocking work while a call lasts; what carries the stream is read by
/// the task. What it gives is what the [`OpenReader`] gives: authentic, and with a required signer what the signer signed.
#[derive(Debug)]
pub struct AsyncOpenReader<R> {
    near: Near<R>,
    state: State,
    selected: Selected,
    /// What is being done may select another item.
    selecting: bool,
    signature: Option<SignatureReport>,
    /// Bytes that were opened and not handed out: where they come from while they are being opened, and how many went.
    opening: Option<mpsc::Receiver<Piece>>,
    ahead: Zeroizing<Vec<u8>>,
    taken: usize,
    /// Where in the image the next byte to hand out lies, and where it is to lie.
    position: u64,
    target: Option<SeekFrom>,
}

/// What was opened, or why not.
type Piece = (Zeroizing<Vec<u8>>, io::Result<usize>);

/// The reader that blocks.
type Inner = Box<OpenReader<Far>>;

#[derive(Debug)]
enum State {
    Idle(Inner),
    Working(JoinHandle<Option<Inner>>),
    Lost,
}

/// What is known of the selected item.
#[derive(Debug, Default)]
struct Selected {
    manifest: Option<Manifest>,
    len: u64,
}

impl Selected {
    fn of(inner: &OpenReader<Far>) -> Self {
        let manifest = inner.manifest();
        Self {
            manifest: manifest.map(|manifest| manifest.into_inner().clone()),
            len: inner.item_len(),
        }
    }
}

impl<R: AsyncRead + AsyncSeek + Unpin> AsyncOpenReader<R> {
    /// Opens a stream: its header and its end. The first item is selected; the index is read when it is needed.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn open(reader: R, options: &OpenOptions) -> Result<Self, ReadError> {
        let (near, far) = bridge(reader).await?;
        let options = options.clone();
        let (give, take) = mpsc::channel();
        let work = spawn_blocking(move || match OpenReader::open(far, &options) {
            Ok(inner) => Some(Box::new(inner)),
            Err(error) => {
                drop(give.send(error));
                None
            }
        });
        let mut opened = Self {
            near,
            state: State::Working(work),
            selected: Selected::default(),
            selecting: true,
            signature: None,
            opening: None,
            ahead: Zeroizing::default(),
            taken: 0,
            position: 0,
            target: None,
        };
        if let Err(error) = opened.idle().await {
            return Err(take.try_recv().unwrap_or(error));
        }
        opened.signature = opened.inner()?.signature().cloned();
        Ok(opened)
    }

    /// Lists the items. The first call reads the index, or walks from item to item where the stream has none. Cancel safe.
    ///
    /// # Errors
    /// [`ReadError`]; the call can be made again.
    pub async fn items(&mut self) -> Result<Vec<IndexEntry>, ReadError> {
        self.call(|inner| inner.items().map(<[IndexEntry]>::to_vec))
            .await?
    }

    /// Goes to the beginning of item `number`, counted from 0, and returns its manifest. Cancel safe if it is called again:
    /// a call that was dropped leaves the reader at the beginning of this item, or of the one before.
    ///
    /// # Errors
    /// As [`OpenReader::select`].
    pub async fn select(&mut self, number: usize) -> Result<Authentic<Manifest>, ReadError> {
        self.selecting(move |inner| inner.select(number)).await
    }

    /// Has `work` done that selects an item, and goes to its beginning.
    pub(super) async fn selecting<T: Send + 'static>(
        &mut self,
        work: impl FnOnce(&mut OpenReader<Far>) -> Result<T, ReadError> + Send + 'static,
    ) -> Result<T, ReadError> {
        self.idle().await?;
        // Nothing of one item may be taken for another's, even if nobody waits for what is begun here.
        let before = core::mem::take(&mut self.position);
        let before = self
            .target
            .replace(SeekFrom::Start(0))
            .unwrap_or(SeekFrom::Start(before));
        self.forget_ahead();
        self.selecting = true;
        let selected = self.call(work).await?;
        if selected.is_err() {
            self.target = Some(before);
        }
        selected
    }

    /// Reads the selected item's preview, if it has one, wherever the item is read at; see [`OpenReader::preview`]. Cancel safe.
    ///
    /// # Errors
    /// [`ReadError`]; the call can be made again.
    pub async fn preview(&mut self) -> Result<Option<Authentic<Vec<u8>>>, ReadError> {
        self.call(OpenReader::preview).await?
    }

    /// Returns the signature, which holds for all of the stream, where a signer is required.
    #[must_use]
    pub const fn signature(&self) -> Option<&SignatureReport> {
        self.signature.as_ref()
    }

    /// Returns the manifest of the selected item; none where the stream has no item.
    #[must_use]
    pub fn manifest(&self) -> Option<Authentic<&Manifest>> {
        self.selected.manifest.as_ref().map(Authentic::new)
    }

    /// Returns the length of the selected item's original in bytes.
    #[must_use]
    pub const fn item_len(&self) -> u64 {
        self.selected.len
    }

    /// Returns what carries the stream.
    #[must_use]
    pub fn into_inner(self) -> R {
        self.near.into_inner()
    }

    /// Has `work` done on a thread for blocking work, and reads for it meanwhile.
    async fn call<T: Send + 'static>(
        &mut self,
        work: impl FnOnce(&mut OpenReader<Far>) -> T + Send + 'static,
    ) -> Result<T, ReadError> {
        self.idle().await?;
        let taken = self.begin(work)?;
        self.idle().await?;
        taken.try_recv().map_err(|_| lost().into())
    }

    async fn idle(&mut self) -> Result<(), ReadError> {
        Ok(poll_fn(|cx| self.poll_idle(cx)).await?)
    }

    fn begin<T: Send + 'static>(
        &mut self,
        work: impl FnOnce(&mut OpenReader<Far>) -> T + Send + 'static,
    ) -> io::Result<mpsc::Receiver<T>> {
        let State::Idle(mut inner) = core::mem::replace(&mut self.state, State::Lost) else {
            return Err(lost());
        };
        let (give, take) = mpsc::channel();
        self.state = State::Working(spawn_blocking(move || {
            // Who asked may not want to know any more.
            drop(give.send(work(&mut inner)));
            Some(inner)
        }));
        Ok(take)
    }

    /// Reads for what is being done until it is done.
    fn poll_idle(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.state {
            State::Idle(_) => return Poll::Ready(Ok(())),
            State::Lost => return Poll::Ready(Err(lost())),
            State::Working(work) => {
                self.near.poll(cx);
                let done = ready!(Pin::new(work).poll(cx));
                self.state = State::Lost;
                if let Some(inner) = done.map_err(ended)? {
                    if core::mem::take(&mut self.selecting) {
                        self.selected = Selected::of(&inner);
                    }
                    self.state = State::Idle(inner);
                    return Poll::Ready(Ok(()));
                }
            }
        }
        Poll::Ready(Err(lost()))
    }

    fn inner(&mut self) -> io::Result<&mut OpenReader<Far>> {
        match &mut self.state {
            State::Idle(inner) => Ok(inner),
            _ => Err(lost()),
        }
    }

    fn forget_ahead(&mut self) {
        (self.opening, self.taken) = (None, 0);
        self.ahead = Zeroizing::default();
    }

    /// Has something to hand out, or nothing more to come.
    fn poll_ahead(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.taken < self.ahead.len() {
            return Poll::Ready(Ok(()));
        }
        if self.opening.is_none() {
            ready!(self.poll_idle(cx))?;
            let mut piece = core::mem::take(&mut self.ahead);
            self.opening = Some(self.begin(move |inner| {
                piece.resize(AHEAD, 0);
                let read = inner.read(&mut piece);
                piece.truncate(*read.as_ref().unwrap_or(&0));
                (piece, read)
            })?);
        }
        ready!(self.poll_idle(cx))?;
        let opened = self
            .opening
            .take()
            .and_then(|opened| opened.try_recv().ok());
        let (piece, read) = opened.ok_or_else(lost)?;
        (self.ahead, self.taken) = (piece, 0);
        Poll::Ready(read.map(drop))
    }

    /// Goes where the last seek said.
    fn poll_seek(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<u64>> {
        if let Some(target) = self.target {
            ready!(self.poll_idle(cx))?;
            self.target = None;
            self.forget_ahead();
            // What was opened ahead was not read, as far as the caller knows.
            let position = self.position;
            let inner = self.inner()?;
            inner.seek(SeekFrom::Start(position))?;
            self.position = inner.seek(target)?;
        }
        Poll::Ready(Ok(self.position))
    }
}

fn lost() -> io::Error {
    io::Error::other("the reader broke down")
}

impl<R: AsyncRead + AsyncSeek + Unpin> AsyncRead for AsyncOpenReader<R> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        ready!(this.poll_seek(cx))?;
        if buffer.remaining() == 0 {
            return Poll::Ready(Ok(()));
        }
        ready!(this.poll_ahead(cx))?;
        let rest = &this.ahead[this.taken..];
        let len = rest.len().min(buffer.remaining());
        buffer.put_slice(&rest[..len]);
        this.taken += len;
        this.position += len as u64;
        Poll::Ready(Ok(()))
    }
}

impl<R: AsyncRead + AsyncSeek + Unpin> AsyncSeek for AsyncOpenReader<R> {
    fn start_seek(mut self: Pin<&mut Self>, to: SeekFrom) -> io::Result<()> {
        self.target = Some(to);
        Ok(())
    }

    fn poll_complete(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<u64>> {
        self.poll_seek(cx)
    }
}
