//! Real processes that write a journal and are killed, at random and at every named crash point.
//!
//! The test binary runs itself as the process to be killed. That one tells its parent, through a pipe, each
//! state that the store has acknowledged; after its death the journal must hold the last of them, or a later
//! one.

use std::{
    io::{BufRead, BufReader, Read, Write},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
    time::Duration,
};

use fix_core::{store::MessageStore, time::UtcTimestamp};
use fix_host::store::{JournalOptions, JournalStore, SessionName};
use rand::{RngExt, SeedableRng, rngs::SmallRng};

/// The variable that makes the binary a writer in this directory; the value is `SYNC DIRECTORY`.
const WRITER: &str = "JOURNAL_WRITER";
/// Messages of one batch, at most.
const BATCH: u64 = 8;

fn name() -> SessionName {
    SessionName::new("FIX.4.4", ["DESK", "", ""], ["BROKER", "", ""], "")
}

/// Small segments, so that rotation is a common event.
fn options(sync: bool) -> JournalOptions {
    JournalOptions { sync, segment_len: 16 * 1024, ..JournalOptions::default() }
}

fn message(number: u64, epoch: i64) -> Vec<u8> {
    let filler = "x".repeat((number * 37 % 211) as usize);
    format!("8=FIX.4.4\x019=1\x0135=D\x0134={number}\x0158={epoch}{filler}\x0110=000\x01").into_bytes()
}

fn epoch_of(store: &JournalStore) -> i64 {
    store.creation_time().map_or(0, UtcTimestamp::unix_seconds)
}

/// The writer: works until it is killed. Any other run of this test has nothing to do.
#[test]
fn writer() {
    let Ok(task) = std::env::var(WRITER) else { return };
    let (sync, directory) = task.split_once(' ').unwrap();
    let mut store = JournalStore::open(Path::new(directory), &name(), options(sync == "Y")).unwrap();
    let mut rng = SmallRng::seed_from_u64(store.next_out());
    let mut parent = std::io::stdout();
    loop {
        let epoch = epoch_of(&store);
        if rng.random_range(0..60) == 0 {
            store.reset(UtcTimestamp::from_unix(epoch + 1, 0)).unwrap();
        } else {
            for _ in 0..rng.random_range(1..=BATCH) {
                let number = store.next_out();
                store.append(number, &message(number, epoch)).unwrap();
            }
            store.set_next_in(next_in(&store) + 1).unwrap();
            store.flush().unwrap();
        }
        let acknowledged =
            format!("acknowledged {} {} {}\n", epoch_of(&store), store.next_out(), next_in(&store));
        parent.write_all(acknowledged.as_bytes()).unwrap();
    }
}

/// What the writer last said: epoch, next_out, next_in.
type Acknowledged = (i64, u64, u64);

fn start(directory: &Path, sync: bool, crash_point: Option<&str>) -> (Child, BufReader<ChildStdout>) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", "writer", "--nocapture", "--quiet"])
        .env(WRITER, format!("{} {}", if sync { "Y" } else { "N" }, directory.display()))
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    if let Some(point) = crash_point {
        command.env("FIX_CRASH_POINT", point);
    }
    let mut child = command.spawn().unwrap();
    let pipe = BufReader::new(child.stdout.take().unwrap());
    (child, pipe)
}

fn parse(line: &str) -> Option<Acknowledged> {
    let mut numbers = line.strip_prefix("acknowledged ")?.strip_suffix('\n')?.split(' ');
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

/// Opens the journal of a dead writer and compares it with what that had acknowledged.
fn check(directory: &Path, sync: bool, last: Acknowledged, context: &str) {
    let mut store = JournalStore::open(directory, &name(), options(sync))
        .unwrap_or_else(|error| panic!("{context}: {error}"));
    let (epoch, next_out, next_in) = (epoch_of(&store), store.next_out(), next_in(&store));
    if (epoch, next_out, next_in) != (last.0 + 1, 1, 1) {
        assert_eq!(epoch, last.0, "{context}");
        assert!((last.1..=last.1 + BATCH).contains(&next_out), "{context}: {next_out} after {last:?}");
        assert!((last.2..=last.2 + 1).contains(&next_in), "{context}: {next_in} after {last:?}");
    }
    let mut buffer = [0; 1024];
    for number in 1..next_out {
        let length =
            store.read(number, &mut buffer).unwrap().unwrap_or_else(|| panic!("{context}: no {number}"));
        assert_eq!(&buffer[..length], message(number, epoch), "{context}");
    }
    assert_eq!(store.read(next_out, &mut buffer), Ok(None), "{context}");
}

/// What is left in the pipe of a dead writer; half a line was not said.
fn rest(mut pipe: BufReader<ChildStdout>, mut last: Acknowledged) -> Acknowledged {
    let mut text = String::new();
    pipe.read_to_string(&mut text).unwrap();
    for line in text.split_inclusive('\n') {
        last = parse(line).unwrap_or(last);
    }
    last
}

fn number_from_env(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap())
}

#[test]
fn a_writer_killed_at_random_loses_nothing_acknowledged() {
    let kills = number_from_env("JOURNAL_KILLS", 100);
    let mut rng = SmallRng::seed_from_u64(9);
    // A sync takes its time.
    for (sync, kills) in [(false, kills), (true, kills.div_ceil(4))] {
        let dir = tempfile::tempdir().unwrap();
        let mut last = (0, 1, 1);
        for kill in 0..kills {
            let (mut child, mut pipe) = start(dir.path(), sync, None);
            let mut line = String::new();
            for _ in 0..rng.random_range(0..80) {
                line.clear();
                pipe.read_line(&mut line).unwrap();
                last = parse(&line).unwrap_or(last);
            }
            std::thread::sleep(Duration::from_micros(rng.random_range(0..300)));
            // SIGKILL.
            child.kill().unwrap();
            child.wait().unwrap();
            last = rest(pipe, last);
            check(dir.path(), sync, last, &format!("sync {sync}, kill {kill}"));
            last = state(dir.path(), sync);
        }
    }
}

/// The number expected next: no reset of these tests waits for an answer.
fn next_in(store: &JournalStore) -> u64 {
    store.next_in().expect("a number")
}

/// Where the next writer begins.
fn state(directory: &Path, sync: bool) -> Acknowledged {
    let store = JournalStore::open(directory, &name(), options(sync)).unwrap();
    (epoch_of(&store), store.next_out(), next_in(&store))
}

#[cfg(feature = "crash-points")]
#[test]
fn a_writer_that_dies_at_a_named_point_loses_nothing_acknowledged() {
    use std::os::unix::process::ExitStatusExt;

    const SIGABRT: i32 = 6;
    let visits = number_from_env("JOURNAL_CRASHES", 5);
    let dir = tempfile::tempdir().unwrap();
    for point in [
        "after-append",
        "mid-record",
        "after-write",
        "after-sync",
        "rotation-begin",
        "segment-created",
        "segment-header-written",
        "rotation-end",
        "reset-begin",
        "reset-end",
        "reset-removal",
    ] {
        let mut last = state(dir.path(), true);
        for visit in 1..=visits {
            // Resets are rarer than flushes, so they are not waited for so often.
            let visit = if point.starts_with("re") { visit % 3 + 1 } else { visit };
            let (mut child, pipe) = start(dir.path(), true, Some(&format!("{point}:{visit}")));
            let context = format!("{point}, visit {visit}");
            last = rest(pipe, last);
            assert_eq!(child.wait().unwrap().signal(), Some(SIGABRT), "{context}");
            check(dir.path(), true, last, &context);
            last = state(dir.path(), true);
        }
    }
}
