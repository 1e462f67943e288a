//! What web, CLI and exporters read: the engine's state as others may see it.

mod board;
pub mod changes;
mod counters;
mod exposition;
mod history;
mod metrics;
pub mod notify;
mod process;
mod publishing;
mod sought;
mod trades;

pub use board::Board;
pub use counters::{Counts, SessionCounters};
pub use exposition::CONTENT_TYPE as METRICS_CONTENT_TYPE;
pub use metrics::Metrics;
pub use trades::TradeCounts;
