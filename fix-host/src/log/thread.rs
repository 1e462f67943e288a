//! The thread that writes logs, so that no session has to.

use std::{
    io::{self, Write},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak},
    thread::JoinHandle,
    time::{Duration, SystemTime},
};

use fix_core::time::UtcTimestamp;

use super::{line, rotate::RotatingFile};
use crate::cores;

/// Bytes of lines that wait to be written, for each log; what comes on top is dropped.
const WAITING_LIMIT: usize = 1 << 20;
/// Buffers whose lines are written go round between the logs, so many of them at most; the memory of a larger one than this,
/// in bytes, goes back to the system.
const SPARE: usize = 8;
const SPARE_LEN: usize = 2 * WAITING_LIMIT;
/// Bytes of the buffers that are there from the start.
const FIRST_LEN: usize = 16 * 1024;
/// Lines of this time are written with one system call.
const GATHER: Duration = Duration::from_millis(5);

/// Where lines go in the end.
pub(super) enum Output {
    /// A log file.
    File(RotatingFile),
    /// A terminal or pipe, or anything else that takes bytes.
    Stream(Box<dyn Write + Send>),
}

/// A log as the sessions see it: lines put in are written later. Clones share it.
#[derive(Clone)]
pub struct Sink {
    log: Arc<Log>,
    thread: Weak<Shared>,
}

struct Log {
    waiting: Mutex<Waiting>,
    output: Mutex<Output>,
}

#[derive(Default)]
struct Waiting {
    lines: Vec<u8>,
    /// The thread knows already.
    queued: bool,
    dropped: u64,
    dropped_in_all: u64,
}

#[derive(Default)]
struct Shared {
    queue: Mutex<Queue>,
    work: Condvar,
    done: Condvar,
}

#[derive(Default)]
struct Queue {
    logs: Vec<Arc<Log>>,
    /// For the lines of whichever log has some next: one without any keeps no memory.
    spare: Vec<Vec<u8>>,
    writing: bool,
    /// Somebody waits for everything to be written.
    hurry: bool,
    stop: bool,
}

/// A thread that writes the lines of any number of logs. When it is dropped, everything that waits is written
/// before it ends.
pub struct LogThread {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl LogThread {
    /// Starts the thread.
    ///
    /// # Errors
    /// The system has no more threads.
    pub fn start() -> io::Result<Self> {
        let shared = Arc::new(Shared::default());
        lock(&shared.queue).spare = (0..SPARE / 2).map(|_| Vec::with_capacity(FIRST_LEN)).collect();
        let thread = std::thread::Builder::new().name("log".to_owned()).spawn({
            let shared = Arc::clone(&shared);
            move || {
                cores::unbind();
                run(&shared);
            }
        })?;
        Ok(LogThread { shared, thread: Some(thread) })
    }

    /// A log on this thread.
    pub(super) fn sink(&self, output: Output) -> Sink {
        let log = Log { waiting: Mutex::default(), output: Mutex::new(output) };
        Sink { log: Arc::new(log), thread: Arc::downgrade(&self.shared) }
    }

