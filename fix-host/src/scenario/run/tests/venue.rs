//! The exchange with a venue profile, in virtual time: what it does when, to the microsecond.

use std::fmt::Write as _;

use super::*;
use crate::scenario::run::cast::Cast;

/// Plays the lines of a desk against an exchange with this profile, and gives what the desk received: the milliseconds since the
/// beginning, then the fields asked for.
fn told(profile: &str, lines: &str, tags: &[u32]) -> Vec<String> {
    told_with_seed(profile, lines, tags, 1)
}

fn told_with_seed(profile: &str, lines: &str, tags: &[u32], seed: u64) -> Vec<String> {
    let outcomes = played_at(profile, lines, seed);
    assert_eq!(failures_of(&outcomes), "");
    let entries = outcomes.iter().flat_map(|outcome| &outcome.messages);
    let told = entries.filter(|entry| &*entry.party == "DESK").filter_map(|entry| match &entry.what {
        What::In(bytes) => Some((entry.at, String::from_utf8(bytes.clone()).unwrap())),
        _ => None,
    });
    let field = |message: &str, tag: u32| {
        let head = format!("{tag}=");
        message.split('\x01').find_map(|field| field.strip_prefix(&head)).unwrap_or("-").to_owned()
    };
    let told = told.filter(|(_, message)| !["A", "5", "0"].contains(&field(message, 35).as_str()));
    told.map(|(at, message)| {
        let mut line = format!("{}", at.as_micros() as f64 / 1000.0);
        tags.iter().for_each(|tag| write!(line, " {}", field(&message, *tag)).unwrap());
        line
    })
    .collect()
}

fn played_at(profile: &str, lines: &str, seed: u64) -> Vec<Outcome> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mine.toml");
    std::fs::write(&file, profile).unwrap();
    let head = format!("party DESK initiator\nparty EXCHANGE exchange\n  Venue = {}\n", file.display());
    played(&format!("{head}{lines}"), seed)
}

/// An order to buy: at the market, or with a limit.
fn order(id: &str, qty: u32, price: Option<&str>) -> String {
    let kind = price.map_or("OrdType=MARKET".to_owned(), |price| format!("OrdType=LIMIT, Price={price}"));
    format!(
        "DESK: send order ClOrdID={id}, HandlInst=1, Symbol=10Y, Side=BUY, OrderQty={qty}, {kind}, TransactTime=$now\n"
    )
}

const PHASES: &str = "DESK: send SecurityStatusRequest SecurityStatusReqID=s, SubscriptionRequestType=1, Symbol=10Y\n\
     DESK: send TradingSessionStatusRequest TradSesReqID=t, SubscriptionRequestType=1\n";

const BOOK: &str = "DESK: send MarketDataRequest MDReqID=m, SubscriptionRequestType=1, MarketDepth=1, MDUpdateType=0, \
     NoMDEntryTypes=2, MDEntryType=BID, MDEntryType=OFFER, NoRelatedSym=1, Symbol=10Y\n";

#[test]
fn requests_wait_as_long_as_their_kind_does_with_the_jitter_of_the_seed() {
    let profile =
        "[latency]\nnew = { at-least = \"20ms\" }\ncancel = { at-least = \"5ms\", jitter = \"90ms\" }\n";
    let lines = order("a", 10, Some("90"))
        + "wait 100ms\nDESK: send cancel OrigClOrdID=a, ClOrdID=b, Symbol=10Y, Side=BUY, TransactTime=$now\nwait 1s\n";
    let one = told(profile, &lines, &[11, 150]);
    assert_eq!(one, told(profile, &lines, &[11, 150]), "the same seed");
    assert_eq!(one[0], "20 a 0");
    let drawn = |told: &[String]| told[1].split(' ').next().unwrap().parse::<f64>().unwrap();
    assert!((105.0..=195.0).contains(&drawn(&one)), "{one:?}");
    assert_ne!(one, told_with_seed(profile, &lines, &[11, 150], 2), "another seed");
}

