//! What an order and its replacement have in common on the command line.

use clap::{Args, ValueEnum, builder::PossibleValue};
use fix_core::{decimal::Decimal, dict::fix44::DICTIONARY, time::UtcTimestamp, wire::value::ValueError};
use serde_json::{Map, Value};

use super::remote::Failure;
use crate::{
    clock::utc_now,
    contract::{
        number::{self, NumberError},
        order::{Side, TimeInForce},
        parse::says_expire_date,
    },
    exit,
};

/// Prices, how long it stands, and further fields.
#[derive(Args, Debug)]
pub(super) struct TermsArgs {
    /// The limit; an order with neither this nor --stop-px is a market order
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
    time_in_force: Option<TimeInForce>,
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
}

impl TermsArgs {
    /// Puts what is given into an order in JSON, which may have such things already.
    pub(super) fn put(&self, order: &mut Map<String, Value>) -> Result<(), Failure> {
        self.put_prices(order)?;
        if let Some(account) = &self.account {
            order.insert("account".into(), account.as_str().into());
        }
        if !self.fields.is_empty() {
            let mut fields = further_fields(&self.fields)?;
            if let Some(Value::Object(kept)) = order.remove("fields") {
                let is_given = |key: &str| self.fields.iter().any(|(given, _)| is_same_field(given, key));
                fields.extend(kept.into_iter().filter(|(key, _)| !is_given(key)));
            }
            order.insert("fields".into(), fields.into());
        }
        self.put_time_in_force(order)?;
        order.insert("timestamp".into(), number::unix_seconds(utc_now()).into());
        Ok(())
    }

    /// True if the type of the order is said, and need not be known.
    pub(super) fn says_the_type(&self) -> bool {
        self.price.is_some() || self.stop_px.is_some() || self.ord_type.is_some()
    }

    fn put_prices(&self, order: &mut Map<String, Value>) -> Result<(), Failure> {
        for (key, given) in [("price", self.price), ("stopPx", self.stop_px)] {
            match given {
                Some(price) => {
                    order.insert(key.into(), number::json(price).into());
                }
                // A type that is given takes the prices that it had no longer along.
                None if self.ord_type.is_some_and(|ord_type| !ord_type.has(key)) => {
                    order.remove(key);
                }
                None => {}
            }
        }
        let priced = TypeArg::of(order.contains_key("price"), order.contains_key("stopPx"));
        let ord_type = self.ord_type.unwrap_or(priced);
        if ord_type != priced {
            let needs = match ord_type {
                TypeArg::Market => "takes no --price and no --stop-px",
                TypeArg::Limit => "needs a --price and takes no --stop-px",
                TypeArg::Stop => "needs a --stop-px and takes no --price",
                TypeArg::StopLimit => "needs a --price and a --stop-px",
            };
            return Err(Failure::new(exit::USAGE, format_args!("--type {} {needs}", word(ord_type))));
        }
        order.insert("ordType".into(), word(ord_type).into());
        Ok(())
    }

    fn put_time_in_force(&self, order: &mut Map<String, Value>) -> Result<(), Failure> {
        if let Some(time_in_force) = self.time_in_force {
            order.insert("timeInForce".into(), word(time_in_force).into());
            if !matches!(time_in_force, TimeInForce::Gtd(_)) {
                order.remove("expireTime");
            }
        }
        if let Some(expire_time) = self.expire_time {
            order.insert("expireTime".into(), number::unix_seconds(expire_time).into());
        }
        let is_gtd = order.get("timeInForce").and_then(Value::as_str) == Some("GTD");
        let says_date = order.get("fields").and_then(Value::as_object).is_some_and(says_expire_date);
        match is_gtd == order.contains_key("expireTime") || (is_gtd && says_date) {
            true => Ok(()),
            false => Err(Failure::new(exit::USAGE, "--time-in-force GTD and --expire-time go together")),
        }
    }
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
    /// The type that has these prices.
    fn of(has_price: bool, has_stop_px: bool) -> Self {
        match (has_price, has_stop_px) {
            (false, false) => TypeArg::Market,
            (true, false) => TypeArg::Limit,
            (false, true) => TypeArg::Stop,
            (true, true) => TypeArg::StopLimit,
        }
    }

    fn has(self, key: &str) -> bool {
        match key {
            "price" => matches!(self, TypeArg::Limit | TypeArg::StopLimit),
            _ => matches!(self, TypeArg::Stop | TypeArg::StopLimit),
        }
    }
}

/// TimeInForce(59) on the command line: the words of the JSON contract.
impl ValueEnum for TimeInForce {
    fn value_variants<'a>() -> &'a [Self] {
        &TimeInForce::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.name()))
    }
}

/// True if both keys, tags or names in any case, mean one field.
fn is_same_field(one: &str, other: &str) -> bool {
    let tag = |key: &str| {
        let mut chars = key.chars();
        let first = chars.next().map(|first| first.to_ascii_uppercase());
        let name: String = first.into_iter().chain(chars).collect();
        let named = DICTIONARY.tag(&name).map(|tag| tag.0.to_string());
        named.unwrap_or_else(|| key.to_ascii_lowercase())
    };
    tag(one) == tag(other)
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

pub(super) fn positive(text: &str) -> Result<Decimal, String> {
    let value: Decimal = text.parse().map_err(|error| match error {
        ValueError::Overflow => NumberError::TooManyDigits.to_string(),
        _ => "must be a number such as 100 or 96.25".to_owned(),
    })?;
    if value.is_positive() { Ok(value) } else { Err("must be greater than 0".into()) }
}
