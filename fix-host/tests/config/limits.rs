//! Limits of orders, of a session and of single symbols.

use fix_core::pre_trade::{BasisPoints, Limits, WithoutPrice};

use crate::{INITIATOR, session, warnings};

#[test]
fn without_keys_nothing_is_limited() {
    let pre_trade = session(INITIATOR).pre_trade;
    assert_eq!(pre_trade.limits, Limits::default());
    assert!(pre_trade.by_symbol.is_empty());
}

#[test]
fn a_session_has_limits_and_symbols_have_their_own_and_both_inherit() {
    let text = format!(
        "[DEFAULT]\nMaxOrderQty=1000\nMaxOrderQty.BRK.B=10\nMaxOpenOrders=7\n{INITIATOR}MaxOrderNotional=2500000.50\n\
         PriceBandPercent=2.5\nordersWithoutReferencePrice=PASS\nmaxOrdersPerSecond=50\nMaxOpenOrders=20\n\
         maxopenorders.aapl=0\nPriceBandPercent.AAPL=10\n"
    );
    assert_eq!(warnings(&text), "");
    let pre_trade = session(&text).pre_trade;
    let decimal = |text: &str| text.parse().ok();
    let pass = WithoutPrice::Pass;
    let want = Limits {
        max_order_qty: decimal("1000"),
        max_notional: decimal("2500000.50"),
        price_band: Some(BasisPoints(250)),
        without_price: pass,
        max_orders_per_second: Some(50),
        max_open_orders: Some(20),
    };
    assert_eq!(pre_trade.limits, want);
    let none = Limits { without_price: pass, ..Limits::default() };
    let want = [
        ("AAPL".to_owned(), Limits { price_band: Some(BasisPoints(1000)), ..none }),
        ("BRK.B".to_owned(), Limits { max_order_qty: decimal("10"), ..none }),
        // Symbols differ by case.
        ("aapl".to_owned(), Limits { max_open_orders: Some(0), ..none }),
    ];
    assert_eq!(pre_trade.by_symbol, want.into());
}

#[test]
fn what_is_in_force_is_shown_with_its_symbol() {
    let shown = session(&format!("{INITIATOR}MaxOrderQty.AAPL=500\n")).effective;
    let line = shown.iter().find(|line| line.key == "MaxOrderQty.AAPL").unwrap();
    assert_eq!(line.text, "500");
}

#[test]
fn a_price_band_that_lets_no_first_order_out_is_warned_of() {
    let of = |more: &str| warnings(&format!("{INITIATOR}{more}"));
    let text = "OrdersWithoutReferencePrice=pass or MarketData=subscribe";
    for key in ["PriceBandPercent=5\n", "PriceBandPercent.AAPL=5\n"] {
        assert!(of(key).contains(text), "{}", of(key));
        assert_eq!(of(&format!("{key}OrdersWithoutReferencePrice=pass\n")), "");
        assert_eq!(of(&format!("{key}MarketData=subscribe\n")), "");
    }
}
