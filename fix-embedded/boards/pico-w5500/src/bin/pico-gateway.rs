//! The gateway of `fix_embedded::app` on a Raspberry Pi Pico with a W5500.
#![no_std]
#![no_main]

use defmt_rtt as _;
use embassy_executor::Spawner;
use embassy_net::StackResources;
use embassy_net_wiznet::Device;
use faults as _;
use fix_embedded::{
    app::{Memory, run},
    board::Board,
    clock::SharedClock,
    secrets::{ROOM, Secrets},
    tcp::{Tcp, network},
    udp::{Udp, UdpMemory},
};
use pico_w5500::{
    board::{self, Runner},
    flash,
    gateway::GATEWAY,
    switches::Dog,
};
use static_cell::{ConstStaticCell, StaticCell};

/// Messages of 512 bytes, 8 of them kept for a resend, 16 orders open, 256 ClOrdIDs remembered.
type GatewayMemory = Memory<512, 8, 16, 256>;

#[embassy_executor::task]
async fn frames(runner: Runner) {
    runner.run().await
}

#[embassy_executor::task]
async fn net(mut runner: embassy_net::Runner<'static, Device<'static>>) {
    runner.run().await
}

#[embassy_executor::main]
async fn main(spawner: Spawner) {
    // Sockets of DHCP, TCP, SNTP, and one that asks DNS.
    static RESOURCES: ConstStaticCell<StackResources<4>> = ConstStaticCell::new(StackResources::new());
    static CLOCK: StaticCell<SharedClock> = StaticCell::new();
    static MEMORY: ConstStaticCell<GatewayMemory> = ConstStaticCell::new(GatewayMemory::new());
    static RECEIVE: ConstStaticCell<[u8; 1024]> = ConstStaticCell::new([0; 1024]);
    static TRANSMIT: ConstStaticCell<[u8; 1024]> = ConstStaticCell::new([0; 1024]);
    static DATAGRAMS: ConstStaticCell<UdpMemory> = ConstStaticCell::new(UdpMemory::new());
    static SECRETS: ConstStaticCell<[u8; ROOM]> = ConstStaticCell::new([0; ROOM]);
    if embassy_rp::install_core0_stack_guard().is_err() {
        defmt::panic!("the MPU is in use: the stack has no guard");
    }
    faults::tell_last();
    let mut parts = board::Board::start().await;
    let secrets = match Secrets::read(&mut parts.flash, flash::SECRETS, SECRETS.take()).await {
        Ok(secrets) => secrets,
        Err(error) => defmt::panic!("{}", error),
    };
    let (stack, runner) =
        embassy_net::new(parts.network, network(&GATEWAY.addressing), RESOURCES.take(), parts.seed);
    spawner.spawn(defmt::unwrap!(frames(parts.runner)));
    spawner.spawn(defmt::unwrap!(net(runner)));
    let (reports, intake) = parts.lines.split();
    let board = Board {
        connect: Tcp::new(stack, RECEIVE.take(), TRANSMIT.take()),
        flash: parts.flash,
        flash_range: flash::GATEWAY,
        intake,
        reports,
        time: Udp::new(stack, DATAGRAMS.take()),
        kill_switch: parts.switch,
        watchdog: Dog::watch(parts.watchdog),
        seed: parts.seed,
        credentials: secrets.credentials,
    };
    let stopped = run(&GATEWAY, CLOCK.init(SharedClock::new()), MEMORY.take(), board).await;
    // The host was told. The watchdog starts the board again.
    defmt::error!("the gateway stopped: {}", stopped);
}
