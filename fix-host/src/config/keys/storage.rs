//! What is kept on disk, and what the whole process does.

use crate::config::key::{Key, honour, ignore, refuse};
use crate::config::value::Kind::{Choice, File, Flag, Integer, Path, Size, Tags, Text};

/// Databases as message stores. Beside `FileStorePath` they have no effect.
pub(in crate::config) const DATABASE_STORE: &str = "messages and sequence numbers are kept in files here, and a \
    store that is silently another one would lose them; write FileStorePath=DIRECTORY";

/// Databases as logs.
pub(in crate::config) const DATABASE_LOG: &str =
    "Database logs are not built; the logs are files under `FileLogPath`.";

pub(super) const STORE: &[Key] = &[
    honour("FileStorePath", "all", Path, "The directory of the journal. Without it all is lost at exit.")
        .example("data/store"),
    honour(
        "FileStoreSync",
        "J",
        Flag,
        "Each write survives a power cut (fsync, grouped); N survives a crash.",
    )
    .default("N"),
    honour(
        "FlightRecorder",
        "own",
        Path,
        "Records all that goes into this session's engine, with its times, and a check sum of each message that comes out; \
         `fix-host replay FILE` does it again and compares. Secret fields are masked; orders are not, RedactFieldsInLogs does \
         not apply, and only the owner may read the file. The one before is `FILE.1`. A file for each session.",
    )
    .example("data/desk.flight"),
    honour(
        "FlightRecorderSize",
        "own",
        Size(1 << 16, 1 << 40),
        "The most bytes of both files; `K`, `M` or `G` may follow. A file that is half full makes room once the session is at \
         rest: logged on with nothing under way, or without a connection. One that is full before leaves out what comes until then, \
         and the log says so.",
    )
    .default("64M"),
    ignore(
        "FileStoreMaxCachedMsgs",
        "J",
        "A replay reads the journal; what is in memory of a million messages is an index of 512 KiB.",
    )
    .checked(Integer(0, 100_000_000))
    .default("10000"),
    refuse("MySQLStore*", "C", DATABASE_STORE),
    refuse("PostgreSQLStore*", "C", DATABASE_STORE),
    refuse("OdbcStore*", "C, n", DATABASE_STORE),
    refuse("SQLStore*", "G", DATABASE_STORE),
    refuse("MongoStore*", "G", DATABASE_STORE),
    refuse("Jdbc*", "J", DATABASE_STORE),
    refuse("Sleepycat*", "J", DATABASE_STORE),
    ignore("Jndi*", "J", "There is no JNDI outside Java."),
];

pub(super) const LOG: &[Key] = &[
    honour("FileLogPath", "all", Path, "The directory of the message and event logs.").example("data/log"),
    honour("FileLogBackupPath", "C", Path, "The directory for rotated logs; default `FileLogPath`.")
        .example("data/log/old"),
    honour(
        "LogMaxSize",
        "own",
        Size(1, 1 << 40),
        "A log file is set aside once it has this many bytes; `K`, `M` or `G` may follow.",
    )
    .default("64M"),
    honour(
        "LogMaxFiles",
        "own",
        Integer(0, 1_000_000),
        "How many log files that were set aside are kept of each log; the oldest beyond them is deleted. 0 keeps all.",
    )
    .default("10"),
    honour("FileLogHeartbeats", "J", Flag, "Heartbeats are written to the message log.").default("N"),
    honour("FileIncludeMilliseconds", "J", Flag, "Log lines have milliseconds.").default("Y"),
    honour("FileIncludeTimeStampForMessages", "J", Flag, "Lines of the message log start with the time.")
        .default("Y"),
    honour("ScreenLogShowIncoming", "all", Flag, "Received messages are shown on the screen.").default("Y"),
    honour("ScreenLogShowOutgoing", "all", Flag, "Sent messages are shown on the screen.").default("Y"),
    honour("ScreenLogShowEvents", "all", Flag, "Events are shown on the screen.").default("Y"),
    honour("ScreenLogShowHeartBeats", "J", Flag, "Heartbeats are shown on the screen.").default("N"),
    honour("ScreenIncludeMilliseconds", "J", Flag, "Lines on the screen have milliseconds.").default("Y"),
    honour(
        "RedactFieldsInLogs",
        "n",
        Tags,
        "More tags whose values never reach a log; those of passwords never do anyway.",
    ),
    honour("RedactionLogText", "n", Text, "What stands in their place.").default("***"),
    ignore("SLF4JLog*", "J", "Java only; the logs are files under `FileLogPath`."),
    ignore("JdbcLog*", "J", DATABASE_LOG),
    ignore("MySQLLog*", "C", DATABASE_LOG),
    ignore("PostgreSQLLog*", "C", DATABASE_LOG),
    ignore("OdbcLog*", "C, n", DATABASE_LOG),
    ignore("SQLLog*", "G", DATABASE_LOG),
    ignore("LogMessageWhenSessionNotFound", "J", "A Logon for no session of ours is always logged.")
        .checked(Flag)
        .default("Y"),
    ignore("MongoLog*", "G", DATABASE_LOG),
];

pub(super) const PROCESS: &[Key] = &[
    honour(
        "HttpAcceptPort",
        "C",
        Integer(0, 65_535),
        "The port of the dashboard on 127.0.0.1. In [DEFAULT].",
    )
    .example("8050"),
    honour(
        "ContinueInitializationOnError",
        "J",
        Flag,
        "A session with an error is left out with a warning; the others start. In [DEFAULT].",
    )
    .default("N"),
    honour(
        "Instruments",
        "own",
        File,
        "CSV or TOML: what the market-data simulator and the simulated exchange quote, in place of \
         `config/instruments.csv`. In [DEFAULT].",
    )
    .example("config/instruments.csv"),
    honour(
        "SendLeftOverOrders",
        "own",
        Flag,
        "What becomes of an order that an engine took out of Redis and is known not to have sent, because it was killed \
         before: with N its sender is told that it was not sent; with Y it is sent at the next start, which may be much \
         later. That is known of sessions with a FileStorePath, unless the numbers were reset, the journal repaired, or \
         the power lost without FileStoreSync; of all others the state is reported as unknown. In [DEFAULT].",
    )
    .default("N"),
    honour(
        "OnlyKnownSymbols",
        "own",
        Flag,
        "Orders for a symbol that is not among the instruments are refused here; with N the counterparty judges, and \
         in the simulated exchange a limit order for one rests until another session crosses it. In [DEFAULT].",
    )
    .default("N"),
    honour(
        "SelfMatchPrevention",
        "own",
        Choice(&["NONE", "CANCEL_RESTING", "CANCEL_INCOMING"]),
        "In the simulated exchange, where two orders of one session would trade with each other: they do, or the one that \
         is in the book is cancelled, or what is left of the one that comes. In [DEFAULT].",
    )
    .default("NONE"),
    honour(
        "FillUnlistedAtLimit",
        "own",
        Flag,
        "The simulated exchange fills a limit order for a symbol that is not among the instruments at once, at its limit; \
         with N it rests until another session crosses it. In [DEFAULT].",
    )
    .default("N"),
    honour(
        "Venue",
        "own",
        Text,
        "The venue profile of the simulated exchange: the name of one that is built in, or a file in TOML \
         (docs/venues.md); `plain` without it. `--venue` on the command line wins. In [DEFAULT].",
    )
    .example("quickfix-executor"),
];
