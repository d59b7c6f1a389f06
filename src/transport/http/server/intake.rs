//! The body of a request on its way into a part: as fast as the peer must be, and no longer than it may be.

use core::time::Duration;
use std::sync::Arc;
use std::time::Instant;

use axum::body::Body;
use http_body_util::BodyExt;
use hyper::body::Bytes;
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::ending::{Ending, Phase};
use super::problem::{self, Problem};
use super::slots::Turn;
use crate::transport::pace::Pace;
use crate::transport::parts::{Part, PartError};
use crate::transport::server::ServerLimits;

/// So many pieces may wait for the disk; the peer waits when there are more.
const WAITING: usize = 4;

/// How long a client that was refused may go on sending.
const DRAINING: Duration = Duration::from_secs(5);

/// What came of a body.
#[derive(Debug)]
pub(super) struct Taken {
    /// The part, with what came of the body, also after a problem.
    pub(super) part: Part,
    /// Why it was not all.
    pub(super) problem: Option<Problem>,
}

/// Adds a body to a part, at most `room` bytes, and waits until they are on the disk.
pub(super) async fn take(
    body: &mut Body,
    part: Part,
    room: u64,
    limits: &ServerLimits,
    turn: &Turn,
    ending: &Arc<Ending>,
) -> Result<Taken, Problem> {
    let (pieces, written) = write_behind(part);
    let came = tokio::select! {
        came = pour(body, pieces, room, limits) => came,
        () = turn.is_wanted() => Err(problem::BUSY),
        () = ending.reached(Phase::Cut) => Err(problem::STOPPING),
        () = until_full(ending) => Err(problem::STOPPING),
    };
    let (part, stored) = written.await.map_err(|_| problem::FAILED)?;
    let problem = match stored {
        Ok(()) => came.err(),
        Err(error) => Some(error.into()),
    };
    Ok(Taken { part, problem })
}

/// Reads on for a moment what a client still sends that was refused: a connection that is closed with bytes unread is
/// reset, and the reset can overtake the answer.
pub(super) async fn drain(mut body: Body) {
    let all = async { while let Some(Ok(_)) = body.frame().await {} };
    // It has had its moment.
    let _: Result<(), _> = timeout(DRAINING, all).await;
}

/// Who has no place any more need not go on; who is only to hurry may.
async fn until_full(ending: &Arc<Ending>) {
    ending.reached(Phase::Full).await;
    if ending.phase() != Phase::Full {
        core::future::pending::<()>().await;
    }
}

type Written = tokio::task::JoinHandle<(Part, Result<(), PartError>)>;

/// Starts a thread that writes what is sent to it, until there is nothing more.
fn write_behind(mut part: Part) -> (mpsc::Sender<Bytes>, Written) {
    let (sender, mut pieces) = mpsc::channel::<Bytes>(WAITING);
    let write = move || {
        while let Some(piece) = pieces.blocking_recv() {
            if let Err(error) = part.append(&piece) {
                return (part, Err(error));
            }
        }
        let synced = part.sync();
        (part, synced)
    };
    (sender, tokio::task::spawn_blocking(write))
}

async fn pour(
    body: &mut Body,
    pieces: mpsc::Sender<Bytes>,
    mut room: u64,
    limits: &ServerLimits,
) -> Result<(), Problem> {
    let mut hurry = Hurry::new(limits);
    while let Some(piece) = hurry.next(body).await? {
        let len = piece.len() as u64;
        let fits = len <= room;
        let piece = if fits {
            piece
        } else {
            piece.slice(..usize::try_from(room).unwrap_or(0))
        };
        // Nobody takes it any more: writing has failed, and says why.
        if pieces.send(piece).await.is_err() {
            return Ok(());
        }
        if !fits {
            return Err(problem::BEHIND_END);
        }
        room -= len;
    }
    Ok(())
}

/// Holds a peer to the idle timeout and to the lowest rate. Only the time that is spent waiting for it counts.
struct Hurry {
    pace: Pace,
    idle: Duration,
    waited: Duration,
    bytes: u64,
}

impl Hurry {
    const fn new(limits: &ServerLimits) -> Self {
        Self {
            pace: limits.pace(),
            idle: limits.idle_timeout,
            waited: Duration::ZERO,
            bytes: 0,
        }
    }

    /// The next bytes; nothing at the end of the body.
    async fn next(&mut self, body: &mut Body) -> Result<Option<Bytes>, Problem> {
        loop {
            let frame = self.frame(body).await?;
            match frame {
                None => return Ok(None),
                Some(Err(_)) => return Err(problem::BROKEN),
                // What stands behind a body in pieces is nothing that is asked for here.
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(bytes) if bytes.is_empty() => {}
                    Ok(bytes) => return Ok(Some(bytes)),
                    Err(_) => {}
                },
            }
        }
    }

    async fn frame(
        &mut self,
        body: &mut Body,
    ) -> Result<Option<Result<hyper::body::Frame<Bytes>, axum::Error>>, Problem> {
        let started = Instant::now();
        loop {
            let idle = self.idle.saturating_sub(started.elapsed());
            let left = if self.pace.rate == 0 {
                idle
            } else {
                self.pace.window.saturating_sub(self.waited).min(idle)
            };
            let before = Instant::now();
            let frame = timeout(left, body.frame()).await;
            self.waited += before.elapsed();
            if let Ok(Some(Ok(frame))) = &frame {
                self.bytes += frame.data_ref().map_or(0, Bytes::len) as u64;
            }
            if self.pace.rate > 0 && self.waited >= self.pace.window {
                if !self.pace.is_met_by(self.bytes) {
                    return Err(problem::TOO_SLOW);
                }
                (self.waited, self.bytes) = (Duration::ZERO, 0);
            }
            match frame {
                Ok(frame) => return Ok(frame),
                Err(_) if started.elapsed() >= self.idle => return Err(problem::TOO_SLOW),
                Err(_) => {}
            }
        }
    }
}
