//! The API from the other side: what the command line uses.

mod http;
mod lines;

use std::time::Duration;

use axum::{
    body::Body,
    http::{Method, Response},
};
use serde_json::{Map, Value};

use self::{
    http::{Ask, Http, HttpError, Pieces},
    lines::Lines,
};
use super::token::Token;
use crate::exit;

/// Beyond the time that the engine itself takes at most.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);

/// A client of one engine.
#[derive(Debug)]
pub struct ApiClient {
    http: Http,
    base: String,
    token: Option<Token>,
}

/// Why there is no answer of use.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// Not an address of an API.
    #[error("`{0}` is not the URL of an engine; the form is http://127.0.0.1:8050")]
    Url(String),
    /// Nobody there.
    #[error(
        "no engine answers at {base}: {detail}; start one with `{program} start` or `{program} demo`",
        program = exit::program()
    )]
    Unreachable {
        /// Where.
        base: String,
        /// Why.
        detail: String,
    },
    /// Somebody there, but too slow.
    #[error("the engine at {base} did not answer in time")]
    TimedOut {
        /// Where.
        base: String,
    },
    /// 401
    #[error("the engine at {base} wants a token: set FIX_HOST_API_TOKEN")]
    Unauthorized {
        /// Where.
        base: String,
    },
    /// The engine cannot answer now, in its own words: it is stopping, or has no market data.
    #[error("{text}")]
    Unavailable {
        /// Why.
        text: String,
    },
    /// The engine says no to this request, in its own words; SIM MODE is one.
    #[error("{text}")]
    Refused {
        /// Why.
        text: String,
    },
    /// 404: the engine knows nothing of the order or session that was named.
    #[error("{text}")]
    NotKnown {
        /// In its own words.
        text: String,
    },
    /// Not an answer of this API.
    #[error("{base} does not answer like an engine: {detail}")]
    NotAnEngine {
        /// Where.
        base: String,
        /// What is odd.
        detail: String,
    },
}

impl ApiClient {
    /// A client of the engine at `url`, such as `http://127.0.0.1:8050`.
    ///
    /// # Errors
    /// [`ClientError::Url`].
    pub fn new(url: &str, token: Option<Token>) -> Result<Self, ClientError> {
        let base = url.trim_end_matches('/');
        let authority = match base.strip_prefix("http://") {
            Some(authority) if !authority.is_empty() && !authority.contains(['/', '@', '?', '#', ' ']) => {
                authority
            }
            _ => return Err(ClientError::Url(base.to_owned())),
        };
        let http = Http::new(authority).map_err(|error| unreachable(base, error.to_string()))?;
        Ok(ApiClient { http, base: base.to_owned(), token })
    }

    /// Sends an order, a cancel, or what an operator asks of a session.
    ///
    /// # Errors
    /// [`ClientError`]; a refused order is [`ClientError::Refused`].
    pub fn post(&self, path: &str, body: &Map<String, Value>) -> Result<Value, ClientError> {
        let body = Value::Object(body.clone()).to_string().into_bytes();
        self.answer(self.request(Method::POST, path, body, ANSWER_TIMEOUT)?)
    }

