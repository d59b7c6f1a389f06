//! How much memory a process has, and how much processor time it has had.

use core::time::Duration;
use std::fs;

/// A figure of a process in KiB; 0 where the system does not tell.
pub(crate) fn of(process: &str, field: &str) -> u64 {
    let figure = || {
        let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix(field))?;
        let text = line.trim_start_matches(':').trim();
        text.strip_suffix("kB")?.trim().parse().ok()
    };
    figure().unwrap_or(0)
}

pub(crate) fn own(field: &str) -> u64 {
    of("self", field)
}

/// The longest that it was begins anew.
pub(crate) fn forget_own_peak() {
    // Where this is not allowed the peak is that of everything before.
    let _: std::io::Result<()> = fs::write("/proc/self/clear_refs", "5");
}

pub(crate) fn mib(kib: u64) -> f64 {
    kib as f64 / 1024.0
}

/// The processor time of a process so far, its threads' together; nothing where the system does not tell.
pub(crate) fn processor_time(process: &str) -> Duration {
    let ticks = || {
        let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
        // The name may hold anything but ends with the last parenthesis.
        let (_, fields) = stat.rsplit_once(") ")?;
        let mut fields = fields.split(' ').skip(11);
        let mut ticks = || fields.next()?.parse::<u64>().ok();
        Some(ticks()? + ticks()?)
    };
    // A hundred ticks a second, on every Linux.
    Duration::from_millis(10 * ticks().unwrap_or(0))
}
