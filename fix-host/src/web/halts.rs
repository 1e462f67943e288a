//! The kill switch over HTTP.

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use serde::Deserialize;
use serde_json::Value;

use super::{
    body::{self, TimelyBody},
    error::ApiError,
    server::Api,
    sessions,
};
use crate::{
    clock::utc_now,
    exit,
    halt::{Halt, HaltError, Scope, check_text},
};

/// Who an operator is that does not say so.
const SOMEBODY: &str = "the HTTP API";

/// The body of `halt`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Wish {
    session: Option<String>,
    by: Option<String>,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    cancel_working: bool,
}

/// The body of `resume`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Release {
    session: Option<String>,
    by: Option<String>,
}

pub(super) async fn show(State(api): State<Arc<Api>>) -> Json<Value> {
    Json(api.board.halts().to_json())
}

pub(super) async fn halt(
    State(api): State<Arc<Api>>,
    TimelyBody(body): TimelyBody,
) -> Result<Json<Value>, ApiError> {
    let Wish { session, by, reason, cancel_working } = body::json(
        &body,
        r#"JSON like {"by":"alice","reason":"why","cancelWorking":false,"session":"NAME"}"#,
    )?;
    let session = resolve(&api, session)?;
    let by = name(by)?;
    check_text(&reason).map_err(|problem| ApiError::bad_request(format!("reason: {problem}")))?;
    let halt = Halt { by, reason, since: utc_now(), cancel_working };
    let halts = api.board.halts().clone();
    in_background(move || halts.halt(scope(session.as_deref()), halt)).await?;
    Ok(Json(api.board.halts().to_json()))
}

pub(super) async fn resume(
    State(api): State<Arc<Api>>,
    TimelyBody(body): TimelyBody,
) -> Result<Json<Value>, ApiError> {
    let Release { session, by } = body::json(&body, r#"JSON like {"by":"alice","session":"NAME"}"#)?;
    let (session, by) = (resolve(&api, session)?, name(by)?);
    let (halts, of) = (api.board.halts().clone(), session.clone());
    in_background(move || halts.resume(scope(of.as_deref()), &by)).await?;
    let left = match &session {
        Some(session) => api.board.halts().of_session(session),
        None => api.board.halts().get(Scope::Redis),
    };
    match left {
        None => Ok(Json(api.board.halts().to_json())),
        Some(halt) => Err(ApiError::new(StatusCode::CONFLICT, still(&api, session.as_deref(), &halt))),
    }
}

/// What is to be done about a halt that `resume` does not lift.
fn still(api: &Api, session: Option<&str>, halt: &Halt) -> String {
    let remedy = match api.board.halts().get(Scope::Engine) {
        Some(_) => format!("`{} resume` without --session lifts that", exit::program()),
        None => "the key fix_halt in Redis says so: delete it".to_owned(),
    };
    format!("{} is still {halt}; {remedy}", session.unwrap_or("the engine"))
}

fn scope(session: Option<&str>) -> Scope<'_> {
    session.map_or(Scope::Engine, Scope::Session)
}

fn resolve(api: &Api, session: Option<String>) -> Result<Option<String>, ApiError> {
    session.map(|name| sessions::named(api, &name)).transpose()
}

fn name(by: Option<String>) -> Result<String, ApiError> {
    let by = by.filter(|by| !by.is_empty()).unwrap_or_else(|| SOMEBODY.to_owned());
    check_text(&by).map_err(|problem| ApiError::bad_request(format!("by: {problem}")))?;
    Ok(by)
}

/// Files are written: not by a task that others wait for.
async fn in_background(
    change: impl FnOnce() -> Result<(), HaltError> + Send + 'static,
) -> Result<(), ApiError> {
    let error = |text| ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, text);
    let changed = tokio::task::spawn_blocking(change).await;
    changed.map_err(|failure| error(failure.to_string()))?.map_err(|failure| error(failure.to_string()))
}
