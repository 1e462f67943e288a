//! The HTTP server of a service: bound before anything else is promised.

use super::error::ServiceError;
use crate::web::{WebConfig, WebError, WebServer};

/// Takes the address of a server.
///
/// # Errors
/// An address that needs a token, or is taken.
pub(super) async fn bind(config: WebConfig) -> Result<WebServer, ServiceError> {
    WebServer::bind(config).await.map_err(|error| match error {
        WebError::NeedsToken { .. } | WebError::ReadTokenAlone | WebError::SameTokens => {
            ServiceError::configuration(error)
        }
        WebError::Bind { .. } => ServiceError::unavailable(error),
    })
}
