//! Threads that work beside each other, and how much each of them gets.

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
    use core::time::Duration;
    use std::time::Instant;

    let arrived = core::sync::atomic::AtomicUsize::new(0);
    let meet = || {
        let before = arrived.fetch_add(1, core::sync::atomic::Ordering::SeqCst);
        let (both, start) = (before / 2 * 2 + 2, Instant::now());
        while arrived.load(core::sync::atomic::Ordering::SeqCst) < both {
            assert!(start.elapsed() < Duration::from_mins(1), "alone");
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

/// The caller's thread is one of those that the caller allows.
#[cfg(feature = "parallel")]
#[test]
fn no_more_threads_start_than_are_allowed() {
    for threads in [1, 2, 3, 5] {
        let workers = Workers::new(NonZeroUsize::new(threads).unwrap());
        let beside = workers
            .pool()
            .map_or(0, rayon::ThreadPool::current_num_threads);
        assert_eq!(beside + 1, threads);
    }
}
