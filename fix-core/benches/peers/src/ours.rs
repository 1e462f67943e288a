//! fix-core.

use std::hint::black_box;

use fix_core::{
    decimal::Decimal,
    dict::fix44::DICTIONARY,
    msg::{
        index::Slot,
        message::Message,
        msg_type::MsgType,
        validate::{Checks, validate},
    },
    pre_trade::{BasisPoints, Gate, Limits, OrderValues, Request},
    tag::Tag,
    time::{Mono, UtcTimestamp},
    wire::{
        deframer::Deframer,
        field::Field,
        frame::{Scan, scan},
        value::{FromField, Text},
        writer::MessageWriter,
    },
};

use crate::{Case, Runner, fold, fold_message, fold_text, sample};

const MAX: usize = 4096;
/// Messages a read from a socket brings in the framing case.
const BATCH: usize = 16;

pub(crate) fn runner(case: Case) -> Option<Runner> {
    Some(match case {
        Case::Framing => framing(),
        Case::DecodeOrder => decode(sample::order(), order),
        Case::DecodeReport => decode(sample::report(), report),
        Case::DecodeSnapshot => decode(sample::snapshot(), snapshot),
        Case::ReadOrder => decode(sample::order(), read_order),
        Case::ReadReport => decode(sample::report(), read_report),
        Case::ReadSnapshot => decode(sample::snapshot(), read_snapshot),
        Case::ValidateOrder => validated(sample::order(), &[34, 11, 55, 54, 60, 38, 44], order),
        Case::ValidateReport => validated(sample::report(), &[34, 37, 11, 150, 54, 32, 31, 60], report),
        Case::ValidateSnapshot => validated(sample::valid_snapshot(), &[34, 55], snapshot),
        Case::EncodeOrder => {
            let order = Order::sample();
            let mut buffer = vec![0; MAX];
            Box::new(move || black_box(&order).encode(&mut buffer))
        }
        Case::EncodeReport => {
            let report = Report::sample();
            let mut buffer = vec![0; MAX];
            Box::new(move || black_box(&report).encode(&mut buffer))
        }
        Case::PreTrade => pre_trade(),
        _ => return None,
    })
}

/// Two gates, and each limit where desks set it. None of them is reached.
fn pre_trade() -> Runner {
    let of_session = Limits {
        max_order_qty: Some(Decimal::from(1_000_000)),
        max_notional: Some(Decimal::from(100_000_000)),
        max_orders_per_second: Some(1_000),
        max_open_orders: Some(u32::MAX),
        ..Limits::default()
    };
    let of_symbol = Limits {
        max_order_qty: Some(Decimal::from(600_000)),
        price_band: Some(BasisPoints(500)),
        ..Limits::default()
    };
    let (mut session, mut symbol) = (Gate::new(of_session), Gate::new(of_symbol));
    let order = OrderValues {
        request: Request::New,
        order_qty: Decimal::from(500_000),
        price: Some(Decimal::new(109_375, 5)),
        last_price: Some(Decimal::new(10_938, 4)),
    };
    let mut micros = 0;
    Box::new(move || {
        micros += 1_500;
        let (order, now) = (black_box(&order), Mono::from_micros(micros));
        let passes = session.check(order, now).is_ok() && symbol.check(order, now).is_ok();
        session.sent(order.request, now);
        symbol.sent(order.request, now);
        u64::from(passes)
    })
}

/// The stream goes through the deframer as from a socket: the cost of copying it in is counted.
fn framing() -> Runner {
    let stream = sample::order().repeat(BATCH);
    let mut deframer = Deframer::new(vec![0; MAX]);
    Box::new(move || {
        loop {
            if let Some(frame) = deframer.next_frame() {
                return frame.map_or(0, |frame| fold_message(frame.bytes()));
            }
            let space = deframer.space();
            space[..stream.len()].copy_from_slice(&stream);
            deframer.received(stream.len());
        }
    })
}

