//! The driver loop over any asynchronous stream, and a connection over embassy-net.

use embassy_futures::select::{Either, Either3, select, select3};
use embassy_time::{Instant, Timer};
use embedded_io_async::{Read, Write};
use fix_core::{
    engine::{Engine, Step},
    session::{Buffer, application::Application, state::CloseReason},
    store::MessageStore,
};

use crate::clock::{Clock, instant};

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
}

/// Bytes that are read at a time while a write blocks.
const WHILE_BLOCKED: usize = 64;

/// Serves one connection, whose two directions are `reader` and `writer`, to its end. Both must bear that a read
/// or write is given up before it is done, as those of embassy-net do: bytes are then neither taken nor lost.
pub async fn serve<R, W, B, S, A>(
    engine: &mut Engine<B, S, A>,
    clock: &Clock,
    mut reader: R,
    mut writer: W,
) -> Ended<R::Error>
where
    R: Read,
    W: Write<Error = R::Error>,
    B: Buffer,
    S: MessageStore,
    A: Application,
{
    let Some(now) = clock.now(Instant::now()) else { return Ended::NoUtc };
    engine.connected(now);
    let ended = loop {
        if let Err(ended) = turn(engine, clock, &mut reader, &mut writer).await {
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
    /// That many bytes, into the small buffer.
    ReadAside(Result<usize, E>),
    Timer,
}

/// Writes or reads something, or waits.
async fn turn<R, W, B, S, A>(
    engine: &mut Engine<B, S, A>,
    clock: &Clock,
    reader: &mut R,
    writer: &mut W,
) -> Result<(), Ended<R::Error>>
where
    R: Read,
    W: Write<Error = R::Error>,
    B: Buffer,
    S: MessageStore,
    A: Application,
{
    let now = clock.now(Instant::now()).ok_or(Ended::NoUtc)?;
    let deadline = engine.deadline(now).map_or(Instant::MAX, instant);
    let mut aside = [0; WHILE_BLOCKED];
    let room = engine.space().len().min(WHILE_BLOCKED);
    let woken = match engine.poll(now) {
        Step::Close(reason) => return Err(Ended::Closed(reason)),
        // Two sides that only write would wait for each other.
        Step::Write(bytes) if room > 0 => {
            let (reading, waiting) = (reader.read(&mut aside[..room]), Timer::at(deadline));
            match select3(writer.write(bytes), reading, waiting).await {
                Either3::First(wrote) => Woken::Wrote(wrote),
                Either3::Second(read) => Woken::ReadAside(read),
                Either3::Third(()) => Woken::Timer,
            }
        }
        Step::Write(bytes) => match select(writer.write(bytes), Timer::at(deadline)).await {
            Either::First(wrote) => Woken::Wrote(wrote),
            Either::Second(()) => Woken::Timer,
        },
        Step::Wait(until) => {
            let waiting = Timer::at(until.map_or(Instant::MAX, instant));
            match select(reader.read(engine.space()), waiting).await {
                Either::First(read) => Woken::Read(read),
                Either::Second(()) => Woken::Timer,
            }
        }
    };
    let now = clock.now(Instant::now()).ok_or(Ended::NoUtc)?;
    match woken {
        Woken::Timer => {}
        Woken::Wrote(count) => engine.sent(count.map_err(Ended::Io)?),
        Woken::Read(count) => engine.received(some(count)?),
        Woken::ReadAside(count) => {
            let count = some(count)?;
            for (place, byte) in engine.space().iter_mut().zip(aside.iter().take(count)) {
                *place = *byte;
            }
            engine.received(count);
        }
    }
    Ok(())
}

/// No bytes are the end of the stream.
fn some<E>(count: Result<usize, E>) -> Result<usize, Ended<E>> {
    match count {
        Ok(0) => Err(Ended::EndOfStream),
        Ok(count) => Ok(count),
        Err(error) => Err(Ended::Io(error)),
    }
}

/// Connects to `remote` and serves the connection to its end. The buffers are the socket's own.
///
/// # Errors
/// [`embassy_net::tcp::ConnectError`] when there is no connection; the engine is then untouched.
#[cfg(feature = "embassy-net")]
pub async fn connect_and_serve<B: Buffer, S: MessageStore, A: Application>(
    engine: &mut Engine<B, S, A>,
    clock: &Clock,
    stack: embassy_net::Stack<'_>,
    remote: embassy_net::IpEndpoint,
    buffers: (&mut [u8], &mut [u8]),
) -> Result<Ended<embassy_net::tcp::Error>, embassy_net::tcp::ConnectError> {
    let (receive, transmit) = buffers;
    let mut socket = embassy_net::tcp::TcpSocket::new(stack, receive, transmit);
    socket.connect(remote).await?;
    let (reader, writer) = socket.split();
    Ok(serve(engine, clock, reader, writer).await)
}
