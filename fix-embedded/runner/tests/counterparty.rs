//! A counterparty that misses messages, that lets the board miss some, and that stops reading.

use std::{
    thread,
    time::{Duration, Instant},
};

use crate::common::played::{Played, filled};
use runner::counterparty::{field, numbered, sent_again};

/// As many messages are kept to be sent again, in the memory of the gateway.
const KEPT: usize = 8;

/// The counterparty's number is too high: the board asks for what it misses, and hears it, each once and in order.
#[test]
fn what_the_board_misses_it_asks_for() -> Result<(), String> {
    let mut played = Played::start(|run| run)?;
    for id in ["A", "B", "C"] {
        played.order(id)?;
    }
    let first = played.counterparty.next_out;
    // Two reports are lost on their way, the third one arrives.
    played.counterparty.send_bytes(&numbered("8", first + 2, &filled("C")))?;
    played.counterparty.next_out += 3;
    let request = played.counterparty.wait("|35=2|", 60)?;
    assert_eq!(field(&request, "7"), Some(first.to_string().as_str()), "{request}");
    assert!(
        ["0", "999999"].contains(&field(&request, "16").unwrap_or("0")) || {
            field(&request, "16") == Some((first + 1).to_string().as_str())
        }
    );
    for (number, id) in (first..).zip(["A", "B", "C"]) {
        played.counterparty.send_bytes(&sent_again("8", number, &filled(id)))?;
    }
    for id in ["A", "B"] {
        played.answers(&format!(" 8 43=Y 11={id} "), 1)?;
    }
    // The one that had come was kept.
    played.answers(" 8 11=C ", 1)?;
    played.counterparty.send("1", "112=AFTER|")?;
    played.counterparty.wait("|112=AFTER|", 60)?;
    assert_eq!(played.orders.count("150=F"), 3, "{:#?}", played.orders.lines());
    let asked = played.counterparty.ledger().iter().filter(|line| line.contains("|35=2|")).count();
    assert_eq!(asked, 1, "asked more than once");
    played.ends_well("a gap from the counterparty")
}

/// The counterparty asks for all again: orders come with PossDupFlag(43) and their number, the rest is a gap fill.
#[test]
fn what_the_counterparty_misses_it_gets_again() -> Result<(), String> {
    let mut played = Played::start(|run| run)?;
    let mut orders = Vec::new();
    for id in ["A", "B"] {
        orders.push(played.order(id)?);
        played.fill(id)?;
        played.answers(&format!(" 8 11={id} "), 1)?;
    }
    played.counterparty.send("1", "112=BETWEEN|")?;
    let heartbeat = played.counterparty.wait("|112=BETWEEN|", 60)?;
    let from = played.counterparty.ledger().len();
    played.counterparty.send("2", "7=1|16=0|")?;
    played.counterparty.send("1", "112=AFTER|")?;
    played.counterparty.wait("|112=AFTER|", 60)?;
    let again: Vec<String> = played.counterparty.ledger()[from..].to_vec();
    let types: Vec<_> = again.iter().map(|line| field(line, "35").unwrap_or_default()).collect();
    // The Logon is filled, both orders come, the Heartbeat is filled.
    assert_eq!(types, ["4", "D", "D", "4", "0"], "{again:#?}");
    assert_eq!((field(&again[0], "34"), field(&again[0], "36")), (Some("1"), field(&orders[0], "34")));
    for (order, again) in orders.iter().zip(&again[1..]) {
        for tag in ["34", "11", "38", "54", "55", "60"] {
            assert_eq!(field(order, tag), field(again, tag), "{again}");
        }
        assert_eq!(field(again, "43"), Some("Y"), "{again}");
        assert_eq!(field(again, "122"), field(order, "52"), "OrigSendingTime(122): {again}");
    }
    assert_eq!((field(&again[3], "34"), field(&again[3], "123")), (field(&heartbeat, "34"), Some("Y")));
    played.ends_well("a resend to the counterparty")
}

/// The ids of the lines with this word.
fn ids(played: &Played, word: &str) -> Vec<String> {
    let lines = played.orders.lines();
    let of_word = lines.iter().filter(|line| line.contains(&format!(" {word} 11=")));
    of_word.filter_map(|line| Some(line.split(" 11=").nth(1)?.split(' ').next()?.to_owned())).collect()
}

/// Ids of questions, which change nothing: nobody is told if one is lost.
const QUESTION: &str = "ANY-";

/// What the board said OK to is with the counterparty, or the host was told that this is not known.
fn none_is_lost(played: &Played) -> Result<(), String> {
    let (unsure, ledger) = (ids(played, "UNSURE"), played.counterparty.ledger());
    for id in ids(played, "OK").into_iter().filter(|id| !id.starts_with(QUESTION)) {
        let is_there = ledger.iter().any(|line| line.contains(&format!("|11={id}|")));
        if !is_there && !unsure.contains(&id) {
            return Err(format!("{id} is lost: {ledger:#?}\n{:#?}", played.orders.lines()));
        }
    }
    Ok(())
}

