//! `fix-host sessions`, `seqnum`, `logon`, `logout`, `reset` and `test-request`: what operators need of a running engine.

use std::{
    io::{self, Write},
    process::ExitCode,
};

use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Map, Value};

use super::{
    halt::words,
    msg_seq_num,
    remote::Failure,
    table::{aligned, text},
};
use crate::{
    exit,
    web::{ApiClient, Token, encode_segment},
};

/// Where the engine is.
#[derive(Args, Debug)]
#[command(next_help_heading = "Where the engine is")]
pub(super) struct EngineArgs {
    /// The engine's HTTP API; its token, if it has one, is read from FIX_HOST_API_TOKEN, or from the file
    /// that FIX_HOST_API_TOKEN_FILE names
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8050")]
    api: String,
}

/// List the running engine's sessions: phase, sequence numbers, gaps, heartbeats
///
/// A change of phase shows at once; numbers and gaps are at most 250 ms old.
#[derive(Args, Debug)]
pub struct SessionsArgs {
    /// How to print them
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    #[command(flatten)]
    engine: EngineArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    Table,
    Json,
}

/// Show or set the sequence numbers of a session.
#[derive(Args, Debug)]
pub struct SeqnumArgs {
    #[command(subcommand)]
    command: SeqnumCommand,
}

#[derive(Subcommand, Debug)]
enum SeqnumCommand {
    /// Show the numbers
    Show(SessionArgs),
    /// Set the number expected next, the number sent next, or both
    Set(SetArgs),
}

#[derive(Args, Debug)]
#[group(id = "numbers", required = true, multiple = true, args = ["next_in", "next_out"])]
struct SetArgs {
    /// The MsgSeqNum expected next, from 1 to 9223372036854775807
    #[arg(long = "in", value_name = "N", value_parser = msg_seq_num)]
    next_in: Option<u64>,
    /// The MsgSeqNum sent next, from 1 to 9223372036854775807; it cannot be lowered while connected
    #[arg(long = "out", value_name = "N", value_parser = msg_seq_num)]
    next_out: Option<u64>,
    /// Go through with a jump of more than 10,000 numbers; without it, what would go over the wire is said, and
    /// nothing is changed
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    session: SessionArgs,
}

/// A session of the running engine.
#[derive(Args, Debug)]
pub struct SessionArgs {
    /// Its id as `fix-host sessions` prints it, or the counterparty's CompID if it has but one session
    session: String,
    #[command(flatten)]
    engine: EngineArgs,
}

/// Prints all sessions.
pub fn list(args: &SessionsArgs) -> ExitCode {
    finish(client(&args.engine).and_then(|client| {
        let answer = client.get("/api/sessions")?;
        let mut out = io::stdout().lock();
        if args.format == Format::Json {
            writeln!(out, "{answer}")?;
            return Ok(exit::OK);
        }
        let sessions = answer.get("sessions").and_then(Value::as_array).cloned().unwrap_or_default();
        write!(out, "{}", table(&sessions))?;
        Ok(exit::OK)
    }))
}

/// Shows or sets sequence numbers.
pub fn seqnum(args: &SeqnumArgs) -> ExitCode {
    finish(match &args.command {
        SeqnumCommand::Show(session) => {
            let path = format!("/api/sessions/{}", encode_segment(&session.session));
            client(&session.engine).and_then(|client| print(&client.get(&path)?))
        }
        SeqnumCommand::Set(SetArgs { next_in, next_out, force, session }) => {
            let mut body = Map::new();
            body.extend(next_in.map(|number| ("in".to_owned(), number.into())));
            body.extend(next_out.map(|number| ("out".to_owned(), number.into())));
            body.extend(force.then(|| ("force".to_owned(), true.into())));
            operate(session, "seqnum", &body).and_then(|view| print(&view))
        }
    })
}

/// Lets a session in again and waits for its Logon.
pub fn logon(args: &SessionArgs) -> ExitCode {
    finish(operate(args, "logon", &Map::new()).and_then(|view| {
        print(&view)?;
        if text(&view, "status") == "LOGGED_ON" {
            return Ok(exit::OK);
        }
        Err(not_yet(&view, "not logged on yet; the engine goes on trying"))
    }))
}

/// Logs a session out; it stays out.
pub fn logout(args: &SessionArgs) -> ExitCode {
    finish(operate(args, "logout", &Map::new()).and_then(|view| {
        print(&view)?;
        if text(&view, "status") == "LOGGED_OFF" {
            return Ok(exit::OK);
        }
        Err(not_yet(&view, "the counterparty has not answered our Logout yet"))
    }))
}

