//! `fix-host orders`: the orders as they were last reported; those of which nobody knows whether the counterparty has
//! them, and what an operator says of them.

use std::{
    io::{self, Write},
    process::ExitCode,
};

use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Map, Value};

use super::{
    remote::Failure,
    sessions::{EngineArgs, Format, client, finish},
    table::{aligned, text},
};
use crate::{contract::request::Fate, exit, web::encode_segment};

/// List the orders as they were last reported, and settle those whose state is unknown
///
/// The newest come first. An order that was replaced goes by the ClOrdID of the replacement. An order that had no report when its message was gap-filled, or that the engine had in hand when it was killed, may
/// or may not be with the counterparty. With AskUnknownOrders=Y the engine asks; else ask by phone, and say it here.
#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub struct OrdersArgs {
    #[command(subcommand)]
    command: Option<OrdersCommand>,
    /// Which of them
    #[arg(long, value_enum, default_value_t = Shown::All)]
    state: Shown,
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 1000)]
    limit: u32,
    /// How to print them
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    #[command(flatten)]
    engine: EngineArgs,
}

/// Which orders are listed.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Shown {
    All,
    Working,
    Done,
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
        None => list(args),
        Some(OrdersCommand::Unknown(engine)) => unknown(engine),
        Some(OrdersCommand::Resolve(args)) => resolve(args),
    })
}

const COLUMNS: [&str; 9] =
    ["CLORDID", "SYMBOL", "SIDE", "QTY", "CUM", "LEAVES", "PRICE", "STATE", "LAST REPORT"];

fn list(args: &OrdersArgs) -> Result<u8, Failure> {
    let state = match args.state {
        Shown::All => "all",
        Shown::Working => "working",
        Shown::Done => "done",
    };
    let path = format!("/api/orders?state={state}&limit={}", args.limit);
    let answer = client(&args.engine)?.get(&path)?;
    let mut out = io::stdout().lock();
    if args.format == Format::Json {
        writeln!(out, "{answer}")?;
        return Ok(exit::OK);
    }
    let orders = answer.get("orders").and_then(Value::as_array).cloned().unwrap_or_default();
    let rows = std::iter::once(COLUMNS.map(str::to_owned)).chain(orders.iter().map(row));
    write!(out, "{}", aligned(rows.collect()))?;
    Ok(exit::OK)
}

fn row(order: &Value) -> [String; COLUMNS.len()] {
    let cell = |key| text(order, key);
    let price = match (order.get("price"), order.get("stopPx")) {
        (None, None) if cell("ordType") == "MARKET" => "market".to_owned(),
        (_, None) => cell("price"),
        (None, Some(_)) => format!("stop {}", cell("stopPx")),
        (Some(_), Some(_)) => format!("{} stop {}", cell("price"), cell("stopPx")),
    };
    let state = match order.get("replacedBy") {
        Some(_) => format!("{} by {}", cell("state"), cell("replacedBy")),
        None => cell("state"),
    };
    let [id, symbol, side] = ["clOrdID", "symbol", "side"].map(cell);
    let [qty, cum, leaves] = ["qty", "cumQty", "leavesQty"].map(cell);
    [id, symbol, side, qty, cum, leaves, price, state, cell("lastReport")]
}

fn unknown(engine: &EngineArgs) -> Result<u8, Failure> {
    let answer = client(engine)?.get("/api/orders?state=unknown")?;
    let orders = answer.get("orders").and_then(Value::as_array).cloned().unwrap_or_default();
    let mut out = io::stdout().lock();
    if orders.is_empty() {
        writeln!(out, "none")?;
    }
    for order in &orders {
        let text = |key| order.get(key).and_then(Value::as_str).unwrap_or_default().escape_debug();
        writeln!(out, "{}  {}", text("clOrdID"), text("session"))?;
    }
    Ok(exit::OK)
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
