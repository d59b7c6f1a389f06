//! Image encryption with proof of origin.
//!
//! `secimg` seals images for named recipients, carries them over any byte stream, and opens them again
//! to the byte-exact original, with proof of who sent them and that nothing changed. Images are sealed
//! as the bytes of their files: nothing is decoded on the way, and nothing in a file can make sealing fail.
//!
//! # In memory
//!
//! ```
//! use secimg::keys::{GenerateKind, PrivateKey, TrustedSigners};
//! use secimg::{Image, OpenOptions, SealOptions, decrypt, encrypt};
//!
//! let hospital = PrivateKey::generate(GenerateKind::Rsa { bits: 2048 })?; // 3072 for new keys
//! let modality = PrivateKey::generate(GenerateKind::Ed25519)?;
//!
//! let options = SealOptions::new()
//!     .recipient(hospital.public().recipient()?)
//!     .signer(modality.signer()?)
//!     .context(b"study 1.2.840.113619");
//! let sealed = encrypt(&Image::new(*b"DICOM bytes").named("slice-1.dcm"), &options)?;
//!
//! let trusted: TrustedSigners = [modality.public()].into_iter().collect();
//! let options = OpenOptions::new()
//!     .identity(hospital.identity()?)
//!     .require_signer(trusted)
//!     .context(b"study 1.2.840.113619");
//! let opened = decrypt(&sealed, &options)?;
//! assert_eq!(opened.images[0].bytes, b"DICOM bytes");
//! assert!(opened.report.report().signature.is_some());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Raw frames
//!
//! Samples without a file around them, as a camera or a `cv::Mat` has them, are [`image::RawFrame`]s: borrowed with their
//! stride, sealed without what lies between rows, compressed without loss where that pays ([`encrypt_frames`],
//! [`io::SealWriter::add_frame`]), and restored into the caller's own memory ([`io::OpenReader::read_frame`]).
//!
//! # Files and sockets
//!
//! [`io::SealWriter`] seals into any `Write`; [`io::open_stream`] opens from any `Read`, in order;
//! [`io::OpenReader`] is `Read` and `Seek` over an image inside a sealed file, and opens only the chunks
//! that are asked for. [`transport`] sends and receives. All of them drive [`stream::Sealer`] and
//! [`stream::Opener`], state machines without I/O that fit any event loop.
//!
//! # How well something is known
//!
//! | type | what is proven |
//! | --- | --- |
//! | [`stream::Header`] | nothing: it stands in the clear |
//! | [`Authentic`] | its chunk's tag held: some holder of the key made it |
//! | [`Verified`] | all of it: the end was reached, digests and index agree, the signature holds, and it is by a required signer where one is required |
//!
//! # The rest
//!
//! Regions of a picture can be hidden so that a recipient restores them: `redact` (feature `image`).
//! The format is specified in [`format::spec`]. Keys are PEM files that `openssl pkey` reads and writes:
//! [`keys`]. A key that lives in a device is an implementation of [`keys::Identity`] or [`keys::Signer`].
//! C and C++ programs have a manual of their own: [`manual::c`].
//! What is promised against whom, and what is not, stands in the repository's SECURITY.md. This library
//! has not been audited.

#[forbid(unsafe_code)]
pub mod content;
pub mod crypto;
#[cfg(feature = "capi")]
pub mod ffi;
#[forbid(unsafe_code)]
pub mod format;
#[forbid(unsafe_code)]
pub mod hash;
#[forbid(unsafe_code)]
pub mod image;
#[forbid(unsafe_code)]
pub mod io;
#[forbid(unsafe_code)]
pub mod keys;
#[forbid(unsafe_code)]
pub mod manual;
#[forbid(unsafe_code)]
pub mod oneshot;
#[forbid(unsafe_code)]
mod png;
#[cfg(feature = "image")]
#[forbid(unsafe_code)]
pub mod preview;
#[cfg(feature = "image")]
#[forbid(unsafe_code)]
pub mod redact;
#[forbid(unsafe_code)]
pub mod stream;
#[forbid(unsafe_code)]
pub mod strip;
#[forbid(unsafe_code)]
mod trace;
#[forbid(unsafe_code)]
pub mod transport;

pub use oneshot::{
    Image, Opened, OpenedImage, RewrapError, decrypt, encrypt, encrypt_frames,
    encrypt_frames_with_rng, encrypt_series, encrypt_series_with_rng, inspect, rewrap, verify,
};
pub use stream::{
    Authentic, ImageDescription, Intended, OpenError, OpenOptions, Report, SealError, SealOptions,
    Verified, sealed_size, sealed_size_with_previews,
};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
