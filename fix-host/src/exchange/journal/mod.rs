//! The journal of orders: what a restarted exchange knows of them.
//!
//! Every report that changes an order is a line, written before the report can go anywhere. At the start the lines are read,
//! the orders that live are put into their books again in the order in which they came to their places, and the file is
//! written anew with what still matters: live orders, and those that something happened to on the same day or the one before. An order for the day does not outlive it:
//! its session is told at the first start on another day. Numbers of orders and executions go on where no earlier start has
//! been: the number of the start stands in their upper bits.
//!
//! What a session was not told, because it was away or busy when the exchange was killed, waits for it again after the restart:
//! its executions with the ExecIDs that they had, its orders that ended; of other changes (what a person did) the state of the
//! order (150=I). What it had taken counts as told, though a kill may have come before it was sent: that moment is not kept,
//! and H or AF ask for the state.
//!
//! Not kept: requests that are held or pending, refusals, 39=7 and 39=3 of live orders, and phases.
//! The file grows until the next start, and is not synced: it survives the process, not a power cut.

mod record;

use std::{
    collections::{BTreeMap, HashMap},
    fs::{self, File, OpenOptions},
    io::{self, BufRead, BufReader, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use fix_core::{decimal::Decimal, dict::fix44::code::OrdStatus, time::UtcTimestamp};
use record::{Order, Record, Trades, day};

use super::{
    book::{Owner, Quantity, Side, Ticks},
    orders::{Listing, Report, Restored},
    venue::{Mark, Output, Venue},
};

/// Bits of a number below those of the start.
const BITS_OF_START: u32 = 40;

/// Where orders are kept.
#[derive(Debug)]
pub struct Journal {
    file: File,
    /// Nobody else writes there.
    _lock: Arc<File>,
    /// How much of the file is whole lines.
    len: u64,
    /// Lines that are not in the file.
    lines: Vec<u8>,
    /// The last write has failed, and may have left a part of a line behind `len`.
    has_failed: bool,
}

/// What was read.
#[derive(Debug)]
pub struct Kept {
    lock: Arc<File>,
    /// What stands before the numbers of ids.
    pub prefix: String,
    /// How often the exchange has started before.
    pub starts: u64,
    orders: BTreeMap<u64, KeptOrder>,
    /// Counts changes by which an order comes to the end of a queue.
    places: u64,
    /// Counts lines.
    lines: u64,
    /// The last price of an instrument, and its tick.
    last: BTreeMap<String, ((i64, u8), i64)>,
    /// The line by which a session took what waited for it last.
    taken: HashMap<String, u64>,
}

#[derive(Debug)]
struct KeptOrder {
    order: Order,
    /// All its ClOrdIDs, the oldest first.
    names: Vec<String>,
    trades: Trades,
    /// OrdStatus(39) of one that has ended otherwise than by a fill.
    ended: Option<u8>,
    place: u64,
    /// When something happened to it last, in days since 1970.
    last_day: i64,
    /// Reports that waited for the session, by their lines: of these executions, or of something else.
    untold: Vec<(u64, Option<u64>)>,
    /// At what limit it stands, and how much of it is shown, where its terms do not say it.
    stands: Option<(Ticks, Quantity)>,
}

/// Why there is no journal.
#[derive(Debug, thiserror::Error)]
#[error("{}: {problem}", path.display())]
pub struct JournalError {
    path: PathBuf,
    problem: String,
}

impl Kept {
    /// Reads a journal, which is this process's alone from then on; that there is none is an empty one, whose ids begin with
    /// `prefix`. A last line that a crash has cut is left out.
    ///
    /// # Errors
    /// [`JournalError`]: a line cannot be read, or another process has the journal.
    pub fn read(path: &Path, prefix: &str) -> Result<Self, JournalError> {
        let error = |problem: String| JournalError { path: path.to_owned(), problem };
        let lock = lock(path).map_err(|problem| error(problem.to_string()))?;
        let prefix = prefix.to_owned();
        let mut kept = Kept {
            lock: Arc::new(lock),
            prefix,
            starts: 0,
            orders: BTreeMap::new(),
            places: 0,
            lines: 0,
            taken: HashMap::new(),
            last: BTreeMap::new(),
        };
        let file = match File::open(path) {
            Ok(file) => file,
            Err(problem) if problem.kind() == io::ErrorKind::NotFound => return Ok(kept),
            Err(problem) => return Err(error(problem.to_string())),
        };
        let (mut reader, mut line) = (BufReader::new(file), Vec::new());
        for number in 1_u64.. {
            line.clear();
            let count = reader.read_until(b'\n', &mut line).map_err(|problem| error(problem.to_string()))?;
            if count == 0 || line.last() != Some(&b'\n') {
                break;
            }
            let record = serde_json::from_slice(&line);
            kept.take(record.map_err(|problem| error(format!("line {number}: {problem}")))?);
        }
        Ok(kept)
    }

    fn take(&mut self, record: Record) {
        self.lines += 1;
        match record {
            Record::Start { prefix, starts } => (self.prefix, self.starts) = (prefix, starts + 1),
            Record::Order(order) => self.take_order(*order),
            Record::Trade { id, exec, price, qty, day } => {
                self.change(id, day, |kept| kept.trade(exec, price, qty));
            }
            Record::Bust { id, exec, day } => {
                self.change(id, day, |kept| kept.trades.retain(|(number, ..)| *number != exec));
            }
            Record::Correct { id, was, exec, price, qty, day } => self.change(id, day, |kept| {
                let trade = kept.trades.iter_mut().find(|(number, ..)| *number == was);
                trade.into_iter().for_each(|trade| *trade = (exec, price, qty));
            }),
            Record::Waits { id, exec } => {
                let line = self.lines;
                self.change(id, 0, |kept| kept.untold.push((line, exec)));
            }
            Record::Stands { id, price, shown, is_last } => {
                self.places += u64::from(is_last);
                let place = self.places;
                self.change(id, 0, |kept| {
                    kept.stands = Some((price, shown));
                    kept.place = if is_last { place } else { kept.place };
                });
            }
            Record::Last { symbol, tick, price } => _ = self.last.insert(symbol, (tick, price)),
            Record::Taken { session } => _ = self.taken.insert(session, self.lines),
            Record::End { id, status, name, day } => self.change(id, day, |kept| {
                kept.ended = Some(status);
                if kept.names.last() != Some(&name) {
                    kept.names.push(name);
                }
            }),
        }
    }

    fn take_order(&mut self, order: Order) {
        self.places += 1;
        let name = order.name.clone();
        let Some(kept) = self.orders.get_mut(&order.id) else {
            let kept = KeptOrder {
                names: vec![name],
                trades: Vec::new(),
                ended: None,
                place: self.places,
                last_day: order.day,
                untold: Vec::new(),
                stands: None,
                order,
            };
            self.orders.insert(kept.order.id, kept);
            return;
        };
        // Less of it at the same price keeps its place, as in the book.
        let was = &kept.order;
        let same = (was.price, was.stop, was.display_qty) == (order.price, order.stop, order.display_qty);
        if !same || order.qty > was.qty {
            kept.place = self.places;
            kept.stands = None;
        }
        kept.names.push(name);
        kept.last_day = order.day;
        kept.order = order;
    }

    fn change(&mut self, id: u64, day: i64, change: impl FnOnce(&mut KeptOrder)) {
        if let Some(kept) = self.orders.get_mut(&id) {
            kept.last_day = kept.last_day.max(day);
            change(kept);
        }
    }

    /// What of an order its session was not told: executions, or something else.
    fn untold(&self, kept: &KeptOrder) -> Vec<Option<u64>> {
        let taken = self.taken.get(&kept.order.session).copied().unwrap_or_default();
        let mut untold: Vec<_> =
            kept.untold.iter().filter(|(line, _)| *line > taken).map(|(_, exec)| *exec).collect();
        untold.sort_unstable();
        untold.dedup();
        untold
    }

    /// True if an order may trade, or its session was not told all of it; or if it may still ask for it or send it again (97=Y),
    /// which is to the end of the day behind that of its last change.
    fn matters(&self, kept: &KeptOrder, now: UtcTimestamp) -> bool {
        kept.is_live() || day(now) <= kept.last_day + 1 || !self.untold(kept).is_empty()
    }

    /// The first number of ids of this start.
    pub fn first_number(&self) -> u64 {
        self.starts << BITS_OF_START
    }

    /// Puts the orders into a venue. `owner` is asked for the owner of a session by its name.
    pub fn restore(
        &self,
        venue: &mut Venue,
        now: UtcTimestamp,
        mut owner: impl FnMut(&str) -> Owner,
        out: &mut Vec<Output>,
    ) {
        venue.begin_numbers(self.first_number());
        for (symbol, ((mantissa, scale), price)) in &self.last {
            venue.restore_last(symbol, Decimal::new(*mantissa, *scale), *price);
        }
        let mut by_place: Vec<&KeptOrder> =
            self.orders.values().filter(|kept| self.matters(kept, now)).collect();
        by_place.sort_by_key(|kept| kept.place);
        let restored = |kept: &KeptOrder| kept.restored(&mut owner, self.untold(kept), now);
        let orders = by_place.into_iter().filter_map(restored);
        venue.restore(orders.collect(), now, out);
    }

    /// Writes what matters anew, and goes on there.
    ///
    /// # Errors
    /// [`JournalError`]
    pub fn go_on(&self, path: &Path, now: UtcTimestamp) -> Result<Journal, JournalError> {
        let write = || {
            let new = path.with_extension("new");
            let mut file = io::BufWriter::new(File::create(&new)?);
            self.write_to(&mut file, now)?;
            file.into_inner()?.sync_all()?;
            fs::rename(&new, path)?;
            let file = OpenOptions::new().append(true).open(path)?;
            let len = file.metadata()?.len();
            Ok((file, len))
        };
        let (file, len) = write().map_err(|problem: io::Error| JournalError {
            path: path.to_owned(),
            problem: problem.to_string(),
        })?;
        Ok(Journal { file, _lock: Arc::clone(&self.lock), len, lines: Vec::new(), has_failed: false })
    }

    fn write_to(&self, file: &mut impl Write, now: UtcTimestamp) -> io::Result<()> {
        let mut line = |record: &Record| -> io::Result<()> {
            serde_json::to_writer(&mut *file, record)?;
            file.write_all(b"\n")
        };
        line(&Record::Start { prefix: self.prefix.clone(), starts: self.starts })?;
        for (symbol, (tick, price)) in &self.last {
            line(&Record::Last { symbol: symbol.clone(), tick: *tick, price: *price })?;
        }
        let mut by_place: Vec<&KeptOrder> =
            self.orders.values().filter(|kept| self.matters(kept, now)).collect();
        by_place.sort_by_key(|kept| kept.place);
        for kept in by_place {
            let (id, day) = (kept.order.id, kept.last_day);
            let (last, before) = kept.names.split_last().map_or(("", &[][..]), |(last, rest)| (last, rest));
            let named = if kept.ended.is_some() && !before.is_empty() { before } else { &kept.names };
            for name in named {
                line(&Record::Order(Box::new(Order { name: name.clone(), ..kept.order.clone() })))?;
            }
            for (exec, price, qty) in &kept.trades {
                line(&Record::Trade { id, exec: *exec, price: *price, qty: *qty, day })?;
            }
            if let Some(status) = kept.ended {
                line(&Record::End { id, status, name: last.to_owned(), day })?;
            }
            if let Some((price, shown)) = kept.stands {
                line(&Record::Stands { id, price, shown, is_last: true })?;
            }
            for exec in self.untold(kept) {
                line(&Record::Waits { id, exec })?;
            }
        }
        Ok(())
    }
}

/// Makes the folder, and the journal this process's alone.
fn lock(path: &Path) -> io::Result<File> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let lock = OpenOptions::new().create(true).append(true).open(path.with_extension("lock"))?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(fs::TryLockError::WouldBlock) => Err(io::Error::other("another exchange has this journal")),
        Err(fs::TryLockError::Error(error)) => Err(error),
    }
}

