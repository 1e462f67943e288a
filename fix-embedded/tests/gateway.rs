//! The gateway with everything that a board gives it, from order in to report out.

#[path = "common/nor.rs"]
mod nor;
#[path = "common/venue.rs"]
mod venue;
#[path = "common/world.rs"]
mod world;

use embassy_time::{Duration, Instant, MockDriver};
use fix_core::{Decimal, pre_trade::Limits};
use fix_embedded::{
    app::Stopped,
    config::{
        BackOff, Cancels, ConfigError, DeadMan, FlashRules, Gateway, Host, IntakeRules, TimeRules, TlsRules,
    },
    flash::FlashError,
};
use world::{Bench, UTC, alone};

const GATEWAY: Gateway = Gateway {
    sender_comp_id: "BOARD",
    target_comp_id: "EXCHANGE",
    hosts: &[Host { name: "first", port: 1 }, Host { name: "second", port: 2 }],
    heart_bt_int: 5,
    back_off: BackOff { first_millis: 500, ..BackOff::DEFAULT },
    intake: IntakeRules { check_sum: false },
    ..Gateway::DEFAULT
};

fn has(lines: &[String], start: &str) -> bool {
    lines.iter().any(|line| line.starts_with(start))
}

#[test]
fn orders_are_filled_from_logon_to_logout() {
    let _alone = alone();
    let mut bench = Bench::new(24);
    let (mut typed, mut seen) = (0, Vec::new());
    bench.power(&GATEWAY, 60, |bench| {
        if bench.was_up() && typed < 100 && bench.inside().typed.is_empty() {
            typed += 1;
            bench.type_line(&format!("NEW 11=A{typed} 55=10Y 54=1 38=100 40=2 44=101.25"));
            if typed == 100 {
                bench.type_line("LOGOUT");
            }
        }
        seen.extend(bench.lines());
        has(&seen, "SESSION 58=down")
    });
    assert!(seen[0].starts_with("BOOT 58=next out 1, next in 1"), "{seen:#?}");
    assert_eq!(bench.venue.application().orders.len(), 100, "{seen:#?}");
    let count = |start: &str| seen.iter().filter(|line| line.starts_with(start)).count();
    assert_eq!((count("OK 11="), count("8 11=")), (100, 100), "{seen:#?}");
    assert!(has(&seen, "SESSION 58=down: our Logout was answered"), "{:?}", seen.last());
    assert_eq!(bench.inside().connects, [1]);
}

#[test]
fn the_next_host_is_tried_and_the_numbers_go_on() {
    let _alone = alone();
    let mut bench = Bench::new(24);
    bench.inside().refuses.push(1);
    let (mut cuts, mut ups, mut said) = (0, 0, Vec::new());
    bench.power(&GATEWAY, 120, |bench| {
        let lines = bench.lines();
        ups += lines.iter().filter(|line| line.starts_with("SESSION 58=up")).count();
        said.extend(lines);
        if ups > cuts && bench.venue.status().next_in > ups as u64 + 2 {
            cuts += 1;
            bench.cut_connection();
        }
        cuts == 3
    });
    assert!(has(&said, "SESSION 58=no connection to first:1: it refused the connection"), "{said:#?}");
    assert_eq!(bench.inside().connects[..2], [1, 2]);
    assert!(bench.inside().connects[2..].iter().all(|port| *port == 2), "who answered is asked again");
    assert_eq!(bench.venue.application().logons, 3);
}

#[test]
fn what_is_to_go_over_tls_goes_over_nothing_else() {
    let _alone = alone();
    let mut bench = Bench::new(24);
    let tls = Some(TlsRules { server_name: "", roots: &[b"a root"], certificate: &[] });
    let stopped = bench.power(&Gateway { tls, ..GATEWAY }, 10, |_| false);
    assert_eq!(stopped, Some(Stopped::Config(ConfigError::NeedsTls)));
    assert!(has(&bench.lines(), "BROKEN 58=Gateway.tls is set, but the board connects without TLS"));
    assert!(bench.inside().connects.is_empty());
}

