//! What is read ahead and written behind is what is read and written, and failures are told.

use super::*;

fn bytes(len: usize) -> Vec<u8> {
    (0..len)
        .map(|i| (i * 13 + i / 1021).to_le_bytes()[0])
        .collect()
}

#[test]
fn what_is_read_ahead_is_what_is_there() {
    for len in [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 7 * BLOCK + 5] {
        let mut read = Vec::new();
        let mut reader = ReadAhead::new(io::Cursor::new(bytes(len)));
        reader.read_to_end(&mut read).unwrap();
        assert!(read == bytes(len), "{len}");
        assert_eq!(
            reader.read(&mut [0; 8]).unwrap(),
            0,
            "the end stays the end"
        );
    }
}

#[test]
fn what_is_written_behind_arrives() {
    for len in [0, 1, SHORT, SHORT + 1, SHORT + BLOCK, 9 * BLOCK + 5] {
        for piece in [1 << 12, 700_001, 5 << 20] {
            let mut writer = WriteBehind::new(Vec::new());
            bytes(len)
                .chunks(piece)
                .for_each(|piece| writer.write_all(piece).unwrap());
            writer.flush().unwrap();
            assert!(writer.finish().unwrap() == bytes(len), "{len} by {piece}");
        }
    }
}

#[test]
fn who_reads_no_further_is_left_alone() {
    drop(ReadAhead::new(io::repeat(7)));
}

/// Room for so many bytes, as on a disk that is nearly full.
struct Full(usize);

impl Write for Full {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0 < bytes.len() {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.0 -= bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_full_disk_is_told_once_by_its_name_and_then_again() {
    for room in [0, SHORT, SHORT + BLOCK, SHORT + 3 * BLOCK] {
        let mut writer = WriteBehind::new(Full(room));
        let whole = bytes(SHORT + 20 * BLOCK);
        let failure = whole
            .chunks(BLOCK / 2)
            .find_map(|piece| writer.write_all(piece).err());
        assert_eq!(
            failure.unwrap().kind(),
            io::ErrorKind::StorageFull,
            "{room}"
        );
        assert!(room == 0 || writer.write_all(b"more").is_err());
        assert!(room == 0 || writer.finish().is_err());
    }
    let mut writer = WriteBehind::new(Full(SHORT + BLOCK));
    let pieces = bytes(SHORT + BLOCK + 1);
    pieces
        .chunks(BLOCK)
        .for_each(|piece| writer.write_all(piece).unwrap());
    let failure = writer.finish().err().unwrap();
    assert_eq!(failure.kind(), io::ErrorKind::StorageFull, "at the latest");
}

struct Broken(usize);

impl Read for Broken {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.0 == 0 {
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        let len = self.0.min(buffer.len());
        self.0 -= len;
        Ok(len)
    }
}

#[test]
fn a_failed_read_is_told_by_its_name() {
    let mut read = Vec::new();
    let failure = ReadAhead::new(Broken(BLOCK + 3))
        .read_to_end(&mut read)
        .unwrap_err();
    assert_eq!(failure.kind(), io::ErrorKind::ConnectionReset);
}

/// Says when it is dropped, and takes its time.
struct Slow(std::sync::Arc<core::sync::atomic::AtomicBool>);

impl Write for Slow {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        thread::sleep(core::time::Duration::from_millis(20));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Slow {
    fn drop(&mut self) {
        self.0.store(true, core::sync::atomic::Ordering::SeqCst);
    }
}

/// A process that ends behind a refusal leaves no temporary file, because nobody still holds one.
#[test]
fn when_it_is_dropped_the_writer_is() {
    let gone = std::sync::Arc::new(core::sync::atomic::AtomicBool::new(false));
    let mut writer = WriteBehind::new(Slow(gone.clone()));
    writer.write_all(&bytes(SHORT)).unwrap();
    writer.write_all(&bytes(3 * BLOCK)).unwrap();
    drop(writer);
    assert!(gone.load(core::sync::atomic::Ordering::SeqCst));
}
