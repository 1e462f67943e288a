//! Numbers, dates, times, and the checks that are made of them.

use core::{hint::black_box, time::Duration};

use fix_core::{
    decimal::Decimal,
    pre_trade::{BasisPoints, Gate, Limits, OrderValues, Request},
    time::{
        Date, MONTH_YEAR_LEN, Mono, MonthYear, Precision, UTC_TIME_ONLY_LEN, UTC_TIMESTAMP_LEN, UtcTimeOnly,
        UtcTimestamp,
    },
};

probes! {
    fn decimal_arithmetic(_input, _out) {
        let [a, b] = [black_box(7), black_box(8)].map(|mantissa| Decimal::new(mantissa, black_box(3)));
        let sums = [a.checked_add(b), a.checked_sub(b), a.checked_mul(b), a.checked_div(b, black_box(4)), a.rescale(2)];
        black_box(sums);
        usize::from(a.is_multiple_of(b)) + usize::from(a < b) + a.normalized().scale() as usize
    }

    fn pre_trade_checks(_input, _out) {
        let price = black_box(Some(Decimal::new(black_box(7), black_box(3))));
        let limits = Limits { max_notional: price, price_band: black_box(Some(BasisPoints(7))), ..Limits::default() };
        let (mut gate, request, now) = (Gate::new(black_box(limits)), black_box(Request::New), Mono::from_millis(7));
        gate.sent(request, now);
        gate.closed();
        gate.set_open_orders(black_box(7));
        let order = OrderValues { request, order_qty: gate.limits().max_notional.unwrap_or_default(), price, last_price: price };
        usize::from(gate.check(&order, now).is_err()) + gate.open_orders() as usize
    }

    fn time_arithmetic(_input, _out) {
        let [a, b] = [black_box(7), black_box(8)].map(|seconds| UtcTimestamp::from_unix(seconds, black_box(7)));
        a.abs_diff(b).as_secs() as usize ^ a.plus_seconds(black_box(1)).unix_seconds() as usize
    }

    fn decimals(input, _out) {
        Decimal::parse(input).map_or(0, |decimal| {
            decimal.mantissa() as usize ^ usize::from(decimal.scale()) ^ usize::from(decimal.is_zero())
                ^ usize::from(decimal.is_positive()) ^ usize::from(decimal.is_negative())
        })
    }

    fn dates(input, _out) {
        let date = Date::parse(input).ok().or_else(|| Date::new(black_box(2026), black_box(2), black_box(29)));
        let of_days = Date::from_unix_days(black_box(i64::MAX)).unix_days() as usize;
        date.map_or(of_days, |date| {
            usize::from(date.year()) ^ usize::from(date.month()) ^ usize::from(date.day()) ^ date.format().len()
        })
    }

    fn months(input, _out) {
        let months = [
            MonthYear::parse(input).ok(),
            MonthYear::of_month(black_box(2026), black_box(13)),
            MonthYear::of_day(black_box(2026), black_box(2), black_box(30)),
            MonthYear::of_week(black_box(2026), black_box(2), black_box(6)),
        ];
        months.into_iter().flatten().fold(0, |sum, month| {
            let mut text = [0; MONTH_YEAR_LEN];
            sum ^ usize::from(month.year()) ^ usize::from(month.month()) ^ month.day().map_or(0, usize::from)
                ^ month.week().map_or(0, usize::from) ^ month.format(&mut text)
        })
    }

    fn times_of_day(input, _out) {
        let time = UtcTimeOnly::parse(input).ok().or_else(|| UtcTimeOnly::new(black_box(86_400), black_box(7)));
        time.map_or(0, |time| {
            let mut text = [0; UTC_TIME_ONLY_LEN];
            let time = time.with_precision(black_box(Precision::Nanos));
            time.seconds() as usize ^ time.subsec_nanos() as usize ^ time.precision().digits() ^ time.format(&mut text)
        })
    }

    fn timestamps(input, _out) {
        let time = UtcTimestamp::parse(input).unwrap_or(UtcTimestamp::from_unix_millis(black_box(i64::MIN)));
        let mut text = [0; UTC_TIMESTAMP_LEN];
        let time = time.with_precision(black_box(Precision::Micros));
        time.unix_seconds() as usize ^ time.subsec_nanos() as usize ^ time.precision().digits() ^ time.format(&mut text)
    }

    fn monotonic_time(_input, _out) {
        let a = Mono::from_millis(black_box(u64::MAX)).after(black_box(Duration::MAX));
        a.since(Mono::from_micros(black_box(7))).as_secs() as usize ^ a.as_micros() as usize
    }
}
