//! The gateway on the board against the exchange: what the counterparty's ledger says must be what the board was told.

use std::{collections::HashSet, time::Duration};

use crate::common::{Desk, logs_on_soon, noise::Noise};
use runner::{counterparty::field, emulator::Machine, exchange::Exchange, process::wait_for};

/// An order that is filled at once.
fn order(id: &str) -> String {
    format!("NEW 11={id} 55=10Y 54=1 38=100 40=1")
}

/// Orders, each sent when the one before is filled.
fn trade(desk: &mut Desk, name: &str, count: usize) -> Result<(), String> {
    for number in 1..=count {
        desk.orders.send(&order(&format!("{name}-{number}")))?;
        // New, then filled.
        desk.answers(&format!("11={name}-{number} "), 3)?;
    }
    Ok(())
}

#[test]
fn a_thousand_orders_from_logon_to_logout() -> Result<(), String> {
    let mut desk = Desk::start(Machine::An386, |run| run.with("heartbeat", 2))?;
    trade(&mut desk, "A", 1_000)?;
    logs_on_soon(&desk.emulator, 1)?;
    desk.orders.send("LOGOUT")?;
    desk.exchange_says("|35=5|", 2)?;
    desk.ends_well("a thousand orders")?;
    let fills = desk.ledger().iter().filter(|line| line.contains("|150=F|")).count();
    assert_eq!(fills, 1_000);
    Ok(())
}

/// Each half of the flash is filled, and pages are erased while orders go on: the session that began stays up.
#[test]
fn an_erase_of_a_second_and_a_half_costs_no_session() -> Result<(), String> {
    let mut desk = Desk::start(Machine::An386, |run| run.with("heartbeat", 5).with("stall", 1_500))?;
    trade(&mut desk, "A", 300)?;
    assert_eq!(desk.orders.count(" SESSION 58="), 1, "{:#?}", desk.orders.lines());
    desk.ends_well("an erase")
}

#[test]
fn a_counterparty_that_goes_away_is_met_again_with_the_right_numbers() -> Result<(), String> {
    let mut desk = Desk::start(Machine::An386, |run| run.with("heartbeat", 2))?;
    trade(&mut desk, "A", 5)?;
    // Once politely, once not.
    desk.exchange.stop()?;
    desk.exchange.start_again()?;
    desk.answers("SESSION 58=up", 2)?;
    trade(&mut desk, "B", 5)?;
    desk.exchange.kill();
    desk.exchange.start_again()?;
    desk.answers("SESSION 58=up", 3)?;
    trade(&mut desk, "C", 5)?;
    desk.ends_well("a counterparty that goes away")
}

#[test]
fn a_cable_that_is_pulled_is_noticed_and_plugged_in_again_the_session_goes_on() -> Result<(), String> {
    let mut desk = Desk::start(Machine::An386, |run| run.with("heartbeat", 2))?;
    trade(&mut desk, "A", 3)?;
    desk.emulator.set_link(false)?;
    desk.emulator.logs("link is down", 30)?;
    desk.answers("SESSION 58=down", 1)?;
    // Long enough that attempts to connect were given up, and the next one is due in a while.
    std::thread::sleep(Duration::from_secs(11));
    desk.emulator.set_link(true)?;
    desk.answers("SESSION 58=up", 2)?;
    logs_on_soon(&desk.emulator, 2)?;
    trade(&mut desk, "B", 3)?;
    desk.ends_well("a cable")
}

/// How many power cuts a test makes: 20, or as many as `FIRMWARE_CUTS` says.
fn cuts() -> u64 {
    std::env::var("FIRMWARE_CUTS").ok().and_then(|text| text.parse().ok()).unwrap_or(20)
}

/// The power is cut while orders go out: after it no number stands for two messages and no order is sent twice, and what
/// the board had said of an order's number is what the exchange has seen.
#[test]
fn power_cuts_reuse_no_number_and_repeat_no_order() -> Result<(), String> {
    let cuts = cuts();
    let mut desk = Desk::start(Machine::An386, |run| run.with("heartbeat", 30))?;
    let mut told = Vec::new();
    // A cut a little later each time, over the milliseconds that orders take.
    for cut in 0..cuts {
        for number in 0..4 {
            desk.orders.send(&order(&format!("P{cut}-{number}")))?;
        }
        std::thread::sleep(Duration::from_millis(cut * 7 % 60));
        desk.cut_power(|run| run.with("heartbeat", 30), &mut told)?;
        desk.answers("SESSION 58=up", 1)?;
    }
    none_is_wrong(&mut desk, told, "power cuts")
}

/// An order more, and then what the board had said of orders' numbers is what the exchange has seen.
fn none_is_wrong(desk: &mut Desk, mut told: Vec<(String, u64)>, scenario: &str) -> Result<(), String> {
    trade(desk, "LAST", 3)?;
    // The ledger is written behind the session. The order, new, filled.
    desk.exchange_says("|11=LAST-3|", 3)?;
    desk.told(&mut told);
    desk.ends_well(scenario)?;
    let ledger = desk.ledger();
    let (mut orders, mut filled) = (HashSet::new(), Vec::new());
    for line in ledger.iter().filter(|line| line.contains("|49=TRADEDESK|")) {
        let number = |tag| field(line, tag).and_then(|text| text.parse::<u64>().ok());
        match (number("34"), field(line, "11"), field(line, "123").and(number("36"))) {
            (Some(number), Some(id), _) => _ = orders.insert((number, id)),
            (Some(number), None, Some(next)) => filled.push(number..next),
            _ => {}
        }
    }
    for (id, number) in &told {
        // It may have been cut off before it was sent; then its number went to nothing else.
        let is_there = orders.contains(&(*number, id.as_str()));
        assert!(
            is_there || filled.iter().any(|gap| gap.contains(number)),
            "{id} has number {number} on the board alone"
        );
    }
    assert!(told.len() > 3, "{told:?}");
    Ok(())
}

