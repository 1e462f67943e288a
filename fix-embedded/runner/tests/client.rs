//! The client in Python at the line of a board that is reset, and of one that is gone.

use std::{
    io::{BufRead, BufReader, Read, Write},
    process::{Child, ChildStdin, Command, Stdio},
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::Duration,
};

use crate::common::Desk;
use runner::{
    client::Port,
    emulator::{Emulator, Machine},
    process::wait_for,
};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples");

/// A client of the board's line, as a person or a program has one.
struct Terminal {
    child: Child,
    input: Option<ChildStdin>,
    /// What it showed.
    shown: Arc<Mutex<Vec<String>>>,
}

impl Terminal {
    fn open(port: &Port) -> Result<Self, String> {
        let mut command = Command::new("python3");
        command.args(["-B", "gateway_client.py", &format!("127.0.0.1:{}", port.number)]).current_dir(FOLDER);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(|error| format!("python3: {error}"))?;
        let output = child.stdout.take().ok_or("no stdout")?;
        let (input, shown) = (child.stdin.take(), Arc::default());
        let lines: Arc<Mutex<Vec<String>>> = Arc::clone(&shown);
        thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                lines.lock().unwrap_or_else(PoisonError::into_inner).push(line);
            }
        });
        Ok(Terminal { child, input, shown })
    }

    fn types(&mut self, line: &str) -> Result<(), String> {
        let input = self.input.as_mut().ok_or("it is closed")?;
        writeln!(input, "{line}").map_err(|error| error.to_string())
    }

    fn lines(&self) -> Vec<String> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The number and the word of a line, shown or said.
fn head(line: &str) -> Option<(u64, String)> {
    let mut words = line.strip_prefix('#')?.split(' ');
    Some((words.next()?.parse().ok()?, words.next()?.to_owned()))
}

/// A person who types an order after the other, and resets the board with some on their way.
#[derive(Default)]
struct Typist {
    resets: usize,
    orders: usize,
    /// Refusals when the last order was typed: one that a reset has damaged is refused.
    refused: usize,
}

const RESETS: usize = 4;
const ORDERS: usize = 8;

impl Typist {
    /// Types what is next, once the last order is answered.
    fn goes_on(&mut self, lines: &[String], terminal: &mut Terminal, board: &Emulator) -> Result<(), String> {
        let refused = count(lines, " NO ");
        let is_answered = self.orders == 0
            || refused > self.refused
            || count(lines, &format!(" OK 11=A-{} ", self.orders)) > 0;
        if count(lines, "SESSION 58=up") <= self.resets || !is_answered {
            return Ok(());
        }
        if self.orders == ORDERS * (self.resets + 1) && self.resets < RESETS {
            for number in 0..4 {
                terminal.types(&new(&format!("R-{}-{number}", self.resets)))?;
            }
            self.resets += 1;
            return board.reset();
        }
        if self.orders < ORDERS * (RESETS + 1) {
            (self.orders, self.refused) = (self.orders + 1, refused);
            return terminal.types(&new(&format!("A-{}", self.orders)));
        }
        Ok(())
    }

    fn is_done(&self, shown: &[String]) -> bool {
        let last = format!(" 11=A-{} ", ORDERS * (RESETS + 1));
        shown.iter().any(|line| line.contains(&last) && line.contains(" 39=2 "))
    }
}

/// What a board says that is reset again and again while orders come and go, the client shows: each line once, in its order.
#[test]
fn a_board_that_is_reset_in_the_midst_is_followed_by_the_client() -> Result<(), String> {
    // The exchange takes its session for one that is up until heartbeats are missing.
    let mut desk = Desk::start(Machine::An386, |run| run.with("wait", 50).with("heartbeat", 2))?;
    let port = Port::listen(0)?;
    let (mut terminal, mut typist) = (Terminal::open(&port)?, Typist::default());
    // It is connected when it is answered.
    terminal.types("PING")?;
    let mut told = 0;
    wait_for("the last order's fill", Duration::from_secs(200), || {
        let mut turn = || {
            port.received().try_for_each(|bytes| desk.orders.send_bytes(&bytes))?;
            let lines = desk.orders.lines();
            lines.iter().skip(told).for_each(|line| port.tell(line));
            told = lines.len();
            if count(&terminal.lines(), " PONG") > 0 {
                typist.goes_on(&lines, &mut terminal, &desk.emulator)?;
            }
            Ok(typist.is_done(&terminal.lines()))
        };
        match turn() {
            Ok(false) => None,
            Ok(true) => Some(Ok(())),
            Err(error) => Some(Err::<(), String>(error)),
        }
    })
    .map_err(|late| format!("{late}\n{}", desk.orders.lines().join("\n")))??;
    drop(terminal.input.take());
    terminal.child.wait().map_err(|error| error.to_string())?;
    let lines = desk.orders.lines();
    let pong = lines.iter().position(|line| line.contains(" PONG")).ok_or("no PONG")?;
    // A line of a board that starts anew may stand in the midst of one that its reset has cut.
    let whole = |line: &String| head(&line[line.rfind("#1 BOOT").unwrap_or(0)..]);
    let said: Vec<_> = lines[..told].iter().skip(pong).filter_map(whole).collect();
    let shown: Vec<_> = terminal.lines().iter().filter_map(|line| head(line)).collect();
    let from = shown.iter().position(|line| line.1 == "PONG").ok_or("no PONG is shown")?;
    assert_eq!(shown[from..], said);
    assert_eq!(shown.iter().filter(|line| line.1 == "BOOT").count(), RESETS);
    desk.ends_well("a board that is reset")
}

/// The board is gone: what it had said is shown, and that it is gone.
#[test]
fn a_client_whose_board_is_gone_says_so() -> Result<(), String> {
    let mut desk = Desk::start(Machine::An386, |run| run)?;
    let port = Port::listen(0)?;
    let mut terminal = Terminal::open(&port)?;
    terminal.types("PING")?;
    wait_for("PONG", Duration::from_secs(60), || {
        port.received().for_each(|bytes| desk.orders.send_bytes(&bytes).unwrap_or_default());
        desk.orders.lines().iter().filter(|line| line.contains(" PONG")).for_each(|line| port.tell(line));
        (count(&terminal.lines(), " PONG") > 0).then_some(())
    })?;
    desk.emulator.kill();
    port.close();
    let ended = terminal.child.wait().map_err(|error| error.to_string())?;
    let mut said = String::new();
    let mut stderr = terminal.child.stderr.take().ok_or("no stderr")?;
    stderr.read_to_string(&mut said).map_err(|error| error.to_string())?;
    assert!(!ended.success() && said.contains("the gateway's line is closed"), "{said}");
    Ok(())
}

fn new(id: &str) -> String {
    format!("NEW 11={id} 55=10Y 54=1 38=100 40=1")
}

fn count(lines: &[String], words: &str) -> usize {
    lines.iter().filter(|line| line.contains(words)).count()
}
