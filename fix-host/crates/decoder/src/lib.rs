//! FIX messages in any text, in words: the one decoder of `fix-host decode` and of the inspector of its page.
//!
//! [`reading`] finds the messages of a text and cuts them into fields; [`json`] writes one with the names and meanings
//! of a dictionary; [`tables`] makes a dictionary of XML; [`inspector`] is what the page asks, compiled to WebAssembly by
//! `cargo xtask wasm`. Does no I/O.

pub mod escape;
#[cfg(target_arch = "wasm32")]
mod exports;
pub mod inspector;
pub mod json;
pub mod reading;
pub mod tables;
