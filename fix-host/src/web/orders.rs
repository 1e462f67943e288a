//! Orders and cancels over HTTP.

use std::time::Duration;

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::json;
use tokio::time::timeout;

use super::{body::TimelyBody, error::ApiError, server::Api};
use crate::{
    bus::{
        order::OrderCommand,
        publisher,
        report::Report,
        request::{NoReply, OrderReply},
    },
    clock::utc_now,
};

/// How long the engine may take to answer.
const LONGEST_REPLY: Duration = Duration::from_secs(5);

pub(super) async fn post_order(
    State(api): State<Api>,
    TimelyBody(body): TimelyBody,
) -> Result<Response, ApiError> {
    match api.intake.parse(&body, utc_now()).map_err(ApiError::bad_request)? {
        OrderCommand::Cancel(_) => Err(ApiError::bad_request("type: a cancel goes to /api/cancels")),
        order => submit(api, order).await,
    }
}

pub(super) async fn post_cancel(
    State(api): State<Api>,
    TimelyBody(body): TimelyBody,
) -> Result<Response, ApiError> {
    let cancel = api.intake.parse_cancel(&body, utc_now()).map_err(ApiError::bad_request)?;
    submit(api, OrderCommand::Cancel(cancel)).await
}

/// Runs as a task of its own: a client that hangs up must not leave an order between sent and reported.
async fn submit(api: Api, command: OrderCommand) -> Result<Response, ApiError> {
    let task = tokio::spawn(submit_and_report(api, command));
    match timeout(LONGEST_REPLY, task).await {
        Ok(Ok(result)) => result,
        Ok(Err(_)) => Err(no_reply(NoReply::Unknown)),
        Err(_) => Err(ApiError::new(
            StatusCode::GATEWAY_TIMEOUT,
            "the engine did not say within 5 s whether the order went out; look at its reports",
        )),
    }
}

async fn submit_and_report(api: Api, command: OrderCommand) -> Result<Response, ApiError> {
    let reply = api.intake.submit(command.clone()).await.map_err(no_reply)?;
    let (status, word, text) = match reply {
        OrderReply::Accepted { cl_ord_id, msg_seq_num } => {
            let body = json!({ "status": "ACCEPTED", "clOrdID": cl_ord_id, "msgSeqNum": msg_seq_num });
            return Ok((StatusCode::ACCEPTED, Json(body)).into_response());
        }
        OrderReply::SimMode { text, .. } => (StatusCode::SERVICE_UNAVAILABLE, "SIM MODE", text),
        OrderReply::Rejected { text } => (StatusCode::UNPROCESSABLE_ENTITY, "REJECTED", text),
        // Among the reports it would pass for the end of the order that has the id.
        OrderReply::Duplicate { text } => {
            return Ok(refusal(StatusCode::CONFLICT, "DUPLICATE", &command, &text));
        }
    };
    let report = Report::not_sent(&command, &text);
    if let Err(error) = publisher::report(api.publisher.as_ref(), report).await {
        tracing::error!(cl_ord_id = command.cl_ord_id(), "an answer was not published: {error}");
    }
    Ok(refusal(status, word, &command, &text))
}

fn refusal(status: StatusCode, word: &str, command: &OrderCommand, text: &str) -> Response {
    let body = json!({ "status": word, "clOrdID": command.cl_ord_id(), "error": text });
    (status, Json(body)).into_response()
}

fn no_reply(error: NoReply) -> ApiError {
    let status = match error {
        NoReply::Stopped => StatusCode::SERVICE_UNAVAILABLE,
        NoReply::Unknown => StatusCode::INTERNAL_SERVER_ERROR,
    };
    ApiError::new(status, error)
}
