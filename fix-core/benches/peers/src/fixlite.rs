//! The crate `fixlite`: derived structs; BodyLength and CheckSum verified by its feature `checksum`.
//! A derived struct reads the fields it names and skips the others.

use std::hint::black_box;

use chrono::{DateTime, Utc};
use fixlite::{
    FixBuilder, FixDeserialize,
    enums::{ExecType, HandlInst, MDEntryType, MsgType, OrdStatus, OrdType, Side, TimeInForce},
    fix::Price,
};

use crate::{Case, Runner, fold, fold_message, fold_text, sample};

fixlite::fix_tag_registry! {
    Registry {
        34 => [u64],
        54 => [Side],
        60 => [DateTime<Utc>],
        38 => [Price],
        44 => [Price],
        32 => [Price],
        31 => [Price],
        150 => [ExecType],
        269 => [MDEntryType],
        270 => [Price],
        271 => [Price],
    }
}

#[derive(FixDeserialize)]
#[fix_registry(Registry)]
struct Order<'a> {
    #[fix(tag = 34)]
    msg_seq_num: u64,
    #[fix(tag = 11)]
    cl_ord_id: &'a str,
    #[fix(tag = 55)]
    symbol: &'a str,
    #[fix(tag = 54)]
    side: Side,
    #[fix(tag = 60)]
    transact_time: DateTime<Utc>,
    #[fix(tag = 38)]
    order_qty: Price,
    #[fix(tag = 44)]
    price: Price,
}

#[derive(FixDeserialize)]
#[fix_registry(Registry)]
struct Report<'a> {
    #[fix(tag = 34)]
    msg_seq_num: u64,
    #[fix(tag = 37)]
    order_id: &'a str,
    #[fix(tag = 11)]
    cl_ord_id: &'a str,
    #[fix(tag = 150)]
    exec_type: ExecType,
    #[fix(tag = 54)]
    side: Side,
    #[fix(tag = 32)]
    last_qty: Price,
    #[fix(tag = 31)]
    last_px: Price,
    #[fix(tag = 60)]
    transact_time: DateTime<Utc>,
}

#[derive(FixDeserialize)]
#[fix_registry(Registry)]
struct Snapshot<'a> {
    #[fix(tag = 34)]
    msg_seq_num: u64,
    #[fix(tag = 55)]
    symbol: &'a str,
    #[fix_group(tag = 268)]
    entries: Vec<Entry>,
}

#[derive(FixDeserialize)]
#[fix_registry(Registry)]
struct Entry {
    #[fix(tag = 269)]
    entry_type: MDEntryType,
    #[fix(tag = 270)]
    price: Price,
    #[fix(tag = 271)]
    size: Price,
}

pub(crate) fn runner(case: Case) -> Option<Runner> {
    match case {
        // It has no framing.
        Case::DecodeOrder => {
            let bytes = sample::order();
            Some(Box::new(move || {
                fixlite::decode::<Order<'_>>(black_box(&bytes)).map_or(0, |order| digest_order(&order))
            }))
        }
        Case::DecodeReport => {
            let bytes = sample::report();
            Some(Box::new(move || {
                fixlite::decode::<Report<'_>>(black_box(&bytes)).map_or(0, |report| digest_report(&report))
            }))
        }
        Case::DecodeSnapshot => {
            let bytes = sample::snapshot();
            Some(Box::new(move || {
                fixlite::decode::<Snapshot<'_>>(black_box(&bytes))
                    .map_or(0, |snapshot| digest_snapshot(&snapshot))
            }))
        }
        Case::EncodeOrder => Some(encode_order()),
        Case::EncodeReport => Some(encode_report()),
        _ => None,
    }
}

/// Its fixed point has 8 decimals; the digests hold the digits of the text.
fn digits(price: Price, decimals: u32) -> u64 {
    price.raw() as u64 / 10u64.pow(8 - decimals)
}

fn side(side: Side) -> u64 {
    u64::from(side.as_str().as_bytes()[0])
}

fn digest_order(order: &Order<'_>) -> u64 {
    let mut digest = fold(0, order.msg_seq_num);
    digest = fold_text(digest, order.cl_ord_id.as_bytes());
    digest = fold_text(digest, order.symbol.as_bytes());
    digest = fold(digest, side(order.side));
    digest = fold(digest, order.transact_time.timestamp_millis() as u64);
    digest = fold(digest, digits(order.order_qty, 0));
    fold(digest, digits(order.price, 5))
}

