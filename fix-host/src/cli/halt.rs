//! `fix-host halt` and `resume`: the kill switch.

use std::{
    env,
    io::{self, Write},
    process::ExitCode,
};

use clap::Args;
use serde_json::{Map, Value};

use super::{
    remote::Failure,
    sessions::{EngineArgs, client, finish},
};
use crate::{exit, halt};

/// Refuse new orders, of all sessions or of one, until `resume`
///
/// Each order is answered with one rejected report that says who halted, when and why; cancels still pass. A halt
/// survives a restart. Over Redis the key fix_halt does the same while it is there.
#[derive(Args, Debug)]
pub struct HaltArgs {
    /// Only this session: its id as `fix-host sessions` prints it, or the counterparty's CompID
    #[arg(long, value_name = "SESSION")]
    session: Option<String>,
    /// Cancel the working orders too, with an OrderCancelRequest each; if not logged on, at the next Logon
    #[arg(long)]
    cancel_working: bool,
    /// Why; stands in the reports
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true, value_parser = text)]
    reason: String,
    #[command(flatten)]
    who: WhoArgs,
    #[command(flatten)]
    engine: EngineArgs,
}

/// Take new orders again after `halt`
#[derive(Args, Debug)]
pub struct ResumeArgs {
    /// Lift the halt of this session; without it, that of the whole engine
    #[arg(long, value_name = "SESSION")]
    session: Option<String>,
    #[command(flatten)]
    who: WhoArgs,
    #[command(flatten)]
    engine: EngineArgs,
}

#[derive(Args, Debug)]
struct WhoArgs {
    /// Who you are; the name of the user when left out
    #[arg(long, value_name = "NAME", value_parser = text)]
    by: Option<String>,
}

fn text(text: &str) -> Result<String, String> {
    halt::check_text(text).map(|()| text.to_owned())
}

impl WhoArgs {
    fn name(&self) -> String {
        let user = || env::var("USER").or_else(|_| env::var("LOGNAME")).ok();
        let name = self.by.clone().or_else(user).filter(|name| text(name).is_ok());
        name.unwrap_or_else(|| "an operator".to_owned())
    }
}

/// Halts.
pub fn halt(args: &HaltArgs) -> ExitCode {
    let mut body = body(args.session.as_deref(), &args.who);
    body.insert("reason".into(), args.reason.as_str().into());
    body.insert("cancelWorking".into(), args.cancel_working.into());
    finish(change(&args.engine, "/api/halt", &body))
}

/// Resumes.
pub fn resume(args: &ResumeArgs) -> ExitCode {
    finish(change(&args.engine, "/api/resume", &body(args.session.as_deref(), &args.who)))
}

fn body(session: Option<&str>, who: &WhoArgs) -> Map<String, Value> {
    let mut body = Map::new();
    body.insert("by".into(), who.name().into());
    body.extend(session.map(|session| ("session".to_owned(), session.into())));
    body
}

fn change(engine: &EngineArgs, path: &str, body: &Map<String, Value>) -> Result<u8, Failure> {
    let halts = client(engine)?.post(path, body)?;
    write!(io::stdout().lock(), "{}", lines(&halts))?;
    Ok(exit::OK)
}

/// What is halted, a line each.
pub(super) fn lines(halts: &Value) -> String {
    let mut lines = String::new();
    let sessions = halts.get("sessions").and_then(Value::as_array).into_iter().flatten();
    let own = sessions.map(|halt| (halt.get("session").and_then(Value::as_str).unwrap_or_default(), halt));
    let of_all = ["engine", "redis"].map(|key| ("all sessions", halts.get(key).unwrap_or(&Value::Null)));
    for (what, halt) in of_all.into_iter().chain(own).filter(|(_, halt)| halt.is_object()) {
        lines.push_str(&format!("{}: {}\n", what.escape_debug(), words(halt)));
    }
    if lines.is_empty() {
        return "nothing is halted\n".to_owned();
    }
    if halts.get("survivesRestart") == Some(&false.into()) {
        lines.push_str("not every session has a FileStorePath: there a halt ends with the engine\n");
    }
    lines
}

/// A halt in words: `halted by alice: fat finger; working orders are cancelled`.
pub(super) fn words(halt: &Value) -> String {
    let text = |key| halt.get(key).and_then(Value::as_str).unwrap_or_default().escape_debug().to_string();
    let mut words = format!("halted by {}", text("by"));
    if !text("reason").is_empty() {
        words.push_str(&format!(": {}", text("reason")));
    }
    if halt.get("cancelWorking") == Some(&true.into()) {
        words.push_str("; working orders are cancelled");
    }
    words
}
