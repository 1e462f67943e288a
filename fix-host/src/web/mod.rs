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
//! A token may be one for viewers, who may not post; a page gets a cookie for its token (`token.rs`), which a logout ends
//! with all that follows the engine by it (`logouts.rs`). Each POST but
//! previews is a line of the audit log, whatever became of it (`audit.rs`).
//! It takes 256 connections at a time, and gives each 30 s for a request's head and 10 s for its body.
//! A `{session}` is a whole session id, percent-encoded, or the counterparty's CompID if it has but one.

mod about;
mod answer;
mod assets;
mod audit;
mod basket;
mod body;
mod client;
mod connections;
mod crowd;
mod error;
mod exchange;
mod foresight;
mod guard;
mod halts;
mod health;
mod login;
mod logouts;
mod market;
mod messages;
mod metrics;
mod orders;
mod preview;
mod routes;
mod server;
mod sessions;
mod stream;
mod token;
mod underway;
mod views;

pub use about::{Facts, Traded};
pub use client::{ApiClient, ClientError, encode_segment};
pub use metrics::Watched;
pub use server::{Api, DEFAULT_ADDR, WebConfig, WebError, WebServer};
pub use token::Token;