/// What was asked for is under way, and takes longer than the engine waits for it.
fn not_yet(view: &Value, how_it_is: &str) -> Failure {
    let (session, phase) = (text(view, "session"), text(view, "phase"));
    let text = format!(
        "{session}: {how_it_is} (now: {phase}, {}); `{} sessions` shows how it ends",
        detail(view),
        exit::program()
    );
    Failure::new(exit::TIME_OUT, text)
}

/// Begins both numbers of a session at 1.
pub fn reset(args: &SessionArgs) -> ExitCode {
    finish(operate(args, "reset", &Map::new()).and_then(|view| print(&view)))
}

/// Sends a TestRequest and says how long its answer took.
pub fn test_request(args: &SessionArgs) -> ExitCode {
    finish(operate(args, "test-request", &Map::new()).and_then(|view| {
        let session = text(&view, "session");
        let test = view.get("testRequest").cloned().unwrap_or_default();
        let id = text(&test, "testReqID");
        if let Some(millis) = test.get("roundTripMs").and_then(Value::as_f64) {
            writeln!(io::stdout().lock(), "{session}: TestReqID {id} answered after {millis:.3} ms")?;
            return Ok(exit::OK);
        }
        Err(not_yet(&view, &format!("TestReqID {id} is not answered yet")))
    }))
}

pub(super) fn client(engine: &EngineArgs) -> Result<ApiClient, Failure> {
    let token = Token::from_environment().map_err(|error| Failure::new(exit::USAGE, error))?;
    Ok(ApiClient::new(&engine.api, token)?)
}

fn operate(args: &SessionArgs, operation: &str, body: &Map<String, Value>) -> Result<Value, Failure> {
    let path = format!("/api/sessions/{}/{operation}", encode_segment(&args.session));
    Ok(client(&args.engine)?.post(&path, body)?)
}

pub(super) fn finish(outcome: Result<u8, Failure>) -> ExitCode {
    outcome.map_or_else(Failure::exit, ExitCode::from)
}

fn print(view: &Value) -> Result<u8, Failure> {
    write!(io::stdout().lock(), "{}", table(std::slice::from_ref(view)))?;
    Ok(exit::OK)
}

const COLUMNS: [&str; 6] = ["SESSION", "PHASE", "NEXT IN", "NEXT OUT", "HEARTBEAT", "DETAIL"];

fn table(sessions: &[Value]) -> String {
    aligned(std::iter::once(COLUMNS.map(str::to_owned)).chain(sessions.iter().map(row)).collect())
}

fn row(view: &Value) -> [String; COLUMNS.len()] {
    let heart_bt_int = match view.get("heartBtInt").and_then(Value::as_u64) {
        Some(seconds) if seconds > 0 => format!("{seconds} s"),
        _ => "-".to_owned(),
    };
    [
        text(view, "session"),
        text(view, "phase"),
        text(view, "nextIn"),
        text(view, "nextOut"),
        heart_bt_int,
        detail(view),
    ]
}

fn detail(view: &Value) -> String {
    let mut parts = vec![text(view, "detail")];
    if let Some(halt) = view.get("halted").filter(|halt| halt.is_object()) {
        parts.push(words(halt));
    }
    let is_true = |key| view.get(key).and_then(Value::as_bool) == Some(true);
    if is_true("staysOut") {
        parts.push(format!("stays out until `{} logon`", exit::program()));
    }
    if let Some(gap) = view.get("gap").filter(|gap| !gap.is_null()) {
        parts.push(format!("asks for {} to {}", text(gap, "begin"), text(gap, "end")));
    }
    if is_true("resending") {
        parts.push("resends".to_owned());
    }
    parts.join("; ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_table_is_aligned_and_says_what_matters() {
        let quiet = json!({
            "session": "FIX.4.4:A->B", "phase": "logged on", "nextIn": 12, "nextOut": 7, "heartBtInt": 30,
            "gap": null, "detail": "logged on",
        });
        let busy = json!({
            "session": "FIX.4.4:A->LONGER", "phase": "logged on", "nextIn": 3, "nextOut": 1, "heartBtInt": 0,
            "gap": { "begin": 3, "end": 9 }, "resending": true, "detail": "\u{1b}[31m",
        });
        assert_eq!(
            table(&[quiet, busy]),
            "SESSION            PHASE      NEXT IN  NEXT OUT  HEARTBEAT  DETAIL\n\
             FIX.4.4:A->B       logged on  12       7         30 s       logged on\n\
             FIX.4.4:A->LONGER  logged on  3        1         -          \\u{1b}[31m; asks for 3 to 9; resends\n"
        );
    }
}
