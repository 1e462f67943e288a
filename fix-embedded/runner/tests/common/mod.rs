//! A board with a gateway, its exchange, and who sends the orders.

#![allow(dead_code, reason = "each test file uses its part")]

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use runner::{
    emulator::{Emulator, Machine, Run},
    exchange::Exchange,
    orders::Orders,
    place::Scratch,
    process::wait_for,
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
        let exchange = Exchange::start(0)?;
        let (image, scratch) = (machine.image(name)?, Scratch::new()?);
        let run = Run::new(machine, &image).flash(scratch.file("flash")).with("port", exchange.port);
        let mut emulator = more(run).start()?;
        let orders = emulator.orders()?;
        let desk = Desk { exchange, emulator, orders, machine, image, scratch };
        desk.answers("SESSION 58=up", 1)?;
        Ok(desk)
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
            .with("port", self.exchange.port);
        self.emulator = more(run).start()?;
        self.orders = self.emulator.orders()?;
        Ok(())
    }

    /// Bytes of the stack that were used at most; the board is started with `stack=1`.
    pub fn most_stack(&mut self) -> Result<usize, String> {
        self.emulator.logs("bytes used at most", 60)?;
        let lines = self.emulator.log.lines();
        let last = lines.iter().filter_map(|line| line.split("stack: ").nth(1)).next_back();
        let most = last.and_then(|rest| rest.split(' ').next()?.parse().ok());
        most.ok_or_else(|| format!("no such number: {last:?}"))
    }

    /// What the exchange has seen and sent.
    pub fn ledger(&self) -> Vec<String> {
        self.exchange.messages()
    }

    /// Waits until so many messages of the ledger have `words`.
    pub fn exchange_says(&self, words: &str, count: usize) -> Result<(), String> {
        wait_for(words, Duration::from_secs(60), || {
            let seen = self.ledger().iter().filter(|line| line.contains(words)).count();
            (seen >= count).then_some(())
        })
    }

    /// In the ledger each number of the board stands for one message, none is left out, and no order came twice.
    pub fn numbers_are_whole(&self) -> Result<(), String> {
        let ledger = self.ledger();
        let mut numbers: BTreeMap<u64, &str> = BTreeMap::new();
        let mut ids: BTreeMap<&str, u64> = BTreeMap::new();
        for line in ledger.iter().filter(|line| line.contains("|49=TRADEDESK|")) {
            let field = |tag: &str| {
                let from = line.find(&format!("|{tag}="))? + tag.len() + 2;
                line[from..].split('|').next()
            };
            let number = |tag| field(tag).and_then(|text| text.parse::<u64>().ok());
            let end = number("36").filter(|_| field("123") == Some("Y"));
            let number = number("34").ok_or(format!("no number: {line}"))?;
            if field("43") == Some("Y") {
                // A resend. A gap fill stands for all numbers before its NewSeqNo(36).
                for number in number..end.unwrap_or(number + 1) {
                    numbers.entry(number).or_insert(line);
                }
                continue;
            }
            if let Some(before) = numbers.insert(number, line) {
                return Err(format!("two messages of the number {number}:\n{before}\n{line}"));
            }
            if let (Some("D"), Some(id)) = (field("35"), field("11"))
                && let Some(before) = ids.insert(id, number)
            {
                return Err(format!("{id} came twice, as {before} and as {number}"));
            }
        }
        let (Some(first), Some(last)) = (numbers.keys().next(), numbers.keys().next_back()) else {
            return Err("nothing came from the board".into());
        };
        let expected = usize::try_from(last - first + 1).unwrap_or(usize::MAX);
        if expected == numbers.len() { Ok(()) } else { Err(format!("numbers missing: {ledger:#?}")) }
    }
}
