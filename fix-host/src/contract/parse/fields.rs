//! The fields of one command, read key by key.

use fix_core::{decimal::Decimal, time::UtcTimestamp};
use serde_json::{Map, Value};

use super::{
    CANCELS, MAX_ID_CHARS, MAX_SESSION_CHARS, OrderRules, REPLACES,
    keys::{Meaning, lenient, meaning, plain},
    values::{check_text, integer, moment, number_of, positive, wrong_type},
};
use crate::contract::{
    json_object, number,
    order::{CancelOrder, NewOrder, OrdType, ReplaceOrder, Side, TimeInForce},
    order_error::{Note, OrderProblem, Quoted},
    parse::MAX_SYMBOL_CHARS,
};

const ORDER_FIELDS: &str = "clOrdID, symbol, side, qty, ordType, price, stopPx, timeInForce, expireTime, \
    account, fields, timestamp, session";
const REPLACE_FIELDS: &str = "type, origClOrdID, clOrdID, symbol, side, qty, ordType, price, stopPx, timeInForce, \
    expireTime, account, fields, timestamp, session";
const CANCEL_FIELDS: &str = "type, origClOrdID, clOrdID, symbol, side, timestamp, session";

/// What a command is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum CommandType {
    New,
    Cancel,
    Replace,
}

/// The fields not yet read, by the keys of the contract.
pub(super) struct OrderFields {
    fields: Vec<(&'static str, Value)>,
    /// Keys that the contract does not have.
    unknown: Vec<String>,
    notes: Vec<Note>,
}

impl OrderFields {
    /// The fields, and what is wrong with their keys.
    pub(super) fn new(written: json_object::Fields<'_>) -> (Self, Option<OrderProblem>) {
        let known = Vec::with_capacity(written.len());
        let mut fields = OrderFields { fields: known, unknown: Vec::new(), notes: Vec::new() };
        let mut problem = None;
        for (key, value) in written.into_iter().filter(|(key, _)| !key.starts_with('_')) {
            match meaning(&key) {
                Meaning::Key(known) if fields.has(known) => {
                    problem.get_or_insert(OrderProblem::Duplicate { field: Quoted::new(&key) });
                }
                Meaning::Key(known) => fields.fields.push((known, value)),
                Meaning::Near(near) => {
                    problem.get_or_insert(OrderProblem::Misspelt { field: Quoted::new(&key), near });
                }
                Meaning::Nothing => fields.unknown.push(key.into_owned()),
            }
        }
        (fields, problem)
    }

    pub(super) fn into_notes(self) -> Vec<Note> {
        self.notes
    }

    /// `type`, or what the other keys leave as the only meaning.
    pub(super) fn command_type(&mut self) -> Result<CommandType, OrderProblem> {
        if let Some(said) = self.take_type()? {
            return Ok(said);
        }
        if self.is_null("origClOrdID") {
            return Ok(CommandType::New);
        }
        let of_orders = ["qty", "price", "ordType", "stopPx"];
        match of_orders.into_iter().find(|key| !self.is_null(key)) {
            None => Ok(CommandType::Cancel),
            Some(key) => Err(OrderProblem::TwoReadings { key }),
        }
    }

    /// Takes `type` where only one makes sense.
    pub(super) fn expect_type(&mut self, this: CommandType) -> Result<(), OrderProblem> {
        match self.take_type()? {
            Some(CommandType::Cancel) if this != CommandType::Cancel => Err(CANCELS),
            Some(CommandType::Replace) if this != CommandType::Replace => Err(REPLACES),
            _ => Ok(()),
        }
    }

    fn take_type(&mut self) -> Result<Option<CommandType>, OrderProblem> {
        match self.take("type") {
            None => Ok(None),
            Some(Value::String(found)) => match plain(&found).as_str() {
                "cancel" => Ok(Some(CommandType::Cancel)),
                "replace" => Ok(Some(CommandType::Replace)),
                "new" => Ok(Some(CommandType::New)),
                _ => Err(OrderProblem::NotOneOf {
                    field: "type",
                    allowed: "CANCEL, REPLACE, or left out for a new order",
                    found: Quoted::new(&found),
                }),
            },
            Some(other) => Err(wrong_type("type", "text", &other)),
        }
    }

    pub(super) fn new_order(
        &mut self,
        cl_ord_id: String,
        rules: &OrderRules,
        received: UtcTimestamp,
    ) -> Result<NewOrder, OrderProblem> {
        let order = self.order(cl_ord_id, None, rules, received)?;
        self.finish(ORDER_FIELDS, "new order");
        Ok(order)
    }

    pub(super) fn replace(
        &mut self,
        cl_ord_id: String,
        rules: &OrderRules,
        received: UtcTimestamp,
    ) -> Result<ReplaceOrder, OrderProblem> {
        let orig_cl_ord_id = self.id("origClOrdID")?;
        let order = self.order(cl_ord_id, Some(&orig_cl_ord_id), rules, received)?;
        self.finish(REPLACE_FIELDS, "replacement");
        if orig_cl_ord_id == order.cl_ord_id {
            return Err(OrderProblem::SameId { request: "replacement" });
        }
        Ok(ReplaceOrder { orig_cl_ord_id, order })
    }

