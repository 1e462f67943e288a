//! Why a journal cannot be opened.

use std::{io, path::PathBuf};

use crate::{exit, open_files};

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
        "{path}: damaged at byte {offset}: {what}; restore the file from a backup, or let `{program} store repair` keep what can be read",
        program = exit::program()
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
    #[error(
        "{path}: format version {version} is not known to this engine (it writes version {known}); open it with the fix-host that wrote it, and carry it over with `{program} store export` and `import`",
        program = exit::program()
    )]
    Version {
        /// The file.
        path: PathBuf,
        /// The version in the file.
        version: u8,
        /// The version that this engine writes.
        known: u8,
    },
    /// The file system failed.
    #[error("{path}: cannot {operation}: {source}{}", hint(source))]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// What was tried.
        operation: &'static str,
        /// What the system said.
        source: io::Error,
    },
}

/// What to do about it.
fn hint(source: &io::Error) -> &'static str {
    if let Some(advice) = open_files::advice(source) {
        return advice;
    }
    match source.kind() {
        io::ErrorKind::PermissionDenied => {
            "; let this user write there (chown, chmod), or set FileStorePath to another directory"
        }
        io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists => {
            "; set FileStorePath to a directory, or to a path where there is nothing yet"
        }
        io::ErrorKind::NotFound => "; is FileStorePath the directory that was meant?",
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "; make room on that file system",
        io::ErrorKind::ReadOnlyFilesystem => "; set FileStorePath to a file system that can be written to",
        _ => "; look at that file system, or set another FileStorePath",
    }
}
