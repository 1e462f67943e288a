mod venue;

use super::*;
use crate::scenario::{Outcome, What, junit, parse, report, show};

/// Plays a text in virtual time.
fn played(text: &str, seed: u64) -> Vec<Outcome> {
    played_until(text, seed, std::future::pending())
}

/// Plays a text in virtual time until somebody stops it.
fn played_until(text: &str, seed: u64, stopped: impl Future<Output = ()>) -> Vec<Outcome> {
    let script = parse("t", text).unwrap_or_else(|error| panic!("{error}"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (stop, is_stopped) = tokio::sync::watch::channel(false);
    let options = Options { seed, ..Options::default() };
    let (mut ids, mut told) = (Ids::unique(), |_: &Outcome| {});
    let outcomes = async {
        let mut play = std::pin::pin!(play(&script, &options, &mut ids, is_stopped, &mut told));
        tokio::select! {
            biased;
            () = stopped => {}
            outcomes = &mut play => return outcomes,
        }
        stop.send_replace(true);
        play.await
    };
    runtime.block_on(outcomes).unwrap_or_else(|error| panic!("{error}"))
}

/// What is wrong with the one scenario of a text; empty if all is well.
fn failures(text: &str) -> String {
    failures_of(&played(text, 0))
}

fn failures_of(outcomes: &[Outcome]) -> String {
    let failures = outcomes[0].steps.iter().flat_map(|step| &step.failures);
    failures.map(|failure| format!("{}: {}\n", failure.line, failure.text)).collect()
}

const PAIR: &str = "party DESK initiator\nparty VENUE acceptor\n";
const ORDER: &str = "DESK: send D ClOrdID=$new as id HandlInst=1 Symbol=10Y Side=BUY OrderQty=100 OrdType=LIMIT Price=96.5 TransactTime=$now\n";

#[test]
fn both_sides_play_an_order_and_values_go_from_one_to_the_other() {
    let text = format!(
        "{PAIR}{ORDER}VENUE: expect order ClOrdID=$id OrderQty in 50..100 Price>=96.50\nVENUE: accept\n\
         DESK: expect report ExecType=NEW OrdStatus=NEW LeavesQty=100 OrderID like O* as order\n\
         VENUE: fill 40 at 96.25\nVENUE: fill rest\n\
         DESK: expect report ExecType=TRADE LastQty=40 OrdStatus=PARTIALLY_FILLED\n\
         DESK: await report OrdStatus=FILLED CumQty=100 AvgPx=96.4 OrderID=$order LeavesQty=0\n\
         DESK: expect nothing for 10s\n"
    );
    assert_eq!(failures(&text), "");
}

#[test]
fn rules_answer_what_they_are_for_and_nothing_else() {
    let text = format!(
        "{PAIR}VENUE: on order when OrderQty > 1000\n  wait 10ms..50ms\n  reject \"too large: $in.OrderQty\"\n\
         VENUE: on order\n  accept\nVENUE: on cancel\n  cancel\n{ORDER}\
         DESK: expect report ExecType=NEW\n\
         DESK: send cancel ClOrdID=$new OrigClOrdID=$id Symbol=10Y Side=1 TransactTime=$now\n\
         DESK: expect report ExecType=CANCELED OrigClOrdID=$id\n\
         DESK: send D ClOrdID=$new HandlInst=1 Symbol=10Y Side=2 OrderQty=2000 OrdType=1 TransactTime=$now\n\
         DESK: expect report ExecType=REJECTED Text=\"too large: 2000\" within 1s\n"
    );
    assert_eq!(failures(&text), "");
}

#[test]
fn what_is_not_as_expected_is_shown_field_by_field() {
    let text = format!("{PAIR}{ORDER}VENUE: expect order Side=SELL OrderQty<10 Account absent\n");
    let shown = failures(&text);
    for line in [
        "4: the next message is not as expected",
        "  field             expected           received",
        "                    NewOrderSingle(D)  NewOrderSingle(D)",
        "! Side(54)          SELL(2)            BUY(1)",
        "! OrderQty(38)      < 10               100",
        "  Account(1)        absent             absent",
        "  Price(44)                            96.5",
    ] {
        assert!(shown.contains(&format!("{line}\n")), "{line:?} is not in\n{shown}");
    }
}

#[test]
fn no_secret_of_a_script_is_shown_whatever_fails() {
    let raw =
        "party DESK initiator raw\nparty VENUE acceptor\nVENUE: on Logon when Password=hunter2 within 1s\n";
    for line in [
        "send Logon EncryptMethod=0, HeartBtInt=\"x\", Password=hunter2, RawData=\"hunter2 2\" as a, Text=$in.Text",
        "send Logon EncryptMethod=0 HeartBtInt=30\nDESK: expect Logon Password=hunter2 within 1s",
        "send Logon EncryptMethod=0 HeartBtInt=30\nDESK: expect Logon Password matches /hunter2/ as b, Text absent",
        "send Logon EncryptMethod=0 HeartBtInt=30\nDESK: expect Logon RawData like hunter2* within 1s",
        "send Logon EncryptMethod=0 HeartBtInt=30\nDESK: expect Logon RawData in hunter2, hunter22",
        "send Logon EncryptMethod=0 HeartBtInt=30\nDESK: expect Heartbeat within 1s\n  Password != hunter2",
        "send bytes \"35=A|554=hunter2|58=$in.Text|\"",
    ] {
        let outcomes = played(&format!("{raw}DESK: {line}\n"), 0);
        let about = report::About { made_at: String::new(), against: String::new() };
        let shown = [
            show::text(&outcomes[0], true),
            report::markdown(&outcomes, &about),
            report::html(&outcomes, &about),
            junit::junit(&outcomes, &[]),
        ];
        for shown in shown {
            assert!(shown.contains("***") && !shown.contains("hunter2"), "{line}: {shown}");
        }
    }
    let wrong = parse("t", &format!("{raw}DESK: expect Logon Password matches /(hunter2/\n")).unwrap_err();
    assert!(!wrong.to_string().contains("hunter2"), "{wrong}");
}

#[test]
fn why_a_logon_was_refused_is_said_in_the_counterpartys_words() {
    let refused = |by: &str| {
        failures(&format!(
            "party DESK initiator\nparty VENUE acceptor raw\nVENUE: expect Logon\nVENUE: send {by}\n{ORDER}"
        ))
    };
    let long = "no such user: ask for one at the desk that lets counterparties in, with your CompID";
    assert_eq!(
        refused(&format!("Logout Text=\"{long}\"")),
        format!("5: nothing can be sent: the counterparty refused our Logon: \"{long}\"\n")
    );
    let rejected = refused("Reject RefSeqNum=1, RefTagID=108, Text=\"HeartBtInt too short\"");
    let text = "received MsgType(35) 3, RefTagID(371) HeartBtInt(108), Text(58) HeartBtInt too short\n";
    assert!(rejected.starts_with("5: nothing can be sent: ") && rejected.ends_with(text), "{rejected}");
}

#[test]
fn what_does_not_come_is_named_with_what_came_instead() {
    let text = format!("{PAIR}{ORDER}DESK: expect report within 3s\n");
    assert_eq!(failures(&text), "4: no such ExecutionReport(8) within 3s; nothing came\n");
    let text = format!("{PAIR}{ORDER}VENUE: expect nothing for 1s\n");
    assert_eq!(failures(&text), "4: NewOrderSingle(D) came\n");
    let text = format!("{PAIR}VENUE: on cancel within 2s\n{ORDER}");
    assert_eq!(failures(&text), "3: no such OrderCancelRequest(F) within 2s\n");
}

#[test]
fn a_step_that_fails_does_not_keep_the_next_one_from_being_played() {
    let text =
        format!("{PAIR}step one\nDESK: expect report within 1s\nstep two\n{ORDER}VENUE: expect order\n");
    let outcome = &played(&text, 0)[0];
    let steps: Vec<_> = outcome.steps.iter().map(|step| (step.title.as_str(), step.failures.len())).collect();
    assert_eq!(steps, [("one", 1), ("two", 0)]);
    assert!(!outcome.is_passed());
    assert!(outcome.steps[0].messages.end == outcome.steps[1].messages.start);
}

#[test]
fn gaps_both_ways_are_filled_by_the_engines() {
    let text = format!(
        "{PAIR}DESK: skip 3\nDESK: send TestRequest TestReqID=T1\nVENUE: await TestRequest TestReqID=T1\n\
         DESK: await ResendRequest BeginSeqNo=2 as from\nDESK: await Heartbeat TestReqID=T1\n\
         DESK: forget 1\nDESK: send TestRequest TestReqID=T2\nVENUE: await ResendRequest BeginSeqNo any\n\
         DESK: await Heartbeat TestReqID=T2\n"
    );
    assert_eq!(failures(&text), "");
}

#[test]
fn a_raw_party_says_what_it_likes_and_the_engine_answers_by_the_rules() {
    let text = "party DESK initiator raw\nparty VENUE acceptor\n\
         DESK: send Logon EncryptMethod=NONE HeartBtInt=30 ResetSeqNumFlag=Y\nDESK: expect Logon HeartBtInt=30\n\
         DESK: send TestRequest TestReqID=BAD CheckSum=999\nDESK: expect nothing for 2s\n\
         DESK: send TestRequest TestReqID=GAP MsgSeqNum=9\n\
         DESK: expect ResendRequest BeginSeqNo=2\n\
         DESK: send SequenceReset MsgSeqNum=2 PossDupFlag=Y OrigSendingTime=$now GapFillFlag=Y NewSeqNo=10\n\
         DESK: expect Heartbeat TestReqID=GAP\n\
         DESK: send Heartbeat SendingTime absent\nDESK: expect Reject RefTagID=52\n\
         DESK: send bytes \"8=FIX.4.4|9=5|35=0|10=999|\"\nDESK: expect nothing for 1s\n\
         DESK: send Logout\nDESK: expect Logout\nDESK: disconnect\n";
    assert_eq!(failures(text), "");
}

#[test]
fn a_refused_logon_ends_the_connection_and_a_second_connection_can_follow() {
    let text = "party DESK initiator raw\nparty VENUE acceptor\n\
         DESK: connect\nDESK: send Logon EncryptMethod=0 HeartBtInt=30 MsgSeqNum=0\nDESK: await disconnect within 20s\n\
         DESK: connect\nDESK: send Logon EncryptMethod=0 HeartBtInt=30 MsgSeqNum=1 ResetSeqNumFlag=Y\nDESK: await Logon\n";
    assert_eq!(failures(text), "");
}

#[test]
fn a_raw_acceptor_with_tls_is_refused_instead_of_played_without_it() {
    // Any file will do: it is not read before somebody connects.
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    let text = format!(
        "party DESK initiator\nparty VENUE acceptor raw\n  SocketAcceptPort=9876\n  SocketUseSSL=Y\n\
         \x20 ServerCertificateFile={file}\n  ServerCertificateKeyFile={file}\nVENUE: expect Logon\n"
    );
    let script = parse("t", &text).unwrap_or_else(|error| panic!("{error}"));
    let options = Options { party: Some("VENUE".into()), ..Options::default() };
    let refused = cast::Cast::new(&script, &options).err();
    let why = "t:2: VENUE cannot be raw: no raw acceptor has TLS; leave \"raw\" out, or TLS";
    assert_eq!(refused, Some(RunError::Usage(why.into())));
}

/// All bytes that were sent, with the time of each.
fn wire(outcomes: &[Outcome]) -> Vec<(std::time::Duration, Vec<u8>)> {
    let entries = outcomes.iter().flat_map(|outcome| &outcome.messages);
    let sent = entries.filter_map(|entry| match &entry.what {
        What::Out(bytes) => Some((entry.at, bytes.clone())),
        _ => None,
    });
    sent.collect()
}

#[test]
fn the_same_seed_gives_the_same_bytes_at_the_same_times() {
    let text = format!(
        "{PAIR}VENUE: on order\n  wait 1ms..900ms\n  accept\n  wait 1ms..900ms\n  fill rest\n\
         {ORDER}{ORDER}DESK: await report OrdStatus=FILLED\nDESK: await report OrdStatus=FILLED\n"
    );
    let (one, again, other) = (wire(&played(&text, 7)), wire(&played(&text, 7)), wire(&played(&text, 8)));
    assert!(one.len() > 8 && one == again);
    assert_ne!(one, other, "another seed draws other times and ids");
}

#[test]
fn two_rules_that_answer_each_other_come_to_an_end() {
    let text = format!(
        "{PAIR}VENUE: on News\n  send News Headline=a NoLinesOfText=1 Text=b\n\
         DESK: on News\n  send News Headline=a NoLinesOfText=1 Text=b\n\
         DESK: send News Headline=a NoLinesOfText=1 Text=b\nDESK: wait 1s\n"
    );
    assert!(failures(&text).contains("do two rules answer each other?"));
}

/// Two rules that answer each other for a week.
const NEWS: &str = "party DESK initiator\nparty VENUE acceptor\n\
     VENUE: on News\n  wait 1ms\n  send News Headline=a NoLinesOfText=1 Text=b\n  wait 2ms\n\
     DESK: on News\n  wait 1ms\n  send News Headline=a NoLinesOfText=1 Text=b\n  wait 2ms\n\
     DESK: send News Headline=a NoLinesOfText=1 Text=b\n";

#[test]
fn rules_that_answer_each_other_behind_the_last_line_come_to_an_end_too() {
    assert!(failures(&format!("{NEWS}DESK: wait 5ms\n")).contains("do two rules answer each other?"));
}

#[test]
fn a_run_in_virtual_time_is_stopped_by_hand() {
    let some_turns = async {
        for _ in 0..8 {
            tokio::task::yield_now().await;
        }
    };
    let shown = failures_of(&played_until(&format!("{NEWS}DESK: wait 167h\n"), 0, some_turns));
    assert_eq!(shown, "12: the run was stopped before this line was done\n");
}

#[test]
fn rules_that_were_due_when_the_run_ends_are_named() {
    let text = format!("{PAIR}VENUE: on order\n  accept\nVENUE: on cancel within 60s\n");
    let stopped = played_until(&format!("{text}{ORDER}"), 0, std::future::ready(()));
    let shown = failures_of(&stopped);
    let line = "5: the run was stopped before such OrderCancelRequest(F) came; it was due within 60s\n";
    assert!(shown.contains(line), "{shown}");
    let shown = failures(&format!("{text}DESK: disconnect\n"));
    assert_eq!(shown, line.replace("was stopped", "was over"));
}

#[test]
fn a_long_script_passes_and_the_last_messages_of_it_are_kept() {
    let one = "DESK: send News Headline=a NoLinesOfText=1 Text=b\nVENUE: expect News\n";
    let text = format!("{PAIR}step one\n{}step two\n{one}", one.repeat(25_100));
    let outcome = &played(&text, 0)[0];
    assert!(outcome.is_passed(), "{}", show::text(outcome, false));
    assert!(outcome.left_out > 200 && outcome.messages.len() == 50_000, "{}", outcome.left_out);
    let [one, two] = &outcome.steps[..] else { panic!("two steps") };
    assert!(one.messages.start == 0 && one.messages.end == two.messages.start);
    let news = &outcome.messages[two.messages.clone()];
    assert!(news.iter().filter(|entry| !matches!(entry.what, What::Note(_))).count() >= 2, "{news:?}");
    assert!(
        two.messages.end <= 50_000 && show::text(outcome, true).contains("messages and events are not kept")
    );
}

/// Two desks in the books of the simulated exchange, whose prices move while they wait.
const VENUE: &str = "party A initiator\nparty B initiator\nparty EXCHANGE exchange\n\
     A: send order ClOrdID=$new as bid, HandlInst=1, Symbol=10Y, Side=BUY, OrderQty=100, OrdType=LIMIT, Price=50, TransactTime=$now\n\
     A: expect report ClOrdID=$bid, ExecType=NEW\n\
     A: send MarketDataRequest MDReqID=$new, SubscriptionRequestType=1, MarketDepth=1, MDUpdateType=0, NoMDEntryTypes=2, MDEntryType=BID, MDEntryType=OFFER, NoRelatedSym=1, Symbol=10Y\n\
     A: await MarketDataSnapshotFullRefresh\nwait 5s..9s\n\
     B: send order ClOrdID=$new as market, HandlInst=1, Symbol=10Y, Side=BUY, OrderQty=10, OrdType=MARKET, TransactTime=$now\n\
     B: await report ClOrdID=$market, OrdStatus=FILLED, LastPx in 90..100\n\
     A: send cancel OrigClOrdID=$bid, ClOrdID=$new, Symbol=10Y, Side=BUY, OrderQty=100, TransactTime=$now\n\
     A: await report OrdStatus=CANCELED, LeavesQty=0\n";

#[test]
fn the_exchange_in_virtual_time_says_the_same_bytes_for_the_same_seed() {
    assert_eq!(failures(VENUE), "");
    let (one, again, other) = (wire(&played(VENUE, 7)), wire(&played(VENUE, 7)), wire(&played(VENUE, 8)));
    assert!(one.len() > 20, "prices moved meanwhile: {}", one.len());
    assert!(one == again, "the same seed");
    assert_ne!(one, other, "another seed");
    assert!(
        parse("t", &format!("{VENUE}EXCHANGE: accept\n"))
            .unwrap_err()
            .to_string()
            .contains("plays by itself")
    );
}
