//! The interrupts that the board uses (table 2-9).

use crate::{ethernet, time_driver, uart};

qemu::interrupts! { 43:
    Uart1 = 6 => uart::on_interrupt,
    Timer0A = 19 => time_driver::on_alarm,
    Ethernet = 42 => ethernet::on_interrupt,
}
