//! Order JSON to [`OrderCommand`]: the contract of `outgoing_orders` and of the HTTP API.
//!
//! A new order: `{"clOrdID", "symbol", "side": "BUY|SELL", "qty", "ordType": "MARKET|LIMIT|STOP|STOP_LIMIT",
//! "price" (LIMIT, STOP_LIMIT), "stopPx" (STOP, STOP_LIMIT), "timeInForce": "DAY|GTC|OPG|IOC|FOK|GTX|GTD|CLOSE",
//! "expireTime" (GTD), "account", "fields" ([`fields`](super::fields)), "timestamp" (seconds since 1970)}`. A cancel: `{"type": "CANCEL", "origClOrdID",
//! "clOrdID", "symbol", "side"}`. A replace request: `{"type": "REPLACE", "origClOrdID"}` and all of the order as it shall
//! be. Fields whose name begins with `_` are the client's own and are skipped;
//! any other field is an error, since to ignore it could change what the client means. `timestamp` may be
//! left out; the time of receipt then takes its place.

use std::{borrow::Cow, collections::BTreeSet};

use fix_core::{decimal::Decimal, session::config::MAX_ID_LEN, time::UtcTimestamp};
use serde_json::{Map, Number, Value};

use super::{
    json_object::{self, type_name},
    number,
    order::{CancelOrder, NewOrder, OrdType, OrderCommand, ReplaceOrder, Side, TimeInForce},
    order_error::{OrderError, Problem, Quoted},
};
use crate::market::MAX_SYMBOL_CHARS;

/// The longest order in JSON, in bytes.
pub const MAX_ORDER_BYTES: usize = 64 * 1024;
/// The longest ClOrdID(11) and OrigClOrdID(41), in characters.
pub const MAX_ID_CHARS: usize = 64;

/// The longest session id: BeginString(8), seven ids, and the marks between them.
const MAX_SESSION_CHARS: usize = 16 + 7 * (MAX_ID_LEN + 1);
const ORDER_FIELDS: &str = "clOrdID, symbol, side, qty, ordType, price, stopPx, timeInForce, expireTime, \
    account, fields, timestamp, session";
const REPLACE_FIELDS: &str = "type, origClOrdID, clOrdID, symbol, side, qty, ordType, price, stopPx, timeInForce, \
    expireTime, account, fields, timestamp, session";
const CANCEL_FIELDS: &str = "type, origClOrdID, clOrdID, symbol, side, timestamp, session";

/// What an order may contain.
#[derive(Clone, Debug)]
pub struct OrderRules {
    symbols: Option<BTreeSet<Cow<'static, str>>>,
}

impl OrderRules {
    /// Takes any symbol.
    pub fn any_symbol() -> Self {
        OrderRules { symbols: None }
    }

    /// Takes only these symbols: `OnlyKnownSymbols=Y`.
    pub fn only<S: Into<Cow<'static, str>>>(symbols: impl IntoIterator<Item = S>) -> Self {
        OrderRules { symbols: Some(symbols.into_iter().map(Into::into).collect()) }
    }

    fn check_symbol(&self, symbol: &str) -> Result<(), Problem> {
        match &self.symbols {
            Some(known) if !known.contains(symbol) => Err(Problem::UnknownSymbol {
                symbol: Quoted::new(symbol),
                known: known.iter().map(AsRef::as_ref).collect::<Vec<_>>().join(", "),
            }),
            _ => Ok(()),
        }
    }
}

/// Reads one order or cancel that came in at `received`.
///
/// # Errors
/// [`OrderError`] for the first thing that is wrong with it.
pub fn parse_order(
    json: &[u8],
    rules: &OrderRules,
    received: UtcTimestamp,
) -> Result<OrderCommand, OrderError> {
    parse(json, |fields, cl_ord_id| match fields.take_type()? {
        Some(CommandType::Cancel) => fields.cancel(cl_ord_id, rules, received).map(OrderCommand::Cancel),
        Some(CommandType::Replace) => fields.replace(cl_ord_id, rules, received).map(OrderCommand::Replace),
        None => fields.new_order(cl_ord_id, rules, received, ORDER_FIELDS).map(OrderCommand::New),
    })
}

/// Reads one replace request, whose `type` may be left out.
///
/// # Errors
/// [`OrderError`] for the first thing that is wrong with it.
pub fn parse_replace(
    json: &[u8],
    rules: &OrderRules,
    received: UtcTimestamp,
) -> Result<ReplaceOrder, OrderError> {
    parse(json, |fields, cl_ord_id| {
        fields.take_this_type(CommandType::Replace)?;
        fields.replace(cl_ord_id, rules, received)
    })
}

