//! The logs of one session.

use std::{fmt, io, io::Write, path::PathBuf};

use fix_core::{
    dict::DataPair,
    session::event::Event,
    time::{UTC_TIMESTAMP_LEN, UtcTimestamp},
};

use super::{
    event,
    line::{self, Stamp, msg_type},
    redact::Redactor,
    rotate::{RotatingFile, Rotation},
    thread::{LogThread, Output, Sink},
};
use crate::{config::LogSettings, open_files, store::SessionName};

/// Which way a message went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Received.
    Incoming,
    /// Sent.
    Outgoing,
}

/// What is logged of a session, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogOptions {
    /// Directory, backups, form and filter as the configuration says.
    pub settings: LogSettings,
    /// The screen shows what the `ScreenLogShow...` keys say; if not, nothing.
    pub screen: bool,
}

/// The threads that write the logs of all sessions: one for files and one for the screen, so that a stalled
/// terminal cannot hold up the files. What waits is written when this is dropped.
pub struct Logs {
    files: LogThread,
    screen_thread: LogThread,
    screen: Sink,
}

impl Logs {
    /// Starts both threads; the screen is the standard output.
    ///
    /// # Errors
    /// The system has no more threads.
    pub fn start() -> io::Result<Self> {
        Self::with_screen(Box::new(io::stdout()))
    }

    /// As [`start`](Self::start), with another screen.
    ///
    /// # Errors
    /// The system has no more threads.
    pub fn with_screen(screen: Box<dyn Write + Send>) -> io::Result<Self> {
        let (files, screen_thread) = (LogThread::start()?, LogThread::start()?);
        let screen = screen_thread.sink(Output::Stream(screen));
        Ok(Logs { files, screen_thread, screen })
    }

    /// Opens the logs of the session `name`.
    ///
    /// # Errors
    /// The path that cannot be written to, and what the system says.
    pub fn session(&self, name: &SessionName, options: LogOptions) -> Result<SessionLog, LogError> {
        let settings = &options.settings;
        let rotation = Rotation { max_len: settings.log_max_size, backups: settings.log_max_files };
        let file = |kind: &str| {
            let Some(directory) = &settings.file_log_path else { return Ok(None) };
            let backups = settings.file_log_backup_path.as_ref().unwrap_or(directory);
            RotatingFile::open(directory, backups, &format!("{name}.{kind}"), rotation)
                .map(|file| Some(self.files.sink(Output::File(file))))
                .map_err(|source| LogError {
                    path: directory.join(format!("{name}.{kind}.current.log")),
                    source,
                })
        };
        Ok(SessionLog {
            messages: file("messages")?,
            events: file("event")?,
            screen: options.screen.then(|| self.screen.clone()),
            redactor: Redactor::new(&settings.redact_fields_in_logs, &settings.redaction_log_text),
            name: name.to_string(),
            line: Vec::new(),
            stamp: Stamp::default(),
            options,
        })
    }

    /// Waits until all lines so far are written (or lost to a broken disk).
    pub fn flush(&self) {
        self.files.flush();
        self.screen_thread.flush();
    }
}

/// A log file that cannot be opened.
#[derive(Debug, thiserror::Error)]
#[error("{path}: cannot write the log: {source}{}", hint(source))]
pub struct LogError {
    /// The file.
    pub path: PathBuf,
    /// What the system said.
    pub source: io::Error,
}

/// What to do about it.
fn hint(source: &io::Error) -> &'static str {
    open_files::advice(source).unwrap_or("; set FileLogPath to a directory that can be written to")
}

/// The message log, the event log and the screen of one session. No call blocks or fails.
pub struct SessionLog {
    messages: Option<Sink>,
    events: Option<Sink>,
    screen: Option<Sink>,
    redactor: Redactor,
    name: String,
    options: LogOptions,
    /// The line in the making; keeps its memory.
    line: Vec<u8>,
    stamp: Stamp,
}

impl SessionLog {
    /// Where its lines go, the screen apart: to ask how many were dropped.
    pub fn sinks(&self) -> Vec<Sink> {
        self.messages.iter().chain(&self.events).cloned().collect()
    }

    /// Tells of the data fields of the counterparty's dictionary, so that secrets are told from data.
    pub fn know(&mut self, data_pairs: &'static [DataPair]) {
        self.redactor.know(data_pairs);
    }

    /// Masks what this log masks.
    pub fn redactor(&self) -> Redactor {
        self.redactor.clone()
    }

    /// False if nothing is configured to go anywhere.
    pub fn is_on(&self) -> bool {
        self.messages.is_some() || self.events.is_some() || self.screen.is_some()
    }

