//! The orders that are working, and the ClOrdIDs that were used.

use fix_core::{Decimal, MsgType, Tag, tag};
use heapless::{Deque, String, Vec};

use crate::bytes::{Put, Take};

mod ids;

pub(crate) use ids::{Hash, Ids, hash};

/// Bytes that a ClOrdID(11) of the intake may have.
pub const ID_LEN: usize = 32;
/// Bytes that a Symbol(55) of the intake may have.
pub const SYMBOL_LEN: usize = 24;

/// A ClOrdID(11).
pub type ClOrdId = String<ID_LEN, u8>;

/// The first byte of a note of used ids.
pub(crate) const IDS: u8 = 3;
/// The first byte of a note of an order that is no longer working.
const CLOSED: u8 = 4;
/// The first byte of a note of an order that is working.
const ORDER: u8 = 5;

/// Changes that wait for their note. More of them between two turns of the loop than a board can receive bytes for.
const CHANGES: usize = 32;

/// An order that is working, or may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// The ClOrdID(11) that it goes by.
    pub id: ClOrdId,
    /// The ClOrdID(11) of the newest cancel or replace request for it, whose answer is not here.
    pub asked: ClOrdId,
    /// Symbol(55).
    pub symbol: String<SYMBOL_LEN, u8>,
    /// Side(54).
    pub side: u8,
    /// OrderQty(38).
    pub order_qty: Decimal,
    /// CumQty(14), as reported last.
    pub cum_qty: Decimal,
    /// OrdStatus(39), as reported last; `?` if nothing was.
    pub status: u8,
    /// Whether the counterparty has answered the newest request about it; not in the flash.
    pub asks: Asks,
}

impl Order {
    /// One that was sent as message `number`, without its texts.
    fn new(side: u8, order_qty: Decimal, number: u64) -> Self {
        let (id, asked, symbol) = (ClOrdId::new(), ClOrdId::new(), String::new());
        let (cum_qty, asks) = (Decimal::from(0), Asks::Kept(number));
        Order { id, asked, symbol, side, order_qty, cum_qty, status: b'?', asks }
    }
}

/// What became of the newest request about an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asks {
    /// It is answered.
    Answered,
    /// It is not answered, and could be sent again under this MsgSeqNum(34).
    Kept(u64),
    /// It is not answered, and other messages took its place among those that are kept.
    Forgotten(u64),
}

/// The orders that are working, and which ClOrdIDs were used.
pub struct Book<const ORDERS: usize, const USED: usize> {
    orders: Vec<Order, ORDERS>,
    ids: Ids<USED>,
    changes: Deque<Change, CHANGES>,
}

/// What a note says of an order.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Change {
    Closed(Hash),
    Order(Hash),
}

impl<const ORDERS: usize, const USED: usize> Book<ORDERS, USED> {
    /// No order, no id.
    pub const fn new() -> Self {
        Book { orders: Vec::new(), ids: Ids::new(), changes: Deque::new() }
    }

    /// The orders.
    pub fn orders(&self) -> &[Order] {
        &self.orders
    }

    /// True if one more order finds room.
    pub fn has_room(&self) -> bool {
        !self.orders.is_full()
    }

    /// The order that goes by `id`, or for which `id` asked something.
    pub fn find(&mut self, id: &[u8]) -> Option<&mut Order> {
        if id.is_empty() {
            return None;
        }
        self.orders.iter_mut().find(|order| order.id.as_bytes() == id || order.asked.as_bytes() == id)
    }

    /// True if `id` was used before, as far as the newest `USED` ids tell.
    pub fn is_used(&self, id: &str) -> bool {
        self.ids.contains(hash(id.as_bytes()))
    }

