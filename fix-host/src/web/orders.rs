//! Orders and cancels over HTTP.

use std::time::Duration;

use axum::{
    Json,
    extract::{
        Path, Query, State,
        rejection::{PathRejection, QueryRejection},
    },
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::timeout;

use super::{
    body::{self, TimelyBody},
    error::ApiError,
    server::Api,
    views::{number, query},
};
use crate::{
    clock::utc_now,
    contract::{
        order::OrderCommand,
        order_error::Note,
        parse::{CANCELS, REPLACES, Read},
        publisher,
        report::Report,
        request::{Fate, NoReply, OrderReply, Resolution, Task},
    },
    orders::Which,
};

/// How long the engine may take to answer.
const LONGEST_REPLY: Duration = Duration::from_secs(5);

pub(super) async fn post_order(
    State(api): State<Api>,
    TimelyBody(body): TimelyBody,
) -> Result<Response, ApiError> {
    let Read { command, notes } = api.intake.read(&body, utc_now()).map_err(ApiError::bad_request)?;
    match command {
        OrderCommand::New(_) => submit(api, command, notes).await,
        OrderCommand::Cancel(_) => Err(ApiError::bad_request(CANCELS)),
        OrderCommand::Replace(_) => Err(ApiError::bad_request(REPLACES)),
    }
}

pub(super) async fn post_cancel(
    State(api): State<Api>,
    TimelyBody(body): TimelyBody,
) -> Result<Response, ApiError> {
    let Read { command, notes } = api.intake.read_cancel(&body, utc_now()).map_err(ApiError::bad_request)?;
    submit(api, OrderCommand::Cancel(command), notes).await
}

pub(super) async fn post_replace(
    State(api): State<Api>,
    TimelyBody(body): TimelyBody,
) -> Result<Response, ApiError> {
    let Read { command, notes } = api.intake.read_replace(&body, utc_now()).map_err(ApiError::bad_request)?;
    submit(api, OrderCommand::Replace(command), notes).await
}

/// Runs as a task of its own: a client that hangs up must not leave an order between sent and reported.
async fn submit(api: Api, command: OrderCommand, notes: Vec<Note>) -> Result<Response, ApiError> {
    let notes: Vec<String> = notes.iter().map(Note::to_string).collect();
    for note in &notes {
        tracing::warn!(order = command.cl_ord_id(), "HTTP API: {note}");
    }
    let task = tokio::spawn(submit_and_report(api, command, notes));
    match timeout(LONGEST_REPLY, task).await {
        Ok(Ok(result)) => result,
        Ok(Err(_)) => Err(no_reply(NoReply::Unknown)),
        Err(_) => Err(ApiError::new(
            StatusCode::GATEWAY_TIMEOUT,
            "the engine did not say within 5 s whether the order went out; look at its reports",
        )),
    }
}

async fn submit_and_report(
    api: Api,
    command: OrderCommand,
    notes: Vec<String>,
) -> Result<Response, ApiError> {
    let reply = api.intake.submit(Task::Send(command.clone())).await.map_err(no_reply)?;
    let (status, word, text) = match reply {
        OrderReply::Accepted { cl_ord_id, msg_seq_num } => {
            let mut body = json!({ "status": "ACCEPTED", "clOrdID": cl_ord_id, "msgSeqNum": msg_seq_num });
            add_notes(&mut body, notes);
            return Ok((StatusCode::ACCEPTED, Json(body)).into_response());
        }
        OrderReply::SimMode { text, .. } => (StatusCode::SERVICE_UNAVAILABLE, "SIM MODE", text),
        OrderReply::Rejected { text } => (StatusCode::UNPROCESSABLE_ENTITY, "REJECTED", text),
        OrderReply::Noted => return Err(no_reply(NoReply::Unknown)),
        // Among the reports it would pass for the end of the order that has the id.
        OrderReply::Duplicate { text } => {
            return Ok(refusal(StatusCode::CONFLICT, "DUPLICATE", &command, &text, notes));
        }
    };
    let report = Report::not_sent(&command, &text);
    if let Err(error) = publisher::report(api.publisher.as_ref(), report).await {
        tracing::error!(cl_ord_id = command.cl_ord_id(), "an answer was not published: {error}");
    }
    Ok(refusal(status, word, &command, &text, notes))
}

/// The body of `resolve`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Word {
    state: String,
    note: String,
}