    /// Reads a page.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn get(&self, path: &str) -> Result<Value, ClientError> {
        self.answer(self.request(Method::GET, path, Vec::new(), ANSWER_TIMEOUT)?)
    }

    /// The reports of an order: those there are as soon as there are more than `seen`, or after `wait`. There are none
    /// of an order that the engine does not know.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn reports(&self, cl_ord_id: &str, seen: usize, wait: Duration) -> Result<Vec<Value>, ClientError> {
        let path =
            format!("/api/orders/{}?seen={seen}&wait_ms={}", encode_segment(cl_ord_id), wait.as_millis());
        let answer = self.request(Method::GET, &path, Vec::new(), wait + ANSWER_TIMEOUT)?;
        let mut page = match self.answer(answer) {
            Err(ClientError::NotKnown { .. }) => return Ok(Vec::new()),
            page => page?,
        };
        match page.get_mut("reports").map(Value::take) {
            Some(Value::Array(reports)) => Ok(reports),
            _ => Err(self.not_an_engine("no list of reports")),
        }
    }

    /// The prices as they change, without end.
    ///
    /// # Errors
    /// [`ClientError`], at the start and for each item.
    pub fn price_stream(&self) -> Result<impl Iterator<Item = Result<Value, ClientError>>, ClientError> {
        let response = self.request(Method::GET, "/api/prices/stream", Vec::new(), ANSWER_TIMEOUT)?;
        if !response.status().is_success() {
            return Err(match self.answer(response) {
                Ok(_) => self.not_an_engine("no stream of prices"),
                Err(error) => error,
            });
        }
        let mut lines = Lines::new(Pieces(response.into_body().into_data_stream()));
        Ok(std::iter::from_fn(move || {
            let line = lines.next(&self.http, ANSWER_TIMEOUT)?.map_err(|error| self.failed(error));
            Some(line.and_then(|line| {
                serde_json::from_slice(&line).map_err(|error| self.not_an_engine(&error.to_string()))
            }))
        }))
    }

    fn request(
        &self,
        method: Method,
        path: &str,
        body: Vec<u8>,
        longest: Duration,
    ) -> Result<Response<Body>, ClientError> {
        let authorization = self.token.as_ref().map(Token::bearer);
        self.http.send(Ask { method, path, authorization, body }, longest).map_err(|error| self.failed(error))
    }

    fn answer(&self, response: Response<Body>) -> Result<Value, ClientError> {
        let status = response.status();
        if status.as_u16() == 401 {
            return Err(ClientError::Unauthorized { base: self.base.clone() });
        }
        let body =
            self.http.read(response.into_body(), ANSWER_TIMEOUT).map_err(|error| self.failed(error))?;
        let body: Value = serde_json::from_slice(&body)
            .map_err(|error| self.not_an_engine(&format!("{status}, and {error}")))?;
        if status.is_success() {
            return Ok(body);
        }
        let Some(text) = body.get("error").and_then(Value::as_str).map(str::to_owned) else {
            return Err(self.not_an_engine(status.as_str()));
        };
        // Only an answer to an order has a status word of its own.
        let is_about_the_order = body.get("status").is_some();
        Err(match status.as_u16() {
            404 => ClientError::NotKnown { text },
            504 => ClientError::TimedOut { base: self.base.clone() },
            500.. if !is_about_the_order => ClientError::Unavailable { text },
            _ => ClientError::Refused { text },
        })
    }

    fn failed(&self, error: HttpError) -> ClientError {
        match error {
            HttpError::TimedOut => ClientError::TimedOut { base: self.base.clone() },
            HttpError::Protocol(detail) => self.not_an_engine(&detail),
            HttpError::Io(detail) => unreachable(&self.base, detail),
        }
    }

    fn not_an_engine(&self, detail: &str) -> ClientError {
        ClientError::NotAnEngine { base: self.base.clone(), detail: detail.to_owned() }
    }
}

fn unreachable(base: &str, detail: String) -> ClientError {
    ClientError::Unreachable { base: base.to_owned(), detail }
}

/// Percent-encodes all but the unreserved characters (RFC 3986, 2.3).
pub fn encode_segment(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'~' => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_http_urls_of_a_host_are_taken() {
        for url in ["http://127.0.0.1:8050", "http://[::1]:8050/", "http://engine.example"] {
            assert!(ApiClient::new(url, None).is_ok(), "{url}");
        }
        for url in ["", "127.0.0.1:8050", "https://x", "http://", "http://a/b", "http://u:p@h", "http://a b"]
        {
            assert!(matches!(ApiClient::new(url, None), Err(ClientError::Url(_))), "{url}");
        }
    }

    #[test]
    fn an_id_cannot_leave_its_path_segment() {
        assert_eq!(encode_segment("A-1/../x?y .%"), "A-1%2F%2E%2E%2Fx%3Fy%20%2E%25");
    }
}
