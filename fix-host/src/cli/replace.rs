//! `fix-host replace`: asks to change an order and prints the answer.

use std::{process::ExitCode, time::Duration};

use clap::Args;
use fix_core::decimal::Decimal;
use serde_json::{Map, Value};

use super::{
    cancel::OrderRef,
    remote::{Failure, Remote, RemoteArgs},
    terms::{TermsArgs, positive},
    ticket::{Goal, new_cl_ord_id, place_and_follow},
};
use crate::{
    contract::{number, order::Side, parse_duration},
    exit,
};

/// Ask to change an order, and print the answer
///
/// What is not given stays as it is: quantity, prices, time in force, account and further fields are those that the engine
/// knows of the order; a --field takes the place of the order's. The order goes by a new ClOrdID, which is printed. Further
/// fields are not known of an order from before the engine's last start, or if they were longer than 4096 bytes: a line
/// says so, and those of the command alone are sent.
#[derive(Args, Debug)]
pub struct ReplaceArgs {
    #[command(flatten)]
    order: OrderRef,
    /// How many in all, what is executed included
    #[arg(long, value_name = "N", value_parser = positive, allow_negative_numbers = true)]
    qty: Option<Decimal>,
    #[command(flatten)]
    terms: TermsArgs,
    /// How long to wait for the answer, such as 5s or 300ms, or 5 for seconds; 0 returns once the request is handed over
    #[arg(long, value_name = "TIME", default_value = "5s", value_parser = parse_duration)]
    timeout: Duration,
    /// The session to send it on: its id, or the counterparty's CompID; chosen by the engine when left out
    #[arg(long, value_name = "SESSION")]
    session: Option<String>,
    #[command(flatten)]
    remote: RemoteArgs,
}

/// What is taken over from the order as it is.
const KEPT: [&str; 9] =
    ["symbol", "side", "qty", "price", "stopPx", "timeInForce", "expireTime", "account", "fields"];

/// Runs the command.
pub fn run(args: &ReplaceArgs) -> ExitCode {
    replace(args).unwrap_or_else(Failure::exit)
}

fn replace(args: &ReplaceArgs) -> Result<ExitCode, Failure> {
    let mut remote = Remote::open(&args.remote)?;
    let mut replace = Map::new();
    replace.insert("type".into(), "REPLACE".into());
    replace.insert("origClOrdID".into(), args.order.cl_ord_id.as_str().into());
    replace.insert("clOrdID".into(), new_cl_ord_id().into());
    match remote.order(&args.order.cl_ord_id)? {
        Some(order) => {
            if order.get("fields").is_some_and(Value::is_null) {
                eprintln!(
                    "the order's further fields are not known here: only those given with --field are sent"
                );
            }
            let kept =
                order.into_iter().filter(|(key, value)| KEPT.contains(&key.as_str()) && !value.is_null());
            replace.extend(kept);
        }
        None if args.qty.is_none() || !args.terms.says_the_type() => {
            let text = "nothing is known here of the order's quantity and type; give --qty, and --price, --stop-px or --type";
            return Err(Failure::new(exit::USAGE, text));
        }
        None => {}
    }
    if let Some((symbol, side)) = args.order.given() {
        put_symbol(&mut replace, &symbol, side);
    } else if !(replace.contains_key("symbol") && replace.contains_key("side")) {
        let (symbol, side) = args.order.look_up(&mut remote)?;
        put_symbol(&mut replace, &symbol, side);
    }
    if let Some(qty) = args.qty {
        replace.insert("qty".into(), number::json(qty).into());
    }
    args.terms.put(&mut replace)?;
    if let Some(session) = &args.session {
        replace.insert("session".into(), session.as_str().into());
    }
    place_and_follow(&mut remote, &replace, args.timeout, Goal::Replaced)
}

fn put_symbol(replace: &mut Map<String, Value>, symbol: &str, side: Side) {
    replace.insert("symbol".into(), symbol.into());
    replace.insert("side".into(), side.name().into());
}
