//! What is kept on disk, and what concerns the whole process.

use std::path::PathBuf;

use super::exchange::VenueSettings;
use crate::config::reader::Reader;

/// Where messages and sequence numbers are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreSettings {
    /// The directory of the journal; `None` keeps all in memory.
    pub file_store_path: Option<PathBuf>,
    /// Each write survives a power cut.
    pub file_store_sync: bool,
    /// Where all is recorded that goes into the engine; `None`: nowhere.
    pub flight_recorder: Option<PathBuf>,
    /// The most bytes that the recording and the one before take.
    pub flight_recorder_size: u64,
}

impl StoreSettings {
    pub(super) fn read(reader: &mut Reader<'_>, persist_messages: bool) -> Self {
        let file_store_path = reader.get("FileStorePath");
        if persist_messages && !reader.is_set("FileStorePath") {
            let text = "is not set: messages and sequence numbers are kept in memory and lost at exit";
            reader.warn("FileStorePath", text);
        }
        StoreSettings {
            file_store_path,
            file_store_sync: reader.value("FileStoreSync"),
            flight_recorder: reader.get("FlightRecorder"),
            flight_recorder_size: reader.value("FlightRecorderSize"),
        }
    }
}

/// What is logged, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogSettings {
    /// The directory of message and event logs; `None` writes none.
    pub file_log_path: Option<PathBuf>,
    /// The directory of rotated logs; `None` is `file_log_path`.
    pub file_log_backup_path: Option<PathBuf>,
    /// A log file is set aside once it has this many bytes.
    pub log_max_size: u64,
    /// How many of those are kept of each log; 0 is all.
    pub log_max_files: u32,
    /// Heartbeats are written to the message log.
    pub file_log_heartbeats: bool,
    /// Log lines have milliseconds.
    pub file_include_milliseconds: bool,
    /// Lines of the message log start with the time.
    pub file_include_time_stamp_for_messages: bool,
    /// Received messages are shown on the screen.
    pub screen_log_show_incoming: bool,
    /// Sent messages are shown on the screen.
    pub screen_log_show_outgoing: bool,
    /// Events are shown on the screen.
    pub screen_log_show_events: bool,
    /// Heartbeats are shown on the screen.
    pub screen_log_show_heart_beats: bool,
    /// Lines on the screen have milliseconds.
    pub screen_include_milliseconds: bool,
    /// Tags to redact beside those of passwords.
    pub redact_fields_in_logs: Vec<u32>,
    /// What stands in place of a redacted value.
    pub redaction_log_text: String,
}

impl LogSettings {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        LogSettings {
            file_log_path: reader.get("FileLogPath"),
            file_log_backup_path: reader.get("FileLogBackupPath"),
            log_max_size: reader.value("LogMaxSize"),
            log_max_files: reader.value("LogMaxFiles"),
            file_log_heartbeats: reader.value("FileLogHeartbeats"),
            file_include_milliseconds: reader.value("FileIncludeMilliseconds"),
            file_include_time_stamp_for_messages: reader.value("FileIncludeTimeStampForMessages"),
            screen_log_show_incoming: reader.value("ScreenLogShowIncoming"),
            screen_log_show_outgoing: reader.value("ScreenLogShowOutgoing"),
            screen_log_show_events: reader.value("ScreenLogShowEvents"),
            screen_log_show_heart_beats: reader.value("ScreenLogShowHeartBeats"),
            screen_include_milliseconds: reader.value("ScreenIncludeMilliseconds"),
            redact_fields_in_logs: reader.get("RedactFieldsInLogs").unwrap_or_default(),
            redaction_log_text: reader.value("RedactionLogText"),
        }
    }
}

/// What concerns the process and no single session: keys of `[DEFAULT]`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProcessSettings {
    /// The port of the dashboard on 127.0.0.1.
    pub http_accept_port: Option<u16>,
    /// Sessions with errors are left out instead of stopping all.
    pub continue_initialization_on_error: bool,
    /// The file of the simulator's instruments; `None` is the list that is built in.
    pub instruments: Option<PathBuf>,
    /// Orders for other symbols are refused.
    pub only_known_symbols: bool,
    /// Orders that an earlier engine took out of Redis, and is known not to have sent, are sent.
    pub send_left_over_orders: bool,
    /// The rules of the simulated exchange.
    pub exchange: VenueSettings,
}

impl ProcessSettings {
    pub(in crate::config) fn read(reader: &mut Reader<'_>) -> Self {
        ProcessSettings {
            http_accept_port: reader.get("HttpAcceptPort"),
            continue_initialization_on_error: reader.value("ContinueInitializationOnError"),
            instruments: reader.get("Instruments"),
            only_known_symbols: reader.value("OnlyKnownSymbols"),
            send_left_over_orders: reader.value("SendLeftOverOrders"),
            exchange: VenueSettings::read(reader),
        }
    }
}
