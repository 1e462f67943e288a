//! The counterparty by its name: DNS servers that answer, are silent, lie and know nothing, and addresses that change.

use std::{
    net::Ipv4Addr,
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
};

use crate::common::Desk;
use runner::{
    emulator::{Machine, Run},
    exchange::Exchange,
    station::{Asked, Reply, Station, answer},
    time_server::TimeServer,
};

const NAME: &str = "fix.venue.example";
const FIRST: Ipv4Addr = Ipv4Addr::new(10, 0, 2, 53);
const SECOND: Ipv4Addr = Ipv4Addr::new(10, 0, 2, 54);
/// The machine that runs QEMU.
const EXCHANGE: Ipv4Addr = Ipv4Addr::new(10, 0, 2, 2);
/// Where nobody is.
const NOBODY: Ipv4Addr = Ipv4Addr::new(10, 0, 2, 77);
/// DNS: there is no such name.
const NO_SUCH_NAME: u8 = 3;
const SERVER_FAILURE: u8 = 2;

fn begin(station: &Station, more: impl Fn(Run) -> Run) -> Result<Desk, String> {
    Desk::begin(Exchange::start(0)?, Machine::An386, "gateway", |run| {
        let run = run.with("address", "10.0.2.15").with("dns", format!("{FIRST}+{SECOND}"));
        more(run.with("host", NAME).with("wait", 50).beside(station))
    })
}

fn good(asked: &Asked) -> Vec<Reply> {
    vec![(asked.server, answer(asked, 0, &[EXCHANGE]))]
}

fn trades(desk: &mut Desk, scenario: &str) -> Result<(), String> {
    desk.answers("SESSION 58=up", 1)?;
    desk.orders.send("NEW 11=A-1 55=10Y 54=1 38=100 40=1")?;
    desk.answers("11=A-1 ", 3)?;
    desk.ends_well(scenario)
}

/// With an address of its own, not DHCP's, which all other tests have.
#[test]
fn the_name_is_asked_for_at_each_connection() -> Result<(), String> {
    let station = Station::start(&[FIRST, SECOND], good)?;
    let mut desk = begin(&station, |run| run)?;
    desk.answers("SESSION 58=up", 1)?;
    desk.orders.send("LOGOUT")?;
    desk.answers("SESSION 58=down", 1)?;
    desk.orders.send("LOGON")?;
    desk.answers("SESSION 58=up", 2)?;
    let asked = station.asked();
    assert!(asked.iter().all(|asked| asked.name == NAME && asked.server == FIRST), "{asked:?}");
    assert_eq!(asked.len(), 2);
    assert_ne!(asked[0].bytes[..2], asked[1].bytes[..2], "another id");
    trades(&mut desk, "a name")
}

#[test]
fn a_server_that_is_gone_or_refuses_costs_seconds_and_not_the_session() -> Result<(), String> {
    // Nobody has the first one's address; the second one fails at first.
    let mut fails = 1;
    let station = Station::start(&[SECOND], move |asked| {
        let rcode = if fails > 0 { SERVER_FAILURE } else { 0 };
        fails -= 1;
        vec![(asked.server, answer(asked, rcode, if rcode == 0 { &[EXCHANGE] } else { &[] }))]
    })?;
    // The time server goes by the same name.
    let time = TimeServer::start()?;
    let mut desk = begin(&station, |run| run.with("ntp", time.port))?;
    trades(&mut desk, "a DNS server that is gone")?;
    assert!(time.answers() > 0);
    Ok(())
}

