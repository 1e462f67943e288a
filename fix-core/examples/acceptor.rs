//! A server on a plain TCP socket that fills every order, one counterparty at a time; its numbers go on from one
//! connection to the next. `cargo run -p fix-core --example acceptor -- 127.0.0.1:9876`

use std::{
    env,
    error::Error,
    io::{ErrorKind, Read, Write},
    net::{TcpListener, TcpStream},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use fix_core::{Buffers, Engine, Mono, Now, RingStore, Role, SessionConfig, SessionId, Step, UtcTimestamp};

mod venue;

type Venue = Engine<Vec<u8>, RingStore<64, 1024>, venue::Venue>;

fn main() -> Result<(), Box<dyn Error>> {
    let address = env::args().nth(1).unwrap_or_else(|| "127.0.0.1:9876".to_owned());
    let config = SessionConfig::new(Role::Acceptor, SessionId::new("EXCHANGE", "TRADEDESK")?);
    let buffers = Buffers { inbound: vec![0; 8192], outbound: vec![0; 32768], kept: vec![0; 8192] };
    let mut engine: Venue = Engine::new(config, buffers, RingStore::new(), venue::Venue::default());
    let listener = TcpListener::bind(&address)?;
    println!("listening on {}", listener.local_addr()?);
    let start = Instant::now();
    for socket in listener.incoming() {
        engine.connected(now(start));
        match serve(&mut engine, socket?, start) {
            Ok(reason) => println!("{reason}"),
            Err(error) => println!("the connection is lost: {error}"),
        }
        engine.disconnected(now(start));
        println!("{} orders filled so far", engine.application().filled);
    }
    Ok(())
}

/// Drives one connection to its end.
fn serve(engine: &mut Venue, mut socket: TcpStream, start: Instant) -> std::io::Result<String> {
    loop {
        match engine.poll(now(start)) {
            Step::Write(bytes) => {
                let written = socket.write(bytes)?;
                engine.sent(written);
            }
            Step::Wait(until) => {
                let wait = until.map_or(Duration::from_secs(1), |until| until.since(now(start).mono));
                socket.set_read_timeout(Some(wait.max(Duration::from_millis(1))))?;
                match socket.read(engine.space()) {
                    Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                    Ok(count) => engine.received(count),
                    Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
                    Err(error) => return Err(error),
                }
            }
            Step::Close(reason) => return Ok(reason.to_string()),
        }
    }
}

fn now(start: Instant) -> Now {
    let unix = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let utc = UtcTimestamp::from_unix(unix.as_secs().cast_signed(), unix.subsec_nanos());
    Now { mono: Mono::from_millis(u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX)), utc }
}