    /// An order or a request was sent, whose fields `get` tells: its own message is the note of it.
    pub fn sent<'f>(
        &mut self,
        msg_type: MsgType,
        number: u64,
        get: impl Fn(Tag) -> Option<&'f [u8]>,
    ) -> Option<()> {
        let text = |tag, most| core::str::from_utf8(get(tag)?).ok().filter(|text| text.len() <= most);
        let id = text(tag::CL_ORD_ID, ID_LEN)?;
        self.ids.add(hash(id.as_bytes()));
        match msg_type {
            MsgType::NEW_ORDER_SINGLE => {
                let (symbol, side) = (text(tag::SYMBOL, SYMBOL_LEN)?, *get(tag::SIDE)?.first()?);
                let order_qty = Decimal::parse(get(tag::ORDER_QTY)?).ok()?;
                // Made where it stays: one that is handed on is copied.
                self.orders.push(Order::new(side, order_qty, number)).ok()?;
                let order = self.orders.last_mut()?;
                order.id.push_str(id).and_then(|()| order.symbol.push_str(symbol)).ok()
            }
            MsgType::ORDER_CANCEL_REQUEST | MsgType::ORDER_CANCEL_REPLACE_REQUEST => {
                let order = self.find(get(tag::ORIG_CL_ORD_ID)?)?;
                order.asks = Asks::Kept(number);
                order.asked.clear();
                order.asked.push_str(id).ok()
            }
            _ => Some(()),
        }
    }

    /// Message `number` takes the place of one that is a multiple of `kept` older: whoever asks for that one again gets a
    /// gap fill.
    pub(crate) fn displaced(&mut self, number: u64, kept: u64) {
        for order in &mut self.orders {
            if let Asks::Kept(old) = order.asks
                && takes_its_place(number, old, kept)
            {
                order.asks = Asks::Forgotten(old);
            }
        }
    }

    /// True if message `number` would take the place of a request that is not answered.
    pub(crate) fn would_displace(&self, number: u64, kept: u64) -> bool {
        let is_needed =
            |order: &Order| matches!(order.asks, Asks::Kept(old) if takes_its_place(number, old, kept));
        self.orders.iter().any(is_needed)
    }

    /// A request that can no longer be sent again though nobody answered it: its ClOrdID(11) and MsgSeqNum(34). It is
    /// told once.
    pub(crate) fn next_forgotten(&mut self) -> Option<(ClOrdId, u64)> {
        self.orders.iter_mut().find_map(|order| {
            let Asks::Forgotten(number) = order.asks else { return None };
            order.asks = Asks::Answered;
            let id = if order.asked.is_empty() { &order.id } else { &order.asked };
            Some((id.clone(), number))
        })
    }

    /// The order that `id` names is no longer working.
    pub fn close(&mut self, id: &[u8]) {
        let Some(at) =
            self.orders.iter().position(|order| order.id.as_bytes() == id || order.asked.as_bytes() == id)
        else {
            return;
        };
        let order = self.orders.swap_remove(at);
        self.changed(Change::Closed(hash(order.id.as_bytes())));
    }

    /// The order that goes by `old` goes by `id` now, or something else of it changed.
    pub fn renamed(&mut self, old: &str, id: &str) {
        if old != id {
            self.changed(Change::Closed(hash(old.as_bytes())));
        }
        self.changed(Change::Order(hash(id.as_bytes())));
    }

    /// The answers to cancel and replace requests are not waited for any more; should one come, it names its order.
    pub fn forget_requests(&mut self) {
        self.orders.iter_mut().for_each(|order| order.asked.clear());
    }

    fn changed(&mut self, change: Change) {
        if self.changes.is_full() {
            // The oldest is said again by the next note of the whole state; until then a start sees the order as open.
            self.changes.pop_front();
        }
        // There is room now.
        let _ = self.changes.push_back(change);
    }

    /// The next note that is due, in `out`.
    pub(crate) fn next_due(&mut self, out: &mut [u8]) -> Option<usize> {
        loop {
            match *self.changes.front()? {
                Change::Closed(id) => return Put::new(out).u8(CLOSED).u64(id).len(),
                Change::Order(id) => match self.orders.iter().find(|order| hash(order.id.as_bytes()) == id) {
                    Some(order) => return note(order, out),
                    // It is closed by now.
                    None => drop(self.changes.pop_front()),
                },
            }
        }
    }

    /// The note that was given last is in the flash.
    pub(crate) fn noted(&mut self) {
        self.changes.pop_front();
    }

    /// Note `index` of those that say all.
    pub(crate) fn whole(&self, index: usize, out: &mut [u8]) -> Option<usize> {
        match index.checked_sub(self.ids.notes()) {
            None => self.ids.note(index, out),
            Some(index) => note(self.orders.get(index)?, out),
        }
    }

    /// The whole state is in the flash.
    pub(crate) fn all_noted(&mut self) {
        self.changes.clear();
    }

    /// Takes up a note.
    pub(crate) fn read(&mut self, note: &[u8]) -> Option<()> {
        let mut take = Take(note);
        match take.u8()? {
            IDS => self.ids.read(take),
            CLOSED => {
                let id = take.u64()?;
                self.orders.retain(|order| hash(order.id.as_bytes()) != id);
                Some(())
            }
            ORDER => {
                let order = read(take)?;
                self.orders.retain(|other| other.id != order.id);
                self.orders.push(order).ok()
            }
            _ => None,
        }
    }
}

/// The ring of kept messages has a place for each remainder.
fn takes_its_place(number: u64, old: u64, kept: u64) -> bool {
    number.checked_sub(old).and_then(|ahead| ahead.checked_rem(kept)) == Some(0)
}

impl<const ORDERS: usize, const USED: usize> Default for Book<ORDERS, USED> {
    fn default() -> Self {
        Self::new()
    }
}

fn note(order: &Order, out: &mut [u8]) -> Option<usize> {
    let put = Put::new(out).u8(ORDER).text(&order.id).text(&order.asked).text(&order.symbol).u8(order.side);
    decimal(decimal(put, order.order_qty), order.cum_qty).u8(order.status).len()
}

fn decimal<'b>(put: Put<'b>, value: Decimal) -> Put<'b> {
    put.u64(value.mantissa().cast_unsigned()).u8(value.scale())
}

fn read(mut take: Take<'_>) -> Option<Order> {
    let decimal = |take: &mut Take<'_>| Some(Decimal::new(take.u64()?.cast_signed(), take.u8()?));
    Some(Order {
        id: ClOrdId::try_from(take.text()?).ok()?,
        asked: ClOrdId::try_from(take.text()?).ok()?,
        symbol: String::try_from(take.text()?).ok()?,
        side: take.u8()?,
        order_qty: decimal(&mut take)?,
        cum_qty: decimal(&mut take)?,
        status: take.u8()?,
        asks: Asks::Answered,
    })
}
