//! An acceptor on a board: the session ISLD, whose counterparty TW44 begins with number 1 at each Logon, and which sends
//! back what it gets. `cargo xtask firmware conformance` has a conformance runner play the counterparty.
//!
//! Parameter: `listen` (9880), the port.
#![no_std]
#![no_main]

use conformance::{Session, session};
use defmt::info;
use embassy_futures::join::join;
use embassy_net::{Stack, tcp::TcpSocket};
use embassy_sync::{blocking_mutex::raw::NoopRawMutex, mutex::Mutex};
use embassy_time::{Duration, Instant, with_timeout};
use fix_core::session::config::Role;
use fix_embedded::{clock::Clock, net::serve};
use qemu::{host_time, parameters::Parameters};
use qemu_mps2::{board::Board, lan9118::Lan9118};

/// How long a new connection waits for the end of the one before.
const HANDOVER: Duration = Duration::from_millis(700);
/// How long a connection may take to say goodbye.
const CLOSE: Duration = Duration::from_secs(1);

type Shared = Mutex<NoopRawMutex, Session>;

/// Serves one connection after the other. Two of them run side by side: one has the session, the other one refuses who
/// comes meanwhile (FIX 4.4 Vol. 2, case 1b).
async fn listen(stack: Stack<'static>, port: u16, session: &Shared) {
    let (mut receive, mut transmit) = ([0; 2048], [0; 4096]);
    let mut socket = TcpSocket::new(stack, &mut receive, &mut transmit);
    socket.set_nagle_enabled(false);
    loop {
        if let Err(error) = socket.accept(port).await {
            defmt::panic!("port {=u16}: {}", port, error);
        }
        // Without a byte where the session is connected already.
        if let Ok(mut session) = with_timeout(HANDOVER, session.lock()).await {
            let mut clock = Clock::default();
            clock.set_utc(Instant::now(), host_time::utc());
            let (reader, writer) = socket.split();
            let ended = serve(&mut *session, &clock, reader, writer).await;
            info!("the connection ended: {}", ended);
        }
        socket.close();
        let _ = with_timeout(CLOSE, socket.flush()).await;
        socket.abort();
        let _ = with_timeout(CLOSE, socket.flush()).await;
    }
}

/// The session, and the second connection.
async fn acceptor(stack: Stack<'static>, parameters: Parameters) {
    let session = Mutex::new(session(Role::Acceptor, "ISLD", "TW44"));
    let port = parameters.get("listen", 9880);
    stack.wait_config_up().await;
    join(listen(stack, port, &session), listen(stack, port, &session)).await;
}

qemu::program!(Board, Lan9118, acceptor);
