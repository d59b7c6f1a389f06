//! Which library this is.

use core::ffi::{CStr, c_char};

/// The number of the binary interface: it grows when a program that was compiled with an older header would
/// not work any more.
pub const SECIMG_ABI_VERSION: u32 = 1;

const VERSION: &CStr =
    match CStr::from_bytes_with_nul(concat!(env!("CARGO_PKG_VERSION"), "\0").as_bytes()) {
        Ok(version) => version,
        Err(_) => c"",
    };

/// Returns the version of the library that runs, such as `"0.1.0"`. The text is static.
#[unsafe(no_mangle)]
pub extern "C" fn secimg_version_string() -> *const c_char {
    VERSION.as_ptr()
}

/// Returns the version of the library that runs: major << 16 | minor << 8 | patch. The header's is
/// `SECIMG_VERSION_NUMBER`.
#[unsafe(no_mangle)]
pub extern "C" fn secimg_version_number() -> u32 {
    const fn part(text: &str) -> u32 {
        match u32::from_str_radix(text, 10) {
            Ok(number) => number,
            Err(_) => 0,
        }
    }
    const {
        part(env!("CARGO_PKG_VERSION_MAJOR")) << 16
            | part(env!("CARGO_PKG_VERSION_MINOR")) << 8
            | part(env!("CARGO_PKG_VERSION_PATCH"))
    }
}

/// Returns the binary interface of the library that runs. A program may compare it with the header's
/// `SECIMG_ABI_VERSION` before it calls anything else.
#[unsafe(no_mangle)]
pub extern "C" fn secimg_abi_version() -> u32 {
    SECIMG_ABI_VERSION
}
