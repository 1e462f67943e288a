//! A connection that comes back.

use std::time::Duration;

use redis::{RedisError, RedisResult, cmd};
use tokio::{
    sync::watch,
    time::{Instant, timeout},
};

use super::{
    connection::{Connection, Name, timed_out},
    url::RedisUrl,
};
use crate::observe::Board;

const CONNECTION_TIMEOUT: Duration = Duration::from_secs(2);
/// How long a connection that could not be ended may still do something: Redis reads at once what had reached it, and
/// notices then that the connection is closed.
const MAY_ACT: Duration = Duration::from_secs(10);
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Connects, and connects again after ever longer pauses.
pub(super) struct Link {
    url: RedisUrl,
    pause: Duration,
    /// The last error logged; the same one again stays silent.
    logged: Option<String>,
    /// Is told whether Redis answers.
    board: Option<Board>,
    /// The connection that was made last, as Redis knows it. What it asked for may be done when it has gone: a Redis that
    /// was stopped for a while then moves entries for nobody.
    last: Last,
    /// Until then one that could not be ended may do something.
    may_act_until: Option<Instant>,
}

enum Last {
    None,
    Known(Name),
    Unknown,
}

impl Link {
    /// `board` is told whether Redis answers; `None`: nobody is.
    pub(super) fn new(url: RedisUrl, board: Option<Board>) -> Self {
        Link { url, pause: FIRST_PAUSE, logged: None, board, last: Last::None, may_act_until: None }
    }

    /// Connects as soon as it can be done; `None` when `stop` turned true. Of the connection before nothing more comes,
    /// unless it [may still act](Self::may_still_act).
    pub(super) async fn connect(&mut self, stop: &mut watch::Receiver<bool>) -> Option<Connection> {
        loop {
            let tried = tokio::select! {
                biased;
                _ = stop.wait_for(|stop| *stop) => return None,
                tried = self.connect_after_the_last() => tried,
            };
            match tried {
                Ok(connection) => return Some(connection),
                Err(error) => self.failed(&error, None, stop).await,
            }
        }
    }

    async fn connect_after_the_last(&mut self) -> RedisResult<Connection> {
        let mut connection = self.try_connect().await?;
        let is_ended = match &self.last {
            Last::None => true,
            Last::Unknown => false,
            Last::Known(name) => {
                let mut kill = cmd("CLIENT");
                kill.arg(&["KILL", "ID", &name.id, "ADDR", &name.addr]);
                match kill.query_async::<()>(&mut connection).await {
                    Ok(()) => true,
                    // An account may be forbidden to.
                    Err(error) if error.code().is_some() => false,
                    Err(error) => return Err(error),
                }
            }
        };
        if !is_ended {
            self.may_act_until = Some(Instant::now() + MAY_ACT);
        }
        self.last = connection.name().map_or(Last::Unknown, |name| Last::Known(name.clone()));
        Ok(connection)
    }

    /// True while a connection before this one may do something, because Redis did not let it be ended.
    pub(super) fn may_still_act(&mut self) -> bool {
        self.may_act_until = self.may_act_until.filter(|until| Instant::now() < *until);
        self.may_act_until.is_some()
    }

    /// Connects if it can be done now.
    ///
    /// # Errors
    /// Why it cannot.
    pub(super) async fn try_connect(&self) -> RedisResult<Connection> {
        let opened = timeout(CONNECTION_TIMEOUT, Connection::open(self.url.info())).await;
        opened.unwrap_or_else(|_| Err(timed_out()))
    }

    /// A command succeeded: the next failure is a new one.
    pub(super) fn works(&mut self) {
        self.pause = FIRST_PAUSE;
        self.tell(true);
        if self.logged.take().is_some() {
            tracing::info!("Redis at {} is back", self.url);
        }
    }

    /// Says what went wrong, in the words of `reason` if there are better ones than the error's, once, and pauses; a
    /// stop ends the pause.
    pub(super) async fn failed(
        &mut self,
        error: &RedisError,
        reason: Option<String>,
        stop: &mut watch::Receiver<bool>,
    ) {
        self.tell(false);
        let text = reason.unwrap_or_else(|| error.to_string());
        if self.logged.as_ref() != Some(&text) {
            tracing::warn!("Redis at {}: {text}; trying again until it works", self.url);
            self.logged = Some(text);
        }
        let pause = self.pause;
        self.pause = (pause * 2).min(LONGEST_PAUSE);
        // Either outcome means: go on.
        let _ = timeout(pause, stop.wait_for(|stop| *stop)).await;
    }

    fn tell(&self, is_up: bool) {
        if let Some(board) = &self.board {
            board.put_redis(is_up);
        }
    }
}

/// Which of `keys` is not of its type, and what to do; `None` if `error` says nothing of types. Redis itself does not
/// name the key.
pub(super) async fn wrong_types(
    connection: &mut Connection,
    error: &RedisError,
    keys: &[(&str, &str)],
) -> Option<String> {
    if error.code() != Some("WRONGTYPE") {
        return None;
    }
    for (key, wanted) in keys {
        let found: String = redis::cmd("TYPE").arg(key).query_async(connection).await.ok()?;
        if found != *wanted && found != "none" {
            return Some(format!(
                "the key {key} is a {found} and must be a {wanted}: another program uses it, rename or delete it"
            ));
        }
    }
    None
}