#[test]
fn what_may_not_be_sent_is_refused_by_name_and_uses_no_number() {
    let _alone = alone();
    let limits =
        Limits { max_order_qty: Some(Decimal::new(100, 0)), max_open_orders: Some(2), ..Limits::default() };
    let config = Gateway { limits, ..GATEWAY };
    let mut bench = Bench::new(24);
    bench.type_line("NEW 11=EARLY 55=10Y 54=1 38=1 40=1");
    let mut said = false;
    bench.power(&config, 30, |bench| {
        if bench.was_up() && !said {
            said = true;
            for line in [
                "NEW 11=A 55=REST 54=1 38=500 40=1",
                "NEW 11=B 55=REST 54=1 38=5 40=1",
                "NEW 11=B 55=REST 54=1 38=5 40=1",
                "NEW 11=C 55=REST 54=1 38=5 40=1",
                "NEW 11=D 55=REST 54=1 38=5 40=1",
                "REPLACE 11=E 41=NONE 38=5 40=1",
                "CANCEL 11=F 41=NONE",
                "SELL 11=G",
                "NEW 11=H 55=REST 54=1 38=5 40=1 9999=1",
                "NEW 11=I 55=REST 54=1 38=5 40=2",
                "NEW 11=J 55=REST 54=1 38=5 40=1 44=0.01",
                // Changed on its way: this may have been any other order.
                "NEW 11=C 55=REST 54=1 38=5 40=1 *0000",
            ] {
                bench.type_line(line);
            }
        }
        false
    });
    let seen = bench.lines();
    for line in [
        "NO 11=EARLY 58=the session is not logged on",
        "NO 11=A 58=OrderQty(38) 500 is above the limit of 100",
        "OK 11=B",
        "NO 11=B 58=ClOrdID(11) was used before",
        "OK 11=C",
        "NO 11=D 58=2 orders are open, and the limit is 2",
        "NO 11=E 58=OrigClOrdID(41) is no open order of the gateway",
        "NO 11=F 58=the order is not known to the gateway: Symbol(55) is needed",
        "NO 11=G 58=unknown word",
        "NO 11=H 58=9999 is not taken here",
        "NO 11=I 58=Price(44) is missing",
        "NO 11=J 58=Price(44) needs OrdType(40)=2 or 4",
        "NO 58=the check sum is not that of the line",
    ] {
        assert!(has(&seen, line), "{line} is not in {seen:#?}");
    }
    assert_eq!(bench.venue.application().orders, ["B", "C"]);
}

const RESTS: &str = "55=REST 54=1 38=5 40=2 44=1";

/// Types a line once the session is up.
fn once_up(bench: &Bench, typed: &mut bool, lines: &[&str]) {
    if bench.was_up() && !*typed {
        *typed = true;
        lines.iter().for_each(|line| bench.type_line(line));
    }
}

#[test]
fn the_power_is_cut_at_random_and_no_number_and_no_order_comes_twice() {
    let _alone = alone();
    let mut bench = Bench::new(24);
    let (mut random, mut typed, mut accepted) = (0x2545_F491_4F6C_DD1D_u64, 0, Vec::new());
    let mut unsure: Vec<String> = Vec::new();
    for _ in 0..60 {
        let mut turns = 0;
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let most = 20 + random % 900;
        let logons = bench.venue.application().logons;
        bench.chip.power_on();
        if random.is_multiple_of(2) {
            bench.chip.cut_after(400 + random % 700);
        }
        let stopped = bench.power(&GATEWAY, 20, |bench| {
            turns += 1;
            if bench.venue.application().logons > logons && bench.inside().typed.is_empty() && turns % 3 == 0
            {
                typed += 1;
                bench.type_line(&format!("NEW 11=ORDER-{typed} 55=10Y 54=1 38=1 40=1"));
            }
            let lines = bench.lines();
            accepted.extend(lines.iter().filter_map(|line| Some(line.strip_prefix("OK 11=")?.to_owned())));
            unsure.extend(lines);
            turns > most
        });
        bench.inside().typed.clear();
        bench.inside().printed.clear();
        assert!(stopped.is_none_or(|why| why == Stopped::Flash(FlashError::Medium)), "{stopped:?}");
    }
    bench.chip.power_on();
    // The last orders come again or are filled over; then nothing is missed.
    bench.power(&GATEWAY, 30, |_| false);
    let ledger = bench.venue.application();
    assert!(ledger.orders.len() > 200, "{}", ledger.orders.len());
    assert_eq!(ledger.doubles, Vec::<String>::new());
    assert_eq!(bench.venue.status().gap, None);
    let lines = bench.lines();
    assert!(has(&lines, "SESSION 58=up"), "{lines:#?}");
    // Each order that was accepted was sent, or the host was told that it was too old to be sent again; of the latter
    // lines a power cut may have swallowed some.
    unsure.extend(lines);
    let is_told = |id: &str| unsure.iter().any(|line| line.starts_with(&format!("UNSURE 11={id} ")));
    let is_sent = |id: &str| ledger.orders.iter().any(|known| known == id);
    let lost =
        accepted.iter().filter_map(|line| line.split(' ').next()).filter(|id| !is_told(id) && !is_sent(id));
    assert!(lost.clone().count() <= 3, "{:?}", lost.collect::<Vec<_>>());
}

