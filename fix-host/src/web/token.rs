//! The tokens of the API, and the cookie that a page has in place of one.
//!
//! There are two: that of those who may do everything, and one for viewers, who may not trade. A page sends its token
//! once, to `/api/login`, and gets a cookie that no script can read (HttpOnly) and that no other site can make the
//! browser send (SameSite=Strict). The cookie says what its owner may do and until when, signed with the token: so it
//! outlives a restart of the engine (if that keeps [who logged out](super::logouts)), and ends with its token.

use std::{fmt, sync::Arc};

use ring::{
    hmac,
    rand::{SecureRandom, SystemRandom},
};
use subtle::ConstantTimeEq;

use super::logouts::Logouts;
use crate::from_environment;

/// The environment variable that holds the API's token.
const TOKEN_VARIABLE: &str = "FIX_HOST_API_TOKEN";
/// The environment variable that names a file with it.
const TOKEN_FILE_VARIABLE: &str = "FIX_HOST_API_TOKEN_FILE";
/// The environment variable that holds the token of viewers.
const READ_TOKEN_VARIABLE: &str = "FIX_HOST_API_READ_TOKEN";
/// The environment variable that names a file with it.
const READ_TOKEN_FILE_VARIABLE: &str = "FIX_HOST_API_READ_TOKEN_FILE";
/// The least length of a [`Token`], in bytes.
const MIN_TOKEN: usize = 16;
/// How long a cookie is good, in seconds: a trading day.
pub(super) const COOKIE_SECONDS: i64 = 12 * 3600;

/// Tells the cookie of one login from that of another.
pub(super) type CookieId = [u8; 16];

/// A cookie that was shown, by which it can be told again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cookie {
    pub(super) id: CookieId,
    /// When it ends, in seconds since 1970.
    pub(super) until: i64,
}

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
        Self::from_variables(TOKEN_VARIABLE, TOKEN_FILE_VARIABLE)
    }

    /// As [`from_environment`](Self::from_environment), the token of viewers: in FIX_HOST_API_READ_TOKEN, or in the file
    /// that FIX_HOST_API_READ_TOKEN_FILE names.
    ///
    /// # Errors
    /// One line, without the token, if there is something that is no token.
    pub fn of_viewers_from_environment() -> Result<Option<Self>, String> {
        Self::from_variables(READ_TOKEN_VARIABLE, READ_TOKEN_FILE_VARIABLE)
    }

    fn from_variables(variable: &str, file: &str) -> Result<Option<Self>, String> {
        let Some((text, place)) = from_environment::secret(variable, file)? else { return Ok(None) };
        let refused = || format!("{place}: must be at least 16 printable characters without blanks");
        Token::new(&text).map(Some).ok_or_else(refused)
    }

    /// The value of the Authorization header.
    pub(super) fn bearer(&self) -> String {
        format!("Bearer {}", self.0)
    }

    pub(super) fn is_same(&self, other: &Token) -> bool {
        self.is(other.0.as_bytes())
    }

    /// Compares in a time that depends on the length alone.
    pub(super) fn is(&self, text: &[u8]) -> bool {
        self.0.as_bytes().ct_eq(text).into()
    }

    fn key(&self) -> hmac::Key {
        hmac::Key::new(hmac::HMAC_SHA256, self.0.as_bytes())
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(***)")
    }
}

/// What a caller may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// Everything.
    Trader,
    /// Look.
    Viewer,
}

impl Role {
    pub(super) fn word(self) -> &'static str {
        match self {
            Role::Trader => "trader",
            Role::Viewer => "viewer",
        }
    }
}

/// The tokens of a listener.
#[derive(Clone, Debug)]
pub(super) struct Tokens {
    pub(super) trader: Token,
    pub(super) viewer: Option<Token>,
    pub(super) logouts: Logouts,
}

impl Tokens {
    /// Whose token this is.
    pub(super) fn role_of(&self, text: &[u8]) -> Option<Role> {
        self.all().find(|(_, token)| token.is(text)).map(|(role, _)| role)
    }

    fn all(&self) -> impl Iterator<Item = (Role, &Token)> {
        let viewer = self.viewer.as_ref().map(|token| (Role::Viewer, token));
        std::iter::once((Role::Trader, &self.trader)).chain(viewer)
    }

    /// The Set-Cookie of who has logged in at this port.
    pub(super) fn cookie(&self, role: Role, port: u16) -> Option<String> {
        let (_, token) = self.all().find(|(of, _)| *of == role)?;
        let mut id = CookieId::default();
        SystemRandom::new().fill(&mut id).ok()?;
        let cookie = Cookie { id, until: self.logouts.issue() + COOKIE_SECONDS };
        let tag = hex(hmac::sign(&token.key(), signed(role, cookie, port).as_bytes()).as_ref());
        let (word, id, until) = (role.word(), hex(&id), cookie.until);
        Some(format!("{}={word}.{id}.{until}.{tag}; {}; Max-Age={COOKIE_SECONDS}", name(port), ATTRIBUTES))
    }