/// Reads one cancel, whose `type` may be left out.
///
/// # Errors
/// [`OrderError`] for the first thing that is wrong with it.
pub fn parse_cancel(
    json: &[u8],
    rules: &OrderRules,
    received: UtcTimestamp,
) -> Result<CancelOrder, OrderError> {
    parse(json, |fields, cl_ord_id| {
        fields.take_this_type(CommandType::Cancel)?;
        fields.cancel(cl_ord_id, rules, received)
    })
}

fn parse<T>(
    json: &[u8],
    read: impl FnOnce(&mut OrderFields, String) -> Result<T, Problem>,
) -> Result<T, OrderError> {
    let error = |cl_ord_id, problem| OrderError { cl_ord_id, known: known(json), problem };
    let fields = json_object::parse(json, MAX_ORDER_BYTES).map_err(|problem| error(None, problem))?;
    let mut fields = OrderFields { fields };
    // Read first, so that every later error can be addressed to its order.
    let cl_ord_id = fields.text("clOrdID", MAX_ID_CHARS).map_err(|problem| error(None, problem))?;
    read(&mut fields, cl_ord_id.clone()).map_err(|problem| error(Some(cl_ord_id), problem))
}

/// What can be said of an order that was refused, see [`OrderError::known`].
fn known(json: &[u8]) -> Vec<(&'static str, Value)> {
    let Ok(fields) = json_object::parse(json, MAX_ORDER_BYTES) else { return Vec::new() };
    let mut fields = OrderFields { fields };
    let symbol = fields.text("symbol", MAX_SYMBOL_CHARS).ok().map(Value::String);
    let side = fields.side().ok().map(|side| Value::from(side.name()));
    let mut number = |field| fields.number(field).ok().flatten().map(|value| number::json(value).into());
    let known = [("symbol", symbol), ("side", side), ("qty", number("qty")), ("price", number("price"))];
    known.into_iter().filter_map(|(key, value)| Some((key, value?))).collect()
}

/// What is said of a cancel on another page than its own.
pub const CANCELS: Problem = Problem::OtherPage { what: "cancel", page: "/api/cancels" };
/// What is said of a replacement on another page than its own.
pub const REPLACES: Problem = Problem::OtherPage { what: "replacement", page: "/api/replaces" };

/// The values of `type`; a new order has none.
#[derive(Clone, Copy, PartialEq, Eq)]
enum CommandType {
    Cancel,
    Replace,
}

/// The fields not yet read.
struct OrderFields {
    fields: Vec<(String, Value)>,
}

impl OrderFields {
    fn take_type(&mut self) -> Result<Option<CommandType>, Problem> {
        match self.take("type") {
            None => Ok(None),
            Some(Value::String(kind)) if kind == "CANCEL" => Ok(Some(CommandType::Cancel)),
            Some(Value::String(kind)) if kind == "REPLACE" => Ok(Some(CommandType::Replace)),
            Some(Value::String(found)) => Err(Problem::NotOneOf {
                field: "type",
                allowed: "CANCEL, REPLACE, or left out for a new order",
                found: Quoted::new(&found),
            }),
            Some(other) => Err(wrong_type("type", "text", &other)),
        }
    }

    /// Takes `type` where only one makes sense.
    fn take_this_type(&mut self, this: CommandType) -> Result<(), Problem> {
        match self.take_type()? {
            Some(CommandType::Cancel) if this != CommandType::Cancel => Err(CANCELS),
            Some(CommandType::Replace) if this != CommandType::Replace => Err(REPLACES),
            _ => Ok(()),
        }
    }

    fn replace(
        &mut self,
        cl_ord_id: String,
        rules: &OrderRules,
        received: UtcTimestamp,
    ) -> Result<ReplaceOrder, Problem> {
        let orig_cl_ord_id = self.text("origClOrdID", MAX_ID_CHARS)?;
        let order = self.new_order(cl_ord_id, rules, received, REPLACE_FIELDS)?;
        if orig_cl_ord_id == order.cl_ord_id {
            return Err(Problem::SameId { request: "replacement" });
        }
        Ok(ReplaceOrder { orig_cl_ord_id, order })
    }

