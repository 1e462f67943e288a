//! One order: all that its reports say.

use std::{
    collections::VecDeque,
    ops::{Deref, DerefMut},
    sync::Arc,
};

use fix_core::{
    decimal::{Decimal, MAX_SCALE},
    dict::fix44::code,
};

use super::{
    super::book::{Kind, Owner, Quantity, Ticks, TimeInForce},
    request::{Asks, NewRequest, Waiting},
    terms::Terms,
};

/// How an order stands, but for what has traded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// ClOrdID(11) of the last accepted request.
    pub(super) cl_ord_id: Arc<str>,
    /// What that asks for. Of an order that is kept, the instrument is only named by it.
    pub(super) terms: Terms,
    /// OrderQty(38).
    pub(super) qty: Quantity,
    /// How the order stands but for what has traded and what else is true of it.
    pub(super) life: Life,
    /// The day is over for an order that lives on.
    pub(super) is_done_for_day: bool,
    pub(super) is_stopped: bool,
    /// It is out of its book until it is resumed, and comes back as this.
    pub(super) suspended: Option<Kind>,
    pub(super) calculation: Calculation,
    /// How much of it its book has: what is open, but for what a bust or a correction has added that the book was not told, or
    /// what is kept back of it.
    pub(super) in_book: Quantity,
    /// Requests in the order in which they came.
    pub(super) waiting: VecDeque<Waiting>,
}

/// An order.
#[derive(Clone, Debug)]
pub(super) struct Record {
    pub(super) owner: Owner,
    /// What is kept of it over a restart, besides its instrument and its executions.
    pub(super) state: State,
    /// Executions that count.
    trades: Vec<Trade>,
    /// The sums over them: how much, and price by quantity in ticks and lots.
    cum_qty: Quantity,
    turnover: i128,
    /// What it counts among the live orders and waiting requests of its session.
    pub(super) counted: usize,
    /// How many ClOrdIDs it is known by.
    pub(super) names: usize,
    /// How many of its executions are kept over a restart; `None`: what was kept of them is no longer true.
    pub(super) kept: Option<usize>,
    /// It has changed since it was kept.
    pub(super) has_changed: bool,
}

/// What is said of its state is said of the order.
impl Deref for Record {
    type Target = State;

    fn deref(&self) -> &State {
        &self.state
    }
}

impl DerefMut for Record {
    fn deref_mut(&mut self) -> &mut State {
        &mut self.state
    }
}

/// An execution.
#[derive(Clone, Copy, Debug)]
pub(super) struct Trade {
    pub(super) exec_id: u64,
    pub(super) price: Ticks,
    pub(super) qty: Quantity,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Life {
    /// Not accepted yet.
    Pending,
    /// In the book as far as it has not traded.
    Live,
    /// 39=8
    Rejected,
    /// 39=4
    Canceled,
    /// 39=C
    Expired,
    /// 39=3, and not to come back.
    DoneForDay,
}

impl Life {
    /// It has ended otherwise than by being filled, and nothing begins it again.
    pub(super) fn is_over(self) -> bool {
        !matches!(self, Life::Pending | Life::Live)
    }
}

/// Whether the end of a day has told what the order traded on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Calculation {
    /// There is nothing to tell.
    Nothing,
    /// It has traded, or a trade of it was corrected, since.
    Due,
    /// It is told: 150=B.
    Told,
}

impl Record {
    /// An order that waits to be decided.
    pub(super) fn new(owner: Owner, request: NewRequest) -> Self {
        let NewRequest { cl_ord_id, terms, qty, .. } = request;
        let state = State {
            cl_ord_id,
            terms,
            qty,
            life: Life::Pending,
            is_done_for_day: false,
            is_stopped: false,
            suspended: None,
            calculation: Calculation::Nothing,
            in_book: 0,
            waiting: VecDeque::new(),
        };
        Record {
            owner,
            state,
            trades: Vec::new(),
            cum_qty: 0,
            turnover: 0,
            counted: 0,
            names: 0,
            kept: None,
            has_changed: false,
        }
    }

    /// Uses the room again that a forgotten order had for its requests and executions.
    pub(super) fn take_room_of(&mut self, other: Record) {
        (self.state.waiting, self.trades) = (other.state.waiting, other.trades);
        self.waiting.clear();
        self.trades.clear();
    }

    /// An execution.
    pub(super) fn add_trade(&mut self, trade: Trade) {
        self.count(trade, 1);
        self.trades.push(trade);
    }

    /// Takes an execution back.
    pub(super) fn remove_trade(&mut self, at: usize) -> Trade {
        self.kept = None;
        let trade = self.trades.remove(at);
        self.count(trade, -1);
        trade
    }

    /// Puts a corrected execution in the place of another.
    pub(super) fn correct_trade(&mut self, at: usize, trade: Trade) {
        self.kept = None;
        let was = std::mem::replace(&mut self.trades[at], trade);
        self.count(was, -1);
        self.count(trade, 1);
    }

    fn count(&mut self, trade: Trade, times: i128) {
        self.calculation = Calculation::Due;
        self.turnover += times * i128::from(trade.price) * i128::from(trade.qty);
        self.cum_qty = if times > 0 { self.cum_qty + trade.qty } else { self.cum_qty - trade.qty };
    }

    /// Executions that count, the oldest first.
    pub(super) fn trades(&self) -> &[Trade] {
        &self.trades
    }

