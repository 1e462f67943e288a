//! Trades beside the book: at a quote that the venue gave to one session, and those of others that are only seen.

use super::{Output, Venue, request::Entry};
use crate::exchange::{
    book::{Event, Kind, OrderId, Owner, Phase},
    orders::{Acknowledge, Command},
};
use fix_core::{decimal::Decimal, dict::fix44::code::OrdRejReason};

impl Venue {
    /// Takes an order at the price of a quote: all of it trades at that price with the venue, whatever the book has. `objection`
    /// says why the quote does not hold; the order is refused with it then, and also while the instrument is not open. True if
    /// it was taken.
    pub fn take_quote(
        &mut self,
        owner: Owner,
        entry: &Entry<'_>,
        objection: Option<&'static str>,
        out: &mut Vec<Output>,
    ) -> bool {
        let objection = objection.map_or(Ok(()), |text| Err((OrdRejReason::OTHER, text.into())));
        let request = objection.and_then(|()| self.new_request(entry)).and_then(|request| {
            let is_open = self.phase_of(request.terms.listing.place) == Some(Phase::Open);
            let text = "the instrument is not open for trading";
            is_open.then_some(request).ok_or((OrdRejReason::EXCHANGE_CLOSED, text.into()))
        });
        let request = match request {
            Ok(request) => request,
            Err((reason, text)) => {
                self.refuse(owner, entry, reason, text.into_owned(), out);
                return false;
            }
        };
        let place = request.terms.listing.place;
        let Kind::Limit(price) = request.terms.kind else { return false };
        let qty = request.qty;
        // It waits for nobody, whatever else is held.
        let id = self.orders.enter(owner, request, Acknowledge::Not, &mut self.told);
        let command = id.and_then(|id| self.orders.decide(id, &mut self.told));
        if let Some(Command::Enter(order)) = command {
            // The book is not told: it is as if the order had met the venue's own in a book of its own.
            let maker = self.own_id();
            self.events.push(Event::Accepted { id: order.id });
            self.events.push(Event::Traded { maker, taker: order.id, price, qty });
        }
        self.settle(place, out);
        command.is_some()
    }

    /// A trade of others, made elsewhere, is seen here: it is told as the last one, and is in the figures of the day.
    pub fn print(&mut self, place: usize, price: Decimal, qty: Decimal, out: &mut Vec<Output>) {
        let Some(listing) = self.listings().get(place) else { return };
        let (Ok(price), Ok(qty)) = (listing.ticks(price), listing.lots(qty)) else { return };
        let (maker, taker) = (self.own_id(), self.own_id());
        if let Some(market) = self.markets.get_mut(place) {
            market.book.set_last_price(price);
        }
        self.events.push(Event::Traded { maker, taker, price, qty });
        self.settle(place, out);
    }

    /// A number for an order of the venue itself.
    pub(super) fn own_id(&mut self) -> OrderId {
        let id = OrderId(super::maker::FIRST_ID + self.maker_ids);
        self.maker_ids += 1;
        id
    }
}
