//! The kit: what makes it, what opens it, what seals it.

pub(crate) mod case;
pub(crate) mod close;
pub(crate) mod entries;
pub(crate) mod file;
pub(crate) mod index;
pub(crate) mod make;
pub(crate) mod open;
pub(crate) mod records;
pub(crate) mod rng;
pub(crate) mod rules;
pub(crate) mod scenarios;
pub(crate) mod script;
pub(crate) mod seal;
pub(crate) mod transfer;
pub(crate) mod write;
