//! The smallest program, `session`, against the exchange, on each board that its image runs on.

use runner::{
    emulator::{Machine, Run},
    exchange::Exchange,
};

fn trades(machine: Machine) -> Result<(), String> {
    let exchange = Exchange::start(0)?;
    let image = machine.image("session")?;
    let mut emulator =
        Run::new(machine, &image).with("port", exchange.port).with("orders", 3).with("seconds", 5).start()?;
    emulator.logs("3 orders filled", 60)?;
    emulator.succeeds(60)?;
    // The log-outs are the last.
    exchange.says("|35=5|", 2)?;
    let messages = exchange.messages();
    let count = |words: &str| messages.iter().filter(|line| line.contains(words)).count();
    assert_eq!(count("|35=D|"), 3, "{messages:#?}");
    // Two sides beat for five seconds at HeartBtInt(108) of two.
    assert!(count("|35=0|") >= 4, "{messages:#?}");
    assert_eq!(count("|35=5|"), 2, "{messages:#?}");
    assert_eq!(count("|35=2|") + count("|35=3|"), 0, "{messages:#?}");
    Ok(())
}

#[test]
fn on_a_cortex_m3() -> Result<(), String> {
    trades(Machine::An385)
}

#[test]
fn on_a_cortex_m4() -> Result<(), String> {
    trades(Machine::An386)
}

#[test]
fn on_a_cortex_m7() -> Result<(), String> {
    trades(Machine::An500)
}

#[test]
fn on_a_small_board() -> Result<(), String> {
    trades(Machine::Lm3s6965)
}
