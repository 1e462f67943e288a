//! The tape of a session: bytes put in are written by a thread.

use std::{
    io, mem,
    path::Path,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread::JoinHandle,
    time::Duration,
};

use fix_core::flight::Tape;

use super::file::FlightFile;

/// Bytes that wait for the disk, at most: what comes on top is not recorded.
const WAITING_LIMIT: usize = 8 << 20;
/// Bytes that are written without waiting for more.
const ENOUGH: usize = 128 << 10;
/// How long bytes wait for more at most.
const GATHER: Duration = Duration::from_millis(200);

/// Clones are the same tape. When the last one goes, all that waits is written.
#[derive(Clone)]
pub struct FileTape(Arc<Writer>);

/// The thread, which ends with it.
struct Writer {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    waiting: Mutex<Waiting>,
    work: Condvar,
    /// Half of FlightRecorderSize.
    file_limit: u64,
    path: String,
}

#[derive(Default)]
struct Waiting {
    bytes: Vec<u8>,
    /// Where in `bytes` the recording begins again, in a new file.
    start: Option<usize>,
    /// Bytes of the file since it began, those that wait included.
    recorded: u64,
    /// Nothing is taken until the recording begins again.
    is_paused: bool,
    /// The disk took no more, and the thread has ended: nothing is taken ever again.
    is_broken: bool,
    stop: bool,
}

impl FileTape {
    /// A tape to `path`, which with the file before it stays below `size` bytes.
    ///
    /// # Errors
    /// The file cannot be made; the system has no more threads.
    pub fn open(path: &Path, size: u64) -> io::Result<Self> {
        let file = FlightFile::create(path)?;
        let shared = Arc::new(Shared {
            waiting: Mutex::new(Waiting { is_paused: true, ..Waiting::default() }),
            work: Condvar::new(),
            file_limit: size / 2,
            path: path.display().to_string(),
        });
        let thread = std::thread::Builder::new().name("flight".to_owned()).spawn({
            let shared = Arc::clone(&shared);
            move || run(&shared, file)
        })?;
        Ok(FileTape(Arc::new(Writer { shared, thread: Some(thread) })))
    }
}

impl Waiting {
    /// More may come before something is written. A Start is written at once: another one waits for it.
    fn may_gather(&self) -> bool {
        self.bytes.len() < ENOUGH && self.start.is_none() && !self.stop
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tape for FileTape {
    fn is_on(&self) -> bool {
        true
    }

    /// Also once half of the file is full, so that it can begin again before there is no room.
    fn wants_start(&self) -> bool {
        let waiting = self.0.shared.lock();
        let is_due = waiting.is_paused || waiting.recorded > self.0.shared.file_limit / 2;
        // One Start waits at most.
        is_due && waiting.start.is_none() && !waiting.is_broken && waiting.bytes.len() < WAITING_LIMIT / 2
    }

    fn start(&self) {
        let mut waiting = self.0.shared.lock();
        if waiting.is_broken {
            return;
        }
        waiting.start = Some(waiting.bytes.len());
        (waiting.recorded, waiting.is_paused) = (0, false);
        self.0.shared.work.notify_one();
    }

    fn put(&self, bytes: &[u8]) {
        let mut waiting = self.0.shared.lock();
        if waiting.is_paused {
            return;
        }
        let recorded = waiting.recorded + bytes.len() as u64;
        // A thousandth is for the blocks around the entries.
        let is_full = recorded + recorded / 1000 + 4096 > self.0.shared.file_limit;
        if is_full || waiting.bytes.len() + bytes.len() > WAITING_LIMIT {
            waiting.is_paused = true;
            let why = if is_full { "is full" } else { "is written too slowly" };
            tracing::warn!(
                "FlightRecorder: {} {why}: what comes is left out until the session is at rest",
                self.0.shared.path
            );
            return;
        }
        waiting.recorded = recorded;
        waiting.bytes.extend_from_slice(bytes);
        if waiting.bytes.len() >= ENOUGH {
            self.0.shared.work.notify_one();
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.shared.lock().stop = true;
        self.shared.work.notify_one();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn run(shared: &Shared, mut file: FlightFile) {
    let mut bytes = Vec::new();
    loop {
        let mut waiting = shared.lock();
        if waiting.may_gather() {
            let may_wait = |waiting: &mut Waiting| waiting.may_gather();
            let woken = shared.work.wait_timeout_while(waiting, GATHER, may_wait);
            waiting = woken.unwrap_or_else(PoisonError::into_inner).0;
        }
        let (start, stop) = (waiting.start.take(), waiting.stop);
        mem::swap(&mut bytes, &mut waiting.bytes);
        drop(waiting);
        if let Err(error) = write(&mut file, &bytes, start) {
            tracing::warn!("FlightRecorder: cannot write {}: {error}; nothing more is recorded", shared.path);
            *shared.lock() = Waiting { is_paused: true, is_broken: true, ..Waiting::default() };
            return;
        }
        bytes.clear();
        bytes.shrink_to(ENOUGH);
        if stop {
            return;
        }
    }
}

fn write(file: &mut FlightFile, bytes: &[u8], start: Option<usize>) -> io::Result<()> {
    let (before, after) = bytes.split_at(start.unwrap_or(bytes.len()));
    if !before.is_empty() {
        file.write(before)?;
    }
    if start.is_some() {
        file.turn()?;
    }
    if !after.is_empty() {
        file.write(after)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flight::Recording;

    #[test]
    fn two_files_stay_below_the_size_and_the_last_one_has_the_newest() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/session.flight");
        let tape = FileTape::open(&path, 1 << 16).unwrap();
        assert!(FileTape::open(&path, 1 << 16).is_err(), "one writer");
        let mut starts = 0;
        while starts < 5 {
            if tape.wants_start() {
                tape.start();
                starts += 1;
            }
            tape.put(b"1234");
            std::thread::yield_now();
        }
        drop(tape);
        let sizes = ["session.flight", "session.flight.1"].map(|name| {
            std::fs::metadata(folder.path().join("deep").join(name)).map_or(0, |file| file.len())
        });
        assert!(sizes.iter().sum::<u64>() <= 1 << 16 && sizes.iter().all(|size| *size > 0), "{sizes:?}");
        let recording = Recording::read(&path).unwrap();
        assert_eq!((recording.gap, recording.entries.len() % 4), (None, 0));
    }

    #[test]
    fn a_disk_that_takes_no_more_ends_the_recording_and_nothing_waits_for_it() {
        let tape = FileTape::open(Path::new("/dev/full"), 1 << 16).unwrap();
        tape.start();
        tape.put(b"1234");
        while !tape.0.shared.lock().is_broken {
            std::thread::yield_now();
        }
        // The session may have been told before that a Start is wanted.
        tape.put(b"1234");
        tape.start();
        tape.put(b"1234");
        let waiting = tape.0.shared.lock();
        assert_eq!((waiting.bytes.len(), waiting.start, waiting.is_paused), (0, None, true));
    }

    #[test]
    fn what_is_full_waits_for_the_next_start() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s");
        let tape = FileTape::open(&path, 1 << 16).unwrap();
        tape.put(b"nothing is taken before the first Start");
        tape.start();
        for _ in 0..10_000 {
            tape.put(b"12345678");
        }
        drop(tape);
        let len = std::fs::metadata(&path).unwrap().len();
        assert!((25_000..=1 << 15).contains(&len), "{len}");
        // Started anew: what was there is kept beside it.
        drop(FileTape::open(&path, 1 << 16).unwrap());
        assert_eq!(std::fs::metadata(folder.path().join("s.1")).unwrap().len(), len);
    }
}
