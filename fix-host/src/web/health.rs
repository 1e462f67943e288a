//! How the process is: latencies, what was counted, and the places that it depends on.

use axum::{Extension, Json, http::StatusCode};
use serde_json::Value;

use super::{error::ApiError, stream::Stream};

/// `GET /api/health`
pub(super) async fn health(Extension(stream): Extension<Stream>) -> Result<Json<Value>, ApiError> {
    // Disks are asked for their free space, and one that hangs must not hold up others.
    let asked = tokio::task::spawn_blocking(move || stream.hub.health());
    asked.await.map(Json).map_err(|error| ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, error))
}