/// Orders, each sent when the one before is answered, until the power goes. False if it has not before `most` orders.
fn trade_until_the_power_goes(desk: &mut Desk, name: &str, most: usize) -> Result<bool, String> {
    for number in 0..=most {
        let id = format!("{name}-{number}");
        let up = number == 0;
        if !up && desk.orders.send(&order(&id)).is_err() {
            return Ok(true);
        }
        let has_ended = wait_for("an answer, or the end of power", Duration::from_secs(60), || {
            let has_ended = desk.emulator.ended().transpose().map(|ended| ended.map(|_| true));
            let is_done = match up {
                true => desk.orders.count("SESSION 58=up") > 0,
                // New, then filled; or refused, as before the flash is erased.
                false => {
                    desk.orders.count(&format!(" 11={id} ")) >= 3
                        || desk.orders.count(&format!(" NO 11={id} ")) > 0
                }
            };
            has_ended.or(is_done.then_some(Ok(false)))
        })??;
        if has_ended {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The power goes in the midst of a word of the flash that is written, and of a page that is erased, at random.
#[test]
fn power_cuts_in_the_midst_of_writes_and_erases_reuse_no_number_and_repeat_no_order() -> Result<(), String> {
    let mut noise = Noise(20_261_130);
    // Each start erases the other half, of 4,096 words, and then fills its own.
    let mut words = move || 1 + noise.below(9_000);
    let power = words();
    let mut desk =
        Desk::begin(Exchange::start(0)?, Machine::An386, "gateway", |run| run.with("power", power))?;
    let (mut told, mut in_writes, mut in_erases) = (Vec::new(), 0, 0);
    for cut in 0..cuts() {
        assert!(trade_until_the_power_goes(&mut desk, &format!("P{cut}"), 1_000)?, "there is no end");
        let went = desk.emulator.logs("the power goes in the midst of", 10)?;
        in_writes += usize::from(went.contains("a write"));
        in_erases += usize::from(went.contains("an erase"));
        let power = words();
        desk.cut_power(|run| run.with("power", power), &mut told)?;
    }
    println!("{in_writes} cuts in the midst of a write, {in_erases} of an erase");
    desk.cut_power(|run| run, &mut told)?;
    desk.answers("SESSION 58=up", 1)?;
    none_is_wrong(&mut desk, told, "power cuts in writes and erases")
}

/// Bytes that are no line, lines that are changed, and far too long ones: each is refused or passed over, and orders go on.
#[test]
fn hostile_bytes_on_the_line_for_orders_stop_nothing() -> Result<(), String> {
    let mut desk = Desk::start(Machine::An386, |run| run.with("heartbeat", 2))?;
    trade(&mut desk, "A", 2)?;
    let mut noise = Noise(20_261_129);
    for _ in 0..50 {
        let len = 1 + noise.next() as usize % 600;
        let bytes: Vec<u8> = (0..len).map(|_| noise.next() as u8).collect();
        desk.orders.send_bytes(&bytes)?;
        desk.orders.send_bytes(b"\nNEW 11=BAD 55=10Y 54=1 38=100 40=1 *0000\n")?;
    }
    desk.answers("58=the check sum is not that of the line", 50)?;
    trade(&mut desk, "B", 2)?;
    assert!(!desk.ledger().iter().any(|line| line.contains("11=BAD|")));
    desk.ends_well("hostile lines")
}

/// Whoever sends orders falls silent: after the time that is configured everything that rests is cancelled, by one request, by
/// one for each order, or by a Logout, as is configured; and a word of the host ends it.
fn a_silent_host_has_its_orders_cancelled(cancels: &str, words: &str, count: usize) -> Result<(), String> {
    let mut desk = Desk::start(Machine::An386, |run| {
        run.with("heartbeat", 2).with("silent", 4).with("cancels", cancels).with("wait", 50)
    })?;
    for id in ["REST-1", "REST-2"] {
        desk.orders.send(&format!("NEW 11={id} 55=10Y 54=1 38=100 40=2 44=1"))?;
        desk.answers(&format!(" 8 11={id} "), 1)?;
    }
    desk.answers("STOP 58=trading is stopped: the host is silent", 1)?;
    // The ledger is written behind the session: it is waited for.
    desk.exchange_says(words, count)?;
    let (ended, ups) = if cancels == "logout" { ("SESSION 58=down", 2) } else { (" 150=4 39=4 ", 1) };
    desk.answers(ended, if cancels == "logout" { 1 } else { 2 })?;
    desk.orders.send("NEW 11=SILENT 55=10Y 54=1 38=100 40=1")?;
    desk.answers("STOP 58=trading goes on", 1)?;
    desk.answers("SESSION 58=up", ups)?;
    desk.orders.send("PING")?;
    trade(&mut desk, "ON", 1)?;
    desk.ends_well(&format!("a silent host, {cancels}"))
}

#[test]
fn a_silent_host_has_all_its_orders_cancelled_by_one_request() -> Result<(), String> {
    a_silent_host_has_its_orders_cancelled("mass", "|35=q|", 1)
}

#[test]
fn a_silent_host_has_each_of_its_orders_cancelled() -> Result<(), String> {
    a_silent_host_has_its_orders_cancelled("each", "|35=F|", 2)
}

/// Who is logged on again by a word of the host, not before.
#[test]
fn a_silent_host_is_logged_out() -> Result<(), String> {
    a_silent_host_has_its_orders_cancelled("logout", "|35=5|", 2)
}
