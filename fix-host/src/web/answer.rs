//! What a client is told of an order, a cancel or a replacement: as the answer to it alone, or in a basket's.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;

use super::error::ApiError;
use crate::contract::{
    order::OrderCommand,
    order_error::{Note, OrderError},
    request::{NoReply, OrderReply, STOPPED},
};

/// The outcome of one command.
#[derive(Debug, Serialize)]
pub(super) struct Answer {
    #[serde(skip)]
    code: StatusCode,
    status: &'static str,
    #[serde(rename = "clOrdID", skip_serializing_if = "Option::is_none")]
    cl_ord_id: Option<String>,
    #[serde(rename = "msgSeqNum", skip_serializing_if = "Option::is_none")]
    msg_seq_num: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    /// What the client should know of how his order was read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<String>,
}

impl Answer {
    fn refused(code: StatusCode, status: &'static str, cl_ord_id: Option<String>, text: String) -> Self {
        Answer { code, status, cl_ord_id, msg_seq_num: None, error: Some(text), notes: Vec::new() }
    }

    /// What the engine says to `command`.
    pub(super) fn of_reply(command: &OrderCommand, reply: OrderReply) -> Self {
        let id = || Some(command.cl_ord_id().to_owned());
        match reply {
            OrderReply::Accepted { cl_ord_id, msg_seq_num } => Answer {
                code: StatusCode::ACCEPTED,
                status: "ACCEPTED",
                cl_ord_id: Some(cl_ord_id),
                msg_seq_num: Some(msg_seq_num),
                error: None,
                notes: Vec::new(),
            },
            OrderReply::SimMode { text, .. } => {
                Self::refused(StatusCode::SERVICE_UNAVAILABLE, "SIM MODE", id(), text)
            }
            OrderReply::Rejected { text } => {
                Self::refused(StatusCode::UNPROCESSABLE_ENTITY, "REJECTED", id(), text)
            }
            OrderReply::Duplicate { text } => Self::refused(StatusCode::CONFLICT, "DUPLICATE", id(), text),
            OrderReply::Stopped => Self::stopped(command.cl_ord_id()),
            OrderReply::Noted | OrderReply::Preview(_) => Self::unknown(command.cl_ord_id()),
        }
    }

    /// The engine ends, and has not sent it.
    pub(super) fn stopped(cl_ord_id: &str) -> Self {
        let id = Some(cl_ord_id.to_owned());
        Self::refused(StatusCode::SERVICE_UNAVAILABLE, "NOT SENT", id, STOPPED.to_owned())
    }

    /// There will be no answer.
    pub(super) fn unknown(cl_ord_id: &str) -> Self {
        let id = Some(cl_ord_id.to_owned());
        Self::refused(StatusCode::INTERNAL_SERVER_ERROR, "UNKNOWN", id, NoReply.to_string())
    }

    /// The answer did not come in time; what became of the order is said by its reports.
    pub(super) fn late(cl_ord_id: &str) -> Self {
        let text = "the engine did not say within 5 s whether the order went out; look at its reports";
        Self::refused(StatusCode::GATEWAY_TIMEOUT, "UNKNOWN", Some(cl_ord_id.to_owned()), text.to_owned())
    }

    /// It is not sent because an order before it in a list was not answered in time.
    pub(super) fn behind_a_late_one(cl_ord_id: &str) -> Self {
        let text = "not sent: the orders before it were not answered and reported within 5 s";
        Self::refused(StatusCode::GATEWAY_TIMEOUT, "NOT SENT", Some(cl_ord_id.to_owned()), text.to_owned())
    }

    /// No order of the contract.
    pub(super) fn malformed(error: &OrderError) -> Self {
        Self::refused(StatusCode::BAD_REQUEST, "MALFORMED", error.cl_ord_id.clone(), error.to_string())
    }

    /// The same with what the client should know of how his order was read.
    #[must_use]
    pub(super) fn with_notes(self, notes: &[Note]) -> Self {
        Answer { notes: notes.iter().map(Note::to_string).collect(), ..self }
    }

    pub(super) fn is_accepted(&self) -> bool {
        self.code == StatusCode::ACCEPTED
    }

    /// As the answer to the one command of a request. Without a word of the engine it is an error of the page.
    pub(super) fn into_only(self) -> Response {
        match self.status {
            "NOT SENT" | "UNKNOWN" | "MALFORMED" => {
                ApiError::new(self.code, self.error.unwrap_or_default()).into_response()
            }
            _ => json(self.code, &self),
        }
    }
}

/// An answer whose body is written once, as it goes out.
pub(super) fn json(code: StatusCode, body: &impl Serialize) -> Response {
    match serde_json::to_vec(body) {
        Ok(body) => {
            let mut response = Response::new(body.into());
            *response.status_mut() = code;
            let headers = response.headers_mut();
            // With those that the guard adds.
            headers.reserve(3);
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
            response
        }
        Err(error) => ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, error).into_response(),
    }
}
