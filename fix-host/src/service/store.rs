//! The store that a session's settings ask for.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use fix_core::{
    msg::{message::Message, msg_type::MsgType},
    store::{MessageStore, StoreError},
    tag,
    time::UtcTimestamp,
    wire::{
        field::Fields,
        frame::{Scan, scan},
    },
};

use super::error::ServiceError;
use crate::{
    clock::utc_now,
    config::SessionSettings,
    contract::order::OrderCommand,
    histogram::Histogram,
    log::are_prices,
    store::{
        Consumer, Entries, Entry, JournalOptions, JournalStore, Keeps, MemoryStore, Position, Reserves,
        SessionName,
    },
};

/// A journal on disk, or memory where no FileStorePath is set.
pub enum HostStore {
    /// `FileStorePath` is set.
    Journal(Box<JournalStore>),
    /// It is not.
    Memory(Box<MemoryStore>),
}

impl HostStore {
    /// Opens the store of a session, which keeps entries for its readers as `keeps` says.
    ///
    /// # Errors
    /// One line that says what is wrong with the journal.
    pub fn open(settings: &SessionSettings, keeps: Keeps, reserves: &Reserves) -> Result<Self, ServiceError> {
        let Some(folder) = &settings.store.file_store_path else {
            return Ok(Self::memory(keeps));
        };
        let (name, options) = (session_name(settings), options_of(settings, keeps));
        let journal = JournalStore::open_beside(folder, &name, options, reserves);
        Ok(HostStore::Journal(Box::new(journal.map_err(ServiceError::store)?)))
    }

    /// A store in memory, whose numbers begin with the microseconds since 1970: those of an earlier process do not come
    /// again.
    fn memory(keeps: Keeps) -> Self {
        let now = utc_now();
        let micros = now.unix_seconds() * 1_000_000 + i64::from(now.subsec_nanos() / 1_000);
        let store = MemoryStore::new(keeps).numbered_from(u64::try_from(micros).unwrap_or_default());
        HostStore::Memory(Box::new(store))
    }

    /// Opens the stores of many sessions, in their order; those of one folder together, so that many take no longer
    /// each than one.
    ///
    /// # Errors
    /// For each: one line that says what is wrong with the journal.
    pub fn open_all(
        sessions: &[&SessionSettings],
        keeps: Keeps,
        reserves: &Reserves,
    ) -> Vec<Result<Self, ServiceError>> {
        let mut folders: BTreeMap<&Path, Vec<usize>> = BTreeMap::new();
        let mut stores: Vec<_> = Vec::with_capacity(sessions.len());
        for (place, settings) in sessions.iter().enumerate() {
            if let Some(folder) = &settings.store.file_store_path {
                folders.entry(folder).or_default().push(place);
            }
            stores.push(Ok(Self::memory(keeps)));
        }
        for (folder, places) in folders {
            let of_folder = || places.iter().filter_map(|place| sessions.get(*place));
            let wanted: Vec<_> =
                of_folder().map(|settings| (session_name(settings), options_of(settings, keeps))).collect();
            let opened = match JournalStore::open_all(folder, &wanted, reserves) {
                Ok(opened) => opened.into_iter().map(|one| one.map_err(ServiceError::store)).collect(),
                Err(error) => wanted.iter().map(|_| Err(ServiceError::store(&error))).collect::<Vec<_>>(),
            };
            for (place, journal) in places.iter().zip(opened) {
                stores[*place] = journal.map(|journal| HostStore::Journal(Box::new(journal)));
            }
        }
        stores
    }
}

fn options_of(settings: &SessionSettings, keeps: Keeps) -> JournalOptions {
    JournalOptions { sync: settings.store.file_store_sync, segment_len: segment_len(), keeps }
}

/// Bytes that a stored message is read into at first.
const USUAL_ORDER: usize = 64 * 1024;
/// No message in the store is larger.
const LARGEST_ORDER: usize = 16 << 20;

