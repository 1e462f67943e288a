//! The running engine, as the client commands reach it: through its HTTP API or through Redis.

use std::{
    fmt::Display,
    io, thread,
    time::{Duration, Instant},
};

use clap::Args;
use redis::RedisError;
use serde_json::{Map, Value};

use crate::{
    bus::{REPORTS_CAP, RedisClient, RedisUrl},
    exit,
    web::{ApiClient, ClientError, Token, encode_segment},
};

/// How often Redis is asked for new reports.
const POLL: Duration = Duration::from_millis(100);
/// How many reports such a look takes in.
const POLL_DEPTH: usize = 1000;

/// Where an engine is that was not told another address.
const DEFAULT_API: &str = "http://127.0.0.1:8050";

/// Where the engine is.
#[derive(Args, Debug)]
#[command(next_help_heading = "Where the engine is")]
pub(super) struct RemoteArgs {
    /// The engine's HTTP API, http://127.0.0.1:8050 if nothing else is given; its token, if it has one, is read from
    /// FIX_HOST_API_TOKEN, or from the file that FIX_HOST_API_TOKEN_FILE names
    #[arg(long, value_name = "URL")]
    api: Option<String>,
    /// Talk to the engine through this Redis instead
    #[arg(long, value_name = "HOST[:PORT]", conflicts_with = "api")]
    redis_host: Option<String>,
    /// The same, as redis://[user:password@]host[:port][/database]; where nothing else is given, it is read from
    /// FIX_HOST_REDIS_URL, or from the file that FIX_HOST_REDIS_URL_FILE names, as the engine does
    #[arg(long, value_name = "URL", conflicts_with_all = ["api", "redis_host"])]
    redis_url: Option<String>,
}

/// Why a client command ends early.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) code: u8,
    /// One line; none when the reader of our output went away, which is no failure worth a word.
    pub(super) text: Option<String>,
}

impl Failure {
    pub(super) fn new(code: u8, text: impl Display) -> Self {
        Failure { code, text: Some(text.to_string()) }
    }

    /// Prints the line, if there is one, and gives the exit code.
    pub(super) fn exit(self) -> std::process::ExitCode {
        match self.text {
            Some(text) => exit::fail(self.code, text),
            None => self.code.into(),
        }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Failure { code: exit::OK, text: None },
            _ => Failure::new(exit::STORE_IO, format_args!("standard output: {error}")),
        }
    }
}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Self {
        let code = match &error {
            ClientError::Url(_) => exit::USAGE,
            ClientError::Unreachable { .. }
            | ClientError::NotAnEngine { .. }
            | ClientError::Unavailable { .. } => exit::UNAVAILABLE,
            ClientError::TimedOut { .. } => exit::TIME_OUT,
            ClientError::Unauthorized { .. } => exit::AUTHENTICATION,
            ClientError::Refused { .. } | ClientError::NotKnown { .. } => exit::REJECTED,
        };
        Failure::new(code, error)
    }
}

/// An engine that can be asked.
pub(super) enum Remote {
    Api(ApiClient),
    Redis { url: RedisUrl, client: Box<RedisClient> },
}

/// How the engine took an order.
pub(super) enum Placed {
    /// Sent, as the message with this MsgSeqNum.
    Sent(u64),
    /// In Redis; what the engine makes of it comes as a report.
    Queued,
}

impl Remote {
    /// Checks the arguments, and with Redis connects.
    pub(super) fn open(args: &RemoteArgs) -> Result<Self, Failure> {
        let usage = |error: &dyn Display| Failure::new(exit::USAGE, error);
        let url = match (&args.redis_url, &args.redis_host, &args.api) {
            (Some(url), ..) => Some(RedisUrl::parse(url).map_err(|error| usage(&error))?),
            (_, Some(host), _) => Some(RedisUrl::from_host(host).map_err(|error| usage(&error))?),
            (.., Some(_)) => None,
            _ => RedisUrl::from_environment().map_err(|error| usage(&error))?,
        };
        let Some(url) = url else {
            let token = Token::from_environment().map_err(|error| usage(&error))?;
            let api = args.api.as_deref().unwrap_or(DEFAULT_API);
            return Ok(Remote::Api(ApiClient::new(api, token)?));
        };
        match RedisClient::connect(&url) {
            Ok(client) => Ok(Remote::Redis { url, client: Box::new(client) }),
            Err(error) => Err(unavailable(&url, &error)),
        }
    }

    /// An order as the engine knows it; `None` if it does not, or is reached through Redis.
    pub(super) fn order(&mut self, cl_ord_id: &str) -> Result<Option<Map<String, Value>>, Failure> {
        match self {
            Remote::Api(client) => match client.get(&format!("/api/orders/{}", encode_segment(cl_ord_id))) {
                Ok(answer) => Ok(answer.get("order").and_then(Value::as_object).cloned()),
                Err(ClientError::NotKnown { .. }) => Ok(None),
                Err(error) => Err(error.into()),
            },
            Remote::Redis { .. } => Ok(None),
        }
    }

