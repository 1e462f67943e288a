//! The depth and the trades that counterparties tell of.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, Query, State, rejection::PathRejection, rejection::QueryRejection},
    http::StatusCode,
};
use serde::Deserialize;
use serde_json::Value;

use super::{
    error::ApiError,
    server::Api,
    views::{number, query},
};
use crate::contract::order_error::Quoted;

/// Prices a side, unless the client asks for another number.
const LEVELS: u64 = 20;
/// Trades that are told at most: as many as are kept.
const TRADES: usize = 200;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BookQuery {
    levels: Option<String>,
}

/// `GET /api/market/{symbol}`
pub(super) async fn book(
    State(api): State<Arc<Api>>,
    path: Result<Path<String>, PathRejection>,
    asked: Result<Query<BookQuery>, QueryRejection>,
) -> Result<Json<Value>, ApiError> {
    let Path(symbol) = path.map_err(|error| ApiError::bad_request(error.body_text()))?;
    let levels = number("levels", query(asked)?.levels)?.unwrap_or(LEVELS);
    let books = api.books.as_ref().ok_or_else(|| {
        let text = "no session asks its counterparty for its market: write MarketData=subscribe, and MarketDepth=0 for all \
                    of the book, in the configuration";
        ApiError::new(StatusCode::NOT_FOUND, text)
    })?;
    let book = books.book(&symbol).ok_or_else(|| {
        let text = format!("no session asks for the market of {}", Quoted::new(&symbol));
        ApiError::new(StatusCode::NOT_FOUND, text)
    })?;
    Ok(Json(book.to_json(usize::try_from(levels).unwrap_or(usize::MAX), TRADES)))
}