#[test]
fn beyond_the_throttle_requests_wait_are_refused_or_are_the_end() {
    let lines: String =
        (0..5).map(|id| order(&id.to_string(), 1, Some("90"))).collect::<String>() + "wait 5s\n";
    let profile =
        |then: &str| format!("[throttle]\nmessages = 2\nper = \"1s\"\nthen = \"{then}\"\ntext = \"slow\"\n");
    let said = [11, 150, 58];
    assert_eq!(
        told(&profile("delay"), &lines, &said),
        ["0 0 0 -", "0 1 0 -", "1000 2 0 -", "1000 3 0 -", "2000 4 0 -"]
    );
    assert_eq!(
        told(&profile("reject"), &lines, &said),
        ["0 0 0 -", "0 1 0 -", "0 2 8 slow", "0 3 8 slow", "0 4 8 slow"]
    );
    assert_eq!(told(&profile("silence"), &lines, &said), ["0 0 0 -", "0 1 0 -"]);
    let lines = order("0", 1, Some("90")) + &order("1", 1, Some("90")) + &order("2", 1, Some("90"));
    let lines = lines + "DESK: await Logout Text=slow\nDESK: expect disconnect\n";
    assert_eq!(told(&profile("logout"), &lines, &said), ["0 0 0 -", "0 1 0 -"]);
}

#[test]
fn silence_and_refusals_by_field_are_exact() {
    let profile = "[[silence]]\nfrom = \"2s\"\nfor = \"3s\"\n[[reject]]\nwhen = { OrdType = \"1\" }\nreason = 11\ntext = \"limits only\"\n";
    let lines = order("a", 1, None)
        + "wait 2500ms\n"
        + &order("b", 1, Some("90"))
        + "wait 4s\n"
        + &order("c", 1, Some("90"))
        + "wait 1s\n";
    assert_eq!(
        told(profile, &lines, &[11, 150, 103, 58]),
        ["0 a 8 11 limits only", "5000 b 0 - -", "6500 c 0 - -"]
    );
}

#[test]
fn trading_is_halted_and_goes_on_by_schedule_and_subscribers_are_told() {
    let profile = "[[event]]\ndo = \"halt\"\nsymbols = [\"10Y\"]\nafter = \"2s\"\nfor = \"1500ms\"\n";
    let lines = format!("{PHASES}wait 2500ms\n{}wait 3s\n", order("a", 10, Some("99")));
    assert_eq!(
        told(profile, &lines, &[35, 326, 340, 150]),
        ["0 f 17 - -", "0 h - 2 -", "2000 f 2 - -", "2500 8 - - 0", "3500 8 - - F", "3500 f 17 - -",],
        "what crosses meanwhile trades when trading goes on"
    );
}

#[test]
fn prices_jump_quotes_burst_and_liquidity_is_gone_by_schedule() {
    // The prices of the simulator move each second too, the same for the same seed.
    let plain = told("", &format!("{BOOK}wait 950ms\n"), &[270]);
    assert_eq!(plain, ["0 96.240"]);
    let gap =
        "[[event]]\ndo = \"gap\"\nsymbols = [\"10Y\"]\nafter = \"100ms\"\nticks = -8\nfor = \"300ms\"\n";
    assert_eq!(told(gap, &format!("{BOOK}wait 950ms\n"), &[270]), ["0 96.240", "100 96.200", "400 96.240"]);
    let burst = "[[event]]\ndo = \"burst\"\nall = true\nafter = \"100ms\"\nquotes = 4\nfor = \"200ms\"\n";
    assert_eq!(
        told(burst, &format!("{BOOK}wait 950ms\n"), &[270]),
        ["0 96.240", "100 96.245", "150 96.240", "200 96.245", "250 96.240"]
    );
    let gone = "[[event]]\ndo = \"withdraw\"\nsymbols = [\"10Y\"]\nafter = \"100ms\"\nfor = \"5s\"\n";
    let lines = format!("{BOOK}wait 3s\n{}wait 4s\n", order("a", 1, None));
    let told = told(gone, &lines, &[35, 268, 270, 150]);
    assert_eq!(told[..3], ["0 W 2 96.240 -", "100 W 0 - -", "3000 8 - - 0"]);
    assert_eq!(told[3], "3000 8 - - 4", "nobody is there to trade with");
    assert!(told[4].starts_with("5100 W 2 "), "{told:?}");
}

