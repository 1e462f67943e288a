//! The clients of the killed engine: they place orders over HTTP and follow each to its end.

use std::{
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

use fix_host::web::{ApiClient, ClientError};
use serde_json::{Map, Value};

/// Orders that a client places before it looks for their reports.
const BURST: usize = 8;

/// One client; it outlives the engine that it talks to.
pub(crate) struct Client {
    name: String,
    api: ApiClient,
    placed: u64,
    /// Answered with 202.
    pub(crate) accepted: Vec<String>,
    /// Answered with a refusal: these must never go out.
    pub(crate) refused: Vec<String>,
    /// Accepted, but the last report has not been seen yet.
    pub(crate) unreported: Vec<String>,
}

impl Client {
    pub(crate) fn new(name: String, api: &str) -> Self {
        let api = ApiClient::new(api, None).expect("the address of the API");
        Client { name, api, placed: 0, accepted: vec![], refused: vec![], unreported: vec![] }
    }

    /// Works while the engine lives, or is thought to: whatever fails is tried again in its next life. No
    /// client places orders before all have seen the reports of their last lives, of which the engine brings
    /// back so many only; `behind` counts those that have not.
    pub(crate) fn work(&mut self, is_alive: &AtomicBool, behind: &AtomicUsize) {
        let mut is_behind = true;
        while is_alive.load(Ordering::Relaxed) {
            let is_served =
                self.api.get("/readyz").is_ok() && self.follow(Duration::from_millis(500)).is_ok();
            if is_served && is_behind && self.unreported.is_empty() {
                is_behind = false;
                behind.fetch_sub(1, Ordering::Relaxed);
            }
            if !is_served || behind.load(Ordering::Relaxed) > 0 {
                thread::sleep(Duration::from_millis(1));
                continue;
            }
            for _ in 0..BURST {
                if self.place().is_err() {
                    break;
                }
            }
        }
    }

    /// Looks once for the reports of every order that has not ended, waiting for each at most `wait`.
    pub(crate) fn follow(&mut self, wait: Duration) -> Result<(), ClientError> {
        let mut open = Vec::new();
        let mut outcome = Ok(());
        for cl_ord_id in std::mem::take(&mut self.unreported) {
            let ended = match &outcome {
                Ok(()) => self.has_ended(&cl_ord_id, wait),
                Err(_) => Ok(false),
            };
            if !*ended.as_ref().unwrap_or(&false) {
                open.push(cl_ord_id);
            }
            if let Err(error) = ended {
                outcome = Err(error);
            }
        }
        self.unreported = open;
        outcome
    }

    /// Follows until all orders have ended, or `patience` is over.
    pub(crate) fn finish(&mut self, patience: Duration) {
        let until = Instant::now() + patience;
        while !self.unreported.is_empty() && Instant::now() < until {
            let _ = self.follow(Duration::from_millis(100));
        }
    }

    fn has_ended(&self, cl_ord_id: &str, wait: Duration) -> Result<bool, ClientError> {
        let path = format!("/api/orders/{cl_ord_id}?wait_ms={}", wait.as_millis());
        let answer = match self.api.get(&path) {
            Err(ClientError::NotKnown { .. }) => return Ok(false),
            answer => answer?,
        };
        Ok(answer.get("final").and_then(Value::as_bool) == Some(true))
    }

    fn place(&mut self) -> Result<(), ClientError> {
        self.placed += 1;
        let cl_ord_id = format!("{}-{}", self.name, self.placed);
        let mut order = Map::new();
        order.insert("clOrdID".into(), cl_ord_id.as_str().into());
        order.insert("symbol".into(), "5Y".into());
        order.insert("side".into(), "BUY".into());
        order.insert("qty".into(), 100.into());
        order.insert("ordType".into(), "MARKET".into());
        match self.api.post("/api/orders", &order) {
            Ok(_) => {
                self.accepted.push(cl_ord_id.clone());
                self.unreported.push(cl_ord_id);
                Ok(())
            }
            Err(ClientError::Refused { .. }) => {
                self.refused.push(cl_ord_id);
                Ok(())
            }
            // Killed in between: this order may have gone out or not, and nobody was promised anything.
            Err(error) => Err(error),
        }
    }
}
