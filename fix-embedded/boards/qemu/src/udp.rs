//! The gateway of `crate::gateway` whose lines are sealed datagrams, instead of a serial line.
//!
//! Parameters, beside that program's: `key` (`key.bin`; a file with the 32 bytes that board and host share. On a board they are
//! in the flash, see `fix_embedded::secrets`).

use embassy_net::{
    Stack,
    udp::{PacketMetadata, UdpSocket},
};
use fix_embedded::{sealed::Key, udp_intake::UdpIntake};
use static_cell::{ConstStaticCell, StaticCell};

use crate::{
    gateway::{self, GatewayMemory},
    host_file,
    parameters::Parameters,
};

/// Where the host's datagrams go.
const PORT: u16 = 4_444;

/// Four datagrams, and the bytes of two that are as long as they can be.
type Room = ([PacketMetadata; 4], [u8; 1024]);

/// The program.
pub async fn run(stack: Stack<'static>, parameters: Parameters) -> ! {
    static MEMORY: ConstStaticCell<GatewayMemory> = ConstStaticCell::new(GatewayMemory::new());
    static ROOM: ConstStaticCell<[Room; 2]> =
        ConstStaticCell::new([const { ([PacketMetadata::EMPTY; 4], [0; 1024]) }; 2]);
    static INTAKE: StaticCell<UdpIntake<UdpSocket<'static>>> = StaticCell::new();
    let path = parameters.text("key").unwrap_or("key.bin");
    let mut key = [0; 32];
    if host_file::read(path, &mut key).len() != key.len() {
        defmt::panic!("{=str}: a key has 32 bytes", path);
    }
    let [receive, transmit] = ROOM.take();
    let mut socket = UdpSocket::new(stack, &mut receive.0, &mut receive.1, &mut transmit.0, &mut transmit.1);
    if let Err(error) = socket.bind(PORT) {
        defmt::panic!("UDP port {=u16}: {}", PORT, error);
    }
    let boot = u64::from_le_bytes(host_file::random()).max(1);
    let lines = INTAKE.init(UdpIntake::new(socket, Key(key), boot)).split();
    gateway::run_over::<(), _, _, _>(stack, parameters, MEMORY.take(), None, |tcp, _| tcp, lines).await
}
