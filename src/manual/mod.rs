//! Manuals for programs that are not written in Rust.

pub mod c;