/// Erasing a sector stops the CPU for so long.
const STALLS: Gateway =
    Gateway { flash: FlashRules { erase_stall_millis: 1_500, ..FlashRules::DEFAULT }, ..GATEWAY };

/// A flash that stalls, with nothing sent that waits for the network meanwhile.
fn stall(bench: &Bench) {
    let world = bench.world.clone();
    bench.chip.on_erase(move || {
        let waits = world.0.borrow().there.len();
        assert_eq!(waits, 0, "bytes that were sent wait behind an erase");
        MockDriver::get().advance(Duration::from_millis(1_500));
    });
}

#[test]
fn orders_that_leave_no_lull_are_refused_before_an_erase_costs_the_session() {
    let _alone = alone();
    let mut bench = Bench::new(24);
    stall(&bench);
    let (mut order, mut next, mut refused, mut sessions) = (0, None, 0, 0);
    bench.power(&STALLS, 600, |bench| {
        if bench.was_up() && order == 0 {
            (order, next) = (1, Some(Instant::now()));
        }
        for line in bench.lines() {
            sessions += usize::from(line.starts_with("SESSION"));
            // The next one at once, as fast as they are filled.
            if line.starts_with(&format!("8 11=A{order} ")) {
                (order, next) = (order + 1, Some(Instant::now()));
            }
            if line.starts_with(&format!("NO 11=A{order} 58=the flash waits")) {
                (refused, next) = (refused + 1, Some(Instant::now() + Duration::from_millis(100)));
            }
        }
        if next.is_some_and(|at| Instant::now() >= at) {
            next = None;
            bench.type_line(&format!("NEW 11=A{order} 55=10Y 54=1 38=1 40=1"));
        }
        order > 300
    });
    let erases: u64 = bench.chip.erases().iter().sum();
    assert!(erases >= 24 && refused > 0, "{erases} erases, {refused} refused");
    assert_eq!((bench.venue.application().orders.len(), sessions), (300, 1), "{refused} refused");
}

#[test]
fn an_erase_that_stops_the_cpu_costs_no_session() {
    let _alone = alone();
    let mut bench = Bench::new(24);
    stall(&bench);
    let (mut typed, mut next, mut seen) = (0, Instant::from_secs(0), Vec::new());
    bench.power(&STALLS, 400, |bench| {
        // An order each half second: thrice the flash.
        if bench.was_up() && Instant::now() >= next {
            next = Instant::now() + Duration::from_millis(500);
            typed += 1;
            bench.type_line(&format!("NEW 11=A{typed} 55=10Y 54=1 38=1 40=1"));
        }
        seen.extend(bench.lines());
        false
    });
    let erases: u64 = bench.chip.erases().iter().sum();
    assert!(erases >= 16, "{erases}");
    assert_eq!(seen.iter().filter(|line| line.starts_with("SESSION")).count(), 1, "{seen:#?}");
    assert_eq!(
        bench.venue.application().orders.len(),
        seen.iter().filter(|line| line.starts_with("OK 11=A")).count()
    );
    assert!(!has(&seen, "NO "), "{seen:#?}");
}

#[test]
fn a_sector_that_cannot_be_erased_is_tried_once_and_the_gateway_stops_with_the_session() {
    let _alone = alone();
    let mut bench = Bench::new(24);
    bench.chip.fail_erases();
    let (mut typed, mut next, mut told_at, mut seen) = (0, Instant::from_secs(0), None, Vec::new());
    let stopped = bench.power(&GATEWAY, 120, |bench| {
        // Until the halves have changed places, and a minute more.
        let wants = bench.was_up() && told_at.is_none();
        if wants && Instant::now() >= next {
            next = Instant::now() + Duration::from_millis(300);
            typed += 1;
            bench.type_line(&format!("NEW 11=A{typed} 55=10Y 54=1 38=1 40=1"));
        }
        if bench.chip.failed_erases() > 0 {
            let at = *told_at.get_or_insert(Instant::now());
            if Instant::now() >= at + Duration::from_secs(60) {
                bench.cut_connection();
            }
        }
        seen.extend(bench.lines());
        false
    });
    seen.extend(bench.lines());
    assert_eq!((bench.chip.failed_erases(), stopped), (1, Some(Stopped::Flash(FlashError::Medium))));
    assert!(has(&seen, "BROKEN 58=the flash failed"), "{seen:#?}");
    let at = told_at.expect("the halves changed places");
    assert!(Instant::now() >= at + Duration::from_secs(60), "the session went on");
    assert_eq!(bench.venue.application().orders.len(), typed);
}

