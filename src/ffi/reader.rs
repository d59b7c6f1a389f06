//! Any byte of any image of a stream.

use core::ffi::c_char;
use core::ptr;
use std::ffi::CString;
use std::io::{Cursor, ErrorKind, Read, Seek, SeekFrom};

use crate::image::FrameMut;
use crate::io::OpenReader;
use crate::stream::{Authentic, OpenOptions};

use super::fail::Fail;
use super::guard::{guard, release, value};
use super::handle::{Handle, borrow, borrow_mut, create, free};
use super::manifest::{LentManifest, manifest_for_c, secimg_manifest};
use super::memory::{Output, bytes, clear_buf, give_buf, put, put_bytes, secimg_buf};
use super::open_options::secimg_open_options;
use super::signer::SECIMG_SIGNATURE_NONE;
use super::source::{ReadSeek, Source, secimg_source};
use super::status::secimg_status;
use super::texts::{text_at, texts};

/// Reads images out of a sealed stream in any order, opening only the chunks that are asked for.
///
/// Without a required signer, what it gives is authentic: some holder of the key made it. With one, all tags are read
/// first (all chunks, in the GCM suite), the signature is verified, and everything that is read is what the signer
/// signed. An error of reading or seeking does not end it: the call can be made again.
#[derive(Debug)]
pub struct secimg_reader {
    _opaque: [u8; 0],
}

pub(super) struct Reader {
    images: OpenReader<Box<dyn ReadSeek>>,
    /// The caller's memory, where the stream lies in it.
    memory: &'static [u8],
    names: Vec<CString>,
    media_types: Vec<CString>,
    lengths: Vec<u64>,
    manifest: Option<LentManifest>,
    selected: usize,
    position: u64,
}

impl Handle for secimg_reader {
    type Inner = Reader;
    const TAG: u32 = 0x5EC1_0013;
}

impl Reader {
    fn open(
        source: Box<dyn ReadSeek>,
        memory: &'static [u8],
        options: &OpenOptions,
    ) -> Result<Self, Fail> {
        let mut images = OpenReader::open(source, options)?;
        // Here and not later: what C asks of the list cannot fail.
        let items = images.items()?.iter();
        let mut opened = Self {
            names: texts(items.clone().map(|item| item.name.clone())),
            media_types: texts(items.clone().map(|item| item.media_type.clone())),
            lengths: items.map(|item| item.bytes).collect(),
            images,
            memory,
            manifest: None,
            selected: 0,
            position: 0,
        };
        if !opened.names.is_empty() {
            opened.select(0)?;
        }
        Ok(opened)
    }

    fn select(&mut self, index: usize) -> Result<(), Fail> {
        if index >= self.names.len() {
            return Err(Fail::argument("there is no item of this number"));
        }
        let manifest = self.images.select(index)?.into_inner();
        self.manifest = Some(manifest_for_c(manifest));
        self.selected = index;
        self.position = 0;
        Ok(())
    }

    /// Reads the selected image, a raw frame, and stands at its first byte.
    pub(super) fn read_frame(&mut self, into: &mut FrameMut<'_>) -> Result<(), Fail> {
        self.images.read_frame(self.selected, into)?;
        self.position = 0;
        Ok(())
    }

    /// The memory of the stream, where that is the caller's.
    pub(super) const fn memory(&self) -> &[u8] {
        self.memory
    }

    /// Fills the buffer from where the reader stands, up to the image's end.
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Fail> {
        self.images.seek(SeekFrom::Start(self.position))?;
        let mut done = 0;
        while done < buffer.len() {
            match self.images.read(&mut buffer[done..]) {
                Ok(0) => break,
                Ok(more) => done += more,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
        // Only a read that succeeded moves the position: one that failed can be made again.
        self.position += done as u64;
        Ok(done)
    }

    /// Reads into the caller's buffer, which holds nothing of the image after an error.
    fn read_into(&mut self, output: &Output) -> Result<usize, Fail> {
        output.apart_from(self.memory)?;
        // SAFETY: the caller's buffer, and nothing else here refers to it.
        let buffer = unsafe { output.zeroed(output.capacity) };
        self.read(buffer).inspect_err(|_| buffer.fill(0))
    }
}

/// Opens a stream: its header (the time of a private-key operation or a key derivation), its end and its index. The
/// first image is selected.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_reader_open(
    options: *const secimg_open_options,
    source: *const secimg_source,
    out: *mut *mut secimg_reader,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        let source = unsafe { Source::new(source) };
        let make = || {
            // SAFETY: as the module says.
            let options = unsafe { borrow(options)? };
            Reader::open(Box::new(source?), &[], &options.options)
        };
        // SAFETY: as the module says.
        unsafe { create(out, make) }
    })
}

/// As `secimg_reader_open`, over a stream in memory, which must stay as it is until the reader is freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_reader_open_memory(
    options: *const secimg_open_options,
    sealed: *const u8,
    len: usize,
    out: *mut *mut secimg_reader,
) -> secimg_status {
    guard(|| {
        let make = || {
            // SAFETY: as the module says.
            let options = unsafe { borrow(options)? };
            // SAFETY: as this function says, for longer than the reader lives.
            let sealed: &'static [u8] = unsafe { bytes(sealed, len)? };
            Reader::open(Box::new(Cursor::new(sealed)), sealed, &options.options)
        };
        // SAFETY: as the module says.
        unsafe { create(out, make) }
    })
}

/// Returns the number of images; 0 for `NULL`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_reader_item_count(reader: *const secimg_reader) -> usize {
    // SAFETY: as the module says.
    value(0, || Ok(unsafe { borrow(reader)? }.names.len()))
}

