//! The floor: the one place where all sessions of an exchange meet.
//!
//! The [`Venue`] stands here, under one lock: what a session asks is done in it at once, in the order in which sessions come
//! to the lock. What is said to it of that it takes along; what is said to others waits at their [`Seat`]s until each takes
//! it, in its own task and in order. Nobody waits for a session: one that is away finds its reports when it comes back, and
//! one that lets [too many](MOST_WAITING) wait has its orders cancelled, so that there is an end to them.

mod course;
mod drop_copy;
mod prices;
mod seat;

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use fix_core::{decimal::Decimal, dict::fix44::code::PriceType, tag, time::UtcTimestamp};
use tokio::sync::Notify;

use super::{
    book::Owner,
    ids::IdPrefix,
    journal::{Journal, Kept, KeptList},
    market_data::Pictures,
    orders,
    profile::course::Course,
    securities::Securities,
    venue::{Instrument, Named, Output, Rules, Venue},
};
use crate::contract::by_hand::OrderJournal;
use crate::market::{
    self, Market,
    replay::{Recorded, Replay},
};

use course::Quoted;
pub use seat::Seat;

/// Reports that may wait for one session before its orders are cancelled, whose reports come on top.
pub const MOST_WAITING: usize = 10_000;

/// The floor of one exchange. Clones are the same one.
#[derive(Clone)]
pub struct Floor(Arc<Shared>);

struct Shared {
    ids: IdPrefix,
    securities: Securities,
    /// The market has changed since somebody waited for that.
    moved: Arc<Notify>,
    has_journal: bool,
    state: Mutex<State>,
}

/// Where the venue's own quotes come from.
enum Prices {
    /// They move with each tick.
    Simulated(Market),
    /// They were recorded.
    Replayed(Replay),
}

struct State {
    venue: Venue,
    prices: Prices,
    /// By [`Owner`], whose numbers begin with one.
    sessions: Vec<Session>,
    /// Their owners, by their names.
    owners: HashMap<String, Owner>,
    /// Those that are woken for whatever changes the market.
    watching: Vec<Owner>,
    /// Those that get each report of the others too.
    drop_copies: Vec<Owner>,
    /// Where orders are kept over restarts; `None`: nowhere.
    journal: Option<Journal>,
    /// The journal lacks what this session has asked for last, of which nobody else was told: it writes all of it in one go,
    /// before it says anything of it to its counterparty.
    unwritten: Option<Owner>,
    /// Nobody asks for what is done, and a journal that is failing is not tried again: that is done each second.
    is_step: bool,
    /// What its profile has happen by itself; `None`: nothing.
    course: Option<Course>,
    /// The venue's own quotes, by the place of their instrument.
    quoted: Vec<Quoted>,
    /// Of its books, for the subscribers of all sessions.
    pictures: Pictures,
    /// The latest time that was told.
    now: UtcTimestamp,
    // Used again and again.
    out: Vec<Output>,
    wakes: Vec<Arc<Wake>>,
}

/// A session that has or had a seat.
struct Session {
    name: String,
    waiting: VecDeque<Output>,
    /// Lists of orders of an earlier start, until it asks for them.
    lists: Vec<KeptList>,
    /// The next MsgSeqNum(34) by its store, when that was opened.
    next_out: Option<u64>,
    /// The journal says what was sent to it, and not that it is in its store.
    may_be_lost: bool,
    /// `None`: the session has left.
    wake: Option<Arc<Wake>>,
}

/// Makes the task of a session look at its seat.
type Wake = dyn Fn() + Send + Sync;

impl Floor {
    /// A floor without sessions, whose venue has the instruments of `market` and quotes them as it does. `ids` keeps OrderIDs
    /// and ExecIDs unique over restarts.
    pub fn new(market: Market, rules: Rules, ids: IdPrefix) -> Self {
        let instruments = market.instruments();
        let floor = Floor::with_prices(Prices::Simulated(market), &instruments, rules, ids, None);
        floor.act(|_, state| state.quote());
        floor
    }

