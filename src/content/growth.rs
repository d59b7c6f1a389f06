//! Growing a buffer of content: the usual way leaves the old bytes behind in freed memory.

use zeroize::Zeroize;

/// Appends; where the buffer must move, the place that it leaves is wiped.
pub(crate) fn append_wiping(buffer: &mut Vec<u8>, bytes: &[u8]) {
    make_room(buffer, bytes.len());
    buffer.extend_from_slice(bytes);
}

/// Appends zeros, in the same way.
pub(crate) fn append_zeros_wiping(buffer: &mut Vec<u8>, count: usize) {
    make_room(buffer, count);
    buffer.resize(buffer.len().saturating_add(count), 0);
}

fn make_room(buffer: &mut Vec<u8>, count: usize) {
    let needed = buffer.len().saturating_add(count);
    if needed <= buffer.capacity() {
        return;
    }
    let mut larger = Vec::with_capacity(needed.max(buffer.capacity().saturating_mul(2)));
    larger.extend_from_slice(buffer);
    buffer.zeroize();
    *buffer = larger;
}

#[cfg(test)]
mod tests {
    use super::*;

    /// That nothing is left behind is shown by `tests/zeroization`, which sees freed memory.
    #[test]
    fn what_was_appended_is_there() {
        let mut buffer = Vec::new();
        let mut expected = Vec::new();
        for round in 0..200_usize {
            let piece: Vec<u8> = (0..round % 50).map(|i| i.to_le_bytes()[0]).collect();
            append_wiping(&mut buffer, &piece);
            append_zeros_wiping(&mut buffer, round % 7);
            expected.extend_from_slice(&piece);
            expected.resize(expected.len() + round % 7, 0);
            assert_eq!(buffer, expected);
        }
    }
}
