//! What stands in a frame: one thing after another, each with a letter before it that says what it is.

use std::sync::Arc;

use fix_core::{decimal::Decimal, dict::fix44::code::OrdRejReason};

use crate::exchange::{
    book::{Phase, Standing},
    orders::{Execution, Listing, State},
    packed::{Unpack, put, put_bytes, put_optional, put_signed},
    venue::{DayFigures, MarketState, Steps},
};

/// The form of the records; another one is not read.
const FORM: u64 = 1;

/// Lists of a session that are known at a time; the oldest is forgotten for one more.
pub const MOST_LISTS: usize = 256;

/// One thing that is kept. Sessions and instruments are numbers, which each start of the exchange gives anew before it uses
/// them; days are those since 1970.
#[derive(Debug)]
pub(super) enum Record<'a> {
    /// The first one: what stands before the numbers of all ids, and how often the exchange had started before.
    Head { prefix: &'a str, starts: u64 },
    /// A session has this number from here on.
    Session { number: u64, name: &'a str },
    /// An instrument has; and what a tick and a lot of it are worth.
    Instrument { number: u64, steps: Steps<'a> },
    /// An order.
    Order(Order<'a>),
    /// An order was asked about under this ClOrdID(11).
    Request { id: u64, cl_ord_id: &'a str },
    /// A report of an order waits for its session: of this execution, or of something else.
    Waits { session: u64, id: u64, exec: Option<u64> },
    /// A report that waited for a session was sent under this MsgSeqNum(34), if its session's store has come so far.
    Sent { session: u64, id: u64, exec: Option<u64>, number: u64 },
    /// What was sent to a session is in its store.
    Stored { session: u64 },
    /// Nothing waits for a session.
    Taken { session: u64 },
    /// The market of an instrument.
    Market { instrument: u64, day: i64, state: MarketState },
    /// A list of orders of a session.
    List { session: u64, day: i64, list: KeptList },
    /// The phase of the venue, and whether requests are held.
    Venue { phase: Phase, holds: bool },
}

/// A list of orders, NewOrderList(E).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptList {
    /// ListID(66).
    pub id: String,
    /// ClOrdID(11) of each of its orders.
    pub cl_ord_ids: Vec<Arc<str>>,
    /// The message, while it waits for its ListExecute(L).
    pub waiting: Option<Vec<u8>>,
    /// Those of its orders that never were orders of the venue.
    pub not_entered: Vec<NotEntered>,
}

/// An order of a list that is none of the venue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotEntered {
    /// Which of the list, the first being 0.
    pub place: usize,
    /// OrdRejReason(103) and Text(58); `None`: the list was cancelled while it waited.
    pub refused: Option<(OrdRejReason, String)>,
}

impl KeptList {
    /// What it knows of the order at a place, if that is no order of the venue.
    pub fn not_entered(&self, place: usize) -> Option<&NotEntered> {
        self.not_entered.iter().find(|order| order.place == place)
    }
}

/// An order as it is from here on.
#[derive(Debug)]
pub(super) struct Order<'a> {
    pub(super) id: u64,
    pub(super) session: u64,
    pub(super) instrument: u64,
    /// The day that it came on, and that of this record.
    pub(super) days: (i64, i64),
    /// It can trade or may come to.
    pub(super) may_trade: bool,
    pub(super) stands: Option<Standing>,
    /// The executions are all that it has; otherwise they are more of them.
    pub(super) is_all: bool,
    pub(super) executions: Executions<'a>,
    pub(super) state: State,
}

/// Executions as they stand in the record.
#[derive(Clone, Copy, Debug)]
pub(super) struct Executions<'a>(Unpack<'a>, u64);

impl Executions<'_> {
    /// Each of them.
    pub(super) fn unpack(mut self) -> Option<Vec<Execution>> {
        (0..self.1).map(|_| execution(&mut self.0)).collect()
    }
}

fn execution(from: &mut Unpack<'_>) -> Option<Execution> {
    Some(Execution { exec_id: from.number()?, price: from.signed()?, qty: from.number()? })
}

const HEAD: u8 = b'H';
const SESSION: u8 = b'S';
const INSTRUMENT: u8 = b'I';
const ORDER: u8 = b'O';
const REQUEST: u8 = b'R';
const WAITS: u8 = b'W';
const SENT: u8 = b'w';
const STORED: u8 = b's';
const TAKEN: u8 = b'T';
const MARKET: u8 = b'M';
const LIST: u8 = b'L';
/// A list with orders that were not entered.
const LIST_IN_PART: u8 = b'l';
const VENUE: u8 = b'V';

/// Bits of an order's byte.
const MAY_TRADE: u8 = 1;
const IS_ALL: u8 = 2;
const STANDS: u8 = 4;
const WAITS_FOR_CLOSE: u8 = 8;