impl HostStore {
    /// The orders, cancels and replace requests among the last `count` messages sent, oldest first.
    ///
    /// # Errors
    /// One line that says what is wrong with the journal.
    pub fn last_orders(&mut self, count: u64) -> Result<Vec<StoredOrder>, ServiceError> {
        let (end, mut buffer, mut found) = (self.next_out(), Vec::new(), Vec::new());
        for number in end.saturating_sub(count).max(1)..end {
            buffer.resize(buffer.len().max(USUAL_ORDER), 0);
            let length = loop {
                match self.read(number, &mut buffer) {
                    Ok(length) => break length.unwrap_or_default(),
                    Err(StoreError::TooLarge) if buffer.len() < LARGEST_ORDER => {
                        buffer.resize(buffer.len() * 2, 0);
                    }
                    Err(error) => return Err(ServiceError::store(error)),
                }
            };
            found.extend(buffer.get(..length).and_then(|message| stored_order(number, message)));
        }
        Ok(found)
    }
}

/// An order, cancel or replace request that a store holds.
pub struct StoredOrder {
    /// MsgSeqNum(34) of the message.
    pub msg_seq_num: u64,
    /// ClOrdID(11).
    pub cl_ord_id: String,
    /// What it asks for, if it is one that the desk sends.
    pub command: Option<OrderCommand>,
}

/// The message as a request that uses up its ClOrdID(11).
fn stored_order(msg_seq_num: u64, message: &[u8]) -> Option<StoredOrder> {
    let Scan::Frame(frame, _) = scan(message, message.len()) else { return None };
    // What is no field is passed over: data of the counterparty's own may hold anything.
    let get = |tag| Fields::new(frame.body()).valid().find(|field| field.tag == tag).map(|field| field.value);
    let uses_up = matches!(
        MsgType::from_bytes(get(tag::MSG_TYPE)?)?,
        MsgType::NEW_ORDER_SINGLE | MsgType::ORDER_CANCEL_REQUEST | MsgType::ORDER_CANCEL_REPLACE_REQUEST
    );
    let id = get(tag::CL_ORD_ID).filter(|_| uses_up)?;
    let cl_ord_id = std::str::from_utf8(id).ok()?.to_owned();
    let command = Message::parse(frame).ok().and_then(|message| OrderCommand::from_message(&message));
    Some(StoredOrder { msg_seq_num, cl_ord_id, command })
}

/// Bytes of one segment file. A test that kills the process while it begins a new one needs small ones.
fn segment_len() -> u32 {
    #[cfg(feature = "crash-points")]
    if let Some(len) = std::env::var("FIX_SEGMENT_LEN").ok().and_then(|text| text.parse().ok()) {
        return len;
    }
    JournalOptions::default().segment_len
}

impl HostStore {
    /// The journal; `None` where there is none.
    pub fn journal(&self) -> Option<&JournalStore> {
        match self {
            HostStore::Journal(journal) => Some(journal),
            HostStore::Memory(_) => None,
        }
    }

    /// How long each sync took; `None` without a disk.
    pub fn syncs(&self) -> Option<Arc<Histogram>> {
        match self {
            HostStore::Journal(journal) => Some(journal.syncs()),
            HostStore::Memory(_) => None,
        }
    }

    /// What made it fail, in full.
    pub fn failure(&self) -> Option<String> {
        match self {
            HostStore::Journal(journal) => journal.failure().map(ToString::to_string),
            HostStore::Memory(_) => None,
        }
    }
}

/// The name under which a session's files are kept.
pub fn session_name(settings: &SessionSettings) -> SessionName {
    let identity = &settings.identity;
    let text = |part: &Option<String>| part.clone().unwrap_or_default();
    SessionName::new(
        &identity.begin_string,
        [&identity.sender_comp_id, &text(&identity.sender_sub_id), &text(&identity.sender_location_id)],
        [&identity.target_comp_id, &text(&identity.target_sub_id), &text(&identity.target_location_id)],
        &text(&identity.session_qualifier),
    )
}

/// Calls the same method of whichever store it is.
macro_rules! either {
    ($store:expr, $inner:ident => $call:expr) => {
        match $store {
            HostStore::Journal($inner) => $call,
            HostStore::Memory($inner) => $call,
        }
    };
}

impl MessageStore for HostStore {
    fn next_out(&self) -> u64 {
        either!(self, store => store.next_out())
    }

    fn next_in(&self) -> Option<u64> {
        either!(self, store => store.next_in())
    }

    fn set_next_out(&mut self, number: u64) -> Result<(), StoreError> {
        either!(self, store => store.set_next_out(number))
    }

    fn set_next_in(&mut self, number: u64) -> Result<(), StoreError> {
        either!(self, store => store.set_next_in(number))
    }

