//! Market data in JSON: `{symbol: {"bid", "ask", "mid", "change", "vwap", "ts", "source", "stale"}}`, of a
//! counterparty with `"last"` too. What was not said is `null`.

use fix_core::decimal::Decimal;
use serde_json::{Map, Value, json};

use super::number;
use crate::market::{Price, Snapshot, Source};

/// The snapshot as the value of `market_data_snapshot`.
pub fn snapshot_to_json(snapshot: &Snapshot) -> Value {
    let prices = snapshot.prices.iter().map(|price| (price.symbol.to_owned(), price_to_json(price)));
    Value::Object(prices.collect::<Map<_, _>>())
}

fn price_to_json(price: &Price) -> Value {
    let number = |value: Option<Decimal>| value.map_or(Value::Null, |value| json!(number::json(value)));
    let mut fields = json!({
        "bid": number(price.bid),
        "ask": number(price.ask),
        "mid": number(price.mid),
        "change": number(price.change),
        "vwap": number(price.vwap),
        "ts": number::unix_seconds(price.at),
        "source": price.source.word(),
        "stale": price.is_stale,
    });
    if price.source == Source::Counterparty {
        fields["last"] = number(price.last);
    }
    fields
}

#[cfg(test)]
mod tests {
    use fix_core::time::UtcTimestamp;

    use super::*;
    use crate::market::Market;

    #[test]
    fn prices_keep_the_digits_of_their_grid_and_say_where_they_are_from() {
        let mut snapshot = Market::new(1).snapshot(UtcTimestamp::from_unix_millis(1_795_499_580_123));
        let json = snapshot_to_json(&snapshot).to_string();
        assert!(json.starts_with(
            r#"{"2Y":{"bid":99.870,"ask":99.880,"mid":99.875,"change":0.000,"vwap":99.8750,"ts":1795499580.123,"source":"simulated","stale":false},"3Y":"#
        ), "{json}");
        let price = &mut snapshot.prices[0];
        (price.source, price.is_stale, price.ask, price.mid) = (Source::Counterparty, true, None, None);
        let json = snapshot_to_json(&snapshot).to_string();
        assert!(json.starts_with(
            r#"{"2Y":{"bid":99.870,"ask":null,"mid":null,"change":0.000,"vwap":99.8750,"ts":1795499580.123,"source":"counterparty","stale":true,"last":null},"3Y":"#
        ), "{json}");
    }
}