    /// OrdStatus(39): of all that is true of the order, what has the highest precedence (FIX 4.4 Vol. 4, OrdStatus).
    pub(super) fn ord_status(&self) -> code::OrdStatus {
        use code::OrdStatus as Status;
        let waits = |of: fn(&Asks) -> bool| self.waiting.iter().any(|one| one.is_pending && of(&one.asks));
        let cum_qty = self.cum_qty();
        if waits(|asks| matches!(asks, Asks::Cancel)) {
            Status::PENDING_CANCEL
        } else if waits(|asks| matches!(asks, Asks::Replace { .. })) {
            Status::PENDING_REPLACE
        } else if self.life == Life::DoneForDay || self.is_done_for_day {
            Status::DONE_FOR_DAY
        } else if self.is_filled() && self.calculation == Calculation::Told {
            Status::CALCULATED
        } else if self.is_filled() {
            Status::FILLED
        } else if self.is_stopped && self.life == Life::Live {
            Status::STOPPED
        } else if self.suspended.is_some() {
            Status::SUSPENDED
        } else {
            match self.life {
                Life::Canceled => Status::CANCELED,
                Life::Expired => Status::EXPIRED,
                Life::Rejected => Status::REJECTED,
                _ if cum_qty > 0 => Status::PARTIALLY_FILLED,
                Life::Pending => Status::PENDING_NEW,
                Life::Live | Life::DoneForDay => Status::NEW,
            }
        }
    }

    pub(super) fn is_filled(&self) -> bool {
        self.life == Life::Live && self.cum_qty() >= self.qty
    }

    /// True if it can trade.
    pub(super) fn is_live(&self) -> bool {
        self.life == Life::Live && self.in_book > 0
    }

    /// True if it can trade, or could if it was not suspended.
    pub(super) fn lives(&self) -> bool {
        self.is_live() || self.suspended.is_some()
    }

    /// True if a bust or a correction has opened more of it than its book has.
    pub(super) fn is_to_reopen(&self) -> bool {
        self.life == Life::Live && self.suspended.is_none() && self.in_book < self.leaves_qty()
    }

    /// True if it has come to its end for the day, and what it traded is to be told.
    pub(super) fn is_to_calculate(&self) -> bool {
        let is_done = self.is_filled() || self.life == Life::DoneForDay || self.is_done_for_day;
        is_done && self.cum_qty > 0 && self.calculation == Calculation::Due
    }

    /// True if it can trade, or may come to.
    pub(super) fn may_trade(&self) -> bool {
        self.to_count() > 0
    }

    /// One while it lives, and one for each request about it that waits.
    pub(super) fn to_count(&self) -> usize {
        usize::from(self.lives() || self.is_to_reopen()) + self.waiting.len()
    }

    /// True if a request with this ClOrdID(11) waits.
    pub(super) fn waits_for(&self, cl_ord_id: &str) -> bool {
        self.waiting.iter().any(|waiting| &*waiting.cl_ord_id == cl_ord_id)
    }

    /// True if it is for this instrument, by its place, or if any is meant.
    pub(super) fn is_of(&self, place: Option<usize>) -> bool {
        place.is_none_or(|place| place == self.terms.listing.place)
    }

    /// True if it outlives the day.
    pub(super) fn is_good_till(&self) -> bool {
        self.terms.time_in_force == TimeInForce::GoodTill
    }

    /// CumQty(14).
    pub(super) fn cum_qty(&self) -> Quantity {
        self.cum_qty
    }

    /// LeavesQty(151).
    pub(super) fn leaves_qty(&self) -> Quantity {
        match self.life {
            Life::Pending | Life::Live => self.qty.saturating_sub(self.cum_qty()),
            _ => 0,
        }
    }

    /// AvgPx(6): the exact sum over all trades, divided once, with six decimals more than a tick has (half to even).
    /// Zero if nothing has traded, or if the price in its decimals is beyond what a [`Decimal`] holds.
    pub(super) fn avg_px(&self) -> Decimal {
        if let [Trade { price, .. }] = self.trades[..] {
            return self.terms.listing.price(price);
        }
        if self.trades.is_empty() {
            return Decimal::ZERO;
        }
        let tick = self.terms.listing.tick;
        let sum = self.turnover.checked_mul(tick.mantissa().into());
        sum.and_then(|sum| average(sum, self.cum_qty.into(), tick.scale())).unwrap_or(Decimal::ZERO)
    }

    /// The last ClOrdID(11) that was not refused: what the next request is to give as OrigClOrdID(41).
    pub(super) fn last_cl_ord_id(&self) -> &Arc<str> {
        self.waiting.back().map_or(&self.cl_ord_id, |waiting| &waiting.cl_ord_id)
    }
}

/// `sum / count` of numbers with `scale` decimals, with as many more as fit, up to six.
pub(in crate::exchange) fn average(sum: i128, count: i128, scale: u8) -> Option<Decimal> {
    let more = |more: u8| -> Option<Decimal> {
        let scale = scale.checked_add(more).filter(|scale| *scale <= MAX_SCALE)?;
        let scaled = sum.checked_mul(10_i128.pow(more.into()))?;
        let (quotient, rest) = (scaled.checked_div_euclid(count)?, scaled.checked_rem_euclid(count)?);
        let is_up = 2 * rest > count || 2 * rest == count && quotient % 2 != 0;
        Some(Decimal::new(i64::try_from(quotient + i128::from(is_up)).ok()?, scale).normalized())
    };
    (0..=6).rev().find_map(more)
}
