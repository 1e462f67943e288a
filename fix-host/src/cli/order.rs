//! `fix-host order`: places an order and prints what becomes of it.

use std::{process::ExitCode, time::Duration};

use clap::{Args, ValueEnum};
use fix_core::{decimal::Decimal, time::UtcTimestamp, wire::value::ValueError};
use serde_json::{Map, Value};

use super::{
    remote::{Failure, Remote, RemoteArgs},
    ticket::{new_cl_ord_id, place_and_follow},
};
use crate::{
    bus::{
        number::{self, NumberError},
        order::{OrdType, Side},
    },
    clock::utc_now,
    exit,
};

/// Place an order with the running engine, and print its reports until it ends.
#[derive(Args, Debug)]
pub struct OrderArgs {
    /// BUY or SELL
    #[arg(long, value_enum, ignore_case = true)]
    side: SideArg,
    /// How many
    #[arg(long, value_name = "N", value_parser = positive, allow_negative_numbers = true)]
    qty: Decimal,
    /// What, such as 10Y
    #[arg(long, value_name = "SYM")]
    symbol: String,
    /// The limit; with neither this nor --stop-px it is a market order
    #[arg(long, value_name = "P", value_parser = positive, allow_negative_numbers = true)]
    price: Option<Decimal>,
    /// The price at which a stop order becomes a market order, or with --price a limit order
    #[arg(long, value_name = "P", value_parser = positive, allow_negative_numbers = true)]
    stop_px: Option<Decimal>,
    /// Follows from --price and --stop-px when left out
    #[arg(long = "type", value_enum, ignore_case = true)]
    ord_type: Option<TypeArg>,
    /// How long it stands; the counterparty takes it for a day when left out
    #[arg(long, value_enum, ignore_case = true)]
    time_in_force: Option<TimeInForceArg>,
    /// When a GTD order ends, such as 2026-11-24T16:00:00Z
    #[arg(long, value_name = "TIME", value_parser = moment)]
    expire_time: Option<UtcTimestamp>,
    /// The account, as agreed with the counterparty
    #[arg(long, value_name = "TEXT")]
    account: Option<String>,
    /// Another field by its name or tag, such as MinQty=10; a repeating group as a JSON list of objects, such as
    /// NoPartyIDs=[{"PartyID":"DESK7","PartyRole":12}]
    #[arg(long = "field", value_name = "NAME=VALUE", value_parser = field)]
    fields: Vec<(String, Value)>,
    /// The order's ClOrdID; a new one when left out
    #[arg(long, value_name = "ID")]
    cl_ord_id: Option<String>,
    /// Seconds to wait for its end; 0 returns once the order is handed over
    #[arg(long, value_name = "S", default_value_t = 5)]
    timeout: u32,
    /// The session to send it on: its id, or the counterparty's CompID; chosen by the engine when left out
    #[arg(long, value_name = "SESSION")]
    session: Option<String>,
    #[command(flatten)]
    remote: RemoteArgs,
}

/// BUY or SELL on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "UPPER")]
pub(super) enum SideArg {
    Buy,
    Sell,
}

