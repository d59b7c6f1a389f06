//! Does with marked secrets what secimg does with secrets, and counts what valgrind has to say.
//!
//! `tests/constant_time/run.sh` builds this at two levels of optimisation and runs it.

mod rsa_key;
mod scenarios;
mod taint;

#[path = "../../zeroization/src/heap.rs"]
mod heap;

use std::process::ExitCode;

/// Name and what is done. The controls must be reported, and of the others what `named.txt` does not name must
/// not be.
type Scenario = (&'static str, fn());

const SCENARIOS: &[Scenario] = &[
    ("control: a branch on a secret", scenarios::branch),
    ("control: an address from a secret", scenarios::address),
    ("seal, AES-256-CBC with HMAC", scenarios::seal_cbc),
    ("seal, AES-256-GCM", scenarios::seal_gcm),
    (
        "unlock: key, commitment, MAC of the block",
        scenarios::unlock,
    ),
    (
        "unlock: a key that does not unwrap",
        scenarios::unlock_wrong_key,
    ),
    (
        "unlock: a key that unwraps another key",
        scenarios::unlock_wrong_cek,
    ),
    ("open, AES-256-CBC with HMAC", scenarios::open_cbc),
    ("open, AES-256-GCM", scenarios::open_gcm),
    ("open: tags that do not hold", scenarios::open_changed),
    ("open: padding under a right tag", scenarios::open_padding),
    ("RSA-OAEP: unwrap", rsa_key::unwrap),
    ("RSA-OAEP: a damaged body", rsa_key::unwrap_damaged),
];

fn main() -> ExitCode {
    if !taint::is_watched() {
        eprintln!("this says nothing outside of valgrind: use run.sh");
        return ExitCode::FAILURE;
    }
    for (name, scenario) in SCENARIOS {
        // Valgrind reports to the same place, so that each report stands behind its scenario.
        eprintln!("## {name}");
        scenario();
    }
    ExitCode::SUCCESS
}
