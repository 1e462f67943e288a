//! `/metrics`, and the counting of requests.

use axum::{
    extract::{MatchedPath, Request, State},
    http::header,
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::server::Api;
use crate::observe::{METRICS_CONTENT_TYPE, Metrics};

/// Under what requests to no page at all are counted.
const NO_PAGE: &str = "none";

pub(super) async fn page(State(api): State<Api>) -> Response {
    ([(header::CONTENT_TYPE, METRICS_CONTENT_TYPE)], api.metrics.page(&api.board)).into_response()
}

/// The middleware: counts by the router's own pattern, so that no client can make up a label.
pub(super) async fn count(State(metrics): State<Metrics>, request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().cloned();
    let response = next.run(request).await;
    metrics.count_request(route.as_ref().map_or(NO_PAGE, MatchedPath::as_str), response.status().as_u16());
    response
}
