//! How much memory a process has.

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
