//! What is kept of an order over a restart of the venue: its [`State`], and beside it its instrument, its executions and the
//! ClOrdIDs(11) that it had.

use std::sync::Arc;

use fix_core::{
    dict::fix44::code,
    time::{LocalMktDate, UtcTimestamp},
};

use super::{
    super::{
        book::{Kind, NewOrder, OrderId, Owner, Side, TimeInForce},
        packed::{Unpack, put, put_bytes, put_optional, put_signed},
    },
    Execution, Listing, OrderStates,
    record::{Calculation, Life, Record, State},
    request::{Asks, Expires, Lasts, Waiting},
    terms::{self, Echo, Origin, Terms},
};

/// An order that has changed since it was kept last.
#[derive(Debug)]
pub struct Changed<'a> {
    /// Its number.
    pub id: OrderId,
    /// Whose it is.
    pub owner: Owner,
    /// What it is for.
    pub listing: &'a Arc<Listing>,
    /// It can trade or may come to, or a request about it waits.
    pub may_trade: bool,
    /// How many of its executions are kept already; `None`: what was kept of them is no longer true.
    pub kept: Option<usize>,
    record: &'a Record,
}

impl Changed<'_> {
    /// Its executions that are not kept, oldest first.
    pub fn executions(&self) -> impl ExactSizeIterator<Item = Execution> {
        self.record.trades()[self.kept.unwrap_or(0)..].iter().map(|trade| trade.shown())
    }

    /// Appends its [`State`].
    pub fn pack(&self, out: &mut Vec<u8>) {
        self.record.state.pack(out);
    }
}

/// What changes about orders, for whoever keeps it.
#[derive(Debug, Default)]
pub(super) struct Names(Option<Vec<(OrderId, Arc<str>)>>);

impl Names {
    /// The order was asked about under this ClOrdID(11).
    pub(super) fn add(&mut self, id: OrderId, cl_ord_id: &Arc<str>) {
        if let Some(names) = &mut self.0 {
            names.push((id, Arc::clone(cl_ord_id)));
        }
    }
}

impl OrderStates {
    /// What changes is [told](Self::changes) from now on.
    pub fn keep(&mut self) {
        self.orders.keep();
        self.requests.0 = Some(Vec::new());
    }

    /// Tells the ClOrdIDs(11) of requests about orders since the last call, but those of new orders.
    pub fn requests(&mut self, mut tell: impl FnMut(OrderId, &str)) {
        let requests = self.requests.0.iter_mut().flat_map(|names| names.drain(..));
        requests.for_each(|(id, cl_ord_id)| tell(id, &cl_ord_id));
    }

    /// Tells each order that has changed since the last call.
    pub fn changes(&mut self, mut tell: impl FnMut(&Changed<'_>)) {
        self.orders.changed(|id, record| {
            tell(&Changed {
                id,
                owner: record.owner,
                listing: &record.terms.listing,
                may_trade: record.may_trade(),
                kept: record.kept,
                record,
            });
            record.kept = Some(record.trades().len());
        });
    }

    /// Something about an order has changed that only its book knows.
    pub fn touch(&mut self, id: OrderId) {
        _ = self.record_mut(id);
    }
}

/// Bits of the byte that says what is true of an order.
const SELL: u8 = 1;
const DONE_FOR_DAY: u8 = 2;
const STOPPED: u8 = 4;
const SUSPENDED: u8 = 8;

/// Codes of a request that waits.
const NEW: u8 = b'D';
const CANCEL: u8 = b'F';
const REPLACE: u8 = b'G';
const REOPEN: u8 = b'O';

impl State {
    /// ClOrdID(11) of the last accepted request.
    pub fn cl_ord_id(&self) -> &Arc<str> {
        &self.cl_ord_id
    }

    /// It ends with its day.
    pub fn is_of_the_day(&self) -> bool {
        self.terms.time_in_force != TimeInForce::GoodTill
    }

    /// When it ends, if it is an order with 59=6.
    pub fn expires(&self) -> Option<Expires> {
        self.terms.expires
    }

    /// What its book had of it, as an order of number zero and of nobody.
    pub fn in_book(&self) -> NewOrder {
        self.terms.order(OrderId(0), Owner(0), self.in_book)
    }

