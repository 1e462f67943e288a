//! What breaks a program on a board: the log says it, and the run ends as a failure.

use std::time::Duration;

use runner::{
    emulator::{Machine, Run},
    process::wait_for,
};

/// The program, broken on each board in the way that `breaks` names, logs an error with `words`.
fn ends_the_run(breaks: &str, words: &str) -> Result<(), String> {
    for machine in [Machine::An385, Machine::An386, Machine::An500, Machine::Lm3s6965] {
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
    ends_the_run("panic", "panic at ")
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
    ends_the_run("log", "stack overflow: SP ")
}
