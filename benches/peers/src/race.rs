//! Contestants take turns, so that a noisy moment, a clock that slows down or a warm cache hits all of them.

use core::hint::black_box;
use core::time::Duration;
use std::time::Instant;

use crate::Result;
use crate::stats::length;

type Work<'a> = dyn FnMut(&mut [u8]) -> Result + 'a;

/// One of those that take turns. All write to the same output, which is touched before the first turn.
pub(crate) struct Runner<'a> {
    run: Box<Work<'a>>,
}

impl<'a> Runner<'a> {
    pub(crate) fn new(run: impl FnMut(&mut [u8]) -> Result + 'a) -> Self {
        Self { run: Box::new(run) }
    }

    /// Runs `repeats` times and returns the seconds of one.
    fn lap(&mut self, output: &mut [u8], repeats: usize) -> Result<f64> {
        let start = Instant::now();
        for _ in 0..repeats {
            (self.run)(black_box(&mut *output))?;
        }
        Ok(start.elapsed().as_secs_f64() / length(repeats))
    }
}

/// How long it goes on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    pub(crate) rounds: usize,
    /// What is over sooner is repeated within its turn until about so much time has passed: a clock cannot
    /// tell a few microseconds.
    pub(crate) turn: Duration,
}

/// Returns each contestant's seconds in each round.
///
/// One turn before the first round is not counted. Every second round goes backwards, so that nobody always
/// follows the same one.
pub(crate) fn race(
    runners: &mut [Runner<'_>],
    output: &mut [u8],
    plan: Plan,
) -> Result<Vec<Vec<f64>>> {
    let mut repeats = Vec::new();
    for runner in &mut *runners {
        runner.lap(output, 1)?;
        repeats.push(repeats_for(runner.lap(output, 1)?, plan.turn));
    }
    let mut seconds = vec![Vec::new(); runners.len()];
    for round in 0..plan.rounds {
        let mut order: Vec<usize> = (0..runners.len()).collect();
        if round % 2 == 1 {
            order.reverse();
        }
        for at in order {
            seconds[at].push(runners[at].lap(output, repeats[at])?);
        }
    }
    Ok(seconds)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a positive count, and the cast saturates"
)]
fn repeats_for(lap: f64, turn: Duration) -> usize {
    ((turn.as_secs_f64() / lap.max(1e-9)).ceil() as usize).clamp(1, 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::cell::RefCell;

    #[test]
    fn everybody_has_one_turn_a_round_and_the_order_turns_round() {
        let order = RefCell::new(Vec::new());
        let mut runners: Vec<Runner<'_>> = (0..3)
            .map(|name| {
                let order = &order;
                Runner::new(move |_| {
                    order.borrow_mut().push(name);
                    Ok(())
                })
            })
            .collect();
        let plan = Plan {
            rounds: 2,
            turn: Duration::ZERO,
        };
        let seconds = race(&mut runners, &mut [], plan).unwrap_or_default();
        drop(runners);
        assert!(seconds.iter().all(|rounds| rounds.len() == 2));
        assert_eq!(order.into_inner()[6..], [0, 1, 2, 2, 1, 0]);
    }
}
