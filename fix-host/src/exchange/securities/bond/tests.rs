use super::*;

fn date(text: &str) -> LocalMktDate {
    LocalMktDate::parse(text.as_bytes()).unwrap()
}

fn bond(coupon_rate: &str, maturity: &str) -> Bond {
    Bond::new(coupon_rate.parse().unwrap(), date(maturity)).unwrap()
}

fn yield_of(coupon_rate: &str, maturity: &str, traded: &str, price: &str) -> String {
    let found = bond(coupon_rate, maturity).yield_at(price.parse().unwrap(), date(traded));
    found.map_or("none".to_owned(), |found| found.to_string())
}

/// The prices are those of the yields by the formula with 40 decimal digits, and the first one is the example of 31 CFR 356,
/// appendix B (a bond of 8 3/4 % that is issued at 99.057893 to yield 8.84 %).
#[test]
fn a_price_has_the_yield_that_it_was_computed_from() {
    for (coupon_rate, maturity, traded, price, expected) in [
        ("0.0875", "20200515", "19900514", "99.057893", "0.088400"),
        ("0.04", "20351115", "20261127", "98.15186277", "0.042500"),
        ("0.035", "20280131", "20261124", "99.92756856", "0.035600"),
        ("0.04625", "20551115", "20260227", "95.71338145", "0.049000"),
        ("0.05", "20270215", "20261125", "100.25033139", "0.038000"),
        ("0", "20300228", "20260830", "86.72813166", "0.041100"),
        ("0.04", "20351115", "20261127", "137.98430566", "-0.002000"),
        ("0.0625", "20230815", "20030102", "117.53304110", "0.048900"),
    ] {
        assert_eq!(
            yield_of(coupon_rate, maturity, traded, price),
            expected,
            "{coupon_rate} {maturity} {price}"
        );
    }
}

#[test]
fn at_par_the_yield_is_the_coupon_on_any_day_of_a_coupon() {
    for (coupon_rate, traded) in [("0.035", "20260730"), ("0.04", "20250730"), ("0.1", "20240130")] {
        let found = yield_of(coupon_rate, "20280131", traded, "100");
        assert_eq!(found.parse::<Decimal>().unwrap(), coupon_rate.parse().unwrap(), "{traded}");
    }
}

#[test]
fn a_higher_price_yields_less() {
    let bond = bond("0.04625", "20551115");
    let yields: Vec<Decimal> =
        (5..=60).map(|price| bond.yield_at(Decimal::from(5 * price), date("20261124")).unwrap()).collect();
    assert!(yields.windows(2).all(|pair| pair[0] > pair[1]), "{yields:?}");
}

#[test]
fn what_has_no_yield_has_none() {
    assert_eq!(yield_of("0.04", "20261125", "20261124", "100"), "none", "it is over at settlement");
    assert_eq!(yield_of("0.04", "20351115", "20261124", "0"), "none");
    assert_eq!(yield_of("0.04", "20351115", "20261124", "-1"), "none");
    assert_eq!(yield_of("0.04", "20351115", "20261124", "9223372036854775807"), "none");
    assert_eq!(yield_of("0.04", "20351115", "20261124", "0.000001"), "none", "beyond 200 %");
    assert_eq!(yield_of("0.04", "99991231", "20261124", "100"), "none", "more coupons than a century has");
    assert_eq!(Bond::new("3.5".parse().unwrap(), date("20280131")), None, "350 % is in percent");
}

#[test]
fn settlement_is_the_next_weekday() {
    for (traded, settles) in [
        ("20261124", "20261125"),
        ("20261127", "20261130"),
        ("20261128", "20261130"),
        ("20261129", "20261130"),
    ] {
        assert_eq!(settlement(date(traded)), date(settles), "{traded}");
    }
}

#[test]
fn no_price_and_no_day_makes_it_fail() {
    let mut seed = 1_u64;
    let mut next = || {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed
    };
    for _ in 0..20_000 {
        let price = Decimal::new(next() as i64 >> (next() % 64), (next() % 19) as u8);
        let coupon_rate = Decimal::new((next() % 1_000_000) as i64, 6);
        let day = |number: u64| LocalMktDate::from_unix_days((number % 2_900_000) as i64);
        let Some(bond) = Bond::new(coupon_rate, day(next())) else { continue };
        bond.yield_at(price, day(next()));
    }
}
