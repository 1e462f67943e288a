//! Many orders in one request: a JSON list, each entry with an answer of its own in the same place.

use std::sync::Arc;

use axum::{
    body::Bytes,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use tokio::time::Instant;

use super::{
    answer::{Answer, json},
    error::ApiError,
    orders::{log_malformed, log_notes},
    server::Api,
    underway::{LONGEST_REPLY, Underway},
};
use crate::{
    clock::utc_now,
    contract::{
        order::OrderCommand,
        order_error::{Note, OrderProblem},
        parse::{Read, entries},
        request::NoReply,
    },
};

/// Orders that are handed over before their answers are waited for: they share the flush of the store and the write to
/// the counterparty, and leave room in the session's queue for the orders of others.
const AT_ONCE: usize = 128;

/// Places the entries in their order, and answers 202 if all of them are accepted, else 207. It runs as a task of its
/// own: a list that has come whole is carried out whole, whether its client still waits or not.
pub(super) async fn place(api: Arc<Api>, list: Bytes) -> Response {
    match tokio::spawn(carry_out(api, list)).await {
        Ok(Ok(answers)) if answers.iter().all(Answer::is_accepted) => json(StatusCode::ACCEPTED, &answers),
        Ok(Ok(answers)) => json(StatusCode::MULTI_STATUS, &answers),
        Ok(Err(problem)) => {
            tracing::warn!("HTTP API: a list of orders was refused: {problem}");
            ApiError::bad_request(problem).into_response()
        }
        Err(_) => ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, NoReply).into_response(),
    }
}

async fn carry_out(api: Arc<Api>, list: Bytes) -> Result<Vec<Answer>, OrderProblem> {
    let entries = entries(&list)?;
    let mut answers = Vec::with_capacity(entries.len());
    let mut is_late = false;
    for group in entries.chunks(AT_ONCE) {
        if is_late || *api.stop.borrow() {
            answers.extend(group.iter().map(|entry| not_sent(&api, entry, is_late)));
            continue;
        }
        let until = Instant::now() + LONGEST_REPLY;
        let handed_over: Vec<_> = group.iter().map(|entry| hand_over(&api, entry)).collect();
        for one in handed_over {
            answers.push(match one {
                Ok((underway, notes)) => underway.answer(until).await.with_notes(&notes),
                Err(answer) => answer,
            });
        }
        is_late = Instant::now() >= until;
    }
    Ok(answers)
}

fn hand_over(api: &Arc<Api>, entry: &[u8]) -> Result<(Underway, Vec<Note>), Answer> {
    let Read { command, notes } = read(api, entry)?;
    log_notes(&command, &notes);
    Ok((Underway::begin(api, command), notes))
}

/// Nothing is sent behind an order whose answer did not come, nor while the engine stops.
fn not_sent(api: &Arc<Api>, entry: &[u8], is_late: bool) -> Answer {
    match read(api, entry) {
        Ok(Read { command, .. }) if is_late => Answer::behind_a_late_one(command.cl_ord_id()),
        Ok(Read { command, .. }) => Answer::stopped(command.cl_ord_id()),
        Err(answer) => answer,
    }
}

fn read(api: &Arc<Api>, entry: &[u8]) -> Result<Read<OrderCommand>, Answer> {
    api.intake.read(entry, utc_now()).map_err(|error| {
        log_malformed(&error);
        Answer::malformed(&error)
    })
}
