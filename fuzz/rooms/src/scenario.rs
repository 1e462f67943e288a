//! The scenario language, without what plays it.

#[path = "../../../fix-host/src/scenario/cursor.rs"]
mod cursor;
#[path = "../../../fix-host/src/scenario/lines.rs"]
mod lines;
#[path = "../../../fix-host/src/scenario/message.rs"]
mod message;
#[path = "../../../fix-host/src/scenario/names.rs"]
mod names;
#[path = "../../../fix-host/src/scenario/parse/mod.rs"]
mod parse;
#[path = "../../../fix-host/src/scenario/pattern.rs"]
mod pattern;
#[path = "../../../fix-host/src/scenario/problem.rs"]
mod problem;
#[path = "../../../fix-host/src/scenario/record/mod.rs"]
mod record;
#[path = "../../../fix-host/src/scenario/script.rs"]
mod script;
#[path = "../../../fix-host/src/scenario/template.rs"]
mod template;

pub use parse::parse;
pub use problem::ScriptError;
pub use record::{RecordError, Recorded, record};
pub use script::Script;
