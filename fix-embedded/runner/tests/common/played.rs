//! A board with a gateway whose counterparty is the test itself.

use runner::{
    counterparty::Counterparty,
    emulator::{Emulator, Machine, Run},
    orders::Orders,
};

pub struct Played {
    pub counterparty: Counterparty,
    pub emulator: Emulator,
    pub orders: Orders,
}

impl Played {
    /// Started, and logged on.
    pub fn start(more: impl Fn(Run) -> Run) -> Result<Self, String> {
        let mut played = Self::switch_on(more)?;
        played.counterparty.log_on(60)?;
        played.answers("SESSION 58=up", 1)?;
        Ok(played)
    }

    /// Started. The counterparty listens, and does no more.
    pub fn switch_on(more: impl Fn(Run) -> Run) -> Result<Self, String> {
        let counterparty = Counterparty::listen()?;
        let machine = Machine::An386;
        let image = machine.image("gateway")?;
        let run = Run::new(machine, &image).with("port", counterparty.port).with("stack", 1);
        let mut emulator = more(run).start()?;
        let orders = emulator.orders()?;
        Ok(Played { counterparty, emulator, orders })
    }

    /// Waits until so many lines of the board have `words`.
    pub fn answers(&self, words: &str, count: usize) -> Result<(), String> {
        let log = || self.emulator.log.lines().join("\n");
        self.orders.wait(words, count, 60).map_err(|late| format!("{late}\nits log:\n{}", log()))
    }

    /// Sends an order, receives it as the counterparty, and returns it.
    pub fn order(&mut self, id: &str) -> Result<String, String> {
        self.orders.send(&format!("NEW 11={id} 55=10Y 54=1 38=100 40=1"))?;
        self.counterparty.wait(&format!("|11={id}|"), 60)
    }

    /// Fills an order, as the counterparty.
    pub fn fill(&mut self, id: &str) -> Result<(), String> {
        self.counterparty.send("8", &filled(id))
    }

    /// The board answers its line, and its counterparty.
    pub fn is_alive(&mut self) -> Result<(), String> {
        let pongs = self.orders.count(" PONG ");
        self.orders.send("PING")?;
        self.answers(" PONG ", pongs + 1)
    }

    /// What came in is whole, and the stack bounded.
    pub fn ends_well(&mut self, scenario: &str) -> Result<(), String> {
        super::ledger::is_whole(self.counterparty.ledger())?;
        super::stack_is_bounded(&mut self.emulator, scenario)
    }
}

/// The fields of an ExecutionReport(8) that fills an order.
pub fn filled(id: &str) -> String {
    format!(
        "37=O-{id}|11={id}|17=E-{id}|150=F|39=2|55=10Y|54=1|38=100|32=100|31=96.5|151=0|14=100|6=96.5|60=20261129-10:00:00.000|"
    )
}
