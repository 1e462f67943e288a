//! Who may call the API.

use std::net::SocketAddr;

use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};

use super::{
    audit::Audited,
    error::ApiError,
    token::{Cookie, Role, Tokens},
};

/// The rules of one listener.
#[derive(Clone, Debug)]
pub(super) struct Guard {
    addr: SocketAddr,
    tokens: Option<Tokens>,
}

/// Who calls, and what he may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Caller {
    /// How he is known: by a token, by a cookie, or only by calling from this machine.
    pub(super) by: &'static str,
    pub(super) role: Role,
    /// What he showed, if that was a cookie.
    pub(super) cookie: Option<Cookie>,
}

impl Caller {
    /// What he may do, if he has said who he is.
    pub(super) fn known_role(&self) -> Option<Role> {
        (self.by != NOBODY).then_some(self.role)
    }
}

impl Guard {
    pub(super) fn new(addr: SocketAddr, tokens: Option<Tokens>) -> Self {
        Guard { addr, tokens }
    }

    pub(super) fn tokens(&self) -> Option<&Tokens> {
        self.tokens.as_ref()
    }

    pub(super) fn port(&self) -> u16 {
        self.addr.port()
    }

    /// Waits until the caller's cookie is good no more: what he follows ends then. For ever where he needs none.
    pub(super) async fn logged_out(&self, caller: Caller) {
        match (&self.tokens, caller.cookie) {
            (Some(tokens), Some(cookie)) => tokens.logouts.ended_of(cookie).await,
            _ => std::future::pending().await,
        }
    }

    /// Says no to a request that may not be answered. Who calls is known only of one that comes the right way: what a page of
    /// others makes a browser send is not its user's.
    pub(super) fn check<B>(&self, request: &Request<B>) -> Result<Caller, Refused> {
        let caller = self.identified(request).map_err(|error| Refused { error, caller: None })?;
        match check_rights(request, caller) {
            Ok(()) => Ok(caller),
            Err(error) => Err(Refused { error, caller: Some(caller) }),
        }
    }

    fn identified<B>(&self, request: &Request<B>) -> Result<Caller, ApiError> {
        check_once(request)?;
        self.check_host(request)?;
        check_origin(request)?;
        let is_write = request.method() == Method::POST;
        let is_upgrade = request.headers().contains_key(header::UPGRADE);
        // A page of others cannot read an answer of the API, but it can have work made for one, as by an <img>.
        if is_write || is_upgrade || request.uri().path().starts_with("/api/") {
            check_site(request)?;
        }
        self.caller(request, is_write || is_upgrade)
    }

    /// Who calls. A cookie goes along with whatever the browser is made to send: so with it, a write or a WebSocket must
    /// say that it comes from a page of ours.
    fn caller<B>(&self, request: &Request<B>, needs_origin: bool) -> Result<Caller, ApiError> {
        let Some(tokens) = &self.tokens else {
            return Ok(Caller { by: "loopback", role: Role::Trader, cookie: None });
        };
        if is_open(request.uri().path()) {
            return Ok(Caller { by: NOBODY, role: Role::Viewer, cookie: None });
        }
        let refused = |text: &str| Err(ApiError::new(StatusCode::UNAUTHORIZED, text.to_owned()));
        if let Some(given) = request.headers().get(header::AUTHORIZATION).map(HeaderValue::as_bytes) {
            return match given.strip_prefix(b"Bearer ").and_then(|given| tokens.role_of(given)) {
                Some(role) => Ok(Caller { by: "bearer", role, cookie: None }),
                None => refused("Authorization: needs `Bearer` and the token of this engine"),
            };
        }
        let cookies = request.headers().get_all(header::COOKIE).iter();
        let cookies = cookies.filter_map(|value| value.to_str().ok());
        let known = cookies.filter_map(|cookies| tokens.role_of_cookies(cookies, self.addr.port())).next();
        match known {
            Some(_) if needs_origin && !request.headers().contains_key(header::ORIGIN) => Err(ApiError::new(
                StatusCode::FORBIDDEN,
                "Origin: missing, and the cookie alone is not enough",
            )),
            Some((role, cookie)) => Ok(Caller { by: "cookie", role, cookie: Some(cookie) }),
            None => refused(
                "Authorization: needs `Bearer` and the token of this engine; a page logs in at /login",
            ),
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

/// A request that is not answered, and who sent it, if he has said so.
pub(super) struct Refused {
    pub(super) error: ApiError,
    pub(super) caller: Option<Caller>,
}

/// How a caller is known who has not said who he is.
const NOBODY: &str = "nobody";

/// What a viewer may post, as patterns of the router: nothing of it changes or sends anything.
const VIEWERS_MAY_POST: [&str; 4] =
    ["/api/preview", "/api/sessions/{session}/preview", "/api/login", "/api/logout"];

/// Whether this caller may send this.
fn check_rights<B>(request: &Request<B>, caller: Caller) -> Result<(), ApiError> {
    if request.method() != Method::POST {
        return Ok(());
    }
    if caller.role == Role::Viewer && !may_viewers_post(request) {
        return Err(ApiError::new(StatusCode::FORBIDDEN, "this token is one for viewers: it may only read"));
    }
    check_content_type(request)
}

fn may_viewers_post<B>(request: &Request<B>) -> bool {
    let page = request.extensions().get::<MatchedPath>();
    page.is_some_and(|page| VIEWERS_MAY_POST.contains(&page.as_str()))
}

/// What is answered without a token: probes carry no secrets, neither way, and the page and its login have none.
fn is_open(path: &str) -> bool {
    matches!(path, "/healthz" | "/readyz" | "/login" | "/api/login") || path.starts_with("/assets/")
}

/// The middleware: checks the request, and [marks](marked) the answer.
pub(super) async fn guard(State(guard): State<Guard>, mut request: Request, next: Next) -> Response {
    let caller = guard.check(&request);
    let what = Audited::of(&mut request, &caller);
    let response = match caller {
        Ok(caller) => {
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        // A page is opened by a person, who is led to where he can log in.
        Err(_)
            if request.uri().path() == "/" && request.method() == Method::GET && guard.tokens.is_some() =>
        {
            Redirect::to("/login").into_response()
        }
        Err(refused) => refused.error.into_response(),
    };
    what.answered(&response);
    marked(response)
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

/// Where a browser says from which site a request comes (Sec-Fetch-Site), it must be this one.
fn check_site<B>(request: &Request<B>) -> Result<(), ApiError> {
    let site = request.headers().get("sec-fetch-site").map(HeaderValue::as_bytes);
    if matches!(site, None | Some(b"same-origin" | b"none")) {
        return Ok(());
    }
    Err(ApiError::new(StatusCode::FORBIDDEN, "Sec-Fetch-Site: pages of other sites may not use this API"))
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
}
