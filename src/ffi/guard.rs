//! Every call's way in: panics end here, and a failure leaves its text behind.

use core::cell::RefCell;
use core::ffi::c_char;
use core::panic::AssertUnwindSafe;
use std::borrow::Cow;
use std::panic::catch_unwind;

use super::fail::Fail;
use super::memory::write_text;
use super::status::{SECIMG_ERR_PANIC, SECIMG_OK, secimg_status};

thread_local! {
    /// The text of this thread's last call, empty after a success.
    static LAST_ERROR: RefCell<Cow<'static, str>> = const { RefCell::new(Cow::Borrowed("")) };
}

/// A thread that is ending has no text any more; that is no reason to fail.
fn remember(text: Cow<'static, str>) {
    let _gone = LAST_ERROR.try_with(|last| *last.borrow_mut() = text);
}

/// Runs the body of a function that returns a status.
pub(super) fn guard(body: impl FnOnce() -> Result<(), Fail>) -> secimg_status {
    match catch(body) {
        Some(Ok(())) => {
            remember(Cow::Borrowed(""));
            SECIMG_OK
        }
        Some(Err(fail)) => {
            remember(fail.text);
            fail.status
        }
        None => {
            remember(Cow::Borrowed("a bug in secimg; please report it"));
            SECIMG_ERR_PANIC
        }
    }
}

/// Runs the body of a function that returns a value and cannot say why it has none.
pub(super) fn value<T>(otherwise: T, body: impl FnOnce() -> Result<T, Fail>) -> T {
    match catch(body) {
        Some(Ok(value)) => value,
        _ => otherwise,
    }
}

/// Runs what frees something. A panic in it leaks and does not reach C.
pub(super) fn release(body: impl FnOnce()) {
    let _leaked: Option<()> = catch(body);
}

fn catch<T>(body: impl FnOnce() -> T) -> Option<T> {
    let caught = catch_unwind(AssertUnwindSafe(|| {
        #[cfg(any(test, secimg_inject_panic))]
        injection::strike();
        body()
    }));
    match caught {
        Ok(value) => Some(value),
        Err(payload) => {
            // Dropping a payload can panic again.
            core::mem::forget(payload);
            None
        }
    }
}

/// Copies the text of this thread's last failed call into `buffer`, ended by NUL, and returns its whole
/// length without the NUL; what does not fit is cut between characters. After a success it is empty.
///
/// Calls that return something else than a status do not change it. It holds no key and no pixel.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secimg_last_error(buffer: *mut c_char, capacity: usize) -> usize {
    let text = LAST_ERROR.try_with(|last| last.borrow().clone());
    // SAFETY: the caller's buffer has `capacity` bytes, or is NULL.
    unsafe { write_text(&text.unwrap_or_default(), buffer, capacity) }
}

/// Panics on demand, to show that they end here: only in tests, and in builds that are made for this test.
#[cfg(any(test, secimg_inject_panic))]
pub(super) mod injection {
    use core::cell::Cell;

    thread_local! {
        /// How many calls are still to pass before one panics.
        static COUNTDOWN: Cell<Option<u32>> = const { Cell::new(None) };
    }

    /// Lets `calls` calls of this thread pass and panics in the next.
    pub(in crate::ffi) fn arm(calls: u32) {
        COUNTDOWN.set(Some(calls));
    }

    #[allow(clippy::panic, reason = "that is what it is for")]
    pub(in crate::ffi) fn strike() {
        match COUNTDOWN.get() {
            Some(0) => {
                COUNTDOWN.set(None);
                panic!("injected");
            }
            Some(more) => COUNTDOWN.set(Some(more - 1)),
            None => {}
        }
    }
}

/// Lets `calls` calls of this thread pass and makes the library panic in the next. This function is not in
/// the header and not in ordinary builds.
#[cfg(secimg_inject_panic)]
#[unsafe(no_mangle)]
pub extern "C" fn secimg_inject_panic(calls: u32) {
    injection::arm(calls);
}
