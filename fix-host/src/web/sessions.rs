//! Sessions over HTTP: how they are, and what an operator does to them.

use std::{sync::Arc, time::Duration};

use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
    http::StatusCode,
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    body::{self, TimelyBody},
    error::ApiError,
    server::Api,
};
use crate::{
    contract::{
        SessionView, TestRequestView,
        control::{OperateError, Operation},
    },
    observe::Board,
};

/// How long a `logon`, `logout` or `test-request` waits for its effect before it answers with the state as it is.
const LONGEST_EFFECT: Duration = Duration::from_secs(4);

type SessionPath = Result<Path<String>, PathRejection>;

pub(super) async fn list(State(api): State<Arc<Api>>) -> Json<Value> {
    Json(json!({ "sessions": all(&api) }))
}

pub(super) async fn one(State(api): State<Arc<Api>>, path: SessionPath) -> Result<Json<Value>, ApiError> {
    let id = resolve(&api, path)?;
    let view = api.board.session(&id).ok_or_else(|| refused(&OperateError::Unknown(id)))?;
    Ok(shown(&api, view))
}

/// All sessions as JSON.
pub(super) fn all(api: &Api) -> Value {
    api.board.sessions().iter().map(|view| to_json(&api.board, view)).collect()
}

/// A session with the halt that holds for it.
pub(super) fn to_json(board: &Board, view: &SessionView) -> Value {
    let mut json = view.to_json();
    json["halted"] = board.halts().of_session(&view.id).map(|halt| halt.to_json()).into();
    json
}

/// The body of `seqnum`: one of the numbers, or both.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SeqNum {
    #[serde(rename = "in")]
    next_in: Option<u64>,
    #[serde(rename = "out")]
    next_out: Option<u64>,
    /// A jump of more than 10,000 numbers is meant.
    #[serde(default)]
    force: bool,
}

/// The body of all other operations: an object without fields, or nothing at all.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

pub(super) async fn seqnum(
    State(api): State<Arc<Api>>,
    path: SessionPath,
    body: TimelyBody,
) -> Result<Json<Value>, ApiError> {
    let TimelyBody(body) = body;
    let SeqNum { next_in, next_out, force } = body::json(&body, r#"JSON like {"in":1,"out":1}"#)?;
    if next_in.is_none() && next_out.is_none() {
        return Err(ApiError::bad_request("give `in`, `out`, or both"));
    }
    let view = operate(&api, path, Operation::SetSeqNum { next_in, next_out, force }).await?;
    Ok(shown(&api, view))
}

pub(super) async fn reset(
    State(api): State<Arc<Api>>,
    path: SessionPath,
    body: TimelyBody,
) -> Result<Json<Value>, ApiError> {
    expect_nothing(&body)?;
    let view = operate(&api, path, Operation::Reset).await?;
    Ok(shown(&api, view))
}

pub(super) async fn test_request(
    State(api): State<Arc<Api>>,
    path: SessionPath,
    body: TimelyBody,
) -> Result<Json<Value>, ApiError> {
    expect_nothing(&body)?;
    let view = operate(&api, path, Operation::TestRequest).await?;
    let sent = view.test_request.clone();
    let is_over = |view: &SessionView| {
        let is_ours = |test: &&TestRequestView| sent.as_ref().is_some_and(|sent| sent.id == test.id);
        // Another one, or a new connection, took its place.
        view.test_request.as_ref().filter(is_ours).is_none_or(|test| test.round_trip.is_some())
            || !view.logged_on
    };
    let view = api.board.wait_for_session(&view.id, LONGEST_EFFECT, is_over).await.unwrap_or(view);
    Ok(shown(&api, view))
}

pub(super) async fn logon(
    State(api): State<Arc<Api>>,
    path: SessionPath,
    body: TimelyBody,
) -> Result<Json<Value>, ApiError> {
    expect_nothing(&body)?;
    let view = operate(&api, path, Operation::Logon).await?;
    Ok(shown(&api, settled(&api, view, true).await))
}

pub(super) async fn logout(
    State(api): State<Arc<Api>>,
    path: SessionPath,
    body: TimelyBody,
) -> Result<Json<Value>, ApiError> {
    expect_nothing(&body)?;
    let view = operate(&api, path, Operation::Logout).await?;
    Ok(shown(&api, settled(&api, view, false).await))
}

/// The state once it is as wanted, or when that takes too long.
async fn settled(api: &Api, view: SessionView, logged_on: bool) -> SessionView {
    let reached = |view: &SessionView| match logged_on {
        true => view.logged_on,
        false => view.phase == fix_core::session::state::Phase::Idle,
    };
    api.board.wait_for_session(&view.id, LONGEST_EFFECT, reached).await.unwrap_or(view)
}

async fn operate(api: &Api, path: SessionPath, operation: Operation) -> Result<SessionView, ApiError> {
    let id = resolve(api, path)?;
    api.directory.operate(&id, operation).await.map_err(|error| refused(&error))
}

fn resolve(api: &Api, path: SessionPath) -> Result<String, ApiError> {
    let Path(name) = path.map_err(|error| ApiError::bad_request(error.body_text()))?;
    named(api, &name)
}

/// The session that a name means.
pub(super) fn named(api: &Api, name: &str) -> Result<String, ApiError> {
    api.directory.resolve(name).map_err(|error| refused(&error))
}

fn expect_nothing(TimelyBody(body): &TimelyBody) -> Result<(), ApiError> {
    if !body.is_empty() {
        let Nothing {} = body::json(body, "empty, or {}")?;
    }
    Ok(())
}

fn shown(api: &Api, view: SessionView) -> Json<Value> {
    Json(to_json(&api.board, &view))
}

fn refused(error: &OperateError) -> ApiError {
    let status = match error {
        OperateError::Unknown(_) | OperateError::Ambiguous { .. } => StatusCode::NOT_FOUND,
        OperateError::Refused(_) => StatusCode::CONFLICT,
        OperateError::Ended => StatusCode::SERVICE_UNAVAILABLE,
    };
    ApiError::new(status, error)
}
