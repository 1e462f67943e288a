//! `fix-host order`: places an order and prints what becomes of it.

use std::{process::ExitCode, time::Duration};

use clap::Args;
use fix_core::decimal::Decimal;
use serde_json::{Map, Value};

use super::{
    remote::{Failure, Remote, RemoteArgs},
    terms::{SideArg, TermsArgs, positive},
    ticket::{Goal, new_cl_ord_id, place_and_follow},
};
use crate::{
    contract::{number, order::Side, parse_duration},
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
    #[command(flatten)]
    terms: TermsArgs,
    /// The order's ClOrdID; a new one when left out
    #[arg(long, value_name = "ID")]
    cl_ord_id: Option<String>,
    /// How long to wait for its end, such as 5s or 300ms, or 5 for seconds; 0 returns once the order is handed over
    #[arg(long, value_name = "TIME", default_value = "5s", value_parser = parse_duration)]
    timeout: Duration,
    /// The session to send it on: its id, or the counterparty's CompID; chosen by the engine when left out
    #[arg(long, value_name = "SESSION")]
    session: Option<String>,
    #[command(flatten)]
    remote: RemoteArgs,
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
    place_and_follow(&mut remote, &order, args.timeout, Goal::Status("2"))
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
    let mut order = Map::new();
    order.insert("clOrdID".into(), args.cl_ord_id.clone().unwrap_or_else(new_cl_ord_id).into());
    order.insert("symbol".into(), args.symbol.as_str().into());
    order.insert("side".into(), Side::from(args.side).name().into());
    order.insert("qty".into(), number::json(args.qty).into());
    args.terms.put(&mut order)?;
    if let Some(session) = &args.session {
        order.insert("session".into(), session.as_str().into());
    }
    Ok(order)
}
