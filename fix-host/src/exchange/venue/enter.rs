//! Requests about one order.

use std::{borrow::Cow, sync::Arc};

use fix_core::{
    decimal::Decimal,
    dict::fix44::code::{self, CxlRejResponseTo, OrdRejReason},
    tag::{self, Tag},
    time::UtcTimestamp,
};

use super::{
    AtLimit, Output, Venue,
    day::is_over,
    held::Fill,
    listings::NotFound,
    output::Refused,
    request::{Cancel, Entry, Named, Replace},
};
use crate::exchange::{
    book::{Book, Kind, OrderId, Owner, Phase, Quantity, Ticks, TimeInForce},
    orders::{self, Expires, Lasts, Listing, NewRequest, OffGrid, ReplaceRequest, Report, Terms},
};

/// Why an order cannot go to a book: OrdRejReason(103) and Text(58).
pub(super) type Objection = (OrdRejReason, Cow<'static, str>);

/// Why nothing is taken while nothing can be kept.
const KEEPS_NOTHING: &str = "the exchange cannot write its journal of orders at the moment: orders are neither taken nor replaced, only cancelled";

/// Why an order is neither taken nor replaced whose end has come.
const OVER: &str = "its ExpireTime(126) or ExpireDate(432) is over already";

impl Venue {
    /// Takes a new order. Returns its number if it is one, whatever has become of it since.
    pub fn enter(&mut self, owner: Owner, entry: &Entry<'_>, out: &mut Vec<Output>) -> Option<OrderId> {
        let request = match self.new_request(entry) {
            Ok(request) => request,
            Err((reason, text)) => {
                self.refuse(owner, entry, reason, text.into_owned(), out);
                return None;
            }
        };
        let expires = request.terms.expires;
        let fill = self.own_fill(&request);
        let acknowledge = self.acknowledge();
        let id = self.orders.enter(owner, request, acknowledge, &mut self.told);
        let Some(id) = id else {
            out.extend(self.told.drain(..).map(Output::Order));
            return None;
        };
        if let Some(expires) = expires {
            self.endings.add(expires, id);
            self.endings.forget(|id| self.orders.open(id) > 0);
        }
        match fill.filter(|_| !self.holds) {
            Some(fill) => self.accept_filled(id, fill, out),
            None => self.decide_held(id, out),
        }
        Some(id)
    }

    /// Takes a request to cancel an order of this instrument and side. That of another order is refused: who asks for it means
    /// something else than its OrigClOrdID(41) says.
    pub fn cancel_such(
        &mut self,
        owner: Owner,
        request: Cancel,
        instrument: Named<'_>,
        side: code::Side,
        out: &mut Vec<Output>,
    ) {
        let id = self.orders.known(owner, &request.orig_cl_ord_id);
        let terms = id.and_then(|id| self.orders.terms(id));
        let text = match terms {
            Some(terms) if self.find(instrument) != Some(terms.listing.place) => {
                format!("{instrument} is not that of the order, which is for {}", terms.listing.symbol)
            }
            Some(terms) if terms.side() != side => {
                format!("{} {side} is not that of the order, which has {}", tag::SIDE, terms.side())
            }
            _ => return self.cancel(owner, request, out),
        };
        let response_to = CxlRejResponseTo::ORDER_CANCEL_REQUEST;
        self.orders.refuse_request(owner, request, response_to, text.into(), &mut self.told);
        out.extend(self.told.drain(..).map(Output::Order));
    }

    /// Takes a request to cancel.
    pub fn cancel(&mut self, owner: Owner, request: Cancel, out: &mut Vec<Output>) {
        let acknowledge = self.acknowledge();
        let id = self.orders.cancel(owner, request, acknowledge, &mut self.told);
        match id {
            // It may have been held before requests were held no longer.
            Some(id) if self.holds || !self.orders.withdraw(id, &mut self.told) => self.decide_held(id, out),
            _ => out.extend(self.told.drain(..).map(Output::Order)),
        }
    }

    /// Takes a request to replace.
    pub fn replace(&mut self, owner: Owner, request: &Replace<'_>, out: &mut Vec<Output>) {
        let Replace { orig_cl_ord_id, entry, .. } = request;
        let id = self.orders.known(owner, orig_cl_ord_id);
        let listing = id.and_then(|id| self.orders.listing(id)).cloned();
        let (cl_ord_id, orig_cl_ord_id) = (Arc::clone(&entry.cl_ord_id), Arc::clone(orig_cl_ord_id));
        let unchanged = ReplaceRequest {
            cl_ord_id,
            orig_cl_ord_id,
            qty: 0,
            price: None,
            stop: None,
            display_qty: None,
            lasts: None,
        };
        let target = match (id, &listing) {
            (Some(id), Some(listing)) => self.target(id, listing, request, &unchanged),
            // Of an unknown order nothing else matters.
            _ => Ok(unchanged.clone()),
        };
        let request = match target {
            Ok(target) => target,
            Err((_, text)) => {
                let ReplaceRequest { cl_ord_id, orig_cl_ord_id, .. } = unchanged;
                let request = Cancel { cl_ord_id, orig_cl_ord_id };
                let response_to = CxlRejResponseTo::ORDER_CANCEL;
                self.orders.refuse_request(owner, request, response_to, text, &mut self.told);
                return out.extend(self.told.drain(..).map(Output::Order));
            }
        };
        let acknowledge = self.acknowledge();
        let id = self.orders.replace(owner, request, acknowledge, &mut self.told);
        match id {
            Some(id) => self.decide_held(id, out),
            None => out.extend(self.told.drain(..).map(Output::Order)),
        }
    }

    /// Tells how the order stands that a request of this ClOrdID(11) was about, if there was one: it may have been sent before.
    pub fn tell_known(&mut self, owner: Owner, cl_ord_id: &Arc<str>, out: &mut Vec<Output>) -> bool {
        let is_known = self.orders.refuse_known(owner, cl_ord_id, true, &mut self.told);
        out.extend(self.told.drain(..).map(Output::Order));
        is_known
    }

    /// True if a session has, or had, an order of this ClOrdID(11).
    pub fn is_known(&self, owner: Owner, cl_ord_id: &str) -> bool {
        self.orders.known(owner, cl_ord_id).is_some()
    }

    /// Tells how an order stands.
    pub fn status(&mut self, owner: Owner, cl_ord_id: &str) -> Report {
        self.orders.status(owner, cl_ord_id)
    }

    /// Tells of an order that was never here.
    pub fn unknown(&mut self, owner: Owner, cl_ord_id: &str) -> Report {
        self.orders.unknown(owner, cl_ord_id)
    }

    /// The next ExecID(17), or number of an answer.
    pub fn exec_id(&mut self) -> u64 {
        self.orders.exec_id()
    }

    /// Decides a request, unless it is held for a person.
    fn decide_held(&mut self, id: OrderId, out: &mut Vec<Output>) {
        if self.holds(out) {
            return;
        }
        // What was held before requests were held no longer comes first: a request overtakes no other about its order.
        for _ in 0..self.orders.waiting(id) {
            self.decide(id, out);
        }
    }

    /// An order in the book's terms.
    pub(super) fn new_request(&mut self, entry: &Entry<'_>) -> Result<NewRequest, Objection> {
        if self.keeps_nothing {
            return Err((OrdRejReason::OTHER, KEEPS_NOTHING.into()));
        }
        refuse_unsupported(entry)?;
        let only_listed = self.rules.only_listed;
        let (listing, is_new) =
            self.listings.find_or_add(entry.instrument, only_listed).map_err(|why| match why {
                NotFound::Unknown => {
                    (OrdRejReason::UNKNOWN_SYMBOL, format!("{} is not traded here", entry.instrument).into())
                }
                NotFound::TooMany => (
                    OrdRejReason::UNKNOWN_SYMBOL,
                    format!("{} would be one more instrument than there is room for", entry.instrument)
                        .into(),
                ),
            })?;
        if is_new {
            self.add_market();
            self.keep_market(listing.place);
        }
        let kind = kind(entry, &listing)?;
        check_price_type(entry, &listing)?;
        if self.rules.fills_at_limit == AtLimit::All && !matches!(kind, Kind::Limit(_)) {
            return Err((
                OrdRejReason::UNSUPPORTED_ORDER_CHARACTERISTIC,
                "only limit orders are taken here".into(),
            ));
        }
        let (time_in_force, expires) = time_in_force(entry)?;
        if expires.is_some_and(|expires| is_over(expires, self.now)) {
            return Err((OrdRejReason::TOO_LATE_TO_ENTER, OVER.into()));
        }
        let max_floor = entry.max_floor.filter(|qty| !qty.is_zero());
        Ok(NewRequest {
            cl_ord_id: Arc::clone(&entry.cl_ord_id),
            qty: lots(&listing, tag::ORDER_QTY, entry.qty)?,
            terms: Terms {
                side: entry.side,
                kind,
                time_in_force,
                expires,
                min_qty: entry.min_qty.map_or(Ok(0), |qty| lots(&listing, tag::MIN_QTY, qty))?,
                display_qty: max_floor.map_or(Ok(0), |qty| lots(&listing, tag::MAX_FLOOR, qty))?,
                echo: entry.echo.clone(),
                listing,
            },
            poss_resend: entry.poss_resend,
        })
    }

    /// What an order is to be, in the book's terms.
    fn target(
        &mut self,
        id: OrderId,
        listing: &Arc<Listing>,
        request: &Replace<'_>,
        unchanged: &ReplaceRequest,
    ) -> Result<ReplaceRequest, Objection> {
        let entry = &request.entry;
        if self.keeps_nothing {
            return Err((OrdRejReason::OTHER, KEEPS_NOTHING.into()));
        }
        refuse_unsupported(entry)?;
        let fixed = |what: &str| {
            let text = format!("{what} cannot be replaced: cancel the order and enter another");
            Err((OrdRejReason::OTHER, text.into()))
        };
        if self.find(entry.instrument) != Some(listing.place) {
            return fixed("the instrument (Symbol(55), or SecurityID(48))");
        }
        let Some(terms) = self.orders.terms(id) else { return fixed("it") };
        if terms.side() != entry.echo.side(entry.side) {
            return fixed("Side(54)");
        }
        check_price_type(entry, listing)?;
        if terms.echo.price_type.is_some_and(|is| entry.echo.price_type.is_some_and(|to| to != is)) {
            return fixed("PriceType(423)");
        }
        if entry.echo.account.is_some() && terms.echo.account != entry.echo.account {
            return fixed("Account(1)");
        }
        if terms.ord_type() != entry.ord_type {
            return fixed("OrdType(40)");
        }
        let min_qty = entry.min_qty.map(|qty| lots(listing, tag::MIN_QTY, qty)).transpose()?;
        if min_qty.is_some_and(|min_qty| min_qty != terms.min_qty) {
            return fixed("MinQty(110)");
        }
        let lasts = lasts(terms, request, self.now)?;
        let (price, stop) = match kind(entry, listing)? {
            Kind::Limit(limit) => (Some(limit), None),
            Kind::Stop(stop) => (None, Some(stop)),
            Kind::StopLimit { stop, limit } => (Some(limit), Some(stop)),
            Kind::Market | Kind::MarketToLimit => (None, None),
        };
        let qty = lots(listing, tag::ORDER_QTY, entry.qty)?;
        let display_qty = entry.max_floor.map(|qty| lots(listing, tag::MAX_FLOOR, qty)).transpose()?;
        // A trigger that has done its work stays as it was.
        let waits = |book: &Book| book.order(id).is_some_and(|order| order.stop.is_some());
        let stop = stop.filter(|_| self.markets.get(listing.place).is_some_and(|market| waits(&market.book)));
        Ok(ReplaceRequest { qty, price, stop, display_qty, lasts, ..unchanged.clone() })
    }

    /// Refuses an order that does not come to a book, unless its ClOrdID says that it is here already.
    pub fn refuse(
        &mut self,
        owner: Owner,
        entry: &Entry<'_>,
        reason: OrdRejReason,
        text: String,
        out: &mut Vec<Output>,
    ) {
        if self.orders.refuse_known(owner, &entry.cl_ord_id, entry.poss_resend, &mut self.told) {
            return out.extend(self.told.drain(..).map(Output::Order));
        }
        let (symbol, security_id) = match entry.instrument {
            Named::Symbol(symbol) => (symbol.to_owned(), None),
            Named::Id(id, source) => (String::new(), Some((id.to_owned(), source.map(str::to_owned)))),
        };
        out.push(Output::Refused(Box::new(Refused {
            owner,
            exec_id: self.orders.exec_id(),
            cl_ord_id: Arc::clone(&entry.cl_ord_id),
            symbol,
            security_id,
            side: entry.echo.side(entry.side),
            echo: entry.echo.clone(),
            ord_type: entry.ord_type,
            price: entry.price,
            order_qty: entry.qty,
            reason,
            text,
        })));
    }

    /// What the venue itself trades with an order, where its rules say so.
    fn own_fill(&self, request: &NewRequest) -> Option<Fill> {
        let NewRequest { terms: Terms { listing, kind: Kind::Limit(price), .. }, qty, .. } = request else {
            return None;
        };
        let is_meant = match self.rules.fills_at_limit {
            AtLimit::Never => false,
            AtLimit::Unlisted => !listing.is_listed,
            AtLimit::All => true,
        };
        let is_open = || self.phase_of(listing.place) == Some(Phase::Open);
        (is_meant && is_open() && *qty > 0).then_some(Fill { place: listing.place, price: *price, qty: *qty })
    }
}

fn refuse_unsupported(entry: &Entry<'_>) -> Result<(), Objection> {
    match &entry.unsupported {
        Some(text) => Err((OrdRejReason::UNSUPPORTED_ORDER_CHARACTERISTIC, text.clone().into())),
        None => Ok(()),
    }
}

/// OrdType(40) with the prices that it needs.
fn kind(entry: &Entry<'_>, listing: &Listing) -> Result<Kind, Objection> {
    let price = || ticks(listing, tag::PRICE, entry.price);
    let stop = || ticks(listing, tag::STOP_PX, entry.stop_px);
    orders::kind(entry.ord_type, price, stop)?.ok_or_else(|| {
        let value = char::from(entry.ord_type.0);
        let text = format!("OrdType(40)={value} is not taken here; 1, 2, 3, 4 and K are");
        (OrdRejReason::UNSUPPORTED_ORDER_CHARACTERISTIC, text.into())
    })
}

/// Refuses an order whose PriceType(423) makes another number of its price than the instrument's prices are.
fn check_price_type(entry: &Entry<'_>, listing: &Listing) -> Result<(), Objection> {
    use code::PriceType;
    let Some(said) = entry.echo.price_type else { return Ok(()) };
    let (is_right, right) = match listing.price_type {
        Some(right) => (said == right, right.0.to_string()),
        // How else a price can be one.
        None => (
            [PriceType::PERCENTAGE, PriceType::PER_UNIT, PriceType::FIXED_AMOUNT].contains(&said),
            "1, 2 or 3".to_owned(),
        ),
    };
    if is_right {
        return Ok(());
    }
    let text = format!("PriceType(423)={} is not taken for {} here; {right} is", said.0, listing.symbol);
    Err((OrdRejReason::OTHER, text.into()))
}

/// TimeInForce(59), with the end of an order that is good till a date.
fn time_in_force(entry: &Entry<'_>) -> Result<(TimeInForce, Option<Expires>), Objection> {
    let Some(time_in_force) = orders::time_in_force(entry.time_in_force) else {
        let value = char::from(entry.time_in_force.0);
        let text = format!("TimeInForce(59)={value} is not taken here; 0, 1, 2, 3, 4, 6 and 7 are");
        return Err((OrdRejReason::UNSUPPORTED_ORDER_CHARACTERISTIC, text.into()));
    };
    let has_date = entry.time_in_force == code::TimeInForce::GOOD_TILL_DATE;
    if has_date && entry.expires.is_none() {
        let text = "TimeInForce(59)=6 needs an ExpireDate(432) or ExpireTime(126)";
        return Err((OrdRejReason::OTHER, text.into()));
    }
    Ok((time_in_force, entry.expires.filter(|_| has_date)))
}

/// How long an order is to last, if a request to replace it says so.
fn lasts(terms: &Terms, request: &Replace<'_>, now: UtcTimestamp) -> Result<Option<Lasts>, Objection> {
    let other = |text: &'static str| Err((OrdRejReason::OTHER, text.into()));
    let mut entry = request.entry.clone();
    if request.keeps_time {
        if entry.expires.is_none() {
            return Ok(None);
        }
        entry.time_in_force = terms.time_in_force();
    }
    if entry.time_in_force == terms.time_in_force() {
        entry.expires = entry.expires.or(terms.expires);
    }
    let (time_in_force, expires) = time_in_force(&entry)?;
    if entry.expires != expires {
        return other("ExpireTime(126) and ExpireDate(432) need TimeInForce(59)=6");
    }
    let is_lasting = |time| matches!(time, TimeInForce::Day | TimeInForce::GoodTill);
    if !is_lasting(terms.time_in_force) || !is_lasting(time_in_force) {
        if terms.time_in_force == time_in_force {
            return Ok(None);
        }
        return other("TimeInForce(59) can only be replaced where both it and its successor are 0, 1 or 6");
    }
    if expires.is_some_and(|expires| is_over(expires, now)) {
        return other(OVER);
    }
    Ok(Some((time_in_force, expires)))
}

fn ticks(listing: &Listing, tag: Tag, price: Option<Decimal>) -> Result<Ticks, Objection> {
    let objection = |text: String| Err((OrdRejReason::OTHER, text.into()));
    let Some(price) = price else { return objection(format!("{tag} is missing")) };
    if !price.is_positive() {
        return objection(format!("{tag} must be greater than 0"));
    }
    listing.ticks(price).map_err(|why| {
        let Listing { tick, symbol, .. } = listing;
        let text = match why {
            OffGrid::Between => format!("{tag} {price} is not a multiple of the tick {tick} of {symbol}"),
            OffGrid::Beyond => format!("{tag} {price} is more than the book of {symbol} can count"),
        };
        (OrdRejReason::OTHER, text.into())
    })
}

fn lots(listing: &Listing, tag: Tag, qty: Decimal) -> Result<Quantity, Objection> {
    listing.lots(qty).map_err(|why| {
        let Listing { lot, symbol, .. } = listing;
        let text = match why {
            OffGrid::Between => format!("{tag} {qty} is not a multiple of the lot {lot} of {symbol}"),
            OffGrid::Beyond if qty.is_negative() => format!("{tag} {qty} is below 0"),
            OffGrid::Beyond => format!("{tag} {qty} is more than the book of {symbol} can count"),
        };
        (OrdRejReason::INCORRECT_QUANTITY, text.into())
    })
}
