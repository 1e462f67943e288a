//! The rooms of the host that need no network, by the files of the host itself: the host as a whole takes minutes to build.
#![allow(dead_code, missing_docs, unused_imports, unreachable_pub)]

#[path = "../../../fix-host/src/clock.rs"]
pub mod clock;
#[path = "../../../fix-host/src/config/mod.rs"]
pub mod config;
#[path = "../../../fix-host/src/contract/mod.rs"]
pub mod contract;
#[path = "../../../fix-host/src/crash.rs"]
mod crash;
#[path = "../../../fix-host/src/dictionary/mod.rs"]
pub mod dictionary;
#[path = "../../../fix-host/src/exchange/mod.rs"]
pub mod exchange;
#[path = "../../../fix-host/src/exit.rs"]
pub mod exit;
#[path = "../../../fix-host/src/histogram.rs"]
pub mod histogram;
#[path = "../../../fix-host/src/market/mod.rs"]
pub mod market;
#[path = "../../../fix-host/src/open_files.rs"]
mod open_files;
pub mod scenario;
#[path = "../../../fix-host/src/store/mod.rs"]
pub mod store;
