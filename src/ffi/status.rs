//! Status codes. A number is never used for something else, and none is ever reused.

/// What a call came to: `SECIMG_OK`, or why it failed.
///
/// Every failure that depends on a secret (a wrong key, passphrase or context, changed bytes) has one
/// status, `SECIMG_ERR_NOT_AUTHENTIC`, and one text: a program may pass it on to strangers.
#[repr(transparent)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub struct secimg_status(pub i32);

/// Done.
pub const SECIMG_OK: secimg_status = secimg_status(0);
/// A pointer is `NULL` that must not be.
pub const SECIMG_ERR_NULL_POINTER: secimg_status = secimg_status(1);
/// An argument that cannot be: a number that is not defined, text that is not UTF-8, buffers that overlap, a
/// handle of another kind.
pub const SECIMG_ERR_INVALID_ARGUMENT: secimg_status = secimg_status(2);
/// The buffer is too small. The required size is in `*out_len`, and nothing was done.
pub const SECIMG_ERR_BUFFER_TOO_SMALL: secimg_status = secimg_status(3);
/// The call does not fit the state of the handle: the wrong order, after an error, after the end.
pub const SECIMG_ERR_STATE: secimg_status = secimg_status(4);
/// Something that this build or this machine cannot do.
pub const SECIMG_ERR_UNSUPPORTED: secimg_status = secimg_status(5);
/// A limit was exceeded: one that the caller set, or one of the format's.
pub const SECIMG_ERR_LIMIT: secimg_status = secimg_status(6);
/// Not authentic: a wrong key, passphrase or context, or changed bytes. One answer for all of them.
pub const SECIMG_ERR_NOT_AUTHENTIC: secimg_status = secimg_status(20);
/// A key that cannot be read or cannot be used for this; recipients that cannot be combined.
pub const SECIMG_ERR_KEY: secimg_status = secimg_status(21);
/// The system's random number generator failed.
pub const SECIMG_ERR_RANDOM: secimg_status = secimg_status(22);
/// None of the identities is among the stream's recipients.
pub const SECIMG_ERR_NO_MATCHING_KEY: secimg_status = secimg_status(23);
/// A required signature is missing or by somebody else, or a signature does not hold.
pub const SECIMG_ERR_SIGNER: secimg_status = secimg_status(24);
/// The private key is encrypted, and its passphrase is missing or wrong.
pub const SECIMG_ERR_KEY_PASSPHRASE: secimg_status = secimg_status(25);
/// A certificate was refused.
pub const SECIMG_ERR_CERTIFICATE: secimg_status = secimg_status(26);
/// A key's device or callback failed. This is not a wrong key.
pub const SECIMG_ERR_PROVIDER: secimg_status = secimg_status(27);
/// A required signer signed at a time that is not accepted: too long ago, ahead of the clock, or not said.
pub const SECIMG_ERR_STALE_SIGNATURE: secimg_status = secimg_status(28);
/// The sealed part of a redacted picture belongs to other pixels: the picture was changed, or it is another one.
pub const SECIMG_ERR_OTHER_PICTURE: secimg_status = secimg_status(29);
/// Not a stream, or one with a defect in what stands in the clear; an image file that breaks the rules of its format.
pub const SECIMG_ERR_FORMAT: secimg_status = secimg_status(40);
/// A version or a cipher suite that is not known here.
pub const SECIMG_ERR_VERSION: secimg_status = secimg_status(41);
/// The stream, or an image file, ends before its end.
pub const SECIMG_ERR_TRUNCATED: secimg_status = secimg_status(42);
/// Bytes stand behind the stream's end.
pub const SECIMG_ERR_TRAILING_BYTES: secimg_status = secimg_status(43);
/// Authentic, and malformed inside: the sender's fault.
pub const SECIMG_ERR_CONTENT: secimg_status = secimg_status(44);
/// No sealed part is in the picture: it was never redacted, the part was kept beside it, or something on the way dropped it.
pub const SECIMG_ERR_NO_SEALED_PART: secimg_status = secimg_status(45);
/// A file, or a callback that reads or seeks, failed.
pub const SECIMG_ERR_IO: secimg_status = secimg_status(60);
/// The progress callback asked to stop.
pub const SECIMG_ERR_CANCELLED: secimg_status = secimg_status(61);
/// There is not enough memory.
pub const SECIMG_ERR_NO_MEMORY: secimg_status = secimg_status(90);
/// A bug in this library. The handle can only be freed; the process lives.
pub const SECIMG_ERR_PANIC: secimg_status = secimg_status(99);

