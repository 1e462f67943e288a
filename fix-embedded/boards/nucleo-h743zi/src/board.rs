//! Clocks, pins and peripherals.

use embassy_stm32::{
    Config, Peri, bind_interrupts,
    eth::{self, Ethernet, GenericPhy, PacketQueue, Sma},
    exti::{self, ExtiInput},
    gpio::Pull,
    interrupt, pac,
    peripherals::{self, ETH, ETH_SMA, IWDG1, USART3},
    rng::{self, Rng},
    time::Hertz,
    uid,
    usart::{self, BufferedUart},
    wdg::IndependentWatchdog,
};
use static_cell::{ConstStaticCell, StaticCell};

use crate::{
    flash::ChipFlash,
    switches::{Button, Dog},
};

bind_interrupts!(struct Interrupts {
    ETH => eth::InterruptHandler;
    EXTI15_10 => exti::InterruptHandler<interrupt::typelevel::EXTI15_10>;
    RNG => rng::InterruptHandler<peripherals::RNG>;
    USART3 => usart::BufferedInterruptHandler<USART3>;
});

/// The chip's MAC and its PHY, a LAN8742A.
pub type Network = Ethernet<'static, ETH, GenericPhy<Sma<'static, ETH_SMA>>>;

/// The watchdog's time, in microseconds: above the longest erase, and twice that of a loop that is alive.
const WATCHDOG_MICROS: u32 = 10_000_000;
/// Log2 of the bytes that are guarded below the stack, 512 KiB: as far as the system memory, where the chip's unique id is read.
pub const GUARD_BITS: u32 = 19;
/// Of the serial line to the host.
const BAUD: u32 = 115_200;

/// What the board has.
pub struct Board {
    /// The network.
    pub network: Network,
    /// The whole flash: see [`flash`](crate::flash).
    pub flash: ChipFlash,
    /// USART3, which the ST-LINK shows to its host as a serial port.
    pub lines: BufferedUart<'static>,
    /// The kill switch.
    pub button: Button,
    /// Random, from the chip's generator.
    pub seed: u64,
    /// For [`watch`].
    pub watchdog: Peri<'static, IWDG1>,
}

impl Board {
    /// Once. Panics if the PLL does not lock: without the 8 MHz of the ST-LINK there is no clock to keep time by.
    pub fn start() -> Self {
        static PACKETS: StaticCell<PacketQueue<4, 4>> = StaticCell::new();
        let p = embassy_stm32::init(clocks());
        let mut seed = [0; 8];
        Rng::new(p.RNG, Interrupts).fill_bytes(&mut seed);
        let network = Ethernet::new(
            PACKETS.init_with(PacketQueue::new),
            p.ETH,
            Interrupts,
            p.PA1,
            p.PA7,
            p.PC4,
            p.PC5,
            p.PG13,
            p.PB13,
            p.PG11,
            mac_address(),
            p.ETH_SMA,
            p.PA2,
            p.PC1,
        );
        Board {
            network,
            flash: ChipFlash::new(p.FLASH),
            lines: lines(p.USART3, p.PD9, p.PD8),
            button: Button(ExtiInput::new(p.PC13, p.EXTI13, Pull::Down, Interrupts)),
            seed: u64::from_le_bytes(seed),
            watchdog: p.IWDG1,
        }
    }
}

/// Whether the power was gone before this start. Memory that nobody has written since is then not to be read: its ECC fits
/// nothing. Asked once, at the start.
pub fn was_off() -> bool {
    let causes = pac::RCC.rsr();
    let was_off = causes.read().porrstf() || causes.read().borrstf();
    causes.modify(|causes| causes.set_rmvf(true));
    was_off
}

/// The watchdog, which starts the board again from now on if it is not fed.
pub fn watch(watchdog: Peri<'static, IWDG1>) -> Dog {
    let mut watchdog = IndependentWatchdog::new(watchdog, WATCHDOG_MICROS);
    watchdog.unleash();
    Dog(watchdog)
}

/// 400 MHz of the 8 MHz that the ST-LINK gives, which are as exact as its crystal: UTC is kept by them between two answers
/// of a time server, and the chip's own 64 MHz are off by up to 1 %.
fn clocks() -> Config {
    use embassy_stm32::rcc::{
        AHBPrescaler, APBPrescaler, Hse, HseMode, Pll, PllDiv, PllMul, PllPreDiv, PllSource, Sysclk,
        VoltageScale,
    };
    let mut config = Config::default();
    let rcc = &mut config.rcc;
    rcc.hse = Some(Hse { freq: Hertz(8_000_000), mode: HseMode::Bypass });
    // The random number generator's.
    rcc.hsi48 = Some(Default::default());
    rcc.pll1 = Some(Pll {
        source: PllSource::HSE,
        prediv: PllPreDiv::DIV2,
        mul: PllMul::MUL200,
        fracn: None,
        divp: Some(PllDiv::DIV2),
        divq: None,
        divr: None,
    });
    rcc.sys = Sysclk::PLL1_P;
    rcc.ahb_pre = AHBPrescaler::DIV2;
    rcc.apb1_pre = APBPrescaler::DIV2;
    rcc.apb2_pre = APBPrescaler::DIV2;
    rcc.apb3_pre = APBPrescaler::DIV2;
    rcc.apb4_pre = APBPrescaler::DIV2;
    rcc.voltage_scale = VoltageScale::Scale1;
    config
}

/// A locally administered address, made of the chip's unique id.
fn mac_address() -> [u8; 6] {
    let [a, b, c, d, e, f, g, h, i, j, k, l] = uid::uid();
    [0x02, a ^ g ^ l, b ^ h, c ^ i, d ^ j, e ^ f ^ k]
}

/// The lines of the host: 8 bits, no parity, one stop bit.
fn lines(
    usart: Peri<'static, USART3>,
    receive: Peri<'static, peripherals::PD9>,
    transmit: Peri<'static, peripherals::PD8>,
) -> BufferedUart<'static> {
    static TRANSMIT: ConstStaticCell<[u8; 256]> = ConstStaticCell::new([0; 256]);
    static RECEIVE: ConstStaticCell<[u8; 1024]> = ConstStaticCell::new([0; 1024]);
    let mut config = usart::Config::default();
    config.baudrate = BAUD;
    let (transmit_buffer, receive_buffer) = (TRANSMIT.take(), RECEIVE.take());
    match BufferedUart::new(usart, receive, transmit, transmit_buffer, receive_buffer, Interrupts, config) {
        Ok(uart) => uart,
        Err(error) => defmt::panic!("USART3: {}", error),
    }
}
