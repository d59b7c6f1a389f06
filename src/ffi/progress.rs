//! Progress, and the wish to stop.

use core::ffi::c_void;

use super::fail::Fail;

/// Called now and then during a one-shot call, on the thread that makes it: how many bytes are done, and of how
/// many. A number other than 0 cancels the call, which returns `SECIMG_ERR_CANCELLED`. No exception may leave it.
pub type secimg_progress_fn =
    Option<unsafe extern "C" fn(userdata: *mut c_void, done: u64, total: u64) -> i32>;

/// How many bytes pass between two calls.
pub(super) const STEP: usize = 1 << 20;

/// Whom to tell, if anybody.
#[derive(Debug, Clone, Copy)]
pub(super) struct Progress {
    call: secimg_progress_fn,
    userdata: *mut c_void,
}

// SAFETY: the caller promised that the callback may be called on each thread that uses its options.
unsafe impl Send for Progress {}
// SAFETY: as above, and on several threads at once.
unsafe impl Sync for Progress {}

impl Progress {
    pub(super) const NONE: Self = Self {
        call: None,
        userdata: core::ptr::null_mut(),
    };

    pub(super) const fn new(call: secimg_progress_fn, userdata: *mut c_void) -> Self {
        Self { call, userdata }
    }

    /// Tells how far it is.
    pub(super) fn tell(self, done: usize, total: usize) -> Result<(), Fail> {
        let Some(call) = self.call else {
            return Ok(());
        };
        let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
        // SAFETY: the caller's function.
        match unsafe { call(self.userdata, count(done), count(total)) } {
            0 => Ok(()),
            _ => Err(Fail::cancelled()),
        }
    }
}
