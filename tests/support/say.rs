//! Lines that a passing test shows too. The test runner keeps `println!` and `eprintln!` to itself; a
//! count that nobody sees, or a check that was skipped in silence, is worth nothing.

/// Writes a line to standard error, past the test runner.
macro_rules! say {
    ($($text:tt)*) => {{
        use std::io::Write as _;
        let line = format!($($text)*);
        // A closed standard error is no reason to fail.
        let _: std::io::Result<()> = writeln!(std::io::stderr(), "{line}");
    }};
}
