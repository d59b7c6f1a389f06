//! What was set is told.

use super::*;
use crate::keys::{GenerateKind, PrivateKey};

#[test]
fn a_signer_and_a_time_are_told_as_they_were_set() {
    let key = PrivateKey::generate(GenerateKind::Ed25519).unwrap();
    let options = SealOptions::new();
    assert!(options.get_signer().is_none() && !options.has_signing_time());
    let options = options.signer(key.signer().unwrap()).signing_time(1);
    let signer = options.get_signer().unwrap();
    assert_eq!(signer.spki(), key.signer().unwrap().spki());
    assert!(options.has_signing_time());
    assert!(!options.signing_time(0).has_signing_time());
}

#[test]
fn what_is_still_needed_is_told() {
    let options = OpenOptions::new();
    assert!(!options.requires_signer() && !options.needs_spool() && !options.needs_now());
    assert!(matches!(options.signing_times(), Ok(None)));

    let options = options.signed_within(Duration::from_mins(1), Duration::ZERO);
    assert!(!options.requires_signer() && options.needs_now());
    let needs = |options: &OpenOptions| match options.signing_times() {
        Err(OpenError::WindowNeeds(what)) => Some(what),
        _ => None,
    };
    assert_eq!(needs(&options), Some("a required signer"));

    let options = options.require_signer(TrustedSigners::default());
    assert!(options.requires_signer() && options.needs_spool());
    assert_eq!(needs(&options), Some("the present time"));

    let options = options.spooled().now(1000);
    assert!(options.requires_signer() && !options.needs_spool() && !options.needs_now());
    let times = options.signing_times().unwrap().unwrap();
    assert!(times.judge(940).is_ok() && times.judge(939).is_err() && times.judge(1001).is_err());
    assert!(options.set_spooled(false).needs_spool());
}
