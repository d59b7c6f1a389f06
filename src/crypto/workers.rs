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
mod tests {
    use super::*;

    #[test]
    fn a_number_that_nobody_means_starts_no_more_threads_than_have_work() {
        let workers = Workers::new(NonZeroUsize::MAX);
        let sum = core::sync::atomic::AtomicUsize::new(0);
        workers.each(0..100, |part| {
            sum.fetch_add(part, core::sync::atomic::Ordering::SeqCst);
        });
        assert_eq!(sum.into_inner(), 4950);
        assert!(workers.threads <= MOST);
        assert_eq!(workers.are_one(), cfg!(not(feature = "parallel")));
    }

    /// Two who wait for each other meet only where two threads run.
    #[cfg(feature = "parallel")]
    #[test]
    fn parts_are_done_beside_each_other() {
        use std::time::{Duration, Instant};

        let arrived = core::sync::atomic::AtomicUsize::new(0);
        let meet = || {
            let before = arrived.fetch_add(1, core::sync::atomic::Ordering::SeqCst);
            let (both, start) = (before / 2 * 2 + 2, Instant::now());
            while arrived.load(core::sync::atomic::Ordering::SeqCst) < both {
                assert!(start.elapsed() < Duration::from_secs(60), "alone");
                std::thread::yield_now();
            }
        };
        let workers = Workers::new(NonZeroUsize::new(2).unwrap());
        workers.each(0..2, |_| meet());
        workers.both(meet, meet);
        assert_eq!(arrived.into_inner(), 4);
    }

    #[test]
    fn a_share_is_whole_batches_and_each_thread_gets_two() {
        let share = |threads: usize, chunks: usize| {
            Workers::new(NonZeroUsize::new(threads).unwrap()).share(chunks)
        };
        assert_eq!([share(1, 0), share(1, 1), share(3, 1)], [LANES; 3]);
        assert_eq!(share(1, 12 * LANES), 12 * LANES);
        assert_eq!(share(3, 12 * LANES), 2 * LANES);
        assert_eq!(share(3, 12 * LANES + 1), 3 * LANES);
    }
}