    /// A floor that keeps its orders in a journal. It begins when it [restores](Self::restore) those of an earlier start: nothing
    /// is quoted, traded or kept before.
    pub fn with_journal(market: Market, rules: Rules, kept: &Kept, journal: Journal) -> Self {
        let instruments = market.instruments();
        let ids = IdPrefix::new(kept.prefix());
        Floor::with_prices(Prices::Simulated(market), &instruments, rules, ids, Some(journal))
    }

    /// Goes on from where an earlier start was: sessions find their orders, and what they were not told.
    pub fn restore(&self, kept: &Kept, now: UtcTimestamp) {
        self.act(|_, state| {
            state.now = now;
            let State { venue, sessions, owners, journal, out, .. } = state;
            let stored: HashMap<String, u64> = sessions
                .iter()
                .filter_map(|session| Some((session.name.clone(), session.next_out?)))
                .collect();
            let next_out = |name: &str| stored.get(name).copied();
            kept.restore(venue, now, |name| owner(sessions, owners, journal, name), next_out, out);
            // What of it still waits is kept anew.
            for name in kept.told() {
                let owner = owner(sessions, owners, journal, name);
                journal.iter_mut().for_each(|journal| journal.taken(owner));
            }
            for (name, lists) in kept.lists(now) {
                let owner = owner(sessions, owners, journal, name);
                if let Some(session) = session_mut(sessions, owner) {
                    session.lists = lists;
                }
            }
            state.phase_by_clock();
            state.quote();
        });
    }

    /// A floor without sessions, whose venue quotes and trades what was recorded, as it is [played](Self::play). Its orders are
    /// kept nowhere.
    pub fn replaying(
        replay: Replay,
        instruments: &[market::Instrument],
        rules: Rules,
        ids: IdPrefix,
    ) -> Self {
        Floor::with_prices(Prices::Replayed(replay), instruments, rules, ids, None)
    }

    fn with_prices(
        prices: Prices,
        instruments: &[market::Instrument],
        rules: Rules,
        ids: IdPrefix,
        journal: Option<Journal>,
    ) -> Self {
        let listed: Vec<Instrument> = instruments.iter().map(listed).collect();
        let has_journal = journal.is_some();
        let state = State {
            venue: Venue::new(rules, &listed),
            prices,
            sessions: Vec::new(),
            owners: HashMap::new(),
            watching: Vec::new(),
            drop_copies: Vec::new(),
            journal,
            unwritten: None,
            is_step: false,
            course: None,
            quoted: Vec::new(),
            pictures: Pictures::default(),
            now: UtcTimestamp::default(),
            out: Vec::new(),
            wakes: Vec::new(),
        };
        let securities = Securities::new(instruments);
        Floor(Arc::new(Shared {
            ids,
            securities,
            moved: Arc::default(),
            has_journal,
            state: Mutex::new(state),
        }))
    }

    /// A session joins, or comes back: by its name it has the orders and reports that it had. `wake` is called whenever
    /// something waits for it, and for changes of the market if it [watches](Seat::watch) them; it must neither wait nor
    /// call the floor.
    pub fn join(&self, session: &str, wake: impl Fn() + Send + Sync + 'static) -> Seat {
        let mut state = self.state();
        let State { sessions, owners, journal, .. } = &mut *state;
        let owner = owner(sessions, owners, journal, session);
        if let Some(session) = session_mut(sessions, owner) {
            session.wake = Some(Arc::new(wake));
        }
        Seat { floor: self.clone(), owner }
    }

    /// Time has come to `now`: orders whose time is over end, then all simulated prices move by one step, and the venue's quotes
    /// follow them.
    pub fn tick(&self, now: UtcTimestamp) {
        self.act(|_, state| {
            state.come_to(now);
            if let Prices::Simulated(market) = &mut state.prices {
                market.tick();
                state.quote();
            }
        });
    }

    /// Plays on what was recorded, after so much time. True once all of it is played.
    pub fn play(&self, passed: Duration) -> bool {
        self.act(|_, state| {
            let Prices::Replayed(replay) = &mut state.prices else { return true };
            let lines = replay.advance(passed);
            let is_over = replay.is_over();
            lines.iter().for_each(|line| state.play(line));
            is_over
        })
    }