#[test]
fn a_locked_or_crossed_feed_is_in_market_data_alone() {
    let lines = format!("{BOOK}wait 500ms\n{}wait 400ms\n", order("a", 1, None));
    let bid_and_offer = |profile: &str| {
        let outcomes = played_at(profile, &lines, 1);
        assert_eq!(failures_of(&outcomes), "");
        let entries = outcomes.iter().flat_map(|outcome| &outcome.messages);
        let texts = entries.filter(|entry| &*entry.party == "DESK").filter_map(|entry| match &entry.what {
            What::In(bytes) => Some(String::from_utf8(bytes.clone()).unwrap()),
            _ => None,
        });
        let prices = |text: String| {
            let prices = text
                .split('\x01')
                .filter_map(|field| field.strip_prefix("270="))
                .collect::<Vec<_>>()
                .join("/");
            let last = text.split('\x01').find_map(|field| field.strip_prefix("31="));
            if prices.is_empty() { last.map_or(prices, str::to_owned) } else { prices }
        };
        texts.map(prices).filter(|prices| !prices.is_empty()).collect::<Vec<_>>()
    };
    let event = |what: &str| {
        format!("[[event]]\ndo = \"{what}\"\nsymbols = [\"10Y\"]\nafter = \"100ms\"\nfor = \"600ms\"\n")
    };
    assert_eq!(
        bid_and_offer(&event("lock")),
        ["96.240/96.260", "96.260/96.260", "96.260", "96.260/96.260", "96.240/96.260"]
    );
    assert_eq!(
        bid_and_offer(&event("cross")),
        ["96.240/96.260", "96.265/96.260", "96.260", "96.265/96.260", "96.240/96.260"]
    );
}

/// Virtual time begins on Monday, 5 January 2026, at 9:00 UTC.
#[test]
fn a_day_goes_by_the_clock_with_auctions_and_the_end_of_orders() {
    let profile = "[day]\nzone = \"Europe/Berlin\"\npre-open = \"10:01\"\nopen = \"10:02\"\npre-close = \"10:03\"\nclose = \"10:04\"\n";
    let gtc = "DESK: send order ClOrdID=gtc, HandlInst=1, Symbol=10Y, Side=BUY, OrderQty=5, OrdType=LIMIT, Price=50, TimeInForce=GOOD_TILL_CANCEL, TransactTime=$now\n";
    let lines = format!(
        "{PHASES}{}wait 90s\n{}{gtc}{}wait 60s\n{}wait 100s\n",
        order("early", 1, Some("90")),
        order("opens", 10, Some("99")),
        order("day", 3, Some("50")),
        order("closes", 10, Some("99")),
    );
    let told: Vec<String> = told(profile, &lines, &[35, 326, 340, 11, 150, 39, 378]);
    assert_eq!(
        told,
        [
            "0 f 18 - - - - -",
            "0 h - 3 - - - -",
            "0 8 - - early 8 8 -",
            "60000 f 21 - - - - -",
            "60000 h - 4 - - - -",
            "90000 8 - - opens 0 0 -",
            "90000 8 - - gtc 0 0 -",
            "90000 8 - - day 0 0 -",
            "120000 8 - - opens F 2 -",
            "120000 f 17 - - - - -",
            "120000 h - 2 - - - -",
            "150000 8 - - closes 0 0 -",
            "150000 8 - - closes F 2 -",
            "180000 f 21 - - - - -",
            "180000 h - 5 - - - -",
            "240000 8 - - day 3 3 -",
            "240000 8 - - gtc 3 3 -",
            "240000 f 18 - - - - -",
            "240000 h - 3 - - - -",
        ]
    );
}

#[test]
fn what_is_wrong_with_the_profile_of_a_script_names_its_line() {
    let options = Options::default();
    let refused = |venue: &str| {
        let text = format!(
            "party DESK initiator\nparty EXCHANGE exchange\n  Venue = {venue}\n{}",
            order("a", 1, None)
        );
        Cast::new(&parse("t", &text).unwrap(), &options).map(drop).unwrap_err().to_string()
    };
    let said = refused("bond-rqf");
    assert!(said.starts_with("t:3: Venue: ") && said.ends_with("did you mean bond-rfq?"), "{said}");
    assert!(refused("nasty").contains("faults of the line"), "{}", refused("nasty"));
}

