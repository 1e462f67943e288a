//! The venue over HTTP, for a person who plays it.

use std::sync::Arc;

use axum::{
    Json,
    extract::{FromRef, Path, Query, State, rejection::PathRejection, rejection::QueryRejection},
    http::StatusCode,
    routing::{get, post},
};
use fix_core::decimal::Decimal;
use serde::Deserialize;
use serde_json::{Number, Value, json};

use super::{
    body::{self, TimelyBody},
    error::ApiError,
    metrics::Watched,
    routes::Route,
    views,
};
use crate::{
    contract::{
        by_hand::{Act, ByHand, MarketPhase, NotDone},
        number,
        order_error::Quoted,
    },
    halt::check_text,
};

/// The pages of a venue.
pub(super) fn routes<S: Clone + Send + Sync + 'static>() -> Vec<Route<S>>
where
    Watched: FromRef<S>,
{
    vec![
        ("/api/exchange", get(venue)),
        ("/api/exchange/orders", get(orders)),
        ("/api/exchange/book/{symbol}", get(book)),
        ("/api/exchange/accept", post(accept)),
        ("/api/exchange/reject", post(reject)),
        ("/api/exchange/fill", post(fill)),
        ("/api/exchange/cancel", post(cancel)),
        ("/api/exchange/stop", post(stop)),
        ("/api/exchange/suspend", post(suspend)),
        ("/api/exchange/resume", post(resume)),
        ("/api/exchange/calculate", post(calculate)),
        ("/api/exchange/bust", post(bust)),
        ("/api/exchange/correct", post(correct)),
        ("/api/exchange/phase", post(phase)),
        ("/api/exchange/hold", post(hold)),
    ]
}

type Answer = Result<Json<Value>, ApiError>;

