//! Order JSON to [`OrderCommand`]: the contract of `outgoing_orders` and of the HTTP API.
//!
//! A new order: `{"clOrdID", "symbol", "side": "BUY|SELL", "qty", "ordType": "MARKET|LIMIT|STOP|STOP_LIMIT",
//! "price" (LIMIT, STOP_LIMIT), "stopPx" (STOP, STOP_LIMIT), "timeInForce": "DAY|GTC|OPG|IOC|FOK|GTX|GTD|CLOSE",
//! "expireTime" (GTD), "account", "fields" ([`fields`](super::fields)), "timestamp"}`. A cancel: `{"type": "CANCEL",
//! "origClOrdID", "clOrdID"}`. A replace request: `{"type": "REPLACE", "origClOrdID"}` and all of the order as it shall be.
//! Both may leave `symbol` and `side` out where the order is known. `timestamp` may be left out; the time of receipt then
//! takes its place.
//!
//! Producers are taken as they are where that leaves one meaning: keys and words in any case and with any separators,
//! numbers in quotes, ids that are integers, times as seconds, as ISO 8601 or as in FIX. What is passed over is said in
//! a [`Note`]; a key that is one letter off is refused, since it is more likely to mean something than not. Keys that
//! begin with `_` are the client's own and are skipped.

mod fields;
mod keys;
mod list;
mod values;

use std::{borrow::Cow, collections::BTreeSet, sync::Arc};

use fix_core::{session::config::MAX_ID_LEN, time::UtcTimestamp};
use serde_json::Value;

use super::{
    json_object, number,
    order::{CancelOrder, OrderCommand, ReplaceOrder, Side},
    order_error::{Asked, Note, OrderError, OrderProblem, Quoted},
};
pub(crate) use fields::says_expire_date;
use fields::{CommandType, OrderFields};
pub use list::{MAX_LIST_BYTES, MAX_ORDERS, entries, is_list};

/// The longest order in JSON, in bytes.
pub const MAX_ORDER_BYTES: usize = 64 * 1024;
/// The longest ClOrdID(11) and OrigClOrdID(41), in characters.
pub const MAX_ID_CHARS: usize = 64;

/// The longest Symbol(55), in characters.
pub const MAX_SYMBOL_CHARS: usize = 32;

/// The longest session id: BeginString(8), seven ids, and the marks between them.
const MAX_SESSION_CHARS: usize = 16 + 7 * (MAX_ID_LEN + 1);

/// What is said of a cancel on another page than its own.
const CANCELS: OrderProblem = OrderProblem::OtherPage { what: "cancel", page: "/api/cancels" };
/// What is said of a replacement on another page than its own.
const REPLACES: OrderProblem = OrderProblem::OtherPage { what: "replacement", page: "/api/replaces" };

/// A command, and what its sender should know of how it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Read<T> {
    /// The command.
    pub command: T,
    /// What was passed over.
    pub notes: Vec<Note>,
}

/// What an order may contain.
#[derive(Clone)]
pub struct OrderRules {
    symbols: Option<BTreeSet<Cow<'static, str>>>,
    orders: Option<Arc<dyn KnownOrders>>,
}

/// The orders that requests to cancel or replace can be about.
pub trait KnownOrders: Send + Sync {
    /// Symbol(55) and Side(54) of the order with this ClOrdID(11); `None` if that is not known.
    fn instrument_of(&self, cl_ord_id: &str) -> Option<(String, Side)>;
}

impl OrderRules {
    /// Takes any symbol.
    pub fn any_symbol() -> Self {
        OrderRules { symbols: None, orders: None }
    }

    /// Takes only these symbols: `OnlyKnownSymbols=Y`.
    pub fn only<S: Into<Cow<'static, str>>>(symbols: impl IntoIterator<Item = S>) -> Self {
        OrderRules { symbols: Some(symbols.into_iter().map(Into::into).collect()), orders: None }
    }

    /// Requests that leave symbol and side out have those of their order among `orders`.
    #[must_use]
    pub fn with_orders(self, orders: Arc<dyn KnownOrders>) -> Self {
        OrderRules { orders: Some(orders), ..self }
    }

    fn instrument_of(&self, cl_ord_id: &str) -> Option<(String, Side)> {
        self.orders.as_ref()?.instrument_of(cl_ord_id)
    }

    fn check_symbol(&self, symbol: &str) -> Result<(), OrderProblem> {
        match &self.symbols {
            Some(known) if !known.contains(symbol) => Err(OrderProblem::UnknownSymbol {
                symbol: Quoted::new(symbol),
                known: known.iter().map(AsRef::as_ref).collect::<Vec<_>>().join(", "),
            }),
            _ => Ok(()),
        }
    }
}

