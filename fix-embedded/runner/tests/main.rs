//! The boards under QEMU, tested. One program: most of the time a test waits for its board, and those of another file go on
//! meanwhile. What counts instructions is alone, in `cost.rs`: who is late, by another test, has interrupts to count that he had not.

mod common;

mod breaks;
mod client;
mod counterparty;
mod gateway;
mod hostile;
mod line;
mod names;
mod replay;
mod session;
mod small;
mod time;
mod tls;
mod udp;
