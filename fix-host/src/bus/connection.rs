//! A connection to Redis on which the task that asks writes and reads by itself. The connection that the crate `redis`
//! makes has a task of its own, which costs each answer two changes of task; its commands, values and errors are used.

use std::{io, pin::Pin, time::Duration};

use redis::{
    Cmd, ConnectionAddr, ConnectionInfo, ErrorKind, Pipeline, RedisError, RedisFuture, RedisResult, Value,
    aio::ConnectionLike, cmd, pipe,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpStream, UnixStream},
    time::{Instant, Sleep, sleep},
};

use super::answers::Answers;

/// Longer than any command may block, see `reader::taker::BLOCK_SECONDS`.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(3);
/// Bytes read in one go, at least.
const AT_ONCE: usize = 16 * 1024;

/// A connection, RESP2. Who breaks off waiting for an answer cannot use it any more.
pub(super) struct Connection {
    stream: Box<dyn Stream>,
    answers: Answers,
    /// An answer is waited for, or is not waited for any more: what comes next would be taken for another one.
    is_busy: bool,
    /// Commands that go out with the next ones.
    out: Vec<u8>,
    patience: Patience,
    db: i64,
    name: Option<Name>,
}

/// By what Redis tells a connection from all others, those of another run of Redis too.
#[derive(Clone)]
pub(super) struct Name {
    pub(super) id: String,
    /// Host and port from which it came.
    pub(super) addr: String,
}

/// What bytes go through.
trait Stream: AsyncRead + AsyncWrite + Unpin + Send + Sync {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send + Sync> Stream for T {}

impl Connection {
    /// Connects and logs in.
    ///
    /// # Errors
    /// Redis cannot be reached, or wants other credentials.
    pub(super) async fn open(info: &ConnectionInfo) -> RedisResult<Self> {
        let stream: Box<dyn Stream> = match info.addr() {
            ConnectionAddr::Tcp(host, port) => {
                let stream = TcpStream::connect((host.as_str(), *port)).await?;
                stream.set_nodelay(true)?;
                Box::new(stream)
            }
            ConnectionAddr::Unix(path) => Box::new(UnixStream::connect(path).await?),
            _ => return Err((ErrorKind::InvalidClientConfig, "Redis over TLS is not built in").into()),
        };
        let settings = info.redis_settings();
        let mut connection = Connection {
            stream,
            answers: Answers::default(),
            is_busy: false,
            out: Vec::new(),
            patience: Patience::new(),
            db: settings.db(),
            name: None,
        };
        if let Some(password) = settings.password() {
            let mut auth = cmd("AUTH");
            let auth = settings.username().iter().fold(&mut auth, |auth, name| auth.arg(name)).arg(password);
            // The answer to a wrong password holds no part of it.
            auth.query_async::<()>(&mut connection).await?;
        }
        if settings.db() != 0 {
            cmd("SELECT").arg(settings.db()).query_async::<()>(&mut connection).await?;
        }
        let mut about = pipe();
        about.cmd("CLIENT").arg(&["SETNAME", "fix-host"]);
        about.cmd("CLIENT").arg("INFO");
        // Neither is needed, and an account may be forbidden both.
        if let Some(Value::BulkString(info)) = connection.req_packed_commands(&about, 0, 2).await?.pop() {
            connection.name = Name::read(&info);
        }
        Ok(connection)
    }

    /// Its name in Redis, if that says it.
    pub(super) fn name(&self) -> Option<&Name> {
        self.name.as_ref()
    }

    /// `commands` go out in the same write as what is asked for next. Their answers, as many as are returned, are to be
    /// [read](Self::read) before those of that.
    pub(super) fn put(&mut self, commands: &Pipeline) -> usize {
        if !commands.is_transaction() {
            commands.cmd_iter().for_each(|command| command.write_packed_command(&mut self.out));
            return commands.len();
        }
        cmd("MULTI").write_packed_command(&mut self.out);
        commands.cmd_iter().for_each(|command| command.write_packed_command(&mut self.out));
        cmd("EXEC").write_packed_command(&mut self.out);
        // MULTI and EXEC have answers too.
        commands.len() + 2
    }

