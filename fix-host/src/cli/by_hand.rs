//! `fix-host exchange orders | book | fill ...`: a person plays the venue of a running exchange.

use std::{
    io::{self, Write},
    process::ExitCode,
};

use clap::{Args, Subcommand, ValueEnum, builder::PossibleValue};
use fix_core::decimal::Decimal;
use serde_json::{Map, Value, json};

use super::{
    remote::Failure,
    sessions::{EngineArgs, Format, client, finish},
    table::{aligned, text},
    thirty_seconds::thirty_seconds,
};
use crate::{
    contract::{by_hand::MarketPhase, number},
    exit,
    web::encode_segment,
};

/// What a person can do as the venue. The exchange is reached through its HTTP API: `exchange --http`, or that of `demo`.
#[derive(Subcommand, Debug)]
pub(super) enum ByHand {
    /// List the instruments with their phases and best prices
    Venue(VenueArgs),
    /// List the orders of all sessions that can still trade, with their executions
    Orders(OrdersArgs),
    /// Show the book of an instrument
    Book(BookArgs),
    /// Accept the oldest request that waits about an order (--hold)
    Accept(OrderArgs),
    /// Refuse the oldest request that waits about an order (--hold)
    Reject(RejectArgs),
    /// Fill an order, or a part of it, at a price beside the book; one that waits is accepted by it
    Fill(FillArgs),
    /// Cancel an order that its session did not ask to cancel
    Cancel(OrderArgs),
    /// Guarantee an order its price: ExecType(150)=7
    Stop(OrderArgs),
    /// Take an order out of its book for a while: ExecType(150)=9, OrdStatus(39)=9
    Suspend(OrderArgs),
    /// Put a suspended order into its book again, behind the others at its price: ExecType(150)=D
    Resume(OrderArgs),
    /// After the close: tell ExecType(150)=B of each order that traded and is filled or done for the day
    Calculate(CalculateArgs),
    /// Take an execution back: ExecType(150)=H. What it filled is open again, and may trade again at once; of a filled order that
    /// does not rest (MARKET, STOP, IOC, FOK) it is cancelled
    Bust(BustArgs),
    /// Correct an execution: ExecType(150)=G, never to more; what becomes open is treated as by `bust`
    Correct(CorrectArgs),
    /// Halt trading, of all instruments or of one; `phase open` goes on
    Halt(HaltArgs),
    /// Go on to a phase: with `close` the day ends, with the next one another begins
    Phase(PhaseArgs),
    /// Leave requests to a person from now on (`on`), or no longer (`off`)
    Hold(HoldArgs),
}

#[derive(Args, Debug)]
pub(super) struct VenueArgs {
    /// How to print them
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    #[command(flatten)]
    engine: EngineArgs,
}

#[derive(Args, Debug)]
pub(super) struct OrdersArgs {
    /// Those that have ended too, as far as they are remembered
    #[arg(long)]
    all: bool,
    /// How to print them
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    #[command(flatten)]
    engine: EngineArgs,
}

#[derive(Args, Debug)]
pub(super) struct BookArgs {
    /// Symbol(55)
    symbol: String,
    /// How to print it
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    #[command(flatten)]
    engine: EngineArgs,
}

#[derive(Args, Debug)]
pub(super) struct OrderArgs {
    /// Its OrderID(37), or its ClOrdID(11) where only one session has such an order
    order: String,
    #[command(flatten)]
    engine: EngineArgs,
}

#[derive(Args, Debug)]
pub(super) struct CalculateArgs {
    #[command(flatten)]
    engine: EngineArgs,
}

#[derive(Args, Debug)]
pub(super) struct RejectArgs {
    /// OrderID(37) or ClOrdID(11) of the order
    order: String,
    /// Text(58): why
    #[arg(long, default_value = "refused by hand")]
    text: String,
    #[command(flatten)]
    engine: EngineArgs,
}

#[derive(Args, Debug)]
pub(super) struct FillArgs {
    /// OrderID(37) or ClOrdID(11) of the order
    order: String,
    /// LastQty(32); all that is open if not given
    #[arg(long)]
    qty: Option<Decimal>,
    /// LastPx(31); its limit, or where the book would fill it, if not given
    #[arg(long)]
    price: Option<Decimal>,
    /// The price may be worse than the limit of the order
    #[arg(long)]
    beyond_limit: bool,
    #[command(flatten)]
    engine: EngineArgs,
}

#[derive(Args, Debug)]
pub(super) struct BustArgs {
    /// ExecID(17)
    execution: String,
    #[command(flatten)]
    engine: EngineArgs,
}

#[derive(Args, Debug)]
pub(super) struct CorrectArgs {
    /// ExecID(17)
    execution: String,
    /// LastQty(32), at most what it was
    #[arg(long)]
    qty: Decimal,
    /// LastPx(31)
    #[arg(long)]
    price: Decimal,
    /// The price may be worse than the limit of the order
    #[arg(long)]
    beyond_limit: bool,
    #[command(flatten)]
    engine: EngineArgs,
}

