//! QuoteRequest(R), QuoteResponse(AJ), and what answers them: Quote(S), QuoteRequestReject(AG), ExecutionReport(8).

use std::{collections::VecDeque, sync::Arc};

use rand::{RngExt, SeedableRng, rngs::ChaCha12Rng};

use fix_core::{
    decimal::Decimal,
    dict::fix44::{
        code::{OrdType, QuoteRequestRejectReason, QuoteRespType, QuoteType, Side as SideCode, TimeInForce},
        group,
    },
    msg::{
        message::Message,
        typed::{Extra, Quote, QuoteRequest, QuoteRequestSym, QuoteResponse},
    },
    session::{
        application::Outbox,
        error::{BusinessReject, BusinessRejectReason},
    },
    tag,
    time::UtcTimestamp,
    wire::value::Text,
};

use super::{
    ExchangeApplication, MISSING, account, instructions, named, new::may_be_known, reply, side, utf8,
};
use crate::exchange::{
    book::{Phase, Side},
    orders::{Echo, Listing, Origin},
    say::{UNNAMED, refuse_quote},
    venue::{Entry, Named, Venue, later},
};

/// Quotes that are remembered of a session: the latest.
const MOST_KEPT: usize = 1_000;

/// How a venue quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuoteRules {
    /// Microseconds that a quote holds.
    pub valid_for: u64,
    /// So many ticks away from the best prices of the book, on each side.
    pub spread_ticks: i64,
    /// In so many cases out of a hundred a quote is withdrawn when it is taken.
    pub last_look_percent: u64,
    /// What that is drawn by.
    pub seed: u64,
}

impl Default for QuoteRules {
    fn default() -> Self {
        QuoteRules { valid_for: 30_000_000, spread_ticks: 0, last_look_percent: 0, seed: 0 }
    }
}

/// The quotes of one session.
#[derive(Debug)]
pub(super) struct Quotes {
    given: VecDeque<Given>,
    rules: QuoteRules,
    random: ChaCha12Rng,
}

/// What is to trade at a quote.
pub(super) struct Taking<'a> {
    pub(super) quote_id: Option<&'a str>,
    pub(super) cl_ord_id: &'a str,
    /// The instrument as the message names it, which has to be that of the quote.
    pub(super) instrument: Named<'a>,
    pub(super) side: Side,
    pub(super) qty: Option<Decimal>,
    pub(super) price: Option<Decimal>,
    pub(super) poss_resend: bool,
    pub(super) unsupported: Option<String>,
    pub(super) echo: Echo,
}

/// A quote that may be taken once.
#[derive(Clone, Debug)]
struct Given {
    /// QuoteID(117)
    id: String,
    /// QuoteReqID(131)
    request: String,
    listing: Arc<Listing>,
    /// What the venue pays, and asks: by [`Side`] of the venue.
    prices: [Option<Decimal>; 2],
    qty: Decimal,
    /// ValidUntilTime(62)
    until: UtcTimestamp,
}

impl Quotes {
    pub(super) fn new(rules: QuoteRules) -> Self {
        Quotes { given: VecDeque::new(), rules, random: ChaCha12Rng::seed_from_u64(rules.seed) }
    }

    /// The end of a quote that is given now.
    fn until(&self, now: UtcTimestamp) -> UtcTimestamp {
        later(now, self.rules.valid_for)
    }

    /// True if the venue withdraws a quote at the last moment.
    fn withdraws(&mut self) -> bool {
        let percent = self.rules.last_look_percent;
        percent > 0 && self.random.random_range(0..100) < percent
    }

    /// Quotes end with the connection.
    pub(super) fn clear(&mut self) {
        self.given.clear();
    }

    /// Where the quote of this id stands among those given.
    fn find(&self, id: Option<&str>) -> Option<usize> {
        self.given.iter().position(|given| Some(given.id.as_str()) == id)
    }
}

