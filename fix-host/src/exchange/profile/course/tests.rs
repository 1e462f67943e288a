use super::*;

fn course(text: &str, seed: u64) -> Course {
    let profile: Profile = toml_edit::de::from_str(text).unwrap();
    let symbols = ["2Y", "5Y", "10Y"].map(str::to_owned).to_vec();
    Course::new(&Arc::new(profile), symbols, seed, UtcTimestamp::from_unix(0, 0)).unwrap().unwrap()
}

/// All that happens in so many seconds, with the milliseconds of each.
fn happens(mut course: Course, seconds: i64) -> Vec<(i64, Act)> {
    let step = || {
        let at = course.next().filter(|at| *at <= UtcTimestamp::from_unix(seconds, 0))?;
        course.due(at).map(|step| (since_1970(step.at) / 1000, step.act))
    };
    std::iter::from_fn(step).collect()
}

/// All that happens at once if the clock jumps to this second, with the seconds of each.
fn jumps(course: &mut Course, seconds: i64) -> Vec<(i64, Act)> {
    let now = UtcTimestamp::from_unix(seconds, 0);
    std::iter::from_fn(|| course.due(now).map(|step| (step.at.unix_seconds(), step.act))).collect()
}

#[test]
fn a_clock_that_jumps_leaves_out_what_was_missed() {
    let event = |what: &str| format!("[[event]]\nsymbols = [\"5Y\"]\nevery = \"30s\"\n{what}\n");
    let mut halts = course(&event("do = \"halt\"\nfor = \"2s\""), 1);
    assert_eq!(jumps(&mut halts, 36_010), []);
    assert_eq!(halts.next(), Some(UtcTimestamp::from_unix(36_030, 0)));
    let begun = [(36_030, Act::Begin(What::Halt, vec![1]))];
    assert_eq!(jumps(&mut halts, 36_031), begun, "a little late is no jump");
    assert_eq!(jumps(&mut halts, 36_040), [(36_032, Act::End(What::Halt, vec![1]))], "what has begun ends");
    // In the middle of a burst.
    let mut bursts = course(&event("do = \"burst\"\nquotes = 1000\nfor = \"10s\""), 1);
    let before = jumps(&mut bursts, 31);
    let after = jumps(&mut bursts, 50_000);
    assert!(before.len() == 102 && after.len() < 4, "{} {after:?}", before.len());
    let ticks = before.iter().chain(&after).map(|(_, act)| if let Act::Shift(_, by) = act { *by } else { 0 });
    assert_eq!(ticks.sum::<i64>(), 0, "it ends where it began");
    assert_eq!(bursts.next(), Some(UtcTimestamp::from_unix(50_010, 0)));
}

#[test]
fn of_days_that_a_jump_of_the_clock_has_missed_the_first_closes_and_only_the_phase_of_now_is_left() {
    use MarketPhase::{Close, Open, PreClose, PreOpen};
    let text = "[day]\npre-open = \"08:00\"\nopen = \"09:00\"\npre-close = \"16:50\"\nclose = \"17:00\"\n";
    let (day, hour) = (86_400, 3_600);
    let phases = |days: &mut Course, seconds| -> Vec<_> {
        let at = jumps(days, seconds).into_iter();
        at.map(|(at, act)| if let Act::Phase(phase) = act { (at / hour, phase) } else { panic!() }).collect()
    };
    let mut days = course(text, 1);
    assert_eq!(phases(&mut days, 8 * hour), [(8, PreOpen)]);
    // What was collected trades at the opening, then the day closes; then it is 10 o'clock, three or thousands of days later.
    let missed = [(9, Open), (16, PreClose), (17, Close)];
    assert_eq!(phases(&mut days, 3 * day + 10 * hour), [&missed[..], &[(3 * 24 + 9, Open)]].concat());
    let missed = [(3 * 24 + 16, PreClose), (3 * 24 + 17, Close)];
    assert_eq!(
        phases(&mut days, 20_000 * day + 8 * hour),
        [&missed[..], &[(20_000 * 24 + 8, PreOpen)]].concat()
    );
    // To a time after the close there is nothing but that close.
    let night = 20_001 * day + 20 * hour;
    assert_eq!(phases(&mut days, night).last(), Some(&(20_000 * 24 + 17, Close)));
    assert_eq!(days.next(), Some(UtcTimestamp::from_unix(20_002 * day + 8 * hour, 0)));
}

#[test]
fn of_single_events_that_a_jump_of_the_clock_has_missed_only_those_happen_that_are_not_over() {
    let event = |what: &str| format!("[[event]]\nsymbols = [\"5Y\"]\nafter = \"30s\"\n{what}\n");
    for over in [
        "do = \"halt\"\nfor = \"60s\"",
        "do = \"gap\"\nticks = 3\nfor = \"60s\"",
        "do = \"burst\"\nquotes = 4\nfor = \"1s\"",
    ] {
        let mut course = course(&event(over), 1);
        assert_eq!(jumps(&mut course, 1_000), [], "{over}");
        assert_eq!(course.next(), None, "{over}");
    }
    let mut halt = course(&event("do = \"halt\"\nfor = \"60s\""), 1);
    assert_eq!(jumps(&mut halt, 60), [(30, Act::Begin(What::Halt, vec![1]))], "it begins late");
    assert_eq!(jumps(&mut halt, 90), [(90, Act::End(What::Halt, vec![1]))], "and ends in time");
    let mut gap = course(&event("do = \"gap\"\nticks = 3"), 1);
    let for_good = [(30, Act::Begin(What::Gap, vec![1])), (30, Act::Shift(vec![1], 3))];
    assert_eq!(jumps(&mut gap, 1_000), for_good, "prices that do not come back are there");
}

