//! A bridge: code that blocks reads what only a task can read.
//!
//! The far side runs on a thread for blocking work and asks; the near side runs in the task and answers. When the near
//! side is dropped, whoever waits on the far side gets an error at once, so no thread outlives the reader for long.

use core::pin::Pin;
use core::task::{Context, Poll, ready};
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::mpsc as answers;

use tokio::io::{AsyncRead, AsyncSeek, AsyncSeekExt, ReadBuf};
use tokio::sync::mpsc as questions;

/// Asks for bytes from `offset` on, as many as the buffer holds.
#[derive(Debug)]
struct Question {
    offset: u64,
    buffer: Vec<u8>,
}

/// The buffer, and how much of it was read.
type Answer = (Vec<u8>, io::Result<usize>);

/// The side that blocks.
#[derive(Debug)]
pub(super) struct Far {
    questions: questions::UnboundedSender<Question>,
    answers: answers::Receiver<Answer>,
    position: u64,
    len: u64,
    /// Goes to and fro, so that a read costs no allocation.
    buffer: Vec<u8>,
}

impl Far {
    fn gone<T>(_: T) -> io::Error {
        io::Error::new(io::ErrorKind::BrokenPipe, "the reader was dropped")
    }
}

impl Read for Far {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let mut buffer = core::mem::take(&mut self.buffer);
        buffer.resize(into.len(), 0);
        let question = Question {
            offset: self.position,
            buffer,
        };
        self.questions.send(question).map_err(Self::gone)?;
        let (buffer, read) = self.answers.recv().map_err(Self::gone)?;
        self.buffer = buffer;
        let read = read?;
        into[..read].copy_from_slice(&self.buffer[..read]);
        self.position += read as u64;
        Ok(read)
    }
}

impl Seek for Far {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let position = match to {
            SeekFrom::Start(offset) => Some(offset),
            SeekFrom::End(delta) => self.len.checked_add_signed(delta),
            SeekFrom::Current(delta) => self.position.checked_add_signed(delta),
        };
        self.position = position.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.position)
    }
}

/// The side that a task drives.
#[derive(Debug)]
pub(super) struct Near<R> {
    reader: R,
    questions: questions::UnboundedReceiver<Question>,
    answers: answers::Sender<Answer>,
    open: Option<(Question, Stage)>,
    /// Where the reader stands, where that is known.
    position: Option<u64>,
}

#[derive(Debug, Clone, Copy)]
enum Stage {
    Asked,
    Seeking,
    Reading,
}

/// Joins the two sides of a reader, whose length is found by seeking.
pub(super) async fn bridge<R: AsyncRead + AsyncSeek + Unpin>(
    mut reader: R,
) -> io::Result<(Near<R>, Far)> {
    let len = reader.seek(SeekFrom::End(0)).await?;
    let (ask, questions) = questions::unbounded_channel();
    let (answer, answers) = answers::channel();
    let far = Far {
        questions: ask,
        answers,
        position: 0,
        len,
        buffer: Vec::new(),
    };
    let near = Near {
        reader,
        questions,
        answers: answer,
        open: None,
        position: None,
    };
    Ok((near, far))
}

impl<R: AsyncRead + AsyncSeek + Unpin> Near<R> {
    /// Answers what is asked, and waits for more: it is never done.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) {
        loop {
            if self.open.is_none() {
                let Poll::Ready(Some(question)) = self.questions.poll_recv(cx) else {
                    return;
                };
                self.open = Some((question, Stage::Asked));
            }
            let Poll::Ready(read) = self.poll_answer(cx) else {
                return;
            };
            if read.is_err() {
                self.position = None;
            }
            if let Some((question, _)) = self.open.take() {
                // Who asked waits for this, or is gone.
                drop(self.answers.send((question.buffer, read)));
            }
        }
    }

    fn poll_answer(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let Some((question, stage)) = &mut self.open else {
            return Poll::Ready(Ok(0));
        };
        let mut reader = Pin::new(&mut self.reader);
        loop {
            match stage {
                Stage::Asked if self.position == Some(question.offset) => *stage = Stage::Reading,
                Stage::Asked => {
                    reader
                        .as_mut()
                        .start_seek(SeekFrom::Start(question.offset))?;
                    self.position = None;
                    *stage = Stage::Seeking;
                }
                Stage::Seeking => {
                    self.position = Some(ready!(reader.as_mut().poll_complete(cx))?);
                    *stage = Stage::Reading;
                }
                Stage::Reading => {
                    let mut buffer = ReadBuf::new(&mut question.buffer);
                    ready!(reader.as_mut().poll_read(cx, &mut buffer))?;
                    let read = buffer.filled().len();
                    self.position = self.position.map(|at| at + read as u64);
                    return Poll::Ready(Ok(read));
                }
            }
        }
    }

    pub(super) fn into_inner(self) -> R {
        self.reader
    }
}
