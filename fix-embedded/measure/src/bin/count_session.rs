//! Prints the instructions of a session: an order on its way out, a report on its way in; and the RAM it takes.
#![no_std]
#![no_main]

use core::{hint::black_box, ptr::addr_of_mut};

use cortex_m_rt::entry;
use cortex_m_semihosting::hprintln;
use fix_core::{
    engine::Engine,
    msg::msg_type::MsgType,
    session::config::SessionConfig,
    store::NoStore,
    tag::Tag,
    time::{Mono, Now},
    wire::writer::MessageWriter,
};
use measure::{
    codec::{ORDER, Order, decode, encode_numbered},
    counter::Counter,
    gateway::{Gateway, Memory, gateway, receive, work},
    report,
};

const TIMES: u32 = 100;

static mut MEMORY: Memory = Memory::new();

#[entry]
fn main() -> ! {
    let Some((order, utc)) = decode(ORDER).and_then(|order| Some((order, order.transact_time?))) else {
        report::failed()
    };
    // SAFETY: taken once.
    let memory = unsafe { &mut *addr_of_mut!(MEMORY) };
    let Some(mut gateway) = gateway(memory) else { report::failed() };
    let counter = Counter::start();
    let now = Now { mono: Mono::from_millis(0), utc };
    log_on(&mut gateway, now);
    let out = orders(&mut gateway, now, &order, &counter);
    let back = reports(&mut gateway, now, &order, &counter);
    hprintln!("session order: {} instructions", out);
    hprintln!("session report: {} instructions", back);
    hprintln!("session RAM: {} bytes", size_of::<Engine<&'static mut [u8], NoStore, ()>>());
    hprintln!("  of which configuration: {} bytes", size_of::<SessionConfig>());
    report::done()
}

fn log_on(gateway: &mut Gateway, now: Now) {
    gateway.connected(now);
    work(gateway, now, |_| {});
    let mut buffer = [0; 256];
    let mut logon = MessageWriter::new(&mut buffer, b"FIX.4.4", MsgType::from_static(b"A"));
    logon
        .writer()
        .field(Tag(49), "EXCHANGE")
        .field(Tag(56), "BUYSIDE")
        .field(Tag(34), 1u64)
        .field(Tag(52), now.utc)
        .field(Tag(98), 0u64)
        .field(Tag(108), 30u64);
    let Ok(len) = logon.finish() else { report::failed() };
    receive(gateway, &buffer[..len]);
    if !work(gateway, now, |_| {}) {
        report::failed()
    }
}

/// From the order to its bytes, kept to be sent again.
fn orders(gateway: &mut Gateway, now: Now, order: &Order<'_>, counter: &Counter) -> u32 {
    let mut written = 0;
    let count = counter.instructions(TIMES, || {
        if gateway.send(now, black_box(order)).is_err() {
            report::failed()
        }
        work(gateway, now, |bytes| written += black_box(bytes).len());
    });
    if written < TIMES as usize * 150 { report::failed() } else { count }
}

/// From the bytes of a report to what the application reads of it.
fn reports(gateway: &mut Gateway, now: Now, order: &Order<'_>, counter: &Counter) -> u32 {
    let mut sum = 0;
    for number in 0..u64::from(TIMES) {
        let mut buffer = [0; 512];
        let Ok(len) = encode_numbered(order, number + 2, now.utc, &mut buffer) else { report::failed() };
        sum += counter.instructions(1, || {
            receive(gateway, black_box(&buffer[..len]));
            work(gateway, now, |_| report::failed());
        });
    }
    if gateway.application().reports == TIMES { sum / TIMES } else { report::failed() }
}
