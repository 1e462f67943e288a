//! `qemu::tls` on this board.
#![no_std]
#![no_main]

qemu::program!(
    qemu_mps2::board::Board,
    qemu_mps2::lan9118::Lan9118,
    qemu::tls::run::<qemu_mps2::uart::Uart1>
);
