//! How many files and connections the process may have open.

use crate::{config::SessionSettings, open_files::RAISE_THE_LIMIT};

/// What is open beside the sessions' own: listeners, HTTP, Redis, the runtime.
const OTHERS: u64 = 128;

/// Takes as many as the system gives (the hard limit of `RLIMIT_NOFILE`), and says so where these are too few for the
/// sessions.
pub(super) fn make_room(sessions: &[SessionSettings]) {
    let needed = OTHERS + sessions.iter().map(of_session).sum::<u64>();
    // Some systems' hard limit is in the billions, and this is what a listener counts with.
    const USUAL: u64 = 65_536;
    match rlimit::increase_nofile_limit(needed.max(USUAL)) {
        Ok(limit) if limit < needed => tracing::warn!(
            "{} sessions may need {needed} open files, and this process may have {limit}: {RAISE_THE_LIMIT}",
            sessions.len()
        ),
        Ok(_) => {}
        Err(error) => tracing::warn!("the limit of open files stays as it is: {error}"),
    }
}

/// Its connection; the journal, a segment that is read for a resend, and their lock; two logs.
fn of_session(settings: &SessionSettings) -> u64 {
    let store = if settings.store.file_store_path.is_some() { 3 } else { 0 };
    let logs = if settings.log.file_log_path.is_some() { 2 } else { 0 };
    1 + store + logs
}
