//! From a command handed over to its end: prints the reports as they come.

use std::{
    borrow::Cow,
    io::{self, Write},
    process::ExitCode,
    time::{Duration, Instant},
};

use fix_core::{dict::fix44, tag};
use serde_json::{Map, Value};

use super::remote::{Failure, Placed, Remote};
use crate::{clock::utc_now, contract::news::News, exit};

/// A ClOrdID(11) that no other call has: the time in microseconds, and a random part.
pub(super) fn new_cl_ord_id() -> String {
    let now = utc_now();
    format!("CLI-{}{:06}-{:04x}", now.unix_seconds(), now.subsec_nanos() / 1000, rand::random::<u16>())
}

/// When a command has what it wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Goal {
    /// The order ends with this OrdStatus(39).
    Status(&'static str),
    /// The replacement is accepted: ExecType(150) 5.
    Replaced,
}

/// Hands over `order` and follows it until its end, its goal, or for `timeout`.
pub(super) fn place_and_follow(
    remote: &mut Remote,
    order: &Map<String, Value>,
    timeout: Duration,
    goal: Goal,
) -> Result<ExitCode, Failure> {
    let cl_ord_id = text(order, "clOrdID").unwrap_or_default().to_owned();
    let mut out = io::stdout().lock();
    match remote.place(order)? {
        Placed::Sent(msg_seq_num) => writeln!(out, "sent {cl_ord_id} as MsgSeqNum {msg_seq_num}")?,
        Placed::Queued => writeln!(out, "queued {cl_ord_id}")?,
    }
    if timeout.is_zero() {
        return Ok(ExitCode::SUCCESS);
    }
    let deadline = Instant::now() + timeout;
    let mut seen = 0;
    loop {
        let reports = remote.reports(&cl_ord_id, seen, deadline)?;
        for report in reports.iter().skip(seen).filter_map(Value::as_object) {
            writeln!(out, "{}", line(report))?;
            let is_reached = match goal {
                Goal::Replaced => is_replaced(report),
                Goal::Status(status) => text(report, "ordStatus") == Some(status),
            };
            let is_reached = is_reached && text(report, "msgType") == Some("8");
            let is_end = News::of_fields(report).is_final_for(&cl_ord_id);
            if is_end || (is_reached && goal == Goal::Replaced) {
                return Ok(if is_reached { exit::OK } else { exit::REJECTED }.into());
            }
        }
        seen = seen.max(reports.len());
        if Instant::now() >= deadline {
            return Err(timed_out(remote, &cl_ord_id, seen, timeout));
        }
    }
}

fn timed_out(remote: &Remote, cl_ord_id: &str, seen: usize, timeout: Duration) -> Failure {
    let seconds = timeout.as_secs_f64();
    let text = match seen {
        0 => format!("{cl_ord_id}: no report within {seconds} s; {}", remote.silence_hint()),
        _ => format!("{cl_ord_id}: not finished after {seconds} s; the order may still be working"),
    };
    Failure::new(exit::TIME_OUT, text)
}

/// `FILLED  BUY 100 10Y limit 96.250  100 at 96.250  leaves 0  (order O1)`
fn line(report: &Map<String, Value>) -> String {
    let mut parts = vec![format!("{:<16}", headline(report))];
    let words = ["side", "qty", "symbol"].into_iter().filter_map(|key| shown(report, key));
    parts.push(words.collect::<Vec<_>>().join(" "));
    if let Some(price) = shown(report, "price") {
        parts.push(format!("limit {price}"));
    }
    if let (Some(qty), Some(price)) = (shown(report, "lastQty"), shown(report, "lastPx"))
        && qty != "0"
    {
        parts.push(format!("{qty} at {price}"));
    }
    if let Some(leaves) = shown(report, "leavesQty") {
        parts.push(format!("leaves {leaves}"));
    }
    parts.extend(shown(report, "text").map(|text| format!("\"{text}\"")));
    parts.retain(|part| !part.trim().is_empty());
    parts.join("  ")
}

fn headline(report: &Map<String, Value>) -> Cow<'static, str> {
    if text(report, "msgType") == Some("9") {
        let is_replace = text(report, "cxlRejResponseTo") == Some("2");
        return if is_replace { "REPLACE REJECTED" } else { "CANCEL REJECTED" }.into();
    }
    if is_replaced(report) {
        return "REPLACED".into();
    }
    match text(report, "ordStatus") {
        None => "STATE UNKNOWN".into(),
        Some(status) => match fix44::DICTIONARY.code_name(tag::ORD_STATUS, status.as_bytes()) {
            Some(name) => name.replace('_', " ").into(),
            None => format!("OrdStatus {}", status.escape_debug()).into(),
        },
    }
}

/// Under the id of the request, and for the id before it.
fn is_replaced(report: &Map<String, Value>) -> bool {
    text(report, "execType") == Some("5")
}

fn text<'r>(report: &'r Map<String, Value>, key: &str) -> Option<&'r str> {
    report.get(key).and_then(Value::as_str)
}

/// A value for the terminal: the counterparty's text must not be able to steer it.
fn shown(report: &Map<String, Value>, key: &str) -> Option<String> {
    match report.get(key)? {
        Value::String(text) => Some(text.escape_debug().to_string()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown_line(json: &str) -> String {
        line(&serde_json::from_str(json).unwrap())
    }

    #[test]
    fn a_report_is_one_readable_line() {
        assert_eq!(
            shown_line(
                r#"{"msgType":"8","ordStatus":"2","symbol":"10Y","side":"BUY","qty":100,"price":96.250,"lastPx":96.26,"lastQty":100,"leavesQty":0}"#
            ),
            "FILLED            BUY 100 10Y  limit 96.250  100 at 96.26  leaves 0"
        );
        assert_eq!(
            shown_line(r#"{"msgType":"8","ordStatus":"8","text":"bad \u001b[31m"}"#),
            "REJECTED          \"bad \\u{1b}[31m\""
        );
        assert_eq!(shown_line(r#"{"msgType":"9","text":"too late"}"#), "CANCEL REJECTED   \"too late\"");
    }

    #[test]
    fn ids_fit_the_contract_and_differ() {
        let id = new_cl_ord_id();
        assert!(id.len() <= crate::contract::parse::MAX_ID_CHARS && id.is_ascii());
        assert_ne!(id, new_cl_ord_id());
    }
}