/// Returns the name of image `index`, from the index, `""` where it has none; `NULL` behind the last one. Never use it
/// as a path: see `secimg_manifest_file_name`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_reader_item_name(
    reader: *const secimg_reader,
    index: usize,
) -> *const c_char {
    value(ptr::null(), || {
        // SAFETY: as the module says.
        Ok(text_at(&unsafe { borrow(reader)? }.names, index))
    })
}

/// Returns the media type of image `index`, from the index; `NULL` behind the last one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_reader_item_media_type(
    reader: *const secimg_reader,
    index: usize,
) -> *const c_char {
    value(ptr::null(), || {
        // SAFETY: as the module says.
        Ok(text_at(&unsafe { borrow(reader)? }.media_types, index))
    })
}

/// Returns the length of image `index` in bytes; 0 behind the last one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_reader_item_bytes(
    reader: *const secimg_reader,
    index: usize,
) -> u64 {
    value(0, || {
        // SAFETY: as the module says.
        let lengths = &unsafe { borrow(reader)? }.lengths;
        Ok(lengths.get(index).copied().unwrap_or(0))
    })
}

/// Goes to the first byte of image `index`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_reader_select(
    reader: *mut secimg_reader,
    index: usize,
) -> secimg_status {
    // SAFETY: as the module says.
    guard(|| unsafe { borrow_mut(reader)? }.select(index))
}

/// Lends what the selected image claims to be, until another is selected; `NULL` in a stream without images.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_reader_manifest(
    reader: *const secimg_reader,
) -> *const secimg_manifest {
    value(ptr::null(), || {
        // SAFETY: as the module says.
        let manifest = unsafe { borrow(reader)? }.manifest.as_ref();
        Ok(manifest.map_or(ptr::null(), |manifest| manifest.as_handle()))
    })
}

/// Reads the selected image's preview, wherever the image is read at: 0 bytes where it has none. Where the item is itself
/// the preview of an image in another stream, it is that. Free it with `secimg_buf_free`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_reader_preview(
    reader: *mut secimg_reader,
    out: *mut secimg_buf,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        unsafe { clear_buf(out)? };
        // SAFETY: as the module says.
        let preview = unsafe { borrow_mut(reader)? }.images.preview()?;
        let preview = preview.map(Authentic::into_inner).unwrap_or_default();
        // SAFETY: as the module says.
        unsafe { give_buf(out, preview.into_boxed_slice()) }
    })
}

/// Returns the length of the selected image in bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_reader_len(reader: *const secimg_reader) -> u64 {
    // SAFETY: as the module says.
    value(0, || Ok(unsafe { borrow(reader)? }.images.item_len()))
}

/// Reads from where the reader stands: fills the buffer, but at the image's end, and stores how many bytes that were
/// in `*read`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_reader_read(
    reader: *mut secimg_reader,
    buffer: *mut u8,
    capacity: usize,
    read: *mut usize,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        unsafe { put(read, 0)? };
        let output = Output::new(buffer, capacity)?;
        // SAFETY: as the module says.
        let done = unsafe { borrow_mut(reader)? }.read_into(&output)?;
        // SAFETY: as the module says.
        unsafe { put(read, done) }
    })
}

/// As `secimg_reader_read`, from byte `offset` of the image, and stands behind what was read then. An offset behind
/// the end reads nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_reader_read_at(
    reader: *mut secimg_reader,
    offset: u64,
    buffer: *mut u8,
    capacity: usize,
    read: *mut usize,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        unsafe { put(read, 0)? };
        let output = Output::new(buffer, capacity)?;
        // SAFETY: as the module says.
        let mut reader = unsafe { borrow_mut(reader)? };
        reader.position = offset;
        let done = reader.read_into(&output)?;
        // SAFETY: as the module says.
        unsafe { put(read, done) }
    })
}

/// Goes to byte `offset` of the selected image, which may lie behind its end.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_reader_seek(
    reader: *mut secimg_reader,
    offset: u64,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        unsafe { borrow_mut(reader)? }.position = offset;
        Ok(())
    })
}

/// Returns where in the selected image the reader stands.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_reader_position(reader: *const secimg_reader) -> u64 {
    // SAFETY: as the module says.
    value(0, || Ok(unsafe { borrow(reader)? }.position))
}

/// Returns how many bytes of content were decrypted so far, those of the stream's end among them.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_reader_decrypted_bytes(reader: *const secimg_reader) -> u64 {
    value(0, || {
        // SAFETY: as the module says.
        Ok(unsafe { borrow(reader)? }.images.decrypted_bytes())
    })
}

/// Returns the algorithm of the signature, where a signer was required: it was then verified before anything was
/// read. `SECIMG_SIGNATURE_NONE` otherwise, also where the stream is signed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_reader_signature_algorithm(reader: *const secimg_reader) -> u32 {
    value(SECIMG_SIGNATURE_NONE, || {
        // SAFETY: as the module says.
        let signature = unsafe { borrow(reader)? }.images.signature();
        Ok(signature.map_or(SECIMG_SIGNATURE_NONE, |s| s.algorithm.number().into()))
    })
}

/// Stores the signer's fingerprint, `SECIMG_FINGERPRINT_LEN` bytes; `SECIMG_ERR_STATE` where no signer was required.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_reader_signer(
    reader: *const secimg_reader,
    out: *mut u8,
) -> secimg_status {
    guard(|| {
        // SAFETY: as the module says.
        let signature = unsafe { borrow(reader)? }.images.signature();
        let signature = signature.ok_or_else(|| Fail::state("no signer was required"))?;
        // SAFETY: as the module says.
        unsafe { put_bytes(out, &signature.signer) }
    })
}

/// Frees a reader, wipes what it held, and releases its source.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_reader_free(reader: *mut secimg_reader) {
    // SAFETY: as the module says.
    release(|| unsafe { free(reader) });
}
