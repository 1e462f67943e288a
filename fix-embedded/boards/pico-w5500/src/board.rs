//! Pins and peripherals.

use embassy_net_wiznet::{Device, State, chip::W5500};
use embassy_rp::{
    bind_interrupts,
    clocks::RoscRng,
    config::Config,
    dma,
    flash::{Async, Flash},
    gpio::{Input, Level, Output, Pull},
    peripherals::{DMA_CH0, DMA_CH1, DMA_CH2, FLASH, SPI0, UART0},
    spi::{self, Spi},
    uart::{self, BufferedInterruptHandler, BufferedUart},
    watchdog::Watchdog,
};
use embassy_time::Delay;
use embedded_hal_bus::spi::ExclusiveDevice;
use static_cell::ConstStaticCell;

use crate::{
    flash::{self, LEN},
    switches::Switch,
};

bind_interrupts!(pub(crate) struct Interrupts {
    DMA_IRQ_0 => dma::InterruptHandler<DMA_CH0>, dma::InterruptHandler<DMA_CH1>, dma::InterruptHandler<DMA_CH2>;
    UART0_IRQ => BufferedInterruptHandler<UART0>;
});

type Bus = ExclusiveDevice<Spi<'static, SPI0, spi::Async>, Output<'static>, Delay>;

/// Moves frames between the W5500 and the network stack.
pub type Runner = embassy_net_wiznet::Runner<'static, W5500, Bus, Input<'static>, Output<'static>>;

/// Of the serial line to the host.
const BAUD: u32 = 115_200;
/// Of the line to the W5500, which takes 33 MHz for sure: a divider of the 125 MHz clock.
const SPI_HZ: u32 = 31_250_000;

/// What the board has.
pub struct Board {
    /// The network's device.
    pub network: Device<'static>,
    /// What drives it.
    pub runner: Runner,
    /// The whole flash: see [`flash`].
    pub flash: Flash<'static, FLASH, Async, LEN>,
    /// UART0.
    pub lines: BufferedUart,
    /// The kill switch.
    pub switch: Switch,
    /// Random, from the ring oscillator.
    pub seed: u64,
    /// For [`Dog::watch`](crate::switches::Dog::watch).
    pub watchdog: Watchdog,
}

impl Board {
    /// Once. Panics if there is no W5500.
    pub async fn start() -> Self {
        static FRAMES: ConstStaticCell<State<4, 4>> = ConstStaticCell::new(State::new());
        static TRANSMIT: ConstStaticCell<[u8; 256]> = ConstStaticCell::new([0; 256]);
        static RECEIVE: ConstStaticCell<[u8; 1024]> = ConstStaticCell::new([0; 1024]);
        let p = embassy_rp::init(Config::default());
        let mut flash = flash::open(p.FLASH, p.DMA_CH2);
        let mut bus = spi::Config::default();
        bus.frequency = SPI_HZ;
        let bus = Spi::new(p.SPI0, p.PIN_18, p.PIN_19, p.PIN_16, p.DMA_CH0, p.DMA_CH1, Interrupts, bus);
        let Ok(bus) = ExclusiveDevice::new(bus, Output::new(p.PIN_17, Level::High), Delay);
        let interrupt = Input::new(p.PIN_21, Pull::Up);
        let reset = Output::new(p.PIN_20, Level::High);
        let begun =
            embassy_net_wiznet::new(mac_address(&mut flash), FRAMES.take(), bus, interrupt, reset).await;
        let Ok((network, runner)) = begun else {
            defmt::panic!("no W5500 at SPI0 (GP16 to GP21): look at the wiring");
        };
        let mut serial = uart::Config::default();
        serial.baudrate = BAUD;
        let (transmit, receive) = (TRANSMIT.take(), RECEIVE.take());
        Board {
            network,
            runner,
            flash,
            lines: BufferedUart::new(p.UART0, p.PIN_0, p.PIN_1, Interrupts, transmit, receive, serial),
            switch: Switch(Input::new(p.PIN_22, Pull::Up)),
            seed: RoscRng.next_u64(),
            watchdog: Watchdog::new(p.WATCHDOG),
        }
    }
}

/// A locally administered address, made of the flash chip's unique id.
fn mac_address(flash: &mut Flash<'static, FLASH, Async, LEN>) -> [u8; 6] {
    let mut id = [0; 8];
    if let Err(error) = flash.blocking_unique_id(&mut id) {
        defmt::panic!("the flash has no unique id: {}", error);
    }
    let [a, b, c, d, e, f, g, h] = id;
    [0x02, a ^ f, b ^ g, c ^ h, d, e]
}
