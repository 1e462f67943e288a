//! `cargo xtask firmware run`: the board in QEMU, logged on to an exchange. What is typed goes to it as orders; its answers
//! and its log are shown.

use std::{
    env, io,
    process::ExitCode,
    sync::{
        atomic::{AtomicBool, Ordering},
        mpsc::{self, Receiver},
    },
    thread,
    time::Duration,
};

use runner::{
    client::Port,
    emulator::{Emulator, Machine, Run},
    exchange::Exchange,
    orders::Orders,
};

/// How often the board and its log are looked at.
const PERIOD: Duration = Duration::from_millis(20);

const HELP: &str = "\
an order: NEW 11=A1 55=10Y 54=1 38=100 40=2 44=101.25
others: CANCEL, REPLACE, MASSCANCEL, STATUS; LOGOUT and back with LOGON; KILL and back with RESUME; PING, RECORD
their fields: fix-embedded/README.md, Lines; the check sum is added here";

/// Ctrl-C was pressed, or who started us wants an end.
static IS_OVER: AtomicBool = AtomicBool::new(false);

fn main() -> ExitCode {
    // What runs then ends as it does otherwise, and takes its temporary files with it.
    if let Err(error) = ctrlc::set_handler(|| IS_OVER.store(true, Ordering::Relaxed)) {
        eprintln!("runner: Ctrl-C: {error}");
        return ExitCode::FAILURE;
    }
    match run(env::args().skip(1)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("runner: {message}");
            ExitCode::FAILURE
        }
    }
}

/// `--line PORT` puts the board's line on that port of 127.0.0.1, too. Each other argument is a parameter of the firmware,
/// `NAME=VALUE`. `port` names a counterparty on this machine; without it an exchange is started.
fn run(mut arguments: impl Iterator<Item = String>) -> Result<(), String> {
    let (mut parameters, mut line) = (Vec::new(), None);
    while let Some(argument) = arguments.next() {
        if argument == "--line" {
            let port = arguments.next().and_then(|port| port.parse().ok());
            line = Some(Port::listen(port.ok_or("--line: needs the number of a port")?)?);
            continue;
        }
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
    let orders = emulator.orders()?;
    println!("{HELP}");
    if let Some(Port { number, .. }) = &line {
        let client = "python3 fix-embedded/examples/gateway_client.py";
        println!("the board's line is on 127.0.0.1:{number}, too: {client} 127.0.0.1:{number}");
    }
    serve(&mut emulator, orders, line.as_ref())
}

/// Passes lines to the board and from it, until it ends.
fn serve(emulator: &mut Emulator, mut orders: Orders, line: Option<&Port>) -> Result<(), String> {
    let typed = typed();
    let (mut answers, mut logged) = (0, 0);
    // QEMU, which Ctrl-C reaches as well, may end by it before we look.
    while !IS_OVER.load(Ordering::Relaxed) {
        // Asked first: what it logged before its end is then complete.
        let ended = emulator.ended()?;
        for text in typed.try_iter().filter(|text| !text.trim().is_empty()) {
            orders.send(text.trim())?;
        }
        for bytes in line.into_iter().flat_map(Port::received) {
            orders.send_bytes(&bytes)?;
        }
        for text in emulator.log.lines().iter().skip(logged) {
            println!("{text}");
            logged += 1;
        }
        for text in orders.lines().iter().skip(answers) {
            println!("{text}");
            line.inspect(|port| port.tell(text));
            answers += 1;
        }
        match ended {
            None => thread::sleep(PERIOD),
            Some(status) if status.success() => return Ok(()),
            Some(status) => return Err(format!("the firmware failed: {status}")),
        }
    }
    Ok(())
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