    /// Waits until all lines so far are written (or lost to a broken disk).
    pub fn flush(&self) {
        let mut queue = lock(&self.shared.queue);
        while queue.writing || !queue.logs.is_empty() {
            queue.hurry = true;
            self.shared.work.notify_one();
            queue = self.shared.done.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Drop for LogThread {
    fn drop(&mut self) {
        lock(&self.shared.queue).stop = true;
        self.shared.work.notify_one();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Sink {
    /// Adds one line of about `len` bytes, which `write` appends and which must end in a line feed. It is written where it
    /// waits; the thread is woken only if it has nothing to do. Drops the line if more than 1 MiB would wait; one line alone
    /// may be longer.
    pub fn put(&self, len: usize, write: impl FnOnce(&mut Vec<u8>)) {
        let mut waiting = lock(&self.log.waiting);
        if !waiting.lines.is_empty() && waiting.lines.len() + len > WAITING_LIMIT {
            waiting.dropped += 1;
            waiting.dropped_in_all += 1;
            return;
        }
        if waiting.queued {
            return write(&mut waiting.lines);
        }
        waiting.queued = true;
        let thread = self.thread.upgrade();
        if let Some(thread) = &thread {
            // The thread takes these two locks one after the other.
            let mut queue = lock(&thread.queue);
            queue.logs.push(Arc::clone(&self.log));
            waiting.lines = queue.spare.pop().unwrap_or_default();
        }
        write(&mut waiting.lines);
        drop(waiting);
        if let Some(thread) = thread {
            thread.work.notify_one();
        }
    }

    /// Lines that were dropped and are not yet reported in the log: not 0 as long as it cannot be written.
    pub fn dropped(&self) -> u64 {
        lock(&self.log.waiting).dropped
    }

    /// Lines that were dropped since the start for want of room.
    pub fn dropped_in_all(&self) -> u64 {
        lock(&self.log.waiting).dropped_in_all
    }
}

fn run(shared: &Shared) {
    let mut logs = Vec::new();
    let mut written: Vec<Vec<u8>> = Vec::new();
    loop {
        let mut queue = lock(&shared.queue);
        let room = SPARE.saturating_sub(queue.spare.len());
        queue.spare.extend(written.drain(..).take(room));
        queue.writing = false;
        shared.done.notify_all();
        while queue.logs.is_empty() && !queue.stop {
            queue = shared.work.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
        if queue.logs.is_empty() {
            return;
        }
        if !queue.hurry && !queue.stop {
            let hurried = |queue: &mut Queue| !queue.hurry && !queue.stop;
            let gathered = shared.work.wait_timeout_while(queue, GATHER, hurried);
            queue = gathered.unwrap_or_else(PoisonError::into_inner).0;
        }
        queue.hurry = false;
        queue.writing = true;
        std::mem::swap(&mut logs, &mut queue.logs);
        drop(queue);
        for log in logs.drain(..) {
            let mut lines = log.write_out();
            lines.clear();
            if written.len() < SPARE && lines.capacity() <= SPARE_LEN {
                written.push(lines);
            }
        }
    }
}

impl Log {
    /// Writes what waits, and gives the buffer that it was in.
    fn write_out(&self) -> Vec<u8> {
        let mut waiting = lock(&self.waiting);
        let mut lines = std::mem::take(&mut waiting.lines);
        let dropped = std::mem::take(&mut waiting.dropped);
        waiting.queued = false;
        drop(waiting);
        if dropped > 0 {
            report_dropped(&mut lines, dropped);
        }
        let mut output = lock(&self.output);
        if let Err((error, lost)) = output.write_lines(&lines) {
            // A line less if that was the report, which will be made anew with the right number.
            let lost = lost.saturating_sub(u64::from(dropped > 0)) + dropped;
            let mut waiting = lock(&self.waiting);
            if dropped == 0 {
                let name = output.name();
                tracing::warn!("cannot write {name}: {error}; lines are dropped until it works again");
            }
            waiting.dropped += lost;
        }
        lines
    }
}

impl Output {
    fn name(&self) -> String {
        match self {
            Output::File(file) => file.path().display().to_string(),
            Output::Stream(_) => "the screen log".to_owned(),
        }
    }

    fn write_lines(&mut self, lines: &[u8]) -> Result<(), (io::Error, u64)> {
        match self {
            Output::File(file) => file.write_lines(lines),
            Output::Stream(stream) => stream
                .write_all(lines)
                .and_then(|()| stream.flush())
                .map_err(|error| (error, lines.iter().filter(|byte| **byte == b'\n').count() as u64)),
        }
    }
}

fn report_dropped(lines: &mut Vec<u8>, dropped: u64) {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let now = UtcTimestamp::from_unix(now.as_secs().cast_signed(), now.subsec_nanos());
    line::push_time(lines, now, true);
    // Writing to a Vec cannot fail.
    let _ = writeln!(lines, " : {dropped} lines were dropped here: the log was slow or could not be written");
}

/// A panic elsewhere leaves the lines as they are, which is good enough for a log.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    /// Fails while told to, and reports each write.
    struct Moody {
        works: Arc<Mutex<bool>>,
        written: Arc<Mutex<Vec<u8>>>,
        gate: mpsc::Receiver<()>,
    }

    impl Write for Moody {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let _ = self.gate.recv();
            if !*self.works.lock().unwrap() {
                return Err(io::ErrorKind::StorageFull.into());
            }
            self.written.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    struct Bench {
        sink: Sink,
        works: Arc<Mutex<bool>>,
        written: Arc<Mutex<Vec<u8>>>,
        gate: Option<mpsc::Sender<()>>,
        thread: LogThread,
    }

    impl Bench {
        fn new() -> Self {
            let thread = LogThread::start().unwrap();
            let (works, written) = (Arc::new(Mutex::new(true)), Arc::new(Mutex::new(Vec::new())));
            let (gate, receiver) = mpsc::channel();
            let output = Moody { works: Arc::clone(&works), written: Arc::clone(&written), gate: receiver };
            let sink = thread.sink(Output::Stream(Box::new(output)));
            Bench { sink, works, written, gate: Some(gate), thread }
        }

        fn put(&self, line: &[u8]) {
            self.sink.put(line.len(), |lines| lines.extend_from_slice(line));
        }

        fn written(&self) -> String {
            String::from_utf8(self.written.lock().unwrap().clone()).unwrap()
        }
    }

    #[test]
    fn a_stalled_log_blocks_nobody_and_says_what_it_lost() {
        let mut bench = Bench::new();
        let line = [&[b'x'; 1023][..], b"\n"].concat();
        for _ in 0..5000 {
            bench.put(&line);
        }
        let dropped = bench.sink.dropped();
        assert!(dropped >= 5000 - 2 * 1024, "only what waits is kept: {dropped}");
        // From here on the output takes everything.
        bench.gate.take();
        bench.thread.flush();
        bench.put(b"after\n");
        bench.thread.flush();
        let text = bench.written();
        assert!(text.contains(&format!(" : {dropped} lines were dropped here")), "{dropped}");
        assert_eq!(text.lines().filter(|line| line.starts_with('x')).count() as u64, 5000 - dropped);
        assert!(text.ends_with("after\n"));
        assert_eq!(bench.sink.dropped(), 0);
    }

    #[test]
    fn lines_lost_to_a_full_disk_are_counted_and_reported_once_it_works() {
        let mut bench = Bench::new();
        bench.gate.take();
        *bench.works.lock().unwrap() = false;
        for _ in 0..3 {
            bench.put(b"lost\n");
            bench.thread.flush();
        }
        assert_eq!(bench.sink.dropped(), 3);
        *bench.works.lock().unwrap() = true;
        bench.put(b"kept\n");
        bench.thread.flush();
        let text = bench.written();
        assert!(text.starts_with("kept\n") && text.contains(" : 3 lines were dropped here"), "{text}");
    }

    #[test]
    fn the_end_of_the_thread_writes_what_waits() {
        let mut bench = Bench::new();
        bench.gate.take();
        bench.put(b"last\n");
        let written = Arc::clone(&bench.written);
        drop(bench);
        assert_eq!(*written.lock().unwrap(), b"last\n");
    }
}