    pub(super) fn cancel(
        &mut self,
        cl_ord_id: String,
        rules: &OrderRules,
        received: UtcTimestamp,
    ) -> Result<CancelOrder, OrderProblem> {
        let orig_cl_ord_id = self.id("origClOrdID")?;
        let (symbol, side) = self.instrument(Some(&orig_cl_ord_id), rules)?;
        let transact_time = self.timestamp(received)?;
        let session = self.session()?;
        self.finish(CANCEL_FIELDS, "cancel");
        if orig_cl_ord_id == cl_ord_id {
            return Err(OrderProblem::SameId { request: "cancel" });
        }
        Ok(CancelOrder { session, orig_cl_ord_id, cl_ord_id, symbol, side, transact_time })
    }

    fn order(
        &mut self,
        cl_ord_id: String,
        original: Option<&str>,
        rules: &OrderRules,
        received: UtcTimestamp,
    ) -> Result<NewOrder, OrderProblem> {
        let (symbol, side) = self.instrument(original, rules)?;
        let qty = self.number("qty")?.ok_or(OrderProblem::Missing { field: "qty" })?;
        let qty = positive("qty", qty)?;
        let ord_type = self.ord_type()?;
        let fields = self.further_fields()?;
        let time_in_force = self.time_in_force(says_expire_date(&fields))?;
        let account = self.optional_id("account")?;
        let transact_time = self.timestamp(received)?;
        let session = self.session()?;
        Ok(NewOrder {
            session,
            cl_ord_id,
            symbol,
            side,
            qty,
            ord_type,
            time_in_force,
            account,
            transact_time,
            fields,
        })
    }

    fn session(&mut self) -> Result<Option<String>, OrderProblem> {
        self.optional_text("session", MAX_SESSION_CHARS)
    }

    /// Symbol and side, each as it is said; else as the order `original` has it.
    fn instrument(
        &mut self,
        original: Option<&str>,
        rules: &OrderRules,
    ) -> Result<(String, Side), OrderProblem> {
        let missing = ["symbol", "side"].into_iter().find(|key| self.is_null(key));
        let (Some(field), Some(original)) = (missing, original) else {
            return Ok((self.symbol(rules)?, self.side()?));
        };
        let known = rules.instrument_of(original);
        let (symbol, side) =
            known.ok_or_else(|| OrderProblem::MissingOfOrder { field, order: Quoted::new(original) })?;
        let symbol = if self.is_null("symbol") { symbol } else { self.symbol(rules)? };
        let side = if self.is_null("side") { side } else { self.side()? };
        Ok((symbol, side))
    }

    fn symbol(&mut self, rules: &OrderRules) -> Result<String, OrderProblem> {
        let symbol = self.text("symbol", MAX_SYMBOL_CHARS)?;
        rules.check_symbol(&symbol)?;
        Ok(symbol)
    }

    pub(super) fn side(&mut self) -> Result<Side, OrderProblem> {
        let name = self.text("side", MAX_SYMBOL_CHARS)?;
        Side::from_name(&name).or_else(|| Side::from_name(&name.to_ascii_uppercase())).ok_or_else(|| {
            OrderProblem::NotOneOf { field: "side", allowed: "BUY or SELL", found: Quoted::new(&name) }
        })
    }

    fn ord_type(&mut self) -> Result<OrdType, OrderProblem> {
        let name = self.text("ordType", MAX_SYMBOL_CHARS)?;
        let (needs_price, needs_stop_px) = match &*lenient(&name) {
            "market" => (false, false),
            "limit" => (true, false),
            "stop" => (false, true),
            "stoplimit" => (true, true),
            _ => {
                let allowed = "MARKET, LIMIT, STOP or STOP_LIMIT";
                return Err(OrderProblem::NotOneOf { field: "ordType", allowed, found: Quoted::new(&name) });
            }
        };
        // Many producers always write one; a market order means the same with it and without.
        if !needs_price && !needs_stop_px && self.take("price").is_some() {
            self.notes.push(Note::PriceOfMarketOrder);
        }
        let price = self.price("price", needs_price, "LIMIT and STOP_LIMIT")?;
        let stop_px = self.price("stopPx", needs_stop_px, "STOP and STOP_LIMIT")?;
        Ok(OrdType::of_prices(price, stop_px))
    }

    /// A price that orders of the types in `owners` have, and no others.
    fn price(
        &mut self,
        field: &'static str,
        is_needed: bool,
        owners: &'static str,
    ) -> Result<Option<Decimal>, OrderProblem> {
        match (self.number(field)?, is_needed) {
            (Some(price), true) => positive(field, price).map(Some),
            (None, false) => Ok(None),
            (Some(_), false) => Err(OrderProblem::NotOfThisType { field, owners }),
            (None, true) => Err(OrderProblem::NeededByThisType { field, owners }),
        }
    }

