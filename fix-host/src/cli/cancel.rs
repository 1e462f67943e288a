//! `fix-host cancel`: asks to cancel an order and prints the answer.

use std::{process::ExitCode, time::Duration};

use clap::Args;
use serde_json::{Map, Value};

use super::{
    remote::{Failure, Remote, RemoteArgs},
    terms::SideArg,
    ticket::{Goal, new_cl_ord_id, place_and_follow},
};
use crate::{
    contract::{order::Side, parse_duration},
    exit,
};

/// The order that a request is about.
#[derive(Args, Debug)]
pub(super) struct OrderRef {
    /// The ClOrdID of the order
    #[arg(long, value_name = "ID")]
    pub cl_ord_id: String,
    /// The order's symbol; looked up when left out
    #[arg(long, value_name = "SYM", requires = "side")]
    symbol: Option<String>,
    /// The order's side; looked up when left out
    #[arg(long, value_enum, ignore_case = true, requires = "symbol")]
    side: Option<SideArg>,
}

impl OrderRef {
    /// Symbol and side, if they are given.
    pub(super) fn given(&self) -> Option<(String, Side)> {
        Some((self.symbol.clone()?, self.side?.into()))
    }

    /// Symbol and side as the order's reports have them.
    pub(super) fn look_up(&self, remote: &mut Remote) -> Result<(String, Side), Failure> {
        let reports = remote.history(&self.cl_ord_id)?;
        let found = reports.iter().find_map(|report| {
            let text = |key| report.get(key).and_then(Value::as_str);
            Some((text("symbol")?.to_owned(), Side::from_name(text("side")?)?))
        });
        found.ok_or_else(|| {
            let id = self.cl_ord_id.escape_debug();
            let hint = "if it exists, give --symbol and --side";
            Failure::new(exit::REJECTED, format_args!("no report of an order {id} is known; {hint}"))
        })
    }
}

/// Ask to cancel an order, and print the answer.
#[derive(Args, Debug)]
pub struct CancelArgs {
    #[command(flatten)]
    order: OrderRef,
    /// How long to wait for the answer, such as 5s or 300ms, or 5 for seconds; 0 returns once the request is handed over
    #[arg(long, value_name = "TIME", default_value = "5s", value_parser = parse_duration)]
    timeout: Duration,
    /// The session to send it on: its id, or the counterparty's CompID; chosen by the engine when left out
    #[arg(long, value_name = "SESSION")]
    session: Option<String>,
    #[command(flatten)]
    remote: RemoteArgs,
}

/// Runs the command.
pub fn run(args: &CancelArgs) -> ExitCode {
    cancel(args).unwrap_or_else(Failure::exit)
}

fn cancel(args: &CancelArgs) -> Result<ExitCode, Failure> {
    let mut remote = Remote::open(&args.remote)?;
    let (symbol, side) = match args.order.given() {
        Some(given) => given,
        None => args.order.look_up(&mut remote)?,
    };
    let mut cancel = Map::new();
    cancel.insert("type".into(), "CANCEL".into());
    cancel.insert("origClOrdID".into(), args.order.cl_ord_id.as_str().into());
    cancel.insert("clOrdID".into(), new_cl_ord_id().into());
    cancel.insert("symbol".into(), symbol.into());
    cancel.insert("side".into(), side.name().into());
    if let Some(session) = &args.session {
        cancel.insert("session".into(), session.as_str().into());
    }
    place_and_follow(&mut remote, &cancel, args.timeout, Goal::Status("4"))
}
