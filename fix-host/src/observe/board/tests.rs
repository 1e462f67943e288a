use fix_core::{session::config::Role, time::UtcTimestamp};

use super::*;
use crate::{
    contract::{
        order::OrderCommand,
        parse::{OrderRules, parse_order},
    },
    halt::{Halt, Scope},
};

fn view(id: &str, logged_on: bool) -> SessionView {
    SessionView { logged_on, ..SessionView::new(id, Role::Initiator, UtcTimestamp::from_unix(0, 0)) }
}

fn order(id: &str) -> OrderCommand {
    let json = format!(r#"{{"clOrdID":"{id}","symbol":"2Y","side":"BUY","qty":1,"ordType":"MARKET"}}"#);
    parse_order(json.as_bytes(), &OrderRules::any_symbol(), UtcTimestamp::from_unix(0, 0)).unwrap()
}

#[test]
fn a_session_has_one_view() {
    let board = Board::default();
    board.put_session(view("A", false));
    board.put_session(view("B", false));
    assert!(!board.is_logged_on());
    board.put_session(view("A", true));
    assert_eq!(board.sessions().len(), 2);
    assert!(board.is_logged_on());
    assert!(board.session("A").is_some_and(|view| view.logged_on));
    board.put_session(view("A", false));
    assert!(!board.is_logged_on());
}

#[tokio::test(start_paused = true)]
async fn a_session_is_waited_for() {
    let board = Board::default();
    let waiting = tokio::spawn({
        let board = board.clone();
        async move { board.wait_for_session("A", Duration::from_secs(9), |view| view.logged_on).await }
    });
    tokio::task::yield_now().await;
    board.put_session(view("A", false));
    tokio::task::yield_now().await;
    board.put_session(view("A", true));
    assert!(waiting.await.unwrap().unwrap().logged_on);
    let second = Duration::from_secs(1);
    let still = board.wait_for_session("A", second, |view| !view.logged_on).await;
    assert!(still.is_some_and(|view| view.logged_on));
    assert_eq!(board.wait_for_session("B", second, |_| true).await, None);
}

#[tokio::test(start_paused = true)]
async fn a_reader_waits_for_the_final_report() {
    let board = Board::default();
    board.put_report(Arc::new(Report::state_unknown(Some("A".into()), "?")));
    let second = Duration::from_secs(1);
    assert_eq!(board.wait_for_reports("A", 0, false, second).await.len(), 1);
    assert_eq!(board.wait_for_reports("A", 0, true, second).await.len(), 1);
    assert_eq!(board.wait_for_reports("nobody", 0, true, second).await.len(), 0);

    let waiting = tokio::spawn({
        let board = board.clone();
        async move { board.wait_for_reports("A", 1, true, second * 60).await.len() }
    });
    tokio::task::yield_now().await;
    board.put_report(Arc::new(Report::not_sent(&order("other"), "no")));
    board.put_report(Arc::new(Report::not_sent(&order("A"), "no")));
    assert_eq!(waiting.await.unwrap(), 2);
}

#[test]
fn every_change_is_told_once_it_is_done_and_what_is_as_it_was_is_not() {
    let board = Board::default();
    let mut changes = board.changes().follow();
    board.put_session(view("A", true));
    board.put_session(view("A", true));
    for is_up in [false, false, true] {
        board.put_redis(is_up);
    }
    let since = UtcTimestamp::from_unix(0, 0);
    let halt = Halt { by: "bob".into(), reason: String::new(), since, cancel_working: false };
    board.halts().halt(Scope::Engine, halt).unwrap();
    board.halts().resume(Scope::Engine, "bob").unwrap();
    board.halts().resume(Scope::Engine, "bob").unwrap();
    let report = Arc::new(Report::not_sent(&order("A"), "no"));
    board.put_report(Arc::clone(&report));
    let expected = [
        Change::Session(Arc::new(view("A", true))),
        Change::Redis { is_up: false },
        Change::Redis { is_up: true },
        Change::Halts,
        Change::Halts,
        Change::Report(report),
    ];
    let told = std::iter::from_fn(|| changes.try_next().unwrap()).map(|(_, change)| change);
    assert_eq!(told.collect::<Vec<_>>(), expected);
    assert_eq!(board.redis_is_up(), Some(true));
}