    /// Writes what was [put](Self::put).
    ///
    /// # Errors
    /// The connection broke, or Redis did not take it in time.
    pub(super) async fn write(&mut self) -> RedisResult<()> {
        self.begin()?;
        let Connection { stream, out, patience, .. } = self;
        let written = async { stream.write_all(out).await };
        tokio::select! {
            biased;
            written = written => written?,
            () = patience.ends() => return Err(timed_out()),
        }
        self.out.clear();
        self.is_busy = false;
        Ok(())
    }

    /// The next `count` answers. A failed command is an answer.
    ///
    /// # Errors
    /// The connection broke, or Redis did not answer in time.
    pub(super) async fn read(&mut self, count: usize) -> RedisResult<Vec<Value>> {
        self.begin()?;
        let Connection { stream, answers, patience, .. } = self;
        let mut values = Vec::with_capacity(count);
        while values.len() < count {
            if let Some(value) = answers.next()? {
                values.push(value);
                continue;
            }
            let read = tokio::select! {
                biased;
                read = stream.read_buf(answers.room(AT_ONCE)) => read?,
                () = patience.ends() => return Err(timed_out()),
            };
            if read == 0 {
                return Err(
                    io::Error::new(io::ErrorKind::UnexpectedEof, "Redis closed the connection").into()
                );
            }
        }
        self.is_busy = false;
        Ok(values)
    }

    fn begin(&mut self) -> RedisResult<()> {
        if self.is_busy {
            let error = io::Error::new(io::ErrorKind::NotConnected, "the connection broke before");
            return Err(error.into());
        }
        self.is_busy = true;
        self.patience.begin();
        Ok(())
    }
}

impl Name {
    /// Out of what CLIENT INFO says. What came through a Unix socket has no port of its own.
    fn read(info: &[u8]) -> Option<Self> {
        let info = std::str::from_utf8(info).ok()?;
        let get = |key: &str| {
            info.split_ascii_whitespace().find_map(|pair| pair.strip_prefix(key)).map(str::to_owned)
        };
        let (id, addr) = get("id=").zip(get("addr="))?;
        (!addr.ends_with(":0")).then_some(Name { id, addr })
    }
}

impl ConnectionLike for Connection {
    fn req_packed_command<'a>(&'a mut self, command: &'a Cmd) -> RedisFuture<'a, Value> {
        Box::pin(async move {
            command.write_packed_command(&mut self.out);
            self.write().await?;
            Ok(self.read(1).await?.pop().unwrap_or(Value::Nil))
        })
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        commands: &'a Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        Box::pin(async move {
            let all = self.put(commands);
            debug_assert_eq!(all, offset + count);
            self.write().await?;
            results(self.read(all).await?, offset)
        })
    }

    fn get_db(&self) -> i64 {
        self.db
    }
}

/// The answers behind the first `skipped`, which say only that commands wait for EXEC.
///
/// # Errors
/// One of these commands is refused: it names the cause, which the answer to EXEC does not.
fn results(mut answers: Vec<Value>, skipped: usize) -> RedisResult<Vec<Value>> {
    for answer in answers.drain(..skipped.min(answers.len())) {
        answer.extract_error()?;
    }
    Ok(answers)
}

/// The results of the commands of a transaction that was [put](Connection::put).
///
/// # Errors
/// It was refused, or one of its commands was.
pub(super) fn transaction(answers: Vec<Value>) -> RedisResult<Vec<Value>> {
    let before = answers.len().saturating_sub(1);
    match results(answers, before)?.pop().map(Value::extract_error).transpose()? {
        Some(Value::Array(results)) => Ok(results),
        _ => Err((ErrorKind::UnexpectedReturnType, "EXEC was not answered with a list").into()),
    }
}

pub(super) fn timed_out() -> RedisError {
    io::Error::new(io::ErrorKind::TimedOut, "no answer in time").into()
}

/// How long an answer is waited for. The timer stays from one request to the next, and is set anew where it fires early.
struct Patience {
    until: Instant,
    timer: Pin<Box<Sleep>>,
}

impl Patience {
    fn new() -> Self {
        Patience { until: Instant::now(), timer: Box::pin(sleep(RESPONSE_TIMEOUT)) }
    }

    fn begin(&mut self) {
        self.until = Instant::now() + RESPONSE_TIMEOUT;
    }

    async fn ends(&mut self) {
        loop {
            self.timer.as_mut().await;
            if Instant::now() >= self.until {
                return;
            }
            self.timer.as_mut().reset(self.until);
        }
    }
}
