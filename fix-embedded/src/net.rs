//! The driver loop over any asynchronous stream.

use core::{future::pending, pin::pin, task::Poll, time::Duration};

use embassy_futures::{
    poll_once,
    select::{Either3, Either4, select3, select4},
    yield_now,
};
use embassy_time::{Instant, Timer};
use embedded_io_async::{Read, Write};
use fix_core::{
    engine::Step,
    flight::{Recorded, Tape},
    session::{Buffer, SessionStatus, application::Application, state::CloseReason},
    store::MessageStore,
    time::{Mono, Now},
};

use crate::{
    clock::{UtcClock, instant},
    config::Gateway,
};

/// Why a connection ended.
#[derive(Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Ended<E> {
    /// The engine asked for it.
    Closed(CloseReason),
    /// The counterparty closed the stream.
    EndOfStream,
    /// The stream failed.
    Io(E),
    /// UTC is not known yet, so no message can be stamped.
    NoUtc,
    /// What must be durable before it is sent cannot be kept; nothing of it was sent.
    NotKept,
    /// The counterparty read nothing for as long as [`Beside::send_timeout`], though there was something for it.
    NotReading,
}

/// What goes on beside the stream, in the same loop: orders that come in, notes that go to the flash. `E` is the engine: a
/// [`Recorded`].
#[allow(async_fn_in_trait, reason = "one executor on one core: no future is sent to another thread")]
pub trait Beside<E> {
    /// Before the engine is polled: sends what is to be sent.
    fn act(&mut self, _engine: &mut E, _now: Now) {}

    /// Makes durable what the engine has stored: its bytes are written only then. False if that failed.
    async fn keep(&mut self) -> bool {
        true
    }

    /// The engine has nothing to do until something comes: time for what takes long.
    async fn idle(&mut self, _status: &SessionStatus, _now: Now) {}

    /// How many bytes may be received now; 0 while what they say would find no room.
    fn may_receive(&self, _status: &SessionStatus, _waiting: usize) -> usize {
        usize::MAX
    }

    /// How long a counterparty that reads nothing is borne (`SocketSendTimeout`).
    fn send_timeout(&self) -> Duration {
        Duration::from_millis(Gateway::DEFAULT.send_timeout_millis.into())
    }

    /// When [`act`](Self::act) wants to be called though nothing happened.
    fn deadline(&self) -> Instant {
        Instant::MAX
    }

    /// Ends when [`act`](Self::act) has something to do; may be given up at any moment.
    async fn wake(&mut self) {
        pending().await
    }
}

/// Nothing goes on beside the stream.
impl<E> Beside<E> for () {}

/// Bytes that are read at a time while a write blocks.
const WHILE_BLOCKED: usize = 64;

/// Serves one connection, whose two directions are `reader` and `writer`, to its end. Both must bear that a read or write is
/// given up before it is done, as those of embassy-net do: bytes are then neither taken nor lost. An engine that nobody
/// records has the tape `()`.
pub async fn serve<R, W, B, S, A, T>(
    engine: &mut Recorded<B, S, A, T>,
    clock: &impl UtcClock,
    reader: R,
    writer: W,
) -> Ended<R::Error>
where
    R: Read,
    W: Write<Error = R::Error>,
    B: Buffer,
    S: MessageStore,
    A: Application,
    T: Tape,
{
    serve_beside(engine, clock, reader, writer, &mut ()).await
}

/// As [`serve`], with something beside it.
pub async fn serve_beside<R, W, B, S, A, T>(
    engine: &mut Recorded<B, S, A, T>,
    clock: &impl UtcClock,
    mut reader: R,
    mut writer: W,
    beside: &mut impl Beside<Recorded<B, S, A, T>>,
) -> Ended<R::Error>
where
    R: Read,
    W: Write<Error = R::Error>,
    B: Buffer,
    S: MessageStore,
    A: Application,
    T: Tape,
{
    let Some(now) = clock.now(Instant::now()) else { return Ended::NoUtc };
    engine.connected(now);
    let inbound = engine.space().len();
    let mut give_up_at = None;
    let ended = loop {
        if let Err(ended) =
            turn(engine, clock, &mut reader, &mut writer, beside, inbound, &mut give_up_at).await
        {
            break ended;
        }
    };
    if let Some(now) = clock.now(Instant::now()) {
        engine.disconnected(now);
    }
    ended
}

/// What a turn of the loop waited for.
enum Woken<E> {
    Wrote(Result<usize, E>),
    Read(Result<usize, E>),
    Other,
}

