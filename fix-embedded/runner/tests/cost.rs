//! What the board computes for an order and for a report, from the serial line to the MAC and back.

mod common;

use common::played::Played;
use runner::marks::Mark;

/// How many of each are counted.
const ORDERS: usize = 12;
/// An order or a report and its headers are longer than this, an acknowledgement of TCP is shorter.
const WITH_MESSAGE: u16 = 120;
/// Instructions from the last byte of an order's line to the last byte of its frame. The goal is 25,000; one tree gives images
/// that are 1 or 2 % apart.
const MOST_ORDER: u64 = 25_300;
/// Instructions from a report's frame to the last byte of its line. The goal is 12,000, which is missed.
const MOST_REPORT: u64 = 25_500;

/// From each mark `from` to the next one `to`.
fn spans(marks: &[Mark], from: impl Fn(&Mark) -> bool, to: impl Fn(&Mark) -> bool) -> Vec<u64> {
    let mut spans = Vec::new();
    let mut began = None;
    for mark in marks {
        if from(mark) {
            began = Some(mark.instructions);
        } else if to(mark)
            && let Some(began) = began.take()
        {
            spans.push(mark.instructions - began);
        }
    }
    spans.sort_unstable();
    spans
}

fn shown(what: &str, spans: &[u64]) -> u64 {
    let middle = spans[spans.len() / 2];
    println!("{what}: {} to {} instructions, {middle} usually", spans[0], spans[spans.len() - 1]);
    middle
}

#[test]
fn an_order_and_a_report_cost_few_instructions() -> Result<(), String> {
    let mut played = Played::start(|run| run.marked())?;
    for number in 0..ORDERS {
        let id = format!("C-{number:03}");
        played.order(&id)?;
        played.answers(&format!(" OK 11={id} "), 1)?;
        played.fill(&id)?;
        played.answers(&format!(" 8 11={id} "), 1)?;
    }
    let marks = played.emulator.marks()?;
    let is_message = |mark: &Mark, what| mark.what == what && mark.bytes > WITH_MESSAGE;
    let orders = spans(&marks, |mark| mark.what == b'L', |mark| is_message(mark, b'S'));
    let reports = spans(&marks, |mark| is_message(mark, b'R'), |mark| mark.what == b'O');
    assert_eq!((orders.len(), reports.len() >= ORDERS), (ORDERS, true), "{marks:?}");
    let order = shown("from an order's line to its frame", &orders);
    let report = shown("from a report's frame to its line", &reports);
    assert!(order <= MOST_ORDER, "{orders:?}");
    assert!(report <= MOST_REPORT, "{reports:?}");
    played.ends_well("orders counted")
}