    /// Logs what a session reports: messages to the message log, all else to the event log.
    pub fn report(&mut self, now: UtcTimestamp, event: &Event<'_>) {
        match event {
            Event::Inbound(bytes) => self.message(now, Direction::Incoming, bytes),
            Event::Outbound(bytes) => self.message(now, Direction::Outgoing, bytes),
            Event::Garbled { bytes, .. } => {
                self.message(now, Direction::Incoming, bytes);
                self.event(now, format_args!("{}", event::Text(event)));
            }
            _ => self.event(now, format_args!("{}", event::Text(event))),
        }
    }

    /// Logs the bytes of a message.
    pub fn message(&mut self, now: UtcTimestamp, direction: Direction, message: &[u8]) {
        let SessionLog { messages, stamp, redactor, options, .. } = self;
        let settings = &options.settings;
        let heartbeat = is_heartbeat(message);
        if let Some(sink) = messages.as_ref().filter(|_| !heartbeat || settings.file_log_heartbeats) {
            sink.put(UTC_TIMESTAMP_LEN + message.len(), |lines| {
                if settings.file_include_time_stamp_for_messages {
                    stamp.push(lines, now, settings.file_include_milliseconds);
                    lines.extend_from_slice(b" : ");
                }
                let start = lines.len();
                redactor.write(message, lines);
                line::escape_from(lines, start, true);
                lines.push(b'\n');
            });
        }
        let (shown, direction) = match direction {
            Direction::Incoming => (settings.screen_log_show_incoming, "incoming"),
            Direction::Outgoing => (settings.screen_log_show_outgoing, "outgoing"),
        };
        if shown && (!heartbeat || settings.screen_log_show_heart_beats) && self.screen.is_some() {
            self.begin_screen_line(now, direction);
            let start = self.line.len();
            self.redactor.write(message, &mut self.line);
            line::soh_to_bar_from(&mut self.line, start);
            self.end_screen_line(start);
            self.line.clear();
            self.line.shrink_to(USUAL_LINE);
        }
    }

    /// Logs one line about the session.
    pub fn event(&mut self, now: UtcTimestamp, text: fmt::Arguments<'_>) {
        let settings = &self.options.settings;
        if let Some(sink) = &self.events {
            self.line.clear();
            line::push_time(&mut self.line, now, settings.file_include_milliseconds);
            self.line.extend_from_slice(b" : ");
            let start = self.line.len();
            // Writing to a Vec cannot fail.
            let _ = self.line.write_fmt(text);
            line::escape_from(&mut self.line, start, false);
            self.line.push(b'\n');
            sink.put(self.line.len(), |lines| lines.extend_from_slice(&self.line));
        }
        if settings.screen_log_show_events && self.screen.is_some() {
            self.begin_screen_line(now, "event");
            let start = self.line.len();
            let _ = self.line.write_fmt(text);
            self.end_screen_line(start);
        }
    }

    fn begin_screen_line(&mut self, now: UtcTimestamp, what: &str) {
        self.line.clear();
        self.line.push(b'<');
        line::push_time(&mut self.line, now, self.options.settings.screen_include_milliseconds);
        let _ = write!(self.line, ", {}, {what}> ", self.name);
    }

    fn end_screen_line(&mut self, start: usize) {
        line::escape_from(&mut self.line, start, false);
        self.line.push(b'\n');
        if let Some(screen) = &self.screen {
            screen.put(self.line.len(), |lines| lines.extend_from_slice(&self.line));
        }
    }
}

/// Bytes that a session keeps for its next line.
const USUAL_LINE: usize = 64 * 1024;

fn is_heartbeat(message: &[u8]) -> bool {
    msg_type(message) == Some(b"0")
}

#[cfg(test)]
mod tests {
    use std::{
        path::Path,
        sync::{Arc, Mutex},
    };

    use fix_core::wire::frame::GarbledReason;

    use super::*;

    #[derive(Clone, Default)]
    struct Screen(Arc<Mutex<Vec<u8>>>);

    impl Write for Screen {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn options(directory: &Path) -> LogOptions {
        LogOptions {
            settings: LogSettings {
                file_log_path: Some(directory.to_owned()),
                file_log_backup_path: None,
                log_max_size: 1 << 20,
                log_max_files: 2,
                file_log_heartbeats: false,
                file_include_milliseconds: true,
                file_include_time_stamp_for_messages: true,
                screen_log_show_incoming: true,
                screen_log_show_outgoing: false,
                screen_log_show_events: true,
                screen_log_show_heart_beats: false,
                screen_include_milliseconds: false,
                redact_fields_in_logs: vec![1],
                redaction_log_text: "***".to_owned(),
            },
            screen: true,
        }
    }

