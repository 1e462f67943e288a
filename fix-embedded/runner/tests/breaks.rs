//! What breaks a program on a board: the log says it, and the run ends as a failure, or begins again and says it once more.

use std::time::Duration;

use crate::common::Desk;
use runner::{
    emulator::{Machine, Run},
    process::wait_for,
};

const MACHINES: [Machine; 4] = [Machine::An385, Machine::An386, Machine::An500, Machine::Lm3s6965];

/// The program, broken on each board in the way that `breaks` names, logs an error with `words`.
fn ends_the_run(breaks: &str, words: &str) -> Result<(), String> {
    for machine in MACHINES {
        let image = machine.image("session")?;
        let mut emulator = Run::new(machine, &image).with("breaks", breaks).start()?;
        let line = emulator.logs(words, 60)?;
        assert!(line.contains("ERROR"), "{machine:?}: {line}");
        let status = wait_for("the run's end", Duration::from_secs(60), || emulator.ended().transpose())??;
        assert_eq!(status.code(), Some(1), "{machine:?}: {line}");
    }
    Ok(())
}

#[test]
fn a_panic() -> Result<(), String> {
    ends_the_run("panic", "panic at qemu/src/breaks.rs:")
}

#[test]
fn a_panic_in_the_midst_of_a_line_of_the_log() -> Result<(), String> {
    ends_the_run("panic-in-log", "panic at qemu/src/breaks.rs:")
}

#[test]
fn a_fault() -> Result<(), String> {
    ends_the_run("fault", "HardFault at pc ")
}

#[test]
fn a_stack_overflow() -> Result<(), String> {
    ends_the_run("overflow", "stack overflow: SP ")
}

#[test]
fn a_stack_overflow_in_the_midst_of_a_line_of_the_log() -> Result<(), String> {
    ends_the_run("overflow-in-log", "stack overflow: SP ")
}

/// As a board of silicon does it: whoever reads the log of the next run learns how this one ended, once.
#[test]
fn what_broke_a_run_is_said_again_by_the_next_one() -> Result<(), String> {
    for (machine, breaks, words) in [
        (Machine::An385, "panic", "panic at qemu/src/breaks.rs:"),
        (Machine::An386, "fault", "HardFault at pc "),
        (Machine::An500, "overflow-in-log", "stack overflow: SP "),
        (Machine::Lm3s6965, "panic-in-log", "panic at qemu/src/breaks.rs:"),
    ] {
        let image = machine.image("session")?;
        let mut emulator = Run::new(machine, &image).with("breaks", breaks).with("again", 1).start()?;
        let words = format!("the run before this one ended: {words}");
        emulator.logs(&words, 60)?;
        // And the program goes on.
        emulator.logs("network is up", 60)?;
        let said = emulator.log.lines().iter().filter(|line| line.contains(&words)).count();
        assert_eq!(said, 1, "{machine:?}, {breaks}: {:#?}", emulator.log.lines());
    }
    Ok(())
}

/// No task runs any more: the watchdog, which nobody feeds, starts the board again, and the session goes on.
#[test]
fn a_program_that_hangs_is_started_again_by_the_watchdog() -> Result<(), String> {
    let mut desk =
        Desk::start(Machine::An386, |run| run.with("watchdog", 6).with("hang", 3_000).with("heartbeat", 2))?;
    desk.orders.send("NEW 11=BEFORE 55=10Y 54=1 38=100 40=1")?;
    desk.answers("11=BEFORE ", 3)?;
    desk.emulator.logs("hangs", 60)?;
    desk.answers(" BOOT ", 2)?;
    desk.answers("SESSION 58=up", 2)?;
    // It feeds it: longer than the watchdog waits it lives, with a Heartbeat each way each two seconds.
    let beats = desk.ledger().iter().filter(|line| line.contains("|35=0|")).count();
    desk.exchange_says("|35=0|", beats + 10)?;
    desk.orders.send("NEW 11=AFTER 55=10Y 54=1 38=100 40=1")?;
    desk.answers("11=AFTER ", 3)?;
    assert_eq!(desk.orders.count(" BOOT "), 2, "{:#?}", desk.orders.lines());
    desk.exchange_says("|11=AFTER|", 3)?;
    desk.ends_well("a program that hangs")
}
