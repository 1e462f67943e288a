//! The interrupts that the board uses (DAI0385D, "Interrupts").

use crate::{lan9118, time_driver, uart};

qemu::interrupts! { 32:
    Uart1Receive = 2 => uart::on_receive,
    Uart1Transmit = 3 => uart::on_transmit,
    Timer0 = 8 => time_driver::on_wrap,
    Timer1 = 9 => time_driver::on_alarm,
    Ethernet = 13 => lan9118::on_interrupt,
}