pub(super) fn head(out: &mut Vec<u8>, prefix: &str, starts: u64) {
    out.push(HEAD);
    put(out, FORM);
    put_bytes(out, prefix.as_bytes());
    put(out, starts);
}

pub(super) fn session(out: &mut Vec<u8>, number: u64, name: &str) {
    out.push(SESSION);
    put(out, number);
    put_bytes(out, name.as_bytes());
}

pub(super) fn instrument(out: &mut Vec<u8>, number: u64, (symbol, tick, lot): Steps<'_>) {
    out.push(INSTRUMENT);
    put(out, number);
    put_bytes(out, symbol.as_bytes());
    for step in [tick, lot] {
        put_signed(out, step.mantissa());
        out.push(step.scale());
    }
}

/// What an order's record says besides its executions and its state.
#[derive(Clone, Copy, Debug)]
pub(super) struct OrderHead {
    pub(super) id: u64,
    pub(super) session: u64,
    pub(super) instrument: u64,
    pub(super) days: (i64, i64),
    pub(super) may_trade: bool,
    pub(super) is_all: bool,
    pub(super) stands: Option<Standing>,
}

/// An order; `pack` appends its [`State`].
pub(super) fn order(
    out: &mut Vec<u8>,
    head: OrderHead,
    executions: impl ExactSizeIterator<Item = Execution>,
    pack: impl FnOnce(&mut Vec<u8>),
) {
    let OrderHead { id, session, instrument, days, may_trade, is_all, stands } = head;
    let is = |is: bool, bit| if is { bit } else { 0 };
    let waits_for_close = stands.is_some_and(|stands| stands.waits_for_close);
    out.push(ORDER);
    out.push(
        is(may_trade, MAY_TRADE)
            | is(is_all, IS_ALL)
            | is(stands.is_some(), STANDS)
            | is(waits_for_close, WAITS_FOR_CLOSE),
    );
    [id, session, instrument].into_iter().for_each(|number| put(out, number));
    put_signed(out, days.0);
    put_signed(out, days.1);
    if let Some(Standing { stamp, price, shown, display_qty, .. }) = stands {
        put(out, stamp);
        put_optional(out, price);
        put(out, shown);
        put(out, display_qty);
    }
    put(out, executions.len() as u64);
    for Execution { exec_id, price, qty } in executions {
        put(out, exec_id);
        put_signed(out, price);
        put(out, qty);
    }
    pack(out);
}

pub(super) fn request(out: &mut Vec<u8>, id: u64, cl_ord_id: &str) {
    out.push(REQUEST);
    put(out, id);
    put_bytes(out, cl_ord_id.as_bytes());
}

pub(super) fn waits(out: &mut Vec<u8>, session: u64, id: u64, exec: Option<u64>) {
    out.push(WAITS);
    put(out, session);
    put(out, id);
    // No execution has the number zero.
    put(out, exec.unwrap_or(0));
}

pub(super) fn sent(out: &mut Vec<u8>, session: u64, (id, exec): (u64, Option<u64>), number: u64) {
    out.push(SENT);
    [session, id, exec.unwrap_or(0), number].into_iter().for_each(|number| put(out, number));
}

pub(super) fn stored(out: &mut Vec<u8>, session: u64) {
    out.push(STORED);
    put(out, session);
}

pub(super) fn taken(out: &mut Vec<u8>, session: u64) {
    out.push(TAKEN);
    put(out, session);
}

pub(super) fn market(out: &mut Vec<u8>, instrument: u64, on: i64, state: MarketState) {
    let MarketState { phase, is_paused, last_price, day } = state;
    out.push(MARKET);
    put(out, instrument);
    put_signed(out, on);
    out.push(if is_paused { PAUSED } else { phase_code(phase) });
    put_optional(out, last_price);
    day.pack(out);
}

pub(super) fn list(out: &mut Vec<u8>, session: u64, on: i64, list: &KeptList) {
    let KeptList { id, cl_ord_ids, waiting, not_entered } = list;
    out.push(if not_entered.is_empty() { LIST } else { LIST_IN_PART });
    put(out, session);
    put_signed(out, on);
    put_bytes(out, id.as_bytes());
    out.push(waiting.is_some().into());
    put_bytes(out, waiting.as_deref().unwrap_or_default());
    put(out, cl_ord_ids.len() as u64);
    cl_ord_ids.iter().for_each(|cl_ord_id| put_bytes(out, cl_ord_id.as_bytes()));
    if !not_entered.is_empty() {
        put(out, not_entered.len() as u64);
    }
    for NotEntered { place, refused } in not_entered {
        put(out, *place as u64);
        out.push(refused.is_some().into());
        if let Some((reason, text)) = refused {
            put_signed(out, reason.0.into());
            put_bytes(out, text.as_bytes());
        }
    }
}