/// Reads one order, cancel or replace request that came in at `received`.
///
/// # Errors
/// [`OrderError`] for the first thing that is wrong with it.
pub fn read_order(
    json: &[u8],
    rules: &OrderRules,
    received: UtcTimestamp,
) -> Result<Read<OrderCommand>, OrderError> {
    read(json, |fields, cl_ord_id| match fields.command_type()? {
        CommandType::New => fields.new_order(cl_ord_id, rules, received).map(OrderCommand::New),
        CommandType::Cancel => fields.cancel(cl_ord_id, rules, received).map(OrderCommand::Cancel),
        CommandType::Replace => fields.replace(cl_ord_id, rules, received).map(OrderCommand::Replace),
    })
}

/// As [`read_order`], without the notes.
///
/// # Errors
/// [`OrderError`] for the first thing that is wrong with it.
pub fn parse_order(
    json: &[u8],
    rules: &OrderRules,
    received: UtcTimestamp,
) -> Result<OrderCommand, OrderError> {
    read_order(json, rules, received).map(|read| read.command)
}

/// Reads one replace request, whose `type` may be left out.
///
/// # Errors
/// [`OrderError`] for the first thing that is wrong with it.
pub fn read_replace(
    json: &[u8],
    rules: &OrderRules,
    received: UtcTimestamp,
) -> Result<Read<ReplaceOrder>, OrderError> {
    read(json, |fields, cl_ord_id| {
        fields.expect_type(CommandType::Replace)?;
        fields.replace(cl_ord_id, rules, received)
    })
}

/// Reads one cancel, whose `type` may be left out.
///
/// # Errors
/// [`OrderError`] for the first thing that is wrong with it.
pub fn read_cancel(
    json: &[u8],
    rules: &OrderRules,
    received: UtcTimestamp,
) -> Result<Read<CancelOrder>, OrderError> {
    read(json, |fields, cl_ord_id| {
        fields.expect_type(CommandType::Cancel)?;
        fields.cancel(cl_ord_id, rules, received)
    })
}

fn read<T>(
    json: &[u8],
    read: impl FnOnce(&mut OrderFields, String) -> Result<T, OrderProblem>,
) -> Result<Read<T>, OrderError> {
    let error = |cl_ord_id, problem| {
        let (known, asked) = known(json);
        OrderError { cl_ord_id, known, asked: Box::new(asked), problem }
    };
    let fields = json_object::parse(json, MAX_ORDER_BYTES).map_err(|problem| error(None, problem))?;
    let (mut fields, misread) = OrderFields::new(fields);
    // Read first, so that every later error can be addressed to its order.
    let cl_ord_id = fields.id("clOrdID");
    if let Some(problem) = misread {
        return Err(error(cl_ord_id.ok(), problem));
    }
    let cl_ord_id = cl_ord_id.map_err(|problem| error(None, problem))?;
    let command = read(&mut fields, cl_ord_id.clone()).map_err(|problem| error(Some(cl_ord_id), problem))?;
    Ok(Read { command, notes: fields.into_notes() })
}

/// What can be said of an order that was refused, see [`OrderError`].
fn known(json: &[u8]) -> (Vec<(&'static str, Value)>, Asked) {
    let Ok(fields) = json_object::parse(json, MAX_ORDER_BYTES) else {
        return (Vec::new(), Asked::New);
    };
    let (mut fields, _) = OrderFields::new(fields);
    let asked = match fields.command_type() {
        Ok(CommandType::Cancel) => Asked::Cancel(fields.id("origClOrdID").ok()),
        Ok(CommandType::Replace) | Err(OrderProblem::TwoReadings { .. }) => {
            Asked::Replace(fields.id("origClOrdID").ok())
        }
        Ok(CommandType::New) | Err(_) => Asked::New,
    };
    let symbol = fields.text("symbol", MAX_SYMBOL_CHARS).ok().map(Value::String);
    let side = fields.side().ok().map(|side| Value::from(side.name()));
    let mut number = |field| fields.number(field).ok().flatten().map(|value| number::json(value).into());
    let known = [("symbol", symbol), ("side", side), ("qty", number("qty")), ("price", number("price"))];
    (known.into_iter().filter_map(|(key, value)| Some((key, value?))).collect(), asked)
}

#[cfg(test)]
mod tests;