#[test]
fn what_is_scheduled_begins_and_ends_at_its_time() {
    let halt = "[[event]]\ndo = \"halt\"\nsymbols = [\"10Y\", \"2Y\"]\nafter = \"5s\"\nevery = \"60s\"\nfor = \"2s\"\n";
    let (begin, end) = (Act::Begin(What::Halt, vec![2, 0]), Act::End(What::Halt, vec![2, 0]));
    assert_eq!(
        happens(course(halt, 1), 70),
        [(5_000, begin.clone()), (7_000, end.clone()), (65_000, begin), (67_000, end)]
    );
    let gap = "[[event]]\ndo = \"gap\"\nall = true\nafter = \"1s\"\nticks = -40\n";
    let all = vec![0, 1, 2];
    assert_eq!(
        happens(course(gap, 1), 100),
        [(1_000, Act::Begin(What::Gap, all.clone())), (1_000, Act::Shift(all, -40))],
        "it stays"
    );
    let gap = "[[event]]\ndo = \"gap\"\nsymbols = [\"5Y\"]\nafter = \"1s\"\nticks = 3\nfor = \"500ms\"\n";
    assert_eq!(
        happens(course(gap, 1), 100),
        [
            (1_000, Act::Begin(What::Gap, vec![1])),
            (1_000, Act::Shift(vec![1], 3)),
            (1_500, Act::Shift(vec![1], -3)),
            (1_500, Act::End(What::Gap, vec![1])),
        ]
    );
}

#[test]
fn a_burst_is_spread_over_its_time_and_ends_where_it_began() {
    let burst = "[[event]]\ndo = \"burst\"\nsymbols = [\"5Y\"]\nafter = \"1s\"\nquotes = 9\nfor = \"1s\"\n";
    let told = happens(course(burst, 1), 10);
    let (times, ticks): (Vec<i64>, Vec<i64>) = told
        .iter()
        .filter_map(|(at, act)| if let Act::Shift(_, by) = act { Some((*at, *by)) } else { None })
        .unzip();
    assert_eq!(times, (0..10).map(|quote| 1_000 + 100 * quote).collect::<Vec<_>>());
    assert_eq!(ticks.iter().sum::<i64>(), 0);
}

#[test]
fn jitter_and_instruments_are_drawn_by_the_seed_and_do_not_add_up() {
    let text = "[[event]]\ndo = \"withdraw\"\nevery = \"10s\"\njitter = \"3s\"\nfor = \"1s\"\n";
    let one = happens(course(text, 7), 1_000);
    assert_eq!(one, happens(course(text, 7), 1_000));
    assert_ne!(one, happens(course(text, 8), 1_000));
    let begins = one.iter().filter(|(_, act)| matches!(act, Act::Begin(..)));
    let mut seen = [false; 3];
    for (nth, (at, act)) in (1..).zip(begins) {
        assert!((nth * 10_000..=nth * 10_000 + 3_000).contains(at), "{nth}: {at}");
        let Act::Begin(_, places) = act else { panic!() };
        seen[places[0]] = true;
    }
    assert_eq!(seen, [true; 3]);
}

#[test]
fn the_clock_and_the_schedule_go_together() {
    let text = "[day]\nopen = \"00:00:10\"\npre-close = \"00:00:50\"\nclose = \"00:01\"\n\
         [[event]]\ndo = \"halt\"\nall = true\nafter = \"20s\"\nfor = \"1s\"\n";
    let course = course(text, 1);
    assert_eq!(course.phase_at(UtcTimestamp::from_unix(0, 0)), Some(MarketPhase::Close));
    assert_eq!(course.next(), Some(UtcTimestamp::from_unix(10, 0)));
    let told: Vec<(i64, String)> =
        happens(course, 100).into_iter().map(|(at, act)| (at, format!("{act:?}"))).collect();
    let wanted = [
        (10_000, "Phase(Open)"),
        (20_000, "Begin(Halt, [0, 1, 2])"),
        (21_000, "End(Halt, [0, 1, 2])"),
        (50_000, "Phase(PreClose)"),
        (60_000, "Phase(Close)"),
    ];
    assert_eq!(told, wanted.map(|(at, said)| (at, said.to_owned())));
}

#[test]
fn an_instrument_that_is_not_listed_is_refused_and_nothing_to_come_is_no_course() {
    let make = |text: &str| {
        let profile = Profile { name: "mine".to_owned(), ..toml_edit::de::from_str(text).unwrap() };
        Course::new(&Arc::new(profile), vec!["AAPL".to_owned()], 1, UtcTimestamp::from_unix(0, 0))
    };
    assert!(make("").unwrap().is_none());
    let said =
        make("[[event]]\ndo = \"halt\"\nafter = \"1s\"\nfor = \"1s\"\nsymbols = [\"AAPK\"]\n").unwrap_err();
    assert_eq!(
        said,
        "venue profile mine: [[event]] number 1: no instrument \"AAPK\" is listed; did you mean AAPL?"
    );
}
