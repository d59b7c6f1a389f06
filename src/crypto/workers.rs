//! The threads that chunks are shared among.

use core::num::NonZeroUsize;
#[cfg(feature = "parallel")]
use std::sync::{Mutex, OnceLock, PoisonError};

/// Chunks are shared out in multiples of this, so that no thread has lanes without work.
const LANES: usize = 4;

/// More threads than this never have work: so many chunks are sealed or opened together, several to a thread.
const MOST: NonZeroUsize = NonZeroUsize::new(16).unwrap();

/// As many threads as the caller allows, each busy with chunks of one stream.
///
/// Without the feature `parallel`, and with a limit of one, everything is done on the caller's thread. With more, the
/// threads are the stream's own: they start when there is work for a second one and end with the value.
#[derive(Debug)]
pub struct Workers {
    threads: NonZeroUsize,
    #[cfg(feature = "parallel")]
    pool: OnceLock<Option<rayon::ThreadPool>>,
}

impl Workers {
    /// Allows so many threads; more than 16 count as 16.
    #[must_use]
    pub const fn new(threads: NonZeroUsize) -> Self {
        let bounded = threads.get() > MOST.get();
        Self {
            threads: if bounded { MOST } else { threads },
            #[cfg(feature = "parallel")]
            pool: OnceLock::new(),
        }
    }

    /// The caller's thread alone.
    #[must_use]
    pub const fn one() -> Self {
        Self::new(NonZeroUsize::MIN)
    }

    /// Tells whether there is the caller's thread alone.
    #[must_use]
    pub const fn are_one(&self) -> bool {
        cfg!(not(feature = "parallel")) || self.threads.get() == 1
    }

    /// Returns how many of `chunks` one thread takes at a time: two turns for each thread, so that one that is held up
    /// holds up less.
    pub(super) fn share(&self, chunks: usize) -> usize {
        let turns = match self.threads.get() {
            1 => 1,
            threads => 2 * threads,
        };
        chunks.div_ceil(turns).next_multiple_of(LANES).max(LANES)
    }

    /// Does `work` for each part, in any order. The caller's thread takes parts as the others do: it is awake, and who
    /// wakes two others leaves it to chance whether they run on two processors.
    #[cfg_attr(
        not(feature = "parallel"),
        expect(clippy::unused_self, reason = "there are no other threads to ask")
    )]
    pub(super) fn each<T: Send>(
        &self,
        parts: impl Iterator<Item = T> + Send,
        work: impl Fn(T) + Sync,
    ) {
        #[cfg(feature = "parallel")]
        {
            let parts: Vec<T> = parts.collect();
            let pool = self.pool().filter(|_| parts.len() > 1);
            let helpers = pool.map_or(0, rayon::ThreadPool::current_num_threads);
            let parts = Mutex::new(parts.into_iter());
            let next = || parts.lock().unwrap_or_else(PoisonError::into_inner).next();
            let take_all = || {
                while let Some(part) = next() {
                    work(part);
                }
            };
            match pool {
                Some(pool) => pool.in_place_scope(|scope| {
                    for _ in 0..helpers {
                        scope.spawn(|_| take_all());
                    }
                    take_all();
                }),
                None => take_all(),
            }
        }
        #[cfg(not(feature = "parallel"))]
        parts.for_each(work);
    }

    /// Does both, beside each other where there is more than one thread.
    pub fn both(&self, first: impl FnOnce() + Send, second: impl FnOnce() + Send) {
        #[cfg(feature = "parallel")]
        if let Some(pool) = self.pool() {
            pool.in_place_scope(|scope| {
                scope.spawn(|_| first());
                second();
            });
            return;
        }
        first();
        second();
    }

    /// The threads beside the caller's, which start here. A system that gives none leaves everything to that.
    #[cfg(feature = "parallel")]
    fn pool(&self) -> Option<&rayon::ThreadPool> {
        if self.threads == NonZeroUsize::MIN {
            return None;
        }
        let start = || {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(self.threads.get() - 1);
            pool.thread_name(|n| format!("secimg-{n}")).build().ok()
        };
        self.pool.get_or_init(start).as_ref()
    }
}

#[cfg(test)]
mod tests;