/// `read` folds the fields that are read typed; `parse_each` walks all of them, tags and delimiters checked.
fn decode(bytes: Vec<u8>, mut read: impl FnMut(u64, Field<'_>) -> u64 + 'static) -> Runner {
    Box::new(move || {
        let Scan::Frame(frame, _) = scan(black_box(&bytes), MAX) else { return 0 };
        let mut digest = 0;
        let message = Message::parse_each(frame, |field| digest = read(digest, field));
        message.map_or(0, |_| digest)
    })
}

/// As an engine does it: parsed with an index, validated, then the fields of `tags` read. The slots are the
/// caller's, and are used again for every message.
fn validated(bytes: Vec<u8>, tags: &'static [i32], read: impl Fn(u64, Field<'_>) -> u64 + 'static) -> Runner {
    let mut slots = [Slot::EMPTY; 256];
    Box::new(move || {
        let Scan::Frame(frame, _) = scan(black_box(&bytes), MAX) else { return 0 };
        let parsed = Message::parse_indexed(frame, &mut slots);
        let Ok(message) = &parsed else { return 0 };
        if validate(message, &DICTIONARY, black_box(&Checks::ALL)).is_err() {
            return 0;
        }
        tags.iter().fold(0, |digest, tag| {
            let tag = Tag(*tag);
            message.get(tag).map_or(0, |value| read(digest, Field { tag, value }))
        })
    })
}

/// The digest of one value; a value that cannot be read spoils it.
fn read<'a, T: FromField<'a>>(digest: u64, field: Field<'a>, number: impl FnOnce(T) -> u64) -> u64 {
    T::from_field(field.value).map_or(0, |value| fold(digest, number(value)))
}

fn text(digest: u64, field: Field<'_>) -> u64 {
    Text::from_field(field.value).map_or(0, |text| fold_text(digest, text.as_bytes()))
}

fn decimal(decimal: Decimal) -> u64 {
    decimal.mantissa() as u64
}

fn millis(time: UtcTimestamp) -> u64 {
    time.unix_seconds() as u64 * 1000 + u64::from(time.subsec_nanos() / 1_000_000)
}

fn seconds(time: UtcTimestamp) -> u64 {
    time.unix_seconds() as u64
}

#[inline(always)]
fn read_order(digest: u64, field: Field<'_>) -> u64 {
    match field.tag.0 {
        52 | 60 => read(digest, field, seconds),
        40 => read(digest, field, |code: u8| code.into()),
        _ => order(digest, field),
    }
}

#[inline(always)]
fn read_report(digest: u64, field: Field<'_>) -> u64 {
    match field.tag.0 {
        52 | 60 => read(digest, field, seconds),
        _ => report(digest, field),
    }
}

#[inline(always)]
fn read_snapshot(digest: u64, field: Field<'_>) -> u64 {
    match field.tag.0 {
        52 => read(digest, field, seconds),
        _ => snapshot(digest, field),
    }
}

#[inline(always)]
fn order(digest: u64, field: Field<'_>) -> u64 {
    match field.tag.0 {
        34 => read(digest, field, |number: u64| number),
        11 | 55 => text(digest, field),
        54 => read(digest, field, |code: u8| code.into()),
        60 => read(digest, field, millis),
        38 | 44 => read(digest, field, decimal),
        _ => digest,
    }
}

#[inline(always)]
fn report(digest: u64, field: Field<'_>) -> u64 {
    match field.tag.0 {
        34 => read(digest, field, |number: u64| number),
        37 | 11 => text(digest, field),
        150 | 54 => read(digest, field, |code: u8| code.into()),
        32 | 31 => read(digest, field, decimal),
        60 => read(digest, field, millis),
        _ => digest,
    }
}

#[inline(always)]
fn snapshot(digest: u64, field: Field<'_>) -> u64 {
    match field.tag.0 {
        34 => read(digest, field, |number: u64| number),
        55 => text(digest, field),
        269 => read(digest, field, |code: u8| code.into()),
        270 | 271 => read(digest, field, decimal),
        _ => digest,
    }
}

struct Order {
    msg_seq_num: u64,
    sending_time: UtcTimestamp,
    cl_ord_id: String,
    account: String,
    symbol: String,
    side: u8,
    transact_time: UtcTimestamp,
    order_qty: Decimal,
    price: Decimal,
}

