//! The start of the program: until it answers a Logon, with an empty journal and with a large one.

use std::{fs, process::Command};

use super::{
    Args,
    bench::{Bench, figure},
    table::{Goal, Table, median},
};
use crate::{
    port::free_port,
    step::{self, Outcome},
};

pub(super) fn run(bench: &Bench, args: &Args, table: &mut Table) -> Outcome {
    let start = start_to_logon(bench, 0, 10)?;
    table.add("start of the program to Logon answered", start / 1000.0, "ms", Some(Goal::AtMost(5.0)));
    let restart = start_to_logon(bench, args.stored, 3)?;
    let figure = format!("the same with {} messages in the journal", args.stored);
    table.add(&figure, restart / 1000.0, "ms", Some(Goal::AtMost(1000.0)));
    Ok(())
}

/// Microseconds from the start of the program that users start to its answer to a Logon, with so many
/// messages in its journal and all cores; median of some starts.
fn start_to_logon(bench: &Bench, stored: u64, starts: u64) -> Result<f64, String> {
    let folder = bench.fresh("start")?;
    let store = folder.join("store");
    let mut fill = Command::new(&bench.program);
    fill.arg("fill").arg(&store).arg(stored.to_string());
    step::run(fill)?;
    let config = folder.join("exchange.cfg");
    let port = free_port()?;
    let text = format!(
        "[SESSION]\nConnectionType=acceptor\nBeginString=FIX.4.4\nSenderCompID=SERVER\nTargetCompID=DRIVER\n\
         SocketAcceptAddress=127.0.0.1\nSocketAcceptPort={port}\nFileStorePath={}\n",
        store.display()
    );
    fs::write(&config, text).map_err(|error| format!("{}: {error}", config.display()))?;
    let mut times = Vec::new();
    for start in 0..starts {
        // A Logon and a Logout each time.
        let number = stored + 1 + 2 * start;
        let mut driver = Command::new(&bench.program);
        driver.args(["start", &port.to_string(), &number.to_string()]);
        driver.arg(&bench.fix_host).args(["exchange", "--config"]).arg(&config);
        times.push(figure(driver)?);
    }
    median(times.into_iter()).ok_or_else(|| "no start was measured".to_owned())
}
