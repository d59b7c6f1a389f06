// SPDX-License-Identifier: MIT OR Apache-2.0
/// secimg for C++17 and later: image encryption with proof of origin. Header-only, over <secimg.h> and libsecimg.
///
///     auto key = secimg::private_key::generate(secimg::key_kind::rsa);
///     auto to = secimg::recipients::create();
///     to.add(key.public_key());
///     auto sealed = secimg::encrypt(secimg::seal_options::create(to), pixels);
///
///     auto with = secimg::open_options::create();
///     with.add(secimg::identity::from(key));
///     secimg::secure_bytes image = secimg::decrypt(with, sealed).image;
///
/// | to                                       | use                                                                     |
/// | ---------------------------------------- | ----------------------------------------------------------------------- |
/// | seal and open in memory                  | encrypt, decrypt, decrypt_all, verify, inspect, rewrap                  |
/// | seal and open over sockets of your own   | sealer, opener                                                          |
/// | seal and open raw frames, a cv::Mat      | encrypt_frame, sealer::add_frame, reader::read_frame, frame_view        |
/// | read parts of an image                   | reader; as a std::istream: sealed_istream, reader_streambuf             |
/// | give it to a library that takes a name   | temporary_file                                                          |
/// | keep keys in a device                    | device_recipient, device_identity, device_signer                        |
/// | hide regions for all but recipients      | redaction, redact, unredact                                             |
/// | remove metadata                          | strip                                                                   |
///
/// **Errors.** Fallible functions return outcome<T>. With exceptions that is T, and failures are thrown as secimg::error. With
/// SECIMG_NO_EXCEPTIONS defined, or where the compiler has exceptions off, it is result<T>: test it, then take value() or ask status() and
/// message(). Only memory that this header's own containers cannot get ends in std::bad_alloc, or without exceptions in the end of the program.
///
/// **Ownership.** Every class over a handle of the C API moves and does not copy; see detail::handle for what is left behind by a move.
/// What is called a view, and every std::string_view, belongs to the object that gave it.
///
/// **Threads.** Functions that are const may be called on one object by many threads at once: keys, identities and options can be shared.
/// Others by one thread at a time, whichever. Functions of the caller's (devices, sources, progress) run in the thread that uses the object.
///
/// **What was shown about bytes.** Authentic: some holder of the stream's key made them, for this place in this stream. That is what opener,
/// reader and sealed_istream give while they read. Verified: the stream is whole, all digests are right, and the signature of a required
/// signer holds. That is what decrypt, decrypt_all, verify and opener::finish give, and only it has a report.
#ifndef SECIMG_HPP
#define SECIMG_HPP

#include "secimg/bytes.hpp"
#include "secimg/error.hpp"
#include "secimg/frame.hpp"
#include "secimg/handle.hpp"
#include "secimg/keys.hpp"
#include "secimg/machines.hpp"
#include "secimg/oneshot.hpp"
#include "secimg/options.hpp"
#include "secimg/parties.hpp"
#include "secimg/reader.hpp"
#include "secimg/redact.hpp"
#include "secimg/report.hpp"
#include "secimg/stream.hpp"
#include "secimg/strip.hpp"
#include "secimg/temporary_file.hpp"

#endif
