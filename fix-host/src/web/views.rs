//! What can be read over HTTP.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    Extension, Json,
    body::Body,
    extract::{
        Path, Query, State,
        rejection::{PathRejection, QueryRejection},
    },
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use futures_util::stream;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    error::ApiError,
    guard::{Caller, Guard},
    metrics::Watched,
    server::Api,
    sessions,
};
use crate::{
    contract::{
        by_hand::Venue,
        number::unix_seconds,
        order_error::Quoted,
        report::{REPORT_HISTORY, Report, end_is_said},
        session_view::{SessionView, status_word},
    },
    observe::changes::Change,
};

/// The longest that a request waits for reports.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// Reports listed unless the client asks for another number.
const DEFAULT_LIMIT: usize = 100;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OrderQuery {
    /// Milliseconds to wait.
    wait_ms: Option<String>,
    /// Wait for more than that many reports, not for the order's end.
    seen: Option<String>,
}

/// Read as text first, because the number parser's own words name neither the field nor what it takes.
pub(super) fn number(field: &str, text: Option<String>) -> Result<Option<u64>, ApiError> {
    text.map(|text| {
        let error = || format!("{field}: must be a whole number from 0 on, not {}", Quoted::new(&text));
        text.parse().map_err(|_| ApiError::bad_request(error()))
    })
    .transpose()
}

pub(super) fn query<T>(query: Result<Query<T>, QueryRejection>) -> Result<T, ApiError> {
    query.map(|Query(query)| query).map_err(|error| {
        let text = error.body_text();
        let said = "Failed to deserialize query string: ";
        ApiError::bad_request(text.strip_prefix(said).unwrap_or(&text))
    })
}

pub(super) async fn order(
    State(api): State<Arc<Api>>,
    path: Result<Path<String>, PathRejection>,
    asked: Result<Query<OrderQuery>, QueryRejection>,
) -> Result<Json<Value>, ApiError> {
    let Path(cl_ord_id) = path.map_err(|error| ApiError::bad_request(error.body_text()))?;
    let OrderQuery { wait_ms, seen } = query(asked)?;
    let wait = Duration::from_millis(number("wait_ms", wait_ms)?.unwrap_or(0)).min(LONGEST_WAIT);
    let seen = number("seen", seen)?.map(|seen| usize::try_from(seen).unwrap_or(usize::MAX));
    let mut stop = api.stop.clone();
    let ended_by = || api.orders.ended_by(&cl_ord_id);
    // Asked before the reports are read: the last one is among them then, or has made room for newer ones since.
    let is_end_shown =
        api.orders.is_end_shown(&cl_ord_id) || ended_by().is_some_and(|id| api.orders.is_end_shown(&id));
    let wait = if is_end_shown && seen.is_none() { Duration::ZERO } else { wait };
    let reports = tokio::select! {
        reports =
            api.board.wait_for_reports(&cl_ord_id, seen.unwrap_or(0), seen.is_none(), wait) => reports,
        _ = stop.wait_for(|stop| *stop) => api.board.reports_of(&cl_ord_id),
    };
    let order = api.orders.get(&cl_ord_id);
    if order.is_none() && reports.is_empty() {
        let text = format!("no order or request {} is known here", Quoted::new(&cl_ord_id));
        return Err(ApiError::new(StatusCode::NOT_FOUND, text));
    }
    // Under the id of a cancel request, the report of the end may name the order by an id that it had before.
    let is_final = is_end_shown
        || end_is_said(&reports, &cl_ord_id)
        || ended_by().is_some_and(|id| end_is_said(&api.board.reports_of(&id), &id));
    Ok(Json(json!({
        "clOrdID": cl_ord_id,
        "final": is_final,
        "order": order,
        "reports": fields_of(reports.iter().map(AsRef::as_ref)),
    })))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ReportsQuery {
    limit: Option<String>,
}

pub(super) async fn reports(
    State(api): State<Arc<Api>>,
    asked: Result<Query<ReportsQuery>, QueryRejection>,
) -> Result<Json<Value>, ApiError> {
    let limit = number("limit", query(asked)?.limit)?;
    let limit = limit.map_or(DEFAULT_LIMIT, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
    let reports = api.board.newest_reports(limit.min(REPORT_HISTORY));
    Ok(Json(json!({ "reports": fields_of(reports.iter().map(AsRef::as_ref)) })))
}

fn fields_of<'a>(reports: impl Iterator<Item = &'a Report>) -> Value {
    reports.map(|report| Value::Object(shown(report))).collect()
}

/// The report's fields, what else people are shown of it, and `time`: when the counterparty sent it, in seconds since 1970.
fn shown(report: &Report) -> Map<String, Value> {
    let mut fields = report.to_fields();
    fields.extend(report.further());
    if let Some(time) = report.sending_time() {
        fields.insert("time".to_owned(), Value::Number(unix_seconds(time)));
    }
    fields
}

/// The same as text.
pub(in crate::web) fn report_text(report: &Report) -> Arc<str> {
    Value::Object(shown(report)).to_string().into()
}

pub(super) async fn prices(State(api): State<Arc<Api>>) -> Result<Json<Value>, ApiError> {
    let snapshot = api.board.prices().ok_or_else(no_market_data)?;
    Ok(Json(snapshot.to_json()))
}

/// Lines until the engine or the client ends; a slow client misses prices, not memory.
pub(super) async fn price_stream(
    State(api): State<Arc<Api>>,
    Extension(guard): Extension<Guard>,
    Extension(caller): Extension<Caller>,
) -> Result<Response, ApiError> {
    if api.board.prices().is_none() {
        return Err(no_market_data());
    }
    let changes = api.board.changes().follow();
    let stop = api.stop.clone();
    let logged_out = Box::pin(async move { guard.logged_out(caller).await });
    let state = (api, stop, changes, logged_out, true);
    let lines = stream::unfold(state, |(api, mut stop, mut changes, mut logged_out, is_first)| async move {
        if !is_first {
            tokio::select! {
                biased;
                _ = stop.wait_for(|stop| *stop) => return None,
                () = &mut logged_out => return None,
                () = changes.until(|change| matches!(change, Change::Prices)) => {}
            }
        }
        let line = format!("{}\n", api.board.prices()?.to_json());
        Some((Ok::<_, Infallible>(line), (api, stop, changes, logged_out, false)))
    });
    Ok(([(header::CONTENT_TYPE, "application/x-ndjson")], Body::from_stream(lines)).into_response())
}

fn no_market_data() -> ApiError {
    ApiError::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "there are no prices: the engine runs without market data, its counterparty has said none, or it has just started",
    )
}

