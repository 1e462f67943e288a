//! The HTTP API, on 127.0.0.1:8050 unless told otherwise.
//!
//! | request | answer |
//! |---|---|
//! | `POST /api/orders` | 202 accepted, 400 malformed, 422 refused, 503 SIM MODE |
//! | `POST /api/cancels` | the same |
//! | `GET /api/orders/{clOrdID}?wait_ms=&seen=` | the reports of an order, waiting for its end or for more than `seen` |
//! | `GET /api/reports?limit=` | the last reports, newest first |
//! | `GET /api/prices` | the latest prices |
//! | `GET /api/prices/stream` | the prices as they change, a JSON object a line |
//! | `GET /api/status` | sessions and mode |
//! | `GET /healthz`, `GET /readyz` | 200 when running, when logged on |
//!
//! Errors are `{"error": "one clear line"}`. Bodies are in the contract of [`crate::bus::parse`].
//!
//! Whoever reaches the API can trade, so: it listens on a loopback address or asks for a bearer token; on
//! loopback, the Host header must name it, which keeps web pages out that point their own name at 127.0.0.1
//! (DNS rebinding); and a POST must be `application/json`, which a page of another origin cannot send.

mod client;
mod error;
mod guard;
mod orders;
mod server;
mod views;

pub use client::{ApiClient, ClientError};
pub use guard::Token;
pub use server::{Api, DEFAULT_ADDR, WebConfig, WebError, WebServer};
