//! A session that sends an order and takes what comes back: its flash beyond that of `baseline` is that of codec and
//! session.
#![no_std]
#![no_main]

use core::{hint::black_box, ptr::addr_of_mut};

use cortex_m_rt::entry;
use fix_core::time::{Mono, Now};
use measure::{
    codec::{ORDER, decode},
    gateway::{Memory, gateway, receive, work},
    report,
};

static mut MEMORY: Memory = Memory::new();

#[entry]
fn main() -> ! {
    let Some((order, utc)) = decode(ORDER).and_then(|order| Some((order, order.transact_time?))) else {
        report::failed()
    };
    // SAFETY: taken once.
    let memory = unsafe { &mut *addr_of_mut!(MEMORY) };
    let Some(mut gateway) = gateway(memory) else { report::failed() };
    gateway.connected(Now { mono: Mono::from_millis(0), utc });
    for millis in 0..black_box(3) {
        let now = Now { mono: Mono::from_millis(millis), utc };
        work(&mut gateway, now, |bytes| _ = black_box(bytes));
        receive(&mut gateway, black_box(&ORDER[..]));
        _ = black_box(gateway.send(now, black_box(&order)));
    }
    gateway.logout(black_box(None));
    if black_box(gateway.application().reports) == 0 { report::done() } else { report::failed() }
}
