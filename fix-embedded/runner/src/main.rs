//! `cargo xtask firmware run`: the board in QEMU, logged on to an exchange, its log in this terminal.

use std::{env, process::ExitCode, thread, time::Duration};

use runner::{
    emulator::{Machine, Run},
    exchange::Exchange,
};

/// How often the log is looked at.
const PERIOD: Duration = Duration::from_millis(100);

fn main() -> ExitCode {
    match run(env::args().skip(1)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("runner: {message}");
            ExitCode::FAILURE
        }
    }
}

/// Each argument is a parameter of the firmware, `NAME=VALUE`. `port` names a counterparty on this machine; without it
/// an exchange is started.
fn run(arguments: impl Iterator<Item = String>) -> Result<(), String> {
    let mut parameters = Vec::new();
    for argument in arguments {
        let (name, value) = argument.split_once('=').ok_or_else(|| format!("{argument}: not NAME=VALUE"))?;
        parameters.push((name.to_owned(), value.to_owned()));
    }
    let has_port = parameters.iter().any(|(name, _)| name == "port");
    let exchange = if has_port { None } else { Some(Exchange::start(0)?) };
    let machine = Machine::An386;
    let image = machine.image("session")?;
    let mut run = Run::new(machine, &image);
    if let Some(exchange) = &exchange {
        println!("an exchange listens on 127.0.0.1:{}", exchange.port);
        run = run.with("port", exchange.port);
    }
    for (name, value) in parameters {
        run = run.with(&name, value);
    }
    let mut emulator = run.start()?;
    let mut shown = 0;
    loop {
        // Asked first: what it logged before its end is then complete.
        let ended = emulator.ended()?;
        for line in emulator.log.lines().iter().skip(shown) {
            println!("{line}");
            shown += 1;
        }
        match ended {
            None => thread::sleep(PERIOD),
            Some(status) if status.success() => return Ok(()),
            Some(status) => return Err(format!("the firmware failed: {status}")),
        }
    }
}
