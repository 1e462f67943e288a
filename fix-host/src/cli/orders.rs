//! `fix-host orders`: orders of which nobody knows whether the counterparty has them, and what an operator says of
//! them.

use std::{
    io::{self, Write},
    process::ExitCode,
};

use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Map, Value};

use super::{
    remote::Failure,
    sessions::{EngineArgs, client, finish},
};
use crate::{bus::request::Fate, exit, web::encode_segment};

/// List orders whose state is unknown, and say what became of them
///
/// An order that had no report when its message was gap-filled, or that the engine had in hand when it was killed, may
/// or may not be with the counterparty. With AskUnknownOrders=Y the engine asks; else ask by phone, and say it here.
#[derive(Args, Debug)]
pub struct OrdersArgs {
    #[command(subcommand)]
    command: OrdersCommand,
}

#[derive(Subcommand, Debug)]
enum OrdersCommand {
    /// List the orders whose state is unknown
    Unknown(EngineArgs),
    /// Say what became of one of them; its sender is told
    Resolve(ResolveArgs),
}

#[derive(Args, Debug)]
struct ResolveArgs {
    /// The ClOrdID of the order
    #[arg(value_name = "ID")]
    cl_ord_id: String,
    /// What became of it; rejected too if the counterparty never had it
    #[arg(long, value_enum)]
    state: State,
    /// How you know; goes into the report
    #[arg(long, value_name = "TEXT")]
    note: String,
    #[command(flatten)]
    engine: EngineArgs,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum State {
    Filled,
    Canceled,
    Rejected,
}

impl From<State> for Fate {
    fn from(state: State) -> Self {
        match state {
            State::Filled => Fate::Filled,
            State::Canceled => Fate::Canceled,
            State::Rejected => Fate::Rejected,
        }
    }
}

/// Runs the command.
pub fn run(args: &OrdersArgs) -> ExitCode {
    finish(match &args.command {
        OrdersCommand::Unknown(engine) => unknown(engine),
        OrdersCommand::Resolve(args) => resolve(args),
    })
}

fn unknown(engine: &EngineArgs) -> Result<u8, Failure> {
    let answer = client(engine)?.get("/api/orders?state=unknown")?;
    let orders = answer.get("orders").and_then(Value::as_array).cloned().unwrap_or_default();
    let mut out = io::stdout().lock();
    for order in &orders {
        let text = |key| order.get(key).and_then(Value::as_str).unwrap_or_default().escape_debug();
        writeln!(out, "{}  {}", text("clOrdID"), text("session"))?;
    }
    Ok(if orders.is_empty() { exit::REJECTED } else { exit::OK })
}

fn resolve(args: &ResolveArgs) -> Result<u8, Failure> {
    let fate = Fate::from(args.state).name();
    let mut body = Map::new();
    body.insert("state".into(), fate.into());
    body.insert("note".into(), args.note.as_str().into());
    client(&args.engine)?.post(&format!("/api/orders/{}/resolve", encode_segment(&args.cl_ord_id)), &body)?;
    writeln!(io::stdout().lock(), "{}: {fate}; its sender is told", args.cl_ord_id.escape_debug())?;
    Ok(exit::OK)
}