/// Writes or reads something, or waits. `inbound`: the size of the buffer for received bytes; `give_up_at`: when the
/// counterparty is given up that reads nothing of what there is for it.
async fn turn<R, W, B, S, A, T>(
    engine: &mut Recorded<B, S, A, T>,
    clock: &impl UtcClock,
    reader: &mut R,
    writer: &mut W,
    beside: &mut impl Beside<Recorded<B, S, A, T>>,
    inbound: usize,
    give_up_at: &mut Option<Mono>,
) -> Result<(), Ended<R::Error>>
where
    R: Read,
    W: Write<Error = R::Error>,
    B: Buffer,
    S: MessageStore,
    A: Application,
    T: Tape,
{
    let now = clock.now(Instant::now()).ok_or(Ended::NoUtc)?;
    beside.act(engine, now);
    let deadline = engine.deadline(now).map_or(Instant::MAX, instant).min(beside.deadline());
    // What the poll works off makes room elsewhere of the same size at most: what may be received stays true.
    let space = engine.space().len();
    let most = beside.may_receive(&engine.status(), inbound.saturating_sub(space)).min(space);
    // What is waited for is pinned part by part: handed on as one, it is copied.
    match engine.poll(now) {
        Step::Close(reason) => {
            kept(beside).await?;
            Err(Ended::Closed(reason))
        }
        Step::Write(bytes) => {
            kept(beside).await?;
            let until = *give_up_at.get_or_insert_with(|| now.mono.after(beside.send_timeout()));
            if now.mono >= until {
                return Err(Ended::NotReading);
            }
            let deadline = deadline.min(instant(until));
            // Two sides that only write would wait for each other.
            let mut aside = [0; WHILE_BLOCKED];
            let woken = {
                let writing = pin!(writer.write(bytes));
                let reading =
                    pin!(read(reader, aside.get_mut(..most.min(WHILE_BLOCKED)).unwrap_or_default()));
                let (timer, waking) = (pin!(Timer::at(deadline)), pin!(beside.wake()));
                match select4(writing, reading, timer, waking).await {
                    Either4::First(wrote) => Woken::Wrote(wrote),
                    Either4::Second(read) => Woken::Read(read),
                    Either4::Third(()) | Either4::Fourth(()) => Woken::Other,
                }
            };
            match woken {
                Woken::Other => {}
                Woken::Wrote(count) => {
                    *give_up_at = None;
                    engine.sent(count.map_err(Ended::Io)?);
                    // What was written leaves before anything else is done. Then what has come is taken: who writes and
                    // writes hears his counterparty all the same.
                    yield_now().await;
                    let space = engine.space();
                    let most = most.min(space.len());
                    let reading = read(reader, space.get_mut(..most).unwrap_or_default());
                    match poll_once(reading) {
                        Poll::Ready(Ok(count)) if count > 0 => engine.received(count),
                        Poll::Ready(Err(error)) => return Err(Ended::Io(error)),
                        // Nothing; or the end, before which the engine may have something to do.
                        Poll::Ready(Ok(_)) | Poll::Pending => {}
                    }
                }
                Woken::Read(count) => {
                    let count = some(count)?;
                    for (place, byte) in engine.space().iter_mut().zip(aside.iter().take(count)) {
                        *place = *byte;
                    }
                    engine.received(count);
                }
            }
            Ok(())
        }
        Step::Wait(until) => {
            // What was said of what came leaves before it is kept, which takes as long.
            yield_now().await;
            kept(beside).await?;
            let status = engine.status();
            beside.idle(&status, now).await;
            let until = until.map_or(Instant::MAX, instant).min(beside.deadline());
            let space = engine.space();
            let most = beside.may_receive(&status, inbound.saturating_sub(space.len())).min(space.len());
            let read = {
                let reading = pin!(read(reader, space.get_mut(..most).unwrap_or_default()));
                let (timer, waking) = (pin!(Timer::at(until)), pin!(beside.wake()));
                match select3(reading, timer, waking).await {
                    Either3::First(read) => Some(read),
                    Either3::Second(()) | Either3::Third(()) => None,
                }
            };
            if let Some(count) = read {
                engine.received(some(count)?);
            }
            Ok(())
        }
    }
}

/// Makes durable what was stored.
async fn kept<E, I>(beside: &mut impl Beside<E>) -> Result<(), Ended<I>> {
    if beside.keep().await { Ok(()) } else { Err(Ended::NotKept) }
}

/// Reads into `buffer`; never ends where nothing may be read.
async fn read<R: Read>(reader: &mut R, buffer: &mut [u8]) -> Result<usize, R::Error> {
    if buffer.is_empty() { pending().await } else { reader.read(buffer).await }
}

/// No bytes are the end of the stream.
fn some<E>(count: Result<usize, E>) -> Result<usize, Ended<E>> {
    match count {
        Ok(0) => Err(Ended::EndOfStream),
        Ok(count) => Ok(count),
        Err(error) => Err(Ended::Io(error)),
    }
}
