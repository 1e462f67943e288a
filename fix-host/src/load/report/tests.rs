use fix_core::session::state::CloseReason;

use super::*;
use crate::{load::plan::plan, page::escaped};

fn run() -> Run {
    let run = Run::new(plan(100, 3, 2));
    {
        let mut tally = run.tally();
        for number in 0..300_u64 {
            let intended = number * 10_000_000;
            tally.sent(Kind::New, intended, intended);
            tally.acked(Kind::New, intended, intended + 1_000 * (number + 1));
        }
        tally.roll_to(3_000_000_000, true);
    }
    run
}

#[test]
fn percentiles_are_those_of_what_was_measured() {
    let report = LoadReport::new(&run(), tests_support::ending());
    assert!(report.is_success(), "{:?}", report.problems);
    let Latencies { count, p50, p90, p99, p999, max } = report.ack_micros;
    assert_eq!(count, 300);
    for (is, wanted) in [(p50, 150.0), (p90, 270.0), (p99, 297.0), (p999, 300.0), (max, 300.0)] {
        assert!((is - wanted).abs() / wanted < 0.002, "{is} is not {wanted}");
    }
    assert_eq!(report.seconds.len(), 3);
    let text = report.text();
    assert!(text.contains("ack of new") && text.contains("150 us") && !text.contains("FAILED"), "{text}");
    let json: serde_json::Value = serde_json::from_str(&report.json().unwrap()).unwrap();
    assert_eq!(json["kinds"][0]["kind"], "new");
    assert_eq!(json["ackMicros"]["count"], 300);
}

#[test]
fn what_was_wrong_is_said() {
    let run = run();
    run.tally().rejected(Kind::Cancel, b"too late");
    run.tally().lost(1, &CloseReason::LogoutReceived, Some("rate limit".into()));
    let strict = Ending { max_p99: Some(Duration::from_micros(100)), ..tests_support::ending() };
    let report = LoadReport::new(&run, strict);
    let text = report.text();
    assert!(text.contains("rejected 1 times: too late"), "{text}");
    assert!(text.contains("FAILED: 1 requests were rejected"), "{text}");
    assert!(text.contains("--max-p99 is 100 us"), "{text}");
    assert!(text.contains("FAILED: ended before its time: session 2"), "{text}");
    assert!(!text.contains("no order was taken"), "{text}");
}

#[test]
fn where_no_order_is_taken_the_price_of_those_that_rest_is_named() {
    let run = Run::new(plan(100, 3, 2));
    run.tally().sent(Kind::New, 0, 0);
    run.tally().rejected(Kind::New, b"price more than 2 % away");
    let text = LoadReport::new(&run, tests_support::ending()).text();
    assert!(
        text.contains("FAILED: no order was taken; those that are to rest have the price 1 (--rest-price)"),
        "{text}"
    );
}

#[test]
fn a_page_holds_no_markup_of_others_and_asks_for_nothing() {
    let run = run();
    run.tally().rejected(Kind::New, b"<script src=//x>'\"&");
    let ending = Ending { target: "<b>EXCHANGE".into(), ..tests_support::ending() };
    let page = LoadReport::new(&run, ending).html();
    assert!(!page.contains("<script") && !page.contains("<b>"), "{page}");
    assert!(page.contains(&escaped("<script src=//x>'\"&")));
    assert!(page.contains("<svg") && page.contains("<polyline"));
    for request in ["src=\"", "href=", "url(", "@import", "http:", "https:"] {
        assert!(!page.contains(request), "{request}");
    }
}

#[test]
fn a_long_run_has_no_more_points_than_can_be_seen() {
    let second = |second| SecondReport {
        second,
        sent: 1,
        acked: 1,
        p50_micros: 1.0,
        p99_micros: 2.0,
        max_micros: 3.0,
    };
    let seconds: Vec<SecondReport> = (0..86_400).map(second).collect();
    assert!(crate::load::chart::latencies(&seconds).len() < 50_000);
    assert!(crate::load::chart::latencies(&[]).contains("Nothing was acknowledged"));
    assert!(crate::load::chart::latencies(&seconds[..1]).contains("<polyline"));
}
