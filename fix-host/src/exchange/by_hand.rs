//! The floor, as a person plays it: names as they stand in messages, for the numbers of the venue.

use fix_core::decimal::Decimal;
use serde_json::Number;

use super::{
    book::{Kind, OrderId, Phase, Quantity, Side, Ticks, TimeInForce},
    floor::Floor,
    orders::{Listing, Picture},
    venue::{Named, Output, Unknown, Venue},
};
use crate::contract::{
    by_hand::{
        Act, BookView, ByHand, InstrumentView, LevelView, MarketPhase, NotDone, VenueExecution, VenueOrder,
        VenueView,
    },
    number,
};

/// Prices of a book that are shown, of each side.
const MOST_LEVELS: usize = 100;

impl ByHand for Floor {
    fn venue(&self) -> VenueView {
        let sessions = self.sessions().into_iter().map(|(_, name)| name).collect();
        self.look(|venue| VenueView {
            phase: of_phase(venue.phase()),
            hold: venue.is_holding(),
            sessions,
            instruments: (0..venue.listings().len()).filter_map(|place| instrument(venue, place)).collect(),
        })
    }

    fn orders(&self, with_ended: bool) -> Vec<VenueOrder> {
        let sessions = self.sessions();
        let name = |order: &Picture<'_>| {
            let session = sessions.iter().find(|(owner, _)| *owner == order.owner);
            session.map(|(_, name)| name.clone()).unwrap_or_default()
        };
        self.look(|venue| {
            venue.orders(with_ended).iter().map(|order| self.order_view(order, name(order))).collect()
        })
    }

    fn book(&self, symbol: &str) -> Result<BookView, NotDone> {
        self.by_hand(|venue, _| {
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
            })
        })
    }

    fn act(&self, act: &Act) -> Result<(), NotDone> {
        let done = self.by_hand(|venue, out| self.carry_out(act, venue, out));
        if done.is_ok() {
            tracing::info!("by hand: {}", said(act));
        }
        done
    }
}

impl Floor {
    fn carry_out(&self, act: &Act, venue: &mut Venue, out: &mut Vec<Output>) -> Result<(), NotDone> {
        let of_order = |why: Unknown, named: &str| not_done(why, &format!("order {named:?}"));
        let of_execution = |why: Unknown, named: &str| not_done(why, &format!("execution {named:?}"));
        match act {
            Act::Accept { order } => {
                let id = self.order(venue, order)?;
                venue.accept(id, out).map_err(|why| of_order(why, order))
            }
            Act::Reject { order, text } => {
                let id = self.order(venue, order)?;
                venue.refuse_by_hand(id, text, out).map_err(|why| of_order(why, order))
            }
            Act::Fill { order, qty, price } => {
                let id = self.order(venue, order)?;
                venue.fill_by_hand(id, *price, *qty, out).map_err(|why| of_order(why, order))
            }
            Act::Cancel { order } => {
                let id = self.order(venue, order)?;
                venue.cancel_by_hand(id, out).map_err(|why| of_order(why, order))
            }
            Act::Stop { order } => {
                let id = self.order(venue, order)?;
                venue.stop(id, out).map_err(|why| of_order(why, order))
            }
            Act::Bust { execution } => {
                let id = self.execution(execution)?;
                venue.bust(id, out).map_err(|why| of_execution(why, execution))
            }
            Act::Correct { execution, qty, price } => {
                let id = self.execution(execution)?;
                venue.correct(id, *price, *qty, out).map_err(|why| of_execution(why, execution))
            }
            Act::Phase { phase, symbol: None } => {
                venue.set_phase(phase_of(*phase), out);
                Ok(())
            }
            Act::Phase { phase, symbol: Some(symbol) } => {
                let place = place(venue, symbol)?;
                venue.set_phase_of(place, phase_of(*phase), out);
                Ok(())
            }
            Act::Hold(holds) => {
                venue.hold(*holds);
                Ok(())
            }
        }
    }

    /// The number of an order.
    fn order(&self, venue: &Venue, named: &str) -> Result<OrderId, NotDone> {
        if let Some(number) = self.ids().order_number(named) {
            return Ok(OrderId(number));
        }
        let orders = venue.orders(true);
        let waits = |order: &Picture<'_>| order.waits.is_some_and(|(_, cl_ord_id)| cl_ord_id == named);
        let mut meant = orders.iter().filter(|order| order.cl_ord_id == named || waits(order));
        match (meant.next(), meant.next()) {
            (Some(order), None) => Ok(order.id),
            (Some(_), Some(_)) => Err(NotDone::Refused(format!(
                "several sessions have an order with the ClOrdID {named:?}; name it by its OrderID"
            ))),
            (None, _) => Err(NotDone::Unknown(format!("no order has the OrderID or ClOrdID {named:?}"))),
        }
    }

