//! The floor, as a person plays it: names as they stand in messages, for the numbers of the venue.

use fix_core::{decimal::Decimal, dict::fix44::code};
use serde_json::Number;

use super::{
    book::{OrderId, Owner, Phase, Quantity, Side, Ticks},
    floor::Floor,
    orders::{Listing, Picture},
    venue::{Filling, MAKER, Named, Output, Unknown, Venue},
};
use crate::contract::{
    by_hand::{
        Act, BookView, ByHand, Done, InstrumentView, LevelView, MarketPhase, NotDone, OrderJournal,
        VenueExecution, VenueOrder, VenueView,
    },
    number,
};

/// Prices of a book that are shown, of each side.
const MOST_LEVELS: usize = 100;

impl ByHand for Floor {
    fn venue(&self) -> VenueView {
        let journal = self.order_journal();
        let sessions = self.sessions();
        self.look(|venue| VenueView {
            phase: of_phase(venue.phase()),
            hold: venue.is_holding(),
            journal,
            sessions,
            instruments: (0..venue.listings().len()).filter_map(|place| instrument(venue, place)).collect(),
        })
    }

    fn journal(&self) -> OrderJournal {
        self.order_journal()
    }

    fn orders(&self, with_ended: bool) -> Vec<VenueOrder> {
        let orders: Vec<_> = self.look(|venue| {
            let orders = venue.orders(with_ended);
            orders.iter().map(|order| (order.owner, self.order_view(order))).collect()
        });
        let sessions = self.sessions();
        let named = |(owner, order)| VenueOrder { session: name_of(&sessions, owner), ..order };
        orders.into_iter().map(named).collect()
    }

    fn book(&self, symbol: &str) -> Result<BookView, NotDone> {
        self.look(|venue| {
            let place = place(venue, symbol)?;
            let depth = venue.depth(place).ok_or_else(|| no_instrument(symbol))?;
            let listing = depth.listing;
            let levels = |side| {
                let levels = depth.book.depth(side).take(MOST_LEVELS);
                let shown = levels.map(|level| LevelView {
                    price: price(listing, level.price),
                    qty: qty(listing, level.qty),
                    orders: level.orders,
                });
                shown.collect()
            };
            Ok(BookView {
                symbol: listing.symbol.to_string(),
                phase: of_phase(depth.book.phase()),
                bids: levels(Side::Buy),
                asks: levels(Side::Sell),
                in_32nds: number::is_in_32nds(listing.tick),
            })
        })
    }

    fn act(&self, act: &Act) -> Result<Done, NotDone> {
        let (owner, mut done) = self.by_hand(|venue, out| self.carry_out(act, venue, out))?;
        if let Done::Order(order) = &mut done {
            order.session = name_of(&self.sessions(), owner);
        }
        tracing::info!("by hand: {}", said(act));
        Ok(done)
    }
}

impl Floor {
    /// Does what is asked. How things stand then, and whose the order is, whose session has no name yet.
    fn carry_out(
        &self,
        act: &Act,
        venue: &mut Venue,
        out: &mut Vec<Output>,
    ) -> Result<(Owner, Done), NotDone> {
        let id = match act {
            Act::Accept { order } => self.of_order(venue, order, |venue, id| venue.accept(id, out)),
            Act::Reject { order, text } => {
                self.of_order(venue, order, |venue, id| venue.refuse_by_hand(id, text, out))
            }
            Act::Fill { order, qty, price, beyond_limit } => self.of_order(venue, order, |venue, id| {
                let asked = Filling { price: *price, qty: *qty, beyond_limit: *beyond_limit };
                venue.fill_by_hand(id, asked, out)
            }),
            Act::Cancel { order } => self.of_order(venue, order, |venue, id| venue.cancel_by_hand(id, out)),
            Act::Stop { order } => self.of_order(venue, order, |venue, id| venue.stop(id, out)),
            Act::Suspend { order } => self.of_order(venue, order, |venue, id| venue.suspend(id, out)),
            Act::Resume { order } => self.of_order(venue, order, |venue, id| venue.resume(id, out)),
            Act::Bust { execution } => {
                self.of_execution(venue, execution, |venue, number| venue.bust(number, out))
            }
            Act::Correct { execution, qty, price, beyond_limit } => {
                self.of_execution(venue, execution, |venue, number| {
                    venue.correct(number, *price, *qty, *beyond_limit, out)
                })
            }
            Act::Phase { phase, symbol } => {
                match symbol {
                    None => venue.set_phase(phase_of(*phase), out),
                    Some(symbol) => {
                        let place = place(venue, symbol)?;
                        venue.set_phase_of(place, phase_of(*phase), out);
                    }
                }
                return Ok((MAKER, Done::Phase { phase: *phase, symbol: symbol.clone() }));
            }
            Act::Calculate => {
                let count = venue.calculate(out).map_err(|why| not_done(why, "calculate"))?;
                return Ok((MAKER, Done::Calculated(count)));
            }
            Act::Hold(holds) => {
                venue.hold(*holds);
                return Ok((MAKER, Done::Hold(*holds)));
            }
        }?;
        let order = venue.order(id).ok_or_else(|| no_order(&self.ids().order(id.0).to_string()))?;
        Ok((order.owner, Done::Order(Box::new(self.order_view(&order)))))
    }