#[test]
fn a_heartbeat_that_leaves_no_time_for_an_erase_is_refused_at_the_start() {
    let _alone = alone();
    for (heart_bt_int, erase_stall_millis, is_refused) in
        [(3, 2_000, true), (3, 1_999, false), (0, 2_000, false), (1, 0, false)]
    {
        let flash = FlashRules { erase_stall_millis, ..FlashRules::DEFAULT };
        let mut bench = Bench::new(24);
        let stopped = bench.power(&Gateway { heart_bt_int, flash, ..GATEWAY }, 10, |_| false);
        let error = ConfigError::ShortHeartbeat { heart_bt_int, erase_stall_millis };
        assert_eq!(stopped, is_refused.then_some(Stopped::Config(error)), "{heart_bt_int}");
        let said =
            "BROKEN 58=HeartBtInt(108) of 3 s is not above 1.5 times the 2000 ms that erasing a sector";
        assert_eq!(has(&bench.lines(), said), is_refused, "{heart_bt_int}");
    }
}

#[test]
fn a_silent_host_is_a_dead_man() {
    let _alone = alone();
    for (cancels, mass) in [(Cancels::Mass, 1), (Cancels::Each, 0), (Cancels::Logout, 0)] {
        let config = Gateway { dead_man: DeadMan { silent_seconds: 7, cancels }, ..GATEWAY };
        let (mut bench, mut typed, mut noise) = (Bench::new(24), false, Instant::now());
        bench.power(&config, 30, |bench| {
            once_up(bench, &mut typed, &[&format!("NEW 11=A {RESTS}"), &format!("NEW 11=B {RESTS}")]);
            // Noise is no sign of life.
            if typed && Instant::now() >= noise {
                noise = Instant::now() + Duration::from_secs(1);
                bench.type_line("x\u{7F}#");
            }
            false
        });
        let lines = bench.lines();
        assert!(has(&lines, "STOP 58=trading is stopped: the host is silent"), "{lines:#?}");
        let ledger = bench.venue.application();
        assert_eq!((ledger.mass_cancels, ledger.orders.len()), (mass, 2), "{cancels:?} {lines:#?}");
        if cancels == Cancels::Logout {
            assert!(has(&lines, "SESSION 58=down") && ledger.logons == 1, "{lines:#?}");
        } else {
            assert!(ledger.open.is_empty(), "{cancels:?} {lines:#?}");
        }
    }
}

#[test]
fn a_kill_outlives_a_power_cut_and_a_resume_ends_it() {
    let _alone = alone();
    let (mut bench, mut typed) = (Bench::new(24), false);
    bench.power(&GATEWAY, 20, |bench| {
        once_up(bench, &mut typed, &[&format!("NEW 11=A {RESTS}"), "KILL", "NEW 11=B 55=10Y 54=1 38=1 40=1"]);
        false
    });
    let lines = bench.lines();
    assert!(has(&lines, "NO 11=B 58=trading is stopped: KILL") && has(&lines, "r 11=GW-"), "{lines:#?}");
    assert!(bench.venue.application().open.is_empty());
    bench.type_line("NEW 11=C 55=10Y 54=1 38=1 40=1");
    bench.power(&GATEWAY, 5, |_| false);
    let lines = bench.lines();
    assert!(has(&lines, "STOP 58=trading is stopped: KILL") && has(&lines, "NO 11=C"), "{lines:#?}");
    let mut typed = false;
    bench.power(&GATEWAY, 10, |bench| {
        if bench.venue.application().logons > 2 && !typed {
            typed = true;
            bench.type_line("RESUME");
            bench.type_line("NEW 11=D 55=10Y 54=1 38=1 40=1");
        }
        false
    });
    let lines = bench.lines();
    assert!(has(&lines, "OK 58=RESUME") && has(&lines, "OK 11=D") && has(&lines, "8 11=D"), "{lines:#?}");
    assert!(bench.venue.application().mass_cancels >= 2, "said again on the next connection");
    bench.inside().switch = true;
    bench.power(&GATEWAY, 5, |_| false);
    assert!(has(&bench.lines(), "STOP 58=trading is stopped: the kill switch is on"));
}

