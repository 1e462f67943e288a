//! QuoteRequest(R), QuoteResponse(AJ), and what answers them: Quote(S), QuoteRequestReject(AG), ExecutionReport(8).

use std::{collections::VecDeque, sync::Arc};

use fix_core::{
    decimal::Decimal,
    dict::fix44::code::{
        OrdType, QuoteRequestRejectReason, QuoteRespType, QuoteType, Side as SideCode, TimeInForce,
    },
    msg::{
        message::Message,
        typed::{
            Entries, Extra, Quote, QuoteRejectSym, QuoteRequest, QuoteRequestReject, QuoteRequestSym,
            QuoteResponse,
        },
    },
    session::{
        application::Outbox,
        error::{BusinessReject, BusinessRejectReason},
    },
    tag,
    time::UtcTimestamp,
};

use super::{ExchangeApplication, MISSING, named, new::may_be_known, reply, side, utf8};
use crate::exchange::{
    book::Side,
    orders::{Echo, Listing},
    venue::{Entry, Named, Venue},
};

/// How long a quote holds, in seconds.
const VALID_FOR: i64 = 30;

/// Quotes that are remembered of a session: the latest.
const MOST_KEPT: usize = 1_000;

/// The quotes of one session.
#[derive(Debug, Default)]
pub(super) struct Quotes {
    given: VecDeque<Given>,
}

/// A quote that may be taken once.
#[derive(Clone, Debug)]
struct Given {
    /// QuoteID(117)
    id: String,
    listing: Arc<Listing>,
    /// What the venue pays, and asks: by [`Side`] of the venue.
    prices: [Option<Decimal>; 2],
    qty: Decimal,
    /// ValidUntilTime(62)
    until: UtcTimestamp,
}

impl Quotes {
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
        let until = UtcTimestamp::from_unix(now.unix_seconds() + VALID_FOR, now.subsec_nanos());
        let asked = request.related_syms.iter().collect::<Result<Vec<_>, _>>()?;
        let names =
            asked.iter().map(|asked| named(asked.symbol, asked.security_id, asked.security_id_source));
        let names = names.collect::<Result<Vec<_>, _>>()?;
        let ids = *self.seat.floor().ids();
        let given: Result<Vec<Given>, Refusal> = self.seat.floor().by_hand(|venue, _| {
            let quotes = names.iter().zip(&asked).map(|(name, asked)| {
                let quote = quote(venue, *name, asked)?;
                let id = ids.quote(venue.exec_id()).text().to_string();
                Ok(Given { id, until, ..quote })
            });
            quotes.collect()
        });
        match given {
            Err(refusal) => refuse(&request, &asked, refusal, out),
            Ok(given) => {
                for quote in given {
                    self.tell_quote(&request, quote, now, out);
                }
            }
        }
        Ok(())
    }

    fn tell_quote(
        &mut self,
        request: &QuoteRequest<'_>,
        given: Given,
        now: UtcTimestamp,
        out: &mut dyn Outbox,
    ) {
        let [bid_px, offer_px] = given.prices;
        let floor = self.seat.floor();
        let instrument = floor.securities().get(given.listing.place);
        reply(
            out,
            &Quote {
                quote_id: given.id.as_str().into(),
                quote_req_id: Some(request.quote_req_id),
                quote_type: Some(QuoteType::TRADEABLE),
                symbol: Some((&*given.listing.symbol).into()),
                extra: Extra::encoded(floor.securities().identity(given.listing.place)),
                currency: instrument.and_then(|it| it.listed(tag::CURRENCY)).map(Into::into),
                price_type: given.listing.price_type,
                bid_px,
                offer_px,
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
            _ => return Err(NO_COUNTER),
        }
        let quote_resp_id = Some(utf8(response.quote_resp_id)?.into());
        let side = side(response.side.ok_or(MISSING)?)?;
        let now = out.now().utc;
        // Who orders to sell trades at what the venue pays.
        let quote = at.and_then(|at| self.quotes.given.get(at)).cloned();
        let price = quote.as_ref().and_then(|quote| quote.prices[side.opposite() as usize]);
        let objection = objection(&response, quote.as_ref(), price, now);
        let instrument = match &quote {
            Some(quote) => Named::Symbol(&quote.listing.symbol),
            None => named(response.symbol, response.security_id, response.security_id_source)?,
        };
        let qty = response.order_qty.or(quote.as_ref().map(|quote| quote.qty)).ok_or(MISSING)?;
        let entry = Entry {
            cl_ord_id: utf8(response.cl_ord_id.ok_or(MISSING)?)?.into(),
            instrument,
            side,
            ord_type: OrdType::LIMIT,
            price: price.or(response.price),
            stop_px: None,
            qty,
            min_qty: None,
            max_floor: None,
            time_in_force: TimeInForce::FILL_OR_KILL,
            expires: None,
            poss_resend: may_be_known(message),
            echo: Echo { short: None, price_type: response.price_type, quote_resp_id },
        };
        let is_taken = self.seat.ask(now, &mut self.unsent, |venue, owner, told| {
            venue.take_quote(owner, &entry, objection, told)
        });
        if let (true, Some(at)) = (is_taken, at) {
            self.quotes.given.remove(at);
        }
        Ok(())
    }
}

