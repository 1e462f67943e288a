//! The journal against disks that fail, lie and lose power.

mod bit_rot;
mod entries;
mod failures;
mod golden;
mod many;
mod marks;
mod power_loss;
mod repair;
mod restart;
mod sim_disk;
mod torn_tail;

use fix_core::{store::MessageStore, time::UtcTimestamp};
use fix_host::store::{
    Content, Entries, JournalOptions, JournalStore, Keeps, Position, SessionName, disk::Disk,
};

fn name() -> SessionName {
    SessionName::new("FIX.4.4", ["DESK", "", ""], ["BROKER", "", ""], "")
}

const SYNCED: JournalOptions = JournalOptions { sync: true, segment_len: 4096, keeps: NOTHING };
const UNSYNCED: JournalOptions = JournalOptions { sync: false, segment_len: 4096, keeps: NOTHING };
const NOTHING: Keeps = Keeps { history: 0, consumers: &[] };

fn moment(second: i64) -> UtcTimestamp {
    UtcTimestamp::from_unix(second, 0)
}

/// A message whose text says which it is, of a length that varies with the number.
fn message(number: u64, epoch: u64) -> Vec<u8> {
    let filler = "x".repeat((number * 37 % 211) as usize);
    format!("8=FIX.4.4\x019=1\x0135=D\x0134={number}\x0158={epoch}{filler}\x0110=000\x01").into_bytes()
}

fn stored<D: Disk>(store: &mut JournalStore<D>, number: u64) -> Option<Vec<u8>> {
    let mut buffer = [0; 4096];
    let length = store.read(number, &mut buffer).unwrap()?;
    Some(buffer[..length].to_vec())
}

/// An entry that owns its bytes.
#[derive(Clone, Debug, PartialEq)]
enum Owned {
    Received(u64, u64, Vec<u8>),
    Own(u64, Vec<u8>),
}

impl Owned {
    fn borrowed(&self) -> Content<'_> {
        match self {
            Owned::Received(epoch, number, message) => {
                Content::Received { epoch: *epoch, msg_seq_num: *number, message }
            }
            Owned::Own(number, report) => Content::Own { number: *number, report },
        }
    }
}

/// All flushed entries after a position; each stands behind the one before.
fn entries_after(store: &mut dyn Entries, mut after: Position) -> Vec<(Position, Owned)> {
    let (mut found, mut buffer) = (Vec::new(), Vec::new());
    while let Some(entry) = store.next_entry(after, &mut buffer).unwrap() {
        assert!(entry.position > after);
        after = entry.position;
        found.push((
            after,
            match entry.content {
                Content::Received { epoch, msg_seq_num, message } => {
                    Owned::Received(epoch, msg_seq_num, message.to_vec())
                }
                Content::Own { number, report } => Owned::Own(number, report.to_vec()),
            },
        ));
    }
    found
}
