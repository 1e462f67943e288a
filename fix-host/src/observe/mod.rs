//! What web, CLI and exporters read: the engine's state as others may see it.

mod board;
mod history;
pub mod notify;
mod session_view;

pub use board::{Board, REPORT_HISTORY};
pub use session_view::SessionView;
pub(crate) use session_view::status_word;