#[test]
fn an_order_that_would_fill_is_filled_in_parts_with_pauses() {
    let profile = "[fills]\npart = { at-least = 30, at-most = 30 }\npause = { at-least = \"100ms\" }\n";
    let said = [11, 150, 39, 32, 14, 151];
    let lines = order("a", 100, None) + "wait 1s\n";
    assert_eq!(
        told(profile, &lines, &said),
        [
            "0 a 0 0 - 0 100",
            "0 a F 1 30 30 70",
            "100 a F 1 30 60 40",
            "200 a F 1 30 90 10",
            "300 a F 2 10 100 0"
        ]
    );
    // What is kept back is open: it is cancelled and replaced as any other quantity.
    let cancel =
        "DESK: send cancel OrigClOrdID=a, ClOrdID=b, Symbol=10Y, Side=BUY, TransactTime=$now\nwait 1s\n";
    let lines = order("a", 100, Some("99")) + "wait 150ms\n" + cancel;
    assert_eq!(
        told(profile, &lines, &said),
        ["0 a 0 0 - 0 100", "0 a F 1 30 30 70", "100 a F 1 30 60 40", "150 b 4 4 - 60 0"]
    );
    let replace = "DESK: send replace OrigClOrdID=a, ClOrdID=b, HandlInst=1, Symbol=10Y, Side=BUY, OrderQty=70, OrdType=LIMIT, Price=99, TransactTime=$now\nwait 1s\n";
    let lines = order("a", 100, Some("99")) + "wait 150ms\n" + replace;
    let told_of = told(profile, &lines, &said);
    assert_eq!(told_of[3..], ["150 b 5 1 - 60 10", "150 b F 2 10 70 0"], "{told_of:?}");
    // One part, and what is left did not trade at once; what must be filled whole is.
    let with = |time: &str| {
        order("a", 100, Some("99")).replace("TransactTime", &format!("TimeInForce={time}, TransactTime"))
    };
    let ioc = with("IMMEDIATE_OR_CANCEL") + "wait 1s\n";
    assert_eq!(told(profile, &ioc, &said), ["0 a 0 0 - 0 100", "0 a F 1 30 30 70", "0 a 4 4 - 30 0"]);
    let fok = with("FILL_OR_KILL") + "wait 1s\n";
    assert_eq!(told(profile, &fok, &said), ["0 a 0 0 - 0 100", "0 a F 2 100 100 0"]);
    // Who rests is not concerned.
    assert_eq!(told(profile, &(order("a", 100, Some("90")) + "wait 1s\n"), &said), ["0 a 0 0 - 0 100"]);
}

#[test]
fn parts_and_pauses_are_drawn_by_the_seed_and_a_halt_ends_them() {
    let profile = "[fills]\npart = { at-least = 5, at-most = 60 }\npause = { at-least = \"10ms\", jitter = \"500ms\" }\nevery = 2\n";
    let lines = order("a", 100, None) + &order("b", 97, None) + "wait 30s\n";
    let drawn = |seed| told_with_seed(profile, &lines, &[11, 150, 39, 32, 14], seed);
    let one = drawn(1);
    assert_eq!(one[..3], ["0 a 0 0 - 0", "0 a F 2 100 100", "0 b 0 0 - 0"], "only every second");
    assert!(one.len() > 4 && one.last().unwrap().ends_with(" 97"), "{one:?}");
    assert!(
        one[3..]
            .iter()
            .all(|line| !line.contains('.') || line.split(' ').nth(4).unwrap().parse::<u32>().is_ok())
    );
    assert_eq!(one, drawn(1));
    assert_ne!(one, drawn(2));
    let profile = "[fills]\npart = { at-least = 10, at-most = 10 }\npause = { at-least = \"400ms\" }\n\
         [[event]]\ndo = \"halt\"\nall = true\nafter = \"500ms\"\nfor = \"1s\"\n";
    let told = told(profile, &(order("a", 100, None) + "wait 3s\n"), &[150, 39, 32]);
    assert_eq!(told, ["0 0 0 -", "0 F 1 10", "400 F 1 10", "500 F 2 80"]);
}