fn digest_report(report: &Report<'_>) -> u64 {
    let mut digest = fold(0, report.msg_seq_num);
    digest = fold_text(digest, report.order_id.as_bytes());
    digest = fold_text(digest, report.cl_ord_id.as_bytes());
    digest = fold(digest, u64::from(report.exec_type.as_str().as_bytes()[0]));
    digest = fold(digest, side(report.side));
    digest = fold(digest, digits(report.last_qty, 0));
    digest = fold(digest, digits(report.last_px, 5));
    fold(digest, report.transact_time.timestamp_millis() as u64)
}

fn digest_snapshot(snapshot: &Snapshot<'_>) -> u64 {
    let mut digest = fold(0, snapshot.msg_seq_num);
    digest = fold_text(digest, snapshot.symbol.as_bytes());
    for entry in &snapshot.entries {
        digest = fold(digest, u64::from(entry.entry_type.as_str().as_bytes()[0]));
        digest = fold(digest, digits(entry.price, 5));
        digest = fold(digest, digits(entry.size, 0));
    }
    digest
}

struct Values {
    sending_time: DateTime<Utc>,
    transact_time: DateTime<Utc>,
    order_qty: Price,
    price: Price,
    last_qty: Price,
    last_px: Price,
    leaves_qty: Price,
    cum_qty: Price,
    avg_px: Price,
}

impl Values {
    fn sample(sending_millis: u32, transact_millis: u32) -> Self {
        let at = |millis: u32| {
            let text = format!("2026-11-24T12:30:45.{millis:03}Z");
            text.parse().expect("a time")
        };
        let price = |text: &str| text.parse().expect("a price");
        Values {
            sending_time: at(sending_millis),
            transact_time: at(transact_millis),
            order_qty: price("1500000"),
            price: price("1.09375"),
            last_qty: price("500000"),
            last_px: price("1.09371"),
            leaves_qty: price("1000000"),
            cum_qty: price("500000"),
            avg_px: price("1.09371"),
        }
    }
}

fn encode_order() -> Runner {
    let mut builder = FixBuilder::new("FIX.4.4", "BUYSIDE", "EXCHANGE");
    let values = Values::sample(123, 122);
    Box::new(move || {
        let values = black_box(&values);
        fold_message(
            builder
                .begin_with(black_box(&1_234_567u64), &values.sending_time, &MsgType::NewOrderSingle)
                .str(11, black_box("ORDER-12345"))
                .str(1, black_box("ACCOUNT-77"))
                .field_tagged(HandlInst::Automated)
                .str(55, black_box("EUR/USD"))
                .field_tagged(black_box(Side::Buy))
                .field_ref(60, &values.transact_time)
                .field(38, values.order_qty)
                .field_tagged(OrdType::Limit)
                .field(44, values.price)
                .field_tagged(TimeInForce::Day)
                .finish(),
        )
    })
}

fn encode_report() -> Runner {
    let mut builder = FixBuilder::new("FIX.4.4", "EXCHANGE", "BUYSIDE");
    let values = Values::sample(126, 125);
    Box::new(move || {
        let values = black_box(&values);
        fold_message(
            builder
                .begin_with(black_box(&7_654_321u64), &values.sending_time, &MsgType::ExecutionReport)
                .str(57, "DESK-1")
                .str(37, black_box("EXCH-ORD-0000098765"))
                .str(11, black_box("ORDER-12345"))
                .str(17, black_box("EXEC-000087654"))
                .str(150, "F")
                .field_tagged(OrdStatus::PartiallyFilled)
                .str(1, black_box("ACCOUNT-77"))
                .str(55, black_box("EUR/USD"))
                .field_tagged(black_box(Side::Buy))
                .field(38, values.order_qty)
                .field_tagged(OrdType::Limit)
                .field(44, values.price)
                .field_tagged(TimeInForce::Day)
                .field(32, values.last_qty)
                .field(31, values.last_px)
                .str(30, "XLON")
                .field(151, values.leaves_qty)
                .field(14, values.cum_qty)
                .field(6, values.avg_px)
                .str(75, "20261124")
                .field_ref(60, &values.transact_time)
                .str(58, black_box("partial fill"))
                .finish(),
        )
    })
}
