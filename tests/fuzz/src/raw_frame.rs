//! The coder of raw frames: what it is given to decode is an error, or a frame of the size that was asked for; and what it
//! codes comes back.

use secimg::image::{
    ByteOrder, Compression, FrameError, FrameLayout, FrameMut, RawFrame, SampleType, Transform,
};

const POISON: u8 = 0xAA;

/// Input: type and order of the samples, samples per pixel, columns, rows; then coded bytes, which are samples as well.
pub fn raw_frame(data: &[u8]) {
    let Some(([kind, samples, columns, rows], rest)) = data.split_first_chunk() else {
        return;
    };
    let (sample_type, _) = SampleType::ALL[usize::from(kind & 3)];
    let order = match kind & 4 {
        0 => ByteOrder::Little,
        _ => ByteOrder::Big,
    };
    let layout = FrameLayout::new(
        u32::from(rows & 31) + 1,
        u32::from(columns & 63) + 1,
        sample_type,
    )
    .samples_per_pixel(samples % 4 + 1)
    .byte_order(order);
    hostile(&layout, rest);
    comes_back(&layout, rest);
}

fn hostile(layout: &FrameLayout, coded: &[u8]) {
    let row = usize::try_from(layout.row_bytes()).unwrap();
    let mut buffer = vec![POISON; (row + 1) * layout.rows as usize];
    let mut into = FrameMut::with_stride(&mut buffer, *layout, row + 1).unwrap();
    // No input has this digest.
    let refused = into.decode(layout, Transform::Rice1, coded, &[0; 32]);
    assert!(matches!(
        refused,
        Err(FrameError::Coding(_) | FrameError::Digest)
    ));
    for row in buffer.chunks(row + 1) {
        let (gap, samples) = row.split_last().unwrap();
        assert!(*gap == POISON && samples.iter().all(|byte| *byte == 0));
    }
}

fn comes_back(layout: &FrameLayout, bytes: &[u8]) {
    let len = usize::try_from(layout.packed_bytes()).unwrap();
    let samples: Vec<u8> = bytes.iter().copied().cycle().take(len).collect();
    if samples.len() < len {
        return;
    }
    let frame = RawFrame::new(&samples, *layout).unwrap();
    let (transform, coded) = frame.compress(Compression::Always).unwrap();
    assert!(coded.len() as u64 <= transform.most_bytes(layout));
    let mut back = vec![POISON; len];
    let mut into = FrameMut::new(&mut back, *layout).unwrap();
    into.decode(layout, transform, &coded, &frame.sha256())
        .unwrap();
    assert!(back == samples);
}
