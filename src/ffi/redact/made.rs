//! The way to and from the room `redact`.

use crate::redact::{self, Rect, RedactError, Redaction, Restores, UnredactError};
use crate::stream::{ImageDescription, OpenOptions, SealOptions};

use super::super::fail::Fail;
use super::super::handle::Boxed;
use super::super::memory::c_text;
use super::super::redaction::{Wanted, secimg_rect};
use super::super::report::{report_for_c, secimg_report};
use super::super::status::{
    SECIMG_ERR_CONTENT, SECIMG_ERR_FORMAT, SECIMG_ERR_INVALID_ARGUMENT, SECIMG_ERR_IO,
    SECIMG_ERR_LIMIT, SECIMG_ERR_NO_SEALED_PART, SECIMG_ERR_OTHER_PICTURE, SECIMG_ERR_UNSUPPORTED,
};
use super::super::unredact::UnredactedView;
use super::{RedactedView, SECIMG_RESTORES_FILE, SECIMG_RESTORES_PIXELS};

pub(super) fn redact(
    options: &SealOptions,
    wanted: &Wanted,
    description: &ImageDescription,
    image: &[u8],
) -> Result<RedactedView, Fail> {
    let redacted = redact::redact_bytes(image, description, &wanted.redaction(), options)?;
    Ok(RedactedView {
        image: redacted.image,
        beside: redacted.beside,
        width: redacted.width,
        height: redacted.height,
        rects: rects_for_c(&redacted.rects),
        restores: restores_for_c(redacted.restores),
        sealed_bytes: redacted.sealed_bytes,
        transfer_id: redacted.transfer_id,
    })
}

pub(in crate::ffi) fn unredact(
    options: &OpenOptions,
    picture: &[u8],
    beside: Option<&[u8]>,
) -> Result<UnredactedView, Fail> {
    let restored = match beside {
        Some(sealed) => redact::unredact_with(picture, sealed, options)?,
        None => redact::unredact(picture, options)?,
    };
    Ok(UnredactedView {
        image: restored.image,
        restores: restores_for_c(restored.restores),
        name: restored.name.as_deref().map(c_text),
        width: restored.width,
        height: restored.height,
        rects: rects_for_c(&restored.rects),
        report: Boxed::new::<secimg_report>(report_for_c(restored.report)),
    })
}

pub(in crate::ffi) fn sealed_part(png: &[u8]) -> Result<&[u8], Fail> {
    Ok(redact::sealed_part(png)?)
}

impl Wanted {
    fn redaction(&self) -> Redaction {
        let rects = self.rects.iter();
        // A rectangle without a pixel was refused when it was added.
        let rects = rects.filter_map(|r| Rect::new(r.x, r.y, r.width, r.height));
        let mut redaction = Redaction::new().rects(rects).fill(self.fill);
        if self.whole {
            redaction = redaction.whole();
        }
        if self.beside {
            redaction = redaction.beside();
        }
        redaction
    }
}

fn rects_for_c(rects: &[Rect]) -> Vec<secimg_rect> {
    let for_c = |rect: &Rect| secimg_rect {
        x: rect.x(),
        y: rect.y(),
        width: rect.width(),
        height: rect.height(),
    };
    rects.iter().map(for_c).collect()
}

const fn restores_for_c(restores: Restores) -> u32 {
    match restores {
        Restores::Pixels => SECIMG_RESTORES_PIXELS,
        Restores::File => SECIMG_RESTORES_FILE,
    }
}

impl From<RedactError> for Fail {
    fn from(error: RedactError) -> Self {
        let status = match error {
            RedactError::Seal(error) => return error.into(),
            RedactError::NoRect | RedactError::Outside(..) => SECIMG_ERR_INVALID_ARGUMENT,
            RedactError::TooManyRects(_) | RedactError::TooLong(_) => SECIMG_ERR_LIMIT,
            RedactError::Write(_) => SECIMG_ERR_IO,
            RedactError::Format(_)
            | RedactError::Decode(_)
            | RedactError::Samples
            | RedactError::ManyPictures
            | RedactError::Redacted
            | RedactError::Converted(_)
            | RedactError::Encode(_) => SECIMG_ERR_UNSUPPORTED,
        };
        Self::of(status, &error)
            .saying("--whole", "secimg_redaction_set_whole")
            .saying("--sidecar", "secimg_redaction_set_beside")
    }
}

impl From<UnredactError> for Fail {
    fn from(error: UnredactError) -> Self {
        let status = match error {
            UnredactError::Open(error) => return error.into(),
            UnredactError::NotPng | UnredactError::NoSealedPart => SECIMG_ERR_NO_SEALED_PART,
            UnredactError::Damaged(..) => SECIMG_ERR_FORMAT,
            UnredactError::NotARedaction(_) => SECIMG_ERR_CONTENT,
            UnredactError::OtherPicture => SECIMG_ERR_OTHER_PICTURE,
            UnredactError::Decode(_) | UnredactError::Encode(_) => SECIMG_ERR_UNSUPPORTED,
        };
        Self::of(status, &error).saying("--sidecar", "beside")
    }
}
