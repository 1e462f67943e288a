//! Orders on their way from Redis to here.

use redis::{ErrorKind, FromRedisValue, Pipeline, RedisResult, Value, aio::MultiplexedConnection, pipe};

use super::{
    MOST_AT_ONCE,
    batch::{ENGINE, SETTLED},
};
use crate::bus::keys::{HALT, OUTGOING_ORDERS, PROCESSING, PROGRESS};

/// How long Redis holds a BLMOVE open; a stop is noticed that fast, and must be well within the time that an engine
/// which ends gives to the orders in hand.
const BLOCK_SECONDS: &str = "0.2";
/// Bytes of a batch, as far as can be told before: entries are a few hundred bytes long, and may be of any length.
const MOST_BYTES: usize = 1 << 20;

/// What was taken in one round trip, oldest first.
pub(super) struct Taken {
    pub(super) entries: Vec<Vec<u8>>,
    /// What was seen behind the last entry, so that a halt that was set before an order holds for it.
    pub(super) signs: Signs,
}

/// What others say in Redis.
#[derive(Clone)]
pub(super) struct Signs {
    /// The value of [`HALT`].
    pub(super) halt: Option<Vec<u8>>,
    /// The engine that noted its journals last.
    pub(super) engine: Option<String>,
    /// The batch that was settled last before [`Self::halt`] was read: it tells how old that is.
    pub(super) settled: Option<String>,
}

impl Taken {
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }
}

impl Signs {
    /// Looks now.
    pub(super) async fn look(connection: &mut MultiplexedConnection) -> RedisResult<Self> {
        let mut commands = pipe();
        Self::ask(&mut commands);
        let ((engine, settled), halt) = commands.query_async(connection).await?;
        Ok(Signs { halt, engine, settled })
    }

    fn ask(commands: &mut Pipeline) {
        commands.cmd("HMGET").arg(PROGRESS).arg(&[ENGINE, SETTLED]).cmd("GET").arg(HALT);
    }
}

/// Takes as many entries as wait.
#[derive(Default)]
pub(super) struct Taker {
    /// How many are asked for beside the one that is waited for: as many as were there the last time. An order that
    /// comes alone then costs Redis one move, and a queue of them one round trip a batch.
    more: usize,
}

impl Taker {
    /// Waits a moment for an entry, and takes those behind it. Not to be dropped half-way.
    pub(super) async fn take(&mut self, connection: &mut MultiplexedConnection) -> RedisResult<Taken> {
        let mut commands = pipe();
        commands
            .cmd("BLMOVE")
            .arg(OUTGOING_ORDERS)
            .arg(PROCESSING)
            .arg("RIGHT")
            .arg("LEFT")
            .arg(BLOCK_SECONDS);
        for _ in 0..self.more {
            commands.cmd("LMOVE").arg(OUTGOING_ORDERS).arg(PROCESSING).arg("RIGHT").arg("LEFT");
        }
        commands.cmd("LLEN").arg(OUTGOING_ORDERS);
        Signs::ask(&mut commands);
        let mut values: Vec<Value> = commands.query_async(connection).await?;
        let (Some(halt), Some(progress), Some(waiting)) = (values.pop(), values.pop(), values.pop()) else {
            return Err((ErrorKind::UnexpectedReturnType, "fewer answers than commands").into());
        };
        let moved = values.into_iter().map(<Option<Vec<u8>>>::from_redis_value);
        let entries: Vec<Vec<u8>> = moved.filter_map(Result::transpose).collect::<Result<_, _>>()?;
        let waiting = usize::from_redis_value(waiting)?;
        let bytes: usize = entries.iter().map(Vec::len).sum();
        let most = MOST_BYTES / (bytes / entries.len().max(1)).max(1);
        self.more = waiting.min(MOST_AT_ONCE - 1).min(most);
        let (engine, settled) = FromRedisValue::from_redis_value(progress)?;
        Ok(Taken { entries, signs: Signs { halt: Option::from_redis_value(halt)?, engine, settled } })
    }
}
