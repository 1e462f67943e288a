//! What a journal says: read at a start, and while the exchange runs for the file to be written anew.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fs,
    hash::Hash,
    io,
    path::Path,
    sync::Arc,
};

use fix_core::time::UtcTimestamp;

use super::{
    JournalError,
    frame::{self, Damage},
    record::{self, KeptList, MOST_LISTS, Order, OrderHead, Record},
};
use crate::exchange::{
    book::{OrderId, Owner, Phase, Standing},
    orders::{Execution, Listing, Restored, State},
    packed::Unpack,
    venue::{Earlier, EarlierMarket, EarlierOrder, MarketState, Output, Steps, Venue},
};

/// Bits of a number below those of the start.
const BITS_OF_START: u32 = 40;

/// What was kept.
#[derive(Debug, Default)]
pub(super) struct Kept {
    pub(super) prefix: String,
    pub(super) starts: u64,
    sessions: Numbered<String>,
    instruments: Numbered<Arc<Listing>>,
    orders: BTreeMap<u64, KeptOrder>,
    /// By the place of the instrument.
    markets: BTreeMap<usize, (i64, MarketState)>,
    venue: Option<(Phase, bool)>,
    /// What waits for each session: orders, and executions of them or something else.
    waits: HashMap<usize, Vec<(u64, Option<u64>)>>,
    /// What was sent to each session last: it may not have come to the session's store.
    sent: HashMap<usize, Sent>,
    /// How many frames were read.
    frames: usize,
    /// The lists of orders of each session, with the day of their last change, the oldest first.
    lists: BTreeMap<usize, Vec<(i64, KeptList)>>,
}

/// What stands in the last frame that says what was sent to a session: what was sent before is in its store, which is written
/// before the next frame is.
#[derive(Debug, Default)]
struct Sent {
    frame: usize,
    /// Under which MsgSeqNum(34): orders, and executions of them or something else.
    reports: Vec<(u64, (u64, Option<u64>))>,
}

/// Things that have numbers, which say another one after a start.
#[derive(Debug)]
struct Numbered<T> {
    all: Vec<T>,
    /// Where each of them stands.
    known: HashMap<T, usize>,
    /// What a number says.
    places: BTreeMap<u64, usize>,
}

impl<T> Default for Numbered<T> {
    fn default() -> Self {
        Numbered { all: Vec::new(), known: HashMap::new(), places: BTreeMap::new() }
    }
}

impl<T: Clone + Eq + Hash> Numbered<T> {
    /// The number says this thing from now on.
    fn set(&mut self, number: u64, thing: T) {
        let place = *self.known.entry(thing).or_insert_with_key(|thing| {
            self.all.push(thing.clone());
            self.all.len() - 1
        });
        self.places.insert(number, place);
    }

    fn place(&self, number: u64) -> Option<usize> {
        self.places.get(&number).copied()
    }
}

#[derive(Debug)]
struct KeptOrder {
    session: usize,
    instrument: usize,
    /// When it came, and when something happened to it last.
    days: (i64, i64),
    may_trade: bool,
    stands: Option<Standing>,
    /// All its ClOrdIDs(11).
    names: Vec<Arc<str>>,
    executions: Vec<Execution>,
    state: State,
}

/// Why a frame cannot be taken.
pub(super) enum Problem {
    /// It is damaged.
    Damaged(usize),
    /// What it holds is nothing that this program writes.
    Strange(usize),
}

impl From<Damage> for Problem {
    fn from(Damage(at): Damage) -> Self {
        Problem::Damaged(at)
    }
}

