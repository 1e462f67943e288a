//! The body of a request, in time and not too long.

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    http::StatusCode,
};
use serde::de::DeserializeOwned;
use tokio::time::timeout;

use super::{connections::BODY_TIMEOUT, error::ApiError};
use crate::contract::parse::MAX_ORDER_BYTES;

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

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        match timeout(BODY_TIMEOUT, Bytes::from_request(request, state)).await {
            Ok(Ok(bytes)) => Ok(TimelyBody(bytes)),
            Ok(Err(rejection)) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => Err(ApiError::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                format!("the body is too long; at most {MAX_ORDER_BYTES} bytes are taken"),
            )),
            Ok(Err(rejection)) => Err(ApiError::new(rejection.status(), "the body could not be read")),
            Err(_) => {
                let seconds = BODY_TIMEOUT.as_secs();
                let text = format!("the body did not come within {seconds} s");
                Err(ApiError::new(StatusCode::REQUEST_TIMEOUT, text))
            }
        }
    }
}