#[derive(Args, Debug)]
pub(super) struct HaltArgs {
    /// Symbol(55); all instruments if not given
    symbol: Option<String>,
    #[command(flatten)]
    engine: EngineArgs,
}

#[derive(Args, Debug)]
pub(super) struct PhaseArgs {
    /// Which
    #[arg(value_enum)]
    phase: MarketPhase,
    /// Symbol(55); all instruments if not given
    symbol: Option<String>,
    #[command(flatten)]
    engine: EngineArgs,
}

#[derive(Args, Debug)]
pub(super) struct HoldArgs {
    /// Whether
    #[arg(value_enum)]
    switch: Switch,
    #[command(flatten)]
    engine: EngineArgs,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Switch {
    On,
    Off,
}

impl ValueEnum for MarketPhase {
    fn value_variants<'a>() -> &'a [Self] {
        use MarketPhase::{Close, Halt, Open, PreClose, PreOpen};
        &[PreOpen, Open, Halt, PreClose, Close]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let (name, help) = match self {
            MarketPhase::PreOpen => ("pre-open", "Orders are collected for the opening"),
            MarketPhase::Open => {
                ("open", "Orders trade as they come; what was collected trades at one price first")
            }
            MarketPhase::Halt => ("halt", "Orders are collected, nothing trades"),
            MarketPhase::PreClose => ("pre-close", "Orders are collected for the closing"),
            MarketPhase::Close => ("close", "What was collected trades at one price, then the day ends"),
        };
        Some(PossibleValue::new(name).help(help))
    }
}

/// Does it, and prints what came of it.
pub(super) fn run(command: &ByHand) -> ExitCode {
    finish(carry_out(command))
}

fn carry_out(command: &ByHand) -> Result<u8, Failure> {
    match command {
        ByHand::Venue(args) => show(&args.engine, "/api/exchange", args.format, instruments),
        ByHand::Orders(args) => {
            let path = format!("/api/exchange/orders?state={}", if args.all { "all" } else { "live" });
            show(&args.engine, &path, args.format, orders)
        }
        ByHand::Book(args) => {
            let path = format!("/api/exchange/book/{}", encode_segment(&args.symbol));
            show(&args.engine, &path, args.format, book)
        }
        ByHand::Accept(args) => act(&args.engine, "accept", &json!({ "order": args.order })),
        ByHand::Reject(args) => {
            act(&args.engine, "reject", &json!({ "order": args.order, "text": args.text }))
        }
        ByHand::Fill(args) => {
            let (qty, price) = (args.qty.map(number::json), args.price.map(number::json));
            let beyond_limit = args.beyond_limit;
            let body =
                json!({ "order": args.order, "qty": qty, "price": price, "beyondLimit": beyond_limit });
            act(&args.engine, "fill", &body)
        }
        ByHand::Cancel(args) => act(&args.engine, "cancel", &json!({ "order": args.order })),
        ByHand::Stop(args) => act(&args.engine, "stop", &json!({ "order": args.order })),
        ByHand::Suspend(args) => act(&args.engine, "suspend", &json!({ "order": args.order })),
        ByHand::Resume(args) => act(&args.engine, "resume", &json!({ "order": args.order })),
        ByHand::Calculate(args) => act(&args.engine, "calculate", &json!({})),
        ByHand::Bust(args) => act(&args.engine, "bust", &json!({ "execution": args.execution })),
        ByHand::Correct(args) => {
            let (qty, price) = (number::json(args.qty), number::json(args.price));
            let (execution, beyond_limit) = (&args.execution, args.beyond_limit);
            let body =
                json!({ "execution": execution, "qty": qty, "price": price, "beyondLimit": beyond_limit });
            act(&args.engine, "correct", &body)
        }
        ByHand::Halt(args) => phase(&args.engine, MarketPhase::Halt, args.symbol.as_deref()),
        ByHand::Phase(args) => phase(&args.engine, args.phase, args.symbol.as_deref()),
        ByHand::Hold(args) => {
            act(&args.engine, "hold", &json!({ "hold": matches!(args.switch, Switch::On) }))
        }
    }
}

fn phase(engine: &EngineArgs, phase: MarketPhase, symbol: Option<&str>) -> Result<u8, Failure> {
    act(engine, "phase", &json!({ "phase": phase, "symbol": symbol }))
}

fn act(engine: &EngineArgs, what: &str, body: &Value) -> Result<u8, Failure> {
    let empty = Map::new();
    let answer =
        client(engine)?.post(&format!("/api/exchange/{what}"), body.as_object().unwrap_or(&empty))?;
    writeln!(io::stdout().lock(), "{}", done(&answer))?;
    Ok(exit::OK)
}

/// How things stand after an act, in a line.
fn done(answer: &Value) -> String {
    if let Some(order) = answer.get("order") {
        let of = |key| value(order, key);
        let waits = match order.get("waits") {
            Some(Value::String(what)) => format!("; a request waits: {what}"),
            _ => String::new(),
        };
        return format!(
            "{} {} of {} is {}: {}, filled {} at {} on average, open {}{waits}",
            of("orderID"),
            of("clOrdID"),
            of("session"),
            state(order),
            terms(order),
            of("cumQty"),
            of("avgPx"),
            of("leavesQty"),
        );
    }
    if let Some(phase) = answer.get("phase") {
        let symbol = phase.get("symbol").filter(|symbol| !symbol.is_null());
        let what = if symbol.is_some() { value(phase, "symbol") } else { "all instruments".to_owned() };
        return format!("{what}: {}", value(phase, "phase"));
    }
    if let Some(count) = answer.get("calculated") {
        return format!("calculated: {count}");
    }
    match answer.get("hold") {
        Some(Value::Bool(true)) => "requests are held for a person from now on".to_owned(),
        Some(Value::Bool(false)) => "requests are held no longer; those that wait still do".to_owned(),
        _ => "done".to_owned(),
    }
}

/// OrdStatus(39) of an order, and that it is suspended where another status has precedence.
fn state(order: &Value) -> String {
    let status = value(order, "ordStatus");
    let hides = order.get("suspended") == Some(&Value::Bool(true)) && status != "SUSPENDED";
    if hides { format!("{status} (suspended)") } else { status }
}

/// What an order asks for, in words.
fn terms(order: &Value) -> String {
    let of = |key| value(order, key);
    let price = match (order.get("price"), order.get("stopPx")) {
        (Some(Value::Number(limit)), _) => format!(" {limit}"),
        (_, Some(Value::Number(stop))) => format!(" {stop}"),
        _ => String::new(),
    };
    format!(
        "{} {} {} {}{price} {}",
        of("side"),
        of("orderQty"),
        of("symbol"),
        of("ordType"),
        of("timeInForce")
    )
}

fn show(
    engine: &EngineArgs,
    path: &str,
    format: Format,
    table: impl FnOnce(&Value) -> String,
) -> Result<u8, Failure> {
    let answer = client(engine)?.get(path)?;
    let mut out = io::stdout().lock();
    match format {
        Format::Json => writeln!(out, "{answer:#}")?,
        Format::Table => write!(out, "{}", table(&answer))?,
    }
    Ok(exit::OK)
}

fn instruments(answer: &Value) -> String {
    let mut rows = vec![["symbol", "phase", "bid", "ask", "last"].map(str::to_owned)];
    for instrument in entries(answer, "instruments") {
        let price = |key| price(instrument, instrument, key);
        rows.push([
            value(instrument, "symbol"),
            value(instrument, "phase"),
            price("bid"),
            price("ask"),
            price("last"),
        ]);
    }
    let journal = if answer.get("journal") == Some(&"FAILING".into()) {
        "the journal of orders cannot be written: no orders are taken until it can; make room on its disk\n"
    } else {
        ""
    };
    let hold = if answer.get("hold") == Some(&true.into()) {
        "requests are held for a person: accept, fill or reject decides each\n"
    } else {
        ""
    };
    format!("{}{hold}{journal}", aligned(rows))
}

fn orders(answer: &Value) -> String {
    let mut rows = vec![
        ["OrderID", "session", "ClOrdID", "order", "state", "filled", "waits", "executions"]
            .map(str::to_owned),
    ];
    for order in entries(answer, "orders") {
        let of = |key| value(order, key);
        let executions = entries(order, "executions").map(|one| {
            format!("{} {} at {}", value(one, "execID"), value(one, "lastQty"), value(one, "lastPx"))
        });
        rows.push([
            of("orderID"),
            of("session"),
            of("clOrdID"),
            terms(order),
            state(order),
            of("cumQty"),
            of("waits"),
            executions.collect::<Vec<_>>().join(", "),
        ]);
    }
    if rows.len() == 1 {
        return "no orders\n".to_owned();
    }
    aligned(rows)
}

fn book(answer: &Value) -> String {
    let mut rows = vec![["orders", "buy", "price", "sell", "orders"].map(str::to_owned)];
    let asks: Vec<&Value> = entries(answer, "asks").collect();
    let of = |level: &Value, key| value(level, key);
    for level in asks.into_iter().rev() {
        let price = price(answer, level, "price");
        rows.push([String::new(), String::new(), price, of(level, "qty"), of(level, "orders")]);
    }
    for level in entries(answer, "bids") {
        let price = price(answer, level, "price");
        rows.push([of(level, "orders"), of(level, "qty"), price, String::new(), String::new()]);
    }
    format!("{} {}\n{}", value(answer, "symbol"), value(answer, "phase"), aligned(rows))
}

fn entries<'a>(answer: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    answer.get(key).and_then(Value::as_array).into_iter().flatten()
}

/// A price for the terminal, as the instrument is quoted.
fn price(instrument: &Value, object: &Value, key: &str) -> String {
    let fraction = || thirty_seconds(object.get(key)?.as_number()?.to_string().parse().ok()?);
    let is_fraction = instrument.get("in32nds") == Some(&true.into());
    is_fraction.then(fraction).flatten().unwrap_or_else(|| value(object, key))
}

/// A value for the terminal; a dash where there is none.
fn value(object: &Value, key: &str) -> String {
    if object.get(key).is_none_or(Value::is_null) { "-".to_owned() } else { text(object, key) }
}
