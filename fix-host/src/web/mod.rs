//! The HTTP API, on 127.0.0.1:8050 unless told otherwise.
//!
//! Its pages are in `routes.rs`, and described for users in `openapi.json`, which it serves at `/openapi.json`.
//!
//! Errors are `{"error": "one clear line"}`. Bodies are in the contract of [`crate::contract::parse`]; a list of orders has a
//! list of answers.
//!
//! Whoever reaches the API can trade, so: it listens on a loopback address or asks for a bearer token; on
//! loopback, the Host header must name it, which keeps web pages out that point their own name at 127.0.0.1
//! (DNS rebinding); and a POST must be `application/json`, which a page of another origin cannot send.
//! It takes 256 connections at a time, and gives each 30 s for a request's head and 10 s for its body.
//! A `{session}` is a whole session id, percent-encoded, or the counterparty's CompID if it has but one.

mod answer;
mod assets;
mod basket;
mod body;
mod client;
mod connections;
mod crowd;
mod error;
mod exchange;
mod guard;
mod halts;
mod metrics;
mod orders;
mod routes;
mod server;
mod sessions;
mod stream;
mod underway;
mod views;

pub use client::{ApiClient, ClientError, encode_segment};
pub use guard::Token;
pub use metrics::Watched;
pub use server::{Api, DEFAULT_ADDR, WebConfig, WebError, WebServer};
