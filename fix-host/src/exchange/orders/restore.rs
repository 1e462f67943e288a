//! Orders that an earlier start of the venue had.

use std::sync::Arc;

use fix_core::{decimal::Decimal, dict::fix44::code};

use super::{
    super::book::{CancelReason, Kind, OrderId, Owner, Quantity, Side, Ticks, TimeInForce},
    Listing, OrderStates,
    output::{Output, Report},
    record::{Life, Record, Trade},
    request::{Expires, NewRequest},
    terms::{Echo, Terms},
};

/// An order as it was.
#[derive(Clone, Debug)]
pub struct Restored {
    /// Its number.
    pub id: u64,
    /// The session that it belongs to.
    pub owner: Owner,
    /// Its ClOrdIDs(11), the last one behind.
    pub names: Vec<Arc<str>>,
    /// Symbol(55).
    pub symbol: String,
    /// What a tick and a lot were worth then.
    pub tick: Decimal,
    /// The lot.
    pub lot: Decimal,
    /// Side(54).
    pub side: Side,
    /// OrdType(40), Price(44) and StopPx(99).
    pub kind: Kind,
    /// TimeInForce(59).
    pub time_in_force: TimeInForce,
    /// When an order with 59=6 ends.
    pub expires: Option<Expires>,
    /// OrderQty(38).
    pub qty: Quantity,
    /// MaxFloor(111).
    pub display_qty: Quantity,
    /// What its reports repeat besides.
    pub echo: Echo,
    /// Its executions, by ExecID(17), price and quantity.
    pub trades: Vec<(u64, Ticks, Quantity)>,
    /// OrdStatus(39), if it ended otherwise than by a fill.
    pub ended: Option<code::OrdStatus>,
    /// What its session was not told of it: these executions, or something else.
    pub untold: Vec<Option<u64>>,
    /// At what limit it stands in its book, and how much of it is shown, where that is not as it asks.
    pub stands: Option<(Ticks, Quantity)>,
    /// Its day is over.
    pub is_over: bool,
}

impl OrderStates {
    /// Numbers of orders and executions go on behind this one.
    pub fn begin_numbers(&mut self, number: u64) {
        (self.order_ids, self.exec_ids) = (number, number);
    }

    /// Knows an order again, and tells what was not told of it. Returns how much of it is open, which its book is to have.
    pub fn restore(&mut self, restored: Restored, listing: Arc<Listing>, out: &mut Vec<Output>) -> Quantity {
        let Restored { id, owner, names, trades, untold, ended, .. } = restored;
        let Some(cl_ord_id) = names.last().cloned() else { return 0 };
        let id = OrderId(id);
        let mut record = Record::new(
            owner,
            NewRequest {
                cl_ord_id,
                terms: Terms {
                    listing,
                    side: restored.side,
                    kind: restored.kind,
                    time_in_force: restored.time_in_force,
                    expires: restored.expires,
                    min_qty: 0,
                    display_qty: restored.display_qty,
                    echo: restored.echo,
                },
                qty: restored.qty,
                poss_resend: false,
            },
        );
        record.life = Life::Live;
        for (exec_id, price, qty) in trades {
            record.add_trade(Trade { exec_id, price, qty });
            if untold.contains(&Some(exec_id)) {
                let report = Report::of(&record, id, exec_id, code::ExecType::TRADE);
                out.push(Output::Report(Report { last: Some((price, qty)), ..report }));
            }
        }
        let (life, exec_type) = match ended {
            None => (Life::Live, code::ExecType::ORDER_STATUS),
            Some(code::OrdStatus::EXPIRED) => (Life::Expired, code::ExecType::EXPIRED),
            Some(code::OrdStatus::DONE_FOR_DAY) => (Life::DoneForDay, code::ExecType::DONE_FOR_DAY),
            Some(_) => (Life::Canceled, code::ExecType::CANCELED),
        };
        record.life = life;
        if untold.contains(&None) {
            let exec_id = self.exec_id();
            out.push(Output::Report(Report::of(&record, id, exec_id, exec_type)));
        }
        record.names = names.len();
        record.in_book = record.leaves_qty();
        let open = record.in_book;
        self.orders.add(id, record);
        for name in names {
            self.name(owner, name, id);
        }
        self.recount(id);
        open
    }

    /// The day of an order was over before the venue started again.
    pub fn end_of_day(&mut self, id: OrderId, out: &mut Vec<Output>) {
        self.cancelled(id, CancelReason::DayOver, out);
    }
}