#[test]
fn who_asks_for_a_quote_gets_one_that_can_be_countered_taken_by_a_response_or_an_order_and_ends() {
    let profile = "[quotes]\nvalid-for = \"2s\"\nspread-ticks = 2\n\
         [latency]\nquote = { at-least = \"100ms\" }\nquote-response = { at-least = \"50ms\" }\n\
         [[reject]]\nkinds = [\"quote\"]\nquantity-above = 100\nreason = 3\ntext = \"call the desk\"\n";
    let ask = |qty: u32| {
        format!(
            "DESK: send QuoteRequest QuoteReqID=$new, NoRelatedSym=1, Symbol=10Y, Side=BUY, OrderQty={qty}\n"
        )
    };
    let quote = |name: &str| format!("DESK: expect Quote QuoteID any as {name}\n");
    let respond = |how: &str, quote: &str, id: &str, more: &str| {
        format!(
            "DESK: send QuoteResponse QuoteRespID={id}, QuoteRespType={how}, QuoteID=${quote}, ClOrdID={id}, Side=BUY, Symbol=10Y, OrderQty=20{more}, TransactTime=$now\n"
        )
    };
    let report = "DESK: expect report ExecType=NEW\nDESK: expect report ExecType=TRADE\n";
    let lines = [
        ask(20),
        quote("one"),
        respond("COUNTER", "one", "c", ", Price=96.25"),
        quote("two"),
        respond("HIT", "two", "h", ""),
        report.to_owned(),
        ask(20),
        quote("three"),
        "DESK: send order ClOrdID=d, QuoteID=$three, HandlInst=1, Symbol=10Y, Side=BUY, OrderQty=20, OrdType=PREVIOUSLY_QUOTED, TransactTime=$now\n".to_owned(),
        report.to_owned(),
        ask(20),
        quote("four"),
        "wait 2001ms\n".to_owned(),
        respond("HIT", "four", "late", ""),
        "DESK: expect report ExecType=REJECTED, Text like \"the quote has expired*\"\n".to_owned(),
        ask(101),
        "wait 1s\n".to_owned(),
    ];
    assert_eq!(
        told(profile, &lines.concat(), &[35, 133, 150, 11, 31, 693, 658]),
        [
            "100 S 96.270 - - - - -",
            "150 S 96.260 - - - c -",
            "200 8 - 0 h - h -",
            "200 8 - F h 96.260 h -",
            "300 S 96.270 - - - - -",
            "300 8 - 0 d - - -",
            "300 8 - F d 96.270 - -",
            "400 S 96.270 - - - - -",
            "2451 8 - 8 late - late -",
            "2451 AG - - - - - 3",
        ]
    );
}

#[test]
fn with_a_last_look_a_quote_may_be_withdrawn_when_it_is_taken() {
    let profile = |percent: u32| format!("[quotes]\nlast-look-percent = {percent}\n");
    let one = "DESK: send QuoteRequest QuoteReqID=$new, NoRelatedSym=1, Symbol=10Y, Side=BUY, OrderQty=20\nDESK: await Quote QuoteID any as q\n\
         DESK: send QuoteResponse QuoteRespID=$new, QuoteRespType=HIT, QuoteID=$q, ClOrdID=$new, Side=BUY, Symbol=10Y, OrderQty=20, TransactTime=$now\nDESK: await report\n";
    let lines = one.repeat(40);
    let ends = |percent: u32, seed: u64| {
        let told = told_with_seed(&profile(percent), &lines, &[35, 150, 58], seed);
        let ends = told.into_iter().filter(|line| line.contains(" 8 F ") || line.contains(" 8 8 "));
        ends.map(|line| line.contains("last look: the quote is withdrawn")).collect::<Vec<_>>()
    };
    assert_eq!(ends(100, 1), [true; 40]);
    assert_eq!(ends(0, 1), [false; 40]);
    let half = ends(50, 1);
    let withdrawn = half.iter().filter(|is_withdrawn| **is_withdrawn).count();
    assert!((8..=32).contains(&withdrawn), "{withdrawn}");
    assert_eq!(half, ends(50, 1));
    assert_ne!(half, ends(50, 2));
}
