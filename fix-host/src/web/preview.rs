//! What would go out for an order, a cancel or a replacement: the session encodes it and holds it against its limits, and
//! sends nothing.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use fix_core::{dict::fix44::DICTIONARY, wire::field::Fields};
use serde_json::{Map, Value, json};
use tokio::time::timeout;

use super::{
    answer::Answer,
    body::{self, TimelyBody},
    error::ApiError,
    server::Api,
    underway::LONGEST_REPLY,
};
use crate::{
    clock::utc_now,
    contract::{
        order::OrderCommand,
        order_error::OrderError,
        request::{Draft, OrderReply, STOPPED, Task},
    },
};

/// `POST /api/preview`
pub(super) async fn preview(
    State(api): State<Arc<Api>>,
    TimelyBody(body): TimelyBody,
) -> Result<Json<Value>, Response> {
    let what = r#"an order, cancel or replacement with "kind":"order", "cancel" or "replace""#;
    let mut fields: Map<String, Value> = body::json(&body, what).map_err(IntoResponse::into_response)?;
    let kind = fields.remove("kind");
    let text = Value::Object(fields).to_string();
    let command = match kind.as_ref().and_then(Value::as_str) {
        None | Some("order") => {
            api.intake.read(text.as_bytes(), utc_now()).map(|read| (read.command, read.notes))
        }
        Some("cancel") => {
            let read = api.intake.read_cancel(text.as_bytes(), utc_now());
            read.map(|read| (OrderCommand::Cancel(read.command), read.notes))
        }
        Some("replace") => {
            let read = api.intake.read_replace(text.as_bytes(), utc_now());
            read.map(|read| (OrderCommand::Replace(read.command), read.notes))
        }
        Some(_) => {
            let error = ApiError::bad_request("kind: must be order, cancel or replace");
            return Err(error.into_response());
        }
    };
    let (command, notes) = command.map_err(|error: OrderError| Answer::malformed(&error).into_only())?;
    let reply = timeout(LONGEST_REPLY, api.intake.submit(Task::Preview(Arc::new(command)))).await;
    let (status, text) = match reply {
        Ok(Ok(OrderReply::Preview(draft))) => {
            let notes: Vec<String> = notes.iter().map(ToString::to_string).collect();
            return Ok(Json(shown(&draft, &notes)));
        }
        Ok(Ok(OrderReply::Rejected { text })) => (StatusCode::UNPROCESSABLE_ENTITY, text),
        Ok(_) => (StatusCode::SERVICE_UNAVAILABLE, STOPPED.to_owned()),
        Err(_) => (StatusCode::GATEWAY_TIMEOUT, "the session did not answer within 5 s".to_owned()),
    };
    Err(ApiError::new(status, text).into_response())
}

fn shown(draft: &Draft, notes: &[String]) -> Value {
    let checks =
        draft.checks.iter().map(|check| json!({ "ok": check.ok, "halt": check.is_halt, "text": check.text }));
    json!({
        "session": draft.session,
        "fix": String::from_utf8_lossy(&draft.message),
        "bytes": draft.message.len(),
        "fields": fields_of(&draft.message),
        "checks": checks.collect::<Value>(),
        "notes": notes,
    })
}

/// The fields of a message of ours in their order, with their names and the meanings of their codes.
pub(super) fn fields_of(message: &[u8]) -> Value {
    let fields = Fields::new(message).map_while(Result::ok);
    let shown = fields.map(|field| {
        json!({
            "tag": field.tag.0,
            "name": DICTIONARY.field_name(field.tag),
            "value": String::from_utf8_lossy(field.value),
            "meaning": DICTIONARY.code_name(field.tag, field.value),
        })
    });
    shown.collect()
}