/// Neither reads nor writes, though the connection stands. Orders are taken as far as there is memory, then refused; the
/// TestRequest(1) finds no answer, and the session ends. At the next one all is told.
#[test]
fn a_counterparty_that_stops_is_left_and_met_again() -> Result<(), String> {
    let mut played = Played::start(|run| run.with("heartbeat", 2).with("wait", 50))?;
    for number in 0..KEPT + 4 {
        played.orders.send(&format!("NEW 11=S-{number} 55=10Y 54=1 38=100 40=1"))?;
    }
    played.answers("as many requests are not answered as the gateway keeps to send again", 4)?;
    assert_eq!(ids(&played, "OK").len(), KEPT);
    // A cancel goes out all the same; of the order whose place it takes the host is told.
    played.orders.send("CANCEL 11=X-1 41=S-1")?;
    played.answers(" OK 11=X-1 ", 1)?;
    played.answers(" UNSURE 11=S-0 ", 1)?;
    played.is_alive()?;
    played.answers("SESSION 58=down", 1)?;
    played.orders.send("STATUS 11=S-1")?;
    played.answers(" NO 11=S-1 ", 1)?;
    played.is_alive()?;
    // What it had not read is gone.
    played.counterparty.hang_up();
    played.counterparty.log_on(60)?;
    played.answers("SESSION 58=up", 2)?;
    played.counterparty.send("1", "112=AFTER|")?;
    played.counterparty.wait("|112=AFTER|", 60)?;
    none_is_lost(&played)?;
    played.ends_well("a counterparty that stops")
}

/// Asks until an answer has `words`, while the counterparty lives and does not read. How many questions it took.
fn ask_until(played: &mut Played, words: &str) -> Result<usize, String> {
    // Thousands of answers fill the buffers of both machines' TCP first.
    let end = Instant::now() + Duration::from_secs(180);
    let (mut asked, mut alive) = (0, Instant::now());
    while played.orders.count(words) == 0 {
        if Instant::now() > end {
            let last = played.orders.lines().pop();
            return Err(format!("{asked} requests, and no answer with {words:?}: {last:?}"));
        }
        if alive.elapsed() > Duration::from_secs(1) {
            alive = Instant::now();
            played.counterparty.send("0", "")?;
        }
        let answers = played.orders.lines().len();
        asked += 1;
        played.orders.send(&format!("STATUS 11={QUESTION}{asked} 55=10Y 54=1"))?;
        // A host that uses no flow control waits for each answer.
        while played.orders.lines().len() == answers && alive.elapsed() < Duration::from_secs(1) {
            thread::sleep(Duration::from_micros(200));
        }
    }
    Ok(asked)
}

/// Writes, and does not read, and the host sends on: a KILL behind its requests is obeyed, not when the connection is given
/// up. When the counterparty reads again the orders are cancelled.
#[test]
fn a_kill_is_obeyed_while_the_counterparty_does_not_read() -> Result<(), String> {
    let mut played = Played::start(|run| run.with("heartbeat", 30).with("patience", 0))?;
    played.order("FIRST")?;
    let asked = ask_until(&mut played, "58=the counterparty takes nothing")?;
    // More than wait in the board.
    for number in 0..12 {
        played.orders.send(&format!("STATUS 11=MORE-{number} 55=10Y 54=1"))?;
    }
    let sent = Instant::now();
    played.orders.send("KILL")?;
    played.answers("STOP 58=trading is stopped: KILL", 1)?;
    println!("{asked} requests fill the memory, and a KILL is obeyed after {:?}", sent.elapsed());
    assert!(sent.elapsed() < Duration::from_secs(5));
    played.answers(" OK 58=KILL ", 1)?;
    played.orders.send("NEW 11=LATE 55=10Y 54=1 38=100 40=1")?;
    played.answers(" NO 11=LATE ", 1)?;
    assert_eq!(played.orders.count("SESSION 58=down"), 0, "{:#?}", played.orders.lines());
    played.counterparty.wait("|35=q|", 60)?;
    assert!(!played.counterparty.ledger().iter().any(|line| line.contains("|11=LATE|")));
    played.ends_well("a KILL that the counterparty does not read")
}

/// Writes, and does not read: what the board has to say fills TCP's buffers, then its own. It waits a while, gives the
/// connection up, answers its host all the time, and tells all at the next session.
#[test]
fn a_counterparty_that_does_not_read_is_given_up() -> Result<(), String> {
    let mut played = Played::start(|run| run.with("heartbeat", 30).with("wait", 50).with("patience", 2_000))?;
    played.order("FIRST")?;
    let asked = ask_until(&mut played, "SESSION 58=down")?;
    println!("{asked} requests: {:?}", played.orders.lines().last());
    played.answers("SESSION 58=broken: the counterparty read nothing for 2000 ms", 1)?;
    played.is_alive()?;
    played.counterparty.hang_up();
    played.counterparty.log_on(60)?;
    played.counterparty.send("1", "112=AFTER|")?;
    played.counterparty.wait("|112=AFTER|", 60)?;
    played.order("LAST")?;
    none_is_lost(&played)?;
    played.ends_well("a counterparty that does not read")
}