    fn time_in_force(&mut self, says_expire_date: bool) -> Result<Option<TimeInForce>, OrderProblem> {
        let expire_time = self.moment("expireTime")?;
        let name = self.optional_text("timeInForce", MAX_SYMBOL_CHARS)?;
        let word = name.as_deref().map(plain);
        let time_in_force = match (word.as_deref(), expire_time) {
            (Some("gtd"), None) if !says_expire_date => return Err(OrderProblem::NoExpireTime),
            (Some("gtd"), time) => return Ok(Some(TimeInForce::Gtd(time))),
            (_, Some(_)) => return Err(OrderProblem::ExpireTimeWithoutGtd),
            (None, None) => return Ok(None),
            (Some(word), None) => TimeInForce::ALL.into_iter().find(|known| plain(known.name()) == word),
        };
        match time_in_force {
            Some(known) => Ok(Some(known)),
            None => Err(OrderProblem::NotOneOf {
                field: "timeInForce",
                allowed: "DAY, GTC, OPG, IOC, FOK, GTX, GTD or CLOSE",
                found: Quoted::new(name.as_deref().unwrap_or_default()),
            }),
        }
    }

    fn further_fields(&mut self) -> Result<Map<String, Value>, OrderProblem> {
        match self.take("fields") {
            None => Ok(Map::new()),
            Some(Value::Object(fields)) => Ok(fields),
            Some(other) => Err(wrong_type("fields", "an object", &other)),
        }
    }

    fn timestamp(&mut self, received: UtcTimestamp) -> Result<UtcTimestamp, OrderProblem> {
        Ok(self.moment("timestamp")?.unwrap_or(received))
    }

    fn moment(&mut self, field: &'static str) -> Result<Option<UtcTimestamp>, OrderProblem> {
        let Some(value) = self.take(field) else { return Ok(None) };
        let read = moment(field, &value)?;
        self.notes.extend(read.lacks_zone.then_some(Note::NoZone { field }));
        Ok(Some(read.moment))
    }

    /// An id, which may be written as an integer.
    pub(super) fn id(&mut self, field: &'static str) -> Result<String, OrderProblem> {
        self.optional_id(field)?.ok_or(OrderProblem::Missing { field })
    }

    fn optional_id(&mut self, field: &'static str) -> Result<Option<String>, OrderProblem> {
        match self.take(field) {
            None => Ok(None),
            Some(value) => {
                let text = integer(&value).map_or(value, Value::String);
                read_text(field, text, MAX_ID_CHARS).map(Some)
            }
        }
    }

    pub(super) fn text(&mut self, field: &'static str, max: usize) -> Result<String, OrderProblem> {
        self.optional_text(field, max)?.ok_or(OrderProblem::Missing { field })
    }

    fn optional_text(&mut self, field: &'static str, max: usize) -> Result<Option<String>, OrderProblem> {
        self.take(field).map(|value| read_text(field, value, max)).transpose()
    }

    pub(super) fn number(&mut self, field: &'static str) -> Result<Option<Decimal>, OrderProblem> {
        let Some(value) = self.take(field) else { return Ok(None) };
        let number = number_of(&value).ok_or_else(|| wrong_type(field, "a number", &value))?;
        number::decimal(&number).map(Some).map_err(|error| OrderProblem::Number { field, error })
    }

    fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|(key, _)| *key == name)
    }

    fn is_null(&self, name: &str) -> bool {
        self.fields.iter().all(|(key, value)| *key != name || value.is_null())
    }

    /// Removes a field; JSON's `null` counts as left out.
    fn take(&mut self, name: &str) -> Option<Value> {
        let index = self.fields.iter().position(|(key, _)| *key == name)?;
        let (_, value) = self.fields.swap_remove(index);
        (!value.is_null()).then_some(value)
    }

    /// Notes what is left: it means nothing for such a command.
    fn finish(&mut self, known: &'static str, command: &'static str) {
        let left = self.fields.drain(..).filter(|(_, value)| !value.is_null());
        self.notes.extend(left.map(|(field, _)| Note::NotUsed { field, command }));
        let unknown = self.unknown.drain(..);
        self.notes.extend(unknown.map(|key| Note::UnknownKey { key: Quoted::new(&key), known }));
    }
}

/// True if ExpireDate(432) is among the further fields.
pub(crate) fn says_expire_date(fields: &Map<String, Value>) -> bool {
    fields.keys().any(|key| key == "432" || plain(key) == "expiredate")
}

fn read_text(field: &'static str, value: Value, max: usize) -> Result<String, OrderProblem> {
    match value {
        Value::String(text) => check_text(field, &text, max).map(|()| text),
        other => Err(wrong_type(field, "text", &other)),
    }
}
