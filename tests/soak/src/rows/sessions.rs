//! Seeded sessions over faulty links, until the time is up.

use core::sync::atomic::{AtomicU64, Ordering};
use std::sync::Mutex;
use std::thread;
use std::time::Instant;

use crate::bench::Bench;
use crate::house::Sealed;
use crate::sessions::{Session, session};
use crate::table::Row;

/// Sessions mostly wait for each other's threads: more at once than processors.
const WORKERS: usize = 6;

pub(crate) fn run(bench: &Bench, row: &mut Row) {
    let stream = Sealed::new();
    let end = Instant::now() + bench.time;
    let next = AtomicU64::new(0);
    let all = Mutex::new((0_u64, Session::default(), Vec::new()));
    thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                while Instant::now() < end {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let outcome = session(bench.seed.wrapping_add(number), &stream);
                    let mut all = all.lock().expect("no panic");
                    all.0 += 1;
                    match outcome {
                        Ok(session) => all.1.add(session),
                        Err(what) => all.2.push(what),
                    }
                }
            });
        }
    });
    let (sessions, sum, wrong) = all.into_inner().expect("no panic");
    row.figure(format!(
        "{} of {sessions} sessions right, {} connections: {} delivered, {} changed on the way and refused, {} wrong or hung",
        sessions - wrong.len() as u64,
        sum.connections,
        sum.delivered,
        sum.refused,
        wrong.len()
    ));
    for what in wrong {
        row.is_wrong(what);
    }
}
