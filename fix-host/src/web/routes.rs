//! The pages of the API. `openapi.json` says the same for its users; the test `openapi` holds the two together.

use std::sync::Arc;

use axum::{
    Extension, Router,
    body::Body,
    extract::Request,
    http::{Method, StatusCode, Uri, header},
    middleware,
    response::{IntoResponse, Response},
    routing::{MethodRouter, get, post},
};
use hyper::body::Incoming;
use hyper::service::Service;
use hyper_util::service::TowerToHyperService;
use serde_json::{Value, json};
use tokio::sync::watch;

use super::{
    about, assets,
    audit::Audited,
    error::ApiError,
    exchange, foresight,
    guard::{Guard, guard, marked},
    halts, health, login, market, messages,
    metrics::{self, Watched},
    orders, preview,
    server::Api,
    sessions,
    stream::{self, Hub, Sources, Stream},
    views,
};
use crate::{observe::Metrics, orders::Orders};

/// A pattern of the router, and what answers there.
pub(super) type Route<S> = (&'static str, MethodRouter<S>);

/// The page that orders come to.
const ORDERS: &str = "/api/orders";
/// The page of the kill switch.
const HALT: &str = "/api/halt";
/// Where the document says what `/healthz` answers.
const HEALTH: &str = "/paths/~1healthz/get/responses/200/content/application~1json/schema";

/// All pages of a server, behind its guard. An order is not led through the router: its way to the session is short, and
/// what a router and its layers box for each request would be a good part of it.
#[derive(Clone)]
pub(super) struct Pages {
    router: Router,
    orders: Option<Arc<DirectOrders>>,
}

struct DirectOrders {
    api: Arc<Api>,
    rules: Guard,
}

impl Pages {
    /// Answers a request.
    pub(super) async fn answer(&self, request: Request<Incoming>) -> Response {
        let is_order = request.method() == Method::POST && request.uri().path() == ORDERS;
        match &self.orders {
            Some(direct) if is_order => {
                let response = direct.answer(request.map(Body::new)).await;
                direct.api.metrics.count_request(ORDERS, response.status().as_u16());
                response
            }
            // In a place of its own: what waits for an order is moved about, and stays small.
            _ => match Box::pin(TowerToHyperService::new(self.router.clone()).call(request)).await {
                Ok(response) => response,
                Err(never) => match never {},
            },
        }
    }
}

impl DirectOrders {
    async fn answer(&self, mut request: Request) -> Response {
        let caller = self.rules.check(&request);
        let what = Audited::of(&mut request, &caller);
        let response = match caller {
            Ok(_) => orders::place_posted(&self.api, request).await,
            Err(refused) => refused.error.into_response(),
        };
        what.answered(&response);
        marked(response)
    }
}

/// What an engine serves.
pub(super) fn engine(api: Api, rules: Guard) -> Pages {
    let api = Arc::new(api);
    let routes = vec![
        (ORDERS, post(orders::post_order).get(orders::list)),
        ("/api/orders/{clOrdID}", get(views::order)),
        ("/api/orders/{clOrdID}/resolve", post(orders::resolve)),
        ("/api/cancels", post(orders::post_cancel)),
        ("/api/replaces", post(orders::post_replace)),
        ("/api/reports", get(views::reports)),
        ("/api/prices", get(views::prices)),
        ("/api/prices/stream", get(views::price_stream)),
        ("/api/status", get(views::status)),
        ("/api/sessions", get(sessions::list)),
        ("/api/sessions/{session}", get(sessions::one)),
        ("/api/sessions/{session}/seqnum", post(sessions::seqnum)),
        ("/api/sessions/{session}/logon", post(sessions::logon)),
        ("/api/sessions/{session}/logout", post(sessions::logout)),
        ("/api/sessions/{session}/reset", post(sessions::reset)),
        ("/api/sessions/{session}/test-request", post(sessions::test_request)),
        ("/api/sessions/{session}/preview", post(foresight::preview)),
        (HALT, post(halts::halt).get(halts::show)),
        ("/api/stream", get(stream::stream)),
        ("/api/about", get(about::about)),
        ("/api/health", get(health::health)),
        ("/api/messages", get(messages::list)),
        ("/api/login", post(login::login)),
        ("/api/logout", post(login::logout)),
        ("/api/preview", post(preview::preview)),
        ("/api/prices/history", get(about::history)),
        ("/api/market/{symbol}", get(market::book)),
        ("/api/resume", post(halts::resume)),
        ("/metrics", get(metrics::page)),
        ("/healthz", get(views::engine_healthz)),
        ("/readyz", get(views::readyz)),
    ];
    let routes = routes.into_iter().chain(exchange::routes()).collect();
    let metrics = api.metrics.clone();
    let direct = DirectOrders { api: Arc::clone(&api), rules: rules.clone() };
    let sources = Sources {
        board: api.board.clone(),
        orders: api.orders.clone(),
        venue: api.venue.clone(),
        books: api.books.clone(),
        metrics: api.metrics.clone(),
    };
    let stream = Stream { hub: Hub::start(sources, api.stop.clone()), stop: api.stop.clone() };
    let router = router(routes, false, rules, metrics, stream).with_state(api);
    Pages { router, orders: Some(Arc::new(direct)) }
}

/// What a process serves that takes no orders over HTTP.
pub(super) fn watched(watched: Watched, rules: Guard, stop: watch::Receiver<bool>) -> Pages {
    let mut routes = vec![
        ("/metrics", get(metrics::page)),
        ("/healthz", get(views::healthz)),
        ("/api/stream", get(stream::stream)),
        ("/api/about", get(about::about)),
        ("/api/login", post(login::login)),
        ("/api/logout", post(login::logout)),
    ];
    let is_exchange = watched.venue.is_some();
    if is_exchange {
        routes.extend(exchange::routes());
    }
    let metrics = watched.metrics.clone();
    let (board, venue) = (watched.board.clone(), watched.venue.clone());
    let hub = Hub::start(
        Sources { board, orders: Orders::default(), venue, books: None, metrics: metrics.clone() },
        stop.clone(),
    );
    let router = router(routes, is_exchange, rules, metrics, Stream { hub, stop });
    Pages { router: router.with_state(watched), orders: None }
}

fn router<S: Clone + Send + Sync + 'static>(
    mut routes: Vec<Route<S>>,
    is_exchange: bool,
    rules: Guard,
    metrics: Metrics,
    stream: Stream,
) -> Router<S> {
    const DOCUMENT: &str = "/openapi.json";
    let mut paths: Vec<&str> = routes.iter().map(|(path, _)| *path).collect();
    paths.push(DOCUMENT);
    let text: Arc<str> = document(&paths).into();
    let page = move || async move { ([(header::CONTENT_TYPE, "application/json")], text.to_string()) };
    routes.push((DOCUMENT, get(page)));
    let who = if is_exchange { ": this is an exchange, not an engine" } else { "" };
    let pages = paths.join(", ");
    let pages = routes
        .into_iter()
        .fold(Router::new(), |router, (path, page)| router.route(path, page))
        // The page of the dashboard is no part of the API.
        .route("/", get(assets::index))
        .route("/login", get(assets::login))
        .route("/assets/{*path}", get(assets::asset))
        .fallback(move |uri: Uri| async move {
            ApiError::new(
                StatusCode::NOT_FOUND,
                format!("{}: no such page{who}; there are {pages}", uri.path()),
            )
        })
        .method_not_allowed_fallback(|method: Method, uri: Uri| async move {
            ApiError::new(StatusCode::METHOD_NOT_ALLOWED, format!("{}: does not take {method}", uri.path()))
        });
    pages
        .layer(Extension(stream))
        .layer(Extension(rules.clone()))
        .layer(middleware::from_fn_with_state(rules, guard))
        .layer(middleware::from_fn_with_state(metrics, metrics::count))
}

/// The OpenAPI 3.1 document of these pages.
fn document(paths: &[&str]) -> String {
    let text = include_str!("openapi.json").replace("VERSION", env!("CARGO_PKG_VERSION"));
    // A test reads it: it is JSON.
    let mut document: Value = serde_json::from_str(&text).unwrap_or_default();
    if let Some(documented) = document.get_mut("paths").and_then(Value::as_object_mut) {
        documented.retain(|path, _| paths.contains(&path.as_str()));
    }
    // Where nothing can be halted, nothing is said of it.
    if !paths.contains(&HALT)
        && let Some(Value::Object(health)) = document.pointer_mut(HEALTH)
    {
        health.insert("required".to_owned(), json!(["status"]));
        if let Some(Value::Object(properties)) = health.get_mut("properties") {
            properties.remove("halted");
        }
    }
    document.to_string()
}