impl Kept {
    /// Reads a journal, as far as it is whole; how many bytes that are.
    ///
    /// # Errors
    /// [`JournalError`]
    pub(super) fn read(path: &Path, file: &[u8]) -> Result<(Self, usize), JournalError> {
        let mut kept = Kept::default();
        let len = frame::each(file, |at, payload| {
            kept.frames += 1;
            let mut from = Unpack(payload);
            while !from.is_empty() {
                let instruments = &kept.instruments;
                let listing = |number| Some(Arc::clone(&instruments.all[instruments.place(number)?]));
                let record = Record::unpack(&mut from, listing);
                record.and_then(|record| kept.take(record)).ok_or(Problem::Strange(at))?;
            }
            Ok(())
        });
        let len = len.map_err(|problem| {
            JournalError::new(
                path,
                match problem {
                    Problem::Damaged(at) => format!(
                        "damaged at byte {at}, and whole behind it: restore the file from a copy, or move it away (all orders \
                         are unknown then)"
                    ),
                    Problem::Strange(at) => format!(
                        "what stands at byte {at} was not written by this version of fix-host: start the version that wrote \
                         it, or move the file away (all orders are unknown then)"
                    ),
                },
            )
        })?;
        if len == 0 && !file.is_empty() && kept.prefix.is_empty() && !file.starts_with(b"xj1\n") {
            return Err(JournalError::new(path, "this is no journal of orders; move it away".to_owned()));
        }
        Ok((kept, len))
    }

    fn take(&mut self, record: Record<'_>) -> Option<()> {
        match record {
            Record::Head { prefix, starts } => (self.prefix, self.starts) = (prefix.to_owned(), starts),
            Record::Session { number, name } => self.sessions.set(number, name.to_owned()),
            Record::Instrument { number, steps: (symbol, tick, lot) } => {
                let (place, symbol) = (0, symbol.into());
                let listing = Listing {
                    place,
                    symbol,
                    security_id: None,
                    price_type: None,
                    tick,
                    lot,
                    is_listed: false,
                };
                self.instruments.set(number, Arc::new(listing));
            }
            Record::Order(order) => self.take_order(order)?,
            Record::Request { id, cl_ord_id } => {
                if let Some(order) = self.orders.get_mut(&id) {
                    order.name(&cl_ord_id.into());
                }
            }
            Record::Waits { session, id, exec } => {
                self.waits.entry(self.sessions.place(session)?).or_default().push((id, exec));
            }
            Record::Sent { session, id, exec, number } => {
                let session = self.sessions.place(session)?;
                let waits = self.waits.entry(session).or_default();
                if let Some(at) = waits.iter().position(|waits| *waits == (id, exec)) {
                    waits.remove(at);
                }
                let sent = self.sent.entry(session).or_default();
                if sent.frame != self.frames {
                    *sent = Sent { frame: self.frames, reports: Vec::new() };
                }
                sent.reports.push((number, (id, exec)));
            }
            Record::Stored { session } => _ = self.sent.remove(&self.sessions.place(session)?),
            Record::Taken { session } => {
                let session = self.sessions.place(session)?;
                self.waits.remove(&session);
                self.sent.remove(&session);
            }
            Record::Market { instrument, day, state } => {
                self.markets.insert(self.instruments.place(instrument)?, (day, state));
            }
            Record::List { session, day, list } => {
                let lists = self.lists.entry(self.sessions.place(session)?).or_default();
                match lists.iter_mut().find(|(_, known)| known.id == list.id) {
                    Some(known) => *known = (day, list),
                    None => lists.push((day, list)),
                }
                if lists.len() > MOST_LISTS {
                    lists.remove(0);
                }
            }
            Record::Venue { phase, holds } => self.venue = Some((phase, holds)),
        }
        Some(())
    }

    fn take_order(&mut self, order: Order<'_>) -> Option<()> {
        let Order { id, days, may_trade, stands, is_all, state, .. } = order;
        let executions = order.executions.unpack()?;
        let kept = match self.orders.get_mut(&id) {
            Some(kept) => kept,
            None if is_all => self.orders.entry(id).or_insert(KeptOrder {
                session: self.sessions.place(order.session)?,
                instrument: self.instruments.place(order.instrument)?,
                days,
                may_trade,
                stands,
                names: Vec::new(),
                executions: Vec::new(),
                state: state.clone(),
            }),
            // It was left out when the file was written anew, and is asked about again: it cannot be known as it was.
            None => return Some(()),
        };
        if is_all {
            kept.executions.clear();
        }
        kept.executions.extend(executions);
        kept.name(state.cl_ord_id());
        (kept.days.1, kept.may_trade, kept.stands) = (kept.days.1.max(days.1), may_trade, stands);
        kept.state = state;
        Some(())
    }

