//! A heap that forgets nothing: what is freed keeps its bytes until it was searched.
//!
//! While it is armed every allocation comes from one arena, one behind the other, and nothing is given
//! back. A buffer that grows leaves its old bytes behind, as it may in any allocator.
#![allow(dead_code, reason = "two programs use it, each its own part")]

use core::alloc::{GlobalAlloc, Layout};
use core::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::alloc::System;

/// Address space; memory is taken as it is touched.
const ARENA: usize = 1 << 30;

struct Arena;

#[global_allocator]
static HEAP: Arena = Arena;

static ARMED: AtomicBool = AtomicBool::new(false);
static START: AtomicUsize = AtomicUsize::new(0);
static NEXT: AtomicUsize = AtomicUsize::new(0);

fn in_arena(address: usize) -> bool {
    let start = START.load(Ordering::Relaxed);
    start != 0 && (start..start + ARENA).contains(&address)
}

// SAFETY: blocks of the arena are disjoint and aligned, and stay valid to the end of the program; all others are
// the system allocator's.
unsafe impl GlobalAlloc for Arena {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if !ARMED.load(Ordering::Relaxed) {
            // SAFETY: the caller's duty is passed on.
            return unsafe { System.alloc(layout) };
        }
        let align = layout.align().max(16);
        let mut at = NEXT.load(Ordering::Relaxed);
        loop {
            let block = at.next_multiple_of(align);
            let end = block + layout.size();
            if end > START.load(Ordering::Relaxed) + ARENA {
                return core::ptr::null_mut();
            }
            match NEXT.compare_exchange(at, end, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => return block as *mut u8,
                Err(now) => at = now,
            }
        }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if !in_arena(block as usize) {
            // SAFETY: it came from the system allocator.
            unsafe { System.dealloc(block, layout) }
        }
    }
}

/// Runs `work` with the armed heap, then hands all the memory that it has used to `search`.
pub fn watch(work: impl FnOnce(), search: impl FnOnce(&[u8])) {
    let start = reserve();
    NEXT.store(start, Ordering::Relaxed);
    let ((), memory) = keep(work);
    search(memory);
    // SAFETY: what `work` has allocated it has dropped; nobody reads it again.
    unsafe { core::ptr::write_bytes(start as *mut u8, 0, memory.len()) };
}

/// Runs `work` with the armed heap, and returns the memory that it has used, which stays.
pub fn keep<T>(work: impl FnOnce() -> T) -> (T, &'static [u8]) {
    reserve();
    let before = NEXT.load(Ordering::Relaxed);
    ARMED.store(true, Ordering::Relaxed);
    let made = work();
    ARMED.store(false, Ordering::Relaxed);
    let used = NEXT.load(Ordering::Relaxed) - before;
    // SAFETY: the arena is this long and stays to the end, and nobody writes to it while it is not armed.
    (made, unsafe {
        core::slice::from_raw_parts(before as *const u8, used)
    })
}

fn reserve() -> usize {
    if START.load(Ordering::Relaxed) == 0 {
        let layout = Layout::from_size_align(ARENA, 4096).unwrap();
        // SAFETY: the layout has a size.
        let start = unsafe { System.alloc(layout) } as usize;
        assert!(start != 0, "no address space");
        START.store(start, Ordering::Relaxed);
        NEXT.store(start, Ordering::Relaxed);
    }
    START.load(Ordering::Relaxed)
}