impl KeptOrder {
    fn cum_qty(&self) -> u64 {
        self.trades.iter().map(|(.., qty)| qty).sum()
    }

    fn is_live(&self) -> bool {
        self.ended.is_none() && self.cum_qty() < self.order.qty
    }

    fn trade(&mut self, exec: u64, price: Ticks, qty: Quantity) {
        // One that waited is told again at a restart.
        if !self.trades.iter().any(|(number, ..)| *number == exec) {
            self.trades.push((exec, price, qty));
        }
    }

    fn restored(
        &self,
        owner: &mut impl FnMut(&str) -> Owner,
        untold: Vec<Option<u64>>,
        now: UtcTimestamp,
    ) -> Option<Restored> {
        let Order { tick, lot, symbol, .. } = &self.order;
        let step = |(mantissa, scale): (i64, u8)| Decimal::new(mantissa, scale);
        let time_in_force = self.order.time_in_force()?;
        let is_over = time_in_force != super::book::TimeInForce::GoodTill && self.order.day != day(now);
        Some(Restored {
            id: self.order.id,
            owner: owner(&self.order.session),
            names: self.names.iter().map(|name| name.as_str().into()).collect(),
            symbol: symbol.clone(),
            tick: step(*tick),
            lot: step(*lot),
            side: if self.order.is_buy { Side::Buy } else { Side::Sell },
            kind: self.order.kind()?,
            time_in_force,
            expires: self.order.expires(),
            qty: self.order.qty,
            display_qty: self.order.display_qty,
            echo: self.order.echo(),
            trades: self.trades.clone(),
            ended: self.ended.map(OrdStatus),
            untold,
            stands: self.stands,
            is_over,
        })
    }
}

