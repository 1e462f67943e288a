//! `/metrics`, and the counting of requests.

use std::sync::Arc;

use axum::{
    extract::{FromRef, MatchedPath, Request, State},
    http::{StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::{about::Facts, error::ApiError, server::Api};
use crate::contract::by_hand::Venue;
use crate::observe::{Board, METRICS_CONTENT_TYPE, Metrics};

/// Under what requests to no page at all are counted.
const NO_PAGE: &str = "none";

/// What the page shows.
#[derive(Clone)]
pub struct Watched {
    /// How the sessions are.
    pub board: Board,
    /// What is counted.
    pub metrics: Metrics,
    /// The venue, if one runs in the process.
    pub venue: Venue,
    /// What the page is told of the process.
    pub facts: Facts,
}

impl FromRef<Arc<Api>> for Watched {
    fn from_ref(api: &Arc<Api>) -> Self {
        Watched {
            board: api.board.clone(),
            metrics: api.metrics.clone(),
            venue: api.venue.clone(),
            facts: api.facts.clone(),
        }
    }
}

pub(super) async fn page(State(watched): State<Watched>) -> Response {
    // Disks are asked for their free space, and one that hangs must not hold up others.
    match tokio::task::spawn_blocking(move || watched.metrics.page(&watched.board)).await {
        Ok(page) => ([(header::CONTENT_TYPE, METRICS_CONTENT_TYPE)], page).into_response(),
        Err(error) => ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, error).into_response(),
    }
}

/// The middleware: counts by the router's own pattern, so that no client can make up a label.
pub(super) async fn count(State(metrics): State<Metrics>, request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().cloned();
    let response = next.run(request).await;
    metrics.count_request(route.as_ref().map_or(NO_PAGE, MatchedPath::as_str), response.status().as_u16());
    response
}
