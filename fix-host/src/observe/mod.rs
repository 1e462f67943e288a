//! What web, CLI and exporters read: the engine's state as others may see it.

mod board;
pub mod changes;
mod counters;
mod exposition;
mod health;
mod history;
mod messages;
mod metrics;
pub mod notify;
mod price_history;
mod process;
mod publishing;
mod sought;
mod trades;

pub use board::Board;
pub use counters::{Counts, SessionCounters};
pub use exposition::CONTENT_TYPE as METRICS_CONTENT_TYPE;
pub use messages::{Kept, Messages, Said, Speaker};
pub use metrics::Metrics;
pub use price_history::PricePoint;
pub use trades::TradeCounts;
