//! The HTTP API, on 127.0.0.1:8050 unless told otherwise.
//!
//! | request | answer |
//! |---|---|
//! | `POST /api/orders` | 202 accepted, 400 malformed, 409 the ClOrdID is used, 422 refused, 503 SIM MODE |
//! | `POST /api/cancels` | the same |
//! | `GET /api/orders/{clOrdID}?wait_ms=&seen=` | the reports of an order, waiting for its end or for more than `seen` |
//! | `GET /api/orders?state=unknown` | the orders of which nobody here knows whether the counterparty has them |
//! | `POST /api/orders/{clOrdID}/resolve` | `{"state": "filled", "note": "how you know"}` (or `canceled`, `rejected`); 409 if the state is not unknown |
//! | `GET /api/reports?limit=` | the last reports, newest first |
//! | `GET /api/prices` | the latest prices |
//! | `GET /api/prices/stream` | the prices as they change, a JSON object a line |
//! | `GET /api/status` | sessions and mode |
//! | `GET /api/sessions`, `GET /api/sessions/{session}` | each session: phase (as it changes), numbers and gap (at most 250 ms old), heartbeat |
//! | `POST /api/sessions/{session}/seqnum` | `{"in": 5, "out": 7}`, one or both; 409 if the session refuses |
//! | `POST /api/sessions/{session}/logon`, `logout`, `reset` | `{}`; a session logged out stays out |
//! | `GET /metrics` | counters and gauges in Prometheus' text format |
//! | `GET /healthz`, `GET /readyz` | 200 when running, when logged on |
//!
//! Errors are `{"error": "one clear line"}`. Bodies are in the contract of [`crate::bus::parse`].
//!
//! Whoever reaches the API can trade, so: it listens on a loopback address or asks for a bearer token; on
//! loopback, the Host header must name it, which keeps web pages out that point their own name at 127.0.0.1
//! (DNS rebinding); and a POST must be `application/json`, which a page of another origin cannot send.
//! It takes 256 connections at a time, and gives each 30 s for a request's head and 10 s for its body.
//! A `{session}` is a whole session id, percent-encoded, or the counterparty's CompID if it has but one.

mod body;
mod client;
mod connections;
mod crowd;
mod error;
mod guard;
mod metrics;
mod orders;
mod server;
mod sessions;
mod views;

pub use client::{ApiClient, ClientError, encode_segment};
pub use guard::Token;
pub use server::{Api, DEFAULT_ADDR, WebConfig, WebError, WebServer};
