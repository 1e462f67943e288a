//! What web, CLI and exporters read: the engine's state as others may see it.

mod board;
mod counters;
mod exposition;
mod histogram;
mod history;
mod metrics;
pub mod notify;
mod process;
mod session_view;
mod trades;

pub use board::{Board, REPORT_HISTORY};
pub use counters::{Counts, SessionCounters};
pub use exposition::CONTENT_TYPE as METRICS_CONTENT_TYPE;
pub use histogram::{Distribution, Histogram};
pub use metrics::Metrics;
pub use session_view::SessionView;
pub(crate) use session_view::status_word;
pub use trades::TradeCounts;
