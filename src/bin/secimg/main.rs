//! The `secimg` command.
fn main() {}
