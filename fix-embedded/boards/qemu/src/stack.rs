//! How much of the stack was used: the start-up code painted it, and what was used is painted over.

use cortex_m_rt::STACK_PAINT_VALUE;
use embassy_time::{Duration, Timer};

use crate::parameters::Parameters;

/// How often is looked.
const PERIOD: Duration = Duration::from_secs(1);

unsafe extern "C" {
    static _stack_start: u32;
    static _stack_end: u32;
}

/// The addresses of the stack: its upper end, and its lower.
fn bounds() -> (usize, usize) {
    ((&raw const _stack_start) as usize, (&raw const _stack_end) as usize)
}

/// Bytes of the stack that were ever used.
fn most_used() -> usize {
    let (top, end) = bounds();
    // SAFETY: the words of the stack, all of them RAM; what runs now writes at its upper end only.
    let is_painted = |at: &usize| unsafe { (*at as *const u32).read_volatile() } == STACK_PAINT_VALUE;
    let first = (end..top).step_by(4).find(|at| !is_painted(at)).unwrap_or(top);
    top - first
}

/// Logs each new maximum, if the parameter `stack` is 1.
pub async fn watch(parameters: Parameters) {
    if parameters.get("stack", 0u8) == 0 {
        return;
    }
    let mut most = 0;
    loop {
        Timer::after(PERIOD).await;
        let used = most_used();
        if used > most {
            most = used;
            defmt::info!("stack: {=usize} bytes used at most", most);
        }
    }
}
