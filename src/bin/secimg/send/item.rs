//! An image that was sent, as it is reported, now or by a later run that knows only its job.

use serde_json::{Value, json};

use crate::label::{Label, shown};
use crate::output::{SealedItem, hex, removed_json};

/// What is said of an image.
#[derive(Debug)]
pub(super) struct SentItem {
    pub(super) input: Label,
    /// For programs.
    pub(super) json: Value,
    pub(super) warnings: Vec<String>,
}

impl From<SealedItem> for SentItem {
    fn from(item: SealedItem) -> Self {
        Self {
            json: json!({
                "name": item.manifest.name,
                "media_type": item.manifest.media_type,
                "bytes": item.bytes,
                "sha256": item.sha256.map(|hash| hex(&hash)),
                "width": item.manifest.claimed_width,
                "height": item.manifest.claimed_height,
                "frames": item.manifest.claimed_frames,
                "output": null,
                "removed": item.removed.as_deref().map(removed_json),
            }),
            input: item.input,
            warnings: item.warnings,
        }
    }
}

impl SentItem {
    /// For people: how many bytes it had, and its SHA-256.
    pub(super) fn facts(&self) -> (u64, &str) {
        let bytes = self.json["bytes"].as_u64().unwrap_or_default();
        (bytes, self.json["sha256"].as_str().unwrap_or_default())
    }

    /// What a job keeps of it.
    pub(super) fn kept(&self) -> Value {
        json!({ "input": self.input.raw, "item": self.json, "warnings": self.warnings })
    }

    /// Takes what [`SentItem::kept`] gave.
    pub(super) fn of_kept(value: &Value) -> Option<Self> {
        let input = value["input"].as_str()?;
        let warnings = value["warnings"].as_array()?.iter();
        Some(Self {
            input: Label {
                shown: shown(input.as_ref()),
                raw: input.to_owned(),
            },
            json: value["item"].clone(),
            warnings: warnings
                .map(|w| Some(w.as_str()?.to_owned()))
                .collect::<Option<_>>()?,
        })
    }
}
