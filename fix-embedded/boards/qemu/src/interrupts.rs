//! The interrupts of a board.

pub use cortex_m;

/// Makes `Interrupt`, the interrupts that the board uses, each with its number and its handler, and the table of all `$count`.
#[macro_export]
macro_rules! interrupts {
    ($count:literal: $($name:ident = $number:literal => $handler:path,)*) => {
        use $crate::interrupts::cortex_m::{interrupt::InterruptNumber, peripheral::NVIC};

        /// An interrupt, by its number.
        #[derive(Clone, Copy)]
        #[repr(u16)]
        pub(crate) enum Interrupt {
            $($name = $number,)*
        }

        // SAFETY: the numbers are those of the board's table, and stay.
        unsafe impl InterruptNumber for Interrupt {
            fn number(self) -> u16 {
                self as u16
            }
        }

        impl Interrupt {
            /// Lets it come. What was pending before is forgotten.
            pub(crate) fn enable(self) {
                NVIC::unpend(self);
                // SAFETY: its handler stands in the table below, and nobody relies on its staying masked.
                unsafe { NVIC::unmask(self) };
            }
        }

        /// One that is never enabled. If it comes all the same, the board is another one than we think.
        extern "C" fn unexpected() {
            defmt::panic!("an interrupt that nobody enabled");
        }

        #[unsafe(link_section = ".vector_table.interrupts")]
        #[unsafe(no_mangle)]
        #[used]
        static __INTERRUPTS: [extern "C" fn(); $count] = {
            let mut table = [unexpected as extern "C" fn(); $count];
            $(table[Interrupt::$name as usize] = $handler;)*
            table
        };
    };
}