/// The longest note of an operator, in bytes.
const LONGEST_NOTE: usize = 200;

/// An operator says what became of an order whose state is unknown.
pub(super) async fn resolve(
    State(api): State<Api>,
    path: Result<Path<String>, PathRejection>,
    TimelyBody(body): TimelyBody,
) -> Result<Json<Value>, ApiError> {
    let Path(cl_ord_id) = path.map_err(|error| ApiError::bad_request(error.body_text()))?;
    let Word { state, note } = body::json(&body, r#"JSON like {"state":"canceled","note":"how you know"}"#)?;
    let fate = Fate::ALL.into_iter().find(|fate| fate.name().eq_ignore_ascii_case(&state));
    let fate = fate.ok_or_else(|| ApiError::bad_request("state: must be filled, canceled or rejected"))?;
    if note.trim().is_empty() || note.len() > LONGEST_NOTE || note.chars().any(char::is_control) {
        let text = format!("note: say in 1 to {LONGEST_NOTE} bytes of printable text how you know");
        return Err(ApiError::bad_request(text));
    }
    let resolution = Resolution { cl_ord_id: cl_ord_id.clone(), fate, note };
    match timeout(LONGEST_REPLY, api.intake.submit(Task::Resolve(resolution))).await {
        Ok(Ok(OrderReply::Noted)) => Ok(Json(json!({ "clOrdID": cl_ord_id, "state": fate.name() }))),
        Ok(Ok(OrderReply::Rejected { text })) => Err(ApiError::new(StatusCode::CONFLICT, text)),
        Ok(Ok(_)) => Err(no_reply(NoReply::Unknown)),
        Ok(Err(error)) => Err(no_reply(error)),
        Err(_) => Err(ApiError::new(
            StatusCode::GATEWAY_TIMEOUT,
            "the engine did not answer within 5 s; look again",
        )),
    }
}

/// Orders listed unless the client asks for another number.
const DEFAULT_LIMIT: usize = 1000;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OrdersQuery {
    state: Option<String>,
    limit: Option<String>,
}

/// The orders as they were last reported, newest first; those whose state is unknown oldest first, and requests with
/// them.
pub(super) async fn list(
    State(api): State<Api>,
    asked: Result<Query<OrdersQuery>, QueryRejection>,
) -> Result<Json<Value>, ApiError> {
    let OrdersQuery { state, limit } = query(asked)?;
    let limit = number("limit", limit)?.map_or(DEFAULT_LIMIT, |n| usize::try_from(n).unwrap_or(usize::MAX));
    let orders = match state.as_deref() {
        Some("unknown") => api.orders.list_unknown(),
        None | Some("all") => api.orders.list(Which::All, limit),
        Some("working") => api.orders.list(Which::Working, limit),
        Some("done") => api.orders.list(Which::Done, limit),
        Some(_) => return Err(ApiError::bad_request("state: must be all, working, done or unknown")),
    };
    Ok(Json(json!({ "orders": orders })))
}

fn refusal(
    status: StatusCode,
    word: &str,
    command: &OrderCommand,
    text: &str,
    notes: Vec<String>,
) -> Response {
    let mut body = json!({ "status": word, "clOrdID": command.cl_ord_id(), "error": text });
    add_notes(&mut body, notes);
    (status, Json(body)).into_response()
}

/// What the client should know of how his order was read.
fn add_notes(body: &mut Value, notes: Vec<String>) {
    if let Some(body) = body.as_object_mut().filter(|_| !notes.is_empty()) {
        body.insert("notes".into(), notes.into());
    }
}

fn no_reply(error: NoReply) -> ApiError {
    let status = match error {
        NoReply::Stopped => StatusCode::SERVICE_UNAVAILABLE,
        NoReply::Unknown => StatusCode::INTERNAL_SERVER_ERROR,
    };
    ApiError::new(status, error)
}
