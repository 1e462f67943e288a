//! Firmware under QEMU, seen from the host: an emulator that runs an image, its log decoded, and the exchange that it
//! trades with.
//!
//! `cargo xtask firmware` builds what this needs and says where it is, in the environment: `FIRMWARE` is the folder of the
//! images, `FIX_HOST` the program of that name, `REPLAY` the image that does flight recordings again.

pub mod client;
pub mod counterparty;
pub mod emulator;
pub mod exchange;
pub mod log;
pub mod marks;
pub mod orders;
pub mod place;
pub mod process;
pub mod replay;
pub mod station;
pub mod time_server;