    /// The lists of each session that are to be known: those that wait, and those of today or the day before.
    pub(super) fn lists(&self, today: i64) -> impl Iterator<Item = (&str, Vec<KeptList>)> {
        self.lists.iter().map(move |(session, lists)| {
            let known = lists.iter().filter(|list| is_known(list, today));
            (self.sessions.all[*session].as_str(), known.map(|(_, list)| list.clone()).collect())
        })
    }

    /// Numbers of orders and executions go on behind this one.
    fn first_number(&self) -> u64 {
        self.starts << BITS_OF_START
    }

    /// What of orders their sessions were not told. `next_out`: the next MsgSeqNum(34) of a session by its store, of which
    /// name; what was sent under it or a later one was not.
    fn untold(&self, next_out: impl Fn(&str) -> Option<u64>) -> HashMap<u64, Vec<Option<u64>>> {
        let lost = self.sent.iter().flat_map(|(session, sent)| {
            let stored = next_out(&self.sessions.all[*session]).unwrap_or(u64::MAX);
            sent.reports.iter().filter(move |(number, _)| *number >= stored).map(|(_, report)| report)
        });
        let mut untold = HashMap::<_, Vec<_>>::new();
        for (id, exec) in self.waits.values().flatten().chain(lost) {
            untold.entry(*id).or_default().push(*exec);
        }
        untold.values_mut().for_each(|untold| {
            untold.sort_unstable();
            untold.dedup();
        });
        untold
    }

    /// The orders that are to be known: those that may trade, and those that their session was not told all of, or may still
    /// ask for or send again (97=Y), which is to the end of the day behind that of their last change.
    fn that_matter(
        &self,
        untold: &HashMap<u64, Vec<Option<u64>>>,
        today: i64,
    ) -> impl Iterator<Item = (u64, &KeptOrder)> {
        self.orders
            .iter()
            .filter(move |(id, kept)| kept.may_trade || today <= kept.days.1 + 1 || untold.contains_key(*id))
            .map(|(id, kept)| (*id, kept))
    }

    /// The sessions for which something waits, or to which something was sent last.
    pub(super) fn told(&self) -> impl Iterator<Item = &str> {
        self.waits.keys().chain(self.sent.keys()).map(|session| self.sessions.all[*session].as_str())
    }

    /// Brings a venue to where it was. `owner` is asked for the owner of a session by its name, `next_out` for its next
    /// MsgSeqNum(34) by its store.
    pub(super) fn restore(
        &self,
        venue: &mut Venue,
        (now, today): (UtcTimestamp, i64),
        mut owner: impl FnMut(&str) -> Owner,
        next_out: impl Fn(&str) -> Option<u64>,
        out: &mut Vec<Output>,
    ) {
        let untold = self.untold(next_out);
        let steps = |place: usize| steps(&self.instruments.all[place]);
        let orders = self.that_matter(&untold, today).map(|(id, kept)| EarlierOrder {
            order: Restored {
                id: OrderId(id),
                owner: owner(&self.sessions.all[kept.session]),
                state: &kept.state,
                names: &kept.names,
                executions: &kept.executions,
                untold: untold.get(&id).map_or(&[], Vec::as_slice),
            },
            steps: steps(kept.instrument),
            stands: kept.stands,
            is_of_earlier_day: kept.days.0 < today,
        });
        let orders = orders.collect();
        let markets = self.markets.iter().map(|(place, (on, state))| EarlierMarket {
            steps: steps(*place),
            state: *state,
            is_of_earlier_day: *on < today,
        });
        let markets = markets.collect();
        let earlier = Earlier { numbers: self.first_number(), venue: self.venue, markets, orders };
        venue.restore(&earlier, now, out);
    }

