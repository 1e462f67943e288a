//! The mailbox: orders come in, reports, session states and prices go out.
//!
//! The incoming side is [`request::Intake`], a bounded queue of [`request::Request`]s with an answer each;
//! HTTP API and Redis both bring their orders there. The outgoing side is the [`publisher::Publisher`]
//! trait with two implementations: [`memory::MemoryPublisher`] for one process, and
//! [`redis::RedisPublisher`], which publishes in Redis as well.

mod fix_dict;
mod json_object;
mod mapping;

pub mod control;
pub mod feed;
pub mod fields;
pub mod memory;
pub mod number;
pub mod order;
pub mod order_error;
pub mod parse;
pub mod publisher;
pub mod redis;
pub mod report;
pub mod request;
pub mod snapshot;

pub use fix_dict::fix_to_dict;
pub use mapping::{Outgoing, StatusRequest};
