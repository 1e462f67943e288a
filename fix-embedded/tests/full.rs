//! A gateway that finds no room: at the counterparty, at its host, in its flash. What stops trading works all the same.

#[path = "common/nor.rs"]
mod nor;
#[path = "common/venue.rs"]
mod venue;
#[path = "common/world.rs"]
mod world;

use embassy_time::{Duration, Instant};
use fix_embedded::config::{Gateway, Host, IntakeRules};
use world::{Bench, alone};

const GATEWAY: Gateway = Gateway {
    sender_comp_id: "BOARD",
    target_comp_id: "EXCHANGE",
    hosts: &[Host { name: "only", port: 1 }],
    intake: IntakeRules { check_sum: false },
    ..Gateway::DEFAULT
};

fn has(lines: &[String], start: &str) -> bool {
    lines.iter().any(|line| line.starts_with(start))
}

const ORDER: &str = "55=10Y 54=1 38=1 40=1";

/// The counterparty reads nothing, orders fill the memory, and behind them comes a KILL.
#[test]
fn a_kill_is_obeyed_while_the_counterparty_takes_nothing() {
    let _alone = alone();
    let mut bench = Bench::new(24);
    let (mut typed_at, mut stopped_at, mut seen) = (None, None, Vec::new());
    bench.power(&GATEWAY, 20, |bench| {
        if bench.was_up() && typed_at.is_none() {
            typed_at = Some(Instant::now());
            bench.inside().venue_is_deaf = true;
            bench.inside().room = 64;
            (0..12).for_each(|number| bench.type_line(&format!("NEW 11=A{number} {ORDER}")));
            ["KILL", "PING", "STATUS"].iter().for_each(|line| bench.type_line(line));
        }
        seen.extend(bench.lines());
        if has(&seen, "STOP 58=trading is stopped: KILL") {
            stopped_at.get_or_insert(Instant::now());
        }
        has(&seen, "STATUS ")
    });
    let took = stopped_at
        .zip(typed_at)
        .map(|(stopped, typed): (Instant, _)| stopped.saturating_duration_since(typed));
    assert!(took.is_some_and(|took| took <= Duration::from_secs(2)), "{took:?} {seen:#?}");
    // Not when the connection was given up.
    assert!(has(&seen, "OK 58=KILL") && has(&seen, "PONG") && !has(&seen, "SESSION 58=down"), "{seen:#?}");
    assert!(has(&seen, "STATUS 58=up, "), "{seen:#?}");
    let refused = seen.iter().filter(|line| line.contains("58=the counterparty takes nothing")).count();
    let taken = seen.iter().filter(|line| line.starts_with("OK 11=A")).count();
    assert!(refused > 0 && taken > 0 && refused + taken <= 12, "{refused}, {taken} {seen:#?}");
    // What was taken arrives, and is cancelled behind it.
    bench.inside().venue_is_deaf = false;
    bench.inside().room = 4096;
    bench.power(&GATEWAY, 30, |_| false);
    let ledger = bench.venue.application();
    assert!(ledger.mass_cancels > 0 && ledger.orders.len() <= taken, "{:?}", ledger.orders);
}

/// Who waits a moment for the counterparty is not refused.
#[test]
fn a_counterparty_that_pauses_costs_no_order() {
    let _alone = alone();
    let (mut bench, mut typed, mut seen) = (Bench::new(24), None, Vec::new());
    bench.power(&GATEWAY, 20, |bench| {
        if bench.was_up() && typed.is_none() {
            typed = Some(Instant::now());
            bench.inside().venue_is_deaf = true;
            bench.inside().room = 64;
            (0..6).for_each(|number| bench.type_line(&format!("NEW 11=A{number} {ORDER}")));
        }
        if typed.is_some_and(|at| Instant::now() >= at + Duration::from_millis(800)) {
            bench.inside().venue_is_deaf = false;
        }
        seen.extend(bench.lines());
        false
    });
    assert!(!has(&seen, "NO "), "{seen:#?}");
    assert_eq!(bench.venue.application().orders.len(), 6, "{seen:#?}");
}

