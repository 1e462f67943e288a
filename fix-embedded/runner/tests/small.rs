//! The gateway on the board of 64 KiB of RAM: the same program, with the same rules.

use crate::common::Desk;
use runner::emulator::Machine;

/// Orders that are filled, one behind the other.
fn trade(desk: &mut Desk, name: &str, count: usize) -> Result<(), String> {
    for number in 1..=count {
        desk.orders.send(&format!("NEW 11={name}-{number} 55=10Y 54=1 38=100 40=1"))?;
        // Stored, new, filled.
        desk.answers(&format!("11={name}-{number} "), 3)?;
    }
    Ok(())
}

#[test]
fn orders_a_power_cut_and_orders_again_in_64_kib() -> Result<(), String> {
    let mut desk = Desk::start(Machine::Lm3s6965, |run| run.with("heartbeat", 2))?;
    trade(&mut desk, "A", 200)?;
    desk.orders.send("NEW 11=REST 55=10Y 54=1 38=100 40=2 44=1")?;
    desk.answers("11=REST ", 2)?;
    let mut told = Vec::new();
    desk.cut_power(|run| run.with("heartbeat", 2), &mut told)?;
    desk.answers("SESSION 58=up", 1)?;
    // What works is known, and goes when it is to go.
    desk.orders.send("KILL")?;
    desk.answers("150=4 39=4 ", 1)?;
    desk.orders.send("RESUME")?;
    desk.answers("58=RESUME", 1)?;
    trade(&mut desk, "B", 20)?;
    desk.orders.send("LOGOUT")?;
    desk.exchange_says("|35=5|", 2)?;
    desk.ends_well("64 KiB")
}