impl Journal {
    /// Keeps a report, if it changes an order, and whether it `waits` for its session.
    pub fn keep(&mut self, report: &Report, session: &str, waits: bool, now: UtcTimestamp) {
        let Some(record) = Record::of(report, session, now) else { return };
        self.line(&record);
        if let Some(record) = record.waits().filter(|_| waits) {
            self.line(&record);
        }
    }

    /// Keeps what no report says.
    pub fn keep_mark(&mut self, mark: Mark, listings: &[Arc<Listing>]) {
        match mark {
            Mark::Stands { id, price, shown, is_last } => {
                self.line(&Record::Stands { id: id.0, price, shown, is_last });
            }
            Mark::Last { place, price } => {
                let Some(listing) = listings.get(place) else { return };
                let tick = (listing.tick.mantissa(), listing.tick.scale());
                self.line(&Record::Last { symbol: listing.symbol.to_string(), tick, price });
            }
        }
    }

    /// Keeps that a session has taken what waited for it.
    pub fn keep_taken(&mut self, session: &str) {
        self.line(&Record::Taken { session: session.to_owned() });
    }

    fn line(&mut self, record: &Record) {
        if serde_json::to_writer(&mut self.lines, record).is_ok() {
            self.lines.push(b'\n');
        }
    }

    /// Writes what was kept. False if it cannot be: it stays, and is written with what comes next or at the next call. As the
    /// venue takes no orders meanwhile, it is not more than what becomes of those that there are.
    pub fn write(&mut self) -> bool {
        if self.lines.is_empty() {
            return true;
        }
        match self.append() {
            Ok(()) => {
                self.len += self.lines.len() as u64;
                self.lines.clear();
                if std::mem::take(&mut self.has_failed) {
                    tracing::info!(
                        "the journal of orders is written again, and lacks nothing; orders are taken again"
                    );
                }
                true
            }
            Err(error) => {
                if !std::mem::replace(&mut self.has_failed, true) {
                    tracing::error!(
                        %error,
                        "the journal of orders cannot be written: no new orders are taken until it can; make room on its disk"
                    );
                }
                false
            }
        }
    }

    fn append(&mut self) -> io::Result<()> {
        if self.has_failed {
            self.file.set_len(self.len)?;
        }
        self.file.write_all(&self.lines)
    }

    /// Another file to write to; the one that it was.
    #[cfg(test)]
    pub(super) fn swap_file(&mut self, file: File) -> File {
        std::mem::replace(&mut self.file, file)
    }
}

#[cfg(test)]
mod tests;
