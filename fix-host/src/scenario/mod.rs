//! Scenarios: scripts that play one side of a FIX session, or both, and say whether the other side did as expected.
//!
//! [`load()`] reads a file ([`parse()`] a text), [`play()`] plays it, and [`record()`] makes one of a log. What came of it is [`text()`],
//! [`junit()`], [`markdown()`] or [`html()`]. The session is the engine's (`fix-core`), as everywhere; a
//! party that is `raw` has none, and the script writes every message of it.

mod cursor;
mod junit;
mod lines;
mod message;
mod names;
mod outcome;
mod parse;
mod pattern;
mod problem;
mod record;
mod report;
mod run;
mod script;
mod shipped;
mod show;
mod template;

pub use junit::junit;
pub use outcome::{Failure, Logged, Outcome, StepOutcome, What};
pub use parse::{load, parse};
pub use problem::ScriptError;
pub use record::{RecordError, Recorded, record};
pub use report::{About, html, markdown};
pub use run::{Against, Ids, Options, RunError, play};
pub use script::Script;
pub use shipped::{load_shipped, shipped, shipped_text};
pub use show::text;
pub use template::time_text;