    /// What is played stands still from now on if it did not, or goes on. True if it stands.
    pub fn toggle_pause(&self) -> bool {
        let mut state = self.state();
        let Prices::Replayed(replay) = &mut state.prices else { return false };
        let is_paused = !replay.is_paused();
        replay.pause(is_paused);
        is_paused
    }

    /// Does something by hand in the venue; what comes of it is told to the sessions concerned.
    pub fn by_hand<R>(&self, act: impl FnOnce(&mut Venue, &mut Vec<Output>) -> R) -> R {
        self.act(|_, state| act(&mut state.venue, &mut state.out))
    }

    /// Looks at the venue.
    pub fn look<R>(&self, look: impl FnOnce(&Venue) -> R) -> R {
        let mut state = self.state();
        state.write_for(None);
        look(&state.venue)
    }

    /// The middle of the exchange's own prices for a symbol.
    pub fn middle(&self, symbol: &str) -> Option<Decimal> {
        let state = self.state();
        let place = state.venue.find(Named::Symbol(symbol))?;
        let middle = match &state.prices {
            Prices::Simulated(market) => market.middle(place),
            Prices::Replayed(replay) => replay.middle(place),
        };
        middle?.checked_add(state.shift(place)?)
    }

    /// The names of the sessions that have joined, in that order, which is that of their owners.
    pub fn sessions(&self) -> Vec<String> {
        self.state().sessions.iter().map(|session| session.name.clone()).collect()
    }

    /// What is listed.
    pub fn securities(&self) -> &Securities {
        &self.0.securities
    }

    /// Whether what becomes of orders is kept.
    pub fn order_journal(&self) -> OrderJournal {
        let mut state = self.state();
        state.write_for(None);
        match &state.journal {
            None => OrderJournal::None,
            Some(journal) if journal.is_failing() => OrderJournal::Failing,
            Some(_) => OrderJournal::Written,
        }
    }

    /// What the numbers of orders and executions look like here.
    pub fn ids(&self) -> &IdPrefix {
        &self.0.ids
    }

    /// Does something under the lock, and hands what is said to the seats of those it is for.
    fn act<R>(&self, act: impl FnOnce(&Self, &mut State) -> R) -> R {
        self.act_for(None, act)
    }

    /// The same for a session, which takes along what is said to it.
    fn act_for<R>(
        &self,
        mut asking: Option<(Owner, &mut VecDeque<Output>)>,
        act: impl FnOnce(&Self, &mut State) -> R,
    ) -> R {
        let mut state = self.state();
        state.write_for(asking.as_ref().map(|(owner, _)| *owner));
        if let Some((owner, own)) = &mut asking {
            state.take(*owner, own);
        }
        let before = state.venue.changes();
        let result = act(self, &mut state);
        state.deliver(&mut asking);
        if state.venue.changes() != before {
            self.0.moved.notify_one();
            state.wake_watchers(asking.map(|(owner, _)| owner));
        }
        if state.wakes.is_empty() {
            return result;
        }
        let wakes = std::mem::take(&mut state.wakes);
        drop(state);
        wakes.iter().for_each(|wake| wake());
        result
    }

    /// The venue's own quotes are made anew, as at a start.
    #[cfg(test)]
    pub(super) fn requote(&self) {
        self.act(|_, state| state.quote());
    }

    /// Does something to the journal.
    #[cfg(test)]
    pub(super) fn journal<R>(&self, act: impl FnOnce(&mut Journal) -> R) -> R {
        act(self.state().journal.as_mut().unwrap())
    }

    /// A panic elsewhere leaves at worst the reports of one request untold.
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// The venue quotes what the simulator says.
    fn quote(&mut self) {
        let Prices::Simulated(market) = &self.prices else { return };
        for (place, quote) in market.quotes().iter().enumerate() {
            self.price(place, quote.bid, quote.ask);
        }
    }

    /// A line of a recording: the venue quotes what it says, and then a trade is seen.
    fn play(&mut self, line: &Recorded) {
        if let Some((bid, ask)) = line.quote {
            self.price(line.place, bid, ask);
        }
        if let Some((price, qty)) = line.trade {
            self.venue.print(line.place, price, qty, &mut self.out);
        }
    }