/// Why there is no quote: QuoteRequestRejectReason(658) and Text(58).
type Refusal = (QuoteRequestRejectReason, &'static str);

impl ExchangeApplication {
    /// Quotes every instrument that is asked for, or refuses the request.
    pub(super) fn quote(
        &mut self,
        message: &Message<'_>,
        out: &mut dyn Outbox,
    ) -> Result<(), BusinessReject> {
        let request = QuoteRequest::try_from(message)?;
        let now = out.now().utc;
        let (until, spread) = (self.quotes.until(now), self.quotes.rules.spread_ticks);
        let request_id = utf8(request.quote_req_id)?;
        let asked = request.related_syms.iter().collect::<Result<Vec<_>, _>>()?;
        if asked.is_empty() {
            return Err(UNNAMED);
        }
        let names =
            asked.iter().map(|asked| named(asked.symbol, asked.security_id, asked.security_id_source));
        let names = names.collect::<Result<Vec<_>, _>>()?;
        let entries = message.group(&group::QUOT_REQ_GRP).iter();
        if let Some(text) = entries.map(|entry| entry.fields()).find_map(instructions::not_quoted) {
            refuse_quote(&request, &asked, QuoteRequestRejectReason::OTHER, &text, out);
            return Ok(());
        }
        let ids = *self.seat.floor().ids();
        let given: Result<Vec<Given>, Refusal> = self.seat.floor().by_hand(|venue, _| {
            let quotes = names.iter().zip(&asked).map(|(name, asked)| {
                let quote = quote(venue, *name, asked, spread)?;
                let id = ids.quote(venue.exec_id()).text().to_string();
                Ok(Given { id, request: request_id.to_owned(), until, ..quote })
            });
            quotes.collect()
        });
        match given {
            Err((reason, text)) => refuse_quote(&request, &asked, reason, text, out),
            Ok(given) => {
                for quote in given {
                    self.tell_quote(quote, None, now, out);
                }
            }
        }
        Ok(())
    }

    fn tell_quote(
        &mut self,
        given: Given,
        quote_resp_id: Option<Text<'_>>,
        now: UtcTimestamp,
        out: &mut dyn Outbox,
    ) {
        let [bid_px, offer_px] = given.prices;
        let floor = self.seat.floor();
        let place = given.listing.place;
        let instrument = floor.securities().get(place);
        let to_maturity = |price: Option<Decimal>| floor.securities().yield_at(place, price?, now);
        reply(
            out,
            &Quote {
                quote_id: given.id.as_str().into(),
                quote_req_id: Some(given.request.as_str().into()),
                quote_resp_id,
                quote_type: Some(QuoteType::TRADEABLE),
                symbol: Some((&*given.listing.symbol).into()),
                extra: Extra::encoded(floor.securities().identity(place)),
                currency: instrument.and_then(|it| it.listed(tag::CURRENCY)).map(Into::into),
                price_type: given.listing.price_type,
                bid_px,
                offer_px,
                bid_yield: to_maturity(bid_px),
                offer_yield: to_maturity(offer_px),
                bid_size: bid_px.map(|_| given.qty),
                offer_size: offer_px.map(|_| given.qty),
                valid_until_time: Some(given.until),
                transact_time: Some(now),
                ..Quote::default()
            },
        );
        if self.quotes.given.len() == MOST_KEPT {
            self.quotes.given.pop_front();
        }
        self.quotes.given.push_back(given);
    }

    /// Trades at a quote, or lets it go.
    pub(super) fn take_quote(
        &mut self,
        message: &Message<'_>,
        out: &mut dyn Outbox,
    ) -> Result<(), BusinessReject> {
        let response = QuoteResponse::try_from(message)?;
        let at = self.quotes.find(response.quote_id.map(utf8).transpose()?);
        match response.quote_resp_type {
            QuoteRespType::HIT => {}
            QuoteRespType::EXPIRED
            | QuoteRespType::COVER
            | QuoteRespType::DONE_AWAY
            | QuoteRespType::PASS => {
                at.and_then(|at| self.quotes.given.remove(at));
                return Ok(());
            }
            QuoteRespType::COUNTER => return self.counter(&response, at, out),
            _ => return Err(UNKNOWN_RESPONSE),
        }
        let taking = Taking {
            quote_id: response.quote_id.map(utf8).transpose()?,
            cl_ord_id: utf8(response.cl_ord_id.ok_or(MISSING)?)?,
            instrument: named(response.symbol, response.security_id, response.security_id_source)?,
            side: side(response.side.ok_or(MISSING)?)?,
            qty: response.order_qty,
            price: response.price,
            poss_resend: may_be_known(message),
            echo: Echo {
                account: account(response.account)?,
                short: None,
                price_type: response.price_type,
                origin: Some(Arc::new(Origin::Quote(utf8(response.quote_resp_id)?.into()))),
            },
            unsupported: None,
        };
        self.trade_at_quote(taking, out)
    }

    /// Trades at a quote all that is asked for, or refuses it.
    pub(super) fn trade_at_quote(
        &mut self,
        taking: Taking<'_>,
        out: &mut dyn Outbox,
    ) -> Result<(), BusinessReject> {
        let at = self.quotes.find(taking.quote_id);
        let (side, now) = (taking.side, out.now().utc);
        // Who orders to sell trades at what the venue pays.
        let quote = at.and_then(|at| self.quotes.given.get(at)).cloned();
        let price = quote.as_ref().and_then(|quote| quote.prices[side.opposite() as usize]);
        let is_of_another =
            quote.as_ref().is_some_and(|quote| !self.is_named(taking.instrument, &quote.listing));
        let objection = match is_of_another {
            true => Some("the quote is of another instrument"),
            false => objection(&taking, quote.as_ref(), price, now),
        };
        let is_withdrawn = objection.is_none() && self.quotes.withdraws();
        let objection = objection.or(is_withdrawn.then_some("last look: the quote is withdrawn"));
        let of_quote = quote.as_ref().filter(|_| !is_of_another);
        let instrument = of_quote.map_or(taking.instrument, |quote| Named::Symbol(&quote.listing.symbol));
        let qty = taking.qty.or(quote.as_ref().map(|quote| quote.qty)).ok_or(MISSING)?;
        let entry = Entry {
            cl_ord_id: taking.cl_ord_id.into(),
            instrument,
            side,
            ord_type: OrdType::LIMIT,
            price: price.filter(|_| !is_of_another).or(taking.price),
            stop_px: None,
            qty,
            min_qty: None,
            max_floor: None,
            time_in_force: TimeInForce::FILL_OR_KILL,
            expires: None,
            poss_resend: taking.poss_resend,
            echo: taking.echo,
            unsupported: taking.unsupported,
        };
        let is_taken = self.seat.ask(now, &mut self.unsent, |venue, owner, told| {
            venue.take_quote(owner, &entry, objection, told)
        });
        if let (true, Some(at)) = (is_taken || is_withdrawn, at) {
            self.quotes.given.remove(at);
        }
        Ok(())
    }

    /// True if a message that names its instrument so means this one.
    fn is_named(&self, named: Named<'_>, listing: &Listing) -> bool {
        self.seat.look(|venue, _| venue.find(named)) == Some(listing.place)
    }

    /// Quotes anew, in the place of a quote that is countered: half way to what the counterparty wants, but not beyond the middle
    /// of the book.
    fn counter(
        &mut self,
        response: &QuoteResponse<'_>,
        at: Option<usize>,
        out: &mut dyn Outbox,
    ) -> Result<(), BusinessReject> {
        let now = out.now().utc;
        let is_open = |given: &Given| now <= given.until;
        let Some((at, quote)) = at.and_then(|at| Some((at, self.quotes.given.get(at).cloned()?))) else {
            return Err(NOT_OPEN);
        };
        let instrument = named(response.symbol, response.security_id, response.security_id_source)?;
        if !self.is_named(instrument, &quote.listing) {
            return Err(OF_ANOTHER);
        }
        let side = side(response.side.ok_or(MISSING)?)?;
        let own_side = side.opposite();
        let asked = if side == Side::Buy { response.bid_px } else { response.offer_px };
        let asked = response.price.or(asked).ok_or(MISSING)?;
        let own = quote.prices[own_side as usize].filter(|_| is_open(&quote)).ok_or(NOT_OPEN)?;
        let ticks = |price| quote.listing.ticks(price).map_err(|_| NO_PRICE);
        let (asked, own) = (ticks(asked)?, ticks(own)?);
        if asked <= 0 {
            return Err(NO_PRICE);
        }
        let ids = *self.seat.floor().ids();
        let (best, id) = self.seat.floor().by_hand(|venue, _| {
            let place = quote.listing.place;
            if venue.phase_of(place) != Some(Phase::Open) {
                return Err(NO_TRADING);
            }
            let best = venue.best(place, Side::Buy).zip(venue.best(place, Side::Sell));
            Ok((best, ids.quote(venue.exec_id()).text().to_string()))
        })?;
        // Rounded to what is better for the venue.
        let price = match own_side {
            Side::Sell => {
                let least = best.map_or(own, |(bid, ask)| (bid + ask + 1).div_euclid(2));
                (own + asked + 1).div_euclid(2).max(least).min(own)
            }
            Side::Buy => {
                let most = best.map_or(own, |(bid, ask)| (bid + ask).div_euclid(2));
                (own + asked).div_euclid(2).min(most).max(own)
            }
        };
        let qty = response.order_qty.unwrap_or(quote.qty);
        if !qty.is_positive() || quote.listing.lots(qty).is_err() {
            return Err(NO_PRICE);
        }
        self.quotes.given.remove(at);
        let mut prices = [None; 2];
        prices[own_side as usize] = Some(quote.listing.price(price));
        let given = Given { id, prices, qty, until: self.quotes.until(now), ..quote };
        self.tell_quote(given, Some(response.quote_resp_id), now, out);
        Ok(())
    }
}

/// Why a quote cannot be taken so.
fn objection(
    taking: &Taking<'_>,
    quote: Option<&Given>,
    price: Option<Decimal>,
    now: UtcTimestamp,
) -> Option<&'static str> {
    let Some(quote) = quote else {
        return Some(
            "no such QuoteID(117) is open: it was taken, let go, never given on this connection, or 1000 were given since",
        );
    };
    if now > quote.until {
        return Some("the quote has expired: its ValidUntilTime(62) is past");
    }
    if price.is_none() {
        return Some("the quote has no price for this Side(54)");
    }
    if taking.price.is_some() && taking.price != price {
        return Some("Price(44) is not that of the quote");
    }
    if taking.qty.is_some_and(|qty| !qty.is_positive()) {
        return Some("OrderQty(38) must be greater than 0");
    }
    if taking.qty.is_some_and(|qty| qty > quote.qty) {
        return Some("OrderQty(38) is more than was quoted");
    }
    None
}

