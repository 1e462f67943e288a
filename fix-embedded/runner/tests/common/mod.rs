//! A board with a gateway, its exchange, and who sends the orders.

#![allow(dead_code, reason = "`cost.rs` uses its part")]

pub mod ledger;
pub mod noise;
pub mod played;

use std::path::PathBuf;

use runner::{
    emulator::{Emulator, Machine, Run},
    exchange::Exchange,
    orders::Orders,
    place::Scratch,
};

pub struct Desk {
    pub exchange: Exchange,
    pub emulator: Emulator,
    pub orders: Orders,
    machine: Machine,
    image: PathBuf,
    scratch: Scratch,
}

impl Desk {
    /// Both started, and logged on to each other.
    pub fn start(machine: Machine, more: impl Fn(Run) -> Run) -> Result<Self, String> {
        Self::start_image(machine, "gateway", more)
    }

    /// As [`start`](Self::start), of another image.
    pub fn start_image(machine: Machine, name: &str, more: impl Fn(Run) -> Run) -> Result<Self, String> {
        let desk = Self::begin(Exchange::start(0)?, machine, name, more)?;
        desk.answers("SESSION 58=up", 1)?;
        Ok(desk)
    }

    /// That exchange, and a board that is started and has not logged on yet.
    pub fn begin(
        exchange: Exchange,
        machine: Machine,
        name: &str,
        more: impl Fn(Run) -> Run,
    ) -> Result<Self, String> {
        let (image, scratch) = (machine.image(name)?, Scratch::new()?);
        let run = Run::new(machine, &image)
            .flash(scratch.file("flash"))
            .with("port", exchange.port)
            .with("stack", 1);
        let mut emulator = more(run).start()?;
        let orders = emulator.orders()?;
        Ok(Desk { exchange, emulator, orders, machine, image, scratch })
    }

    /// Waits until so many lines of the board have `words`.
    pub fn answers(&self, words: &str, count: usize) -> Result<(), String> {
        let log = || self.emulator.log.lines().join("\n");
        self.orders.wait(words, count, 60).map_err(|late| format!("{late}\nits log:\n{}", log()))
    }

    /// The orders that the board said it stored, by ClOrdID(11), with their numbers.
    pub fn told(&self, told: &mut Vec<(String, u64)>) {
        for line in self.orders.lines() {
            let field =
                |key: &str| line.split(' ').find_map(|field| field.strip_prefix(key)?.strip_prefix('='));
            if let (true, Some(id), Some(Ok(number))) =
                (line.contains(" OK "), field("11"), field("34").map(str::parse))
            {
                told.push((id.to_owned(), number));
            }
        }
    }

    /// The power is cut, and comes back. What the board had said of orders until then is added to `told`.
    pub fn cut_power(
        &mut self,
        more: impl Fn(Run) -> Run,
        told: &mut Vec<(String, u64)>,
    ) -> Result<(), String> {
        self.emulator.kill();
        self.told(told);
        let run = Run::new(self.machine, &self.image)
            .flash(self.scratch.file("flash"))
            .with("port", self.exchange.port)
            .with("stack", 1);
        self.emulator = more(run).start()?;
        self.orders = self.emulator.orders()?;
        Ok(())
    }

    /// What the exchange has seen and sent.
    pub fn ledger(&self) -> Vec<String> {
        self.exchange.messages()
    }

    /// Waits until so many messages of the ledger have `words`.
    pub fn exchange_says(&self, words: &str, count: usize) -> Result<(), String> {
        self.exchange.says(words, count)
    }

    /// In the ledger each number of the board stands for one message, none is left out, and no order came twice. Says
    /// how much stack the scenario took, which is bounded; the board is started with `stack=1`.
    pub fn ends_well(&mut self, scenario: &str) -> Result<(), String> {
        ledger::is_whole(&self.ledger())?;
        stack_is_bounded(&mut self.emulator, scenario)
    }
}

/// Virtual seconds from a link that comes up to a Logon(A) that is sent.
const MOST_TO_LOGON: f64 = 1.5;

/// Each time that the link came up, a Logon(A) was sent soon: so many times.
pub fn logs_on_soon(emulator: &Emulator, times: usize) -> Result<(), String> {
    let lines = emulator.log.lines();
    let seconds = |line: &String| line.split(' ').next().and_then(|text| text.parse::<f64>().ok());
    let (mut up, mut count) = (None, 0);
    for line in &lines {
        if line.contains("link is up") {
            up = seconds(line);
        } else if line.contains("-> LogonSent")
            && let (Some(up), Some(sent)) = (up.take(), seconds(line))
        {
            println!("from a link that came up to the Logon: {:.6} s", sent - up);
            if sent - up > MOST_TO_LOGON {
                return Err(format!("too long: {}", lines.join("\n")));
            }
            count += 1;
        }
    }
    if count == times { Ok(()) } else { Err(format!("{count} Logons after a link: {}", lines.join("\n"))) }
}

/// Bytes of stack that the gateway may use, from its start on, in any scenario.
const MOST_STACK: usize = 12_000;

/// Says how much stack was used, and fails if that is too much.
pub fn stack_is_bounded(emulator: &mut Emulator, scenario: &str) -> Result<(), String> {
    stack_is_within(MOST_STACK, emulator, scenario)
}

/// The same, with a bound of its own.
pub fn stack_is_within(bound: usize, emulator: &mut Emulator, scenario: &str) -> Result<(), String> {
    emulator.logs("bytes used at most", 60)?;
    let lines = emulator.log.lines();
    let last = lines.iter().filter_map(|line| line.split("stack: ").nth(1)).next_back();
    let most: Option<usize> = last.and_then(|rest| rest.split(' ').next()?.parse().ok());
    let most = most.ok_or_else(|| format!("no such number: {last:?}"))?;
    println!("stack, {scenario}: {most} bytes at most");
    if most <= bound { Ok(()) } else { Err(format!("{most} bytes of stack, more than {bound}")) }
}
