//! What a page has to know before it shows anything: what this process is, what it trades, and how prices are kept.

use std::sync::Arc;

use axum::{
    Extension, Json,
    extract::{Query, State, rejection::QueryRejection},
    http::StatusCode,
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    error::ApiError,
    guard::{Caller, Guard},
    metrics::Watched,
    server::Api,
    stream::Stream,
    token::Role,
    views::{number, query},
};
use crate::contract::order_error::Quoted;

/// What does not change while the process runs.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// What is traded, in the order of its file.
    pub symbols: Vec<Traded>,
    /// The limits of orders (`MaxOrderQty` and so on) of each session that has some, by its name.
    pub limits: Value,
    /// The mailbox is in Redis.
    pub is_redis: bool,
    /// When each session is up, in words, by its name.
    pub schedules: Value,
    /// How the exchange of this process behaves: the name of its venue profile, and what that says of itself.
    pub profile: Option<(String, String)>,
    /// MarketDepth(264) of the most that a session asks its counterparty for; `None`: none asks.
    pub market_depth: Option<u32>,
}

/// An instrument.
#[derive(Clone, Debug)]
pub struct Traded {
    /// Symbol(55).
    pub symbol: String,
    /// The price grid, as text.
    pub tick: String,
    /// Decimals of its prices.
    pub decimals: u32,
    /// Its prices lie on a grid of 32nds, or of parts of them, or are in percent of par.
    pub is_thirty_seconds: bool,
}

/// `GET /api/about`
pub(super) async fn about(
    State(api): State<Watched>,
    Extension(stream): Extension<Stream>,
    Extension(guard): Extension<Guard>,
    Extension(caller): Extension<Caller>,
) -> Json<Value> {
    let symbols = api.facts.symbols.iter().map(|one| {
        json!({
            "symbol": one.symbol,
            "display": if one.is_thirty_seconds { "32nds" } else { "decimal" },
            "tick": one.tick,
            "priceDecimals": one.decimals,
        })
    });
    Json(json!({
        "version": env!("CARGO_PKG_VERSION"),
        "boot": stream.hub.boot(),
        "simulated": api.venue.is_some(),
        "readOnly": caller.role == Role::Viewer,
        "role": caller.role.word(),
        "login": guard.tokens().is_some(),
        "exchange": api.venue.is_some(),
        "profile": api.facts.profile.as_ref().map(|(name, text)| json!({ "name": name, "description": text })),
        "marketDepth": api.facts.market_depth,
        "symbols": symbols.collect::<Value>(),
        "limits": api.facts.limits,
        "schedules": api.facts.schedules,
        "mailbox": if api.facts.is_redis { "redis" } else { "in process" },
    }))
}

/// The longest history, in seconds.
const LONGEST_SPAN: u64 = 86_400;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HistoryQuery {
    symbol: Option<String>,
    span: Option<String>,
}

/// `GET /api/prices/history`
pub(super) async fn history(
    State(api): State<Arc<Api>>,
    asked: Result<Query<HistoryQuery>, QueryRejection>,
) -> Result<Json<Value>, ApiError> {
    let HistoryQuery { symbol, span } = query(asked)?;
    let symbol = symbol.ok_or_else(|| ApiError::bad_request("symbol: missing"))?;
    let span = number("span", span)?.unwrap_or(900).min(LONGEST_SPAN);
    let points = api.board.price_history(&symbol, span).ok_or_else(|| {
        let text = format!(
            "no prices of {} are kept here: none came, or 64 other instruments were first",
            Quoted::new(&symbol)
        );
        ApiError::new(StatusCode::NOT_FOUND, text)
    })?;
    let points = points.iter().map(|point| {
        let text = |price: Option<fix_core::decimal::Decimal>| price.map(|price| price.to_string());
        json!([point.at, text(point.bid), text(point.ask)])
    });
    Ok(Json(json!({ "symbol": symbol, "points": points.collect::<Value>() })))
}