#[test]
fn a_host_that_reads_nothing_loses_no_report() {
    let _alone = alone();
    let (mut bench, mut typed) = (Bench::new(24), 0);
    bench.power(&GATEWAY, 120, |bench| {
        if bench.was_up() && typed < 60 && bench.inside().typed.len() < 100 {
            typed += 1;
            bench.type_line(&format!("NEW 11=A{typed} 55=10Y 54=1 38=1 40=1"));
        }
        let now = Instant::now().as_secs() % 40;
        bench.inside().host_is_deaf = now > 3;
        false
    });
    bench.inside().host_is_deaf = false;
    bench.power(&GATEWAY, 60, |_| false);
    let lines = bench.lines();
    assert!(!has(&lines, "LOST"), "{lines:#?}");
    let orders = &bench.venue.application().orders;
    assert!(orders.len() > 40, "{}", orders.len());
    for id in orders {
        let is_told = lines.iter().any(|line| line.contains(&format!("11={id} ")) && line.contains("150=F"));
        assert!(is_told, "the fill of {id} is missing: {lines:#?}");
    }
}

#[test]
fn no_logon_without_the_time_and_a_logout_when_it_is_lost() {
    let _alone = alone();
    const SERVERS: &[Host] = &[Host { name: "time", port: 123 }];
    let time = TimeRules { servers: SERVERS, holdover_seconds: 120, ..TimeRules::DEFAULT };
    let config = Gateway { time, ..GATEWAY };
    let mut bench = Bench::new(24);
    bench.clock_is_set = false;
    bench.power(&config, 30, |bench| {
        assert_eq!(bench.inside().connects.len(), 0, "no connection without the time");
        false
    });
    bench.inside().server_millis = Some(UTC * 1000);
    let started = Instant::now();
    bench.power(&config, 300, |bench| {
        if bench.was_up() && Instant::now() > started + Duration::from_secs(30) {
            bench.inside().server_millis = None;
        }
        false
    });
    let lines = bench.lines();
    assert_eq!(bench.venue.application().logons, 1, "{lines:#?}");
    assert!(has(&lines, "SESSION 58=down: our Logout was answered"), "{lines:#?}");
}

#[test]
fn a_counterparty_that_stops_reading_is_given_up_and_the_session_goes_on() {
    let _alone = alone();
    let (mut bench, mut typed) = (Bench::new(24), 0);
    bench.power(&GATEWAY, 120, |bench| {
        let now = Instant::now().as_secs() % 60;
        bench.inside().venue_is_deaf = (20..40).contains(&now);
        if bench.was_up() && bench.inside().typed.is_empty() && typed < 200 {
            typed += 1;
            bench.type_line(&format!("NEW 11=A{typed} 55=10Y 54=1 38=1 40=1"));
        }
        false
    });
    bench.inside().venue_is_deaf = false;
    bench.power(&GATEWAY, 30, |_| false);
    let ledger = bench.venue.application();
    assert!(
        ledger.logons >= 2 && ledger.doubles.is_empty(),
        "{} logons, {:?}",
        ledger.logons,
        ledger.doubles
    );
    assert_eq!(bench.venue.status().gap, None);
}

/// What the README's table of the flash's life is computed from.
#[test]
fn an_order_takes_so_many_bytes_of_flash() {
    let _alone = alone();
    let mut bench = Bench::new(64);
    let (mut typed, mut before, mut orders) = (0, 0, 0);
    bench.power(&GATEWAY, 60, |bench| {
        let done = bench.venue.application().orders.len();
        if bench.was_up() && typed < 90 && bench.inside().typed.is_empty() {
            typed += 1;
            bench.type_line(&format!(
                "NEW 11=20261129-{typed:06} 55=10Y 54=1 38=100 40=2 44=101.25 59=0 1=ACCOUNT7"
            ));
        }
        if done == 10 && before == 0 {
            before = bench.chip.done();
        }
        orders = done;
        done == 90
    });
    let bytes = (bench.chip.done() - before) * nor::WORD as u64 / (orders as u64 - 10);
    assert!(bench.chip.erases().iter().all(|erases| *erases == 0), "it fits into one half");
    assert!((200..=290).contains(&bytes), "{bytes} bytes an order");
    println!("{bytes} bytes an order");
}

