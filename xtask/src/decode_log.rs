//! `cargo xtask bench --decode-log`: how many messages a second `fix-host decode` prints of a message log, names and
//! meanings with them.

use std::{
    fs::File,
    io::{BufRead, BufReader, BufWriter, Write},
    path::Path,
    process::Stdio,
    time::{Duration, Instant},
};

use crate::step::{self, Outcome, command};

const MESSAGES: u64 = 1_000_000;
const RUNS: usize = 5;
/// Messages a second; wall-clock time counts, and so does other work on the machine.
const GOAL: u64 = 1_000_000;

pub(crate) fn run() -> Outcome {
    let program = step::dist_program()?.to_string_lossy().into_owned();
    let log = step::target().join("decode.log");
    write_log(&log).map_err(|error| format!("{}: {error}", log.display()))?;
    check(&program, &log)?;
    let mut times = Vec::new();
    for _ in 0..RUNS {
        times.push(time(&program, &log)?);
    }
    times.sort_unstable();
    let rate = |time: Duration| (MESSAGES as f64 / time.as_secs_f64()) as u64;
    let (best, median) =
        (times.first().copied().map_or(0, rate), times.get(RUNS / 2).copied().map_or(0, rate));
    println!(
        "decode --file, {MESSAGES} messages: {best} a second, median of {RUNS} runs {median}; goal {GOAL}"
    );
    let _ = std::fs::remove_file(&log);
    if best >= GOAL { Ok(()) } else { Err(format!("{best} messages a second, the goal is {GOAL}")) }
}

/// Orders and their reports in turn, as a message log has them.
fn write_log(path: &Path) -> std::io::Result<()> {
    let mut out = BufWriter::new(File::create(path)?);
    for number in 0..MESSAGES {
        let (order, seq) = (number / 2, number / 2 + 1);
        let common = format!(
            "34={seq}|52=20261124-12:30:45.123|11=ORDER-{order:07}|1=ACCOUNT-77|55=EUR/USD|54={}|\
             60=20261124-12:30:45.122|38=1500000|40=2|44=1.09{:03}|59=0|",
            order % 2 + 1,
            order % 1000
        );
        let body = if number % 2 == 0 {
            format!("35=D|49=BUYSIDE|56=EXCHANGE|21=1|{common}")
        } else {
            format!(
                "35=8|49=EXCHANGE|56=BUYSIDE|37=EXCH-ORD-{order:010}|17=EXEC-{order:09}|150=F|39=1|32=500000|\
                 31=1.09371|30=XLON|151=1000000|14=500000|6=1.09371|75=20261124|58=partial fill|{common}"
            )
        };
        let message = format!("8=FIX.4.4|9={}|{body}", body.len()).replace('|', "\x01");
        let sum = message.bytes().fold(0u8, u8::wrapping_add);
        writeln!(out, "20261124-12:30:45.123 : {message}10={sum:03}\x01")?;
    }
    out.flush()
}

/// Every message is printed, in words.
fn check(program: &str, log: &Path) -> Outcome {
    let mut child = decode(program, log).stdout(Stdio::piped()).spawn().map_err(|error| error.to_string())?;
    let output = child.stdout.take().ok_or("no output")?;
    let mut in_words = 0;
    for line in BufReader::new(output).lines() {
        let line = line.map_err(|error| error.to_string())?;
        let message = line.strip_prefix("20261124-12:30:45.123 ").unwrap_or_default();
        let order = message.starts_with("NewOrderSingle | ");
        let report =
            message.starts_with("ExecutionReport | ") && line.contains(" | ExecType(150)=F TRADE | ");
        in_words += u64::from((order || report) && line.contains(" | OrdType(40)=2 LIMIT | "));
    }
    let ended = child.wait().map_err(|error| error.to_string())?;
    if ended.success() && in_words == MESSAGES {
        return Ok(());
    }
    Err(format!("decode printed {in_words} of {MESSAGES} messages in words ({ended})"))
}

fn time(program: &str, log: &Path) -> Result<Duration, String> {
    let begin = Instant::now();
    let status = decode(program, log).stdout(Stdio::null()).status().map_err(|error| error.to_string())?;
    if status.success() { Ok(begin.elapsed()) } else { Err(format!("decode: {status}")) }
}

fn decode(program: &str, log: &Path) -> std::process::Command {
    command(program, &["decode", "--file", &log.to_string_lossy()])
}
