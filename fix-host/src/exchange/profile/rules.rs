//! What a venue profile may say. The names here are the keys of the file.

mod day;
mod events;
mod fills;
mod quotes;
mod values;

use std::{collections::BTreeMap, time::Duration};

use fix_core::{msg::msg_type::MsgType, time::Precision};
use serde::Deserialize;

pub use day::Day;
pub use events::{Event, What};
pub use fills::Fills;
pub use quotes::Quotes;
pub use values::{Count, Name, Number, OneOf, Time};

/// A venue's behaviour. The default is a venue without any of it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Profile {
    /// Its name: that of the shipped one, or of the file.
    #[serde(skip)]
    pub name: String,
    /// What it is for, in a line.
    pub description: String,
    /// Digits of the seconds in the venue's times.
    pub timestamps: Option<Timestamps>,
    /// How long requests wait before the venue takes them.
    pub latency: Latency,
    /// Each limit order is filled at once and whole, at its limit; orders of another kind are refused.
    pub fill_at_limit: bool,
    /// Orders that would trade at once are filled in parts.
    pub fills: Option<Fills>,
    /// How it quotes.
    pub quotes: Quotes,
    /// Requests that are refused; the first rule that fits decides.
    pub reject: Vec<Reject>,
    /// How many messages a session may send.
    pub throttle: Option<Throttle>,
    /// Requests that get no answer, or a late one.
    pub silence: Vec<Silence>,
    /// Faults of the connection.
    pub line: Line,
    /// What happens by schedule.
    pub event: Vec<Event>,
    /// When the market opens and closes; without it, it is always open.
    pub day: Option<Day>,
}

/// Digits of the seconds in the venue's times.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Timestamps {
    /// 20261128-18:00:00
    Seconds,
    /// 20261128-18:00:00.123
    Millis,
    /// 20261128-18:00:00.123456
    Micros,
    /// 20261128-18:00:00.123456789
    Nanos,
}

impl Timestamps {
    /// The core's word for it.
    #[must_use]
    pub fn precision(self) -> Precision {
        match self {
            Timestamps::Seconds => Precision::Seconds,
            Timestamps::Millis => Precision::Millis,
            Timestamps::Micros => Precision::Micros,
            Timestamps::Nanos => Precision::Nanos,
        }
    }
}

/// Kinds of requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Request {
    /// NewOrderSingle(D), NewOrderList(E).
    New,
    /// OrderCancelRequest(F), OrderMassCancelRequest(q).
    Cancel,
    /// OrderCancelReplaceRequest(G).
    Replace,
    /// OrderStatusRequest(H), OrderMassStatusRequest(AF).
    Status,
    /// MarketDataRequest(V).
    MarketData,
    /// QuoteRequest(R).
    Quote,
    /// QuoteResponse(AJ).
    QuoteResponse,
    /// Anything else.
    Other,
}

impl Request {
    /// Of a message.
    #[must_use]
    pub fn of(msg_type: MsgType) -> Self {
        match msg_type.as_bytes() {
            b"D" | b"E" => Request::New,
            b"F" | b"q" => Request::Cancel,
            b"G" => Request::Replace,
            b"H" | b"AF" => Request::Status,
            b"V" => Request::MarketData,
            b"R" => Request::Quote,
            b"AJ" => Request::QuoteResponse,
            _ => Request::Other,
        }
    }
}

/// How long requests wait, by kind; `all` is for those that are not named.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Latency {
    /// Of kinds without one of their own.
    pub all: Option<Delay>,
    /// Of new orders.
    pub new: Option<Delay>,
    /// Of cancels.
    pub cancel: Option<Delay>,
    /// Of replacements.
    pub replace: Option<Delay>,
    /// Of status requests.
    pub status: Option<Delay>,
    /// Of market data requests.
    pub market_data: Option<Delay>,
    /// Of requests for a quote.
    pub quote: Option<Delay>,
    /// Of answers to quotes.
    pub quote_response: Option<Delay>,
}

