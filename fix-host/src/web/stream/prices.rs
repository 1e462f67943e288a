//! The prices as the stream tells them: the whole table, then what moved in it.

use std::{fmt::Write, sync::Arc};

use fix_core::{decimal::Decimal, time::UtcTimestamp};
use serde_json::Value;

use crate::contract::price::{Price, Snapshot};

/// The columns of the whole table.
pub(super) const COLUMNS: [&str; 11] =
    ["symbol", "bid", "ask", "last", "bidSize", "askSize", "open", "vwap", "time", "source", "stale"];

/// A row that moved: its number in the table, and its values as JSON.
pub(super) type Move = (usize, Box<str>);

/// The prices that were told last.
#[derive(Default)]
pub(super) struct Table {
    told: Option<Arc<Snapshot>>,
}

impl Table {
    /// Takes the latest prices. What moved since the last ones; `None` if these are other instruments, or what a move does
    /// not say has changed, so that the whole table has to be told.
    pub(super) fn take(&mut self, latest: Arc<Snapshot>) -> Option<Vec<Move>> {
        let before = self.told.replace(Arc::clone(&latest))?;
        let is_same_table = before.prices.len() == latest.prices.len()
            && before.prices.iter().zip(&latest.prices).all(|(old, new)| has_same_place(old, new));
        if !is_same_table {
            return None;
        }
        let rows = before.prices.iter().zip(&latest.prices).enumerate();
        Some(rows.filter_map(|(at, (old, new))| Some((at, moved(at, old, new)?))).collect())
    }

    /// The rows of the whole table as JSON.
    pub(super) fn rows(&self) -> Vec<String> {
        let prices = self.told.iter().flat_map(|snapshot| &snapshot.prices);
        prices.map(row).collect()
    }
}

/// True if a move can lead from one to the other: it says neither the symbol nor the source nor the open. The open is
/// not known while a side of the market is missing, which says nothing else of it.
fn has_same_place(old: &Price, new: &Price) -> bool {
    let has_same_open = open(new).is_none_or(|new| open(old) == Some(new));
    old.symbol == new.symbol && old.source == new.source && has_same_open
}

fn open(price: &Price) -> Option<Decimal> {
    price.mid.zip(price.change).and_then(|(mid, change)| mid.checked_sub(change))
}

fn row(price: &Price) -> String {
    let open = open(price);
    let mut text = format!("[{},", Value::from(price.symbol));
    for value in [price.bid, price.ask, price.last, None, None, open, price.vwap] {
        push(&mut text, value);
        text.push(',');
    }
    // Writing to a String cannot fail.
    let _ = write!(text, "{},\"{}\",{}]", millis(price.at), price.source.word(), price.is_stale);
    text
}

/// What changed in a row, the values that change most first: those left out behind them are as before.
fn moved(at: usize, old: &Price, new: &Price) -> Option<Box<str>> {
    if old == new {
        return None;
    }
    let mut text = format!("[{at},");
    push(&mut text, new.bid);
    text.push(',');
    push(&mut text, new.ask);
    let _ = write!(text, ",{}", millis(new.at));
    let has_rare = old.last != new.last || old.is_stale != new.is_stale;
    if has_rare || old.vwap != new.vwap {
        text.push(',');
        push(&mut text, new.vwap);
    }
    if has_rare {
        text.push(',');
        push(&mut text, new.last);
        let _ = write!(text, ",{}", new.is_stale);
    }
    text.push(']');
    Some(text.into_boxed_str())
}

/// A number as text: with the digits of its instrument, which a JSON number loses in a browser.
fn push(text: &mut String, value: Option<Decimal>) {
    let _ = match value {
        Some(value) => write!(text, "\"{value}\""),
        None => write!(text, "null"),
    };
}

fn millis(moment: UtcTimestamp) -> i64 {
    moment.unix_seconds().saturating_mul(1000).saturating_add((moment.subsec_nanos() / 1_000_000).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{contract::price::Source, market::Market};

    fn at(millis: i64) -> UtcTimestamp {
        UtcTimestamp::from_unix_millis(millis)
    }

    #[test]
    fn the_table_has_a_value_for_each_column_and_a_move_only_what_changed() {
        let mut table = Table::default();
        let snapshot = Market::new(1).snapshot(at(1_795_499_580_123));
        assert_eq!(table.take(Arc::new(snapshot.clone())), None, "the first one is told whole");
        let rows = table.rows();
        assert_eq!(
            rows[0],
            r#"["2Y","99.870","99.880",null,null,null,"99.875","99.8750",1795499580123,"simulated",false]"#
        );
        let columns: Vec<Value> = serde_json::from_str(&rows[1]).unwrap();
        assert_eq!(columns.len(), COLUMNS.len());

        assert_eq!(table.take(Arc::new(snapshot.clone())), Some(vec![]));
        let mut later = snapshot.clone();
        later.prices[2].at = at(1_795_499_580_500);
        later.prices[3].is_stale = true;
        later.prices[3].bid = None;
        let moves = table.take(Arc::new(later.clone())).unwrap();
        let (bid, ask) = (snapshot.prices[2].bid.unwrap(), snapshot.prices[2].ask.unwrap());
        assert_eq!(*moves[0].1, *format!("[2,\"{bid}\",\"{ask}\",1795499580500]"));
        assert!(
            moves[1].1.starts_with("[3,null,\"") && moves[1].1.ends_with(",null,true]"),
            "{}",
            moves[1].1
        );
        assert_eq!(moves.len(), 2);

        later.prices[1].source = Source::Counterparty;
        assert_eq!(table.take(Arc::new(later.clone())), None, "another source");
        later.prices[1].change = later.prices[1].mid;
        assert_eq!(table.take(Arc::new(later.clone())), None, "another open");
        later.prices[1].mid = None;
        assert_eq!(table.take(Arc::new(later.clone())).map(|moves| moves.len()), Some(1), "no mid");

        later.prices.pop();
        assert_eq!(table.take(Arc::new(later)), None, "other instruments");
    }
}
