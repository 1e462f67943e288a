//! `qemu::udp` on this board.
#![no_std]
#![no_main]

// A socket more, of the lines.
qemu::program!(qemu_mps2::board::Board, qemu_mps2::lan9118::Lan9118, qemu::udp::run, 5);
