//! Follows a script with the second writer.

use super::close::{Close, SignKey};
use super::make::{Keys, Maker, Shape, Stream, sha256};
use super::records::{self, DATA, DIGEST, Line, MANIFEST, record};
use super::script::{Script, Step, Who};

/// A stream, with what only its writer knows.
pub(crate) struct Made {
    pub(crate) stream: Stream,
    pub(crate) keys: Keys,
    pub(crate) originals: Vec<Vec<u8>>,
}

/// Writes the stream that any writer gives for this seed and script.
pub(crate) fn write(seed: &str, script: &Script) -> Made {
    let key = script
        .signer
        .as_ref()
        .map(|s| SignKey::read(s.key.trim_end_matches(".pem")));
    let shape = Shape {
        suite: script.suite,
        signed: key.is_some(),
        chunk_log2: script.chunk_log2,
    };
    let mut maker = Maker::with_context(seed, shape, &script.context);
    script.recipients.iter().for_each(|who| maker.add(who));
    let used = 1 + maker.entries.concat().len() + 32;
    maker.block_len = used.next_multiple_of(256).max(4096);
    let keys = maker.keys.clone();
    let (mut lines, mut originals) = (Vec::new(), Vec::new());
    for step in &script.steps {
        match step {
            Step::Flush => maker.flush(),
            Step::Checkpoint => maker.checkpoint(close(script, key.as_ref(), 0), key.as_ref()),
            Step::Item(item) => {
                let original = item.original.bytes();
                let mut line = Line::new(maker.offset(), &original, &item.name);
                maker.push(&record(MANIFEST, &records::manifest(&item.name)));
                maker.push(&record(DATA, &original));
                if script.digests {
                    maker.push(&record(DIGEST, &sha256(&original)));
                } else {
                    line.digest = None;
                }
                lines.push(line);
                originals.push(original);
            }
        }
    }
    let index_offset = if lines.is_empty() { 0 } else { maker.offset() };
    if !lines.is_empty() {
        maker.push(&records::index(&lines));
    }
    let close = close(script, key.as_ref(), index_offset);
    Made {
        stream: maker.finish(close, key.as_ref()),
        keys,
        originals,
    }
}

fn close(script: &Script, key: Option<&SignKey>, index_offset: u64) -> Close {
    let Some(key) = key else {
        return Close::unsigned(index_offset);
    };
    let files: Vec<&str> = script
        .recipients
        .iter()
        .filter_map(|who| {
            if let Who::Rsa(file) | Who::XWing(file) = who {
                Some(file.as_str())
            } else {
                None
            }
        })
        .collect();
    let time = script.signer.as_ref().map_or(0, |signed| signed.time);
    Close {
        time,
        ..Close::by(key, index_offset).meant_for(&files)
    }
}
