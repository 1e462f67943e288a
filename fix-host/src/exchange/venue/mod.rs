//! The venue: its instruments, a book for each, and the orders of all sessions in them.
//!
//! It is pure: no FIX message, no session, no clock but `now` as a parameter. A session is an [`Owner`]. Requests come in the
//! decimals of FIX and go to the book in its ticks and lots, exactly; what does not fit is refused with a text that says what
//! would. What comes of a request, for whichever session, is appended to a list of [`Output`]s in the order in which it
//! happened.
//!
//! | file | what stands there |
//! |---|---|
//! | `request` `output` | what goes in, what comes out |
//! | `listings` | the instruments, by Symbol(55) or SecurityID(48) |
//! | `enter` | new orders, changes, cancellations and questions about one |
//! | `mass` | requests about many orders |
//! | `maker` `quoted` | the venue's own quotes, which are orders in the book; trades at those that one session was given |
//! | `day` | phases, the end of orders by their time, what is done by hand |
//! | `parts` | orders that are filled in parts |
//! | `held` | requests that wait for a person, and fills at a price that he chooses |
//! | `suspended` | orders that he takes out of trading for a while; the figures of a day that is over |
//! | `keep` `restore` | what has to be kept over a restart, and the venue of an earlier start |
//! | `view` `figures` | what can be seen: depth, trades, the figures of the day |

mod day;
mod enter;
mod figures;
mod held;
mod keep;
mod listings;
mod maker;
mod mass;
mod output;
mod parts;
mod quoted;
mod request;
mod restore;
mod suspended;
mod view;

use fix_core::time::UtcTimestamp;

pub use day::Unknown;
pub use figures::{DayFigures, DayPrices};
pub use held::Filling;
pub use keep::{Change, MarketState};
pub use mass::Meant;
pub use output::{Answer, Cancelled, Copied, ListStatus, MassCancel, NotCancelled, Output, Refused};
pub use parts::{InParts, later};
pub use request::{Cancel, Entry, Instrument, Named, Replace};
pub use restore::{Earlier, EarlierMarket, EarlierOrder, Steps};
pub use view::{Depth, Feed, Trade};

use super::{
    book::{Book, CancelReason, Event, OrderId, Owner, Phase, SelfMatch},
    orders::{self, Acknowledge, Command, Limits, OrderStates, Terms},
};
use day::Endings;
use listings::Listings;

/// The owner of the venue's own quotes. Nobody is told of them.
pub const MAKER: Owner = Owner(0);

/// Limit orders that the venue itself fills at their limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AtLimit {
    /// None.
    #[default]
    Never,
    /// Those for instruments that are not in the list.
    Unlisted,
    /// All of them, and orders of another kind are refused.
    All,
}

/// The rules that differ between venues.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rules {
    /// Only the instruments of the list are traded.
    pub only_listed: bool,
    /// Which limit orders the venue itself fills, at once and whole at their limit, while their instrument is open. All others
    /// rest until somebody crosses them.
    pub fills_at_limit: AtLimit,
    /// What is done where two orders of one session would trade with each other.
    pub self_match: SelfMatch,
    /// How much a session may have.
    pub limits: Limits,
}

/// The market of one instrument.
#[derive(Debug)]
struct Market {
    book: Book,
    /// Counts whatever changed the book.
    changes: u64,
    /// What market data shows of it.
    feed: Feed,
    /// The numbers of the maker's orders in it.
    quotes: Vec<OrderId>,
    /// It is halted, and goes on by itself: not for good, as by a person.
    is_paused: bool,
    /// It has changed since it was kept.
    has_changed: bool,
}

/// The venue.
#[derive(Debug)]
pub struct Venue {
    rules: Rules,
    /// Requests about one order are acknowledged as pending, and wait for a person to decide them.
    holds: bool,
    /// What becomes of orders cannot be kept at the moment: none are taken or replaced, those that are there trade on.
    keeps_nothing: bool,
    listings: Listings,
    /// By the [place](orders::Listing::place) of the instrument.
    markets: Vec<Market>,
    /// The phase that instruments begin in.
    phase: Phase,
    orders: OrderStates,
    endings: Endings,
    /// The latest time that was told.
    now: UtcTimestamp,
    trades: view::Tape,
    /// Of the maker's orders, given out so far.
    maker_ids: u64,
    changes: u64,
    phase_changes: u64,
    /// Orders that are filled in parts; `None`: each is filled as its book has it.
    parts: Option<Box<parts::Parts>>,
    /// What is to be kept; `None`: nothing is.
    keeping: Option<keep::Keeping>,
    // Used again and again.
    events: Vec<Event>,
    told: Vec<orders::Output>,
}

