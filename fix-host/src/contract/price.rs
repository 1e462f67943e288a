//! Prices as they are shown and published; in JSON `{symbol: {"bid", "ask", "mid", "change", "vwap", "ts", "source",
//! "stale"}}`, of a counterparty with `"last"` too. What was not said is `null`.

use fix_core::{decimal::Decimal, time::UtcTimestamp};
use serde_json::{Map, Value, json};

use super::number;

/// Who says a price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The simulator in this process: nobody trades at it.
    Simulated,
    /// The counterparty of a session, in its market data.
    Counterparty,
}

impl Source {
    /// The word for it in JSON and tables.
    pub fn word(self) -> &'static str {
        match self {
            Source::Simulated => "simulated",
            Source::Counterparty => "counterparty",
        }
    }
}

/// The market of one instrument as it was last said. A price that nobody said is `None`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Price {
    /// Symbol(55).
    pub symbol: &'static str,
    /// Who says so.
    pub source: Source,
    /// The best bid.
    pub bid: Option<Decimal>,
    /// The best ask.
    pub ask: Option<Decimal>,
    /// The middle of bid and ask.
    pub mid: Option<Decimal>,
    /// The mid minus the first one: of the simulator, or of the counterparty since the start of the engine.
    pub change: Option<Decimal>,
    /// Volume-weighted average as the counterparty says it; of the simulator the mean of its mids.
    pub vwap: Option<Decimal>,
    /// The last trade that the counterparty told of.
    pub last: Option<Decimal>,
    /// When it was said.
    pub at: UtcTimestamp,
    /// It may not hold any more: the counterparty is not logged on, or has said nothing since it is.
    pub is_stale: bool,
}

/// All prices at one moment, in the order of the instruments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// Of one source.
    pub prices: Vec<Price>,
}

impl Snapshot {
    /// The value of `market_data_snapshot`.
    pub fn to_json(&self) -> Value {
        let prices = self.prices.iter().map(|price| (price.symbol.to_owned(), price.to_json()));
        Value::Object(prices.collect::<Map<_, _>>())
    }
}

impl Price {
    fn to_json(&self) -> Value {
        let number = |value: Option<Decimal>| value.map_or(Value::Null, |value| json!(number::json(value)));
        let mut fields = json!({
            "bid": number(self.bid),
            "ask": number(self.ask),
            "mid": number(self.mid),
            "change": number(self.change),
            "vwap": number(self.vwap),
            "ts": number::unix_seconds(self.at),
            "source": self.source.word(),
            "stale": self.is_stale,
        });
        if self.source == Source::Counterparty {
            fields["last"] = number(self.last);
        }
        fields
    }
}

#[cfg(test)]
mod tests {
    use fix_core::time::UtcTimestamp;

    use super::*;
    use crate::market::Market;

    #[test]
    fn prices_keep_the_digits_of_their_grid_and_say_where_they_are_from() {
        let mut snapshot = Market::new(1).snapshot(UtcTimestamp::from_unix_millis(1_795_499_580_123));
        let json = snapshot.to_json().to_string();
        assert!(json.starts_with(
            r#"{"2Y":{"bid":99.870,"ask":99.880,"mid":99.875,"change":0.000,"vwap":99.8750,"ts":1795499580.123,"source":"simulated","stale":false},"3Y":"#
        ), "{json}");
        let price = &mut snapshot.prices[0];
        (price.source, price.is_stale, price.ask, price.mid) = (Source::Counterparty, true, None, None);
        let json = snapshot.to_json().to_string();
        assert!(json.starts_with(
            r#"{"2Y":{"bid":99.870,"ask":null,"mid":null,"change":0.000,"vwap":99.8750,"ts":1795499580.123,"source":"counterparty","stale":true,"last":null},"3Y":"#
        ), "{json}");
    }
}
