//! The yield to maturity of a bond, from its price.
//!
//! The bond pays half of its coupon every six months, back from its maturity, and with the last one its par. Days are counted
//! as they are (Actual/Actual, ICMA rule 251): of the period between two coupons, what is left of it at settlement is the days
//! left over its days. Each payment is discounted by half of the yield for every six months, compounded for a part of them
//! too; with one payment left, simple interest is taken (as is usual for US Treasury notes and bonds). Settlement is the next
//! weekday; holidays and first periods of another length are not known.
//!
//! All of it is integer arithmetic, in units of 2^-50 of par.

use std::sync::{Mutex, PoisonError};

use fix_core::{decimal::Decimal, time::LocalMktDate};

/// One, in the units of this file.
const ONE: i128 = 1 << BITS;

/// So that no product of what a bond can be worth comes near to 127 bits.
const BITS: u32 = 50;

/// Coupons that a bond may have to come: those of a century.
const MOST_COUPONS: i64 = 200;

/// Steps towards the yield; usually five are enough.
const MOST_STEPS: u32 = 64;

/// A bond.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bond {
    /// Half of CouponRate(223), per par.
    half_coupon: i128,
    /// MaturityDate(541).
    maturity: LocalMktDate,
}

/// What is to come of a bond at settlement.
#[derive(Clone, Copy)]
struct ToCome {
    coupons: i64,
    /// How much of the present period is left.
    left: i128,
}

impl Bond {
    /// A bond with this CouponRate(223), a share of par, and MaturityDate(541).
    pub(super) fn new(coupon_rate: Decimal, maturity: LocalMktDate) -> Option<Self> {
        let coupon = units(coupon_rate, 1)?;
        (0..=ONE).contains(&coupon).then_some(Bond { half_coupon: coupon / 2, maturity })
    }

    /// Yield(236) to maturity, a share of par and year with six decimals, at a clean price in percent of par. `None` where the
    /// bond is not there any more, or the price tells no yield between -100 % and 200 %.
    pub(super) fn yield_at(&self, price: Decimal, traded: LocalMktDate) -> Option<Decimal> {
        let to_come = self.ahead(settlement(traded))?;
        let clean = units(price, 100).filter(|price| (1..=10 * ONE).contains(price))?;
        let dirty = clean + mul(self.half_coupon, ONE - to_come.left)?;
        let (mut rate, mut last) = (self.half_coupon, ONE);
        for _ in 0..MOST_STEPS {
            let Some((value, slope)) = self.value(rate, to_come) else {
                // Too far: at such a rate the bond would be worth more than can be counted.
                rate = i128::midpoint(rate, last);
                continue;
            };
            last = rate;
            rate = (rate - div(value - dirty, slope)?).clamp(-ONE / 2, ONE);
            if (rate - last).abs() < ONE >> 40 {
                let is_found = (-ONE / 2 + 1..ONE).contains(&rate);
                return is_found.then(|| decimal(2 * rate)).flatten();
            }
        }
        None
    }

    /// What the bond is worth if half a year yields this, with accrued interest, and how that changes with the rate.
    fn value(&self, rate: i128, to_come: ToCome) -> Option<(i128, i128)> {
        let ToCome { coupons, left } = to_come;
        let last = ONE + self.half_coupon;
        if coupons == 1 {
            let growth = ONE + mul(left, rate)?;
            let value = div(last, growth)?;
            return Some((value, -div(mul(value, left)?, growth)?));
        }
        let discount = div(ONE, ONE + rate)?;
        // At the next coupon, and how that changes with the discount.
        let (mut value, mut slope) = (last, 0);
        for _ in 1..coupons {
            slope = mul(slope, discount)? + value;
            value = mul(value, discount)? + self.half_coupon;
        }
        let to_next = exp(-mul(left, ln(ONE + rate)?)?)?;
        let slope = mul(slope, discount)? + mul(value, left)?;
        Some((mul(value, to_next)?, -mul(mul(slope, discount)?, to_next)?))
    }

