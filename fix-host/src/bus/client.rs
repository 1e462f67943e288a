//! The contract from the other side: what the command line uses when it is given a Redis.

use std::time::Duration;

use redis::{Connection, RedisError, RedisResult, cmd};
use serde_json::{Map, Value};

use super::{
    keys::{EXECUTION_REPORTS, MARKET_DATA_SNAPSHOT, MARKET_DATA_STREAM, OUTGOING_ORDERS, SESSION_STATUS},
    url::RedisUrl,
};

const TIMEOUT: Duration = Duration::from_secs(2);
/// Prices come each second; a longer silence is none of theirs.
const SILENCE: Duration = Duration::from_secs(5);

/// A blocking client of the mailbox.
pub struct RedisClient {
    connection: Connection,
}

impl RedisClient {
    /// Connects within two seconds.
    ///
    /// # Errors
    /// Redis cannot be reached, or wants other credentials.
    pub fn connect(url: &RedisUrl) -> RedisResult<Self> {
        let mut connection = url.client()?.get_connection_with_timeout(TIMEOUT)?;
        connection.set_read_timeout(Some(TIMEOUT))?;
        connection.set_write_timeout(Some(TIMEOUT))?;
        cmd("PING").query::<()>(&mut connection)?;
        Ok(RedisClient { connection })
    }

    /// Queues an order or a cancel.
    ///
    /// # Errors
    /// Redis is away.
    pub fn push_order(&mut self, order: &Map<String, Value>) -> RedisResult<()> {
        let json = serde_json::to_string(order).unwrap_or_default();
        cmd("LPUSH").arg(OUTGOING_ORDERS).arg(json).query(&mut self.connection)
    }

    /// Those of the newest `depth` reports that concern an order, oldest first.
    ///
    /// # Errors
    /// Redis is away.
    pub fn reports(&mut self, cl_ord_id: &str, depth: usize) -> RedisResult<Vec<Value>> {
        let newest: Vec<String> = cmd("LRANGE")
            .arg(EXECUTION_REPORTS)
            .arg(0)
            .arg(depth.saturating_sub(1))
            .query(&mut self.connection)?;
        let reports = newest.iter().rev().filter_map(|json| serde_json::from_str::<Value>(json).ok());
        let concerns = |report: &Value| {
            ["clOrdID", "origClOrdID"]
                .iter()
                .any(|key| report.get(key).and_then(Value::as_str) == Some(cl_ord_id))
        };
        Ok(reports.filter(concerns).collect())
    }

    /// The value of `fix_session_status`, if an engine ever wrote one.
    ///
    /// # Errors
    /// Redis is away.
    pub fn status(&mut self) -> RedisResult<Option<String>> {
        cmd("GET").arg(SESSION_STATUS).query(&mut self.connection)
    }

    /// The latest prices, if an engine ever wrote some.
    ///
    /// # Errors
    /// Redis is away.
    pub fn prices(&mut self) -> RedisResult<Option<Value>> {
        let json: Option<String> = cmd("GET").arg(MARKET_DATA_SNAPSHOT).query(&mut self.connection)?;
        Ok(json.and_then(|json| serde_json::from_str(&json).ok()))
    }

    /// Gives each message of `market_data_stream` to `each` until that says false.
    ///
    /// # Errors
    /// Redis is away, or no price came for five seconds ([`RedisError::is_timeout`]).
    pub fn follow_prices(&mut self, mut each: impl FnMut(Value) -> bool) -> RedisResult<()> {
        let mut subscription = self.connection.as_pubsub();
        subscription.set_read_timeout(Some(SILENCE))?;
        subscription.subscribe(MARKET_DATA_STREAM)?;
        loop {
            let json: String = subscription.get_message()?.get_payload()?;
            let prices = serde_json::from_str(&json).map_err(|error| {
                RedisError::from((redis::ErrorKind::UnexpectedReturnType, "no prices", error.to_string()))
            })?;
            if !each(prices) {
                return Ok(());
            }
        }
    }
}
