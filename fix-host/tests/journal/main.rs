//! The journal against disks that fail, lie and lose power.

mod bit_rot;
mod failures;
mod golden;
mod power_loss;
mod restart;
mod sim_disk;

use fix_core::{store::MessageStore, time::UtcTimestamp};
use fix_host::store::{JournalOptions, JournalStore, SessionName, disk::Disk};

fn name() -> SessionName {
    SessionName::new("FIX.4.4", ["DESK", "", ""], ["BROKER", "", ""], "")
}

const SYNCED: JournalOptions = JournalOptions { sync: true, segment_len: 4096 };
const UNSYNCED: JournalOptions = JournalOptions { sync: false, segment_len: 4096 };

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
