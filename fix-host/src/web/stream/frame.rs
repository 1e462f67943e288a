//! The frames of the stream: put together of texts that were made once, for the topics of one reader.

use std::{collections::BTreeMap, fmt::Write, sync::Arc};

use serde_json::{Value, json};

use super::{
    prices::COLUMNS,
    ring::News,
    topic::{Topic, Topics},
};

/// A whole topic.
pub(super) fn snap(boot: &str, seq: u64, topic: Topic, rows: &[impl AsRef<str>]) -> String {
    let mut text =
        format!("{{\"t\":\"snap\",\"boot\":\"{boot}\",\"seq\":{seq},\"topic\":\"{}\"", topic.name());
    if topic == Topic::Prices {
        // Writing to a String cannot fail.
        let _ = write!(text, ",\"cols\":{}", json!(COLUMNS));
    }
    text.push_str(",\"rows\":");
    list(&mut text, rows.iter().map(AsRef::as_ref));
    text.push('}');
    text
}

/// What came behind `after` up to `seq` for a reader of these topics and this symbol; `None` if nothing did. Of prices that moved more
/// than once there is the latest alone: a reader that is late has fewer, not older ones.
pub(super) fn delta(
    news: &[Arc<News>],
    (topics, symbol): (Topics, Option<&str>),
    after: u64,
    seq: u64,
) -> Option<String> {
    let wanted = || news.iter().map(AsRef::as_ref).filter(|news: &&News| news.is_for(topics, symbol));
    wanted().next()?;
    let mut text = format!("{{\"t\":\"d\",\"after\":{after},\"seq\":{seq}");
    let mut moves = BTreeMap::new();
    for news in wanted() {
        if let News::Prices(rows) = news {
            moves.extend(rows.iter().map(|(at, row)| (*at, &**row)));
        }
    }
    if !moves.is_empty() {
        text.push_str(",\"prices\":");
        list(&mut text, moves.into_values());
    }
    for topic in topics.iter() {
        let rows = || {
            wanted().filter_map(move |news| match news {
                News::Row(of, row) if *of == topic => Some(&**row),
                _ => None,
            })
        };
        if rows().next().is_some() {
            let _ = write!(text, ",\"{}\":", topic.name());
            list(&mut text, rows());
        }
        let state = wanted().rev().find_map(|news| match news {
            News::State(of, state) | News::OfSymbol(of, _, state) if *of == topic => Some(state),
            _ => None,
        });
        if let Some(state) = state {
            let _ = write!(text, ",\"{}\":{state}", topic.name());
        }
    }
    text.push('}');
    Some(text)
}

/// The reader was too slow, or away for too long, for what lies between.
pub(super) fn gap(from: u64, to: u64) -> String {
    json!({ "t": "gap", "from": from, "to": to, "why": "slow" }).to_string()
}

/// Nothing happened, and the connection stands.
pub(super) fn heartbeat(seq: u64, millis: i64) -> String {
    json!({ "t": "hb", "seq": seq, "ts": millis }).to_string()
}

/// What a reader said is not understood.
pub(super) fn error(text: &str) -> String {
    json!({ "t": "error", "error": Value::from(text) }).to_string()
}

fn list<'a>(text: &mut String, rows: impl Iterator<Item = &'a str>) {
    text.push('[');
    for (number, row) in rows.enumerate() {
        if number > 0 {
            text.push(',');
        }
        text.push_str(row);
    }
    text.push(']');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(topics: &[Topic]) -> Topics {
        topics.iter().copied().collect()
    }

    #[test]
    fn prices_are_the_latest_rows_are_all_there_and_other_topics_are_not() {
        let news: Vec<Arc<News>> = [
            News::Prices(vec![(3, "[3,\"1\"]".into()), (1, "[1,\"1\"]".into())]),
            News::Row(Topic::Orders, "{\"a\":1}".into()),
            News::Row(Topic::Executions, "{\"e\":1}".into()),
            News::Prices(vec![(3, "[3,\"2\"]".into())]),
            News::Row(Topic::Orders, "{\"a\":2}".into()),
            News::State(Topic::Exchange, "{\"x\":1}".into()),
            News::State(Topic::Exchange, "{\"x\":2}".into()),
        ]
        .map(Arc::new)
        .into();
        assert_eq!(
            delta(&news, (of(&[Topic::Prices, Topic::Orders, Topic::Exchange]), None), 4, 11).unwrap(),
            r#"{"t":"d","after":4,"seq":11,"prices":[[1,"1"],[3,"2"]],"orders":[{"a":1},{"a":2}],"exchange":{"x":2}}"#
        );
        assert_eq!(delta(&news, (of(&[Topic::Sessions]), None), 4, 11), None);
    }

    #[test]
    fn of_a_symbol_its_reader_gets_the_last_state_alone() {
        let depth = |symbol: &str, text: &str| News::OfSymbol(Topic::Depth, symbol.into(), text.into());
        let news =
            [depth("2Y", "{\"n\":1}"), depth("5Y", "{\"n\":2}"), depth("2Y", "{\"n\":3}"), depth("5Y", "{}")];
        let news = news.map(Arc::new);
        let topics = of(&[Topic::Depth]);
        assert_eq!(
            delta(&news, (topics, Some("2Y")), 0, 4).unwrap(),
            r#"{"t":"d","after":0,"seq":4,"depth":{"n":3}}"#
        );
        assert_eq!(delta(&news, (topics, Some("3Y")), 0, 4), None);
        assert_eq!(delta(&news, (topics, None), 0, 4), None);
    }

    #[test]
    fn a_snap_names_its_columns() {
        let text = snap("6b0a", 7, Topic::Prices, &["[1]", "[2]"]);
        assert!(
            text.starts_with(r#"{"t":"snap","boot":"6b0a","seq":7,"topic":"prices","cols":["symbol","bid","#)
        );
        assert!(text.ends_with(r#","rows":[[1],[2]]}"#));
        let text = snap("6b0a", 7, Topic::Orders, &["{}"]);
        assert_eq!(text, r#"{"t":"snap","boot":"6b0a","seq":7,"topic":"orders","rows":[{}]}"#);
    }
}
