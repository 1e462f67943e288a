//! An initiator on a board: INIT, which connects to ACPT again and again, begins with number 1 at each Logon, and sends
//! back what it gets. `cargo xtask firmware conformance` has a conformance runner play the acceptor.
//!
//! Parameter: `port`, where the acceptor listens on the machine that runs QEMU.
#![no_std]
#![no_main]

use conformance::session;
use defmt::info;
use embassy_net::Stack;
use embassy_time::{Duration, Instant, Timer};
use fix_core::session::config::Role;
use fix_embedded::{board::Connect, clock::Clock, config::Host, net::serve, tcp::Tcp};
use qemu::{host_time, parameters::Parameters};
use qemu_mps2::{board::Board, lan9118::Lan9118};

/// The machine that runs QEMU.
const HOST: &str = "10.0.2.2";
const BETWEEN: Duration = Duration::from_millis(300);

async fn initiator(stack: Stack<'static>, parameters: Parameters) {
    let (mut receive, mut transmit) = ([0; 2048], [0; 4096]);
    let host = Host { name: HOST, port: parameters.get("port", 9880) };
    let mut session = session(Role::Initiator, "INIT", "ACPT");
    let mut tcp = Tcp::new(stack, &mut receive, &mut transmit);
    loop {
        let mut clock = Clock::default();
        clock.set_utc(Instant::now(), host_time::utc());
        if let Ok((reader, writer)) = tcp.connect(&host).await {
            let ended = serve(&mut session, &clock, reader, writer).await;
            info!("the connection ended: {}", ended);
        }
        tcp.close().await;
        Timer::after(BETWEEN).await;
    }
}

qemu::program!(Board, Lan9118, initiator);
