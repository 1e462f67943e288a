//! What is kept of orders: a line of JSON for each report that changes one.

use fix_core::{
    decimal::Decimal,
    dict::fix44::code::{self, ExecType},
    time::{LocalMktDate, UtcTimestamp},
};
use serde::{Deserialize, Serialize};

use crate::exchange::{
    book::{Kind, Quantity, Side, Ticks, TimeInForce},
    orders::{Echo, Expires, Report, Terms},
};

/// A line of the journal. Days are those since 1970; a line of an older build may have none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Record {
    /// The first line: what stands before the numbers of all ids, and how often the exchange has started since.
    Start { prefix: String, starts: u64 },
    /// An order was taken, or replaced.
    Order(Box<Order>),
    /// It traded, on this day.
    Trade {
        id: u64,
        exec: u64,
        price: i64,
        qty: u64,
        #[serde(default)]
        day: i64,
    },
    /// An execution was taken back.
    Bust {
        id: u64,
        exec: u64,
        #[serde(default)]
        day: i64,
    },
    /// An execution was corrected, and has another number since.
    Correct {
        id: u64,
        was: u64,
        exec: u64,
        price: i64,
        qty: u64,
        #[serde(default)]
        day: i64,
    },
    /// The line before is of a report that waits for a session which has not asked; of an execution, that one.
    Waits {
        id: u64,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        exec: Option<u64>,
    },
    /// A session has taken what waited for it.
    Taken { session: String },
    /// Where it stands: its limit, how much of it is shown, and that it has come to the end of its queue.
    Stands { id: u64, price: i64, shown: u64, is_last: bool },
    /// At what price an instrument has traded last, in steps of the tick.
    Last { symbol: String, tick: (i64, u8), price: i64 },
    /// It ended: OrdStatus(39), and the ClOrdID that it ended under.
    End {
        id: u64,
        status: u8,
        name: String,
        #[serde(default)]
        day: i64,
    },
}

/// An order as it was taken. Prices and quantities are in the instrument's steps, which stand beside them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Order {
    pub(super) id: u64,
    pub(super) session: String,
    pub(super) name: String,
    pub(super) symbol: String,
    pub(super) tick: (i64, u8),
    pub(super) lot: (i64, u8),
    pub(super) is_buy: bool,
    /// OrdType(40)
    pub(super) ord_type: char,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) price: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) stop: Option<i64>,
    /// TimeInForce(59)
    pub(super) time_in_force: char,
    /// ExpireTime(126), in seconds and nanoseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) ends_at: Option<(i64, u32)>,
    /// ExpireDate(432), in days since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) ends_on: Option<i64>,
    pub(super) qty: u64,
    #[serde(default)]
    pub(super) min_qty: u64,
    #[serde(default)]
    pub(super) display_qty: u64,
    /// Side(54) of one that sells short.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) short: Option<char>,
    /// PriceType(423)
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) price_type: Option<i64>,
    /// QuoteRespID(693)
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) quote_resp_id: Option<String>,
    /// The day that it was taken or replaced on, in days since 1970.
    pub(super) day: i64,
}

impl Record {
    /// What is kept of a report, if anything.
    pub(super) fn of(report: &Report, session: &str, now: UtcTimestamp) -> Option<Self> {
        let (id, exec, day) = (report.order_id?.0, report.exec_id, day(now));
        let name = || report.cl_ord_id.to_string();
        Some(match report.exec_type {
            ExecType::NEW | ExecType::REPLACED => {
                let order = Order::of(id, session, name(), report, report.terms.as_ref()?, now);
                Record::Order(Box::new(order))
            }
            ExecType::TRADE => {
                let (price, qty) = report.last?;
                Record::Trade { id, exec, price, qty, day }
            }
            ExecType::TRADE_CANCEL => Record::Bust { id, exec: report.exec_ref_id?, day },
            ExecType::TRADE_CORRECT => {
                let (price, qty) = report.last?;
                Record::Correct { id, was: report.exec_ref_id?, exec, price, qty, day }
            }
            // One that outlives the day has not ended with it.
            ExecType::DONE_FOR_DAY if report.leaves_qty > 0 => return None,
            ExecType::CANCELED | ExecType::EXPIRED | ExecType::DONE_FOR_DAY => {
                Record::End { id, status: report.ord_status.0, name: name(), day }
            }
            _ => return None,
        })
    }
}

