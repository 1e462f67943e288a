//! `cargo xtask firmware run`: the board in QEMU, logged on to an exchange. What is typed goes to it as orders; its answers
//! and its log are shown.

use std::{
    env, io,
    process::ExitCode,
    sync::mpsc::{self, Receiver},
    thread,
    time::Duration,
};

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
    let image = machine.image("gateway")?;
    let mut run = Run::new(machine, &image);
    if let Some(exchange) = &exchange {
        println!("an exchange listens on 127.0.0.1:{}", exchange.port);
        run = run.with("port", exchange.port);
    }
    for (name, value) in parameters {
        run = run.with(&name, value);
    }
    let mut emulator = run.start()?;
    let mut orders = emulator.orders()?;
    println!(
        "an order: NEW 11=A1 55=10Y 54=1 38=100 40=2 44=101.25   others: CANCEL, REPLACE, STATUS, LOGOUT, KILL"
    );
    let typed = typed();
    let (mut answers, mut logged) = (0, 0);
    loop {
        // Asked first: what it logged before its end is then complete.
        let ended = emulator.ended()?;
        for line in typed.try_iter() {
            orders.send(&line)?;
        }
        for line in emulator.log.lines().iter().skip(logged) {
            println!("{line}");
            logged += 1;
        }
        for line in orders.lines().iter().skip(answers) {
            println!("{line}");
            answers += 1;
        }
        match ended {
            None => thread::sleep(PERIOD),
            Some(status) if status.success() => return Ok(()),
            Some(status) => return Err(format!("the firmware failed: {status}")),
        }
    }
}

/// The lines of this terminal.
fn typed() -> Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        // Without a terminal there are none, and the board goes on.
        for line in io::stdin().lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    receiver
}