    /// What matters, as the beginning of a journal.
    pub(super) fn packed(&self, today: i64) -> Vec<u8> {
        let mut out = Vec::new();
        let mut at = 0;
        frame::begin(&mut out);
        record::head(&mut out, &self.prefix, self.starts);
        self.pack_names(&mut out);
        if let Some((phase, holds)) = self.venue {
            record::venue(&mut out, phase, holds);
        }
        // All that was sent may turn out to be lost.
        let untold = self.untold(|_| Some(0));
        let used: BTreeSet<usize> =
            self.that_matter(&untold, today).map(|(_, order)| order.instrument).collect();
        let phase = self.venue.map_or(Phase::Open, |(phase, _)| phase);
        for (place, (on, state)) in &self.markets {
            let begun = MarketState { phase, is_paused: false, last_price: None, day: Default::default() };
            // Of an instrument that is in no list and that nothing has become of.
            let is_old = *on < today && *state == begun && !used.contains(place);
            if !is_old {
                record::market(&mut out, *place as u64, *on, *state);
            }
        }
        for (id, kept) in self.that_matter(&untold, today) {
            if out.len() - at > LONG_FRAME {
                frame::end(&mut out, at);
                at = out.len();
                frame::begin(&mut out);
            }
            let KeptOrder { session, instrument, days, may_trade, stands, .. } = *kept;
            let (session, instrument) = (session as u64, instrument as u64);
            let head = OrderHead { id, session, instrument, days, may_trade, is_all: true, stands };
            record::order(&mut out, head, kept.executions.iter().copied(), |out| kept.state.pack(out));
            kept.names.iter().for_each(|name| record::request(&mut out, id, name));
        }
        // Before what waits, which it would end.
        for (session, sent) in &self.sent {
            sent.reports.iter().for_each(|(number, report)| {
                record::sent(&mut out, *session as u64, *report, *number);
            });
        }
        for (session, waits) in &self.waits {
            waits.iter().for_each(|(id, exec)| record::waits(&mut out, *session as u64, *id, *exec));
        }
        for (session, lists) in &self.lists {
            for (on, list) in lists.iter().filter(|list| is_known(list, today)) {
                record::list(&mut out, *session as u64, *on, list);
            }
        }
        // What follows gives numbers as they are at this place.
        for (number, place) in &self.sessions.places {
            record::session(&mut out, *number, &self.sessions.all[*place]);
        }
        for (number, place) in &self.instruments.places {
            record::instrument(&mut out, *number, steps(&self.instruments.all[*place]));
        }
        frame::end(&mut out, at);
        out
    }

    /// Sessions and instruments, by their places.
    fn pack_names(&self, out: &mut Vec<u8>) {
        for (number, name) in (0..).zip(&self.sessions.all) {
            record::session(out, number, name);
        }
        for (number, listing) in (0..).zip(&self.instruments.all) {
            record::instrument(out, number, steps(listing));
        }
    }
}

fn steps(listing: &Listing) -> Steps<'_> {
    (&listing.symbol, listing.tick, listing.lot)
}

fn is_known((on, list): &(i64, KeptList), today: i64) -> bool {
    list.waiting.is_some() || today <= on + 1
}

/// A frame that is long enough, in bytes.
const LONG_FRAME: usize = 64 << 10;

impl KeptOrder {
    fn name(&mut self, cl_ord_id: &Arc<str>) {
        if !self.names.contains(cl_ord_id) {
            self.names.push(Arc::clone(cl_ord_id));
        }
    }
}

/// The contents of a file; nothing if there is none.
pub(super) fn contents(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(problem) if problem.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(problem) => Err(problem),
    }
}
