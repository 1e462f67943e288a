//! Where Redis is.

use std::fmt;

use redis::{Client, ConnectionInfo, IntoConnectionInfo};

use crate::from_environment;

/// The address of a Redis server, and the credentials for it. Neither `Display` nor `Debug` shows the
/// credentials.
#[derive(Clone)]
pub struct RedisUrl(ConnectionInfo);

/// Not a usable address. Does not repeat the address, which may hold a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// Not of the form of a Redis URL.
    #[error("not a Redis URL; the form is redis://[user:password@]host[:port][/database]")]
    Form,
    /// `rediss://`
    #[error("rediss:// (Redis over TLS) is not built in; put a TLS tunnel in front, or use redis://")]
    Tls,
}

impl RedisUrl {
    /// Reads `redis://[user:password@]host[:port][/database]` or `unix:/path`.
    ///
    /// # Errors
    /// [`UrlError`].
    pub fn parse(url: &str) -> Result<Self, UrlError> {
        if url.starts_with("rediss:") {
            return Err(UrlError::Tls);
        }
        url.into_connection_info().map(RedisUrl).map_err(|_| UrlError::Form)
    }

    /// The address that the environment gives: in FIX_HOST_REDIS_URL, or in the file that FIX_HOST_REDIS_URL_FILE
    /// names. A password on the command line could be read by everybody on the machine.
    ///
    /// # Errors
    /// One line, without the address.
    pub fn from_environment() -> Result<Option<Self>, String> {
        let Some((url, place)) = from_environment::secret("FIX_HOST_REDIS_URL", "FIX_HOST_REDIS_URL_FILE")?
        else {
            return Ok(None);
        };
        Self::parse(&url).map(Some).map_err(|error| format!("{place}: {error}"))
    }

    /// Reads `host` or `host:port`; an IPv6 address stands in brackets.
    ///
    /// # Errors
    /// [`UrlError::Form`].
    pub fn from_host(host: &str) -> Result<Self, UrlError> {
        if host.is_empty() || host.contains(['/', '@', '?', '#']) {
            return Err(UrlError::Form);
        }
        Self::parse(&format!("redis://{host}/"))
    }

    pub(super) fn info(&self) -> &ConnectionInfo {
        &self.0
    }

    pub(super) fn client(&self) -> redis::RedisResult<Client> {
        Client::open(self.0.clone())
    }
}

impl fmt::Display for RedisUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.addr())?;
        match self.0.redis_settings().db() {
            0 => Ok(()),
            database => write!(f, "/{database}"),
        }
    }
}

impl fmt::Debug for RedisUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_never_shown() {
        let url = RedisUrl::parse("redis://trader:hunter2@localhost:6380/3").unwrap();
        assert_eq!(format!("{url} {url:?}"), "localhost:6380/3 localhost:6380/3");
        let error = RedisUrl::parse("http://trader:hunter2@localhost").unwrap_err();
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    }

    #[test]
    fn a_host_is_enough() {
        assert_eq!(RedisUrl::from_host("redis.example").unwrap().to_string(), "redis.example:6379");
        assert_eq!(RedisUrl::from_host("10.0.0.7:6400").unwrap().to_string(), "10.0.0.7:6400");
        assert_eq!(RedisUrl::from_host("a@b").err(), Some(UrlError::Form));
        assert_eq!(RedisUrl::from_host("").err(), Some(UrlError::Form));
        assert_eq!(RedisUrl::parse("rediss://x").err(), Some(UrlError::Tls));
    }
}