/// The host reads nothing, its lines wait, and the last of them is a KILL. What it said before that, a RESUME too, comes too late.
#[test]
fn a_kill_is_obeyed_while_the_host_does_not_read() {
    let _alone = alone();
    let (mut bench, mut typed, mut killed_at, mut stopped_at) = (Bench::new(24), 0, None, None);
    let mut seen = Vec::new();
    bench.power(&GATEWAY, 60, |bench| {
        if !bench.was_up() {
            return false;
        }
        let now = Instant::now();
        if bench.venue.application().mass_cancels > 0 {
            stopped_at.get_or_insert(now);
        }
        bench.inside().host_is_deaf = stopped_at.is_none();
        // Its reports fill the memory.
        if killed_at.is_none() && bench.inside().typed.is_empty() {
            typed += 1;
            bench.type_line(&format!("NEW 11=A{typed} {ORDER}"));
            if bench.venue.application().orders.len() + 1 < typed {
                ["RESUME", &format!("NEW 11=LATE {ORDER}"), "KILL"]
                    .iter()
                    .for_each(|line| bench.type_line(line));
                killed_at = Some(now);
            }
        }
        seen.extend(bench.lines());
        has(&seen, "OK 58=KILL")
    });
    let took = stopped_at
        .zip(killed_at)
        .map(|(stopped, killed): (Instant, _)| stopped.saturating_duration_since(killed));
    assert!(took.is_some_and(|took| took < Duration::from_secs(1)), "{took:?} {seen:#?}");
    assert!(has(&seen, "OK 58=RESUME") && has(&seen, "NO 11=LATE 58=trading is stopped: KILL"), "{seen:#?}");
    seen.clear();
    bench.power(&GATEWAY, 10, |bench| {
        seen.extend(bench.lines());
        false
    });
    assert!(has(&seen, "STOP 58=trading is stopped: KILL"), "it outlives the power: {seen:#?}");
}

/// The half that is written to fills, and the other one cannot be erased: nobody is told to try again.
#[test]
fn a_flash_that_cannot_be_erased_is_no_flash_that_waits() {
    let _alone = alone();
    let (mut bench, mut typed, mut seen) = (Bench::new(24), 0, Vec::<String>::new());
    // A host that leaves a lull between its orders, in which could be erased.
    let mut next = Instant::now();
    bench.chip.fail_erases();
    bench.power(&GATEWAY, 600, |bench| {
        let is_answered = |line: &String| line.contains(&format!(" 11=A{typed} ")) && line.contains("150=F");
        if bench.was_up() && (typed == 0 || seen.iter().any(is_answered)) && Instant::now() >= next {
            next = Instant::now() + Duration::from_millis(50);
            typed += 1;
            bench.type_line(&format!("NEW 11=A{typed} {ORDER}"));
        }
        seen.extend(bench.lines());
        has(&seen, "NO ")
    });
    let no = seen.iter().find(|line| line.starts_with("NO ")).expect("no order was refused");
    assert!(no.ends_with("58=the flash cannot be erased: no more orders are taken"), "{no}");
    assert_eq!(bench.chip.failed_erases(), 1);
}

/// The engine's own memory has room for more, and the counterparty's Heartbeats still come: what was written since it
/// stopped reading is of no use there, and the host must not believe that it is.
#[test]
fn a_counterparty_that_reads_nothing_for_so_long_is_given_up_however_little_waits() {
    const CALM: Gateway = Gateway { send_timeout_millis: 20_500, ..GATEWAY };
    let _alone = alone();
    let (mut bench, mut typed, mut stopped, mut lines) = (Bench::new(24), false, 0, Vec::new());
    let mut room = 0;
    bench.power(&CALM, 120, |bench| {
        if bench.was_up() && !typed {
            typed = true;
            stopped = Instant::now().as_secs();
            bench.inside().venue_is_deaf = true;
            room = core::mem::take(&mut bench.inside().room);
            bench.type_line("NEW 11=A1 55=10Y 54=1 38=1 40=1");
        }
        lines.extend(bench.lines());
        has(&lines, "SESSION 58=broken")
    });
    assert!(has(&lines, "SESSION 58=broken: the counterparty read nothing for 20500 ms"), "{lines:#?}");
    let waited = Instant::now().as_secs() - stopped;
    assert!((20..24).contains(&waited), "{waited} s");
    bench.inside().venue_is_deaf = false;
    bench.inside().room = room;
    bench.power(&CALM, 30, |_| false);
    // Too old by now to be sent again (ResendOrderMaxAge).
    let lines = bench.lines();
    assert!(has(&lines, "UNSURE 11=A1"), "{lines:#?}");
    assert_eq!((bench.venue.status().gap, bench.venue.application().orders.len()), (None, 0));
}

/// Its next line always waits: what the counterparty says is read between them.
#[test]
fn a_host_that_never_pauses_hears_of_its_orders_all_the_same() {
    let _alone = alone();
    let (mut bench, mut typed, mut seen) = (Bench::new(24), 0, Vec::new());
    bench.power(&GATEWAY, 30, |bench| {
        while bench.was_up() && typed < 90 && bench.inside().typed.len() < 100 {
            typed += 1;
            bench.type_line(&format!("NEW 11=A{typed} 55=10Y 54=1 38=100 40=2 44=101.25"));
        }
        seen.extend(bench.lines());
        false
    });
    let count = |start: &str| seen.iter().filter(|line| line.starts_with(start)).count();
    assert_eq!((count("OK 11="), count("8 11="), count("NO ")), (90, 90, 0), "{seen:#?}");
}
