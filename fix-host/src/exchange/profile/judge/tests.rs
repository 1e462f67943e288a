use super::*;

const MS: u64 = 1_000;

fn judge(text: &str) -> Judge {
    let profile: Profile = toml_edit::de::from_str(text).unwrap();
    assert!(Judge::is_needed(&profile));
    Judge::new(Arc::new(profile), 7)
}

fn order() -> Asked<'static> {
    Asked {
        request: Request::New,
        symbol: Some("10Y"),
        qty: Some(10.into()),
        price: None,
        middle: None,
        named: None,
        field: &|_| None,
    }
}

#[test]
fn a_plain_venue_has_nothing_to_judge() {
    assert!(!Judge::is_needed(&Profile::default()));
}

#[test]
fn requests_wait_by_kind_in_their_order_and_the_same_for_the_same_seed() {
    let text = "[latency]\nall = { at-least = \"1ms\" }\nnew = { at-least = \"2ms\", jitter = \"3ms\" }\n";
    let mut drawn = Vec::new();
    let mut one = judge(text);
    for at in 0..100 {
        let now = at * 10 * MS;
        let Verdict::Later(due) = one.judge(&order(), now) else { panic!() };
        assert!((2 * MS..=5 * MS).contains(&(due - now)), "{}", due - now);
        drawn.push(due);
    }
    drawn.dedup_by_key(|due| *due % (10 * MS));
    assert!(drawn.len() > 90, "jitter differs");
    let mut again = judge(text);
    assert_eq!(again.judge(&order(), 0), judge(text).judge(&order(), 0));
    // A cancel would be quicker, but does not overtake its order.
    let Verdict::Later(due) = judge(text).judge(&order(), 0) else { panic!() };
    let cancel = Asked { request: Request::Cancel, ..order() };
    assert_eq!(again.judge(&cancel, 1), Verdict::Later(due));
    assert_eq!(again.judge(&cancel, 100 * MS), Verdict::Later(101 * MS));
}

#[test]
fn what_all_of_a_rule_fits_is_refused() {
    let mut judge = judge(
        "[[reject]]\nsymbol = \"2Y\"\nreason = 1\ntext = \"not here\"\n[[reject]]\nquantity-above = 100\n\
         [[reject]]\nkinds = [\"new\", \"replace\"]\nprice-away-percent = 2.5\ntext = \"far\"\n",
    );
    let mut said = |asked: Asked<'_>| judge.judge(&asked, 0);
    assert_eq!(said(Asked { symbol: Some("2Y"), ..order() }), Verdict::Refuse(1, "not here".into()));
    assert_eq!(said(Asked { symbol: Some("2Y"), request: Request::Cancel, ..order() }), Verdict::Pass);
    assert_eq!(said(Asked { qty: Some(100.into()), ..order() }), Verdict::Pass);
    assert!(matches!(said(Asked { qty: Some(101.into()), ..order() }), Verdict::Refuse(99, _)));
    let priced = |request, price: &str| Asked {
        request,
        price: price.parse().ok(),
        middle: Some(100.into()),
        ..order()
    };
    assert_eq!(said(priced(Request::New, "102.5")), Verdict::Pass);
    assert_eq!(said(priced(Request::Replace, "97.49")), Verdict::Refuse(99, "far".into()));
    assert_eq!(
        said(Asked { middle: None, ..priced(Request::New, "1") }),
        Verdict::Pass,
        "nothing to compare with"
    );
}

#[test]
fn every_so_manyth_counts_only_those_that_fit() {
    let mut judge =
        judge("[[reject]]\nsymbol = \"2Y\"\nevery = 3\n[[silence]]\nkinds = [\"cancel\"]\nevery = 2\n");
    let mut refused = Vec::new();
    for number in 0..12 {
        let symbol = if number % 2 == 0 { "2Y" } else { "10Y" };
        if judge.judge(&Asked { symbol: Some(symbol), ..order() }, 0) != Verdict::Pass {
            refused.push(number);
        }
    }
    assert_eq!(refused, [4, 10]);
    let cancel = Asked { request: Request::Cancel, ..order() };
    assert_eq!(judge.judge(&cancel, 0), Verdict::Pass);
    assert_eq!(judge.judge(&cancel, 0), Verdict::Swallow("no answer"));
}

#[test]
fn one_message_too_many_is_refused_swallowed_or_the_end() {
    for (then, wanted) in [
        ("reject", Verdict::Refuse(99, "slow down".into())),
        ("logout", Verdict::Logout("slow down".into())),
        ("silence", Verdict::Swallow("one message too many")),
    ] {
        let mut judge =
            judge(&format!("[throttle]\nmessages = 3\nthen = \"{then}\"\ntext = \"slow down\"\n"));
        for at in [0, 400 * MS, 800 * MS] {
            assert_eq!(judge.judge(&order(), at), Verdict::Pass);
        }
        assert_eq!(judge.judge(&order(), 999 * MS), wanted);
        assert_eq!(judge.judge(&order(), 1_000 * MS), Verdict::Pass, "the first is a second ago");
        assert_eq!(judge.judge(&order(), 1_001 * MS), wanted);
    }
}

#[test]
fn what_comes_in_a_silence_waits_for_its_end() {
    let mut judge = judge("[[silence]]\nfrom = \"10s\"\nfor = \"2s\"\nagain = \"60s\"\n");
    let second = 1_000 * MS;
    for (now, wanted) in [
        (9 * second, Verdict::Pass),
        (10 * second, Verdict::Later(12 * second)),
        (11 * second, Verdict::Later(12 * second)),
        (12 * second, Verdict::Pass),
        (70 * second, Verdict::Later(72 * second)),
        (73 * second, Verdict::Pass),
    ] {
        assert_eq!(judge.judge(&order(), now), wanted, "at {now}");
    }
}

#[test]
fn what_is_one_too_many_waits_until_it_is_none() {
    let mut judge = judge("[throttle]\nmessages = 2\nper = \"1s\"\nthen = \"delay\"\n");
    let at = |judge: &mut Judge, now: u64| match judge.judge(&order(), now * MS) {
        Verdict::Pass => now,
        Verdict::Later(due) => due / MS,
        other => panic!("{other:?}"),
    };
    let came = [0, 100, 200, 300, 400, 3_900, 4_000, 4_100];
    let taken: Vec<u64> = came.into_iter().map(|now| at(&mut judge, now)).collect();
    assert_eq!(taken, [0, 100, 1_000, 1_100, 2_000, 3_900, 4_000, 4_900]);
}

#[test]
fn a_rule_looks_at_any_field() {
    let mut judge = judge("[[reject]]\nwhen = { OrdType = \"1\", 59 = [\"3\", 4], ExDestination = \"*\" }\n");
    let fields: [(i32, &str); 3] = [(40, "1"), (59, "4"), (100, "X")];
    let mut said = |without: i32, other: &'static str| {
        let field = move |tag: Tag| {
            let (_, value) = fields.iter().find(|(own, _)| *own == tag.0 && *own != without)?;
            Some(if tag.0 == 59 { other.as_bytes() } else { value.as_bytes() })
        };
        judge.judge(&Asked { field: &field, ..order() }, 0)
    };
    assert!(matches!(said(0, "4"), Verdict::Refuse(99, _)));
    assert!(matches!(said(0, "3"), Verdict::Refuse(99, _)));
    assert_eq!(said(0, "1"), Verdict::Pass);
    assert_eq!(said(40, "4"), Verdict::Pass);
    assert_eq!(said(100, "4"), Verdict::Pass);
}
