//! A book that has been as large as it gets takes nothing more from the heap.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    sync::atomic::{AtomicU64, Ordering::Relaxed},
};

use book::{
    engines::{Engine, Ours, Traded},
    workload::{Shape, workload},
};

/// The system's allocator, which counts how often it is asked.
struct Counting;

static ASKED: AtomicU64 = AtomicU64::new(0);

// Only what is counted is added to the system's own.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ASKED.fetch_add(1, Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ASKED.fetch_add(1, Relaxed);
        unsafe { System.realloc(block, layout, size) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        unsafe { System.dealloc(block, layout) };
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[test]
fn a_book_takes_nothing_from_the_heap_once_it_is_warm() {
    let requests = workload(Shape { live: 1_000, width: 100, requests: 400_000 });
    let (mut engine, mut traded) = (Ours::new(0), Traded::default());
    let (warm_up, measured) = requests.measured.split_at(200_000);
    for request in requests.build.iter().chain(warm_up) {
        engine.request(*request, &mut traded);
    }
    let before = ASKED.load(Relaxed);
    measured.iter().for_each(|request| engine.request(*request, &mut traded));
    assert_eq!(ASKED.load(Relaxed) - before, 0);
    assert!(traded.trades > 10_000, "{traded:?}");
    engine.check().unwrap();
}
