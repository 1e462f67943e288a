//! The board's watchdog, where it has one that QEMU emulates: parameter `watchdog`, in seconds (0: it sleeps).

use core::cell::Cell;

use critical_section::Mutex;
use fix_embedded::board::Watchdog;

use crate::parameters::Parameters;

/// How a board's watchdog is used.
#[derive(Clone, Copy)]
pub struct Chip {
    /// It starts the board again from now on if it is not fed for so many seconds.
    pub start: fn(u32),
    /// Feeds it.
    pub feed: fn(),
}

static FOUND: Mutex<Cell<Option<Chip>>> = Mutex::new(Cell::new(None));

/// The board has this one.
pub fn found(chip: Chip) {
    critical_section::with(|section| FOUND.borrow(section).set(Some(chip)));
}

/// The watchdog that the session's loop feeds.
pub(crate) struct Dog(Option<Chip>);

/// As the parameter says.
pub(crate) fn watch(parameters: Parameters) -> Dog {
    let seconds = parameters.get("watchdog", 0);
    if seconds == 0 {
        return Dog(None);
    }
    let Some(chip) = critical_section::with(|section| FOUND.borrow(section).get()) else {
        defmt::panic!("this board has no watchdog");
    };
    (chip.start)(seconds);
    Dog(Some(chip))
}

impl Watchdog for Dog {
    fn feed(&mut self) {
        if let Some(chip) = self.0 {
            (chip.feed)();
        }
    }
}