    /// Appends what waits for a session to `own`.
    fn take(&mut self, owner: Owner, own: &mut VecDeque<Output>) {
        if let Some(session) = session_mut(&mut self.sessions, owner) {
            own.append(&mut session.waiting);
        }
    }

    /// Nobody but the session that asks has to do with what the journal lacks.
    fn write_for(&mut self, asking: Option<Owner>) {
        if self.unwritten.is_some() && self.unwritten != asking {
            self.write();
        }
    }

    fn write(&mut self) {
        self.unwritten = None;
        let is_step = std::mem::take(&mut self.is_step);
        if let Some(journal) = self.journal.as_mut().filter(|journal| !(is_step && journal.is_failing())) {
            let keeps = journal.write(&mut self.venue, self.now);
            self.venue.keeps(keeps);
        }
    }

    /// Gives everybody what is said to him.
    fn deliver(&mut self, asking: &mut Option<(Owner, &mut VecDeque<Output>)>) {
        let mut slow = None;
        loop {
            let State { sessions, out, wakes, journal, now, drop_copies, .. } = self;
            for output in out.drain(..) {
                let owner = output.owner();
                drop_copy::copy(drop_copies, sessions, &output, *now, wakes);
                if let Some(journal) = journal {
                    journal.waits(&output);
                }
                match asking {
                    Some((asking, own)) if *asking == owner => own.push_back(output),
                    _ => {
                        let Some(session) = session_mut(sessions, owner) else { continue };
                        session.waiting.push_back(output);
                        match session.waiting.len() {
                            // It has been woken for what waits already, but for the first.
                            1 => wakes.extend(session.wake.clone()),
                            len if len > MOST_WAITING => slow = Some(owner),
                            _ => {}
                        }
                    }
                }
            }
            if journal.is_some() {
                self.unwritten = asking.as_ref().map(|(owner, _)| *owner);
                // Before it can go anywhere.
                if self.unwritten.is_none() {
                    self.write();
                }
            }
            match slow.take() {
                Some(owner) => self.venue.leave(owner, &mut self.out),
                None => return,
            }
            if self.out.is_empty() {
                return;
            }
        }
    }

    /// Who asked looks of itself.
    fn wake_watchers(&mut self, asking: Option<Owner>) {
        let State { sessions, watching, wakes, .. } = self;
        for owner in watching.iter().filter(|owner| Some(**owner) != asking) {
            wakes.extend(session_mut(sessions, *owner).and_then(|session| session.wake.clone()));
        }
    }
}

impl Drop for State {
    fn drop(&mut self) {
        self.write_for(None);
    }
}

/// The session of an owner; the venue's own orders have none.
fn session_mut(sessions: &mut [Session], owner: Owner) -> Option<&mut Session> {
    sessions.get_mut((owner.0 as usize).checked_sub(1)?)
}

/// The owner of a session's orders, by its name.
fn owner(
    sessions: &mut Vec<Session>,
    owners: &mut HashMap<String, Owner>,
    journal: &mut Option<Journal>,
    name: &str,
) -> Owner {
    if let Some(owner) = owners.get(name) {
        return *owner;
    }
    let session = Session {
        name: name.to_owned(),
        waiting: VecDeque::new(),
        lists: Vec::new(),
        next_out: None,
        may_be_lost: false,
        wake: None,
    };
    sessions.push(session);
    let owner = Owner(sessions.len() as u32);
    owners.insert(name.to_owned(), owner);
    if let Some(journal) = journal {
        journal.session(owner, name);
    }
    owner
}

/// An instrument of the market as one of the venue.
pub(super) fn listed(instrument: &market::Instrument) -> Instrument {
    let field = |tag| instrument.listed(tag).map(str::to_owned);
    let security_id = field(tag::SECURITY_ID).map(|id| (id, field(tag::SECURITY_ID_SOURCE)));
    let price_type = instrument.listed(tag::PRICE_TYPE).and_then(|text| text.parse().ok()).map(PriceType);
    Instrument {
        symbol: instrument.symbol.to_owned(),
        security_id,
        price_type,
        tick: instrument.tick,
        lot: None,
    }
}

#[cfg(test)]
pub(super) mod tests;
