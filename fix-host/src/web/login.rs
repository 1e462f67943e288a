//! Logging in with a token and out again, for pages.

use std::time::Duration;

use axum::{
    Extension, Json,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use serde_json::json;

use super::{
    audit::Subject,
    body::TimelyBody,
    error::ApiError,
    guard::{Caller, Guard},
    token::no_cookie,
};

/// So long a wrong token waits for its answer.
const WRONG_TOKEN: Duration = Duration::from_millis(300);

/// The body of `login`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Login {
    token: String,
}

/// `POST /api/login`
pub(super) async fn login(
    Extension(guard): Extension<Guard>,
    Extension(subject): Extension<Subject>,
    TimelyBody(body): TimelyBody,
) -> Result<Response, ApiError> {
    let Some(tokens) = guard.tokens() else {
        return Err(ApiError::new(StatusCode::CONFLICT, "this engine has no token: nobody has to log in"));
    };
    // What is wrong with the body is not said in its own words: the token is in it.
    let what = || ApiError::bad_request(r#"the body must be JSON like {"token":".."}"#);
    let Login { token } = serde_json::from_slice(&body).map_err(|_| what())?;
    let cookie = tokens.role_of(token.as_bytes()).and_then(|role| {
        let cookie = tokens.cookie(role, guard.port())?;
        Some((role, cookie))
    });
    let Some((role, cookie)) = cookie else {
        tokio::time::sleep(WRONG_TOKEN).await;
        return Err(ApiError::new(StatusCode::UNAUTHORIZED, "that is not a token of this engine"));
    };
    subject.has_role(role);
    Ok(([(header::SET_COOKIE, cookie)], Json(json!({ "role": role.word() }))).into_response())
}

/// `POST /api/logout`: from now on the cookie is good for nothing, whoever has a copy of it, and what was followed with
/// it ends.
pub(super) async fn logout(
    Extension(guard): Extension<Guard>,
    Extension(caller): Extension<Caller>,
) -> Response {
    let set_cookie = [(header::SET_COOKIE, no_cookie(guard.port()))];
    if let (Some(tokens), Some(cookie)) = (guard.tokens(), caller.cookie) {
        let logouts = tokens.logouts.clone();
        let written = tokio::task::spawn_blocking(move || logouts.end(cookie)).await;
        if let Err(error) = written.map_err(std::io::Error::other).flatten() {
            let text = format!(
                "logged out, but after a restart of the engine the cookie would be good again, as that was not written down: {error}"
            );
            return (set_cookie, ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, text)).into_response();
        }
    }
    (set_cookie, Json(json!({ "status": "logged out" }))).into_response()
}
