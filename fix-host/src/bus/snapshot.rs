//! Market data in JSON: `{symbol: {"bid", "ask", "mid", "change", "vwap", "ts"}}`.

use serde_json::{Map, Value, json};

use super::number;
use crate::market::Snapshot;

/// The snapshot as the value of `market_data_snapshot`.
pub fn snapshot_to_json(snapshot: &Snapshot) -> Value {
    let ts = number::unix_seconds(snapshot.taken_at);
    let quotes = snapshot.quotes.iter().map(|quote| {
        let fields = json!({
            "bid": number::json(quote.bid),
            "ask": number::json(quote.ask),
            "mid": number::json(quote.mid),
            "change": number::json(quote.change),
            "vwap": number::json(quote.vwap),
            "ts": ts,
        });
        (quote.symbol.to_owned(), fields)
    });
    Value::Object(quotes.collect::<Map<_, _>>())
}

#[cfg(test)]
mod tests {
    use fix_core::time::UtcTimestamp;

    use super::*;
    use crate::market::Market;

    #[test]
    fn prices_keep_the_digits_of_their_grid() {
        let snapshot = Market::new(1).snapshot(UtcTimestamp::from_unix_millis(1_795_499_580_123));
        let json = snapshot_to_json(&snapshot).to_string();
        assert!(json.starts_with(
            r#"{"2Y":{"bid":99.870,"ask":99.880,"mid":99.875,"change":0.000,"vwap":99.8750,"ts":1795499580.123},"3Y":"#
        ));
    }
}
