//! What no report says of orders in their books, for whoever keeps them over a restart: where those stand that did not come to
//! their place by a request of their own, and at what price their instruments traded last.

use super::{Market, maker::FIRST_ID};
use crate::exchange::{
    book::{Event, OrderId, Quantity, Ticks},
    orders::{self, OrderStates},
};
use fix_core::dict::fix44::code::ExecType;

/// One thing to keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Where an order stands.
    Stands {
        /// The order.
        id: OrderId,
        /// Its limit: also that of a stop order which was triggered, or of what is left of a market order.
        price: Ticks,
        /// How much of it is shown.
        shown: Quantity,
        /// It has come to the end of the queue of its price.
        is_last: bool,
    },
    /// An instrument has traded at another price than before.
    Last {
        /// Its [place](orders::Listing::place).
        place: usize,
        /// The price.
        price: Ticks,
    },
}

/// The marks since somebody took them.
#[derive(Debug, Default)]
pub(super) struct Marks {
    list: Vec<Mark>,
    touched: Vec<OrderId>,
    new: Vec<(u64, Mark)>,
}

impl Marks {
    pub(super) fn take(&mut self) -> std::vec::Drain<'_, Mark> {
        self.list.drain(..)
    }

    /// An event concerns orders, which may stand elsewhere by it.
    pub(super) fn touch(&mut self, event: Event) {
        let ids = match event {
            Event::Accepted { id } | Event::Replaced { id, .. } | Event::Triggered { id } => [Some(id), None],
            Event::Traded { maker: one, taker: other, .. } | Event::Crossed { buy: one, sell: other, .. } => {
                [Some(one), Some(other)]
            }
            Event::Cancelled { .. } | Event::Rejected { .. } => [None, None],
        };
        self.touched.extend(ids.into_iter().flatten().filter(|id| id.0 < FIRST_ID));
    }

    /// All events of a command were told, and reported so.
    pub(super) fn settle(
        &mut self,
        place: usize,
        market: &mut Market,
        orders: &OrderStates,
        told: &[orders::Output],
    ) {
        let book = &market.book;
        self.touched.sort_unstable();
        self.touched.dedup();
        for id in self.touched.drain(..) {
            let Some(order) = book.order(id).filter(|order| order.stop.is_none()) else { continue };
            let (Some(price), Some(stamp)) = (order.price, book.stamp(id)) else { continue };
            let is_last = stamp > market.stamps;
            let is_plain = orders.is_of_kind(id, true, false) && !orders.shows_a_part(id);
            let is_said = told.iter().any(|told| match told {
                orders::Output::Report(report) => {
                    report.order_id == Some(id)
                        && matches!(report.exec_type, ExecType::NEW | ExecType::REPLACED)
                }
                orders::Output::CancelReject(_) => false,
            });
            if !is_plain || is_last && !is_said {
                self.new.push((stamp, Mark::Stands { id, price, shown: order.shown, is_last }));
            }
        }
        self.new.sort_unstable_by_key(|(stamp, _)| *stamp);
        self.list.extend(self.new.drain(..).map(|(_, mark)| mark));
        let last = book.last_price();
        if let Some(price) = last.filter(|_| last != market.last_price) {
            self.list.push(Mark::Last { place, price });
        }
        (market.stamps, market.last_price) = (book.stamps(), last);
    }
}
