use fix_core::{pre_trade::BasisPoints, time::UtcTimestamp};

use super::*;
use crate::contract::{
    news::tests::with_news,
    order::Side,
    parse::{OrderRules, parse_order},
};

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn command(json: &str) -> OrderCommand {
    parse_order(json.as_bytes(), &OrderRules::any_symbol(), UtcTimestamp::from_unix(0, 0)).unwrap()
}

fn order(id: &str, symbol: &str, qty: u32, price: Option<&str>) -> OrderCommand {
    let price = price.map(|price| format!(r#","price":{price}"#));
    let ord_type = if price.is_some() { "LIMIT" } else { "MARKET" };
    let price = price.unwrap_or_default();
    command(&format!(
        r#"{{"clOrdID":"{id}","symbol":"{symbol}","side":"BUY","qty":{qty},"ordType":"{ord_type}"{price}}}"#
    ))
}

/// Checks and sends, at this millisecond.
fn place(checks: &mut PreTrade, command: &OrderCommand, now: u64) -> Result<(), String> {
    let now = Mono::from_millis(now);
    if let Some(order) = Checked::of(command) {
        checks.check(&order, None, now)?;
    }
    checks.sent(command, &command.cl_ord_id().into(), now);
    Ok(())
}

fn hear(checks: &mut PreTrade, fields: &str) {
    with_news(fields, |news| checks.heard(news, &Heard::default()));
}

fn with(limits: Limits) -> PreTrade {
    PreTrade::new(PreTradeSettings { limits, ..PreTradeSettings::default() })
}

fn refused(checks: &mut PreTrade, command: &OrderCommand) -> String {
    place(checks, command, 5000).unwrap_err()
}

#[test]
fn a_refusal_names_key_limit_and_value() {
    let limits = Limits {
        max_order_qty: Some(decimal("1000")),
        max_notional: Some(decimal("50000")),
        price_band: Some(BasisPoints(250)),
        ..Limits::default()
    };
    let mut checks = with(limits);
    assert_eq!(
        refused(&mut checks, &order("A", "X", 5000, Some("1"))),
        "MaxOrderQty is 1000, the order has 5000; not sent"
    );
    assert_eq!(
        refused(&mut checks, &order("A", "X", 600, Some("96.25"))),
        "MaxOrderNotional is 50000, the order has 57750.00, 600 at 96.25; not sent"
    );
    assert_eq!(
        refused(&mut checks, &order("A", "X", 1, None)),
        "MaxOrderNotional is set, neither a price of the counterparty nor a fill of X is known on this session that the order could be held against, and \
         OrdersWithoutReferencePrice is refuse: let such orders go with OrdersWithoutReferencePrice=pass, or have \
         prices with MarketData=subscribe; not sent"
    );
    hear(&mut checks, "35=8|11=Z|55=X|39=2|150=F|31=100|32=5|");
    assert_eq!(
        refused(&mut checks, &order("A", "X", 1, Some("110"))),
        "PriceBandPercent is 2.5, the order has 110, and the last fill was at 100; not sent"
    );
    assert_eq!(
        refused(&mut checks, &order("A", "X", 501, None)),
        "MaxOrderNotional is 50000, the order has 50100, 501 at 100, the price of the last fill; not sent"
    );
    assert_eq!(place(&mut checks, &order("A", "X", 5, Some("102.5")), 0), Ok(()));
}

#[test]
fn a_symbol_has_limits_in_place_of_the_sessions_and_counts_beside_them() {
    let session = Limits {
        max_order_qty: Some(decimal("100")),
        max_open_orders: Some(3),
        max_orders_per_second: Some(4),
        ..Limits::default()
    };
    let own = Limits { max_order_qty: Some(decimal("500")), max_open_orders: Some(1), ..Limits::default() };
    let by_symbol = [("BIG".to_owned(), own)].into();
    let mut checks = PreTrade::new(PreTradeSettings { limits: session, by_symbol });
    assert_eq!(place(&mut checks, &order("A", "BIG", 500, None), 0), Ok(()));
    assert_eq!(
        refused(&mut checks, &order("B", "BIG", 501, None)),
        "MaxOrderQty.BIG is 500, the order has 501; not sent"
    );
    assert_eq!(
        refused(&mut checks, &order("B", "BIG", 1, None)),
        "MaxOpenOrders.BIG is 1, and 1 orders are open; not sent"
    );
    for (id, now) in [("C", 1), ("D", 2)] {
        assert_eq!(place(&mut checks, &order(id, "X", 1, None), now), Ok(()));
    }
    assert_eq!(
        refused(&mut checks, &order("E", "X", 1, None)),
        "MaxOpenOrders is 3, and 3 orders are open; not sent"
    );
    hear(&mut checks, "35=8|11=C|39=2|150=F|");
    assert_eq!(place(&mut checks, &order("E", "X", 1, None), 3), Ok(()));
    hear(&mut checks, "35=8|11=D|39=8|150=8|");
    let text = place(&mut checks, &order("F", "X", 1, None), 4).unwrap_err();
    assert_eq!(text, "MaxOrdersPerSecond is 4, and so many were sent within a second; not sent");
    assert_eq!(place(&mut checks, &order("F", "X", 1, None), 1200), Ok(()));
}

#[test]
fn an_order_is_open_until_its_end_whatever_id_it_goes_by() {
    let mut checks = with(Limits { max_open_orders: Some(1), ..Limits::default() });
    place(&mut checks, &order("A", "X", 9, None), 0).unwrap();
    for fields in [
        "35=8|11=A|39=0|150=0|",
        "35=8|11=A|39=1|150=F|31=1|32=1|",
        "35=8|11=B|41=A|39=E|150=E|",
        "35=8|11=B|41=A|39=1|150=5|",
        "35=9|11=C|41=B|39=1|102=0|",
    ] {
        hear(&mut checks, fields);
        assert!(
            refused(&mut checks, &order("N", "X", 1, None)).starts_with("MaxOpenOrders is 1"),
            "{fields}"
        );
    }
    hear(&mut checks, "35=8|11=D|41=B|39=4|150=4|");
    assert_eq!(place(&mut checks, &order("N", "X", 1, None), 0), Ok(()));
    // Our own word ends one too.
    checks.said(&Report::not_sent(&order("N", "X", 1, None), "never sent"));
    assert_eq!(place(&mut checks, &order("O", "X", 1, None), 0), Ok(()));
}

#[test]
fn a_cancel_is_never_checked_and_asked_for_once() {
    let mut checks = with(Limits { max_orders_per_second: Some(1), ..Limits::default() });
    place(&mut checks, &order("A", "X", 9, None), 0).unwrap();
    let cancel = command(r#"{"type":"CANCEL","origClOrdID":"A","clOrdID":"C","symbol":"X","side":"BUY"}"#);
    assert_eq!(place(&mut checks, &cancel, 0), Ok(()));
    assert!(checks.working.get("A").unwrap().cancel_asked);
    checks.said(&Report::not_sent(&cancel, "rejected"));
    assert!(!checks.working.get("A").unwrap().cancel_asked);
}

#[test]
fn after_a_restart_open_orders_and_prices_are_as_they_were() {
    let limits = Limits { max_open_orders: Some(4), price_band: Some(BasisPoints(100)), ..Limits::default() };
    let mut checks = with(limits);
    for id in ["FILLED", "OPEN", "SILENT"] {
        checks.remember(&order(id, "X", 1, None));
    }
    for fields in [
        "35=8|11=GONE|55=X|54=1|39=0|150=0|",
        "35=8|11=FILLED|55=X|54=1|39=0|150=0|",
        "35=8|11=FILLED|55=X|54=1|39=2|150=F|31=50|32=1|",
        "35=8|11=GONE|55=X|54=1|39=C|150=C|",
        // It comes again after it ended.
        "35=8|11=GONE|55=X|54=1|39=0|150=0|43=Y|",
        "35=8|11=OPEN|55=X|54=1|39=0|150=0|",
        // Replaced, ended under its new id, and its first report comes again.
        "35=8|11=R1|55=X|54=1|39=0|150=0|",
        "35=8|11=R2|41=R1|55=X|54=1|39=0|150=5|",
        "35=8|11=R2|55=X|54=1|39=2|150=F|31=50|32=1|",
        "35=8|11=R1|55=X|54=1|39=0|150=0|43=Y|",
        // A trade is canceled of one that is known by its message: the orders say what that means. One that is not
        // known so is open again.
        "35=8|11=FILLED|55=X|54=1|39=0|150=H|",
        "35=8|11=BUST|55=X|54=1|39=2|150=F|31=50|32=1|",
        "35=8|11=BUST|55=X|54=1|39=0|150=H|",
        // Sent before the numbers began again.
        "35=8|11=OLD|55=X|54=2|39=1|150=F|31=51|32=1|",
    ] {
        with_news(fields, |news| checks.heard_before(news, |id| id == "FILLED"));
    }
    checks.opened();
    assert_eq!(checks.working.ids().collect::<Vec<_>>(), ["OPEN", "SILENT", "BUST", "OLD"]);
    assert!(refused(&mut checks, &order("N", "X", 1, None)).contains("4 orders are open"));
    let text = refused(&mut checks, &order("N", "X", 1, Some("60")));
    assert!(text.contains("the last fill was at 51"), "{text}");
}

#[test]
fn an_order_ends_and_is_renamed_by_the_id_that_it_goes_by() {
    let mut checks = with(Limits { max_open_orders: Some(1), ..Limits::default() });
    assert_eq!(place(&mut checks, &order("A", "X", 1, None), 0), Ok(()));
    hear(&mut checks, "35=8|11=R1|41=A|39=0|150=5|");
    // The replacement names the first id.
    hear(&mut checks, "35=8|11=R2|41=A|39=0|150=5|");
    checks.follow_order(&Heard { replaced: Some(("R1".into(), "R2".into())), ..Heard::default() });
    hear(&mut checks, "35=8|11=C|41=A|39=4|150=4|");
    assert!(place(&mut checks, &order("B", "X", 1, None), 0).is_err());
    checks.follow_order(&Heard { ended: Some("R2".into()), ..Heard::default() });
    assert_eq!(checks.working.ids().count(), 0);
    assert_eq!(place(&mut checks, &order("B", "X", 1, None), 0), Ok(()));
}

#[test]
fn an_order_that_is_open_again_counts_again() {
    let mut checks = with(Limits { max_open_orders: Some(1), ..Limits::default() });
    assert_eq!(place(&mut checks, &order("A", "X", 1, None), 0), Ok(()));
    hear(&mut checks, "35=8|11=A|39=2|150=F|");
    let reopened = Reopened { id: "A".into(), symbol: "X".to_owned(), side: Side::Sell };
    checks.follow_order(&Heard { reopened: Some(reopened), ..Heard::default() });
    let order_of = checks.working.get("A").unwrap();
    assert_eq!((order_of.symbol.as_str(), order_of.side), ("X", Side::Sell));
    assert!(refused(&mut checks, &order("B", "X", 1, None)).contains("1 orders are open"));
    hear(&mut checks, "35=8|11=A|39=2|150=F|");
    assert_eq!(place(&mut checks, &order("B", "X", 1, None), 0), Ok(()));
}
