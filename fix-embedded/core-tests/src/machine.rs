//! What the images of this crate have in common: a heap, the panic handler, the way out.

use core::panic::PanicInfo;

use cortex_m_semihosting::{
    debug::{EXIT_FAILURE, EXIT_SUCCESS, exit},
    hprintln,
};
use embedded_alloc::TlsfHeap as Heap;

/// The boards' PSRAM, which nothing else uses.
const HEAP_AT: usize = 0x2100_0000;
const HEAP_BYTES: usize = 16 << 20;
/// For the tests alone: fix-core allocates nothing.
#[global_allocator]
static HEAP: Heap = Heap::empty();

/// Makes the heap; called once, first.
pub fn begin() {
    // SAFETY: called once, and nothing else touches the memory, which memory.x does not name.
    unsafe { HEAP.init(HEAP_AT, HEAP_BYTES) }
}

/// Ends QEMU.
pub fn end(is_good: bool) -> ! {
    exit(if is_good { EXIT_SUCCESS } else { EXIT_FAILURE });
    loop {
        cortex_m::asm::wfi();
    }
}

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    hprintln!("FAILED {}", info);
    end(false)
}