    fn name() -> SessionName {
        SessionName::new("FIX.4.4", ["DESK", "", ""], ["BROKER", "", ""], "")
    }

    const LOGON: &[u8] = b"8=FIX.4.4\x019=50\x0135=A\x01553=joe\x01554=hunter2\x0110=000\x01";
    const HEARTBEAT: &[u8] = b"8=FIX.4.4\x019=50\x0135=0\x0110=000\x01";

    /// Logs with `work` and gives the message log, the event log and the screen.
    fn logged(change: impl FnOnce(&mut LogSettings), work: impl FnOnce(&mut SessionLog)) -> [String; 3] {
        let dir = tempfile::tempdir().unwrap();
        let screen = Screen::default();
        let logs = Logs::with_screen(Box::new(screen.clone())).unwrap();
        let mut options = options(dir.path());
        change(&mut options.settings);
        work(&mut logs.session(&name(), options).unwrap());
        logs.flush();
        let read = |kind: &str| {
            let path = dir.path().join(format!("FIX.4.4-DESK-BROKER.{kind}.current.log"));
            std::fs::read_to_string(path).unwrap()
        };
        let screen = String::from_utf8(screen.0.lock().unwrap().clone()).unwrap();
        [read("messages"), read("event"), screen]
    }

    const NOW: UtcTimestamp = UtcTimestamp::from_unix(0, 123_456_789);

    #[test]
    fn lines_are_quickfix_s_without_the_secrets() {
        let [messages, events, screen] = logged(
            |_| {},
            |log| {
                log.report(NOW, &Event::Outbound(LOGON));
                log.report(NOW, &Event::Inbound(LOGON));
                log.event(NOW, format_args!("connected to {}", "10.0.0.1:\n5001"));
            },
        );
        let line =
            "19700101-00:00:00.123456789 : 8=FIX.4.4\x019=50\x0135=A\x01553=joe\x01554=***\x0110=000\x01\n";
        assert_eq!(messages, line.repeat(2));
        assert_eq!(events, "19700101-00:00:00.123456789 : connected to 10.0.0.1:\\x0A5001\n");
        assert_eq!(
            screen,
            "<19700101-00:00:00, FIX.4.4-DESK-BROKER, incoming> 8=FIX.4.4|9=50|35=A|553=joe|554=***|10=000|\n\
             <19700101-00:00:00, FIX.4.4-DESK-BROKER, event> connected to 10.0.0.1:\\x0A5001\n"
        );
    }

    #[test]
    fn heartbeats_and_times_are_as_configured() {
        let both = |log: &mut SessionLog| {
            log.message(NOW, Direction::Incoming, HEARTBEAT);
            log.message(NOW, Direction::Incoming, b"8=FIX.4.4\x019=5\x0135=D\x011=ACC\x0158=35=0\x01");
        };
        let [messages, _, screen] = logged(|_| {}, both);
        assert!(!messages.contains("35=0\x0110") && messages.contains("1=***\x0158=35=0"));
        assert_eq!(screen.lines().count(), 1);
        let [messages, _, screen] = logged(
            |settings| {
                settings.file_log_heartbeats = true;
                settings.screen_log_show_heart_beats = true;
                settings.file_include_time_stamp_for_messages = false;
            },
            both,
        );
        assert!(messages.starts_with("8=FIX.4.4\x019=50\x0135=0\x01"), "{messages}");
        assert_eq!(screen.lines().count(), 2);
    }

    #[test]
    fn garbled_bytes_are_in_the_message_log_and_their_reason_in_the_event_log() {
        let [messages, events, _] = logged(
            |_| {},
            |log| {
                let bytes = b"xx554=hunter2\nforged";
                log.report(NOW, &Event::Garbled { reason: GarbledReason::NoBeginString, bytes });
            },
        );
        assert_eq!(messages, "19700101-00:00:00.123456789 : xx554=***\n");
        assert!(events.contains("garbled") && events.contains("20 bytes skipped"), "{events}");
    }

    #[test]
    fn a_directory_that_cannot_be_written_to_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("file");
        std::fs::write(&file, "").unwrap();
        let logs = Logs::with_screen(Box::new(io::sink())).unwrap();
        let error = logs.session(&name(), options(&file.join("log"))).err().unwrap();
        assert!(error.to_string().contains("FIX.4.4-DESK-BROKER.messages.current.log"), "{error}");
    }
}