impl Record {
    /// What is kept of a change whose report waits.
    pub(super) fn waits(&self) -> Option<Self> {
        let (id, exec) = match self {
            Record::Order(order) => (order.id, None),
            Record::Trade { id, exec, .. } => (*id, Some(*exec)),
            Record::Bust { id, .. } | Record::Correct { id, .. } | Record::End { id, .. } => (*id, None),
            _ => return None,
        };
        Some(Record::Waits { id, exec })
    }
}

impl Order {
    fn of(id: u64, session: &str, name: String, report: &Report, terms: &Terms, now: UtcTimestamp) -> Self {
        let listing = &terms.listing;
        let (ord_type, price, stop) = match terms.kind {
            Kind::Market => ('1', None, None),
            Kind::MarketToLimit => ('K', None, None),
            Kind::Limit(price) => ('2', Some(price), None),
            Kind::Stop(stop) => ('3', None, Some(stop)),
            Kind::StopLimit { stop, limit } => ('4', Some(limit), Some(stop)),
        };
        let time_in_force = match terms.time_in_force {
            TimeInForce::Day => '0',
            TimeInForce::GoodTill => '1',
            TimeInForce::AtOpening => '2',
            TimeInForce::ImmediateOrCancel => '3',
            TimeInForce::FillOrKill => '4',
            TimeInForce::AtClose => '7',
        };
        let (ends_at, ends_on) = match terms.expires {
            Some(Expires::At(time)) => (Some((time.unix_seconds(), time.subsec_nanos())), None),
            Some(Expires::On(date)) => (None, Some(date.unix_days())),
            None => (None, None),
        };
        let parts = |step: Decimal| (step.mantissa(), step.scale());
        Order {
            id,
            session: session.to_owned(),
            name,
            symbol: listing.symbol.to_string(),
            tick: parts(listing.tick),
            lot: parts(listing.lot),
            is_buy: terms.side == Side::Buy,
            ord_type,
            price,
            stop,
            time_in_force,
            ends_at,
            ends_on,
            qty: report.order_qty,
            min_qty: terms.min_qty,
            display_qty: terms.display_qty,
            short: terms.echo.short.map(|side| char::from(side.0)),
            price_type: terms.echo.price_type.map(|price_type| price_type.0.into()),
            quote_resp_id: terms.echo.quote_resp_id.as_deref().map(str::to_owned),
            day: day(now),
        }
    }

    pub(super) fn kind(&self) -> Option<Kind> {
        Some(match self.ord_type {
            '1' => Kind::Market,
            'K' => Kind::MarketToLimit,
            '2' => Kind::Limit(self.price?),
            '3' => Kind::Stop(self.stop?),
            '4' => Kind::StopLimit { stop: self.stop?, limit: self.price? },
            _ => return None,
        })
    }

    pub(super) fn time_in_force(&self) -> Option<TimeInForce> {
        Some(match self.time_in_force {
            '0' => TimeInForce::Day,
            '1' => TimeInForce::GoodTill,
            '2' => TimeInForce::AtOpening,
            '3' => TimeInForce::ImmediateOrCancel,
            '4' => TimeInForce::FillOrKill,
            '7' => TimeInForce::AtClose,
            _ => return None,
        })
    }

    pub(super) fn echo(&self) -> Echo {
        let short = self.short.and_then(|side| u8::try_from(side).ok()).map(code::Side);
        let price_type = self.price_type.and_then(|value| value.try_into().ok()).map(code::PriceType);
        Echo { short, price_type, quote_resp_id: self.quote_resp_id.as_deref().map(Into::into) }
    }

    pub(super) fn expires(&self) -> Option<Expires> {
        let time = self.ends_at.map(|(seconds, nanos)| Expires::At(UtcTimestamp::from_unix(seconds, nanos)));
        time.or(self.ends_on.map(|days| Expires::On(LocalMktDate::from_unix_days(days))))
    }
}

/// Executions of an order, by number, price and quantity.
pub(super) type Trades = Vec<(u64, Ticks, Quantity)>;

/// The day of a time, in days since 1970.
pub(super) fn day(now: UtcTimestamp) -> i64 {
    now.unix_seconds().div_euclid(86_400)
}
