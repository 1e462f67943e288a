//! The driver loop over any asynchronous stream, and a connection over embassy-net.

use embassy_futures::select::{Either, select};
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

/// Serves one connection to its end.
pub async fn serve<T, B, S, A>(engine: &mut Engine<B, S, A>, clock: &Clock, mut stream: T) -> Ended<T::Error>
where
    T: Read + Write,
    B: Buffer,
    S: MessageStore,
    A: Application,
{
    let Some(now) = clock.now(Instant::now()) else { return Ended::NoUtc };
    engine.connected(now);
    let ended = run(engine, clock, &mut stream).await;
    if let Some(now) = clock.now(Instant::now()) {
        engine.disconnected(now);
    }
    ended
}

async fn run<T, B, S, A>(engine: &mut Engine<B, S, A>, clock: &Clock, stream: &mut T) -> Ended<T::Error>
where
    T: Read + Write,
    B: Buffer,
    S: MessageStore,
    A: Application,
{
    loop {
        let Some(now) = clock.now(Instant::now()) else { return Ended::NoUtc };
        let wait = match engine.poll(now) {
            Step::Close(reason) => return Ended::Closed(reason),
            Step::Write(bytes) => {
                match stream.write(bytes).await {
                    Ok(count) => engine.sent(count),
                    Err(error) => return Ended::Io(error),
                }
                continue;
            }
            Step::Wait(until) => until.map_or(Instant::MAX, instant),
        };
        match select(stream.read(engine.space()), Timer::at(wait)).await {
            Either::First(Ok(0)) => return Ended::EndOfStream,
            Either::First(Ok(count)) => {
                let Some(now) = clock.now(Instant::now()) else { return Ended::NoUtc };
                engine.received(now, count);
            }
            Either::First(Err(error)) => return Ended::Io(error),
            Either::Second(()) => {}
        }
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
    Ok(serve(engine, clock, socket).await)
}