    /// Hands over a new order, a cancel or a replacement.
    pub(super) fn place(&mut self, order: &Map<String, Value>) -> Result<Placed, Failure> {
        match self {
            Remote::Api(client) => {
                let path = match order.get("type").and_then(Value::as_str) {
                    Some("CANCEL") => "/api/cancels",
                    Some("REPLACE") => "/api/replaces",
                    _ => "/api/orders",
                };
                let answer = client.post(path, order)?;
                Ok(Placed::Sent(answer.get("msgSeqNum").and_then(Value::as_u64).unwrap_or_default()))
            }
            Remote::Redis { url, client } => {
                client.push_order(order).map_err(|error| unavailable(url, &error))?;
                Ok(Placed::Queued)
            }
        }
    }

    /// All reports of an order as soon as there are more than `seen`, or at the deadline.
    pub(super) fn reports(
        &mut self,
        cl_ord_id: &str,
        seen: usize,
        deadline: Instant,
    ) -> Result<Vec<Value>, Failure> {
        match self {
            Remote::Api(client) => {
                let wait = deadline.saturating_duration_since(Instant::now());
                Ok(client.reports(cl_ord_id, seen, wait)?)
            }
            Remote::Redis { url, client } => loop {
                let reports =
                    client.reports(cl_ord_id, POLL_DEPTH).map_err(|error| unavailable(url, &error))?;
                if reports.len() > seen || Instant::now() >= deadline {
                    return Ok(reports);
                }
                thread::sleep(POLL.min(deadline.saturating_duration_since(Instant::now())));
            },
        }
    }

    /// All reports of an order that the engine or Redis still has.
    pub(super) fn history(&mut self, cl_ord_id: &str) -> Result<Vec<Value>, Failure> {
        match self {
            Remote::Api(client) => Ok(client.reports(cl_ord_id, 0, Duration::ZERO)?),
            Remote::Redis { url, client } => {
                client.reports(cl_ord_id, REPORTS_CAP).map_err(|error| unavailable(url, &error))
            }
        }
    }

    /// The latest prices.
    pub(super) fn prices(&mut self) -> Result<Value, Failure> {
        match self {
            Remote::Api(client) => Ok(client.get("/api/prices")?),
            Remote::Redis { url, client } => match client.prices() {
                Ok(Some(prices)) => Ok(prices),
                Ok(None) => Err(silent(url, "no prices")),
                Err(error) => Err(unavailable(url, &error)),
            },
        }
    }

    /// Gives prices to `each` as they come, until that fails or the engine ends.
    pub(super) fn follow_prices(
        &mut self,
        mut each: impl FnMut(Value) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        match self {
            Remote::Api(client) => {
                for prices in client.price_stream()? {
                    each(prices?)?;
                }
                Err(Failure::new(exit::UNAVAILABLE, "the engine has ended"))
            }
            Remote::Redis { url, client } => {
                let mut result = Ok(());
                let followed = client.follow_prices(|prices| {
                    result = each(prices);
                    result.is_ok()
                });
                match followed {
                    Ok(()) => result,
                    Err(error) if error.is_timeout() => Err(silent(url, "no prices for 5 s")),
                    Err(error) => Err(unavailable(url, &error)),
                }
            }
        }
    }

    /// The engine's status page, or as much of one as Redis has.
    pub(super) fn status(&mut self) -> Result<Value, Failure> {
        match self {
            Remote::Api(client) => Ok(client.get("/api/status")?),
            Remote::Redis { url, client } => match client.status() {
                Ok(Some(status)) => Ok(serde_json::json!({ "status": status })),
                Ok(None) => Err(silent(url, "no session status")),
                Err(error) => Err(unavailable(url, &error)),
            },
        }
    }

    /// What to do when no answer came.
    pub(super) fn silence_hint(&self) -> String {
        match self {
            Remote::Api(_) => format!("`{} status` tells how the session is", exit::program()),
            Remote::Redis { url, .. } => {
                format!("is an engine running on this Redis? ({} start --redis-host {url})", exit::program())
            }
        }
    }
}

fn unavailable(url: &RedisUrl, error: &RedisError) -> Failure {
    let text = if error.is_timeout() {
        format!("Redis at {url} gave no answer in time; it hangs, is out of reach, or is no Redis")
    } else if error.is_connection_refusal() {
        format!("Redis at {url}: nothing listens; is redis-server running there?")
    } else {
        format!("Redis at {url}: {error}")
    };
    Failure::new(exit::UNAVAILABLE, text)
}

fn silent(url: &RedisUrl, what: &str) -> Failure {
    Failure::new(
        exit::UNAVAILABLE,
        format_args!(
            "Redis at {url} has {what}; start an engine with `{} start --redis-host {url}`",
            exit::program()
        ),
    )
}
