//! `qemu::gateway` on this board, with a flight recorder of 8 KiB.
#![no_std]
#![no_main]

use core::cell::RefCell;

use embassy_net::Stack;
use fix_core::flight::Ring;
use fix_embedded::app::Memory;
use qemu::{gateway, parameters::Parameters};
use qemu_mps2::{board::Board, lan9118::Lan9118, uart::Uart1};
use static_cell::ConstStaticCell;

async fn recorded(stack: Stack<'static>, parameters: Parameters) -> ! {
    static MEMORY: ConstStaticCell<gateway::GatewayMemory<RefCell<Ring<16, 512>>>> =
        ConstStaticCell::new(Memory::with_recorder(RefCell::new(Ring::new())));
    gateway::run_in::<Uart1, _>(stack, parameters, MEMORY.take()).await
}

qemu::program!(Board, Lan9118, recorded);
