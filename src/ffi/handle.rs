//! What stands behind an opaque pointer, and how it is lent out.
//!
//! Each handle begins with a number of its kind, so that a handle of another kind, and often one that was
//! freed, is refused instead of used. That is a help for who made a mistake, not a promise.

use core::ops::{Deref, DerefMut};
use core::ptr;
use core::sync::atomic::{AtomicBool, Ordering};

use super::fail::Fail;
#[cfg(any(test, secimg_inject_panic))]
use super::guard::injection;

/// A type of the C API that stands for one of ours.
pub(super) trait Handle {
    /// What the pointer points to.
    type Inner;
    /// The number of the kind.
    const TAG: u32;
}

/// The tag of what was freed.
const DEAD: u32 = 0xDEAD_5EC1;

/// What a pointer to a handle points to in truth.
#[repr(C)]
pub(super) struct Boxed<T> {
    tag: u32,
    /// A panic left it in a state that nobody knows.
    poisoned: AtomicBool,
    inner: T,
}

impl<T> Boxed<T> {
    /// Puts a value where a handle of kind `H` can point to.
    #[allow(
        clippy::unnecessary_box_returns,
        reason = "its address is what is handed out, so it must not move"
    )]
    pub(super) fn new<H: Handle<Inner = T>>(inner: T) -> Box<Self> {
        Box::new(Self {
            tag: H::TAG,
            poisoned: AtomicBool::new(false),
            inner,
        })
    }

    /// Returns what the handle is lent for.
    pub(super) const fn get(&self) -> &T {
        &self.inner
    }

    /// Returns the pointer that C borrows; it is good as long as `self` is.
    pub(super) fn as_handle<H: Handle<Inner = T>>(&self) -> *const H {
        ptr::from_ref(self).cast()
    }
}

/// Makes a handle and stores it; `out` becomes NULL where that fails.
pub(super) unsafe fn create<H: Handle>(
    out: *mut *mut H,
    make: impl FnOnce() -> Result<H::Inner, Fail>,
) -> Result<(), Fail> {
    if out.is_null() {
        return Err(Fail::null());
    }
    // SAFETY: the caller's out parameter.
    unsafe { out.write(ptr::null_mut()) };
    let handle = Box::into_raw(Boxed::new::<H>(make()?));
    // SAFETY: the caller's out parameter.
    unsafe { out.write(handle.cast()) };
    Ok(())
}

/// As [`create`], where the caller may not want the handle.
pub(super) unsafe fn create_if_wanted<H: Handle>(
    out: *mut *mut H,
    inner: impl FnOnce() -> H::Inner,
) -> Result<(), Fail> {
    if out.is_null() {
        return Ok(());
    }
    // SAFETY: the caller's out parameter.
    unsafe { create(out, || Ok(inner())) }
}

/// Sets an out parameter that the caller may not want to NULL, before anything can fail.
pub(super) unsafe fn clear<H: Handle>(out: *mut *mut H) {
    if !out.is_null() {
        // SAFETY: the caller's out parameter.
        unsafe { out.write(ptr::null_mut()) };
    }
}

/// Refuses what is no handle of kind `H`, as far as that can be told.
unsafe fn check<H: Handle>(handle: *const H) -> Result<*const Boxed<H::Inner>, Fail> {
    let boxed: *const Boxed<H::Inner> = handle.cast();
    if boxed.is_null() {
        return Err(Fail::null());
    }
    if !boxed.is_aligned() {
        return Err(Fail::argument(
            "a pointer that is no handle of this library's",
        ));
    }
    // SAFETY: every handle of this library begins with its tag.
    if unsafe { boxed.cast::<u32>().read() } != H::TAG {
        return Err(Fail::argument(
            "a handle of another kind, or one that was freed",
        ));
    }
    Ok(boxed)
}

/// Lends a handle's inside for reading.
pub(super) unsafe fn borrow<'a, H: Handle>(handle: *const H) -> Result<&'a H::Inner, Fail>
where
    H::Inner: 'a,
{
    // SAFETY: the caller's handle.
    let boxed = unsafe { check(handle)? };
    // SAFETY: as checked; nobody changes it during the call, by the rules of the API.
    let boxed = unsafe { &*boxed };
    if boxed.poisoned.load(Ordering::Relaxed) {
        return Err(poisoned());
    }
    Ok(&boxed.inner)
}

/// Lends a handle's inside for changing. A panic while it is lent poisons the handle.
pub(super) unsafe fn borrow_mut<'a, H: Handle>(handle: *mut H) -> Result<Lent<'a, H::Inner>, Fail>
where
    H::Inner: 'a,
{
    // SAFETY: the caller's handle.
    let boxed = unsafe { check(handle.cast_const())? }.cast_mut();
    // SAFETY: as checked; nobody else uses it during the call, by the rules of the API.
    let boxed = unsafe { &mut *boxed };
    if *boxed.poisoned.get_mut() {
        return Err(poisoned());
    }
    let lent = Lent { boxed };
    #[cfg(any(test, secimg_inject_panic))]
    injection::strike();
    Ok(lent)
}

const fn poisoned() -> Fail {
    Fail::state("an earlier call met a bug in secimg; the handle can only be freed")
}

/// A handle's inside, lent for one call.
pub(super) struct Lent<'a, T> {
    boxed: &'a mut Boxed<T>,
}

impl<T> Deref for Lent<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.boxed.inner
    }
}

impl<T> DerefMut for Lent<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.boxed.inner
    }
}

impl<T> Drop for Lent<'_, T> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            *self.boxed.poisoned.get_mut() = true;
        }
    }
}

/// Frees a handle; NULL, and what is no handle of this kind, is left alone.
pub(super) unsafe fn free<H: Handle>(handle: *mut H) {
    // SAFETY: the caller's handle.
    let Ok(boxed) = (unsafe { check(handle.cast_const()) }) else {
        return;
    };
    let boxed = boxed.cast_mut();
    // SAFETY: as checked, and it was made by `create`.
    let mut boxed = unsafe { Box::from_raw(boxed) };
    boxed.tag = DEAD;
}