/// Why a quote cannot be taken so.
fn objection(
    response: &QuoteResponse<'_>,
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
    if response.price.is_some() && response.price != price {
        return Some("Price(44) is not that of the quote");
    }
    if response.order_qty.is_some_and(|qty| !qty.is_positive()) {
        return Some("OrderQty(38) must be greater than 0");
    }
    if response.order_qty.is_some_and(|qty| qty > quote.qty) {
        return Some("OrderQty(38) is more than was quoted");
    }
    None
}

/// The best prices of the book, for the sides that are asked for; without an id and an end yet.
fn quote(venue: &Venue, named: Named<'_>, asked: &QuoteRequestSym<'_>) -> Result<Given, Refusal> {
    let place = venue.find(named).ok_or((QuoteRequestRejectReason::UNKNOWN_SYMBOL, "unknown symbol"))?;
    let no_market = (QuoteRequestRejectReason::NO_MARKET_FOR_INSTRUMENT, "nobody quotes this instrument now");
    let depth = venue.depth(place).ok_or(no_market)?;
    let wanted = match asked.side {
        Some(SideCode::BUY) => [false, true],
        Some(SideCode::SELL) => [true, false],
        _ => [true, true],
    };
    let best =
        [Side::Buy, Side::Sell].map(|side| depth.book.depth(side).next().filter(|_| wanted[side as usize]));
    let price = |at: usize| best[at].map(|level| depth.listing.price(level.price));
    let prices = [price(0), price(1)];
    if (0..2).any(|at| wanted[at] && prices[at].is_none()) {
        return Err(no_market);
    }
    let shown = best.iter().flatten().map(|level| level.qty).min().unwrap_or_default();
    let qty = asked.order_qty.unwrap_or_else(|| depth.listing.qty(shown));
    if !qty.is_positive() || depth.listing.lots(qty).is_err() {
        return Err((QuoteRequestRejectReason::OTHER, "OrderQty(38) is not a quantity of this instrument"));
    }
    let listing = Arc::clone(depth.listing);
    Ok(Given { id: String::new(), listing, prices, qty, until: UtcTimestamp::from_unix(0, 0) })
}

fn refuse(
    request: &QuoteRequest<'_>,
    asked: &[QuoteRequestSym<'_>],
    (reason, text): Refusal,
    out: &mut dyn Outbox,
) {
    let named = asked.iter().map(|sym| QuoteRejectSym {
        symbol: sym.symbol,
        security_id: sym.security_id,
        security_id_source: sym.security_id_source,
        ..QuoteRejectSym::default()
    });
    let named: Vec<QuoteRejectSym<'_>> = named.collect();
    reply(
        out,
        &QuoteRequestReject {
            quote_req_id: request.quote_req_id,
            quote_request_reject_reason: reason,
            related_syms: Entries::of(&named),
            text: Some(text.into()),
            ..QuoteRequestReject::default()
        },
    );
}

const NO_COUNTER: BusinessReject = BusinessReject::new(
    BusinessRejectReason::Other,
    "QuoteRespType(694) is 1 to trade at the quote, or 3, 4, 5 or 6 to let it go: counter quotes are not taken",
)
.about(tag::QUOTE_RESP_TYPE);
