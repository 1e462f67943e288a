//! The body of a request, in time and not too long.

use axum::{
    body::{Body, Bytes},
    extract::{FromRequest, Request},
    http::StatusCode,
};
use futures_util::StreamExt;
use serde::de::DeserializeOwned;
use tokio::time::timeout;

use super::{connections::BODY_TIMEOUT, error::ApiError};
use crate::contract::parse::{MAX_LIST_BYTES, MAX_ORDER_BYTES, is_list};

/// The body as JSON. `what` says what it should be, with an example.
///
/// # Errors
/// It is no JSON, or says something else.
pub(super) fn json<T: DeserializeOwned>(body: &[u8], what: &str) -> Result<T, ApiError> {
    serde_json::from_slice(body)
        .map_err(|error| ApiError::bad_request(format!("the body must be {what}: {error}")))
}

/// All bytes of the body.
pub(super) struct TimelyBody(pub(super) Bytes);

impl<S: Send + Sync> FromRequest<S> for TimelyBody {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        read(request, |_| MAX_ORDER_BYTES).await.map(TimelyBody)
    }
}

/// All bytes of the body: one order, or a list of them, which may be longer.
pub(super) async fn orders(request: Request) -> Result<Bytes, ApiError> {
    read(request, |body| if is_list(body) { MAX_LIST_BYTES } else { MAX_ORDER_BYTES }).await
}

/// Reads a body; `most` says by its beginning how long it may be.
async fn read(request: Request, most: impl Fn(&[u8]) -> usize) -> Result<Bytes, ApiError> {
    match timeout(BODY_TIMEOUT, all(request.into_body(), most)).await {
        Ok(body) => body,
        Err(_) => {
            let text = format!("the body did not come within {} s", BODY_TIMEOUT.as_secs());
            Err(ApiError::new(StatusCode::REQUEST_TIMEOUT, text))
        }
    }
}

async fn all(body: Body, most: impl Fn(&[u8]) -> usize) -> Result<Bytes, ApiError> {
    let unreadable = |_| ApiError::bad_request("the body could not be read");
    let mut pieces = body.into_data_stream();
    let Some(first) = pieces.next().await.transpose().map_err(unreadable)? else { return Ok(Bytes::new()) };
    bounded(&first, &most)?;
    let Some(second) = pieces.next().await.transpose().map_err(unreadable)? else { return Ok(first) };
    let mut whole = first.to_vec();
    whole.extend_from_slice(&second);
    bounded(&whole, &most)?;
    while let Some(piece) = pieces.next().await.transpose().map_err(unreadable)? {
        whole.extend_from_slice(&piece);
        bounded(&whole, &most)?;
    }
    Ok(whole.into())
}

fn bounded(body: &[u8], most: impl Fn(&[u8]) -> usize) -> Result<(), ApiError> {
    let most = most(body);
    if body.len() <= most {
        return Ok(());
    }
    let text = format!("the body is too long; at most {most} bytes are taken");
    Err(ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, text))
}
