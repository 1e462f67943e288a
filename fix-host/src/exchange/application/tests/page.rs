//! The examples of docs/exchange.md, played on a new exchange: what stands behind `> ` is sent, and what behind `< ` is told.

use super::*;
use crate::exchange::wire;

const PAGE: &str = include_str!("../../../../../docs/exchange.md");

#[test]
fn the_exchange_tells_what_its_page_says() {
    let mut blocks = 0;
    for block in PAGE.split("```text\n").skip(1).map(|block| block.split("```").next().unwrap()) {
        blocks += 1;
        let floor = floor();
        let mut exchange = ExchangeApplication::new(floor.join("A", || {}), SessionRules::default());
        let mut line = wire::Line::new();
        for text in block.lines() {
            if let Some(text) = text.strip_prefix("> ") {
                wire::said(text, |message| exchange.from_app(message, &mut line)).unwrap();
            } else if let Some(text) = text.strip_prefix("< ") {
                if line.sent.is_empty() {
                    floor.tick(line.utc);
                    exchange.look(&mut line);
                }
                assert_eq!(line.sent.remove(0), text);
            } else {
                panic!("neither sent nor told: {text}");
            }
        }
        assert_eq!(line.sent, [""; 0], "more is told than the page says");
    }
    assert!(blocks >= 2);
}
