//! Who may call the API.

use std::{fmt, net::SocketAddr, sync::Arc};

use axum::{
    extract::{Request, State},
    http::{HeaderValue, Method, StatusCode, Uri, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use subtle::ConstantTimeEq;

use super::error::ApiError;
use crate::from_environment;

/// The environment variable that holds the API's token.
const TOKEN_VARIABLE: &str = "FIX_HOST_API_TOKEN";
/// The environment variable that names a file with it.
const TOKEN_FILE_VARIABLE: &str = "FIX_HOST_API_TOKEN_FILE";
/// The least length of a [`Token`], in bytes.
const MIN_TOKEN: usize = 16;

/// The bearer token of the API. `Debug` does not show it.
#[derive(Clone)]
pub struct Token(Arc<str>);

impl Token {
    /// A token of at least 16 printable ASCII characters without blanks; `None` for any other text.
    pub fn new(text: &str) -> Option<Self> {
        let is_fit = text.len() >= MIN_TOKEN && text.bytes().all(|byte| byte.is_ascii_graphic());
        is_fit.then(|| Token(text.into()))
    }

    /// The token that the environment gives: in FIX_HOST_API_TOKEN, or in the file that
    /// FIX_HOST_API_TOKEN_FILE names (a container's or a service's secret).
    ///
    /// # Errors
    /// One line, without the token, if there is something that is no token.
    pub fn from_environment() -> Result<Option<Self>, String> {
        let Some((text, place)) = from_environment::secret(TOKEN_VARIABLE, TOKEN_FILE_VARIABLE)? else {
            return Ok(None);
        };
        let refused = || format!("{place}: must be at least 16 printable characters without blanks");
        Token::new(&text).map(Some).ok_or_else(refused)
    }

    /// The value of the Authorization header.
    pub(super) fn bearer(&self) -> String {
        format!("Bearer {}", self.0)
    }

    /// Compares in a time that depends on the length alone.
    fn is(&self, text: &[u8]) -> bool {
        self.0.as_bytes().ct_eq(text).into()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(***)")
    }
}

/// The rules of one listener.
#[derive(Clone, Debug)]
pub(super) struct Guard {
    addr: SocketAddr,
    token: Option<Token>,
}

impl Guard {
    pub(super) fn new(addr: SocketAddr, token: Option<Token>) -> Self {
        Guard { addr, token }
    }

    /// Says no to a request that may not be answered.
    pub(super) fn check<B>(&self, request: &Request<B>) -> Result<(), ApiError> {
        check_once(request)?;
        self.check_host(request)?;
        check_origin(request)?;
        if request.method() == Method::POST {
            check_content_type(request)?;
        }
        match &self.token {
            Some(token) if !is_probe(request.uri()) => check_token(token, request),
            _ => Ok(()),
        }
    }

    /// On loopback, the Host must be loopback by name. On another address the token does that work, and the
    /// names under which the host is known are not ours to know.
    fn check_host<B>(&self, request: &Request<B>) -> Result<(), ApiError> {
        if !self.addr.ip().is_loopback() || is_own_host(host_of(request), self.addr.port()) {
            return Ok(());
        }
        let port = self.addr.port();
        Err(ApiError::new(
            StatusCode::MISDIRECTED_REQUEST,
            format!("Host: must be 127.0.0.1:{port}, localhost:{port} or [::1]:{port}"),
        ))
    }
}

/// The middleware: checks the request, and [marks](marked) the answer.
pub(super) async fn guard(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    marked(match guard.check(&request) {
        Ok(()) => next.run(request).await,
        Err(error) => error.into_response(),
    })
}

/// The answer as neither to be stored, unless it says otherwise, nor to be guessed at.
pub(super) fn marked(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// Of two values a proxy may believe one and we the other; and the authority in `GET http://evil.example/` goes before
/// the Host (RFC 9112, 3.2).
fn check_once<B>(request: &Request<B>) -> Result<(), ApiError> {
    let refused = |text: &str| Err(ApiError::new(StatusCode::BAD_REQUEST, text.to_owned()));
    let (mut hosts, mut origins) = (0, 0);
    for name in request.headers().iter().map(|(name, _)| name) {
        hosts += usize::from(name == header::HOST);
        origins += usize::from(name == header::ORIGIN);
    }
    if hosts > 1 {
        return refused("Host: stands there more than once");
    }
    if origins > 1 {
        return refused("Origin: stands there more than once");
    }
    match request.uri().authority() {
        Some(authority) if !authority.as_str().eq_ignore_ascii_case(host_of(request)) => {
            refused("the address in the request line is not that of the Host header")
        }
        _ => Ok(()),
    }
}

fn host_of<B>(request: &Request<B>) -> &str {
    request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default()
}

fn is_own_host(host: &str, port: u16) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, digits)) if digits.parse() == Ok(port) => name,
        _ if port == 80 => host,
        _ => return false,
    };
    ["127.0.0.1", "[::1]"].contains(&name) || name.eq_ignore_ascii_case("localhost")
}

/// A browser says where a request comes from; only pages of this very server may ask.
fn check_origin<B>(request: &Request<B>) -> Result<(), ApiError> {
    let Some(origin) = request.headers().get(header::ORIGIN) else { return Ok(()) };
    let own = origin.to_str().ok().and_then(|origin| origin.split_once("://"));
    if own.is_some_and(|(_, authority)| authority.eq_ignore_ascii_case(host_of(request))) {
        return Ok(());
    }
    Err(ApiError::new(StatusCode::FORBIDDEN, "Origin: pages of other sites may not use this API"))
}

fn check_content_type<B>(request: &Request<B>) -> Result<(), ApiError> {
    let content_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = content_type.and_then(|value| value.split(';').next()).unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case("application/json") {
        return Ok(());
    }
    Err(ApiError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "Content-Type: must be application/json"))
}

fn check_token<B>(token: &Token, request: &Request<B>) -> Result<(), ApiError> {
    let given = request.headers().get(header::AUTHORIZATION).map(HeaderValue::as_bytes);
    if given.and_then(|value| value.strip_prefix(b"Bearer ")).is_some_and(|given| token.is(given)) {
        return Ok(());
    }
    Err(ApiError::new(StatusCode::UNAUTHORIZED, "Authorization: needs `Bearer` and the token of this engine"))
}

/// Probes carry no secrets, neither way.
fn is_probe(uri: &Uri) -> bool {
    matches!(uri.path(), "/healthz" | "/readyz")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_names_with_the_port_are_own_hosts() {
        for host in ["127.0.0.1:8050", "localhost:8050", "LOCALHOST:8050", "[::1]:8050"] {
            assert!(is_own_host(host, 8050), "{host}");
        }
        for host in ["", "127.0.0.1", "localhost", "evil.example:8050", "127.0.0.1:80", "localhost.evil:8050"]
        {
            assert!(!is_own_host(host, 8050), "{host}");
        }
        assert!(is_own_host("localhost", 80));
    }

    #[test]
    fn a_token_is_long_plain_and_secret() {
        assert!(Token::new("short").is_none());
        assert!(Token::new("0123456789 abcdef").is_none());
        let token = Token::new("0123456789abcdef").unwrap();
        assert!(token.is(b"0123456789abcdef"));
        assert!(!token.is(b"0123456789abcdeF") && !token.is(b"") && !token.is(b"0123456789abcdef0"));
        assert_eq!(format!("{token:?}"), "Token(***)");
    }
}
