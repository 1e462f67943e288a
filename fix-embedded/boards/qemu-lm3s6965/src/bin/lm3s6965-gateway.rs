//! `qemu::gateway` on this board.
#![no_std]
#![no_main]

qemu::program!(
    qemu_lm3s6965::board::Board,
    qemu_lm3s6965::ethernet::Ethernet,
    qemu::gateway::run::<qemu_lm3s6965::uart::Uart1>
);
