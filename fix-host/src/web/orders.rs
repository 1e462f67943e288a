//! Orders and cancels over HTTP.

use std::sync::Arc;

use axum::{
    Extension, Json,
    extract::{
        Path, Query, Request, State,
        rejection::{PathRejection, QueryRejection},
    },
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::{Instant, timeout};

use super::{
    answer::Answer,
    audit::Subject,
    basket,
    body::{self, TimelyBody},
    error::ApiError,
    server::Api,
    underway::{LONGEST_REPLY, Underway},
    views::{number, query},
};
use crate::{
    clock::utc_now,
    contract::{
        order::OrderCommand,
        order_error::{Note, OrderError},
        parse::{Read, is_list},
        request::{Fate, NoReply, OrderReply, Resolution, STOPPED, Task},
    },
    orders::Which,
};

/// An order, cancel or replacement as its `type` says, or a list of them.
pub(super) async fn post_order(State(api): State<Arc<Api>>, request: Request) -> Response {
    place_posted(&api, request).await
}

/// As [`post_order`], for who has no router.
pub(super) async fn place_posted(api: &Arc<Api>, request: Request) -> Response {
    let subject = request.extensions().get::<Subject>().cloned().unwrap_or_default();
    let body = match body::orders(request).await {
        Ok(body) => body,
        Err(error) => return error.into_response(),
    };
    if is_list(&body) {
        return Box::pin(basket::place(Arc::clone(api), body)).await;
    }
    let read = api.intake.read(&body, utc_now());
    // The connection reads on while the order is under way: it has its buffer back for that.
    drop(body);
    match read {
        Ok(Read { command, notes }) => place(api, command, &notes, &subject).await,
        Err(error) => malformed(error),
    }
}

pub(super) async fn post_cancel(
    State(api): State<Arc<Api>>,
    Extension(subject): Extension<Subject>,
    TimelyBody(body): TimelyBody,
) -> Result<Response, Response> {
    let Read { command, notes } = api.intake.read_cancel(&body, utc_now()).map_err(malformed)?;
    Ok(place(&api, OrderCommand::Cancel(command), &notes, &subject).await)
}

pub(super) async fn post_replace(
    State(api): State<Arc<Api>>,
    Extension(subject): Extension<Subject>,
    TimelyBody(body): TimelyBody,
) -> Result<Response, Response> {
    let Read { command, notes } = api.intake.read_replace(&body, utc_now()).map_err(malformed)?;
    Ok(place(&api, OrderCommand::Replace(command), &notes, &subject).await)
}

fn malformed(error: OrderError) -> Response {
    log_malformed(&error);
    Answer::malformed(&error).into_only()
}

async fn place(api: &Arc<Api>, command: OrderCommand, notes: &[Note], subject: &Subject) -> Response {
    log_notes(&command, notes);
    subject.is_order(command.cl_ord_id());
    let answer = Underway::begin(api, command).answer(Instant::now() + LONGEST_REPLY).await;
    answer.with_notes(notes).into_only()
}

/// What is refused before it reaches a session is in the program's log alone.
pub(super) fn log_malformed(error: &OrderError) {
    let order = error.cl_ord_id.as_deref().unwrap_or("without an id");
    tracing::warn!(order, "HTTP API: an order was refused: {error}");
}

pub(super) fn log_notes(command: &OrderCommand, notes: &[Note]) {
    for note in notes {
        tracing::warn!(order = command.cl_ord_id(), "HTTP API: {note}");
    }
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
    State(api): State<Arc<Api>>,
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
        Ok(Ok(OrderReply::Stopped)) => Err(ApiError::new(StatusCode::SERVICE_UNAVAILABLE, STOPPED)),
        Ok(Ok(_) | Err(NoReply)) => Err(ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, NoReply)),
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
    State(api): State<Arc<Api>>,
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
