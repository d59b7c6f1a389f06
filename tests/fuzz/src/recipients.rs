//! The recipient block: what is accepted has one encoding.

use secimg::format::{RECIPIENTS_MAC_LEN, RecipientsBlock};

/// Input: a body; also read as what stands before the padding and the MAC, which few mutations keep whole.
pub fn recipients(data: &[u8]) {
    parse(data);
    let mut padded = data.to_vec();
    padded.resize((data.len() + RECIPIENTS_MAC_LEN).next_multiple_of(256), 0);
    parse(&padded);
}

fn parse(body: &[u8]) {
    let Ok(block) = RecipientsBlock::parse(body, 85) else {
        return;
    };
    let frame = block.to_frame();
    assert_eq!(&frame[4..], body);
    assert_eq!(block.frame_len(), frame.len());
    assert!((1..=32).contains(&block.entries.len()));
    // The block remembers its bytes, so it is made again of what was understood: zeros aside, the same.
    let built = RecipientsBlock::build(&block.entries).unwrap();
    assert_eq!(built.entries, block.entries);
    let (mut one, mut other) = (built.authenticated(), block.authenticated());
    if one.len() < other.len() {
        (one, other) = (other, one);
    }
    let zeros = one.strip_prefix(other).unwrap();
    assert!(zeros.iter().all(|&byte| byte == 0));
}
