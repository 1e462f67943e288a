//! `fix-host order`: places an order and prints what becomes of it.

use std::{process::ExitCode, time::Duration};

use clap::{Args, ValueEnum};
use fix_core::{decimal::Decimal, wire::value::ValueError};
use serde_json::{Map, Value};

use super::{
    remote::{Failure, Remote, RemoteArgs},
    ticket::{new_cl_ord_id, place_and_follow},
};
use crate::{
    bus::{
        number::{self, NumberError},
        order::Side,
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
    /// The limit; without one it is a market order
    #[arg(long, value_name = "P", value_parser = positive, allow_negative_numbers = true)]
    price: Option<Decimal>,
    /// MARKET or LIMIT; follows from --price when left out
    #[arg(long = "type", value_enum, ignore_case = true)]
    ord_type: Option<TypeArg>,
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
    let ord_type = match (args.ord_type, args.price) {
        (None | Some(TypeArg::Limit), Some(_)) => "LIMIT",
        (None | Some(TypeArg::Market), None) => "MARKET",
        (Some(TypeArg::Limit), None) => {
            return Err(Failure::new(exit::USAGE, "--type LIMIT needs a --price"));
        }
        (Some(TypeArg::Market), Some(_)) => {
            return Err(Failure::new(exit::USAGE, "--type MARKET takes no --price"));
        }
    };
    let mut order = Map::new();
    order.insert("clOrdID".into(), args.cl_ord_id.clone().unwrap_or_else(new_cl_ord_id).into());
    order.insert("symbol".into(), args.symbol.as_str().into());
    order.insert("side".into(), Side::from(args.side).name().into());
    order.insert("qty".into(), number::json(args.qty).into());
    order.insert("ordType".into(), ord_type.into());
    if let Some(price) = args.price {
        order.insert("price".into(), number::json(price).into());
    }
    order.insert("timestamp".into(), number::unix_seconds(utc_now()).into());
    if let Some(session) = &args.session {
        order.insert("session".into(), session.as_str().into());
    }
    Ok(order)
}

fn positive(text: &str) -> Result<Decimal, String> {
    let value: Decimal = text.parse().map_err(|error| match error {
        ValueError::Overflow => NumberError::TooManyDigits.to_string(),
        _ => "must be a number such as 100 or 96.25".to_owned(),
    })?;
    if value.is_positive() { Ok(value) } else { Err("must be greater than 0".into()) }
}