    fn execution(&self, named: &str) -> Result<u64, NotDone> {
        let unknown = || NotDone::Unknown(format!("no execution has the ExecID {named:?}"));
        self.ids().execution_number(named).ok_or_else(unknown)
    }

    fn order_view(&self, order: &Picture<'_>, session: String) -> VenueOrder {
        let terms = order.terms;
        let listing = &terms.listing;
        let (ord_type, limit, stop) = match terms.kind {
            Kind::Market => ("MARKET", None, None),
            Kind::MarketToLimit => ("MARKET WITH LEFTOVER AS LIMIT", None, None),
            Kind::Limit(limit) => ("LIMIT", Some(limit), None),
            Kind::Stop(stop) => ("STOP", None, Some(stop)),
            Kind::StopLimit { stop, limit } => ("STOP LIMIT", Some(limit), Some(stop)),
        };
        VenueOrder {
            order_id: self.ids().order(order.id.0).to_string(),
            session,
            cl_ord_id: order.cl_ord_id.to_owned(),
            symbol: listing.symbol.to_string(),
            side: if terms.side == Side::Buy { "BUY" } else { "SELL" },
            ord_type,
            time_in_force: time_in_force(terms.time_in_force, terms.expires.is_some()),
            price: limit.map(|limit| price(listing, limit)),
            stop_px: stop.map(|stop| price(listing, stop)),
            order_qty: qty(listing, terms.qty),
            cum_qty: qty(listing, order.cum_qty),
            leaves_qty: qty(listing, order.leaves_qty),
            avg_px: number::json(order.avg_px),
            ord_status: order.ord_status.name().unwrap_or("?"),
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
        last: shown(depth.book.last_price()),
    })
}

fn place(venue: &mut Venue, symbol: &str) -> Result<usize, NotDone> {
    venue.find(Named::symbol(symbol)).ok_or_else(|| no_instrument(symbol))
}

fn no_instrument(symbol: &str) -> NotDone {
    NotDone::Unknown(format!("no instrument has the Symbol {symbol:?}"))
}

fn not_done(why: Unknown, what: &str) -> NotDone {
    let text = format!("{what}: {why}");
    match why {
        Unknown::Order | Unknown::Execution | Unknown::Instrument => NotDone::Unknown(text),
        Unknown::Value(_) | Unknown::Request | Unknown::Price | Unknown::Closed => NotDone::Refused(text),
    }
}

/// An act in the words of the log; what was named comes from outside.
fn said(act: &Act) -> String {
    match act {
        Act::Accept { order } => format!("accept {order:?}"),
        Act::Reject { order, text } => format!("reject {order:?}: {text:?}"),
        Act::Fill { order, qty, price } => {
            let shown = |value: &Option<Decimal>, word| {
                value.map_or(String::new(), |value| format!(" {word} {value}"))
            };
            format!("fill {order:?}{}{}", shown(qty, "with"), shown(price, "at"))
        }
        Act::Cancel { order } => format!("cancel {order:?}"),
        Act::Stop { order } => format!("stop {order:?}"),
        Act::Bust { execution } => format!("bust {execution:?}"),
        Act::Correct { execution, qty, price } => format!("correct {execution:?} to {qty} at {price}"),
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

fn time_in_force(time_in_force: TimeInForce, has_date: bool) -> &'static str {
    match time_in_force {
        TimeInForce::Day => "DAY",
        TimeInForce::GoodTill if has_date => "GTD",
        TimeInForce::GoodTill => "GTC",
        TimeInForce::ImmediateOrCancel => "IOC",
        TimeInForce::FillOrKill => "FOK",
        TimeInForce::AtOpening => "AT THE OPENING",
        TimeInForce::AtClose => "AT THE CLOSE",
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

fn phase_of(phase: MarketPhase) -> Phase {
    match phase {
        MarketPhase::Close => Phase::Closed,
        MarketPhase::PreOpen => Phase::PreOpen,
        MarketPhase::Open => Phase::Open,
        MarketPhase::Halt => Phase::Halted,
        MarketPhase::PreClose => Phase::Closing,
    }
}
