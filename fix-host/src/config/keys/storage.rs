//! What is kept on disk, and what the whole process does.

use crate::config::key::{Key, honour, ignore, refuse};
use crate::config::value::Kind::{Flag, Integer, Path, Tags, Text};

const DATABASE: &str = "messages and sequence numbers are kept in files here, and a store that is silently \
    another one would lose them; write FileStorePath=DIRECTORY";

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
    ignore(
        "FileStoreMaxCachedMsgs",
        "J",
        "A replay reads the journal; what is in memory of a million messages is an index of 512 KiB.",
    )
    .checked(Integer(0, 100_000_000))
    .default("10000"),
    refuse("MySQLStore*", "C", DATABASE),
    refuse("PostgreSQLStore*", "C", DATABASE),
    refuse("OdbcStore*", "C, n", DATABASE),
    refuse("SQLStore*", "G", DATABASE),
    refuse("MongoStore*", "G", DATABASE),
    refuse("Jdbc*", "J", DATABASE),
    refuse("Sleepycat*", "J", DATABASE),
    ignore("Jndi*", "J", "There is no JNDI outside Java."),
];

pub(super) const LOG: &[Key] = &[
    honour("FileLogPath", "all", Path, "The directory of the message and event logs.").example("data/log"),
    honour("FileLogBackupPath", "C", Path, "The directory for rotated logs; default `FileLogPath`.")
        .example("data/log/old"),
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
    ignore("JdbcLog*", "J", "Database logs are not built; the logs are files under `FileLogPath`."),
    ignore("MySQLLog*", "C", "Database logs are not built; the logs are files under `FileLogPath`."),
    ignore("PostgreSQLLog*", "C", "Database logs are not built; the logs are files under `FileLogPath`."),
    ignore("OdbcLog*", "C, n", "Database logs are not built; the logs are files under `FileLogPath`."),
    ignore("SQLLog*", "G", "Database logs are not built; the logs are files under `FileLogPath`."),
    ignore("LogMessageWhenSessionNotFound", "J", "A Logon for no session of ours is always logged.")
        .checked(Flag)
        .default("Y"),
    ignore("MongoLog*", "G", "Database logs are not built; the logs are files under `FileLogPath`."),
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
];
