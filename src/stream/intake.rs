//! The intake of an opener: collects whole frames out of any pieces.

use zeroize::Zeroize;

use crate::format::{
    FRAME_HEADER_LEN, FormatError, FormatErrorKind, FrameHeader, FrameKind, Geometry, Limits,
};

use super::frames::batch_chunks;

/// Collects whole frames, and takes no byte behind FINAL.
pub(super) struct Intake {
    pub(super) buffer: Vec<u8>,
    pub(super) have: usize,
    /// Where the frame that is being collected begins, and its length once its header is there.
    frame: usize,
    frame_len: Option<(FrameKind, usize)>,
    /// Whole CHUNK frames from the buffer's start.
    pub(super) chunks: usize,
    /// FINAL's length, once it is there; it stands behind the chunks.
    pub(super) last: Option<usize>,
    /// Index of the first frame in the buffer, and its offset in the stream.
    pub(super) index: u64,
    pub(super) offset: u64,
    /// How far into the buffer anything was ever written: what lies behind needs no wiping, and a
    /// small stream does not pay for a large buffer.
    touched: usize,
}

impl Intake {
    pub(super) fn new(geometry: Geometry, offset: u64) -> Self {
        Self {
            buffer: vec![0; batch_chunks(geometry) * geometry.stride()],
            have: 0,
            frame: 0,
            frame_len: None,
            chunks: 0,
            last: None,
            index: 0,
            offset,
            touched: 0,
        }
    }

    /// Takes input up to a full buffer, the end of FINAL, or a frame that cannot be.
    pub(super) fn fill(
        &mut self,
        input: &[u8],
        geometry: Geometry,
        limits: &Limits,
    ) -> (usize, Option<FormatError>) {
        let mut used = 0;
        while self.last.is_none() {
            let wanted = self.frame_len.map_or(FRAME_HEADER_LEN, |(_, len)| len);
            let end = self.frame + wanted;
            if end > self.buffer.len() {
                break;
            }
            let take = (end - self.have).min(input.len() - used);
            self.buffer[self.have..self.have + take].copy_from_slice(&input[used..used + take]);
            self.have += take;
            self.touched = self.touched.max(self.have);
            used += take;
            if self.have < end {
                break;
            }
            if let Err(error) = self.frame_step(geometry, limits) {
                return (used, Some(error));
            }
        }
        (used, None)
    }

    /// A header became whole, or a frame did.
    fn frame_step(&mut self, geometry: Geometry, limits: &Limits) -> Result<(), FormatError> {
        if let Some((kind, len)) = self.frame_len.take() {
            if kind == FrameKind::Final {
                self.last = Some(len);
            } else {
                self.frame += len;
                self.chunks += 1;
            }
            return Ok(());
        }
        let at = self.offset + self.frame as u64;
        let mut head = [0; FRAME_HEADER_LEN];
        head.copy_from_slice(&self.buffer[self.frame..self.frame + FRAME_HEADER_LEN]);
        let header = FrameHeader::parse(head, at)?;
        geometry.check_payload_frame(header, at)?;
        geometry.check_index(self.index + self.chunks as u64, at)?;
        let len = FRAME_HEADER_LEN + header.length as usize;
        if at + len as u64 > limits.stream_bytes {
            return Err(FormatError::at(
                FormatErrorKind::CallerLimit(limits.stream_bytes),
                at,
            ));
        }
        self.frame_len = Some((header.kind, len));
        Ok(())
    }

    /// Returns how many bytes the CHUNK frame that is begun still lacks: none where no frame is begun, and nothing where
    /// it is not known what it will be.
    pub(super) const fn missing(&self) -> Option<usize> {
        match self.frame_len {
            _ if self.have == 0 => Some(0),
            Some((FrameKind::Chunk, len)) if self.frame == 0 => Some(len - self.have),
            _ => None,
        }
    }

    /// Tells whether `frame` begins with the header of a CHUNK that may stand `number` frames behind the buffer's start.
    pub(super) fn accepts(
        &self,
        frame: &[u8],
        number: usize,
        geometry: Geometry,
        limits: &Limits,
    ) -> bool {
        let at = self.offset + (number * geometry.stride()) as u64;
        let head = frame.first_chunk().ok_or(());
        let header = head.and_then(|head| FrameHeader::parse(*head, at).map_err(|_| ()));
        header.is_ok_and(|header| {
            header.kind == FrameKind::Chunk
                && geometry.check_payload_frame(header, at).is_ok()
                && geometry.check_index(self.index + number as u64, at).is_ok()
                && at + geometry.stride() as u64 <= limits.stream_bytes
        })
    }

    /// Says that `frames` CHUNK frames, the one in the buffer among them, were opened elsewhere.
    pub(super) fn pass(&mut self, frames: usize, geometry: Geometry) {
        (self.have, self.frame, self.chunks) = (0, 0, 0);
        self.index += frames as u64;
        self.offset += (frames * geometry.stride()) as u64;
    }

    /// Moves what stands behind `frames` opened frames to the buffer's start.
    pub(super) fn discard(&mut self, frames: usize, geometry: Geometry) {
        let len = frames * geometry.stride();
        self.buffer.copy_within(len..self.have, 0);
        self.have -= len;
        self.frame -= len;
        self.chunks -= frames;
        self.index += frames as u64;
        self.offset += len as u64;
    }
}

impl Intake {
    /// Wipes everything that was ever in the buffer.
    pub(super) fn wipe(&mut self) {
        self.buffer[..self.touched].zeroize();
    }
}

impl Drop for Intake {
    fn drop(&mut self) {
        self.wipe();
    }
}
