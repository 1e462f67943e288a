//! Messages as people read them: what went over the wire, and what the engine decided about it.

use std::{
    cell::Cell,
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
    http::StatusCode,
};
use regex_lite::{Regex, RegexBuilder};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use super::{
    error::ApiError,
    server::Api,
    views::{number, query},
};
use crate::{
    contract::number::unix_seconds,
    observe::{Kept, Messages, Said},
};

/// Messages listed unless the client asks for another number, and at most.
const DEFAULT_LIMIT: usize = 200;
const MOST: usize = 5_000;
/// The longest search, in bytes.
const LONGEST_SEARCH: usize = 200;
/// The most memory of the machine that a search is made into: what it costs for a byte of a message grows with that, and
/// a few bytes can say a thousand states, as `(.{30}){30}` does.
const LARGEST_SEARCH: usize = 32 * 1024;
/// The longest that a search may take.
const SEARCH_TIME: Duration = Duration::from_secs(2);
/// One search at a time, so that searches leave the other processors alone.
static SEARCHES: Semaphore = Semaphore::const_new(1);

/// The rows of these, oldest first. What the engine decided stands with the message that it decided on; where that is not
/// among these, it is a row of its own.
pub(super) fn rows(kept: &[Kept]) -> Vec<Value> {
    let mut rows: Vec<Value> = Vec::new();
    // Of each session, its last row and what that is about.
    let mut last_of: HashMap<&str, (usize, u64)> = HashMap::new();
    for one in kept {
        let text = String::from_utf8_lossy(&one.bytes);
        match (one.said, last_of.get(&*one.session)) {
            (Said::Engine, Some((place, about))) if *about == one.about => {
                let note = match rows[*place]["note"].as_str() {
                    Some(before) => format!("{before}; {text}"),
                    None => text.into_owned(),
                };
                rows[*place]["note"] = note.into();
            }
            _ => {
                last_of.insert(&one.session, (rows.len(), one.about));
                rows.push(row(one, &text));
            }
        }
    }
    rows
}

fn row(one: &Kept, text: &str) -> Value {
    let is_message = one.is_message();
    json!({
        "id": one.number,
        "session": *one.session,
        "direction": match one.said {
            Said::In => "in",
            Said::Out => "out",
            Said::Engine | Said::Begin => "engine",
        },
        "seqnum": field(&one.bytes, b"34").filter(|_| is_message).and_then(|text| text.parse::<u64>().ok()),
        "type": field(&one.bytes, b"35").filter(|_| is_message),
        "time": unix_seconds(one.at),
        "raw": if is_message { text } else { "" },
        "note": if is_message { None } else { Some(text) },
    })
}

/// The first value of a field of the header.
fn field<'m>(message: &'m [u8], tag: &[u8]) -> Option<&'m str> {
    let fields = message.split(|byte| *byte == 0x01).take(16);
    let mut values = fields.filter_map(|field| field.strip_prefix(tag)?.strip_prefix(b"="));
    values.next().and_then(|value| std::str::from_utf8(value).ok())
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MessagesQuery {
    session: Option<String>,
    order: Option<String>,
    #[serde(rename = "type")]
    msg_type: Option<String>,
    search: Option<String>,
    before: Option<String>,
    limit: Option<String>,
}

/// What is looked for.
struct Wanted {
    session: Option<String>,
    /// ClOrdID(11), OrigClOrdID(41) or OrderID(37).
    order: Option<Vec<u8>>,
    msg_type: Option<String>,
    search: Option<Regex>,
}

impl Wanted {
    fn has(&self, one: &Kept) -> bool {
        let is_message = one.is_message();
        self.session.as_ref().is_none_or(|session| *session == *one.session)
            && self.order.as_ref().is_none_or(|order| is_message && names(&one.bytes, order))
            && self
                .msg_type
                .as_deref()
                .is_none_or(|wanted| is_message && field(&one.bytes, b"35") == Some(wanted))
            && self.search.as_ref().is_none_or(|search| search.is_match(&String::from_utf8_lossy(&one.bytes)))
    }
}

fn names(message: &[u8], order: &[u8]) -> bool {
    let tags: [&[u8]; 3] = [b"11=", b"41=", b"37="];
    let mut fields = message.split(|byte| *byte == 0x01);
    fields.any(|field| tags.iter().any(|tag| field.strip_prefix(*tag) == Some(order)))
}

/// `GET /api/messages`
pub(super) async fn list(
    State(api): State<Arc<Api>>,
    asked: Result<Query<MessagesQuery>, QueryRejection>,
) -> Result<Json<Value>, ApiError> {
    let MessagesQuery { session, order, msg_type, search, before, limit } = query(asked)?;
    let session = session.map(|name| super::sessions::named(&api, &name)).transpose()?;
    let search = search.filter(|search| !search.is_empty()).map(|search| pattern(&search)).transpose()?;
    let wanted = Wanted { session, order: order.map(String::into_bytes), msg_type, search };
    let before = number("before", before)?.unwrap_or(u64::MAX);
    let limit = number("limit", limit)?.map_or(DEFAULT_LIMIT, |limit| usize::try_from(limit).unwrap_or(MOST));
    let failed = |error| ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, error);
    let turn = match &wanted.search {
        Some(_) => Some(SEARCHES.acquire().await.map_err(|error| failed(error.to_string()))?),
        None => None,
    };
    let board = api.board.clone();
    // Thousands of messages are searched: not by a task that others wait for.
    let found = tokio::task::spawn_blocking(move || {
        // Held to the end of the search, also where its client has gone.
        let _turn = turn;
        find(board.messages(), &wanted, before, limit.min(MOST), Instant::now() + SEARCH_TIME)
    });
    let rows = found.await.map_err(|error| failed(error.to_string()))?;
    let rows = rows.ok_or_else(|| {
        let text = "search: took longer than 2 s; name a session, an order or a type too, or search for plainer text";
        ApiError::new(StatusCode::SERVICE_UNAVAILABLE, text)
    })?;
    Ok(Json(json!({ "messages": rows })))
}