fn unpack_list(from: &mut Unpack<'_>, has_not_entered: bool) -> Option<KeptList> {
    let id = from.text()?.to_owned();
    let (waits, message) = (from.flag()?, from.bytes()?);
    let waiting = waits.then(|| message.to_vec());
    let count = from.number()?;
    let cl_ord_ids = (0..count).map(|_| Some(from.text()?.into())).collect::<Option<_>>()?;
    let count = if has_not_entered { from.number()? } else { 0 };
    let not_entered = (0..count).map(|_| unpack_not_entered(from)).collect::<Option<_>>()?;
    Some(KeptList { id, cl_ord_ids, waiting, not_entered })
}

fn unpack_not_entered(from: &mut Unpack<'_>) -> Option<NotEntered> {
    let place = usize::try_from(from.number()?).ok()?;
    let refused = match from.flag()? {
        true => Some((OrdRejReason(i32::try_from(from.signed()?).ok()?), from.text()?.to_owned())),
        false => None,
    };
    Some(NotEntered { place, refused })
}

pub(super) fn venue(out: &mut Vec<u8>, phase: Phase, holds: bool) {
    out.push(VENUE);
    out.push(phase_code(phase));
    out.push(holds.into());
}

impl<'a> Record<'a> {
    /// Takes one off a frame; `None` if it is none. `instrument` knows those that have numbers.
    pub(super) fn unpack(
        from: &mut Unpack<'a>,
        instrument: impl FnOnce(u64) -> Option<Arc<Listing>>,
    ) -> Option<Self> {
        Some(match from.byte()? {
            HEAD if from.number()? == FORM => Record::Head { prefix: from.text()?, starts: from.number()? },
            SESSION => Record::Session { number: from.number()?, name: from.text()? },
            INSTRUMENT => {
                let (number, symbol) = (from.number()?, from.text()?);
                let mut step = || Some(Decimal::new(from.signed()?, from.byte()?));
                Record::Instrument { number, steps: (symbol, step()?, step()?) }
            }
            ORDER => Record::Order(unpack_order(from, instrument)?),
            REQUEST => Record::Request { id: from.number()?, cl_ord_id: from.text()? },
            WAITS => Record::Waits {
                session: from.number()?,
                id: from.number()?,
                exec: Some(from.number()?).filter(|exec| *exec > 0),
            },
            SENT => Record::Sent {
                session: from.number()?,
                id: from.number()?,
                exec: Some(from.number()?).filter(|exec| *exec > 0),
                number: from.number()?,
            },
            STORED => Record::Stored { session: from.number()? },
            TAKEN => Record::Taken { session: from.number()? },
            MARKET => {
                let (instrument, day) = (from.number()?, from.signed()?);
                let code = from.byte()?;
                let is_paused = code == PAUSED;
                let phase = if is_paused { Phase::Halted } else { phase(code)? };
                let last_price = from.optional()?;
                let state = MarketState { phase, is_paused, last_price, day: DayFigures::unpack(from)? };
                Record::Market { instrument, day, state }
            }
            kind @ (LIST | LIST_IN_PART) => {
                let (session, day) = (from.number()?, from.signed()?);
                Record::List { session, day, list: unpack_list(from, kind == LIST_IN_PART)? }
            }
            VENUE => Record::Venue { phase: phase(from.byte()?)?, holds: from.flag()? },
            _ => return None,
        })
    }
}

fn unpack_order<'a>(
    from: &mut Unpack<'a>,
    listing: impl FnOnce(u64) -> Option<Arc<Listing>>,
) -> Option<Order<'a>> {
    let is = from.byte()?;
    let (id, session, instrument) = (from.number()?, from.number()?, from.number()?);
    let days = (from.signed()?, from.signed()?);
    let stands = if is & STANDS == 0 {
        None
    } else {
        Some(Standing {
            stamp: from.number()?,
            price: from.optional()?,
            shown: from.number()?,
            display_qty: from.number()?,
            waits_for_close: is & WAITS_FOR_CLOSE != 0,
        })
    };
    let count = from.number()?;
    let executions = Executions(*from, count);
    for _ in 0..count {
        execution(from)?;
    }
    let state = State::unpack(from, &listing(instrument)?)?;
    let (may_trade, is_all) = (is & MAY_TRADE != 0, is & IS_ALL != 0);
    Some(Order { id, session, instrument, days, may_trade, stands, is_all, executions, state })
}

/// Stands for the phase of an instrument that is halted and goes on by itself.
const PAUSED: u8 = b'h';

fn phase_code(phase: Phase) -> u8 {
    match phase {
        Phase::Closed => b'C',
        Phase::PreOpen => b'P',
        Phase::Open => b'O',
        Phase::Halted => b'H',
        Phase::Closing => b'E',
    }
}

fn phase(code: u8) -> Option<Phase> {
    Some(match code {
        b'C' => Phase::Closed,
        b'P' => Phase::PreOpen,
        b'O' => Phase::Open,
        b'H' => Phase::Halted,
        b'E' => Phase::Closing,
        _ => return None,
    })
}
