//! A program of a board: its `main`, the task of the network and that of the program.

pub use cortex_m_rt;
pub use embassy_executor;
pub use embassy_net;
pub use faults;
pub use static_cell;

/// Log2 of the bytes that are guarded below the stack, 256 MiB: below the RAM is nothing as far as the code's region, so no
/// frame is too large for it. QEMU's boards have no bus that says so: a write is dropped in silence, and a read is 0.
pub const GUARD_BITS: u32 = 28;

/// Makes `main` of `$board`, a type with the function `start` and the field `ethernet` of the type `$ethernet`, which runs
/// `$program`, an asynchronous function of the network's stack and the parameters that never returns. It has 4 sockets (DHCP,
/// TCP, SNTP, and one that asks DNS), or `$sockets`.
#[macro_export]
macro_rules! program {
    ($board:ty, $ethernet:ty, $program:expr) => {
        $crate::program!($board, $ethernet, $program, 4);
    };
    ($board:ty, $ethernet:ty, $program:expr, $sockets:literal) => {
        use $crate::program::{cortex_m_rt, embassy_executor, embassy_net, static_cell};

        #[embassy_executor::task]
        async fn network(mut runner: embassy_net::Runner<'static, &'static mut $ethernet>) {
            runner.run().await
        }

        #[embassy_executor::task]
        async fn program(stack: embassy_net::Stack<'static>, parameters: $crate::parameters::Parameters) {
            $program(stack, parameters).await
        }

        #[embassy_executor::task]
        async fn stack(parameters: $crate::parameters::Parameters) {
            $crate::stack::watch(parameters).await
        }

        #[embassy_executor::task]
        async fn breaks(parameters: $crate::parameters::Parameters) {
            $crate::breaks::later(parameters).await
        }

        #[cortex_m_rt::entry]
        fn main() -> ! {
            static ETHERNET: static_cell::StaticCell<$ethernet> = static_cell::StaticCell::new();
            static RESOURCES: static_cell::ConstStaticCell<embassy_net::StackResources<$sockets>> =
                static_cell::ConstStaticCell::new(embassy_net::StackResources::new());
            $crate::program::faults::guard($crate::program::GUARD_BITS);
            $crate::program::faults::ends_by($crate::exit::failed);
            let board = <$board>::start();
            let parameters = $crate::parameters::Parameters::read();
            $crate::breaks::as_asked(parameters);
            $crate::executor::run(|spawner| {
                let (net, runner) = embassy_net::new(
                    ETHERNET.init(board.ethernet),
                    $crate::addressing::of(parameters),
                    RESOURCES.take(),
                    $crate::host_time::seed(),
                );
                let (Ok(network), Ok(program), Ok(stack), Ok(breaks)) =
                    (network(runner), program(net, parameters), stack(parameters), breaks(parameters))
                else {
                    defmt::panic!("tasks that run already")
                };
                spawner.spawn(network);
                spawner.spawn(program);
                spawner.spawn(stack);
                spawner.spawn(breaks);
            })
        }
    };
}