pub(super) async fn status(State(api): State<Arc<Api>>) -> Json<Value> {
    let (logged_on, prices) = (api.board.is_logged_on(), api.board.prices());
    Json(json!({
        "version": env!("CARGO_PKG_VERSION"),
        "status": status_word(logged_on),
        "mode": if logged_on { "LIVE" } else { "SIM MODE" },
        "marketData": prices.is_some(),
        "marketDataSource": prices.and_then(|snapshot| Some(snapshot.prices.first()?.source.word())),
        "halts": api.board.halts().to_json(),
        "sessions": sessions::all(&api),
    }))
}

/// As [`engine_healthz`], where nothing can be halted.
pub(super) async fn healthz(State(watched): State<Watched>) -> Json<Value> {
    let losing = watched.metrics.losing_log_lines();
    Json(with_journal(json!({ "status": "ok", "losingLogLines": losing }), &watched.venue))
}

/// A halted engine is healthy, and says that it is halted; so is one whose logs cannot be written.
pub(super) async fn engine_healthz(State(api): State<Arc<Api>>) -> Json<Value> {
    let sessions = api.board.sessions();
    let is_halted = |view: &&SessionView| api.board.halts().is_halted(&view.id);
    let halted: Vec<&str> = sessions.iter().filter(is_halted).map(|view| view.id.as_str()).collect();
    let losing = api.metrics.losing_log_lines();
    let health = json!({ "status": "ok", "halted": halted, "losingLogLines": losing });
    Json(with_journal(health, &api.venue))
}

/// With whether the orders of the venue are kept, where there is one.
fn with_journal(mut health: Value, venue: &Venue) -> Value {
    if let Some(venue) = venue {
        health["orderJournal"] = json!(venue.journal());
    }
    health
}

pub(super) async fn readyz(State(api): State<Arc<Api>>) -> Result<Json<Value>, ApiError> {
    if api.board.is_logged_on() {
        return Ok(Json(json!({ "status": "ok" })));
    }
    Err(ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "no FIX session is logged on"))
}