    /// What the owner of these cookies may do, and the one that says so.
    pub(super) fn role_of_cookies(&self, cookies: &str, port: u16) -> Option<(Role, Cookie)> {
        let name = name(port);
        let values = cookies.split(';').filter_map(|one| one.trim().split_once('='));
        values.filter(|(of, _)| *of == name).find_map(|(_, value)| self.role_of_cookie(value, port))
    }

    fn role_of_cookie(&self, value: &str, port: u16) -> Option<(Role, Cookie)> {
        let mut parts = value.split('.');
        let (word, id, until, tag) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() {
            return None;
        }
        let (role, token) = self.all().find(|(role, _)| role.word() == word)?;
        let cookie = Cookie { id: bytes_of(id)?.try_into().ok()?, until: until.parse().ok()? };
        let is_ours = hmac::verify(&token.key(), signed(role, cookie, port).as_bytes(), &bytes_of(tag)?);
        (is_ours.is_ok() && self.logouts.is_good(cookie)).then_some((role, cookie))
    }
}

/// Of all pages of this host, and for no script.
const ATTRIBUTES: &str = "Path=/; HttpOnly; SameSite=Strict";

/// The Set-Cookie of who logs out at this port.
pub(super) fn no_cookie(port: u16) -> String {
    format!("{}=; {ATTRIBUTES}; Max-Age=0", name(port))
}

/// A browser has one set of cookies for all ports of a host.
fn name(port: u16) -> String {
    format!("fix-host-{port}")
}

fn signed(role: Role, Cookie { id, until }: Cookie, port: u16) -> String {
    format!("fix-host cookie|{}|{}|{until}|{port}", role.word(), hex(&id))
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The bytes of what [`hex`] wrote, 32 at most.
pub(super) fn bytes_of(hex: &str) -> Option<Vec<u8>> {
    let is_hex =
        hex.len().is_multiple_of(2) && hex.len() <= 64 && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
    let pairs = (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(hex.get(at..at + 2)?, 16).ok());
    if is_hex { pairs.collect() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens() -> Tokens {
        let token = |text| Token::new(text).unwrap();
        let logouts = Logouts::open(None);
        Tokens { trader: token("0123456789abcdef"), viewer: Some(token("viewer-viewer-viewer")), logouts }
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

    #[test]
    fn a_cookie_is_good_for_its_role_its_port_and_its_time_alone() {
        let tokens = tokens();
        for role in [Role::Trader, Role::Viewer] {
            let set = tokens.cookie(role, 8050).unwrap();
            assert!(
                set.contains("; HttpOnly; SameSite=Strict;") && !set.contains("0123456789abcdef;"),
                "{set}"
            );
            let cookie = set.split(';').next().unwrap();
            let known = tokens.role_of_cookies(&format!("a=b; {cookie}; c"), 8050);
            assert_eq!(known.map(|(role, _)| role), Some(role));
            assert_eq!(tokens.role_of_cookies(&cookie.replace("8050", "8051"), 8051), None, "another port");
            let (start, tag) = cookie.rsplit_once('.').unwrap();
            let (head, until) = start.rsplit_once('.').unwrap();
            let later = until.parse::<i64>().unwrap() + 1;
            for forged in [
                format!("{start}.{}", "0".repeat(64)),
                format!("{start}.{}", &tag[..62]),
                format!("{start}.{tag}00"),
                format!("{start}."),
                format!("{head}.{later}.{tag}"),
                format!("{head}.0.{tag}"),
                format!("{}.{until}.{tag}", &head[..head.len() - 2]),
                cookie.replacen(&head[head.len() - 32..], &"0".repeat(32), 1),
                cookie.replace("viewer.", "trader.").replacen(
                    "trader.",
                    "viewer.",
                    usize::from(role == Role::Trader),
                ),
                "fix-host-8050=".to_owned(),
                format!("x{cookie}"),
            ] {
                assert_eq!(tokens.role_of_cookies(&forged, 8050), None, "{forged}");
            }
            let another = tokens.cookie(role, 8050).unwrap();
            tokens.logouts.end(known.unwrap().1).unwrap();
            assert_eq!(tokens.role_of_cookies(cookie, 8050), None, "logged out");
            assert!(
                tokens.role_of_cookies(another.split(';').next().unwrap(), 8050).is_some(),
                "another login"
            );
        }
        let trader = Token::new("another-token-here").unwrap();
        let other = Tokens { trader, viewer: None, logouts: Logouts::open(None) };
        let cookie = other.cookie(Role::Trader, 8050).unwrap();
        assert_eq!(tokens.role_of_cookies(&cookie, 8050), None, "another token");
        assert!(other.cookie(Role::Viewer, 8050).is_none());
    }
}
