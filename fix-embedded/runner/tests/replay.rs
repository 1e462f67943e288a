//! What was recorded on either side of a session is done again on both machines: the same bytes from the same core on 64 and
//! on 32 bits.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    net::TcpListener,
    path::Path,
    process::Command,
    thread,
};

use crate::common::Desk;
use runner::{
    emulator::Machine,
    place::Scratch,
    replay::{on_board, on_host},
};

const CLIENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/gateway_client.py");

#[test]
fn what_either_side_recorded_is_done_again_on_the_host_and_on_the_board() -> Result<(), String> {
    let mut desk = Desk::start_image(Machine::An386, "recorder", |run| run.with("heartbeat", 2))?;
    trade(&mut desk, "A", 5)?;
    desk.exchange.kill();
    // Its recording begins anew; the board's with the power.
    desk.exchange.start_again()?;
    desk.answers("SESSION 58=up", 2)?;
    trade(&mut desk, "B", 5)?;
    // The rest of the reserved numbers is a gap for the exchange: a ResendRequest, and a gap fill.
    desk.cut_power(|run| run.with("heartbeat", 2), &mut Vec::new())?;
    desk.answers("SESSION 58=up", 1)?;
    trade(&mut desk, "C", 5)?;
    // An order that is rejected, and a cancel of one that nobody has.
    desk.orders.send("NEW 11=BAD 55=NOSUCH 54=1 38=100 40=1")?;
    desk.answers(" 11=BAD ", 2)?;
    desk.orders.send("CANCEL 11=NONE-1 41=NONE 55=10Y 54=1 38=1")?;
    desk.answers(" 11=NONE-1 ", 2)?;
    desk.orders.send("RECORD")?;
    desk.answers(" RECORDED 58=", 1)?;
    desk.exchange_says("|35=2|", 1)?;
    let lines = desk.orders.lines();
    desk.orders.send("LOGOUT")?;
    desk.answers("SESSION 58=down", 1)?;
    desk.exchange.stop()?;

    let scratch = Scratch::new()?;
    let board = scratch.file("board.flight");
    fs::write(&board, recording(&lines)?).map_err(|error| error.to_string())?;
    for (whose, file) in [("the board's", &board), ("the exchange's", &desk.exchange.flight())] {
        let said = on_host(file).map_err(|error| format!("{whose} on the host: {error}"))?;
        println!("{whose}: {said}");
        assert!(!said.contains(" 0 messages out"), "{whose}: {said}");
        assert_eq!(
            on_board(file).map_err(|error| format!("{whose} on the board: {error}"))?,
            said,
            "{whose}"
        );
    }
    client_gets_the_same(lines, &board, &scratch)
}

/// Orders, each sent when the one before is filled.
fn trade(desk: &mut Desk, name: &str, count: usize) -> Result<(), String> {
    for number in 1..=count {
        desk.orders.send(&format!("NEW 11={name}-{number} 55=10Y 54=1 38=100 40=1"))?;
        desk.answers(&format!("11={name}-{number} "), 3)?;
    }
    Ok(())
}

/// What the lines of a board have behind its `OK` to RECORD.
fn recording(lines: &[String]) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    for line in lines {
        let Some(digits) = line.split(" REC 96=").nth(1).and_then(|rest| rest.split(' ').next()) else {
            continue;
        };
        for at in (0..digits.len()).step_by(2) {
            let pair = digits.get(at..at + 2).ok_or_else(|| format!("half a byte: {line}"))?;
            bytes.push(u8::from_str_radix(pair, 16).map_err(|error| format!("{error}: {line}"))?);
        }
    }
    Ok(bytes)
}

/// The Python client makes the same file of the board's lines.
fn client_gets_the_same(lines: Vec<String>, board: &Path, scratch: &Scratch) -> Result<(), String> {
    let is_ci = std::env::var("CI").is_ok_and(|value| value == "true");
    if !is_ci && Command::new("python3").arg("--version").output().is_err() {
        println!("SKIP the client: no python3");
        return Ok(());
    }
    let text = |error: std::io::Error| error.to_string();
    let listener = TcpListener::bind("127.0.0.1:0").map_err(text)?;
    let port = listener.local_addr().map_err(text)?.port();
    thread::spawn(move || -> std::io::Result<()> {
        let (mut stream, _) = listener.accept()?;
        let mut asked = String::new();
        BufReader::new(stream.try_clone()?).read_line(&mut asked)?;
        assert!(asked.starts_with("RECORD *"), "{asked}");
        lines.iter().try_for_each(|line| writeln!(stream, "{line}"))
    });
    let file = scratch.file("client.flight");
    let mut command = Command::new("python3");
    let output = command.arg(CLIENT).arg(format!("127.0.0.1:{port}")).arg("--record").arg(&file).output();
    let output = output.map_err(text)?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(fs::read(&file).map_err(text)?, fs::read(board).map_err(text)?);
    Ok(())
}