/// The best prices of the book, for the sides that are asked for, so many ticks worse; without an id and an end yet.
fn quote(
    venue: &Venue,
    named: Named<'_>,
    asked: &QuoteRequestSym<'_>,
    spread: i64,
) -> Result<Given, Refusal> {
    let place = venue.find(named).ok_or((QuoteRequestRejectReason::UNKNOWN_SYMBOL, "unknown symbol"))?;
    let no_market = (QuoteRequestRejectReason::NO_MARKET_FOR_INSTRUMENT, "nobody quotes this instrument now");
    let depth = venue.depth(place).ok_or(no_market)?;
    if venue.phase_of(place) != Some(Phase::Open) {
        let closed = QuoteRequestRejectReason::EXCHANGE;
        return Err((closed, "the instrument is not open for trading"));
    }
    let wanted = match asked.side {
        Some(SideCode::BUY) => [false, true],
        Some(SideCode::SELL) => [true, false],
        _ => [true, true],
    };
    let best =
        [Side::Buy, Side::Sell].map(|side| depth.book.depth(side).next().filter(|_| wanted[side as usize]));
    let price = |at: usize, ticks: i64| {
        let price = best[at].map(|level| level.price + ticks).filter(|price| *price > 0);
        price.map(|price| depth.listing.price(price))
    };
    let prices = [price(0, -spread), price(1, spread)];
    if (0..2).any(|at| wanted[at] && prices[at].is_none()) {
        return Err(no_market);
    }
    let shown = best.iter().flatten().map(|level| level.qty).min().unwrap_or_default();
    let qty = asked.order_qty.unwrap_or_else(|| depth.listing.qty(shown));
    if !qty.is_positive() || depth.listing.lots(qty).is_err() {
        return Err((QuoteRequestRejectReason::OTHER, "OrderQty(38) is not a quantity of this instrument"));
    }
    let listing = Arc::clone(depth.listing);
    Ok(Given {
        id: String::new(),
        request: String::new(),
        listing,
        prices,
        qty,
        until: UtcTimestamp::from_unix(0, 0),
    })
}

const UNKNOWN_RESPONSE: BusinessReject = BusinessReject::new(
    BusinessRejectReason::Other,
    "QuoteRespType(694) is 1 to trade at the quote, 2 to counter it, or 3, 4, 5 or 6 to let it go",
)
.about(tag::QUOTE_RESP_TYPE);

const NOT_OPEN: BusinessReject = BusinessReject::new(
    BusinessRejectReason::Other,
    "nothing to counter: the quote of this QuoteID(117) is over, or has no price for this Side(54)",
)
.about(tag::QUOTE_ID);

const OF_ANOTHER: BusinessReject = BusinessReject::new(
    BusinessRejectReason::Other,
    "the quote of this QuoteID(117) is of another instrument",
)
.about(tag::SYMBOL);

const NO_TRADING: BusinessReject =
    BusinessReject::new(BusinessRejectReason::Other, "the instrument is not open for trading");

const NO_PRICE: BusinessReject = BusinessReject::new(
    BusinessRejectReason::Other,
    "a counter needs a Price(44) above 0 in the instrument's ticks, and an OrderQty(38) above 0",
)
.about(tag::PRICE);