impl From<SideArg> for Side {
    fn from(side: SideArg) -> Self {
        match side {
            SideArg::Buy => Side::Buy,
            SideArg::Sell => Side::Sell,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "UPPER")]
enum TypeArg {
    Market,
    Limit,
    Stop,
    #[value(name = "STOP_LIMIT")]
    StopLimit,
}

impl TypeArg {
    /// The type that goes with these prices.
    fn of(price: Option<Decimal>, stop_px: Option<Decimal>) -> Self {
        match OrdType::of_prices(price, stop_px) {
            OrdType::Market => TypeArg::Market,
            OrdType::Limit(_) => TypeArg::Limit,
            OrdType::Stop(_) => TypeArg::Stop,
            OrdType::StopLimit { .. } => TypeArg::StopLimit,
        }
    }
}

/// TimeInForce(59) on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "UPPER")]
enum TimeInForceArg {
    Day,
    Gtc,
    Opg,
    Ioc,
    Fok,
    Gtx,
    Gtd,
    Close,
}

/// Runs the command.
pub fn run(args: &OrderArgs) -> ExitCode {
    place(args).unwrap_or_else(Failure::exit)
}

fn place(args: &OrderArgs) -> Result<ExitCode, Failure> {
    let order = order_json(args)?;
    let mut remote = Remote::open(&args.remote)?;
    if let Some(cl_ord_id) = &args.cl_ord_id {
        refuse_if_used(&mut remote, cl_ord_id)?;
    }
    place_and_follow(&mut remote, &order, Duration::from_secs(args.timeout.into()), &["2"])
}

/// The reports of an earlier order with the same ClOrdID would pass for those of this one.
fn refuse_if_used(remote: &mut Remote, cl_ord_id: &str) -> Result<(), Failure> {
    if remote.history(cl_ord_id)?.is_empty() {
        return Ok(());
    }
    let id = cl_ord_id.escape_debug();
    let text = format!("ClOrdID {id} was used before, the order was not sent; choose another --cl-ord-id");
    Err(Failure::new(exit::REJECTED, text))
}

fn order_json(args: &OrderArgs) -> Result<Map<String, Value>, Failure> {
    let priced = TypeArg::of(args.price, args.stop_px);
    let ord_type = args.ord_type.unwrap_or(priced);
    if ord_type != priced {
        let needs = match ord_type {
            TypeArg::Market => "takes no --price and no --stop-px",
            TypeArg::Limit => "needs a --price and takes no --stop-px",
            TypeArg::Stop => "needs a --stop-px and takes no --price",
            TypeArg::StopLimit => "needs a --price and a --stop-px",
        };
        return Err(Failure::new(exit::USAGE, format_args!("--type {} {needs}", word(ord_type))));
    }
    if (args.time_in_force == Some(TimeInForceArg::Gtd)) != args.expire_time.is_some() {
        return Err(Failure::new(exit::USAGE, "--time-in-force GTD and --expire-time go together"));
    }
    let mut order = Map::new();
    order.insert("clOrdID".into(), args.cl_ord_id.clone().unwrap_or_else(new_cl_ord_id).into());
    order.insert("symbol".into(), args.symbol.as_str().into());
    order.insert("side".into(), Side::from(args.side).name().into());
    order.insert("qty".into(), number::json(args.qty).into());
    order.insert("ordType".into(), word(ord_type).into());
    if let Some(price) = args.price {
        order.insert("price".into(), number::json(price).into());
    }
    if let Some(stop_px) = args.stop_px {
        order.insert("stopPx".into(), number::json(stop_px).into());
    }
    if let Some(time_in_force) = args.time_in_force {
        order.insert("timeInForce".into(), word(time_in_force).into());
    }
    if let Some(expire_time) = args.expire_time {
        order.insert("expireTime".into(), number::unix_seconds(expire_time).into());
    }
    if let Some(account) = &args.account {
        order.insert("account".into(), account.as_str().into());
    }
    if !args.fields.is_empty() {
        order.insert("fields".into(), further_fields(&args.fields)?.into());
    }
    order.insert("timestamp".into(), number::unix_seconds(utc_now()).into());
    if let Some(session) = &args.session {
        order.insert("session".into(), session.as_str().into());
    }
    Ok(order)
}

fn further_fields(given: &[(String, Value)]) -> Result<Map<String, Value>, Failure> {
    let mut fields = Map::new();
    for (name, value) in given {
        if fields.insert(name.clone(), value.clone()).is_some() {
            return Err(Failure::new(
                exit::USAGE,
                format_args!("--field {}: given twice", name.escape_debug()),
            ));
        }
    }
    Ok(fields)
}

/// `NAME=VALUE`; a list in JSON is a repeating group.
fn field(text: &str) -> Result<(String, Value), String> {
    let (name, value) = text.split_once('=').ok_or("must be NAME=VALUE, such as MinQty=10")?;
    let group = value.starts_with('[').then(|| serde_json::from_str(value).ok()).flatten();
    Ok((name.trim().to_owned(), group.unwrap_or_else(|| value.into())))
}

/// The word of the JSON contract, which the command line has too.
fn word(value: impl ValueEnum) -> String {
    value.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
}

fn moment(text: &str) -> Result<UtcTimestamp, String> {
    let moment: jiff::Timestamp =
        text.parse().map_err(|_| "must be a time with its zone, such as 2026-11-24T16:00:00Z".to_owned())?;
    let nanos = u32::try_from(moment.subsec_nanosecond()).ok();
    let moment = nanos.map(|nanos| UtcTimestamp::from_unix(moment.as_second(), nanos));
    moment.ok_or_else(|| "must not lie before 1970".to_owned())
}

fn positive(text: &str) -> Result<Decimal, String> {
    let value: Decimal = text.parse().map_err(|error| match error {
        ValueError::Overflow => NumberError::TooManyDigits.to_string(),
        _ => "must be a number such as 100 or 96.25".to_owned(),
    })?;
    if value.is_positive() { Ok(value) } else { Err("must be greater than 0".into()) }
}