impl Latency {
    /// True if anything waits.
    #[must_use]
    pub fn is_some(&self) -> bool {
        let Latency { all, new, cancel, replace, status, market_data, quote, quote_response } = self;
        let all = [all, new, cancel, replace, status, market_data, quote, quote_response];
        all.into_iter().any(Option::is_some)
    }

    /// Of a kind of request; `None`: it does not wait.
    #[must_use]
    pub fn of(&self, request: Request) -> Option<&Delay> {
        let own = match request {
            Request::New => &self.new,
            Request::Cancel => &self.cancel,
            Request::Replace => &self.replace,
            Request::Status => &self.status,
            Request::MarketData => &self.market_data,
            Request::Quote => &self.quote,
            Request::QuoteResponse => &self.quote_response,
            Request::Other => &None,
        };
        own.as_ref().or(self.all.as_ref())
    }
}

/// A time to wait: at least so long, and up to `jitter` more.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Delay {
    /// Always.
    pub at_least: Time,
    /// Up to so much more, drawn by the seed.
    pub jitter: Time,
}

/// Refuses requests: those for which all that is said holds.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Reject {
    /// Only of these kinds; new orders, if none is named.
    pub kinds: Vec<Request>,
    /// Only for this Symbol(55).
    pub symbol: Option<String>,
    /// Only if OrderQty(38) is above.
    pub quantity_above: Option<Number>,
    /// Only if Price(44) is further than this from the middle of the venue's own prices.
    pub price_away_percent: Option<Number>,
    /// Only if each of these fields has one of these values.
    pub when: BTreeMap<Name, OneOf>,
    /// Only every so manyth of them.
    pub every: Option<Count>,
    /// OrdRejReason(103), or QuoteRequestRejectReason(658); 99 (other) if it is not said.
    pub reason: Option<u32>,
    /// Text(58).
    pub text: Option<String>,
}

/// So many messages in a time.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Throttle {
    /// So many.
    pub messages: Count,
    /// In this time; a second, if it is not said.
    #[serde(default = "second")]
    pub per: Time,
    /// What becomes of one more.
    pub then: Excess,
    /// What the counterparty is told.
    pub text: Option<String>,
}

fn second() -> Time {
    Time(Duration::from_secs(1))
}

/// What becomes of a message that is one too many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Excess {
    /// It is refused.
    Reject,
    /// It waits until it is none too many.
    Delay,
    /// The session is logged out.
    Logout,
    /// It is not answered.
    Silence,
}

/// Requests without an answer: every so manyth for ever, or all of a time until that is over.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Silence {
    /// Only of these kinds; all, if none is named.
    pub kinds: Vec<Request>,
    /// Every so manyth is never answered.
    pub every: Option<Count>,
    /// Nothing is answered from this time after the start of the exchange.
    pub from: Option<Time>,
    /// For so long: then all that waits is.
    #[serde(rename = "for")]
    pub lasts: Option<Time>,
    /// And again after so long, counted from the beginning.
    pub again: Option<Time>,
}

/// Faults on purpose in what is written and read. A count is one message in so many, drawn by the seed; Logon and Logout are
/// left alone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Line {
    /// A CheckSum(10) that is not that of the message.
    pub wrong_check_sum: Option<Count>,
    /// A BodyLength(9) that is one too long.
    pub wrong_body_length: Option<Count>,
    /// Messages that are left out, so that the sequence jumps.
    pub lost: Option<Lost>,
    /// The connection ends in the middle of a message.
    pub cut: Option<Count>,
    /// Nothing more is sent, and the connection stays open.
    pub half_open: Option<Count>,
    /// A resent message has no OrigSendingTime(122).
    pub no_orig_sending_time: bool,
    /// A report has the ExecID(17) of the one before.
    pub duplicate_exec_id: Option<Count>,
    /// So many bytes a second are read.
    pub slow_reader: Option<Count>,
}

impl Line {
    /// False for a line without any.
    #[must_use]
    pub fn has_faults(&self) -> bool {
        *self != Line::default()
    }
}

/// Messages that are left out.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Lost {
    /// One in so many is the first of them.
    pub every: Count,
    /// So many in a row; one, if it is not said.
    #[serde(default = "one")]
    pub messages: Count,
}

fn one() -> Count {
    Count(1)
}