    /// Does something about an order. Its number.
    fn of_order(
        &self,
        venue: &mut Venue,
        named: &str,
        act: impl FnOnce(&mut Venue, OrderId) -> Result<(), Unknown>,
    ) -> Result<OrderId, NotDone> {
        let id = self.order(venue, named)?;
        let outcome = act(venue, id);
        outcome.map_err(|why| {
            match venue.order(id).filter(|order| why == Unknown::Order && order.leaves_qty == 0) {
                Some(order) => {
                    let state = order.ord_status.name().unwrap_or("?");
                    NotDone::Refused(format!("order {named:?} has come to its end: it is {state}"))
                }
                None => not_done(why, &format!("order {named:?}")),
            }
        })?;
        Ok(id)
    }

    /// Does something about an execution. The number of its order.
    fn of_execution(
        &self,
        venue: &mut Venue,
        named: &str,
        act: impl FnOnce(&mut Venue, u64) -> Result<(), Unknown>,
    ) -> Result<OrderId, NotDone> {
        let unknown = || {
            NotDone::Unknown(format!(
                "no execution has the ExecID {named:?}, or it was taken back, or corrected: it has the ExecID of its correction then"
            ))
        };
        let number = self.ids().execution_number(named).ok_or_else(unknown)?;
        let order = venue.of_execution(number).ok_or_else(unknown)?;
        act(venue, number).map_err(|why| not_done(why, &format!("execution {named:?}")))?;
        Ok(order)
    }

    /// The number of an order.
    fn order(&self, venue: &Venue, named: &str) -> Result<OrderId, NotDone> {
        if let Some(number) = self.ids().order_number(named) {
            return Ok(OrderId(number));
        }
        let mut meant = venue.known(named);
        match (meant.next(), meant.next()) {
            (Some(id), None) => Ok(id),
            (Some(_), Some(_)) => Err(NotDone::Refused(format!(
                "several sessions have an order with the ClOrdID {named:?}; name it by its OrderID"
            ))),
            (None, _) => Err(no_order(named)),
        }
    }

    /// An order as it is, but for the name of its session.
    fn order_view(&self, order: &Picture<'_>) -> VenueOrder {
        let terms = order.terms;
        let listing = &terms.listing;
        VenueOrder {
            order_id: self.ids().order(order.id.0).to_string(),
            session: String::new(),
            cl_ord_id: order.cl_ord_id.to_owned(),
            symbol: listing.symbol.to_string(),
            side: match terms.side() {
                code::Side::BUY => "BUY",
                code::Side::SELL_SHORT => "SELL SHORT",
                code::Side::SELL_SHORT_EXEMPT => "SELL SHORT EXEMPT",
                _ => "SELL",
            },
            ord_type: ord_type(terms.ord_type()),
            time_in_force: time_in_force(terms.time_in_force()),
            price: terms.limit().map(|limit| price(listing, limit)),
            stop_px: terms.stop().map(|stop| price(listing, stop)),
            order_qty: qty(listing, order.order_qty),
            cum_qty: qty(listing, order.cum_qty),
            leaves_qty: qty(listing, order.leaves_qty),
            avg_px: number::json(order.avg_px),
            ord_status: order.ord_status.name().unwrap_or("?"),
            suspended: order.is_suspended(),
            waits: order.waits.map(|(msg_type, _)| match msg_type {
                "D" => "NEW",
                "F" => "CANCEL",
                _ => "REPLACE",
            }),
            executions: order
                .executions()
                .map(|execution| VenueExecution {
                    exec_id: self.ids().execution(execution.exec_id).to_string(),
                    last_qty: qty(listing, execution.qty),
                    last_px: price(listing, execution.price),
                })
                .collect(),
        }
    }
}

fn instrument(venue: &Venue, place: usize) -> Option<InstrumentView> {
    let depth = venue.depth(place)?;
    let shown = |ticks: Option<Ticks>| ticks.map(|ticks| price(depth.listing, ticks));
    Some(InstrumentView {
        symbol: depth.listing.symbol.to_string(),
        phase: of_phase(depth.book.phase()),
        bid: shown(depth.book.best(Side::Buy)),
        ask: shown(depth.book.best(Side::Sell)),
        last: shown(venue.day(place).and_then(|day| day.last).map(|(price, _)| price)),
        in_32nds: number::is_in_32nds(depth.listing.tick),
    })
}

