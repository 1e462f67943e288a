//! Why a journal cannot be opened.

use std::{io, path::PathBuf};

/// Why a session's store was not opened. Nothing was changed on disk, so the cause can be looked into.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another engine (or another session of this one with the same file name) has the store open.
    #[error(
        "{path}: the store is in use by {holder}; two engines must not share a store, stop the other one or set another FileStorePath"
    )]
    InUse {
        /// The lock file.
        path: PathBuf,
        /// `process 1234`, or `another process` if it left no number.
        holder: String,
    },
    /// The bytes are not what was written: bit rot, a file cut short or edited.
    #[error(
        "{path}: damaged at byte {offset}: {what}; restore the file from a backup, or examine it with `fix-host store verify`"
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Where in the file the damage begins.
        offset: u64,
        /// What is wrong there.
        what: &'static str,
    },
    /// The files belong to a session whose name looks the same.
    #[error("{path}: belongs to the session {found}; set another FileStorePath for one of the two")]
    OtherSession {
        /// The file.
        path: PathBuf,
        /// The parts of the other session's identity.
        found: String,
    },
    /// The file was written by another version of this engine.
    #[error("{path}: format version {version} is not known to this engine (it writes version {known})")]
    Version {
        /// The file.
        path: PathBuf,
        /// The version in the file.
        version: u8,
        /// The version that this engine writes.
        known: u8,
    },
    /// The file system failed.
    #[error("{path}: cannot {operation}: {source}")]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// What was tried.
        operation: &'static str,
        /// What the system said.
        source: io::Error,
    },
}
