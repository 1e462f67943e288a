//! HTTP/1.1 to one address, a connection for each request, for a program that waits for the answer.

use std::{
    io,
    time::{Duration, Instant},
};

use axum::{
    body::{Body, BodyDataStream, Bytes},
    http::{Method, Request, Response, header},
};
use futures_util::StreamExt;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::{net::TcpStream, runtime::Runtime, time::timeout};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// Longer than any answer of the API.
const LONGEST_ANSWER: usize = 10 << 20;

/// Where to send requests, and what runs while one waits for the answers.
#[derive(Debug)]
pub(super) struct Http {
    runtime: Runtime,
    /// `host` or `host:port`.
    authority: String,
}

/// Why there is no answer.
#[derive(Debug)]
pub(super) enum HttpError {
    /// Nobody there, or gone.
    Io(String),
    /// Somebody there, but too slow.
    TimedOut,
    /// What came is no HTTP, or longer than any answer.
    Protocol(String),
}

/// A request, but for where it goes.
pub(super) struct Ask<'a> {
    pub(super) method: Method,
    /// Path and query.
    pub(super) path: &'a str,
    /// The value of Authorization.
    pub(super) authorization: Option<String>,
    /// JSON; empty for none.
    pub(super) body: Vec<u8>,
}

impl Http {
    pub(super) fn new(authority: &str) -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        Ok(Http { runtime, authority: authority.to_owned() })
    }

    /// Sends a request and waits for the head of the answer, at most `longest`.
    pub(super) fn send(&self, ask: Ask<'_>, longest: Duration) -> Result<Response<Body>, HttpError> {
        let request = self.request(ask).map_err(|error| HttpError::Io(error.to_string()))?;
        self.runtime.block_on(async {
            let stream = in_time(CONNECT_TIMEOUT, TcpStream::connect(self.address())).await?;
            let stream = stream.map_err(|error| HttpError::Io(error.to_string()))?;
            let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(of_hyper)?;
            // It ends with the answer's last byte, or when nobody wants more of it.
            tokio::spawn(connection);
            let answer = in_time(longest, sender.send_request(request)).await?;
            Ok(answer.map_err(of_hyper)?.map(Body::new))
        })
    }

    /// The rest of an answer.
    pub(super) fn read(&self, body: Body, longest: Duration) -> Result<Vec<u8>, HttpError> {
        let until = Instant::now() + longest;
        let mut pieces = Pieces(body.into_data_stream());
        let mut all = Vec::new();
        while let Some(piece) = self.next(&mut pieces, until.saturating_duration_since(Instant::now())) {
            all.extend_from_slice(&piece?);
            if all.len() > LONGEST_ANSWER {
                return Err(HttpError::Protocol(format!("more than {LONGEST_ANSWER} bytes")));
            }
        }
        Ok(all)
    }

    /// The next bytes of an answer; `None` at its end.
    pub(super) fn next(&self, pieces: &mut Pieces, longest: Duration) -> Option<Result<Bytes, HttpError>> {
        match self.runtime.block_on(in_time(longest, pieces.0.next())) {
            Ok(piece) => piece.map(|piece| piece.map_err(|error| HttpError::Io(innermost(&error)))),
            Err(error) => Some(Err(error)),
        }
    }

    fn request(&self, ask: Ask<'_>) -> Result<Request<Body>, axum::http::Error> {
        let mut request =
            Request::builder().method(ask.method).uri(ask.path).header(header::HOST, &self.authority);
        if let Some(authorization) = ask.authorization {
            request = request.header(header::AUTHORIZATION, authorization);
        }
        if !ask.body.is_empty() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        request.header(header::CONNECTION, "close").body(Body::from(ask.body))
    }

    /// With the port of HTTP where none is given.
    fn address(&self) -> String {
        let behind_ipv6 = self.authority.rsplit(']').next().unwrap_or_default();
        if behind_ipv6.contains(':') { self.authority.clone() } else { format!("{}:80", self.authority) }
    }
}

/// The rest of an answer, as it comes.
pub(super) struct Pieces(pub(super) BodyDataStream);

async fn in_time<T>(longest: Duration, work: impl Future<Output = T>) -> Result<T, HttpError> {
    timeout(longest, work).await.map_err(|_| HttpError::TimedOut)
}

fn of_hyper(error: hyper::Error) -> HttpError {
    if error.is_parse() { HttpError::Protocol(innermost(&error)) } else { HttpError::Io(innermost(&error)) }
}

/// What is behind an error, which says more than the error itself.
fn innermost(error: &dyn std::error::Error) -> String {
    error.source().map_or_else(|| error.to_string(), innermost)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_of_http_is_80() {
        for (authority, address) in [
            ("engine", "engine:80"),
            ("127.0.0.1:8050", "127.0.0.1:8050"),
            ("[::1]", "[::1]:80"),
            ("[::1]:8050", "[::1]:8050"),
        ] {
            assert_eq!(Http::new(authority).unwrap().address(), address);
        }
    }
}