/// What is no answer to the question, by its id, its kind, its name, its sender or its length, is none.
#[test]
fn answers_to_other_questions_are_passed_over() -> Result<(), String> {
    const LIES: usize = 7;
    let mut questions = 0;
    let station = Station::start(&[FIRST, SECOND, NOBODY], move |asked| {
        let lie = answer(asked, 0, &[NOBODY]);
        let mut replies = match questions {
            at @ (0 | 1 | 2 | 3) => {
                let mut changed = lie;
                changed[[0, 1, 2, 13][at]] ^= 0x81;
                vec![(FIRST, changed)]
            }
            4 => vec![(SECOND, lie)],
            5 => vec![(NOBODY, lie)],
            _ => vec![(FIRST, lie[..20].to_vec())],
        };
        questions += 1;
        replies.extend(good(asked));
        replies
    })?;
    let mut desk = begin(&station, |run| run)?;
    for lie in 1..LIES {
        desk.answers("SESSION 58=up", lie)?;
        desk.orders.send("LOGOUT")?;
        desk.answers("SESSION 58=down", lie)?;
        desk.orders.send("LOGON")?;
    }
    desk.answers("SESSION 58=up", LIES)?;
    assert_eq!((desk.orders.count("no connection"), station.asked().len()), (0, LIES));
    desk.ends_well("answers to other questions")
}

#[test]
fn what_is_wrong_with_a_name_is_told_and_asked_for_again() -> Result<(), String> {
    let stage = Arc::new(AtomicU8::new(0));
    let at = Arc::clone(&stage);
    let station = Station::start(&[FIRST, SECOND], move |asked| match at.load(Ordering::Relaxed) {
        0 => vec![(asked.server, answer(asked, NO_SUCH_NAME, &[]))],
        1 => vec![(asked.server, answer(asked, 0, &[]))],
        2 => vec![(asked.server, answer(asked, SERVER_FAILURE, &[]))],
        3 => Vec::new(),
        _ => good(asked),
    })?;
    let mut desk = begin(&station, |run| run)?;
    let unknown = format!("no connection to {NAME}:{}: DNS knows no such name", desk.exchange.port);
    desk.answers(&unknown, 1)?;
    stage.store(1, Ordering::Relaxed);
    desk.answers(&unknown, desk.orders.count(&unknown) + 2)?;
    stage.store(2, Ordering::Relaxed);
    desk.answers("the DNS server cannot or will not say its address", 1)?;
    stage.store(3, Ordering::Relaxed);
    desk.answers("no DNS server answers", 1)?;
    stage.store(4, Ordering::Relaxed);
    trades(&mut desk, "a name that is not known at first")
}

#[test]
fn another_address_is_tried_where_one_does_not_connect() -> Result<(), String> {
    let station =
        Station::start(&[FIRST], |asked| vec![(asked.server, answer(asked, 0, &[NOBODY, EXCHANGE]))])?;
    let mut desk = begin(&station, |run| run)?;
    desk.answers("it did not answer in time", 1)?;
    trades(&mut desk, "two addresses")?;
    assert_eq!(desk.orders.count("no connection"), 1);
    // The one that connected is the first of the next attempt.
    desk.orders.send("LOGOUT")?;
    desk.answers("SESSION 58=down", 1)?;
    desk.orders.send("LOGON")?;
    desk.answers("SESSION 58=up", 2)?;
    assert_eq!(desk.orders.count("no connection"), 1);
    Ok(())
}

#[test]
fn an_address_that_has_changed_is_gone_to() -> Result<(), String> {
    let mut questions = 0;
    let station = Station::start(&[FIRST], move |asked| {
        questions += 1;
        vec![(asked.server, answer(asked, 0, &[if questions == 1 { NOBODY } else { EXCHANGE }]))]
    })?;
    let mut desk = begin(&station, |run| run)?;
    trades(&mut desk, "an address that changes")?;
    assert_eq!(desk.orders.count("no connection"), 1);
    Ok(())
}

#[test]
fn without_a_dns_server_the_line_says_what_to_do() -> Result<(), String> {
    let station = Station::start(&[], good)?;
    let desk = Desk::begin(Exchange::start(0)?, Machine::An386, "gateway", |run| {
        run.with("address", "10.0.2.15").with("host", NAME).with("wait", 50).beside(&station)
    })?;
    desk.answers("the board knows no DNS server: name one, or write the address of the host", 2)
}
