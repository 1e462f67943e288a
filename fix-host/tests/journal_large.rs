//! A million stored messages: the time of a restart, the speed and the memory of a resend.

use std::time::{Duration, Instant};

use fix_core::store::MessageStore;
use fix_host::store::{JournalOptions, JournalStore, SessionName};

/// An unoptimised build only shows that it works.
const MESSAGES: u64 = if cfg!(debug_assertions) { 50_000 } else { 1_000_000 };
const MEASURED: bool = !cfg!(debug_assertions);

fn name() -> SessionName {
    SessionName::new("FIX.4.4", ["DESK", "", ""], ["BROKER", "", ""], "")
}

/// About as long as an ExecutionReport.
fn write_message(number: u64, out: &mut Vec<u8>) {
    use std::io::Write;
    out.clear();
    write!(
        out,
        "8=FIX.4.4\x019=200\x0135=8\x0134={number}\x0149=DESK\x0156=BROKER\x0158={:160}\x0110=000\x01",
        "x"
    )
    .unwrap();
}

/// Memory of this process, in bytes.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}

#[test]
fn restart_and_resend_of_a_million_messages() {
    let dir = tempfile::tempdir().unwrap();
    let mut message = Vec::new();
    let mut store = JournalStore::open(dir.path(), &name(), JournalOptions::default()).unwrap();
    for number in 1..=MESSAGES {
        write_message(number, &mut message);
        store.append(number, &message).unwrap();
        if number % 16 == 0 {
            store.set_next_in(number).unwrap();
            store.flush().unwrap();
        }
    }
    store.flush().unwrap();
    drop(store);

    let begin = Instant::now();
    let mut store = JournalStore::open(dir.path(), &name(), JournalOptions::default()).unwrap();
    let restart = begin.elapsed();
    assert_eq!(store.next_out(), MESSAGES + 1);
    assert_eq!(store.recovered().messages, MESSAGES);

    let (before, begin) = (resident(), Instant::now());
    let mut buffer = vec![0; 4096];
    for number in 1..=MESSAGES {
        let length = store.read(number, &mut buffer).unwrap().unwrap();
        write_message(number, &mut message);
        assert_eq!(&buffer[..length], message);
    }
    let (resend, grown) = (begin.elapsed(), resident().saturating_sub(before));
    println!(
        "{MESSAGES} messages: restart {restart:?}, resend {resend:?}, memory grew by {} KiB",
        grown / 1024
    );
    assert!(grown <= 8 << 20, "memory grew by {grown} bytes");
    if MEASURED {
        assert!(restart <= Duration::from_secs(1), "{restart:?}");
        assert!(resend <= Duration::from_secs(10), "{resend:?}: under 100,000 messages a second");
    }
}
