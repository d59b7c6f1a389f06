//! The rows of the table.

mod hostile;
mod kills;
mod load;
mod peers;
mod sessions;
mod storage;
mod strangers;

use crate::bench::Bench;
use crate::table::Row;

/// What runs one row.
type Run = fn(&Bench, &mut Row);

/// Every row. To add one: a file, and a line here.
pub(crate) const ROWS: &[(&str, Run)] = &[
    ("peers", peers::run),
    ("strangers", strangers::run),
    ("load", load::run),
    ("storage", storage::run),
    ("sessions", sessions::run),
    ("killed-receiver", kills::receiver),
    ("killed-sender", kills::sender),
];

/// Those that go on until the time is up.
pub(crate) const TIMED: &[&str] = &["sessions", "killed-receiver", "killed-sender"];
