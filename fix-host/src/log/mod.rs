//! The logs of a session, and the program's own.
//!
//! A session's messages and events go to `FIX.4.4-SENDER-TARGET.messages.current.log` and
//! `.event.current.log`, line for line as QuickFIX writes them, and to the screen if asked for. A session
//! never waits for a log: its lines go into a bounded buffer that a [`LogThread`] writes out; what does not
//! fit is dropped, counted, and reported in that very log. Secrets are masked before a line is kept at all.
//!
//! The program's own log ([`program`]) goes to the standard error output.

mod event;
mod glance;
mod line;
pub mod program;
mod redact;
mod rotate;
mod session;
mod thread;

pub(crate) use glance::each_place;
pub(crate) use line::{are_prices, escape_from, msg_type};
pub use redact::Redactor;
pub use session::{Direction, LogError, LogOptions, Logs, SessionLog};
pub use thread::{LogThread, Sink};