    fn append(&mut self, number: u64, message: &[u8]) -> Result<(), StoreError> {
        either!(self, store => store.append(number, message))
    }

    fn read(&mut self, number: u64, buffer: &mut [u8]) -> Result<Option<usize>, StoreError> {
        either!(self, store => store.read(number, buffer))
    }

    fn received(&mut self, number: u64, message: &[u8]) -> Result<(), StoreError> {
        // They are asked for again after a crash: kept, they would push reports out.
        if are_prices(message) {
            return Ok(());
        }
        either!(self, store => store.received(number, message))
    }

    fn own_report(&mut self, report: &[u8]) -> Result<(), StoreError> {
        either!(self, store => store.own_report(report))
    }

    fn next_to_resend(&self, number: u64) -> u64 {
        either!(self, store => store.next_to_resend(number))
    }

    fn capacity(&self) -> u64 {
        either!(self, store => store.capacity())
    }

    fn reset(&mut self, now: UtcTimestamp) -> Result<(), StoreError> {
        either!(self, store => store.reset(now))
    }

    fn reset_one_side(&mut self, now: UtcTimestamp) -> Result<(), StoreError> {
        either!(self, store => store.reset_one_side(now))
    }

    fn creation_time(&self) -> Option<UtcTimestamp> {
        either!(self, store => store.creation_time())
    }

    fn is_full(&self) -> bool {
        either!(self, store => store.is_full())
    }

    fn flush(&mut self) -> Result<(), StoreError> {
        either!(self, store => store.flush())
    }

    fn refresh(&mut self) -> Result<(), StoreError> {
        either!(self, store => store.refresh())
    }
}

impl Entries for HostStore {
    fn next_entry<'b>(
        &mut self,
        after: Position,
        buffer: &'b mut Vec<u8>,
    ) -> Result<Option<Entry<'b>>, StoreError> {
        either!(self, store => store.next_entry(after, buffer))
    }

    fn before_last(&self, count: usize) -> Position {
        either!(self, store => store.before_last(count))
    }

    fn last_entry(&self) -> Position {
        either!(self, store => store.last_entry())
    }

    fn told(&mut self, consumer: Consumer, position: Position) -> Result<(), StoreError> {
        either!(self, store => store.told(consumer, position))
    }

    fn told_up_to(&self, consumer: Consumer) -> Position {
        either!(self, store => store.told_up_to(consumer))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Content;

    #[test]
    fn a_store_in_memory_repeats_no_number_of_an_earlier_one() {
        let numbers = || {
            let mut store = HostStore::memory(Keeps { history: 9, consumers: &[] });
            store.received(1, b"8=FIX.4.4\x019=5\x0135=8\x0110=000\x01").unwrap();
            store.own_report(b"{}").unwrap();
            store.flush().unwrap();
            let (mut at, mut buffer, mut numbers) = (Position::START, Vec::new(), Vec::new());
            while let Some(entry) = store.next_entry(at, &mut buffer).unwrap() {
                at = entry.position;
                numbers.push(match entry.content {
                    Content::Received { epoch, .. } => epoch,
                    Content::Own { number, .. } => number,
                });
            }
            numbers
        };
        let before = numbers();
        let after = std::iter::repeat_with(numbers).find(|after| *after != before).unwrap();
        assert!(before[0] > 1_000_000_000_000_000 && before < after, "{before:?} {after:?}");
    }

    #[test]
    fn prices_are_not_kept_for_readers_and_all_else_is() {
        let mut store = HostStore::Memory(Box::new(MemoryStore::new(Keeps { history: 9, consumers: &[] })));
        for msg_type in ["W", "8", "X", "Y"] {
            let message = format!("8=FIX.4.4\x019=5\x0135={msg_type}\x0110=000\x01");
            store.received(1, message.as_bytes()).unwrap();
        }
        store.flush().unwrap();
        let (mut at, mut buffer, mut kept) = (Position::START, Vec::new(), Vec::new());
        while let Some(entry) = store.next_entry(at, &mut buffer).unwrap() {
            at = entry.position;
            let Content::Received { message, .. } = entry.content else { panic!("{:?}", entry.position) };
            kept.push(String::from_utf8_lossy(crate::log::msg_type(message).unwrap()).into_owned());
        }
        assert_eq!(kept, ["8", "Y"]);
    }
}
