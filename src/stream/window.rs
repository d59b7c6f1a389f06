//! How old a signature may be: the reader's policy, and the judgement of a signing time (SPEC section 8.4).

use core::time::Duration;

use super::error::OpenError;

/// A signing time may lie so many seconds before and behind the reader's present.
#[derive(Debug, Clone, Copy)]
pub(super) struct SigningWindow {
    past: u64,
    future: u64,
}

impl SigningWindow {
    pub(super) const fn new(past: Duration, future: Duration) -> Self {
        Self {
            past: past.as_secs(),
            future: future.as_secs(),
        }
    }

    /// Lays the window around the present.
    pub(super) const fn around(self, now: u64) -> SigningTimes {
        SigningTimes {
            earliest: now.saturating_sub(self.past),
            latest: now.saturating_add(self.future),
        }
    }
}

/// The signing times that a reader accepts, both ends among them.
#[derive(Debug, Clone, Copy)]
pub(super) struct SigningTimes {
    earliest: u64,
    latest: u64,
}

impl SigningTimes {
    /// Judges a signing time that is signed by somebody who is trusted. 0 says nothing, and is never recent.
    pub(super) const fn judge(self, time: u64) -> Result<(), OpenError> {
        if time == 0 || time < self.earliest || time > self.latest {
            return Err(OpenError::StaleSignature { time });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_edges_belong_to_the_window() {
        let window = SigningWindow::new(Duration::from_mins(10), Duration::from_millis(60_999));
        let times = window.around(1_000_000);
        for (time, fresh) in [
            (0, false),
            (1, false),
            (999_399, false),
            (999_400, true),
            (1_000_000, true),
            (1_000_060, true),
            (1_000_061, false),
            (u64::MAX, false),
        ] {
            assert_eq!(times.judge(time).is_ok(), fresh, "{time}");
        }
        // Before the clock's beginning there is nothing, and 0 stays unknown.
        let all = SigningWindow::new(Duration::MAX, Duration::MAX).around(5);
        assert!(all.judge(0).is_err() && all.judge(1).is_ok() && all.judge(u64::MAX).is_ok());
    }
}
