//! The names of the contract.

/// LIST: orders and cancels in JSON; producers LPUSH.
pub const OUTGOING_ORDERS: &str = "outgoing_orders";
/// LIST: entries of [`OUTGOING_ORDERS`] that the engine has taken and not yet answered.
pub const PROCESSING: &str = "outgoing_orders_processing";
/// HASH: which batch of [`PROCESSING`] was settled last, and by which engine; where the journals of its sessions were.
pub const PROGRESS: &str = "outgoing_orders_progress";
/// LIST: flat dicts in JSON, the newest on the left.
pub const EXECUTION_REPORTS: &str = "execution_reports";
/// Entries that [`EXECUTION_REPORTS`] is trimmed to.
pub const REPORTS_CAP: usize = 10_000;
/// STRING: while it is there, the engine is halted; why, or `{"reason","by","cancelWorking"}`.
pub const HALT: &str = "fix_halt";
/// STRING: `LOGGED_ON` or `LOGGED_OFF`.
pub const SESSION_STATUS: &str = "fix_session_status";
/// STRING: the latest prices.
pub const MARKET_DATA_SNAPSHOT: &str = "market_data_snapshot";
/// CHANNEL: the prices, each second.
pub const MARKET_DATA: &str = "market_data";
/// CHANNEL: the same.
pub const MARKET_DATA_STREAM: &str = "market_data_stream";