    fn new_order(
        &mut self,
        cl_ord_id: String,
        rules: &OrderRules,
        received: UtcTimestamp,
        known: &'static str,
    ) -> Result<NewOrder, Problem> {
        let symbol = self.symbol(rules)?;
        let side = self.side()?;
        let qty = self.number("qty")?.ok_or(Problem::Missing { field: "qty" })?;
        let qty = positive("qty", qty)?;
        let ord_type = self.ord_type()?;
        let time_in_force = self.time_in_force()?;
        let account = self.optional_text("account", MAX_ID_CHARS)?;
        let fields = self.further_fields()?;
        let transact_time = self.timestamp(received)?;
        let session = self.session()?;
        self.nothing_left(known)?;
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

    fn cancel(
        &mut self,
        cl_ord_id: String,
        rules: &OrderRules,
        received: UtcTimestamp,
    ) -> Result<CancelOrder, Problem> {
        let orig_cl_ord_id = self.text("origClOrdID", MAX_ID_CHARS)?;
        let symbol = self.symbol(rules)?;
        let side = self.side()?;
        let transact_time = self.timestamp(received)?;
        let session = self.session()?;
        self.nothing_left(CANCEL_FIELDS)?;
        if orig_cl_ord_id == cl_ord_id {
            return Err(Problem::SameId { request: "cancel" });
        }
        Ok(CancelOrder { session, orig_cl_ord_id, cl_ord_id, symbol, side, transact_time })
    }

    fn session(&mut self) -> Result<Option<String>, Problem> {
        self.optional_text("session", MAX_SESSION_CHARS)
    }

    fn symbol(&mut self, rules: &OrderRules) -> Result<String, Problem> {
        let symbol = self.text("symbol", MAX_SYMBOL_CHARS)?;
        rules.check_symbol(&symbol)?;
        Ok(symbol)
    }

    fn side(&mut self) -> Result<Side, Problem> {
        let name = self.text("side", MAX_SYMBOL_CHARS)?;
        Side::from_name(&name).ok_or_else(|| Problem::NotOneOf {
            field: "side",
            allowed: "BUY or SELL",
            found: Quoted::new(&name),
        })
    }

    fn ord_type(&mut self) -> Result<OrdType, Problem> {
        let name = self.text("ordType", MAX_SYMBOL_CHARS)?;
        let (needs_price, needs_stop_px) = match name.as_str() {
            "MARKET" => (false, false),
            "LIMIT" => (true, false),
            "STOP" => (false, true),
            "STOP_LIMIT" => (true, true),
            _ => {
                let allowed = "MARKET, LIMIT, STOP or STOP_LIMIT";
                return Err(Problem::NotOneOf { field: "ordType", allowed, found: Quoted::new(&name) });
            }
        };
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
    ) -> Result<Option<Decimal>, Problem> {
        match (self.number(field)?, is_needed) {
            (Some(price), true) => positive(field, price).map(Some),
            (None, false) => Ok(None),
            (Some(_), false) => Err(Problem::NotOfThisType { field, owners }),
            (None, true) => Err(Problem::NeededByThisType { field, owners }),
        }
    }

    fn time_in_force(&mut self) -> Result<Option<TimeInForce>, Problem> {
        let expire_time = self.moment("expireTime")?;
        let name = self.optional_text("timeInForce", MAX_SYMBOL_CHARS)?;
        let time_in_force = match (name.as_deref(), expire_time) {
            (Some("GTD"), Some(time)) => return Ok(Some(TimeInForce::Gtd(time))),
            (Some("GTD"), None) => return Err(Problem::NoExpireTime),
            (_, Some(_)) => return Err(Problem::ExpireTimeWithoutGtd),
            (None, None) => return Ok(None),
            (Some("DAY"), None) => TimeInForce::Day,
            (Some("GTC"), None) => TimeInForce::Gtc,
            (Some("OPG"), None) => TimeInForce::Opg,
            (Some("IOC"), None) => TimeInForce::Ioc,
            (Some("FOK"), None) => TimeInForce::Fok,
            (Some("GTX"), None) => TimeInForce::Gtx,
            (Some("CLOSE"), None) => TimeInForce::Close,
            (Some(found), None) => {
                let allowed = "DAY, GTC, OPG, IOC, FOK, GTX, GTD or CLOSE";
                return Err(Problem::NotOneOf { field: "timeInForce", allowed, found: Quoted::new(found) });
            }
        };
        Ok(Some(time_in_force))
    }

    fn further_fields(&mut self) -> Result<Map<String, Value>, Problem> {
        match self.take("fields") {
            None => Ok(Map::new()),
            Some(Value::Object(fields)) => Ok(fields),
            Some(other) => Err(wrong_type("fields", "an object", &other)),
        }
    }

    fn timestamp(&mut self, received: UtcTimestamp) -> Result<UtcTimestamp, Problem> {
        Ok(self.moment("timestamp")?.unwrap_or(received))
    }

    fn moment(&mut self, field: &'static str) -> Result<Option<UtcTimestamp>, Problem> {
        let number = self.json_number(field)?;
        number.map(|number| number::moment(&number).ok_or(Problem::Timestamp { field })).transpose()
    }

    /// Removes a field; JSON's `null` counts as left out.
    fn take(&mut self, name: &str) -> Option<Value> {
        let index = self.fields.iter().position(|(key, _)| key == name)?;
        let (_, value) = self.fields.swap_remove(index);
        (!value.is_null()).then_some(value)
    }

    fn text(&mut self, field: &'static str, max: usize) -> Result<String, Problem> {
        self.optional_text(field, max)?.ok_or(Problem::Missing { field })
    }

    fn optional_text(&mut self, field: &'static str, max: usize) -> Result<Option<String>, Problem> {
        match self.take(field) {
            None => Ok(None),
            Some(Value::String(text)) => check_text(field, &text, max).map(|()| Some(text)),
            Some(other) => Err(wrong_type(field, "text", &other)),
        }
    }

    fn number(&mut self, field: &'static str) -> Result<Option<Decimal>, Problem> {
        let number = self.json_number(field)?;
        number
            .map(|number| number::decimal(&number).map_err(|error| Problem::Number { field, error }))
            .transpose()
    }

    fn json_number(&mut self, field: &'static str) -> Result<Option<Number>, Problem> {
        match self.take(field) {
            None => Ok(None),
            Some(Value::Number(number)) => Ok(Some(number)),
            Some(other) => Err(wrong_type(field, "a number", &other)),
        }
    }

    fn nothing_left(&self, known: &'static str) -> Result<(), Problem> {
        match self.fields.iter().find(|(name, _)| !name.starts_with('_')) {
            Some((name, _)) => Err(Problem::UnknownField { field: Quoted::new(name), known }),
            None => Ok(()),
        }
    }
}

fn wrong_type(field: &'static str, expected: &'static str, found: &Value) -> Problem {
    Problem::WrongType { field, expected, found: type_name(found) }
}

fn positive(field: &'static str, value: Decimal) -> Result<Decimal, Problem> {
    if value.is_positive() { Ok(value) } else { Err(Problem::NotPositive { field }) }
}

fn check_text(field: &'static str, text: &str, max: usize) -> Result<(), Problem> {
    if text.is_empty() {
        return Err(Problem::Empty { field });
    }
    let chars = text.chars().count();
    if chars > max {
        return Err(Problem::TooManyChars { field, chars, max });
    }
    match text.chars().enumerate().find(|(_, c)| !matches!(c, ' '..='~')) {
        Some((index, character)) => Err(Problem::BadCharacter { field, character, at: index + 1 }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::Market;

    const LIMIT: &str = r#"{"clOrdID":"A1","symbol":"10Y","side":"BUY","qty":100,"ordType":"LIMIT","price":96.250,"timestamp":1795499580.25}"#;
    const CANCEL: &str = r#"{"type":"CANCEL","origClOrdID":"A1","clOrdID":"C1","symbol":"10Y","side":"BUY"}"#;

    fn parse(json: &[u8]) -> Result<OrderCommand, OrderError> {
        let rules = OrderRules::only(Market::new(0).symbols());
        parse_order(json, &rules, UtcTimestamp::from_unix(7, 0))
    }

    fn refused(json: &str) -> String {
        parse(json.as_bytes()).unwrap_err().to_string()
    }

    /// The limit order with one piece of its text replaced.
    fn with(old: &str, new: &str) -> String {
        assert!(LIMIT.contains(old));
        refused(&LIMIT.replace(old, new))
    }

    #[test]
    fn a_limit_order_keeps_its_digits_and_its_time() {
        let Ok(OrderCommand::New(order)) = parse(LIMIT.as_bytes()) else { panic!() };
        assert_eq!(order.cl_ord_id, "A1");
        assert_eq!(order.symbol, "10Y");
        assert_eq!(order.side, Side::Buy);
        assert_eq!(order.qty.to_string(), "100");
        assert_eq!(order.ord_type.price().map(|price| price.to_string()).as_deref(), Some("96.250"));
        assert_eq!(order.transact_time, UtcTimestamp::from_unix(1_795_499_580, 250_000_000));
    }

    #[test]
    fn a_market_order_needs_neither_price_nor_timestamp() {
        let json = r#"{"clOrdID":"A2","symbol":"2Y","side":"SELL","qty":1e3,"ordType":"MARKET","price":null,"_source":"py"}"#;
        let Ok(OrderCommand::New(order)) = parse(json.as_bytes()) else { panic!() };
        assert_eq!(order.ord_type, OrdType::Market);
        assert_eq!(order.side, Side::Sell);
        assert_eq!(order.qty, Decimal::from(1000));
        assert_eq!(order.transact_time, UtcTimestamp::from_unix(7, 0));
    }

    #[test]
    fn a_cancel_is_read() {
        let Ok(OrderCommand::Cancel(cancel)) = parse(CANCEL.as_bytes()) else { panic!() };
        assert_eq!((cancel.orig_cl_ord_id.as_str(), cancel.cl_ord_id.as_str()), ("A1", "C1"));
        let rules = OrderRules::any_symbol();
        let untyped = CANCEL.replace(r#""type":"CANCEL","#, "");
        assert_eq!(parse_cancel(untyped.as_bytes(), &rules, cancel.transact_time), Ok(cancel));
        assert_eq!(
            refused(&CANCEL.replace("C1", "A1")),
            "clOrdID: a cancel needs an id of its own, different from origClOrdID"
        );
        assert_eq!(
            refused(&CANCEL.replace("CANCEL", "MOVE")),
            "type: must be CANCEL, REPLACE, or left out for a new order, not \"MOVE\""
        );
    }

    #[test]
    fn each_bad_value_is_named_with_its_field() {
        assert_eq!(with("\"qty\":100", "\"qty\":0"), "qty: must be greater than 0");
        assert_eq!(with("\"qty\":100", "\"qty\":-0.0"), "qty: must be greater than 0");
        assert_eq!(with("\"qty\":100", "\"qty\":-5"), "qty: must be greater than 0");
        assert_eq!(with("\"qty\":100", "\"qty\":\"100\""), "qty: must be a number, not text");
        assert_eq!(with("\"qty\":100,", ""), "qty: missing");
        assert_eq!(with("\"qty\":100", "\"qty\":[1]"), "qty: must be a number, not a list");
        assert_eq!(with("96.250", "0"), "price: must be greater than 0");
        assert_eq!(with("\"price\":96.250,", ""), "price: missing; LIMIT and STOP_LIMIT orders need one");
        assert_eq!(
            with("LIMIT", "MARKET"),
            "price: only LIMIT and STOP_LIMIT orders have one; leave it out, or set ordType"
        );
        assert_eq!(with("BUY", "buy"), "side: must be BUY or SELL, not \"buy\"");
        assert_eq!(
            with("LIMIT", "PEGGED"),
            "ordType: must be MARKET, LIMIT, STOP or STOP_LIMIT, not \"PEGGED\""
        );
        assert_eq!(with("LIMIT", "STOP_LIMIT"), "stopPx: missing; STOP and STOP_LIMIT orders need one");
        assert_eq!(
            with("\"LIMIT\"", "\"LIMIT\",\"stopPx\":1"),
            "stopPx: only STOP and STOP_LIMIT orders have one; leave it out, or set ordType"
        );
        let standing = |fields: &str| with("\"qty\":100", &format!("\"qty\":100,{fields}"));
        assert_eq!(standing("\"timeInForce\":\"GTD\""), "expireTime: missing; a GTD order needs one");
        assert_eq!(
            standing("\"timeInForce\":\"IOC\",\"expireTime\":1795586400"),
            "expireTime: only a GTD order has one; leave it out, or set timeInForce to GTD"
        );
        assert_eq!(
            standing("\"timeInForce\":\"SOON\""),
            "timeInForce: must be DAY, GTC, OPG, IOC, FOK, GTX, GTD or CLOSE, not \"SOON\""
        );
        assert_eq!(
            standing("\"account\":\"A\\u0001B\""),
            "account: '\\u{1}' (character 2) is not printable ASCII"
        );
        assert_eq!(with("\"A1\"", "\"\""), "clOrdID: is empty");
        assert_eq!(with("\"A1\"", "17"), "clOrdID: must be text, not a number");
        assert_eq!(
            with("1795499580.25", "-1"),
            "timestamp: must be seconds since 1970-01-01, up to the year 9999"
        );
        assert_eq!(
            with("10Y", "7Y"),
            "symbol: \"7Y\" is not traded here (OnlyKnownSymbols=Y); known are 10Y, 2Y, 30Y, 3Y, 5Y, SR3H6, SR3Z6, TUH6, TYH6, USH6"
        );
        assert!(with("\"qty\":100", "\"qty\":1e400").starts_with("qty: is too large"));
    }

    #[test]
    fn nan_is_named_with_its_field() {
        assert_eq!(with("\"qty\":100", "\"qty\": NaN"), "qty: NaN is not a number");
        assert_eq!(with("96.250", "-Infinity"), "price: -Infinity is not a number");
        assert_eq!(with("\"qty\":100", "\n\"qty\":\n Infinity"), "qty: Infinity is not a number");
    }

    #[test]
    fn control_characters_never_pass() {
        for (text, shown) in [
            ("A\\u0001B", "clOrdID: '\\u{1}' (character 2) is not printable ASCII"),
            ("A\\nB", "clOrdID: '\\n' (character 2) is not printable ASCII"),
            ("A\u{7f}", "clOrdID: '\\u{7f}' (character 2) is not printable ASCII"),
            ("Ä", "clOrdID: 'Ä' (character 1) is not printable ASCII"),
        ] {
            assert_eq!(with("\"A1\"", &format!("\"{text}\"")), shown);
        }
        assert!(with("\"A1\"", "\"A\u{1}\"").starts_with("the order is not valid JSON"));
    }

    #[test]
    fn lengths_are_bounded() {
        let id = "x".repeat(MAX_ID_CHARS);
        assert!(parse(LIMIT.replace("A1", &id).as_bytes()).is_ok());
        assert_eq!(with("A1", &format!("{id}x")), "clOrdID: is 65 characters long; at most 64 are taken");
        let garbage = vec![b'{'; 1_000_000];
        assert_eq!(
            parse(&garbage).unwrap_err().to_string(),
            "the order is 1000000 bytes long; at most 65536 are taken"
        );
        assert!(
            parse(&garbage[..60_000]).unwrap_err().to_string().starts_with("the order is not valid JSON")
        );
    }

    #[test]
    fn what_is_no_order_object_is_told() {
        assert!(refused("").starts_with("the order is not valid JSON: EOF"));
        assert!(refused("{}{}").starts_with("the order is not valid JSON: trailing characters"));
        assert_eq!(refused("[1,2]"), "the order must be a JSON object, not a list");
        assert_eq!(refused("17.5"), "the order must be a JSON object, not a number");
        assert_eq!(refused("\"x\""), "the order must be a JSON object, not text");
        assert_eq!(refused("null"), "the order must be a JSON object, not null");
        assert_eq!(refused("{}"), "clOrdID: missing");
        assert_eq!(
            parse(b"{\"a\xff\":1}").unwrap_err().to_string(),
            "the order is not UTF-8 text (byte 4 is the first wrong one)"
        );
    }

    #[test]
    fn a_field_twice_or_unknown_is_not_guessed_at() {
        assert_eq!(with("\"qty\":100", "\"qty\":100,\"qty\":1"), "\"qty\": given twice");
        assert_eq!(
            with(
                "\"qty\":100",
                "\"qty\":100,\"fields\":{\"noPartyIDs\":[{\"448\":1},{\"448\":1,\"448\":2}]}"
            ),
            "\"448\": given twice"
        );
        assert_eq!(with("\"qty\":100", "\"qty\":100,\"fields\":[]"), "fields: must be an object, not a list");
        assert_eq!(
            with("\"qty\":100", "\"qty\":100,\"minQty\":10"),
            format!("\"minQty\": unknown field; known are {ORDER_FIELDS}")
        );
    }

    #[test]
    fn an_error_carries_the_id_when_there_is_one() {
        let error = parse(LIMIT.replace(":100", ":0").as_bytes()).unwrap_err();
        assert_eq!(error.cl_ord_id.as_deref(), Some("A1"));
        assert_eq!(parse(b"{}").unwrap_err().cl_ord_id, None);
    }

    proptest::proptest! {
        #[test]
        fn no_input_panics(bytes: Vec<u8>, cut in 0usize..200, byte: u8) {
            let _ = parse(&bytes);
            let mut order = LIMIT.as_bytes().to_vec();
            let at = cut % order.len();
            order[at] = byte;
            let _ = parse(&order);
            let _ = parse(&order[..at]);
        }
    }
}