fn place(venue: &Venue, symbol: &str) -> Result<usize, NotDone> {
    venue.find(Named::Symbol(symbol)).ok_or_else(|| no_instrument(symbol))
}

fn no_order(named: &str) -> NotDone {
    NotDone::Unknown(format!("no order has the OrderID or ClOrdID {named:?}"))
}

/// The name of a session by its owner, whose numbers begin with one.
fn name_of(sessions: &[String], owner: Owner) -> String {
    let session = (owner.0 as usize).checked_sub(1).and_then(|at| sessions.get(at));
    session.cloned().unwrap_or_default()
}

fn no_instrument(symbol: &str) -> NotDone {
    NotDone::Unknown(format!("no instrument has the Symbol {symbol:?}"))
}

fn not_done(why: Unknown, what: &str) -> NotDone {
    let text = format!("{what}: {why}");
    match why {
        Unknown::Order | Unknown::Execution => NotDone::Unknown(text),
        Unknown::Value(_)
        | Unknown::Suspended
        | Unknown::NotSuspended
        | Unknown::NotAccepted
        | Unknown::NotClosed
        | Unknown::Request
        | Unknown::Price
        | Unknown::BeyondLimit { .. }
        | Unknown::Closed
        | Unknown::NotInBook => NotDone::Refused(text),
    }
}

/// An act in the words of the log; what was named comes from outside.
fn said(act: &Act) -> String {
    match act {
        Act::Accept { order } => format!("accept {order:?}"),
        Act::Reject { order, text } => format!("reject {order:?}: {text:?}"),
        Act::Fill { order, qty, price, .. } => {
            let shown = |value: &Option<Decimal>, word| {
                value.map_or(String::new(), |value| format!(" {word} {value}"))
            };
            format!("fill {order:?}{}{}", shown(qty, "with"), shown(price, "at"))
        }
        Act::Cancel { order } => format!("cancel {order:?}"),
        Act::Stop { order } => format!("stop {order:?}"),
        Act::Suspend { order } => format!("suspend {order:?}"),
        Act::Resume { order } => format!("resume {order:?}"),
        Act::Calculate => "calculate".to_owned(),
        Act::Bust { execution } => format!("bust {execution:?}"),
        Act::Correct { execution, qty, price, .. } => format!("correct {execution:?} to {qty} at {price}"),
        Act::Phase { phase, symbol } => {
            format!(
                "phase {phase:?} of {}",
                symbol.as_deref().map_or("all".to_owned(), |one| format!("{one:?}"))
            )
        }
        Act::Hold(true) => "requests are held from now on".to_owned(),
        Act::Hold(false) => "requests are held no longer".to_owned(),
    }
}

/// OrdType(40) in words.
fn ord_type(ord_type: code::OrdType) -> &'static str {
    match ord_type {
        code::OrdType::MARKET_WITH_LEFT_OVER_AS_LIMIT => "MARKET WITH LEFTOVER AS LIMIT",
        code::OrdType::STOP_LIMIT => "STOP LIMIT",
        other => other.name().unwrap_or("?"),
    }
}

/// TimeInForce(59) in words.
fn time_in_force(time_in_force: code::TimeInForce) -> &'static str {
    match time_in_force {
        code::TimeInForce::GOOD_TILL_CANCEL => "GTC",
        code::TimeInForce::GOOD_TILL_DATE => "GTD",
        code::TimeInForce::IMMEDIATE_OR_CANCEL => "IOC",
        code::TimeInForce::FILL_OR_KILL => "FOK",
        code::TimeInForce::AT_THE_OPENING => "AT THE OPENING",
        code::TimeInForce::AT_THE_CLOSE => "AT THE CLOSE",
        other => other.name().unwrap_or("?"),
    }
}

fn price(listing: &Listing, ticks: Ticks) -> Number {
    number::json(listing.price(ticks))
}

fn qty(listing: &Listing, lots: Quantity) -> Number {
    number::json(listing.qty(lots))
}

fn of_phase(phase: Phase) -> MarketPhase {
    match phase {
        Phase::Closed => MarketPhase::Close,
        Phase::PreOpen => MarketPhase::PreOpen,
        Phase::Open => MarketPhase::Open,
        Phase::Halted => MarketPhase::Halt,
        Phase::Closing => MarketPhase::PreClose,
    }
}

pub(super) fn phase_of(phase: MarketPhase) -> Phase {
    match phase {
        MarketPhase::Close => Phase::Closed,
        MarketPhase::PreOpen => Phase::PreOpen,
        MarketPhase::Open => Phase::Open,
        MarketPhase::Halt => Phase::Halted,
        MarketPhase::PreClose => Phase::Closing,
    }
}