fn pattern(search: &str) -> Result<Regex, ApiError> {
    let refused = |why: String| ApiError::bad_request(format!("search: {why}"));
    if search.len() > LONGEST_SEARCH {
        return Err(refused(format!("may have {LONGEST_SEARCH} bytes")));
    }
    RegexBuilder::new(search).size_limit(LARGEST_SEARCH).build().map_err(|error| refused(error.to_string()))
}

/// The rows of what is wanted, newest first; `None` if it took until `deadline`.
fn find(
    messages: &Messages,
    wanted: &Wanted,
    before: u64,
    limit: usize,
    deadline: Instant,
) -> Option<Vec<Value>> {
    let before = before.min(messages.last() + 1);
    let is_late = Cell::new(false);
    let mut found = messages.before(before, limit, |one| {
        is_late.set(is_late.get() || Instant::now() >= deadline);
        !is_late.get() && wanted.has(one)
    });
    if is_late.get() {
        return None;
    }
    found.reverse();
    let mut rows = rows(&found);
    rows.reverse();
    Some(rows)
}

#[cfg(test)]
mod tests {
    use fix_core::time::UtcTimestamp;

    use super::*;
    use crate::{log::Redactor, observe::Speaker};

    fn kept(number: u64, session: &str, said: Said, text: &str) -> Kept {
        let bytes = text.replace('|', "\x01").into_bytes();
        Kept {
            number,
            about: number,
            session: session.into(),
            said,
            at: UtcTimestamp::from_unix(1, 0),
            bytes,
        }
    }

    fn decided(number: u64, about: u64, text: &str) -> Kept {
        Kept { about, ..kept(number, "A", Said::Engine, text) }
    }

    #[test]
    fn a_decision_stands_with_the_message_that_it_is_about() {
        let rows = rows(&[
            kept(1, "A", Said::Engine, "connected"),
            kept(2, "A", Said::In, "8=FIX.4.4|9=5|35=D|34=7|11=X|"),
            kept(3, "B", Said::Out, "8=FIX.4.4|9=5|35=0|34=1|"),
            decided(4, 2, "too high"),
            decided(5, 2, "asked"),
            kept(6, "A", Said::Begin, "started"),
            decided(7, 6, "connected"),
            // A message that is no longer kept, or was not looked for.
            decided(9, 8, "cannot be read"),
            decided(10, 8, "left out"),
        ]);
        let shown: Vec<_> =
            rows.iter().map(|row| (&row["direction"], &row["seqnum"], &row["note"])).collect();
        let (engine, none) = (json!("engine"), Value::Null);
        assert_eq!(shown[0], (&engine, &none, &json!("connected")));
        assert_eq!(shown[1], (&json!("in"), &json!(7), &json!("too high; asked")));
        assert_eq!(shown[2], (&json!("out"), &json!(1), &none));
        assert_eq!(
            shown[3],
            (&engine, &none, &json!("started; connected")),
            "no decision on what was before"
        );
        assert_eq!(shown[4..], [(&engine, &none, &json!("cannot be read; left out"))]);
        assert_eq!(rows[1]["raw"], "8=FIX.4.4\u{1}9=5\u{1}35=D\u{1}34=7\u{1}11=X\u{1}");
    }

    #[test]
    fn a_search_is_bounded_in_what_it_is_made_into_and_in_time() {
        for search in ["(.{100}){100}", r"(\w{40}){40}", r"((a{50}){50}){50}", "("] {
            assert!(pattern(search).is_err(), "{search}");
        }
        for search in ["11=A1", r"35=(8|9)\x01.*39=[0-2]", r"44=99\.\d{1,6}", r"(?i)not found|unknown order"]
        {
            assert!(pattern(search).is_ok(), "{search}");
        }
        let messages = Messages::default();
        let speaker = Speaker::new("A", Redactor::default());
        messages.add(&speaker, Said::In, UtcTimestamp::from_unix(1, 0), b"35=D\x01");
        let search = pattern("35=D").ok();
        let wanted = Wanted { session: None, order: None, msg_type: None, search };
        let found = |deadline| find(&messages, &wanted, u64::MAX, 5, deadline).map(|rows| rows.len());
        let now = Instant::now();
        assert_eq!((found(now + SEARCH_TIME), found(now)), (Some(1), None));
    }

    #[test]
    fn an_order_is_found_by_each_of_its_ids_and_by_no_part_of_one() {
        let wanted = |order: &str| Wanted {
            session: None,
            order: Some(order.as_bytes().to_vec()),
            msg_type: Some("8".into()),
            search: None,
        };
        let report = kept(1, "A", Said::In, "8=FIX.4.4|9=5|35=8|34=7|37=O1|11=B|41=A|58=11=C|");
        for (id, is_there) in
            [("O1", true), ("B", true), ("A", true), ("C", false), ("O", false), ("", false)]
        {
            assert_eq!(wanted(id).has(&report), is_there, "{id}");
        }
    }
}