    /// Appends it.
    pub fn pack(&self, out: &mut Vec<u8>) {
        put_bytes(out, self.cl_ord_id.as_bytes());
        let is = |is: bool, bit| if is { bit } else { 0 };
        let terms = &self.terms;
        out.push(
            is(terms.side == Side::Sell, SELL)
                | is(self.is_done_for_day, DONE_FOR_DAY)
                | is(self.is_stopped, STOPPED)
                | is(self.suspended.is_some(), SUSPENDED),
        );
        out.extend([terms.time_in_force().0, life_code(self.life), calculation_code(self.calculation)]);
        pack_kind(terms, out);
        if let Some(kind) = self.suspended {
            pack_kind(&Terms { kind, ..terms.clone() }, out);
        }
        pack_expires(terms.expires, out);
        pack_echo(&terms.echo, out);
        [self.qty, terms.min_qty, terms.display_qty, self.in_book].into_iter().for_each(|qty| put(out, qty));
        put(out, self.waiting.len() as u64);
        self.waiting.iter().for_each(|waiting| waiting.pack(out));
    }

    /// Takes one apart, for an instrument; `None` if it is none.
    pub fn unpack(from: &mut Unpack<'_>, listing: &Arc<Listing>) -> Option<Self> {
        let cl_ord_id = from.text()?.into();
        let is = from.byte()?;
        let time_in_force = code::TimeInForce(from.byte()?);
        let (life, calculation) = (life(from.byte()?)?, calculation(from.byte()?)?);
        let kind = unpack_kind(from)?;
        let suspended = if is & SUSPENDED == 0 { None } else { Some(unpack_kind(from)?) };
        let expires = unpack_expires(from)?;
        let echo = unpack_echo(from)?;
        let qty = from.number()?;
        let terms = Terms {
            listing: Arc::clone(listing),
            side: if is & SELL == 0 { Side::Buy } else { Side::Sell },
            kind,
            time_in_force: terms::time_in_force(time_in_force)?,
            expires,
            min_qty: from.number()?,
            display_qty: from.number()?,
            echo,
        };
        Some(State {
            cl_ord_id,
            terms,
            qty,
            life,
            is_done_for_day: is & DONE_FOR_DAY != 0,
            is_stopped: is & STOPPED != 0,
            suspended,
            calculation,
            in_book: from.number()?,
            waiting: (0..from.number()?).map(|_| Waiting::unpack(from)).collect::<Option<_>>()?,
        })
    }
}

impl Waiting {
    fn pack(&self, out: &mut Vec<u8>) {
        put_bytes(out, self.cl_ord_id.as_bytes());
        out.push(self.is_pending.into());
        match self.asks {
            Asks::New => out.push(NEW),
            Asks::Cancel => out.push(CANCEL),
            Asks::Reopen => out.push(REOPEN),
            Asks::Replace { qty, price, stop, display_qty, lasts } => {
                out.push(REPLACE);
                put(out, qty);
                put_optional(out, price);
                put_optional(out, stop);
                put_optional(out, display_qty.map(|qty| qty as i64));
                out.push(lasts.is_some().into());
                if let Some((time_in_force, expires)) = lasts {
                    // It is for the day, or for longer.
                    out.push((time_in_force == TimeInForce::GoodTill).into());
                    pack_expires(expires, out);
                }
            }
        }
    }

