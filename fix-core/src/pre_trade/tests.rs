use std::{format, string::ToString, vec::Vec};

use proptest::prelude::*;

use super::*;
use crate::{decimal::Decimal, time::Mono};

const NOW: Mono = Mono::from_millis(10_000);

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn order(qty: &str, price: Option<&str>, last_price: Option<&str>) -> OrderValues {
    OrderValues {
        request: Request::New,
        order_qty: decimal(qty),
        price: price.map(decimal),
        last_price: last_price.map(decimal),
    }
}

fn refused(limits: Limits, order: OrderValues) -> Option<std::string::String> {
    Gate::new(limits).check(&order, NOW).err().map(|refusal| refusal.to_string())
}

#[test]
fn without_limits_every_order_passes_that_has_a_quantity() {
    assert_eq!(refused(Limits::default(), order("999999999999", None, None)), None);
    assert_eq!(
        refused(Limits::default(), order("0", None, None)).as_deref(),
        Some("OrderQty(38) 0 is not above zero")
    );
    assert!(refused(Limits::default(), order("-5", None, None)).is_some());
}

#[test]
fn the_limit_itself_passes_and_the_text_names_limit_and_value() {
    let limits = Limits { max_order_qty: Some(decimal("100")), ..Limits::default() };
    assert_eq!(refused(limits, order("100.00", None, None)), None);
    let text = refused(limits, order("100.01", None, None));
    assert_eq!(text.as_deref(), Some("OrderQty(38) 100.01 is above the limit of 100"));
}

#[test]
fn a_market_order_counts_with_the_last_price() {
    let limits = Limits { max_notional: Some(decimal("1000")), ..Limits::default() };
    assert_eq!(refused(limits, order("10", None, Some("100"))), None);
    let text = refused(limits, order("10", None, Some("100.001")));
    assert_eq!(text.as_deref(), Some("notional 100.001 x 10 is above the limit of 1000"));
    // Its own price counts before the last one; a negative price is as large as it is far from zero.
    assert_eq!(refused(limits, order("10", Some("99"), Some("500"))), None);
    assert!(refused(limits, order("10", Some("-101"), None)).is_some());
}

#[test]
fn the_band_holds_both_ways() {
    let limits = Limits { price_band: Some(BasisPoints(250)), ..Limits::default() };
    for (price, passes) in [("102.5", true), ("97.5", true), ("102.51", false), ("97.499", false)] {
        assert_eq!(refused(limits, order("1", Some(price), Some("100"))).is_none(), passes, "{price}");
    }
    let text = refused(limits, order("1", Some("110"), Some("100")));
    assert_eq!(text.as_deref(), Some("Price(44) 110 is more than 2.50 % away from the last price, 100"));
    // A spread may trade below zero.
    assert_eq!(refused(limits, order("1", Some("-102"), Some("-100"))), None);
    assert!(refused(limits, order("1", Some("102"), Some("-100"))).is_some());
    // An order that takes any price has none to be held against another.
    assert_eq!(refused(limits, order("1", None, None)), None);
}

#[test]
fn without_a_price_the_limits_decide() {
    let limits =
        Limits { price_band: Some(BasisPoints(100)), max_notional: Some(decimal("10")), ..Limits::default() };
    let text = refused(limits, order("1", None, None));
    assert_eq!(text.as_deref(), Some("no price is known to hold the order against"));
    // A last price of zero tells nothing of what is far from it.
    assert!(refused(limits, order("1", Some("1"), Some("0"))).is_some());
    let limits = Limits { without_price: WithoutPrice::Pass, ..limits };
    assert_eq!(refused(limits, order("1", None, None)), None);
    assert_eq!(refused(limits, order("1", Some("1"), Some("0"))), None);
}