impl Order {
    fn sample() -> Self {
        Order {
            msg_seq_num: 1_234_567,
            sending_time: parsed("20261124-12:30:45.123"),
            cl_ord_id: "ORDER-12345".into(),
            account: "ACCOUNT-77".into(),
            symbol: "EUR/USD".into(),
            side: b'1',
            transact_time: parsed("20261124-12:30:45.122"),
            order_qty: parsed("1500000"),
            price: parsed("1.09375"),
        }
    }

    fn encode(&self, buffer: &mut [u8]) -> u64 {
        let mut message = MessageWriter::new(buffer, b"FIX.4.4", MsgType::from_static(b"D"));
        message
            .writer()
            .field(Tag(49), "BUYSIDE")
            .field(Tag(56), "EXCHANGE")
            .field(Tag(34), self.msg_seq_num)
            .field(Tag(52), self.sending_time)
            .field(Tag(11), self.cl_ord_id.as_str())
            .field(Tag(1), self.account.as_str())
            .field(Tag(21), b'1')
            .field(Tag(55), self.symbol.as_str())
            .field(Tag(54), self.side)
            .field(Tag(60), self.transact_time)
            .field(Tag(38), self.order_qty)
            .field(Tag(40), b'2')
            .field(Tag(44), self.price)
            .field(Tag(59), b'0');
        let len = message.finish().unwrap_or_default();
        fold_message(&buffer[..len])
    }
}

struct Report {
    order: Order,
    order_id: String,
    exec_id: String,
    last_qty: Decimal,
    last_px: Decimal,
    leaves_qty: Decimal,
    cum_qty: Decimal,
    avg_px: Decimal,
    text: String,
}

impl Report {
    fn sample() -> Self {
        Report {
            order: Order {
                msg_seq_num: 7_654_321,
                sending_time: parsed("20261124-12:30:45.126"),
                transact_time: parsed("20261124-12:30:45.125"),
                ..Order::sample()
            },
            order_id: "EXCH-ORD-0000098765".into(),
            exec_id: "EXEC-000087654".into(),
            last_qty: parsed("500000"),
            last_px: parsed("1.09371"),
            leaves_qty: parsed("1000000"),
            cum_qty: parsed("500000"),
            avg_px: parsed("1.09371"),
            text: "partial fill".into(),
        }
    }

    fn encode(&self, buffer: &mut [u8]) -> u64 {
        let mut message = MessageWriter::new(buffer, b"FIX.4.4", MsgType::from_static(b"8"));
        message
            .writer()
            .field(Tag(49), "EXCHANGE")
            .field(Tag(56), "BUYSIDE")
            .field(Tag(34), self.order.msg_seq_num)
            .field(Tag(52), self.order.sending_time)
            .field(Tag(57), "DESK-1")
            .field(Tag(37), self.order_id.as_str())
            .field(Tag(11), self.order.cl_ord_id.as_str())
            .field(Tag(17), self.exec_id.as_str())
            .field(Tag(150), b'F')
            .field(Tag(39), b'1')
            .field(Tag(1), self.order.account.as_str())
            .field(Tag(55), self.order.symbol.as_str())
            .field(Tag(54), self.order.side)
            .field(Tag(38), self.order.order_qty)
            .field(Tag(40), b'2')
            .field(Tag(44), self.order.price)
            .field(Tag(59), b'0')
            .field(Tag(32), self.last_qty)
            .field(Tag(31), self.last_px)
            .field(Tag(30), "XLON")
            .field(Tag(151), self.leaves_qty)
            .field(Tag(14), self.cum_qty)
            .field(Tag(6), self.avg_px)
            .field(Tag(75), "20261124")
            .field(Tag(60), self.order.transact_time)
            .field(Tag(58), self.text.as_str());
        let len = message.finish().unwrap_or_default();
        fold_message(&buffer[..len])
    }
}

fn parsed<T: for<'a> FromField<'a>>(text: &str) -> T {
    T::from_field(text.as_bytes()).unwrap_or_else(|error| panic!("{text}: {error}"))
}