async fn venue(State(watched): State<Watched>) -> Answer {
    Ok(Json(json!(of(&watched)?.venue())))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OrdersQuery {
    state: Option<String>,
}

async fn orders(State(watched): State<Watched>, asked: Result<Query<OrdersQuery>, QueryRejection>) -> Answer {
    let with_ended = match views::query(asked)?.state.as_deref() {
        None | Some("live") => false,
        Some("all") => true,
        Some(other) => {
            let text = format!("state: must be live or all, not {}", Quoted::new(other));
            return Err(ApiError::bad_request(text));
        }
    };
    Ok(Json(json!({ "orders": of(&watched)?.orders(with_ended) })))
}

async fn book(State(watched): State<Watched>, path: Result<Path<String>, PathRejection>) -> Answer {
    let Path(symbol) = path.map_err(|error| ApiError::bad_request(error.body_text()))?;
    Ok(Json(json!(of(&watched)?.book(&symbol)?)))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OfOrder {
    order: String,
}

const OF_ORDER: &str = r#"JSON like {"order":"OrderID or ClOrdID"}"#;

async fn accept(State(watched): State<Watched>, TimelyBody(body): TimelyBody) -> Answer {
    let OfOrder { order } = body::json(&body, OF_ORDER)?;
    act(&watched, &Act::Accept { order })
}

async fn cancel(State(watched): State<Watched>, TimelyBody(body): TimelyBody) -> Answer {
    let OfOrder { order } = body::json(&body, OF_ORDER)?;
    act(&watched, &Act::Cancel { order })
}

async fn stop(State(watched): State<Watched>, TimelyBody(body): TimelyBody) -> Answer {
    let OfOrder { order } = body::json(&body, OF_ORDER)?;
    act(&watched, &Act::Stop { order })
}

async fn suspend(State(watched): State<Watched>, TimelyBody(body): TimelyBody) -> Answer {
    let OfOrder { order } = body::json(&body, OF_ORDER)?;
    act(&watched, &Act::Suspend { order })
}

async fn resume(State(watched): State<Watched>, TimelyBody(body): TimelyBody) -> Answer {
    let OfOrder { order } = body::json(&body, OF_ORDER)?;
    act(&watched, &Act::Resume { order })
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OfAll {}

async fn calculate(State(watched): State<Watched>, TimelyBody(body): TimelyBody) -> Answer {
    let OfAll {} = body::json(&body, "JSON like {}")?;
    act(&watched, &Act::Calculate)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rejection {
    order: String,
    text: String,
}

async fn reject(State(watched): State<Watched>, TimelyBody(body): TimelyBody) -> Answer {
    let Rejection { order, text } = body::json(&body, r#"JSON like {"order":"ID","text":"why"}"#)?;
    check_text(&text).map_err(|problem| ApiError::bad_request(format!("text: {problem}")))?;
    if text.is_empty() {
        return Err(ApiError::bad_request("text: must say why"));
    }
    act(&watched, &Act::Reject { order, text })
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Filling {
    order: String,
    qty: Option<Number>,
    price: Option<Number>,
    #[serde(default)]
    beyond_limit: bool,
}

async fn fill(State(watched): State<Watched>, TimelyBody(body): TimelyBody) -> Answer {
    let what = r#"JSON like {"order":"ID","qty":10,"price":99.5}, with qty and price or without; "beyondLimit":true fills worse than its limit"#;
    let Filling { order, qty, price, beyond_limit } = body::json(&body, what)?;
    let value = |name, number: Option<Number>| number.map(|number| decimal(name, &number)).transpose();
    let (qty, price) = (value("qty", qty)?, value("price", price)?);
    act(&watched, &Act::Fill { order, qty, price, beyond_limit })
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OfExecution {
    execution: String,
}

async fn bust(State(watched): State<Watched>, TimelyBody(body): TimelyBody) -> Answer {
    let OfExecution { execution } = body::json(&body, r#"JSON like {"execution":"ExecID"}"#)?;
    act(&watched, &Act::Bust { execution })
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Correction {
    execution: String,
    qty: Number,
    price: Number,
    #[serde(default)]
    beyond_limit: bool,
}

async fn correct(State(watched): State<Watched>, TimelyBody(body): TimelyBody) -> Answer {
    let what = r#"JSON like {"execution":"ExecID","qty":10,"price":99.5}"#;
    let Correction { execution, qty, price, beyond_limit } = body::json(&body, what)?;
    let (qty, price) = (decimal("qty", &qty)?, decimal("price", &price)?);
    act(&watched, &Act::Correct { execution, qty, price, beyond_limit })
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Phasing {
    phase: MarketPhase,
    symbol: Option<String>,
}

async fn phase(State(watched): State<Watched>, TimelyBody(body): TimelyBody) -> Answer {
    let what = r#"JSON like {"phase":"HALT","symbol":"10Y"}, without a symbol for all"#;
    let Phasing { phase, symbol } = body::json(&body, what)?;
    act(&watched, &Act::Phase { phase, symbol })
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Holding {
    hold: bool,
}

async fn hold(State(watched): State<Watched>, TimelyBody(body): TimelyBody) -> Answer {
    let Holding { hold } = body::json(&body, r#"JSON like {"hold":true}"#)?;
    act(&watched, &Act::Hold(hold))
}

fn act(watched: &Watched, act: &Act) -> Answer {
    Ok(Json(json!(of(watched)?.act(act)?)))
}

fn of(watched: &Watched) -> Result<&Arc<dyn ByHand>, ApiError> {
    let none = || ApiError::new(StatusCode::NOT_FOUND, "no exchange runs in this process");
    watched.venue.as_ref().ok_or_else(none)
}

fn decimal(name: &str, number: &Number) -> Result<Decimal, ApiError> {
    number::decimal(number).map_err(|problem| ApiError::bad_request(format!("{name}: {problem}")))
}

impl From<NotDone> for ApiError {
    fn from(why: NotDone) -> Self {
        let status = match why {
            NotDone::Unknown(_) => StatusCode::NOT_FOUND,
            NotDone::Refused(_) => StatusCode::UNPROCESSABLE_ENTITY,
        };
        ApiError::new(status, why)
    }
}