impl Venue {
    /// A venue that is open, with these instruments.
    pub fn new(rules: Rules, instruments: &[Instrument]) -> Self {
        let mut venue = Venue {
            rules,
            holds: false,
            keeps_nothing: false,
            listings: Listings::default(),
            markets: Vec::new(),
            phase: Phase::Open,
            orders: OrderStates::new(rules.limits),
            endings: Endings::default(),
            now: UtcTimestamp::default(),
            trades: view::Tape::default(),
            maker_ids: 0,
            changes: 0,
            phase_changes: 0,
            parts: None,
            keeping: None,
            events: Vec::new(),
            told: Vec::new(),
        };
        for instrument in instruments {
            venue.listings.add(instrument);
            venue.add_market();
        }
        venue
    }

    /// Whether what becomes of orders can be kept: while it cannot, none are taken or replaced.
    pub fn keeps(&mut self, keeps: bool) {
        self.keeps_nothing = !keeps;
    }

    fn acknowledge(&self) -> Acknowledge {
        if self.holds { Acknowledge::AsPending } else { Acknowledge::Not }
    }

    /// The market of the listing that was added last.
    fn add_market(&mut self) {
        let settings = super::book::Settings { orders: 16, levels: 16, self_match: self.rules.self_match };
        let mut book = Book::new(&settings);
        book.set_phase(self.phase, &mut self.events);
        self.events.clear();
        self.markets.push(Market {
            book,
            changes: 0,
            feed: Feed::True,
            quotes: Vec::new(),
            is_paused: false,
            has_changed: false,
        });
    }

    /// Decides what waits for an order, and tells what comes of it.
    fn decide(&mut self, id: OrderId, out: &mut Vec<Output>) {
        match self.parts {
            None => self.decide_whole(id, out),
            Some(_) => self.decide_part(id, None, out),
        }
    }

    /// The same, and its book gets all that it is to have.
    fn decide_whole(&mut self, id: OrderId, out: &mut Vec<Output>) {
        let command = self.orders.decide(id, &mut self.told);
        self.carry_out(id, command, out);
    }

    fn carry_out(&mut self, id: OrderId, command: Option<Command>, out: &mut Vec<Output>) {
        let Some(listing) = self.orders.listing(id) else { return };
        let place = listing.place;
        let Some(market) = self.markets.get_mut(place) else { return };
        match command {
            Some(Command::Enter(order)) => market.book.enter(&order, &mut self.events),
            Some(Command::Cancel(id)) => market.book.cancel(id, &mut self.events),
            Some(Command::Replace(id, change)) => market.book.replace(id, change, &mut self.events),
            None => {}
        }
        self.settle(place, out);
    }

    /// Takes what the book of this place has said.
    fn settle(&mut self, place: usize, out: &mut Vec<Output>) {
        if !self.events.is_empty() {
            self.touch(place);
        }
        let Venue { orders, events, told, trades, endings, .. } = self;
        let mut has_traded = false;
        for event in events.drain(..) {
            has_traded |= trades.record(place, event);
            orders.apply(event, told);
            if let Event::Triggered { id } = event {
                // Nothing is said of it, but the order stands elsewhere.
                orders.touch(id);
            }
        }
        for report in told.iter().filter_map(orders::Output::replaced) {
            if let (Some(id), Some(Terms { expires: Some(expires), .. })) = (report.order_id, &report.terms) {
                endings.add(*expires, id);
            }
        }
        out.extend(told.drain(..).map(Output::Order));
        if has_traded {
            self.keep_market(place);
        }
    }

    /// Who follows this market is to see that it has changed.
    fn touch(&mut self, place: usize) {
        self.changes += 1;
        if let Some(market) = self.markets.get_mut(place) {
            market.changes = self.changes;
        }
    }

    /// Time has come to `now`: orders whose time is over end, and the parts are filled that are due.
    pub fn advance(&mut self, now: UtcTimestamp, out: &mut Vec<Output>) {
        while let Some((at, id)) = self.due_part(now) {
            self.end_by(at, out);
            self.fill_part(id, out);
        }
        self.end_by(now, out);
    }

    fn end_by(&mut self, now: UtcTimestamp, out: &mut Vec<Output>) {
        self.now = now;
        while let Some(id) = self.endings.due(now) {
            // It may have been given more time since.
            if self.orders.expires(id).is_none_or(|expires| !day::is_over(expires, now)) {
                continue;
            }
            let Some(place) = self.orders.listing(id).map(|listing| listing.place) else { continue };
            if self.orders.is_live(id) {
                let Some(market) = self.markets.get_mut(place) else { continue };
                market.book.expire(id, &mut self.events);
            } else {
                self.orders.end_open(id, CancelReason::Expired, &mut self.told);
            }
            self.settle(place, out);
        }
    }
}