    fn ahead(&self, settlement: LocalMktDate) -> Option<ToCome> {
        let day = settlement.unix_days();
        let month = |date: LocalMktDate| 12 * i64::from(date.year()) + i64::from(date.month());
        // The first guess may be one too many.
        let mut back = (month(self.maturity) - month(settlement)) / 6 + 1;
        while back > 0 && self.coupon_date(back)? > day {
            back += 1;
        }
        while back >= 0 && self.coupon_date(back)? <= day {
            back -= 1;
        }
        if !(0..MOST_COUPONS).contains(&back) {
            return None;
        }
        let (before, next) = (self.coupon_date(back + 1)?, self.coupon_date(back)?);
        Some(ToCome { coupons: back + 1, left: ONE * i128::from(next - day) / i128::from(next - before) })
    }

    /// The day of the coupon that is so many before the last one, since 1970. Of a bond that matures at the end of a month, all
    /// are there.
    fn coupon_date(&self, before: i64) -> Option<i64> {
        let Bond { maturity, .. } = self;
        let months = 12 * i64::from(maturity.year()) + i64::from(maturity.month()) - 1 - 6 * before;
        let year = u16::try_from(months.div_euclid(12)).ok()?;
        let month = u8::try_from(months.rem_euclid(12) + 1).ok()?;
        let is_last = LocalMktDate::new(maturity.year(), maturity.month(), maturity.day() + 1).is_none();
        let wanted = if is_last { 31 } else { maturity.day() };
        (1..=wanted).rev().find_map(|day| LocalMktDate::new(year, month, day)).map(LocalMktDate::unix_days)
    }
}

/// The weekday behind this day.
fn settlement(traded: LocalMktDate) -> LocalMktDate {
    let next = traded.unix_days() + 1;
    // 1970-01-01 was a Thursday: the third day is a Saturday.
    let weekend = match next.rem_euclid(7) {
        2 => 2,
        3 => 1,
        _ => 0,
    };
    LocalMktDate::from_unix_days(next + weekend)
}

/// `value / par` in the units of this file.
fn units(value: Decimal, par: i128) -> Option<i128> {
    Some(i128::from(value.mantissa()).checked_mul(ONE)? / (par * 10_i128.pow(value.scale().into())))
}

/// With six decimals, the nearest.
fn decimal(units: i128) -> Option<Decimal> {
    let millionths = (units * 1_000_000 + ONE / 2).div_euclid(ONE);
    Some(Decimal::new(i64::try_from(millionths).ok()?, 6))
}

fn mul(a: i128, b: i128) -> Option<i128> {
    Some(a.checked_mul(b)? >> BITS)
}

fn div(a: i128, b: i128) -> Option<i128> {
    a.checked_mul(ONE)?.checked_div(b)
}

/// The natural logarithm of what is between 1/2 and 2: `2 artanh((x - 1) / (x + 1))` as its series.
fn ln(x: i128) -> Option<i128> {
    let ratio = div(x - ONE, x + ONE)?;
    let square = mul(ratio, ratio)?;
    let (mut power, mut sum) = (ratio, 0);
    for odd in (1..).step_by(2) {
        if power == 0 || power == -1 {
            break;
        }
        sum += power / odd;
        power = mul(power, square)?;
    }
    Some(2 * sum)
}

/// The exponential of what is between -1 and 1, as its series.
fn exp(x: i128) -> Option<i128> {
    let (mut term, mut sum) = (ONE, 0);
    for at in 1.. {
        if term == 0 {
            break;
        }
        sum += term;
        term = mul(term, x)? / at;
    }
    Some(sum)
}

/// The yield that was told last, which the next trade often has too.
#[derive(Debug, Default)]
pub(super) struct LastYield(Mutex<Option<Told>>);

/// A price, the day that it traded, and its yield.
type Told = (Decimal, LocalMktDate, Option<Decimal>);

impl LastYield {
    /// As [`Bond::yield_at`].
    pub(super) fn of(&self, bond: &Bond, price: Decimal, traded: LocalMktDate) -> Option<Decimal> {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match *last {
            Some((at, on, known)) if (at, on) == (price, traded) => known,
            _ => {
                let found = bond.yield_at(price, traded);
                *last = Some((price, traded, found));
                found
            }
        }
    }
}

#[cfg(test)]
mod tests;