#[test]
fn never_more_than_the_limit_in_any_second() {
    let limits = Limits { max_orders_per_second: Some(5), ..Limits::default() };
    let mut gate = Gate::new(limits);
    let mut sent: Vec<u64> = Vec::new();
    for micros in (0..20_000_000).step_by(7_919) {
        let now = Mono::from_micros(micros);
        if gate.check(&order("1", None, None), now).is_ok() {
            gate.sent(Request::New, now);
            sent.push(micros);
        }
    }
    let crowded = sent.windows(6).find(|six| six[5] - six[0] < 1_000_000);
    assert_eq!(crowded, None);
    // And hardly fewer: five in each 1.1 seconds.
    assert!(sent.len() >= 20_000_000 / 1_110_000 * 5, "{}", sent.len());
}

#[test]
fn a_clock_that_goes_back_lets_nothing_more_pass() {
    let mut gate = Gate::new(Limits { max_orders_per_second: Some(1), ..Limits::default() });
    gate.sent(Request::New, NOW);
    assert!(gate.check(&order("1", None, None), Mono::from_millis(5)).is_err());
    assert!(gate.check(&order("1", None, None), Mono::from_millis(11_100)).is_ok());
}

#[test]
fn a_replacement_opens_no_order() {
    let mut gate = Gate::new(Limits { max_open_orders: Some(1), ..Limits::default() });
    gate.sent(Request::New, NOW);
    let replacement = OrderValues { request: Request::Replace, ..order("1", None, None) };
    assert_eq!(gate.check(&replacement, NOW), Ok(()));
    gate.sent(Request::Replace, NOW);
    assert_eq!(gate.open_orders(), 1);
    let refusal = gate.check(&order("1", None, None), NOW).unwrap_err();
    assert_eq!(refusal.to_string(), "1 orders are open, and the limit is 1");
    gate.closed();
    assert_eq!(gate.check(&order("1", None, None), NOW), Ok(()));
    gate.set_open_orders(1);
    assert!(gate.check(&order("1", None, None), NOW).is_err());
}

fn any_decimal() -> impl Strategy<Value = Decimal> {
    (any::<i64>(), 0_u8..=18).prop_map(|(mantissa, scale)| Decimal::new(mantissa, scale))
}

/// `value` as digits in front of and behind the point, wide enough for any product: a number that can be compared
/// as text.
fn digits(mantissa: u128, scale: u8) -> std::string::String {
    let digits = format!("{mantissa:0>80}");
    let point = digits.len() - usize::from(scale);
    format!("{}{:0<40}", &format!("{:0>80}", &digits[..point]), &digits[point..])
}

proptest! {
    #[test]
    fn the_notional_is_exact(price in any_decimal(), qty in any_decimal(), limit in any_decimal()) {
        let qty = Decimal::new(qty.mantissa().saturating_abs().max(1), qty.scale());
        let limit = Decimal::new(limit.mantissa().saturating_abs(), limit.scale());
        let product = u128::from(price.mantissa().unsigned_abs()) * u128::from(qty.mantissa().unsigned_abs());
        let above = digits(product, price.scale() + qty.scale())
            > digits(limit.mantissa().unsigned_abs().into(), limit.scale());
        prop_assert_eq!(limits::is_notional_above(price, qty, limit), above);
    }

    #[test]
    fn nothing_panics(
        qty in any_decimal(), price in proptest::option::of(any_decimal()),
        last_price in proptest::option::of(any_decimal()), band in any::<u32>(), limit in any_decimal(),
        times in proptest::collection::vec(any::<u64>(), 0..20),
    ) {
        let mut gate = Gate::new(Limits {
            max_order_qty: Some(Decimal::new(i64::MAX, 0)),
            max_notional: Some(limit),
            price_band: Some(BasisPoints(band)),
            max_orders_per_second: Some(3),
            ..Limits::default()
        });
        for time in times {
            let values = OrderValues { request: Request::New, order_qty: qty, price, last_price };
            let _ = gate.check(&values, Mono::from_micros(time));
            gate.sent(Request::New, Mono::from_micros(time));
        }
    }
}