/// One line a status: the number, the constant's name, and a sentence.
const TABLE: &[(secimg_status, &core::ffi::CStr, &core::ffi::CStr)] = &[
    (SECIMG_OK, c"SECIMG_OK", c"done"),
    (
        SECIMG_ERR_NULL_POINTER,
        c"SECIMG_ERR_NULL_POINTER",
        c"a pointer is NULL that must not be",
    ),
    (
        SECIMG_ERR_INVALID_ARGUMENT,
        c"SECIMG_ERR_INVALID_ARGUMENT",
        c"an argument cannot be used",
    ),
    (
        SECIMG_ERR_BUFFER_TOO_SMALL,
        c"SECIMG_ERR_BUFFER_TOO_SMALL",
        c"the buffer is too small",
    ),
    (
        SECIMG_ERR_STATE,
        c"SECIMG_ERR_STATE",
        c"the call does not fit the state of the handle",
    ),
    (
        SECIMG_ERR_UNSUPPORTED,
        c"SECIMG_ERR_UNSUPPORTED",
        c"not supported here",
    ),
    (
        SECIMG_ERR_LIMIT,
        c"SECIMG_ERR_LIMIT",
        c"a limit was exceeded",
    ),
    (
        SECIMG_ERR_NOT_AUTHENTIC,
        c"SECIMG_ERR_NOT_AUTHENTIC",
        c"not authentic: a wrong key, passphrase or context, or changed bytes",
    ),
    (
        SECIMG_ERR_KEY,
        c"SECIMG_ERR_KEY",
        c"a key cannot be read or used",
    ),
    (
        SECIMG_ERR_RANDOM,
        c"SECIMG_ERR_RANDOM",
        c"the random number generator failed",
    ),
    (
        SECIMG_ERR_NO_MATCHING_KEY,
        c"SECIMG_ERR_NO_MATCHING_KEY",
        c"the stream is not sealed for any of the identities",
    ),
    (
        SECIMG_ERR_SIGNER,
        c"SECIMG_ERR_SIGNER",
        c"a required signature is missing, by somebody else, or does not hold",
    ),
    (
        SECIMG_ERR_KEY_PASSPHRASE,
        c"SECIMG_ERR_KEY_PASSPHRASE",
        c"the private key's passphrase is missing or wrong",
    ),
    (
        SECIMG_ERR_CERTIFICATE,
        c"SECIMG_ERR_CERTIFICATE",
        c"a certificate was refused",
    ),
    (
        SECIMG_ERR_PROVIDER,
        c"SECIMG_ERR_PROVIDER",
        c"a key's device failed",
    ),
    (
        SECIMG_ERR_STALE_SIGNATURE,
        c"SECIMG_ERR_STALE_SIGNATURE",
        c"signed at a time that is not accepted",
    ),
    (
        SECIMG_ERR_OTHER_PICTURE,
        c"SECIMG_ERR_OTHER_PICTURE",
        c"the sealed part belongs to other pixels",
    ),
    (
        SECIMG_ERR_FORMAT,
        c"SECIMG_ERR_FORMAT",
        c"not a sound stream or image file",
    ),
    (
        SECIMG_ERR_VERSION,
        c"SECIMG_ERR_VERSION",
        c"a version or cipher suite that is not supported",
    ),
    (
        SECIMG_ERR_TRUNCATED,
        c"SECIMG_ERR_TRUNCATED",
        c"the stream or image file is truncated",
    ),
    (
        SECIMG_ERR_TRAILING_BYTES,
        c"SECIMG_ERR_TRAILING_BYTES",
        c"bytes follow the end of the stream",
    ),
    (
        SECIMG_ERR_CONTENT,
        c"SECIMG_ERR_CONTENT",
        c"the sender made a malformed stream",
    ),
    (
        SECIMG_ERR_NO_SEALED_PART,
        c"SECIMG_ERR_NO_SEALED_PART",
        c"no sealed part is in the picture",
    ),
    (
        SECIMG_ERR_IO,
        c"SECIMG_ERR_IO",
        c"reading or writing failed",
    ),
    (
        SECIMG_ERR_CANCELLED,
        c"SECIMG_ERR_CANCELLED",
        c"cancelled by the progress callback",
    ),
    (
        SECIMG_ERR_NO_MEMORY,
        c"SECIMG_ERR_NO_MEMORY",
        c"not enough memory",
    ),
    (
        SECIMG_ERR_PANIC,
        c"SECIMG_ERR_PANIC",
        c"a bug in secimg; please report it",
    ),
];

fn row(
    status: secimg_status,
) -> Option<&'static (
    secimg_status,
    &'static core::ffi::CStr,
    &'static core::ffi::CStr,
)> {
    TABLE.iter().find(|row| row.0 == status)
}

/// Returns the constant's name, such as `SECIMG_ERR_TRUNCATED`, and `SECIMG_ERR_UNKNOWN` for a number that is
/// none. The text is static.
#[unsafe(no_mangle)]
pub extern "C" fn secimg_status_name(status: secimg_status) -> *const core::ffi::c_char {
    row(status)
        .map_or(c"SECIMG_ERR_UNKNOWN", |row| row.1)
        .as_ptr()
}

/// Returns a few words for people. The text is static. `secimg_last_error` says more.
#[unsafe(no_mangle)]
pub extern "C" fn secimg_status_text(status: secimg_status) -> *const core::ffi::c_char {
    row(status)
        .map_or(c"an unknown status", |row| row.2)
        .as_ptr()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_names_are_unique() {
        for (i, a) in TABLE.iter().enumerate() {
            for b in &TABLE[i + 1..] {
                assert!(a.0 != b.0 && a.1 != b.1 && a.2 != b.2, "{a:?} {b:?}");
            }
        }
    }
}