    fn unpack(from: &mut Unpack<'_>) -> Option<Self> {
        let (cl_ord_id, is_pending) = (from.text()?.into(), from.flag()?);
        let asks = match from.byte()? {
            NEW => Asks::New,
            CANCEL => Asks::Cancel,
            REOPEN => Asks::Reopen,
            REPLACE => Asks::Replace {
                qty: from.number()?,
                price: from.optional()?,
                stop: from.optional()?,
                display_qty: from.optional()?.map(|qty| qty as u64),
                lasts: if from.flag()? { Some(unpack_lasts(from)?) } else { None },
            },
            _ => return None,
        };
        // The book answers within the step in which it is told.
        Some(Waiting { asks, cl_ord_id, is_pending, is_decided: false })
    }
}

fn unpack_lasts(from: &mut Unpack<'_>) -> Option<Lasts> {
    let time_in_force = if from.flag()? { TimeInForce::GoodTill } else { TimeInForce::Day };
    Some((time_in_force, unpack_expires(from)?))
}

fn pack_expires(expires: Option<Expires>, out: &mut Vec<u8>) {
    match expires {
        None => out.push(0),
        Some(Expires::At(time)) => {
            out.push(1);
            put_signed(out, time.unix_seconds());
            put(out, time.subsec_nanos().into());
        }
        Some(Expires::On(date)) => {
            out.push(2);
            put_signed(out, date.unix_days());
        }
    }
}

fn unpack_expires(from: &mut Unpack<'_>) -> Option<Option<Expires>> {
    Some(match from.byte()? {
        0 => None,
        1 => {
            let seconds = from.signed()?;
            Some(Expires::At(UtcTimestamp::from_unix(seconds, from.small()?)))
        }
        2 => Some(Expires::On(LocalMktDate::from_unix_days(from.signed()?))),
        _ => return None,
    })
}

/// OrdType(40), Price(44) and StopPx(99).
fn pack_kind(terms: &Terms, out: &mut Vec<u8>) {
    out.push(terms.ord_type().0);
    put_optional(out, terms.limit());
    put_optional(out, terms.stop());
}

fn unpack_kind(from: &mut Unpack<'_>) -> Option<Kind> {
    let ord_type = code::OrdType(from.byte()?);
    let (limit, stop) = (from.optional()?, from.optional()?);
    terms::kind(ord_type, || limit.ok_or(()), || stop.ok_or(())).ok()?
}

/// Bits of the byte that says which texts are repeated.
const QUOTE_RESP_ID: u8 = 1;
const ACCOUNT: u8 = 2;
const LIST_ID: u8 = 4;
/// Of which an order has one at most.
const ORIGINS: u8 = QUOTE_RESP_ID | LIST_ID;

/// What is not there is zero, which is no code.
fn pack_echo(echo: &Echo, out: &mut Vec<u8>) {
    let Echo { account, short, price_type, origin } = echo;
    let (origin_bit, origin) = match origin.as_deref() {
        None => (0, None),
        Some(Origin::Quote(id)) => (QUOTE_RESP_ID, Some(&**id)),
        Some(Origin::List(id)) => (LIST_ID, Some(&**id)),
    };
    let account_bit = if account.is_some() { ACCOUNT } else { 0 };
    out.extend([short.map_or(0, |side| side.0), origin_bit | account_bit]);
    put_signed(out, price_type.map_or(0, |price_type| price_type.0.into()));
    for text in [origin, account.as_deref()].into_iter().flatten() {
        put_bytes(out, text.as_bytes());
    }
}

fn unpack_echo(from: &mut Unpack<'_>) -> Option<Echo> {
    let (short, texts) = (from.byte()?, from.byte()?);
    if texts & !(ORIGINS | ACCOUNT) != 0 || texts & ORIGINS == ORIGINS {
        return None;
    }
    let price_type = i32::try_from(from.signed()?).ok()?;
    let mut text = |bit| if texts & bit == 0 { Some(None) } else { from.text().map(Some) };
    let quote = text(QUOTE_RESP_ID)?.map(|id| Origin::Quote(id.into()));
    let origin = match text(LIST_ID)? {
        Some(id) => Some(Origin::List(id.into())),
        None => quote,
    };
    let account = text(ACCOUNT)?.map(Arc::from);
    Some(Echo {
        account,
        short: Some(code::Side(short)).filter(|side| side.0 != 0),
        price_type: Some(code::PriceType(price_type)).filter(|price_type| price_type.0 != 0),
        origin: origin.map(Arc::new),
    })
}

fn life_code(life: Life) -> u8 {
    match life {
        Life::Pending => b'A',
        Life::Live => b'0',
        Life::Rejected => b'8',
        Life::Canceled => b'4',
        Life::Expired => b'C',
        Life::DoneForDay => b'3',
    }
}

fn life(code: u8) -> Option<Life> {
    Some(match code {
        b'A' => Life::Pending,
        b'0' => Life::Live,
        b'8' => Life::Rejected,
        b'4' => Life::Canceled,
        b'C' => Life::Expired,
        b'3' => Life::DoneForDay,
        _ => return None,
    })
}

fn calculation_code(calculation: Calculation) -> u8 {
    match calculation {
        Calculation::Nothing => b'N',
        Calculation::Due => b'D',
        Calculation::Told => b'B',
    }
}

fn calculation(code: u8) -> Option<Calculation> {
    Some(match code {
        b'N' => Calculation::Nothing,
        b'D' => Calculation::Due,
        b'B' => Calculation::Told,
        _ => return None,
    })
}
