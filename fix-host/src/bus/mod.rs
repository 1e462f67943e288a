//! The mailbox in Redis: the contract of the keys below, which existing clients speak.
//!
//! | key | type | content |
//! |---|---|---|
//! | `outgoing_orders` | list | orders and cancels; clients LPUSH, the engine takes from the right |
//! | `outgoing_orders_processing` | list | orders that the engine has taken and not yet answered |
//! | `outgoing_orders_progress` | hash | which batch of those was settled last, by which engine, and where its journals were |
//! | `execution_reports` | list | answers, LPUSHed, capped at 10,000 |
//! | `fix_halt` | string | while it is there, new orders are refused: why, or `{"reason","by","cancelWorking"}` |
//! | `fix_session_status` | string | `LOGGED_ON` or `LOGGED_OFF`; expires when no engine refreshes it |
//! | `market_data_snapshot` | string | all prices, each second |
//! | `market_data`, `market_data_stream` | channels | the same |
//!
//! No order is lost: it moves to `outgoing_orders_processing` in the same step that takes it, and leaves
//! that list in the same step that stores its answer. Orders are taken and settled in batches: one is with the sessions,
//! the next one is taken meanwhile, and goes back at once when the engine ends. What a crash leaves
//! there is judged at the next start by the journals of the sessions: what they hold is reported from there, what they
//! are known to lack was not sent, and of all else the state is reported as unknown. An entry that was not sent is
//! answered with what is known of it; if that is because its ClOrdID is another order's, with `ordRejReason` 6 (of a
//! cancel `cxlRejReason` 6). Needs Redis 6.2 or newer (BLMOVE).

mod answers;
mod client;
mod connection;
mod halt;
mod keys;
mod link;
mod publisher;
mod reader;
mod tasks;
mod url;
mod writer;

pub use client::RedisClient;
pub use keys::*;
pub use publisher::{QUEUE_CAPACITY, RedisPublisher};
pub use reader::LeftBehind;
pub use tasks::{PreparedBus, RedisBus, Undelivered};
pub use url::{RedisUrl, UrlError};
