//! The gateway of `fix_embedded::app`: orders come in as lines over UART1, numbers stand in a flash that is a file.
//!
//! Parameters: `host` (10.0.2.2, which is the machine that runs QEMU), `port` (9876), `flash` (`flash.bin`), `heartbeat` (30
//! seconds), `stall` (0; milliseconds that erasing a page stops the core), `silent` (0; seconds after which a silent host is
//! taken for dead), `cancels` (`mass`, `each` or `logout`: what happens then), `ntp` (0: UTC is that of the host that runs
//! QEMU; otherwise the port of a time server at `host`), `every` (64 seconds between two questions to it), `holdover` (86400
//! seconds that a session may go on without a time server), `wait` (1000 milliseconds before it connects again, at first),
//! `patience` (30000 milliseconds that a counterparty is borne that reads nothing; 0: for ever), `marks` (none; a file for
//! `crate::marks`), `power` (none; so many words of the flash are written or erased, and in the midst of the next one the power
//! goes), `watchdog` (0; see `crate::watchdog`).

use core::num::NonZero;

use embassy_net::Stack;
use embassy_time::{Duration, Instant};
use embedded_io_async::{Read, Write};
use fix_embedded::{
    app::{self, Memory},
    board::{Board, Connect, Credentials},
    clock::SharedClock,
    config::{BackOff, Cancels, DeadMan, FlashRules, Gateway, Host, TimeRules, TlsRules},
    recorder::Recorder,
    tcp::Tcp,
    udp::{Udp, UdpMemory},
};
use static_cell::{ConstStaticCell, StaticCell};

use crate::{
    exit,
    flash::{FileFlash, PAGE},
    host_time, marks,
    parameters::Parameters,
    serial::{self, Uart},
    watchdog,
};

/// What the TCP socket keeps for each direction.
pub(crate) const TCP_BUFFER: usize = 1024;
/// Pages of the flash, of which the gateway uses all.
const PAGES: usize = 16;

/// Messages of 512 bytes, 8 of them kept for a resend, 16 orders open, 256 ClOrdIDs remembered.
pub type GatewayMemory<R = ()> = Memory<512, 8, 16, 256, R>;

/// The configuration that the parameters ask for. On a board it is a `const`.
fn configuration(parameters: Parameters) -> Gateway {
    static HOSTS: StaticCell<[Host; 1]> = StaticCell::new();
    static SERVERS: StaticCell<[Host; 1]> = StaticCell::new();
    let name = parameters.text("host").unwrap_or("10.0.2.2");
    let silent_seconds = parameters.get("silent", 0);
    let cancels = match parameters.text("cancels") {
        None | Some("mass") => Cancels::Mass,
        Some("each") => Cancels::Each,
        Some("logout") => Cancels::Logout,
        Some(other) => defmt::panic!("cancels={=str}: no such way", other),
    };
    let server = NonZero::new(parameters.get("ntp", 0u16));
    Gateway {
        sender_comp_id: "TRADEDESK",
        target_comp_id: "EXCHANGE",
        hosts: HOSTS.init([Host { name, port: parameters.get("port", 9876) }]),
        heart_bt_int: parameters.get("heartbeat", 30),
        dead_man: DeadMan { silent_seconds, cancels },
        flash: FlashRules { erase_stall_millis: parameters.get("stall", 0), ..FlashRules::DEFAULT },
        time: TimeRules {
            servers: server.map_or(&[], |port| SERVERS.init([Host { name, port: port.get() }])),
            every_seconds: parameters.get("every", 64),
            holdover_seconds: parameters.get("holdover", 86_400),
            ..TimeRules::DEFAULT
        },
        back_off: BackOff { first_millis: parameters.get("wait", 1_000), ..BackOff::DEFAULT },
        send_timeout_millis: parameters.get("patience", 30_000),
        ..Gateway::DEFAULT
    }
}

/// The program.
pub async fn run<U: Uart>(stack: Stack<'static>, parameters: Parameters) -> ! {
    // Zeros, where it stays: made by a call, it would stand on the stack first.
    static MEMORY: ConstStaticCell<GatewayMemory> = ConstStaticCell::new(GatewayMemory::new());
    run_in::<U, ()>(stack, parameters, MEMORY.take()).await
}

/// The program, with a memory that may have a flight recorder.
pub async fn run_in<U: Uart, R: Recorder>(
    stack: Stack<'static>,
    parameters: Parameters,
    memory: &'static mut GatewayMemory<R>,
) -> ! {
    run_over::<R, _, _, _>(stack, parameters, memory, None, |tcp, _| tcp, serial::split::<U>()).await
}

/// The program, by the connections that `over` makes of TCP's; `tls` is whom they trust, where they are TLS. `lines`: from the
/// host, and to it.
pub(crate) async fn run_over<R: Recorder, C: Connect, I: Read, O: Write>(
    stack: Stack<'static>,
    parameters: Parameters,
    memory: &'static mut GatewayMemory<R>,
    tls: Option<TlsRules>,
    over: impl FnOnce(Tcp<'static>, &'static SharedClock) -> C,
    (intake, reports): (I, O),
) -> ! {
    static CONFIGURATION: StaticCell<Gateway> = StaticCell::new();
    static CLOCK: StaticCell<SharedClock> = StaticCell::new();
    static RECEIVE: ConstStaticCell<[u8; TCP_BUFFER]> = ConstStaticCell::new([0; TCP_BUFFER]);
    static TRANSMIT: ConstStaticCell<[u8; TCP_BUFFER]> = ConstStaticCell::new([0; TCP_BUFFER]);
    static DATAGRAMS: ConstStaticCell<UdpMemory> = ConstStaticCell::new(UdpMemory::new());
    if let Some(path) = parameters.text("marks") {
        marks::start(path);
    }
    let configuration = CONFIGURATION.init(Gateway { tls, ..configuration(parameters) });
    let clock = CLOCK.init(SharedClock::new());
    if configuration.time.servers.is_empty() {
        clock.set_utc(Instant::now(), host_time::utc());
    }
    let stall = Duration::from_millis(configuration.flash.erase_stall_millis.into());
    let path = parameters.text("flash").unwrap_or("flash.bin");
    let power = parameters.text("power").map(|_| parameters.get("power", 0));
    let flash = match FileFlash::open(path, PAGES, stall, power) {
        Ok(flash) => flash,
        Err(error) => defmt::panic!("{=str}: {}", path, error),
    };
    let board = Board {
        connect: over(Tcp::new(stack, RECEIVE.take(), TRANSMIT.take()), clock),
        flash,
        flash_range: 0..(PAGES * PAGE) as u32,
        intake,
        reports,
        time: Udp::new(stack, DATAGRAMS.take()),
        kill_switch: (),
        watchdog: watchdog::watch(parameters),
        seed: host_time::seed(),
        credentials: Credentials::default(),
    };
    let stopped = app::run(configuration, clock, memory, board).await;
    defmt::error!("the gateway stopped: {}", stopped);
    exit::failed()
}
