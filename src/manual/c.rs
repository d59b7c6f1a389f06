//! The manual for C and C++ programmers.
//!
//! `include/secimg.h` is the reference: every function, constant and struct is explained there. Here is what it
//! takes to use them. C++ programs include `secimg.hpp` instead, which wraps the same functions.
//!
//! # Build and link
//!
//! `cargo build --release` makes `target/release/libsecimg.so` (`.dylib`, `secimg.dll`) and `libsecimg.a`
//! (`secimg.lib`) with all of the C API; nothing else has to be built. To install both, the headers, `secimg.pc` and
//! a package for CMake, use `include/install.sh` or `cargo cinstall` ([cargo-c]). Then
//!
//! ```sh
//! cc -std=c99 program.c $(pkg-config --cflags --libs secimg)
//! ```
//!
//! or, with CMake,
//!
//! ```cmake
//! find_package(secimg 0.1 CONFIG REQUIRED)
//! target_link_libraries(program PRIVATE secimg::secimg)
//! ```
//!
//! Without installing: `cc -Iinclude program.c target/release/libsecimg.a -lpthread -ldl -lm`. On Windows, define
//! `SECIMG_DLL` where the program links the DLL. A program that has other Rust libraries in it links the shared
//! library, since two static ones may hold the same parts of Rust's standard library.
//!
//! [cargo-c]: https://crates.io/crates/cargo-c
//!
//! # In memory
//!
//! This is `examples/c/roundtrip.c`:
//!
//! ```c
#![doc = include_str!("../../examples/c/roundtrip.c")]
//! ```
//!
//! What it shows holds everywhere: make handles, hand them over, look at each status, free them in the end.
//! Options copy what they are given, so a key or a list of recipients may be freed as soon as it was handed over.
//!
//! # Over a socket of your own
//!
//! A `secimg_sealer` and a `secimg_opener` are machines: bytes go in, bytes come out, and nothing in them waits,
//! reads or writes. They fit `poll`, `epoll`, I/O completion ports, Asio, Qt, or a thread that blocks. To send:
//!
//! ```c
//! /* sealer: secimg_sealer_new, then secimg_sealer_start_item with the image's length. */
//! for (;;) {
//!   const uint8_t *ready; size_t len, taken;
//!   if (secimg_sealer_peek(sealer, &ready, &len) != SECIMG_OK) return failed(sealer);
//!   if (len > 0) {                                   /* sealed bytes wait: send what the socket takes */
//!     ssize_t sent = send(fd, ready, len, MSG_NOSIGNAL);
//!     if (sent < 0 && (errno == EAGAIN || errno == EINTR)) { wait_until_writable(fd); continue; }
//!     if (sent < 0) return failed_to_send();
//!     if (secimg_sealer_consume(sealer, (size_t)sent) != SECIMG_OK) return failed(sealer);
//!   } else if (secimg_sealer_state(sealer) & SECIMG_STATE_DONE) {
//!     return 0;                                      /* everything is sent */
//!   } else if (image_left > 0) {
//!     if (secimg_sealer_push(sealer, image, image_left, &taken) != SECIMG_OK) return failed(sealer);
//!     image += taken; image_left -= taken;
//!   } else if (secimg_sealer_end_item(sealer) != SECIMG_OK || secimg_sealer_finish(sealer) != SECIMG_OK) {
//!     return failed(sealer);
//!   }
//! }
//! ```
//!
//! The receiving side asks the opener what comes next, and pushes what the socket gave when nothing does:
//!
//! ```c
//! uint32_t event;
//! if (secimg_opener_event(opener, &event) != SECIMG_OK) return refused(opener);
//! switch (event) {
//!   case SECIMG_EVENT_NEED_INPUT: /* recv, then secimg_opener_push; at the end of input, secimg_opener_finish */
//!   case SECIMG_EVENT_ITEM:       /* an image begins: secimg_opener_manifest says what it claims to be */
//!   case SECIMG_EVENT_DATA:       /* secimg_opener_peek, write, secimg_opener_consume */
//!   case SECIMG_EVENT_ITEM_END:   /* the image is whole */
//!   case SECIMG_EVENT_FINISHED:   /* secimg_opener_finish: only now is all of it verified */
//! }
//! ```
//!
//! The stream ends itself: `secimg_opener_push` takes no byte behind its end, so a connection can go on with
//! something else. `examples/c/send_image.c` and `receive_image.c` are whole programs over `poll`.
//!
//! # What is known when
//!
//! | what | what is proven |
//! | --- | --- |
//! | `secimg_inspect` | nothing: it stands in the clear |
//! | bytes and manifests of an opener, a reader | authentic: some holder of the stream's key made them, and their chunk was not changed |
//! | what `secimg_decrypt`, `secimg_decrypt_all` and `secimg_verify` return; everything after `secimg_opener_finish` succeeded | verified: nothing is missing, digests and index agree, and the signer is a required one where one is required |
//!
//! So a receiver writes to a temporary file and renames it when `secimg_opener_finish` has returned `SECIMG_OK`. A
//! name in a stream is the sender's word: `secimg_manifest_file_name` gives it only if it is safe as a file's name.
//!
//! # Parts of an image
//!
//! A `secimg_reader` reads any byte of any image over your own `read` and `seek`, and decrypts only the chunks that
//! are asked for. In C++ `secimg::reader_streambuf` makes a `std::istream` of it, so that DCMTK, GDCM, ITK or OpenCV
//! read a sealed file in place; for libraries that take only names, `secimg::temporary_file` holds the verified
//! image in memory (Linux) or in a private file, and gives a name.
//!
//! # Raw frames
//!
//! Samples in memory, of a camera, a modality or a `cv::Mat`, need no file around them. A `secimg_frame_layout` says what they
//! are, in the words of DICOM, and a stride says how far apart their rows begin:
//!
//! ```c
//! secimg_frame_layout layout = {0};
//! layout.struct_size = sizeof layout;
//! layout.rows = 480; layout.columns = 640;
//! layout.sample_type = SECIMG_SAMPLE_U16;
//! layout.bits_stored = 12;
//! layout.photometric_interpretation = SECIMG_PHOTOMETRIC_MONOCHROME2;
//! for (;;) {                                         /* a series: one key operation, one stream */
//!   uint16_t *samples = grab(&stride);               /* rows begin stride bytes apart */
//!   if (samples == NULL) break;
//!   if (secimg_sealer_add_frame(sealer, NULL, &layout, samples, stride * 479 + 1280, stride, SECIMG_COMPRESS_AUTO) != SECIMG_OK)
//!     return failed(sealer);
//!   send_all_that_waits(sealer);                     /* peek and consume, as above */
//! }
//! ```
//!
//! What lies between rows is never read when a frame is sealed, and never written when it is given back:
//! `secimg_reader_read_frame` opens any one frame of a series into the caller's memory, `secimg_opened_copy_frame` and
//! `secimg_manifest_restore_frame` do the same behind `secimg_decrypt_all` and an opener. Frames that were compressed come out of
//! `secimg_decrypt` and `secimg_decrypt_all` as samples; an opener and `secimg_reader_read` hand out what was sealed.
//! `examples/cpp/opencv_mat.cpp` does all of that with `cv::Mat`.
//!
//! # Pictures with hidden regions
//!
//! `secimg_redact` fills rectangles of a PNG, BMP, TIFF or JPEG with one colour and seals what they showed; anybody sees the rest, and
//! `secimg_unredact` gives the picture back to who holds a key, if no pixel has changed. `examples/c/redact.c` does both for files.
//!
//! ```c
//! secimg_redaction *what = NULL;
//! secimg_redacted *redacted = NULL;
//! if (secimg_redaction_new(&what) != SECIMG_OK || secimg_redaction_add_rect(what, 120, 80, 64, 64) != SECIMG_OK ||
//!     secimg_redact(seal, what, NULL, image, image_len, &redacted) != SECIMG_OK) return failed();
//! /* secimg_redacted_image: the PNG. secimg_redacted_beside: what belongs into a file beside it, always for a JPEG. */
//!
//! secimg_unredacted *restored = NULL;
//! if (secimg_unredact(open, png, png_len, beside, beside_len, &restored) != SECIMG_OK) return refused();
//! /* secimg_unredacted_image: a PNG with every pixel, or the original file. secimg_unredacted_report: who sealed it. */
//! ```
//!
//! A library that was built without the feature `image` answers `SECIMG_ERR_UNSUPPORTED`. What is left of the old picture, and what is
//! not, stands in the documentation of the Rust module `redact`, and holds here too.
//!
//! # Metadata
//!
//! `secimg_strip` takes out of a JPEG, PNG or WebP what it tells beside its pixels, without decoding it, and says what that was:
//!
//! ```c
//! secimg_stripped *bare = NULL;
//! if (secimg_strip(image, image_len, &bare) != SECIMG_OK) return refused(); /* nothing was removed */
//! for (size_t i = 0; i < secimg_stripped_count(bare); i++)
//!   printf("%s, %zu bytes\n", secimg_stripped_what(bare, i), secimg_stripped_bytes(bare, i));
//! ```
//!
//! # Errors
//!
//! A status says what a program needs to know, and `secimg_last_error` what a person does; neither ever says why a
//! key, a passphrase or a tag was wrong. Numbers are never reused. After an error out parameters hold nothing: handles
//! are `NULL` and buffers hold no byte of an image.
//!
//! | status | what to do |
//! | --- | --- |
//! | `SECIMG_ERR_NULL_POINTER`, `_INVALID_ARGUMENT`, `_STATE` | mend the program; nothing was changed |
//! | `SECIMG_ERR_BUFFER_TOO_SMALL` | call again with the size in `*out_len` |
//! | `SECIMG_ERR_NOT_AUTHENTIC`, `_NO_MATCHING_KEY`, `_SIGNER` | refuse the stream |
//! | `SECIMG_ERR_OTHER_PICTURE` | refuse the picture: it was changed, or the sealed part is another one's |
//! | `SECIMG_ERR_NO_SEALED_PART` | look for the sealed part beside the picture |
//! | `SECIMG_ERR_FORMAT`, `_VERSION`, `_TRUNCATED`, `_TRAILING_BYTES`, `_CONTENT` | the stream is damaged, or not one |
//! | `SECIMG_ERR_PROVIDER`, `_RANDOM`, `_IO`, `_NO_MEMORY` | try again later |
//! | `SECIMG_ERR_PANIC` | report a bug; free the handle, the process is sound |
//!
//! `SECIMG_ERR_NO_MEMORY` is returned where the size comes from a stream or a caller. Small allocations end the
//! process when they fail, as everywhere in Rust.
//!
//! # Threads
//!
//! Everything behind a `const` pointer may be used by many threads at once: one key, one set of options for all of
//! them. A sealer, an opener or a reader belongs to one thread at a time and may go to another. The text of
//! `secimg_last_error` is each thread's own; `secimg_sealer_error` and `secimg_opener_error` stay with the handle.
//!
//! # Keys that live elsewhere
//!
//! `secimg_identity_from_callbacks` opens with an RSA key in a token (the callback undoes RSA-OAEP with SHA-256,
//! MGF1-SHA-256 and an empty label), `secimg_signer_from_callbacks` signs with one, and
//! `secimg_recipients_add_callbacks` wraps with whatever a key service offers. A callback returns numbers, throws
//! nothing, and may be called from several threads.
