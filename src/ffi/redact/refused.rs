//! A library without decoders: pictures are neither redacted nor restored.

use crate::stream::{ImageDescription, OpenOptions, SealOptions};

use super::super::fail::Fail;
use super::super::redaction::Wanted;
use super::super::unredact::UnredactedView;
use super::RedactedView;

const fn refused() -> Fail {
    Fail::unsupported("this library was built without decoders, and redacts nothing")
}

pub(super) const fn redact(
    _: &SealOptions,
    _: &Wanted,
    _: &ImageDescription,
    _: &[u8],
) -> Result<RedactedView, Fail> {
    Err(refused())
}

pub(in crate::ffi) const fn unredact(
    _: &OpenOptions,
    _: &[u8],
    _: Option<&[u8]>,
) -> Result<UnredactedView, Fail> {
    Err(refused())
}

pub(in crate::ffi) const fn sealed_part(_: &[u8]) -> Result<&[u8], Fail> {
    Err(refused())
}