#[test]
fn the_client_in_python_speaks_the_lines() {
    let client = concat!(env!("CARGO_MANIFEST_DIR"), "/examples");
    let script = "
import base64
import gateway_client as g
assert g.crc(b'123456789') == 0x29B1
assert g.sealed('PING') == b'PING *%04X\\n' % g.crc(b'PING')
line = g.Line.parse('#7 8 43=Y 11=A%201 58=two words' + ' *%04X' % g.crc(b'#7 8 43=Y 11=A%201 58=two words'))
assert (line.number, line.word, line.fields) == (7, '8', {43: 'Y', 11: 'A 1', 58: 'two words'}), line
stop = g.Line.parse('#8 STOP 58=why' + ' *%04X' % g.crc(b'#8 STOP 58=why'))
assert stop.fields == {58: 'why'}, stop
import gateway_secrets as s
made = s.sector('desk7', 'hunter2', bytes([9] * 32), bytes([8] * 32)).hex()
assert made == '464958530101056465736b37020768756e74657232032009090909090909090909090909090909090909090909090909090909090909090420080808080808080808080808080808080808080808080808080808080808080800a624', made
key = '-----BEGIN EC PRIVATE KEY-----\\n' + base64.b64encode(bytes.fromhex('302502010104200' + '8' * 63 + '06082a8648ce3d030107')).decode() + '\\n-----END EC PRIVATE KEY-----\\n'
assert s.tls_key(key) == bytes.fromhex('0' + '8' * 63)
for bad in (key.replace('EC PRIVATE', 'PUBLIC'), '', key.replace('MC', 'ENCRYPTED'), key[:60] + key[70:]):
    try: assert not s.tls_key(bad)
    except ValueError: pass
udp = g.Udp('127.0.0.1', 9, bytes([7] * 32))
udp.boot, udp.counter = 1, 1
assert udp.seal(b'PING').hex() == '0000000000000001000000000000000250494e474e3827a75f4b640e9254b197a271ae11bdd539f5ff862aeb10b673c738174fe5', udp.seal(b'PING').hex()
";
    let run = std::process::Command::new("python3").args(["-B", "-c", script]).current_dir(client).output();
    let run = run.expect("python3");
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
}

#[test]
fn hostile_bytes_end_no_more_than_a_connection() {
    let _alone = alone();
    let (mut bench, mut random, mut typed) = (Bench::new(24), 0x9E37_79B9_7F4A_7C15_u64, 0);
    const PIECES: [&[u8]; 8] = [
        b"8=FIX.4.4\x019=99999\x0135=8\x01",
        b"8=FIX.4.4\x019=5\x0135=0\x0110=163\x01",
        b"\x01\x01\x01",
        b"10=000\x01",
        b"8=FIX.4.4\x019=\x01",
        b"\xFF\x00\xFE",
        b"8=FIX.4.4\x019=61\x0135=5\x0134=2\x0149=EXCHANGE\x0156=BOARD\x01",
        b"garbage without an end",
    ];
    bench.power(&GATEWAY, 300, |bench| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        if random.is_multiple_of(50) && bench.inside().is_connected {
            bench.inside().back.extend(PIECES[(random >> 20) as usize % PIECES.len()]);
        }
        if bench.inside().typed.is_empty() && random.is_multiple_of(40) {
            typed += 1;
            let line = [format!("NEW 11=A{typed} 55=10Y 54=1 38=1 40=1"), "NEW 11=\u{1}".repeat(90)];
            bench.type_line(&line[usize::from(random.is_multiple_of(3))]);
        }
        bench.lines();
        false
    });
    // And the session works as before.
    let (mut typed, mut lines) = (false, Vec::new());
    bench.power(&GATEWAY, 60, |bench| {
        lines.extend(bench.lines());
        if has(&lines, "SESSION 58=up") && !typed {
            typed = true;
            bench.type_line("NEW 11=LAST 55=10Y 54=1 38=1 40=1");
        }
        false
    });
    assert!(has(&lines, "8 11=LAST"), "{lines:#?}");
    assert_eq!(bench.venue.application().doubles, Vec::<String>::new());
}
