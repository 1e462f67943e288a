//! Orders on their way from Redis to here.

use redis::{FromRedisValue, Pipeline, RedisResult, Value, aio::ConnectionLike, cmd, pipe};

use super::{
    MOST_AT_ONCE,
    batch::{ENGINE, SETTLED},
};
use crate::bus::{
    connection::Connection,
    keys::{HALT, OUTGOING_ORDERS, PROCESSING, PROGRESS},
};

/// How long Redis holds a BLMOVE open; a stop is noticed that fast, and must be well within the time that an engine
/// which ends gives to the orders in hand.
const BLOCK_SECONDS: &str = "0.2";
/// Bytes of a batch, as far as can be told before: entries are a few hundred bytes long, and may be of any length.
const MOST_BYTES: usize = 1 << 20;

/// What was taken in one round trip, oldest first.
pub(super) struct Taken {
    pub(super) entries: Vec<Vec<u8>>,
    /// What was seen behind the last entry, so that a halt that was set before an order holds for it; until it is used.
    pub(super) signs: Option<Signs>,
}

/// What others say in Redis.
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
    pub(super) async fn look(connection: &mut Connection) -> RedisResult<Self> {
        let commands = Self::ask();
        Self::seen(connection.req_packed_commands(&commands, 0, commands.len()).await?)
    }

    /// The commands whose answers [say](Self::seen) it.
    pub(super) fn ask() -> Pipeline {
        let mut commands = pipe();
        Self::ask_too(&mut commands);
        commands
    }

    fn ask_too(commands: &mut Pipeline) {
        commands.cmd("HMGET").arg(PROGRESS).arg(&[ENGINE, SETTLED]).cmd("GET").arg(HALT);
    }

    pub(super) fn seen(answers: Vec<Value>) -> RedisResult<Self> {
        let ((engine, settled), halt) =
            FromRedisValue::from_redis_value(Value::Array(answers).extract_error()?)?;
        Ok(Signs { halt, engine, settled })
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
    /// True if entries waited behind those that came last.
    pub(super) fn knows_of_more(&self) -> bool {
        self.more > 0
    }

    /// Asks for as many entries as are known to wait, and one; with `waits` a moment passes until there is one.
    pub(super) fn ask(&self, waits: bool) -> Pipeline {
        let mut commands = pipe();
        let mut first = if waits { cmd("BLMOVE") } else { cmd("LMOVE") };
        first.arg(OUTGOING_ORDERS).arg(PROCESSING).arg("RIGHT").arg("LEFT");
        if waits {
            first.arg(BLOCK_SECONDS);
        }
        commands.add_command(first);
        for _ in 0..self.more {
            commands.cmd("LMOVE").arg(OUTGOING_ORDERS).arg(PROCESSING).arg("RIGHT").arg("LEFT");
        }
        commands.cmd("LLEN").arg(OUTGOING_ORDERS);
        Signs::ask_too(&mut commands);
        commands
    }

    /// What the answers say to what was [asked](Self::ask) for.
    pub(super) fn taken(&mut self, mut answers: Vec<Value>) -> RedisResult<Taken> {
        let signs = answers.split_off(answers.len().saturating_sub(2));
        let waiting = answers.pop().unwrap_or(Value::Nil);
        let moved: Vec<Option<Vec<u8>>> =
            FromRedisValue::from_redis_value(Value::Array(answers).extract_error()?)?;
        let entries: Vec<Vec<u8>> = moved.into_iter().flatten().collect();
        let waiting = usize::from_redis_value(waiting.extract_error()?)?;
        let bytes: usize = entries.iter().map(Vec::len).sum();
        let most = MOST_BYTES / (bytes / entries.len().max(1)).max(1);
        self.more = waiting.min(MOST_AT_ONCE - 1).min(most);
        Ok(Taken { entries, signs: Some(Signs::seen(signs)?) })
    }
}
